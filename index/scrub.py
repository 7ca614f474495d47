"""Makes what was deleted from Chroma's database unreadable in its file, in a process of its own.

    python index/scrub.py chroma.sqlite3

Chroma leaves three things behind: the row that once put a passage in, in its log, until a later
write clears it away; the words in the segments of its full text, until they are merged; and the
pages of the file that are free now. So log rows of ids that are gone are deleted (those that say
“delete” stay, for the vectors' own file may not have heard of them yet), the full text is merged
into one segment, and the file is written anew.

It runs in another process because Chroma brings an SQLite of its own: when two of them in one
process open a file, closing it in one takes away the locks of the other (sqlite.org/howtocorrupt,
2.2.1). It imports nothing of Pincite's, so it starts at once.

Left out: the vectors. Chroma marks those of deleted passages as such and may keep the numbers in
their file until a later passage takes the place; they are no words.
"""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing

_SECONDS = 120.0  # to wait for a lock
_DELETE = 3  # the operation, in Chroma's log


def scrub(database: str) -> None:
    """Leave nothing of what was deleted in the file; `sqlite3.Error` where that fails."""
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


if __name__ == "__main__":
    try:
        scrub(sys.argv[1])
    except sqlite3.Error as error:
        sys.exit(f"{error}")
