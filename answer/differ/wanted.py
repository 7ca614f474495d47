"""Which figure or date a question asks for, and which a sentence gives for it.

"How many soldiers died at Zelenopillya?" asks for a plain count of soldiers, of those killed, where
the words around name Zelenopillya. Of "at least 19 servicemen killed and 93 wounded" it is the 19.
Every doubt is settled by finding nothing.

Left out: other languages than English, but for names, units and digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from answer.differ.doubt import (
    CLAUSE_END,
    clause,
    is_of_a_part,
    is_of_another,
    is_paid_otherwise,
    qualifiers,
    subject,
)
from answer.expect import Expectation, expect
from answer.judge.figures import Figure, dates, figures
from index.words import content_terms, terms
from ingest.article import Span

LONGEST = 2_000  # characters of a sentence that are read
# Of the question's other words, the least that must stand in a figure's sentence; and in a date's,
# or where the question names nothing. With them nothing is shown for XQuAD's 244 questions for a
# figure or date, whose articles are about unlike things, and the true ones of bench/sources.py are.
ABOUT, ABOUT_ALONE = 0.5, 0.75

# What a bound allows for, as shares of the figure: "more than 1,100" may be 1,130, "dozens" 90.
_ALLOWS = {
    "about": (Fraction(9, 10), Fraction(11, 10)),
    "at least": (Fraction(1), Fraction(11, 10)),
    "more than": (Fraction(1), Fraction(11, 10)),
    "up to": (Fraction(9, 10), Fraction(1)),
    "less than": (Fraction(9, 10), Fraction(1)),
    "several": (Fraction(1), Fraction(10)),
}
_FATES = {
    "killed": "kill die dead death deadli fatal perish slain lethal toll",
    "wounded": "wound injur hurt maim",
    "missing": "miss unaccount",
    "captured": "captur prison detain arrest hostag",
    "displaced": "displac evacu flee fled homeless",
}
_FATE = {stem: fate for fate, stems in _FATES.items() for stem in stems.split()}
_SOLDIER, _PERSON = "soldier", "person"
_PEOPLE = {
    **dict.fromkeys("soldier servicemen serviceman troop trooper personnel".split(), _SOLDIER),
    **dict.fromkeys("person peopl man men live human victim bodi".split(), _PERSON),
}
_HOW_MANY = re.compile(r"\bhow (?:many|much|few)\b", re.IGNORECASE)
_SHARE = re.compile(r"\bper ?cent|\bproportion\b|\bshare\b|\bfraction\b", re.IGNORECASE)
_TOLL = re.compile(r"\b(?:toll|number|count|total)\b", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"1\d\d\d|20\d\d")
_PLACED = re.compile(r"\b(?:at|in|near|outside|over|around) (?:the )?", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:[-’'][^\W_]+)*")
_ASKING = frozenset(terms("many much number long far old kind"))


@dataclass(frozen=True, slots=True)
class Value:
    """What a sentence gives: a figure, which may be anything from `low` to `high`, or a date.

    `said` is the words that say it, bound and all ("at least 30"); `what` stems of what is counted,
    and `narrowed` the stems beside them that the question does not say ("young").
    """

    said: str
    what: str = ""
    narrowed: frozenset[str] = frozenset()
    unit: str = ""
    low: Fraction = Fraction(0)
    high: Fraction = Fraction(0)
    iso: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question for a figure or date: its kind, unit, noun and fate, and what else it says."""

    kind: str
    expectation: Expectation
    unit: str | None  # None where any will do
    what: str
    fate: str | None
    names: frozenset[str]
    years: frozenset[str]
    others: frozenset[str]
    said: frozenset[str]  # the stems of all its words
    subject: frozenset[str]  # those of the name that did what is asked for

    def values(self, sentence: str, around: frozenset[str]) -> tuple[Value, ...]:
        """What the sentence gives for this; `around` are the stems of its surroundings.

        All of the question's names must be in one or the other, and enough of its other words in
        the sentence, or beside it where the sentence says that somebody was killed or wounded.
        """
        sentence = sentence[:LONGEST]
        held = frozenset(terms(sentence))
        if not (self.may_be_in(held) and self.names <= held | around):
            return ()
        if self.kind == "time":
            return tuple(_dates(self, sentence))
        if not self._is_enough(held | around) or _is_of_another_year(self, sentence):
            return ()
        if self.names.isdisjoint(held) and _is_elsewhere(sentence):
            return ()
        return tuple(_amounts(self, sentence, held))

    def may_be_in(self, held: frozenset[str]) -> bool:
        """Whether a text of these stems can say it at all, before any figure of it is read."""
        if self.fate and self.kind != "time":
            return any(_FATE.get(stem) == self.fate for stem in held)
        counted = not self.what or any(_class(stem) == _class(self.what) for stem in held)
        return counted and self._is_enough(held)

    def is_narrower(self, value: Value) -> bool:
        """Whether a value counts something else than the question's noun: soldiers, not people."""
        return value.what not in ("", _class(self.what))

    def _is_enough(self, held: frozenset[str]) -> bool:
        least = ABOUT if self.names and self.kind != "time" else ABOUT_ALONE
        return len(self.others & held) >= least * len(self.others)


