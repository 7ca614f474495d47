from __future__ import annotations

import re

import pytest
from conftest import UGLY, assert_exact
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.article import Span
from ingest.errors import UnreadableSource
from ingest.read import decode_article
from ingest.split import LONGEST_SENTENCE, MAX_CHARS, sentences, split
from tests.clock import at_most


@given(UGLY, st.sampled_from(["a.md", "a.txt"]), st.sampled_from(["", "---\ntitle: T\n---\n"]))
@example(["A\r\n\r\nB.\rC."], "a.md", "")
@example(["- \n- x\n"], "a.md", "")
@example([">"], "a.md", "")
def test_every_passage_is_exactly_what_the_file_holds(
    pieces: list[str], path: str, front: str
) -> None:
    data = (front + "".join(pieces)).encode()
    try:
        article = decode_article(path, data)
    except UnreadableSource:
        return
    passages = split(article)
    assert_exact(article, data, passages)
    ends = [article.body.start]
    for passage in passages:
        assert passage.text == passage.text.strip() != ""
        assert ends[-1] <= passage.chars.start
        ends.append(passage.chars.end)
    assert ends[-1] <= article.body.end
    assert len({passage.id for passage in passages}) == len(passages)


def test_a_body_that_is_only_the_address_of_a_link_has_no_passage() -> None:
    assert split(decode_article("a.md", b"[ref]: https://example.org\n")) == ()


@given(UGLY)
def test_sentences_keep_their_order_and_lose_nothing_but_white_space(pieces: list[str]) -> None:
    text = "".join(pieces)
    at = 0
    for span in sentences(text):
        assert not text[at : span.start].strip()
        assert 0 < len(span) <= LONGEST_SENTENCE + 50
        at = span.end
    assert not text[at:].strip()


@given(
    st.lists(st.sampled_from(["One two. ", "Three four five!\n", "\r\n\r\n", "Six? "]), min_size=1)
)
def test_no_word_of_a_plain_text_is_left_out(pieces: list[str]) -> None:
    article = decode_article("a.txt", ("A title\n\nStart here. " + "".join(pieces)).encode())
    kept = " ".join(passage.text for passage in split(article))
    assert kept.split() == article.body.of(article.text).split()


@given(UGLY, st.sampled_from(["a.md", "a.txt"]))
def test_no_passage_cuts_a_sentence_or_passes_the_limit_with_two(
    pieces: list[str], path: str
) -> None:
    try:
        article = decode_article(path, "".join(pieces).encode())
    except UnreadableSource:
        return
    for passage in split(article):
        if len(passage.chars) > MAX_CHARS:
            assert len(passage.chars) <= LONGEST_SENTENCE + 50


def said(text: str, language: str | None = None) -> list[str]:
    return [span.of(text) for span in sentences(text, None, language)]


@pytest.mark.parametrize(
    "text",
    [
        "Mr. Smith met Dr. Jones in the U.S. on Jan. 3.",
        "The U.S. State Department declined to comment.",
        "It cost $3.5 million, i.e. more than planned.",
        "Sen. Ron Johnson and Gen. Mark Milley agreed.",
        "Is it J. R. R. Tolkien's?",
    ],
)
def test_abbreviations_do_not_end_a_sentence(text: str) -> None:
    assert said(text) == [text]


def test_a_closing_quotation_mark_stays_with_its_sentence() -> None:
    assert said("“It flies.” He left. ‘No.’ She stayed. (They agreed.) End.") == [
        "“It flies.”",
        "He left.",
        "‘No.’",
        "She stayed.",
        "(They agreed.)",
        "End.",
    ]


def test_full_stops_of_other_scripts_end_sentences() -> None:
    assert said("他来了。她走了！「好。」谁？") == ["他来了。", "她走了！", "「好。」", "谁？"]
    assert said("هل جاء؟ نعم۔ ذهب") == ["هل جاء؟", "نعم۔", "ذهب"]
    assert said("वह आया। वह गया।") == ["वह आया।", "वह गया।"]


