"""Where do the words of a citation stand in an article as it is now?

They are found by the words themselves and by what stands around them, never by offsets alone, and a
place is told only where it is certain: the quotation stands there exactly, and no other place fits
as well. Words that are nearly the same are shown beside the quotation, without a place: a wrong
highlight is worse than none. Pure.

Left out: which article to look in (`__init__.py`), and whether the words that stand there still say
what they said (`sentence.py`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from answer.answer import Citation
from answer.match import Change, Nearest, find_alike, is_whole, nearest, occurrences
from answer.place import CONTEXT, Place
from answer.verify.sentence import added, taken_back
from index.words import content_terms
from ingest.article import Article, Span

State = Literal["intact", "moved", "altered", "gone"]
ArticleState = Literal["unchanged", "changed", "renamed", "absent", "unreadable"]

# `bench/verify.py` prints what these three rest on, of the sample corpus and XQuAD (66 articles,
# 1,754 sentences). What stands before (or after) two sentences of one article agrees by chance in
# 8 characters or more in 0.44 % of the cases, in 14 or fewer in 999 of 1,000.
_AGREEING = 8  # characters without white space
# 23 sentences stand twice in their article, and none of them has more than 2.
_TELLING = 4  # different content words: such words, found once, are the cited ones
# Of all of them, taken out of their articles, 12 find another that is as much alike.
_ALIKE = 0.6
_AROUND = 1_000  # characters of the cited version on each side, to tell repeated paragraphs apart
_ANCHOR = 24  # characters on each side, between which the words stood
_ROOM = 200  # characters, beside twice the quotation's, that other words may take in its place
_FAR = 200_000  # characters before and after, in which changed words are looked for
_MOST_PLACES = 1_000
_LINE = 120  # characters of a change, where people read it
_EDGE = "\0" * _AGREEING  # the beginning or end of an article, which holds no NUL itself


@dataclass(frozen=True, slots=True)
class CitationCheck:
    """What became of one citation.

    `now` is there for `intact` and `moved` only. `found` is what the article says instead, where
    that is like the quotation, and `changes` how the two differ. `remark` says the rest in words.
    """

    citation: Citation
    state: State
    article: ArticleState
    now: Place | None = None
    found: str | None = None
    changes: tuple[Change, ...] = ()
    remark: str | None = None

    def remarked(self, *remarks: str) -> CitationCheck:
        """The same with more remarks."""
        return replace(self, remark="; ".join(filter(None, [self.remark, *remarks])) or None)

    @property
    def line(self) -> str:
        """One line for people: `[2] altered, 2021/harbour.md: “1974” is now “1975”`."""
        path = self.now.path if self.now else self.citation.path
        told = "; ".join(filter(None, [self.remark, *map(_told, self.changes)]))
        return f"[{self.citation.number}] {self.state}, {path}" + (f": {told}" if told else "")

    def to_json(self) -> dict[str, Any]:
        cited = self.citation
        return {
            "number": cited.number,
            "state": self.state,
            "article": self.article,
            "path": cited.path,
            "article_sha256": cited.article_sha256,
            "chars": cited.chars.to_json(),
            "quote": cited.quote,
            "now": self.now.to_json() if self.now else None,
            "found": self.found,
            "changes": [change.to_json() for change in self.changes],
            "remark": self.remark,
            "line": self.line,
        }


@dataclass(frozen=True, slots=True)
class Around:
    """What stands before and after words, up to an article's edges.

    Compared without white space, so that other line ends or line breaks make no difference.
    """

    before: str
    after: str
    starts: bool
    ends: bool

    def agreeing(self, other: Around) -> tuple[int, int]:
        """In how many characters two agree, before and after; an edge counts as `_EDGE`."""
        (left, right), (other_left, other_right) = self._squeezed(), other._squeezed()
        return _shared(left[::-1], other_left[::-1]), _shared(right, other_right)

    def _squeezed(self) -> tuple[str, str]:
        before, after = "".join(self.before.split()), "".join(self.after.split())
        return _EDGE * self.starts + before, after + _EDGE * self.ends

    def gap(self, article: Article, most: int) -> Span | None:
        """What stands now between the two, if they are there and in one place only."""
        text, body = article.text, article.body
        left, right = self.before[-_ANCHOR:], self.after[:_ANCHOR]
        if len(left) < _ANCHOR:
            lefts = [body.start + len(left)] if text.startswith(left, body.start) else []
        else:
            lefts = [span.end for span in occurrences(left, text, body, limit=_MOST_PLACES)]
        if len(right) < _ANCHOR:
            rights = [body.end - len(right)] if text.endswith(right) else []
        else:
            rights = [span.start for span in occurrences(right, text, body, limit=_MOST_PLACES)]
        gaps = []
        for start in lefts:
            end = next(iter(rights[bisect_left(rights, start) :][:1]), None)
            if end is not None and end - start <= most:
                gaps.append(Span(start, end))
        return gaps[0] if len(gaps) == 1 else None


class _Candidate(NamedTuple):
    before: int
    after: int
    is_same: bool
    chars: Span

    @property
    def is_sure(self) -> bool:
        return max(self.before, self.after) >= _AGREEING

    def beats(self, other: _Candidate) -> bool:
        """Whether nothing speaks for the other that does not speak as much for this one."""
        mine, theirs = (self.before, self.after), (other.before, other.after)
        at_least = all(a >= b for a, b in zip(mine, theirs, strict=True))
        return at_least and (mine != theirs or self.is_same)


def in_article(citation: Citation, article: Article, cited: Article | None) -> CitationCheck:
    """What the article at the cited path, or of the cited bytes, makes of the citation.

    `cited` is the version that was cited, where it is kept.
    """
    if article.sha256 == citation.article_sha256 and stands(citation, article):
        place = Place.cut(article, citation.chars)
        return CitationCheck(citation, "intact", "unchanged", place)
    found = _in_changed(citation, article, cited)
    return found.remarked(*_retold(citation, article))


def _in_changed(citation: Citation, article: Article, cited: Article | None) -> CitationCheck:
    around, now = around_of(citation, cited), _article_state(citation, article)
    candidates = _candidates(citation, article, around)
    best = _certain(citation.quote, article.text, candidates)
    if best is not None:
        return _standing(citation, article, cited, best)
    if candidates:
        many = "1 place" if len(candidates) == 1 else f"{len(candidates)} places"
        remark = f"the words stand at {many}, but not clearly where they were cited"
        return CitationCheck(citation, "altered", now, remark=remark)
    return _altered(citation, article, around, now)


def _standing(
    citation: Citation, article: Article, cited: Article | None, best: _Candidate
) -> CitationCheck:
    """A place that is certain, unless what stands there takes the words back."""
    now = _article_state(citation, article)
    against = taken_back(citation, cited, article, best.chars)
    if against is not None:
        why, said = against
        changes = added(citation.quote, said) if said else ()
        return CitationCheck(citation, "altered", now, None, said, changes, why)
    state: State = "intact" if best.is_same else "moved"
    remark = "the article was changed elsewhere" if best.is_same else None
    return CitationCheck(citation, state, now, Place.cut(article, best.chars), remark=remark)


def _article_state(citation: Citation, article: Article) -> ArticleState:
    return "unchanged" if article.sha256 == citation.article_sha256 else "changed"


def _retold(citation: Citation, article: Article) -> Iterator[str]:
    """What the article says of itself that it did not say when it was cited."""
    for name in ("title", "publisher"):
        was, is_now = getattr(citation, name), getattr(article, name)
        if was != is_now:
            yield f"the article's {name} was {_named(was)}, and is now {_named(is_now)}"


def _named(name: str | None) -> str:
    return f"“{_short(name)}”" if name else "not given"


def _altered(
    citation: Citation, article: Article, around: Around, now: ArticleState
) -> CitationCheck:
    """What an article says that does not say the very words: in their place, else anywhere."""
    gap = around.gap(article, 2 * len(citation.quote) + _ROOM)
    for within in (gap, _vicinity(citation, article)):
        like = _like(citation.quote, article.text, within) if within else None
        if like is not None:
            found, changes = like.chars.of(article.text), like.changes
            why = None if like.changes else "the same words, in other typography or line ends"
            return CitationCheck(citation, "altered", now, None, found, changes, why)
    instead = gap.of(article.text).strip() if gap else ""
    if instead:
        changes = (Change("replaced", citation.quote, instead),)
        return CitationCheck(citation, "altered", now, found=instead, changes=changes)
    return CitationCheck(citation, "gone", now, remark="the article does not say this any more")


def _like(quote: str, text: str, within: Span) -> Nearest | None:
    """The stretch that says the same; without changes where only its typography differs."""
    same = find_alike(quote, text, within)
    if same is not None:
        return Nearest(same, 1.0, ())
    near = nearest(quote, text, within)
    return near if near is not None and near.likeness >= _ALIKE else None


def _vicinity(citation: Citation, article: Article) -> Span:
    """The body; of a very long one, the part where the words were."""
    middle = min(max(article.body.start, citation.chars.start), article.body.end)
    start = max(article.body.start, middle - _FAR)
    return Span(start, min(article.body.end, middle + _FAR + len(citation.quote)))


def _candidates(citation: Citation, article: Article, around: Around) -> list[_Candidate]:
    """Where the very words stand in the article, and how well what is around them agrees."""
    spans = set(occurrences(citation.quote, article.text, article.body, limit=_MOST_PLACES))
    if stands(citation, article) and citation.chars.start >= article.body.start:
        spans.add(citation.chars)
    return [
        _Candidate(
            *around.agreeing(_surroundings(article, span)), span == citation.chars, chars=span
        )
        for span in sorted(spans)
    ]


def _certain(quote: str, text: str, candidates: list[_Candidate]) -> _Candidate | None:
    """The one place that is meant; None where that would be a guess."""
    if not candidates or len(candidates) >= _MOST_PLACES:
        return None
    best = max(candidates, key=lambda c: (c.before + c.after, c.is_same))
    if best.is_sure:
        rivals = (other for other in candidates if other is not best and other.is_sure)
        return best if all(map(best.beats, rivals)) else None
    is_telling = len(set(content_terms(quote))) >= _TELLING and is_whole(text, best.chars)
    return best if is_telling and len(candidates) == 1 else None


def around_of(citation: Citation, cited: Article | None) -> Around:
    """The surroundings that were cited: of the kept version, else those that the record says."""
    if cited is not None:
        return _surroundings(cited, citation.chars)
    starts, ends = len(citation.prefix) < CONTEXT, len(citation.suffix) < CONTEXT
    return Around(citation.prefix, citation.suffix, starts, ends)


def _surroundings(article: Article, chars: Span) -> Around:
    first = max(article.body.start, chars.start - _AROUND)
    last = min(article.body.end, chars.end + _AROUND)
    before, after = article.text[first : chars.start], article.text[chars.end : last]
    return Around(before, after, first == article.body.start, last == article.body.end)


def _shared(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def stands(citation: Citation, article: Article) -> bool:
    return article.text[citation.chars.start : citation.chars.end] == citation.quote


def _told(change: Change) -> str:
    """A change as what happened since: the record's words were said first."""
    said, found = _short(change.said), _short(change.found)
    told = {
        "replaced": f"“{said}” is now “{found}”",
        "added": f"“{said}” was taken out",
        "removed": f"“{found}” was put in",
    }
    return told.get(change.kind, "")


def _short(text: str) -> str:
    """On one line, and not longer than can be taken in beside other changes."""
    text = " ".join(text.split())
    return text if len(text) <= _LINE else text[: _LINE - 1].rstrip() + "…"
