"""A draft's sentences under a title: what the title may say for the article, and what not."""

from __future__ import annotations

import pytest
from conftest import OpenIndex

from answer.review import Reviewed, review
from index.search import Searcher

GRAIN = """---
title: "Grain from Dravia: what Orlo and Kest trade"
---
Two towns share one river.

## When did Orlo buy ships from Kest?

Kest has found it hard to get timber from the coast. The firm Tarn Brothers builds barges there.
Orlo ordered six ships after talks in 2018.

## What is the Brede?

The great Brede is a barge with two decks. It can carry 900 tonnes of grain.

## Who signed the river treaty?

The Lisse River Treaty has 12 parties. Kest and Dravia have not signed it.
"""


@pytest.fixture
def article_under_titles(built_index: OpenIndex) -> OpenIndex:
    """Three articles, and one whose title and headings name what its sentences do not."""
    built_index.write("grain.md", GRAIN)
    built_index.build()
    return built_index


def verdict(index: OpenIndex, sentence: str) -> Reviewed:
    searcher = Searcher(index.catalog, index.vectors, index.embedder)
    (one,) = review(
        sentence, index.catalog, search=lambda said: searcher.search(said, k=8)
    ).sentences
    return one


def test_a_heading_names_what_a_sentence_calls_it(article_under_titles: OpenIndex) -> None:
    one = verdict(article_under_titles, "The Brede can carry 900 tonnes of grain.")
    assert one.verdict == "supported"
    other = verdict(article_under_titles, "The Brede can carry 800 tonnes of grain.")
    assert other.verdict == "contradicted"


@pytest.mark.parametrize(
    "sentence",
    ["Kest buys ships from Orlo.", "Orlo buys ships from Kest.", "Kest trades grain from Dravia.",
     "Tarn Brothers signed the river treaty."],
)  # fmt: skip
def test_a_title_gives_no_verb_and_no_object(
    article_under_titles: OpenIndex, sentence: str
) -> None:
    assert verdict(article_under_titles, sentence).verdict == "absent"


def test_it_may_be_what_the_sentence_before_names(article_under_titles: OpenIndex) -> None:
    denied = verdict(
        article_under_titles, "Kest and Dravia have not signed the Lisse River Treaty."
    )
    assert denied.verdict == "supported"
    said = verdict(article_under_titles, "Kest and Dravia have signed the Lisse River Treaty.")
    assert said.verdict == "contradicted"


def test_a_question_supports_nothing(article_under_titles: OpenIndex) -> None:
    article_under_titles.write(
        "asked.md", "Mills\n\nHas the mill at Senna burned down? Nobody knows.\n"
    )
    article_under_titles.build()
    assert verdict(article_under_titles, "The mill at Senna has burned down.").verdict == "absent"


DENIED = """Denials

There is no evidence that the Senna dam has leaked. The mill at Orlo no longer grinds rye. A survey
in May found that the bridge at Kest had two cracks.

Kest has found that timber is hard to buy. Orlo ordered six ships in May. The ferry Lune was built
in Orlo. It can carry 40 cars.
"""


@pytest.fixture
def article_of_denials(built_index: OpenIndex) -> OpenIndex:
    """Three articles, and one that says of several things that they are not so."""
    built_index.write("denied.md", DENIED)
    built_index.build()
    return built_index


@pytest.mark.parametrize(
    "sentence",
    ["The Senna dam has leaked.", "The mill at Orlo grinds rye.", "Kest ordered six ships in May."],
)
def test_what_a_sentence_takes_back_is_not_cut_out_of_it(
    article_of_denials: OpenIndex, sentence: str
) -> None:
    one = verdict(article_of_denials, sentence)
    assert one.verdict != "supported"
    assert one.support == ()


def test_the_whole_sentence_is_given_for_words_that_stand_in_it(
    article_of_denials: OpenIndex,
) -> None:
    one = verdict(article_of_denials, "The bridge at Kest had two cracks.")
    assert one.verdict == "supported"
    (place,) = one.support
    assert place.quote.split() == (
        "A survey in May found that the bridge at Kest had two cracks.".split()
    )


def test_sentences_of_one_passage_add_up_where_one_refers_to_the_other(
    article_of_denials: OpenIndex,
) -> None:
    one = verdict(article_of_denials, "The ferry Lune can carry 40 cars.")
    assert one.verdict == "supported"


def test_a_sentence_ends_after_a_year(article_of_denials: OpenIndex) -> None:
    draft = "The Lune was built in 1923. Who knows? It sank in 1931. Nobody died."
    searcher = Searcher(
        article_of_denials.catalog, article_of_denials.vectors, article_of_denials.embedder
    )
    found = review(
        draft, article_of_denials.catalog, search=lambda said: searcher.search(said, k=2)
    )
    assert [one.sentence for one in found.sentences] == [
        "The Lune was built in 1923.", "Who knows?", "It sank in 1931.", "Nobody died.",
    ]  # fmt: skip
    assert [one.verdict for one in found.sentences][:2] == ["absent", "nothing_to_check"]
