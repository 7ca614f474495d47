"""What a model said and where it named sentences → claims, each with the quotations it rests on.

A sentence that names sentences it was shown cites those. One that does not, as small models write
them, is matched afterwards against every sentence of the hits, and cites at most two of one
article, if the judge finds in them what it says. All quoted words are the articles' own.

Left out: the verdict (`ground.py`); asking the model (`llm.py`).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence, Set

from answer.draft import Claim, Quotation
from answer.judge import Judgement
from answer.llm.markers import Cited, Event, Number
from answer.llm.prompt import Numbered, visible
from index.words import content_terms
from ingest.article import Span
from ingest.split import sentences

CLAIMS = 40  # sentences of one answer; the prompt asks for five
CITED = 6  # quotations of one sentence
COMPARED = 4  # sentences that the judge sees for one claim, and
BESIDE = 3  # those that it sees beside the best of them, for what that one lacks
ALIKE = 0.5  # share of the content words that a sentence must have to be compared at all

Judge = Callable[[str, Sequence[str]], Judgement]

_LINK = re.compile(r"!?\[([^\[\]\n]{0,300})\](?:\([^()\n]{0,2000}\)|\[[^\[\]\n]{0,300}\])")
_LINE_MARK = re.compile(r"(?m)^[ \t]{0,8}(?:#{1,6}|[-*+>•]|\d{1,3}[.)])[ \t]+")
_EMPHASIS = re.compile(r"\*\*|__|```|~~")
_EMPTY = re.compile(r" ?(?:\( ?[,;]? ?\)|\[ ?[,;]? ?\]|``)")
_BEFORE_STOP = re.compile(r" (?=[.,;:!?…。，])(?![.,]\d)")
_DOUBLED = re.compile(r"([,;])(?: ?[,;])+")
_DECLINES = re.compile(r"\bnot[ _]+in[ _]+the[ _]+passages\b", re.IGNORECASE)
_ONLY_LABEL = re.compile(r"(?:answer|sources?|citations?|references?)\s*:?", re.IGNORECASE)
_ENDED = re.compile(r"[.!?…。！？।؟۔:;][\"'”’»)\]*_`」』]*$")


class Reply:
    """The text of an answer as it grows, and where in it sentences were named."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._cites: list[tuple[int, tuple[Number, ...]]] = []
        self.length = 0

    def add(self, events: Iterable[Event]) -> None:
        """Take in what the parser gave."""
        for event in events:
            if isinstance(event, Cited):
                self._cites.append((self.length, event.numbers))
            else:
                self._parts.append(event.text)
                self.length += len(event.text)

    @property
    def text(self) -> str:
        """What was said so far, without markers."""
        self._parts = ["".join(self._parts)]
        return self._parts[0]

    @property
    def named(self) -> bool:
        """Whether any marker stood in it."""
        return bool(self._cites)

    @property
    def declines(self) -> bool:
        """Whether it says that the passages do not hold the answer."""
        return bool(_DECLINES.search(self.text))

    def statements(self, *, cut: bool = False) -> list[tuple[str, tuple[Number, ...]]]:
        """Each sentence as a reader should see it, with the numbers that belong to it.

        A marker belongs to the sentence that it stands in or behind; where a line begins with one
        and does not end with one, to the sentence after it. `cut`: the end is missing, so a last
        sentence without an end is left out, where it is not the only one.
        """
        text = self.text
        spans = sentences(text)
        numbers: list[dict[Number, None]] = [{} for _ in spans]
        lines = _Lines(text, [at for at, _ in self._cites])
        for at, named in self._cites:
            if spans:
                numbers[_owner(at, spans, lines)].update(dict.fromkeys(named))
        if cut and len(spans) > 1 and not _ENDED.search(spans[-1].of(text)[-8:]):
            spans = spans[:-1]
        told = [(plain(s.of(text)), tuple(n)) for s, n in zip(spans, numbers, strict=False)]
        return [(said, named) for said, named in told if _says_something(said)]


class _Lines:
    """Where lines begin, and which of them have their markers in front of the sentences."""

    def __init__(self, text: str, cites: Sequence[int]) -> None:
        self._text = text
        self._ends = [match.start() for match in re.finditer("\n", text)] + [len(text)]
        self._cites = cites

    def bounds(self, at: int) -> tuple[int, int]:
        line = bisect_left(self._ends, at)
        return (self._ends[line - 1] + 1 if line else 0), self._ends[line]

    def leads(self, at: int) -> bool:
        """Whether nothing but marks stands before it on its line."""
        start, _ = self.bounds(at)
        return at - start < 16 and not any(c.isalpha() for c in self._text[start:at])

    def lead_all(self, at: int) -> bool:
        start, end = self.bounds(at)
        first = self._cites[bisect_left(self._cites, start)]
        last = self._cites[bisect_right(self._cites, end) - 1]
        return self.leads(first) and bool(self._text[last:end].strip(" \t.!?"))


