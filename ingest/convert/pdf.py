"""PDF with text, by PDFium: paragraphs, headings, lists and simple tables, each with its page.

What a reader of the file sees is kept word for word; headers and footers, and hyphens at line ends,
are layout and go. `docs/sources.md` says what is lost.

Left out: text in pictures, values of form fields, comments, and attached files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ingest.convert import office
from ingest.convert.document import Document, Source
from ingest.convert.language import declared
from ingest.convert.markdown import one_line
from ingest.convert.pdf_layout import Block, blocks, measure
from ingest.convert.pdf_lines import Segment, segments
from ingest.convert.pdf_text import Text, paragraphs_of, sets_in, without_furniture
from ingest.errors import UnreadableSource

MOST_PAGES = 5_000
MOST_CHARACTERS = 15_000_000
_MOST_UNMAPPED = 0.3  # share of characters of which the file does not say which letters they are

_NO_TITLE = re.compile(
    r"""\W*(?:anonymous|untitled.*|unknown|unspecified|title|no job name|print(?:ing)?|document\d*
    |powerpoint.presentation|slide\s?\d+|layout\s?\d+|page\s?\d+|about:blank|new\sdocument.*
    |microsoft\s(?:word|powerpoint|excel)\b.*|\S+\.(?:docx?|odt|rtf|indd|qxp?d?|pdf|tex|dvi|html?
    |pptx?|xlsx?|txt|pages|wpd|p65|fm|ai|eps)|(?:https?|file):.*)\W*""",
    re.IGNORECASE | re.VERBOSE,
)  # fmt: skip
_FILE_ENDING = re.compile(r"\.(?:docx?|odt|rtf|indd|qxp?d?|pdf|tex|dvi|wpd)$", re.IGNORECASE)
_NO_AUTHOR = re.compile(
    r"\W*(?:anonymous|unknown|user\d*|admin(?:istrator)?|owner|author|root|guest|default|none|n/?a"
    r"|unspecified|microsoft.*|adobe.*|preinstalled|pc|test)\W*",
    re.IGNORECASE,
)
_MOST_AUTHORS, _LONGEST_NAME = 100, 200
_LONGEST_PACKET = 1_000_000  # bytes of XMP
_MOST_ATTRIBUTES = 300  # of an element of it
_CREATED = re.compile(r"(?:D:)?(\d{4})(\d\d)?(\d\d)?")


@dataclass(frozen=True, slots=True)
class _Pages:
    """What was read of a file's pages, one entry for each, and which of them failed."""

    text: list[tuple[Segment, ...]]
    damaged: list[int]
    pictures: list[int]
    unmapped: int


def read(source: Source) -> Iterator[Document]:
    """The text of a PDF as one document; `UnreadableSource` says why there is none."""
    import pypdfium2

    try:
        opened = pypdfium2.PdfDocument(source.data)
    except pypdfium2.PdfiumError as error:
        raise _unopened(error, source.data) from error
    try:
        yield _document(opened, source)
    except pypdfium2.PdfiumError as error:
        raise UnreadableSource(f"is damaged ({error}). Get it again.") from error
    finally:
        opened.close()


def _unopened(error: Exception, data: bytes) -> UnreadableSource:
    from pypdfium2 import raw

    code = getattr(error, "err_code", None)
    if code == raw.FPDF_ERR_PASSWORD:
        return UnreadableSource(
            "is encrypted with a password. Open it, and save or print it to PDF without one."
        )
    if code == raw.FPDF_ERR_SECURITY:
        return UnreadableSource("is encrypted in a way that only the program that made it knows.")
    if b"%%EOF" not in data[-2048:]:
        return UnreadableSource("is a PDF that is cut off: its end is missing. Get it again.")
    return UnreadableSource("is a damaged PDF. Get it again, or print it to a new PDF.")


def _document(opened: Any, source: Source) -> Document:
    count = len(opened)
    _decline_forms(opened)
    if count > MOST_PAGES:
        raise UnreadableSource(
            f"has {count:,} pages; at most {MOST_PAGES:,} are read. Split it into parts."
        )
    pages = _pages(opened, count)
    usual = measure(pages.text)
    kept, furniture = without_furniture(pages.text, usual.body)
    if not any(kept):
        raise _no_text(opened, pages, count, source.data)
    letters = sum(len(one.text) for page in pages.text for one in page)
    if pages.unmapped > _MOST_UNMAPPED * letters:
        raise UnreadableSource(
            "does not say which letters its fonts show, so its text cannot be read. Run OCR on it "
            "(for example ocrmypdf --force-ocr) and add the result."
        )
    columns = [column for n, page in enumerate(kept, 1) for column in blocks(n, page, usual)]
    text = Text(sets_in(columns))
    for column in columns:
        text.add(column)
    opening = columns[0][0].lines[0][0]
    first = [one for column in columns for one in column if one.lines[0][0] == opening]
    about = _about(opened, source.data)
    return Document(
        body=text.markdown(),
        title=about.title or _largest(first, usual.body),
        authors=about.authors,
        publisher=about.publisher,
        published=about.published,
        language=about.language,
        remarks=tuple(_remarks(opened, source.data, pages, furniture, about)),
    )


