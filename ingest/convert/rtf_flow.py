"""The running text of an RTF file → blocks: paragraphs, headings, list items, tables.

RTF says what a paragraph is where it ends (`\\par`), so text is gathered until then.

Left out: RTF itself (`rtf.py`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ingest.convert import blocks

_NUMBER = re.compile(r"\d{1,9}[.)]")
_TYPED = re.compile(r"([•◦▪‣⁃·–-]|\d{1,9}[.)])\t\s*")  # pandoc and typists write markers as text


@dataclass(frozen=True, slots=True)
class Shape:
    """What a paragraph is: a heading of `level` 1 to 9, a quote, a cell's, an item `depth` deep."""

    level: int = 0
    quote: bool = False
    in_table: bool = False
    in_list: bool = False
    depth: int = 0


@dataclass(slots=True)
class Flow:
    """The text of the document, a note or a box: what is gathered, and what blocks are done."""

    is_note: bool = False
    done: list[str] = field(default_factory=list)
    title: str | None = None  # the first heading
    marker: list[str] = field(default_factory=list)  # of a list item, as the file shows it
    _text: list[str] = field(default_factory=list)
    _cell: list[str] = field(default_factory=list)
    _row: list[str] = field(default_factory=list)
    _rows: list[list[str]] = field(default_factory=list)
    _items: list[str] = field(default_factory=list)  # of the list that is not complete
    _indents: list[int] = field(default_factory=list)  # of the items that the next may lie in

    def add(self, text: str) -> None:
        """More of the paragraph, with `blocks.BREAK` for a line break."""
        self._text.append(text)

    def put(self, written: list[str]) -> None:
        """Blocks of a text box, which come before the paragraph that is not complete."""
        self._block(*written)

    def paragraph_ends(self, shape: Shape) -> None:
        """The paragraph is complete, and of this shape."""
        text = self._gathered()
        marker = blocks.flat("".join(self.marker))
        self.marker.clear()
        if shape.in_table:
            self._cell.append(text)
            return
        self._table_ends()
        typed = None if marker or shape.level else _TYPED.match(text)
        if typed:
            marker, text = typed[1], text[typed.end() :]
        if not blocks.flat(text):
            return
        if shape.level:
            text = f"{marker} {text}" if _counts(marker) else text
            self.title = self.title or blocks.flat(text)
            self._block(blocks.heading(text, shape.level))
        elif marker or shape.in_list:
            self._item(text, marker, shape.depth)
        elif shape.quote:
            self._block(blocks.quoted("\n\n".join(blocks.paragraphs(text))))
        else:
            self._block(*blocks.paragraphs(text))

    def cell_ends(self) -> None:
        """The cell is complete, and with it its last paragraph."""
        cell = [*self._cell, self._gathered()]
        self._cell.clear()
        self.marker.clear()
        self._row.append(" ".join(filter(None, map(blocks.flat, cell))))

    def row_ends(self) -> None:
        """The row is complete."""
        if self._row:
            self._rows.append(self._row)
            self._row = []

    def end(self, shape: Shape) -> list[str]:
        """All blocks; what was not complete is taken as it is."""
        self.paragraph_ends(shape)
        self._table_ends()
        self._list_ends()
        return self.done

    def _gathered(self) -> str:
        text = "".join(self._text).replace("~~~~", "")  # struck through in several runs
        self._text.clear()
        return text

    def _block(self, *written: str) -> None:
        self._list_ends()
        self.done += written

    def _list_ends(self) -> None:
        if self._items:
            self.done.append("\n".join(self._items))
            self._items.clear()
            self._indents.clear()

    def _item(self, text: str, marker: str, depth: int) -> None:
        shown = f"{marker} " if _NUMBER.fullmatch(marker) else "- "
        if shown == "- " and _counts(marker):
            text = f"{marker} {text}"  # "a)" or "iv." begins no list in Markdown
        del self._indents[depth:]
        self._items.append(" " * sum(self._indents) + shown + blocks.paragraph(text))
        self._indents.append(len(shown))

    def _table_ends(self) -> None:
        if self._cell:
            self.cell_ends()
        self.row_ends()
        if self._rows:
            self._block(blocks.table(self._rows))
            self._rows = []


def _counts(marker: str) -> bool:
    """Whether a marker is more than a bullet."""
    return any(letter.isalnum() for letter in marker)
