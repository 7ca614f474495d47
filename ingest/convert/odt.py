"""ODT, as LibreOffice and OpenOffice write it (OpenDocument 1.3) → Markdown, by pandoc.

Tracked changes are accepted; comments, headers, footers, tables of contents, hidden text and
pictures are left out.

Left out: numbers that are counted up before a heading, and formulas (objects of their own).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest.convert import office, pandoc
from ingest.convert.document import Document, Source
from ingest.convert.language import declared
from ingest.errors import UnreadableSource

_OASIS = "{urn:oasis:names:tc:opendocument:xmlns:"
_TEXT, _STYLE, _OFFICE = f"{_OASIS}text:1.0}}", f"{_OASIS}style:1.0}}", f"{_OASIS}office:1.0}}"
_DRAW = f"{_OASIS}drawing:1.0}}"
_META = f"{_OASIS}meta:1.0}}"
_LIST_STYLE = f"{_TEXT}style-name"
_XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
_FO = f"{_OASIS}xsl-fo-compatible:1.0}}"
_QUOTES, _QUOTE_STYLE = frozenset(("Quotations", "Quote", "Intense_20_Quote")), "PinciteQuote"
_NO_STYLES = f'<o:document-styles xmlns:o="{_OFFICE[1:-1]}"/>'.encode()
_UNSEEN = (
    f"{_TEXT}table-of-content",
    f"{_TEXT}alphabetical-index",
    f"{_TEXT}hidden-text",
    f"{_TEXT}tracked-changes",
    f"{_OFFICE}annotation",
    f"{_OFFICE}annotation-end",
)


def read(source: Source) -> Iterator[Document]:
    """One document; `UnreadableSource` where it is damaged, locked, or pandoc cannot read it."""
    package = office.Package(source.data)
    manifest = package.read("META-INF/manifest.xml")
    if b"encryption-data" in manifest:
        raise UnreadableSource("is locked with a password. Open it, and save it without one.")
    content = package.xml("content.xml")
    styles = package.xml_if_sound("styles.xml")
    _unseen_removed(content)
    _lists_joined(content)
    _styles_marked(content, styles)
    parts = {
        "mimetype": b"application/vnd.oasis.opendocument.text",
        "META-INF/manifest.xml": office.serialised(office.parsed(manifest)),
        "content.xml": office.serialised(content),
        "styles.xml": _NO_STYLES if styles is None else office.serialised(styles),
    }
    tree = pandoc.tree(office.zipped(parts), "odt")
    yield _document(tree, package.xml_if_sound("meta.xml"))


def _document(tree: pandoc.Node, about: Any) -> Document:
    def first(name: str, **space: str) -> str | None:
        return next(iter(office.texts(about, name, **space)), None)

    # dc:creator is whoever saved it last; the writer is meta:initial-creator (OpenDocument 4.3.2)
    return Document(
        body=pandoc.markdown(tree),
        title=office.title_of(first("title"), pandoc.styled_title(tree)),
        authors=office.people(first("initial-creator", space=_META) or first("creator")),
        modified=office.saved_on(first("date")),
        language=declared(first("language")),
    )


def _unseen_removed(content: Any) -> None:
    """Take away what a reader of the page does not see, and what only repeats it."""
    hidden = {
        properties.getparent().get(f"{_STYLE}name")
        for properties in content.iter(f"{_STYLE}text-properties")
        if properties.get(f"{_TEXT}display") == "none"
    }
    for span in list(content.iter(f"{_TEXT}span")) if hidden else ():
        if span.get(f"{_TEXT}style-name") in hidden:
            office.removed(span)
    for name in _UNSEEN:
        for element in list(content.iter(name)):
            office.removed(element)
    boxes = list(content.iter(f"{_DRAW}text-box"))
    office.boxes_unpacked(boxes, paragraph=f"{_TEXT}p", frame=(f"{_DRAW}frame",))


def _lists_joined(content: Any) -> None:
    """Put together the lists that LibreOffice writes apart when it reads a DOCX file.

    It begins a list anew for the items inside of an item, and again for the next item; pandoc then
    counts from 1 again.
    """
    for one in list(content.iter(f"{_TEXT}list")):
        before = one.getprevious()
        if before is None or before.tag != one.tag or not len(before):
            continue
        goes_on = one.get(f"{_TEXT}continue-list")
        if goes_on and goes_on == before.get(_XML_ID):
            before.extend(list(one))
        elif all(len(item) == 1 and item[0].tag == one.tag for item in one):
            for inner in [item[0] for item in one]:
                inner.set(_LIST_STYLE, inner.get(_LIST_STYLE, one.get(_LIST_STYLE, "")))
                before[-1].append(inner)
        else:
            continue
        office.removed(one)


def _styles_marked(content: Any, styles: Any) -> None:
    """Say in pandoc's way what a style's name says: that a paragraph is a quote, or the title.

    Pandoc takes a paragraph with wide margins for a quote, and a title for any other paragraph.
    """
    based_on = {
        style.get(f"{_STYLE}name"): style.get(f"{_STYLE}parent-style-name")
        for root in (styles, content)
        if root is not None
        for style in root.iter(f"{_STYLE}style")
    }
    untitled = True
    for paragraph in content.iter(f"{_TEXT}p"):
        name = paragraph.get(f"{_TEXT}style-name")
        names = (name, based_on.get(name))
        if untitled and "Title" in names:
            untitled = False
            paragraph.tag = f"{_TEXT}h"
            paragraph.set(f"{_TEXT}outline-level", "1")
        elif _QUOTES.intersection(names):
            paragraph.set(f"{_TEXT}style-name", _QUOTE_STYLE)
    automatic = content.find(f"{_OFFICE}automatic-styles")
    if automatic is not None:
        automatic.append(_quote_style())


def _quote_style() -> Any:
    from lxml import etree

    style = etree.Element(f"{_STYLE}style")
    style.set(f"{_STYLE}name", _QUOTE_STYLE)
    style.set(f"{_STYLE}family", "paragraph")
    etree.SubElement(style, f"{_STYLE}paragraph-properties").set(f"{_FO}margin-left", "2cm")
    return style
