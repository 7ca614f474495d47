"""The law of the product, for files of every format: a citation is cut from the file in the corpus.

`file_text[start:end] == quote`, in characters and in bytes, whatever the words came out of. Each
file is made by the tool that people use, or by the library that such tools write with.
"""

from __future__ import annotations

import csv
import hashlib
import html
import io
import json
import mailbox
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import docx
import pysubs2
import pytest
from conftest import PIECES, write
from ebooklib import epub
from hypothesis import given, settings
from hypothesis import strategies as st
from odf import text as odf_text
from odf.opendocument import OpenDocumentText
from pdf_files import Drawn, laid_out, running_head
from test_archive import packed
from test_warc import Archive

from ingest.add import Adding, AddReport
from ingest.article import Article
from ingest.convert import Source, pandoc
from ingest.convert.document import Document
from ingest.convert.formats import FORMATS
from ingest.convert.markdown import article_file
from ingest.convert.worker import convert
from ingest.errors import UnreadableSource
from ingest.locator import is_mark, locator_of
from ingest.originals import find
from ingest.read import SUFFIXES, decode_article, read_article
from ingest.split import split

TITLE = "What the tide gauge said"
TEXTS = (
    "The harbour at Kallo was deepened in 1974. The mud was taken out to sea, and nobody asked why.",
    "<!-- page 9 -->",
    "1974. That was the year. “Was it?” she asked – it’s not in the ledger, e.g. of the U.S. Navy.",
    "# 5 of the 12 piles had moved by 3 cm; a half (½) & more | were < 2 m deep.",
    "> It rose. [1] It fell.",
    "Гавань углубили в 1974 году. «Ил вывезли в море», – сказал смотритель. Это было давно!",
    "הנמל הועמק בשנת 1974. הבוץ נלקח לים. تم تعميق الميناء عام 1974؟ نعم.",
    "港は一九七四年に深くされた。泥は海に運び出された。नदी का पानी बढ़ा। 👩‍👩‍👧 cafe\u0301, har\u00adbour.",
    "The last survey was made in November. It has not been repeated since, though it was promised.",
)


def in_html(texts: Sequence[str]) -> bytes:
    body = "".join(f"<p>{html.escape(text)}</p>" for text in texts)
    return (
        f"<!doctype html><html><head><meta charset=utf-8><title>{TITLE}</title></head><body>"
        f"<nav><a href=/>Home</a></nav><article><h1>{TITLE}</h1>{body}</article></body></html>"
    ).encode()


def in_pdf(texts: Sequence[str]) -> bytes:
    drawn = Drawn()
    latin = [text for text in texts if not text.encode("latin-1", "ignore").isspace()]
    latin = [text.encode("latin-1", "ignore").decode("latin-1") for text in latin]
    story = [drawn.paragraph(html.escape(text)) for text in latin * 12]
    return laid_out(story, columns=2, furniture=running_head, title=TITLE)


def in_docx(texts: Sequence[str]) -> bytes:
    made = docx.Document()
    made.add_heading(TITLE, 0)
    for text in texts:
        made.add_paragraph(text)
        made.add_paragraph(text, style="List Bullet")
    table = made.add_table(rows=2, cols=2)
    table.cell(1, 0).text = " ".join(texts[:1])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def in_odt(texts: Sequence[str]) -> bytes:
    made = OpenDocumentText()
    made.text.addElement(odf_text.H(outlinelevel=1, text=TITLE))
    for text in texts:
        made.text.addElement(odf_text.P(text=text))
    out = io.BytesIO()
    made.write(out)
    return out.getvalue()


def in_rtf(texts: Sequence[str]) -> bytes:
    done = subprocess.run(
        [pandoc.program(), "--from=html", "--to=rtf", "--standalone"],
        input=in_html(texts),
        capture_output=True,
        check=True,
    )
    return done.stdout


def in_epub(texts: Sequence[str]) -> bytes:
    book = epub.EpubBook()
    book.set_identifier("gauge")
    book.set_title(TITLE)
    book.set_language("en")
    chapter = epub.EpubHtml(title=TITLE, file_name="one.xhtml")
    chapter.content = f"<h1>{TITLE}</h1>" + "".join(f"<p>{html.escape(text)}</p>" for text in texts)
    for item in (chapter, epub.EpubNcx(), epub.EpubNav()):
        book.add_item(item)
    book.spine = [chapter]
    out = io.BytesIO()
    epub.write_epub(out, book)
    return out.getvalue()


def letter(texts: Sequence[str]) -> EmailMessage:
    made = EmailMessage()
    made["Subject"], made["From"] = TITLE, "Anna Bell <anna@example.org>"
    made["Date"] = "Tue, 30 Nov 2021 23:30:00 +0000"
    made.set_content("\n\n".join(texts) + "\n")
    return made


