"""HTML, as a fragment or a page → Markdown: what a browser shows as text, and nothing else.

Every word is kept as it is written; only white space is joined. What is added
are the marks of Markdown at the beginning of a line, a backslash where a text would be taken for
such a mark, `|` between the cells of a table, `~~` around what is struck out, and the quotation
marks of `<q>`. Raised digits become ¹²³, since 10⁶ is not 106.

Left out: pictures, scripts, comments, form fields, hidden elements, and emphasis. Which part of a
page is its article is for `html.py` to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ingest.convert import blocks
from ingest.convert.tree import hidden, parsed

_BLOCKS = frozenset(
    "address article aside body caption center dd details dialog dir div dl dt fieldset figcaption"
    " figure footer form header hgroup hr html legend li main menu nav ol p pre search section"
    " summary table tbody td tfoot th thead tr ul blockquote h1 h2 h3 h4 h5 h6".split()
)
_HEADINGS = {f"h{level}": "#" * level + " " for level in range(1, 7)}
_LISTS = frozenset(("ul", "ol", "menu", "dir"))
# What makes a table one that only lays out a page, so that its cells are written below each other.
_LAYOUT = frozenset("table blockquote h1 h2 h3 h4 ul ol pre article section form".split())
_CODE = re.compile(r"code|highlight|lang|brush", re.IGNORECASE)

_LINE_WITH_MARK = re.compile(r"^(?=<!-- (?:page|time) )", re.MULTILINE)

# CommonMark parsers stop at some depth (markdown-it's at 20) and drop what lies deeper.
_DEEPEST_LIST = 6
_MOST_COLUMNS = 200
_LONGEST_CELL = 1_000  # characters


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, list item or table that is about to be written.

    `heading` is its level or 0, `linked` how many characters of it are links.
    """

    text: str
    heading: int = 0
    in_list: bool = False
    in_quote: bool = False
    linked: int = 0


def html_to_markdown(html: str) -> str:
    """The text of a whole fragment: headings, lists, pipe tables and block quotes survive.

    Links are their text. One paragraph is one line, a blank line lies between blocks; items of one
    list follow each other. Takes time in proportion to the length.

    >>> html_to_markdown("<h2>Tides</h2><p>The <b>moon</b>\\n<a href='m'>pulls</a>.<ul><li>Twice")
    '## Tides\\n\\nThe moon pulls.\\n\\n- Twice'

    `UnreadableSource` where its tags lie more than 2,000 deep even without those that mean nothing.
    """
    root = parsed(html)
    return "" if root is None else rendered(root)


def rendered(root: Any, keep: Callable[[Block], bool] | None = None) -> str:
    """A tree of HTML as Markdown.

    `keep` is asked of each block, in order, whether it is wanted.
    """
    from lxml import etree

    writer = _Writer(_layout_tables(root), keep)
    walk = etree.iterwalk(root, ("start", "end"))
    for event, element in walk:
        if event == "end":
            writer.close(element)
            if element is not root:
                writer.say(element.tail)
        elif hidden(element):
            walk.skip_subtree()
            writer.skipped.add(element)
        else:
            writer.open(element)
            writer.say(element.text)
    return writer.text()


def _layout_tables(root: Any) -> set[Any]:
    """The tables that lay out a page, in one walk over the tree: their cells hold blocks, several
    paragraphs or very long text, or there is no more than one column."""
    from lxml import etree

    found: set[Any] = set()
    open_tables: list[_Shape] = []
    for event, element in etree.iterwalk(root, ("start", "end")):
        tag = element.tag
        if open_tables:
            open_tables[-1].see(element, event)
        if tag == "table" and event == "start":
            open_tables.append(_Shape(element))
        elif tag == "table" and open_tables:
            shape = open_tables.pop()
            if shape.is_layout or shape.columns < 2:
                found.add(shape.element)
    return found


