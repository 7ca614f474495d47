"""Web archives, written by warcio's own writer, then cut, damaged and packed in other ways."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable
from contextlib import suppress

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from ingest.convert import Converter
from ingest.convert.document import Document, Entry, Skipped, Source
from ingest.convert.warc import read
from ingest.errors import UnreadableSource
from tests.clock import at_most

HTML = b"<html><head><title>Gate</title></head><body><p>The gate opened.</p></body></html>"


class Archive:
    """An archive in the making."""

    def __init__(self, *, packed: bool) -> None:
        self._out = io.BytesIO()
        self._writer = WARCWriter(self._out, gzip=packed)

    def page(
        self,
        url: str,
        body: bytes = HTML,
        *,
        kind: str = "text/html; charset=utf-8",
        status: str = "200 OK",
        record: str = "response",
        **headers: str,
    ) -> Archive:
        http = StatusAndHeaders(
            status,
            [("Content-Type", kind), *((k.replace("_", "-"), v) for k, v in headers.items())],
            protocol="HTTP/1.1",
        )
        self._writer.write_record(
            self._writer.create_warc_record(
                url,
                record,
                payload=io.BytesIO(body),
                http_headers=None if record in ("resource", "conversion") else http,
                warc_content_type=kind if record in ("resource", "conversion") else "",
                warc_headers_dict={"WARC-Date": "2021-11-30T23:30:00Z"},
            )
        )
        return self

    @property
    def data(self) -> bytes:
        return self._out.getvalue()


def parts(data: bytes, **limits: int) -> list[Entry | Skipped]:
    return list(read(Source("a.warc", data), **limits))


def pages(found: list[Entry | Skipped]) -> list[Entry]:
    return [one for one in found if isinstance(one, Entry)]


@pytest.mark.parametrize("packed", [True, False])
def test_page_keeps_its_bytes_address_charset_and_the_day_it_was_fetched(packed: bool) -> None:
    data = Archive(packed=packed).page("https://example.org/news/gate?a=1").data
    assert parts(data) == [
        Entry(
            Source(
                "example.org/news/gate?a=1",
                HTML,
                "text/html",
                "utf-8",
                "https://example.org/news/gate?a=1",
            ),
            accessed="2021-11-30",
        )
    ]


def test_archived_page_becomes_an_article_with_address_and_day() -> None:
    told = [f"On day {n} the gate opened at noon and closed again at dusk." for n in range(9)]
    text = "".join(f"<p>{one}</p>" for one in told)
    html = f"<html><head><title>Gate</title></head><body><article>{text}</article></body></html>"
    data = Archive(packed=True).page("https://example.org/gate", html.encode()).data
    with Converter() as converter:
        (document,) = converter.convert(Source("a.warc.gz", data))
    assert document == Document(
        body="\n\n".join(told),
        title="Gate",
        url="https://example.org/gate",
        accessed="2021-11-30",
        language="en",
        part="example.org/gate",
    )


def test_only_pages_that_were_fetched_with_success_are_taken() -> None:
    data = (
        Archive(packed=True)
        .page("https://example.org/robots.txt", b"User-agent: *", kind="text/plain")
        .page("https://example.org/a.png", b"\x89PNG", kind="image/png")
        .page("https://example.org/gone", status="404 Not Found")
        .page("https://example.org/moved", status="301 Moved")
        .page("https://example.org/again", record="revisit")
        .page("urn:pageinfo", b"{}", kind="text/html", record="resource")
        .page("https://example.org/a.pdf", b"%PDF-1.7", kind="application/pdf", record="resource")
        .page(
            "https://example.org/wet", b"The gate opened.", kind="text/plain", record="conversion"
        )
        .page("https://example.org/gate")
        .data
    )
    assert [one.source.name for one in pages(parts(data))] == [
        "example.org/a.pdf", "example.org/wet", "example.org/gate",
    ]  # fmt: skip
    assert len(parts(data)) == 3


def chunked(body: bytes) -> bytes:
    halves = (body[: len(body) // 2], body[len(body) // 2 :])
    return b"".join(b"%x\r\n%b\r\n" % (len(one), one) for one in halves) + b"0\r\n\r\n"


def bare_deflate(body: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-15)
    return engine.compress(body) + engine.flush()


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress), ("deflate", zlib.compress), ("deflate", bare_deflate),
        ("br", brotli.compress), ("gzip", bytes), ("br", bytes), ("identity", bytes),
    ],
    ids=["gzip", "deflate", "bare", "br", "gzip-unpacked", "br-unpacked", "identity"],
)  # fmt: skip
def test_packed_and_chunked_pages_are_as_a_browser_would_see_them(
    encoding: str, pack: Callable[[bytes], bytes]
) -> None:
    archive = Archive(packed=False)
    archive.page("https://example.org/a", pack(HTML), Content_Encoding=encoding)
    archive.page(
        "https://example.org/b",
        chunked(pack(HTML)),
        Content_Encoding=encoding,
        Transfer_Encoding="Chunked",
    )
    assert [one.source.data for one in pages(parts(archive.data))] == [HTML, HTML]


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("br", brotli.compress)])
def test_page_that_unpacks_to_too_much_is_skipped_and_the_others_are_not(
    encoding: str, pack: Callable[[bytes], bytes]
) -> None:
    archive = Archive(packed=True)
    archive.page("https://example.org/bomb", pack(b"\0" * 20_000_000), Content_Encoding=encoding)
    archive.page("https://example.org/gate")
    first, second = parts(archive.data, largest_page=5_000_000)
    assert first == Skipped("example.org/bomb", "has more than 5 MB.")
    assert isinstance(second, Entry)


def test_unknown_and_cut_encodings_are_told() -> None:
    archive = Archive(packed=True)
    archive.page("https://example.org/a", b"\x28\xb5\x2f\xfd", Content_Encoding="zstd")
    archive.page("https://example.org/b", gzip.compress(HTML)[:-20], Content_Encoding="gzip")
    archive.page("https://example.org/c", brotli.compress(HTML)[:-20], Content_Encoding="br")
    found = parts(archive.data)
    assert [one.part for one in found if isinstance(one, Skipped)] == [
        "example.org/a", "example.org/b", "example.org/c",
    ]  # fmt: skip


@pytest.mark.parametrize("packed", [True, False])
def test_archive_cut_off_in_its_second_page_keeps_the_first(packed: bool) -> None:
    first = Archive(packed=packed).page("https://example.org/1").data
    second = Archive(packed=packed).page("https://example.org/2", bytes(range(256)) * 200).data
    found = parts(first + second[: -len(second) // 2])
    assert [one.source.url for one in pages(found)] == ["https://example.org/1"]
    assert isinstance(found[-1], Skipped)
    assert any("cut off" in one.reason for one in found if isinstance(one, Skipped))


def test_archive_damaged_in_the_middle_keeps_what_came_before() -> None:
    first = Archive(packed=True).page("https://example.org/1").data
    found = parts(first + b"\x1f\x8b" + b"\xff" * 500)
    assert [one.source.url for one in pages(found)] == ["https://example.org/1"]
    assert found[-1] == Skipped("the rest", "the archive is damaged here.")


def test_archive_that_was_packed_as_a_whole_is_read() -> None:
    data = Archive(packed=False).page("https://example.org/1").page("https://example.org/2").data
    assert len(pages(parts(gzip.compress(data)))) == 2


def test_archive_that_unpacks_to_too_much_is_read_so_far() -> None:
    archive = Archive(packed=True).page("https://example.org/1")
    archive.page("https://example.org/2", b"\0" * 30_000_000).page("https://example.org/3")
    found = parts(archive.data, largest_page=1_000_000, largest_total=5_000_000)
    assert [one.source.url for one in pages(found)] == ["https://example.org/1"]
    assert found[-1] == Skipped("the rest", "the archive unpacks to more than 0.005 GB.")


@pytest.mark.parametrize(
    "data",
    [
        Archive(packed=True).page("https://example.org/gone", status="404 Not Found").data,
        gzip.compress(b""),
    ],
    ids=["404", "empty"],
)
def test_archive_without_a_page_is_declined(data: bytes) -> None:
    with pytest.raises(
        UnreadableSource, match="holds no archived page that was fetched with success"
    ):
        parts(data)


def test_archive_cut_off_in_its_first_bytes_is_declined() -> None:
    with pytest.raises(
        UnreadableSource, match=r"holds no archived page: the archive is cut off here\."
    ):
        parts(Archive(packed=True).page("https://example.org/1").data[:30])


def test_archive_without_lengths_gives_no_page() -> None:
    head = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://e.org/\r\n"
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + HTML
    (skipped,) = parts(head + b"\r\n" + answer)
    assert skipped == Skipped("e.org/", "is cut off or damaged (its length is not said).")
    for length in (b"x", b"-1"):
        with pytest.raises(
            UnreadableSource, match="holds no archived page: the archive is damaged"
        ):
            parts(head + b"Content-Length: " + length + b"\r\n\r\n" + answer)


@pytest.mark.parametrize(
    "data",
    [
        b"WARC/1.0\r\n" + b"X: y\r\n" * 300_000,
        b"WARC/1.0\r\nX: " + b"y" * 20_000_000,
        b"WARC/1.0\r\nX: y\r\n" + b" y\r\n" * 300_000,
        b"WARC/1.0\r\n" + b"\r\n" * 1_000_000,
        gzip.compress(b"") * 50_000,
        Archive(packed=False)
        .page("https://e.org/", b"1\r\nx\r\n" * 100_000, Transfer_Encoding="chunked")
        .data,
    ],
    ids=["headers", "line", "continued", "blank", "members", "chunks"],
)
def test_hostile_archives_take_no_long_time(data: bytes) -> None:
    with at_most(10), suppress(UnreadableSource):
        parts(data)


PLAIN = Archive(packed=False).page("https://example.org/1").page("https://example.org/2").data
PACKED = Archive(packed=True).page("https://example.org/1").page("https://example.org/2").data


@given(st.data(), st.sampled_from([PLAIN, PACKED]))
def test_any_damage_is_told(data: st.DataObject, whole: bytes) -> None:
    damaged = bytearray(whole)
    for at in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=6)):
        damaged[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)))
    try:
        assert all(isinstance(one, Entry | Skipped) for one in parts(bytes(damaged[:cut])))
    except UnreadableSource:
        pass
