"""Tables of articles: CSV, TSV, JSON and JSON Lines, an article in each row.

    title, headline → title     text, body, content → body     author, byline → authors     …

Columns are known by the names that newsrooms' and researchers' exports give them (`rows.py`), in
any case and with or without `_`, or by those that were chosen. The first article's remark says
which were taken. A row that does not fit its header is skipped rather than guessed at.

Left out: tables without a header, and numbers and categories that are no text.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

from ingest.convert.charset import decoded
from ingest.convert.document import Columns, Document, Skipped, Source
from ingest.convert.markdown import one_line
from ingest.convert.rows import Rows, Twice, columns, missing, no_columns, no_text_column
from ingest.errors import UnreadableSource

_LISTS = (
    "articles",
    "items",
    "results",
    "data",
    "docs",
    "documents",
    "entries",
    "records",
    "rows",
    "hits",
)
_ROWS_DEEP = 3  # objects around the list of articles, as in {"response": {"docs": […]}}

_DELIMITERS = ",;\t|"
_SAMPLE = 100_000  # characters that a delimiter is judged by
_LONGEST_CELL = 20_000_000  # characters; more is a quotation mark that nobody closed
_END = "\x00end\x00"  # stands below the last line; it is a row of its own unless a quote is open


def read(source: Source) -> Iterator[Document | Skipped]:
    """One document for each row; rows without text are skipped, each with its number.

    `UnreadableSource` where no column of text is known, naming those that were found, and where
    JSON is damaged.
    """
    text = decoded(source.data, source.charset).removeprefix("\ufeff").replace("\x00", "")
    if _is_json(source, text):
        yield from _of_json(text, source)
    else:
        yield from _of_csv(text, source)


def _is_json(source: Source, text: str) -> bool:
    name = source.name.lower()
    if name.endswith((".csv", ".tsv")):
        return False
    return name.endswith((".json", ".jsonl", ".ndjson")) or text.lstrip()[:1] in ("{", "[")


def _of_csv(text: str, source: Source) -> Iterator[Document | Skipped]:
    csv.field_size_limit(_LONGEST_CELL)
    delimiter, text = _delimiter(text, source)
    rows = csv.reader(chain(io.StringIO(text, newline=""), ["\n", _END]), delimiter=delimiter)
    header = [one_line(name) for name in next(_filled(rows), [])]
    lacking = missing(tuple(header), source.columns)
    if lacking:
        raise UnreadableSource(no_columns(lacking, header))
    if "text" not in columns(tuple(header), source.columns):
        raise UnreadableSource(no_text_column(header))
    table, number = Rows(source.columns), 0
    try:
        for number, row in enumerate(_filled(rows), start=1):
            if row == [_END]:
                break
            yield _of_row(table, number, header, row)
        if number == 1:
            raise UnreadableSource("has a header, but no row below it.")
    except csv.Error:
        yield Skipped(
            f"row {number + 1} and the rest",
            f"a cell is longer than {_LONGEST_CELL:,} characters; a quotation mark may be open.",
        )


def _of_row(table: Rows, number: int, header: list[str], row: list[str]) -> Document | Skipped:
    place = f"row {number}"
    if row[-1].endswith(_END):
        return Skipped(place, 'has a quotation mark (") that is never closed.')
    if any(cell.strip() for cell in row[len(header) :]):
        return Skipped(
            place,
            f"has {len(row)} cells, but there are {len(header)} columns. Put cells that hold a "
            "delimiter into quotation marks.",
        )
    cells: dict[str, str] = {}
    for name, cell in zip(header, row, strict=False):
        cells.setdefault(name, cell)
    return table.document(number, cells | {name: "" for name in header if name not in cells})


def _filled(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    return (row for row in rows if any(cell.strip() for cell in row))


def _delimiter(text: str, source: Source) -> tuple[str, str]:
    """The delimiter, and the text below a line such as `sep=;`, which Excel writes.

    That one is taken by which the header lacks the fewest chosen columns, has the most known ones,
    the most columns, and the fewest rows of another length. (`csv.Sniffer` takes letters of the
    text for delimiters.)
    """
    said = re.match(r"sep=([^\w\s]|\t)\r?\n", text)
    if said:
        return said[1], text[said.end() :]
    candidates = "\t,;|" if source.name.lower().endswith(".tsv") else _DELIMITERS
    return max(candidates, key=lambda one: _fit(text[:_SAMPLE], one, source.columns)), text


def _fit(sample: str, delimiter: str, chosen: Columns) -> tuple[int, int, int, int]:
    try:
        rows = list(_filled(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)))
    except csv.Error:
        return -len(chosen), 0, 0, 0
    header = rows[0] if rows else []
    ragged = sum(len(row) != len(header) for row in rows)
    names = tuple(map(one_line, header))
    return -len(missing(names, chosen)), len(columns(names, chosen)), len(header), -ragged


def _of_json(text: str, source: Source) -> Iterator[Document | Skipped]:
    value: Any = None
    lines = source.name.lower().endswith((".jsonl", ".ndjson"))
    table = Rows(source.columns)
    try:
        value = None if lines else _parsed(text)
    except ValueError as error:
        if "Extra data" not in str(error):
            raise UnreadableSource(f"is damaged JSON ({error}).") from error
        lines = True
    except RecursionError as error:
        raise UnreadableSource("is JSON nested too deep to be a table of articles.") from error
    if lines:
        yield from _all((_line(line) for line in io.StringIO(text) if line.strip()), table)
    elif isinstance(value, dict) and "text" in columns(tuple(value), source.columns):
        yield from _all((value,), table, alone=True)
    else:
        yield from _all(_rows(value), table)


def _line(line: str) -> Any:
    try:
        return _parsed(line)
    except ValueError as error:
        return Skipped("", f"is damaged JSON ({error}).")
    except RecursionError:
        return Skipped("", "is nested too deep.")


def _all(rows: Iterable[Any], table: Rows, *, alone: bool = False) -> Iterator[Document | Skipped]:
    """The documents of rows; `UnreadableSource` where none of the first has a column of text."""
    found = _numbered(rows, table, alone=alone)
    first = list(islice(found, 100))
    if not any(isinstance(one, Document) for one in first) and not table.told:
        reasons = {one.reason for one in first if isinstance(one, Skipped)}
        raise UnreadableSource(min(reasons, default=no_text_column(())))
    yield from chain(first, found)


def _numbered(rows: Iterable[Any], table: Rows, *, alone: bool) -> Iterator[Document | Skipped]:
    for number, row in enumerate(rows, start=1):
        if isinstance(row, Skipped):
            yield Skipped(f"row {number}", row.reason)
        elif isinstance(row, dict):
            inner = row.get("_source")  # as Elasticsearch has it
            yield table.document(number, inner if isinstance(inner, dict) else row, alone=alone)
        else:
            yield Skipped(f"row {number}", "is no object with named columns.")


def _parsed(text: str) -> Any:
    """Numbers stay as they are written; NaN and Infinity, which are no JSON, are nothing."""
    return json.loads(
        text,
        object_pairs_hook=_object,
        parse_constant=lambda _: None,
        parse_int=str,
        parse_float=str,
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    return plain if len(plain) == len(pairs) else Twice(plain)


def _rows(value: Any, deep: int = _ROWS_DEEP) -> list[Any]:
    """The list of articles: the value itself, or one inside, the usual names first."""
    if isinstance(value, list):
        return value if any(isinstance(one, dict) for one in value[:100]) else []
    if not isinstance(value, dict) or not deep:
        return []
    named = [value[name] for name in _LISTS if name in value]
    for inner in chain(named, value.values()):
        rows = _rows(inner, deep - 1)
        if rows:
            return rows
    return [value] if deep == _ROWS_DEEP else []