def _pages(opened: Any, count: int) -> _Pages:
    import pypdfium2

    found = _Pages([], [], [], 0)
    unmapped = letters = 0
    for number in range(1, count + 1):
        told: tuple[Segment, ...] = ()
        try:
            page = opened[number - 1]
            try:
                told = segments(page)
                if not told and _has_picture(page):
                    found.pictures.append(number)
            finally:
                page.close()
        except pypdfium2.PdfiumError:
            found.damaged.append(number)
        found.text.append(told)
        letters += sum(len(one.text) for one in told)
        unmapped += sum(one.unmapped for one in told)
        if letters > MOST_CHARACTERS:
            raise UnreadableSource(
                f"has more than {MOST_CHARACTERS:,} characters. Split it into parts."
            )
    return _Pages(found.text, found.damaged, found.pictures, unmapped)


def _has_picture(page: Any) -> bool:
    from pypdfium2 import raw

    shown = page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3)
    return next(iter(shown), None) is not None


def _decline_forms(opened: Any) -> None:
    from pypdfium2 import raw

    if raw.FPDF_GetFormType(opened.raw) == raw.FORMTYPE_XFA_FULL:
        raise UnreadableSource(
            "is an XFA form, whose text only Adobe's programs show. Print it to a new PDF there."
        )


def _no_text(opened: Any, pages: _Pages, count: int, data: bytes) -> UnreadableSource:
    attached = _attached(opened)
    if attached:
        return UnreadableSource(
            f"is a portfolio: it holds {_files(attached)} and no text. Take them out, and add them."
        )
    if not count:
        return UnreadableSource("has no pages.")
    if len(pages.damaged) == count:
        return UnreadableSource("is damaged: none of its pages can be read. Get it again.")
    its = "its page holds pictures" if count == 1 else f"its {count:,} pages hold pictures"
    if pages.pictures or any(pages.text):
        return UnreadableSource(
            f"is scanned: {its} and no text. Run OCR on it (for example ocrmypdf) and add the "
            "result."
        )
    return UnreadableSource("holds no text: its pages are empty, or show drawings only.")


def _attached(opened: Any) -> int:
    return int(opened.count_attachments())


def _files(count: int) -> str:
    return "1 attached file" if count == 1 else f"{count:,} attached files"


def _largest(first: Sequence[Block], body: float) -> str | None:
    """The largest type on the first page with text, if it is larger than the body's."""
    headings = [one for one in first if one.kind == "heading" and one.size > body]
    largest = max(headings, key=lambda one: round(one.size), default=None)
    text = next(paragraphs_of([largest])) if largest else ""
    return text if any(map(str.isalpha, text)) and len(text) > 2 else None


@dataclass(frozen=True, slots=True)
class _About:
    title: str | None = None
    authors: tuple[str, ...] = ()
    publisher: str | None = None
    published: str | None = None
    language: str | None = None
    created: str | None = None
    remarks: tuple[str, ...] = ()


def _about(opened: Any, data: bytes) -> _About:
    """What the file says of itself, its XMP before its document information.

    A publication date is PRISM's only: when a file was made or changed is no such date.
    """
    from ingest.convert.dates import iso

    told = opened.get_metadata_dict()
    xmp = _xmp(data)
    said = [*xmp.get("publicationDate", ()), *xmp.get("coverDate", ())]
    published = next((date for date in map(iso, said) if date), None)
    made = _CREATED.match(told.get("CreationDate", ""))
    titles = (_title(one) for one in (*xmp.get("title", ()), told.get("Title", "")))
    return _About(
        title=next(filter(None, titles), None),
        authors=_authors(xmp.get("creator", ()), told.get("Author", "")),
        publisher=next(iter(xmp.get("publisher", ())), None),
        published=published,
        language=_language(opened, xmp.get("language", ())),
        created=iso("-".join(filter(None, made.groups()))) if made else None,
        remarks=tuple(
            f"its date “{one_line(one)[:40]}” is not a date" for one in said if not iso(one)
        ),
    )


