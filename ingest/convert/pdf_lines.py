"""What a PDF page says and where: words of PDFium → segments, pieces of a line of one run of words.

PDFium gives characters in the order in which the page draws them, with the spaces and line ends
that it infers. Only the first and the last character of a word are asked for their places, since
each question is a call into C.

Left out: the order in which a page is read (`pdf_layout.py`), and what is on more pages than one.
"""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Any

from ingest.errors import UnreadableSource

UNKNOWN = "\ufffd"  # stands for a letter of which the file does not say what it is
SLANTED = -1  # the `turn` of text that runs along no edge of the page, such as a watermark
_MOST_CHARACTERS = 400_000  # of one page; a page of a newspaper has some 40,000
_SPACE = 0.12  # widths of the letter size between two letters that are not of one word
_FAR = 1.5  # widths of the letter size between two words that are not of one run
_LINE_HYPHENS = "\x02\ufffe"  # PDFium writes one of these for the hyphen at a line's end
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_WORD = re.compile(r"[^\s\x02\ufffe]+[\x02\ufffe]?|[\x02\ufffe]")
_INVISIBLE = 3  # text rendering mode of ISO 32000-1, 9.3.6: neither filled nor stroked
_BOLD_FLAG = 1 << 18  # ForceBold of ISO 32000-1, table 123
_AFTER_NOTES = '.,;:!?)”"'
_ENDS_OF_NOTED = "0123456789" + _AFTER_NOTES
_SMALL = 0.86  # times the size of a word: its raised number; Chromium's are 0.83
_NOTE = re.compile(r"[0-9]{1,3}(?:,[0-9]{1,3})*|[*†‡§]")
_MARKS = re.compile(r"[.,;:!?)\]”’\"]+")
_MIRRORS = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")
_LAM_ALEF = {"ل": 10**6} | dict.fromkeys("اأإآ", -(10**6))  # lam is read first
_SPACES = re.compile(r"(\s+)")
_CORE = re.compile(r"(\W*)(\w(?:.*\w)?)(\W*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Segment:
    """Words that stand side by side; lengths are points, `start` < `end` along the line.

    `base` grows upwards, `turn` counts quarter turns, `order` counts in the order of drawing,
    `unmapped` characters of which the file does not say what they are.
    """

    text: str
    start: float
    end: float
    base: float
    size: float
    order: int
    turn: int = 0
    bold: bool = False
    invisible: bool = False
    unmapped: int = 0
    rtl: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """One word: its characters, where it is, and the number of its first character."""

    text: str
    start: float
    end: float
    base: float
    size: float
    turn: int
    at: int
    places: tuple[tuple[float, float], ...] = ()


@dataclass(slots=True)
class _Numbers:
    """Where PDFium writes numbers to; made once for each page. `rtl`: some of its text is."""

    x: Any = field(default_factory=ctypes.c_double)
    y: Any = field(default_factory=ctypes.c_double)
    box: Any = None
    matrix: Any = None
    rtl: bool = False


def segments(page: Any) -> tuple[Segment, ...]:
    """All text of a page inside its visible box, upright text turned as the page is turned.

    `pypdfium2.PdfiumError` where PDFium cannot read the page; `UnreadableSource` where it has more
    than 400,000 characters.
    """
    text_page = page.get_textpage()
    try:
        return tuple(_runs(text_page.raw, _words(text_page.raw, page)))
    finally:
        text_page.close()


def _words(handle: Any, page: Any) -> Iterator[Word]:
    from pypdfium2 import raw

    count = raw.FPDFText_CountChars(handle)
    if count > _MOST_CHARACTERS:
        raise UnreadableSource(
            f"has a page of {count:,} characters, which no page of an article has."
        )
    numbers = _Numbers(box=raw.FS_RECTF(), matrix=raw.FS_MATRIX())
    seen = page.get_bbox()
    turned = page.get_rotation() // 90
    spelled = _spelled(raw, handle, count)
    numbers.rtl = any(map(_is_rtl, set().union(*(codes for _, codes in spelled))))
    for first, codes in spelled:
        if codes.isascii() and codes.isprintable():
            characters = list(enumerate(codes, first))
        else:
            shown = [(first + n, one) for n, c in enumerate(codes) if (one := _shown(c))]
            characters = _paired(shown)
        if characters:
            word = _word(raw, handle, characters, numbers, seen, turned)
            if word:
                yield word


def _spelled(raw: Any, handle: Any, count: int) -> list[tuple[int, str]]:
    """Words as (number of the first character, characters), split at white space.

    All text at once where its characters are numbered as PDFium numbers them, which is not so where
    it leaves some out, or where a character is a pair of surrogates; then each by itself, which
    takes longer.
    """
    buffer = ctypes.create_string_buffer(2 * count + 2)
    units = raw.FPDFText_GetText(
        handle, 0, count, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort))
    )
    text = buffer.raw[: 2 * count].decode("utf-16-le", "replace")
    if units - 1 != count or len(text) != count:
        codes = (raw.FPDFText_GetUnicode(handle, at) for at in range(count))
        text = "".join(chr(code) if code < 0x110000 else UNKNOWN for code in codes)
    return [(found.start(), found[0]) for found in _WORD.finditer(text)]


