"""DOCX, as Word, LibreOffice, Google Docs and Pages write it (ECMA-376) → Markdown, by pandoc.

Tracked changes are accepted; comments, headers, footers, tables of contents, hidden text, pictures
and macros are left out. Pandoc gets only the parts that carry text.

Left out: numbers that Word counts up by itself before a heading, and the letters of a list's items.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ingest.convert import office, pandoc
from ingest.convert.dates import iso
from ingest.convert.document import Document, Source
from ingest.convert.language import declared

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_CHANGED = "{http://purl.org/dc/terms/}modified"
_TEXT_PARTS = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|word/_rels/[^/]+\.rels"
    r"|word/(?:document|footnotes|endnotes|styles|numbering|settings)\d*\.xml"
)


def read(source: Source) -> Iterator[Document]:
    """One document; `UnreadableSource` where it is damaged, hostile, or pandoc cannot read it."""
    package = office.Package(source.data)
    parts = {name: _part(package, name) for name in package.names if _TEXT_PARTS.fullmatch(name)}
    tree = pandoc.tree(office.zipped(parts), "docx")
    about = package.xml_if_sound("docProps/core.xml")
    title, changed = _first(about, "title"), office.texts(about, _CHANGED, space="")
    yield Document(
        body=pandoc.markdown(tree),
        title=office.title_of(title, pandoc.styled_title(tree)),
        authors=office.people(*office.texts(about, "creator")),
        published=iso(" ".join(pandoc.meta(tree, "date"))),
        modified=office.saved_on(changed[0]) if changed else None,
        language=declared(_first(about, "language")),
    )


def _first(about: Any, name: str) -> str | None:
    return next(iter(office.texts(about, name)), None)


def _part(package: office.Package, name: str) -> bytes:
    root = package.xml(name)
    if name.startswith("word/document") or name.endswith("notes.xml"):
        _unseen_removed(root)
    elif name == "word/styles.xml":
        _quotes_named(root)
    return office.serialised(root)


def _quotes_named(styles: Any) -> None:
    """LibreOffice calls its style for quotes as Word never does."""
    for name in styles.iter(f"{_WORD}name"):
        if name.get(f"{_WORD}val") == "Quotations":
            name.set(f"{_WORD}val", "Block Text")


def _unseen_removed(root: Any) -> None:
    """Take away what a reader of the page does not see, and what only repeats it."""
    for contents in list(root.iter(f"{_WORD}docPartGallery")):
        if contents.get(f"{_WORD}val") == "Table of Contents":
            office.removed(next(contents.iterancestors(f"{_WORD}sdt")))
    for repeated in list(root.iter(f"{_COMPATIBILITY}Fallback")):
        office.removed(repeated)
    frames = (f"{_WORD}drawing", f"{_WORD}pict", f"{_COMPATIBILITY}AlternateContent")
    boxes = list(root.iter(f"{_WORD}txbxContent"))
    office.boxes_unpacked(boxes, paragraph=f"{_WORD}p", frame=frames)
    for hidden in list(root.iter(f"{_WORD}vanish")):
        run = hidden.getparent().getparent()
        if run.tag == f"{_WORD}r" and hidden.get(f"{_WORD}val") not in ("0", "false", "off"):
            office.removed(run)
