"""Pieces of a document → lines of Markdown: paragraphs, headings, list items, tables, notes.

A citation shows the Markdown as it is, so there are as few marks in it as can be: no emphasis, no
link addresses, and a backslash only where a line would otherwise be read as something else.

Left out: reading any format.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ingest.convert.markdown import plain

MOST_COLUMNS = 1_000  # of a table; what a hostile file says beyond that is not believed
RULE = "* * *"
BREAK = "\x00"  # a line break inside a paragraph, until it is known whether two meet
_SPACES = re.compile(r"[ \t\r\n\f\v\x00]+")  # a no-break space is the writer's, and stays
# A heading's words and a list's number are no part of a quotation: a paragraph must not begin so.
_HEADING_MARK = re.compile(r"^(?=#{1,6}(?:\s|$))")
_YEAR_OR_SUM = re.compile(r"^(\d{3,9})(?=[.)](?:\s|$))")
_STRUCK = re.compile(r"\\~~(?!~)")
_RAISED = re.compile(r"[0-9+\-\u2212(), ]*[0-9][0-9+\-\u2212(), ]*")
_HIGH = str.maketrans("0123456789+-\u2212()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾")


def flat(text: str) -> str:
    """Text on one line, without the soft hyphens that only say where a word may be broken.

    >>> flat(" co\\u00adoperation \\n of two ")
    'cooperation of two'
    """
    return _SPACES.sub(" ", text.replace("\u00ad", "")).strip(" ")


def paragraph(text: str) -> str:
    """A paragraph on one line; what begins like a heading in the text is none.

    >>> paragraph("# of cases:\\n5 * 4")
    '\\\\# of cases: 5 * 4'
    """
    told = _YEAR_OR_SUM.sub(r"\1\\", _HEADING_MARK.sub(r"\\", plain(flat(text))))
    return told.removeprefix("\\") if _STRUCK.match(told) else told


def paragraphs(text: str) -> Iterator[str]:
    """One paragraph, or several where two or more `BREAK`s part them.

    >>> list(paragraphs(f"One{BREAK}line.{BREAK} {BREAK}Another."))
    ['One line.', 'Another.']
    """
    run: list[str] = []
    for piece in [*map(flat, text.split(BREAK)), ""]:
        if piece:
            run.append(piece)
        elif run:
            yield paragraph(" ".join(run))
            run = []


def heading(text: str, level: int) -> str:
    """A heading of level 1 to 6; empty without a text."""
    told = flat(text)
    return f"{'#' * min(6, max(1, level))} {told}" if told else ""


def raised(text: str) -> str:
    """Superscript: raised digits, so that 10⁶ does not become 106; letters stay as they are.

    >>> raised("6"), raised("-2"), raised("st")
    ('⁶', '⁻²', 'st')
    """
    return text.translate(_HIGH) if _RAISED.fullmatch(text) else text


def struck(text: str) -> str:
    """Text that is struck through for the reader to see, so not to be quoted as said."""
    return f"~~{text}~~" if text.strip() else text


def indented(text: str, marker: str) -> str:
    """Blocks behind a list item's marker, those below the first line as far in as the marker.

    >>> print(indented("One\\n\\nmore", "- "))
    - One
    <BLANKLINE>
      more
    """
    first, *rest = text.split("\n")
    return "\n".join([marker + first, *(" " * len(marker) + line if line else "" for line in rest)])


def quoted(text: str) -> str:
    """Blocks as a block quote."""
    return "\n".join(f"> {line}" if line else ">" for line in text.split("\n"))


def table(rows: Iterable[Sequence[str]]) -> str:
    """A pipe table whose first row is its head; a table of one column becomes paragraphs.

    >>> print(table([["Year", "Level"], ["2019", "3"]]))
    | Year | Level |
    | --- | --- |
    | 2019 | 3 |
    """
    cells = [[flat(cell) for cell in row[:MOST_COLUMNS]] for row in rows]
    cells = [row for row in cells if any(row)]
    width = max(map(len, cells), default=0)
    if width < 2:
        return "\n\n".join(paragraph(row[0]) for row in cells)
    head = cells[0] + [""] * (width - len(cells[0]))
    return "\n".join(map(_row, [head, ["---"] * width, *cells[1:]]))


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def with_notes(blocks: Iterable[str], notes: Sequence[str]) -> str:
    """Blocks with a blank line between them, and the notes below a rule, as `[1] …`."""
    body = [block for block in blocks if block.strip()]
    if notes:
        body += [
            RULE,
            *(f"[{number}] {note.strip()}" for number, note in enumerate(notes, start=1)),
        ]
    return "\n\n".join(body)
