"""How long to wait before asking a host again.

Left out: what the host's robots.txt says (`robots.py`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ingest.errors import CannotFetch

LONGEST_WAIT = 60.0  # seconds; a host that wants more is left for another time
_STEP = 0.2  # seconds between two looks at whether the wait was called off


class Politeness:
    """When each host was asked last, for any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free: dict[str, float] = {}  # host → the moment from which it may be asked

    def wait(self, host: str, seconds: float, still_wanted: Callable[[], None]) -> float:
        """Wait for this host's turn, and keep it from others for `seconds`; → seconds waited.

        `still_wanted` is called all the while, and may raise. `CannotFetch` where the wait would be
        longer than a minute.
        """
        start = time.monotonic()
        with self._lock:
            self._forget_old(start)
            turn = max(start, self._free.get(host, 0.0))
            if turn - start > LONGEST_WAIT:
                raise CannotFetch(
                    f"is on a host that wants to be left alone for {turn - start:.0f} more seconds."
                    " Try it again then."
                )
            self._free[host] = turn + seconds
        while (left := turn - time.monotonic()) > 0:
            still_wanted()
            time.sleep(min(left, _STEP))
        return time.monotonic() - start

    def pause(self, host: str, seconds: float) -> None:
        """Nobody asks this host for so long, a day at most."""
        seconds = min(seconds, 86_400.0)
        with self._lock:
            self._free[host] = max(self._free.get(host, 0.0), time.monotonic() + seconds)

    def _forget_old(self, now: float) -> None:
        if len(self._free) > 1_000:
            self._free = {host: at for host, at in self._free.items() if at > now}


def retry_after(said: str, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks for (RFC 9110, 10.2.3); None where it is unclear.

    >>> retry_after("120", datetime.now(UTC))
    120.0
    >>> retry_after("Tue, 30 Nov 2021 10:00:30 GMT", datetime(2021, 11, 30, 10, tzinfo=UTC))
    30.0
    """
    said = said.strip()[:100]
    if said.isascii() and said.isdigit():
        return float(said[:9])
    try:
        until = parsedate_to_datetime(said)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - now).total_seconds())
