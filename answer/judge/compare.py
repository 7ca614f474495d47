"""Two figures, or two dates: does what was found say what was said?

Each comparison ends in one of four words. `same`: the evidence says it, at least as exactly.
`weaker`: the evidence is vaguer ("about 70", "in July 2014"). `other`: it says something else.
`apart`: the two are not of the same thing, and say nothing about each other.

Left out: where in a sentence the two stand; `details.py` weighs that.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Literal

from answer.judge.figures import Date, Figure
from answer.judge.lexicon import concept

Relation = Literal["same", "weaker", "other", "apart"]

_CURRENCIES = frozenset("$ € £ ¥ A$ C$ UAH RUB INR TRY KRW ILS CNY CHF PLN cent".split())
_CONVERTED = Fraction(3, 200)  # 26 miles are 42 km: conversions in news are rounded to 1.5 %
_ABOUT = Fraction(1, 10)  # "about 20" may be 18 to 22
_SEVERAL = (2, 20)  # "dozens" is from two dozens to twenty


def compare_figure(said: Figure, found: Figure) -> Relation:
    """What one figure of the evidence says about a figure of the statement.

    >>> from answer.judge.figures import figures
    >>> pair = [figures(text)[0] for text in ("more than 1 m people", "1.2 million people")]
    >>> compare_figure(*pair), compare_figure(*pair[::-1])
    ('same', 'weaker')
    """
    if said.unit != found.unit:
        both_money = said.unit in _CURRENCIES and found.unit in _CURRENCIES
        return "other" if both_money else "apart"
    near = _equal(said, found)
    if said.bound == "several" or (said.bound is None and found.bound == "several"):
        return _compare_several(said, found, near)
    if said.bound is None:
        exact = found.bound is None
        return "same" if near and exact else "weaker" if near or _may_meet(said, found) else "other"
    return _within_bound(said, found, near)


def _compare_several(said: Figure, found: Figure, near: bool) -> Relation:
    if said.bound == found.bound:
        return "same" if near else "other"
    several, other = (said, found) if said.bound else (found, said)
    low, high = (times * several.value for times in _SEVERAL)
    if not low <= other.value <= high:
        return "other"
    return "same" if said.bound else "weaker"


def _equal(said: Figure, found: Figure) -> bool:
    if said.value == found.value:
        return True
    if not said.unit or said.unit in _CURRENCIES or said.unit == "%":
        return False
    converted = _letters(said.said) != _letters(found.said)
    return converted and abs(said.value - found.value) <= _CONVERTED * abs(found.value)


@lru_cache(maxsize=10_000)
def _letters(said: str) -> str:
    return "".join(c for c in said.casefold() if c.isalpha()).rstrip("s")


def _may_meet(said: Figure, found: Figure) -> bool:
    """Whether one amount lies within the bounds of both: "36" and "at least 30"."""
    low, high = _limits(said)
    found_low, found_high = _limits(found)
    return (low is None or found_high is None or low <= found_high) and (
        high is None or found_low is None or found_low <= high
    )


def _limits(figure: Figure) -> tuple[Fraction | None, Fraction | None]:
    """The least and the most that a figure may be; None where it has no such limit."""
    value = figure.value
    if figure.bound == "about":
        return value - _ABOUT * abs(value), value + _ABOUT * abs(value)
    if figure.bound == "several":
        return _SEVERAL[0] * value, _SEVERAL[1] * value
    if figure.bound in ("at least", "more than"):
        return value, figure.end
    if figure.bound in ("up to", "less than"):
        return figure.end, value
    return value, value


def _within_bound(said: Figure, found: Figure, near: bool) -> Relation:
    """A statement with a bound: does the evidence's figure lie within it?"""
    value, other = said.value, found.value
    if said.bound == found.bound and near:
        return "same"
    possible: Relation = "weaker" if near or _may_meet(said, found) else "other"
    if said.bound == "about":
        close = abs(value - other) <= _ABOUT * abs(other)
        return "same" if close and found.bound in (None, "about") else possible
    if said.bound in ("at least", "more than"):
        enough = other > value or (
            near and (said.bound == "at least" or found.bound == "more than")
        )
        sure = found.bound in (None, "at least", "more than", "about")
        return "same" if enough and sure else possible
    under = other < value or (near and (said.bound == "up to" or found.bound == "less than"))
    sure = found.bound in (None, "up to", "less than", "about")
    return "same" if under and sure else possible


def count_alike(said: Figure, found: Figure) -> bool | None:
    """Whether both count the same noun; None where one of them names none.

    "people" may be anybody that the other counts.
    """
    if not said.what or not found.what:
        return None
    one, other = concept(said.what), concept(found.what)
    if one == other:
        return True
    return None if "peopl" in (said.what, found.what) or "person" in (one, other) else False


def compare_date(said: Date, found: Date) -> Relation:
    """What one date of the evidence says about a date of the statement.

    >>> from answer.judge.figures import dates
    >>> day, month = dates("11 July 2014")[0], dates("July 2014")[0]
    >>> compare_date(month, day), compare_date(day, month)
    ('same', 'weaker')
    """
    one, other = said.iso, found.iso
    if one.startswith("--") or other.startswith("--"):
        return _compare_days(one, other)
    if other.startswith(one):
        return "same"
    return "weaker" if one.startswith(other) else "other"


def _compare_days(one: str, other: str) -> Relation:
    """Where a year is missing, only month and day can be compared."""
    day, found = (iso[1:] if iso.startswith("--") else iso[4:] for iso in (one, other))
    if not day or not found:
        return "apart"
    if found.startswith(day):
        return "same" if one.startswith("--") else "weaker"
    return "weaker" if day.startswith(found) else "other"
