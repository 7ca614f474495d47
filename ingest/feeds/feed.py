"""RSS, Atom and JSON feeds → their entries.

Left out: what kind of file it is (`kind.py`).
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from ingest.convert.dates import iso
from ingest.errors import UnreadableSource
from ingest.feeds.entities import refuse_entities
from ingest.feeds.found import LONGEST, Feed, FeedEntry, absolute, line_of, names_of, text_of

MOST_BYTES = 20_000_000
MOST_ENTRIES = 10_000
_MAILED = re.compile(r"[^\s@()]+@[^\s@()]+\s*\(([^()]+)\)|([^<>@]+)<[^\s<>]+>")


def read_feed(data: bytes, url: str, *, charset: str | None = None) -> Feed:
    """The entries of an RSS, Atom or JSON feed that was fetched from `url`.

    `charset` is what its server said. Addresses are absolute, each once; entries without one are
    left out, and those after the first 10,000. `UnreadableSource` where it is no feed, is larger
    than 20 MB, or declares entities.
    """
    if not data:
        raise UnreadableSource("is empty (0 bytes).")
    if len(data) > MOST_BYTES:
        raise UnreadableSource(f"is a feed of more than {MOST_BYTES / 1e6:g} MB.")
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        title, found = _json_feed(data, url)
    else:
        title, found = _xml_feed(data, url, charset)
    return _feed(title, found)


def _feed(title: str | None, found: list[FeedEntry]) -> Feed:
    kept: dict[str, FeedEntry] = {}
    for each in found:
        if each.url:
            kept.setdefault(each.url, each)
    remarks = []
    if without := sum(not each.url for each in found):
        remarks.append(f"{without:,} of its entries have no address and were left out.")
    if len(kept) > MOST_ENTRIES:
        remarks.append(f"Only the first {MOST_ENTRIES:,} of its {len(kept):,} entries were taken.")
    return Feed(title, tuple(kept.values())[:MOST_ENTRIES], tuple(remarks))


def _xml_feed(data: bytes, url: str, charset: str | None) -> tuple[str | None, list[FeedEntry]]:
    import feedparser

    refuse_entities(data)
    told = f"application/xml; charset={charset}" if charset else "application/xml"
    read = feedparser.parse(
        BytesIO(data),  # of bytes, it would try whether they are the name of a file
        response_headers={"content-type": told, "content-location": url},
        sanitize_html=False,  # the converter takes text only
        resolve_relative_uris=False,
    )
    version = read.get("version") or ""
    if not version and not read.entries:
        why = read.get("bozo_exception")
        raise UnreadableSource(f"is no feed that can be read{f' ({why})' if why else ''}.")
    rss = not version.startswith("atom")
    return line_of(read.feed.get("title")), [_entry(each, url, rss=rss) for each in read.entries]


def _entry(entry: Any, url: str, *, rss: bool) -> FeedEntry:
    raw: Mapping[str, Any] = dict(entry)  # its own `get` answers with one date for another
    published, updated = iso(text_of(raw.get("published"))), iso(text_of(raw.get("updated")))
    return FeedEntry(
        url=absolute(raw.get("feedburner_origlink") or raw.get("link"), url) or "",
        title=line_of(raw.get("title")),
        published=published or (updated if rss else None),  # RSS has one date, by several names
        content_html=_content(raw),
        authors=_authors(raw, rss=rss),
        modified=None if rss else updated,
    )


def _authors(raw: Mapping[str, Any], *, rss: bool) -> tuple[str, ...]:
    """RSS has `ada@news.example (Ada Weaver)` for one; feedparser misreads the longer domains."""
    names = [each.get("name") for each in raw.get("authors", ()) if each]
    one = (text_of(raw.get("author")) or "").strip()[:LONGEST]
    if rss and len(names) <= 1 and one:
        mailed = _MAILED.fullmatch(one)
        names = [(mailed[1] or mailed[2]) if mailed else one]
    return names_of(name for name in names if name and "@" not in name)


def _content(raw: Mapping[str, Any]) -> str | None:
    """The longest text that the entry has, as HTML."""
    texts = [*raw.get("content", ()), raw.get("summary_detail") or {}]
    longest = max(texts, key=lambda each: len(each.get("value") or ""))
    value = text_of(longest.get("value")) or ""
    if longest.get("type") == "text/plain":
        value = f"<p>{html.escape(value)}</p>" if value.strip() else ""
    return value if value.strip() else None


def _json_feed(data: bytes, url: str) -> tuple[str | None, list[FeedEntry]]:
    """JSON Feed 1.0 and 1.1 (jsonfeed.org)."""
    try:
        told = json.loads(data.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as error:
        raise UnreadableSource(f"is a damaged JSON feed ({error}).") from error
    items = told.get("items") if isinstance(told, dict) else None
    if not isinstance(items, list) or "jsonfeed.org" not in str(told.get("version"))[:100]:
        raise UnreadableSource("is JSON, but no JSON feed.")
    entries = [_json_entry(each, url) for each in items if isinstance(each, dict)]
    return line_of(told.get("title")), entries


def _json_entry(item: Mapping[str, Any], url: str) -> FeedEntry:
    authors = item.get("authors")
    if not isinstance(authors, list):
        authors = [item.get("author")]
    text = text_of(item.get("content_text"))
    return FeedEntry(
        url=absolute(item.get("url"), url) or "",
        title=line_of(item.get("title")),
        published=iso(text_of(item.get("date_published"))),
        content_html=text_of(item.get("content_html"))
        or (f"<p>{html.escape(text)}</p>" if text else None),
        authors=names_of(each.get("name") for each in authors if isinstance(each, dict)),
        modified=iso(text_of(item.get("date_modified"))),
    )
