"""Where articles go, and when they are the same, a new version or another."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
from conftest import HARBOUR

from ingest import originals
from ingest.convert import Document, Source
from ingest.errors import UnreadableSource
from ingest.filing import Filing, Origin
from ingest.ledger import Ledger
from ingest.read import read_article

URL = "https://example.org/2021/harbour.html"
SOURCE = Source("harbour.html", b"<html>one</html>", "text/html", url=URL)
DOCUMENT = Document(
    body="Two dredgers worked there.",
    title="The harbour: “deepened”\nin 1974 / a story",
    authors=("Ann Tamm", "B. Saar"),
    published="2021-11-30",
    language="en",
    accessed="2026-11-23",
)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return tmp_path / "corpus"


@pytest.fixture
def filing(corpus: Path) -> Iterator[Filing]:
    with Ledger(corpus) as ledger:
        yield Filing(corpus, ledger, max_bytes=10_000)


def from_address(filing: Filing, document: Document, data: bytes = b"<html>one</html>") -> str:
    filed = filing.converted(document, replace(SOURCE, data=data), Origin(URL, URL))
    return f"{filed.outcome} {filed.path}"


def test_an_article_says_what_it_was_made_from_and_its_original_is_kept(
    filing: Filing, corpus: Path
) -> None:
    assert from_address(filing, DOCUMENT) == "added 2021/The-harbour-deepened-in-1974-a-story.md"
    article = read_article(corpus, corpus / "2021/The-harbour-deepened-in-1974-a-story.md")
    assert article.title == "The harbour: “deepened” in 1974 / a story"
    assert article.authors == ("Ann Tamm", "B. Saar")
    assert (article.published, article.accessed) == ("2021-11-30", "2026-11-23")
    assert (article.url, article.source, article.language) == (URL, URL, "en")
    assert article.source_sha256 == hashlib.sha256(SOURCE.data).hexdigest()
    assert article.text[article.body.start :].strip() == "Two dredgers worked there."
    original = originals.find(corpus, article.source_sha256)
    assert original is not None
    assert original.suffix == ".html"
    assert original.read_bytes() == SOURCE.data


def test_the_same_address_with_the_same_text_is_already_there(filing: Filing) -> None:
    path = from_address(filing, DOCUMENT).split()[1]
    assert from_address(filing, DOCUMENT) == f"already {path}"
    later = replace(DOCUMENT, accessed="2027-01-01")
    assert (
        from_address(filing, later, b"<html>one, other advertisements</html>") == f"already {path}"
    )


def test_the_same_address_with_another_text_is_a_new_version(filing: Filing, corpus: Path) -> None:
    path = from_address(filing, DOCUMENT).split()[1]
    corrected = replace(DOCUMENT, body="Three dredgers worked there.", title="Corrected")
    assert from_address(filing, corrected, b"<html>two</html>") == f"changed {path}"
    assert "Three dredgers" in (corpus / path).read_text()
    assert len(list(corpus.rglob("*.md"))) == 1


def test_a_file_that_was_edited_by_hand_is_never_replaced(filing: Filing, corpus: Path) -> None:
    path = from_address(filing, DOCUMENT).split()[1]
    edited = (corpus / path).read_text().replace("Two dredgers", "My own words")
    (corpus / path).write_text(edited)
    corrected = replace(DOCUMENT, body="Three dredgers worked there.")
    filed = filing.converted(corrected, replace(SOURCE, data=b"<html>2</html>"), Origin(URL, URL))
    assert (filed.outcome, filed.path) == ("added", path.replace(".md", "-2.md"))
    assert "edited by hand" in filed.remarks[0]
    assert (corpus / path).read_text() == edited


def test_a_file_that_was_deleted_by_hand_is_added_again(filing: Filing, corpus: Path) -> None:
    path = from_address(filing, DOCUMENT).split()[1]
    (corpus / path).unlink()
    assert from_address(filing, DOCUMENT).startswith("added ")


def test_one_canonical_address_under_two_is_one_article(filing: Filing) -> None:
    path = from_address(filing, replace(DOCUMENT, url="https://example.org/harbour")).split()[1]
    twin = Origin("https://example.org/harbour?from=feed", "https://example.org/harbour?from=feed")
    filed = filing.converted(replace(DOCUMENT, url="https://example.org/harbour"), SOURCE, twin)
    assert (filed.outcome, filed.path) == ("already", path)


def test_a_front_page_that_every_page_calls_canonical_is_not_believed(filing: Filing) -> None:
    everywhere = "https://example.org/"
    from_address(filing, replace(DOCUMENT, url=everywhere))
    other = replace(SOURCE, url="https://example.org/2021/ferry.html", data=b"<html>ferry</html>")
    document = Document("A ferry leaves every hour.", title="Ferries", url=everywhere)
    filed = filing.converted(document, other, Origin(other.url or "", other.url or ""))
    assert (filed.outcome, filed.path) == ("added", "Ferries.md")


def test_two_sources_with_one_title_get_two_names(filing: Filing, corpus: Path) -> None:
    for n in range(3):
        url = f"https://example.org/{n}"
        source = Source("page", f"<html>{n}</html>".encode(), "text/html", url=url)
        filing.converted(Document(f"Edition {n}.", title="Tides"), source, Origin(url, url))
    assert sorted(file.name for file in corpus.glob("*.md")) == [
        "Tides-2.md",
        "Tides-3.md",
        "Tides.md",
    ]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("a/b\\c: d\ne", "a-b-c-d-e.md"),
        ("x" * 500, "x" * 120 + ".md"),
        ("🚢🚢🚢", "report.md"),
        ("", "report.md"),
        (None, "report.md"),
        ("..", "report.md"),
        ("../../etc/passwd", "etc-passwd.md"),
        ("CON", "CON.md"),
        ("Баланс сил", "Баланс-сил.md"),
    ],
)
def test_any_title_becomes_a_safe_name(
    filing: Filing, corpus: Path, title: str | None, name: str
) -> None:
    source = Source("report.pdf", b"%PDF-1.7", url="https://example.org/report.pdf")
    filed = filing.converted(Document("Text.", title=title), source, Origin("https://e/r", "r"))
    assert filed.path == name
    article = read_article(corpus, corpus / filed.path)
    assert article.body.of(article.text).strip() == "Text."


def test_parts_of_a_source_go_into_a_folder_of_its_name(filing: Filing) -> None:
    source = Source("Letters 2021.mbox", b"From ")
    for part, title in (("1", "Hello"), ("2", None), ("../../a/b.html", "Up")):
        filing.converted(
            Document(f"Text {part}.", title=title, part=part),
            source,
            Origin("file:1", "Letters 2021.mbox", PurePosixPath("mail/Letters 2021.mbox")),
        )
    paths = [made.path for made in filing._ledger.all_made()]
    assert paths == [
        "mail/Letters-2021/2.md",
        "mail/Letters-2021/Hello.md",
        "mail/Letters-2021/a/Up.md",
    ]


def test_more_text_than_an_article_may_have_is_declined(filing: Filing) -> None:
    with pytest.raises(UnreadableSource, match=r"more than the 0\.01 MB"):
        from_address(filing, replace(DOCUMENT, body="Word. " * 5_000))


def test_markdown_is_copied_and_its_new_text_is_a_new_version(filing: Filing, corpus: Path) -> None:
    origin = Origin("file:1", "harbour.md")
    assert filing.copied(HARBOUR.encode(), origin, name="harbour.md").outcome == "added"
    assert (corpus / "2021/harbour.md").read_text() == HARBOUR
    edited = HARBOUR.replace("Two dredgers", "Three dredgers").encode()
    filed = filing.copied(edited, origin, name="harbour.md")
    assert (filed.outcome, filed.path) == ("changed", "2021/harbour.md")
    assert (corpus / "2021/harbour.md").read_bytes() == edited
