"""The originals: the very bytes that articles were made from, kept beside them in the corpus.

    corpus/.originals/ab/abcdef….pdf

Each is kept once under the SHA-256 of its bytes, so an article's `source_sha256` names it, and the
folder may be moved or copied with the corpus. Ingestion leaves hidden folders out.

Left out: which article was made from which (`ledger.py`).
"""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from pathlib import Path

from ingest.errors import no_room
from ingest.files import replace_with

FOLDER = ".originals"
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}(?:\.gz)?")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def keep(corpus: Path, data: bytes, suffix: str) -> str:
    """Keep these bytes; → their SHA-256. `NoRoom` where the corpus cannot be written.

    `suffix` (`.pdf`) is for people and browsers; one that is odd is left away.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    if find(corpus, sha256) is None:
        suffix = suffix.lower() if _SUFFIX.fullmatch(suffix.lower()) else ""
        try:
            replace_with(_folder(corpus, sha256) / f"{sha256}{suffix}", data)
        except OSError as error:
            raise no_room(corpus, error) or error from error
    return sha256


def find(corpus: Path, sha256: str) -> Path | None:
    """The file of an original; None where there is none, or the name is no SHA-256."""
    if not _SHA256.fullmatch(sha256):
        return None
    with suppress(OSError):
        return next(
            (
                file
                for file in _folder(corpus, sha256).iterdir()
                if file.name.startswith(sha256) and file.is_file() and not file.is_symlink()
            ),
            None,
        )
    return None


def remove(corpus: Path, sha256: str) -> bool:
    """Delete an original; → whether there was one."""
    file = find(corpus, sha256)
    if file is None:
        return False
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise no_room(corpus, error) or error from error
    with suppress(OSError):  # not empty
        file.parent.rmdir()
    return True


def _folder(corpus: Path, sha256: str) -> Path:
    return corpus / FOLDER / sha256[:2]