def test_other_languages_have_their_own_abbreviations() -> None:
    assert said("Das ist z.B. so. Gut.", "de") == ["Das ist z.B. so.", "Gut."]
    assert said("Він пішов. Вона лишилася.", "uk") == ["Він пішов.", "Вона лишилася."]


def test_list_items_are_sentences_of_their_own() -> None:
    assert said("Take\n- salt\n- sugar\n1. mix") == ["Take", "- salt", "- sugar", "1. mix"]


def test_a_wrapped_line_does_not_end_a_sentence() -> None:
    assert said("The moon\npulls the sea. It\r\nebbs.") == [
        "The moon\npulls the sea.",
        "It\r\nebbs.",
    ]


def test_repeated_sentences_keep_their_own_places() -> None:
    text = "A title\n\n" + "He said no. " * 80
    found = sentences(text, Span(9, len(text)))
    assert [span.start for span in found] == list(range(9, 9 + 80 * 12, 12))


def passages(text: str, path: str = "a.md") -> list[tuple[str, str]]:
    article = decode_article(path, text.encode())
    return [(passage.heading, passage.text) for passage in split(article)]


def test_passages_carry_their_heading_and_never_cross_one() -> None:
    text = "Intro here.\n\n## The *moon* ##\n\nIt pulls.\n\nThe sun\n---\n\nIt shines."
    assert passages(text) == [
        ("", "Intro here."),
        ("The moon", "It pulls."),
        ("The sun", "It shines."),
    ]


def test_short_paragraphs_are_gathered_and_long_ones_stand_alone() -> None:
    short, long = "Short one.", "A sentence of a long paragraph. " * 10
    assert [text for _, text in passages(f"{short}\n\n{short}\n\n{long}\n\n{short}")] == [
        f"{short}\n\n{short}\n\n{long}".rstrip(),
        short,
    ]


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    found = passages("The moon pulls the sea and the sea follows it. " * 60)
    assert len(found) > 2
    for _, text in found:
        assert text.startswith("The moon")
        assert text.endswith("it.")
        assert len(text) <= MAX_CHARS


def test_list_markers_and_quote_marks_are_left_out_of_the_start() -> None:
    assert passages("# T\n\n- salt\n") == [("T", "salt")]
    assert passages("# T\n\n1. mix\n") == [("T", "mix")]
    assert passages("# T\n\n> He said no.\n") == [("T", "He said no.")]


def test_table_rows_are_kept_and_the_rule_between_them_is_not() -> None:
    found = passages("| drone | range |\n|---|---|\n| TB2 | 300 km |\n")
    assert [text for _, text in found] == ["| drone | range |\n|---|---|\n| TB2 | 300 km |"] or all(
        not re.fullmatch(r"[\s|:-]+", text) for _, text in found
    )


def test_comments_and_scripts_of_html_are_left_out() -> None:
    assert passages("Text.\n\n<!-- note -->\n\n<script>\nx()\n</script>\n") == [("", "Text.")]


FURNITURE = "Comments (13)\nJoin The Dispatch to participate in the comments."


@pytest.mark.parametrize("path", ["a.md", "a.txt"])
@pytest.mark.parametrize(
    "furniture",
    [FURNITURE, "3 Comments", "Share this on Facebook", "© 2021 The Paper", "Read more: X"],
)
def test_page_furniture_at_the_end_is_recognised(path: str, furniture: str) -> None:
    text = f"Title\n\nThe moon pulls.\n\n{furniture}\n"
    assert [found for _, found in passages(text, path)][-1].endswith("The moon pulls.")


@pytest.mark.parametrize("path", ["a.md", "a.txt"])
def test_the_same_words_in_the_middle_are_text(path: str) -> None:
    text = f"Title\n\n{FURNITURE}\n\nThe moon pulls."
    assert "Join The Dispatch" in " ".join(found for _, found in passages(text, path))


