"""The one error that a reader is meant to see.

Every door (command line, page, API) catches `PinciteError` once and shows its message as it is, so
the message says what failed, where, and what to do. Anything else that escapes is a bug.

    PinciteError
    ├── UnreadableSource     a file that cannot become an article
    ├── CannotFetch          an address that may not or cannot be fetched
    ├── CorpusMissing        no corpus folder, or nothing in it
    ├── BadQuestion          a question that cannot be asked
    ├── BadSetting           an option or PINCITE_* variable that makes no sense
    ├── IndexBroken          an index that must be rebuilt
    ├── EmbedderMismatch     an index built by another embedder
    ├── IndexBusy            another process owns the index
    ├── IngestStopped        an ingest that ended before it was finished, as it was told to
    ├── WritingStopped       an answer that its reader stopped
    ├── BadRecord            a record that is none, or that was changed after it was made
    └── NoRoom               the disk is full or read-only
"""

from __future__ import annotations

import errno
import re
from pathlib import Path

_NO_ROOM_NUMBERS = {
    errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO,
}  # fmt: skip
# SQLite and Chroma say it in words: 8 is "readonly", 10 an I/O error, 13 "full", 14 "cannot open".
_NO_ROOM_WORDS = re.compile(
    r"disk is full|no space left|file too large|quota|read-?only|permission denied|disk i/o error"
    r"|unable to open database|\bcode: (?:8|10|13|14)\)",
    re.IGNORECASE,
)


class PinciteError(Exception):
    """What failed, where, and what to do about it, in the reader's words."""


class UnreadableSource(PinciteError):
    """A file that cannot become an article."""


class CannotFetch(PinciteError):
    """An address that may not be fetched, or whose server does not give what was asked for."""


class CorpusMissing(PinciteError):
    """The corpus folder is absent or holds no article."""


class BadQuestion(PinciteError):
    """The question is empty, too long, or has no words."""


class BadSetting(PinciteError):
    """A command-line option or a `PINCITE_*` variable that makes no sense."""


class IndexBroken(PinciteError):
    """The index cannot be read; it is derived, so it can be rebuilt."""


class EmbedderMismatch(PinciteError):
    """The index was built by another embedder."""


class IndexBusy(PinciteError):
    """Another process owns the index folder."""


class IngestStopped(PinciteError):
    """An ingest was told to stop; what was finished is kept, and the next one completes it."""


class WritingStopped(PinciteError):
    """The reader stopped an answer while a model wrote it."""


class BadRecord(PinciteError):
    """There is no such record, or what was given is none, or was changed after it was made."""


class NoRoom(PinciteError):
    """The disk is full, or the folder may not be written."""


def reason(error: Exception, *names: str) -> str:
    """What is wrong, without the names of the source that the message may begin with.

    >>> reason(UnreadableSource("a.txt: holds no text."), "a.txt")
    'holds no text.'
    """
    told = str(error)
    for name in names:
        told = told.removeprefix(name)
    return told.lstrip(" ,:")


def no_room(folder: Path, error: BaseException) -> NoRoom | None:
    """`NoRoom` naming the folder if the error means that it cannot be written, else None.

    >>> str(no_room(Path("idx"), OSError(errno.ENOSPC, "No space left on device")))[:48]
    'idx: cannot be written (No space left on device)'
    """
    if isinstance(error, FileNotFoundError | NotADirectoryError | FileExistsError):
        return None
    number = error.errno if isinstance(error, OSError) else None
    if number not in _NO_ROOM_NUMBERS and not _NO_ROOM_WORDS.search(str(error)):
        return None
    what = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return NoRoom(
        f"{folder}: cannot be written ({what}). The disk may be full, read-only or over its quota. "
        "Make room and run the same command again; what was finished is kept."
    )
