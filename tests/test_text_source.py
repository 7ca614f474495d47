"""Plain text and Markdown inside other sources: an entry of a zip, an attachment."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.convert import Document, Source
from ingest.convert.text import read
from ingest.errors import UnreadableSource

FRONT = """---
title: Tides
authors: [Ann Tamm]
publisher: Coast Gazette
published: 2021-11-30
url: https://example.org/tides
---
# Tides

The moon pulls the sea.
"""


def test_markdown_keeps_its_front_matter_and_its_marks() -> None:
    (one,) = read(Source("tides.md", FRONT.replace("\n", "\r\n").encode()))
    assert one == Document(
        body="# Tides\n\nThe moon pulls the sea.\n",
        title="Tides",
        authors=("Ann Tamm",),
        publisher="Coast Gazette",
        published="2021-11-30",
        url="https://example.org/tides",
    )


def test_plain_text_stays_text_in_any_charset() -> None:
    text = "Приливы\n\nЛуна притягивает море. <b>Солнце</b> тоже, но слабее, чем она.\n"
    (one,) = read(Source("tides.txt", text.encode("windows-1251"), charset="windows-1251"))
    assert one.title == "Приливы"
    assert one.body.strip() == "Луна притягивает море. <b>Солнце</b> тоже, но слабее, чем она."


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"---\ntitle: T\n---\n", b" \n\t\n"])
def test_what_holds_no_text_is_declined(data: bytes) -> None:
    with pytest.raises(UnreadableSource):
        list(read(Source("a.md", data)))


@given(st.binary(max_size=400), st.sampled_from(["a.txt", "a.md", "a", ".md", "a.markdown"]))
def test_any_bytes_are_read_or_declined(data: bytes, name: str) -> None:
    try:
        (one,) = read(Source(name, data))
    except UnreadableSource:
        return
    assert "\0" not in one.body
    one.body.encode("utf-8")
