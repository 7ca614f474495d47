"""What the zipped office formats share: their parts, their XML, what they say of themselves.

A DOCX, ODT or EPUB file is a zip of XML, made by anybody. Parts are unpacked in memory, never to a
disk, so a name such as `../x` leads nowhere; how much they may unpack to is limited; their XML may
declare no entities, and lxml fetches nothing and refuses more than 256 elements inside each other.

Left out: what the XML of each format means (`docx.py`, `odt.py`, `epub.py`).
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any, NoReturn

from ingest.convert.markdown import one_line
from ingest.errors import UnreadableSource

MOST_UNPACKED = 200_000_000  # bytes of all parts that are read; an article has 16 MB at most
LARGEST_PART = 64_000_000  # bytes of one part
_MOST_PARTS = 20_000
_TEMPLATE_TITLE = re.compile(
    r"""(?: microsoft\ word\s*-.* | (?:microsoft\ )?word[\ -](?:document|dokument)
      | untitled\b.{0,12} | title | titre | titel | default | template | normal(?:\.dotm?)? | \W*
      | (?:document|dokument|documento|документ|unbenannt|без\ имени)\s*\d{0,4}
      | [^\s]+\.(?:docx?|dotx?|odt|rtf|wpd|pages|indd|html?|tmp) )""",
    re.IGNORECASE | re.VERBOSE,
)
_NOBODY = frozenset(
    "admin administrator author autor benutzer office owner pandoc python-docx user unknown "
    "пользователь".split()
) | {"microsoft office user", "unknown author", "windows user", "calibre"}
_DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"
_TEMPLATE_DATE = "2013-12-23T23:15:00"  # what python-docx 1.2 leaves in every file


class Package:
    """The parts of one zipped document, by name.

    `UnreadableSource` where it is damaged, locked, or unpacks to more than `MOST_UNPACKED`.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            infos = self._zip.infolist()
        except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
            _damaged(error)
        if len(infos) > _MOST_PARTS:
            raise UnreadableSource(f"has more than {_MOST_PARTS:,} parts; it is no document.")
        self._parts = {info.filename: info for info in infos}
        self._unpacked = 0

    def __contains__(self, name: str) -> bool:
        return name in self._parts

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all parts, in the order of the file."""
        return tuple(self._parts)

    def read(self, name: str) -> bytes:
        """The bytes of a part; `UnreadableSource` where there is none, or too much of it."""
        info = self._parts.get(name)
        if info is None:
            raise UnreadableSource(f"is incomplete: its part {name!r} is missing.")
        if info.flag_bits & 0x1:
            raise UnreadableSource("is locked with a password. Save it without one.")
        try:
            with self._zip.open(info) as part:
                data = part.read(LARGEST_PART + 1)
        except UnreadableSource:
            raise
        except Exception as error:  # zlib, lzma and zipfile each have their own
            _damaged(error)
        self._unpacked += len(data)
        if len(data) > LARGEST_PART or self._unpacked > MOST_UNPACKED:
            raise UnreadableSource(
                f"unpacks to more than {LARGEST_PART // 1_000_000} MB of text; no article has that."
            )
        return data

    def xml(self, name: str) -> Any:
        """The root element of a part that is XML."""
        return parsed(self.read(name))

    def xml_if_sound(self, name: str) -> Any:
        """The same for a part that the text does not need: None where it is missing or broken."""
        try:
            return self.xml(name)
        except UnreadableSource:
            return None


def _damaged(error: Exception) -> NoReturn:
    why = one_line(str(error))[:200]
    raise UnreadableSource(
        f"is damaged or cut off ({why}). Fetch it again, or open it and save it anew."
    ) from error


def parsed(data: bytes) -> Any:
    """The root element of XML; `UnreadableSource` where it is none, or declares entities."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        _damaged(error)
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and any(True for _ in declared.iterentities()):
        raise UnreadableSource(
            "declares entities of its own in its XML, as no honest document does; it is not read."
        )
    return root


def zipped(parts: dict[str, bytes]) -> bytes:
    """Parts as an uncompressed zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as opened:
        for name, data in parts.items():
            opened.writestr(name, data)
    return out.getvalue()


def serialised(root: Any) -> bytes:
    """An element as XML in UTF-8, without a document type."""
    from lxml import etree

    told: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return told


def removed(element: Any) -> None:
    """Take an element out of its tree; the text after it stays."""
    parent, before = element.getparent(), element.getprevious()
    if parent is None:
        return
    if element.tail:
        if before is None:
            parent.text = (parent.text or "") + element.tail
        else:
            before.tail = (before.tail or "") + element.tail
    parent.remove(element)


def boxes_unpacked(boxes: list[Any], *, paragraph: str, frame: tuple[str, ...]) -> None:
    """Put the paragraphs of text boxes below the paragraph that they are fastened to.

    Pandoc 3.9 reads either the box or the paragraph, never both. `paragraph` and `frame` are names
    of elements; the outermost frame around a box goes.
    """
    last: dict[Any, Any] = {}  # paragraph -> what was put below it last
    for box in boxes:
        frames = [one for one in box.iterancestors() if one.tag in frame]
        home = next(frames[-1].iterancestors(paragraph), None) if frames else None
        if home is None:
            continue
        for inside in list(box):
            last.get(home, home).addnext(inside)
            last[home] = inside
        if frames[-1].getparent() is not None:
            removed(frames[-1])


def texts(root: Any, name: str, *, space: str = _DUBLIN_CORE) -> tuple[str, ...]:
    """The text of each element of that name, empty ones left out; Dublin Core unless told."""
    if root is None:
        return ()
    found = (one_line("".join(element.itertext())) for element in root.iter(space + name))
    return tuple(text for text in found if text)


def title_of(*candidates: str | None) -> str | None:
    """The first that a person wrote, rather than a program or its template.

    >>> title_of("Microsoft Word - Document1", "report_v2.docx", "The harbour")
    'The harbour'
    """
    told = (one_line(one or "") for one in candidates)
    return next((one for one in told if not _TEMPLATE_TITLE.fullmatch(one)), None)


def people(*told: str | None) -> tuple[str, ...]:
    """Names out of fields that hold one or several, split at semicolons; accounts are nobody.

    >>> people("Ana Example; Admin", "Example, Boris")
    ('Ana Example', 'Example, Boris')
    """
    names = (one_line(name) for one in told for name in (one or "").split(";"))
    return tuple(dict.fromkeys(name for name in names if name and name.casefold() not in _NOBODY))


def saved_on(told: str | None) -> str | None:
    """When a file says that it was last changed, ISO 8601; None for a template's own date."""
    from ingest.convert.dates import iso

    return None if (told or "").startswith(_TEMPLATE_DATE) else iso(told)
