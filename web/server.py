"""`pincite serve`: the page is up first; the index and the model follow in the background.

A question that comes before the model is loaded waits for it; one that comes before an article is
indexed is answered from what there is.
"""

from __future__ import annotations

import errno
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING

from ingest.errors import BadSetting

if TYPE_CHECKING:
    from fastapi import FastAPI

PORTS_TRIED = 50
_LAST_REQUESTS = 1  # seconds that open requests get when the server stops


def free_port(host: str, port: int) -> socket.socket:
    """A listening socket at `port`, or at the next of the `PORTS_TRIED` that is free.

    Port 0 takes any. `BadSetting` where the host is not this machine's, the port may not be used by
    this user, or none is free.
    """
    for candidate in range(port, min(port + PORTS_TRIED, 65_536)):
        try:
            return _listen(host, candidate)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise BadSetting(
                    f"Cannot listen at {host}, port {candidate} ({error.strerror or error}). "
                    "Name others with --host and --port."
                ) from error
    raise BadSetting(
        f"Ports {port} to {min(port + PORTS_TRIED, 65_536) - 1} are all in use. "
        "Name another with --port."
    )


def address(listening: socket.socket) -> str:
    """Where a browser on this machine finds the server."""
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - only a look-up
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run(
    app: FastAPI,
    listening: socket.socket,
    *,
    once_up: Callable[[], None],
    stop: Callable[[], None],
) -> None:
    """Serve until Ctrl-C (`KeyboardInterrupt`) or SIGTERM (`SystemExit`).

    Once the server answers, `once_up` is called, on a thread of its own that is waited for in the
    end. `stop` is called as soon as a signal comes, in the midst of anything; it has to return at
    once, and to make `once_up` and long requests end soon.
    """
    import uvicorn

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            stop()
            super().handle_exit(sig, frame)

    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=_LAST_REQUESTS,
        server_header=False,
    )
    logging.getLogger("uvicorn.error").addFilter(_is_news)
    server = Server(config)
    stopping = threading.Event()

    def follow() -> None:
        while not server.started and not stopping.wait(0.02):
            pass
        if not stopping.is_set():
            once_up()

    thread = threading.Thread(target=follow, name="pincite-background", daemon=True)
    before = signal.signal(signal.SIGTERM, _end)
    thread.start()
    try:
        server.run(sockets=[listening])
    finally:
        stopping.set()
        stop()
        thread.join()
        listening.close()
        signal.signal(signal.SIGTERM, before)


def _is_news(record: logging.LogRecord) -> bool:
    """Not that streams of open pages were cut off when the server stopped: they always are."""
    return "timeout graceful shutdown exceeded" not in record.getMessage()


def _listen(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, where = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listening = socket.socket(family, kind, protocol)
    try:
        if os.name != "nt":  # where it would let two servers have the same port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(where)
        listening.listen(128)
    except OSError:
        listening.close()
        raise
    return listening


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
