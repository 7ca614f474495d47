"""What every request passes before the page or the API sees it, as pure ASGI (streams unharmed).

- Only the addresses that the page and the API use exist. Gradio brings dozens more (files, uploads,
  proxying, code editing); they answer 404.
- Served on loopback, only loopback names are answered, so a web site that makes its own name point
  at 127.0.0.1 (DNS rebinding) reads nothing.
- A POST, or a GET that works hard, has to come from our own page or from a program, not from
  another site's page, and is at most `LARGEST_BODY` bytes long (`LARGEST_FILES` where sources are
  brought in).
- Every reply carries a strict Content-Security-Policy and its companions.

Left out: who may use a server that listens on the network. Put a proxy with a log-in before it.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 1_000_000  # bytes; a question has 2,000 characters at most
LARGEST_FILES = 300_000_000  # bytes of the files of one request; each may have a third of it

# 'unsafe-eval' is Gradio's: its client compiles templates. Articles never reach a template.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "style-src 'self' 'unsafe-inline'",
        "font-src 'self' data:",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    )
)
SECURITY_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
# Chrome puts a PDF into a page of its own, with styles, which this policy governs too, and in a
# sandbox shows none (crbug.com/271452).
_PDF_POLICY = (
    "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
)
_FILE_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
_HEADERS = tuple(
    (name.encode("ascii"), value.encode("ascii")) for name, value in SECURITY_HEADERS.items()
)
_NAMES = {name for name, _ in _HEADERS}

_OURS = re.compile(
    r"""/ | /healthz | /openapi\.json | /api/(?:docs|ask|search|check|review|verify|ingest
                |library|facets|history|remove|sources(?:/[0-9a-f]{16})?
                |articles/[^/]+|answers(?:/[^/]+(?:/verify|/export/[^/]+)?)?)
      | /answers/[^/]+ | /originals/[0-9a-f]{64}
      | /config | /theme\.css | /favicon\.ico | /manifest\.json | /robots\.txt
      | /(?:assets|static)/[\w./@+-]+
      | /gradio_api/(?:queue/(?:join|data)|component_server/?|cancel|reset|startup-events
                     |heartbeat/\w+|info)""",
    re.VERBOSE,
)
# A GET that works hard.
_COSTLY = re.compile(r"/api/(?:verify|search|library|facets|history|answers(?:/[^/]+/verify)?)")
_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::\d+)?")
_LOOPBACK_NAMES = ("localhost", "ip6-localhost")


class Guard:
    """The outermost ASGI application. `hosts` are further host names to answer on loopback."""

    def __init__(self, app: ASGIApp, *, hosts: tuple[str, ...] = ()) -> None:
        self.app = app
        self.hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        refusal = self._refusal(scope, headers)
        if refusal:
            await _refuse(send, *refusal)
            return
        try:
            sending = _with_headers(send, scope["path"])
            await self.app(scope, _bounded(receive, _largest(scope)), sending)
        except asyncio.CancelledError:  # the server stops while a browser listens
            with suppress(RuntimeError):  # where the reply was complete already
                await send({"type": "http.response.body", "body": b""})

    def _refusal(self, scope: Scope, headers: dict[bytes, str]) -> tuple[int, str] | None:
        """The status and message to refuse with, or None to let the request in."""
        host = headers.get(b"host", "")
        if _is_loopback(str((scope.get("server") or ("",))[0])) and not self._answers_to(host):
            return 421, f"This Pincite answers to localhost, not to {host[:100]!r}."
        if not _OURS.fullmatch(scope["path"]):
            return 404, "There is nothing at this address."
        changes = scope["method"] not in ("GET", "HEAD", "OPTIONS")
        if (changes or _COSTLY.fullmatch(scope["path"])) and _from_elsewhere(headers, host):
            return 403, "Pages of other sites may not ask here."
        if changes:
            if not headers.get(b"content-length", "0").isdecimal():
                return 400, "The request's length is not a number."
            if int(headers.get(b"content-length", "0")[:20]) > _largest(scope):
                return 413, f"A request may have {_largest(scope):,} bytes at most."
        return None

    def _answers_to(self, host: str) -> bool:
        named = _HOST.fullmatch(host.lower())
        if named is None:
            return False
        name = named[1] or named[2]
        known = name in (*_LOOPBACK_NAMES, *self.hosts) or name.endswith(".localhost")
        return known or _is_loopback(name)


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _from_elsewhere(headers: dict[bytes, str], host: str) -> bool:
    """Whether a browser sent this on behalf of another site's page."""
    if headers.get(b"sec-fetch-site", "none") not in ("none", "same-origin"):
        return True
    origin = headers.get(b"origin")
    return origin is not None and _netloc(origin) != host


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:  # such as http://[
        return ""


def _largest(scope: Scope) -> int:
    return LARGEST_FILES if scope["path"] == "/api/sources" else LARGEST_BODY


def _bounded(receive: Receive, most: int) -> Receive:
    """Reads at most `most` bytes of a body of unstated length, then hangs up."""
    read = 0

    async def receive_some() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        return {"type": "http.disconnect"} if read > most else message

    return receive_some


def _with_headers(send: Send, path: str) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [pair for pair in message.get("headers", ()) if pair[0].lower() not in _NAMES]
            ours = _for_a_strangers_file(kept) if path.startswith("/originals/") else _HEADERS
            message = {**message, "headers": [*kept, *ours]}
        await send(message)

    return send_with_headers


def _for_a_strangers_file(headers: Sequence[tuple[bytes, bytes]]) -> Sequence[tuple[bytes, bytes]]:
    """The same with a policy that leaves the file nothing to do."""
    is_pdf = (b"content-type", b"application/pdf") in headers
    policy = (_PDF_POLICY if is_pdf else _FILE_POLICY).encode("ascii")
    others = (pair for pair in _HEADERS if pair[0] != b"content-security-policy")
    return (*others, (b"content-security-policy", policy))


async def _refuse(send: Send, status: int, message: str) -> None:
    body = json.dumps({"error": message}).encode("utf-8")
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    start = {"type": "http.response.start", "status": status, "headers": [*headers, *_HEADERS]}
    await send(start)
    await send({"type": "http.response.body", "body": body})