def test_a_sentence_about_comments_is_not_furniture() -> None:
    last = "Comments from the ministry were not available on Tuesday."
    assert passages(f"Title\n\nThe moon pulls.\n\n{last}", "a.txt")[-1][1].endswith(last)


@pytest.mark.parametrize(
    ("unit", "kilobytes"),
    [
        ("word ", 1000),
        ("w", 1000),
        ('a.b. "', 100),
        ("No. ", 100),
        ("। ", 300),
        ("\t", 300),
        ("> ", 300),
    ],
)
@pytest.mark.parametrize("path", ["a.txt", "a.md"])
def test_one_endless_line_is_cut_within_seconds(unit: str, kilobytes: int, path: str) -> None:
    data = b"Title\n\nStart. " + (unit * (kilobytes * 1000 // len(unit))).encode()
    article = decode_article(path, data)
    with at_most(20):
        found = split(article)
    assert_exact(article, data, found)
    assert max(len(passage.chars) for passage in found) <= LONGEST_SENTENCE + 50


def test_the_seed_article_loses_its_furniture_and_nothing_else(seed_article: bytes) -> None:
    article = decode_article("seed.txt", seed_article)
    found = split(article)
    assert_exact(article, seed_article, found)
    assert found[-1].text.endswith("send them on their way.”")
    kept = "".join(passage.text for passage in found)
    lost = len("".join(article.body.of(article.text).split())) - len("".join(kept.split()))
    assert lost == len("".join(FURNITURE.split()))


def test_quotations_of_the_seed_article_stay_whole(seed_article: bytes) -> None:
    article = decode_article("seed.txt", seed_article)
    for span in sentences(article.text, article.body):
        assert not span.of(article.text).startswith(("”", "’"))
        assert not re.search(r"\b(?:Mr|Dr|U\.S|Sen|Gen)\.$", span.of(article.text))


def test_a_line_of_spaces_after_a_word_of_furniture_does_not_hang() -> None:
    text = f"Title\n\nBody text.\n\ncomments{' ' * 500_000}x\n"
    assert split(decode_article("a.txt", text.encode()))[-1].text == "x"


@pytest.mark.parametrize(
    "line",
    [
        "Copyright reform will be the next battle in parliament this autumn.",
        "Register of members: every account was checked.",
    ],
)
def test_a_last_sentence_that_begins_like_furniture_is_kept(line: str) -> None:
    passages = split(decode_article("a.txt", f"Title\n\nBody text.\n\n{line}\n".encode()))
    assert passages[-1].text.endswith(line)


def test_a_passage_does_not_reach_over_text_that_is_left_out() -> None:
    text = "One.\n\n<!-- hidden -->\n\nTwo.\n\n[a]: https://example.org\n\nThree.\n"
    passages = split(decode_article("a.md", text.encode()))
    assert [passage.text for passage in passages] == ["One.", "Two.", "Three."]


def test_a_passage_knows_its_sentences() -> None:
    text = "# Title\n\nThe first. The second.\n\n- an item\n- another\n"
    article = decode_article("a.md", text.encode())
    (passage,) = split(article)
    quoted = [span.of(article.text) for span in passage.sentences]
    assert quoted == ["The first.", "The second.", "an item", "another"]


@pytest.mark.parametrize("lone", ["*", ".", "—", "* * .", "…", "\\*"])
def test_what_has_no_letter_and_no_digit_is_no_sentence(lone: str) -> None:
    article = decode_article("a.md", f"The moon pulls.\n\n{lone}\n\nThe sea ebbs.\n".encode())
    said = [span.of(article.text) for passage in split(article) for span in passage.sentences]
    assert said == ["The moon pulls.", "The sea ebbs."]
    assert split(decode_article("a.md", f"{lone}\n".encode())) == ()
