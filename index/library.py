"""What is in the library: a page of its articles, and the versions that a path has had.

The rows and the SQL; `Catalog.library` and `Catalog.history` run it.

Left out: what two versions differ in (`history.py`), and taking articles away (`removal.py`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from index.schema import allowed, holding_words
from index.search import Filters
from ingest.errors import BadQuestion

MOST_ROWS = 1_000  # of a page
_LAST = 2**31 - 1  # SQLite takes no offset beyond 64 bits
COLUMNS = "sha256, path, title, authors, publisher, published, language, url, passages"
# Each has an index, so that a page is not sorted out of all articles.
SORTS = {
    "path": "a.path",
    "title": "a.title COLLATE NOCASE",
    "publisher": "a.publisher COLLATE NOCASE",
    "published": "a.published",
    "language": "a.language",
    "passages": "a.passages",
    "indexed": "a.indexed",
}


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """An article of the current corpus, without its text; `path` is the first of its files."""

    sha256: str
    path: str
    title: str
    authors: tuple[str, ...]
    publisher: str | None
    published: str | None
    language: str | None
    url: str | None
    passages: int

    @classmethod
    def of(cls, row: Sequence[Any]) -> Self:
        """The values of `COLUMNS`, and of what a subclass adds, in their order."""
        sha256, path, title, authors, *rest = row
        return cls(sha256, path, title, tuple(json.loads(authors)), *rest)


@dataclass(frozen=True, slots=True)
class LibraryRow(ArticleRow):
    """An article with when it was first indexed as it is now: ISO 8601, UTC, to the second.

    An article of an index that an older Pincite made has the time of its first ingest by this one.
    """

    indexed: str

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "authors": list(self.authors)}


@dataclass(frozen=True, slots=True)
class Version:
    """A version that a path has had, from `since` until `until`, as ingests found it.

    `current` where the path holds it now. Times are ISO 8601, UTC, to the second; None where they
    are not known, and `until` is None for the current one. `kept`: whether its bytes can be read.
    """

    sha256: str
    since: str | None
    until: str | None
    current: bool
    kept: bool

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


HISTORY = """
SELECT h.sha256, h.since, h.until, v.sha256 IS NOT NULL FROM history h
LEFT JOIN versions v USING (sha256) WHERE h.path = ? ORDER BY h.number DESC"""


def version(row: Sequence[Any]) -> Version:
    """A row of `HISTORY`."""
    sha256, since, until, kept = row
    return Version(sha256, since or None, until or None, until is None, bool(kept))


def page(
    filters: Filters, search: str, sort: str, *, descending: bool, limit: int, offset: int
) -> tuple[tuple[str, list[object]], tuple[str, list[object]]]:
    """SQL with its parameters for how many there are, and for one page of `LibraryRow`s.

    `BadQuestion` where there is no such order, or no such page.
    """
    if sort not in SORTS:
        raise BadQuestion(f"Articles are not sorted by {sort[:40]!r}, but by {', '.join(SORTS)}.")
    if not 1 <= limit <= MOST_ROWS or not 0 <= offset <= _LAST:
        raise BadQuestion(f"A page has 1 to {MOST_ROWS:,} articles, and begins at 0 or later.")
    where, parameters = allowed(filters)
    words, wanted = holding_words(search, "a.folded")
    condition = f"({where or 1}) AND {words}"
    values = [*parameters, *wanted]
    way = "DESC" if descending else "ASC"
    order = SORTS[sort] + (f" {way}, a.path {way}" if sort != "path" else f" {way}")
    select = f"SELECT {COLUMNS}, indexed FROM articles a WHERE {condition} ORDER BY {order}"
    count = f"SELECT count(*) FROM articles a WHERE {condition}"
    return (count, values), (f"{select} LIMIT ? OFFSET ?", [*values, limit, offset])
