"""Bytes of any encoding → text."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.convert.charset import decoded

RUSSIAN = "Гавань углубили в 1974 году, и ил вывезли в море. Там работали две драги."
SENTENCES = {
    "windows-1251": RUSSIAN,
    "koi8-r": RUSSIAN,
    "iso-8859-5": RUSSIAN,
    "cp866": RUSSIAN,
    "windows-1252": "Der Hafen wurde für große Schiffe vertieft, und der Schlamm kam über Nacht fort.",
    "windows-1250": "Přístav byl prohlouben a bahno bylo vyvezeno do moře. Dvě lodě tam pracovaly.",
    "windows-1253": "Το λιμάνι εκβαθύνθηκε το 1974 και η λάσπη μεταφέρθηκε στη θάλασσα.",
    "windows-1256": "تم تعميق الميناء عام 1974 ونقل الطين إلى البحر.",
    "shift_jis": "港は一九七四年に深くされ、泥は海に運び出された。二隻の船がそこで働いた。",
    "gb18030": "港口于一九七四年加深，泥土被运到海里。两艘挖泥船在那里工作了九个月。",
    "euc-kr": "항구는 1974년에 깊어졌고 진흙은 바다로 실려 나갔다.",
}


@pytest.mark.parametrize("encoding", SENTENCES)
def test_one_sentence_is_enough_to_know_its_encoding(encoding: str) -> None:
    assert decoded(SENTENCES[encoding].encode(encoding)) == SENTENCES[encoding]


@pytest.mark.parametrize("encoding", SENTENCES)
def test_a_declared_encoding_is_believed_where_the_bytes_allow_it(encoding: str) -> None:
    short = SENTENCES[encoding][:12]
    assert decoded(short.encode(encoding), encoding) == short


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_says_what_follows_and_is_no_text(encoding: str) -> None:
    assert decoded(RUSSIAN.encode(encoding), "windows-1252") == RUSSIAN


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [(codecs.BOM_UTF16_BE, "utf-16-be"), (codecs.BOM_UTF32_BE, "utf-32-be")],
)
def test_a_big_endian_mark_is_known_too(mark: bytes, encoding: str) -> None:
    assert decoded(mark + RUSSIAN.encode(encoding)) == RUSSIAN


def test_utf8_is_known_by_its_bytes_whatever_was_declared() -> None:
    assert decoded(RUSSIAN.encode(), "windows-1251") == RUSSIAN
    assert decoded("Živá voda".encode(), "iso-8859-1") == "Živá voda"


def test_a_seven_bit_encoding_is_not_taken_for_ascii() -> None:
    text = "港は深くされた。"
    assert decoded(text.encode("iso-2022-jp"), "ISO-2022-JP") == text


def test_latin_1_means_windows_1252_as_on_the_web() -> None:
    assert decoded(b"\x93Nobody asked us\x94", "ISO-8859-1") == "“Nobody asked us”"


@pytest.mark.parametrize("declared", ["", "none", "utf-7", "idna", "hex", "x" * 1000, "\0", "ю"])
def test_an_encoding_that_is_none_is_passed_over(declared: str) -> None:
    assert decoded(RUSSIAN.encode(), declared) == RUSSIAN


def test_utf8_with_a_broken_byte_stays_utf8() -> None:
    whole = RUSSIAN * 3
    data = whole.encode()
    cut = len(whole[:30].encode())
    assert decoded(data[:cut] + b"\xff" + data[cut:]) == f"{whole[:30]}\ufffd{whole[30:]}"
    assert decoded((whole + "ё").encode()[:-1], "utf-8") == f"{whole}\ufffd"


def test_bytes_that_are_no_text_are_still_decoded() -> None:
    assert decoded(b"") == ""
    assert "\ufffd" not in decoded(b"plain")
    assert isinstance(decoded(bytes(range(256)) * 300), str)


@given(
    st.binary(max_size=400), st.none() | st.text(max_size=20) | st.sampled_from(sorted(SENTENCES))
)
def test_nothing_makes_it_fail(data: bytes, declared: str | None) -> None:
    assert isinstance(decoded(data, declared), str)


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=200), st.none() | st.just("koi8-r")
)
def test_utf8_text_comes_back_as_it_was(text: str, declared: str | None) -> None:
    data = text.encode()
    if not data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        assert decoded(data, declared) == text
