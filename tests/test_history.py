"""The versions that a path has had, and what two of them differ in: index/history.py, catalog."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from conftest import HARBOUR, UGLY, OpenIndex
from hypothesis import given, settings
from hypothesis import strategies as st

from index.catalog import CATALOG_FILE, Catalog
from index.history import Difference, Piece, difference
from index.library import Version
from index.rebuild import start_again
from ingest.article import Article, Span
from ingest.errors import UnreadableSource
from ingest.read import decode_article
from tests.clock import assert_linear, at_most

DEEPENED = "The harbour at Kallo was deepened in 1974."
LATER = HARBOUR.replace("1974", "1975")
LATEST = LATER.replace("Two dredgers", "Three dredgers")


class Clock:
    """A clock that a test turns by hand."""

    def __init__(self) -> None:
        self.day = 1

    def __call__(self) -> str:
        return f"2026-11-{self.day:02}T10:00:00Z"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def dated_index(empty_index: OpenIndex, clock: Clock) -> OpenIndex:
    """Three articles, indexed on the first of the month, by a clock of the test's."""
    empty_index.catalog.close()
    empty_index.catalog = Catalog(empty_index.folder, clock=clock)
    empty_index.build()
    return empty_index


def article(text: str | bytes, path: str = "a.txt") -> Article:
    return decode_article(path, text if isinstance(text, bytes) else text.encode("utf-8"))


def told(found: Difference) -> list[tuple[str, str]]:
    return [(piece.kind, " ".join(piece.text.split())) for piece in found.pieces]


def changed(found: Difference) -> list[tuple[str, str]]:
    return [one for one in told(found) if one[0] != "same"]


def marked(piece: Piece) -> list[str]:
    return [mark.of(piece.text) for mark in piece.marks]


def assert_lawful(found: Difference, old: Article, new: Article) -> None:
    """Each piece is what its file says at its place; the places of each side are all of it."""
    for piece in found.pieces:
        if piece.kind == "removed":
            assert piece.new is None
        else:
            assert piece.new is not None
            assert new.text[piece.new.start : piece.new.end] == piece.text
        if piece.kind == "added":
            assert piece.old is None
        else:
            assert piece.old is not None
            said = old.text[piece.old.start : piece.old.end]
            assert said == piece.text or (
                piece.kind == "same" and said.split() == piece.text.split()
            )
        last = 0
        for mark in piece.marks:
            assert last <= mark.start < mark.end <= len(piece.text)
            assert piece.kind != "same"
            last = mark.end
    for text, places in (
        (old.text, [piece.old for piece in found.pieces if piece.old]),
        (new.text, [piece.new for piece in found.pieces if piece.new]),
    ):
        assert_covers(text, places)
    kinds = [piece.kind for piece in found.pieces]
    assert (found.added, found.removed) == (kinds.count("added"), kinds.count("removed"))


def assert_covers(text: str, places: list[Span]) -> None:
    """Ascending, without overlap, and nothing but white space between them."""
    at = 0
    for place in places:
        assert at <= place.start < place.end <= len(text)
        at = place.end
    between, at = "", 0
    for place in places:
        between += text[at : place.start]
        at = place.end
    assert not "".join([between, text[at:]]).strip().strip("\ufeff-").strip()


# ---- versions of a path -------------------------------------------------------------------------


def test_a_path_has_each_version_that_it_held_newest_first_with_its_times(
    dated_index: OpenIndex, clock: Clock
) -> None:
    index = dated_index
    for clock.day, text in ((3, LATER), (9, LATEST)):
        index.write("2021/harbour.md", text)
        index.build()
    shas = [article(text, "2021/harbour.md").sha256 for text in (HARBOUR, LATER, LATEST)]
    first, third, ninth = (f"2026-11-0{day}T10:00:00Z" for day in (1, 3, 9))
    assert index.catalog.history("2021/harbour.md") == (
        Version(shas[2], ninth, None, True, True),
        Version(shas[1], third, ninth, False, True),
        Version(shas[0], first, third, False, True),
    )
    assert [v.sha256 for v in index.catalog.history("tides.txt")] == [
        index.catalog.known()["tides.txt"].sha256
    ]
    assert index.catalog.history("never.md") == ()


