"""What the sites' robots.txt files allow (RFC 9309), each read once a day.

Left out: `Visit-time`, `Request-rate` and the meta tag for robots, which are about search engines.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.errors import CannotFetch
from ingest.fetch.address import Address, Unreachable
from ingest.fetch.settings import ROBOT

if TYPE_CHECKING:
    from protego import Protego

    from ingest.fetch.wire import Reply

MOST_BYTES = (
    512_000  # RFC 9309 (2.5): at least 500 kibibytes are read; what follows counts for nothing
)
_SECONDS_KEPT = 24 * 3600.0  # RFC 9309 (2.4): not longer than a day
_SECONDS_FAILED = 600.0
_LONGEST_DELAY = 30.0  # seconds between requests that a site can ask for; more is taken as this


@dataclass(frozen=True, slots=True)
class _Rules:
    """One site's file: None where all is allowed, a text where it could not be read."""

    until: float
    file: Protego | None = None
    failure: str | None = None


class Robots:
    """The rules of every site that was asked so far, for any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: dict[str, _Rules] = {}

    def delay(self, address: Address, read: Callable[[Address], Reply]) -> float:
        """The seconds between requests that the site asks for, 0 where it does not.

        `read` fetches its robots.txt where that is not known yet.

        `CannotFetch` where the site does not want this address to be fetched by programs, or where
        that cannot be found out.
        """
        rules = self._of(address, read)
        where = f"{address.origin}/robots.txt"
        if rules.failure is not None:
            raise CannotFetch(
                f"may not be fetched as long as {where} cannot be read: {rules.failure} Try again "
                "later, or save the page in a browser and add the file."
            )
        if rules.file is None:
            return 0.0
        if not rules.file.can_fetch(str(address), ROBOT):
            raise CannotFetch(
                f"may not be fetched by programs, says {where}. Save the page in a browser and add "
                "the file."
            )
        return min(rules.file.crawl_delay(ROBOT) or 0.0, _LONGEST_DELAY)

    def _of(self, address: Address, read: Callable[[Address], Reply]) -> _Rules:
        with self._lock:
            known = self._rules.get(address.origin)
        if known is not None and known.until > time.monotonic():
            return known
        rules = _rules(Address(address.scheme, address.host, address.port, "/robots.txt"), read)
        with self._lock:
            self._rules[address.origin] = rules
        return rules


def _rules(address: Address, read: Callable[[Address], Reply]) -> _Rules:
    from protego import Protego

    failed = time.monotonic() + _SECONDS_FAILED
    try:
        reply = read(address)
    except Unreachable:
        raise  # nor can the page be asked for, and that is what its reader wants to know
    except CannotFetch as error:
        return _Rules(failed, failure=f"it {error}")
    if reply.status == 429 or reply.status >= 500:
        return _Rules(failed, failure=f"its server answers {reply.status}.")
    kept = time.monotonic() + _SECONDS_KEPT
    if reply.status not in (200, 203):
        return _Rules(kept)  # RFC 9309 (2.3.1.3): no such file, so everything is allowed
    return _Rules(kept, Protego.parse(reply.data.decode("utf-8-sig", "replace")))