def _owner(at: int, spans: Sequence[Span], lines: _Lines) -> int:
    """Which sentence a marker at this place belongs to."""
    behind = bisect_left([span.start for span in spans], at) - 1
    if behind >= 0 and spans[behind].start < at < spans[behind].end:
        return behind
    following = behind + 1
    on_line = following < len(spans) and spans[following].start <= lines.bounds(at)[1]
    if behind < 0 or (on_line and (lines.leads(at) or lines.lead_all(at))):
        return min(following, len(spans) - 1)
    return behind


def plain(text: str) -> str:
    """A model's text on one line, without Markdown's links, images, headings and emphasis.

    HTML stays as it is: every door escapes it.

    >>> plain("- **He** [left](http://evil.example/x) ![](http://evil.example/y)( ) .")
    'He left.'
    """
    text = _LINK.sub(r"\1", _LINE_MARK.sub("", visible(text))).replace("![", "[")
    text = _EMPTY.sub("", " ".join(_EMPHASIS.sub("", text).split()))
    return _DOUBLED.sub(r"\1", _BEFORE_STOP.sub("", text)).strip()


def claims(
    statements: Sequence[tuple[str, tuple[Number, ...]]],
    hits: Sequence[Numbered],
    shown: Mapping[Number, Numbered],
    judge: Judge,
    support: float,
) -> tuple[Claim, ...]:
    """Each statement with its quotations: those it names, else those that hold what it says.

    A statement for which nothing is found stays, and cites nothing.
    """
    told = [(said, named) for said, named in statements if not _DECLINES.search(said)][:CLAIMS]
    words = Wording(hits)
    found: list[Claim] = []
    for said, named in told:
        meant = [shown[number] for number in named if number in shown][:CITED]
        quotations = (_quotation(one, support) for one in meant or words.holding(said, judge))
        found.append(Claim(said, tuple(quotations)))
    return tuple(found)


class Wording:
    """The sentences of the hits by their words, to find those that hold what a claim says."""

    def __init__(self, hits: Sequence[Numbered]) -> None:
        self._hits = hits
        self._holding: dict[str, list[int]] = {}
        self._read = False

    def holding(self, claim: str, judge: Judge) -> tuple[Numbered, ...]:
        """The sentence that supports the claim, alone or with a second one of its article; else one
        that does in part; else none.
        """
        words = set(content_terms(claim))
        judged = [(judge(claim, [one.text]), one) for one in self._near(words)]
        agreeing = [pair for pair in judged if not pair[0].contradicted]
        if not agreeing:
            return ()
        best, one = max(agreeing, key=lambda pair: _rank(pair[0]))
        if best.verdict == "supported":
            return (one,)
        missing, article = words.difference(content_terms(one.text)), _article(one)
        for other in self._near(missing, article)[:BESIDE]:
            if judge(claim, [one.text, other.text]).verdict == "supported":
                return (one, other)
        return (one,) if best.verdict == "partly" else ()

    def _near(self, words: Set[str], article: str | None = None) -> list[Numbered]:
        """The few sentences with at least `ALIKE` of these words, the fullest first.

        Of `article` only, where it is given: what two articles say is not what either says.
        """
        if not self._read:
            self._read = True
            for at, one in enumerate(self._hits):
                for word in set(content_terms(one.text)):
                    self._holding.setdefault(word, []).append(at)
        shared: dict[int, int] = {}
        for word in words:
            for at in self._holding.get(word, ()):
                shared[at] = shared.get(at, 0) + 1
        enough = [
            at
            for at, count in shared.items()
            if count >= ALIKE * len(words) and article in (None, _article(self._hits[at]))
        ]
        enough.sort(key=lambda at: (-shared[at], len(self._hits[at].text), at))
        return [self._hits[at] for at in enough[:COMPARED]]


def _article(one: Numbered) -> str:
    return one.hit.passage.article_sha256


def _rank(judgement: Judgement) -> tuple[bool, bool, float]:
    verdict = judgement.verdict
    return verdict == "supported", verdict == "partly", judgement.coverage


def _quotation(one: Numbered, support: float) -> Quotation:
    return Quotation(one.hit, one.chars, one.text, one.hit.score, support)


def _says_something(said: str) -> bool:
    return any(char.isalpha() for char in said) and not _ONLY_LABEL.fullmatch(said)
