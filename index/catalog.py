"""What is indexed: articles, every version of them, passages, and full text. One SQLite file.

Full text and catalog share a database, so they cannot disagree. Versions are never deleted: an old
answer can be checked against exactly the bytes that it cited. Everything else is derived from the
corpus and can be rebuilt.

Left out: vectors (`vectors.py`), and when anything is written (`build.py`).
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import RLock, get_ident
from typing import Any, Literal, NamedTuple

from index.library import COLUMNS, HISTORY, ArticleRow, LibraryRow, Version, page, version
from index.schema import HOLDING, LEXICAL, PASSAGE, ROWIDS, TABLES, allowed, schema
from index.search import Filters
from index.sqlite import all_or_nothing, in_plain_words
from index.words import folded, terms, writable
from ingest.article import Article, Passage, Span, spans_from_text, spans_to_text
from ingest.clock import utc_now
from ingest.errors import IndexBroken
from ingest.read import decode_article

CATALOG_FILE = "catalog.sqlite3"
_LARGE = 300_000  # packed bytes of an article, about a megabyte of text, that is not kept decoded


class KnownFile(NamedTuple):
    """A file of the corpus as it was when it was last read."""

    sha256: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Facets:
    """What filters can be set to: names with counts of articles, most frequent first."""

    publishers: tuple[tuple[str, int], ...]
    languages: tuple[tuple[str, int], ...]
    first: str | None
    last: str | None


class Catalog:
    """The catalog of one index folder; usable from any thread. `clock` says when things happen.

    `IndexBroken` where the file cannot be read or has another schema, `NoRoom` where the folder may
    not be written. Writes happen inside `with catalog.transaction():`.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], str] = utc_now) -> None:
        self.folder, self._clock = folder, clock
        self._writing, self._reading = RLock(), RLock()
        self._writer: int | None = None  # the thread inside a transaction
        with self._in_plain_words():
            folder.mkdir(parents=True, exist_ok=True)
            self._db = self._connect()
            try:
                self._open()
                self._reader = self._connect()
                self._reader.execute("PRAGMA query_only = ON")
            except BaseException:
                self._db.close()
                raise
        self._kept_ids = lru_cache(maxsize=8)(self._ids)
        self._decoded = lru_cache(maxsize=16)(self._decode)
        self._kept_state = lru_cache(maxsize=1)(self._state)

    def _connect(self) -> sqlite3.Connection:
        file = self.folder / CATALOG_FILE
        return sqlite3.connect(file, check_same_thread=False, isolation_level=None, timeout=30)

    def _open(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("BEGIN IMMEDIATE")  # also says at once whether the folder can be written
        if not self._db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            for statement in TABLES.strip().split(";\n"):
                self._db.execute(statement)
            self._db.execute("INSERT INTO meta VALUES ('schema', ?)", (schema(),))
        self._db.execute("COMMIT")
        found = self._db.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone()
        if found is None or found[0] != schema():
            raise self._broken("it was made by another version of Pincite")

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        with self._writing, self._reading:
            self._reader.close()
            self._db.close()

    def get(self, name: str) -> str | None:
        """A value of the index itself, such as the embedder that built it."""
        rows = self._rows("SELECT value FROM meta WHERE name = ?", name)
        return str(rows[0][0]) if rows else None

    def set(self, name: str, value: str | None) -> None:
        """Keep a value of the index itself; None forgets it."""
        with self.transaction():
            self._db.execute("DELETE FROM meta WHERE name = ?", (name,))
            if value is not None:
                self._db.execute("INSERT INTO meta VALUES (?, ?)", (name, value))

    # ---- writing -------------------------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing, also when interrupted; one inside another joins it."""
        with self._writing, self._in_plain_words():
            if self._writer is not None:
                yield
                return
            with all_or_nothing(self._db):
                self._writer = get_ident()
                try:
                    yield
                finally:
                    self._writer = None

    def keep_version(self, sha256: str, path: str, data: bytes) -> None:
        """Keep a version, for answers that cite it, whether or not it is indexed."""
        with self.transaction():
            self._db.execute(
                "INSERT OR IGNORE INTO versions VALUES (?, ?, ?)",
                (sha256, path, zlib.compress(data)),
            )

    def put(self, article: Article, data: bytes, passages: Sequence[Passage]) -> None:
        """Index an article, in place of what was indexed for the same bytes."""
        with self.transaction():
            since = self._indexed_since(article.sha256)
            self._drop(article.sha256)
            self.keep_version(article.sha256, article.path, data)
            authors = json.dumps(article.authors, ensure_ascii=False)
            about = (article.publisher, article.published, article.language, article.url)
            found = (len(passages), since, _folded(article))
            self._db.execute(
                "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (article.sha256, article.path, article.title, authors, *about, *found),
            )
            for passage in passages:
                self._put_passage(passage)

    def place(self, path: str, sha256: str, size: int, mtime_ns: int) -> list[str]:
        """Say which bytes a file holds now; → ids of passages that are in no file any more."""
        with self.transaction():
            before = self._rows("SELECT sha256 FROM paths WHERE path = ?", path)
            self._db.execute(
                "INSERT OR REPLACE INTO paths VALUES (?, ?, ?, ?)", (path, sha256, size, mtime_ns)
            )
            self._note_version(path, sha256)
            return self._drop_unplaced(before[0][0]) if before else []

    def remove_path(self, path: str) -> list[str]:
        """Forget a file; → ids of passages that are in no file any more. Its version is kept."""
        with self.transaction():
            before = self._rows("SELECT sha256 FROM paths WHERE path = ?", path)
            self._db.execute("DELETE FROM paths WHERE path = ?", (path,))
            self._end_versions([path])
            return self._drop_unplaced(before[0][0]) if before else []

    def keep_history(self, path: str, sha256: str, since: str, until: str | None) -> None:
        """Keep what another catalog knew: that a path held a version. '' is a time not known."""
        with self.transaction():
            self._db.execute(
                "INSERT INTO history (path, sha256, since, until) VALUES (?, ?, ?, ?)",
                (path, sha256, since, until),
            )

    def forget(self, paths: Sequence[str], versions: Sequence[str]) -> None:
        """Forget that these paths were ever there, and these versions wherever they were.

        None of them may be in the corpus any more. What was forgotten can still be found in the
        files of the index until `scrub`.
        """
        with self.transaction():
            for name, column, values in (
                ("history", "path", paths),
                ("history", "sha256", versions),
                ("versions", "sha256", versions),
            ):
                some, wanted = _among(column, values)
                self._db.execute(f"DELETE FROM {name} WHERE {some}", wanted)

    def scrub(self) -> None:
        """Make what was deleted unreadable in the file itself, by writing it anew.

        Reads wait meanwhile; it takes as long as copying the file, and that much room again.
        """
        with self._writing, self._in_plain_words():
            self._db.execute("INSERT INTO words (words) VALUES ('optimize')")
            self._db.execute("VACUUM")
            with self._reading:  # else its log could not be emptied
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def end_history(self) -> None:
        """Say of versions that are kept as current that they are not, where no file holds them.

        Only an index that was begun anew has any: it does not know the corpus yet.
        """
        gone = self._rows(
            "SELECT path FROM history h WHERE until IS NULL "
            "AND NOT EXISTS (SELECT 1 FROM paths f WHERE f.path = h.path)"
        )
        if gone:
            with self.transaction():
                self._end_versions([path for (path,) in gone])

    def _note_version(self, path: str, sha256: str) -> None:
        """Begin an entry of the history, unless the one that is open says the same."""
        held = self._rows("SELECT sha256 FROM history WHERE path = ? AND until IS NULL", path)
        if held == [(sha256,)]:
            return
        self._end_versions([path])
        self.keep_history(path, sha256, self._clock(), None)

    def _end_versions(self, paths: Sequence[str]) -> None:
        now = self._clock()
        self._db.executemany(
            "UPDATE history SET until = ? WHERE path = ? AND until IS NULL",
            [(now, path) for path in paths],
        )

    def _indexed_since(self, sha256: str) -> str:
        """Since when these bytes are in the corpus: now, where they have just come."""
        rows = self._rows("SELECT indexed FROM articles WHERE sha256 = ?", sha256) or self._rows(
            "SELECT min(since) FROM history WHERE sha256 = ? AND until IS NULL AND since != ''",
            sha256,
        )
        return (rows[0][0] if rows else None) or self._clock()

    def _put_passage(self, passage: Passage) -> None:
        chars, octets = passage.chars, passage.bytes
        places = (chars.start, chars.end, octets.start, octets.end)
        sentences = spans_to_text(passage.sentences)
        row = self._db.execute(
            "INSERT INTO passages (id, sha256, heading, c0, c1, b0, b1, text, sentences) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING rowid",
            (passage.id, passage.article_sha256, passage.heading, *places, passage.text, sentences),
        ).fetchone()
        words = _words(passage.title, passage.heading, passage.text)
        self._db.execute("INSERT INTO words (rowid, title, body) VALUES (?, ?, ?)", (*row, *words))

    def _drop_unplaced(self, sha256: str) -> list[str]:
        if self._rows("SELECT 1 FROM paths WHERE sha256 = ?", sha256):
            return []
        return self._drop(sha256)

    def _drop(self, sha256: str) -> list[str]:
        rows = self._rows(
            "SELECT p.rowid, p.id, a.title, p.heading, p.text "
            "FROM passages p JOIN articles a USING (sha256) WHERE sha256 = ?",
            sha256,
        )
        for rowid, _, *source in rows:
            self._db.execute(
                "INSERT INTO words (words, rowid, title, body) VALUES ('delete', ?, ?, ?)",
                (rowid, *_words(*source)),
            )
        self._db.execute("DELETE FROM passages WHERE sha256 = ?", (sha256,))
        self._db.execute("DELETE FROM articles WHERE sha256 = ?", (sha256,))
        return [row[1] for row in rows]

    # ---- reading -------------------------------------------------------------------------------

    def known(self, paths: Sequence[str] | None = None) -> dict[str, KnownFile]:
        """Path → what the file was when it was last read; only of these paths, if any are given."""
        some, wanted = _among("path", paths)
        rows = self._rows(f"SELECT path, sha256, size, mtime_ns FROM paths WHERE {some}", *wanted)
        return {path: KnownFile(*rest) for path, *rest in rows}

    def paths_of(self, sha256: str) -> tuple[str, ...]:
        """The files that hold these bytes now, in order."""
        rows = self._rows("SELECT path FROM paths WHERE sha256 = ? ORDER BY path", sha256)
        return tuple(row[0] for row in rows)

    def paths_where(self, column: Literal["publisher", "url"], value: str) -> tuple[str, ...]:
        """The files of articles of this publisher (any case), or of this address, in order."""
        rows = self._rows(
            "SELECT f.path FROM articles a JOIN paths f USING (sha256) "
            f"WHERE a.{column} = ? {'COLLATE NOCASE' if column == 'publisher' else ''} "
            "ORDER BY f.path",
            writable(value),
        )
        return tuple(row[0] for row in rows)

    def row(self, sha256: str) -> ArticleRow | None:
        """The article of these bytes, if they are in the corpus now."""
        rows = self._rows(f"SELECT {COLUMNS} FROM articles WHERE sha256 = ?", sha256)
        return ArticleRow.of(rows[0]) if rows else None

    def misnamed(self, sha256s: Sequence[str] | None = None) -> list[tuple[str, str]]:
        """Articles (all, or of these) not shown under their first path: (sha256, first path)."""
        some, wanted = _among("a.sha256", sha256s)
        return self._rows(
            "SELECT a.sha256, min(f.path) FROM articles a JOIN paths f USING (sha256) "
            f"WHERE {some} GROUP BY a.sha256 HAVING min(f.path) != a.path",
            *wanted,
        )

    def history(self, path: str) -> tuple[Version, ...]:
        """The versions that a path has had, newest first; none for a path never indexed."""
        return tuple(version(row) for row in self._rows(HISTORY, writable(path)))

    def library(
        self,
        *,
        search: str = "",
        publisher: str | None = None,
        since: str | None = None,
        until: str | None = None,
        language: str | None = None,
        sort: str = "path",
        descending: bool = False,
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[int, tuple[LibraryRow, ...]]:
        """How many articles there are, and one page of them.

        Filters are those of `Filters`, `search` words that title, authors, publisher or path
        hold, any case. `sort` is one of `index.library.SORTS`; articles without it come first, or
        last if `descending`. `BadQuestion` for another order, or a page that cannot be.
        """
        filters = Filters(_one(publisher), since, until, _one(language))
        count, select = page(
            filters, search, sort, descending=descending, limit=limit, offset=offset
        )
        total = int(self._rows(count[0], *count[1])[0][0])
        return total, tuple(LibraryRow.of(row) for row in self._rows(select[0], *select[1]))

    def passages(self, ids: Sequence[str]) -> dict[str, Passage]:
        """Passages by id; an id that is not indexed is left out."""
        wanted = json.dumps(list(ids))
        rows = self._rows(PASSAGE + "WHERE p.id IN (SELECT value FROM json_each(?))", wanted)
        return {passage.id: passage for passage in map(_passage, rows)}

    def passages_of(self, sha256: str) -> list[Passage]:
        """The passages of a current article, in reading order."""
        return [_passage(r) for r in self._rows(PASSAGE + "WHERE sha256 = ? ORDER BY c0", sha256)]

    def lexical(
        self,
        words: Sequence[str],
        *,
        limit: int,
        filters: Filters = Filters(),
        title_weight: float = 0.5,
        body_weight: float = 1.0,
    ) -> list[tuple[str, float]]:
        """Passages that hold any of the words: (id, BM25 score above zero), best first."""
        plain = [word for word in dict.fromkeys(words) if word.isprintable() and '"' not in word]
        query = " OR ".join(f'"{word}"' for word in plain)
        if not query or limit < 1:
            return []
        where, parameters = allowed(filters)
        # The + keeps SQLite from looking the allowed rows up in the full text one by one.
        only = f"AND +w.rowid IN ({ROWIDS} WHERE {where}))" if where else ""
        rank = f"bm25({title_weight:f}, {body_weight:f})"
        rows = self._rows(LEXICAL.format(only=only), query, rank, *parameters, limit)
        return [(name, score) for name, score in rows if score > 0]

    def holding(self, phrase: Sequence[str], *, limit: int) -> list[str]:
        """Passages that hold these words one behind the other (text, or title and heading): ids.

        In the order in which they were indexed. Full text keeps no typography: whether a passage
        has the words as they were written is for the caller to see.
        """
        words = [word for word in phrase if word.isprintable() and '"' not in word]
        if not words or limit < 1:
            return []
        return [row[0] for row in self._rows(HOLDING, f'"{" ".join(words)}"', limit)]

    def document_frequencies(self, words: Sequence[str]) -> dict[str, int]:
        """In how many passages each word occurs (text, title or heading); 0 where in none."""
        found = self._rows(
            "SELECT term, doc FROM vocabulary WHERE term IN (SELECT value FROM json_each(?))",
            json.dumps(list(words)),
        )
        return dict.fromkeys(words, 0) | dict(found)

    def count(self, filters: Filters = Filters()) -> int:
        """How many passages the filters allow."""
        where, parameters = allowed(filters)
        sql = f"SELECT coalesce(sum(passages), 0) FROM articles a WHERE {where or 1}"
        return int(self._rows(sql, *parameters)[0][0])

    def ids(self, filters: Filters = Filters()) -> tuple[str, ...]:
        """The ids of the passages that the filters allow; a filter's are kept until a write."""
        if not filters or self._writer == get_ident():
            return self._ids(filters)
        return self._kept_ids(filters, self._rows("PRAGMA data_version")[0][0])

    def _ids(self, filters: Filters, version: int = 0) -> tuple[str, ...]:
        """`version` is what they are kept by: another one after every write."""
        where, parameters = allowed(filters)
        sql = (
            f"SELECT id FROM passages WHERE sha256 IN (SELECT sha256 FROM articles a WHERE {where})"
        )
        rows = self._rows(sql if where else "SELECT id FROM passages", *parameters)
        return tuple(row[0] for row in rows)

    def article(self, sha256: str) -> Article | None:
        """Any version that was ever indexed, by its sha256 or the first 16 characters or more."""
        if not re.fullmatch(r"[0-9a-f]{16,64}", sha256):
            return None
        rows = self._rows(
            "SELECT v.sha256, coalesce(a.path, v.path), length(v.data) FROM versions v "
            "LEFT JOIN articles a USING (sha256) WHERE v.sha256 BETWEEN ? AND ? LIMIT 1",
            *(sha256, sha256 + "g"),
        )
        if not rows:
            return None
        name, path, size = rows[0]
        return self._decode(name, path) if size > _LARGE else self._decoded(name, path)

    def _decode(self, sha256: str, path: str) -> Article:
        return decode_article(path, self.version(sha256) or b"")

    def has_article(self, sha256: str) -> bool:
        """Whether these bytes are in the current corpus."""
        return bool(self._rows("SELECT 1 FROM articles WHERE sha256 = ?", sha256))

    def versions(self) -> list[str]:
        """The sha256 of every version that was ever indexed."""
        return [row[0] for row in self._rows("SELECT sha256 FROM versions ORDER BY sha256")]

    def version(self, sha256: str) -> bytes | None:
        """The bytes of a version that was ever indexed."""
        with self._in_plain_words():
            rows = self._rows("SELECT data FROM versions WHERE sha256 = ?", sha256)
            return zlib.decompress(rows[0][0]) if rows else None

    def articles(self) -> tuple[ArticleRow, ...]:
        """The articles of the current corpus, by path."""
        rows = self._rows(f"SELECT {COLUMNS} FROM articles ORDER BY path")
        return tuple(ArticleRow.of(row) for row in rows)

    def question_headings(self, limit: int) -> tuple[str, ...]:
        """Headings that are questions, of different articles first."""
        rows = self._rows(
            "SELECT heading FROM (SELECT heading, sha256, min(rowid) AS first, "
            "row_number() OVER (PARTITION BY sha256 ORDER BY min(rowid)) AS nth "
            "FROM passages WHERE heading LIKE '%?' GROUP BY sha256, heading) "
            "ORDER BY nth, first LIMIT ?",
            limit,
        )
        return tuple(str(row[0]) for row in rows)

    def newest_titles(self, limit: int) -> tuple[str, ...]:
        """The titles of the articles published last."""
        rows = self._rows("SELECT title FROM articles ORDER BY published DESC, path LIMIT ?", limit)
        return tuple(str(row[0]) for row in rows)

    def coverage(self, filters: Filters = Filters()) -> tuple[int, int, str | None, str | None]:
        """(articles, passages, first date, last date) that the filters allow."""
        where, parameters = allowed(filters)
        counted = self._rows(
            "SELECT count(*), coalesce(sum(passages), 0), min(published), max(published) "
            f"FROM articles a WHERE {where or 1}",
            *parameters,
        )
        articles, passages, first, last = counted[0]
        return articles, passages, first, last

    def state(self) -> str:
        """The current corpus's name: SHA-256 over the sorted sha256 of its articles, one a line.

        The same bytes under other names are the same state; it is kept until the next write.
        """
        if self._writer == get_ident():
            return self._state()
        return self._kept_state(self._rows("PRAGMA data_version")[0][0])

    def _state(self, version: int = 0) -> str:
        """`version` is what it is kept by: another one after every write."""
        rows = self._rows("SELECT sha256 FROM articles ORDER BY sha256")
        return hashlib.sha256("".join(f"{row[0]}\n" for row in rows).encode()).hexdigest()

    def facets(self) -> Facets:
        """What the current corpus can be filtered by."""
        _, _, first, last = self.coverage()
        return Facets(self._counted("publisher"), self._counted("language"), first, last)

    def _counted(self, column: str) -> tuple[tuple[str, int], ...]:
        return tuple(
            self._rows(
                f"SELECT {column}, count(*) FROM articles WHERE {column} IS NOT NULL "
                f"GROUP BY {column} ORDER BY count(*) DESC, {column}"
            )
        )

    # ---- below ---------------------------------------------------------------------------------

    def _rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Read beside a writer in another thread, or what this thread is writing."""
        with self._in_plain_words():
            if self._writer == get_ident():
                return self._db.execute(sql, parameters).fetchall()
            with self._reading:
                return self._reader.execute(sql, parameters).fetchall()

    def _broken(self, why: str) -> IndexBroken:
        return IndexBroken(
            f"{self.folder}: the catalog of this index cannot be used ({why}). "
            "It is derived from the corpus; make it again with: pincite ingest --rebuild"
        )

    def _in_plain_words(self) -> AbstractContextManager[None]:
        return in_plain_words(self.folder, self._broken)


def _words(title: str, heading: str, text: str) -> tuple[str, str]:
    return " ".join(terms(f"{title} {heading}")), " ".join(terms(text))


def _one(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def _among(column: str, values: Sequence[str] | None) -> tuple[str, tuple[str, ...]]:
    """A condition, and its parameters: a column has one of these values; None allows any."""
    if values is None:
        return "1", ()
    return f"{column} IN (SELECT value FROM json_each(?))", (json.dumps(list(values)),)


def _folded(article: Article) -> str:
    """What the library looks for words in."""
    about = (article.title, *article.authors, article.publisher or "", article.path)
    return folded("\n".join(about))


def _passage(row: Sequence[Any]) -> Passage:
    sha256, path, title, heading, c0, c1, b0, b1, text, sentences = row
    chars, octets = Span(c0, c1), Span(b0, b1)
    return Passage(sha256, path, title, heading, chars, octets, text, spans_from_text(sentences))
