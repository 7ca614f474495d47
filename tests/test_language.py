"""The language of a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.convert.language import declared, language_of

TEXTS = {
    "en": "The harbour at Kallo was deepened in 1974, and the mud was taken out to sea for months.",
    "de": "Der Hafen wurde 1974 vertieft, und der Schlamm kam ins Meer hinaus. Zwei Bagger waren da.",
    "fr": "Le port a été approfondi en 1974, et la boue a été emportée vers la mer pendant des mois.",
    "es": "El puerto se hizo más profundo en 1974, y el lodo se llevó al mar durante nueve meses.",
    "ru": "Гавань углубили в 1974 году, и ил вывезли в море. Девять месяцев там работали две драги.",
    "et": "Sadamat süvendati 1974. aastal ja muda viidi üheksa kuu jooksul laevadega avamerele.",
    "ja": "港は一九七四年に深くされ、泥は海に運び出された。二隻の船がそこで九か月のあいだ働いていた。それは長かった。",
    "ar": "تم تعميق الميناء عام 1974 ونقل الطين إلى البحر خلال تسعة أشهر من العمل المتواصل.",
}


@pytest.mark.parametrize("language", TEXTS)
def test_two_sentences_are_enough(language: str) -> None:
    assert language_of(TEXTS[language]) == language


@pytest.mark.parametrize("text", ["", "Kallo 1974", "12 " * 500, "— … !", "Comment on dit"])
def test_short_text_and_numbers_have_none(text: str) -> None:
    assert language_of(text) is None


def test_a_long_text_is_judged_by_its_beginning() -> None:
    assert language_of(TEXTS["de"] * 100 + TEXTS["ru"] * 100_000) == "de"


@pytest.mark.parametrize("told", [None, "", "und", "zxx", "mul", "zxx-Latn", "English", "1", "x"])
def test_what_is_no_language_is_not_declared(told: str | None) -> None:
    assert declared(told) is None


def test_the_first_tag_is_taken_as_it_is_written_in_bcp_47() -> None:
    assert [declared(one) for one in ("de", " en_GB", "sr-Latn-RS", "fr, en", "pt; q=0.5")] == [
        *("de", "en-GB", "sr-Latn-RS", "fr", "pt")
    ]


@given(st.text(max_size=300))
def test_nothing_makes_it_fail(text: str) -> None:
    found = language_of(text)
    assert found is None or (len(found) == 2 and found.islower())
