"""Feeds and sitemaps → the addresses of articles, with what they say of each.

feedparser reads RSS 0.9 to 2.0 and Atom, broken ones too; JSON Feed and sitemaps are read here.
Nothing is fetched, and nothing is believed: addresses are checked when they are asked. A file that
declares entities of its own is refused, since those are how XML bombs are made. Hostile bytes can
still take feedparser long (it looks for mail addresses in quadratic time), so reading is for the
process that converts. Files to read, in order: `found.py`, `kind.py`, `feed.py`, `sitemap.py`.

Left out: finding a site's feed, and pictures, sounds and films that an entry has.
"""

from ingest.feeds.feed import read_feed
from ingest.feeds.found import Feed, FeedEntry, Sitemap, SitemapPage
from ingest.feeds.kind import kind_of
from ingest.feeds.sitemap import read_sitemap

__all__ = [
    "Feed",
    "FeedEntry",
    "Sitemap",
    "SitemapPage",
    "kind_of",
    "read_feed",
    "read_sitemap",
]
