"""A model's output, chunk by chunk → readable text, and which sentence numbers it names where.

The prompt asks for `[3.2]` after each sentence. Models write that in many ways: in full-width
brackets, between backticks, several at once, as a range, with a word before it. A bracket that can
still become a marker is held back until it closes or has `LONGEST` characters, so a reader never
sees half of one, and what comes out does not depend on where the chunks were cut. Every character
is looked at once, whatever the model writes.

Left out: whether a number names a sentence that was shown, but for round brackets (`reply.py`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from dataclasses import dataclass

Number = tuple[int, int]  # passage and sentence, as the prompt counts them

LONGEST = 64  # characters of a marker: room for ten numbers; whatever is longer is text
WIDEST = 10  # sentences that one range may name; of a wider one only its ends are meant

_SQUARE, _SQUARE_END = frozenset("[【［〔⟦"), frozenset("]】］〕⟧")
_ROUND, _ROUND_END = "(", ")"
_BETWEEN = frozenset(",;，；、،")  # what may stand between two markers
_BLANK = frozenset(" \t\u00a0\u202f")

_WORD = re.compile(
    r"(?:sentences?|passages?|sources?|citations?|cite|references?|refs?|nos?)\b[ .:#]*",
    re.IGNORECASE,
)
_MARKS = re.compile(r"(?:[\d.,;،、&#\s\-‐-―−]|\band\b)+")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+")  # 1,200 is a figure
_YEAR_OR_LONGER = re.compile(r"\d{4}")  # [2014] is a word that an editor put in
_ITEM = re.compile(r"(?<![\d.])(\d+)\.(\d+)(?:\s*[-‐-―−]\s*(?:(\d+)\.)?(\d+))?(?![\d.])")
_DOTTED_ONLY = re.compile(r"\s*\d{1,3}\.\d{1,4}(?:\s*[,;]\s*\d{1,3}\.\d{1,4})*\s*")


@dataclass(frozen=True, slots=True)
class Said:
    """Text that a reader may see."""

    text: str


@dataclass(frozen=True, slots=True)
class Cited:
    """A marker stood here; no numbers where it was malformed."""

    numbers: tuple[Number, ...]


Event = Said | Cited


class MarkerParser:
    """Reads a model's output as it arrives.

    `(3.2)` counts as a marker only where `known` has the number, since a figure may stand so.

    >>> parser = MarkerParser()
    >>> [*parser.feed("It sank [1."), *parser.feed("2]."), *parser.close()]
    [Said(text='It sank'), Cited(numbers=((1, 2),)), Said(text='.')]
    """

    def __init__(self, known: Container[Number] = ()) -> None:
        self._known = known
        self._said: list[str] = []  # to be given out with the next event
        self._gap: list[str] = []  # blanks, and a comma between markers: dropped before a marker
        self._held: list[str] = []  # an opening bracket and what follows it
        self._events: list[Event] = []
        self._behind_marker = False
        self._blank_dropped = False

    def feed(self, chunk: str) -> list[Event]:
        """What is certain after this chunk; all chunks together give the same, however cut."""
        for char in chunk:
            self._take(char)
        return self._given()

    def close(self) -> list[Event]:
        """What was held back: text, since its bracket never closed."""
        self._let_go()
        self._say(self._gap)
        return self._given()

    def _take(self, char: str) -> None:
        if char in _SQUARE or char == _ROUND:
            self._let_go()
            self._held.append(char)
        elif self._held:
            self._held.append(char)
            if char == _ROUND_END if self._held[0] == _ROUND else char in _SQUARE_END:
                self._close_bracket()
            elif char in "\r\n" or len(self._held) >= LONGEST:
                self._let_go()
        elif char in _BLANK or (
            self._behind_marker and char in _BETWEEN and _BETWEEN.isdisjoint(self._gap)
        ):
            self._gap.append(char)
        else:
            self._say(self._gap)
            self._say([char])

    def _close_bracket(self) -> None:
        inside = "".join(self._held[1:-1])
        numbers = _round(inside, self._known) if self._held[0] == _ROUND else _square(inside)
        if numbers is None:
            self._let_go()
            return
        if not self._behind_marker:
            self._blank_dropped = bool(self._gap)
        self._held.clear()
        self._gap.clear()
        self._flush()
        self._events.append(Cited(numbers))
        self._behind_marker = True

    def _let_go(self) -> None:
        """The bracket that was held back is text."""
        if self._held:
            held, self._held = self._held, []
            self._say(self._gap)
            self._say(held)

    def _say(self, chars: list[str]) -> None:
        if not chars:
            return
        if self._blank_dropped and chars[0].isalnum():
            self._said.append(" ")  # "left [1.2]and": the words were apart
        self._said.extend(chars)
        chars.clear()
        self._behind_marker = self._blank_dropped = False

    def _flush(self) -> None:
        if self._said:
            self._events.append(Said("".join(self._said)))
            self._said.clear()

    def _given(self) -> list[Event]:
        self._flush()
        events, self._events = self._events, []
        return events


class Thoughts:
    """Leaves out what a reasoning model thinks aloud: `<think>…</think>` before its answer.

    >>> thoughts = Thoughts()
    >>> thoughts.feed("<think>Hm.</th") + thoughts.feed("ink>Yes.") + thoughts.close()
    'Yes.'
    """

    _OPEN, _CLOSE = "<think>", "</think>"

    def __init__(self) -> None:
        self._kept = ""
        self._state = "before"

    def feed(self, chunk: str) -> str:
        """The part of what came so far that is an answer, without what was given before."""
        if self._state == "after":
            return chunk
        self._kept += chunk
        if self._state == "before":
            self._kept = self._kept.lstrip()
            if self._OPEN.startswith(self._kept[: len(self._OPEN)]):
                if len(self._kept) < len(self._OPEN):
                    return ""
                self._state = "thinking"
            else:
                return self._answer(self._kept)
        end = self._kept.find(self._CLOSE)
        if end >= 0:
            return self._answer(self._kept[end + len(self._CLOSE) :])
        self._kept = self._kept[1 - len(self._CLOSE) :]
        return ""

    def close(self) -> str:
        """What was held back because it might have been the beginning of a thought."""
        return self._answer(self._kept) if self._state == "before" else ""

    def _answer(self, text: str) -> str:
        self._state, self._kept = "after", ""
        return text


def _square(inside: str) -> tuple[Number, ...] | None:
    """The numbers between square brackets; None where that is no marker but text."""
    text = unicodedata.normalize("NFKC", inside).strip("` \t*^")
    if "†" in text:  # OpenAI's own style, 【3†source】, names no sentence
        return () if text[0].isdecimal() else None
    word = _WORD.match(text)
    text = text[word.end() :] if word else text
    if not _MARKS.fullmatch(text) or not any(char.isdecimal() for char in text):
        return None
    if not word and "." not in text and (_YEAR_OR_LONGER.search(text) or _GROUPED.fullmatch(text)):
        return None
    return _numbers(text)


def _round(inside: str, known: Container[Number]) -> tuple[Number, ...] | None:
    if not _DOTTED_ONLY.fullmatch(inside):
        return None
    numbers = _numbers(inside)
    return numbers if numbers and all(number in known for number in numbers) else None


def _numbers(text: str) -> tuple[Number, ...]:
    """Every well-formed number, ranges written out, in order and once each.

    >>> _numbers("1.2-1.4, 2.1, 1.2.3, 7.")
    ((1, 2), (1, 3), (1, 4), (2, 1))
    """
    found: dict[Number, None] = {}
    for match in _ITEM.finditer(text):
        passage, first = int(match[1]), int(match[2])
        found[passage, first] = None
        if match[4]:
            last_passage, last = int(match[3] or passage), int(match[4])
            if last_passage == passage and first < last < first + WIDEST:
                found.update(dict.fromkeys((passage, at) for at in range(first, last)))
            found[last_passage, last] = None
    return tuple(found)
