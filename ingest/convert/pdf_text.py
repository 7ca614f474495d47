"""Blocks of all pages → Markdown with page marks: what belongs together is put together again.

Lines become paragraphs; words that were divided at a line's end are joined; a paragraph goes on
over the end of a column or a page. Headers and footers are found by what stands at the same place
of the pages beside.

Left out: the layout of a page (`pdf_layout.py`).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from ingest.convert.blocks import escaped, table
from ingest.convert.pdf_layout import ENDED, ITEM, Block, rows
from ingest.convert.pdf_lines import Segment
from ingest.locator import mark

_EDGE = 5  # rows at the top and at the bottom that are looked at; a header has fewer
_BESIDE = (-2, -1, 1, 2)  # pages to compare with: left and right pages may differ
_SAME_PLACE = 3.0  # points
_APART = 1.4  # times the size: lines of a text are nearer (1.2 is usual), headers farther off
_NUMBER = re.compile(r"\d+|(?<!\w)[ivxlc]+(?!\w)")
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_DIVIDES = "-"  # among the words that are counted: whether the document divides words
# Share of lines that end in a hyphen above which words are taken to be divided: a guess between
# ragged text, where only words with a hyphen of their own end so, and text that is divided.
_DIVIDED = 0.03
_LONGEST_ROW = 300  # characters of a header
_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")
_LAST_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*(?=[-\u2010\u00ad]$)")
_HYPHENS = ("-", "\u2010", "\u00ad")
_ADDRESS = re.compile(r"(?:https?://|www\.|doi\.org/)\S*$", re.IGNORECASE)
_BULLET = re.compile(r"[•◦▪▫●○■□‣⁃∙·–—\-*➢✓]\s+")
# Scripts that put no space between words, so none between lines: Thai, Lao, Myanmar, Khmer;
# Chinese, Japanese and their punctuation.
_NO_SPACES = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u30ff\u31f0-\u9fff"
                        "\uf900-\ufaff\uff00-\uff65\U00020000-\U0003ffff]")  # fmt: skip


def without_furniture(
    pages: Sequence[Sequence[Segment]], body: float
) -> tuple[list[list[Segment]], tuple[str, ...]]:
    """Pages without headers and footers, and what those said (numbers as `#`), most often first.

    A row at the top or the bottom goes if a page at most two away has it at the same place, in the
    same size, with numbers that are the same or count the pages. Larger type than the body stays.
    """
    edges = [_edges(page, body) for page in pages]
    gone: Counter[str] = Counter()
    kept = []
    for at, page in enumerate(pages):
        found = [*_repeated(edges, at, 0), *_repeated(edges, at, 1)]
        drop = {order for row in found for order in row.orders}
        if len(drop) == len(page) and len({row.base for row in found}) > 2:
            drop = set()  # nothing else is there, so it is what the page says
        else:
            gone.update(row.pattern for row in found)
        kept.append([one for one in page if one.order not in drop])
    return kept, tuple(pattern for pattern, _ in gone.most_common())


def _repeated(edges: list[tuple[list[_Row], list[_Row]]], at: int, side: int) -> list[_Row]:
    """The rows from an edge inwards that the pages beside have too.

    None where they go on further: that is a page that was copied, such as a form, and no header.
    """
    beside = [at + step for step in _BESIDE if 0 <= at + step < len(edges)]
    inwards = edges[at][side]
    found: list[int] = []
    for place, row in enumerate(inwards):
        if row.large:
            continue
        if not any(row.matches(other, n - at) for n in beside for other in edges[n][side]):
            break
        found.append(place)
    if len(found) == _EDGE:
        return []
    while found and _are_lines_of_text(inwards[found[-1] :][:2]):
        found.pop()
    return [inwards[place] for place in found]


def _are_lines_of_text(neighbours: Sequence[_Row]) -> bool:
    """Whether two rows are as near as the lines of a paragraph are."""
    if len(neighbours) < 2:
        return False
    row, inwards = neighbours
    return abs(row.base - inwards.base) < _APART * row.size


@dataclass(frozen=True, slots=True)
class _Row:
    pattern: str
    numbers: tuple[int, ...]
    base: float
    size: float
    orders: frozenset[int]
    large: bool

    def matches(self, other: _Row, pages: int) -> bool:
        """Whether another, so many pages further on, is the same but for a page number."""
        return (
            self.pattern == other.pattern
            and not other.large
            and abs(self.base - other.base) <= _SAME_PLACE
            and abs(self.size - other.size) < 0.5
            and all(
                there - here in (0, pages)
                for here, there in zip(self.numbers, other.numbers, strict=True)
            )
        )


def _edges(page: Sequence[Segment], body: float) -> tuple[list[_Row], list[_Row]]:
    """Rows from the top inwards, and from the bottom inwards."""
    found = rows(one for one in page if one.turn == 0)
    top, bottom = found[:_EDGE], found[: -_EDGE - 1 : -1]
    return [_row(row, body) for row in top], [_row(row, body) for row in bottom]


def _row(row: Sequence[Segment], body: float) -> _Row:
    text = " ".join(one.text for one in row)[:_LONGEST_ROW]
    numbers = tuple(_value(found[0]) for found in _NUMBER.finditer(text))
    size = max(one.size for one in row)
    orders = frozenset(one.order for one in row)
    large = size > 1.12 * body
    return _Row(_NUMBER.sub("#", text), numbers, row[0].base, size, orders, large)


def _value(number: str) -> int:
    if number.isdigit() and number.isascii():
        return int(number)
    values = [_ROMAN.get(letter, unicodedata.digit(letter, 0)) for letter in number]
    total = 0
    for here, there in zip(values, [*values[1:], 0], strict=True):
        total += -here if here < there else here
    return total


@dataclass(slots=True)
class Text:
    """The text of a document that grows column by column.

    `sets_in`: whether its paragraphs begin with an indentation; then one that does not, at the top
    of a column, goes on from the column before, even after a full stop.
    """

    sets_in: bool = False
    blocks: list[Block] = field(default_factory=list)

    def add(self, column: Sequence[Block]) -> None:
        """Add the blocks of the next column or page; a paragraph that goes on there is joined.

        Notes and captions at the end of the one column then stand before that paragraph, and those
        at the beginning of the other behind it, so that pages stay in order.
        """
        begun = self._last()
        goes_on = next((n for n, one in enumerate(column) if one.kind not in _ASIDE), None)
        rest = list(column)
        if begun is not None and goes_on is not None:
            before, after = self.blocks[begun], column[goes_on]
            if _continues(before, after, self.sets_in):
                del self.blocks[begun], rest[goes_on]
                joined = replace(before, lines=before.lines + after.lines, full=after.full)
                self.blocks.append(joined)
        self.blocks += rest

    def _last(self) -> int | None:
        recent = range(len(self.blocks) - 1, max(-1, len(self.blocks) - 13), -1)
        return next((n for n in recent if self.blocks[n].kind not in _ASIDE), None)

    def markdown(self) -> str:
        """All blocks, with a mark above each paragraph in which a page begins."""
        words = _known_words(self.blocks)
        words[_DIVIDES] = _divides_words(self.blocks, words)
        levels = _levels(self.blocks)
        parts = []
        page = 0
        for block in self.blocks:
            text, begins = _rendered(block, levels, words)
            fresh = []
            for number, at in begins:
                if number != page:
                    fresh.append((str(number), at))
                    page = number
            if text:
                parts += [mark("page", fresh), text] if fresh else [text]
        return "\n\n".join(parts)


_ASIDE = ("aside", "table")


def _continues(before: Block, after: Block, sets_in: bool) -> bool:
    """Whether a paragraph goes on in the first one of the next column."""
    if before.kind not in ("text", "item") or after.kind != "text" or before.bold != after.bold:
        return False
    if abs(before.size - after.size) > 0.06 * before.size:
        return False
    end, start = before.lines[-1][1], after.lines[0][1]
    if start[0].islower():
        return True
    if not before.full or ITEM.match(start):
        return False
    return not ENDED.search(end) or (sets_in and not after.set_in)


def sets_in(columns: Iterable[Sequence[Block]]) -> bool:
    """Whether most paragraphs that do not begin a column begin with an indentation."""
    inner = [b for column in columns for b in column[1:] if b.kind == "text" and len(b.lines) > 1]
    return sum(one.set_in for one in inner) > 0.6 * len(inner)


def _known_words(blocks: Iterable[Block]) -> Counter[str]:
    """How often the document has a word, those at divided line ends not counted."""
    known: Counter[str] = Counter()
    for block in blocks:
        divided = False
        for _, line in block.lines:
            words = [found[0].casefold() for found in _WORD.finditer(line)]
            ends = line.endswith(_HYPHENS)
            known.update(words[divided : len(words) - ends])
            divided = ends
    return known


def _levels(blocks: Iterable[Block]) -> dict[float, int]:
    """Heading levels by size, 1 for the largest."""
    sizes = sorted({round(one.size * 2) / 2 for one in blocks if one.kind == "heading"})
    return {size: min(n, 6) for n, size in enumerate(reversed(sizes), 1)}


def _rendered(
    block: Block, levels: dict[float, int], words: Counter[str]
) -> tuple[str, list[tuple[int, int]]]:
    """Markdown of a block, and (page, characters before it) for each page that begins there."""
    if block.rows:
        return table(block.rows), [(block.lines[0][0], 0)]
    text, begins = running_text(block.lines, words)
    bullet = _BULLET.match(text) if block.kind == "item" else None
    prefix = ""
    if block.kind == "heading":
        prefix = "#" * levels[round(block.size * 2) / 2] + " "
    elif bullet:
        prefix, text = "- ", text[bullet.end() :]
    shown = prefix + escaped(text)
    shift = len(shown) - len(text) - (bullet.end() if bullet else 0)
    return shown, [(page, at + shift if at else 0) for page, at in begins]


def running_text(
    lines: Sequence[tuple[int, str]], words: Counter[str]
) -> tuple[str, list[tuple[int, int]]]:
    """Lines as one, and where in it each page begins.

    >>> lines = [(4, "The dredg-"), (5, "ing was well-"), (5, "known.")]
    >>> running_text(lines, Counter(["well-known", "dredging"]))
    ('The dredging was well-known.', [(4, 0), (5, 9)])
    """
    pieces: list[str] = []
    begins: list[tuple[int, int]] = []
    length = 0
    for number, (page, line) in enumerate(lines):
        if number:
            before = lines[number - 1][1]
            cut, glue = _seam(before, line, words)
            if cut:
                pieces[-1] = pieces[-1][:-1]
            pieces.append(glue)
            length += len(glue) - cut
        if not begins or begins[-1][0] != page:
            begins.append((page, length))
        whole = line[:-1].replace("\u00ad", "") + line[-1:]
        pieces.append(whole if number + 1 < len(lines) else whole.replace("\u00ad", ""))
        length += len(pieces[-1])
    return "".join(pieces), begins


def _seam(before: str, after: str, words: Counter[str]) -> tuple[int, str]:
    """(characters to take off the first line, what to put between the two)."""
    if before.endswith("\u00ad"):
        return 1, ""
    if before.endswith(("-", "\u2010")):
        return _at_hyphen(before, after, words)
    if before.endswith("—") and before[-2:-1] not in ("", " "):
        return 0, ""
    if before.endswith("/") and _ADDRESS.search(before[-200:]):
        return 0, ""
    if _NO_SPACES.match(before[-1]) and _NO_SPACES.match(after[0]):
        return 0, ""
    return 0, " "


def _at_hyphen(before: str, after: str, words: Counter[str]) -> tuple[int, str]:
    """A hyphen stays where the word has one by itself: `well-known`, `Anglo-Saxon`, `COVID-19`.

    What the document has elsewhere decides; where it has neither form, the hyphen goes if the
    document divides words, except before a capital or a number, and in a word with another hyphen.
    """
    if before[-2:-1] in ("", " "):
        return 0, " "  # a dash
    left, right = _LAST_WORD.search(before[-80:]), _WORD.match(after)
    if _ADDRESS.search(before[-200:]) or not left or not right or not after[0].islower():
        return 0, ""
    first, second = left[0].casefold(), right[0].casefold()
    whole, hyphened = words[first + second], words[f"{first}-{second}"]
    if whole or hyphened:
        return (1, "") if whole >= hyphened else (0, "")
    own = "-" in first or "-" in second
    return (1, "") if not own and (words[_DIVIDES] or before.endswith("\u2010")) else (0, "")


def _divides_words(blocks: Iterable[Block], words: Counter[str]) -> bool:
    """Whether the document divides words at line ends, so that a hyphen there is no word's own.

    It does if a word that is divided is whole elsewhere, or if many lines end so. Browsers use
    U+2010 for it, and then a plain hyphen is the word's own.
    """
    lines = plain_ones = others = 0
    for block in blocks:
        lines += len(block.lines)
        for (_, before), (_, after) in pairwise(block.lines):
            others += before.endswith("\u2010")
            left, right = _LAST_WORD.search(before[-80:]), _WORD.match(after)
            if left and right and before.endswith("-") and after[0].islower():
                plain_ones += 1
                if words[left[0].casefold() + right[0].casefold()]:
                    return True
    return plain_ones > _DIVIDED * lines and others < 3


def paragraphs_of(blocks: Iterable[Block]) -> Iterator[str]:
    """The text of each block."""
    for block in blocks:
        yield running_text(block.lines, Counter())[0]
