"""The catalog's tables, and filters as SQL.

Left out: running any of it (`catalog.py`).
"""

from __future__ import annotations

import json
import zlib

from index.search import Filters
from index.words import folded, terms, writable

_SCHEMA = 4  # one more whenever the tables or `split` change: an older index asks to be rebuilt
_WORDS = 20  # of a search, each one a look at every row
_PROBE = "The drones’ attacks cost $1,200.50; naïve STRASSE don't re-elect Zürich Київ 他来了北京"

# `words` keeps no copy of its text (the 'delete' command is given the same words again), and only
# splits at spaces: what `terms` calls a word is a word. Of equal bytes there is one article.
# `history` has a row for each time that a file came to hold a version; `until` is NULL while it
# does, and a time that is not known (of an index of an older Pincite) is ''.
TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE versions (sha256 TEXT PRIMARY KEY, path TEXT NOT NULL, data BLOB NOT NULL);
CREATE TABLE articles (
    sha256 TEXT PRIMARY KEY, path TEXT NOT NULL, title TEXT NOT NULL, authors TEXT NOT NULL,
    publisher TEXT, published TEXT, language TEXT, url TEXT, passages INTEGER NOT NULL,
    indexed TEXT NOT NULL, folded TEXT NOT NULL);
CREATE INDEX articles_by_path ON articles (path);
CREATE INDEX articles_by_title ON articles (title COLLATE NOCASE, path);
CREATE INDEX articles_by_publisher ON articles (publisher COLLATE NOCASE, path);
CREATE INDEX articles_by_published ON articles (published, path);
CREATE INDEX articles_by_language ON articles (language, path);
CREATE INDEX articles_by_passages ON articles (passages, path);
CREATE INDEX articles_by_indexed ON articles (indexed, path);
CREATE INDEX articles_by_url ON articles (url) WHERE url IS NOT NULL;
CREATE TABLE history (
    number INTEGER PRIMARY KEY, path TEXT NOT NULL, sha256 TEXT NOT NULL,
    since TEXT NOT NULL, until TEXT);
CREATE INDEX history_of_path ON history (path, number);
CREATE INDEX history_of_version ON history (sha256, path);
CREATE INDEX history_open ON history (path) WHERE until IS NULL;
CREATE TABLE paths (
    path TEXT PRIMARY KEY, sha256 TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL);
CREATE INDEX paths_of_article ON paths (sha256);
CREATE TABLE passages (
    rowid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL, heading TEXT NOT NULL,
    c0 INTEGER NOT NULL, c1 INTEGER NOT NULL, b0 INTEGER NOT NULL, b1 INTEGER NOT NULL,
    text TEXT NOT NULL, sentences TEXT NOT NULL);
CREATE INDEX passages_of_article ON passages (sha256, id);
CREATE VIRTUAL TABLE words USING fts5 (
    title, body, content = '', tokenize = "ascii tokenchars '.,_-'");
CREATE VIRTUAL TABLE vocabulary USING fts5vocab (words, row);
"""

PASSAGE = """
SELECT p.sha256, a.path, a.title, p.heading, p.c0, p.c1, p.b0, p.b1, p.text, p.sentences
FROM passages p JOIN articles a USING (sha256) """
LEXICAL = """
SELECT p.id, -w.rank FROM words w JOIN passages p ON p.rowid = w.rowid
WHERE w.words MATCH ? AND w.rank MATCH ? {only} ORDER BY w.rank LIMIT ?"""
HOLDING = """
SELECT p.id FROM words w JOIN passages p ON p.rowid = w.rowid WHERE w.words MATCH ? LIMIT ?"""
ROWIDS = "SELECT rowid FROM passages WHERE sha256 IN (SELECT sha256 FROM articles a"
_LISTED = "(SELECT value FROM json_each(?))"


def schema() -> str:
    """What a catalog must have been made with: the tables, and `terms` as it is now.

    Full text is deleted by giving the same words again, so other words would corrupt it silently.
    """
    return f"{_SCHEMA}-{zlib.crc32(' '.join(terms(_PROBE)).encode()):08x}"


def holding_words(search: str, column: str = "folded") -> tuple[str, list[str]]:
    """A condition, and its parameters: a column of folded text holds every word of `search`.

    Words are looked for wherever they stand, also inside others; 20 of them at most.

    >>> holding_words("Tides of Kallo")
    ('instr(folded, ?) AND instr(folded, ?) AND instr(folded, ?)', ['tides', 'of', 'kallo'])
    """
    words = folded(writable(search)).split()[:_WORDS]
    return " AND ".join([f"instr({column}, ?)"] * len(words)) or "1", words


def allowed(filters: Filters) -> tuple[str, list[object]]:
    """Filters → an SQL condition on `articles a` with its parameters; empty when all is allowed.

    Of two dates the shorter one says how much is compared: an article of 2021 may be of any day of
    that year, and `until="2021"` takes in all of it. An article without a date is in no range;
    with `undated`, in every one.
    """
    conditions: list[str] = []
    parameters: list[object] = []

    def add(condition: str, *values: object) -> None:
        conditions.append(condition)
        parameters.extend(values)

    if filters.publishers:
        add(f"a.publisher COLLATE NOCASE IN {_LISTED}", json.dumps(filters.publishers))
    if filters.languages:
        languages = [name.lower().split("-")[0] for name in filters.languages]
        add(f"a.language IN {_LISTED}", json.dumps(languages))
    also = "a.published IS NULL OR " if filters.undated else ""
    if filters.since:
        add(f"({also}a.published >= substr(?, 1, length(a.published)))", filters.since)
    if filters.until:
        add(
            f"({also}substr(a.published, 1, ?) <= substr(?, 1, length(a.published)))",
            len(filters.until),
            filters.until,
        )
    if filters.articles:
        add(
            "a.sha256 IN (SELECT f.sha256 FROM paths f JOIN json_each(?) j ON f.path = j.value"
            " OR (length(j.value) >= 16 AND substr(f.sha256, 1, length(j.value)) = j.value))",
            json.dumps(filters.articles),
        )
    return " AND ".join(conditions), parameters