@dataclass(slots=True)
class _Shape:
    """What has been seen of a table whose end has not."""

    element: Any
    is_layout: bool = False
    columns: int = 0
    _cells: int = 0
    _paragraphs: int = 0
    _characters: int = 0

    def see(self, element: Any, event: str) -> None:
        tag = element.tag
        if event == "end":
            self._characters += len(element.tail or "")
        elif tag == "tr":
            self._cells = 0
        elif tag in ("td", "th"):
            self._cells += 1
            self.columns = max(self.columns, self._cells)
            self._paragraphs = self._characters = 0
        if event == "start" and element is not self.element:
            self._characters += len(element.text or "")
            self._paragraphs += tag == "p"
            self.is_layout |= (
                tag in _LAYOUT or self._paragraphs > 1 or self._characters > _LONGEST_CELL
            )


@dataclass(slots=True)
class _Level:
    """A list item or block quote that is open: what its first line begins with, and the others."""

    first: str
    rest: str
    element: Any
    written: bool = False


@dataclass(slots=True)
class _Table:
    """A table that is open: its rows so far, and how many rows further down a column is taken."""

    element: Any
    rows: list[list[str]] = field(default_factory=list)
    taken: dict[int, int] = field(default_factory=dict)


class _Writer:
    """Blocks so far, and the words of the one that is open."""

    def __init__(self, layout: set[Any], keep: Callable[[Block], bool] | None) -> None:
        self.skipped: set[Any] = set()
        self._keep = keep
        self._layout = layout
        self._out: list[str] = []
        self._words: list[str] = []
        self._levels: list[_Level] = []
        self._numbers: list[int | None] = []  # of the lists that are open, what is next
        self._heading = ""
        self._fence = False
        self._pre: Any = None
        self._table: _Table | None = None
        self._raised: Any = None
        self._breaks = 0
        self._last_list: Any = None
        self._link: Any = None
        self._linked = 0

    def text(self) -> str:
        self._end_block()
        return "".join(self._out).strip("\n")

    def say(self, text: str | None) -> None:
        if text:
            self._words.append(text if self._raised is None else blocks.raised(text))
            if self._link is not None:
                self._linked += len(text)
            if not text.isspace():
                self._breaks = 0

    def open(self, element: Any) -> None:
        tag = element.tag
        if tag == "br":
            self._break()
        elif tag == "a" and self._link is None:
            self._link = element
        elif tag == "sup" and self._raised is None:
            self._raised = element
        elif tag == "q":
            self._words.append("“")
        elif tag in ("s", "del", "strike"):
            self._words.append("~~")
        elif tag in _BLOCKS:
            self._open_block(element, tag)

    def close(self, element: Any) -> None:
        tag = element.tag
        if element in self.skipped:
            self.skipped.discard(element)
            if tag in _BLOCKS:
                self._end_block()
        elif tag == "q":
            self._words.append("”")
        elif tag in ("s", "del", "strike"):
            self._words.append("~~")
        elif element is self._link:
            self._link = None
        elif element is self._raised:
            self._raised = None
        elif tag in _BLOCKS:
            self._close_block(element, tag)

    def _break(self) -> None:
        self._breaks += 1
        if self._pre is not None:
            self._words.append("\n")
        elif self._breaks == 2 and self._table is None:  # how pages without <p> end a paragraph
            self._end_block()
        else:
            self._words.append(" ")

    def _open_block(self, element: Any, tag: str) -> None:
        if self._table is not None:
            self._words.append(" ")
            return
        self._end_block()
        if tag in _HEADINGS:
            self._heading = _HEADINGS[tag]
        elif tag in _LISTS:
            self._numbers.append(_number(element.get("start"), 1) if tag == "ol" else None)
            self._last_list = None
        elif tag == "li":
            self._open_item(element)
        elif tag == "blockquote":
            self._push(_Level("> ", "> ", element))
        elif tag == "pre" and self._pre is None:
            self._pre = element
            self._fence = bool(
                _CODE.search(element.get("class") or "")
                or any(one.tag in ("code", "samp", "kbd") for one in element[:1])
            )
        elif tag == "table" and element not in self._layout:
            self._table = _Table(element)

    def _open_item(self, element: Any) -> None:
        number = self._numbers[-1] if self._numbers else None
        mark = "- "
        if number is not None:
            number = _number(element.get("value"), number)
            mark = f"{number}. "
            self._numbers[-1] = number + 1
        self._push(_Level(mark, " " * len(mark), element))

    def _push(self, level: _Level) -> None:
        self._levels.append(level)

    def _close_block(self, element: Any, tag: str) -> None:
        if self._table is not None:
            self._close_in_table(element, tag)
            return
        self._end_block()
        if self._levels and self._levels[-1].element is element:
            self._levels.pop()
        elif tag in _LISTS and self._numbers:
            self._numbers.pop()
        elif element is self._pre:
            self._pre, self._fence = None, False
        self._heading = ""

    def _close_in_table(self, element: Any, tag: str) -> None:
        table = self._table
        assert table is not None
        if tag in ("td", "th"):
            _add_cell(table, _joined(self._words), element)
        elif tag == "tr":
            self._words.clear()
            table.rows.append([])
        elif element is table.element:
            self._table = None
            self._words.clear()
            self._write_table([row for row in table.rows if any(row)])
        elif tag == "caption":
            self._paragraph(_joined(self._words))
        else:
            self._words.append(" ")
            return
        self._words.clear()

    def _write_table(self, rows: list[list[str]]) -> None:
        if self._wanted(" ".join(" ".join(row) for row in rows)):
            self._emit(blocks.pipes(rows))

    def _end_block(self) -> None:
        self._breaks = 0
        if not self._words:
            return
        words, self._words = self._words, []
        if self._pre is not None:
            self._emit_preformatted("".join(words))
            return
        self._paragraph(_joined(words))

    def _wanted(self, text: str) -> bool:
        linked, self._linked = self._linked, 0
        if not text.strip() or self._keep is None:
            return bool(text.strip())
        mark = self._levels[-1].first if self._levels else ""
        quoted = mark == "> "
        level = max(0, len(self._heading) - 1)
        return self._keep(Block(text, level, bool(mark) and not quoted, quoted, linked))

    def _paragraph(self, text: str) -> None:
        if self._wanted(text):
            self._emit([f"{self._heading}{text}" if self._heading else blocks.escaped(text)])

    def _emit_preformatted(self, text: str) -> None:
        if self._fence:
            if not self._wanted(text):
                return
            lines = _LINE_WITH_MARK.sub(" ", text.strip("\n")).split("\n")
            longest = max((len(run) for run in re.findall("`+", text)), default=0)
            fence = "`" * max(3, longest + 1)
            self._emit([fence, *lines, fence])
            return
        for paragraph in re.split(r"\n[ \t]*\n", text):
            if self._wanted(paragraph):
                self._emit([blocks.escaped(line.strip()) for line in paragraph.strip().split("\n")])

    def _emit(self, lines: list[str]) -> None:
        """Write a block behind what the open items and quotes begin their lines with."""
        levels = self._levels[-_DEEPEST_LIST:]
        new_item = bool(levels) and not levels[-1].written and levels[-1].first != "> "
        home = levels[-1].element.getparent() if new_item else None
        follows = new_item and self._last_list is not None and home is self._last_list
        first = "".join(one.rest if one.written else one.first for one in levels)
        rest = "".join(one.rest for one in levels)
        if self._out:
            self._out.append("\n" if follows else "\n\n")
        self._out.append("\n".join([first + lines[0], *(rest + line for line in lines[1:])]))
        for one in levels:
            one.written = True
        self._last_list = home


def _joined(words: list[str]) -> str:
    return blocks.flat("".join(words))


def _add_cell(table: _Table, text: str, element: Any) -> None:
    """Put a cell into its column; columns that it spans, or that one above spans, stay empty."""
    if not table.rows:
        table.rows.append([])
    row = table.rows[-1]
    while table.taken.get(len(row), 0) and len(row) < _MOST_COLUMNS:
        table.taken[len(row)] -= 1
        row.append("")
    width = max(1, min(_number(element.get("colspan"), 1), _MOST_COLUMNS - len(row)))
    for column in range(len(row), len(row) + width):
        table.taken[column] = max(0, min(_number(element.get("rowspan"), 1), 1000) - 1)
    row.extend([text] + [""] * (width - 1))


def _number(text: str | None, otherwise: int) -> int:
    found = re.fullmatch(r"\s*(\d{1,6})\s*", text or "")
    return int(found[1]) if found else otherwise
