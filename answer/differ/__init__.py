"""Where cited passages of different articles give different figures or dates for what was asked.

A reader who is told of a difference that is none trusts the next one less, so every doubt is
settled by silence: two values differ only where both are what the question asks for
(`asked.py`), nothing says that they are of different days, and no sentence of either article agrees
with the other. `bench/sources.py` measures how often a difference is shown.

Left out: which of them is right; differences that are not of figures or dates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations

from answer.answer import Citation, Difference, Reading, Source
from answer.differ.asked import Asked, Value, asked, is_same_date
from answer.draft import Quotation
from answer.judge.figures import dates
from index.search import Hit
from index.words import terms
from ingest.article import Article, Span

AROUND = 400  # characters before and after a sentence that say what it is about
LEAD = 400  # characters of an article's beginning, where news says when it happened
# Amounts this near are one amount, rounded: 1.2 m and 1,230,000, or 12 km and 7.5 miles.
ROUNDED = Fraction(3, 100)

_PERIOD = re.compile(
    r"\b(?:this|last|past|previous|next|each|every|per|a) (?:day|week|month|quarter|year|season)\b"
    r"|\b(?:annual(?:ly)?|monthly|weekly|daily|each)\b",
    re.IGNORECASE,
)
_SEASON = re.compile(r"\b(?:spring|summer|autumn|winter)\b", re.IGNORECASE)
_DAY = re.compile(r"(?:\d{4}|-)-\d\d-\d\d")
_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_WEEKDAY = re.compile(rf"\b(?:{'|'.join(_WEEKDAYS)})\b")


@dataclass(frozen=True, slots=True)
class _Said:
    """A sentence of an article, the values it gives for what was asked, and the days it speaks of.

    `days` are the dates around it, and its weekdays counted back from the publication.
    """

    article: str
    sentence: str
    values: tuple[Value, ...]
    days: frozenset[str]


def may_differ(question: str) -> bool:
    """Whether the question asks for a figure or a date; others need no look for differences.

    >>> may_differ("How many were killed?"), may_differ("Who killed them?")
    (True, False)
    """
    return asked(question) is not None


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
    question_asks = asked(question)
    if question_asks is None:
        return ()
    given = _with_one_value(question_asks, chosen, articles)
    if not given:
        return ()
    own = given[0]
    said = [pair for hit in passages for pair in _all_said(question_asks, hit, articles)]
    against = _disagreeing_articles([own, *(one for _, one in said)], with_article=own.article)
    found: list[Quotation] = []
    for quotation, one in said:
        new = all(one.article != other.article and not _agree(one, other) for other in given)
        if one.article in against and _differ(own, one) and new:
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

    Each article speaks once, by its first citation. `articles` are the cited ones, by sha256. With
    `sources`, copies that say the same speak once too, the oldest for all.
    """
    question_asks = asked(question)
    if question_asks is None:
        return ()
    cited = [(c, articles[c.article_sha256]) for c in citations if c.article_sha256 in articles]
    said = [_said(question_asks, article, c.chars) for c, article in cited]
    disagree = _disagreeing_articles(said)
    speaking: dict[str, Reading] = {}
    for (citation, _), one in zip(cited, said, strict=True):
        if one.article in disagree and len(one.values) == 1:
            speaking.setdefault(one.article, _reading(citation, one.values[0]))
    readings = _without_copies(speaking, sources)
    if len(readings) < 2:
        return ()
    readings.sort(key=lambda reading: reading.citation)
    dated = sorted((r for r in readings if r.published), key=_published, reverse=True)
    return (Difference(question, (*dated, *(r for r in readings if not r.published))),)


def in_words(difference: Difference, day: Callable[[str], str] = str) -> str:
    """One sentence that says how the sources differ; `day` writes an ISO date for readers.

    >>> old = Reading("at least 19", 2, "Kyiv Desk", "2014-07-12")
    >>> in_words(Difference("How many?", (Reading("30", 1, None, "2019"), old)))
    'The sources differ on this: “30” (2019) and “at least 19” (Kyiv Desk, 2014-07-12).'
    """
    said = [f"“{one.said}” ({_where(one, day)})" for one in difference.readings]
    return f"The sources differ on this: {', '.join(said[:-1])} and {said[-1]}."


def _where(reading: Reading, day: Callable[[str], str]) -> str:
    published = day(reading.published) if reading.published else "undated"
    return f"{reading.publisher}, {published}" if reading.publisher else published


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
    question: Asked, chosen: Sequence[Quotation], articles: Mapping[str, Article]
) -> list[_Said]:
    cited = ((q, articles.get(q.hit.passage.article_sha256)) for q in chosen)
    said = [_said(question, article, q.chars) for q, article in cited if article]
    return [one for one in said if len(one.values) == 1]


def _all_said(
    question: Asked, hit: Hit, articles: Mapping[str, Article]
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


def _said(question: Asked, article: Article, chars: Span) -> _Said:
    sentence = article.text[chars.start : chars.end]
    if not question.may_be_in(frozenset(terms(sentence))):
        return _Said(article.sha256, sentence, (), frozenset())
    around = _around(article, chars)
    values = question.values(sentence, frozenset(terms(f"{article.title} {around}")))
    days = _days(around, article.published) if values else frozenset()
    return _Said(article.sha256, sentence, values, days)


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


def _disagreeing_articles(said: Sequence[_Said], with_article: str | None = None) -> set[str]:
    """The articles of which two have values for the same thing, and none in common."""
    by_article: dict[str, list[_Said]] = {}
    for one in said:
        if one.values:
            by_article.setdefault(one.article, []).append(one)
    found: set[str] = set()
    for first, second in combinations(by_article, 2):
        if with_article not in (None, first, second):
            continue
        pairs = [(a, b) for a in by_article[first] for b in by_article[second]]
        if any(_differ(a, b) for a, b in pairs) and not any(_agree(a, b) for a, b in pairs):
            found |= {first, second}
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
    return bool(a.iso or b.iso) or _is_same_time(first, second)


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
    """Whether nothing says that the two sentences speak of different days, months or years."""
    if _PERIOD.search(first.sentence) or _PERIOD.search(second.sentence):
        return False
    seasons = [{s.casefold() for s in _SEASON.findall(one.sentence)} for one in (first, second)]
    if seasons[0] != seasons[1]:
        return False
    ones, others = ([d.iso for d in dates(one.sentence)] for one in (first, second))
    return _may_meet(ones, others) and _may_meet(tuple(first.days), tuple(second.days))


def _may_meet(ones: Sequence[str], others: Sequence[str]) -> bool:
    if not ones or not others:
        return True
    return any(is_same_date(one, other) for one in ones for other in others)
