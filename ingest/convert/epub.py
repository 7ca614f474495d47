"""EPUB 2 and 3 → Markdown: the chapters in reading order, as one article.

Read with `zipfile` and lxml rather than a library: EbookLib is under the AGPL, unpacks without a
limit, and leaves the XHTML to its caller anyhow. `markup.py` writes the chapters. The book is one
article with its headings, so that a citation names the chapter; one that is larger than an article
may be (`ingest/read.py`) becomes an article for each file of it.

Covers, navigation and tables of contents are left out, and the date that the file was packed on.

Left out: pages of a printed edition (`epub:type="pagebreak"`), and books whose text is pictures.
"""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import unquote, urlsplit

from ingest.convert import dates, markup, office, tree
from ingest.convert.charset import decoded
from ingest.convert.document import Document, Source
from ingest.convert.language import declared
from ingest.errors import UnreadableSource
from ingest.read import MAX_BYTES

_LARGEST = (
    MAX_BYTES - 100_000
)  # bytes of a book that is one article, with room for its front matter
_CONTAINER, _LOCKS = "META-INF/container.xml", "META-INF/encryption.xml"
_OPF = "{http://www.idpf.org/2007/opf}"
_TYPE = "{http://www.idpf.org/2007/ops}type"
# Fonts are scrambled in honest books; it keeps nobody from reading (EPUB 3.3, "Font obfuscation").
_OF_FONTS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_NO_TEXT = frozenset("cover toc landmarks page-list loi lot frontcover backcover".split())
_TEXT_TYPES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
_ENTITY = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z][A-Za-z0-9]{1,31});")
_BACK = re.compile("[\u2190\u2191\u21a9\u21b5\u23ce\u2b06^\ufe0e\ufe0f]+")  # arrows
_WRITERS = ("aut", "edt", "")  # MARC relator codes; empty where the book does not say


def read(source: Source) -> Iterator[Document]:
    """One document for the book, or one for each of its files where it is too large for that.

    `UnreadableSource` where it is damaged, protected against being read, or has no text.
    """
    package = office.Package(source.data)
    _decline_locked(package)
    opf = _opf_name(package)
    book = package.xml(opf)
    chapters: list[str] = []
    names: list[str] = []
    remarks: list[str] = []
    for name in _reading_order(book, posixpath.dirname(opf)):
        try:
            text = _chapter(package, name)
        except UnreadableSource as error:
            remarks.append(f"Its part {name!r} {error}")
            continue
        if text:
            chapters.append(text)
            names.append(name)
    if not chapters:
        raise UnreadableSource(" ".join(["holds no text to index.", *remarks[:3]]))
    about = _about(book)
    about = replace(about, remarks=(*about.remarks, *remarks))
    whole = "\n\n".join(chapters)
    if len(whole.encode()) <= _LARGEST:
        yield replace(about, body=whole, title=about.title or _first_heading(whole))
        return
    for name, text in zip(names, chapters, strict=True):
        parts = filter(None, (about.title, _first_heading(text)))
        yield replace(about, body=text, title=": ".join(parts) or None, part=name)


def _decline_locked(package: office.Package) -> None:
    if _LOCKS not in package:
        return
    for method in package.xml(_LOCKS).iter("{*}EncryptionMethod"):
        inside = method.getparent().tag.rpartition("}")[2] == "EncryptedData"
        if inside and method.get("Algorithm") not in _OF_FONTS:
            raise UnreadableSource(
                "is protected by its seller (DRM), so that only its programs can read it. Ask for "
                "a copy without."
            )


def _opf_name(package: office.Package) -> str:
    for root in package.xml(_CONTAINER).iter("{*}rootfile"):
        name = _inside("", root.get("full-path") or "")
        if name in package:
            return name
    raise UnreadableSource("is incomplete: its list of parts (OPF) is missing.")


def _inside(folder: str, reference: str) -> str:
    """The name of the part that a reference leads to; no part has a name that leads out."""
    return posixpath.normpath(posixpath.join(folder, unquote(urlsplit(reference).path)))


