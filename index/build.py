"""Brings the index level with the corpus: added, changed, renamed and removed files.

Order is what makes a kill harmless: vectors first, then the catalog in one transaction with the
articles they belong to, then old vectors away. So the catalog never names a passage without a
vector, and `mend` at the next start clears what was left over.

Left out: who may write (`owner.py`), and search.
"""

from __future__ import annotations

import hashlib
import math
import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.catalog import Catalog, KnownFile
from index.now import corpus_file
from ingest.article import Article, Passage
from ingest.errors import BadSetting, CorpusMissing, UnreadableSource, reason
from ingest.read import (
    MAX_BYTES,
    check_folder,
    corpus_paths,
    decode_article,
    read_bytes,
)
from ingest.split import split

if TYPE_CHECKING:
    from index.embed import Embedder
    from index.vectors import VectorStore

BATCH = 512  # passages a transaction, or one whole article: what a kill throws away
_SLICE = 128  # passages between two reports of progress
_RACY_NS = 2_000_000_000  # a file changed this soon before it was read may change within one tick
_CORPUS = "corpus"  # in the catalog: which folder it was made from
_UNFINISHED = "unfinished"  # in the catalog while a build runs; still there after a kill


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a build is: `files` of `of` are done, and `passages` of `of_passages` are embedded.

    `of_passages` counts the passages of the files that have been read so far: all, once the last
    file is read, which is before anything is embedded where there are few. `of` is 0 while vectors
    are mended that a killed build left undone.
    """

    files: int
    of: int
    passages: int
    path: str
    of_passages: int = 0


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did, in files (`skipped` with the reason for each), passages and seconds.

    `passages` counts those that were embedded. A skipped file that was indexed before keeps the
    version that was indexed. `changed_paths` are the files that were changed or removed.
    """

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    skipped: tuple[tuple[str, str], ...] = ()
    passages: int = 0
    seconds: float = 0.0
    changed_paths: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every file of the corpus could be read."""
        return not self.skipped

    def summary(self) -> str:
        """One line.

        >>> BuildReport(added=2, unchanged=1, passages=9, seconds=1.5).summary()
        '2 added, 1 unchanged; 9 passages embedded in 1.5 s'
        """
        counts = {"added": self.added, "changed": self.changed, "removed": self.removed}
        counts |= {"unchanged": self.unchanged, "skipped": len(self.skipped)}
        told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
        done = f"; {self.passages} passages embedded" if self.passages else ""
        return f"{told or 'nothing to do'}{done} in {self.seconds:.1f} s"


def embedding_text(passage: Passage) -> str:
    """The copy of a passage that is embedded: white space collapsed; the passage keeps its own."""
    return " ".join(passage.text.split())


def ignore(progress: Progress) -> None:
    """Report progress to nobody."""


def build(
    corpus: Path,
    catalog: Catalog,
    vectors: VectorStore,
    embedder: Embedder,
    *,
    paths: Sequence[str] | None = None,
    max_bytes: int = MAX_BYTES,
    allow_empty: bool = False,
    batch: int = BATCH,
    progress: Callable[[Progress], None] = ignore,
) -> BuildReport:
    """Make the index hold what the corpus holds, and report what had to be done.

    With `paths`, only these files (new, changed or gone) are looked at, and what that costs does
    not grow with the corpus; what a killed build left undone is mended first all the same.

    Interrupted anywhere, it leaves an index that answers and that the next build completes. A file
    that cannot be read is skipped with its reason. `CorpusMissing` where there is no corpus folder,
    or nothing in it while the index holds articles (unless `allow_empty`); `NoRoom` where the index
    cannot be written.
    """
    started = time.monotonic()
    found = _found(corpus, paths)
    known = catalog.known(paths)
    if known and not found and not allow_empty and not _holds_an_article(corpus):
        raise CorpusMissing(
            f"{corpus} holds no article, but the index holds {len(known)}. Nothing was removed. If "
            "the corpus is meant to be empty, say so: pincite ingest --allow-empty"
        )
    _remember_corpus(catalog, corpus)
    mended = 0
    if paths is None or catalog.get(_UNFINISHED) is not None:
        mended = mend(catalog, vectors, embedder, progress)
    work = _Pass(corpus, catalog, vectors, embedder, max_bytes, batch, progress, known)
    report = work.over(found, whole=paths is None)
    return replace(report, passages=report.passages + mended, seconds=time.monotonic() - started)


def _found(corpus: Path, paths: Sequence[str] | None) -> list[str]:
    """The paths of the corpus, or those of these that are files of it, in order."""
    if paths is None:
        return sorted(corpus_paths(corpus))
    check_folder(corpus)
    return [path for path in sorted(set(paths)) if corpus_file(corpus, path) is not None]


def _holds_an_article(corpus: Path) -> bool:
    return next(corpus_paths(corpus), None) is not None


def check_corpus(index: Path, corpus: Path) -> None:
    """`BadSetting` where an index was made from another corpus that is still there.

    Where corpus and index lie beside each other is what counts, so both may be moved together.
    """
    with closing(Catalog(index)) as catalog:
        made_from = catalog.get(_CORPUS)
    if made_from is None or made_from == _from(index, corpus):
        return
    other = (index / made_from).resolve()
    if other.is_dir() and other != corpus.resolve():
        raise BadSetting(
            f"The index {index} was made from the corpus {other}, not {corpus}. Set the corpus "
            "back, name another index with --index, or make this one anew with: pincite ingest"
        )


def _remember_corpus(catalog: Catalog, corpus: Path) -> None:
    place = _from(catalog.folder, corpus)
    if catalog.get(_CORPUS) != place:
        catalog.set(_CORPUS, place)


def _from(index: Path, corpus: Path) -> str:
    """The way from an index to its corpus; the whole path where there is none (other drives)."""
    place = os.path.realpath(corpus)
    with suppress(ValueError):
        place = os.path.relpath(place, os.path.realpath(index))
    return place.encode("utf-8", "backslashreplace").decode("utf-8")  # a name that is not UTF-8


def mend(
    catalog: Catalog,
    vectors: VectorStore,
    embedder: Embedder,
    progress: Callable[[Progress], None] = ignore,
) -> int:
    """Make the vectors follow the catalog after a kill; → how many passages were embedded again.

    Counts are compared, and ids where these differ or the last build did not finish.
    """
    if catalog.get(_UNFINISHED) is None and catalog.count() == vectors.count():
        return 0
    wanted = catalog.ids()
    if not wanted:
        vectors.clear()
        catalog.set(_UNFINISHED, None)
        return 0
    kept = vectors.ids()
    vectors.delete(sorted(kept.difference(wanted)))
    missing = [name for name in wanted if name not in kept]
    for at in range(0, len(missing), BATCH):
        passages = list(catalog.passages(missing[at : at + BATCH]).values())
        vectors.upsert(passages, _embed(embedder, passages))
        done = at + len(passages)
        progress(Progress(0, 0, done, passages[-1].path, len(missing)))
    catalog.set(_UNFINISHED, None)
    return len(missing)


@dataclass(slots=True)
class _Waiting:
    """An article that is read and split, with the files that hold it, until its batch is full."""

    article: Article
    data: bytes
    passages: tuple[Passage, ...]
    places: list[tuple[str, KnownFile]] = field(default_factory=list)


class _Pass:
    """One pass over the corpus: what has been seen, and what waits to be embedded."""

    def __init__(
        self,
        corpus: Path,
        catalog: Catalog,
        vectors: VectorStore,
        embedder: Embedder,
        max_bytes: int,
        batch: int,
        progress: Callable[[Progress], None],
        known: dict[str, KnownFile],
    ) -> None:
        self.corpus, self.catalog, self.vectors, self.embedder = corpus, catalog, vectors, embedder
        self.root = os.path.join(corpus, "")  # noqa: PTH118
        self.max_bytes, self.batch, self.progress = max_bytes, batch, progress
        self.known, self.gone, self.of = known, set(known), 0
        self.waiting: dict[str, _Waiting] = {}
        self.count = Counter[str]()
        self.skipped: list[tuple[str, str]] = []
        self.changed: set[str] = set()
        self.writing = False
        self.waiting_files = 0
        self.worker = ThreadPoolExecutor(1, "pincite-build")
        self.work: Future[None] | None = None
        self.in_work: frozenset[str] = frozenset()
        self.touched: set[str] = set()
        self.files_in_work = 0.0
        self.abandoned = False
        self.telling = Lock()

    def over(self, paths: Sequence[str], *, whole: bool) -> BuildReport:
        """Take every file, commit what waits, forget the files that are gone, and report.

        `whole`: these are all files of the corpus.
        """
        self.of = len(paths)
        with self.worker:  # left only when what was handed to it is written, or abandoned
            try:
                for path in paths:
                    self._take(path)
                self._hand_over()
                self._settle()
            except BaseException:
                self.abandoned = True
                raise
        self._forget_gone()
        if whole:
            self.catalog.end_history()
        for sha256, path in self.catalog.misnamed(None if whole else sorted(self.touched)):
            self._rename(sha256, path)
        if self.writing:
            self.catalog.set(_UNFINISHED, None)
        told = {name: self.count[name] for name in ("added", "changed", "unchanged", "passages")}
        return BuildReport(
            **told,
            removed=len(self.gone),
            skipped=tuple(self.skipped),
            changed_paths=tuple(sorted(self.changed | self.gone)),
        )

    def _take(self, path: str) -> None:
        file = f"{self.root}{path}"
        self.gone.discard(path)
        try:
            self._read(path, file)
        except UnreadableSource as error:
            self.skipped.append(_skipped(path, file, error))
        self.count["files"] += 1
        self._tell(path)
        if sum(len(one.passages) for one in self.waiting.values()) >= self.batch:
            self._hand_over()

    def _begin_writing(self) -> None:
        """From here to the end of the build a kill may leave vectors that `mend` has to clear."""
        if not self.writing:
            self.catalog.set(_UNFINISHED, "1")
            self.writing = True

    def _forget_gone(self) -> None:
        if self.gone:
            self._begin_writing()
            self.touched |= {self.known[path].sha256 for path in self.gone}
            with self.catalog.transaction():
                dropped = [name for path in self.gone for name in self.catalog.remove_path(path)]
            self.vectors.delete(dropped)

    def _read(self, path: str, file: str) -> None:
        before = self.known.get(path)
        size, mtime_ns = _stat(path, file)
        if before and (before.size, before.mtime_ns) == (size, mtime_ns):
            self.count["unchanged"] += 1
            return
        if time.time_ns() - mtime_ns < _RACY_NS:
            mtime_ns = -1  # like no file's, so it is read again the next time
        data = read_bytes(Path(file), max_bytes=self.max_bytes)
        now = KnownFile(hashlib.sha256(data).hexdigest(), size, mtime_ns)
        self.touched |= {now.sha256, before.sha256 if before else now.sha256}
        if now.sha256 in self.in_work:
            self._settle()
        if now.sha256 in self.waiting:
            self.waiting[now.sha256].places.append((path, now))
            self.waiting_files += 1
        elif self.catalog.has_article(now.sha256):
            self._begin_writing()
            self._settle()
            self.vectors.delete(self.catalog.place(path, *now))
        else:
            article = decode_article(path, data)
            passages = _passages(article)
            self.waiting[now.sha256] = _Waiting(article, data, passages, [(path, now)])
            self.count["read"] += len(passages)
            self.waiting_files += 1
        same = before is not None and before.sha256 == now.sha256
        self.count["unchanged" if same else "changed" if before else "added"] += 1
        if before and not same:
            self.changed.add(path)

    def _hand_over(self) -> None:
        """Have what waits embedded and written while the files after it are read."""
        if not self.waiting:
            return
        self._begin_writing()
        self._settle()
        batch = tuple(self.waiting.values())
        with self.telling:
            self.in_work, self.files_in_work = frozenset(self.waiting), self.waiting_files
            self.waiting_files = 0
        self.waiting.clear()
        self.work = self.worker.submit(self._commit, batch)

    def _settle(self) -> None:
        """Wait until what was handed over is written; its error, if it had one, is raised here."""
        if self.work is not None:
            self.work.result()
        self.work, self.in_work = None, frozenset()

    def _commit(self, batch: Sequence[_Waiting]) -> None:
        """Vectors, then the catalog, then what the new versions replace. On the worker's thread."""
        files, path = self.files_in_work, batch[0].article.path

        def told(embedded: int, done: float) -> None:
            if self.abandoned:
                raise CancelledError
            self.files_in_work = files * (1 - done)
            self._embedded(embedded, path)

        passages = [passage for one in batch for passage in one.passages]
        self.vectors.upsert(passages, _embed(self.embedder, passages, told))
        dropped: list[str] = []
        with self.catalog.transaction():
            for one in batch:
                self.catalog.put(one.article, one.data, one.passages)
                for name, now in one.places:
                    dropped += self.catalog.place(name, *now)
        self.vectors.delete(dropped)

    def _rename(self, sha256: str, path: str) -> None:
        """Show an article under another of its paths; embedded again if it is cut otherwise."""
        data = self.catalog.version(sha256) or b""
        before = self.catalog.passages_of(sha256)
        try:
            article = decode_article(path, data)
            passages = _passages(article)
        except UnreadableSource as error:  # cannot be a plain text, though it can be Markdown
            self.skipped.append(_skipped(path, self.corpus / path, error))
            return
        self._begin_writing()
        if [replace(passage, path=path) for passage in before] == list(passages):
            self.vectors.relabel(passages)
        else:
            self.count["read"] += len(passages)
            rows = _embed(self.embedder, passages, lambda some, _: self._embedded(some, path))
            self.vectors.upsert(passages, rows)
        self.catalog.put(article, data, passages)
        kept = {passage.id for passage in passages}
        self.vectors.delete([passage.id for passage in before if passage.id not in kept])

    def _embedded(self, passages: int, path: str) -> None:
        self.count["passages"] += passages
        self._tell(path)

    def _tell(self, path: str) -> None:
        """Files count as done once embedded; those in work, by how far their batch is."""
        with self.telling:
            files = self.count["files"] - self.waiting_files - math.ceil(self.files_in_work)
            done, read = self.count["passages"], self.count["read"]
            self.progress(Progress(max(0, files), self.of, done, path, read))