def test_a_version_that_comes_back_is_told_again_and_kept_once(
    dated_index: OpenIndex, clock: Clock
) -> None:
    index = dated_index
    for clock.day, text in ((3, LATER), (5, HARBOUR)):
        index.write("2021/harbour.md", text)
        index.build()
    versions = index.catalog.history("2021/harbour.md")
    assert [v.current for v in versions] == [True, False, False]
    assert versions[0].sha256 == versions[2].sha256
    assert len(index.catalog.versions()) == 4


def test_a_file_that_went_has_no_current_version_and_one_that_comes_back_has(
    dated_index: OpenIndex, clock: Clock
) -> None:
    index, file = dated_index, dated_index.corpus / "2021/harbour.md"
    file.unlink()
    clock.day = 4
    index.build()
    (only,) = index.catalog.history("2021/harbour.md")
    assert (only.current, only.until) == (False, "2026-11-04T10:00:00Z")
    index.write("2021/harbour.md", HARBOUR)
    clock.day = 6
    index.build()
    newest, oldest = index.catalog.history("2021/harbour.md")
    assert (newest.current, newest.since) == (True, "2026-11-06T10:00:00Z")
    assert oldest == only


def test_a_file_that_was_only_touched_or_skipped_has_no_new_version(
    dated_index: OpenIndex, clock: Clock
) -> None:
    before = dated_index.catalog.history("2021/harbour.md")
    clock.day = 2
    dated_index.write("2021/harbour.md", HARBOUR)
    dated_index.build()
    assert dated_index.catalog.history("2021/harbour.md") == before
    dated_index.write("2021/harbour.md", b"\x00\xff not a text")
    assert dated_index.build().skipped
    assert dated_index.catalog.history("2021/harbour.md") == before


def test_a_renamed_file_begins_a_history_and_ends_the_other(
    dated_index: OpenIndex, clock: Clock
) -> None:
    corpus = dated_index.corpus
    (corpus / "tides.txt").rename(corpus / "sea.txt")
    clock.day = 7
    dated_index.build()
    assert [v.current for v in dated_index.catalog.history("tides.txt")] == [False]
    (now,) = dated_index.catalog.history("sea.txt")
    assert (now.current, now.since) == (True, "2026-11-07T10:00:00Z")


def test_an_old_version_opens_and_what_was_cited_of_it_is_still_cut(built_index: OpenIndex) -> None:
    sha256 = built_index.catalog.known()["2021/harbour.md"].sha256
    start = HARBOUR.index(DEEPENED)
    built_index.write("2021/harbour.md", LATER)
    built_index.build()
    assert not built_index.catalog.has_article(sha256)
    old = built_index.catalog.article(sha256)
    assert old is not None
    assert old.text[start : start + len(DEEPENED)] == DEEPENED
    assert built_index.catalog.version(sha256) == HARBOUR.encode("utf-8")


# ---- a rebuild carries it -----------------------------------------------------------------------


def test_a_rebuild_carries_the_history_with_its_times(dated_index: OpenIndex, clock: Clock) -> None:
    index = dated_index
    index.write("2021/harbour.md", LATER)
    (index.corpus / "tides.txt").unlink()
    clock.day = 5
    index.build()
    paths = ("2021/harbour.md", "2014/lighthouse.md", "tides.txt")
    before = {path: index.catalog.history(path) for path in paths}
    rows = index.catalog.library()
    index.close()
    assert start_again(index.folder) == 4
    clock.day = 20
    index.open()
    index.catalog.close()
    index.catalog = Catalog(index.folder, clock=clock)
    index.build()
    assert {path: index.catalog.history(path) for path in paths} == before
    assert index.catalog.library() == rows, "since when an article is indexed is kept, too"


def test_what_changed_between_the_last_ingest_and_a_rebuild_is_told(
    dated_index: OpenIndex, clock: Clock
) -> None:
    index = dated_index
    index.close()
    index.write("2021/harbour.md", LATER)
    (index.corpus / "tides.txt").unlink()
    start_again(index.folder)
    clock.day = 8
    index.open()
    index.catalog.close()
    index.catalog = Catalog(index.folder, clock=clock)
    index.build()
    assert [v.until for v in index.catalog.history("2021/harbour.md")] == [
        None,
        "2026-11-08T10:00:00Z",
    ]
    (gone,) = index.catalog.history("tides.txt")
    assert (gone.since, gone.until) == ("2026-11-01T10:00:00Z", "2026-11-08T10:00:00Z")


