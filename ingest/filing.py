"""Files articles into the corpus: under which name, and as a new one, a new version or neither.

The same source or the same address again is the same article: with the same text it is already
there, with another it replaces its file, whose old bytes the index keeps. A file that was edited by
hand since is never replaced.

Left out: where sources come from (`add.py`, `addresses.py`).
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal
from urllib.parse import unquote, urlsplit

from ingest import originals
from ingest.article import Article
from ingest.convert.document import Document, Source
from ingest.convert.formats import suffix_of
from ingest.convert.markdown import article_file
from ingest.errors import UnreadableSource, no_room
from ingest.files import names, replace_with, write_new
from ingest.ledger import Ledger, Made
from ingest.read import corpus_path, decode_article

_NAME_BYTES = 120  # of the 255 that file systems allow, so that a number and a suffix fit
_UNSAFE = re.compile(r"[^\w.+-]+")
_NAMES_LOOKED_AT = 4  # files of this name that may be the same article without the ledger knowing

Outcome = Literal["added", "already", "changed"]


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of an article: its path in the corpus, and what its reader should know."""

    path: str
    outcome: Outcome
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """What an article is made from: `key` names the source wherever it is met again (see `Made`),
    `shown` is what the article says of it, `place` the folder and name that it should get."""

    key: str
    shown: str
    place: PurePosixPath | None = None


class Filing:
    """Writes articles into one corpus."""

    def __init__(self, corpus: Path, ledger: Ledger, *, max_bytes: int) -> None:
        self._corpus, self._ledger, self._max_bytes = corpus, ledger, max_bytes
        self._used = Counter[Path]()

    def copied(self, data: bytes, origin: Origin, *, name: str) -> Filed:
        """File Markdown or plain text byte for byte; `UnreadableSource` where it is no article."""
        article = decode_article(name, data)
        sha256 = hashlib.sha256(data).hexdigest()
        same = self._held(self._ledger.with_bytes(sha256))
        if same is not None and same.file_sha256 == sha256:
            return Filed(same.path, "already")
        place = origin.place or PurePosixPath(_year(article.published), name)
        target = self._target(place.parent, place.stem, place.suffix.lower())
        made = Made("", origin.key, "", article.url, sha256, sha256, article.accessed)
        return self._filed(made, target, data, article)

    def converted(self, document: Document, source: Source, origin: Origin) -> Filed:
        """File what was made of a source, and keep the source beside it."""
        document = replace(document, url=_own_address(document, source))
        sha256 = hashlib.sha256(source.data).hexdigest()
        data, article = self._written(document, origin.shown, sha256)
        place = _place_of(document, source, origin)
        target = self._target(place.parent, place.name, ".md")
        part = document.part or ""
        made = Made("", origin.key, part, document.url, article.sha256, sha256, document.accessed)
        originals.keep(self._corpus, source.data, suffix_of(source))
        filed = self._filed(made, target, data, article)
        return replace(filed, remarks=(*document.remarks, *filed.remarks))

    def reconverted(
        self, made: Made, document: Document, source: Source, *, write: bool
    ) -> Literal["same", "differs", "replaced", "edited", "missing"]:
        """What came of converting an article's original again; `write` replaces its file."""
        held = self._read(made.path)
        if held is None:
            return "missing"
        about = replace(
            document,
            url=_own_address(document, source),
            accessed=document.accessed or made.accessed,
        )
        data, article = self._written(about, held.source or source.name, made.source_sha256)
        if _same_text(held, article):
            return "same"
        if held.sha256 != made.file_sha256:
            return "edited"
        if not write:
            return "differs"
        self._write(lambda: replace_with(self._corpus / made.path, data))
        self._ledger.record(replace(made, url=about.url, file_sha256=article.sha256))
        return "replaced"

    def _written(self, document: Document, shown: str, sha256: str) -> tuple[bytes, Article]:
        """The file of a document, and the article that it will be read as."""
        data = article_file(document, source=shown, source_sha256=sha256)
        if len(data) > self._max_bytes:
            raise UnreadableSource(
                f"gives {len(data) / 1e6:.1f} MB of text, more than the "
                f"{self._max_bytes / 1e6:g} MB that an article may have. Split it, or raise "
                "PINCITE_MAX_MB."
            )
        return data, decode_article("article.md", data)

    def _filed(self, made: Made, target: Path, data: bytes, article: Article) -> Filed:
        before = self._before(made)
        if before is None:
            return self._same_name(made, target, article) or self._new(made, target, data)
        held = self._read(before.path)
        if held is None:  # its file was deleted by hand
            return self._new(made, target, data)
        if _same_text(held, article):
            self._ledger.record(replace(before, origin=made.origin, part=made.part))
            return Filed(before.path, "already")
        if held.sha256 != before.file_sha256:
            filed = self._new(made, target, data)
            remark = (
                f"{before.path} was edited by hand, so it was left as it is; what the source says "
                f"now is in {filed.path}."
            )
            return replace(filed, remarks=(remark,))
        self._write(lambda: replace_with(self._corpus / before.path, data))
        self._ledger.record(replace(made, path=before.path))
        return Filed(before.path, "changed")

    def _before(self, made: Made) -> Made | None:
        """The article that was made of this source, or stands for this address, before."""
        found = self._ledger.of_origin(made.origin, made.part)
        if found is None and made.url:
            found = self._ledger.by_url(made.url)
        if found is None:
            found = self._ledger.from_source(made.source_sha256, made.part)
        return found

    def _same_name(self, made: Made, target: Path, article: Article) -> Filed | None:
        """The file that has the name and the text already, which the ledger did not know."""
        for name, _ in zip(names(target), range(_NAMES_LOOKED_AT), strict=False):
            path = corpus_path(self._corpus, name)
            held = self._read(path)
            if held is None:
                return None
            if _same_text(held, article):
                self._ledger.record(replace(made, path=path, file_sha256=held.sha256))
                return Filed(path, "already")
        return None

    def _new(self, made: Made, target: Path, data: bytes) -> Filed:
        if target.exists() and self._used[target]:
            # Straight to the name that is free: a table may have 10,000 equal titles.
            number = self._used[target] + 1
            target_now = target.with_name(f"{target.stem}-{number}{target.suffix}")
        else:
            target_now = target
        self._used[target] += 1
        written: list[Path] = []
        self._write(lambda: written.append(write_new(target_now, data)))
        path = corpus_path(self._corpus, written[0])
        self._ledger.record(replace(made, path=path))
        return Filed(path, "added")

    def _write(self, write: object) -> None:
        assert callable(write)
        try:
            write()
        except OSError as error:
            raise no_room(self._corpus, error) or UnreadableSource(
                f"cannot be copied into {self._corpus} ({error.strerror})."
            ) from error

    def _held(self, made: Made | None) -> Made | None:
        """What the ledger says, with the bytes that its file has now; None where it has none."""
        held = self._read(made.path) if made else None
        return replace(made, file_sha256=held.sha256) if made and held else None

    def _read(self, path: str) -> Article | None:
        try:
            return decode_article(path, (self._corpus / path).read_bytes())
        except (OSError, UnreadableSource):
            return None

    def _target(self, folder: PurePosixPath, stem: str, suffix: str) -> Path:
        parts = [safe_name(part) for part in folder.parts]
        return self._corpus.joinpath(*parts, safe_name(stem) + suffix)


