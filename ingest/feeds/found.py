"""Feed, FeedEntry, Sitemap, SitemapPage: what is found, and what every kind of it has in common.

Left out: reading any (a module each).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

from ingest.convert.markdown import one_line

LONGEST = 8_000  # characters of an address or a title
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>")


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One article of a feed. Dates are ISO 8601; what the feed does not say is None.

    `content_html` is the text that the feed itself has of it: all of it, or a teaser.
    """

    url: str
    title: str | None = None
    published: str | None = None
    content_html: str | None = None
    authors: tuple[str, ...] = ()
    modified: str | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed's title and its entries, in its own order; `remarks` say what was left out."""

    title: str | None
    entries: tuple[FeedEntry, ...]
    remarks: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """From what `dataclasses.asdict` and JSON made of it in another process."""
        entries = (each | {"authors": tuple(each["authors"])} for each in told["entries"])
        return cls(
            told["title"], tuple(FeedEntry(**each) for each in entries), tuple(told["remarks"])
        )


@dataclass(frozen=True, slots=True)
class SitemapPage:
    """A page of a sitemap: when it changed last; title and date only where it is a news sitemap."""

    url: str
    modified: str | None = None
    title: str | None = None
    published: str | None = None


@dataclass(frozen=True, slots=True)
class Sitemap:
    """The pages of a sitemap, or the sitemaps that an index of them names."""

    pages: tuple[SitemapPage, ...]
    sitemaps: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """From what `dataclasses.asdict` and JSON made of it in another process."""
        pages = tuple(SitemapPage(**each) for each in told["pages"])
        return cls(pages, tuple(told["sitemaps"]), tuple(told["remarks"]))


def absolute(told: object, base: str) -> str | None:
    """An http(s) address without its fragment; None where it is none.

    >>> absolute(" ../b#c", "https://news.example/a/x")
    'https://news.example/b'
    """
    if not isinstance(told, str) or not told.strip() or len(told) > LONGEST:
        return None
    try:
        found = urlsplit(urljoin(base, told.strip()))
    except ValueError:
        return None
    if found.scheme not in ("http", "https") or not found.netloc:
        return None
    return found._replace(fragment="").geturl()


def line_of(told: object) -> str | None:
    """Text on one line, without markup, as titles and names are; None where there is none.

    >>> line_of("Water <b>rises</b> &amp; falls")
    'Water rises & falls'
    """
    text = (text_of(told) or "")[:LONGEST]
    return one_line(html.unescape(_TAG.sub("", text))) or None


def names_of(told: Iterable[object]) -> tuple[str, ...]:
    """Each name once; one of more than 200 characters is something else."""
    lines = (line_of(each) for each in told)
    return tuple(dict.fromkeys(name for name in lines if name and len(name) <= 200))


def text_of(told: object) -> str | None:
    """Text, where JSON or a library may have put anything."""
    return told if isinstance(told, str) else None
