"""Figures and dates: what is read as one, with which value, and what is none."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answer.judge.compare import compare_date, compare_figure, count_alike
from answer.judge.figures import dates, figures
from tests.clock import assert_linear
from tests.conftest import UGLY


@pytest.mark.parametrize(
    "written",
    ["1.2 m people", "1.2 million people", "1.2m people", "1,200,000 people", "1 200 000 people",
     "1.2 mln people", "1.200.000 people", "12 lakh people"],
)  # fmt: skip
def test_one_amount_has_one_value_however_it_is_written(written: str) -> None:
    (figure,) = figures(f"It left {written} without power.")
    assert (figure.value, figure.unit, figure.what) == (1_200_000, "", "peopl")


@pytest.mark.parametrize(
    ("written", "value", "unit"),
    [
        ("nineteen", 19, ""),
        ("twenty-one", 21, ""),
        ("one hundred and twenty", 120, ""),
        ("two million three hundred thousand", 2_300_000, ""),
        ("a dozen", 12, ""),
        ("half a million", 500_000, ""),
        ("one and a half million", 1_500_000, ""),
        ("two-thirds", Fraction(2, 3), ""),
        ("3/4", Fraction(3, 4), ""),
        ("2½", Fraction(5, 2), ""),
        ("2,5 %", Fraction(5, 2), "%"),
        ("17 per cent", 17, "%"),
        ("$1.2bn", 1_200_000_000, "$"),
        ("US$5 million", 5_000_000, "$"),
        ("5 million dollars", 5_000_000, "$"),
        ("€40m", 40_000_000, "€"),
        ("UAH 30,000", 30_000, "UAH"),
        ("30,000 hryvnias", 30_000, "UAH"),
        ("5 km", 5_000, "m"),
        ("5,000 tonnes", 5_000_000, "kg"),
        ("1.2万", 12_000, ""),
        ("١٢", 12, ""),
    ],
)
def test_a_figure_has_its_value_and_unit(written: str, value: Fraction, unit: str) -> None:
    text = f"They counted {written}."
    (figure,) = figures(text)
    assert (figure.value, figure.unit, figure.said) == (value, unit, written)
    assert figure.chars.of(text) == written


@pytest.mark.parametrize(
    "text",
    ["MH17 fell.", "An F-16 landed.", "COVID-19 spread.", "the 19th man", "at 14:30", "at 5 p.m.",
     "section 1.2.3", "Article 5", "a Boeing 777", "one of them", "no one came", "9/11",
     "In 2014 people died.", "since 1998", "the 1990s"],
)  # fmt: skip
def test_what_counts_nothing_is_no_figure(text: str) -> None:
    assert figures(text) == ()


@pytest.mark.parametrize(
    ("text", "what"),
    [("19 Ukrainian soldiers were killed", "soldier"), ("93 others were wounded", "other"),
     ("5,000 tonnes of grain", "grain"), ("2014 people came", "peopl"), ("30 per cent of voters", "voter")],
)  # fmt: skip
def test_a_figure_knows_what_it_counts(text: str, what: str) -> None:
    assert figures(text)[0].what == what


@pytest.mark.parametrize(
    ("text", "bound"),
    [("at least 19 men", "at least"), ("more than 19 men", "more than"), ("up to 19 men", "up to"),
     ("fewer than 19 men", "less than"), ("some 19 men", "about"), ("19 or more men", "at least"),
     ("dozens of men", "several"), ("19 men", None)],
)  # fmt: skip
def test_a_figure_keeps_its_bound(text: str, bound: str | None) -> None:
    assert figures(text)[0].bound == bound


def test_a_range_gives_both_ends_with_one_scale_and_noun() -> None:
    low, high = figures("Between 1.2 and 1.5 million people fled.")
    assert (low.value, high.value) == (1_200_000, 1_500_000)
    assert low.what == high.what == "peopl"
    assert (low.bound, high.bound) == ("at least", "up to")


@pytest.mark.parametrize("text", ["They won 3-1.", "It fell from 5 to 3.", "It rose by $1 to $5."])
def test_what_falls_or_is_changed_by_is_no_range(text: str) -> None:
    assert [figure.bound for figure in figures(text)] == [None, None]


@pytest.mark.parametrize(
    ("written", "iso"),
    [("11 July 2014", "2014-07-11"), ("July 11, 2014", "2014-07-11"), ("2014-07-11", "2014-07-11"),
     ("the 11th of July, 2014", "2014-07-11"), ("17.07.2014", "2014-07-17"), ("July 2014", "2014-07"),
     ("in 2014", "2014"), ("the 1990s", "199"), ("the 19th century", "18"), ("3 May", "--05-03"),
     ("from May 3", "--05-03"), ("in May", "--05"), ("Sept. 3", "--09-03"), ("44 BC", "-0043"),
     ("03/04/2014", "2014")],
)  # fmt: skip
def test_a_date_has_the_beginning_of_an_iso_date(written: str, iso: str) -> None:
    assert [date.iso for date in dates(f"It happened {written}, he said.")] == [iso]


@pytest.mark.parametrize("text", ["He may come.", "May said so.", "They march on.", "at 14:30"])
def test_a_word_that_is_also_a_month_is_no_date(text: str) -> None:
    assert dates(text) == ()


def test_a_span_of_years_gives_both() -> None:
    assert [d.iso for d in dates("the war of 1914-18")] == ["1914", "1918"]


@pytest.mark.parametrize(
    ("said", "found", "relation"),
    [
        ("19 men", "19 men", "same"),
        ("19 men", "91 men", "other"),
        ("19 men", "at least 19 men", "weaker"),
        ("36 men", "at least 30 men", "weaker"),
        ("20 men", "at least 30 men", "other"),
        ("20 men", "up to 30 men", "weaker"),
        ("19 men", "about 20 men", "weaker"),
        ("30 men", "about 20 men", "other"),
        ("36 men", "dozens of men", "weaker"),
        ("36 men", "30 to 40 men", "weaker"),
        ("46 men", "30 to 40 men", "other"),
        ("at least 40 men", "at least 30 men", "weaker"),
        ("at least 40 men", "30 men", "other"),
        ("up to 20 men", "at least 30 men", "other"),
        ("at least 19 men", "23 men", "same"),
        ("more than 19 men", "19 men", "weaker"),
        ("about 20 men", "19 men", "same"),
        ("about 20 men", "30 men", "other"),
        ("dozens of men", "36 men", "same"),
        ("5 km", "5,000 metres", "same"),
        ("26 miles", "42 km", "same"),
        ("142 feet", "142 metres", "other"),
        ("$40", "€40", "other"),
        ("40 km", "40 men", "apart"),
    ],
)
def test_two_figures_are_compared_by_value_bound_and_unit(
    said: str, found: str, relation: str
) -> None:
    assert compare_figure(figures(said)[0], figures(found)[0]) == relation


def test_soldiers_are_not_compared_with_tanks() -> None:
    assert count_alike(figures("19 soldiers")[0], figures("19 tanks")[0]) is False


@pytest.mark.parametrize(
    ("said", "found", "relation"),
    [
        ("July 2014", "11 July 2014", "same"),
        ("11 July 2014", "July 2014", "weaker"),
        ("11 July 2014", "12 July 2014", "other"),
        ("3 May", "3 May 2022", "same"),
        ("3 May", "13 May", "other"),
        ("the 1990s", "1994", "same"),
        ("in 2014", "3 May", "apart"),
    ],
)
def test_two_dates_are_compared_as_precisely_as_they_are_said(
    said: str, found: str, relation: str
) -> None:
    assert compare_date(dates(said)[0], dates(found)[0]) == relation


@given(UGLY)
def test_any_text_can_be_read_and_every_span_is_its_own(pieces: list[str]) -> None:
    text = "".join(pieces)
    for number in (*figures(text), *dates(text)):
        assert number.chars.of(text) == number.said


@given(st.integers(0, 10**12))
def test_a_number_is_read_as_it_was_printed(number: int) -> None:
    (figure,) = figures(f"They counted {number:,} items.")
    assert (figure.value, figure.what) == (number, "item")


@pytest.mark.parametrize(
    "piece",
    ["9", "1,111,", "1.", "$", "about ", " ", "\u00a0", "a ", "11-", "one and ", "1 to 2 "],
)
def test_hostile_text_is_read_in_linear_time(piece: str) -> None:
    def prepare(size: int) -> Callable[[], object]:
        text = "1" + piece * (size // len(piece))
        return lambda: figures(text)

    assert_linear(prepare, 12_000, 48_000)
