"""Fetcher: an address → its bytes, with redirects, robots.txt, waits and every limit.

Left out: one request (`wire.py`), and keeping what was fetched (`ingest/add.py`).
"""

from __future__ import annotations

import re
import ssl
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import Message
from typing import TYPE_CHECKING

from ingest.errors import CannotFetch
from ingest.fetch.address import Address, Unreachable, led, parsed
from ingest.fetch.politeness import LONGEST_WAIT, Politeness, retry_after
from ingest.fetch.robots import MOST_BYTES, Robots
from ingest.fetch.settings import Fetched, FetchSettings, Seen, default_user_agent

if TYPE_CHECKING:
    from ingest.fetch.wire import Patience, Reply

_MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_BUSY = (429, 503)
_HEADER = re.compile(
    r"[\x21-\x7e]+(?: [\x21-\x7e]+)*"
)  # what a validator that is sent back may hold
_LONGEST_HEADER = 1_000  # characters
_ACCEPT = "text/html,application/xhtml+xml,application/atom+xml,application/rss+xml;q=0.9,*/*;q=0.8"
_WHY = {
    401: "is behind a login (401). Save the page in a browser and add the file.",
    402: "is behind a paywall (402). Save the page in a browser and add the file.",
    403: "is refused by its server (403). Save the page in a browser and add the file.",
    404: "does not exist (404). Check the address; it may have moved.",
    410: "is gone for good, says its server (410).",
    451: "is withheld for legal reasons, says its server (451).",
}


class Fetcher:
    """Fetches addresses, politely, for any number of threads; nothing stays open in between.

    What one fetch learns of a site (its robots.txt, when it was asked) serves the next.
    """

    def __init__(self, settings: FetchSettings | None = None) -> None:
        self._settings = settings or FetchSettings()
        self._politeness, self._robots = Politeness(), Robots()
        self._lock = threading.Lock()
        self._context: ssl.SSLContext | None = None

    def close(self) -> None:
        """End its work; there is nothing to release."""

    def fetch(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        seen: Seen = lambda _done, _of: None,
    ) -> Fetched:
        """What an http or https address has to give.

        `etag` and `last_modified` are what an earlier `Fetched` of it has: where nothing changed
        since, `status` is 304. `seen` is told the bytes that came and those that are to come (0:
        unknown), several times a second, waits included; what it raises stops the fetch at once.
        `CannotFetch` names the address, what happened, and what can be done about it.
        """
        from ingest.fetch.wire import Patience

        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        asked = {name: value for name, value in conditions.items() if value and _sendable(value)}
        patience = Patience(self._settings, seen)
        try:
            address, reply = self._followed(parsed(url), {"Accept": _ACCEPT} | asked, patience)
            return _fetched(address, reply, asked_for_news=bool(asked))
        except CannotFetch as error:
            raise CannotFetch(f"{url.strip()[:500]}: {error}") from error

    def _followed(
        self, address: Address, headers: Mapping[str, str], patience: Patience
    ) -> tuple[Address, Reply]:
        """The answer at the end of all redirects, and where that is."""
        trail = [address]
        while True:
            try:
                delay = self._delay(trail[-1], patience)
                reply = self._asked(trail[-1], headers, patience, delay=delay)
                if reply.status not in _REDIRECTS:
                    return trail[-1], reply
                there = _next(trail, reply)
            except CannotFetch as error:
                if len(trail) == 1:
                    raise
                raise CannotFetch(f"leads to {trail[-1]}, which {error}") from error
            trail.append(there)

    def _delay(self, address: Address, patience: Patience) -> float:
        """The seconds that this site wants between requests; `CannotFetch` where it wants none."""
        least = self._settings.per_host_seconds
        if not self._settings.respect_robots:
            return least
        return max(least, self._robots.delay(address, lambda file: self._rules(file, patience)))

    def _rules(self, file: Address, patience: Patience) -> Reply:
        """A robots.txt, wherever it leads (RFC 9309, 2.3.1.2: five steps, to other hosts, too)."""
        trail = [file]
        while True:
            least = self._settings.per_host_seconds
            try:
                reply = self._asked(trail[-1], {}, patience, delay=least, most=MOST_BYTES, cut=True)
            except Unreachable as error:
                if len(trail) == 1:
                    raise
                raise CannotFetch(f"leads to {trail[-1]}, which {error}") from error
            if reply.status not in _REDIRECTS:
                return reply
            trail.append(_next(trail, reply))

    def _asked(
        self,
        address: Address,
        headers: Mapping[str, str],
        patience: Patience,
        *,
        delay: float,
        most: int | None = None,
        cut: bool = False,
    ) -> Reply:
        """One answer, asked for when it is the host's turn, and again if it says when."""
        from ingest.fetch.wire import exchange

        agent = {"User-Agent": self._settings.user_agent or default_user_agent()}
        context = self._trusted() if address.scheme == "https" else None
        retries = 1
        while True:
            waited = self._politeness.wait(address.host, delay, patience.still_wanted)
            patience.extend(waited)
            reply = exchange(
                address,
                agent | dict(headers),
                settings=self._settings,
                context=context,
                patience=patience,
                most=self._settings.max_bytes if most is None else most,
                cut=cut,
            )
            if reply.status not in _BUSY or not self._called_back(address, reply) or not retries:
                return reply
            retries -= 1

    def _called_back(self, address: Address, reply: Reply) -> bool:
        """Whether a busy host says when to come again, and that is soon."""
        seconds = retry_after(reply.headers.get("retry-after", ""), datetime.now(UTC))
        if seconds is None:
            return False
        self._politeness.pause(address.host, seconds)
        return seconds <= LONGEST_WAIT

    def _trusted(self) -> ssl.SSLContext:
        from ingest.fetch.wire import trusted

        with self._lock:
            if self._context is None:
                self._context = trusted(self._settings)
            return self._context


