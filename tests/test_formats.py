from __future__ import annotations

import gzip
import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.convert import Source
from ingest.convert.formats import FORMATS, known_suffixes, recognise, suffix_of
from ingest.errors import UnreadableSource


def zipped(**entries: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in entries.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), text)
    return out.getvalue()


MAIL = b"From: Ann <ann@example.org>\r\nSubject: Tides\r\n\r\nText."
SRT = b"1\r\n00:00:01,000 --> 00:00:02,000\r\nHello\r\n"
KNOWN = [
    ("a.pdf", b"%PDF-1.7\n", "pdf"),
    ("a.pdf", b"junk before it %PDF-1.7\n", "pdf"),
    ("a.docx", zipped(word__document_dot_xml="<x/>"), "docx"),
    ("a.odt", zipped(mimetype="application/vnd.oasis.opendocument.text"), "odt"),
    ("a.epub", zipped(mimetype="application/epub+zip"), "epub"),
    ("a.zip", zipped(a_dot_txt="text"), "zip"),
    ("a.zip", zipped(), "zip"),
    ("a.rtf", b"{\\rtf1 text}", "rtf"),
    ("a.html", b"<p>no doctype", "html"),
    ("story", b"\xef\xbb\xbf <!-- x -->\n<!DOCTYPE html><p>", "html"),
    ("story", b"<?xml version='1.0'?>\n<html xmlns='x'>", "html"),
    ("story", "<!DOCTYPE html><p>".encode("utf-16"), "html"),
    ("story", b"\xfe\xff" + "<html>".encode("utf-16-be"), "html"),
    ("a.vtt", "WEBVTT\n\n".encode("utf-16"), "vtt"),
    ("talk", "\ufeff".encode() + SRT, "srt"),
    ("a.eml", MAIL, "eml"),
    ("letter", MAIL, "eml"),
    ("a.mbox", b"From ann@example.org Tue Nov 30\n" + MAIL, "mbox"),
    ("a.srt", SRT, "srt"),
    ("a.vtt", b"\xef\xbb\xbfWEBVTT\n\n", "vtt"),
    ("a.csv", b"title,text\n", "csv"),
    ("a.tsv", b"title\ttext\n", "csv"),
    ("a.json", b"[]", "json"),
    ("a.jsonl", b"{}\n{}", "json"),
    ("a.warc", b"WARC/1.1\r\n", "warc"),
    ("a.warc.gz", gzip.compress(b"WARC/1.0\r\n"), "warc"),
    ("a.txt", b"<html> is a tag of HTML.", "text"),
    ("a.md", b"From: here on it is text\nTo: the end\n", "text"),
]


@pytest.mark.parametrize(("name", "data", "key"), KNOWN)
def test_a_format_is_known_by_what_it_begins_with_or_by_its_name(
    name: str, data: bytes, key: str
) -> None:
    assert recognise(Source(name, data)) == (key, None)


def test_an_address_without_a_suffix_is_what_its_server_says() -> None:
    assert recognise(Source("story", b"<p>text", "text/html; charset=utf-8"))[0] == "html"
    assert recognise(Source("data", b"a,b\n", "text/csv"))[0] == "csv"


@pytest.mark.parametrize(
    ("name", "data", "key"),
    [
        ("a.txt", b"%PDF-1.7", "pdf"),
        ("a.pdf", b"<!doctype html>", "html"),
        ("a.docx", b"%PDF-1.7", "pdf"),
        ("a.epub", zipped(word__document_dot_xml="<x/>"), "docx"),
        ("a.csv", b"{\\rtf1}", "rtf"),
    ],
)
def test_where_name_and_bytes_disagree_the_bytes_win_and_it_is_said(
    name: str, data: bytes, key: str
) -> None:
    found, remark = recognise(Source(name, data))
    assert found == key
    assert remark is not None
    assert f"but it is a {FORMATS[key].label} file" in remark


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.pdf", b"", "empty (0 bytes)"),
        ("a.pdf", b"Not a PDF", "is called PDF, but"),
        ("a.docx", b"PK\x03\x04 cut off", "damaged or cut-off zip"),
        (
            "a.xlsx",
            zipped(**{"xl__workbook_dot_xml": "", "[Content_Types]_dot_xml": ""}),
            "as DOCX",
        ),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it without a password as DOCX"),
        ("a.png", b"\x89PNG\r\n", "is a picture"),
        ("a.exe", b"MZ\x90", "is a program"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c", "7z archive"),
        ("feed.xml", b"<?xml version='1.0'?><rss version='2.0'>", "Add its address"),
        ("a.xyz", b"text", "known format"),
        ("README", b"text", "known format"),
    ],
)
def test_what_cannot_be_read_is_declined_with_what_to_do(
    name: str, data: bytes, reason: str
) -> None:
    with pytest.raises(UnreadableSource) as declined:
        recognise(Source(name, data))
    assert reason in str(declined.value)


def test_an_original_gets_the_suffix_of_what_it_is() -> None:
    assert suffix_of(Source("page", b"<!doctype html>", "text/html")) == ".html"
    assert suffix_of(Source("report.txt", b"%PDF-1.7")) == ".pdf"
    assert suffix_of(Source("a.warc.gz", gzip.compress(b"WARC/1.0"))) == ".warc.gz"


def test_every_format_has_a_module_and_its_own_suffixes() -> None:
    suffixes = known_suffixes()
    assert len(set(suffixes)) == len(suffixes)


@given(st.binary(max_size=300), st.sampled_from([*known_suffixes(), "", ".x"]))
def test_any_bytes_are_recognised_or_declined(data: bytes, suffix: str) -> None:
    with suppress(UnreadableSource):
        key, _ = recognise(Source(f"a{suffix}", data))
        assert key in FORMATS
