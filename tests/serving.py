"""A real server on a free port for the tests of the API and of the page, and a hostile article."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from answer.assistant import Assistant, open_assistant
from answer.settings import Settings
from web.api import build_app

# Every way in that text has: HTML, Handlebars, JavaScript templates, Markdown, LaTeX, bidi, entities.
ATTACKS = (
    "<img src=https://evil.example/a.png onerror=window.attacked=1>",
    "${window.attacked=2}",
    "{{value}} {{#each value}}x{{/each}} `${window.attacked=3}`",
    "[click](javascript:window.attacked=4)",
    "![pixel](https://evil.example/b.png)",
    "<script>window.attacked=5</script>",
    "</section></article><mark class='cited'>forged</mark>",
    "<a href='#cite-0000000000000000:0-1' class='cite'>9</a>",
    "$\\frac{1}{2}$ $$x^2$$",
    "<style>body{display:none}</style>",
    "&lt;b&gt; &amp;amp; https://evil.example/auto",
    "**bold** _it_ ~~gone~~ # heading",
)
HOSTILE = (
    "---\n"
    'title: "<img src=https://evil.example/t.png onerror=window.attacked=6> ${window.attacked=7}"\n'
    "authors: ['<script>window.attacked=8</script>']\n"
    "publisher: '<b>{{value}}</b>'\n"
    "published: 2020-05-01\n"
    'url: "javascript:window.attacked=9"\n'
    "language: '\"><script>window.attacked=10</script>'\n"
    "---\n"
    + "".join(f"The saboteur wrote {attack} on the wall of the mill.\n\n" for attack in ATTACKS)
)


def opened(corpus: Path, index: Path, embedder: str = "hashed", **more: Any) -> Assistant:
    """An assistant on an index that is level with its corpus; `more` are further settings."""
    assistant = open_assistant(Settings(corpus=corpus, index=index, embedder=embedder, **more))
    assistant.ingest()
    return assistant


@contextmanager
def serving(assistant: Assistant, *, token: str | None = None, **more: Any) -> Iterator[str]:
    """The address of a server for this assistant, while the block runs; `more` is for its app."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    app = build_app(assistant, token=token, **more)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listening.close()
