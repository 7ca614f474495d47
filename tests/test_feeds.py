"""Feeds and sitemaps: what they name, whatever state they are in."""

from __future__ import annotations

import gzip
import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import UnreadableSource
from ingest.feeds import (
    Feed,
    FeedEntry,
    Sitemap,
    SitemapPage,
    kind_of,
    read_feed,
    read_sitemap,
)
from tests.clock import at_most

AT = "https://news.example/feeds/all.xml"
RSS = b"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>The Mill &amp; the Tide</title><link>https://news.example/</link>
<item><title>Water &lt;b&gt;rises&lt;/b&gt;</title><link> ../2021/water#top </link>
  <dc:creator>Ada Weaver</dc:creator><pubDate>Tue, 30 Nov 2021 23:30:00 -0500</pubDate>
  <description>A teaser.</description>
  <content:encoded><![CDATA[<p>The whole <a href="/x">text</a> of it.</p>]]></content:encoded></item>
<item><title>Fire</title><guid>https://news.example/2021/fire</guid>
  <author>ben@news.example (Ben Smith)</author><pubDate>yesterday</pubDate></item>
<item><title>No address</title><guid isPermaLink="false">17</guid></item>
<item><title>A script</title><link>javascript:alert(1)</link></item>
<item><title>Water again</title><link>https://news.example/2021/water</link></item>
</channel></rss>"""
ATOM = b"""<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://news.example/a/">
<title type="html">Tides &amp;amp; mills</title><updated>2021-12-01T00:00:00Z</updated><id>urn:1</id>
<entry><title>One</title><id>urn:2</id><link rel="edit" href="/edit"/><link href="one"/>
  <published>2021-11-30T10:00:00+02:00</published><updated>2021-12-01T00:00:00Z</updated>
  <author><name>Ada Weaver</name></author><author><name>Ben Smith</name></author>
  <content type="html">&lt;p&gt;It rained.&lt;/p&gt;</content></entry>
<entry><title>Two</title><id>urn:3</id><link href="https://other.example/two"/>
  <updated>2021-12-02T00:00:00Z</updated><summary>Plain &lt; text</summary></entry>
</feed>"""
RSS1 = b"""<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://news.example/"><title>Old</title></channel>
<item rdf:about="https://news.example/one"><title>One</title><link>https://news.example/one</link>
<dc:date>2003-05-01T08:00:00Z</dc:date></item></rdf:RDF>"""
RSS091 = b"""<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN"
 "http://my.netscape.com/publish/formats/rss-0.91.dtd">
<rss version="0.91"><channel><title>Older</title><item><title>One</title>
<link>https://news.example/one</link></item></channel></rss>"""
JSON = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "In JSON",
    "items": [
        {"id": "1", "url": "/one", "title": "One", "date_published": "2021-11-30T10:00:00Z",
         "content_html": "<p>It rained.</p>", "authors": [{"name": "Ada Weaver"}]},
        {"id": "2", "url": "https://news.example/two", "content_text": "a < b",
         "date_modified": "2021-12-01", "author": {"name": "Ben Smith"}},
        {"id": "3"}, "nonsense",
    ],
}  # fmt: skip
SITEMAP = b"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc> https://news.example/one?a=1&amp;b=2#x </loc><lastmod>2021-11-30T10:00:00Z</lastmod></url>
<url><image:image><image:loc>https://news.example/a.png</image:loc></image:image>
 <loc>/two</loc><lastmod>yesterday</lastmod>
 <news:news><news:publication><news:name>The Mill</news:name></news:publication>
 <news:publication_date>2021-12-01</news:publication_date><news:title>Two</news:title></news:news></url>
