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
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal, TypeVar
from urllib.parse import unquote, urlsplit

from ingest import originals
from ingest.article import Article
from ingest.convert.canonical import believed, same_page, same_site
from ingest.convert.document import Document, Source
from ingest.convert.formats import suffix_of
from ingest.convert.markdown import article_file
from ingest.errors import UnreadableSource, no_room
from ingest.files import names, one_at_a_time, replace_with, write_new
from ingest.ledger import Ledger, Made
from ingest.read import corpus_path, decode_article

_NAME_BYTES = 120  # of the 255 that file systems allow, so that a number and a suffix fit
_UNSAFE = re.compile(r"[^\w.+-]+")
_SENTENCE_END = re.compile(r"[.!?\n\u0964\u06d4\u3002\uff01\uff1f]+")
BY_NAME = "file:name:"  # begins the origin of a source of which only its name is known
_FOLDERS = 8  # of a path inside an archive; what lies deeper goes into the eighth
_NAMES_LOOKED_AT = 4  # files of this name that may be the same article without the ledger knowing

Written = TypeVar("Written")
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
        self._kept: tuple[Source, str] | None = None  # of 20,000 rows, each is of one source

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
        return self._filed(made, target, data, article, None)

    def converted(self, document: Document, source: Source, origin: Origin) -> Filed:
        """File what was made of a source, and keep the source beside it."""
        document = replace(document, url=_own_address(document, source))
        sha256 = self._sha256_of(source)
        data, article = self._written(document, origin.shown, sha256)
        place = _place_of(document, source, origin)
        target = self._target(place.parent, place.name, ".md")
        part = document.part or ""
        made = Made(
            "", origin.key, part, document.url, article.sha256, sha256, document.accessed,
            source.columns,
        )  # fmt: skip
        if self._kept is None:
            originals.keep(self._corpus, source.data, suffix_of(source))
            self._kept = source, sha256
        filed = self._filed(made, target, data, article, source.url)
        return replace(filed, remarks=(*document.remarks, *filed.remarks))

    def as_before(self, source: Source) -> Source:
        """With the columns that were chosen when an article was made from it, if any were."""
        return replace(source, columns=self._ledger.columns(self._sha256_of(source)))

    def _sha256_of(self, source: Source) -> str:
        if self._kept is None or self._kept[0] is not source:
            self._kept = None
            return hashlib.sha256(source.data).hexdigest()
        return self._kept[1]

    def end(self) -> None:
        """Let go of the source that was filed last."""
        self._kept = None

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
        if _same(held, article, made):
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

    def _filed(
        self, made: Made, target: Path, data: bytes, article: Article, came_from: str | None
    ) -> Filed:
        with one_at_a_time(self._corpus):
            same = self._same(made, target, article)
            if same is not None:
                return Filed(same, "already")
            before, remark = self._before(made, article, came_from)
            if before is None:
                filed = self._new(made, target, data)
                return replace(filed, remarks=(remark.format(filed.path),) if remark else ())
            self._write(lambda: replace_with(self._corpus / before.path, data))
            self._ledger.record(replace(made, path=before.path))
            return Filed(before.path, "changed")

    def _same(self, made: Made, target: Path, article: Article) -> str | None:
        """The path of the article that says the same already, of this source or of another."""
        ledger = self._ledger
        known = ledger.all_of_origin(made.origin, made.part)
        known += ledger.all_by_url(made.url) if made.url else []
        known += filter(None, [ledger.from_source(made.source_sha256, made.part)])
        for one in known:
            held = self._read(one.path)
            if held is not None and _same(held, article, made):
                self._met_again(replace(one, file_sha256=held.sha256), made)
                return one.path
        return self._same_name(made, target, article)

    def _met_again(self, before: Made, made: Made) -> None:
        """Remember that this source gave the same: it finds the article, but does not own it.

        What a site gave stays that site's. Else another that copies it once could change it later.
        """
        if (before.origin, before.part) == (made.origin, made.part):
            if before.file_sha256 == made.file_sha256:  # it was killed before it could record it
                self._ledger.record(replace(made, path=before.path))
            return
        if is_address(made.origin):
            if not made.part:
                self._ledger.also(made.origin, before.path)
        elif not is_address(before.origin):
            self._ledger.record(replace(before, origin=made.origin, part=made.part))

    def _before(
        self, made: Made, article: Article, came_from: str | None
    ) -> tuple[Made | None, str | None]:
        """The article that this is a new version of, if it is of one; or else a remark, with `{}`
        for the new one's path, on why it is not."""
        remark = None
        for one in self._ledger.all_of_origin(made.origin, made.part):
            held = self._read(one.path)
            if held is None:  # its file was deleted by hand
                self._ledger.drop(one.path)
            elif _may_be_another(made) and not _is_like(held, article):
                continue
            elif held.sha256 == one.file_sha256:
                return one, None
            else:
                remark = f"{_braced(one.path)} was edited by hand, so it was left as it is; "
                remark += "what the source says now is in {}."
        if remark is None and made.url:
            return self._of_its_address(made, article, came_from)
        return None, remark

    def _of_its_address(
        self, made: Made, article: Article, came_from: str | None
    ) -> tuple[Made | None, str | None]:
        """The article of another source with this address, where that is to be believed."""
        remark = None
        for one in self._ledger.all_by_url(made.url or ""):
            held = self._read(one.path)
            if held is None or (one.origin == made.origin and made.part):
                continue
            if (
                held.sha256 == one.file_sha256
                and _may_replace(one, made, came_from)
                and _still_says(held, article)
            ):
                return one, None
            remark = f"{_braced(one.path)} has the same address, but came from elsewhere or says "
            remark += "something else. Both are kept; this one is {}."
        return None, remark

    def _same_name(self, made: Made, target: Path, article: Article) -> str | None:
        """The file that has the name and the text already, which the ledger did not know."""
        said = article.text[article.body.start :].strip()
        for name, _ in zip(names(target), range(_NAMES_LOOKED_AT), strict=False):
            try:
                there = name.read_bytes().decode("utf-8", "replace")
            except OSError:
                return None
            path = corpus_path(self._corpus, name)
            held = self._read(path) if there.rstrip().endswith(said) else None
            if held is not None and _same(held, article, made):
                known = self._ledger.made(path)
                if known is not None:
                    self._met_again(known, made)
                else:
                    self._ledger.record(replace(made, path=path, file_sha256=held.sha256))
                return path
        return None

    def _new(self, made: Made, target: Path, data: bytes) -> Filed:
        if self._used[target] and target.exists():
            # Straight to the name that is free: a table may have 10,000 equal titles.
            number = self._used[target] + 1
            target_now = target.with_name(f"{target.stem}-{number}{target.suffix}")
        else:
            target_now = target
        written = self._write(lambda: write_new(target_now, data))
        self._used[target] += 1
        path = corpus_path(self._corpus, written)
        self._ledger.record(replace(made, path=path))
        return Filed(path, "added")

    def _write(self, write: Callable[[], Written]) -> Written:
        try:
            return write()
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
        folders = inner.parts[:-1][:_FOLDERS]
        return PurePosixPath(own.parent, safe_name(own.stem), *folders, name)
    if origin.place:
        return PurePosixPath(own.parent, safe_name(own.stem))
    if source.url:
        named = unquote(PurePosixPath(urlsplit(source.url).path).stem)
        return PurePosixPath(_year(document.published), safe_name(document.title, named))
    return PurePosixPath(_year(document.published), safe_name(own.stem))


