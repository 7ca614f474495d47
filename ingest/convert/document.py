"""Source, Document, Entry, Skipped: what goes into a conversion, and what comes out of one.

Left out: reading any format (a module each), and files of the corpus (`markdown.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

# What an article of a table has, and pairs of such a field with the name of its column.
FIELDS = ("text", "title", "authors", "published", "modified", "url", "publisher", "language")
Columns = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes of one thing to convert, and what is said of them by whoever brought them.

    `name` is a file name, or the last part of an address; `media_type` and `charset` are what HTTP
    or a mail claims (`text/html`, `windows-1251`), which may be wrong; `url` is where it came from.
    `columns` says which column of a table holds which field, where the usual names do not.
    """

    name: str
    data: bytes
    media_type: str | None = None
    charset: str | None = None
    url: str | None = None
    columns: Columns = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One article that was made from a source. `body` is Markdown, without front matter.

    Dates are ISO 8601 (`2021-11-30`, `2021-11`, `2021`); `language` is a code such as `en`. `part`
    says where in the source it was (an entry of a zip, a row, a message), None where it is all of
    it. `remarks` say what was lost or looked wrong, for the person who added it.
    """

    body: str
    title: str | None = None
    authors: tuple[str, ...] = ()
    publisher: str | None = None
    published: str | None = None
    modified: str | None = None
    url: str | None = None
    accessed: str | None = None
    language: str | None = None
    part: str | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A file inside a source: an entry of a zip, an attachment, an archived page.

    It is recognised and converted as if it had been a source; `accessed` is when it was fetched.
    """

    source: Source
    accessed: str | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A part of a source that could not be converted, and why; the other parts are."""

    part: str
    reason: str


def inside(name: str | None, part: str | None) -> str:
    """The name of a part of something that is named.

    >>> inside("week.zip", "monday.html"), inside("monday.html", None)
    ('week.zip: monday.html', 'monday.html')
    """
    return ": ".join(filter(None, (name, part)))
