"""What full text is indexed and matched by."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from snowballstemmer import EnglishStemmer

from index.words import content_terms, terms

STEMS = ["".join(letters) for letters in product("bdgkmt", "aeiou", "lnrsv", "aeio", "cpt")]


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


def test_threads_that_stem_at_once_agree_with_one_that_stems_alone() -> None:
    words = [f"{stem}{ending}" for stem in STEMS for ending in ("ing", "ations", "fulness", "ly")]
    alone = {word: EnglishStemmer().stemWord(word) for word in words}

    def stem_all(_: int) -> dict[str, str]:
        return {word: terms(word)[0] for word in words}

    with ThreadPoolExecutor(4) as threads:
        assert all(found == alone for found in threads.map(stem_all, range(4)))
