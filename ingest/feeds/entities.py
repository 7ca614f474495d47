"""XML that declares entities is refused: a few of them can stand for gigabytes of text.

Left out: what else hostile XML can do, which is left to the limits of the process that converts.
"""

from __future__ import annotations

import re
from xml.parsers import expat

from ingest.errors import UnreadableSource


class _BegunError(Exception):
    """The first element begins."""


def refuse_entities(data: bytes) -> None:
    """`UnreadableSource` where these bytes declare an entity, as XML or as what looks like it.

    They are looked for twice, since feedparser reads what an XML parser refuses, and knows entities
    then. Only what stands before the first element is looked at.
    """
    plain = data.replace(b"\0", b"")
    first = re.search(rb"<\w", plain)
    if b"<!entity" in plain[: first.start() if first else None].lower():
        raise _refused()
    parser = expat.ParserCreate()

    def declared(*_: object) -> None:
        raise _refused()

    def begun(*_: object) -> None:
        raise _BegunError

    parser.EntityDeclHandler, parser.StartElementHandler = declared, begun
    try:
        parser.Parse(data.lstrip(b" \t\r\n"), True)
    except (_BegunError, expat.ExpatError, ValueError, LookupError):
        return


def _refused() -> UnreadableSource:
    return UnreadableSource("declares XML entities of its own, which is not read for safety.")
