"""Vectors of passages, in a Chroma collection: the one home of chromadb.

The rows carry documents and flat metadata, so llama-index's `ChromaVectorStore` reads them too.
What this file knows about Chroma so that nobody else has to: a batch larger than 5,461 is refused,
`add` keeps the old row of an existing id, a query among ids raises for one that it does not hold,
metadata filters are slow, and one folder belongs to one process.

Left out: filters (the catalog names the allowed passages) and text search (the catalog's).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Condition
from typing import TYPE_CHECKING, Any, cast

import chromadb
import numpy as np
from chromadb.api.shared_system_client import SharedSystemClient
from chromadb.config import Settings
from chromadb.errors import ChromaError, NotFoundError
from numpy.typing import NDArray

from ingest.article import Passage, Span, spans_from_text, spans_to_text
from ingest.errors import EmbedderMismatch, IndexBroken, PinciteError, no_room

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

CHROMA_FOLDER = "chroma"
COLLECTION = "passages"
_SCHEMA = 1
_COMPARED = 64  # among so few, fetching vectors takes 0.5 to 2 ms where a query takes 6
_SCANNED = 20_000  # a query among 20,000 ids takes 22 to 50 ms; among more, search wider instead

Row = dict[str, str | int]


class VectorStore:
    """The vectors of one index folder, by passage id.

    `EmbedderMismatch` where another embedder filled it, `IndexBroken` where Chroma cannot open it,
    `NoRoom` where the folder may not be written.
    """

    def __init__(self, folder: Path, embedder_name: str, dimension: int) -> None:
        self.folder = folder
        self._gate = _Gate()
        self._about = {"schema": _SCHEMA, "embedder": embedder_name, "dimension": dimension}
        with self._in_plain_words(Exception):
            self._client = _open_client(folder)
            try:
                self._open_collection()
                self._batch = self._client.get_max_batch_size()
            except BaseException:
                self._client.close()
                raise

    def _open_collection(self) -> None:
        self._collection = self._client.get_or_create_collection(
            COLLECTION,
            embedding_function=None,
            metadata=self._about,
            configuration={"hnsw": {"space": "cosine"}},
        )
        found = self._collection.metadata or {}
        if found == self._about:
            return
        if self._collection.count():
            raise self._mismatch(found)
        self.clear()

    def _mismatch(self, found: Any) -> PinciteError:
        built, wanted = found.get("embedder"), self._about["embedder"]
        if found.get("schema") != _SCHEMA:
            return self._broken("another version of Pincite made it")
        return EmbedderMismatch(
            f"{self.folder}: this index was built with the embedder {built} "
            f"({found.get('dimension')} numbers a passage), not with {wanted} "
            f"({self._about['dimension']}). Set the embedder back, or build the index again with: "
            "pincite ingest --rebuild"
        )

    def close(self) -> None:
        """Let go of the folder; a second time does nothing."""
        self._client.close()

    def clear(self) -> None:
        """Forget every vector."""
        with self._in_plain_words():
            try:
                self._client.delete_collection(COLLECTION)
            except NotFoundError:
                pass
            self._open_collection()

    def upsert(self, passages: Sequence[Passage], vectors: NDArray[np.float32]) -> None:
        """Keep one vector (a row) for each passage, in place of what was kept for its id."""
        for at in range(0, len(passages), self._batch):
            some = passages[at : at + self._batch]
            with self._in_plain_words():
                self._collection.upsert(
                    ids=[passage.id for passage in some],
                    embeddings=cast(Any, vectors[at : at + self._batch]),
                    documents=[passage.text for passage in some],
                    metadatas=cast(Any, [to_row(passage) for passage in some]),
                )

    def relabel(self, passages: Sequence[Passage]) -> None:
        """Bring path, title and heading of kept rows up to date; their vectors stay."""
        for at in range(0, len(passages), self._batch):
            some = passages[at : at + self._batch]
            with self._in_plain_words():
                self._collection.update(
                    ids=[passage.id for passage in some],
                    metadatas=cast(Any, [to_row(passage) for passage in some]),
                )

    def delete(self, ids: Sequence[str]) -> None:
        """Forget these; an id that is not kept is nothing to worry about."""
        for at in range(0, len(ids), self._batch):
            with self._in_plain_words():
                self._collection.delete(ids=list(ids[at : at + self._batch]))

    def scrub(self) -> None:
        """Make the texts of deleted passages unreadable in Chroma's file (`scrub.py`).

        Searches wait meanwhile. It writes the file anew: as long as copying it takes, and for that
        long as much room again. `IndexBroken` or `NoRoom` where it fails; the passages are deleted
        all the same.

        A small collection's file of vectors is made anew, of memory as it is, when a process first
        queries it; so it is queried before, and not for the first time afterwards.
        """
        anything = np.ones(int(self._about["dimension"]), np.float32)  # type: ignore[call-overload]
        self.nearest(anything, k=1)
        script = Path(__file__).with_name("scrub.py")
        with self._gate.closed(), self._translated(Exception):
            # Chroma writes a file of so few vectors that it keeps them in its log when it first
            # looks at them, so it looks now: afterwards it would write forgotten words again.
            self._collection.get(ids=["-"], include=[])
            done = subprocess.run(
                [sys.executable, "-I", str(script), str(self.folder / CHROMA_FOLDER)],
                check=False,
                capture_output=True,
                text=True,
            )
            if done.returncode:
                raise OSError(done.stderr.strip() or f"exit code {done.returncode}")

    def count(self) -> int:
        """How many vectors are kept."""
        with self._in_plain_words():
            return int(self._collection.count())

    def ids(self) -> set[str]:
        """The id of every vector that is kept."""
        with self._in_plain_words():
            return set(self._collection.get(include=[])["ids"])

    def passages(self, ids: Sequence[str]) -> dict[str, Passage]:
        """The passages as the rows tell them; an id that is not kept is left out."""
        with self._in_plain_words():
            found = self._collection.get(ids=list(ids), include=["documents", "metadatas"])
        texts, rows = found["documents"] or [], found["metadatas"] or []
        return {
            name: from_row(text, cast(Row, row))
            for name, text, row in zip(found["ids"], texts, rows, strict=True)
        }

    def nearest(
        self, vector: NDArray[np.float32], *, k: int, among: Sequence[str] | None = None
    ) -> list[tuple[str, float]]:
        """The `k` passages nearest to a vector: (id, cosine), best first.

        `among` limits it to these ids; those without a vector are passed over.
        """
        if k < 1 or (among is not None and not among):
            return []
        with self._in_plain_words():
            if among is None:
                return self._query(vector, k)
            if len(among) <= _COMPARED:
                return self._nearest_compared(vector, k, list(dict.fromkeys(among)))
            if len(among) > _SCANNED:
                return self._nearest_widening(vector, k, frozenset(among))
            return self._nearest_of(vector, k, list(dict.fromkeys(among)))

    def _nearest_compared(
        self, vector: NDArray[np.float32], k: int, ids: list[str]
    ) -> list[tuple[str, float]]:
        """The exact way: fetch the vectors and compare each."""
        found = self._collection.get(ids=ids, include=["embeddings"])
        if not found["ids"]:
            return []
        cosines = (np.asarray(found["embeddings"]) @ vector).tolist()
        return sorted(zip(found["ids"], cosines, strict=True), key=lambda pair: -pair[1])[:k]

    def _nearest_of(
        self, vector: NDArray[np.float32], k: int, ids: list[str]
    ) -> list[tuple[str, float]]:
        try:
            return self._query(vector, k, ids)
        except ChromaError as error:
            if "finding id" not in str(error):
                raise
        kept = self._collection.get(ids=ids, include=[])["ids"]
        return self._query(vector, k, kept) if kept else []

    def _nearest_widening(
        self, vector: NDArray[np.float32], k: int, allowed: frozenset[str]
    ) -> list[tuple[str, float]]:
        kept = self._collection.count()
        reach = min(kept, 2 * k * max(1, kept // len(allowed)))
        while True:
            found = [hit for hit in self._query(vector, reach) if hit[0] in allowed]
            if len(found) >= k or reach >= kept:
                return found[:k]
            reach = min(kept, reach * 4)

    def _query(
        self, vector: NDArray[np.float32], k: int, ids: list[str] | None = None
    ) -> list[tuple[str, float]]:
        found = self._collection.query(
            query_embeddings=cast(Any, vector.reshape(1, -1)),
            n_results=k,
            ids=ids,
            include=["distances"],
        )
        distances = found["distances"]
        if not distances:
            return []
        pairs = zip(found["ids"][0], distances[0], strict=True)
        return [(name, 1.0 - float(distance)) for name, distance in pairs]

    def _broken(self, why: str) -> IndexBroken:
        return IndexBroken(
            f"{self.folder / CHROMA_FOLDER}: the vectors of this index cannot be used ({why}). "
            "They are derived from the corpus; make them again with: pincite ingest --rebuild"
        )

    @contextmanager
    def _in_plain_words(self, caught: type[Exception] = ChromaError) -> Iterator[None]:
        with self._gate.used(), self._translated(caught):
            yield

    @contextmanager
    def _translated(self, caught: type[Exception]) -> Iterator[None]:
        try:
            yield
        except PinciteError:
            raise
        except BaseException as error:  # a Rust panic is a BaseException of no importable class
            if not isinstance(error, caught | OSError) and type(error).__name__ != "PanicException":
                raise
            cause = _write_failure(self.folder)
            full = no_room(self.folder, error) or (cause and no_room(self.folder, cause))
            raise full or self._broken(str(error)) from error


class _Gate:
    """Lets any number of threads through, until somebody wants to be alone."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._inside, self._is_closed = 0, False

    @contextmanager
    def used(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._is_closed)
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    @contextmanager
    def closed(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._is_closed and not self._inside)
            self._is_closed = True
        try:
            yield
        finally:
            with self._changed:
                self._is_closed = False
                self._changed.notify_all()


