"""Drafts become answers, and only exact quotations are cited."""

from __future__ import annotations

from dataclasses import replace

import pytest
from conftest import UGLY
from hypothesis import given
from hypothesis import strategies as st

from answer.answer import Coverage
from answer.draft import Claim, Draft, Quotation
from answer.ground import ground, not_in_corpus
from index.search import Hit
from ingest.article import Article, Passage, Span
from ingest.read import decode_article

DATA = "Tides\r\n\r\nThe moon pulls the sea. The sun pulls it too — but less.\r\n".encode()
CUT = st.integers(0, 200)
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


# ---- what a model writes -------------------------------------------------------------------------


def written(*claims: Claim, support: float = 0.9) -> Draft:
    return Draft(claims, support, writer="a-model")


def test_a_sentence_in_other_words_gets_a_verdict_from_all_that_it_cites(article: Article) -> None:
    moon = quotation(article, "The moon pulls the sea.")
    sun = quotation(article, "The sun pulls it too — but less.")
    draft = written(
        Claim("The sea is pulled by the moon.", (moon,)),
        Claim("Mars pulls the sea hardest of all planets.", (sun,)),
    )
    answer = ground("What pulls?", draft, (), {article.sha256: article}, COVERAGE)
    assert [one.verdict for one in answer.statements] == ["supported", "unsupported"]
    assert [one.verdict for one in answer.citations] == ["supported", "unsupported"]
    assert answer.outcome == "answered"
    assert (answer.recall, answer.precision) == (0.5, 0.5)


def test_a_citation_that_adds_nothing_lowers_precision_and_not_recall(article: Article) -> None:
    moon = quotation(article, "The moon pulls the sea.")
    sun = quotation(article, "The sun pulls it too — but less.")
    draft = written(Claim("The sea is pulled by the moon.", (moon, sun)))
    answer = ground("What pulls?", draft, (), {article.sha256: article}, COVERAGE)
    assert answer.citations[0].verdict == "supported"
    assert (answer.recall, answer.precision) == (1.0, 0.5)


def test_two_citations_that_support_a_sentence_only_together_are_both_of_use() -> None:
    data = b"Ada Holm built the mill at Kallo. The mill at Kallo was sold in 1974.\n"
    source = decode_article("mill.txt", data)
    both = Claim(
        "The mill at Kallo, which Ada Holm built, was sold in 1974.",
        (
            of(source, "Ada Holm built the mill at Kallo."),
            of(source, "The mill at Kallo was sold in 1974."),
        ),
    )
    answer = ground("?", written(both), (), {source.sha256: source}, COVERAGE)
    assert answer.statements[0].verdict == "supported"
    assert all(citation.verdict != "supported" for citation in answer.citations)
    assert (answer.recall, answer.precision) == (1.0, 1.0)


def test_what_no_article_says_is_not_supported_by_two_of_them_together() -> None:
    words = ("The mayor of Kallo sleeps well.", "The bank owns a ferry.")
    sources = [decode_article(f"{at}.txt", f"{one}\n".encode()) for at, one in enumerate(words)]
    claim = Claim("The mayor owns the bank.", tuple(map(of, sources, words)))
    answer = ground("?", written(claim), (), {one.sha256: one for one in sources}, COVERAGE)
    assert answer.statements[0].verdict == "partly"
    assert answer.recall == 0.0
    built, sank = "The dredger Maru was built in 1974.", "It sank off Kallo in 1998."
    sources = [decode_article(f"{one[:3]}.txt", f"{one}\n".encode()) for one in (built, sank)]
    both = Claim("The dredger Maru was built in 1974 and sank off Kallo in 1998.",
                 (of(sources[0], built), of(sources[1], sank)))  # fmt: skip
    answer = ground("?", written(both), (), {one.sha256: one for one in sources}, COVERAGE)
    assert answer.statements[0].verdict == "supported"


