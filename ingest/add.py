"""Brings sources into the corpus: files and folders of Markdown and plain text, byte for byte.

A source is read as ingestion would read it before anything is written, so the corpus never receives
a file that cannot be indexed. A copy appears whole or not at all.

Left out: other formats. PDF, HTML and DOCX would be turned into Markdown here.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest.article import Article
from ingest.errors import UnreadableSource, no_room
from ingest.read import MAX_BYTES, SUFFIXES, corpus_files, corpus_path, decode_article, read_bytes

_NAME_BYTES = 120  # of the 255 that file systems allow, so that a number and a suffix fit
_UNSAFE = re.compile(r"[^\w.+-]+")


@dataclass(frozen=True, slots=True)
class AddReport:
    """What became of each source file: `added` and `already` pair it with its path in the corpus,
    `skipped` with the reason."""

    added: tuple[tuple[str, str], ...] = ()
    already: tuple[tuple[str, str], ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every source is in the corpus now."""
        return not self.skipped

    def summary(self) -> str:
        """One line.

        >>> AddReport(added=(("a.md", "2021/a.md"),), skipped=(("b.pdf", "…"),)).summary()
        '1 added, 1 skipped'
        """
        counts = {"added": self.added, "already there": self.already, "skipped": self.skipped}
        told = ", ".join(f"{len(files)} {name}" for name, files in counts.items() if files)
        return told or "nothing to add"


def add(sources: Sequence[Path], corpus: Path, *, max_bytes: int = MAX_BYTES) -> AddReport:
    """Copy sources into the corpus, which is made if there is none.

    A file goes to `<year of publication>/<its name>`, a folder's files where they are in the
    folder; a name that is taken by another text gets `-2`. `NoRoom` where the corpus cannot be
    written: what was added before is whole and stays.
    """
    work = _Adding(corpus, max_bytes)
    for file, place in list(_offered(sources, work.skipped)):  # listed before anything is written
        try:
            work.take(file, place)
        except UnreadableSource as error:
            reason = str(error).removeprefix(str(file)).lstrip(" ,:")
            work.skipped.append((_printable(file), reason))
    return AddReport(tuple(work.added), tuple(work.already), tuple(work.skipped))


def _offered(
    sources: Sequence[Path], skipped: list[tuple[str, str]]
) -> Iterator[tuple[Path, Path | None]]:
    """Files to add, each with its place inside the folder that was named, if one was."""
    for source in sources:
        if source.is_dir():
            files = list(_files_below(source))
            if not files:
                skipped.append((_printable(source), f"holds no article ({_SUPPORTED})"))
            yield from ((file, file.relative_to(source)) for file in files)
        elif source.exists() or source.is_symlink():
            yield source, None
        else:
            skipped.append((_printable(source), "there is no such file or folder"))


def _files_below(folder: Path) -> Iterator[Path]:
    """All files that are not hidden; links to folders are not followed, so no loop can be."""
    for below, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(below, name) for name in sorted(files) if not name.startswith("."))


_SUPPORTED = f"articles are UTF-8 Markdown or plain text: {', '.join(SUFFIXES)}"


@dataclass(slots=True)
class _Adding:
    """One run of `add`: where it has got to, and what the corpus already holds."""

    corpus: Path
    max_bytes: int
    added: list[tuple[str, str]] = field(default_factory=list)
    already: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    _by_size: dict[int, list[Path]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.corpus.is_dir():
            for file in corpus_files(self.corpus):
                if file.is_file():
                    self._by_size.setdefault(file.stat().st_size, []).append(file)

    def take(self, file: Path, place: Path | None) -> None:
        """Add one file, or say why not; `UnreadableSource` where it cannot be an article."""
        if not file.name.lower().endswith(SUFFIXES):
            suffix = file.suffix or "no suffix"
            raise UnreadableSource(f"{file}: {suffix}: not supported; {_SUPPORTED}")
        data = read_bytes(file, max_bytes=self.max_bytes)
        article = decode_article(str(file), data)
        same = self._same(file, data)
        if same is not None:
            self.already.append((_printable(file), corpus_path(self.corpus, same)))
            return
        target = self.corpus / _place(file, place, article)
        try:
            target = _write_whole(target, data)
        except OSError as error:
            raise no_room(self.corpus, error) or UnreadableSource(
                f"{file}: cannot be copied to {target} ({error.strerror})."
            ) from error
        self._by_size.setdefault(len(data), []).append(target)
        self.added.append((_printable(file), corpus_path(self.corpus, target)))

    def _same(self, file: Path, data: bytes) -> Path | None:
        """The corpus file with these bytes, or the source itself if it lies in the corpus."""
        wanted = hashlib.sha256(data).digest()
        for held in self._by_size.get(len(data), []):
            try:
                if held.samefile(file) or hashlib.sha256(held.read_bytes()).digest() == wanted:
                    return held
            except OSError:  # gone, or not ours to read: not a copy that counts
                continue
        return None


def _place(file: Path, place: Path | None, article: Article) -> Path:
    if place is None:
        place = Path(article.published[:4] if article.published else "", file.name)
    return Path(*(_safe(part) for part in place.parent.parts), _safe(place.stem)).with_name(
        _safe(place.stem) + place.suffix.lower()
    )


def _safe(name: str) -> str:
    """A file name that needs no quoting anywhere: letters and digits of any script, `.`, `+`, `-`.

    >>> _safe("What's new? (2).final")
    'What-s-new-2-.final'
    """
    plain = name.encode("utf-8", "replace").decode("utf-8")
    slug = _UNSAFE.sub("-", plain).strip(".-_")
    while len(slug.encode("utf-8")) > _NAME_BYTES:
        slug = slug[:-1]
    return slug or "article"


def _names(target: Path) -> Iterator[Path]:
    """The target, then `name-2`, `name-3`…"""
    yield target
    for number in itertools.count(2):
        yield target.with_name(f"{target.stem}-{number}{target.suffix}")


def _write_whole(target: Path, data: bytes) -> Path:
    """Write a new file at the first of the target's names that is not taken; → that name.

    Under a hidden name first, so that a full disk or a kill leaves no half article.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with unfinished.open("xb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        return next(name for name in _names(target) if _named(unfinished, name))
    finally:
        unfinished.unlink(missing_ok=True)


def _named(file: Path, name: Path) -> bool:
    """Give a file this name, unless it is taken, even at this moment by another process."""
    try:
        name.hardlink_to(file)
    except FileExistsError:
        return False
    except OSError:  # no links on this file system
        return _named_without_link(file, name)
    return True


def _named_without_link(file: Path, name: Path) -> bool:
    try:
        name.touch(exist_ok=False)
    except FileExistsError:
        return False
    try:
        file.replace(name)
    except BaseException:
        name.unlink(missing_ok=True)
        raise
    return True


def _printable(file: Path) -> str:
    return str(file).encode("utf-8", "replace").decode("utf-8")
