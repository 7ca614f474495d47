"""Zip files, made by Python's zipfile, and those that a hostile hand makes of them."""

from __future__ import annotations

import io
import stat
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.convert import Converter, archive
from ingest.convert.document import Document, Entry, Skipped, Source
from ingest.errors import UnreadableSource
from tests.clock import at_most


def packed(
    *files: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as opened:
        for name, data in files:
            opened.writestr(name, data, compress_type=method)
    return out.getvalue()


def parts(data: bytes) -> list[Entry | Skipped]:
    return list(archive.read(Source("a.zip", data, url="https://example.org/a.zip")))


def names(found: list[Entry | Skipped]) -> list[str]:
    return [one.source.name if isinstance(one, Entry) else one.part for one in found]


def only_reason(data: bytes) -> str:
    (skipped,) = parts(data)
    assert isinstance(skipped, Skipped)
    return skipped.reason


def test_entries_come_in_their_order_with_their_paths_and_bytes() -> None:
    data = packed(("b/two.txt", b"Second."), ("a.md", b"First."))
    assert parts(data) == [
        Entry(Source("b/two.txt", b"Second.")),
        Entry(Source("a.md", b"First.")),
    ]


def test_zip_in_a_zip_is_converted_and_its_articles_are_told_by_where_they_lay() -> None:
    inner = packed(("deep/note.txt", b"The gate opened."), ("picture.jpg", b"\xff\xd8\xff"))
    with Converter() as converter:
        found = list(converter.convert(Source("a.zip", packed(("inner.zip", inner)))))
    (document,) = (one for one in found if isinstance(one, Document))
    assert (document.part, document.body) == ("inner.zip: deep/note.txt", "The gate opened.")
    (skipped,) = (one for one in found if isinstance(one, Skipped))
    assert skipped == Skipped("inner.zip: picture.jpg", "is of no known format.")


def test_zips_in_zips_are_opened_only_so_deep() -> None:
    data = packed(("note.txt", b"The gate opened."))
    for depth in range(5):
        data = packed((f"{depth}.zip", data), ("beside.txt", b"This is beside it."))
    with Converter() as converter:
        found = list(converter.convert(Source("a.zip", data)))
    assert any("archives deep" in one.reason for one in found if isinstance(one, Skipped))
    assert sum(isinstance(one, Document) for one in found) == 3


def test_hidden_files_and_what_macos_adds_are_left_out_silently() -> None:
    data = packed(
        (".DS_Store", b"x"),
        ("__MACOSX/._a.txt", b"x"),
        (".git/a.txt", b"x"),
        ("d/", b""),
        ("a.txt", b"x"),
    )
    assert names(parts(data)) == ["a.txt"]


@pytest.mark.parametrize(
    "name",
    ["../a.txt", "a/../../b.txt", "/etc/a.txt", "C:\\a.txt", "..\\a.txt", "\\a.txt", "c:a.txt"],
)
def test_name_that_leads_out_of_the_folder_is_refused(name: str) -> None:
    data = packed(("x" * len(name), b"x")).replace(b"x" * len(name), name.encode())
    assert only_reason(data) == "has a name that leads out of the archive's folder."


def test_link_is_refused() -> None:
    info = zipfile.ZipInfo("link.txt")
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert only_reason(packed((info, b"/etc/passwd"))) == "is a link to another file, or a device."


def test_encrypted_entry_is_refused_with_what_to_do() -> None:
    data = bytearray(packed(("a.txt", b"secret")))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    data[6] |= 1
    assert "is encrypted. Unpack it with its password" in only_reason(bytes(data))


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_bomb_is_not_unpacked_to_its_end_whatever_size_it_declares(method: int) -> None:
    data = packed(("a.txt", b"\0" * 20_000_000), ("b.txt", b"Words."), method=method)
    first, second = parts(data)
    assert isinstance(first, Skipped)
    assert "is a zip bomb" in first.reason
    assert isinstance(second, Entry)


def test_entries_that_share_their_bytes_are_a_bomb() -> None:
    data = packed(("a.txt", b"x" * 1000), ("b.txt", b"y" * 1000))
    at = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    shared = data[: at + 42] + struct.pack("<I", 0) + data[at + 46 :]
    with pytest.raises(UnreadableSource, match="is a zip bomb: its entries share"):
        parts(shared)


def test_archive_that_unpacks_to_too_much_is_read_so_far() -> None:
    files = [(f"{n}.txt", b"x" * 900) for n in range(5)]
    source = Source("a.zip", packed(("large.txt", b"x" * 1_001), *files))
    found = list(archive.read(source, largest_entry=1_000, largest_total=1_500))
    assert names(found) == ["large.txt", "0.txt", "1.txt", "the rest"]


def test_damaged_entry_is_skipped_and_the_others_are_not() -> None:
    data = bytearray(
        packed(("a.txt", b"first " * 50), ("b.txt", b"Second."), method=zipfile.ZIP_STORED)
    )
    data[data.index(b"first")] ^= 0xFF
    first, second = parts(bytes(data))
    assert isinstance(first, Skipped)
    assert "is damaged" in first.reason
    assert isinstance(second, Entry)


def test_unknown_way_of_packing_is_told() -> None:
    data = bytearray(packed(("a.txt", b"x")))
    data[8:10] = struct.pack("<H", 9)
    at = data.index(b"PK\x01\x02")
    data[at + 10 : at + 12] = struct.pack("<H", 9)
    assert "packed in a way that is not known" in only_reason(bytes(data))


def test_names_in_utf8_and_in_the_old_charset_are_read() -> None:
    said = packed(("Größe.txt", b"x"))
    unsaid = packed(("GrXXXe.txt", b"x")).replace(b"GrXXXe", "Größe".encode()[:6])
    old = packed(("Grxxe.txt", b"x")).replace(b"Grxxe", "Größe".encode("cp437"))
    assert names(parts(said)) == ["Größe.txt"]
    assert names(parts(old)) == ["Größe.txt"]
    assert names(parts(unsaid))[0].startswith("Grö")


def test_entry_without_a_name_is_skipped() -> None:
    data = bytearray(packed(("a.txt", b"x")))
    at = data.index(b"PK\x01\x02")
    data[at + 28 : at + 30] = b"\0\0"  # the length of its name, whose bytes become a comment
    data[at + 32 : at + 34] = b"\5\0"
    assert parts(bytes(data)) == [Skipped("(no name)", "is of no known format.")]


def test_damaged_entry_of_every_kind_of_packing_is_skipped() -> None:
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        data = bytearray(packed(("a.txt", b"The gate opened. " * 200), method=method))
        for at in range(50, data.index(b"PK\x01\x02")):
            data[at] ^= 0x55
        assert "is damaged" in only_reason(bytes(data))


def test_two_entries_of_one_name_are_both_read() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = packed(("a.txt", b"First."), ("a.txt", b"Second."))
    assert [one.source.data for one in parts(data) if isinstance(one, Entry)] == [
        b"First.",
        b"Second.",
    ]


def test_thousands_of_entries_are_listed_in_time() -> None:
    data = packed(*((f"{n}.bin", b"") for n in range(30_000)), method=zipfile.ZIP_STORED)
    with at_most(6):
        assert len(parts(data)) == 30_000


@pytest.mark.parametrize("keep", [0.3, 0.7, 0.99])
def test_cut_off_archive_is_declined(keep: float) -> None:
    data = packed(("a.txt", bytes(range(256)) * 20), ("b.txt", b"Second."))
    with pytest.raises(UnreadableSource, match="is a damaged or cut-off zip file"):
        parts(data[: int(len(data) * keep)])


WHOLE = packed(("a.txt", b"first " * 20), ("b.html", b"<p>second</p>"))


@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=8))
def test_any_damage_is_told(changes: list[tuple[int, int]]) -> None:
    data = bytearray(WHOLE)
    for at, value in changes:
        data[at] = value
    try:
        assert all(isinstance(one, Entry | Skipped) for one in parts(bytes(data)))
    except UnreadableSource:
        pass
