"""Marks of pages and times: what they say of each character, and what is no mark."""

from __future__ import annotations

import pytest
from conftest import PIECES
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.article import Article, Span
from ingest.errors import UnreadableSource
from ingest.locator import Locator, Locators, is_mark, locator_of, mark, without_marks
from ingest.read import decode_article
from ingest.split import html_blocks, split
from tests.clock import at_most

FENCED = "One.\n\n```\n<!-- page 7 -->\n```\n\nTwo.\n"


def article(text: str, path: str = "a.md") -> Article:
    return decode_article(path, text.encode())


def told(text: str, words: str) -> str | None:
    """What the article's marks say of the first place with these words."""
    source = article(text)
    at = source.text.index(words)
    locator = locator_of(source, Span(at, at + len(words)))
    return str(locator) if locator else None


# ---- what a mark says ----------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_mark_holds_from_the_text_below_it_to_the_next_with_every_kind_of_line_end(
    end: str,
) -> None:
    lines = ["Before.", "", mark("page", [("1", 0)]), "", "One.", "", "Still one.", "",
             mark("page", [("2", 0)]), "Two."]  # fmt: skip
    text = end.join(lines) + end
    assert [told(text, words) for words in ("Before.", "One.", "Still one.", "Two.")] == [
        None,
        "p. 1",
        "p. 1",
        "p. 2",
    ]


def test_words_that_go_over_a_page_s_end_are_on_both_pages() -> None:
    text = "<!-- page 4, 5 +9 -->\n\nIt began here and ended there. Then more.\n"
    assert told(text, "It began") == "p. 4"
    assert told(text, "It began here") == "pp. 4–5"
    assert told(text, "here and") == "p. 5"
    assert told(text, "Then more.") == "p. 5"


def test_a_time_is_that_of_the_first_word() -> None:
    text = "<!-- time 0:12:03, 0:12:07 +9 -->\n\nIt began here and ended there.\n"
    assert told(text, "began here") == "at 0:12:03"
    assert told(text, "ended") == "at 0:12:07"


def test_an_empty_page_is_nowhere() -> None:
    text = "<!-- page 1 -->\n\n<!-- page 2 -->\n<!-- page 3 -->\n\nHere.\n"
    assert told(text, "Here.") == "p. 3"


def test_a_page_that_begins_behind_the_paragraph_s_end_begins_at_it() -> None:
    text = (
        "<!-- page 1, 2 +500 -->\n\nShortened by hand.\n\nOn page two.\n\n<!-- page 3 -->\n\nC.\n"
    )
    assert told(text, "Shortened by hand.") == "p. 1"
    assert told(text, "On page two.") == "p. 2"
    assert told(text, "C.") == "p. 3"


def test_a_mark_far_too_large_hides_no_later_one() -> None:
    text = "<!-- page 1 +999999999 -->\n\nA.\n\n<!-- page 2 -->\n\nB.\n"
    assert (told(text, "A."), told(text, "B.")) == (None, "p. 2")


def test_pages_that_run_backwards_give_the_first_one_alone() -> None:
    assert told("<!-- page 9, 3 +4 -->\n\nOne two.\n", "One two.") == "p. 9"


def test_a_place_of_another_kind_does_not_end_one() -> None:
    text = "<!-- page 9 -->\n\nOne.\n\n<!-- time 0:00:01 -->\n\nTwo.\n"
    assert told(text, "One.\n\n<!-- time 0:00:01 -->\n\nTwo.") == "p. 9"
    assert told(text, "Two.") == "at 0:00:01"


@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=30),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(1, 90_000),
)
def test_every_character_is_on_the_page_that_the_converter_had_it_on(
    cuts: list[int], end: str, first: int
) -> None:
    """A converter's pages, cut into paragraphs anywhere, against what is read out of its marks."""
    lines: list[str] = []
    pages: list[tuple[str, int]] = []  # each word, and its page
    page, word = first, 0
    for cut in cuts:
        words, places = [], [(str(page), 0)]
        for piece in range(cut + 1):
            if piece:
                page += 1
                places.append((str(page), sum(len(w) + 1 for w in words)))
            words.append(f"word{word:03}.")
            pages.append((words[-1], page))
            word += 1
        lines += [mark("page", places), "", " ".join(words), ""]
    source = article(end.join(lines))
    locators = Locators.in_article(source)
    for written, at in pages:
        start = source.text.index(written)
        assert locators.of(Span(start, start + len(written))) == Locator("page", str(at), str(at))
    whole = locators.of(Span(source.text.index("word000."), len(source.text)))
    assert whole == Locator("page", str(first), str(page))


# ---- what is a mark ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        FENCED,
        "One.\n\n~~~~\n```\n<!-- page 7 -->\n~~~~\n\nTwo.\n",
        "   ```\n<!-- page 7 -->\n\nTwo.\n",
        "<div>\n<!-- page 7 -->\n</div>\n\nTwo.\n",
        "<script>\n\n<!-- page 7 -->\n\n</script>\n\nTwo.\n",
        "<!--\n<!-- page 7 -->\n\nTwo.\n",
        "One.\n\n    <!-- page 7 -->\n\nTwo.\n",
        "> <!-- page 7 -->\n\nTwo.\n",
        "One <!-- page 7 -->\n\nTwo.\n",
        "<!-- page 7 --> One.\n\nTwo.\n",
        "<!-- page -->\n\nTwo.\n",
        "<!-- page 0 -->\n\nTwo.\n",
        "<!-- page -4 -->\n\nTwo.\n",
        "<!-- page iv -->\n\nTwo.\n",
        "<!-- page 12345678 -->\n\nTwo.\n",
        "<!-- page ٤ -->\n\nTwo.\n",
        "<!-- page 4 + 5 -->\n\nTwo.\n",
        "<!-- time 12:03 -->\n\nTwo.\n",
        "<!-- time 0:99:03 -->\n\nTwo.\n",
        "<!-- chapter 4 -->\n\nTwo.\n",
        "<!--page 4-->\n\nTwo.\n",
        "---\ntitle: |\n  A\n<!-- page 7 -->: b\n---\n\nTwo.\n",
    ],
)
def test_what_is_no_comment_of_its_own_or_makes_no_sense_is_no_mark(text: str) -> None:
    assert told(text, "Two.") is None


