"""What a command reads and writes besides the corpus: standard input, drafts, records, exports.

Every refusal is a `PinciteError` that names the file. Nothing is read to its end that is far larger
than it may be, and no file that says something else is written over unasked.

Left out: what the text means.
"""

from __future__ import annotations

import stat
import sys
from collections.abc import Sequence
from pathlib import Path

from ingest.errors import BadQuestion, PinciteError, UnreadableSource
from web.terminal import line

LONGEST_TEXT = 1_000_000  # bytes on standard input or of a draft; far more than is allowed
LARGEST_RECORD = 990_000  # bytes, as answer/record/ has it


def text_from(words: Sequence[str]) -> str | None:
    """The arguments as text, or standard input for `-` or for no arguments in a pipe.

    None where there are no words and a person sits at standard input.
    """
    if list(words) == ["-"] or (not words and not sys.stdin.isatty()):
        return _standard_input()
    return " ".join(words) if words else None


def draft_from(name: str) -> str:
    """The text of a file, or of standard input for `-`."""
    if name == "-":
        return _standard_input()
    try:
        return read_file(name, LONGEST_TEXT).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableSource(f"{line(name)}: is not UTF-8 text ({_where(error)}).") from error


def read_file(name: str, most: int) -> bytes:
    """What a file holds; `UnreadableSource` where it cannot be read or has more bytes than `most`.

    Of a larger one no more than that is read.
    """
    try:
        with Path(name).open("rb") as file:
            data = file.read(most + 1)
    except (OSError, ValueError) as error:
        raise UnreadableSource(f"{line(name)}: cannot be read ({_why(error)}).") from error
    if len(data) > most:
        raise UnreadableSource(f"{line(name)}: has more than {most:,} bytes, which is too long.")
    return data


def write_file(name: str, text: str, *, replace: bool) -> None:
    """Write a file in UTF-8; one that is there already stays as it is unless `replace` is said.

    What is no plain file (`/dev/stdout`, a pipe) is written to in any case.
    """
    path, data = Path(name), text.encode("utf-8")
    try:
        if not replace and _holds_something_else(path, data):
            raise PinciteError(
                f"{line(name)}: there is such a file already, and it says something else. "
                "Write another name, or --force to replace it."
            )
        path.write_bytes(data)
    except (OSError, ValueError) as error:
        raise PinciteError(f"{line(name)}: cannot be written ({_why(error)}).") from error


def _holds_something_else(path: Path, data: bytes) -> bool:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return False
    except FileNotFoundError:
        return False
    with path.open("rb") as file:
        return file.read(len(data) + 1) != data


def _standard_input() -> str:
    data = sys.stdin.buffer.read(LONGEST_TEXT + 1)
    if len(data) > LONGEST_TEXT:
        raise BadQuestion(
            f"Standard input has more than {LONGEST_TEXT:,} bytes, which is far too long."
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadQuestion(f"What is on standard input is not UTF-8 ({_where(error)}).") from error


def _where(error: UnicodeDecodeError) -> str:
    return f"byte {error.start + 1}: {error.reason}"


def _why(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)
