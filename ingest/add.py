"""Brings sources into the corpus: files, folders and addresses, each as Markdown or plain text.

Markdown and plain text are copied byte for byte; every other format is converted, in a process of
its own, and its original is kept. A source is read as ingestion would read it before anything is
written, so the corpus never receives a file that cannot be indexed.

    with Adding(corpus) as adding:
        report = adding.take(Path("report.pdf"))

Left out: addresses (`addresses.py`), names and versions (`filing.py`), and indexing.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal

from ingest.convert import Converter, Document, Skipped, Source
from ingest.convert.document import Columns, inside
from ingest.convert.formats import known_suffixes, recognise
from ingest.errors import UnreadableSource, reason
from ingest.filing import BY_NAME, Filed, Filing, Origin
from ingest.ledger import Ledger
from ingest.read import MAX_BYTES, SUFFIXES, check_size, corpus_path, read_bytes

if TYPE_CHECKING:
    from ingest.addresses import Addresses
    from ingest.fetch import FetchSettings

MAX_SOURCE = 300_000_000  # bytes of a source: it is held in memory twice while it is converted
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """What is being done with a source: bytes fetched, or articles converted and written, so far.

    `of` is 0 where it is not known.
    """

    kind: Literal["fetching", "converting", "writing"]
    done: int = 0
    of: int = 0


Seen = Callable[[Step], None]


def unseen(step: Step) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class AddReport:
    """What became of each source: `added`, `changed` and `already` pair it with a path in the
    corpus, `skipped` with the reason, `remarks` with what its reader should know."""

    added: Pairs = ()
    changed: Pairs = ()
    already: Pairs = ()
    skipped: Pairs = ()
    remarks: Pairs = ()

    @property
    def ok(self) -> bool:
        """Whether every source is in the corpus now."""
        return not self.skipped

    @property
    def paths(self) -> tuple[str, ...]:
        """The files of the corpus that are new or changed, or were there and may not be indexed."""
        pairs = (*self.added, *self.changed, *self.already)
        return tuple(dict.fromkeys(path for _, path in pairs))

    def __add__(self, other: AddReport) -> AddReport:
        return AddReport(
            *(getattr(self, one.name) + getattr(other, one.name) for one in fields(AddReport))
        )

    def summary(self) -> str:
        """One line.

        >>> AddReport(added=(("a.md", "2021/a.md"),), skipped=(("b.pdf", "…"),)).summary()
        '1 added, 1 skipped'
        """
        counts = {"added": self.added, "changed": self.changed}
        counts |= {"already there": self.already, "skipped": self.skipped}
        told = ", ".join(f"{len(files)} {name}" for name, files in counts.items() if files)
        return told or "nothing to add"


@dataclass(slots=True)
class Found:
    """An `AddReport` while it grows."""

    added: list[tuple[str, str]] = field(default_factory=list)
    changed: list[tuple[str, str]] = field(default_factory=list)
    already: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    remarks: list[tuple[str, str]] = field(default_factory=list)

    def file(self, name: str, filed: Filed) -> None:
        """An article that is in the corpus now."""
        getattr(self, filed.outcome).append((name, filed.path))
        self.remarks += [(name, remark) for remark in filed.remarks]

    def report(self) -> AddReport:
        """What was found."""
        return AddReport(*(tuple(getattr(self, one.name)) for one in fields(AddReport)))


def add(
    sources: Sequence[str | Path],
    corpus: Path,
    *,
    max_bytes: int = MAX_BYTES,
    fetch: FetchSettings | None = None,
    follow: bool = False,
    seen: Seen = unseen,
) -> AddReport:
    """Bring sources into the corpus, which is made if there is none; see `Adding`."""
    report = AddReport()
    with Adding(corpus, max_bytes=max_bytes, fetch=fetch) as adding:
        for source in sources:
            report += adding.take(source, follow=follow, seen=seen)
    return report


class Adding:
    """Brings sources into a corpus, one after another, for one thread.

    A file goes to `<year of publication>/<its name>`, a folder's files where they are in the
    folder, what comes from an address to `<year>/<its title>`, and what was inside of another file
    into a folder of that one's name. A name that is taken by another text gets `-2`. `columns` says
    which column of a table holds which field, where the usual names do not; a table that was added
    so before is read so again without them.
    """

    def __init__(
        self,
        corpus: Path,
        *,
        max_bytes: int = MAX_BYTES,
        max_source: int = MAX_SOURCE,
        fetch: FetchSettings | None = None,
        columns: Columns = (),
    ) -> None:
        self.corpus, self.fetch, self.columns = corpus, fetch, columns
        self.ledger = Ledger(corpus)
        self.converter = Converter()
        self.filing = Filing(corpus, self.ledger, max_bytes=max_bytes)
        self._max_bytes, self._max_source = max_bytes, max_source
        self._asked: Addresses | None = None

    def __enter__(self) -> Adding:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the converting process, and give the ledger back."""
        self.converter.close()
        self.ledger.close()
        if self._asked is not None:
            self._asked.close()

    def _addresses(self) -> Addresses:
        if self._asked is None:
            from ingest.addresses import Addresses

            self._asked = Addresses(self)
        return self._asked

    def take(
        self,
        source: str | Path,
        *,
        name: str | None = None,
        follow: bool = False,
        seen: Seen = unseen,
    ) -> AddReport:
        """Bring one file, folder or address into the corpus, and report what became of it.

        `name` is what a file is called where its own name says nothing (an upload). `follow`: a
        feed's new articles are fetched from now on, too. `seen` is told each step; what it raises
        ends the work between two articles, and those before are whole and stay. `NoRoom` where the
        corpus cannot be written.
        """
        found = Found()
        if isinstance(source, str) and is_address(source):
            return self._addresses().take(source, found, follow=follow, seen=seen)
        for file, place in list(_offered(Path(source), found)):  # listed before anything is written
            self._take_file(file, place, name or file.name, found, seen)
        return found.report()

    def update_feeds(self, seen: Seen = unseen) -> AddReport:
        """Fetch what is new in the feeds that are followed."""
        return self._addresses().update_feeds(Found(), seen)

    def convert(
        self,
        source: Source,
        origin: Origin,
        shown: str,
        found: Found,
        seen: Seen,
        *,
        completed: Callable[[Document], Document] = lambda document: document,
    ) -> None:
        """Convert a source, and file each article that comes out; what fails is skipped.

        `completed` adds what else is known of them.
        """
        if self.columns:
            source = replace(source, columns=self.columns)
        else:
            source = self.filing.as_before(source)
        seen(Step("converting"))
        done = 0
        try:
            for one in self.converter.convert(source):
                if isinstance(one, Skipped):
                    found.skipped.append((inside(shown, one.part), one.reason))
                    continue
                name = inside(shown, one.part)
                try:
                    found.file(name, self.filing.converted(completed(one), source, origin))
                except UnreadableSource as error:
                    found.skipped.append((name, reason(error, "article.md")))
                done += 1
                seen(Step("writing", done))
        except UnreadableSource as error:
            found.skipped.append((shown, str(error)))
        finally:
            self.filing.end()

    def _take_file(
        self, file: Path, place: Path | None, name: str, found: Found, seen: Seen
    ) -> None:
        shown = printable(file) if name == file.name else name
        try:
            there = _path_inside(self.corpus, file)
            if there is not None:
                found.already.append((shown, there))
                return
            is_text = name.lower().endswith(SUFFIXES)
            data = read_bytes(file, max_bytes=self._max_source, advice="Split it.")
            source = Source(name, data)
            kind = "text" if is_text and not data else recognise(source)[0]
            where = PurePosixPath(*place.parts) if place else None
            origin = Origin(_file_key(file, name), name, where)
            if kind == "text" and is_text:
                check_size(file, len(data), self._max_bytes)
                seen(Step("writing"))
                found.file(shown, self.filing.copied(data, origin, name=name))
                if self.columns:
                    found.remarks.append((shown, "is text and no table, so it has no columns."))
            else:
                self.convert(source, origin, shown, found, seen)
        except UnreadableSource as error:
            found.skipped.append((shown, reason(error, str(file), name)))