def _xmp(data: bytes) -> dict[str, tuple[str, ...]]:
    """Values of the file's XMP packet by their local names; pictures inside have packets too.

    ISO 16684-1 wants packets to stand in files as they are, so that they can be found without
    knowing the format; one that is compressed is not found.
    """
    packet = next((one for one in _packets(data) if b"/pdf/" in one), None)
    if packet is None:
        return {}
    try:
        root = office.parsed(packet)
    except UnreadableSource:
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for one in root.iter():
        name = str(one.tag).rpartition("}")[2]
        values = tuple(one_line(text) for text in one.itertext() if text.strip())
        if name not in found and values:
            found[name] = values
        for key in islice(one.attrib, _MOST_ATTRIBUTES):  # lxml looks each up from the first on
            found.setdefault(key.rpartition("}")[2], (one_line(one.get(key)),))
    return found


def _packets(data: bytes) -> Iterator[bytes]:
    end = 0
    while (start := data.find(b"<x:xmpmeta", end)) >= 0:
        end = data.find(b"</x:xmpmeta>", start) + len(b"</x:xmpmeta>")
        if end < start:
            return
        if end - start <= _LONGEST_PACKET:
            yield data[start:end]


def _title(said: str) -> str | None:
    """A title that somebody wrote, and no program.

    >>> _title("Microsoft Word - final3.doc"), _title("The Kallo Survey")
    (None, 'The Kallo Survey')
    """
    title = one_line(said)
    told = len(title) > 2 and any(map(str.isalpha, title))
    if not told or len(title) > 500 or _NO_TITLE.fullmatch(title) or _FILE_ENDING.search(title):
        return None
    return title


def _authors(listed: Sequence[str], said: str) -> tuple[str, ...]:
    """Names; `Lee, Ann` is one, `Ann Lee, Bo Ray` are two.

    >>> _authors((), "Ann Lee, Bo Ray and Cy Wu"), _authors((), "Lee, Ann; Ray, Bo")
    (('Ann Lee', 'Bo Ray', 'Cy Wu'), ('Lee, Ann', 'Ray, Bo'))
    """
    names = (
        [*listed] if len(listed) > 1 else re.split(r";|\band\b|&", listed[0] if listed else said)
    )
    if len(listed) < 2:
        split = [[part.strip() for part in name.split(",")] for name in names]
        names = [
            one
            for name, parts in zip(names, split, strict=True)
            for one in (parts if all(" " in part for part in parts) else [name])
        ]
    shown = (one_line(name)[:_LONGEST_NAME].strip(" ,") for name in names[:_MOST_AUTHORS])
    return tuple(dict.fromkeys(n for n in shown if n and not _NO_AUTHOR.fullmatch(n)))


def _language(opened: Any, said: Sequence[str]) -> str | None:
    import ctypes

    from pypdfium2 import raw

    buffer = (ctypes.c_ushort * 64)()
    raw.FPDFCatalog_GetLanguage(opened.raw, buffer, ctypes.sizeof(buffer))
    stated = bytes(buffer).decode("utf-16-le", "ignore").split("\0")[0]
    codes = map(declared, (stated, *said))
    return next((code.split("-")[0].lower() for code in codes if code), None)


def _remarks(
    opened: Any, data: bytes, pages: _Pages, furniture: tuple[str, ...], about: _About
) -> Iterator[str]:
    yield from about.remarks
    if b"%%EOF" not in data[-2048:]:
        yield "The end of the file is missing; pages may be missing too."
    if pages.damaged:
        yield f"Not readable, so left out: {_page_list(pages.damaged)}."
    if pages.pictures:
        yield (
            f"Pictures without text, so left out: {_page_list(pages.pictures)}. Run OCR on the "
            "file (for example ocrmypdf) and add the result to have them."
        )
    unseen = [n for n, page in enumerate(pages.text, 1) if any(one.invisible for one in page)]
    if unseen:
        yield f"Invisible text, such as OCR makes, was read: {_page_list(unseen)}."
    if furniture:
        shown = ", ".join(f"“{one[:80]}”" for one in furniture[:4])
        yield f"Left out as headers and footers: {shown}{', …' if furniture[4:] else ''}."
    attached = _attached(opened)
    if attached:
        yield f"{_files(attached).capitalize()} not read."
    if about.created and not about.published:
        yield f"It does not say when it was published; the file was made on {about.created}."


def _page_list(numbers: Sequence[int]) -> str:
    """
    >>> _page_list([1, 2, 3, 7])
    'pages 1–3, 7'
    """
    runs: list[list[int]] = []
    for one in numbers:
        if runs and one == runs[-1][1] + 1:
            runs[-1][1] = one
        else:
            runs.append([one, one])
    told = [str(a) if a == b else f"{a}–{b}" for a, b in runs]
    shown = ", ".join(told[:12]) + (", …" if told[12:] else "")
    return f"page{'s' if len(numbers) > 1 else ''} {shown}"