def in_mbox(texts: Sequence[str], folder: Path) -> bytes:
    box = mailbox.mbox(folder / "made.mbox")
    box.add(letter(texts))
    box.add(letter(texts[::-1]))
    box.close()
    return (folder / "made.mbox").read_bytes()


def in_subtitles(kind: str, texts: Sequence[str]) -> bytes:
    made = pysubs2.SSAFile()
    for at, text in enumerate(texts):
        start = at * 4_000
        made.append(pysubs2.SSAEvent(start=start, end=start + 3_500, text=text))
    return made.to_string(kind).encode()


def in_csv(texts: Sequence[str], delimiter: str = ",") -> bytes:
    out = io.StringIO(newline="")
    told = csv.writer(out, delimiter=delimiter)
    told.writerows([["title", "text"], [TITLE, "\n\n".join(texts)]])
    return out.getvalue().encode("utf-8-sig")


def in_json(texts: Sequence[str]) -> bytes:
    return json.dumps([{"title": TITLE, "text": "\n\n".join(texts)}]).encode()


def in_text(texts: Sequence[str]) -> bytes:
    return "\r\n\r\n".join((TITLE, *texts)).encode("utf-8-sig")


def in_zip(texts: Sequence[str]) -> bytes:
    return packed(("a/one.html", in_html(texts)), ("b/two.docx", in_docx(texts)))


MAKERS: Mapping[str, Callable[[Sequence[str]], bytes]] = {
    ".html": in_html,
    ".pdf": in_pdf,
    ".docx": in_docx,
    ".odt": in_odt,
    ".rtf": in_rtf,
    ".epub": in_epub,
    ".eml": lambda texts: letter(texts).as_bytes(),
    ".srt": lambda texts: in_subtitles("srt", texts),
    ".vtt": lambda texts: in_subtitles("vtt", texts),
    ".csv": in_csv,
    ".tsv": lambda texts: in_csv(texts, "\t"),
    ".json": in_json,
    ".jsonl": lambda texts: in_json(texts)[1:-1],
    ".warc.gz": lambda texts: (
        Archive(packed=True).page("https://example.org/gauge", in_html(texts)).data
    ),
    ".zip": in_zip,
    ".txt": in_text,
    ".md": in_text,
}
OF_MANY = (".mbox",)  # made in a folder


@dataclass(frozen=True)
class Taken:
    """A corpus, and what was brought into it: by suffix the bytes, and the report on them."""

    corpus: Path
    given: dict[str, bytes]
    reports: dict[str, AddReport]

    def articles(self, suffix: str) -> list[Article]:
        paths = self.reports[suffix].paths
        return [read_article(self.corpus, self.corpus / path) for path in paths]


@pytest.fixture(scope="module")
def one_file_of_every_format(tmp_path_factory: pytest.TempPathFactory) -> Taken:
    folder = tmp_path_factory.mktemp("law")
    given = {suffix: make(TEXTS) for suffix, make in MAKERS.items()}
    given[".mbox"] = in_mbox(TEXTS, folder)
    reports = {}
    for suffix, data in given.items():  # a corpus for each would start a process for each
        file = folder / "given" / f"gauge-of-{suffix[1:].replace('.', '-')}{suffix}"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(data)
    with Adding(folder / "corpus") as adding:
        for suffix in given:
            name = f"gauge-of-{suffix[1:].replace('.', '-')}{suffix}"
            reports[suffix] = adding.take(folder / "given" / name)
    return Taken(folder / "corpus", given, reports)


def assert_law(article: Article, raw: bytes) -> int:
    """Every passage and every sentence is cut from the file; how many there are."""
    text = raw.decode("utf-8")
    sentences = 0
    for passage in split(article):
        assert text[passage.chars.start : passage.chars.end] == passage.text
        assert raw[passage.bytes.start : passage.bytes.end] == passage.text.encode("utf-8")
        if article.is_markdown:  # in plain text nothing is a mark
            assert not any(map(is_mark, passage.text.splitlines()))
        for span in passage.sentences:
            octets = article.byte_span(span)
            quote = text[span.start : span.end]
            assert quote.strip()
            assert quote in passage.text
            assert raw[octets.start : octets.end].decode("utf-8") == quote
            sentences += 1
    return sentences


def test_every_format_that_can_be_read_is_here() -> None:
    suffixes = {suffix for one in FORMATS.values() for suffix in one.suffixes}
    other_names = {".htm", ".xhtml", ".ndjson", ".warc", ".markdown"}
    assert {*MAKERS, *OF_MANY} == suffixes - other_names


