"""Where cited passages of different articles give different figures or dates for what was asked.

A reader who is told of a difference that is none trusts the next one less, so every doubt is
settled by silence: two values differ only where both are what the question asks for
(`wanted.py`), nothing says that they are of different days or things (`doubt.py`), and no
sentence of either article agrees with the other. `bench/sources.py` measures how often a difference
is shown.

Left out: which of them is right; differences that are not of figures or dates.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations

from answer.answer import Citation, Difference, Reading, Source
from answer.differ.doubt import occasions
from answer.differ.wanted import Value, Wanted, is_same_date, wanted
from answer.draft import Quotation
from answer.judge.figures import dates
from index.search import Hit
from index.words import terms
from ingest.article import Article, Span

AROUND = 400  # characters before and after a sentence that say what it is about
MOST_VALUES = 60  # that an article may give; one that gives more is a list, and differs from none
LEAD = 400  # characters of an article's beginning, where news says when it happened
# Amounts this near are one amount, rounded: 1.2 m and 1,230,000, or 12 km and 7.5 miles.
ROUNDED = Fraction(3, 100)

_PERIOD = re.compile(
    r"\b(?:this|last|past|previous|next|each|every|per|a) (?:day|week|month|quarter|year|season)\b"
    r"|\b(?:annual(?:ly)?|monthly|weekly|daily|yearly|each|so far|since|throughout)\b"
    r"|\bwhole (?:of|year)\b",
    re.IGNORECASE,
)
_SEASON = re.compile(r"\b(?:spring|summer|autumn|winter)\b", re.IGNORECASE)
_DAY = re.compile(r"(?:\d{4}|-)-\d\d-\d\d")
_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_WEEKDAY = re.compile(rf"\b(?:{'|'.join(_WEEKDAYS)})\b")


@dataclass(frozen=True, slots=True)
class _Said:
    """A sentence of an article, the values it gives for what was asked, and the days it speaks of.

    `days` are the dates around it, and its weekdays counted back from the publication; `held` are
    the stems of the sentence and its surroundings, and `occasions` what it happened in ("in the
    storm"), where the question does not say it.
    """

    article: str
    sentence: str
    values: tuple[Value, ...]
    days: frozenset[str]
    held: frozenset[str] = frozenset()
    occasions: frozenset[str] = frozenset()


def may_differ(question: str) -> bool:
    """Whether the question asks for a figure or a date; others need no look for differences.

    >>> may_differ("How many were killed?"), may_differ("Who killed them?")
    (True, False)
    """
    return wanted(question) is not None


def disagreeing(
    question: str,
    chosen: Sequence[Quotation],
    passages: Sequence[Hit],
    articles: Mapping[str, Article],
) -> tuple[Quotation, ...]:
    """Sentences that give another figure or date for what is asked than the chosen ones do.

    `passages` are those that may: the hits, and the others of the hits' articles, since a report
    that says "servicemen" is not found by "soldiers". `articles` are theirs, by sha256; a passage
    without its article is passed over. The first chosen sentence with a value is what others are
    compared with. In the order of `passages`, one of each article and value, and none that the
    chosen ones have. They were not scored: `score` and `support` are 0.
    """
    asked = wanted(question)
    if asked is None:
        return ()
    given = _with_one_value(asked, chosen, articles)
    if not given:
        return ()
    own = given[0]
    said = [pair for hit in passages for pair in _all_said(asked, hit, articles)]
    against = _disagreeing([own, *(one for _, one in said)], with_article=own.article)
    found: list[Quotation] = []
    for quotation, one in said:
        new = all(one.article != other.article and not _agree(one, other) for other in given)
        if one in against and _differ(own, one) and new:
            found.append(quotation)
            given.append(one)
    return tuple(found)


def differences(
    question: str,
    citations: Sequence[Citation],
    articles: Mapping[str, Article],
    sources: Sequence[Source] = (),
) -> tuple[Difference, ...]:
    """The figures or dates in which cited articles differ: at most one difference, newest first.

    Each article speaks once, by its first citation that another one disagrees with, and rather by
    one that counts what is asked ("people") than by a narrower one ("soldiers"). `articles` are the
    cited ones, by sha256. With `sources`, copies that say the same speak once too, the oldest for
    all.
    """
    asked = wanted(question)
    if asked is None:
        return ()
    cited = [(c, articles[c.article_sha256]) for c in citations if c.article_sha256 in articles]
    said = [_said(asked, article, c.chars) for c, article in cited]
    disagree = _disagreeing(said)
    told = [(c, one) for (c, _), one in zip(cited, said, strict=True) if one in disagree]
    told.sort(key=lambda pair: asked.is_narrower(pair[1].values[0]))
    speaking: dict[str, Reading] = {}
    for citation, one in told:
        speaking.setdefault(one.article, _reading(citation, one.values[0]))
    readings = _without_copies(speaking, sources)
    if len(readings) < 2:
        return ()
    readings.sort(key=lambda reading: reading.citation)
    dated = sorted((r for r in readings if r.published), key=_published, reverse=True)
    return (Difference(question, (*dated, *(r for r in readings if not r.published))),)


def _published(reading: Reading) -> str:
    return reading.published or ""


def _reading(citation: Citation, value: Value) -> Reading:
    said = " ".join(value.said.split())
    return Reading(said, citation.number, citation.publisher, citation.published)


def _without_copies(speaking: Mapping[str, Reading], sources: Sequence[Source]) -> list[Reading]:
    places = {a.sha256: (at, i) for at, s in enumerate(sources) for i, a in enumerate(s.articles)}
    kept: dict[tuple[int | str, str], Reading] = {}
    for article in sorted(speaking, key=lambda sha256: places.get(sha256, (0, 0))[1]):
        source = places[article][0] if article in places else article
        kept.setdefault((source, speaking[article].said), speaking[article])
    return list(kept.values())


def _with_one_value(
    question: Wanted, chosen: Sequence[Quotation], articles: Mapping[str, Article]
) -> list[_Said]:
    cited = ((q, articles.get(q.hit.passage.article_sha256)) for q in chosen)
    said = [_said(question, article, q.chars) for q, article in cited if article]
    return [one for one in said if len(one.values) == 1]


def _all_said(
    question: Wanted, hit: Hit, articles: Mapping[str, Article]
) -> Iterator[tuple[Quotation, _Said]]:
    """The sentences of a passage that give a value for what was asked."""
    passage = hit.passage
    article = articles.get(passage.article_sha256)
    if article is None or not question.may_be_in(frozenset(terms(passage.text))):
        return
    for chars in passage.sentences:
        said = _said(question, article, chars)
        if said.values:
            yield Quotation(hit, chars, said.sentence, score=0.0, support=0.0), said


def _said(question: Wanted, article: Article, chars: Span) -> _Said:
    sentence = article.text[chars.start : chars.end]
    if not question.may_be_in(frozenset(terms(sentence))):
        return _Said(article.sha256, sentence, (), frozenset())
    around = _around(article, chars)
    held = frozenset(terms(f"{article.title} {around}"))
    values = question.values(sentence, held)
    if not values:
        return _Said(article.sha256, sentence, (), frozenset())
    days = _days(around, article.published)
    return _Said(article.sha256, sentence, values, days, held, occasions(sentence) - question.said)


def _around(article: Article, chars: Span) -> str:
    """The beginning of the article, and what stands before and after a place in it."""
    start = max(article.body.start, chars.start - AROUND)
    end = min(article.body.end, chars.end + AROUND, chars.start + 5 * AROUND)
    lead = article.text[article.body.start : min(start, article.body.start + LEAD)]
    return f"{lead}\n{article.text[start:end]}"


def _days(text: str, published: str | None) -> frozenset[str]:
    """The days a text speaks of, as ISO dates, a weekday being the last one before publication."""
    days = {found.iso for found in dates(text) if _DAY.fullmatch(found.iso)}
    try:
        printed = date.fromisoformat(published or "")
    except ValueError:
        return frozenset(days)
    for name in set(_WEEKDAY.findall(text)):
        back = (printed.weekday() - _WEEKDAYS.index(name)) % 7
        if printed.toordinal() > back:
            days.add((printed - timedelta(days=back)).isoformat())
    return frozenset(days)


def _disagreeing(said: Sequence[_Said], with_article: str | None = None) -> set[_Said]:
    """The sentences of two articles that differ, where none of the two articles' values agree."""
    by_article: dict[str, list[_Said]] = {}
    for one in said:
        if one.values:
            by_article.setdefault(one.article, []).append(one)
    lists = {a for a, some in by_article.items() if sum(len(o.values) for o in some) > MOST_VALUES}
    found: set[_Said] = set()
    for first, second in combinations(by_article.keys() - lists, 2):
        if with_article not in (None, first, second):
            continue
        pairs = [(a, b) for a in by_article[first] for b in by_article[second]]
        if not any(_agree(a, b) for a, b in pairs):
            found.update(one for a, b in pairs if _differ(a, b) for one in (a, b))
    return found


def _agree(first: _Said, second: _Said) -> bool:
    return any(_is_same(a, b) for a in first.values for b in second.values)


def _differ(first: _Said, second: _Said) -> bool:
    """Whether each gives one value for the same thing, on the same day, and they are not equal."""
    if len(first.values) != 1 or len(second.values) != 1:
        return False
    a, b = first.values[0], second.values[0]
    if a.unit != b.unit or (a.what and b.what and a.what != b.what) or _is_same(a, b):
        return False
    return a.narrowed == b.narrowed and (bool(a.iso or b.iso) or _is_same_time(first, second))


def _is_same(first: Value, second: Value) -> bool:
    """Whether two values may be one, said more or less precisely."""
    if first.iso or second.iso:
        return is_same_date(first.iso or "", second.iso or "")
    if first.unit != second.unit:
        return False
    if first.low <= second.high and second.low <= first.high:
        return True
    apart = max(first.low, second.low) - min(first.high, second.high)
    largest = max(abs(first.high), abs(second.high))
    measured = (first.unit and first.unit != "%") or largest >= 1_000
    return bool(measured) and apart <= ROUNDED * largest


def _is_same_time(first: _Said, second: _Said) -> bool:
    """Whether nothing says that the two speak of different days, months, years or occasions."""
    if _PERIOD.search(first.sentence) or _PERIOD.search(second.sentence):
        return False
    if not (first.occasions <= second.held and second.occasions <= first.held):
        return False
    seasons = [{s.casefold() for s in _SEASON.findall(one.sentence)} for one in (first, second)]
    if seasons[0] != seasons[1]:
        return False
    ones, others = ([d.iso for d in dates(one.sentence)] for one in (first, second))
    if not _is_same_year(ones or first.days, others or second.days, named=[*ones, *others]):
        return False
    return _may_meet(ones, others) and _may_meet(tuple(first.days), tuple(second.days))


def _is_same_year(ones: Collection[str], others: Collection[str], named: Collection[str]) -> bool:
    """Whether a year that one sentence names is the other's too: "the fire of 1990"."""
    return not _years(named) or not _years(ones).isdisjoint(_years(others))


def _years(isos: Collection[str]) -> set[str]:
    return {iso[:4] for iso in isos if iso[0].isdigit()}


def _may_meet(ones: Sequence[str], others: Sequence[str]) -> bool:
    if not ones or not others:
        return True
    return any(is_same_date(one, other) for one in ones for other in others)
