"""The body of an answer, unpacked as it comes and stopped at its limit.

gzip and deflate are all that is asked for: Python has both, and both can be stopped after so many
bytes, so that a bomb costs no more than an honest article of the largest size allowed.

Left out: Brotli and Zstandard, which would save some traffic and cost two more decoders of
untrusted bytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from ingest.errors import CannotFetch

ACCEPTED = "gzip, deflate"
_GZIP, _ZLIB, _RAW = 31, 15, -15  # zlib's names for the three wrappings
_STEP = 1_000_000  # bytes unpacked at once
_MOST_MEMBERS = (
    1_000  # gzip streams in a row; tools that pack in parallel make some, bombs millions
)


def read(chunks: Iterable[bytes], packing: str, *, most: int, cut: bool = False) -> bytes:
    """The whole body, unpacked; with `cut`, no more than its first `most` bytes.

    `CannotFetch` where it is longer (as it comes, or unpacked), where it is packed in a way that
    was not asked for, or where it is damaged or ends too early.

    >>> read([b"ab", b"c"], "", most=3)
    b'abc'
    """
    out = bytearray()
    for piece in _unpacked(_limited(chunks, most, cut=cut), packing.strip().lower(), cut=cut):
        out += piece
        if len(out) > most:
            if cut:
                return bytes(out[:most])
            raise _too_large(most, "unpacks to")
    return bytes(out)


def _limited(chunks: Iterable[bytes], most: int, *, cut: bool) -> Iterator[bytes]:
    came = 0
    for chunk in chunks:
        came += len(chunk)
        if came > most and not cut:
            raise _too_large(most, "is")
        yield chunk
        if came > most:
            return


def too_large(length: str, most: int) -> CannotFetch | None:
    """The error for a Content-Length above the limit; None where it is fine or says nothing."""
    if length.isascii() and length.isdigit() and int(length[:20]) > most:
        return _too_large(most, "is")
    return None


def _too_large(most: int, verb: str) -> CannotFetch:
    return CannotFetch(
        f"{verb} more than {most / 1_000_000:g} MB, the most that is fetched. Download it yourself "
        "and add the file, or raise the limit."
    )


def _unpacked(chunks: Iterator[bytes], packing: str, *, cut: bool) -> Iterator[bytes]:
    if packing in ("", "identity"):
        return chunks
    if packing in ("gzip", "x-gzip"):
        return _inflated(chunks, _GZIP, "gzip", cut=cut)
    if packing == "deflate":
        return _inflated(chunks, _ZLIB, "deflate", cut=cut)
    raise CannotFetch(
        f"is packed as {packing[:40]!r}, though only {ACCEPTED} was asked for. Download it "
        "yourself and add the file."
    )


def _inflated(chunks: Iterator[bytes], wrapping: int, label: str, *, cut: bool) -> Iterator[bytes]:
    members, came = 1, b""
    stream = zlib.decompressobj(wrapping)
    try:
        for chunk in chunks:
            data = chunk
            if wrapping == _ZLIB and len(came) < 2:  # some send deflate without its wrapping
                came += chunk
                if len(came) < 2:
                    continue
                stream = zlib.decompressobj(_ZLIB if _is_zlib(came) else _RAW)
                data = came
            more = True
            while data or more:
                if stream.eof:
                    if not data.startswith(b"\x1f") or wrapping != _GZIP:
                        return  # what follows belongs to nothing; browsers drop it, too
                    members += 1
                    if members > _MOST_MEMBERS:
                        raise CannotFetch("is packed in far too many pieces.")
                    stream = zlib.decompressobj(wrapping)
                piece = stream.decompress(data, _STEP)
                yield piece
                data = stream.unused_data if stream.eof else stream.unconsumed_tail
                more = len(piece) == _STEP and not stream.eof  # some may be left inside of zlib
            came = came or chunk[:1]
    except zlib.error as error:
        raise CannotFetch(f"is damaged: its {label} data make no sense ({error}).") from error
    if came and not stream.eof and not cut:
        raise CannotFetch(f"breaks off in the middle of its {label} data. Try again later.")


def _is_zlib(data: bytes) -> bool:
    """Whether these bytes begin with zlib's header (RFC 1950, 2.2)."""
    return data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
