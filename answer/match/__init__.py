"""Where do these words stand in that text? Exactly, in other typography, or nearly.

A quotation is whole words and whole figures: "art" is not in "party", "200 people" not in "1,200
people", and "we can" not in "we can't". Chinese, Japanese, Thai, Lao, Khmer and Burmese are written
without spaces, so there every character may begin or end one.

Near ones are found by the words that they share, weighted by how rare they are in the text, in a
window that moves along it; the window alone is aligned (longest common subsequence, bit-parallel,
rapidfuzz), so a long text costs linear time and a long quotation a fraction of a second.

Left out: what counts as the same typography (`fold.py`), and which articles to look in
(`check.py`).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from rapidfuzz.distance import LCSseq

from answer.match.fold import Folded, fold, is_letter
from ingest.article import Span

ChangeKind = Literal["same", "replaced", "removed", "added"]
LONGEST_ALIGNED = 10_000  # words; aligning 10,000 with 15,000 takes rapidfuzz 20 ms
_LONGEST_WORD = 100  # characters put together from letters and combining marks
_PATIENCE = 5_000_000  # characters compared again where a word border was missing; then it ends

_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
                       "\uf900-\ufaff\U00020000-\U0003ffff]")  # fmt: skip
_UNSEEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_APOSTROPHES, _SIGNS, _CURRENCIES = "'’ʼ", "-−–", "$£€¥₹₽₴"
_IN_NUMBERS = ".,'’٫٬:/⁄^\u00a0\u202f\u2009"
_EDGES = " -,.;:…()[]{}#>|"  # what a quotation may begin or end with, and the text not
_WORD = re.compile(
    rf"{_UNSPACED.pattern}|(?:(?!{_UNSPACED.pattern})\w)+(?:['.,](?=\w)|\w)*|[^\w\s]"
)
_BLANK_LINE = re.compile(r"(?:\r\n|\r|\n)[^\S\r\n]*(?:\r\n|\r|\n)")
_DETOURS = 4  # matches in other paragraphs that are tried without, at each end
_SENTENCE_END = frozenset(".!?…。！？।؟۔")


# ---- the words themselves -----------------------------------------------------------------------


def occurrences(
    quote: str,
    text: str,
    within: Span | None = None,
    *,
    whole_words: bool = False,
    limit: int | None = None,
) -> tuple[Span, ...]:
    """Every span with `text[start:end] == quote`, in order, none overlapping.

    `whole_words` leaves out those that begin or end inside a word or a figure.

    >>> occurrences("art", "art for party"), occurrences("art", "party", whole_words=True)
    ((Span(start=0, end=3), Span(start=9, end=12)), ())
    """
    within = Span(0, len(text)) if within is None else within
    found: list[Span] = []
    for start in _starts(quote, text, within):
        span = Span(start, start + len(quote))
        if (not found or start >= found[-1].end) and (not whole_words or is_whole(text, span)):
            found.append(span)
            if limit is not None and len(found) >= limit:
                break
    return tuple(found)


def find_alike(quote: str, text: str, within: Span | None = None) -> Span | None:
    """The first place with the same words, whatever the typography; None where there is none.

    The span is of `text` as it is, from the first character that was matched to the last. Where the
    punctuation that the quotation begins or ends with is not there, it is found without.

    >>> find_alike('"a well-known  fish."', "He ate “a *Well‑known*\\nfish,” he said.")
    Span(start=8, end=27)
    """
    return next(alike(quote, text, fold(text, within)), None)


def alike(quote: str, text: str, folded: Folded) -> Iterator[Span]:
    """`find_alike`, every place: `folded` is `fold(text)`, made once for many quotations."""
    whole, core = _wanted(quote)
    for wanted in dict.fromkeys((whole, core)):
        found, end = False, 0
        for start in _starts(wanted, folded.text, Span(0, len(folded.text))):
            span = folded.original(start, start + len(wanted)) if start >= end else None
            if span is not None and is_whole(text, span):
                found, end = True, start + len(wanted)
                yield span
        if found:
            return


def is_whole(text: str, span: Span) -> bool:
    """Whether the span begins and ends between words, and cuts no figure or contraction.

    >>> is_whole("1,200 people can't", Span(2, 5)), is_whole("1,200 people can't", Span(6, 12))
    (False, True)
    """
    return not (_is_inside(text, span.start) or _is_inside(text, span.end))


@lru_cache(maxsize=256)
def _wanted(quote: str) -> tuple[str, str]:
    """The folded quotation, and the same without the punctuation at its ends."""
    whole = fold(quote).text.strip()
    core = whole.strip(_EDGES)
    at = whole.find(core)
    if core[:1].isdigit() and at and whole[at - 1] in "-.":
        core = whole[at - 1] + core  # a minus or a decimal point belongs to its figure
    return whole, core


def _starts(wanted: str, text: str, within: Span) -> Iterator[int]:
    """Where `wanted` begins, overlapping too; linear, for it gives up on hostile repetition."""
    start = text.find(wanted, within.start, within.end) if wanted else -1
    left = _PATIENCE // len(wanted) if wanted else 0
    while start >= 0 and left > 0:
        yield start
        start = text.find(wanted, start + 1, within.end)
        left -= 1


def _is_inside(text: str, at: int) -> bool:
    """Whether `at` lies inside a word, a figure or a contraction."""
    left, right = at, at
    while left and at - left < 8 and text[left - 1] in _UNSEEN:
        left -= 1
    while right < len(text) and right - at < 8 and text[right] in _UNSEEN:
        right += 1
    if not left or right >= len(text):
        return False
    before, after, rest = text[left - 1], text[right], text[right + 1 : right + 3]
    if is_letter(after) and is_letter(before):
        free = _UNSPACED.match(before) or _UNSPACED.match(after)
        return not after.isalnum() or not free  # a mark belongs to what is before it
    earlier = text[left - 2] if left > 1 else " "
    if is_letter(before):
        if before.isdigit() and after in _IN_NUMBERS and rest[:1].isdigit():
            return True
        # "can" is not what "can't" says, but "Turkey" is in "Turkey's".
        own = rest[:1] in "sS" and not rest[1:].isalnum()
        return after in _APOSTROPHES and before.isalpha() and rest[:1].isalpha() and not own
    if before in _IN_NUMBERS and earlier.isdigit():
        return after.isdigit()
    signed = before in _SIGNS and (earlier.isspace() or earlier in "(“\"'" + _CURRENCIES)
    return signed and (after.isdigit() or after in _CURRENCIES)


# ---- nearly the same words ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """A run of words as the quotation has them (`said`) and as the text has them (`found`).

    `same` where only typography may differ; `replaced`; `removed` where the quotation leaves out
    words of the text (`said` is empty); `added` where it has words that the text has not.
    """

    kind: ChangeKind
    said: str
    found: str

    def to_json(self) -> dict[str, str]:
        return {"kind": self.kind, "said": self.said, "found": self.found}


@dataclass(frozen=True, slots=True)
class Nearest:
    """The stretch of a text that is most like a quotation.

    `likeness` is twice the letters that both have, in the same order, over the letters of both.
    """

    chars: Span
    likeness: float
    changes: tuple[Change, ...]


class _Word(NamedTuple):
    folded: str
    chars: Span


def nearest(
    quote: str, text: str, within: Span | None = None, *, folded: Folded | None = None
) -> Nearest | None:
    """The stretch of `text[within]` that is most like the quotation, and where they differ.

    None where they share no word. `folded` is `fold(text, within)`, where it is at hand. Of a
    quotation of more than `LONGEST_ALIGNED` words, the beginning is compared.

    >>> found = nearest("Thirty men left.", "On Monday, forty men left. It rained.")
    >>> [(change.kind, change.said, change.found) for change in found.changes]
    [('replaced', 'Thirty', 'forty'), ('same', 'men left.', 'men left.')]
    """
    said = _words(quote, fold(quote))[:LONGEST_ALIGNED]
    words = _words(text, folded or fold(text, within))
    window = _best_window(said, words)
    if window is None:
        return None
    blocks = _blocks(said, words, window)
    blocks = _without_detour(text, said, words, _drawn_in(words, blocks))
    first, last = _ends(text, said, words, blocks)
    changes = tuple(_changes(quote, text, said, words[first:last], _shift(blocks, first)))
    chars = Span(words[first].chars.start, words[last - 1].chars.end)
    return Nearest(chars, round(_likeness(text, said, words, blocks), 4), changes)


class _Block(NamedTuple):
    """`size` words that are the same from word `said` of the quotation and `found` of the text."""

    said: int
    found: int
    size: int

    @property
    def end(self) -> int:
        return self.found + self.size


def _words(text: str, folded: Folded) -> list[_Word]:
    """Words and punctuation marks, folded, with their places in `text`.

    One word is what `is_whole` does not cut: -5, 10⁶ and 1 200 with a narrow space are one each.
    """
    found: list[_Word] = []
    ended = 0
    for match in _WORD.finditer(folded.text):
        start, end, word = match.start(), match.end(), match.group()
        chars = Span(folded.starts[start], folded.ends[end - 1])
        goes_on = found and start == ended and _goes_on(found[-1].folded, word)
        if found and (goes_on or chars.start < found[-1].chars.end or _is_cut(text, chars.start)):
            chars = Span(found[-1].chars.start, chars.end)
            found[-1] = _Word(found[-1].folded + folded.text[ended:start] + word, chars)
        else:
            found.append(_Word(word, chars))
        ended = end
    return found


def _is_cut(text: str, at: int) -> bool:
    """`_is_inside`, at once where a plain space or line end parts two words, as it mostly does."""
    return text[at - 1 : at] not in (" ", "\n") and _is_inside(text, at)


def _goes_on(before: str, word: str) -> bool:
    """Whether `word` is a combining mark, or goes on behind one, as in नमस्ते."""
    if not is_letter(word[0]) or _UNSPACED.match(word) or len(before) > _LONGEST_WORD:
        return False
    return not word[0].isalnum() or (not before[-1].isalnum() and is_letter(before[-1]))


def _best_window(said: Sequence[_Word], words: Sequence[_Word]) -> Span | None:
    """The run of words, a quarter longer than the quotation, that shares most with it."""
    wanted = Counter(word.folded for word in said)
    frequent = Counter(word.folded for word in words)
    weights = {w: math.log(1 + len(words) / frequent[w]) for w in wanted if frequent[w]}
    length = len(said) + len(said) // 4 + 1
    held: Counter[str] = Counter()
    score, best, best_at = 0.0, 0.0, 0
    for at, (word, _) in enumerate(words):
        if word in weights:
            held[word] += 1
            score += weights[word] * (held[word] <= wanted[word])
        gone = words[at - length].folded if at >= length else ""
        if gone in weights:
            score -= weights[gone] * (held[gone] <= wanted[gone])
            held[gone] -= 1
        if score > best + 1e-9:
            best, best_at = score, at
    if not best:
        return None
    margin = len(said) // 4
    return Span(max(0, best_at + 1 - length - margin), min(len(words), best_at + 1 + margin))


def _blocks(said: Sequence[_Word], words: Sequence[_Word], window: Span) -> list[_Block]:
    near = [word.folded for word in words[window.start : window.end]]
    aligned = LCSseq.opcodes([word.folded for word in said], near).as_matching_blocks()
    return [_Block(b.a, window.start + b.b, b.size) for b in aligned if b.size]


def _drawn_in(words: Sequence[_Word], blocks: Sequence[_Block]) -> list[_Block]:
    """The same matches in the shortest stretch: those at its ends moved towards its middle.

    Where a heading says the first words of the sentence below it, they are found in the sentence.
    """
    said = [block.said + i for block in blocks for i in range(block.size)]
    found = [block.found + i for block in blocks for i in range(block.size)]
    found = _moved_on(words, found, 1)
    found = _moved_on(words, found[::-1], -1)[::-1]
    joined: list[_Block] = []
    for one, other in zip(said, found, strict=True):
        if joined and (one, other) == (joined[-1].said + joined[-1].size, joined[-1].end):
            joined[-1] = joined[-1]._replace(size=joined[-1].size + 1)
        else:
            joined.append(_Block(one, other, 1))
    return joined


def _moved_on(words: Sequence[_Word], places: list[int], step: int) -> list[int]:
    """The first of these places, each moved by steps to the last word there that is the same."""
    moved = places.copy()
    for at in range(len(places) - 2, -1, -1):
        moved[at] = moved[at + 1] - step
        while words[moved[at]].folded != words[places[at]].folded:
            moved[at] -= step
    kept = next(at for at in range(len(places)) if moved[at] == places[at])  # the last is
    return moved[:kept] + places[kept:]


def _without_detour(
    text: str, said: Sequence[_Word], words: Sequence[_Word], blocks: list[_Block]
) -> list[_Block]:
    """Without matches in another paragraph that make the stretch no more like the quotation."""
    likeness = _likeness(text, said, words, blocks)
    for cut in (slice(1, None), slice(None, -1)):
        for _ in range(_DETOURS):
            ends = blocks[:2] if cut.start else blocks[-2:]
            if len(ends) < 2 or not _parted(text, words, ends[0].end - 1, ends[1].found):
                break
            shorter = blocks[cut]
            without = _likeness(text, said, words, shorter)
            if without < likeness:
                break
            blocks, likeness = shorter, without
    return blocks


def _parted(text: str, words: Sequence[_Word], first: int, last: int) -> bool:
    """Whether a blank line lies between two words."""
    return _BLANK_LINE.search(text, words[first].chars.end, words[last].chars.start) is not None


def _likeness(
    text: str, said: Sequence[_Word], words: Sequence[_Word], blocks: Sequence[_Block]
) -> float:
    first, last = _ends(text, said, words, blocks)
    length = sum(len(word.folded) for word in (*said, *words[first:last]))
    shared = sum(len(said[b.said + i].folded) for b in blocks for i in range(b.size))
    return 2 * shared / length


def _ends(
    text: str, said: Sequence[_Word], words: Sequence[_Word], blocks: Sequence[_Block]
) -> tuple[int, int]:
    """Which words of the text answer to the quotation: those that are the same, what lies between,
    and, where the quotation goes on, as many again within the sentence and the paragraph."""
    first, last = blocks[0].found, blocks[-1].end
    before, after = blocks[0].said, len(said) - blocks[-1].said - blocks[-1].size
    while before and first and words[first - 1].folded not in _SENTENCE_END:
        if _parted(text, words, first - 1, first):
            break
        first, before = first - 1, before - 1
    while after and last < len(words) and words[last - 1].folded not in _SENTENCE_END:
        if _parted(text, words, last - 1, last):
            break
        last, after = last + 1, after - 1
    return first, last


def _shift(blocks: Sequence[_Block], first: int) -> list[_Block]:
    return [block._replace(found=block.found - first) for block in blocks]


def _changes(
    quote: str, text: str, said: Sequence[_Word], found: Sequence[_Word], blocks: list[_Block]
) -> Iterator[Change]:
    at_said = at_found = 0
    for block in [*blocks, _Block(len(said), len(found), 0)]:
        left = _between(quote, said[at_said : block.said])
        right = _between(text, found[at_found : block.found])
        if left or right:
            yield Change(
                "replaced" if left and right else "added" if left else "removed", left, right
            )
        at_said, at_found = block.said + block.size, block.found + block.size
        if block.size:
            same_said = _between(quote, said[block.said : at_said])
            yield Change("same", same_said, _between(text, found[block.found : at_found]))


def _between(text: str, words: Sequence[_Word]) -> str:
    return text[words[0].chars.start : words[-1].chars.end] if words else ""