def _passages(article: Article) -> tuple[Passage, ...]:
    passages = split(article)
    if not passages:
        raise UnreadableSource(f"{article.path}: holds no sentence; nothing to index.")
    return passages


def _stat(path: str, file: str) -> tuple[int, int]:
    try:
        path.encode("utf-8")
        found = os.stat(file)  # noqa: PTH116 - a `Path` for each of 100,000 files takes seconds
    except UnicodeEncodeError as error:
        raise UnreadableSource(f"{path}: its name is not UTF-8. Rename it.") from error
    except OSError as error:
        raise UnreadableSource(f"{path}: cannot be read ({error.strerror}).") from error
    return found.st_size, found.st_mtime_ns


def _skipped(path: str, file: str | Path, error: UnreadableSource) -> tuple[str, str]:
    """The path, printable, and the reason without repeating it."""
    return path.encode("utf-8", "replace").decode("utf-8"), reason(error, str(file), path)


def _embed(
    embedder: Embedder,
    passages: Sequence[Passage],
    told: Callable[[int, float], None] = lambda passages, done: None,
) -> NDArray[np.float32]:
    """One row for each passage; those of like length go together, so that little is padded."""
    texts = [embedding_text(passage) for passage in passages]
    order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
    rows = np.empty((len(texts), embedder.dimension), np.float32)
    for at in range(0, len(order), _SLICE):
        some = order[at : at + _SLICE]
        rows[some] = embedder.embed([texts[one] for one in some])
        told(len(some), (at + len(some)) / len(order))
    return rows
