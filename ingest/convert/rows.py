"""A row of a table, by the names of its columns → an article.

Left out: reading tables (`table.py`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from ingest.convert.dates import iso
from ingest.convert.document import Columns, Document, Skipped
from ingest.convert.language import declared
from ingest.convert.markdown import clean, one_line
from ingest.convert.markup import html_to_markdown
from ingest.convert.prose import paragraphs

# Names without case, spaces and punctuation; the first that is there is taken. Those of
# schema.org's NewsArticle and of JSON Feed 1.1 are among them.
_COLUMNS = {
    "text": (
        "text", "body", "content", "article", "articlebody", "articletext", "fulltext", "maintext",
        "contenttext", "contenthtml", "bodyhtml", "bodytext", "html",
    ),
    "title": ("title", "headline"),
    "authors": ("authors", "author", "byline", "creator", "writer"),
    "published": (
        "published", "datepublished", "publicationdate", "publisheddate", "publishdate",
        "publishedat", "publishedon", "pubdate", "date",
    ),
    "modified": ("modified", "datemodified", "updated", "lastmodified"),
    "url": ("url", "link", "canonicalurl", "articleurl", "sourceurl", "href", "uri"),
    "publisher": (
        "publisher", "source", "sourcename", "outlet", "publication", "newspaper", "sitename",
    ),
    "language": ("language", "lang", "inlanguage", "languagecode"),
}  # fmt: skip

_PUNCTUATION = re.compile(r"[\W_]+")
_BLOCKS = re.compile(
    r"<(?:p|div|h[1-6]|[uo]l|table|blockquote|article|section|body|html)\b[^<>]{0,2000}>",
    re.IGNORECASE,
)
_INLINE = re.compile(r"</(?:a|b|i|em|strong|span)>|<br ?/?>", re.IGNORECASE)
_BY = re.compile(r"by\s+(?=\w)", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s<>]{1,2000}", re.IGNORECASE)

Row = Mapping[str, Any]


class Twice(dict[str, Any]):
    """An object of JSON that has a name more than once, which its standard leaves open."""


@dataclass(slots=True)
class Rows:
    """One table: rows as they come, the columns that were chosen, whether they were told yet."""

    chosen: Columns = ()
    told: bool = False

    def document(self, number: int, row: Row, *, alone: bool = False) -> Document | Skipped:
        """The article in a row (`number` counts from 1), or why there is none."""
        taken = columns(tuple(row), self.chosen)
        if "text" not in taken:
            return Skipped(f"row {number}", no_text_column(row, self.chosen))
        body = _body(taken["text"], row[taken["text"]])
        if not any(map(str.isalnum, body)):
            return Skipped(f"row {number}", f"has no text in “{taken['text']}”.")
        said = {field: row[name] for field, name in taken.items() if field != "text"}
        remarks = list(self._first(taken)) + list(_bad_dates(said))
        if isinstance(row, Twice):
            remarks.append("names a column twice; the last was taken")
        address = _ADDRESS.fullmatch(_words(said.get("url")))
        return Document(
            body=body,
            title=_words(said.get("title")) or None,
            authors=_authors(said.get("authors")),
            publisher=_publisher(said.get("publisher")),
            published=iso(_words(said.get("published"))),
            modified=iso(_words(said.get("modified"))),
            url=address[0] if address else None,
            language=declared(_words(said.get("language"))),
            part=None if alone else f"row {number}",
            remarks=tuple(remarks),
        )

    def _first(self, taken: dict[str, str]) -> Iterator[str]:
        if not self.told:
            self.told = True
            pairs = (f"{field} from “{one_line(name)[:60]}”" for field, name in taken.items())
            yield f"columns taken: {', '.join(pairs)}"
            lacking = [name for field, name in self.chosen if field not in taken]
            if lacking:
                yield f"has no column {_named(lacking)}"


@lru_cache(maxsize=64)
def columns(names: tuple[str, ...], chosen: Columns = ()) -> dict[str, str]:
    """Which column, by its own name, holds which field: as `chosen`, or else by the usual names.

    >>> columns(("Headline", "article_text", "PubDate", "id"))
    {'text': 'article_text', 'title': 'Headline', 'published': 'PubDate'}
    >>> columns(("Titel", "text", "Langtext"), (("text", "langtext"), ("title", "Titel")))
    {'text': 'Langtext', 'title': 'Titel'}
    """
    taken: dict[str, str | None] = {field: _found(name, names) for field, name in chosen}
    known: dict[str, str] = {}
    for name in names[:1000]:
        if name not in taken.values():
            known.setdefault(_PUNCTUATION.sub("", name[:100]).lower(), name)
    for field, usual in _COLUMNS.items():
        if field not in taken:
            taken[field] = next((known[one] for one in usual if one in known), None)
    return {field: held for field in _COLUMNS if (held := taken[field]) is not None}


def _found(wanted: str, names: tuple[str, ...]) -> str | None:
    """The column of this name, or else the first whose name is the same but for case and spaces."""
    if wanted in names:
        return wanted
    return next((name for name in names if _plain(name) == _plain(wanted)), None)


def _plain(name: str) -> str:
    composed = unicodedata.normalize("NFC", name).casefold()
    return " ".join(composed.replace("_", " ").replace("-", " ").split()) or name


def missing(names: tuple[str, ...], chosen: Columns) -> list[str]:
    """Chosen columns that a table does not have."""
    taken = columns(names, chosen)
    return [name for field, name in chosen if field not in taken]


def no_text_column(found: Iterable[str], chosen: Columns = ()) -> str:
    """What is said of a table without a column of text: its columns, and what is needed."""
    column = dict(chosen).get("text")
    if column is not None:
        return no_columns([column], found)
    return (
        f"has no column of text; found: {_named(found)}. Call the text column text, body or "
        "content, or say which it is: pincite add --column text=NAME."
    )


def no_columns(names: Sequence[str], found: Iterable[str]) -> str:
    """What is said of a table without the columns that were chosen."""
    return f"has no column {_named(names)}; found: {_named(found)}."


def _named(names: Iterable[str]) -> str:
    return ", ".join(f"“{one_line(name)[:60]}”" for name in islice(names, 20)) or "none"


def _body(column: str, value: Any) -> str:
    text = clean(value if isinstance(value, str) else "\n\n".join(_strings(value)))
    if "html" in column.lower() or _BLOCKS.search(text):
        return html_to_markdown(text)
    if _INLINE.search(text) and "\n" not in text.strip():
        return html_to_markdown(text)
    return paragraphs(text)


def _strings(value: Any) -> list[str]:
    """The texts of a value: itself, or those of a list, or the name of an object."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for one in value for text in _strings(one)] if _flat(value) else []
    if isinstance(value, dict):
        return [value["name"]] if isinstance(value.get("name"), str) else []
    return []


def _flat(value: list[Any]) -> bool:
    return not any(isinstance(one, list) for one in value)


def _words(value: Any) -> str:
    return one_line("; ".join(_strings(value)))


def _authors(value: Any) -> tuple[str, ...]:
    """Names, where a cell may hold several between semicolons; a comma may be part of a name.

    >>> _authors("By Anna Bell; Tom Reed")
    ('Anna Bell', 'Tom Reed')
    """
    told = (name for text in _strings(value) for name in re.split(r"[;|\n]", text))
    names = (_BY.sub("", one_line(name), count=1) for name in told)
    return tuple(dict.fromkeys(name for name in names if name))


def _publisher(value: Any) -> str | None:
    """Its name; "source" may also hold an address, which is none."""
    name = _words(value)
    return None if not name or _ADDRESS.match(name) else name


def _bad_dates(said: dict[str, Any]) -> Iterator[str]:
    for field in ("published", "modified"):
        told = _words(said.get(field))
        if told and iso(told) is None:
            yield f"its date “{told[:80]}” is not a date"
