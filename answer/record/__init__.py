"""Record: one answer with all that it rests on, named by the hash of its content.

A record says what was asked of which corpus with which settings, and what was answered from which
words. It says nothing of when, so the same question in the same state gives the same record. Its
hash is the SHA-256 of its canonical JSON (RFC 8785, JSON Canonicalization Scheme: sorted names, no
white space, UTF-8; numbers are kept to four places, so none is written with an exponent), without
the `hash` that is written beside it: `jq -cSj 'del(.hash)' record.json | sha256sum` says it too.

A record file may come from anybody: `read_record` believes nothing that it has not checked.

Left out: keeping records (`index/records.py`), and whether one still holds (`verify.py`).
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any, NoReturn

from answer.answer import Answer, Citation
from answer.record.shape import check_places, check_shape
from index.search import Filters
from ingest.article import Article, Span
from ingest.errors import BadRecord

FORMAT = 1
# Bytes of a record as a string of JSON, for that is how it is sent to a server to be verified, in a
# request of 1,000,000 bytes at most: `"` takes two there, and `é` six.
LARGEST_RECORD = 990_000
_TOO_LARGE = f"{LARGEST_RECORD / 1e3:g} KB as a string of JSON"
_PLACES = 4  # of a fraction
_SECRET = re.compile(r"key|token|secret|password|auth", re.IGNORECASE)
_ASIDE = ("question", "searched", "corpus", "record")  # said outside of the record's `answer`


@dataclass(frozen=True, slots=True)
class Record:
    """An answer as it was given. `content` is JSON as `json.loads` gives it; it is not changed."""

    hash: str
    content: Mapping[str, Any] = field(compare=False, repr=False)

    @property
    def question(self) -> str:
        return str(self.content["question"])

    @property
    def outcome(self) -> str:
        return str(self.content["answer"]["outcome"])

    @property
    def state(self) -> str:
        """Which corpus was asked: what `Catalog.state` said."""
        return str(self.content["corpus"]["state"])

    @property
    def citations(self) -> tuple[Citation, ...]:
        return tuple(map(Citation.from_json, self.content["answer"]["citations"]))

    @property
    def cited(self) -> tuple[tuple[str, str], ...]:
        """(sha256, path) of every article that is cited, each once."""
        places = ((c["article_sha256"], c["path"]) for c in self.content["answer"]["citations"])
        return tuple(dict.fromkeys(places))

    @property
    def text(self) -> str:
        """The record as a file holds it: canonical JSON, its hash included."""
        return _canonical(self.to_json())

    def to_json(self) -> dict[str, Any]:
        return {**self.content, "hash": self.hash}

    def answer(self, article: Callable[[str], Article | None] = lambda sha256: None) -> Answer:
        """The answer as it was given.

        A record keeps the places of the passages that were read, not their text: `article` gives
        the version of a sha256 (`Catalog.article`), and passages of one it does not have are left
        out.
        """
        content = self.content
        told = {**content["answer"], **{name: content[name] for name in ("question", "searched")}}
        told["corpus"], told["record"] = content["corpus"], self.hash
        told["passages"] = list(_with_text(told["passages"], article))
        return Answer.from_json(told)


def record_of(
    answer: Answer,
    *,
    filters: Filters | None = None,
    state: str,
    settings: Mapping[str, str | int | float | bool | None],
) -> Record:
    """The record of an answer.

    `state` names the corpus (`Catalog.state`); `settings` is what else the answer depends on:
    version, embedder, model, k, thresholds. A setting that is named like a secret is left out, and
    of a path only its last part is kept. `BadRecord` where an answer is too long to be kept.
    """
    told = answer.to_json()
    corpus = {**told["corpus"], "state": state}
    given = filters or Filters()
    content = _plain(
        {
            "pincite": FORMAT,
            "question": answer.question,
            "searched": answer.searched,
            "filters": {f.name: _sorted(getattr(given, f.name)) for f in fields(given)},
            "corpus": corpus,
            "settings": {n: _said(v) for n, v in settings.items() if not _SECRET.search(n)},
            "answer": {name: value for name, value in told.items() if name not in _ASIDE}
            | {"passages": [_without_text(passage) for passage in told["passages"]]},
        }
    )
    text = _canonical(content)
    record = Record(_hash(text), json.loads(text))
    if _is_too_large(record.text):
        raise BadRecord(f"The answer is not kept: its record is larger than {_TOO_LARGE}.")
    return record


def read_record(data: bytes | str) -> Record:
    """A record from its JSON, checked in every part; `BadRecord` says what is wrong with it.

    A door that reads a file reads `LARGEST_RECORD + 1` bytes of it at most.
    """
    if len(data) > LARGEST_RECORD:  # as a string of JSON it is at least as large
        raise BadRecord(f"This is no record: it is larger than {_TOO_LARGE}.")
    try:
        text = data if isinstance(data, str) else data.decode("utf-8-sig")
        if _is_too_large(text):
            raise ValueError(f"it is larger than {_TOO_LARGE}")
        told = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
        if not isinstance(told, dict):
            raise ValueError("it is no object")
        content = {name: value for name, value in told.items() if name != "hash"}
        found = _hash(_canonical(content))
    except RecursionError as error:
        raise BadRecord("This is no record: it is nested too deeply.") from error
    except ValueError as error:
        raise BadRecord(f"This is no record that can be read: {error}.") from error
    if told.get("pincite") != FORMAT or isinstance(told["pincite"], bool):
        raise BadRecord("This is no record of this version of Pincite (it has no `pincite: 1`).")
    check_shape(told)
    if found != told["hash"]:
        raise BadRecord(
            f"This record was changed after it was made: its content has the hash {found}, and it "
            f"says {told['hash']}. Take the record from where it was made."
        )
    check_places(content["answer"])
    record = Record(found, content)
    try:
        record.answer()
    except (TypeError, KeyError) as error:  # names that some part of an answer does not have
        raise BadRecord(f"This is no record: {error}.") from error
    return record


# ---- making --------------------------------------------------------------------------------------


def _hash(canonical: str) -> str:
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()


def _canonical(content: Mapping[str, Any]) -> str:
    return json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def _plain(value: Any) -> Any:
    """JSON that every reader reads alike: no half of a surrogate pair, no exponent, no `1.0`."""
    if isinstance(value, Mapping):
        return {_plain(str(name)): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if not isinstance(value, float):
        return value
    if not math.isfinite(value):
        return None
    rounded = round(value, _PLACES)
    return int(rounded) if rounded.is_integer() else rounded


def _sorted(value: Any) -> Any:
    return sorted(set(value)) if isinstance(value, tuple) else value


def _said(value: Any) -> Any:
    """A setting, without the folders of the machine or what an address says of its user."""
    if not isinstance(value, str):
        return value
    if "://" in value:
        scheme, _, rest = re.split(r"[?#]", value, maxsplit=1)[0].partition("://")
        host, slash, path = rest.partition("/")
        return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"
    for kind in (PurePosixPath, PureWindowsPath):
        if kind(value).is_absolute() or value.startswith("~"):
            return kind(value).name
    return value


def _without_text(passage: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in passage.items() if name not in ("id", "text")}


def _with_text(
    passages: list[dict[str, Any]], article: Callable[[str], Article | None]
) -> Iterator[dict[str, Any]]:
    for passage in passages:
        version, chars = article(passage["article_sha256"]), Span(*passage["chars"])
        if version is None or chars.end > len(version.text):
            continue
        if version.byte_span(chars) == Span(*passage["bytes"]):
            yield {**passage, "text": chars.of(version.text)}


def _is_too_large(text: str) -> bool:
    return len(text) > LARGEST_RECORD or len(json.dumps(text)) > LARGEST_RECORD


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) < len(pairs):  # two readers of it would read two records
        raise ValueError("a name is given twice")
    return told


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
