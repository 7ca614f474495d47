"""web/api.py, web/guard.py, web/schema.py over a real socket: what a program, or an attacker, sees."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import HARBOUR, LIGHTHOUSE, write
from serving import HOSTILE, opened, serving

from answer.assistant import Assistant, open_assistant
from answer.settings import Settings
from index.build import Progress
from index.catalog import Catalog
from index.embed import HashedEmbedder
from index.owner import OwnerInfo
from index.vectors import VectorStore
from web.client import OwnerClient
from web.docs import docs_html
from web.schema import AnswerOut, ArticleOut, BuildOut, FoundOut

TOKEN = "a-token-for-the-owner"
QUESTION = "When was the harbour at Kallo deepened?"
PASSWD = {"path": "/etc/passwd", "orig_name": "a.txt", "meta": {"_type": "gradio.FileData"}}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """Two articles of a coast, and a hostile one."""
    folder = tmp_path_factory.mktemp("api")
    write(folder / "corpus", "harbour.md", HARBOUR)
    write(folder / "corpus", "lighthouse.md", LIGHTHOUSE)
    write(folder / "corpus", "hostile.md", HOSTILE)
    assistant = opened(folder / "corpus", folder / "index")
    yield assistant
    assistant.close()


@pytest.fixture(scope="module")
def gradio_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder, empty at first, into which Gradio copies the files that it will hand out."""
    folder = tmp_path_factory.mktemp("gradio")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(folder))
        yield folder


@pytest.fixture(scope="module")
def address(assistant: Assistant, gradio_files: Path) -> Iterator[str]:
    with serving(assistant, token=TOKEN) as url:
        yield url


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=30) as client:
        yield client


def error(reply: httpx.Response, status: int) -> str:
    """The message of a refusal, which is one JSON object with nothing else in it."""
    assert reply.status_code == status, reply.text
    assert list(reply.json()) == ["error"]
    assert "Traceback" not in reply.text
    return str(reply.json()["error"])


def test_an_answer_is_the_contract_and_nothing_else(
    client: httpx.Client, assistant: Assistant
) -> None:
    reply = client.post("/api/ask", json={"question": QUESTION})
    assert reply.status_code == 200
    assert reply.json() == json.loads(json.dumps(assistant.ask(QUESTION).to_json()))
    answer = AnswerOut.model_validate(reply.json())
    assert answer.outcome == "answered"
    assert "1974" in answer.citations[0].quote


def test_a_citation_can_be_checked_against_the_article_that_it_names(client: httpx.Client) -> None:
    cited = client.post("/api/ask", json={"question": QUESTION}).json()["citations"][0]
    article = client.get(f"/api/articles/{cited['article_sha256']}").json()
    ArticleOut.model_validate(article)
    start, end = cited["chars"]
    assert article["text"][start:end] == cited["quote"]
    first, last = cited["bytes"]
    assert article["text"].encode("utf-8")[first:last].decode("utf-8") == cited["quote"]
    assert client.get(f"/api/articles/{cited['article_sha256'][:16]}").json() == article


@pytest.mark.parametrize("name", ["0" * 64, "nonsense", "..%2f..%2fetc%2fpasswd", "0" * 10_000])
def test_an_article_that_never_was_is_not_found(client: httpx.Client, name: str) -> None:
    error(client.get(f"/api/articles/{name}"), 404)


def test_filters_narrow_an_answer(client: httpx.Client) -> None:
    asked = {"question": QUESTION, "filters": {"until": "2014"}}
    passages = client.post("/api/ask", json=asked).json()["passages"]
    assert {passage["path"] for passage in passages} == {"lighthouse.md"}


def test_search_finds_passages_and_takes_the_same_filters(client: httpx.Client) -> None:
    found = client.get("/api/search", params={"q": "harbour", "k": 2}).json()
    FoundOut.model_validate(found)
    assert found["question"] == "harbour"
    assert found["passages"][0]["path"] == "harbour.md"
    narrowed = {"q": "harbour", "publisher": ["Island Review"], "language": "en", "since": "2014"}
    found = client.get("/api/search", params=narrowed).json()
    assert {passage["path"] for passage in found["passages"]} == {"lighthouse.md"}


