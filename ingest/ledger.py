"""The ledger: what in the corpus came from where, what is followed, and what was taken away.

One SQLite file, `corpus/.originals/ledger.sqlite`. It knows what no article can say of itself: that
an address was asked and has not changed since, that a feed is followed, that a page was removed and
must not come back with its feed. Articles stay whole without it; if it is lost, sources that are
added again are compared with the files that are there.

Left out: fetching (`ingest/fetch`), and the index, which is made from the corpus alone.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

from ingest import originals
from ingest.clock import utc_now
from ingest.convert.document import Columns
from ingest.errors import CorpusMissing, no_room

NAME = "ledger.sqlite"
_MOST = 16  # articles of one source or address that are looked at
_WAIT = 30.0  # seconds for another process that is writing
_TABLES = """
CREATE TABLE IF NOT EXISTS made (
    path TEXT PRIMARY KEY, origin TEXT NOT NULL, part TEXT NOT NULL, url TEXT,
    file_sha256 TEXT NOT NULL, source_sha256 TEXT NOT NULL, accessed TEXT,
    columns TEXT NOT NULL DEFAULT '[]') WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS made_of ON made (origin, part);
CREATE INDEX IF NOT EXISTS made_at ON made (url);
CREATE INDEX IF NOT EXISTS made_as ON made (file_sha256);
CREATE INDEX IF NOT EXISTS made_from ON made (source_sha256, part);
CREATE TABLE IF NOT EXISTS also (origin TEXT PRIMARY KEY, path TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS also_of ON also (path);
CREATE TABLE IF NOT EXISTS fetched (
    url TEXT PRIMARY KEY, etag TEXT, last_modified TEXT, media_type TEXT, charset TEXT,
    source_sha256 TEXT NOT NULL, at TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS removed (url TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS feeds (
    url TEXT PRIMARY KEY, title TEXT, at TEXT NOT NULL, error TEXT) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Made:
    """One article file and what it was made from.

    `origin` is the address, or `file:` and the SHA-256 of the source's whole path, so that the
    corpus does not tell how folders of this machine are called; `part` is the place in the source,
    empty for all of it. Where a file was copied as it is, `source_sha256` is `file_sha256`.
    `columns` are those that were chosen where the source is a table.
    """

    path: str
    origin: str
    part: str
    url: str | None
    file_sha256: str
    source_sha256: str
    accessed: str | None = None
    columns: Columns = ()


@dataclass(frozen=True, slots=True)
class Said:
    """What a server said of a page that it gave, and the SHA-256 of the page.

    With `etag` and `last_modified` it is asked whether the page has changed since (RFC 9110).
    """

    etag: str | None
    last_modified: str | None
    media_type: str | None
    charset: str | None
    source_sha256: str


@dataclass(frozen=True, slots=True)
class FollowedFeed:
    """A feed that is followed: when it was read last, and what went wrong then, if anything did."""

    url: str
    title: str | None
    at: str
    error: str | None


class Ledger:
    """The ledger of one corpus; it is made with the first entry.

    Safe for several processes, and for several threads where each has its own.
    """

    def __init__(self, corpus: Path) -> None:
        self._corpus = corpus
        self._file = corpus / originals.FOLDER / NAME
        self._db: sqlite3.Connection | None = None

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back."""
        if self._db is not None:
            self._db.close()
            self._db = None

    # ---- articles --------------------------------------------------------------------------------

    def record(self, made: Made) -> None:
        """Remember what a file of the corpus was made from."""
        values = (
            made.path, made.origin, made.part, made.url,
            made.file_sha256, made.source_sha256, made.accessed, json.dumps(made.columns),
        )  # fmt: skip
        self._write(f"INSERT OR REPLACE INTO made VALUES ({_marks(values)})", *values)
        if made.url:
            self._write("DELETE FROM removed WHERE url = ?", made.url)

    def drop(self, path: str) -> None:
        """Forget what a file was made from that is not in the corpus any more."""
        self._write("DELETE FROM made WHERE path = ?", path)

    def made(self, path: str) -> Made | None:
        """What this file of the corpus was made from."""
        return self._one("path = ?", path)

    def of_origin(self, origin: str, part: str = "") -> Made | None:
        """What was made from this source before, whatever it held then."""
        return self._one("origin = ? AND part = ?", origin, part)

    def all_of_origin(self, origin: str, part: str = "") -> list[Made]:
        """All that was made from it: more than one where a file was edited by hand since."""
        return self._made("origin = ? AND part = ?", origin, part)

    def also(self, origin: str, path: str) -> None:
        """Remember that this address gave the text of an article that has another one."""
        self._write("INSERT OR REPLACE INTO also VALUES (?, ?)", origin, path)

    def of_address(self, address: str) -> Made | None:
        """The article that this address gave, be it another's, too (see `also`)."""
        there = "path = (SELECT path FROM also WHERE origin = ?)"
        return self.of_origin(address) or self._one(there, address)

    def by_url(self, url: str) -> Made | None:
        """The article of this address."""
        return self._one("url = ?", url)

    def all_by_url(self, url: str) -> list[Made]:
        """Articles that say that this is their address; 16 at most."""
        return self._made("url = ?", url)

    def with_bytes(self, sha256: str) -> Made | None:
        """The article whose file has these bytes."""
        return self._one("file_sha256 = ?", sha256)

    def from_source(self, sha256: str, part: str = "") -> Made | None:
        """The article that was made from these bytes."""
        return self._one("source_sha256 = ? AND part = ?", sha256, part)

    def columns(self, sha256: str) -> Columns:
        """The columns that were chosen when an article was made from these bytes."""
        chosen = "source_sha256 = ? AND columns != '[]'"
        return next((one.columns for one in self._made(chosen, sha256)), ())

    def all_made(self) -> list[Made]:
        """Every article that the ledger knows, by path."""
        return self._made_of("ORDER BY path")

    def forget(
        self, paths: Sequence[str], *, urls: Sequence[str] = (), remember: bool = True
    ) -> tuple[str, ...]:
        """Forget these articles, and delete originals that no other was made from; → the latter.

        With `remember` their addresses, and `urls`, count as taken away from now on: a followed
        feed does not bring them back.
        """
        gone: list[str] = []
        away = set(urls)
        for path in paths:
            made = self.made(path)
            if made is None:
                continue
            self._write("DELETE FROM made WHERE path = ?", path)
            self._write("DELETE FROM fetched WHERE source_sha256 = ?", made.source_sha256)
            others = self._rows("SELECT origin FROM also WHERE path = ?", path)
            self._write("DELETE FROM also WHERE path = ?", path)
            away |= {made.url or "", made.origin, *(other for (other,) in others)}
            sha256 = made.source_sha256
            used = self._rows("SELECT 1 FROM made WHERE source_sha256 = ? LIMIT 1", sha256)
            if not used and originals.remove(self._corpus, sha256):
                gone.append(sha256)
        for url in sorted(away) if remember else ():
            if url.startswith(("http://", "https://")):
                self._write("INSERT OR REPLACE INTO removed VALUES (?, ?)", url, utc_now())
        return tuple(gone)

    def removed(self, url: str) -> bool:
        """Whether the article of this address was taken away by its reader."""
        return bool(self._rows("SELECT 1 FROM removed WHERE url = ?", url))

    # ---- addresses -------------------------------------------------------------------------------

    def fetched(self, url: str, said: Said) -> None:
        """Remember what a server said of a page."""
        values = (url, *astuple(said), utc_now())
        self._write(f"INSERT OR REPLACE INTO fetched VALUES ({_marks(values)})", *values)

    def said(self, url: str) -> Said | None:
        """What the server said when this address was fetched last."""
        columns = ", ".join(one.name for one in fields(Said))
        rows = self._rows(f"SELECT {columns} FROM fetched WHERE url = ?", url)
        return Said(*rows[0]) if rows else None

    # ---- feeds -----------------------------------------------------------------------------------

    def follow(self, url: str, title: str | None = None, error: str | None = None) -> None:
        """Follow a feed from now on, or remember that it was read again."""
        values = (url, title, utc_now(), error)
        self._write(f"INSERT OR REPLACE INTO feeds VALUES ({_marks(values)})", *values)

    def unfollow(self, url: str) -> bool:
        """Follow it no more; → whether it was followed."""
        followed = bool(self._rows("SELECT 1 FROM feeds WHERE url = ?", url))
        self._write("DELETE FROM feeds WHERE url = ?", url)
        return followed

    def feeds(self) -> tuple[FollowedFeed, ...]:
        """The feeds that are followed, by address."""
        return tuple(FollowedFeed(*row) for row in self._rows("SELECT * FROM feeds ORDER BY url"))

    # ---- below -----------------------------------------------------------------------------------

    def _one(self, condition: str, *values: object) -> Made | None:
        return next(iter(self._made(condition, *values)), None)

    def _made(self, condition: str, *values: object) -> list[Made]:
        return self._made_of(f"WHERE {condition} ORDER BY path LIMIT {_MOST}", *values)

    def _made_of(self, which: str, *values: object) -> list[Made]:
        names = ", ".join(one.name for one in fields(Made))
        rows = self._rows(f"SELECT {names} FROM made {which}", *values)
        return [Made(*(*row[:-1], _pairs(row[-1]))) for row in rows]

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        if self._db is None and not self._file.exists():
            return []
        with self._in_plain_words():
            return self._opened().execute(sql, values).fetchall()

    def _write(self, sql: str, *values: object) -> None:
        with self._in_plain_words():
            self._opened().execute(sql, values)

    def _opened(self) -> sqlite3.Connection:
        if self._db is None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(
                self._file, timeout=_WAIT, isolation_level=None, check_same_thread=False
            )
            try:
                _use_write_ahead_log(db)
                db.execute("PRAGMA synchronous = NORMAL")
                db.execute("PRAGMA secure_delete = ON")
                db.executescript(_TABLES)
                _add_columns(db)
            except BaseException:
                db.close()
                raise
            self._db = db
        return self._db

    @contextmanager
    def _in_plain_words(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise no_room(self._corpus, error) or CorpusMissing(
                f"{self._file}: the ledger of this corpus cannot be read ({error}). Articles are "
                "not in it; put it aside, and a new one is made."
            ) from error


def _pairs(columns: str) -> Columns:
    return tuple((field, name) for field, name in json.loads(columns))


def _add_columns(db: sqlite3.Connection) -> None:
    """To a ledger of an older Pincite, which did not know of them."""
    if not db.execute("SELECT 1 FROM pragma_table_info('made') WHERE name = 'columns'").fetchall():
        with suppress(sqlite3.OperationalError):  # another process did so at this moment
            db.execute("ALTER TABLE made ADD COLUMN columns TEXT NOT NULL DEFAULT '[]'")


def _use_write_ahead_log(db: sqlite3.Connection) -> None:
    """SQLite does not wait here for another process that does the same at this moment, so we do."""
    started = time.monotonic()
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() - started > _WAIT:
                raise
            time.sleep(0.02)


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