def test_of_a_catalog_without_a_history_versions_are_told_with_times_that_are_not_known(
    built_index: OpenIndex,
) -> None:
    index = built_index
    first = index.catalog.known()["2021/harbour.md"].sha256
    index.write("2021/harbour.md", LATER)
    index.build()
    index.close()
    with closing(sqlite3.connect(index.folder / CATALOG_FILE)) as db, db:
        db.execute("DROP TABLE history")
        db.execute("UPDATE meta SET value = '3-00000000' WHERE name = 'schema'")
    start_again(index.folder)
    index.open()
    index.build()
    newest, oldest = index.catalog.history("2021/harbour.md")
    assert (newest.current, newest.since, newest.until) == (True, None, None)
    assert (oldest.sha256, oldest.since, oldest.until) == (first, None, None)
    assert not oldest.current


def test_a_history_that_is_damaged_is_carried_as_far_as_it_can_be_read(
    built_index: OpenIndex,
) -> None:
    built_index.close()
    file = built_index.folder / CATALOG_FILE
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'history'").fetchone()[0]
        size = db.execute("PRAGMA page_size").fetchone()[0]
    data = bytearray(file.read_bytes())
    data[(page - 1) * size : page * size] = b"\xff" * size
    file.write_bytes(data)
    kept = start_again(built_index.folder)
    assert kept == 3
    built_index.open()
    assert built_index.build().unchanged + built_index.build().unchanged >= 3
    assert [v.current for v in built_index.catalog.history("tides.txt")] == [True]


# ---- what two versions differ in ----------------------------------------------------------------


def test_a_sentence_put_in_and_one_taken_out_are_told_where_they_stand() -> None:
    old = article("Tides\n\nIt ebbs at six. The moon pulls. Boats wait.\n")
    new = article("Tides\n\nIt ebbs at six. Boats wait. Nobody swims today.\n")
    found = difference(old, new)
    assert told(found) == [
        ("same", "Tides"),
        ("same", "It ebbs at six."),
        ("removed", "The moon pulls."),
        ("same", "Boats wait."),
        ("added", "Nobody swims today."),
    ]
    assert (found.added, found.removed, bool(found)) == (1, 1, True)
    assert_lawful(found, old, new)


def test_in_a_sentence_that_was_rewritten_only_the_other_words_are_marked() -> None:
    old = article("The harbour at Kallo was deepened by two dredgers in 1974.\n")
    new = article("The harbour at Kallo was deepened by three dredgers in 1974.\n")
    found = difference(old, new)
    assert [marked(piece) for piece in found.pieces] == [["two"], ["three"]]
    assert_lawful(found, old, new)


def test_where_hardly_a_word_is_left_no_word_is_marked() -> None:
    old, new = article("Rain fell on the hills.\n"), article("Nobody bought any bread there.\n")
    assert [piece.marks for piece in difference(old, new).pieces] == [(), ()]


def test_metadata_is_compared_line_by_line() -> None:
    old = article(HARBOUR, "h.md")
    new = article(HARBOUR.replace("2021-11-30", "2021-12-01"), "h.md")
    found = difference(old, new)
    assert changed(found) == [
        ("removed", "published: 2021-11-30"),
        ("added", "published: 2021-12-01"),
    ]
    assert_lawful(found, old, new)


def test_a_moved_paragraph_is_taken_out_at_one_place_and_put_in_at_the_other() -> None:
    parts = [f"Paragraph {n} speaks of night {n}. It is dark in night {n}.\n" for n in range(40)]
    old = article("\n".join(parts))
    new = article("\n".join([*parts[:5], *parts[6:30], parts[5], *parts[30:]]))
    found = difference(old, new)
    moved = {f"Paragraph {5} speaks of night {5}.", "It is dark in night 5."}
    assert {text for kind, text in changed(found) if kind == "removed"} == moved
    assert {text for kind, text in changed(found) if kind == "added"} == moved
    assert (found.added, found.removed) == (2, 2)
    assert_lawful(found, old, new)


