"""`pincite ingest --rebuild`: throw the index away, but not the versions that old answers cite.

Everything in an index is derived from the corpus except two things. The bytes of articles that have
changed or gone since, and the history of which file held which version when, are carried over as
far as the old catalog can be read, and each version is checked against its sha256. The records of
answers are in a file of their own (`records.py`), which stays.

Left out: filling the index again (`build.py`).
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from index.catalog import CATALOG_FILE, Catalog
from index.records import RECORDS_FILE
from ingest.errors import IndexBroken, no_room

DAMAGED_FILE = "catalog.damaged.sqlite3"  # a catalog that could not be read to its end
_CHROMA_FOLDER = "chroma"  # as in vectors.py, which would import chromadb
_NEXT = "rebuild"  # the folder where the next catalog is made ready
_HISTORY = "SELECT path, sha256, since, until FROM history ORDER BY number"
_VERSIONS_AS_HISTORY = """
SELECT path, sha256, '', CASE WHEN sha256 = (SELECT f.sha256 FROM paths f WHERE f.path = v.path)
    THEN NULL ELSE '' END AS until
FROM versions v ORDER BY until IS NULL, rowid"""


def start_again(index: Path) -> int:
    """Empty an index, also a broken one; → how many versions were carried over.

    Nothing may have it open. Killed half-way, the old catalog is still there, and `interrupted`
    says that a rebuild was begun. A damaged catalog is kept aside as `catalog.damaged.sqlite3`.
    `NoRoom` or `IndexBroken` where files cannot be written or removed.
    """
    ready, current = index / _NEXT, index / CATALOG_FILE
    try:
        _remove(ready)
        kept, whole = _carry_versions(current, ready)
        _remove(index / _CHROMA_FOLDER)
        if not whole:
            _keep_aside(current, index / DAMAGED_FILE)
        for log in index.glob(f"{CATALOG_FILE}-*"):
            log.unlink()  # the old file's log must not be applied to the new one
        (ready / CATALOG_FILE).replace(current)
        _remove(ready)
    except OSError as error:
        raise no_room(index, error) or IndexBroken(
            f"{index}: cannot be emptied ({error.strerror}). Delete what is in it, but for "
            f"{RECORDS_FILE} (the answers that were kept), then run: pincite ingest"
        ) from error
    return kept


def interrupted(index: Path) -> bool:
    """Whether an earlier `start_again` did not come to its end."""
    return (index / _NEXT / CATALOG_FILE).exists()


def _carry_versions(old: Path, ready: Path) -> tuple[int, bool]:
    """Copy versions into a new catalog; → how many, and whether that was all of them."""
    with closing(Catalog(ready)) as catalog, catalog.transaction():
        kept, whole = 0, True
        for row in _rows(old, "SELECT sha256, path, data FROM versions"):
            data = _checked(row)
            if row is not None and data is not None:
                catalog.keep_version(row[0], row[1], data)
                kept += 1
            else:
                whole = False
        whole = _carry_history(old, catalog) and whole
    return kept, whole


def _carry_history(old: Path, catalog: Catalog) -> bool:
    """Copy which path held which version when; → whether that was all of it.

    Before schema 4 there was no history: there each version is one of its path, of times that are
    not known, and the last that was kept for it the one that is current, if the path still is.
    """
    whole = True
    for row in _rows(old, _HISTORY, without=_VERSIONS_AS_HISTORY):
        if row is None:
            whole = False
        else:
            catalog.keep_history(*row)
    return whole


def _rows(old: Path, sql: str, *, without: str | None = None) -> Iterator[tuple[Any, ...] | None]:
    """The rows of a table that may be damaged, up to where it is, then None.

    `without` is what is asked of a catalog that has no history.
    """
    if not old.is_file():
        return
    try:
        with closing(sqlite3.connect(old)) as db:
            has = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'history'").fetchone()
            yield from db.execute(sql if has or without is None else without)
    except sqlite3.Error:
        yield None


def _checked(row: tuple[Any, ...] | None) -> bytes | None:
    """The bytes of a version, if they are still what its name says."""
    if row is None:
        return None
    try:
        data = zlib.decompress(row[2])
    except (zlib.error, TypeError):
        return None
    return data if hashlib.sha256(data).hexdigest() == row[0] else None


def _keep_aside(file: Path, aside: Path) -> None:
    aside.unlink(missing_ok=True)
    try:
        aside.hardlink_to(file)  # takes no room, and the file stays where it is
    except OSError:
        shutil.copyfile(file, aside)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
