"""Text → a copy in which typography makes no difference, with the way back to the original.

What is folded away: case, white space and line ends, quotation marks (an apostrophe inside a word
stays), kinds of dash, `...` and `…`, compatibility forms (ligatures, full width), precomposed or
combining accents, soft hyphens and zero-width characters, and the marks of Markdown (emphasis,
links, quoted lines, list bullets, escapes, entities). Words, figures, accents and other punctuation
stay as they are. One pass, linear.

Compatibility forms make no figure another: 10⁶ is `10^6` and never 106, a square metre is `m^2`,
10₂ is `10_2` (but CO₂ is CO2), and signs that spell a figure (½, ①, ⒈) stay as they are.

Left out: words hyphenated by hand at the end of a line, HTML tags, and the Turkish dotted I; ½ is
not 1/2, and raised letters are letters (1ˢᵗ is 1st).
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import unescape

from ingest.article import Span

_MARKS = 30  # combining marks read as one character: the Stream-Safe Text Format of UAX #15
_QUOTES = "\"'`´‘’‚‛“”„‟‹›«»′″ʼʹʻ׳״「」『』〝〞〟＂＇"
PAIRS = {
    '"': '"', "'": "'", "“": "”", "‘": "’", "«": "»", "„": "“”", "‚": "‘’", "‹": "›",
    "»": "«", "「": "」", "『": "』", "”": "”", "’": "’",
}  # quotation mark → those that may close it  # fmt: skip
_RAISED = re.compile("[²³¹⁰-ⁿ]+")
_SPELT = ("<circle>", "<compat>", "<fraction>")
_NO_SPACE_AFTER, _NO_SPACE_BEFORE = frozenset("-…([{"), frozenset("-…)]},.;:!?")
_TOKEN = re.compile(
    rf"""(?P<plain>[A-Za-z0-9]+(?:(?:[,.;:!?][ ]?|[ ])[A-Za-z0-9]+){{0,200}}(?![^\x00-\x7f]))
    | (?P<raised>{_RAISED.pattern})
    | (?P<lowered>(?<=\d)[₀-₉]+ | [₀-₉]{{1,9}}(?=\d))
    | (?P<word>[^\W_{_QUOTES}]{{1,200}})
    | (?P<gap>(?:\r\n|[\r\n])[ \t]*(?:>[ \t]*|(?:[-*+]|\#{{1,6}})[ \t]+)+ | [^\S\r\n]+ | [\r\n])
    | (?P<quote>[{_QUOTES}])
    | (?P<dots>\.(?:[ \u00a0]?\.){{2,}} | …)
    | (?P<mark>
        \]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)?(?:[ \t]+"[^"\n]*")?\)  # the end of a link
      | \[\^[^\]\s]{{1,20}}\]                                          # a footnote's number
      | \\(?=[!-/:-@\[-`{{-~])                                         # an escape
      | \*+ | _+ )
    | (?P<entity>&(?:[A-Za-z]{{2,31}} | \#\d{{1,7}} | \#[xX][0-9A-Fa-f]{{1,6}});)
    | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_LINK = re.compile(r'!?\[|\](?:\([^()\s]*(?:\([^()\s]*\)[^()\s]*)?(?:[ \t]+"[^"\n]*")?\))?')


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded copy: character `i` of `text` comes from `[starts[i], ends[i])` of the original."""

    text: str
    starts: array[int]
    ends: array[int]

    def original(self, start: int, end: int) -> Span | None:
        """The original of `text[start:end]`; None where that would cut a character in two."""
        if self._cuts(start) or self._cuts(end):
            return None
        return Span(self.starts[start], self.ends[end - 1])

    def _cuts(self, at: int) -> bool:
        return 0 < at < len(self.text) and self.starts[at] == self.starts[at - 1]


def fold(text: str, within: Span | None = None) -> Folded:
    """The folded copy of `text[within]`; its offsets are those of `text`.

    >>> fold("“The  *Well‑known*\\r\\nﬁsh”").text
    'the well-known fish'
    """
    within = Span(0, len(text)) if within is None else within
    copy = _Copy()
    opening = _link_openings(text, within)
    at = within.start
    while at < within.end:
        match = _TOKEN.match(text, at, within.end)
        assert match is not None  # `other` takes anything
        start, at, kind = match.start(), match.end(), match.lastgroup
        if kind == "plain":  # most of an English text: nothing to fold but case
            copy.put_alike(match.group().lower(), start)
        elif kind == "word":
            at = copy.put_word(text, start, at, within.end)
        elif kind == "gap":
            copy.put(" ", start, at)
        elif kind == "quote":
            if _inside_word(text, start):
                copy.put("'", start, at)
        elif kind == "dots":
            copy.put("…", start, at)
        elif kind in ("raised", "lowered", "entity"):
            apart = "_" if kind == "lowered" else ""
            copy.put(apart + _folded(unescape(match.group())), start, at)
        elif kind == "mark":
            if text[start] == "_" and _inside_word(text, start, at):
                copy.put("_", start, at)
        elif start not in opening:
            at = _cluster_end(text, start, within.end)
            copy.put(_folded(text[start:at]), start, at)
    return copy.done()


def is_letter(character: str) -> bool:
    """Whether it is part of a word or number: a letter, digit or combining mark."""
    return (character.isalnum() and character not in _QUOTES) or _is_mark(character)


class _Copy:
    """A folded copy while it is being written."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._starts, self._ends = array("l"), array("l")
        self._last = " "  # so that no space comes first

    def put_word(self, text: str, start: int, end: int, limit: int) -> int:
        """Write letters and digits; → where they end, with the marks that belong to them."""
        if end < limit and not text[end].isascii() and _is_mark(text[end]):
            end -= 1  # the last letter goes with what follows
        word = text[start:end]
        folded = word.lower() if word.isascii() else _folded_alike(word)
        if folded is not None and word:
            self.put_alike(folded, start)
            return end
        following = _cluster_end(text, start, limit)
        self.put(_folded(text[start:following]), start, following)
        return following

    def put_alike(self, folded: str, start: int) -> None:
        """Write what has one character for each of the original, from `start` on."""
        end = start + len(folded)
        self._write(folded, range(start, end), range(start + 1, end + 1))

    def put(self, folded: str, start: int, end: int) -> None:
        """Write one character's folded form; spaces and dashes do not repeat."""
        if not folded:
            return
        if folded == " ":
            if self._last == " " or self._last in _NO_SPACE_AFTER:
                return
        elif folded[0] in _NO_SPACE_BEFORE:
            self._drop_space()
        if folded == "-" == self._last:
            self._ends[-1] = end
            return
        self._write(folded, [start] * len(folded), [end] * len(folded))

    def _write(self, folded: str, starts: range | list[int], ends: range | list[int]) -> None:
        self._parts.append(folded)
        self._starts.extend(starts)
        self._ends.extend(ends)
        self._last = folded[-1]

    def _drop_space(self) -> None:
        if self._parts and self._parts[-1] == " ":
            for column in (self._parts, self._starts, self._ends):
                column.pop()
            self._last = self._parts[-1][-1] if self._parts else " "

    def done(self) -> Folded:
        self._drop_space()
        return Folded("".join(self._parts), self._starts, self._ends)


def _folded_alike(word: str) -> str | None:
    """The folded word where it has one character for each of the original, else None."""
    folded = word.casefold()
    if len(folded) == len(word) and unicodedata.is_normalized("NFKC", word):
        return folded if unicodedata.is_normalized("NFKC", folded) else None
    return None


@lru_cache(maxsize=50_000)
def _folded(cluster: str) -> str:
    plain = "".join(c for c in cluster if not _is_ignored(c))
    plain = _RAISED.sub(r"^\g<0>", "".join(map(_spelt, plain)))
    if not _spells_figure(plain):
        plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", plain).casefold())
    return "".join(map(_plain_mark, plain)) if len(plain) > 1 else _plain_mark(plain)


def _spelt(character: str) -> str:
    """`m²` for the one character that is a square metre; others as they are."""
    kind, *codes = unicodedata.decomposition(character).split() or [""]
    return "".join(chr(int(code, 16)) for code in codes) if kind == "<square>" else character


def _spells_figure(cluster: str) -> bool:
    """Whether it is a sign like ½ or ①, which beside a digit would make it another figure."""
    if not cluster or not unicodedata.decomposition(cluster[0]).startswith(_SPELT):
        return False
    return any(character.isdigit() for character in unicodedata.normalize("NFKC", cluster[0]))


def _plain_mark(character: str) -> str:
    if character.isspace():
        return " "
    is_dash = character == "−" or (character and unicodedata.category(character) == "Pd")
    return "-" if is_dash else "" if character in _QUOTES else character


def _cluster_end(text: str, start: int, limit: int) -> int:
    """The end of the character at `start` with the marks that follow it."""
    end, limit = start + 1, min(limit, start + 1 + _MARKS)
    while end < limit and _is_mark(text[end]):
        end += 1
    return end


@lru_cache(maxsize=10_000)
def _is_mark(character: str) -> bool:
    """Whether it joins the character before: combining marks, and the later parts of a jamo."""
    if unicodedata.category(character).startswith("M"):
        return True
    return "\u1160" <= character <= "\u11ff" or "\ud7b0" <= character <= "\ud7fb"


@lru_cache(maxsize=10_000)
def _is_ignored(character: str) -> bool:
    """Soft hyphens, zero-width and direction marks (Cf), control characters, variations."""
    if "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef":
        return True
    return unicodedata.category(character) in ("Cf", "Cc") and not character.isspace()


def _inside_word(text: str, start: int, end: int | None = None) -> bool:
    end = start + 1 if end is None else end
    return start > 0 and end < len(text) and is_letter(text[start - 1]) and is_letter(text[end])


def _link_openings(text: str, within: Span) -> frozenset[int]:
    """Where the brackets that open a link or picture stand, with the picture's mark."""
    if text.find("](", within.start, within.end) < 0:
        return frozenset()
    return frozenset(_openings(text, within))


def _openings(text: str, within: Span) -> Iterator[int]:
    unclosed: list[re.Match[str]] = []
    for match in _LINK.finditer(text, within.start, within.end):
        if match.group()[0] != "]":
            unclosed.append(match)
        elif unclosed:
            opened = unclosed.pop()
            if len(match.group()) > 1:
                yield from range(opened.start(), opened.end())
