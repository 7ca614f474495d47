"""Segments of a page → blocks in reading order: paragraphs, headings, items, tables, notes.

A page is cut where a gutter runs between columns, between the segments that cross it; lines in a
column are grouped by distance, indentation, size and weight. It is geometry only: the structure
that some PDF files carry (ISO 32000-1, 14.8) is not used, since most lack it.

Left out: what goes over a page's end, hyphens, and Markdown (`pdf_text.py`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Literal

from ingest.convert.pdf_lines import SLANTED, Segment

Kind = Literal["text", "item", "heading", "table", "aside"]

ENDED = re.compile(r"[.!?:;…。！？؟۔।][\"'”’»)\]」』]*(?:\[\d{1,3}\])?$")
ITEM = re.compile(
    r"(?:([•◦▪▫●○■□‣⁃∙·–—\-*➢✓])|(\d{1,3})[.)]|\(?[a-zA-Z]\)|[ivx]{1,5}[.)])\s+(?=\S)"
)
CAPTION = re.compile(
    r"(?:fig(?:ure|\.)?|table|chart|map|photo|box|abb(?:\.|ildung)|tab(?:elle|\.))"
    r"\s*\d{1,3}(?:\.\d{1,3}){0,3}\s*[.:|–—]",
    re.IGNORECASE,
)
_ONLY_MARK = re.compile(
    r"(?:[•◦▪▫●○■□‣⁃∙·–\-*➢✓]|\(?\d{1,3}[.)]|\(?[a-zA-Z]\)|\[\d{1,3}\]|\d{1,3})"
)
_GOING_ON = ("-", "\u2010", "\u00ad", "–", "—", ",", "/", "(", "&")
_LARGER = 1.12  # times the size of the body: a heading
_SMALLER = 0.93  # times the size of the body: a note, a caption
_MOST_SEGMENTS = 8_000  # of one page, above which columns are not looked for
_DEEPEST = 6  # gutters inside gutters
_MOST_ROWS = 200  # of a table; a longer one is two
_MOST_GUTTERS = 20  # of a document


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a column; `cells` are its segments where they stand apart, as in a table."""

    text: str
    start: float
    end: float
    base: float
    size: float
    bold: bool = False
    cells: tuple[Segment, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together, each with its page. A table has `rows` of cells too.

    `full`: whether its last line fills the column, so that more may follow elsewhere; `set_in`:
    whether its first line begins further in than the column does.
    """

    kind: Kind
    lines: tuple[tuple[int, str], ...]
    size: float
    full: bool = False
    rows: tuple[tuple[str, ...], ...] = ()
    bold: bool = False
    set_in: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """What is usual in a document: the size of its body, points from line to line per size.

    `gutters` are where long columns are divided, so that the short ones of a last page are too.
    """

    body: float
    leading: float
    gutters: tuple[float, ...] = ()


def rows(segments: Iterable[Segment], reach: float = 0.5) -> list[list[Segment]]:
    """Segments by line, from the top, each from its beginning.

    Raised and lowered signs are of the line that they stand in: `reach` sizes are allowed for.
    """
    found: list[list[Segment]] = []
    for one in sorted(segments, key=lambda each: (-each.base, each.start)):
        if found and found[-1][0].base - one.base <= reach * max(found[-1][0].size, one.size):
            found[-1].append(one)
        else:
            found.append([one])
    for row in found:
        row.sort(key=lambda each: (each.start, each.order))
    return found


def measure(pages: Iterable[Sequence[Segment]]) -> Measure:
    """The usual size and leading of upright text, weighed by characters."""
    sizes: Counter[float] = Counter()
    steps: Counter[float] = Counter()
    gutters: set[float] = set()
    for page in pages:
        if len(gutters) < _MOST_GUTTERS:
            gutters |= set(_gutters([one for one in page if one.turn == 0], 0))
        for one in page:
            sizes[round(one.size * 2) / 2] += len(one.text)
        for above, below in pairwise(sorted(page, key=lambda each: each.order)):
            step = (above.base - below.base) / below.size
            if 0.9 < step < 3 and abs(above.size - below.size) < 0.5:
                steps[round(step, 2)] += 1
    body = sizes.most_common(1)[0][0] if sizes else 10.0
    leading = steps.most_common(1)[0][0] if steps else 1.2
    return Measure(max(body, 0.5), leading, tuple(sorted(gutters)))


def blocks(page: int, segments: Sequence[Segment], usual: Measure) -> Iterator[list[Block]]:
    """The blocks of each column of a page, in reading order; text that is turned comes last.

    `page` counts from 1 and is kept with each line.
    """
    turns = Counter({0: 0})
    for one in segments:
        turns[one.turn] += len(one.text)
    main = turns.most_common(1)[0][0]
    for turn in sorted(turns, key=lambda each: (each != main, each)):
        chosen = [one for one in segments if one.turn == turn]
        if turn == SLANTED and chosen:
            text = " ".join(one.text for one in sorted(chosen, key=lambda each: each.order))
            yield [Block("aside", ((page, text),), chosen[0].size)]
            continue
        for column in _columns(chosen, usual.gutters, 0):
            found = list(_blocks(page, _lines(column), usual))
            if turn != main:
                found = [Block("aside", b.lines, b.size, rows=b.rows) for b in found]
            if found:
                yield found


def _columns(
    segments: list[Segment], known: tuple[float, ...], depth: int
) -> Iterator[list[Segment]]:
    """Parts of the page in the order in which they are read, none of which has columns."""
    at = _gutter(segments, known) if depth < _DEEPEST else None
    if at is None:
        if segments:
            yield segments
        return
    crossing = [one for one in segments if one.start < at < one.end]
    for band in _bands(segments, crossing):
        left = [one for one in band if one.end <= at]
        right = [one for one in band if one.start >= at]
        if left and right and len(left) + len(right) == len(band) and _divides(band, at):
            yield from _columns(left, known, depth + 1)
            yield from _columns(right, known, depth + 1)
        elif len(band) < len(segments):
            yield from _columns(band, tuple(one for one in known if one != at), depth + 1)
        else:
            yield band


def _gutters(segments: list[Segment], depth: int) -> Iterator[float]:
    """Where many lines of a page have a gutter."""
    at = _gutter(segments, (), least=5) if depth < _DEEPEST else None
    if at is not None:
        yield round(at, 1)
        yield from _gutters([one for one in segments if one.end <= at], depth + 1)
        yield from _gutters([one for one in segments if one.start >= at], depth + 1)


def _bands(segments: list[Segment], crossing: list[Segment]) -> Iterator[list[Segment]]:
    """From the top: segments above, at and below those that cross the gutter."""
    crosses = {one.order for one in crossing}
    band: list[Segment] = []
    kind = None
    for row in rows(segments):
        spans = any(one.order in crosses for one in row)
        if kind is not None and spans != kind:
            yield band
            band = []
        kind = spans
        band += row
    if band:
        yield band


def _gutter(segments: list[Segment], known: tuple[float, ...], *, least: int = 3) -> float | None:
    """Where the most pairs of neighbours have a gap between them, if those are columns of text."""
    if not 2 <= len(segments) <= _MOST_SEGMENTS:
        return None
    gaps = _gaps(segments)
    if len(gaps) >= least:
        at, support = _most_covered([(left.end, right.start) for left, right in gaps])
        if support >= least and _are_columns([g for g in gaps if g[0].end < at < g[1].start]):
            return at
    return next((at for at in known if _divides(segments, at, gaps)), None)


def _gaps(segments: list[Segment]) -> list[tuple[Segment, Segment]]:
    """Neighbours that stand apart; the lines of two columns need not be at the same height."""
    return [
        (left, right)
        for row in rows(segments, reach=0.9)
        for left, right in pairwise(row)
        if right.start - left.end > 0.6 * min(left.size, right.size)
    ]


def _divides(
    segments: list[Segment], at: float, gaps: list[tuple[Segment, Segment]] | None = None
) -> bool:
    """Whether a gutter that is known is one here too, however few lines stand beside it."""
    gaps = _gaps(segments) if gaps is None else gaps
    beside = [one for one in gaps if one[0].end < at < one[1].start]
    return bool(beside) and _are_columns(beside)


def _most_covered(intervals: list[tuple[float, float]]) -> tuple[float, int]:
    """The middle of where the most intervals overlap, and how many do."""
    events = sorted([(start, 1) for start, _ in intervals] + [(end, -1) for _, end in intervals])
    deep, best, place = 0, 0, 0.0
    for number, (at, step) in enumerate(events):
        deep += step
        if deep > best and number + 1 < len(events):
            best, place = deep, (at + events[number + 1][0]) / 2
    return place, best


def _are_columns(beside: list[tuple[Segment, Segment]]) -> bool:
    """Whether neighbours are lines of two columns, and not cells of a table or items with marks.

    Columns are drawn one after the other; a program that draws line by line gives long lines.
    """
    lefts, rights = [one for one, _ in beside], [one for _, one in beside]
    if sum(bool(_ONLY_MARK.fullmatch(one.text)) for one in lefts) * 2 > len(lefts):
        return False
    last_left = sorted(one.order for one in lefts)[int(0.9 * (len(lefts) - 1))]
    first_right = sorted(one.order for one in rights)[len(rights) // 10]
    width = min(median(_width(one) for one in lefts), median(_width(one) for one in rights))
    return width >= 25 or (last_left < first_right and width >= 8)


def _width(one: Segment) -> int:
    """Letters of the width of Latin ones; those of Chinese and Japanese count two."""
    if one.text.isascii():
        return len(one.text)
    return sum(2 if "\u2e80" <= letter <= "\uffdc" else 1 for letter in one.text)


def _lines(column: list[Segment]) -> list[Line]:
    """Lines of a column; one that runs from right to left is mirrored, to have one start."""
    found = []
    for row in rows(column):
        rtl = sum(len(one.text) for one in row if one.rtl) * 2 > sum(len(one.text) for one in row)
        start, end = min(one.start for one in row), max(one.end for one in row)
        if rtl:
            row.reverse()
            start, end = -end, -start
        main = max(row, key=lambda one: len(one.text))
        apart = len(row) > 1 and not _ONLY_MARK.fullmatch(row[0].text)
        text = " ".join(one.text for one in row)
        bold = all(one.bold for one in row)
        cells = tuple(row) if apart else ()
        found.append(Line(text, start, end, main.base, main.size, bold, cells))
    return found


def _blocks(page: int, lines: list[Line], usual: Measure) -> Iterator[Block]:
    at = 0
    right = _usual_end(lines)
    left = Counter(round(one.start) for one in lines).most_common(1)[0][0] if lines else 0
    while at < len(lines):
        stop, table = _table(lines, at, usual)
        if table:
            told = tuple((page, " ".join(row)) for row in table)
            yield Block("table", told, lines[at].size, rows=table)
            at = stop
            continue
        stop = at + 1
        while (
            stop < len(lines)
            and not _breaks(lines, at, stop, right, usual)
            and not (lines[stop].cells and _table(lines, stop, usual)[1])
        ):
            stop += 1
        yield _paragraph(page, lines[at:stop], left, right, usual)
        at = stop


def _usual_end(lines: list[Line]) -> float:
    """Where full lines of the column end; one in twenty may stick out."""
    ends = sorted(one.end for one in lines)
    return ends[-1 - len(ends) // 20] if ends else 0.0


def _breaks(lines: list[Line], first: int, at: int, right: float, usual: Measure) -> bool:
    """Whether a new paragraph begins with line `at`, the one before having begun at `first`."""
    above, line = lines[at - 1], lines[at]
    em = max(line.size, above.size)
    if abs(line.size - above.size) > 0.08 * em or (line.bold != above.bold and _alone(lines, at)):
        return True
    if above.base - line.base > max(usual.leading * 1.25, usual.leading + 0.25) * em:
        return True
    if ITEM.match(line.text) and (
        ENDED.search(above.text) or ITEM.match(lines[first].text) or _ends_early(above, line, right)
    ):
        return True
    if _ends_early(above, line, right) and (
        ENDED.search(above.text) or _begins_anew(above, line, usual)
    ):
        return True
    return _steps_in(lines, first, at)


def _begins_anew(above: Line, line: Line, usual: Measure) -> bool:
    """Whether a line after one that ends early and without a full stop is no continuation.

    So the items of a list whose marks are drawn, and the lines of an address, are kept apart; a
    title, and lines that are centred, are not taken apart.
    """
    centred = abs(line.start + line.end - above.start - above.end) < line.size
    aligned = abs(line.start - above.start) < 0.3 * line.size
    large = line.size > _LARGER * usual.body
    goes_on = line.text[0].islower() or above.text.endswith(_GOING_ON)
    return not goes_on and not large and (aligned or not centred)


def _alone(lines: list[Line], at: int) -> bool:
    """Whether weight sets line `at` apart from the one above, and not one word inside of a text."""
    above, line = lines[at - 1], lines[at]
    return line.bold or len(above.text) < 120


def _ends_early(above: Line, line: Line, right: float) -> bool:
    """Whether the next line's first word had had room on the line above."""
    word = line.text.split(" ", 1)[0]
    letter = (line.end - line.start) / max(len(line.text), 1)
    return above.end + (len(word) + 1.5) * letter < right


def _steps_in(lines: list[Line], first: int, at: int) -> bool:
    """Whether the edge says so: a first line that is set in, or one that stands out again."""
    above, line, began = lines[at - 1], lines[at], lines[first]
    step = 0.7 * line.size
    centred = abs(line.start + line.end - above.start - above.end) < line.size
    if centred and abs(line.start - above.start) > 1:
        return False
    if line.start > above.start + step:
        following = lines[at + 1] if at + 1 < len(lines) else None
        hangs = at - first == 1 and (
            (following is not None and abs(following.start - line.start) < step)
            or ITEM.match(began.text) is not None
        )
        return not hangs
    return at - first > 1 and line.start < above.start - step and line.start <= began.start + step


def _paragraph(page: int, lines: list[Line], left: float, right: float, usual: Measure) -> Block:
    size = median(one.size for one in lines)
    text = lines[0].text
    length = sum(len(one.text) for one in lines)
    bold = all(one.bold for one in lines)
    kind: Kind = "text"
    if size > _LARGER * usual.body and length <= 300:
        kind = "heading"
    elif CAPTION.match(text) or size < _SMALLER * usual.body:
        kind = "aside"
    elif bold and length <= 150 and not ENDED.search(lines[-1].text):
        kind = "heading"
    elif ITEM.match(text):
        kind = "item"
    last = lines[-1]
    full = last.end > right - 2 * last.size
    told = tuple((page, one.text) for one in lines)
    return Block(
        kind, told, size, full, bold=bold, set_in=lines[0].start > left + 0.7 * lines[0].size
    )


def _table(lines: list[Line], at: int, usual: Measure) -> tuple[int, tuple[tuple[str, ...], ...]]:
    """Lines from `at` whose cells stand under each other, as rows of cells; () if it is no table.

    A line with one cell, not in the first column, goes on in the cell above.
    """
    stop = at
    while stop < min(len(lines), at + _MOST_ROWS) and (
        lines[stop].cells or (stop > at and _goes_on(lines, at, stop))
    ):
        if (
            stop > at
            and lines[stop - 1].base - lines[stop].base > 3 * usual.leading * lines[stop].size
        ):
            break
        stop += 1
    run = lines[at:stop]
    apart = [one for one in run if one.cells]
    if len(apart) < 2:
        return at, ()
    columns = _spans([cell for one in apart for cell in one.cells])
    if len(columns) < 2 or len(columns) != max(len(one.cells) for one in apart):
        return at, ()
    table: list[list[str]] = []
    for line in run:
        cells = _in_columns(line, columns)
        if not line.cells and table:
            table[-1] = [f"{old} {new}".strip() for old, new in zip(table[-1], cells, strict=True)]
        else:
            table.append(cells)
    return stop, tuple(tuple(row) for row in table)


def _goes_on(lines: list[Line], first: int, at: int) -> bool:
    above, line = lines[at - 1], lines[at]
    second = lines[first].cells[1].start if len(lines[first].cells) > 1 else line.end
    near = above.base - line.base < 1.5 * line.size
    return near and line.start >= second - line.size


def _spans(cells: list[Segment]) -> list[tuple[float, float]]:
    """Where columns lie: cells that overlap, sideways, are of one."""
    found: list[tuple[float, float]] = []
    for one in sorted(cells, key=lambda each: each.start):
        if found and one.start < found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], one.end))
        else:
            found.append((one.start, one.end))
    return found


def _in_columns(line: Line, columns: list[tuple[float, float]]) -> list[str]:
    told = [""] * len(columns)
    nearest: Callable[[float], int] = lambda middle: min(  # noqa: E731
        range(len(columns)), key=lambda n: max(columns[n][0] - middle, middle - columns[n][1])
    )
    if not line.cells:
        told[nearest((line.start + line.end) / 2)] = line.text
    for cell in line.cells:
        n = nearest((cell.start + cell.end) / 2)
        told[n] = f"{told[n]} {cell.text}".strip()
    return told