def test_line_endings_and_other_white_space_are_no_difference() -> None:
    unix = "Tides\n\nThe moon pulls the sea.\nThe sun pulls it too.\n"
    dos = unix.replace("\n", "\r\n")
    found = difference(article(unix), article(dos))
    assert not found
    assert_lawful(found, article(unix), article(dos))
    assert not difference(article(unix), article("\ufeff" + unix.replace(". ", ".   ")))


def test_a_version_with_crlf_differs_only_in_what_it_says() -> None:
    old = article(HARBOUR, "h.md")
    new = article(LATER.replace("\n", "\r\n"), "h.md")
    found = difference(old, new)
    assert [marked(piece) for piece in found.pieces if piece.marks] == [["1974."], ["1975."]]
    assert_lawful(found, old, new)


def test_the_same_version_has_no_difference_and_shows_nothing() -> None:
    same = article(HARBOUR, "h.md")
    found = difference(same, same)
    assert not found
    assert list(found.shown()) == [len(found.pieces)]


def test_what_is_shown_and_what_is_left_out_add_up() -> None:
    lines = [f"Night {n} was long and dark." for n in range(60)]
    old = article("\n\n".join(lines))
    lines[20], lines[45] = "Day came.", "Another day came."
    found = difference(old, article("\n\n".join(lines)))
    shown = list(found.shown(around=2))
    assert sum(one if isinstance(one, int) else 1 for one in shown) == len(found.pieces)
    assert [one for one in shown if isinstance(one, int)] == [18, 20, 12]
    only = [one for one in found.shown(around=0) if isinstance(one, Piece)]
    assert {piece.kind for piece in only} == {"removed", "added"}


@settings(max_examples=60)
@given(UGLY, UGLY, st.booleans())
def test_each_piece_is_what_its_file_says_at_its_place(
    before: list[str], after: list[str], related: bool
) -> None:
    if related:  # most of one in the other, as versions are
        after = [*before[: len(before) // 2], *after[:3], *before[len(before) // 2 + 1 :]]
    texts = ["".join(pieces) for pieces in (before, after)]
    for path in ("a.txt", "a.md"):
        try:
            old, new = (article(text, path) for text in texts)
        except UnreadableSource:
            continue
        assert_lawful(difference(old, new), old, new)


HOSTILE = {
    "no line stands once": lambda n: (
        "".join(f"line {i % 7}\n" for i in range(n)),
        "".join(f"line {i % 5}\n" for i in range(n)),
    ),
    "all is the other way round": lambda n: (
        "".join(f"line {i}\n" for i in range(n)),
        "".join(f"line {n - i}\n" for i in range(n)),
    ),
    "every second line is another": lambda n: (
        "".join(f"line {i}\n" for i in range(n)),
        "".join(f"line {i if i % 2 else -i}\n" for i in range(n)),
    ),
    "one line of marks": lambda n: ("a b " * n, "b a . " * n),
}


def comparison(kind: str, size: int) -> Callable[[], object]:
    """The comparing of two hostile versions of so many lines."""
    old, new = map(article, HOSTILE[kind](size))

    def compare() -> None:
        pieces = difference(old, new).pieces
        assert {piece.kind for piece in pieces} <= {"same", "removed", "added"}

    return compare


@pytest.mark.parametrize(
    "kind",
    ["no line stands once", *(pytest.param(k, marks=pytest.mark.slow) for k in list(HOSTILE)[1:])],
)
def test_hostile_versions_of_200_000_lines_are_compared_in_bounded_time(kind: str) -> None:
    compare = comparison(kind, 200_000)
    with at_most(30):
        compare()


@pytest.mark.parametrize("lines", [2_500, 50_000])  # compared in both ways: see history._LARGE
@pytest.mark.parametrize("kind", list(HOSTILE)[:3])
def test_the_time_grows_with_the_number_of_lines(kind: str, lines: int) -> None:
    assert_linear(partial(comparison, kind), lines, 4 * lines)


def test_an_old_index_is_put_in_order_beside_the_new_one(
    dated_index: OpenIndex, tmp_path: Path
) -> None:
    """A copy of the folder has the same history: nothing of it is kept elsewhere."""
    dated_index.close()
    copy = tmp_path / "copy"
    shutil.copytree(dated_index.folder, copy)
    with closing(Catalog(copy)) as catalog:
        assert [v.since for v in catalog.history("tides.txt")] == ["2026-11-01T10:00:00Z"]