@pytest.mark.parametrize("suffix", [*MAKERS, *OF_MANY])
def test_every_passage_and_sentence_is_cut_from_the_file_in_the_corpus(
    one_file_of_every_format: Taken, suffix: str
) -> None:
    taken = one_file_of_every_format
    assert taken.reports[suffix].ok, taken.reports[suffix].skipped
    articles = taken.articles(suffix)
    assert articles
    for article in articles:
        assert assert_law(article, (taken.corpus / article.path).read_bytes()) >= 10


@pytest.mark.parametrize("suffix", [*MAKERS, *OF_MANY])
def test_no_sentence_is_lost(one_file_of_every_format: Taken, suffix: str) -> None:
    told = [
        "The mud was taken out to sea, and nobody asked why.",
        "the ledger, e.g. of the U.S. Navy.",
        "It has not been repeated since, though it was promised.",
    ]
    if suffix not in (".eml", ".mbox", ".csv", ".tsv", ".json", ".jsonl", ".md"):
        told.append("5 of the 12 piles had moved by 3 cm;")  # in those it is a heading of Markdown
    if suffix != ".pdf":  # whose fonts in these tests are Latin
        told += [
            "«Ил вывезли в море», – сказал смотритель.",
            "泥は海に運び出された。",
            "cafe\u0301, ",
        ]
    for article in one_file_of_every_format.articles(suffix):
        quotable = " ".join(passage.text for passage in split(article))
        for sentence in told:
            assert sentence in quotable.replace("\n", " "), sentence


@pytest.mark.parametrize("suffix", [*MAKERS, *OF_MANY])
def test_the_original_is_kept_and_named(one_file_of_every_format: Taken, suffix: str) -> None:
    taken = one_file_of_every_format
    data = taken.given[suffix]
    for article in taken.articles(suffix):
        if suffix in SUFFIXES:  # copied byte for byte
            assert (taken.corpus / article.path).read_bytes() == data
            continue
        assert article.source_sha256 == hashlib.sha256(data).hexdigest()
        assert (article.source or "").endswith(suffix)
        original = find(taken.corpus, article.source_sha256)
        assert original is not None
        assert original.read_bytes() == data


FORGED = st.sampled_from(
    ["<!-- page 7 -->", "\n\n<!-- time 0:00:01 -->\n\n", "\n<!-- page 4 +2 -->\n"]
)
ANY_TEXTS = st.lists(PIECES | FORGED | st.text(max_size=30), max_size=25)


@pytest.mark.parametrize(("suffix", "kind"), [(".pdf", "p"), (".srt", "at 0:"), (".vtt", "at 0:")])
def test_every_passage_of_pages_and_of_speech_says_where_it_is(
    one_file_of_every_format: Taken, suffix: str, kind: str
) -> None:
    for article in one_file_of_every_format.articles(suffix):
        for passage in split(article):
            assert str(locator_of(article, passage.chars)).startswith(kind)


@pytest.mark.parametrize("suffix", [*MAKERS, *OF_MANY])
def test_soft_hyphens_hide_no_word(one_file_of_every_format: Taken, suffix: str) -> None:
    for article in one_file_of_every_format.articles(suffix):
        assert ("\u00ad" in article.text) == (suffix in SUFFIXES)


CHEAP = (".html", ".epub", ".eml", ".srt", ".vtt", ".csv", ".json", ".warc.gz")


def assert_law_of(suffix: str, texts: Sequence[str]) -> None:
    data = MAKERS[suffix](texts)
    try:
        found: list[Any] = list(convert(Source(f"a{suffix}", data)))
    except UnreadableSource:  # nothing in it that could be quoted
        return
    for document in found:
        if isinstance(document, Document):
            raw = article_file(document, source="a", source_sha256="0" * 64)
            assert_law(decode_article("a.md", raw), raw)


def printable(pieces: Sequence[str]) -> list[str]:
    """Without what XML cannot hold, and so neither HTML, nor a library that writes office files."""
    return ["".join(one for one in piece if one.isprintable() or one == "\n") for piece in pieces]


@settings(max_examples=300)
@given(ANY_TEXTS, st.sampled_from(CHEAP))
def test_any_text_in_any_format_can_be_quoted(texts: list[str], suffix: str) -> None:
    assert_law_of(suffix, printable(texts))


@settings(max_examples=40)
@given(ANY_TEXTS, st.sampled_from((".docx", ".odt", ".rtf")))
def test_any_text_in_an_office_file_can_be_quoted(texts: list[str], suffix: str) -> None:
    assert_law_of(suffix, printable(texts))


def test_what_is_put_into_the_corpus_by_hand_obeys_it_too(tmp_path: Path) -> None:
    file = write(tmp_path, "by-hand.md", "\ufeff# Tides\r\n\r\n" + "\r\n\r\n".join(TEXTS))
    assert assert_law(read_article(tmp_path, file), file.read_bytes()) >= 10
