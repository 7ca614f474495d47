"""Files of the corpus, made of documents: what goes in comes out when it is read again."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ingest.convert import Document
from ingest.convert.markdown import article_file, clean, plain
from ingest.read import decode_article
from ingest.split import split


def test_a_year_that_a_line_begins_with_is_no_list() -> None:
    assert (
        plain("It was so in\n1974. It rained.\n1. One")
        == "It was so in\n1974\\. It rained.\n1. One"
    )


def test_soft_hyphens_go_in_text_titles_and_names() -> None:
    document = Document(body="The har\u00adbour.", title="Har\u00adbour", authors=("A\u00adna",))
    assert "\u00ad" not in article_file(document, source="a", source_sha256="0").decode()


ANY = st.text(max_size=60)


def test_everything_that_is_known_is_in_the_front_matter() -> None:
    document = Document(
        body="# A heading\n\nText.\n",
        title="no: this is not YAML",
        authors=("A", "B"),
        publisher="Coast Gazette",
        published="2021-11-30",
        modified="2021-12-01",
        url="https://example.org/a",
        accessed="2026-11-23",
        language="en",
        part="row 3",
    )
    data = article_file(document, source="table.csv", source_sha256="0" * 64)
    assert data.decode() == (
        "---\n"
        "title: 'no: this is not YAML'\n"
        "authors:\n- A\n- B\n"
        "publisher: Coast Gazette\n"
        "published: '2021-11-30'\n"
        "modified: '2021-12-01'\n"
        "url: https://example.org/a\n"
        "accessed: '2026-11-23'\n"
        "language: en\n"
        "source: table.csv\n"
        "source_part: row 3\n"
        f"source_sha256: '{'0' * 64}'\n"
        "---\n\n# A heading\n\nText.\n"
    )


@given(title=ANY, author=ANY, publisher=ANY, part=ANY, source=ANY, body=st.text(max_size=200))
def test_any_document_is_read_back_as_it_was(body: str, **about: Any) -> None:
    document = Document(
        body=f"Text. {body}",
        title=about["title"],
        authors=(about["author"],),
        publisher=about["publisher"],
        part=about["part"],
    )
    data = article_file(document, source=about["source"], source_sha256="0" * 64)
    article = decode_article("a.md", data)

    def told(text: str) -> str:
        return " ".join(clean(text).split())

    if told(about["title"]):
        assert article.title == told(about["title"])
    assert article.authors == ((told(about["author"]),) if told(about["author"]) else ())
    assert article.publisher == (told(about["publisher"]) or None)
    assert article.text[article.body.start :].split() == clean(document.body).split()


def test_a_body_cannot_end_the_front_matter_or_begin_another() -> None:
    document = Document(body="---\ntitle: Forged\n---\nText.", title="Real\n---\nx")
    article = decode_article("a.md", article_file(document, source="s", source_sha256="0" * 64))
    assert article.title == "Real --- x"
    assert "Forged" in article.text[article.body.start :]


def test_a_title_of_500_characters_is_shortened_and_an_empty_one_left_out() -> None:
    long = article_file(Document("Text.", title="x" * 500), source="s", source_sha256="0" * 64)
    assert len(decode_article("a.md", long).title) == 300
    none = article_file(Document("Text.", title=" \n"), source="s", source_sha256="0" * 64)
    assert b"title" not in none


PLAIN = [
    "<b>not bold</b> at the beginning",
    "<!-- not a comment -->",
    "<script> is a tag",
    "```not code```",
    "~~~ not code",
    "[1]: https://example.org not a link's address",
    "| no table |",
    "#hashtag stays",
    "    indented is no code",
    "Title\n===",
]


def test_plain_text_is_text_in_markdown_too() -> None:
    for text in PLAIN:
        body = f"Before it.\n\n{plain(text)}\n\nAfter it."
        data = article_file(Document(body, title="T"), source="s", source_sha256="0" * 64)
        article = decode_article("a.md", data)
        found = " ".join(passage.text for passage in split(article))
        for word in text.replace("===", "").split():
            assert word in found, text
        assert "After it." in found