@pytest.mark.parametrize(
    "before",
    ["- a\n  ```\n  code\n", "> ```\n> code\n", "`code` and ```more```\n", "- <div>\n", "a < b\n",
     "Text.\n", "| a |\n|---|\n| b |\n", "1. x\n\n    ```\n    code\n", "<p>\n\n"],
)  # fmt: skip
def test_a_mark_stays_one_beside_a_list_a_quotation_a_table_or_closed_html(before: str) -> None:
    assert told(f"{before}<!-- page 7 -->\n\nTwo.\n", "Two.") == "p. 7"


def test_a_line_of_plain_text_is_no_mark() -> None:
    source = article("Title\n\n<!-- page 7 -->\n\nTwo.\n", "a.txt")
    assert locator_of(source, Span(len(source.text) - 5, len(source.text))) is None
    assert without_marks(source) == source.body.of(source.text)


def test_of_a_very_long_article_with_examples_nothing_is_said() -> None:
    text = "<!-- page 7 -->\n\nTwo.\n\n" + "Three words here.\n\n" * 12_000
    assert told(text, "Two.") == "p. 7"
    assert told(text + "```\ncode\n```\n", "Two.") is None


@pytest.mark.parametrize(
    "given_",
    [("page", "4", "x"), ("page", "", "1"), ("line", "4", "4"), ("time", "0:1:2", "0:1:2")],
)
def test_a_locator_says_a_page_or_a_time_and_nothing_else(given_: tuple[str, str, str]) -> None:
    kind, first, last = given_
    with pytest.raises(ValueError, match="no "):
        Locator.from_json({"kind": kind, "first": first, "last": last})


def test_a_locator_is_read_back_from_its_json() -> None:
    for one in (Locator("page", "4", "5"), Locator("time", "0:12:03", "1:00:00")):
        assert Locator.from_json(one.to_json()) == one


# ---- marks and passages --------------------------------------------------------------------------

MARKS = st.sampled_from(
    ["<!-- page 4 -->\n", "\n<!-- page 5 +3 -->\n\n", "\r\n<!-- time 0:00:07 -->\r\n\r\n",
     "\r<!-- page 6, 7 +2 -->\r", "\n<!-- page 8 -->", "```\n", "<div>\n", "<!--\n", "-->\n"]
)  # fmt: skip


@given(st.lists(PIECES | MARKS, max_size=20))
@example(["One. ", "\n<!-- page 5 +3 -->\n\n", "Two."])
@example(["<div>html. text.</div>\n", "<!-- page 4 -->\n", "Two."])
def test_no_passage_holds_or_crosses_a_mark(pieces: list[str]) -> None:
    try:
        source = article("".join(pieces))
    except UnreadableSource:
        return
    marks = Locators.in_article(source).marks
    for passage in split(source):
        assert not any(passage.chars.overlap(one) for one in marks)
    assert all(is_mark(one.of(source.text)) for one in marks)
    if len(source.text) <= 100_000:
        blocks = {*html_blocks(source.text, source.body)}
        ours = {block for block in blocks if is_mark(block.of(source.text))}
        assert {one.start for one in marks} == {block.start for block in ours}


def test_the_words_alone_have_no_marks_and_lose_nothing_else() -> None:
    source = article(f"<!-- page 1 -->\n\nA <b>word</b>.\n\n<!-- page 2 -->\n\nOther.\n\n{FENCED}")
    words = without_marks(source)
    assert (
        words.split()
        == source.body.of(source.text)
        .replace("<!-- page 1 -->", "")
        .replace("<!-- page 2 -->", "")
        .split()
    )


# ---- hostile text --------------------------------------------------------------------------------

HOSTILE = {
    "marks only": "<!-- page 1 +999999999 -->\n" * 40_000,
    "a long mark": "<!-- time " + ", ".join(["0:00:01 +5"] * 80_000) + " -->\n\nx",
    "opened only": "<!-- page 1" * 90_000,
    "on one line": "<!-- page 1 -->\n" + "<" * 1_000_000,
    "ticks": "<!-- page 1 -->\n" + "`" * 1_000_000,
    "white space": "<!-- page 1 -->" + " " * 1_000_000 + "x",
    "blank lines": "<!-- page 1 -->\n" + "\n " * 500_000,
    "carriage returns": "<!-- page 1 -->\r" + "\r" * 1_000_000,
    "lines": "<!-- page 1 +5 -->\n\nx" + ("\n" + " " * 100 + "x") * 10_000,
    "list items": "<!-- page 1 -->\n\n<p>\n\n" + "- a\n\n" * 200_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_megabyte_that_means_harm_is_read_in_a_moment(text: str) -> None:
    with at_most(3):
        Locators(text).of(Span(len(text) - 1, len(text)))