def _own_address(document: Document, source: Source) -> str | None:
    return document.url if document.part else believed(document.url, source.url)


def is_address(origin: str) -> bool:
    """Whether a source was got from the net."""
    return origin.startswith(("http://", "https://"))


def _may_replace(held: Made, made: Made, came_from: str | None) -> bool:
    """Whether a source may give a new version of what another gave, since both name one address.

    Of two files the reader has both. What was fetched is replaced only by the same site; and what
    came from the address itself not by another page that names it, which on many sites anybody may
    write. Files and sites do not replace each other: one was chosen by the reader.
    """
    if not is_address(made.origin) or not is_address(held.origin):
        return not is_address(made.origin) and not is_address(held.origin)
    url = made.url or ""
    if came_from is None or not same_site(came_from, url) or not same_site(held.origin, url):
        return False
    return same_page(came_from, url) or not same_page(held.origin, url)


def _may_be_another(made: Made) -> bool:
    """Rows and messages move when one is put in before them, and many files have one name."""
    return bool(made.part) or made.origin.startswith(BY_NAME)


def _is_like(held: Article, article: Article) -> bool:
    return held.title == article.title or _still_says(held, article)


def _still_says(held: Article, article: Article) -> bool:
    """Whether at least half of the sentences are still there: else it is another article."""
    before, now = (
        {one.strip() for one in _SENTENCE_END.split(one.text[one.body.start :])} - {""}
        for one in (held, article)
    )
    return 2 * len(before & now) >= len(before)


def _braced(path: str) -> str:
    return path.replace("{", "{{").replace("}", "}}")


def _same(held: Article, article: Article, made: Made) -> bool:
    """Whether nothing changed that a reader would cite; when it was accessed does not count.

    Several sources may say otherwise who wrote it. Where a reader chose the columns, that counts.
    """
    names = ["title", "published"]
    if made.columns:
        names += ["authors", "publisher", "language", "url"]
    return all(getattr(held, name) == getattr(article, name) for name in names) and (
        held.text[held.body.start :].strip() == article.text[article.body.start :].strip()
    )