def _shown(character: str) -> str:
    """The character; nothing for what no reader sees, such as controls.

    PDFium says 0 where a font does not say which letter a shape is.
    """
    if "!" <= character <= "~":
        return character
    if character in _LINE_HYPHENS:
        return "-"
    if character == "\0":
        return UNKNOWN
    unseen = unicodedata.category(character) in ("Cc", "Cn") or character == "\ufeff"
    return "" if unseen else character


def _paired(characters: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """With one character for each pair of surrogates, and none for half a pair."""
    found: list[tuple[int, str]] = []
    high = ""
    for at, character in characters:
        if "\ud800" <= character <= "\udbff":
            high = character
        elif "\udc00" <= character <= "\udfff":
            if high:
                whole = (high + character).encode("utf-16-le", "surrogatepass").decode("utf-16-le")
                found.append((at - 1, whole))
            high = ""
        else:
            high = ""
            found.append((at, character))
    return found


def _word(
    raw: Any,
    handle: Any,
    characters: list[tuple[int, str]],
    numbers: _Numbers,
    seen: tuple[float, float, float, float],
    turned: int,
) -> Word | None:
    first, last = characters[0][0], characters[-1][0]
    text = "".join(character for _, character in characters)
    x, y = numbers.x, numbers.y
    if not raw.FPDFText_GetCharOrigin(handle, first, x, y):
        return None
    if not (seen[0] - 1 <= x.value <= seen[2] + 1 and seen[1] - 1 <= y.value <= seen[3] + 1):
        return None  # outside of the page that a reader sees
    matrix = numbers.matrix
    raw.FPDFText_GetMatrix(handle, first, matrix)
    size = raw.FPDFText_GetFontSize(handle, first) * math.hypot(matrix.c, matrix.d)
    angle = math.degrees(math.atan2(matrix.b, matrix.a)) / 90
    if math.isnan(angle):
        return None
    turn = round(angle) % 4 if abs(angle - round(angle)) < 0.05 else SLANTED
    u, v = _along(x.value, y.value, turn)
    raw.FPDFText_GetLooseCharBox(handle, last, numbers.box)
    box = numbers.box
    corners = (_along(box.left, box.bottom, turn)[0], _along(box.right, box.top, turn)[0])
    start, end = u, max(corners)
    places: tuple[tuple[float, float], ...] = ()
    if numbers.rtl:
        places = tuple(_places(raw, handle, characters, numbers, turn))
        start, end = min(left for left, _ in places), max(right for _, right in places)
    if text[-1] in _ENDS_OF_NOTED and not (numbers.rtl and any(map(_is_rtl, text))):
        text = _with_raised(raw, handle, characters, text, turn)
        places += places[-1:] * (len(text) - len(places))
    if not all(map(math.isfinite, (start, end, v, size))):
        return None
    seen_turn = (turn - turned) % 4 if turn != SLANTED else SLANTED
    return Word(text, start, max(start, end), v, max(size, 0.1), seen_turn, first, places)


def _along(x: float, y: float, turn: int) -> tuple[float, float]:
    """Along the line, and upwards from it, for text that is turned by so many quarters."""
    return ((x, y), (y, -x), (-x, -y), (-y, x))[max(turn, 0)]


def _places(
    raw: Any, handle: Any, characters: Sequence[tuple[int, str]], numbers: _Numbers, turn: int
) -> Iterator[tuple[float, float]]:
    """Where each character begins and ends."""
    for at, _ in characters:
        raw.FPDFText_GetCharOrigin(handle, at, numbers.x, numbers.y)
        raw.FPDFText_GetLooseCharBox(handle, at, numbers.box)
        box = numbers.box
        ends = (_along(box.left, box.bottom, turn)[0], _along(box.right, box.top, turn)[0])
        yield _along(numbers.x.value, numbers.y.value, turn)[0], max(ends)


def _with_raised(
    raw: Any, handle: Any, characters: list[tuple[int, str]], text: str, turn: int
) -> str:
    """Small raised digits at the end: `survey[3]` for a note's number, `m²` for a power.

    Without it the number of a note would be part of the word, or of the year, before it. Lowered
    digits stay as they are: `CO2`.
    """
    marks = len(text) - len(text.rstrip(_AFTER_NOTES))
    stop = start = len(text) - marks
    whole = raw.FPDFText_GetFontSize(handle, characters[0][0])
    while (
        start > max(stop - 3, 0)
        and text[start - 1].isdigit()
        and raw.FPDFText_GetFontSize(handle, characters[start - 1][0]) < _SMALL * whole
    ):
        start -= 1
    if start in (0, stop) or _is_lowered(raw, handle, characters, start, turn):
        return text
    before, number, after = text[:start], text[start:stop], text[stop:]
    if len(before) <= 2 and before.isalpha():
        return before + number.translate(_SUPERSCRIPTS) + after
    return f"{before}[{number}]{after}"


def _is_lowered(
    raw: Any, handle: Any, characters: list[tuple[int, str]], at: int, turn: int
) -> bool:
    """Whether a character of a word stands below the line that the word begins on."""
    x, y = ctypes.c_double(), ctypes.c_double()
    heights = []
    for number in (characters[0][0], characters[at][0]):
        raw.FPDFText_GetCharOrigin(handle, number, x, y)
        heights.append(_along(x.value, y.value, turn)[1])
    return heights[1] < heights[0]


def _is_rtl(character: str) -> bool:
    return character > "\u0590" and unicodedata.bidirectional(character) in ("R", "AL")


def _runs(handle: Any, words: Iterator[Word]) -> Iterator[Segment]:
    run: list[Word] = []
    order = 0
    for word in words:
        if run and not _follows(run, word):
            yield _segment(handle, run, order)
            order += 1
            run = []
        run.append(word)
    if run:
        yield _segment(handle, run, order)


def _follows(run: list[Word], word: Word) -> bool:
    """Whether a word stands beside the last one: on its line, and not far from it."""
    last = run[-1]
    size = max(last.size, run[0].size)
    if word.turn != last.turn or abs(word.base - run[0].base) > 0.5 * size:
        return False
    if word.places:  # some text runs from the right: the next word is to either side
        gap = max(word.start - last.end, last.start - word.end)
    else:
        gap = word.start - last.end
        if gap < -0.5 * size:
            return False
    return gap <= _FAR * size


def _segment(handle: Any, run: list[Word], order: int) -> Segment:
    from pypdfium2 import raw

    longest = max(run, key=lambda one: len(one.text))
    letters = [letter for one in run if one.places for letter in one.text if letter.isalpha()]
    from_right = sum(map(_is_rtl, letters))
    rtl = from_right * 2 > len(letters)
    shown = raw.FPDFText_GetTextObject(handle, longest.at)
    return Segment(
        text=_logical(run, rtl) if from_right else _spaced(run),
        start=min(one.start for one in run),
        end=max(one.end for one in run),
        base=longest.base,
        size=longest.size,
        order=order,
        turn=longest.turn,
        bold=_is_bold(raw, handle, longest.at),
        invisible=bool(shown) and raw.FPDFTextObj_GetTextRenderMode(shown) == _INVISIBLE,
        unmapped=_unmapped(raw, handle, longest, run),
        rtl=rtl,
    )


def _unmapped(raw: Any, handle: Any, longest: Word, run: list[Word]) -> int:
    if raw.FPDFText_HasUnicodeMapError(handle, longest.at) == 1:
        return sum(len(one.text) for one in run)
    return sum(
        letter == UNKNOWN or "\ue000" <= letter <= "\uf8ff"
        for one in run
        if not one.text.isascii()
        for letter in one.text
    )


def _is_bold(raw: Any, handle: Any, at: int) -> bool:
    name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    length = raw.FPDFText_GetFontInfo(handle, at, name, 128, flags)
    said = name.value.lower() if length <= 128 else b""
    return bool(flags.value & _BOLD_FLAG) or b"bold" in said or b"black" in said


def _spaced(run: list[Word]) -> str:
    """Words with spaces between; the raised number of a note in brackets, at its word."""
    text = run[0].text
    raised = False
    for before, word in pairwise(run):
        near = word.start - before.end < 0.3 * before.size
        small = word.size < _SMALL * before.size and word.base > before.base + 0.15 * before.size
        if near and small and _NOTE.fullmatch(word.text):
            text += f"[{word.text}]"
            raised = True
            continue
        text += word.text if raised and near and _MARKS.fullmatch(word.text) else f" {word.text}"
        raised = False
    return text


def _logical(run: list[Word], rtl: bool) -> str:
    """A line with words that run from right to left, in the order in which it is read.

    Drawing programs give the letters of such words in either order, so their places decide. It is
    the way back of UAX #9, the bidirectional algorithm, without its explicit marks.
    """
    shown: list[tuple[float, int, str, float]] = []
    for word in run:
        places = word.places
        lefts = [left for left, _ in places]
        shared = Counter(lefts)
        backwards = len(places) > 1 and lefts[0] < lefts[-1]
        for n, (letter, (left, right)) in enumerate(zip(word.text, places, strict=True)):
            order = n if backwards else -n
            if letter in _LAM_ALEF and shared[left] == 2:  # a ligature has one place
                order = _LAM_ALEF[letter]
            shown.append((left, order, letter, right))
    letters: list[str] = []
    edge = math.inf
    for left, _, letter, right in sorted(shown, key=lambda one: one[:2]):
        if left - edge > _SPACE * run[0].size:
            letters.append(" ")
        letters.append(letter)
        edge = right if edge == math.inf or letters[-2:-1] == [" "] else max(edge, right)
    found = _rtl_line(letters) if rtl else _ltr_line(letters)
    return " ".join("".join(found).split())


def _rtl_line(letters: list[str]) -> Iterator[str]:
    """Letters as seen, from the left → as read, in a line that begins at the right."""
    for is_rtl, group in groupby(reversed(letters), _is_rtl_or_mark):
        run = list(group)
        if is_rtl:
            yield from run
            continue
        text = "".join(run)
        if not any(map(str.isalnum, text)):
            yield from map(_mirrored, run)
        elif any(unicodedata.bidirectional(one) == "L" for one in run):
            yield from _turned(text)
        else:
            for piece in _SPACES.split(text):
                yield from _turned(piece)


def _ltr_line(letters: list[str]) -> Iterator[str]:
    """The same for a line that begins at the left: only what runs from the right is turned."""
    ends = [n for n, one in enumerate(letters) if _is_rtl(one)]
    before = 0
    run: list[int] = []
    for at in [*ends, None]:
        between = letters[run[-1] : at] if run and at is not None else []
        if run and (at is None or any(unicodedata.bidirectional(one) == "L" for one in between)):
            yield from letters[before : run[0]]
            yield from _rtl_line(letters[run[0] : run[-1] + 1])
            before, run = run[-1] + 1, []
        if at is not None:
            run.append(at)
    yield from letters[before:]


def _is_rtl_or_mark(letter: str) -> bool:
    return _is_rtl(letter) or unicodedata.combining(letter) > 0


def _turned(text: str) -> Iterator[str]:
    """A piece that reads from the left; what stands around its words and numbers stays around."""
    found = _CORE.fullmatch(text)
    if found is None:
        yield from map(_mirrored, text)
    else:
        yield from map(_mirrored, found[1])
        yield from reversed(found[2])
        yield from map(_mirrored, found[3])


def _mirrored(character: str) -> str:
    return character.translate(_MIRRORS)
