"""What changed between two versions of an article: whole sentences, and the words inside them.

Texts are compared sentence by sentence (metadata line by line), by patience: what stands exactly
once on both sides is matched first, in the longest common order (Cohen 2008; a patience sort takes
n log n), and only what lies between such matches is looked at again, the smallest parts with
`difflib`. A budget bounds that, since hostile text may have no line that stands once: what it does
not reach is told as taken out and put in, which is true of any two texts.

White space is no difference. Left out: which versions there are (`catalog.py`).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any, Literal

from ingest.article import Article, Span, line_spans
from ingest.split import sentences

Kind = Literal["same", "removed", "added"]

_LARGE = 300_000  # characters of a body; a longer one is compared line by line, which costs less
_WORDS = 20_000  # of a passage that was rewritten; in a longer one no words are marked
_SMALL = 60  # pieces on either side that difflib compares
_DEPTH = 12  # times that what lies between matches is looked at again
_BUDGET = 20_000_000  # of difflib's steps at worst, n * m * min(n, m): about two seconds
_ALIKE = 0.3  # of the words; where less stayed, marking words would be noise
_WORD = re.compile(
    r"\w+(?:['’]\w+)*[^\w\s]*|[^\w\s]+"
)  # with the marks behind it: a lone full stop fits anywhere


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence or line: its text, its place in the old and in the new file, what changed in it.

    `marks` are half-open ranges of `text`, in characters: the words that the other version has not.
    A piece that was taken out has no place in the new file, one that was put in none in the old.
    """

    kind: Kind
    text: str
    old: Span | None
    new: Span | None
    marks: tuple[Span, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "text": self.text,
            "old": self.old.to_json() if self.old else None,
            "new": self.new.to_json() if self.new else None,
            "marks": [mark.to_json() for mark in self.marks],
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """All pieces of both versions, in reading order; `added` and `removed` count those."""

    pieces: tuple[Piece, ...]
    added: int
    removed: int

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)

    def shown(self, around: int = 1) -> Iterator[Piece | int]:
        """The pieces that changed, with so many unchanged ones around; between, how many are not.

        >>> same = Piece("same", "It ebbs.", Span(0, 8), Span(0, 8))
        >>> list(Difference((same, same), 0, 0).shown())
        [2]
        """
        near = [at for at, piece in enumerate(self.pieces) if piece.kind != "same"]
        shown = {
            at for one in near for at in range(one - around, one + around + 1)
            if 0 <= at < len(self.pieces)
        }  # fmt: skip
        hidden = 0
        for at, piece in enumerate(self.pieces):
            if at not in shown:
                hidden += 1
                continue
            if hidden:
                yield hidden
            hidden = 0
            yield piece
        if hidden:
            yield hidden


def difference(old: Article, new: Article) -> Difference:
    """What `new` says otherwise than `old`, in about linear time."""
    before, after = _spans(old), _spans(new)
    pieces = tuple(_pieces(old.text, before, new.text, after))
    kinds = Counter(piece.kind for piece in pieces)
    return Difference(pieces, kinds["added"], kinds["removed"])


def _spans(article: Article) -> list[Span]:
    head = line_spans(article.text, Span(0, article.body.start))
    if len(article.body) > _LARGE:
        body = tuple(line_spans(article.text, article.body))
    else:
        body = sentences(article.text, article.body, article.language)
    spans = [_without_bom(article.text, span) for span in (*head, *body)]
    return [span for span in spans if span.of(article.text).strip()]


def _without_bom(text: str, span: Span) -> Span:
    """A byte order mark is no difference, either."""
    return Span(1, span.end) if span.start == 0 and text.startswith("\ufeff") else span


def _pieces(old: str, before: list[Span], new: str, after: list[Span]) -> Iterator[Piece]:
    matching = _Matching(_plain(old, before), _plain(new, after))
    for first, second in matching.gaps():
        gone, come = before[first.start : first.end], after[second.start : second.end]
        yield from _changed(old, gone, new, come, matching)
        if first.end < len(before) and second.end < len(after):
            span = after[second.end]
            yield Piece("same", span.of(new), before[first.end], span)


def _plain(text: str, spans: Sequence[Span]) -> list[str]:
    return [" ".join(span.of(text).split()) for span in spans]


def _changed(
    old: str, gone: Sequence[Span], new: str, come: Sequence[Span], matching: _Matching
) -> Iterator[Piece]:
    """What stands between two matches: taken out first, then put in, with the words marked."""
    out, into = _words(old, gone), _words(new, come)
    marked = _marked(old, out, new, into, matching) if gone and come else ([], [])
    for span in gone:
        yield Piece("removed", span.of(old), span, None, _within(span, marked[0]))
    for span in come:
        yield Piece("added", span.of(new), None, span, _within(span, marked[1]))


def _words(text: str, spans: Sequence[Span]) -> list[Span]:
    words: list[Span] = []
    for span in spans:
        if len(words) > _WORDS:
            break
        words += [Span(*match.span()) for match in _WORD.finditer(text, span.start, span.end)]
    return words


