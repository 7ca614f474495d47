"""The seed article as text, HTML, PDF, DOCX and EPUB: the same questions, the same words cited."""

from __future__ import annotations

import html
import io
from contextlib import closing
from pathlib import Path
from typing import Any

import docx
import pytest
from conftest import write
from ebooklib import epub
from pdf_files import printed

from answer.assistant import Assistant, open_assistant
from answer.settings import Settings
from ingest.add import add

Answers = list[tuple[str, tuple[str, ...]]]
pytestmark = [pytest.mark.model, pytest.mark.slow]


def _parts(text: str) -> list[str]:
    """The title, then the paragraphs."""
    return [part.strip() for part in text.split("\n\n") if part.strip()]


def _html(text: str) -> str:
    title, *rest = map(html.escape, _parts(text))
    body = "".join(f"<p>{part}</p>" for part in rest)
    return (
        f"<!DOCTYPE html><html lang=en><head><title>{title}</title></head><body>"
        "<nav><a href=/>Home</a> <a href=/world>World</a></nav>"
        f"<main><article><h1>{title}</h1>{body}</article></main>"
        "<footer>All rights reserved</footer></body></html>"
    )


def _docx(text: str) -> bytes:
    made = docx.Document()
    title, *rest = _parts(text)
    made.add_heading(title, 0)
    for part in rest:
        made.add_paragraph(part)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _epub(text: str) -> bytes:
    title, *rest = _parts(text)
    book = epub.EpubBook()
    book.set_identifier("seed")
    book.set_title(title)
    book.set_language("en")
    chapter = epub.EpubHtml(title=title, file_name="one.xhtml", lang="en")
    chapter.content = f"<h1>{html.escape(title)}</h1>" + "".join(
        f"<p>{html.escape(part)}</p>" for part in rest
    )
    book.add_item(chapter)
    book.toc = (chapter,)
    book.add_item(epub.EpubNcx())
    book.add_item(epub.EpubNav())
    book.spine = ["nav", chapter]
    out = io.BytesIO()
    epub.write_epub(out, book)
    return out.getvalue()


def _answers(file: Path, questions: list[dict[str, Any]]) -> Answers:
    """What each question is answered with, from a corpus of this file alone: outcome and quotes."""
    corpus = file.parent / "corpus"
    report = add([file], corpus)
    assert report.ok, report.skipped
    with closing(open_assistant(Settings(corpus=corpus, index=file.parent / "index"))) as assistant:
        assistant.ingest()
        return [_answer(assistant, one["question"]) for one in questions]


def _answer(assistant: Assistant, question: str) -> tuple[str, tuple[str, ...]]:
    answer = assistant.ask(question, keep=False)
    for cited in answer.citations:
        article = assistant.article(cited.article_sha256)
        assert article is not None
        assert cited.chars.of(article.text) == cited.quote  # the law
    return answer.outcome, tuple(cited.quote for cited in answer.citations)


def _spaced(answers: Answers) -> Answers:
    return [(told, tuple(" ".join(quote.split()) for quote in quotes)) for told, quotes in answers]


@pytest.fixture
def in_text(tmp_path: Path, seed_article: bytes, seed_questions: list[dict[str, Any]]) -> Answers:
    """The answers from the text itself."""
    return _answers(write(tmp_path, "text/article.txt", seed_article), seed_questions)


def test_every_format_gives_the_same_answers_with_the_same_words_cited(
    tmp_path: Path,
    seed_article: bytes,
    seed_questions: list[dict[str, Any]],
    in_text: Answers,
) -> None:
    text = seed_article.decode("utf-8")
    made = {
        "article.html": _html(text).encode(),
        "article.docx": _docx(text),
        "article.epub": _epub(text),
        "article.pdf": printed(_html(text), tmp_path),
    }
    assert [outcome for outcome, _ in in_text].count("answered") >= 6
    for name, data in made.items():
        file = write(tmp_path, f"{Path(name).suffix[1:]}/{name}", data)
        answers = _answers(file, seed_questions)
        if name.endswith(".pdf"):  # a printed page does not tell one space from two
            assert _spaced(answers) == _spaced(in_text)
        else:
            assert answers == in_text, name
