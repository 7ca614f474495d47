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
