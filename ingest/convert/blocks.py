"""Pieces of a document → lines of Markdown: paragraphs, headings, list items, tables, notes.

A citation shows the Markdown as it is, so there are as few marks in it as can be: no emphasis, no
link addresses, and a backslash only where a line would otherwise be read as something else.

Left out: reading any format.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ingest.convert.markdown import clean, plain

MOST_COLUMNS = 1_000  # of a table; what a hostile file says beyond that is not believed
RULE = "* * *"
BREAK = "\x00"  # a line break inside a paragraph, until it is known whether two meet
_SPACES = re.compile(r"[ \t\n]+")  # a no-break space is the writer's, and stays
# A heading's words are no part of a quotation: a paragraph must not begin like one.
_HEADING_MARK = re.compile(r"^(?=#)")
_STRUCK = re.compile(r"\\~~(?!~)")
_RAISED = "0123456789+-\u2212=()n"
_HIGH = str.maketrans(_RAISED, "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_LINE_ENDS = str.maketrans("\x00\f\v", "   ")


def flat(text: str) -> str:
    """Text on one line, without what no article may hold.

    >>> flat(" co\\u00adoperation \\n of two ")
    'cooperation of two'
    """
    return _SPACES.sub(" ", clean(text.translate(_LINE_ENDS))).strip(" ")


def paragraph(text: str) -> str:
    """A paragraph on one line; what begins like a heading in the text is none.

    >>> paragraph("# of cases:\\n5 * 4")
    '\\\\# of cases: 5 * 4'
    """
    return escaped(flat(text))


def escaped(line: str) -> str:
    """A line that Markdown takes for a paragraph, with its words as they are.

    >>> escaped("1974. It rained."), escaped("~~Gone~~ for good")
    ('1974\\\\. It rained.', '~~Gone~~ for good')
    """
    told = _HEADING_MARK.sub(r"\\", plain(line))
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
    """Superscript: raised digits and signs, so that 10⁶ does not become 106; words stay.

    >>> raised("6"), raised("-2"), raised("1, 2"), raised("st")
    ('⁶', '⁻²', '¹, ²', 'st')
    """
    return text if text.strip(_RAISED + ", ") else text.translate(_HIGH)


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
    if max(map(len, cells), default=0) < 2:
        return "\n\n".join(paragraph(row[0]) for row in cells)
    return "\n".join(pipes(cells))


def pipes(cells: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a pipe table of these cells, of which there is one at least; rows get one width.

    >>> pipes([["a|b"], ["c", "d"]])
    ['| a\\\\|b |  |', '| --- | --- |', '| c | d |']
    """
    width = max(map(len, cells))
    head, *rows = [[*row, *[""] * (width - len(row))] for row in cells]
    told = [head, ["---"] * width, *rows]
    return [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in told]


def with_notes(blocks: Iterable[str], notes: Sequence[str]) -> str:
    """Blocks with a blank line between them, and the notes below a rule, as `[1] …`."""
    body = [block for block in blocks if block.strip()]
    if notes:
        body += [
            RULE,
            *(f"[{number}] {note.strip()}" for number, note in enumerate(notes, start=1)),
        ]
    return "\n\n".join(body)
