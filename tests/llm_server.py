"""A real HTTP server that speaks OpenAI's chat protocol, and plays models of every kind.

    with LlmServer(says("It sank [1.1].")) as server:
        LlmWriter(server.url, …)

A `Role` gets the call and writes whatever it likes onto the socket, so nothing is patched. What was
asked is kept in `server.calls`.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Call:
    """One request to the chat address, and the means to answer it."""

    body: dict[str, Any]
    headers: dict[str, str]
    number: int
    handler: BaseHTTPRequestHandler
    gone: threading.Event

    @property
    def system(self) -> str:
        return str(self.body["messages"][0]["content"])

    @property
    def user(self) -> str:
        return str(self.body["messages"][1]["content"])

    @property
    def prompt(self) -> str:
        return self.system + self.user

    def begin(self, kind: str = "text/event-stream", status: int = 200, **headers: str) -> None:
        self.handler.send_response(status)
        self.handler.send_header("content-type", kind)
        for name, value in headers.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.send_header("connection", "close")
        self.handler.end_headers()

    def raw(self, data: bytes) -> None:
        self.handler.wfile.write(data)
        self.handler.wfile.flush()

    def token(self, text: object, finish: str | None = None) -> None:
        choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
        self.event({"object": "chat.completion.chunk", "choices": [choice]})

    def event(self, told: object) -> None:
        self.raw(b"data: " + json.dumps(told).encode() + b"\n\n")

    def end(self, finish: str = "stop") -> None:
        self.token("", finish)
        self.raw(b"data: [DONE]\n\n")

    def refuse(self, status: int, message: str = "", code: str = "", **headers: str) -> None:
        self.begin("application/json", status, **headers)
        self.raw(json.dumps({"error": {"message": message, "code": code}}).encode())


Role = Callable[[Call], None]


@dataclass
class LlmServer:
    """Listens on a free port of this machine while its block runs."""

    role: Role
    models: tuple[str, ...] = ("tiny",)
    calls: list[Call] = field(default_factory=list)
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> LlmServer:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                outer.seen.append((self.path, dict(self.headers)))
                data = [{"id": name, "object": "model"} for name in outer.models]
                body = json.dumps({"object": "list", "data": data}).encode()
                self.send_response(200 if self.path == "/v1/models" else 404)
                self.send_header("content-type", "application/json")
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                outer.seen.append((self.path, dict(self.headers)))
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                headers = {name.lower(): value for name, value in self.headers.items()}
                call = Call(body, headers, len(outer.calls), self, outer.hung_up)
                outer.calls.append(call)
                try:
                    if self.path != "/v1/chat/completions":
                        call.refuse(404, "no such address")
                    else:
                        outer.role(call)
                except OSError:
                    outer.hung_up.set()

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.hung_up.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def where(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        return f"http://{self.where}/v1"


def pieces(text: str, size: int) -> Iterator[str]:
    return (text[at : at + size] for at in range(0, len(text), size))


def says(text: str, *, size: int = 4, finish: str = "stop") -> Role:
    """Streams a text in pieces; as one object to a client that does not ask for a stream."""

    def role(call: Call) -> None:
        if not call.body.get("stream"):
            return says_at_once(text)(call)
        call.begin()
        for piece in pieces(text, size):
            call.token(piece)
        call.end(finish)
        return None

    return role


def says_at_once(text: str) -> Role:
    """Does not stream, whatever it is asked for."""

    def role(call: Call) -> None:
        call.begin("application/json")
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        told = {"id": "1", "object": "chat.completion", "created": 0, "model": "tiny"}
        call.raw(json.dumps({**told, "choices": [choice]}).encode())

    return role


def refuses(status: int, message: str = "", code: str = "", **headers: str) -> Role:
    return lambda call: call.refuse(status, message, code, **headers)


def in_turn(*roles: Role) -> Role:
    """Another role at each call; the last one from then on."""
    return lambda call: roles[min(call.number, len(roles) - 1)](call)


def never_stops(call: Call) -> None:
    """A million tokens and more, as fast as they are read."""
    call.begin()
    while True:
        call.token("And so on and on it went. ")


def thinks_forever(call: Call) -> None:
    """Tokens that carry no text at all."""
    call.begin()
    while True:
        call.event({"choices": [{"index": 0, "delta": {"reasoning_content": "hm" * 500}}]})


def breaks_off(after: str) -> Role:
    """Closes the connection in the middle of its answer."""

    def role(call: Call) -> None:
        call.begin()
        call.token(after)

    return role


def is_silent(seconds: float, *, after: str = "") -> Role:
    """Waits before its first words, or in the middle of them."""

    def role(call: Call) -> None:
        if after:
            call.begin()
            call.token(after)
        call.gone.wait(seconds)
        if not after:
            call.begin()
        call.token("It is late.")
        call.end()

    return role


def only_pings(call: Call) -> None:
    """Keeps the connection alive with comments, and never says a word."""
    call.begin()
    while True:
        call.raw(b": keep-alive\n\n")
        time.sleep(0.02)


def sends(data: bytes) -> Role:
    """These bytes as an event stream."""

    def role(call: Call) -> None:
        call.begin()
        call.raw(data)

    return role
