"""The converting process: its limits, and that nothing that happens there reaches further."""

from __future__ import annotations

import io
import os
import signal
import threading
import time
import zipfile
from collections.abc import Iterator

import pytest

from ingest.convert import Converter, Document, Skipped, Source
from ingest.errors import UnreadableSource

TIDES = "Tides\n\nThe moon pulls the sea. The sun pulls it too, but less."


@pytest.fixture
def converter() -> Iterator[Converter]:
    with Converter() as converter:
        yield converter


def zipped(entries: dict[str, bytes]) -> Source:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return Source("papers.zip", out.getvalue())


def nested(depth: int) -> Source:
    source = zipped({"tides.txt": TIDES.encode()})
    for _ in range(depth):
        source = zipped({"papers.zip": source.data})
    return source


def test_one_process_serves_one_source_after_another(converter: Converter) -> None:
    for n in range(3):
        (one,) = converter.convert(Source("a.txt", f"{TIDES} Edition {n}.".encode()))
        assert isinstance(one, Document)
        assert one.body.endswith(f"Edition {n}.")
        assert converter._process is not None
        if n == 0:
            first = converter._process.pid
        assert converter._process.pid == first


def test_a_source_that_cannot_be_read_leaves_the_next_one_alone(converter: Converter) -> None:
    with pytest.raises(UnreadableSource, match="does not begin like one"):
        list(converter.convert(Source("a.pdf", b"text")))
    assert list(converter.convert(Source("a.txt", TIDES.encode())))


def test_a_crash_is_an_error_on_that_source_alone(converter: Converter) -> None:
    list(converter.convert(Source("a.txt", TIDES.encode())))
    assert converter._process is not None
    process = converter._process
    os.kill(process.pid, signal.SIGSTOP)  # it cannot answer before it crashes
    crash = threading.Timer(0.5, os.kill, (process.pid, signal.SIGSEGV))
    crash.start()
    threading.Timer(0.6, os.kill, (process.pid, signal.SIGCONT)).start()
    with pytest.raises(UnreadableSource, match="crash"):
        list(converter.convert(Source("a.txt", TIDES.encode())))
    assert list(converter.convert(Source("a.txt", TIDES.encode())))


def test_a_hang_ends_at_the_limit() -> None:
    with Converter(seconds=8.0) as converter:
        list(converter.convert(Source("a.txt", TIDES.encode())))
        assert converter._process is not None
        os.kill(converter._process.pid, signal.SIGSTOP)
        started = time.monotonic()
        with pytest.raises(UnreadableSource, match=r"takes longer than 8 seconds"):
            list(converter.convert(Source("a.txt", b"x" * 10_000_000)))
        assert time.monotonic() - started < 30
        assert list(converter.convert(Source("a.txt", TIDES.encode())))


def test_memory_ends_at_the_limit() -> None:
    with Converter(memory=600_000_000) as converter:
        with pytest.raises(UnreadableSource, match=r"memory|crash"):
            list(converter.convert(Source("a.txt", b"word " * 60_000_000)))
        assert list(converter.convert(Source("a.txt", TIDES.encode())))


def test_leaving_in_the_middle_ends_the_process(converter: Converter) -> None:
    many = zipped({f"{n}.txt": TIDES.encode() for n in range(500)})
    for one in converter.convert(many):
        assert isinstance(one, Document)
        break
    assert list(converter.convert(Source("a.txt", TIDES.encode())))


def test_no_process_is_left_behind() -> None:
    with Converter() as converter:
        list(converter.convert(Source("a.txt", TIDES.encode())))
        assert converter._process is not None
        pid = converter._process.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_the_process_knows_no_key_and_no_setting(
    converter: Converter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PINCITE_LLM_KEY", "sk-secret")
    list(converter.convert(Source("a.txt", TIDES.encode())))
    assert converter._process is not None
    with open(f"/proc/{converter._process.pid}/environ", "rb") as environment:
        assert b"sk-secret" not in environment.read()


def test_parts_are_named_after_where_they_are(converter: Converter) -> None:
    found = list(converter.convert(zipped({"a/tides.txt": TIDES.encode(), "b.png": b"\x89PNG"})))
    (document,) = [one for one in found if isinstance(one, Document)]
    assert document.part == "a/tides.txt"
    assert document.title == "Tides"
    assert [one.part for one in found if isinstance(one, Skipped)] == ["b.png"]


def test_archives_in_archives_are_opened_three_deep(converter: Converter) -> None:
    (document,) = converter.convert(nested(2))
    assert isinstance(document, Document)
    assert document.part == "papers.zip: papers.zip: tides.txt"
    (skipped,) = converter.convert(nested(4))
    assert isinstance(skipped, Skipped)
    assert "archives deep" in skipped.reason


def test_a_wrong_name_is_a_remark(converter: Converter) -> None:
    (one,) = converter.convert(Source("a.csv", b"{\\rtf1\\ansi Tides rise and fall.}"))
    assert isinstance(one, Document)
    assert one.remarks[0] == "Its name says CSV, but it is a RTF file."
