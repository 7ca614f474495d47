"""The HTTP connection to a model's endpoint: what is sent, for how long it is read, how it fails.

llama-index's client talks through it, so that its limits hold whatever a server does: nothing but
the endpoint is contacted (no redirect is followed), no header is sent that the protocol does not
need, and the reading ends after a number of bytes and of seconds, whatever those bytes are.

Left out: the protocol itself, which is llama-index's and its OpenAI client's (`llm.py`).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx

from answer.llm.prompt import visible
from ingest.errors import BadSetting

SERVICES = {"openai": "https://api.openai.com/v1", "anthropic": "https://api.anthropic.com/v1"}
CONNECT_SECONDS = 10.0
WHOLE_ANSWER = 4  # times the longest silence: how long one answer may take, retries included
LARGEST_REPLY = 8_000_000  # bytes; a chunk of one token takes some 250, most of them its envelope
LARGEST_REFUSAL = 64_000  # bytes of an error's body
LARGEST_LIST = 1_000_000  # bytes of the list of models
LONGEST_SAID = 200  # characters of a server's own words that a reader is shown

_SENT = frozenset({"host", "content-type", "content-length", "accept", "connection"})
_OVERFLOWS = re.compile(
    r"context[ _-]?(?:length|size|window)|maximum context|too (?:long|large|many tokens)|n_ctx"
    r"|exceed\w* (?:the |its )?(?:available |maximum )?(?:context|token)",
    re.IGNORECASE,
)


class Refused(Exception):
    """The server answered, but not with what was asked for."""

    def __init__(self, status: int, said: str, wait: float | None) -> None:
        super().__init__(status)
        self.status = status
        self.said = said
        self.wait = wait

    @property
    def overflows(self) -> bool:
        """Whether the prompt was too long for the model."""
        return self.status == 413 or (self.status in (400, 422, 500) and overflows(self.said))


class OutOfTime(Exception):
    """A whole answer took longer than it may."""


class TooMuch(Exception):
    """A reply has more bytes than anyone needs."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model is asked, with which key (nothing prints it), how long it may be silent."""

    base: str
    key: str
    seconds: float

    @classmethod
    def named(cls, named: str, key: str, seconds: float) -> Endpoint:
        """From `openai`, `anthropic` or a base URL; `BadSetting` where the service needs a key.

        An address without a path gets `/v1`, where every known server has the protocol.

        >>> Endpoint.named("http://localhost:11434", "", 60).base
        'http://localhost:11434/v1'
        """
        if named in SERVICES and not key:
            raise BadSetting(
                f"PINCITE_LLM is {named}, which asks for a key. Put yours into PINCITE_LLM_KEY, "
                "or name the address of a model of your own, such as http://localhost:11434/v1."
            )
        base = SERVICES.get(named, named).rstrip("/")
        if not urlsplit(base).path:
            base += "/v1"
        return cls(base, key, seconds)

    def __repr__(self) -> str:
        return f"Endpoint({self.base!r}, seconds={self.seconds})"

    @property
    def where(self) -> str:
        """Host and port, as a reader knows it."""
        return urlsplit(self.base).netloc

    @property
    def timeout(self) -> httpx.Timeout:
        return httpx.Timeout(self.seconds, connect=min(CONNECT_SECONDS, self.seconds))

    @property
    def is_here(self) -> bool:
        """Whether it is this machine, which no proxy should be asked for."""
        host = urlsplit(self.base).hostname or ""
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return host == "localhost" or host.endswith(".localhost")

    def hides(self, text: str) -> bool:
        """Whether a text has nothing of the key in it that could be recognised."""
        return not any(
            self.key[at : at + 6] in text for at in range(max(1, len(self.key) - 5)) if self.key
        )


