"""Addresses into the corpus: pages, feeds and sitemaps of a site on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from site_server import Act, Request, Send, Site, answer, moved, site

from ingest import originals
from ingest.add import Adding, AddReport, Step
from ingest.again import reconvert
from ingest.errors import IngestStopped
from ingest.fetch import FetchSettings
from ingest.read import read_article

LOOPBACK = FetchSettings(allow_private=True, per_host_seconds=0.0, silence_seconds=5.0)


def page(title: str, text: str, date: str = "2021-11-30") -> bytes:
    return (
        f"<!DOCTYPE html><html lang=en><head><title>{title}</title>"
        f'<meta property="article:published_time" content="{date}"></head><body>'
        "<nav><a href=/>Home</a></nav><article>"
        f"<h1>{title}</h1>" + f"<p>{text}</p>" * 1 + "</article></body></html>"
    ).encode()


HARBOUR = (
    "The harbour at Kallo was deepened in 1974. Two dredgers worked there for nine months, and the "
    "mud was taken out to sea. The council had voted for it three times before the work began."
)
LIGHTHOUSE = (
    "The lighthouse on Saarn has had no keeper since 1998. Its lamp is watched from the mainland, "
    "and visitors may climb its 142 steps in summer, when the harbour master holds the key."
)


def feed(url: str, *names: str) -> bytes:
    items = "".join(
        f"<item><title>{name}</title><link>{url}/{name}</link></item>" for name in names
    )
    return (
        f"<?xml version='1.0'?><rss version='2.0'><channel><title>Coast Gazette</title>"
        f"{items}</channel></rss>"
    ).encode()


@pytest.fixture
def coast() -> Iterator[Site]:
    acts = {
        "/harbour": answer(page("The harbour", HARBOUR), ETag='"1"'),
        "/lighthouse": answer(page("The lighthouse", LIGHTHOUSE)),
    }
    with site(acts) as running:
        yield running


@pytest.fixture
def pages(coast: Site) -> dict[str, Act]:
    """What the site answers; a test may change it while the site runs."""
    return coast.acts


@pytest.fixture
def adding(tmp_path: Path) -> Iterator[Adding]:
    with Adding(tmp_path / "corpus", fetch=LOOPBACK) as adding:
        yield adding


def told(report: AddReport) -> dict[str, list[str]]:
    kinds = ("added", "changed", "already", "skipped")
    return {
        kind: [what for _, what in getattr(report, kind)] for kind in kinds if getattr(report, kind)
    }


def test_a_page_becomes_an_article_with_its_address(adding: Adding, coast: Site) -> None:
    report = adding.take(f"{coast.url}/harbour#comments")
    assert told(report) == {"added": ["2021/The-harbour.md"]}
    article = read_article(adding.corpus, adding.corpus / "2021/The-harbour.md")
    assert (article.title, article.published) == ("The harbour", "2021-11-30")
    assert article.url == article.source == f"{coast.url}/harbour"
    assert article.accessed is not None
    assert article.text[article.body.start :].strip() == HARBOUR
    original = originals.find(adding.corpus, article.source_sha256 or "")
    assert original is not None
    assert original.read_bytes() == page("The harbour", HARBOUR)


def test_a_page_is_asked_only_whether_it_has_changed(
    adding: Adding, coast: Site, pages: dict[str, Act]
) -> None:
    adding.take(f"{coast.url}/harbour")

    def unchanged(request: Request, send: Send) -> None:
        assert request.headers["if-none-match"] == '"1"'
        answer(status="304 Not Modified")(request, send)

    pages["/harbour"] = unchanged
    assert told(adding.take(f"{coast.url}/harbour")) == {"already": ["2021/The-harbour.md"]}


def test_a_corrected_page_is_a_new_version_of_its_article(
    adding: Adding, coast: Site, pages: dict[str, Act]
) -> None:
    adding.take(f"{coast.url}/harbour")
    pages["/harbour"] = answer(page("The harbour", HARBOUR.replace("Two", "Three")))
    assert told(adding.take(f"{coast.url}/harbour")) == {"changed": ["2021/The-harbour.md"]}
    assert "Three dredgers" in (adding.corpus / "2021/The-harbour.md").read_text()


def test_a_redirect_leads_to_the_same_article(
    adding: Adding, coast: Site, pages: dict[str, Act]
) -> None:
    pages["/old"] = moved("/harbour")
    adding.take(f"{coast.url}/harbour")
    assert told(adding.take(f"{coast.url}/old")) == {"already": ["2021/The-harbour.md"]}


def test_a_feed_brings_in_what_is_not_there_yet(
    adding: Adding, coast: Site, pages: dict[str, Act]
) -> None:
    pages["/feed"] = answer(feed(coast.url, "harbour"), Content_Type="application/rss+xml")
    assert told(adding.take(f"{coast.url}/feed", follow=True)) == {"added": ["2021/The-harbour.md"]}
    pages["/feed"] = answer(feed(coast.url, "lighthouse", "harbour", "gone"))
    report = adding.update_feeds()
    assert told(report)["added"] == ["2021/The-lighthouse.md"]
    assert told(report)["already"] == ["2021/The-harbour.md"]
    assert "404" in told(report)["skipped"][0]
    assert coast.targets.count("/harbour") == 1
    (followed,) = adding.ledger.feeds()
    assert (followed.title, followed.error) == ("Coast Gazette", None)


def test_what_was_removed_does_not_come_back_with_its_feed(
    adding: Adding, coast: Site, pages: dict[str, Act]
) -> None:
    pages["/feed"] = answer(feed(coast.url, "harbour"))
    adding.take(f"{coast.url}/feed", follow=True)
    (adding.corpus / "2021/The-harbour.md").unlink()
    adding.ledger.forget(["2021/The-harbour.md"])
    assert told(adding.update_feeds()) == {}
    assert told(adding.take(f"{coast.url}/harbour")) == {"added": ["2021/The-harbour.md"]}


def test_a_feed_that_fails_is_remembered_with_the_reason(
    adding: Adding, coast: Site, pages: dict[str, Act]
) -> None:
    pages["/feed"] = answer(feed(coast.url, "harbour"))
    adding.take(f"{coast.url}/feed", follow=True)
    pages["/feed"] = answer(status="500 Internal Server Error")
    assert not adding.update_feeds().ok
    (followed,) = adding.ledger.feeds()
    assert followed.title == "Coast Gazette"
    assert "500" in (followed.error or "")


def test_only_a_feed_can_be_followed(adding: Adding, coast: Site) -> None:
    report = adding.take(f"{coast.url}/harbour", follow=True)
    assert "no feed" in told(report)["skipped"][0]
    assert adding.ledger.feeds() == ()


def test_a_feed_whose_pages_fail_gives_its_own_text(
    adding: Adding, coast: Site, pages: dict[str, Act]
) -> None:
    text = "&lt;p&gt;" + (HARBOUR + " ") * 3 + "&lt;/p&gt;"
    pages["/feed"] = answer(
        feed(coast.url, "gone").replace(
            b"</item>", f"<description>{text}</description></item>".encode()
        )
    )
    report = adding.take(f"{coast.url}/feed")
    assert told(report) == {"added": ["gone.md"]}
    assert "the feed's own text" in report.remarks[0][1]


def test_a_site_that_fails_five_times_is_left_for_later(
    adding: Adding, coast: Site, pages: dict[str, Act]
) -> None:
    pages["/feed"] = answer(feed(coast.url, *(f"gone-{n}" for n in range(50))))
    report = adding.take(f"{coast.url}/feed")
    assert len(report.skipped) == 5
    assert "run it again" in report.remarks[-1][1]


def test_a_sitemap_and_those_that_it_names_bring_in_their_pages(
    adding: Adding, coast: Site, pages: dict[str, Act]
) -> None:
    inner = f"<urlset><url><loc>{coast.url}/harbour</loc></url></urlset>"
    pages["/inner.xml"] = answer(inner.encode(), Content_Type="application/xml")
    outer = f"<sitemapindex><sitemap><loc>{coast.url}/inner.xml</loc></sitemap></sitemapindex>"
    pages["/sitemap.xml"] = answer(outer.encode(), Content_Type="application/xml")
    report = adding.take(f"{coast.url}/sitemap.xml")
    assert told(report) == {"added": ["2021/The-harbour.md"]}


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("/nothing", "404"),
        ("/bomb.xml", "entit"),
        ("ftp://example.org/a", "http"),
        ("http://user:secret@127.0.0.1/a", "password"),
        ("http://", "address"),
    ],
)
def test_an_address_that_gives_nothing_says_why(
    adding: Adding, coast: Site, pages: dict[str, Act], address: str, reason: str
) -> None:
    bomb = b"<!DOCTYPE rss [<!ENTITY a 'aaaa'>]><rss><channel><title>&a;</title></channel></rss>"
    pages["/bomb.xml"] = answer(bomb, Content_Type="application/rss+xml")
    report = adding.take(coast.url + address if address.startswith("/") else address)
    ((source, why),) = report.skipped
    assert reason in why
    assert not why.startswith(source)
    assert not (adding.corpus / "2021").exists()


def test_private_addresses_need_the_setting(tmp_path: Path, coast: Site) -> None:
    guarded = replace(LOOPBACK, allow_private=False)
    with Adding(tmp_path / "corpus", fetch=guarded) as adding:
        report = adding.take(f"{coast.url}/harbour")
    assert not report.ok
    assert coast.targets == []
    assert not (tmp_path / "corpus").exists()


def test_what_is_told_of_a_step_can_stop_it(adding: Adding, coast: Site) -> None:
    def stop(step: Step) -> None:
        raise IngestStopped("enough")

    with pytest.raises(IngestStopped):
        adding.take(f"{coast.url}/harbour", seen=stop)
    assert told(adding.take(f"{coast.url}/harbour")) == {"added": ["2021/The-harbour.md"]}


def test_originals_convert_again_to_the_same_text(adding: Adding, coast: Site) -> None:
    adding.take(f"{coast.url}/harbour")
    adding.take(f"{coast.url}/lighthouse")
    assert [one.outcome for one in reconvert(adding)] == ["same", "same"]
    file = adding.corpus / "2021/The-harbour.md"
    file.write_text(file.read_text().replace("Two", "My"))
    outcomes = {one.path: one.outcome for one in reconvert(adding, write=True)}
    assert outcomes["2021/The-harbour.md"] == "edited"
    assert "My dredgers" in file.read_text()


def test_an_article_that_reads_otherwise_now_is_replaced_where_it_is_asked(
    adding: Adding, coast: Site
) -> None:
    adding.take(f"{coast.url}/harbour")
    path = "2021/The-harbour.md"
    file = adding.corpus / path
    older = file.read_text().replace("Two dredgers", "2 dredgers")  # as an older version read it
    file.write_text(older)
    made = adding.ledger.made(path)
    assert made is not None
    sha256 = read_article(adding.corpus, file).sha256
    adding.ledger.record(replace(made, file_sha256=sha256))
    assert [one.outcome for one in reconvert(adding, [path])] == ["differs"]
    assert file.read_text() == older
    assert [one.outcome for one in reconvert(adding, [path], write=True)] == ["replaced"]
    assert "Two dredgers" in file.read_text()
    assert [one.outcome for one in reconvert(adding, [path])] == ["same"]


def test_an_original_that_is_gone_is_said(adding: Adding, coast: Site) -> None:
    adding.take(f"{coast.url}/harbour")
    made = adding.ledger.made("2021/The-harbour.md")
    assert made is not None
    originals.remove(adding.corpus, made.source_sha256)
    (one,) = reconvert(adding)
    assert (one.outcome, one.reason) == ("missing", "its original is gone.")