def to_row(passage: Passage) -> Row:
    """A passage as Chroma keeps it beside its text: flat, with names that llama-index reads."""
    return {
        "document_id": passage.article_sha256,
        "path": passage.path,
        "title": passage.title,
        "heading": passage.heading,
        "node_info": json.dumps({"start": passage.chars.start, "end": passage.chars.end}),
        "byte_start": passage.bytes.start,
        "byte_end": passage.bytes.end,
        "sentences": spans_to_text(passage.sentences),
    }


def from_row(text: str, row: Row) -> Passage:
    """`to_row` back again."""
    chars = json.loads(str(row["node_info"]))
    return Passage(
        article_sha256=str(row["document_id"]),
        path=str(row["path"]),
        title=str(row["title"]),
        heading=str(row["heading"]),
        chars=Span(chars["start"], chars["end"]),
        bytes=Span(int(row["byte_start"]), int(row["byte_end"])),
        text=text,
        sentences=spans_from_text(str(row["sentences"])),
    )


def _write_failure(folder: Path) -> OSError | None:
    """What happens when the folder is written to: Chroma does not always say why it failed.

    The probe grows to a megabyte more than Chroma's file, so that it meets the same limits.
    """
    database = folder / CHROMA_FOLDER / "chroma.sqlite3"
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.seek(database.stat().st_size if database.exists() else 0)
            probe.write(bytes(1_000_000))
            probe.flush()
    except OSError as error:
        return error
    return None


def _open_client(folder: Path) -> ClientAPI:
    path = folder / CHROMA_FOLDER
    path.mkdir(parents=True, exist_ok=True)
    try:
        return chromadb.PersistentClient(path, settings=Settings(anonymized_telemetry=False))
    except BaseException:  # Chroma would keep the half-made client and hand it out the next time
        SharedSystemClient._identifier_to_system.pop(str(path), None)
        raise
