"""One request and its answer, over a connection of its own to a machine that was checked.

httpcore speaks HTTP (with h11, which checks lengths, chunks and the size of headers: 100 KiB); here
it is given the connection, so that names are looked up once and every wait has its end.

Left out: keeping connections open (a host is asked once a second at most), and what an answer means
(`fetcher.py`).
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import certifi
import httpcore

from ingest.errors import CannotFetch
from ingest.fetch import body
from ingest.fetch.address import Address, Unreachable, checked
from ingest.fetch.settings import FetchSettings, Seen

_STEP = 0.2  # seconds between two looks at whether the answer is still wanted


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered: names of headers in lower case, the first of each; data unpacked."""

    status: int
    headers: Mapping[str, str]
    data: bytes = b""


class Patience:
    """How long one fetch may still take, and whether anybody still wants it."""

    def __init__(self, settings: FetchSettings, seen: Seen) -> None:
        self._seconds, self._silence = settings.seconds, settings.silence_seconds
        self._until = time.monotonic() + settings.seconds
        self._seen, self._done, self._of = seen, 0, 0

    def extend(self, seconds: float) -> None:
        """Time that passed without our asking anything does not count."""
        self._until += seconds

    def began(self, of: int) -> None:
        """An answer of so many bytes begins; 0 where that is not known."""
        self._done, self._of = 0, of

    def got(self, more: int) -> None:
        """So many bytes of it came."""
        self._done += more
        self.still_wanted()

    def still_wanted(self) -> None:
        """Tell how far it is, which may raise to stop."""
        self._seen(self._done, self._of)

    def left(self) -> float:
        """Seconds; `CannotFetch` where none are."""
        self.still_wanted()
        left = self._until - time.monotonic()
        if left <= 0:
            raise CannotFetch(
                f"was not there after {self._seconds:g} seconds. Try again later, or download it "
                "yourself and add the file."
            )
        return left

    def for_one_answer(self) -> float:
        """Seconds that a server may take for one thing."""
        return min(self.left(), self._silence)

    def slices(self) -> Iterator[float]:
        """Short waits, in seconds, until one of the two limits is reached."""
        since = time.monotonic()
        while True:
            left = self.left()
            if time.monotonic() - since > self._silence:
                raise CannotFetch(
                    f"is on a server that kept silent for {self._silence:g} seconds. Try again "
                    "later."
                )
            yield min(left, _STEP)


class _Stream(httpcore.NetworkStream):
    """A connection whose every wait has an end."""

    def __init__(self, inner: httpcore.NetworkStream, patience: Patience) -> None:
        self._inner, self._patience = inner, patience

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        for seconds in self._patience.slices():
            with suppress(httpcore.ReadTimeout):
                return self._inner.read(max_bytes, seconds)
        raise AssertionError("slices end with an error only")

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._patience.for_one_answer())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        seconds = self._patience.for_one_answer()
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, seconds), self._patience)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Checked(httpcore.NetworkBackend):
    """Connects to machines that were checked, and to no others."""

    def __init__(self, settings: FetchSettings, patience: Patience) -> None:
        self._settings, self._patience = settings, patience
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        found = _looked_up(host, port, self._settings, self._patience)
        machines = checked(host, found, allow_private=self._settings.allow_private)
        for left, machine in zip(range(len(machines), 0, -1), machines, strict=True):
            seconds = self._patience.for_one_answer() / left
            try:
                return _Stream(self._inner.connect_tcp(machine, port, seconds), self._patience)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if left == 1:
                    raise
        raise AssertionError("there is at least one machine")


