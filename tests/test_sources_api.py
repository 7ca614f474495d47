"""web/intake.py and web/listing.py over a real socket: bringing sources in, and the library."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import HARBOUR, LIGHTHOUSE, TIDES, write
from serving import HOSTILE, opened, serving

from answer.assistant import Assistant
from ingest.add import Adding
from web.schema_sources import FacetsOut, LibraryOut, SourceItemOut, SourcesOut

PASSWD = {"path": "/etc/passwd", "orig_name": "a.txt", "meta": {"_type": "gradio.FileData"}}
ENDED = ("done", "already", "failed", "cancelled")


@dataclass
class Server:
    """A server over one corpus, that takes sources."""

    assistant: Assistant
    corpus: Path
    client: httpx.Client

    def send(self, *files: tuple[str, str | bytes], **headers: str) -> httpx.Response:
        parts = [("files", (name, data)) for name, data in files]
        return self.client.post("/api/sources", files=parts, headers=headers)

    def items(self) -> list[SourceItemOut]:
        return SourcesOut.model_validate(self.client.get("/api/sources").json()).items

    def ended(self, reply: httpx.Response) -> list[SourceItemOut]:
        """The items that a request made, once all have ended."""
        assert reply.status_code == 200, reply.text
        names = [item.id for item in SourcesOut.model_validate(reply.json()).items]
        end = time.monotonic() + 60
        while time.monotonic() < end:
            items = [item for item in self.items() if item.id in names]
            if all(item.state in ENDED for item in items):
                return items
            time.sleep(0.05)
        raise AssertionError(items)


@contextmanager
def coast(folder: Path) -> Iterator[Server]:
    """Three articles of a coast, one of them hostile, and a server that takes more."""
    corpus = folder / "corpus"
    write(corpus, "2021/harbour.md", HARBOUR)
    write(corpus, "2014/lighthouse.md", LIGHTHOUSE)
    write(corpus, "hostile.md", HOSTILE)
    assistant = opened(corpus, folder / "index")
    with (
        serving(assistant, adding=lambda: Adding(corpus)) as url,
        httpx.Client(base_url=url, timeout=30) as client,
    ):
        yield Server(assistant, corpus, client)
    assistant.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server whose queue is empty."""
    with coast(tmp_path) as server:
        yield server


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The same for tests that bring nothing in."""
    with coast(tmp_path_factory.mktemp("shelf")) as server:
        yield server


def error(reply: httpx.Response, status: int) -> str:
    assert reply.status_code == status, reply.text
    assert list(reply.json()) == ["error"]
    return str(reply.json()["error"])


def test_files_are_brought_in_one_by_one_and_can_be_asked_about(server: Server) -> None:
    reply = server.send(("tides.txt", TIDES), ("empty.txt", ""), ("harbour.md", HARBOUR))
    tides, empty, harbour = server.ended(reply)
    assert (tides.state, tides.articles[0].path) == ("done", "tides.txt")
    assert (empty.state, empty.reason) == (
        "failed",
        "It holds nothing (0 bytes); no text to index.",
    )
    assert (harbour.state, harbour.articles[0].path) == ("already", "2021/harbour.md")
    assert server.client.get(f"/api/articles/{tides.articles[0].sha256}").json()["text"] == TIDES
    asked = server.client.post("/api/ask", json={"question": "What pulls the sea?"}).json()
    assert asked["outcome"] == "answered"
    assert asked["citations"][0]["path"] == "tides.txt"


def test_the_queue_is_listed_in_the_order_in_which_sources_came(server: Server) -> None:
    server.ended(server.send(("a.txt", "The sea is cold.")))
    server.ended(server.send(("b.txt", "The sea is warm.")))
    assert [item.label for item in server.items()] == ["a.txt", "b.txt"]


def test_an_item_that_has_ended_stays_so_when_it_is_cancelled(server: Server) -> None:
    (item,) = server.ended(server.send(("a.txt", "The sea is cold.")))
    reply = server.client.delete(f"/api/sources/{item.id}")
    assert SourceItemOut.model_validate(reply.json()) == item
    assert "no such item" in error(server.client.delete(f"/api/sources/{'0' * 16}"), 404)
    assert server.client.delete("/api/sources/..").status_code in (404, 405)


@pytest.mark.parametrize(
    ("sent", "about"),
    [
        ({"address": "file:///etc/passwd"}, "not an address"),
        ({"address": "/etc/passwd"}, "not an address"),
        ({"address": "javascript:alert(1)"}, "not an address"),
        ({"address": ""}, "not an address"),
        ({"address": "https://a:b@example.org/"}, "password"),
        ({"address": 7}, "address"),
        ({"address": PASSWD}, "address"),
        ({}, "address"),
        ([], "JSON object"),
        ({"address": "https://example.org", "path": "/etc/passwd"}, "path"),
        ({"address": "https://example.org", "follow": "often"}, "follow"),
    ],
)
def test_what_is_no_address_is_refused_in_words(shelf: Server, sent: Any, about: str) -> None:
    assert about in error(shelf.client.post("/api/sources", json=sent), 400)
    assert shelf.items() == []


def test_an_address_of_this_machine_is_not_fetched(server: Server) -> None:
    url = f"{server.client.base_url}/healthz"
    (item,) = server.ended(server.client.post("/api/sources", json={"address": url}))
    assert (item.kind, item.state, item.label) == ("address", "failed", url)
    assert item.reason
    assert "inside Pincite" not in item.reason


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data; boundary=x", b"--x--\r\n"),
        ("multipart/form-data; boundary=x", b"no form at all"),
        ("multipart/form-data", b"--x\r\n"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="files"\r\n\r\n/etc/passwd\r\n--x--\r\n',
        ),
        ("text/plain", b'{"address": "https://example.org"}'),
        ("application/x-www-form-urlencoded", b"address=https://example.org"),
        ("application/json", b"{"),
        ("application/json", b"\xff\xfe"),
    ],
)
def test_a_body_without_a_file_is_refused(shelf: Server, kind: str, body: bytes) -> None:
    headers = {"content-type": kind}
    error(shelf.client.post("/api/sources", content=body, headers=headers), 400)
    assert shelf.items() == []


def test_the_page_of_another_site_can_neither_bring_in_nor_cancel_nor_remove(
    shelf: Server,
) -> None:
    for header in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        error(shelf.send(("a.txt", "The sea is cold."), **header), 403)
        error(shelf.client.delete(f"/api/sources/{'0' * 16}", headers=header), 403)
        gone = {"names": ["2021/harbour.md"], "yes": True}
        error(shelf.client.post("/api/remove", json=gone, headers=header), 403)
        error(shelf.client.get("/api/library", headers=header), 403) if "origin" in header else None
    assert shelf.items() == []
    assert (shelf.corpus / "2021/harbour.md").is_file()


def test_more_bytes_than_a_request_may_have_are_refused_before_they_are_sent(
    shelf: Server,
) -> None:
    url = shelf.client.base_url
    connection = http.client.HTTPConnection(url.host, url.port or 80, timeout=10)
    connection.putrequest("POST", "/api/sources")
    connection.putheader("Content-Type", "multipart/form-data; boundary=x")
    connection.putheader("Content-Length", "300000001")
    connection.endheaders()
    reply = connection.getresponse()
    assert (reply.status, b"300,000,000 bytes" in reply.read()) == (413, True)
    connection.close()
    error(shelf.client.post("/api/ask", content=b"x" * 1_000_001), 413)


def test_the_name_of_a_file_leads_nowhere(server: Server) -> None:
    for name in ("../../evil.md", "/etc/cron.d/evil.md", "C:\\evil.md"):
        (item,) = server.ended(
            server.send((name, LIGHTHOUSE.replace("Saarn", "Saarn " + name[:2])))
        )
        assert item.label == "evil.md"
    outside = {file.name for file in server.corpus.parent.iterdir()}
    assert outside == {"corpus", "index"}
    assert all(path.parent.parent == server.corpus for path in server.corpus.rglob("evil*.md"))


def test_many_files_of_one_request_are_refused_beyond_fifty(shelf: Server) -> None:
    many = [(f"{number}.txt", "The sea.") for number in range(51)]
    assert "50" in error(shelf.send(*many), 400)


def test_a_server_that_takes_no_sources_has_no_such_routes(tmp_path: Path) -> None:
    write(tmp_path / "corpus", "harbour.md", HARBOUR)
    assistant = opened(tmp_path / "corpus", tmp_path / "index")
    with serving(assistant) as url:
        assert httpx.post(f"{url}/api/sources", json={}).status_code in (404, 405)
        assert httpx.get(f"{url}/api/sources").status_code == 404
        assert httpx.post(f"{url}/api/remove", json={"names": []}).status_code in (404, 405)
        assert httpx.get(f"{url}/api/library").json()["total"] == 1
    assistant.close()


# ---- the library ---------------------------------------------------------------------------------


def library(server: Server, **asked: Any) -> tuple[int, list[str]]:
    reply = server.client.get("/api/library", params=asked)
    assert reply.status_code == 200, reply.text
    found = LibraryOut.model_validate(reply.json())
    return found.total, [one.path for one in found.articles]


def test_the_library_is_searched_narrowed_sorted_and_paged(shelf: Server) -> None:
    assert library(shelf, sort="path", descending=False) == (
        3,
        ["2014/lighthouse.md", "2021/harbour.md", "hostile.md"],
    )
    assert library(shelf, sort="published")[1][0] == "2021/harbour.md"
    assert library(shelf, q="KEEPER lighthouse") == (1, ["2014/lighthouse.md"])
    assert library(shelf, publisher="Coast Gazette") == (1, ["2021/harbour.md"])
    assert library(shelf, until="2014", language="en") == (1, ["2014/lighthouse.md"])
    assert library(shelf, sort="path", descending=False, limit=1, offset=1) == (
        3,
        ["2021/harbour.md"],
    )
    assert library(shelf, offset=2**31 - 1)[1] == []


def test_an_article_that_was_brought_in_is_the_first_of_the_library(server: Server) -> None:
    server.ended(server.send(("tides.txt", TIDES)))
    total, paths = library(server, sort="indexed")
    assert total == 4
    assert "tides.txt" in paths


@pytest.mark.parametrize(
    "asked",
    [
        {"sort": "sha256"}, {"sort": "path; DROP TABLE articles"}, {"limit": 0}, {"limit": 201},
        {"offset": -1}, {"offset": 10**30}, {"since": "yesterday"},
        {"since": "2021", "until": "2014"}, {"publisher": "x" * 501}, {"descending": "perhaps"},
    ],
)  # fmt: skip
def test_a_page_that_cannot_be_is_refused_in_words(shelf: Server, asked: Any) -> None:
    assert error(shelf.client.get("/api/library", params=asked), 400)


def test_facets_count_what_the_library_can_be_narrowed_by(shelf: Server) -> None:
    facets = FacetsOut.model_validate(shelf.client.get("/api/facets").json())
    assert (facets.articles, facets.first, facets.last) == (3, "2014-07", "2021-11-30")
    assert {one.name: one.articles for one in facets.publishers} == {
        "Coast Gazette": 1,
        "Island Review": 1,
        "<b>{{value}}</b>": 1,
    }
    assert ("en", 2) in [(one.name, one.articles) for one in facets.languages]


def test_every_operation_of_the_library_is_documented(shelf: Server) -> None:
    openapi = shelf.client.get("/openapi.json").json()
    paths = {"/api/sources", "/api/sources/{name}", "/api/library", "/api/facets"}
    assert paths < set(openapi["paths"])
    for path in paths:
        for one in openapi["paths"][path].values():
            assert one["summary"], path
            assert one["description"], path
            replied = one["responses"]["200"]["content"]["application/json"]
            assert replied["schema"]["$ref"], path
    body = openapi["paths"]["/api/sources"]["post"]["requestBody"]["content"]
    assert set(body) == {"application/json", "multipart/form-data"}
    page = shelf.client.get("/api/docs").text
    assert "POST /api/sources" in page
    assert "<code>follow</code>" in page