def safe_name(*choices: str | None) -> str:
    """A file name that needs no quoting anywhere: letters and digits of any script, `.`, `+`, `-`.

    Of several choices the first that leaves anything.

    >>> safe_name("What's new? (2).final"), safe_name("…", None, "report")
    ('What-s-new-2-.final', 'report')
    """
    return next(filter(None, map(_slug, choices)), "article")


def _slug(name: str | None) -> str:
    plain = (name or "").encode("utf-8", "replace").decode("utf-8")
    slug = _UNSAFE.sub("-", plain[:_NAME_BYTES]).strip(".-_")
    while len(slug.encode("utf-8")) > _NAME_BYTES:
        slug = slug[:-1]
    return slug


def _year(date: str | None) -> str:
    return date[:4] if date else ""


def _place_of(document: Document, source: Source, origin: Origin) -> PurePosixPath:
    """Folder and name, without suffix: the source's own for a file, the title for the rest."""
    own = origin.place or PurePosixPath(PurePosixPath(source.name).name)
    if document.part:  # one of many: in a folder of the source's name
        inner = PurePosixPath(*[p for p in PurePosixPath(document.part).parts if p.strip("./\\")])
        name = safe_name(document.title, inner.stem)
        return PurePosixPath(own.parent, safe_name(own.stem), *inner.parts[:-1], name)
    if origin.place:
        return PurePosixPath(own.parent, safe_name(own.stem))
    if source.url:
        named = unquote(PurePosixPath(urlsplit(source.url).path).stem)
        return PurePosixPath(_year(document.published), safe_name(document.title, named))
    return PurePosixPath(_year(document.published), safe_name(own.stem))


def _own_address(document: Document, source: Source) -> str | None:
    """Its address; not a site's front page, which some sites call canonical for every page."""
    if document.url is None:
        return None if document.part else source.url
    if urlsplit(document.url).path.strip("/"):
        return document.url
    if source.url is None or urlsplit(source.url).path.strip("/"):
        return source.url
    return document.url


def _same_text(one: Article, other: Article) -> bool:
    """Whether nothing changed that a reader would cite; when it was accessed does not count."""
    return (
        one.title == other.title
        and one.published == other.published
        and one.text[one.body.start :].strip() == other.text[other.body.start :].strip()
    )
