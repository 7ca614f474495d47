"""A web site on loopback that plays well or badly, byte for byte, for the tests of fetching.

It speaks on sockets, since servers made to be correct cannot send a wrong length or half a chunk.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

Send = Callable[[bytes], None]
Act = Callable[["Request", Send], None]


@dataclass(frozen=True)
class Request:
    """What was asked: the first line's target, and the headers by their names in lower case."""

    target: str
    headers: Mapping[str, str]


def answer(
    body: bytes = b"", *, status: str = "200 OK", length: int | None = None, **headers: str
) -> Act:
    """A whole answer; `length` is a Content-Length that need not be true."""
    told = {"Content-Type": "text/html; charset=utf-8"}
    told |= {name.replace("_", "-"): value for name, value in headers.items()}
    told["Content-Length"] = str(len(body) if length is None else length)
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    whole = f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body

    return lambda _request, send: send(whole)


def moved(to: str, *, status: str = "302 Found") -> Act:
    """A redirect."""
    return answer(status=status, Location=to)


def raw(*pieces: bytes, pause: float = 0.0) -> Act:
    """These bytes and no others, with a pause after each, and then the end of the connection."""

    def act(_request: Request, send: Send) -> None:
        for piece in pieces:
            send(piece)
            time.sleep(pause)

    return act


def endless(piece: bytes, *, pause: float = 0.0, head: bytes = b"") -> Act:
    """`head`, then the same bytes again and again until the other side leaves."""

    def act(_request: Request, send: Send) -> None:
        send(head or b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        while True:
            send(piece)
            time.sleep(pause)

    return act


def in_turn(*acts: Act) -> Act:
    """The first time the first act, then the second …; the last one from then on."""
    left = list(acts)

    def act(request: Request, send: Send) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(request, send)

    return act


@dataclass
class Site:
    """A running site: what it does at each path, and what it was asked so far."""

    port: int
    scheme: str = "http"
    acts: dict[str, Act] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)
    at: list[float] = field(default_factory=list)  # the moments, in seconds, of `asked`

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    @property
    def targets(self) -> list[str]:
        return [request.target for request in self.asked]


@contextmanager
def site(acts: Mapping[str, Act], *, certificate: Path | None = None) -> Iterator[Site]:
    """A site with these acts by path; others, robots.txt too, do not exist. https if certified."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", 0))
    listening.listen(16)
    running = Site(listening.getsockname()[1], acts=dict(acts))
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        running.scheme = "https"
    thread = threading.Thread(target=_serve, args=(listening, running, context), daemon=True)
    thread.start()
    try:
        yield running
    finally:
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(timeout=5)


def _serve(listening: socket.socket, running: Site, context: ssl.SSLContext | None) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        serving = threading.Thread(target=_answer, args=(connection, running, context), daemon=True)
        serving.start()


def _answer(connection: socket.socket, running: Site, context: ssl.SSLContext | None) -> None:
    with suppress(OSError, ValueError), connection:
        connection.settimeout(10)
        if context is not None:
            connection = context.wrap_socket(connection, server_side=True)
        with connection:
            request = _read(connection)
            running.asked.append(request)
            running.at.append(time.monotonic())
            nothing = answer(b"no such page", status="404 Not Found")
            running.acts.get(request.target, nothing)(request, connection.sendall)


def _read(connection: socket.socket) -> Request:
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more or more.startswith(b"\x16"):  # nothing, or https where http is spoken
            raise ValueError("no request")
        data += more
    first, *lines = data.decode("latin-1").split("\r\n\r\n")[0].split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return Request(first.split()[1], {name.lower(): value for name, value in headers.items()})


def certified(folder: Path, *, name: str = "site.example", authority: str = "authority") -> Path:
    """A certificate for a name, with its key; `<authority>.pem` beside it is who signed it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    def called(common: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])

    def made(subject: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder().subject_name(called(subject))
        builder = builder.issuer_name(called("Test authority")).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        return builder.not_valid_before(now - timedelta(days=1)).not_valid_after(
            now + timedelta(days=1)
        )

    root, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    of_root = made("Test authority", root).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    signed_root = of_root.sign(root, hashes.SHA256())
    of_own = made(name, own).add_extension(
        x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False
    )
    signed = of_own.sign(root, hashes.SHA256())
    pem = serialization.Encoding.PEM
    (folder / f"{authority}.pem").write_bytes(signed_root.public_bytes(pem))
    key = own.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / f"{name}.pem"
    file.write_bytes(key + signed.public_bytes(pem))
    return file
