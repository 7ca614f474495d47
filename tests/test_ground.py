"""Drafts become answers, and only exact quotations are cited."""

from __future__ import annotations

from dataclasses import replace

import pytest

from answer.answer import Coverage
from answer.draft import Claim, Draft, Quotation
from answer.ground import ground, not_in_corpus
from index.search import Hit
from ingest.article import Article, Passage, Span
from ingest.read import decode_article

DATA = "Tides\r\n\r\nThe moon pulls the sea. The sun pulls it too — but less.\r\n".encode()
COVERAGE = Coverage(articles=3, passages=9, first="2014-07", last="2021-11-30")


@pytest.fixture
def article() -> Article:
    return decode_article("tides.txt", DATA)


def quotation(article: Article, words: str) -> Quotation:
    start = article.text.index(words)
    passage = Passage.cut(article, Span(9, len(article.text) - 2))
    chars = Span(start, start + len(words))
    return Quotation(Hit(passage, 0.03, 1, 1), chars, words, score=9.0, support=0.9)


def draft(*quotations: Quotation) -> Draft:
    return Draft(tuple(Claim(one.text, (one,)) for one in quotations), 0.9)


def test_every_citation_is_what_the_file_holds_at_its_place(article: Article) -> None:
    chosen = draft(
        quotation(article, "The sun pulls it too — but less."),
        quotation(article, "The moon pulls the sea."),
    )
    answer = ground("What pulls?", chosen, (), {article.sha256: article}, COVERAGE)
    assert answer.outcome == "answered"
    assert [citation.number for citation in answer.citations] == [1, 2]
    for citation in answer.citations:
        assert citation.chars.of(DATA.decode("utf-8")) == citation.quote
        assert DATA[citation.bytes.start : citation.bytes.end].decode("utf-8") == citation.quote
        assert citation.claim.of(answer.text) == citation.quote
        assert answer.text[citation.claim.end :].startswith(f" [{citation.number}]")


def test_a_quotation_that_is_not_at_its_place_is_dropped(article: Article) -> None:
    moved = quotation(article, "The moon pulls the sea.")
    moved = replace(moved, chars=moved.chars.shifted(1))
    answer = ground("What pulls?", draft(moved), (), {article.sha256: article}, COVERAGE)
    assert answer.citations == ()
    assert answer.outcome == "not_in_corpus"


def test_a_quotation_past_the_end_of_its_article_is_dropped(article: Article) -> None:
    beyond = replace(quotation(article, "The moon"), chars=Span(len(article.text) - 2, 10_000))
    answer = ground("What pulls?", draft(beyond), (), {article.sha256: article}, COVERAGE)
    assert answer.citations == ()


def test_a_quotation_of_an_unknown_article_is_dropped(article: Article) -> None:
    answer = ground("?", draft(quotation(article, "The moon")), (), {}, COVERAGE)
    assert answer.outcome == "not_in_corpus"


def test_prefix_and_suffix_are_the_words_around_the_quotation(article: Article) -> None:
    chosen = draft(quotation(article, "The sun"))
    citation = ground("?", chosen, (), {article.sha256: article}, COVERAGE).citations[0]
    assert citation.prefix.endswith("the sea. ")
    assert citation.suffix.startswith(" pulls it too")


def test_a_refusal_names_the_size_and_the_dates_of_the_corpus() -> None:
    text = not_in_corpus(COVERAGE)
    assert "3 articles" in text
    assert "2014-07 to 2021-11-30" in text


def test_an_empty_corpus_is_called_empty() -> None:
    assert "empty" in not_in_corpus(Coverage(0, 0, None, None))
