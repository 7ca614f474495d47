"""What fetched bytes are, by how they begin: a feed, a sitemap, or a page.

Left out: what a page is (`ingest/convert/formats.py`).
"""

from __future__ import annotations

import re
import zlib
from typing import Literal

GZIP = b"\x1f\x8b"
SITEMAPS = ("urlset", "sitemapindex")
_FEEDS = ("rss", "feed")
_HEAD = 8_192  # bytes that are looked at
# What stands before the first element: a declaration or instruction, a comment, a document type.
# What does not end within the head ends nowhere.
_PROLOG = re.compile(
    r"<\?.*?(?:\?>|\Z)|<!--.*?(?:-->|\Z)|<![^<>\[]*(?:\[.*?(?:\]\s*>|\Z)|>|\Z)", re.DOTALL
)
_ELEMENT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)")
_ADDRESS = re.compile(r"https?://[^\s<>\"]+")


def kind_of(data: bytes, media_type: str | None = None) -> Literal["feed", "sitemap", "page"]:
    """What bytes are, by how they begin: `page` is everything that is no feed and no sitemap.

    >>> kind_of(b'<?xml version="1.0"?><!-- x --><rss version="2.0">'), kind_of(b"<html>")
    ('feed', 'page')
    """
    head = ascii_of(_unpacked_head(data))
    first = root(head)
    if first in SITEMAPS:
        return "sitemap"
    if first == "RDF":
        return "feed" if "purl.org/rss" in head or "netscape.com/rdf" in head else "page"
    if first in _FEEDS or _is_json_feed(head, media_type):
        return "feed"
    lines = head.split("\n")[: -1 if len(data) > _HEAD else None]
    return "sitemap" if first is None and all_addresses(lines) else "page"


def root(head: str) -> str | None:
    """The name of the first element, without its prefix; None where no markup begins.

    >>> root("<?xml version='1.0'?>\\n<!-- x --><s:urlset>")
    'urlset'
    """
    head = head[:_HEAD].lstrip()
    while passed := _PROLOG.match(head):
        head = head[passed.end() :].lstrip()
    found = _ELEMENT.match(head)
    return found[1] if found else None


def ascii_of(data: bytes) -> str:
    """Text whose ASCII is right, which is what matters here, in whatever encoding it is."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    return data.removeprefix(b"\xef\xbb\xbf").decode("latin-1")


def all_addresses(lines: list[str]) -> bool:
    """Whether every line that is not empty is an http address, and there is one."""
    told = [line.strip() for line in lines if line.strip()]
    return bool(told) and all(_ADDRESS.fullmatch(line) is not None for line in told)


def _unpacked_head(data: bytes) -> bytes:
    if not data.startswith(GZIP):
        return data[:_HEAD]
    try:
        return zlib.decompressobj(31).decompress(data[:_HEAD], _HEAD)
    except zlib.error:
        return b""


def _is_json_feed(head: str, media_type: str | None) -> bool:
    if not head.lstrip().startswith("{"):
        return False
    return media_type == "application/feed+json" or "jsonfeed.org/version/" in head.replace(
        "\\", ""
    )
