from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.article import Article, Passage, Span, span_id

CHARACTERS = st.characters(exclude_categories=["Cs"])


def article(text: str) -> Article:
    return Article("a.md", "0f" * 32, text, Span(0, len(text)), "A")


def test_a_span_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="not a span"):
        Span(3, 2)


def test_a_span_past_the_end_of_a_text_is_refused() -> None:
    with pytest.raises(ValueError, match="runs past"):
        Span(0, 4).of("abc")


def test_overlap_counts_positions_that_both_cover() -> None:
    assert Span(0, 5).overlap(Span(3, 9)) == 2
    assert Span(0, 3).overlap(Span(3, 9)) == 0


def test_span_ids_carry_the_version_and_the_place() -> None:
    assert span_id("0f" * 32, Span(12, 40)) == "0f0f0f0f0f0f0f0f:12-40"


@pytest.mark.parametrize(
    "text",
    ["", "plain", "é" * 5000, "a" * 4096 + "🏴" * 4096 + "z", "👩‍👩‍👧‍👦\r\nשלום", "a" * 4095 + "é"],
)
def test_bytes_and_characters_agree_at_every_position(text: str) -> None:
    one = article(text)
    for at in {0, 1, 4095, 4096, 4097, 8191, 8192, 8193, len(text) - 1, len(text)}:
        if 0 <= at <= len(text):
            octet = len(text[:at].encode())
            assert one.byte_span(Span(0, at)) == Span(0, octet)
            assert one.char_span(Span(0, octet)) == Span(0, at)


@given(st.text(CHARACTERS), st.data())
def test_a_passage_is_the_same_words_by_characters_and_by_bytes(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    cut = Passage.cut(article(text), Span(start, end))
    assert cut.text == text[start:end]
    assert text.encode()[cut.bytes.start : cut.bytes.end] == cut.text.encode()
    assert article(text).char_span(cut.bytes) == cut.chars


def test_a_byte_inside_a_character_is_no_place() -> None:
    with pytest.raises(ValueError, match="utf-8"):
        article("é").char_span(Span(0, 1))


@pytest.mark.parametrize("text", ["abc", "éèê", "é" * 4096])
def test_a_place_past_the_end_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="past the end"):
        article(text).byte_span(Span(0, len(text) + 1))
    with pytest.raises(ValueError, match="past the end"):
        article(text).char_span(Span(0, len(text.encode()) + 1))