def test_a_sentence_without_a_citation_is_unsupported_and_cites_nothing(article: Article) -> None:
    moon = Claim("The moon pulls the sea.", (quotation(article, "The moon pulls the sea."),))
    draft = written(moon, Claim("So it has been since the world began.", ()))
    answer = ground("What pulls?", draft, (), {article.sha256: article}, COVERAGE)
    assert [one.verdict for one in answer.statements] == ["exact", "unsupported"]
    assert answer.statements[1].citations == ()
    assert (answer.recall, answer.precision) == (0.5, 1.0)


def test_a_model_that_writes_nothing_supported_has_failed(article: Article) -> None:
    answer = ground("?", written(Claim("Babble.", ())), (), {article.sha256: article}, COVERAGE)
    assert answer.outcome == "writer_failed"
    assert answer.text == "Babble."
    assert answer.note is not None
    assert answer.citations == ()


def test_an_invented_answer_is_not_shown_where_the_corpus_seems_to_have_none(
    article: Article,
) -> None:
    sun = quotation(article, "The sun pulls it too — but less.")
    draft = written(Claim("The cup costs nine dollars.", (sun,)), support=0.05)
    answer = ground("?", draft, (), {article.sha256: article}, COVERAGE, threshold=0.2)
    assert answer.outcome == "not_in_corpus"
    assert answer.citations == ()
    assert "dollars" not in answer.text
    assert "not shown" in str(answer.note)


def test_recall_and_precision_are_unknown_where_nothing_was_answered() -> None:
    answer = ground("?", Draft((), 0.0), (), {}, COVERAGE)
    assert (answer.recall, answer.precision) == (None, None)


def test_a_refusal_within_filters_speaks_of_what_they_allow() -> None:
    assert "3 articles that the filters allow" in not_in_corpus(replace(COVERAGE, narrowed=True))
    nothing = Coverage(0, 0, None, None, narrowed=True)
    assert "allowed by the filters" in not_in_corpus(nothing)


@given(UGLY, st.lists(st.tuples(st.text(max_size=60), st.lists(st.tuples(CUT, CUT)))))
def test_no_draft_breaks_the_law(
    pieces: list[str], claims: list[tuple[str, list[tuple[int, int]]]]
) -> None:
    """The fuzz target of `ground`: any claims, citing anything, right or wrong."""
    data = ("Title\n\nBody. " + "".join(pieces)).replace("\0", "").encode("utf-8")
    source = decode_article("a.txt", data)
    passage = Passage.cut(source, source.body)
    made = [
        Claim(text, tuple(cut(passage, source, min(pair), max(pair)) for pair in spans[:3]))
        for text, spans in claims[:4]
    ]
    answer = ground("?", written(*made), (), {source.sha256: source}, COVERAGE)
    text = data.decode("utf-8")
    for citation in answer.citations:
        assert text[citation.chars.start : citation.chars.end] == citation.quote
        octets = data[citation.bytes.start : citation.bytes.end]
        assert octets.decode("utf-8") == citation.quote
    for statement in answer.statements:
        assert statement.claim.of(answer.text) in [claim.text for claim in made]
    assert [c.number for c in answer.citations] == [*range(1, len(answer.citations) + 1)]
    for share in (answer.recall, answer.precision):
        assert share is None or 0 <= share <= 1


def of(article: Article, words: str) -> Quotation:
    start = article.text.index(words)
    passage = Passage.cut(article, article.body)
    return Quotation(Hit(passage, 0.03, 1, 1), Span(start, start + len(words)), words, 9.0, 0.9)


def cut(passage: Passage, article: Article, start: int, end: int) -> Quotation:
    """A quotation that is where it says, or past the end, or not the words that it says."""
    words = article.text[start:end] if (start + end) % 3 else "something else"
    return Quotation(Hit(passage, 0.0, 1, None), Span(start, end), words, 0.0, 0.0)