<url><loc>javascript:alert(1)</loc></url><url><lastmod>2021-11-30</lastmod></url>
<url><loc>https://news.example/two</loc></url></urlset>"""
INDEX = b"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>https://news.example/s1.xml.gz</loc></sitemap><sitemap><loc>s2.xml</loc></sitemap>
</sitemapindex>"""
PAGES = (
    SitemapPage("https://news.example/one?a=1&b=2", "2021-11-30"),
    SitemapPage("https://news.example/two", None, "Two", "2021-12-01"),
)


def test_an_rss_feed_names_its_articles_with_what_it_says_of_them() -> None:
    feed = read_feed(RSS, AT)
    assert feed.title == "The Mill & the Tide"
    assert feed.entries == (
        FeedEntry(
            "https://news.example/2021/water",
            "Water rises",
            "2021-11-30",
            '<p>The whole <a href="/x">text</a> of it.</p>',
            ("Ada Weaver",),
        ),
        FeedEntry("https://news.example/2021/fire", "Fire", None, None, ("Ben Smith",)),
    )
    assert feed.remarks == ("2 of its entries have no address and were left out.",)


def test_an_atom_feed_tells_published_from_modified() -> None:
    feed = read_feed(ATOM, AT)
    assert feed == Feed(
        "Tides & mills",
        (
            FeedEntry(
                "https://news.example/a/one",
                "One",
                "2021-11-30",
                "<p>It rained.</p>",
                ("Ada Weaver", "Ben Smith"),
                "2021-12-01",
            ),
            FeedEntry(
                "https://other.example/two", "Two", None, "<p>Plain &lt; text</p>", (), "2021-12-02"
            ),
        ),
    )


@pytest.mark.parametrize(("data", "day"), [(RSS1, "2003-05-01"), (RSS091, None)])
def test_old_feeds_are_read_too(data: bytes, day: str | None) -> None:
    assert [(each.url, each.published) for each in read_feed(data, AT).entries] == [
        ("https://news.example/one", day)
    ]


def test_a_json_feed_is_one_too() -> None:
    feed = read_feed(json.dumps(JSON).encode(), AT)
    assert feed.title == "In JSON"
    assert feed.entries == (
        FeedEntry(
            "https://news.example/one", "One", "2021-11-30", "<p>It rained.</p>", ("Ada Weaver",)
        ),
        FeedEntry(
            "https://news.example/two", None, None, "<p>a &lt; b</p>", ("Ben Smith",), "2021-12-01"
        ),
    )
    assert feed.remarks == ("1 of its entries have no address and were left out.",)


@pytest.mark.parametrize("charset", ["windows-1251", None])
def test_a_feed_says_its_charset_or_its_server_does(charset: str | None) -> None:
    declared = "" if charset else " encoding='windows-1251'"
    text = f"<?xml version='1.0'{declared}?><rss version='2.0'><channel><title>Прилив</title></channel></rss>"
    assert read_feed(text.encode("windows-1251"), AT, charset=charset).title == "Прилив"


def test_a_broken_feed_gives_what_can_be_read_of_it() -> None:
    broken = RSS.replace(b"</channel></rss>", b"<b></item>").replace(b"&amp; the", b"& the")
    assert len(read_feed(broken, AT).entries) == 2
    assert len(read_feed(b"\n \n" + RSS[: RSS.index(b"<item><title>No")], AT).entries) == 2


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no feed",
        b"<html><body>A page</body></html>",
        b"{}",
        b"[]",
        b'{"items": []}',
        b"{" * 100_000,
        b'{"version": "https://jsonfeed.org/version/1", "items": ' + b"[" * 100_000,
        b"x" * 20_000_001,
    ],
    ids=["empty", "text", "html", "object", "list", "items", "braces", "brackets", "large"],
)
def test_what_is_no_feed_is_said_so(data: bytes) -> None:
    with pytest.raises(UnreadableSource):
        read_feed(data, AT)


BOMB = (
    b"<?xml version='1.0'?><!DOCTYPE r [<!ENTITY a0 'lol'>"
    + b"".join(b"<!ENTITY a%d '%s'>" % (each, b"&a%d;" % (each - 1) * 10) for each in range(1, 12))
    + b"]>"
)
LARGE = b"<?xml version='1.0'?>%s<!ENTITY a '" + b"x" * 100_000 + b"'>%s"
RSS_OF = b"<rss version='2.0'><channel><title>%s</title></channel></rss>"


@pytest.mark.parametrize(
    "data",
    [
        BOMB + RSS_OF % b"&a11;",
        LARGE % (b"<!DOCTYPE rss [", b"]>") + RSS_OF % (b"&a;" * 20_000),
        LARGE % (b"<!-- ", b" -->") + (RSS_OF % (b"&a;" * 20_000))[:-9],
        b"<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" + RSS_OF % b"&x;",
        b"<!DOCTYPE r [<!ENTITY % x SYSTEM 'http://127.0.0.1/x.dtd'> %x;]>" + RSS_OF % b"" * 1,
        (BOMB + RSS_OF % b"&a11;").decode().replace("?>", "?>", 1).encode("utf-16"),
    ],
    ids=["laughs", "large", "in a comment", "file", "parameter", "utf-16"],
)
def test_entities_are_refused_before_they_can_grow(data: bytes) -> None:
    with at_most(5):
        with pytest.raises(UnreadableSource, match="entities"):
            read_feed(data, AT)
        with pytest.raises(UnreadableSource, match="entities"):
            read_sitemap(data.replace(b"rss", b"urlset"), AT)


def test_entities_in_the_text_of_an_article_are_only_text() -> None:
    text = b"<![CDATA[<!DOCTYPE x [<!ENTITY a 'b'>]> &a;]]>"
    assert read_feed(RSS_OF % text, AT).title == "<!DOCTYPE x [<!ENTITY a 'b'>]> &a;"


def test_a_feed_of_5000_entries_with_broken_dates_takes_seconds() -> None:
    dates = (
        "yesterday",
        "31 February 2021",
        "",
        "0000-00-00",
        "30/02/2021",
        "1" * 500,
        "٣٠ نوفمبر",
    )
    items = "".join(
        f"<item><title>T{at}</title><link>/a/{at}</link><pubDate>{dates[at % 7]}</pubDate>"
        f"<description><![CDATA[{'<p>Some <b>text</b> of it.</p>' * 10}]]></description></item>"
        for at in range(5_000)
    )
    with at_most(20):
        feed = read_feed((RSS_OF % b"x").replace(b"</channel>", f"{items}</channel>".encode()), AT)
    assert len(feed.entries) == 5_000
    assert {each.published for each in feed.entries} <= {None, "2021"}
    assert feed.entries[-1].url == "https://news.example/a/4999"


def test_more_entries_than_are_taken_is_remarked() -> None:
    items = [{"url": f"/{at}"} for at in range(10_005)]
    feed = read_feed(json.dumps(JSON | {"items": items}).encode(), AT)
    assert len(feed.entries) == 10_000
    assert feed.remarks == ("Only the first 10,000 of its 10,005 entries were taken.",)


def test_titles_and_names_of_any_length_come_on_one_line() -> None:
    title, name = "long\n" * 9_000, "x" * 5_000
    item = f"<item><link>/a</link><title>{title}</title><author>{name}</author></item>"
    (entry,) = read_feed(f"<rss version='2.0'><channel>{item}</channel></rss>".encode(), AT).entries
    assert entry.title is not None
    assert "\n" not in entry.title
    assert len(entry.title) <= 8_000
    assert entry.authors == ()


# ---- sitemaps ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [SITEMAP, gzip.compress(SITEMAP), SITEMAP.decode().replace("UTF-8", "utf-16").encode("utf-16"),
     SITEMAP.replace(b"xmlns=", b"xmlns:s=").replace(b"<url", b"<s:url").replace(b"</url", b"</s:url")],
    ids=["xml", "gzip", "utf-16", "prefixed"],
)  # fmt: skip
def test_a_sitemap_names_its_pages(data: bytes) -> None:
    assert kind_of(data) == "sitemap"
    assert read_sitemap(data, AT) == Sitemap(PAGES, ())


def test_an_index_of_sitemaps_names_them() -> None:
    inner = ("https://news.example/s1.xml.gz", "https://news.example/feeds/s2.xml")
    assert read_sitemap(INDEX, AT) == Sitemap((), inner)


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_a_sitemap_may_be_lines_of_text(start: bytes) -> None:
    data = start + b"https://news.example/one\r\n\r\nhttp://news.example/two\n"
    assert kind_of(data, "text/plain") == "sitemap"
    assert [each.url for each in read_sitemap(data, AT).pages] == [
        "https://news.example/one",
        "http://news.example/two",
    ]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not every line"),
        (b"Some text\nof more lines", "not every line"),
        (RSS, "is no sitemap"),
        (SITEMAP[:400], "damaged"),
        (gzip.compress(SITEMAP)[:-20], "breaks off"),
        (b"\x1f\x8bnonsense", "damaged gzip"),
        (gzip.compress(bytes(60_000_000)), "more than 50 MB"),
        (b"<urlset>" + b"<a>" * 200_000, "damaged"),
    ],
    ids=["empty", "text", "rss", "cut", "cut gzip", "no gzip", "bomb", "nested"],
)
def test_what_is_no_sitemap_is_said_so(data: bytes, why: str) -> None:
    with pytest.raises(UnreadableSource, match=why):
        read_sitemap(data, AT)


@pytest.mark.parametrize("form", ["xml", "text"])
def test_a_sitemap_of_more_than_50000_pages_is_cut_with_a_remark(form: str) -> None:
    urls = [f"https://news.example/{at}" for at in range(50_005)]
    told = "".join(f"<url><loc>{url}</loc></url>" for url in urls)
    data = f"<urlset>{told}</urlset>" if form == "xml" else "\n".join(urls)
    found = read_sitemap(data.encode(), AT)
    assert (len(found.pages), found.pages[-1].url) == (50_000, urls[49_999])
    assert found.remarks == ("Only the first 50,000 of its addresses were taken.",)


# ---- both ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "media_type", "kind"),
    [
        (RSS, "text/html", "feed"), (ATOM, None, "feed"), (RSS1, None, "feed"), (RSS091, None, "feed"),
        (b"\xef\xbb\xbf \n" + RSS, None, "feed"), (RSS.decode().encode("utf-16"), None, "feed"),
        (b"<?xml-stylesheet href='a'?><!-- <html> --><atom:feed>", None, "feed"),
        (json.dumps(JSON).encode(), "application/json", "feed"), (b"{}", "application/feed+json", "feed"),
        (b"{}", "application/json", "page"), (INDEX, None, "sitemap"), (b"", None, "page"),
        (b"<!DOCTYPE html><html><body>&lt;rss&gt;<rss>", "text/html", "page"),
        (b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'>", "text/xml", "page"),
        (b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>", None, "page"),
        (b"Read https://news.example/ and then go\nhttps://news.example/two", "text/plain", "page"),
        (b"%PDF-1.7\n<rss>", None, "page"), (b"PK\x03\x04", None, "page"),
        (gzip.compress(b"a text"), None, "page"), (b"\x1f\x8b", None, "page"),
        (b"<!--" * 3_000, None, "page"), (b"<!" * 5_000, None, "page"), (b"<?x?>" * 3_000, None, "page"),
    ],
)  # fmt: skip
def test_bytes_are_a_feed_a_sitemap_or_a_page(
    data: bytes, media_type: str | None, kind: str
) -> None:
    assert kind_of(data, media_type) == kind


@pytest.mark.parametrize(
    "found", [read_feed(RSS, AT), read_sitemap(SITEMAP, AT), read_sitemap(INDEX, AT)]
)
def test_what_was_read_can_be_told_as_json(found: Feed | Sitemap) -> None:
    assert type(found).from_json(json.loads(json.dumps(asdict(found)))) == found


PIECES = st.sampled_from(
    [
        b"<rss version='2.0'>", b"<channel>", b"<item>", b"<link>/a</link>", b"<link href='//b'/>",
        b"<title>", b"</title>", b"<feed>", b"<entry>", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"&amp;",
        b"&a;", b"<urlset>", b"<url>", b"<loc>http://[</loc>", b"<loc>https://e.org/</loc>", b"</url>",
        b"<?xml version='1.0' encoding='utf-7'?>", b"<!DOCTYPE x>", b"\xff\xfe", b"\0", b"https://a.b/\n",
        b"<pubDate>1</pubDate>", b"<guid>http://[x</guid>", b'{"items": [{}],', b'"version": 1}',
    ]
)  # fmt: skip


@given(st.lists(PIECES | st.binary(max_size=8), max_size=20).map(b"".join))
def test_any_bytes_are_read_or_refused_with_a_reason(data: bytes) -> None:
    kind_of(data)
    for read in (read_feed, read_sitemap):
        try:
            found = read(data, AT)
        except UnreadableSource:
            pass
        else:
            addresses = [
                each.url for each in getattr(found, "entries", getattr(found, "pages", ()))
            ]
            assert all(each.startswith(("https://", "http://")) for each in addresses)
