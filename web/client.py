"""Asking the process that owns the index, over its own API, with the standard library alone.

Every command comes here when `pincite serve` holds the index, so it answers at once and loads no
model. Only the loopback address that the owner wrote down is ever called.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote as quote_path
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from index.owner import OwnerInfo
from index.search import Filters
from ingest.errors import BadQuestion, IndexBusy, PinciteError

_ASK_SECONDS = 120.0  # a question that arrives while the server loads its model waits for it
_LONG_SECONDS = 3600.0  # an answer that a model writes, a review, everything verified
_INGEST_SECONDS = 24 * 3600.0
_RETRY_SECONDS = 0.5
MOST_ANSWERS = 1_000  # that the API lists at once


class _Later(PinciteError):
    """The server said to ask again in a moment."""


class OwnerClient:
    """The API of the `pincite serve` that owns an index; every answer is the contract's JSON."""

    def __init__(self, owner: OwnerInfo) -> None:
        self._owner = owner
        self._opener = build_opener(ProxyHandler({}))  # a proxy has no business on loopback

    def ask(
        self,
        question: str,
        *,
        filters: Filters,
        k: int,
        previous: Sequence[str] = (),
        keep: bool = True,
    ) -> dict[str, Any]:
        """What `POST /api/ask` answers."""
        body = {"question": question, "filters": _json(filters), "k": k}
        body |= {"previous": list(previous), "keep": keep}
        return self._call("/api/ask", body=body, seconds=_LONG_SECONDS)

    def search(self, question: str, *, filters: Filters, k: int) -> dict[str, Any]:
        """What `GET /api/search` answers."""
        query = [("q", question), ("k", str(k)), *_pairs(filters)]
        return self._call(f"/api/search?{urlencode(query)}", seconds=_ASK_SECONDS)

    def check(self, quote: str, *, article: str | None) -> dict[str, Any]:
        """What `POST /api/check` answers."""
        return self._call(
            "/api/check", body={"quote": quote, "article": article}, seconds=_ASK_SECONDS
        )

    def review(self, draft: str) -> dict[str, Any]:
        """What `POST /api/review` answers."""
        return self._call("/api/review", body={"draft": draft}, seconds=_LONG_SECONDS)

    def answers(self, *, search: str, article: str | None, limit: int) -> dict[str, Any]:
        """What `GET /api/answers` answers."""
        query = {"q": search, "limit": limit} | ({"article": article} if article else {})
        return self._call(f"/api/answers?{urlencode(query)}", seconds=_ASK_SECONDS)

    def citing(self, path: str) -> list[str]:
        """The hashes of kept answers that cite any version of the file at this path."""
        found = self.answers(search="", article=path, limit=MOST_ANSWERS)
        return [row["hash"] for row in found["answers"]]

    def verify(self, name: str) -> dict[str, Any]:
        """What `GET /api/answers/{name}/verify` answers."""
        return self._call(f"/api/answers/{name}/verify", seconds=_ASK_SECONDS)

    def verify_all(self) -> dict[str, Any]:
        """What `GET /api/verify` answers."""
        return self._call("/api/verify", seconds=_LONG_SECONDS)

    def verify_file(self, record: str) -> dict[str, Any]:
        """What `POST /api/verify` answers."""
        return self._call("/api/verify", body={"record": record}, seconds=_ASK_SECONDS)

    def export(self, name: str, style: str) -> str:
        """What `GET /api/answers/{name}/export/{style}` answers."""
        path = f"/api/answers/{quote_path(name)}/export/{quote_path(style)}"
        return self._read(path, seconds=_ASK_SECONDS).decode("utf-8")

    def article(self, sha256: str) -> dict[str, Any]:
        """What `GET /api/articles/{sha256}` answers."""
        return self._call(f"/api/articles/{sha256}", seconds=_ASK_SECONDS)

    def history(self, path: str, diff: str | None = None) -> dict[str, Any]:
        """What `GET /api/history` answers."""
        query = {"path": path} | ({"diff": diff} if diff else {})
        return self._call(f"/api/history?{urlencode(query)}", seconds=_ASK_SECONDS)

    def remove(
        self, names: Sequence[str], publishers: Sequence[str], *, forget: bool, yes: bool
    ) -> dict[str, Any]:
        """What `POST /api/remove` answers."""
        body = {"names": list(names), "publishers": list(publishers), "forget": forget, "yes": yes}
        return self._call("/api/remove", body=body, seconds=_LONG_SECONDS)

    def articles(self) -> int:
        """How many articles the owner has indexed so far."""
        return int(self._call("/healthz", seconds=_ASK_SECONDS).get("articles", 0))

    def ingest(self, paths: Sequence[str] | None = None) -> dict[str, Any]:
        """Have the owner bring its index level with its corpus; what `POST /api/ingest` answers.

        `paths` are all that is looked at, where they are given.
        An ingest that somebody else asked for is waited for.
        """
        body = {"paths": list(paths)} if paths is not None else {}
        while True:
            try:
                return self._call("/api/ingest", body=body, seconds=_INGEST_SECONDS)
            except _Later:
                time.sleep(_RETRY_SECONDS)

    def _call(
        self, path: str, *, seconds: float, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        try:
            answer = json.loads(self._read(path, seconds=seconds, body=body))
        except ValueError as error:
            raise self._silent(error) from error
        if not isinstance(answer, dict):
            raise IndexBusy(f"{self._owner} answers something that is not Pincite's.")
        return answer

    def _read(self, path: str, *, seconds: float, body: Mapping[str, Any] | None = None) -> bytes:
        data = None if body is None else json.dumps(body).encode("utf-8")
        headers = {"Content-Type": "application/json", "X-Pincite-Token": self._owner.token}
        request = Request(f"{self._owner.url}{path}", data, headers)  # noqa: S310 - http from owner.json
        try:
            with self._opener.open(request, timeout=seconds) as reply:
                return bytes(reply.read())
        except HTTPError as error:
            raise _refusal(error) from error
        except (URLError, HTTPException, OSError) as error:
            raise self._silent(error) from error

    def _silent(self, error: Exception) -> IndexBusy:
        return IndexBusy(
            f"{self._owner} has the index but does not answer ({error}). Stop it and retry."
        )


def _refusal(error: HTTPError) -> PinciteError:
    """The server's own message, as the error that the same call would have raised here."""
    try:
        message = json.load(error)["error"]
    except (ValueError, KeyError, TypeError, OSError):
        message = f"The server that owns the index failed (HTTP {error.code})."
    if "Retry-After" in error.headers:
        return _Later(message)
    return BadQuestion(message) if error.code == 400 else PinciteError(message)


def _json(filters: Filters) -> dict[str, Any]:
    return {
        "publishers": list(filters.publishers),
        "since": filters.since,
        "until": filters.until,
        "languages": list(filters.languages),
        "articles": list(filters.articles),
    }


def _pairs(filters: Filters) -> list[tuple[str, str]]:
    """The same filters as a query string has them."""
    pairs = [("publisher", name) for name in filters.publishers]
    pairs += [("language", code) for code in filters.languages]
    pairs += [("article", name) for name in filters.articles]
    pairs += [("since", filters.since)] if filters.since else []
    pairs += [("until", filters.until)] if filters.until else []
    return pairs
