"""Brings addresses into the corpus: a page or a file, the articles of a feed, a sitemap's pages.

A page that was fetched before is asked for only if it has changed since. Articles that a feed names
are fetched each from its own address; where that fails, what the feed itself holds of them is
taken.

Left out: how anything is fetched (`fetch/`), and what feeds look like (`feeds.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote, urldefrag, urlsplit

from ingest.convert import Document, Source
from ingest.convert.canonical import same_site
from ingest.errors import CannotFetch, UnreadableSource, reason
from ingest.feeds import Feed, FeedEntry, Sitemap, kind_of
from ingest.fetch import Fetched, Fetcher, FetchSettings
from ingest.filing import Origin
from ingest.ledger import Made, Said

if TYPE_CHECKING:
    from ingest.add import Adding, AddReport, Found, Seen

MOST_PAGES = 1_000  # articles of one feed or sitemap in one run; the next run takes the next ones
_MOST_SITEMAPS = 50  # of one index
_FAILURES = 5  # pages in a row that cannot be fetched before the rest is left for another time
_LEAST_OF_A_FEED = 400  # characters of HTML; less is a teaser, not the article


@dataclass(frozen=True, slots=True)
class _Run:
    """One call: what it has found so far, and whom to tell."""

    found: Found
    seen: Seen


class Addresses:
    """Brings addresses into the corpus of an `Adding`, politely: one fetcher for all of them."""

    def __init__(self, adding: Adding) -> None:
        self._adding, self._ledger = adding, adding.ledger
        self._fetcher = Fetcher(adding.fetch or FetchSettings())

    def close(self) -> None:
        """Close its connections."""
        self._fetcher.close()

    def take(self, address: str, found: Found, *, follow: bool, seen: Seen) -> AddReport:
        """One address; `follow` where it is a feed whose later articles are wanted, too."""
        run = _Run(found, seen)
        address = urldefrag(address.strip()).url
        try:
            fetched = self._fetch(address, run, again=not follow and not self._adding.columns)
            kind = "page" if fetched.status == 304 else kind_of(fetched.data, fetched.media_type)
            if follow and kind != "feed":
                raise UnreadableSource("is no feed, so it cannot be followed. Leave --follow out.")
            if kind == "feed":
                self._feed(fetched, address, run, follow=follow)
            elif kind == "sitemap":
                self._pages(address, ((url, None) for url in self._listed(fetched, run)), run)
            else:
                self._page(fetched, address, None, run)
        except (CannotFetch, UnreadableSource) as error:
            found.skipped.append((address, reason(error, address)))
        return found.report()

    def update_feeds(self, found: Found, seen: Seen) -> AddReport:
        """The articles that are new in the feeds that are followed."""
        run = _Run(found, seen)
        for feed in self._ledger.feeds():
            try:
                self._feed(self._fetch(feed.url, run), feed.url, run, follow=True)
            except (CannotFetch, UnreadableSource) as error:
                self._ledger.follow(feed.url, feed.title, str(error))
                found.skipped.append((feed.url, reason(error, feed.url)))
        return found.report()

    # ---- a page ----------------------------------------------------------------------------------

    def _page(self, fetched: Fetched, address: str, entry: FeedEntry | None, run: _Run) -> None:
        made = self._ledger.of_address(address)
        if fetched.status == 304 and made is not None:
            run.found.already.append((address, made.path))
            return
        # What another site gave is that site's, so that this address cannot change it later.
        origin = address if same_site(address, fetched.url) else fetched.url
        name = unquote(PurePosixPath(urlsplit(fetched.url).path).name) or "page"
        source = Source(name, fetched.data, fetched.media_type, fetched.charset, fetched.url)
        failed = len(run.found.skipped)
        told = entry if origin == address else None
        self._convert(source, address, told, run, origin=origin)
        made = self._ledger.of_address(origin) if origin != address else None
        if made is not None:
            self._ledger.also(address, made.path)
        if len(run.found.skipped) == failed:
            sha256 = hashlib.sha256(fetched.data).hexdigest()
            said = Said(
                fetched.etag, fetched.last_modified, fetched.media_type, fetched.charset, sha256
            )
            self._ledger.fetched(address, said)

    def _convert(
        self,
        source: Source,
        address: str,
        entry: FeedEntry | None,
        run: _Run,
        *,
        origin: str | None = None,
    ) -> None:
        today = datetime.now(UTC).date().isoformat()

        def completed(one: Document) -> Document:
            return _with_what_a_feed_says(replace(one, accessed=one.accessed or today), entry)

        of = Origin(origin or address, origin or address)
        self._adding.convert(source, of, address, run.found, run.seen, completed=completed)

    # ---- feeds and sitemaps ----------------------------------------------------------------------

    def _feed(self, fetched: Fetched, address: str, run: _Run, *, follow: bool) -> None:
        feed = Feed.from_json(self._read(fetched, "feed", run))
        if follow:
            self._ledger.follow(address, feed.title)
        # What a feed says of another site's articles is not that site's word.
        pages = (
            (entry.url, entry if same_site(entry.url, fetched.url) else None)
            for entry in feed.entries
        )
        self._pages(address, pages, run)

    def _listed(self, fetched: Fetched, run: _Run) -> Iterator[str]:
        """The pages of a sitemap, and of those that it names."""
        sitemap = Sitemap.from_json(self._read(fetched, "sitemap", run))
        yield from (page.url for page in sitemap.pages)
        for url in sitemap.sitemaps[:_MOST_SITEMAPS]:
            try:
                inner = Sitemap.from_json(self._read(self._fetch(url, run), "sitemap", run))
                yield from (page.url for page in inner.pages)
            except (CannotFetch, UnreadableSource) as error:
                run.found.skipped.append((url, reason(error, url)))
        if len(sitemap.sitemaps) > _MOST_SITEMAPS:
            more = len(sitemap.sitemaps) - _MOST_SITEMAPS
            run.found.remarks.append((fetched.url, f"{more:,} more sitemaps were left out."))

    def _read(
        self, fetched: Fetched, kind: Literal["feed", "sitemap"], run: _Run
    ) -> dict[str, Any]:
        source = Source(kind, fetched.data, fetched.media_type, fetched.charset, fetched.url)
        told = self._adding.converter.listed(source, kind)
        run.found.remarks += [(fetched.url, remark) for remark in told["remarks"]]
        return told

    def _pages(
        self, address: str, pages: Iterable[tuple[str, FeedEntry | None]], run: _Run
    ) -> None:
        """Fetch those that are not in the corpus yet and were not removed from it."""
        fetched = failures = 0
        for url, entry in pages:
            if self._has(url, run):
                continue
            if fetched == MOST_PAGES or failures == _FAILURES:
                why = f"{MOST_PAGES:,} were fetched" if fetched == MOST_PAGES else "too many failed"
                run.found.remarks.append((address, f"{why}; run it again for the rest."))
                return
            fetched += 1
            failures = 0 if self._took(url, entry, run) else failures + 1

    def _has(self, url: str, run: _Run) -> bool:
        made = self._ledger.of_address(url) or self._claimed(url)
        if made is not None:
            run.found.already.append((url, made.path))
        return made is not None or self._ledger.removed(url)

    def _claimed(self, url: str) -> Made | None:
        """The article that says that this is its address: one of that site, or of the reader's own
        files. What other sites gave does not keep a site's article out."""
        return next(
            (
                made
                for made in self._ledger.all_by_url(url)
                if made.origin.startswith("file:") or same_site(made.origin, url)
            ),
            None,
        )

    def _took(self, url: str, entry: FeedEntry | None, run: _Run) -> bool:
        """Fetch one page of many; → whether its server gave it."""
        try:
            self._page(self._fetch(url, run), url, entry, run)
        except CannotFetch as error:
            text = entry.content_html if entry else None
            if text is None or len(text) < _LEAST_OF_A_FEED:
                run.found.skipped.append((url, reason(error, url)))
                return False
            run.found.remarks.append((url, f"Made of the feed's own text: {error}"))
            page = f"<!DOCTYPE html><html><body><article>{text}</article></body></html>"
            source = Source("entry.html", page.encode(), "text/html", "utf-8", url)
            self._convert(source, url, entry, run)
            return False
        return True

    def _fetch(self, url: str, run: _Run, *, again: bool = False) -> Fetched:
        """`again`: only if it has changed since the article in the corpus was made from it."""
        from ingest.add import Step

        told: Callable[[int, int], None] = lambda done, of: run.seen(Step("fetching", done, of))  # noqa: E731
        told(0, 0)
        made = self._ledger.of_address(url) if again else None
        is_there = made is not None and (self._adding.corpus / made.path).is_file()
        known = self._ledger.said(url) if is_there else None
        return self._fetcher.fetch(
            url,
            etag=known.etag if known else None,
            last_modified=known.last_modified if known else None,
            seen=told,
        )


def _with_what_a_feed_says(document: Document, entry: FeedEntry | None) -> Document:
    """What a page does not say of itself, its feed may."""
    if entry is None:
        return document
    return replace(
        document,
        title=document.title or entry.title,
        authors=document.authors or entry.authors,
        published=document.published or entry.published,
    )
