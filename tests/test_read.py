from __future__ import annotations

import os
from pathlib import Path

import pytest
from conftest import write

from ingest.errors import CorpusMissing, UnreadableSource
from ingest.read import corpus_files, corpus_path, decode_article, read_article


def reason(data: bytes, path: str = "a.md") -> str:
    with pytest.raises(UnreadableSource) as raised:
        decode_article(path, data)
    return str(raised.value)


def test_front_matter_becomes_metadata_and_no_part_of_the_body() -> None:
    data = (
        b"---\ntitle: Tides\nauthors: [Ann Lee, B. Ode]\npublisher: Gazette\npublished: 2021-11-30\n"
        b"url: https://example.org\nlanguage: en-GB\n---\nThe moon pulls.\n"
    )
    article = decode_article("2021/tides.md", data)
    assert (article.title, article.authors) == ("Tides", ("Ann Lee", "B. Ode"))
    assert (article.publisher, article.published, article.language) == (
        "Gazette",
        "2021-11-30",
        "en",
    )
    assert article.body.of(article.text) == "The moon pulls.\n"


def test_the_text_is_the_file_unchanged() -> None:
    data = "\ufeffTitle\r\n\r\ncafe\u0301 \u00a0 tab\there\rlone\u2028end".encode()
    assert decode_article("a.txt", data).text.encode() == data


def test_a_plain_file_is_titled_by_its_first_line() -> None:
    article = decode_article("a.txt", b"\n\nThe tides of Kallo\n\nThe moon pulls.")
    assert article.title == "The tides of Kallo"
    assert article.body.of(article.text).strip() == "The moon pulls."


def test_a_plain_file_that_begins_with_a_sentence_keeps_it_in_the_body() -> None:
    article = decode_article("a.txt", b"The moon pulls the sea.\n\nSo does the sun.")
    assert article.body.of(article.text).startswith("The moon pulls")


def test_markdown_without_front_matter_is_titled_by_its_heading() -> None:
    assert decode_article("a.md", b"Intro.\n\n# The *tides* #\n\nText.").title == "The tides"


def test_a_long_first_line_gives_a_shortened_title() -> None:
    title = decode_article("a.txt", b"word " * 100 + b"\n\ntext").title
    assert len(title) <= 200
    assert title.endswith("…")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2021-11-30", "2021-11-30"),
        ("2021-11", "2021-11"),
        ("2021", "2021"),
        ("2021-11-30T08:00:00Z", "2021-11-30"),
        ("2021-02-31", None),
        ("yesterday", None),
        ("20211", None),
        ("", None),
    ],
)
def test_dates_are_iso_or_absent(written: str, read: str | None) -> None:
    article = decode_article("a.md", f"---\npublished: {written}\n---\nText.".encode())
    assert article.published == read


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_front_matter_may_have_any_line_ends(end: bytes) -> None:
    article = decode_article("a.md", end.join([b"---", b"title: T", b"---", b"Body."]))
    assert (article.title, article.body.of(article.text)) == ("T", "Body.")


def test_front_matter_may_follow_a_byte_order_mark() -> None:
    assert decode_article("a.md", b"\xef\xbb\xbf---\ntitle: T\n---\nBody.").title == "T"


def test_a_rule_at_the_top_is_not_front_matter() -> None:
    article = decode_article("a.md", b"---\n\nOnce upon a time.\n")
    assert article.body.of(article.text).endswith("Once upon a time.\n")


def test_not_utf8_names_the_byte_and_the_line() -> None:
    told = reason(b"first\ncaf\xe9 au lait")
    assert "not UTF-8" in told
    assert "0xe9 at offset 9, line 2" in told
    assert "iconv" in told


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_recognised(encoding: str) -> None:
    data = "Tides\n\nThe moon.".encode(encoding)
    told = reason(data)
    assert "UTF-16" in told or "NUL" in told


def test_nul_bytes_are_refused_with_their_place() -> None:
    assert "NUL bytes (the first at offset 3)" in reason(b"abc\0def")