def _marked(
    old: str, out: list[Span], new: str, into: list[Span], matching: _Matching
) -> tuple[list[Span], list[Span]]:
    """The words of each side that the other has not; none where little is left of it anyway."""
    if max(len(out), len(into)) > _WORDS:
        return [], []
    inner = _Matching(_plain(old, out), _plain(new, into), matching)
    gaps = list(inner.gaps())
    if len(gaps) - 1 < _ALIKE * max(len(out), len(into)):
        return [], []
    return (
        [span for gap, _ in gaps for span in _joined(old, out[gap.start : gap.end])],
        [span for _, gap in gaps for span in _joined(new, into[gap.start : gap.end])],
    )


def _joined(text: str, words: Sequence[Span]) -> list[Span]:
    """Neighbouring words as one range, with the space between them."""
    joined: list[Span] = []
    for word in words:
        if joined and not text[joined[-1].end : word.start].strip():
            joined[-1] = Span(joined[-1].start, word.end)
        else:
            joined.append(word)
    return joined


def _within(span: Span, marks: Sequence[Span]) -> tuple[Span, ...]:
    """Those marks that overlap a piece, cut to it and counted from its beginning."""
    first = bisect_left(marks, span.start, key=lambda mark: mark.end)
    found = []
    for mark in marks[first:]:
        if mark.start >= span.end:
            break
        if mark.overlap(span):
            start, end = max(mark.start, span.start), min(mark.end, span.end)
            found.append(Span(start - span.start, end - span.start))
    return tuple(found)


class _Matching:
    """Which items of two sequences are the same, in order. One budget for all that is inside."""

    def __init__(self, old: list[str], new: list[str], outer: _Matching | None = None) -> None:
        self.old, self.new = old, new
        self.outer = outer
        self.budget = _BUDGET

    def gaps(self) -> Iterator[tuple[Span, Span]]:
        """What lies before, between and behind the matches, on both sides; one more than those."""
        everything = (Span(0, len(self.old)), Span(0, len(self.new)))
        pairs = [(-1, -1), *self._matches(*everything, 0), (len(self.old), len(self.new))]
        for (a, b), (c, d) in pairwise(pairs):
            yield Span(a + 1, c), Span(b + 1, d)

    def _matches(self, old: Span, new: Span, depth: int) -> list[tuple[int, int]]:
        """Pairs of places of items that are the same, ascending on both sides."""
        head = tail = 0
        most = min(len(old), len(new))
        while head < most and self.old[old.start + head] == self.new[new.start + head]:
            head += 1
        while tail < most - head and self.old[old.end - 1 - tail] == self.new[new.end - 1 - tail]:
            tail += 1
        inside = (
            Span(old.start + head, old.end - tail),
            Span(new.start + head, new.end - tail),
        )
        return [
            *((old.start + at, new.start + at) for at in range(head)),
            *self._inner(*inside, depth),
            *((old.end - at, new.end - at) for at in range(tail, 0, -1)),
        ]

    def _inner(self, old: Span, new: Span, depth: int) -> list[tuple[int, int]]:
        if not len(old) or not len(new):
            return []
        if max(len(old), len(new)) <= _SMALL:
            return self._compared(old, new)
        anchors = self._anchors(old, new) if depth < _DEPTH else []
        if not anchors:
            return []
        found: list[tuple[int, int]] = []
        ends = [*anchors, (old.end, new.end)]
        a, b = old.start, new.start
        for c, d in ends:
            found += self._matches(Span(a, c), Span(b, d), depth + 1)
            if (c, d) != ends[-1]:
                found.append((c, d))
            a, b = c + 1, d + 1
        return found

    def _anchors(self, old: Span, new: Span) -> list[tuple[int, int]]:
        """Items that stand once on each side, those of the longest common order."""
        where = _once(self.new, new)
        pairs = [(at, where[item]) for item, at in _once(self.old, old).items() if item in where]
        return _rising(sorted(pairs))

    def _compared(self, old: Span, new: Span) -> list[tuple[int, int]]:
        cost = len(old) * len(new) * min(len(old), len(new))
        if not self._afford(cost):
            return []
        left, right = self.old[old.start : old.end], self.new[new.start : new.end]
        blocks = SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks()
        return [
            (old.start + block.a + at, new.start + block.b + at)
            for block in blocks
            for at in range(block.size)
        ]

    def _afford(self, cost: int) -> bool:
        if self.outer is not None:
            return self.outer._afford(cost)
        self.budget -= cost
        return self.budget >= 0


def _once(items: Sequence[str], within: Span) -> dict[str, int]:
    """Item → its place, of those that stand exactly once in this range."""
    counts = Counter(items[within.start : within.end])
    places = range(within.start, within.end)
    return {items[at]: at for at in places if counts[items[at]] == 1}


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of pairs whose second numbers rise as well: a patience sort, n log n."""
    tops: list[int] = []
    last: list[int] = []  # on each pile, the pair on its top
    before: list[int | None] = []
    for at, (_, second) in enumerate(pairs):
        pile = bisect_left(tops, second)
        before.append(last[pile - 1] if pile else None)
        if pile == len(tops):
            tops.append(second)
            last.append(at)
        else:
            tops[pile], last[pile] = second, at
    rising: list[tuple[int, int]] = []
    at_pair: int | None = last[-1] if last else None
    while at_pair is not None:
        rising.append(pairs[at_pair])
        at_pair = before[at_pair]
    return rising[::-1]
