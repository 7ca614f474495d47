"""What the index's two SQLite files share: whole transactions, and errors in a reader's words.

Left out: their tables (`schema.py`, `records.py`), and who may write when.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.errors import IndexBroken, IndexBusy, PinciteError, no_room


@contextmanager
def all_or_nothing(db: sqlite3.Connection) -> Iterator[None]:
    """What is written inside is written whole, or not at all, also when it is interrupted."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


@contextmanager
def in_plain_words(place: Path, broken: Callable[[str], IndexBroken]) -> Iterator[None]:
    """SQLite's errors at `place` as `IndexBusy`, `NoRoom`, or what `broken` makes of the reason."""
    try:
        yield
    except (PinciteError, sqlite3.ProgrammingError):
        raise
    except (OSError, sqlite3.Error, zlib.error) as error:
        if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
            raise IndexBusy(f"{place}: another process is writing to it.") from error
        raise no_room(place, error) or broken(str(error)) from error