def _reading_order(book: Any, folder: str) -> list[str]:
    """Names of the parts with text, each once; those that only lead to others left out."""
    of_guide = {
        _inside(folder, one.get("href") or "")
        for one in book.iter("{*}reference")
        if (one.get("type") or "").lower() in _NO_TEXT
    }
    items = {item.get("id"): item for item in book.iter("{*}item")}
    order: dict[str, None] = {}
    for reference in book.iter("{*}itemref"):
        item = items.get(reference.get("idref"))
        if item is None or (item.get("media-type") or _TEXT_TYPES[0]).lower() not in _TEXT_TYPES:
            continue
        name = _inside(folder, item.get("href") or "")
        if name not in of_guide and "nav" not in (item.get("properties") or "").split():
            order[name] = None
    return list(order)


def _chapter(package: office.Package, name: str) -> str:
    data = package.read(name)
    numbered = _ENTITY.sub(_as_number, data)
    try:
        root = office.parsed(numbered)
    except UnreadableSource:  # sold books are not always XML; a browser reads them all the same
        root = tree.parsed(decoded(data))
    else:
        root = None if _only_leads(root) else _as_html(root)
    return "" if root is None else markup.rendered(root)


def _as_number(found: re.Match[bytes]) -> bytes:
    """An entity that HTML has and XML has not: `&nbsp;` → `&#160;`."""
    shown = html.unescape(found[0].decode("ascii"))
    return found[0] if shown.endswith(";") else "".join(f"&#{ord(one)};" for one in shown).encode()


def _only_leads(root: Any) -> bool:
    """Whether a chapter says that it is a cover or a list of others."""
    body = next(root.iter("{*}body"), None)
    tops = () if body is None else (body, *(body if len(body) == 1 else ()))
    return any(_NO_TEXT.intersection((one.get(_TYPE) or "").split()) for one in tops)


def _as_html(root: Any) -> Any:
    """XHTML as HTML has it: names without a name space; notes marked as `[1]`."""
    for element in list(root.iter("*")):
        kinds = set((element.get(_TYPE) or "").split()) | {element.get("role")}
        element.tag = element.tag.rpartition("}")[2]
        if element.tag == "nav" and kinds & _NO_TEXT:
            office.removed(element)
        elif element.tag == "a" and "#" in (element.get("href") or ""):
            _note_marked(element, kinds)
    return root


def _note_marked(link: Any, kinds: set[str | None]) -> None:
    label = "".join(link.itertext()).strip()
    if kinds & {"backlink", "doc-backlink"} or _BACK.fullmatch(label):
        office.removed(link)
    elif kinds & {"noteref", "doc-noteref"} or (label.isdigit() and _touches(link)):
        del link[:]
        link.text = f"[{label.strip('[]()')}]"


def _touches(link: Any) -> bool:
    """Whether a link follows a word without a space, as a note's number does that is not raised."""
    before = link.getprevious()
    text = (link.getparent().text if before is None else before.tail) or " "
    return not text[-1].isspace()


def _first_heading(text: str) -> str | None:
    found = re.search(r"^#{1,6} (.+)", text, re.MULTILINE)
    return found[1] if found else None


def _about(book: Any) -> Document:
    """What the book says of itself, without a body."""

    def first(name: str) -> str | None:
        return next(iter(office.texts(book, name)), None)

    published, remarks = _published(book)
    return Document(
        body="",
        title=office.title_of(first("title")),
        authors=office.people(*_writers(book)),
        publisher=first("publisher"),
        published=published,
        language=declared(first("language")),
        remarks=remarks,
    )


def _published(book: Any) -> tuple[str | None, tuple[str, ...]]:
    """EPUB 3's only date is of publication; EPUB 2 says of each what it is."""
    for one in book.iter("{http://purl.org/dc/elements/1.1/}date"):
        if (one.get(f"{_OPF}event") or "publication").lower() in (
            "publication",
            "original-publication",
        ):
            told = "".join(one.itertext()).strip()
            found = dates.iso(told)
            if told and found is None:
                return None, (f"Its date “{told[:50]}” is not a date.",)
            if found:
                return found, ()
    return None, ()


def _writers(book: Any) -> Iterator[str]:
    for one in book.iter("{http://purl.org/dc/elements/1.1/}creator"):
        role = one.get(f"{_OPF}role") or _refined(book, "role", one.get("id"))
        if (role or "") in _WRITERS:
            yield "".join(one.itertext())


def _refined(book: Any, name: str, of: str | None) -> str | None:
    """What a `meta` of EPUB 3 says of the element with that identifier."""
    for meta in book.iter("{*}meta") if of else ():
        if meta.get("property") == name and (meta.get("refines") or "").removeprefix("#") == of:
            return "".join(meta.itertext()).strip() or None
    return None