def _looked_up(host: str, port: int, settings: FetchSettings, patience: Patience) -> list[str]:
    """The IP addresses of a host, in a thread of its own, since looking up cannot be stopped."""
    found: list[Sequence[tuple[Any, ...]] | OSError | UnicodeError] = []

    def look_up() -> None:
        try:
            found.append(settings.resolve(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            found.append(error)

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    for seconds in patience.slices():
        thread.join(seconds)
        if not thread.is_alive():
            break
    answer = found[0] if found else OSError("no answer")
    if isinstance(answer, OSError | UnicodeError):
        why = answer.strerror if isinstance(answer, OSError) and answer.strerror else str(answer)
        raise Unreachable(
            f"has a host name, {host}, that cannot be looked up ({why}). Check its spelling and "
            "the connection to the internet."
        ) from answer
    return [str(each[4][0]) for each in answer]


def trusted(settings: FetchSettings) -> ssl.SSLContext:
    """Whom certificates are believed from: the system's authorities, Mozilla's, and the house's."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    if settings.certificates is not None:
        context.load_verify_locations(settings.certificates)
    return context


def exchange(
    address: Address,
    headers: Mapping[str, str],
    *,
    settings: FetchSettings,
    context: ssl.SSLContext | None,
    patience: Patience,
    most: int,
    cut: bool = False,
) -> Reply:
    """Ask an address, and read its answer where that has a body to read (200, 203).

    `CannotFetch` for whatever goes wrong on the way, its message without the address. The body is
    at most `most` bytes; with `cut`, the rest of a longer one is left.
    """
    url = httpcore.URL(
        scheme=address.scheme.encode(),
        host=address.host.encode(),
        port=address.port,
        target=address.target.encode(),
    )
    asked = {"Host": address.authority, "Connection": "close", "Accept-Encoding": body.ACCEPTED}
    request = httpcore.Request("GET", url, headers=list((asked | dict(headers)).items()))
    connection = httpcore.HTTPConnection(
        url.origin, ssl_context=context, network_backend=_Checked(settings, patience)
    )
    with _told(address):
        try:
            response = connection.handle_request(request)
            return _read(response, patience, most=most, cut=cut)
        finally:
            connection.close()


def _read(response: httpcore.Response, patience: Patience, *, most: int, cut: bool) -> Reply:
    headers: dict[str, str] = {}
    for name, value in response.headers:
        headers.setdefault(name.decode("ascii", "replace").lower(), _text(value))
    if response.status not in (200, 203):
        return Reply(response.status, headers)
    length = headers.get("content-length", "")
    if not cut and (error := body.too_large(length, most)):
        raise error
    patience.began(int(length[:20]) if length.isdigit() else 0)
    packing = headers.get("content-encoding", "")
    return Reply(
        response.status,
        headers,
        body.read(_chunks(response, patience), packing, most=most, cut=cut),
    )


def _chunks(response: httpcore.Response, patience: Patience) -> Iterator[bytes]:
    for chunk in response.iter_stream():
        patience.left()
        patience.got(len(chunk))
        yield chunk


def _text(value: bytes) -> str:
    """Headers are ASCII; some servers put UTF-8 into a Location."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


@contextmanager
def _told(address: Address) -> Iterator[None]:
    """What httpcore raises, in the reader's words."""
    try:
        yield
    except httpcore.RemoteProtocolError as error:
        raise CannotFetch(_broken(str(error))) from error
    except httpcore.ConnectTimeout as error:
        raise Unreachable(f"is on a server, {address.authority}, that does not answer.") from error
    except httpcore.ConnectError as error:
        raise Unreachable(_failed(address, error)) from error
    except (httpcore.NetworkError, httpcore.TimeoutException) as error:
        raise CannotFetch(_failed(address, error)) from error
    except httpcore.LocalProtocolError as error:
        raise CannotFetch(f"cannot be asked for ({error}). Check the address.") from error


def _broken(why: str) -> str:
    if "complete message body" in why or "incomplete chunked" in why:
        return f"breaks off before its end ({why}). Try again later."
    if "without sending a response" in why:
        return "got no answer: its server closed the connection. Try again later."
    return f"is on a server that does not speak HTTP as it should ({why})."


def _failed(address: Address, error: Exception) -> str:
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__ or cause.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return (
            f"is on a server whose certificate is not to be trusted ({cause.verify_message}); "
            "somebody may be in between. It is not fetched."
        )
    if isinstance(cause, ssl.SSLError):
        return (
            f"is on a server with which no secure connection is possible ({cause.reason or cause})."
        )
    why = str(error) or type(error).__name__
    return (
        f"cannot be reached: the connection to {address.authority} failed ({why}). Try again later."
    )
