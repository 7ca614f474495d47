"""web/verdicts.py: checks of quotations and drafts as HTML; pure functions, no server."""

from __future__ import annotations

import pytest
from serving import ATTACKS
from test_render import TIDES, Parsed, assert_inert

from answer.check import Near, QuoteCheck
from answer.judge import Finding
from answer.match import Change
from answer.place import Place
from answer.review import DraftReview, Reviewed
from ingest.article import Span
from web.verdicts import CHECK_VERDICTS, check_html, review_html

MOON, SUN = Span(9, 24), Span(25, 44)
CHANGES = (Change("same", "The moon", "The moon"), Change("replaced", "pushes", "pulls"))


def near(*changes: Change, title: str = "Tides") -> Near:
    return Near("a" * 64, "a.md", title, None, "2020", None, "The moon pulls", 0.8, changes)


def place(span: Span) -> Place:
    return Place.cut(TIDES, span)


@pytest.mark.parametrize("verdict", ["exact", "same_words", "elsewhere"])
def test_words_that_stand_in_an_article_can_be_opened_there(verdict: str) -> None:
    check = QuoteCheck("The moon pulls.", verdict, (place(MOON),), 1)  # type: ignore[arg-type]
    html = check_html(check)
    assert f'<a class="cite" href="#cite-{place(MOON).id}">1</a>' in html
    assert CHECK_VERDICTS[check.verdict] in Parsed(html).text
    assert "In 1 article" in Parsed(html).text


def test_words_in_more_articles_than_are_shown_are_counted() -> None:
    check = QuoteCheck("The moon pulls.", "exact", (place(MOON),), 1_200, more=True)
    assert "In at least 1,200 articles" in Parsed(check_html(check)).text


def test_altered_words_are_shown_beside_those_that_stand_there_and_open_nothing() -> None:
    parsed = Parsed(check_html(QuoteCheck("The moon pushes", "altered", nearest=near(*CHANGES))))
    assert "The moon pushespulls" in parsed.text
    assert {"del", "ins"} <= set(parsed.tags)
    assert "a" not in parsed.tags


def test_words_that_are_nowhere_open_nothing() -> None:
    parsed = Parsed(check_html(QuoteCheck("Peru won", "not_in_corpus")))
    assert parsed.text == "Not in this corpus."
    assert "a" not in parsed.tags


def test_a_draft_is_shown_sentence_by_sentence_with_its_places_numbered_through() -> None:
    wrong = Finding("figure", "91", False, "19")
    review = DraftReview(
        "…",
        (
            Reviewed(Span(0, 1), "The moon pulls.", "supported", 1.0, support=(place(MOON),)),
            Reviewed(Span(1, 2), "The sun.", "contradicted", 0.5, (), (place(SUN),), (wrong,)),
            Reviewed(Span(2, 3), "Peru won.", "absent"),
            Reviewed(Span(3, 4), "Why?", "nothing_to_check"),
        ),
    )
    parsed = Parsed(review_html(review))
    assert "1 supported, 1 contradicted, 1 not in this corpus, 1 nothing to check" in parsed.text
    assert "The moon pulls.1supported1Tides: “The moon pulls.”" in parsed.text
    assert "The sun.2contradicted“91” stands there as “19”2Tides: “The sun" in parsed.text
    assert [link for name, link in parsed.attributes if name == "href"] == [
        f"#cite-{place(MOON).id}",
        f"#cite-{place(SUN).id}",
    ]


def test_what_speaks_against_a_supported_sentence_is_shown_too() -> None:
    both = Reviewed(Span(0, 1), "The moon.", "supported", 1.0, (place(MOON),), (place(SUN),))
    text = Parsed(review_html(DraftReview("…", (both,)))).text
    assert "The moon.12supported1Tides: “The moon pulls.”2Against it, Tides: “The sun" in text


def test_a_sentence_that_misquotes_says_what_stands_there() -> None:
    altered = QuoteCheck("The moon pushes", "altered", nearest=near(*CHANGES))
    exact = QuoteCheck("The moon pulls", "exact", (place(MOON),), 1)
    one = Reviewed(Span(0, 1), "He said so.", "absent", quotes=(altered, exact))
    text = Parsed(review_html(DraftReview("…", (one,)))).text
    assert "“The moon pushes” Altered" in text
    assert "“The moon pulls”" not in text


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_in_a_quotation_or_a_draft_acts(attack: str) -> None:
    change = Change("replaced", attack, attack)
    altered = QuoteCheck(attack, "altered", nearest=near(change, title=attack), note=attack)
    finding = Finding("name", attack, False, attack)
    one = Reviewed(Span(0, 1), attack, "absent", findings=(finding,), quotes=(altered,))
    assert_inert(check_html(altered), attack)
    assert_inert(review_html(DraftReview(attack, (one,))), attack)