def wanted(question: str) -> Wanted | None:
    """What a question asks for; None where that is neither a figure nor a date.

    >>> wanted("How many soldiers were killed?").what, wanted("Who killed them?")
    ('soldier', None)
    """
    expectation, fate = expect(question), _fate(question)
    kind = str(expectation.kind)
    if kind == "any" and fate and _TOLL.search(question):
        kind = "number"
    if kind not in ("number", "money", "extent", "time"):
        return None
    unit, what = _asked_figure(question) if kind == "number" else (None, "")
    said = set(content_terms(question)) - _ASKING
    others = {stem for stem in said if stem not in _FATE and _class(stem) != _class(what)}
    if kind == "time":
        others = said
    years = frozenset(_YEAR.findall(question))
    names, every = _names(question) - years, frozenset(terms(question))
    return Wanted(
        kind, expectation, unit, what, fate, names, years, frozenset(others - years), every,
        subject(question),
    )  # fmt: skip


def _names(question: str) -> frozenset[str]:
    """The stems of the words with a capital or a digit, but for the first."""
    words = [word for word in question.split()[1:] if word != word.lower() or _DIGIT.search(word)]
    return frozenset(terms(" ".join(words)))


def _asked_figure(question: str) -> tuple[str | None, str]:
    """The unit and noun that "how many …" asks for, read as if the answer were two."""
    if _SHARE.search(question):
        return "%", ""
    many = _HOW_MANY.search(question)
    if many is None:
        return ("", "") if _TOLL.search(question) else (None, "")
    found = figures("2" + question[many.end() :])[:1]
    return (found[0].unit, found[0].what) if found else ("", "")


def _is_of_another_year(question: Wanted, sentence: str) -> bool:
    """Whether the sentence is dated, and by none of the years that the question names."""
    given = [date.iso for date in dates(sentence)]
    return bool(question.years and given) and not any(
        is_same_date(iso, year) for iso in given for year in question.years
    )


def _is_elsewhere(sentence: str) -> bool:
    """Whether the sentence names a place; it is asked where it does not name the question's."""
    months = [date.chars.start for date in dates(sentence)]
    named = (match.end() for match in _PLACED.finditer(sentence))
    return any(sentence[at : at + 1].isupper() and at not in months for at in named)


def is_same_date(first: str, second: str) -> bool:
    """Whether one ISO date may be the other said less precisely.

    >>> is_same_date("2014-07-11", "--07-11"), is_same_date("2014", "2014-07")
    (True, True)
    >>> is_same_date("2014-07-11", "2014-07-12")
    False
    """
    if first.startswith("--") or second.startswith("--"):
        first, second = (iso[2:] if iso.startswith("--") else iso[5:] for iso in (first, second))
    return first.startswith(second) or second.startswith(first)


def _dates(question: Wanted, sentence: str) -> Iterator[Value]:
    for date in dates(sentence):
        if date.iso not in question.years:
            yield Value(date.said, iso=date.iso)


def _amounts(question: Wanted, sentence: str, held: frozenset[str]) -> Iterator[Value]:
    """The figures that the question may ask for, the two ends of a range as one."""
    found = figures(sentence)
    at = 0
    while at < len(found):
        last = at + 1 if _is_low_end(found, at, sentence) else at
        fits = _fits(question, found, at, last, sentence, held)
        if fits and not _is_of_something_else(question, found[at], sentence):
            narrowed = qualifiers(sentence, found[last], question.said)
            yield replace(_amount(found[at], found[last], sentence), narrowed=narrowed)
        at = last + 1


