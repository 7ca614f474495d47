"""FetchSettings and Fetched: what goes into fetching an address, and what comes out.

Left out: where settings come from (`app.py`).
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROBOT = "Pincite"  # the name that robots.txt may address
Resolve = Callable[..., Sequence[tuple[Any, ...]]]
Seen = Callable[[int, int], None]


def default_user_agent() -> str:
    """What Pincite calls itself: a name, its version, what it does, and how to address it.

    There is no public page about it yet, so none is named.
    """
    try:
        number = version("pincite")
    except PackageNotFoundError:
        number = "0"
    return f"{ROBOT}/{number} (adds articles to a private library; robots.txt name: {ROBOT})"


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """How far fetching may go.

    `allow_private` opens loopback and the networks of a house (10/8, 172.16/12, 192.168/16,
    100.64/10, 198.18/15, fc00::/7); link-local, multicast and reserved addresses stay closed.
    `max_bytes` holds for what comes over the wire and for what it unpacks to. `seconds` are for one
    address with all its redirects, without the time that politeness waits; `silence_seconds` are
    the longest without a byte. `per_host_seconds` is the least between two requests to a host.
    `resolve` is `socket.getaddrinfo` or one with its signature; `certificates` is a file of further
    authorities (PEM) that a house may have.
    """

    allow_private: bool = False
    max_bytes: int = 50_000_000
    seconds: float = 60.0
    silence_seconds: float = 20.0
    per_host_seconds: float = 1.0
    user_agent: str | None = None
    respect_robots: bool = True
    resolve: Resolve = socket.getaddrinfo
    certificates: Path | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address answered. `url` is where its redirects led; `data` is unpacked.

    `status` is 200, or 304 with no data where it has not changed since `etag` or `last_modified`.
    `media_type` and `charset` are what the server says, in lower case, which may be wrong.
    """

    url: str
    status: int
    data: bytes = b""
    media_type: str | None = None
    charset: str | None = None
    etag: str | None = None
    last_modified: str | None = None
