"""The answers that were given, kept under the hash of what they say. One SQLite file.

Records are the one thing in an index folder, beside the versions of articles, that cannot be made
again from the corpus: no rebuild touches their file, and a crash or a power cut loses none that was
put. When an answer was asked is kept beside it, so that the same answer is the same record.

Left out: what a record holds, and whether it still holds (`answer/record/`, `answer/verify/`).
"""

from __future__ import annotations

import re
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any, Protocol

from index.schema import holding_words
from index.sqlite import all_or_nothing, in_plain_words
from index.words import folded, writable
from ingest.clock import utc_now
from ingest.errors import BadQuestion, BadRecord, IndexBroken

RECORDS_FILE = "records.sqlite3"
_SCHEMA = 1
_PREFIX = re.compile(r"[0-9a-f]{8,64}")
_MOST_ROWS = 2**31 - 1  # SQLite takes no number of rows beyond 64 bits
# An answer waits for its record, which takes 0.4 ms (decision 0013): a lock that lasts for seconds
# is no other record's, and nobody knows when it ends.
_PATIENCE = 2.0  # seconds

_TABLES = """
CREATE TABLE records (
    rowid INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, content BLOB NOT NULL,
    question TEXT NOT NULL, folded TEXT NOT NULL, outcome TEXT NOT NULL,
    first_asked TEXT NOT NULL, last_asked TEXT NOT NULL, asked INTEGER NOT NULL);
CREATE INDEX records_by_time ON records (last_asked, rowid);
CREATE TABLE cited (
    hash TEXT NOT NULL, sha256 TEXT NOT NULL, path TEXT NOT NULL,
    PRIMARY KEY (hash, sha256, path)) WITHOUT ROWID;
CREATE INDEX cited_versions ON cited (sha256, hash);
CREATE INDEX cited_paths ON cited (path, hash)"""
_ROW = "SELECT hash, question, outcome, first_asked, last_asked, asked FROM records "
_NEWEST_FIRST = "ORDER BY last_asked DESC, rowid DESC LIMIT ?"
_KEEP = """
INSERT INTO records (hash, content, question, folded, outcome, first_asked, last_asked, asked)
VALUES (?, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT (hash) DO UPDATE SET
    content = excluded.content, last_asked = max(last_asked, excluded.last_asked), asked = asked + 1
"""
_CITING = (
    "hash IN (SELECT hash FROM cited WHERE path = ? UNION SELECT hash FROM cited WHERE sha256 = ?) "
)


class Keepable(Protocol):
    """What a record says of itself to be kept; `answer.record.Record` does."""

    @property
    def hash(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def question(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def cited(self) -> Iterable[tuple[str, str]]:
        """(sha256, path) of every article that it cites."""


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A kept record without its content; times are ISO 8601, UTC, to the second."""

    hash: str
    question: str
    outcome: str
    first_asked: str
    last_asked: str
    asked: int

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


class RecordStore:
    """The records of one index folder; usable from any thread.

    `IndexBroken` where the file cannot be read or is of another version, `NoRoom` where the folder
    may not be written, `IndexBusy` where another process keeps it locked for about two seconds.
    Answering needs no record: who asks may go on without.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder / RECORDS_FILE
        self._one_at_a_time = RLock()
        with self._in_plain_words():
            folder.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(
                self.file, check_same_thread=False, isolation_level=None, timeout=_PATIENCE
            )
            try:
                self._open()
            except BaseException:
                self._db.close()
                raise

    def _open(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")  # a permalink that was shown must last
        with self._transaction():
            if not self._db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
                for statement in _TABLES.strip().split(";\n"):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {_SCHEMA}")
        found = self._db.execute("PRAGMA user_version").fetchone()[0]
        if found != _SCHEMA:
            raise self._broken(f"it is of version {found}, and this Pincite knows {_SCHEMA}")

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        with self._one_at_a_time:
            self._db.close()

    def put(self, record: Keepable, *, now: str | None = None) -> bool:
        """Keep a record, or count it as asked once more; → whether it is a new one.

        The content is written each time, so that one that was damaged is whole again. `now` is
        when it was asked (ISO 8601, UTC, to the second); the clock's time by default.
        """
        now = now or utc_now()
        with self._transaction():
            is_new = not self._rows("SELECT 1 FROM records WHERE hash = ?", record.hash)
            content = zlib.compress(record.text.encode("utf-8"))
            about = (record.question, folded(record.question), record.outcome, now, now)
            self._db.execute(_KEEP, (record.hash, content, *about))
            cited = [(record.hash, sha256, path) for sha256, path in record.cited]
            self._db.executemany("INSERT OR IGNORE INTO cited VALUES (?, ?, ?)", cited)
            return is_new

    def get(self, name: str) -> RecordRow | None:
        """The record of this hash, or of its first 8 characters or more; None for an unknown one.

        `BadQuestion` where several records' hashes begin like that.
        """
        if not _PREFIX.fullmatch(name):
            return None
        rows = self._rows(_ROW + "WHERE hash BETWEEN ? AND ? LIMIT 2", name, name + "g")
        if len(rows) > 1:
            raise BadQuestion(f"Several records begin with {name}. Write more of the hash.")
        return RecordRow(*rows[0]) if rows else None

    def read(self, name: str) -> str | None:
        """A record's JSON as it was put, for `answer.record.read_record`; None for an unknown one.

        `name` as in `get`. `BadRecord` where this one is damaged; the others can be read.
        """
        row = self.get(name)
        if row is None:
            return None
        ((content,),) = self._rows("SELECT content FROM records WHERE hash = ?", row.hash)
        try:
            return zlib.decompress(content).decode("utf-8")
        except (zlib.error, UnicodeDecodeError, TypeError) as error:  # TypeError: it is no blob
            raise BadRecord(
                f"The answer that is kept under {row.hash[:12]} is damaged ({error}). Asking "
                f"“{row.question}” again keeps it anew, where the corpus is the same."
            ) from error

    def newest(self, *, search: str = "", limit: int = 50) -> list[RecordRow]:
        """Records, the one asked last first; `search`: words that the question holds, any case."""
        where, words = holding_words(search)
        return self._records(where, *words, limit=limit)

    def citing(
        self, *, path: str | None = None, sha256: str | None = None, limit: int = 50
    ) -> list[RecordRow]:
        """Records that cite any version under this path, or these bytes under any path."""
        return self._records(_CITING, writable(path or ""), writable(sha256 or ""), limit=limit)

    def hashes(self) -> list[str]:
        """The hash of every record, in the order in which they were first put."""
        return [row[0] for row in self._rows("SELECT hash FROM records ORDER BY rowid")]

    # ---- below ---------------------------------------------------------------------------------

    def _records(self, where: str, *parameters: str, limit: int) -> list[RecordRow]:
        rows = min(max(limit, 0), _MOST_ROWS)
        sql = f"{_ROW} WHERE {where} {_NEWEST_FIRST}"
        return [RecordRow(*row) for row in self._rows(sql, *parameters, rows)]

    def _rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        with self._in_plain_words(), self._one_at_a_time:
            return self._db.execute(sql, parameters).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All of it or nothing, also when interrupted."""
        with self._in_plain_words(), self._one_at_a_time, all_or_nothing(self._db):
            yield

    def _broken(self, why: str) -> IndexBroken:
        return IndexBroken(
            f"{self.file}: the kept answers cannot be read ({why}). Questions are still answered, "
            "but not kept. Put a copy of the file back, or move it away with its -wal and -shm "
            "files, and a new one is begun."
        )

    def _in_plain_words(self) -> AbstractContextManager[None]:
        return in_plain_words(self.file, self._broken)
