"""Cited articles that give different figures or dates for the same thing, and those that do not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answer.answer import Citation, Reading, Source, SourceArticle
from answer.assistant import Assistant, open_assistant
from answer.differ import differences, disagreeing, may_differ
from answer.draft import Quotation
from answer.settings import Settings
from index.search import Hit
from ingest.article import Article, Span
from ingest.split import split
from tests.clock import at_most

KILLED = "How many soldiers were killed at Kallo?"
CORPUS = Path(__file__).parents[1] / "corpus"


def article(
    text: str,
    *,
    published: str | None = "2014-07-12",
    publisher: str | None = "Kallo Gazette",
    title: str = "The strike at Kallo",
) -> Article:
    sha256 = hashlib.sha256(f"{publisher}{published}{text}".encode()).hexdigest()
    whole = Span(0, len(text))
    return Article(
        f"{sha256[:6]}.md", sha256, text, whole, title, publisher=publisher, published=published,
        language="en",
    )  # fmt: skip


LATER = {"published": "2019-07-11", "publisher": "Saarn Review"}


def cite(*articles: Article) -> tuple[list[Citation], dict[str, Article]]:
    """The whole text of each article, cited in this order."""
    citations = [
        Citation(
            number, Span(0, 1), one.sha256, one.path, one.title, one.publisher, one.published, None,
            one.body, one.byte_span(one.body), one.text, "", "",
        )
        for number, one in enumerate(articles, 1)
    ]  # fmt: skip
    return citations, {one.sha256: one for one in articles}


def said(question: str, *texts: str) -> list[str]:
    """What is said to differ between articles of these texts, in the order in which it is shown."""
    years = range(2014, 2014 + len(texts))
    articles = [
        article(text, published=f"{year}", publisher=f"Paper {year}")
        for year, text in zip(years, texts, strict=True)
    ]
    return [r.said for d in differences(question, *cite(*articles)) for r in d.readings]


def test_two_tolls_of_one_strike_are_both_shown_the_newest_first() -> None:
    early = article("At least 19 servicemen were killed at Kallo.")
    later = article("Later counts put the death toll at Kallo at 36 or 37.", **LATER)
    (difference,) = differences(KILLED, *cite(early, later))
    assert difference.about == KILLED
    assert difference.readings == (
        Reading("36 or 37", 2, "Saarn Review", "2019-07-11"),
        Reading("At least 19", 1, "Kallo Gazette", "2014-07-12"),
    )


@pytest.mark.parametrize(
    ("question", "first", "second"),
    [
        (KILLED, "Nineteen soldiers were killed at Kallo.", "At Kallo 19 soldiers died."),
        (KILLED, "At least 19 soldiers were killed at Kallo.", "The dead at Kallo: 19 soldiers."),
        (KILLED, "Some 2,000 soldiers died at Kallo.", "At Kallo 2,040 soldiers died."),
        (KILLED, "Dozens of soldiers died at Kallo.", "At Kallo 36 soldiers died."),
        (KILLED, "Between 30 and 40 soldiers died at Kallo.", "At Kallo 36 soldiers died."),
        (
            "How many people live in Kallo?",
            "Kallo has 1.2 million people who live there.",
            "1,200,000 people live in Kallo.",
        ),
        (
            "When was the harbour at Kallo opened?",
            "The harbour at Kallo was opened on 11 July.",
            "The harbour at Kallo was opened on 11 July 2014.",
        ),
        (
            "When was the harbour at Kallo opened?",
            "The harbour at Kallo was opened in 2014.",
            "The harbour at Kallo was opened on July 11, 2014.",
        ),
        (
            "How long is the harbour wall at Kallo?",
            "The harbour wall at Kallo is 12 km long.",
            "The harbour wall at Kallo is 7.5 miles long.",
        ),
    ],
)
def test_one_value_in_other_words_is_no_difference(question: str, first: str, second: str) -> None:
    assert said(question, first, second) == []


@pytest.mark.parametrize(
    ("question", "first", "second", "shown"),
    [
        (
            KILLED,
            "At least 19 soldiers were killed at Kallo.",
            "At Kallo 30 soldiers died.",
            ["30", "At least 19"],
        ),
        (
            KILLED,
            "Nineteen soldiers were killed and 93 wounded at Kallo.",
            "At Kallo the shelling killed 30 soldiers and wounded 93 others.",
            ["30", "Nineteen"],
        ),
        (
            "How many soldiers were wounded at Kallo?",
            "Nineteen soldiers were killed and 93 wounded at Kallo.",
            "At Kallo the shelling killed 19 soldiers and wounded more than 120.",
            ["more than 120", "93"],
        ),
        (
            "How many ships called at Kallo in 2013?",
            "In 2013 about 400 ships called at Kallo.",
            "In 2013 some 900 ships called at Kallo.",
            ["some 900", "about 400"],
        ),
        (
            "When was the harbour at Kallo opened?",
            "The harbour at Kallo was opened on 11 July 1974.",
            "The harbour at Kallo was opened on 12 July 1974.",
            ["12 July 1974", "11 July 1974"],
        ),
        (
            "How much did the bridge at Kallo cost?",
            "The bridge at Kallo cost $4 million.",
            "The bridge at Kallo cost nearly $7m.",
            ["nearly $7m", "$4 million"],
        ),
        (
            "What percentage of voters in Kallo took part?",
            "In Kallo 51 per cent of the voters took part.",
            "In Kallo 54% of voters took part.",
            ["54%", "51 per cent"],
        ),
    ],
)
def test_a_true_difference_is_shown_in_the_words_of_the_articles(
    question: str, first: str, second: str, shown: list[str]
) -> None:
    assert said(question, first, second) == shown


@pytest.mark.parametrize(
    ("question", "first", "second"),
    [
        (KILLED, "19 soldiers were killed at Kallo.", "At Kallo 30 soldiers were wounded."),
        (KILLED, "19 soldiers were killed at Kallo.", "At Kallo 30 tanks were destroyed."),
        (KILLED, "19 soldiers were killed at Kallo.", "There were 30 soldiers at Kallo."),
        (KILLED, "19 soldiers were killed at Kallo.", "At Saarn 30 soldiers were killed."),
        (KILLED, "19 soldiers were killed at Kallo.", "30 civilians were killed at Kallo."),
        (KILLED, "19 soldiers died at Kallo.", "The toll at Kallo rose from 19 soldiers to 30."),
        ("Who was killed at Kallo?", "19 soldiers died at Kallo.", "30 soldiers died at Kallo."),
        (
            "How many ships call at Kallo?",
            "In 2013, 400 ships called at Kallo.",
            "In 2015, 900 ships called at Kallo.",
        ),
        (
            "How many ships call at Kallo?",
            "This year 400 ships called at Kallo.",
            "This year 900 ships called at Kallo.",
        ),
        (
            "When was the harbour at Kallo opened?",
            "The harbour at Kallo was opened on 11 July 1974.",
            "The lighthouse at Kallo burned down on 2 May 1980.",
        ),
        (
            "How wide is the bridge at Kallo?",
            "The bridge at Kallo is 12 metres wide and 300 metres long.",
            "The bridge at Kallo, 300 metres long, is 12 metres wide.",
        ),
        (
            "How much did the bridge at Kallo cost?",
            "The bridge at Kallo cost $4 million.",
            "The bridge at Kallo cost €6 million.",
        ),
    ],
)
def test_different_things_are_no_difference(question: str, first: str, second: str) -> None:
    assert said(question, first, second) == []


FIRE = "How many people died in the Kallo fire?"
TWELVE = "The Kallo fire killed 12 people."
BRIDGE = "How much did the Kallo bridge cost?"
COST = "The Kallo bridge cost $40 million."
VOTES = "How many votes did Ann Lee get in Kallo?"
SHIPS = "How many ships sank near Kallo?"


@pytest.mark.parametrize(
    ("question", "first", "second"),
    [
        (FIRE, TWELVE, "The state counts 340 people who died like those of the Kallo fire in the "
         "whole of 2020."),
        (FIRE, TWELVE, "The Kallo fire of 1990 killed 30 people."),
        (FIRE, TWELVE, "The Kallo fire killed 30 young people."),
        (FIRE, "The Kallo fire of 1990 killed 12 people.", "In 2020 the Kallo fire killed 30."),
        (BRIDGE, COST, "The Kallo bridge saves drivers $5 million."),
        (BRIDGE, COST, "The Kallo bridge costs $5 million a year."),
        (BRIDGE, COST, "The toll at the Kallo bridge will cost $3."),
        (BRIDGE, COST, "The mayor paid $3 for the Kallo bridge, which cost him a smile."),
        (VOTES, "Ann Lee got 5,000 votes in Kallo.", "In Kallo Boris Kran got 4,000 votes, fewer "
         "than Ann Lee got."),
        (VOTES, "Ann Lee got 5,000 votes in Kallo.", "In Kallo Boris Kran got 900 votes fewer than "
         "Ann Lee got."),
        ("What percentage of people in Kallo are unemployed?", "In Kallo 5% of people are "
         "unemployed.", "In Kallo 12% of young people are unemployed."),
        ("What percentage of people in Kallo are unemployed?", "In Kallo 5% of people are "
         "unemployed.", "In Kallo 12% of people under 30 are unemployed."),
        (SHIPS, "Three ships sank near Kallo in the storm.", "In the war 14 ships sank near "
         "Kallo."),
        (SHIPS, "Three ships sank near Kallo.", "Since the storm 14 ships sank near Kallo."),
    ],
)  # fmt: skip
def test_a_figure_that_may_be_of_something_else_is_no_difference(
    question: str, first: str, second: str
) -> None:
    assert said(question, first, second) == []


@pytest.mark.parametrize(
    ("question", "first", "second", "shown"),
    [
        (FIRE, TWELVE, "The Kallo fire killed 30 people.", ["30", "12"]),
        (FIRE, "The Kallo fire of 2020 killed 12 people.", "In 2020 the Kallo fire killed 30.",
         ["30", "12"]),
        (VOTES, "Ann Lee got 5,000 votes in Kallo.", "In Kallo 4,000 votes went to Ann Lee, who "
         "did get in.", ["4,000", "5,000"]),
        (SHIPS, "Three ships sank near Kallo in the storm.",
         "In the storm 14 ships sank near Kallo.", ["14", "Three"]),
        (BRIDGE, COST, "The price of the Kallo bridge was $90 million.",
         ["$90 million", "$40 million"]),
    ],
)  # fmt: skip
def test_a_figure_of_the_same_thing_in_the_same_year_is_one(
    question: str, first: str, second: str, shown: list[str]
) -> None:
    assert said(question, first, second) == shown


def test_the_year_of_a_sentence_may_be_that_of_a_weekday_beside_the_other() -> None:
    dated = article("In 2014 the Kallo fire killed 30 people.", published="2019-07-11")
    text = "The Kallo fire killed 12 people on Monday."
    told = article(text, published="2014-07-12", publisher="Saarn Review")
    (difference,) = differences(FIRE, *cite(dated, told))
    assert [reading.said for reading in difference.readings] == ["30", "12"]
    older = article(text, published="2009-07-12", publisher="Saarn Review")
    assert differences(FIRE, *cite(dated, older)) == ()


def test_an_article_speaks_by_the_citation_that_differs() -> None:
    euros, dollars = "The Kallo bridge cost €36 million.", "The Kallo bridge cost $90 million."
    first, other = article(COST), article(f"{euros} {dollars}", **LATER)
    citations, articles = cite(first, other, other)
    citations[1] = replace(citations[1], chars=Span(0, len(euros)))
    citations[2] = replace(citations[2], chars=Span(len(euros) + 1, len(other.text)))
    (difference,) = differences(BRIDGE, citations, articles)
    assert [reading.citation for reading in difference.readings] == [3, 1]


def test_an_article_speaks_rather_of_people_than_of_soldiers_where_people_are_asked_for() -> None:
    soldiers, toll = "At Kallo 30 soldiers died.", "The death toll at Kallo is 36."
    both, other = article(f"{soldiers} {toll}", **LATER), article("At Kallo 19 soldiers died.")
    citations, articles = cite(both, both, other)
    citations[0] = replace(citations[0], chars=Span(0, len(soldiers)))
    citations[1] = replace(citations[1], chars=Span(len(soldiers) + 1, len(both.text)))
    (difference,) = differences("How many people died at Kallo?", citations, articles)
    assert [reading.said for reading in difference.readings] == ["36", "19"]
    (difference,) = differences("How many soldiers died at Kallo?", citations, articles)
    assert [reading.said for reading in difference.readings] == ["30", "19"]


def test_a_list_of_figures_differs_from_nothing() -> None:
    long = article(" ".join(f"{n} soldiers were killed at Kallo." for n in range(100, 200)))
    few = article("30 soldiers were killed at Kallo.", **LATER)
    hits, articles = hits_of(few, long), {one.sha256: one for one in (few, long)}
    assert disagreeing(KILLED, [quotation(few, few.text)], hits, articles) == ()


def test_two_strikes_on_one_town_in_different_weeks_are_no_difference() -> None:
    spring = article(
        "Rockets struck Kallo on Tuesday. Three people were killed.", published="2022-03-02"
    )
    summer = article(
        "Rockets struck Kallo again on Friday. Seven people were killed.",
        published="2022-07-09",
        publisher="Saarn Review",
    )
    question = "How many people were killed in Kallo?"
    citations, articles = cite(spring, summer)
    assert differences(question, citations, articles) == ()
    same_day = replace(
        summer, published="2022-03-05", text=summer.text.replace("Friday", "Tuesday")
    )
    citations, articles = cite(spring, same_day)
    (difference,) = differences(question, citations, articles)
    assert [reading.said for reading in difference.readings] == ["Seven", "Three"]


def test_one_article_that_gives_two_figures_does_not_differ_from_itself() -> None:
    text = "Nineteen soldiers were killed at Kallo. Later 30 soldiers were said to have died."
    one = article(text)
    citations, articles = cite(one)
    first, second = Span(0, 39), Span(40, len(text))
    both = [replace(citations[0], chars=first), replace(citations[0], chars=second, number=2)]
    assert differences(KILLED, both, articles) == ()


def test_an_article_that_also_gives_the_other_figure_does_not_differ() -> None:
    early = article("Nineteen soldiers were killed at Kallo.")
    text = "At first 19 soldiers were said to be killed. By autumn 30 soldiers had died."
    later = article(text, **LATER)
    citations, articles = cite(early, later, later)
    end = text.index(".") + 1
    citations[1] = replace(citations[1], chars=Span(0, end))
    citations[2] = replace(citations[2], chars=Span(end + 1, len(text)))
    assert differences(KILLED, citations, articles) == ()


def test_an_undated_article_comes_last() -> None:
    undated = article("30 soldiers were killed at Kallo.", published=None, publisher="Saarn Review")
    dated = article("19 soldiers were killed at Kallo.")
    (difference,) = differences(KILLED, *cite(undated, dated))
    assert [reading.published for reading in difference.readings] == ["2014-07-12", None]


def test_copies_that_say_the_same_speak_once_and_the_oldest_for_all() -> None:
    first = article("19 soldiers were killed at Kallo.", published="2014-07-12")
    reprint = article("19 soldiers were killed at Kallo.", published="2014-07-13", publisher="Copy")
    other = article("30 soldiers were killed at Kallo.", **LATER)
    citations, articles = cite(reprint, first, other)
    described = [
        SourceArticle(one.sha256, one.path, one.title, one.publisher, one.published)
        for one in (first, reprint, other)
    ]
    sources = (Source(tuple(described[:2]), (1, 2)), Source((described[2],), (3,)))
    (difference,) = differences(KILLED, citations, articles, sources)
    assert [reading.publisher for reading in difference.readings] == [
        "Saarn Review",
        "Kallo Gazette",
    ]
    (without,) = differences(KILLED, citations, articles)
    assert len(without.readings) == 3


def hits_of(*articles: Article) -> list[Hit]:
    return [Hit(passage, 0.03, 1, 1) for one in articles for passage in split(one, min_chars=40)]


def quotation(of: Article, words: str) -> Quotation:
    start = of.text.index(words)
    (hit,) = [h for h in hits_of(of) if h.passage.chars.start <= start < h.passage.chars.end]
    return Quotation(hit, Span(start, start + len(words)), words, 9.0, 0.9)


EARLY_TEXT = (
    "Rockets struck a camp at Kallo before dawn.\n\n"
    "Officials spoke of at least 19 servicemen killed and 93 wounded.\n\n"
    "The harbour stayed open to all ships that night."
)
LATER_TEXT = "Most accounts agree that at least 30 soldiers were killed at Kallo."


def test_a_sentence_that_disagrees_is_found_where_no_word_of_the_question_is_in_it() -> None:
    early, later = article(EARLY_TEXT), article(LATER_TEXT, **LATER)
    articles = {one.sha256: one for one in (early, later)}
    found = disagreeing(KILLED, [quotation(later, LATER_TEXT)], hits_of(later, early), articles)
    assert [one.text for one in found] == [
        "Officials spoke of at least 19 servicemen killed and 93 wounded."
    ]
    (one,) = found
    assert one.chars.of(early.text) == one.text
    assert one.hit.passage.article_sha256 == early.sha256


def test_nothing_disagrees_with_sentences_that_give_no_figure() -> None:
    early, later = article(EARLY_TEXT), article(LATER_TEXT, **LATER)
    articles = {one.sha256: one for one in (early, later)}
    chosen = [quotation(early, "The harbour stayed open to all ships that night.")]
    assert disagreeing(KILLED, chosen, hits_of(later, early), articles) == ()
    assert disagreeing("Who fired?", chosen, hits_of(later, early), articles) == ()


def test_each_article_disagrees_once_and_each_value_once() -> None:
    own = article(LATER_TEXT, **LATER)
    others = [
        article("Nineteen soldiers were killed at Kallo. The 19 soldiers who died were young."),
        article("At Kallo 19 soldiers were killed.", publisher="Copy"),
        article("At Kallo 23 soldiers were killed.", publisher="Third"),
    ]
    articles = {one.sha256: one for one in (own, *others)}
    found = disagreeing(KILLED, [quotation(own, LATER_TEXT)], hits_of(own, *others), articles)
    assert [one.text for one in found] == [
        "Nineteen soldiers were killed at Kallo.",
        "At Kallo 23 soldiers were killed.",
    ]


def test_what_was_chosen_already_is_not_added_again() -> None:
    early, later = article(EARLY_TEXT), article(LATER_TEXT, **LATER)
    articles = {one.sha256: one for one in (early, later)}
    both = [
        quotation(later, LATER_TEXT),
        quotation(early, "Officials spoke of at least 19 servicemen killed and 93 wounded."),
    ]
    assert disagreeing(KILLED, both, hits_of(later, early), articles) == ()


def test_a_passage_whose_article_is_not_at_hand_is_passed_over() -> None:
    early, later = article(EARLY_TEXT), article(LATER_TEXT, **LATER)
    chosen = [quotation(later, LATER_TEXT)]
    assert disagreeing(KILLED, chosen, hits_of(early), {later.sha256: later}) == ()
    assert disagreeing(KILLED, chosen, hits_of(early), {}) == ()
    assert differences(KILLED, cite(early, later)[0], {}) == ()


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("How many were killed?", True),
        ("When did the harbour open?", True),
        ("What was the death toll at Kallo?", True),
        ("How much did it cost?", True),
        ("Why did the harbour close?", False),
        ("Скільки солдатів загинуло?", False),
    ],
)
def test_only_questions_for_a_figure_or_a_date_may_have_differences(
    question: str, asks: bool
) -> None:
    assert may_differ(question) is asks


@given(st.text(max_size=120), st.lists(st.text(min_size=1, max_size=200), min_size=2, max_size=4))
def test_no_text_is_too_ugly(question: str, texts: list[str]) -> None:
    shown = said(question, *texts)
    assert len(shown) != 1


@given(st.lists(st.sampled_from(["19", "at least 19", "30", "36 or 37"]), min_size=1, max_size=5))
def test_a_difference_has_two_values_and_each_reading_is_in_its_citation(
    figures: Sequence[str],
) -> None:
    articles = [
        article(f"They say {figure} soldiers were killed at Kallo.", publisher=f"Paper {at}")
        for at, figure in enumerate(figures)
    ]
    citations, given_ = cite(*articles)
    for difference in differences(KILLED, citations, given_):
        assert len({reading.said for reading in difference.readings}) > 1
        for reading in difference.readings:
            assert reading.said in citations[reading.citation - 1].quote


@pytest.mark.parametrize("noise", ["19 killed ", "9", "at least ", "killed and "])
def test_a_megabyte_of_figures_is_read_in_a_moment(noise: str) -> None:
    long = article(f"Kallo soldiers {noise * (1_000_000 // len(noise))}")
    with at_most(5):
        differences(KILLED, *cite(long, article("30 soldiers were killed at Kallo.")))


@pytest.fixture(scope="module")
def real_assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """An assistant with the real model that has read the sample corpus."""
    index = tmp_path_factory.mktemp("index")
    assistant = open_assistant(Settings(corpus=CORPUS, index=index))
    assistant.ingest()
    yield assistant
    assistant.close()


@pytest.mark.model
@pytest.mark.parametrize(
    "question",
    [
        "How many soldiers died in the rocket attack on the camp at Zelenopillya?",
        "What was the death toll at Zelenopillya?",
    ],
)
def test_the_two_tolls_of_zelenopillya_are_both_in_the_answer(
    real_assistant: Assistant, question: str
) -> None:
    answer = real_assistant.ask(question)
    (difference,) = answer.differences
    assert [reading.published for reading in difference.readings] == ["2019-07-11", "2014-07-12"]
    assert difference.readings[1].said == "at least 19"
    assert {reading.citation for reading in difference.readings} <= {
        citation.number for citation in answer.citations
    }