def is_address(source: str) -> bool:
    """Whether this is an address rather than a file's name.

    >>> is_address("https://example.org/a"), is_address("notes.md")
    (True, False)
    """
    return "://" in source[:12]


def printable(file: Path) -> str:
    """A path as text, also where its name is not UTF-8."""
    return str(file).encode("utf-8", "replace").decode("utf-8")


def _offered(source: Path, found: Found) -> Iterator[tuple[Path, Path | None]]:
    """Files to add, each with its place inside the folder that was named, if one was."""
    if source.is_dir():
        files = list(_files_below(source))
        if not files:
            formats = ", ".join(known_suffixes())
            found.skipped.append((printable(source), f"holds no article (known are {formats})"))
        yield from ((file, file.relative_to(source)) for file in files)
    elif source.exists() or source.is_symlink():
        yield source, None
    else:
        found.skipped.append((printable(source), "there is no such file or folder"))


def _files_below(folder: Path) -> Iterator[Path]:
    """All files that are not hidden; links to folders are not followed, so no loop can be."""
    for below, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(below, name) for name in sorted(files) if not name.startswith("."))


def _path_inside(corpus: Path, file: Path) -> str | None:
    """The corpus path of a file that lies in the corpus already as an article."""
    if not file.name.lower().endswith(SUFFIXES):
        return None
    real, root = Path(os.path.realpath(file)), Path(os.path.realpath(corpus))
    inside = real.is_relative_to(root) and real.is_file()
    return corpus_path(root, real) if inside else None


def _file_key(file: Path, name: str) -> str:
    """The same file again has the same key; the key does not tell where it lies.

    Of an upload only the name is known, which others may have: see `BY_NAME`.
    """
    if name != file.name:
        return BY_NAME + hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()
    return f"file:{hashlib.sha256(os.fsencode(os.path.realpath(file))).hexdigest()}"
