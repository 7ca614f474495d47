"""What full text is indexed and matched by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.words import content_terms, terms


def test_a_word_and_its_plural_possessive_and_capitals_are_one_term() -> None:
    assert terms("Drone drones drone's DRONES’") == ["drone"] * 4


def test_a_thousands_separator_does_not_change_a_number() -> None:
    assert terms("1,200 and 1200") == ["1200", "and", "1200"]


def test_a_decimal_stays_one_term() -> None:
    assert "6.5" in terms("a length of 6.5 metres")


@pytest.mark.parametrize(
    ("written", "asked"), [("Erdoğan", "Erdogan"), ("Çavuşoğlu", "Cavusoglu"), ("ﬁre", "fire")]
)
def test_accents_and_ligatures_are_no_obstacle(written: str, asked: str) -> None:
    assert terms(written) == terms(asked)


def test_ukrainian_words_are_kept_whole() -> None:
    assert terms("Байрактар у небі") == ["байрактар", "у", "небі"]


def test_chinese_becomes_overlapping_pairs() -> None:
    assert terms("无人机") == ["无人", "人机"]


def test_stop_words_do_not_count_unless_nothing_else_is_there() -> None:
    assert content_terms("What is the price?") == ["price"]
    assert content_terms("to be or not to be") != []


@given(st.text(max_size=200))
def test_any_text_has_terms_without_white_space(text: str) -> None:
    assert all(term and not term.isspace() and " " not in term for term in terms(text))
