"""Sitemaps (sitemaps.org) → the pages that they name, or the sitemaps.

Left out: what kind of file it is (`kind.py`).
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from xml.etree.ElementTree import ParseError, XMLParser

from ingest.convert.dates import iso
from ingest.errors import UnreadableSource
from ingest.feeds.entities import refuse_entities
from ingest.feeds.found import LONGEST, Sitemap, SitemapPage, absolute, line_of
from ingest.feeds.kind import GZIP, SITEMAPS, all_addresses, ascii_of, root

MOST_BYTES = 52_428_800  # sitemaps.org: 50 MB unpacked, and at most 50,000 addresses
MOST_PAGES = 50_000


def read_sitemap(data: bytes, url: str) -> Sitemap:
    """The addresses in a sitemap (XML, plain text, or either packed by gzip) fetched from `url`.

    Each is given once, the first 50,000 of them. `UnreadableSource` where it is no sitemap, is
    damaged, unpacks to more than 50 MB, or declares entities.
    """
    data = _unpacked(data)
    refuse_entities(data)
    if root(ascii_of(data[:8_192])) is None:
        return _text_sitemap(ascii_of(data), url)
    found = _Found()
    parser = XMLParser(target=found)  # noqa: S314 - entities were refused, and it fetches nothing
    try:
        parser.feed(data)
        parser.close()
    except _EnoughError:
        pass
    except (ParseError, ValueError, LookupError) as error:
        raise UnreadableSource(f"is a damaged sitemap ({error}).") from error
    if found.root not in SITEMAPS:
        raise UnreadableSource("is no sitemap.")
    return _sitemap(found.pages, found.sitemaps, url)


class _EnoughError(Exception):
    """The sitemap has given as many addresses as one may have."""


class _Found:
    """What the XML parser finds, element by element, so that no tree is kept."""

    def __init__(self) -> None:
        self.root: str | None = None
        self.pages: list[tuple[str, str, str, str]] = []
        self.sitemaps: list[str] = []
        self._depth = 0
        self._told: dict[str, str] = {}
        self._text: list[str] | None = None
        self._length = 0

    def start(self, tag: str, _attributes: Mapping[str, str]) -> None:
        self.root = self.root or _local(tag)
        self._depth += 1
        if self._depth == 2:
            self._told = {}
        self._text, self._length = [], 0

    def data(self, text: str) -> None:
        if self._text is not None and self._length <= LONGEST:
            self._text.append(text)
            self._length += len(text)

    def end(self, tag: str) -> None:
        if self._text is not None:
            wanted = _local(tag)
            if wanted != "loc" or self._depth == 3:  # a picture's address is one deeper
                self._told.setdefault(wanted, "".join(self._text).strip())
        self._text = None
        self._depth -= 1
        if self._depth == 1:
            self._take(_local(tag))

    def _take(self, what: str) -> None:
        told = self._told
        if what == "url" and told.get("loc"):
            news = told.get("title", ""), told.get("publication_date", "")
            self.pages.append((told["loc"], told.get("lastmod", ""), *news))
        elif what == "sitemap" and told.get("loc"):
            self.sitemaps.append(told["loc"])
        if len(self.pages) + len(self.sitemaps) > MOST_PAGES:
            raise _EnoughError


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _text_sitemap(text: str, url: str) -> Sitemap:
    lines = [line.strip() for line in text.split("\n", MOST_PAGES + 1)[: MOST_PAGES + 1]]
    if not all_addresses(lines):
        raise UnreadableSource("is no sitemap: not every line of it is an address.")
    return _sitemap([(line, "", "", "") for line in lines if line], [], url)


def _sitemap(pages: list[tuple[str, str, str, str]], sitemaps: list[str], url: str) -> Sitemap:
    found: dict[str, SitemapPage] = {}
    for loc, lastmod, title, published in pages:
        address = absolute(loc, url)
        if address and address not in found:
            dates = iso(lastmod), iso(published)
            found[address] = SitemapPage(address, dates[0], line_of(title), dates[1])
    inner = dict.fromkeys(each for each in (absolute(loc, url) for loc in sitemaps) if each)
    remarks = []
    if len(pages) + len(sitemaps) > MOST_PAGES:
        remarks.append(f"Only the first {MOST_PAGES:,} of its addresses were taken.")
    return Sitemap(tuple(found.values())[:MOST_PAGES], tuple(inner)[:MOST_PAGES], tuple(remarks))


def _unpacked(data: bytes) -> bytes:
    """Out of gzip, as sitemaps often are."""
    if data.startswith(GZIP):
        stream = zlib.decompressobj(31)
        try:
            data = stream.decompress(data, MOST_BYTES + 1)
        except zlib.error as error:
            raise UnreadableSource(f"is a damaged gzip file ({error}).") from error
        if not stream.eof and len(data) <= MOST_BYTES:
            raise UnreadableSource("is a gzip file that breaks off.")
    if len(data) > MOST_BYTES:
        raise UnreadableSource("is a sitemap of more than 50 MB.")
    return data
