"""The time as it is kept everywhere: in the catalog, the records, the ledger and the owner's file.

Left out: dates of articles (`convert/dates.py`).
"""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> str:
    """Now, as ISO 8601, UTC, to the second.

    >>> len(utc_now()), utc_now()[-1]
    (20, 'Z')
    """
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
