"""web/originals.py over a real socket: what is handed out as what, and what is not handed out."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx
import pytest
from conftest import write
from serving import opened, serving

from answer.assistant import Assistant
from ingest import originals
from ingest.article import Span
from ingest.locator import Locator
from web import conversation
from web.originals import original_link

PDF = b"%PDF-1.4\n%%EOF\n"
HTML = b"<script>alert(document.cookie)</script>"
REPORT = """\
---
title: The dredging of Kallo
source: letters.zip
source_part: kallo.pdf
source_sha256: {}
---

<!-- page 3 -->

The board hired two dredgers in 1974.
"""
HIRED = "The board hired two dredgers in 1974."


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Assistant, dict[str, str]]]:
    """An assistant whose corpus keeps a PDF and a page of HTML, and the sha256 of each."""
    folder = tmp_path_factory.mktemp("originals")
    corpus = folder / "corpus"
    names = {suffix: originals.keep(corpus, data, suffix) for suffix, data in
             ((".pdf", PDF), (".html", HTML), ("", b"a text"))}  # fmt: skip
    write(corpus, "kallo.md", REPORT.format(names[".pdf"]))
    write(corpus, "page.md", REPORT.format(names[".html"]))
    write(corpus, "lost.md", REPORT.format("0" * 64))
    write(corpus, "odd.md", REPORT.format("../../etc/passwd"))
    assistant = opened(corpus, folder / "index")
    yield assistant, names
    assistant.close()


@pytest.fixture(scope="module")
def client(kept: tuple[Assistant, dict[str, str]]) -> Iterator[httpx.Client]:
    with serving(kept[0]) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def names(kept: tuple[Assistant, dict[str, str]]) -> dict[str, str]:
    return kept[1]


def test_a_pdf_is_shown_by_the_browser_s_viewer_and_may_do_nothing(
    client: httpx.Client, names: dict[str, str]
) -> None:
    reply = client.get(f"/originals/{names['.pdf']}")
    assert (reply.status_code, reply.content) == (200, PDF)
    assert reply.headers["content-type"] == "application/pdf"
    assert reply.headers["content-disposition"].startswith("inline")
    assert reply.headers["x-content-type-options"] == "nosniff"
    policy = reply.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy


@pytest.mark.parametrize("suffix", [".html", ""])
def test_anything_else_is_a_download_that_no_browser_renders(
    client: httpx.Client, names: dict[str, str], suffix: str
) -> None:
    reply = client.get(f"/originals/{names[suffix]}")
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "application/octet-stream"
    assert reply.headers["content-disposition"].startswith("attachment")
    assert reply.headers["x-content-type-options"] == "nosniff"
    policy = reply.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy


def test_a_part_of_a_large_original_can_be_asked_for(
    client: httpx.Client, names: dict[str, str]
) -> None:
    reply = client.get(f"/originals/{names['.pdf']}", headers={"Range": "bytes=0-4"})
    assert (reply.status_code, reply.content) == (206, b"%PDF-")
    assert "content-security-policy" in reply.headers


@pytest.mark.parametrize(
    "name",
    ["0" * 64, "0" * 63, "F" * 64, "..%2fledger.sqlite", "../ledger.sqlite", "%2e%2e/ledger.sqlite",
     "ledger.sqlite", "ab/" + "0" * 64, "0" * 64 + ".pdf", "0" * 64 + "%00", "", "0" * 64 + "/"],
)  # fmt: skip
def test_no_other_name_names_anything(client: httpx.Client, name: str) -> None:
    reply = client.get(f"/originals/{name}", follow_redirects=True)
    assert reply.status_code == 404
    assert list(reply.json()) == ["error"]


def test_what_lies_there_by_a_link_is_not_handed_out(
    client: httpx.Client, kept: tuple[Assistant, dict[str, str]], tmp_path: Path
) -> None:
    folder = Path(kept[0].original(kept[1][".pdf"]) or "").parents[1]
    secret, name = write(tmp_path, "secret.txt", "a secret"), "ee" * 32
    (folder / name[:2]).mkdir(exist_ok=True)
    (folder / name[:2] / name).symlink_to(secret)
    assert client.get(f"/originals/{name}").status_code == 404


def test_another_name_of_this_machine_gets_no_original(
    client: httpx.Client, names: dict[str, str]
) -> None:
    reply = client.get(f"/originals/{names['.pdf']}", headers={"Host": "evil.example"})
    assert reply.status_code == 421


def test_the_evidence_links_an_original_that_is_kept_at_its_page(
    kept: tuple[Assistant, dict[str, str]],
) -> None:
    assistant, names = kept
    shown = {}
    for found in assistant.search("dredgers in 1974", k=10):
        place = f"{found.passage.article_sha256[:16]}:{found.passage.chars.start}-"
        html = conversation.evidence(assistant, place + str(found.passage.chars.end)) or ""
        shown[found.passage.path] = unescape(html)
        assert "from kallo.pdf" in html
    assert f'href="/originals/{names[".pdf"]}#page=3"' in shown["kallo.md"]
    assert "original, p. 3</a>" in shown["kallo.md"]
    assert f'href="/originals/{names[".html"]}"' in shown["page.md"]
    assert "original</a>" in shown["page.md"]
    assert "/originals/" not in shown["lost.md"] + shown["odd.md"]


def test_a_link_leads_to_a_page_only_where_one_is_named(
    kept: tuple[Assistant, dict[str, str]],
) -> None:
    assistant, names = kept
    found = assistant.search("dredgers in 1974", k=10)
    sha256 = next(h.passage.article_sha256 for h in found if h.passage.path == "kallo.md")
    article = assistant.article(sha256)
    assert article is not None
    assert original_link(assistant, article) == f"/originals/{names['.pdf']}"
    time = Locator("time", "0:00:07", "0:00:07")
    assert original_link(assistant, article, time) == f"/originals/{names['.pdf']}"


def test_an_article_names_the_part_of_its_source(client: httpx.Client) -> None:
    found = client.get("/api/search", params={"q": "dredgers in 1974"}).json()["passages"][0]
    article = client.get(f"/api/articles/{found['article_sha256']}").json()
    assert (article["source"], article["source_part"]) == ("letters.zip", "kallo.pdf")
    assert Span(*found["chars"]).of(article["text"]) == HIRED