def test_an_empty_file_is_refused() -> None:
    assert "nothing (0 bytes)" in reason(b"")


def test_white_space_alone_is_refused() -> None:
    assert "only white space" in reason(b" \r\n\t\n")


def test_front_matter_alone_is_refused() -> None:
    assert "only front matter" in reason(b"---\ntitle: T\n---\n\n")


def test_a_title_alone_is_refused() -> None:
    assert "only a title" in reason(b"Tides\n\n", "a.txt")


def test_broken_yaml_names_its_line() -> None:
    told = reason(b"---\ntitle: T\npublisher: a: b\n---\nText.")
    assert "a.md, line 3: broken front matter" in told


def test_unclosed_front_matter_is_refused() -> None:
    assert "no closing ---" in reason(b"---\ntitle: T\n\nText that goes on.")


def test_front_matter_that_is_a_list_is_refused() -> None:
    assert "name: value" in reason(b"---\n- a\n- b\n---\nText.")


def test_front_matter_nested_too_deep_is_refused() -> None:
    assert "broken front matter" in reason(b"---\na: " + b"[" * 3000 + b"\n---\nText.")


def test_front_matter_with_aliases_cannot_grow() -> None:
    layers = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))
    data = f"---\na0: &a0 [x]\n{layers}\ntitle: T\n---\nText.".encode()
    assert decode_article("a.md", data).title == "T"


def test_front_matter_longer_than_its_limit_is_refused() -> None:
    assert "longer than" in reason(b"---\ntitle: " + b"x" * 70_000 + b"\n---\nText.")


def test_metadata_of_the_wrong_kind_is_left_out() -> None:
    article = decode_article("a.md", b"---\ntitle: [a]\npublisher: {a: b}\n---\n# H\n\nText.")
    assert (article.title, article.publisher) == ("H", None)


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path, "a.md", "x" * 2000)
    with pytest.raises(UnreadableSource, match=r"more than the 0\.001 MB"):
        read_article(tmp_path, file, max_bytes=1000)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.md")
    with pytest.raises(UnreadableSource, match="not a regular file"):
        read_article(tmp_path, tmp_path / "a.md")


def test_a_dangling_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.md").symlink_to(tmp_path / "nowhere.md")
    with pytest.raises(UnreadableSource, match="cannot be read"):
        read_article(tmp_path, tmp_path / "a.md")


def test_the_walk_leaves_out_hidden_and_unsupported_files(tmp_path: Path) -> None:
    for path in ("b/c.MD", "a.txt", ".hidden.md", ".git/x.md", "d.pdf", "e.markdown"):
        write(tmp_path, path, "x")
    found = [corpus_path(tmp_path, file) for file in corpus_files(tmp_path)]
    assert found == ["a.txt", "e.markdown", "b/c.MD"]


def test_the_walk_does_not_follow_a_loop(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "x")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert len(list(corpus_files(tmp_path))) == 1


def test_a_missing_corpus_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(CorpusMissing, match="pincite add"):
        list(corpus_files(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    ("path", "text", "title"),
    [
        ("a.md", "Title\n=====\n\nText is here.\n", "Title"),
        ("a.md", "---\n\nText is here.\n", "Text is here."),
        ("a.md", "```\ncode\n```\n\nText.\n", "code"),
        (
            "a.md",
            "The strike came in 2014 and it\nkilled thirty.\n",
            "The strike came in 2014 and it",
        ),
        ("a.txt", "A line that goes on\nand on.\n", "A line that goes on"),
    ],
)
def test_a_title_without_front_matter_takes_nothing_from_the_body(
    path: str, text: str, title: str
) -> None:
    article = decode_article(path, text.encode())
    assert article.title == title
    assert article.body.start == 0


def test_a_date_in_other_digits_is_no_date() -> None:
    text = "---\npublished: ٢٠٢١-١١-٣٠\n---\nText.\n"
    assert decode_article("a.md", text.encode()).published is None
