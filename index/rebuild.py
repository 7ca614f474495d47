"""`pincite ingest --rebuild`: throw the index away, but not the versions that old answers cite.

Everything in an index is derived from the corpus except two things. The bytes of articles that have
changed or gone since are carried over as far as the old catalog can be read, and each is checked
against its sha256. The records of answers are in a file of their own (`records.py`), which stays.

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

from index.catalog import CATALOG_FILE, Catalog
from index.records import RECORDS_FILE
from ingest.errors import IndexBroken, no_room

DAMAGED_FILE = "catalog.damaged.sqlite3"  # a catalog that could not be read to its end
_CHROMA_FOLDER = "chroma"  # as in vectors.py, which would import chromadb
_NEXT = "rebuild"  # the folder where the next catalog is made ready


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
        for row in _rows(old):
            data = _checked(row)
            if row is not None and data is not None:
                catalog.keep_version(row[0], row[1], data)
                kept += 1
            else:
                whole = False
    return kept, whole


def _rows(old: Path) -> Iterator[tuple[str, str, bytes] | None]:
    """The rows of a table that may be damaged, up to where it is, then None."""
    if not old.is_file():
        return
    try:
        with closing(sqlite3.connect(old)) as db:
            yield from db.execute("SELECT sha256, path, data FROM versions")
    except sqlite3.Error:
        yield None


def _checked(row: tuple[str, str, bytes] | None) -> bytes | None:
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
