"""Web archives (WARC, ISO 28500): every archived page, with its address and the day it was fetched.

Read record by record by warcio, out of bytes that are unpacked here, since warcio unpacks a whole
block at once, however large, and leaves off at a gzip file that was packed as a whole.

Left out, silently: what is no page (requests, pictures, scripts, styles), answers other than 200,
and revisits, whose page was archived before. The digests of records are not checked.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from contextlib import redirect_stderr
from typing import TYPE_CHECKING, Any

from ingest.convert.document import Entry, Skipped, Source
from ingest.convert.formats import FORMATS
from ingest.convert.markdown import one_line
from ingest.errors import UnreadableSource

if TYPE_CHECKING:
    from warcio.recordloader import ArcWarcRecord

LARGEST_PAGE = 100_000_000  # bytes, packed and unpacked
LARGEST_TOTAL = 2_000_000_000  # bytes of the archive, unpacked
_PIECE = 1_000_000  # bytes unpacked at once
_SLICE = 16_384  # bytes given to zlib at once
_GZIP, _ZLIB, _DEFLATE = (
    31,
    15,
    -15,
)  # window bits, as zlib wants to be told what surrounds the data

_PAGES = {
    kind
    for name in ("html", "pdf", "docx", "odt", "rtf", "epub", "text")
    for kind in FORMATS[name].media_types
}
_TYPES = ("response", "resource", "conversion")
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)T")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_SCHEME = re.compile(r"https?://", re.IGNORECASE)


class _TooLarge(Exception):
    """More bytes than are allowed."""


class _Unpacked(io.RawIOBase):
    """The archive's bytes, as a stream; `damage` says why it ended before they did."""

    def __init__(self, pieces: Iterator[bytes], largest: int) -> None:
        self._pieces, self._largest, self._held, self._given = pieces, largest, b"", 0
        self.damage: str | None = None

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, at least one before the end."""
        if not self._held and not self.damage:
            self._held = self._next()
        size = len(self._held) if size < 0 else size
        given, self._held = self._held[:size], self._held[size:]
        self._given += len(given)
        return given

    def tell(self) -> int:
        """Bytes given so far."""
        return self._given

    def _next(self) -> bytes:
        try:
            if self._given > self._largest:
                self.damage = f"the archive unpacks to more than {self._largest / 1e9:g} GB."
                return b""
            return next(self._pieces, b"")
        except EOFError:
            self.damage = "the archive is cut off here."
        except zlib.error:
            self.damage = "the archive is damaged here."
        return b""


def read(
    source: Source, *, largest_page: int = LARGEST_PAGE, largest_total: int = LARGEST_TOTAL
) -> Iterator[Entry | Skipped]:
    """An entry for each archived page, in the archive's order.

    Of a page at most `largest_page` bytes are taken, of the archive `largest_total`, both unpacked.
    `UnreadableSource` where there is no page at all. What comes before a damage is kept.
    """
    packed = source.data.startswith(b"\x1f\x8b")
    pieces = _inflated(source.data, _GZIP) if packed else _slices(source.data)
    stream, found = _Unpacked(pieces, largest_total), False
    for part in _records(stream, largest_page):
        found = True
        yield part
    if not found:
        why = f": {stream.damage}" if stream.damage else " that was fetched with success."
        raise UnreadableSource(f"holds no archived page{why}")
    if stream.damage:
        yield Skipped("the rest", stream.damage)


def _records(stream: _Unpacked, largest: int) -> Iterator[Entry | Skipped]:
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed
    from warcio.statusandheaders import StatusAndHeadersParserException

    records = iter(ArchiveIterator(stream, block_size=_PIECE))
    while True:
        try:
            with redirect_stderr(io.StringIO()):  # its warnings are told as reasons below
                record = next(records, None)
            if record is None:
                break
            part = _part(record, largest)
            if part is not None:
                yield part
        except (ArchiveLoadFailed, StatusAndHeadersParserException, EOFError) as error:
            stream.damage = stream.damage or f"the archive is damaged here ({_told(error)})."
            break
        except (
            ValueError,
            AttributeError,
            TypeError,
            LookupError,
        ) as error:  # warcio's, of odd headers
            stream.damage = (
                stream.damage or f"the archive is damaged here ({type(error).__name__})."
            )
            break


def _part(record: ArcWarcRecord, largest: int) -> Entry | Skipped | None:
    """The record's page; None where it has none."""
    url = (record.rec_headers.get_header("WARC-Target-URI") or "").strip().strip("<>")
    http = record.http_headers
    if record.rec_type not in _TYPES or not _SCHEME.match(url):
        return None
    if http is not None and http.get_statuscode() != "200":
        return None
    said = (http.get_header("Content-Type") if http else record.content_type) or ""
    kind = said.split(";")[0].strip().lower()
    if kind not in _PAGES or url.endswith("/robots.txt"):
        return None
    name = _SCHEME.sub("", url)
    try:
        data = _page(record, largest)
    except _TooLarge:
        return Skipped(name, f"has more than {largest / 1e6:g} MB.")
    except (EOFError, zlib.error) as error:
        return Skipped(name, f"is cut off or damaged ({_told(error)}).")
    except NotImplementedError as error:
        return Skipped(name, str(error))
    charset = _CHARSET.search(said)
    source = Source(
        name=name, data=data, media_type=kind, charset=charset[1] if charset else None, url=url
    )
    day = _DAY.match(record.rec_headers.get_header("WARC-Date") or "")
    return Entry(source, accessed=day[1] if day else None)


