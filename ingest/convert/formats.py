"""Which format a source has: by what it begins with, then by its name.

What the bytes say wins, since names and servers are often wrong about them; the difference becomes
a remark. Plain text has no bytes of its own, so there the name decides.

Left out: reading them. Each format has a module with `read(source) -> Iterator[Part]`.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath

from ingest.convert.charset import marked
from ingest.convert.document import Source
from ingest.errors import UnreadableSource


@dataclass(frozen=True, slots=True)
class Format:
    """A format: what people call it, the module that reads it, and the names that files of it have.

    `contained` is for formats that hold files of other formats.
    """

    label: str
    module: str
    suffixes: tuple[str, ...]
    media_types: tuple[str, ...] = ()
    contained: bool = False


FORMATS = {
    "html": Format(
        "HTML", "html", (".html", ".htm", ".xhtml"), ("text/html", "application/xhtml+xml")
    ),
    "pdf": Format("PDF", "pdf", (".pdf",), ("application/pdf",)),
    "docx": Format(
        "DOCX",
        "docx",
        (".docx",),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",),
    ),
    "odt": Format("ODT", "odt", (".odt",), ("application/vnd.oasis.opendocument.text",)),
    "rtf": Format("RTF", "rtf", (".rtf",), ("application/rtf", "text/rtf")),
    "epub": Format("EPUB", "epub", (".epub",), ("application/epub+zip",)),
    "eml": Format("e-mail", "mail", (".eml",), ("message/rfc822",)),
    "mbox": Format("mailbox", "mail", (".mbox",), ("application/mbox",)),
    "srt": Format("SubRip subtitles", "subtitles", (".srt",), ("application/x-subrip",)),
    "vtt": Format("WebVTT subtitles", "subtitles", (".vtt",), ("text/vtt",)),
    "csv": Format("CSV", "table", (".csv", ".tsv"), ("text/csv", "text/tab-separated-values")),
    "json": Format(
        "JSON",
        "table",
        (".json", ".jsonl", ".ndjson"),
        ("application/json", "application/x-ndjson"),
    ),
    "warc": Format(
        "web archive", "warc", (".warc", ".warc.gz"), ("application/warc",), contained=True
    ),
    "zip": Format("zip", "archive", (".zip",), ("application/zip",), contained=True),
    "text": Format(
        "plain text", "text", (".txt", ".md", ".markdown"), ("text/plain", "text/markdown")
    ),
}

_HEAD = 4096  # bytes that are looked at; PDF allows 1,024 before its mark
_BLANK = re.compile(rb"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,2000}?-->\s*)*", re.DOTALL)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|title|meta)\b", re.IGNORECASE)
_FEED = re.compile(rb"<(?:rss|feed|rdf:RDF|urlset|sitemapindex)\b")
_MAIL = re.compile(
    rb"(?:[!-9;-~]{1,76}:[ \t][^\r\n]{0,998}\r?\n(?:[ \t][^\r\n]{0,998}\r?\n)*){2}", re.IGNORECASE
)
_MAIL_NAMES = re.compile(
    rb"(?m)^(?:from|to|date|subject|message-id|received|return-path):", re.IGNORECASE
)
_SRT = re.compile(rb"\s*\d+[ \t]*\r?\n\d{1,2}:\d\d:\d\d[,.]\d{1,3}[ \t]+-->")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PICTURES = ((b"\x89PNG", "a picture"), (b"\xff\xd8\xff", "a picture"), (b"GIF8", "a picture"))
_PROGRAMS = ((b"\x7fELF", "a program"), (b"MZ", "a program"))
_PACKED = (
    (b"7z\xbc\xaf", "a 7z archive"), (b"Rar!", "a RAR archive"), (b"\xfd7zXZ", "an xz file"),
    (b"BZh", "a bzip2 file"),
)  # fmt: skip


def recognise(source: Source) -> tuple[str, str | None]:
    """The key of the source's format in `FORMATS`, and a remark where its name said another.

    `UnreadableSource` where it has none of them, saying what it seems to be.

    >>> recognise(Source("report.txt", b"%PDF-1.7"))
    ('pdf', 'Its name says plain text, but it is a PDF file.')
    """
    if not source.data:
        raise UnreadableSource("is empty (0 bytes).")
    named = _by_name(source)
    found = _by_content(source.data, named)
    if found is None:
        found = named or _by_media_type(source)
        if found in ("pdf", "docx", "odt", "epub", "zip", "rtf", "warc"):
            raise UnreadableSource(
                f"is called {FORMATS[found].label}, but does not begin like one; it is damaged or "
                "something else."
            )
    if found is None:
        raise UnreadableSource(f"is of no known format. Known are: {', '.join(known_suffixes())}.")
    if named and named != found and FORMATS[named].label != FORMATS[found].label:
        return found, (
            f"Its name says {FORMATS[named].label}, but it is a {FORMATS[found].label} file."
        )
    return found, None


def suffix_of(source: Source) -> str:
    """The suffix that a file of this source should have: its own, where that is right.

    >>> suffix_of(Source("story", b"<!doctype html>")), suffix_of(Source("a.HTM", b"<html>"))
    ('.html', '.htm')
    """
    suffixes = FORMATS[recognise(source)[0]].suffixes
    name = source.name.lower()
    return next((suffix for suffix in reversed(suffixes) if name.endswith(suffix)), suffixes[0])


def known_suffixes() -> tuple[str, ...]:
    """Every suffix that a source may have."""
    return tuple(suffix for one in FORMATS.values() for suffix in one.suffixes)


def _by_name(source: Source) -> str | None:
    name = source.name.lower()
    fitting = (key for key, one in FORMATS.items() if name.endswith(one.suffixes))
    return next(fitting, None)


def _by_media_type(source: Source) -> str | None:
    said = (source.media_type or "").split(";")[0].strip().lower()
    return next((key for key, one in FORMATS.items() if said in one.media_types), None)


def _by_content(data: bytes, named: str | None) -> str | None:
    head = data[:_HEAD]
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_zip(data)
    text = marked(head)
    if text is not None:  # UTF-16, or UTF-8 with its mark; what is looked for below is ASCII
        head = text.encode("utf-8", "replace")
    _decline_known(head)
    may_be_mail = named in (None, "eml", "mbox")
    told: dict[str, object] = {
        "pdf": b"%PDF-" in head[:1024],
        "rtf": head.startswith(b"{\\rtf"),
        "warc": head.startswith(b"WARC/") or (named == "warc" and head.startswith(b"\x1f\x8b")),
        "html": named != "text" and _HTML.match(head, _blank(head)),
        "vtt": head.startswith(b"WEBVTT"),
        "srt": _SRT.match(head),
        "mbox": may_be_mail and head.startswith(b"From "),
        "eml": may_be_mail and _MAIL.match(head) and _MAIL_NAMES.search(head),
    }
    return next((key for key, fits in told.items() if fits), None)


def _blank(head: bytes) -> int:
    found = _BLANK.match(head)
    return found.end() if found else 0


def _decline_known(head: bytes) -> None:
    """`UnreadableSource` for what people try that cannot be read, with what to do about it."""
    if head.startswith(_OLE):
        raise UnreadableSource(
            "is an old Word document (.doc) or a password-protected one. Open it, and save it "
            "without a password as DOCX."
        )
    if _FEED.match(head, _blank(head)):
        raise UnreadableSource(
            "is a feed or a sitemap. Add its address instead, so that its articles are fetched: "
            "pincite add https://…"
        )
    for marks, label in (*_PICTURES, *_PROGRAMS, *_PACKED):
        if head.startswith(marks):
            raise UnreadableSource(f"is {label}, not an article.")


def _kind_of_zip(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            names = set(opened.namelist())
            if "mimetype" in names:
                said = opened.open("mimetype").read(100).strip()
                if said == b"application/epub+zip":
                    return "epub"
                if said == b"application/vnd.oasis.opendocument.text":
                    return "odt"
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        raise UnreadableSource(f"is a damaged or cut-off zip file ({error}).") from error
    if "word/document.xml" in names:
        return "docx"
    if "META-INF/container.xml" in names:
        return "epub"
    if "[Content_Types].xml" in names or "mimetype" in names:
        suffix = PurePosixPath(next(iter(names), "")).parts[:1]
        raise UnreadableSource(
            f"is an office file that is no text document ({'/'.join(suffix) or 'empty'}). Save it "
            "as DOCX, ODT, PDF or CSV."
        )
    return "zip"
