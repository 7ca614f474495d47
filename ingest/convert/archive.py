"""Zip files: every article in them, as if each had been added by itself.

Sizes that the archive declares are not believed: an entry is unpacked piece by piece and counted.
Nothing is written to disk, and names are labels only, yet entries whose names lead out of a folder
are refused, since whoever made them had no article in mind.

An entry has no address of its own, so it gets none: that of the archive would make all of them look
like versions of one article.

Left out: hidden files and what macOS puts beside them (silently), passwords, and archives of other
kinds. How deep archives may lie in each other is limited by `worker.py`.
"""

from __future__ import annotations

import io
import lzma
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise

from ingest.convert.document import Entry, Skipped, Source
from ingest.convert.formats import known_suffixes
from ingest.convert.markdown import one_line
from ingest.errors import UnreadableSource

LARGEST_ENTRY = 200_000_000  # bytes unpacked, held in memory at once
LARGEST_TOTAL = 2_000_000_000  # bytes of all entries that were unpacked
_STEEPEST = (
    300  # times its packed size; of text, deflate makes a tenth, of one repeated byte 1/1,032
)
_SMALL = 5_000_000  # bytes that may be packed as tightly as they like
_PIECE = 1_000_000  # bytes unpacked at once
_HEADER = 30  # bytes before an entry's name and data, at least (APPNOTE.TXT 4.3.7)

_UPWARD = re.compile(r"(?:^|[/\\])\.\.(?:[/\\]|$)")
_ABSOLUTE = re.compile(r"[/\\]|[A-Za-z]:")
_DAMAGES = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError,
    struct.error, RuntimeError, NotImplementedError, OverflowError,
)  # fmt: skip


class _TooLarge(Exception):
    """An entry unpacks to more than is allowed."""


def read(
    source: Source, *, largest_entry: int = LARGEST_ENTRY, largest_total: int = LARGEST_TOTAL
) -> Iterator[Entry | Skipped]:
    """An entry for each file that may be an article, in the archive's order.

    Of each entry at most `largest_entry` bytes are unpacked, of all together `largest_total`.
    `UnreadableSource` where the archive's directory is damaged, or where its entries share bytes,
    as those of zip bombs do (D. Fifield, "A better zip bomb", WOOT 2019).
    """
    try:
        opened = zipfile.ZipFile(io.BytesIO(source.data))
    except _DAMAGES as error:
        raise UnreadableSource(f"is a damaged or cut-off zip file ({_told(error)}).") from error
    with opened:
        entries = [entry for entry in opened.infolist() if not entry.filename.endswith("/")]
        if _overlap(entries):
            raise UnreadableSource("is a zip bomb: its entries share their bytes.")
        unpacked = 0
        for entry in entries:
            name = _name(entry)
            if _is_hidden(name):
                continue
            found = _entry(opened, entry, name, largest_entry)
            yield found
            unpacked += len(found.source.data) if isinstance(found, Entry) else 0
            if unpacked > largest_total:
                yield Skipped("the rest", f"it unpacks to more than {largest_total / 1e9:g} GB.")
                return


def _entry(
    opened: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, largest: int
) -> Entry | Skipped:
    reason = _refusal(entry, name)
    if reason is None:
        try:
            return Entry(Source(name=name, data=_unpacked(opened, entry, largest)))
        except _TooLarge as error:
            reason = str(error)
        except _DAMAGES as error:
            reason = f"is damaged, or packed in a way that is not known ({_told(error)})."
    return Skipped(name, reason)


def _refusal(entry: zipfile.ZipInfo, name: str) -> str | None:
    """Why an entry is not even unpacked."""
    if _UPWARD.search(name) or _ABSOLUTE.match(name):
        return "has a name that leads out of the archive's folder."
    kind = stat.S_IFMT(entry.external_attr >> 16) if entry.create_system == 3 else 0  # 3: Unix
    if kind not in (0, stat.S_IFREG):
        return "is a link to another file, or a device."
    if entry.flag_bits & 1:
        return "is encrypted. Unpack it with its password, and add what it holds."
    if not name.lower().endswith(known_suffixes()):
        return "is of no known format."
    return None


def _unpacked(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, largest: int) -> bytes:
    pieces, size = [], 0
    with opened.open(entry) as stream:
        while piece := stream.read(_PIECE):
            pieces.append(piece)
            size += len(piece)
            if size > largest:
                raise _TooLarge(f"unpacks to more than {largest / 1e6:g} MB.")
            if size > _SMALL and size > _STEEPEST * max(1, entry.compress_size):
                raise _TooLarge(
                    f"is a zip bomb: it unpacks to more than {_STEEPEST} times its size."
                )
    return b"".join(pieces)


def _overlap(entries: list[zipfile.ZipInfo]) -> bool:
    """Whether two entries have bytes in common."""
    spans = sorted((one.header_offset, _HEADER + one.compress_size) for one in entries)
    return any(start + length > following for (start, length), (following, _) in pairwise(spans))


def _name(entry: zipfile.ZipInfo) -> str:
    """The entry's name. Many tools write UTF-8 without saying so, which reads as `TÃ¤ter`."""
    name = entry.filename
    if not entry.flag_bits & 0x800 and not name.isascii():
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return one_line(name) or "(no name)"


def _is_hidden(name: str) -> bool:
    parts = [part for part in re.split(r"[/\\]", name) if part not in ("", ".", "..")]
    return any(part.startswith(".") for part in parts) or "__MACOSX" in parts


def _told(error: Exception) -> str:
    return one_line(str(error))[:120] or type(error).__name__