@pytest.mark.parametrize(
    ("asked", "about"),
    [
        ({"question": ""}, "empty"),
        ({"question": "?!…"}, "no words"),
        ({"question": "a" * 100_000}, "100,000 characters"),
        ({"question": None}, "question"),
        ({"question": 7}, "question"),
        ({}, "question"),
        ([], "JSON object"),
        ({"question": "a", "k": 0}, "k has to be"),
        ({"question": "a", "k": "many"}, "k"),
        ({"question": "a", "filters": {"since": "soon"}}, "not a date"),
        ({"question": "a", "filters": {"since": "2021", "until": "2020"}}, "wrong way round"),
        ({"question": "a", "filters": {"publishers": "x" * 9}}, "publishers"),
        ({"question": "a", "filters": {"tags": ["x"]}}, "tags"),
        ({"question": "a", "history": [{"role": "assistant"}]}, "history"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_in_words(
    client: httpx.Client, asked: Any, about: str
) -> None:
    assert about in error(client.post("/api/ask", json=asked), 400)


def test_a_body_that_is_not_json_is_refused(client: httpx.Client) -> None:
    for body in (b"{", b"\xff\xfe", b""):
        headers = {"content-type": "application/json"}
        error(client.post("/api/ask", content=body, headers=headers), 400)


def test_a_form_of_another_site_cannot_ask(client: httpx.Client) -> None:
    as_text = {"content-type": "text/plain"}
    error(client.post("/api/ask", content='{"question": "a"}', headers=as_text), 400)
    for header in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        error(client.post("/api/ask", json={"question": "a"}, headers=header), 403)
        error(client.post("/gradio_api/queue/join", json={}, headers=header), 403)


def test_another_site_cannot_make_the_server_work_hard(client: httpx.Client) -> None:
    for path in ("/api/verify", "/api/answers?article=a.md", "/api/search?q=a"):
        error(client.get(path, headers={"sec-fetch-site": "cross-site"}), 403)
        assert client.get(path, headers={"sec-fetch-site": "same-origin"}).status_code == 200


def test_a_name_that_is_not_this_machines_is_not_answered(client: httpx.Client) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "", "[::"):
        error(client.get("/healthz", headers={"host": host}), 421)
    for host in ("localhost:7860", "127.0.0.1", "[::1]:80", "pincite.localhost"):
        assert client.get("/healthz", headers={"host": host}).status_code == 200


def test_a_body_of_two_megabytes_is_refused(client: httpx.Client) -> None:
    error(client.post("/api/ask", content=b"x" * 2_000_000), 413)


def test_ingest_needs_the_token(client: httpx.Client) -> None:
    error(client.post("/api/ingest", json={}), 403)
    error(client.post("/api/ingest", json={}, headers={"x-pincite-token": "é".encode()}), 403)
    reply = client.post("/api/ingest", json={}, headers={"x-pincite-token": TOKEN})
    report = BuildOut.model_validate(reply.json())
    assert (report.unchanged, report.added, report.skipped) == (3, 0, [])


def test_two_commands_that_ask_for_an_ingest_at_once_both_get_one(tmp_path: Path) -> None:
    write(tmp_path / "corpus", "harbour.md", HARBOUR)
    assistant = open_assistant(Settings(tmp_path / "corpus", tmp_path / "index", "hashed"))
    begun, may_end = threading.Event(), threading.Event()

    def slowly(_: Progress) -> None:
        begun.set()
        may_end.wait(20)

    with serving(assistant, token=TOKEN) as url, ThreadPoolExecutor() as pool:
        first = pool.submit(assistant.ingest, slowly)  # as the server does when it starts
        assert begun.wait(20)
        owner = OwnerClient(OwnerInfo(os.getpid(), "serve", url, TOKEN, "now"))
        asked = [pool.submit(owner.ingest) for _ in range(3)]
        assert not wait(asked, 1.0).done
        may_end.set()
        assert first.result(20).added == 1
        assert [future.result(20)["unchanged"] for future in asked] == [1, 1, 1]
    assistant.close()


def test_without_a_token_there_is_no_way_to_ingest(assistant: Assistant) -> None:
    with serving(assistant) as url:
        assert httpx.post(f"{url}/api/ingest", json={}).status_code in (404, 405)


def test_health_is_answered_while_the_model_loads(tmp_path: Path) -> None:
    may_load = threading.Event()

    class Slow(HashedEmbedder):
        loaded = False

        def load(self) -> None:
            may_load.wait(20)
            self.loaded = True

    index, embedder = tmp_path / "index", Slow()
    settings = Settings(corpus=tmp_path, index=index, embedder="hashed")
    catalog, vectors = Catalog(index), VectorStore(index, embedder.name, embedder.dimension)
    assistant = Assistant(settings, catalog, vectors, embedder)
    with serving(assistant) as url:
        health = httpx.get(f"{url}/healthz").json()
        assert health == {"status": "ok", "articles": 0, "model": "loading"}
        may_load.set()
        while httpx.get(f"{url}/healthz").json()["model"] != "loaded":
            pass
    assistant.close()


def test_every_reply_carries_the_security_headers(client: httpx.Client) -> None:
    for path in ("/", "/healthz", "/api/docs", "/config", "/nowhere", "/api/articles/none"):
        headers = client.get(path).headers
        assert "default-src 'self'" in headers["content-security-policy"], path
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in headers


def test_the_documentation_needs_nothing_from_elsewhere(client: httpx.Client) -> None:
    page = client.get("/api/docs").text
    assert "POST /api/ask" in page
    assert "GET /api/search" in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "").replace("http://127.0.0.1", "")
    assert client.get("/openapi.json").json()["openapi"].startswith("3.")
    assert client.get("/docs").status_code == client.get("/redoc").status_code == 404


def test_every_operation_is_described(client: httpx.Client) -> None:
    openapi = client.get("/openapi.json").json()
    operations = [one for path in openapi["paths"].values() for one in path.values()]
    assert all(one.get("description") and one.get("summary") for one in operations)
    assert set(openapi["paths"]) == {
        "/api/ask",
        "/api/search",
        "/api/check",
        "/api/review",
        "/api/verify",
        "/api/answers",
        "/api/answers/{name}",
        "/api/answers/{name}/verify",
        "/api/answers/{name}/export/{style}",
        "/api/articles/{sha256}",
        "/api/library",
        "/api/facets",
        "/api/history",
        "/api/ingest",
        "/originals/{sha256}",
        "/healthz",
    }
    files = openapi["paths"]["/api/answers/{name}/export/{style}"]["get"]
    for one in operations:
        replied = one["responses"]["200"]["content"]
        is_file = one in (files, openapi["paths"]["/originals/{sha256}"]["get"])
        assert is_file or replied["application/json"]["schema"]["$ref"], one["summary"]
    assert len(files["responses"]["200"]["content"]) == 7
    assert docs_html(openapi).count("<h2>") == len(operations)


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file/etc/passwd",
        "/file=/etc/passwd",
        "/gradio_api/proxy=https://evil.example/",
        "/gradio_api/stream/a/b/c/playlist.m3u8",
        "/gradio_api/custom_component/1/client/component/..%2f..%2fetc%2fpasswd",
        "/gradio_api/vibe-code",
        "/gradio_api/runs",
        "/gradio_api/deep_link",
        "/monitoring",
        "/static/../../../../../../etc/passwd",
        "/static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/assets/..%2f..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
        "//etc/passwd",
    ],
)
def test_addresses_that_nothing_here_needs_hold_nothing(client: httpx.Client, path: str) -> None:
    reply = client.get(path)
    assert reply.status_code in (400, 403, 404), path
    assert "root:" not in reply.text