class Wire:
    """One answer's connection, bounded in time and size; closed with its block."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._deadline = time.monotonic() + WHOLE_ANSWER * endpoint.seconds
        self._stream: _Bounded | None = None
        self.is_event_stream = True
        self.client = httpx.Client(
            timeout=endpoint.timeout,
            follow_redirects=False,
            trust_env=not endpoint.is_here,
            verify=endpoint.base.startswith(
                "https:"
            ),  # 73 ms to read certificates, else for nothing
            event_hooks={"request": [self._strip], "response": [self._bound]},
        )

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    @property
    def ended(self) -> bool:
        """Whether the stream said that it was at its end."""
        return self._stream is not None and b"[DONE]" in self._stream.tail

    @property
    def seconds_left(self) -> float:
        return self._deadline - time.monotonic()

    def models(self) -> list[str]:
        """The names of the models that the endpoint has; `ValueError` where it does not say."""
        listed = self.client.get(f"{self._endpoint.base}/models").json()
        if not isinstance(listed, dict) or not isinstance(listed.get("data"), list):
            raise ValueError("not a list of models")
        names = [one.get("id") for one in listed["data"] if isinstance(one, dict)]
        return [name for name in names if isinstance(name, str) and name]

    def _strip(self, request: httpx.Request) -> None:
        """No header about this machine, and no key but the one that was given."""
        for name in set(request.headers) - _SENT:
            del request.headers[name]
        request.headers["user-agent"] = "pincite"
        request.headers["accept-encoding"] = "identity"
        if self._endpoint.key:
            request.headers["authorization"] = f"Bearer {self._endpoint.key}"

    def _bound(self, response: httpx.Response) -> None:
        asked = response.request.url.path.endswith("/models")
        refused = not response.is_success
        most = LARGEST_REFUSAL if refused else LARGEST_LIST if asked else LARGEST_REPLY
        if response.headers.get("content-encoding", "identity") != "identity":
            raise httpx.DecodingError("compressed, which was not asked for")
        if isinstance(response.stream, httpx.SyncByteStream):
            self._stream = _Bounded(response.stream, most, self._deadline)
            response.stream = self._stream
        if refused:
            raise Refused(response.status_code, _message(response), _wait(response))
        told = response.headers.get("content-type", "")
        self.is_event_stream = not told.startswith("application/json")


class _Bounded(httpx.SyncByteStream):
    """A body that ends with an error after so many bytes or seconds, however slowly it drips."""

    def __init__(self, stream: httpx.SyncByteStream, most: int, deadline: float) -> None:
        self._stream = stream
        self._most = most
        self._deadline = deadline
        self.tail = b""

    def __iter__(self) -> Iterator[bytes]:
        read = 0
        for chunk in self._stream:
            read += len(chunk)
            if read > self._most:
                raise TooMuch(f"more than {self._most:,} bytes")
            if time.monotonic() > self._deadline:
                raise OutOfTime
            self.tail = (self.tail + chunk)[-64:]
            yield chunk

    def close(self) -> None:
        self._stream.close()


def overflows(said: str) -> bool:
    """Whether a server's words say that the prompt is too long for the model."""
    return bool(_OVERFLOWS.search(said))


def server_words(said: str, endpoint: Endpoint) -> str:
    """What a server says, short, on one line, and nothing where it could hold the key."""
    said = " ".join(visible(said).split())
    if not said or not endpoint.hides(said):
        return ""
    return said if len(said) <= LONGEST_SAID else said[: LONGEST_SAID - 1] + "…"


def root(error: BaseException) -> BaseException:
    """The error of this file or of httpx that libraries wrapped, else the error itself."""
    inner: BaseException | None = error
    for _ in range(8):
        if inner is None or isinstance(inner, (Refused, OutOfTime, TooMuch, httpx.HTTPError)):
            break
        inner = inner.__cause__
    return inner or error


def _message(response: httpx.Response) -> str:
    """The error's own words: OpenAI's `error.message`, or the body where it is short text."""
    try:
        text = response.read().decode("utf-8", "replace")
    except (httpx.HTTPError, TooMuch, OutOfTime):
        return ""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return "" if "<" in text else text
    error = told.get("error", told) if isinstance(told, dict) else told
    words = error.get("message", "") if isinstance(error, dict) else error
    code = error.get("code", "") if isinstance(error, dict) else ""
    return f"{words} ({code})" if isinstance(code, str) and code else str(words)


def _wait(response: httpx.Response) -> float | None:
    """Seconds that the server asks to wait (RFC 9110, 10.2.3); None for a date or nothing."""
    try:
        return max(0.0, float(response.headers.get("retry-after", "")))
    except ValueError:
        return None