def _next(trail: list[Address], reply: Reply) -> Address:
    """Where a redirect leads, which is one more step of the trail."""
    location = reply.headers.get("location", "").strip()
    if not location:
        raise CannotFetch(f"is said to be elsewhere ({reply.status}), but not where.")
    there = led(trail[-1], location)
    if there in trail:
        circle = " → ".join(map(str, (*trail[trail.index(there) :], there)))
        raise CannotFetch(f"leads in a circle: {circle}. Open it in a browser and add the page.")
    if len(trail) > _MOST_REDIRECTS:
        raise CannotFetch(
            f"is one of more than {_MOST_REDIRECTS} redirects in a row. Add the address that a "
            "browser shows in the end."
        )
    return there


def _fetched(address: Address, reply: Reply, *, asked_for_news: bool) -> Fetched:
    if reply.status == 304 and asked_for_news:
        media_type, charset = None, None
    elif reply.status not in (200, 203):
        raise CannotFetch(_why(reply))
    elif not reply.data:
        raise CannotFetch("is empty: its server answers without a body.")
    else:
        media_type, charset = _content_type(reply.headers.get("content-type", ""))
    return Fetched(
        url=str(address),
        status=304 if reply.status == 304 else 200,
        data=reply.data,
        media_type=media_type,
        charset=charset,
        etag=_kept(reply.headers.get("etag")),
        last_modified=_kept(reply.headers.get("last-modified")),
    )


def _why(reply: Reply) -> str:
    if reply.status in _BUSY:
        later = retry_after(reply.headers.get("retry-after", ""), datetime.now(UTC))
        when = "later" if later is None else f"after {later:.0f} seconds"
        return f"is on a server that has too much to do ({reply.status}). Try again {when}."
    if reply.status in _WHY:
        return _WHY[reply.status]
    if reply.status == 204:
        return "is empty, says its server (204)."
    if reply.status >= 500:
        return f"is on a server that failed ({reply.status}). Try again later."
    return (
        f"is refused by its server (HTTP status {reply.status}). Open it in a browser to see why."
    )


def _content_type(said: str) -> tuple[str | None, str | None]:
    """Media type and charset, in lower case.

    >>> _content_type('Text/HTML; Charset="Windows-1251"')
    ('text/html', 'windows-1251')
    """
    media_type = said[:_LONGEST_HEADER].partition(";")[0].strip().lower()
    if not re.fullmatch(r"[\w.+-]+/[\w.+-]+", media_type, re.ASCII):
        return None, None
    message = Message()
    message["Content-Type"] = said[:_LONGEST_HEADER]
    charset = message.get_param("charset")
    if not isinstance(charset, str) or not re.fullmatch(r"[\w.:+-]{1,40}", charset, re.ASCII):
        return media_type, None
    return media_type, charset.lower()


def _sendable(value: str) -> bool:
    return len(value) <= _LONGEST_HEADER and bool(_HEADER.fullmatch(value))


def _kept(value: str | None) -> str | None:
    """A validator that can be sent back; others are of no use."""
    return value if value and _sendable(value) else None