def test_nothing_can_be_uploaded(client: httpx.Client) -> None:
    files = {"files": ("a.html", b"<script>1</script>", "text/html")}
    for path in ("/gradio_api/upload", "/upload", "/gradio_api/process_recording"):
        assert client.post(path, files=files).status_code == 404


def queued(client: httpx.Client, fn_index: int, data: list[Any]) -> str:
    """Everything that one event of the page replies to these inputs."""
    session = f"session{fn_index}"
    asked = {"data": data, "fn_index": fn_index, "session_hash": session, "event_data": None}
    json_type = {"content-type": "application/json"}
    joined = client.post("/gradio_api/queue/join", content=json.dumps(asked), headers=json_type)
    if joined.status_code != 200:
        return joined.text
    said = ""
    query = {"session_hash": session}
    with client.stream("GET", "/gradio_api/queue/data", params=query) as stream:
        for line in stream.iter_lines():
            said += line + "\n"
            if "process_completed" in line or "close_stream" in line or "unexpected" in line:
                break
    return said


def events(client: httpx.Client) -> list[tuple[int, int]]:
    """Each event of the page: its number and how many inputs it takes."""
    config = client.get("/config").json()
    return [(event["id"], len(event["inputs"])) for event in config["dependencies"]]


@pytest.mark.parametrize("shape", ["bare", "list", "chat", "messages", "nested"])
def test_a_forged_file_payload_gets_nothing(
    client: httpx.Client, gradio_files: Path, shape: str
) -> None:
    payload: Any = {
        "bare": PASSWD,
        "list": [PASSWD],
        "chat": [[PASSWD, PASSWD]],
        "messages": [{"role": "user", "content": {"file": PASSWD, "type": "file"}}],
        "nested": {"text": "q", "files": [PASSWD], "value": {"x": PASSWD}},
    }[shape]
    for number, inputs in events(client):
        said = queued(client, number, [payload] * inputs)
        assert "root:" not in said
        assert "file=" not in said
    assert not [file for file in gradio_files.rglob("*") if file.is_file()]


