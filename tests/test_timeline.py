"""The cited articles in the order of their publication, and the dates of "as of"."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answer.answer import Citation
from answer.timeline import as_of, as_of_in, timeline
from ingest.article import Span
from ingest.read import iso_date

PLACE = Span(0, 1)


def citation(number: int, article: str, published: str | None) -> Citation:
    return Citation(
        number, PLACE, article * 64, f"{article}.md", f"Title {article}", "Kallo Gazette",
        published, None, PLACE, PLACE, "x", "", "",
    )  # fmt: skip


def test_the_oldest_article_is_first_and_those_without_a_date_are_last() -> None:
    cited = [
        citation(1, "a", "2021-11-03"),
        citation(2, "b", None),
        citation(3, "c", "2014-07-12"),
        citation(4, "d", None),
    ]
    assert [entry.path for entry in timeline(cited)] == ["c.md", "a.md", "b.md", "d.md"]


def test_an_article_is_one_entry_with_all_its_numbers() -> None:
    cited = [citation(3, "a", "2021"), citation(1, "a", "2021"), citation(2, "b", "2021")]
    first, second = timeline(cited)
    assert (first.path, first.citations, first.published) == ("a.md", (1, 3), "2021")
    assert (second.path, second.title, second.citations) == ("b.md", "Title b", (2,))


def test_a_year_stands_before_its_months_and_a_month_before_its_days() -> None:
    dates = ["2021-11-03", "2021-11", "2021", "2020-12-31"]
    cited = [
        citation(at, letter, date)
        for at, (letter, date) in enumerate(zip("abcd", dates, strict=True))
    ]
    assert [entry.published for entry in timeline(cited)] == sorted(dates)


def test_nothing_cited_has_no_timeline() -> None:
    assert timeline([]) == ()
    assert as_of([]) is None


def test_an_answer_is_as_of_the_newest_date_it_cites() -> None:
    cited = [citation(1, "a", "2014-07-12"), citation(2, "b", "2021-11"), citation(3, "c", None)]
    assert as_of(cited) == "2021-11"
    assert as_of(cited[2:]) is None


@pytest.mark.parametrize(
    ("question", "date"),
    [
        ("How many had died as of 11 July 2014?", "2014-07-11"),
        ("As of July 11, 2014, how many had died?", "2014-07-11"),
        ("As of 2015 how many partners does it have?", "2015"),
        ("How many as of the end of 2014?", "2014"),
        ("How many, as of May 2021?", "2021-05"),
        ("as of 2021-11-30: how many?", "2021-11-30"),
        ("How many died as of the 11th of July 2014?", "2014-07-11"),
        ("How many died in July 2014?", None),
        ("How many had died by the end of 2014?", None),
        ("As of now, how many died in 2014?", None),
        ("How many had died as of 11 July?", None),
        ("Was it as of old, in 2014?", None),
        ("How many had died as of 31 February 2014?", None),
        ("What was thought of as of little use in 1936?", None),
        ("", None),
    ],
)
def test_only_as_of_and_a_date_with_its_year_narrows_a_question(
    question: str, date: str | None
) -> None:
    assert as_of_in(question) == date


@given(st.text(max_size=60), st.text(max_size=60))
def test_what_is_read_is_an_iso_date_whatever_stands_around_it(before: str, after: str) -> None:
    for question in (before, f"{before} as of {after}"):
        found = as_of_in(question)
        assert found is None or iso_date(found) == found


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["2014", "2021-11", None]))))
def test_every_citation_is_on_the_timeline_once(cited: list[tuple[str, str | None]]) -> None:
    citations = [citation(at, letter, date) for at, (letter, date) in enumerate(cited)]
    numbers = [number for entry in timeline(citations) for number in entry.citations]
    assert sorted(numbers) == list(range(len(citations)))
