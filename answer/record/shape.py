"""What a record's JSON must be, part by part: a record file may come from anybody.

More names than these are allowed, so that a later version may say more; they count for the hash. A
name that an answer did not always have ends with `?` here: records without it stay readable.

Left out: reading the JSON, and its hash (`record.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, cast, get_args

from answer.answer import Outcome, Verdict
from answer.judge import FindingKind
from index.now import is_corpus_path
from ingest.article import Span
from ingest.errors import BadRecord
from ingest.locator import Locator

_LARGEST_NUMBER = 2**53 - 1  # JSON's whole numbers are exact up to here (RFC 8259, section 6)


def check_shape(told: Mapping[str, Any]) -> None:
    """`BadRecord` naming the first part of a record that is not what it must be."""
    _check(told, _RECORD, "the record")


def check_places(answer: Mapping[str, Any]) -> None:
    """Numbers that name citations, claims inside the text, quotations as long as their spans."""
    numbers = [citation["number"] for citation in answer["citations"]]
    named = {n for part in ("statements", "sources") for p in answer[part] for n in p["citations"]}
    named |= {reading["citation"] for d in answer["differences"] for reading in d["readings"]}
    claims = [part["claim"] for part in (*answer["statements"], *answer["citations"])]
    if len(set(numbers)) < len(numbers) or not named <= set(numbers):
        raise BadRecord("This is no record: its numbers do not name its citations.")
    if any(end > len(answer["text"]) for _, end in claims):
        raise BadRecord("This is no record: it cites for words that its answer does not have.")
    for citation in answer["citations"]:
        quote, lengths = citation["quote"], (Span(*citation[name]) for name in ("chars", "bytes"))
        if not quote or [len(quote), len(quote.encode("utf-8"))] != list(map(len, lengths)):
            raise BadRecord(
                f"This is no record: quotation {citation['number']} is not as long as its place."
            )


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_text_or_none(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_bool_or_none(value: object) -> bool:
    return value is None or isinstance(value, bool)


def _is_whole(value: object) -> bool:
    return type(value) is int and 0 <= value <= _LARGEST_NUMBER


def _is_number(value: object) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and -_LARGEST_NUMBER <= cast(float, value) <= _LARGEST_NUMBER


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_number_or_none(value: object) -> bool:
    return value is None or _is_number(value)


def _is_span(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(map(_is_whole, value))
        and value[0] <= value[1]
    )


def _is_sha256(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9a-f]{64}", value) is not None


def _is_path(value: object) -> bool:
    return isinstance(value, str) and is_corpus_path(value)


def _is_locator_or_none(value: object) -> bool:
    try:
        return value is None or (isinstance(value, dict) and bool(Locator.from_json(value)))
    except (KeyError, TypeError, ValueError):
        return False


def _is_scalar(value: object) -> bool:
    return _is_text_or_none(value) or isinstance(value, bool) or _is_number(value)


def _is_scalars(value: object) -> bool:
    return isinstance(value, dict) and all(map(_is_scalar, value.values()))


def _one_of(literal: Any) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and value in get_args(literal)


_ARTICLE = {
    "path": _is_path, "title": _is_text, "publisher": _is_text_or_none,
    "published": _is_text_or_none,
}  # fmt: skip
_CITATION = _ARTICLE | {
    "number": _is_whole, "claim": _is_span, "quote": _is_text, "prefix": _is_text,
    "suffix": _is_text, "verdict": _one_of(Verdict), "speaker": _is_text_or_none,
    "direct?": _is_bool_or_none,
    "article_sha256": _is_sha256, "chars": _is_span, "bytes": _is_span, "authors": [_is_text],
    "accessed": _is_text_or_none, "language": _is_text_or_none, "url": _is_text_or_none,
    "link?": _is_text_or_none, "locator?": _is_locator_or_none,
}  # fmt: skip
_FINDING = {
    "kind": _one_of(FindingKind), "said": _is_text, "agrees": _is_flag,
    "instead": _is_text_or_none,
}  # fmt: skip
_STATEMENT = {
    "claim": _is_span, "citations": [_is_whole], "verdict": _one_of(Verdict),
    "findings": [_FINDING],
}  # fmt: skip
_PASSAGE = {
    "path": _is_path, "article_sha256": _is_sha256, "title": _is_text, "heading": _is_text,
    "chars": _is_span, "bytes": _is_span, "score": _is_number, "cosine": _is_number_or_none,
    "dense_rank": _is_number_or_none, "lexical_rank": _is_number_or_none,
    "locator?": _is_locator_or_none,
}  # fmt: skip
_READING = {
    "said": _is_text, "citation": _is_whole, "publisher": _is_text_or_none,
    "published": _is_text_or_none,
}  # fmt: skip
_ANSWER = {
    "outcome": _one_of(Outcome), "text": _is_text, "support": _is_number,
    "recall": _is_number_or_none, "precision": _is_number_or_none, "writer": _is_text,
    "note": _is_text_or_none, "statements": [_STATEMENT], "citations": [_CITATION],
    "sources": [{"articles": [_ARTICLE | {"sha256": _is_sha256}], "citations": [_is_whole]}],
    "differences": [{"about": _is_text, "readings": [_READING]}], "passages": [_PASSAGE],
}  # fmt: skip
_RECORD = {
    "pincite": _is_whole, "hash": _is_sha256, "question": _is_text, "searched": _is_text_or_none,
    "filters": {
        "publishers": [_is_text], "languages": [_is_text], "articles": [_is_text],
        "since": _is_text_or_none, "until": _is_text_or_none, "undated?": _is_flag,
    },
    "corpus": {
        "articles": _is_whole, "passages": _is_whole, "from": _is_text_or_none,
        "to": _is_text_or_none, "state": _is_sha256, "narrowed?": _is_flag,
    },
    "settings": _is_scalars, "answer": _ANSWER,
}  # fmt: skip


def _check(value: Any, shape: Any, where: str) -> None:
    if isinstance(shape, dict):
        names = {name for name in shape if not name.endswith("?")}
        fits = isinstance(value, dict) and names <= value.keys()
    else:
        fits = isinstance(value, list) if isinstance(shape, list) else shape(value)
    if not fits:
        raise BadRecord(f"This is no record: {where} is not what it must be.")
    if isinstance(shape, dict):
        for name, inner in shape.items():
            plain = name.removesuffix("?")
            if plain in value:
                _check(value[plain], inner, f"`{plain}` of {where}")
    elif isinstance(shape, list):
        for number, inner in enumerate(value, start=1):
            _check(inner, shape[0], f"item {number} of {where}")
