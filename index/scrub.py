"""Makes what was deleted from Chroma's folder unreadable in its files, in a process of its own.

    python index/scrub.py index/chroma

Chroma leaves three things behind in its database: the row that once put a passage in, in its log,
until a later write clears it away; the words in the segments of its full text, until they are
merged; and the pages of the file that are free now. So log rows of ids that are gone are deleted
(those that say “delete” stay, for the vectors' own file may not have heard of them yet), the full
text is merged into one segment, and the file is written anew.

The files of vectors begin as a piece of the process's memory that nothing was written to yet, and
whatever text it held before is in them (seen with Chroma 1.5.9: words of articles in a
`data_level0.bin` of no vector). What lies behind the last vector is filled with zeros.

It runs in another process because Chroma brings an SQLite of its own: when two of them in one
process open a file, closing it in one takes away the locks of the other (sqlite.org/howtocorrupt,
2.2.1). It imports nothing of Pincite's, so it starts at once.

Left out: the vectors. Chroma marks those of deleted passages as such and may keep the numbers in
their file until a later passage takes the place; they are no words.
"""

from __future__ import annotations

import sqlite3
import struct
import sys
from contextlib import closing
from pathlib import Path

_SECONDS = 120.0  # to wait for a lock
_DELETE = 3  # the operation, in Chroma's log
# As hnswlib's fork writes `header.bin`: version, where level 0 begins, the most vectors, how many
# there are, bytes of each. The numbers' type is the machine's.
_HEADER = struct.Struct("=i4Q")
_VERSION = 1
_LENGTH = 4  # bytes of a vector's length, in `length.bin`


def scrub(folder: Path) -> None:
    """Leave nothing in the files of what was deleted; `sqlite3.Error` or `OSError` if it fails."""
    for header in folder.glob("*/header.bin"):
        _fill_unused(header)
    database = folder / "chroma.sqlite3"
    with closing(sqlite3.connect(database, isolation_level=None, timeout=_SECONDS)) as db:
        db.execute(
            "DELETE FROM embeddings_queue WHERE operation != ? "
            "AND id NOT IN (SELECT embedding_id FROM embeddings)",
            (_DELETE,),
        )
        db.execute(
            "INSERT INTO embedding_fulltext_search (embedding_fulltext_search) VALUES ('optimize')"
        )
        db.execute("VACUUM")


def _fill_unused(header: Path) -> None:
    """Write zeros where a file of vectors has room for some that are not there."""
    start = header.read_bytes()[: _HEADER.size]
    if len(start) < _HEADER.size:
        return
    version, begins, most, count, size = _HEADER.unpack(start)
    if version != _VERSION or begins or count > most:
        return  # of another hnswlib: what is where is not known
    for name, each in (("data_level0.bin", size), ("length.bin", _LENGTH)):
        file = header.with_name(name)
        unused = file.stat().st_size - count * each if file.exists() else 0
        if unused > 0:
            with file.open("r+b") as data:
                data.seek(count * each)
                data.write(bytes(unused))


if __name__ == "__main__":
    try:
        scrub(Path(sys.argv[1]))
    except (sqlite3.Error, OSError) as error:
        sys.exit(f"{error}")