def test_a_forged_file_payload_to_the_evidence_gets_nothing(client: httpx.Client) -> None:
    components = client.get("/config").json()["components"]
    evidence = next(one for one in components if one["props"].get("elem_id") == "evidence")
    for data in (PASSWD, [PASSWD, [PASSWD]], ["/etc/passwd", []], [["a"], {}], None, 7, "x" * 9999):
        asked = {
            "session_hash": "s",
            "component_id": evidence["id"],
            "fn_name": "evidence",
            "data": data,
        }
        reply = client.post("/gradio_api/component_server", json=asked)
        assert "root:" not in reply.text
        assert reply.status_code in (400, 403) or reply.json() is None, reply.text


def test_the_page_checks_files_although_it_is_mounted(assistant: Assistant) -> None:
    from fastapi import FastAPI

    from web.chat import mount_page

    app = FastAPI()
    mount_page(app, assistant)
    mounted = [route.app for route in app.routes if hasattr(getattr(route, "app", None), "blocks")]
    assert mounted
    assert all(gradio.blocks.has_launched for gradio in mounted)


def test_events_take_anything_and_answer_in_words(client: httpx.Client) -> None:
    for number, inputs in events(client):
        for junk in (None, 7, "x" * 3000, ["a", {}], {"a": 1}, "\ud800"):
            said = queued(client, number, [junk] * inputs)
            assert "Traceback" not in said
            assert str(Path(__file__).parents[1]) not in said


def test_no_event_is_offered_as_an_endpoint(client: httpx.Client) -> None:
    info = client.get("/gradio_api/info").json()
    assert info["named_endpoints"] == {}
    assert info["unnamed_endpoints"] == {}


LOOK_UPS = """
import socket, sys, threading
real, looked_up = socket.getaddrinfo, []
def getaddrinfo(host, *rest, **options):
    if host not in (None, "127.0.0.1", "localhost", "::1", b"127.0.0.1", "0.0.0.0"):
        looked_up.append(host)
        raise socket.gaierror(f"looked up {host}")
    return real(host, *rest, **options)
socket.getaddrinfo = getaddrinfo
socket.gethostbyname = lambda host: looked_up.append(host)

from pathlib import Path
import httpx
sys.path.insert(0, "tests")
from serving import opened, serving

assistant = opened(Path(sys.argv[1]), Path(sys.argv[2]))
with serving(assistant) as url:
    assert "gradio" in httpx.get(url).text
    config = httpx.get(url + "/config").json()
    assert httpx.post(url + "/api/ask", json={"question": "Who ran the ferry?"}).status_code == 200
threading.Event().wait(1)
assert config["analytics_enabled"] is False, config["analytics_enabled"]
print("looked up:", looked_up)
"""


@pytest.mark.slow
def test_the_server_looks_up_no_host(three_articles: Path, tmp_path: Path) -> None:
    arguments = [sys.executable, "-c", LOOK_UPS, str(three_articles), str(tmp_path / "index")]
    done = subprocess.run(
        arguments, cwd=Path(__file__).parents[1], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines()[-1] == "looked up: []"