def _is_low_end(found: Sequence[Figure], at: int, sentence: str) -> bool:
    if at + 1 == len(found) or found[at].bound != "at least" or found[at + 1].bound != "up to":
        return False
    between = sentence[found[at].chars.end : found[at + 1].chars.start]
    return re.fullmatch(r" (?:to|or|and) |\W{1,3}", between) is not None


def _amount(low: Figure, high: Figure, sentence: str) -> Value:
    said = Span(_bound_start(low, sentence), high.chars.end).of(sentence)
    if low is not high:
        ends = sorted((low.value, high.value))
    else:
        ends = [low.value * share for share in _ALLOWS.get(low.bound or "", (1, 1))]
    return Value(said, _class(low.what), unit=low.unit, low=ends[0], high=ends[1])


def _bound_start(figure: Figure, sentence: str) -> int:
    """Where "at least" or "more than" begins before a figure; its own start without one."""
    if figure.bound is None or figure.bound == "several":
        return figure.chars.start
    near = max(0, figure.chars.start - 60)
    before = [m.start() for m in _WORD.finditer(sentence, near, figure.chars.start)][-4:]
    for start in reversed(before):
        again = figures(sentence[start : figure.chars.end])[-1:]
        if again and again[0].bound == figure.bound:
            return start
    return figure.chars.start


def _fits(
    question: Wanted,
    found: Sequence[Figure],
    at: int,
    last: int,
    sentence: str,
    held: frozenset[str],
) -> bool:
    figure = found[at]
    if question.kind in ("money", "extent"):
        return bool(figure.unit) and question.expectation.fit(figure.said) == 1.0
    if question.unit is None:
        return bool(figure.unit)
    if figure.unit != question.unit:
        return False
    if question.unit:
        return True
    if question.fate:
        return _is_asked_person(question, figure) and question.fate == _fate_of(
            found, at, last, sentence
        )
    if not question.what:
        return False
    of_that = _class(figure.what) == _class(question.what)
    if of_that and figure.what in _PEOPLE:
        return _fate_of(found, at, last, sentence) is None
    return of_that or (not figure.what and question.what in held and bool(_TOLL.search(sentence)))


def _is_of_something_else(question: Wanted, figure: Figure, sentence: str) -> bool:
    """Whether the words around a figure of the right kind may speak of another or of a part."""
    around = clause(sentence, figure)
    if is_of_another(around, question.subject, question.said):
        return True
    if not question.fate and is_of_a_part(around, question.names, question.said):
        return True
    return question.kind == "money" and is_paid_otherwise(around, question.said)


def _is_asked_person(question: Wanted, figure: Figure) -> bool:
    what, noun = _class(figure.what), _class(question.what)
    return what in ("", noun) or not noun or noun == _PERSON or what in _FATE


def _fate_of(found: Sequence[Figure], at: int, last: int, sentence: str) -> str | None:
    """What became of those that a figure counts: killed, wounded…; None where it is not plain.

    Its own noun, the nearest word of its clause, before it and then after it, or the nearest word
    that no other figure takes.
    """
    figure = found[at]
    start = found[at - 1].chars.end if at else 0
    end = found[last + 1].chars.start if last + 1 < len(found) else len(sentence)
    before = sentence[start : max(start, _bound_start(figure, sentence))]
    after = sentence[found[last].chars.end : end]
    beside = _WORD.findall(CLAUSE_END.split(before)[-1])[-2:]
    clause = _WORD.findall(CLAUSE_END.split(after, maxsplit=1)[0])
    return (
        _FATE.get(figure.what)
        or _first_fate(reversed(beside))
        or _first_fate(clause)
        or _first_fate(reversed(_WORD.findall(before)))
        or _first_fate(_WORD.findall(after))
    )


def _first_fate(words: Iterable[str]) -> str | None:
    return next((fate for word in words if (fate := _fate(word))), None)


def _fate(text: str) -> str | None:
    return next((_FATE[stem] for stem in terms(text) if stem in _FATE), None)


def _class(stem: str) -> str:
    return _PEOPLE.get(stem, stem)