def _page(record: ArcWarcRecord, largest: int) -> bytes:
    """The page as a browser would see it: not chunked, not packed."""
    from warcio.bufferedreaders import ChunkedDataReader

    if record.length is None:
        raise EOFError("its length is not said")
    raw = record.raw_stream.read(largest + 1)
    if len(raw) > largest:
        raise _TooLarge
    if getattr(record.raw_stream, "limit", 0) > 0:
        raise EOFError("the archive ends in it")
    if record.http_headers is None:
        return bytes(raw)
    said = _said(record.http_headers, "Transfer-Encoding")
    if said == "chunked":
        raw = ChunkedDataReader(io.BytesIO(raw)).read()
    return _joined(_plain(raw, _said(record.http_headers, "Content-Encoding")), largest)


def _said(headers: Any, name: str) -> str:
    return (headers.get_header(name) or "").strip().lower()


def _joined(pieces: Iterator[bytes], largest: int) -> bytes:
    kept, size = [], 0
    for piece in pieces:
        kept.append(piece)
        size += len(piece)
        if size > largest:
            raise _TooLarge
    return b"".join(kept)


def _plain(raw: bytes, encoding: str) -> Iterator[bytes]:
    """The pieces of a body that was sent packed; some archives unpack it, and do not say so."""
    if encoding in ("gzip", "x-gzip") and raw.startswith(b"\x1f\x8b"):
        return _inflated(raw, _GZIP)
    if encoding == "deflate":  # RFC 9110, 8.4.1.2: zlib's format, but some send it bare
        return _inflated(raw, _ZLIB if raw[:1] == b"\x78" else _DEFLATE)
    if encoding == "br":
        return _unbrotlied(raw)
    if encoding in ("", "identity", "gzip", "x-gzip"):
        return iter((raw,))
    raise NotImplementedError(f"is packed in a way that is not known ({one_line(encoding)[:40]}).")


def _unbrotlied(raw: bytes) -> Iterator[bytes]:
    import brotli

    engine = brotli.Decompressor()
    given = raw
    try:
        while not engine.is_finished():
            piece = engine.process(given, output_buffer_limit=_PIECE)
            if not piece and engine.can_accept_more_data():
                raise EOFError("its packed text is cut off")
            given = b""
            yield piece
    except brotli.error as error:
        if given:  # at its first byte: it was unpacked before it was archived
            yield raw
        else:
            raise EOFError("its packed text is damaged") from error


def _slices(data: bytes) -> Iterator[bytes]:
    return (data[at : at + _PIECE] for at in range(0, len(data), _PIECE))


def _inflated(data: bytes, bits: int) -> Iterator[bytes]:
    """Unpacked pieces of at most `_PIECE` bytes, of one gzip member after another.

    `EOFError` where the last is cut off, `zlib.error` where one is damaged.
    """
    engine, begun, held = zlib.decompressobj(bits), False, b""
    at = 0
    while held or at < len(data):
        if not held:
            held, at = data[at : at + _SLICE], at + _SLICE
        piece, begun = engine.decompress(held, _PIECE), True
        held = engine.unconsumed_tail
        if engine.eof:
            held = engine.unused_data.lstrip(b"\0")  # padding between members
            engine, begun = zlib.decompressobj(bits), False
        if piece:
            yield piece
    if begun:
        if rest := engine.flush():
            yield rest
        raise EOFError("it ends too early")


def _told(error: Exception) -> str:
    return one_line(str(error))[:120] or type(error).__name__
