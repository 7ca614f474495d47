from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from conftest import OpenIndex

from index.rebuild import start_again
from index.records import RECORDS_FILE, RecordStore
from ingest.errors import BadQuestion, BadRecord, IndexBroken, IndexBusy, NoRoom

A, B = "a" * 64, "b" * 64


@dataclass(frozen=True)
class Plain:
    """A record as the store sees one."""

    question: str
    cited: tuple[tuple[str, str], ...] = ()
    outcome: str = "answered"

    @property
    def text(self) -> str:
        return f'{{"question": "{self.question}"}}'

    @property
    def hash(self) -> str:
        return sha256(self.text.encode("utf-8", "replace")).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RecordStore]:
    store = RecordStore(tmp_path / "index")
    yield store
    store.close()


@pytest.fixture
def three_records(store: RecordStore) -> RecordStore:
    """Three answers of three minutes, the last two citing the same article under two versions."""
    store.put(Plain("How deep is the Harbour?"), now="2026-01-01T00:00:00Z")
    store.put(Plain("Who keeps the lamp?", ((A, "lamp.md"),)), now="2026-01-01T00:01:00Z")
    cited = ((B, "lamp.md"), (A, "other.md"))
    store.put(Plain("When was STRASSE built?", cited), now="2026-01-01T00:02:00Z")
    return store


def questions(store: RecordStore, **options: int | str) -> list[str]:
    return [row.question for row in store.newest(**options)]  # type: ignore[arg-type]


def test_what_was_put_is_read_back_by_its_hash_and_by_the_beginning_of_it(
    store: RecordStore,
) -> None:
    record = Plain("Where is Київ? 🏴")
    assert store.put(record)
    assert store.read(record.hash) == store.read(record.hash[:8]) == record.text
    row = store.get(record.hash[:12])
    assert row is not None
    assert (row.hash, row.question, row.outcome, row.asked) == (
        record.hash,
        record.question,
        "answered",
        1,
    )


@pytest.mark.parametrize("name", ["", "abc", "f" * 8, "F" * 64, "f" * 65, "%", "'; DROP TABLE x"])
def test_an_unknown_name_gives_nothing(three_records: RecordStore, name: str) -> None:
    assert three_records.get(name) is three_records.read(name) is None


def test_a_beginning_of_several_hashes_is_asked_for_more(store: RecordStore) -> None:
    @dataclass(frozen=True)
    class Named(Plain):
        @property
        def hash(self) -> str:
            return "0" * 8 + sha256(self.question.encode()).hexdigest()[8:]

    store.put(Named("one"))
    store.put(Named("two"))
    with pytest.raises(BadQuestion, match="Write more"):
        store.read("0" * 8)
    assert store.read(Named("two").hash) == Named("two").text


def test_putting_a_record_again_only_counts_it(store: RecordStore) -> None:
    record = Plain("Why?", ((A, "a.md"), (A, "a.md")))
    assert store.put(record, now="2026-01-01T00:00:00Z")
    assert not store.put(record, now="2026-02-01T00:00:00Z")
    assert not store.put(record, now="2025-01-01T00:00:00Z")
    row = store.get(record.hash)
    assert row is not None
    assert (row.first_asked, row.last_asked, row.asked) == (
        "2026-01-01T00:00:00Z",
        "2026-02-01T00:00:00Z",
        3,
    )
    assert len(store.hashes()) == 1


def test_the_record_asked_last_comes_first(three_records: RecordStore) -> None:
    assert questions(three_records)[0] == "When was STRASSE built?"
    three_records.put(Plain("How deep is the Harbour?"), now="2026-01-02T00:00:00Z")
    assert questions(three_records, limit=1) == ["How deep is the Harbour?"]
    assert len(questions(three_records, limit=2**70)) == 3
    assert questions(three_records, limit=-1) == []


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("harbour", 1),
        ("DEEP harb", 1),
        ("straße", 1),
        ("%", 0),
        ("_", 0),
        ("harbour lamp", 0),
        ("\ud83d", 0),
        ("'\"--", 0),
        (" ", 3),
        ("the " * 50_000, 2),
    ],
)
def test_records_are_searched_by_the_words_of_their_questions(
    three_records: RecordStore, search: str, found: int
) -> None:
    assert len(three_records.newest(search=search)) == found


def test_the_answers_that_cite_an_article_are_found_by_path_and_by_version(
    three_records: RecordStore,
) -> None:
    def citing(**what: str) -> list[str]:
        return [row.question for row in three_records.citing(**what)]  # type: ignore[arg-type]

    both = ["When was STRASSE built?", "Who keeps the lamp?"]
    assert citing(path="lamp.md") == citing(sha256=A) == citing(path="lamp.md", sha256=B) == both
    assert citing(path="other.md") == citing(sha256=B) == both[:1]
    assert citing(path="nobody.md") == citing() == []
    assert citing(path="\ud83d") == citing(sha256="\ud83d", path="\0") == []
    assert len(three_records.citing(path="lamp.md", limit=2**70)) == 2


def test_a_store_that_is_opened_again_has_what_was_put(
    three_records: RecordStore, tmp_path: Path
) -> None:
    before = three_records.newest()
    three_records.close()
    again = RecordStore(tmp_path / "index")
    assert again.newest() == before
    assert len(again.hashes()) == 3
    again.close()


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path[:0] = [{root!r}, {tests!r}]
from index.records import RecordStore
from test_records import Plain
store = RecordStore(Path(sys.argv[1]))
store.put(Plain("Was it kept?"))
store._db.execute("BEGIN IMMEDIATE")
store._db.execute("DELETE FROM records")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_kill_loses_nothing_that_was_put(tmp_path: Path) -> None:
    here = Path(__file__).parent
    program = KILLED.format(root=str(here.parent), tests=str(here))
    done = subprocess.run([sys.executable, "-c", program, tmp_path], capture_output=True)
    assert done.returncode == -9, done.stderr
    store = RecordStore(tmp_path)
    assert [row.question for row in store.newest()] == ["Was it kept?"]
    store.close()


def test_threads_may_put_and_read_at_once(store: RecordStore) -> None:
    def work(n: int) -> str | None:
        record = Plain(f"Question {n % 10}?")
        store.put(record)
        return store.read(record.hash)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(80)))
    assert sorted(row.asked for row in store.newest()) == [8] * 10


def test_a_record_that_cannot_be_put_leaves_nothing_behind(store: RecordStore) -> None:
    with pytest.raises(sqlite3.ProgrammingError):
        store.put(Plain("Why?", ((A, "a.md"), (B, object()))))  # type: ignore[arg-type]
    assert store.hashes() == []
    assert store.put(Plain("Why?"))


@pytest.mark.parametrize("damage", [b"garbage" * 5000, b"SQLite format 3\0" + b"\xff" * 9000])
def test_a_damaged_file_is_refused_with_what_to_do(
    three_records: RecordStore, tmp_path: Path, damage: bytes
) -> None:
    three_records.close()
    (tmp_path / "index" / RECORDS_FILE).write_bytes(damage)
    with pytest.raises(IndexBroken, match="move it away"):
        RecordStore(tmp_path / "index")
    assert (tmp_path / "index" / RECORDS_FILE).read_bytes() == damage


DAMAGE = [b"\0", zlib.compress(b"whole")[:-3], zlib.compress(b"\xff"), b"", "text", 7]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_record_is_said_and_the_others_are_read(
    three_records: RecordStore, damage: object
) -> None:
    broken, *whole = three_records.hashes()
    three_records._db.execute("UPDATE records SET content = ? WHERE hash = ?", (damage, broken))
    with pytest.raises(BadRecord, match=f"{broken[:12]} is damaged"):
        three_records.read(broken)
    assert all(three_records.read(name) for name in whole)


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_record_is_whole_again_when_it_is_put_again(
    three_records: RecordStore, damage: object
) -> None:
    record = Plain("Who keeps the lamp?", ((A, "lamp.md"),))
    three_records._db.execute("UPDATE records SET content = ?", (damage,))
    three_records._db.execute("DELETE FROM cited")
    assert not three_records.put(record)
    assert three_records.read(record.hash) == record.text
    assert [row.asked for row in three_records.citing(path="lamp.md")] == [2]


def test_a_file_of_another_version_is_refused(store: RecordStore, tmp_path: Path) -> None:
    store._db.execute("PRAGMA user_version = 9")
    store.close()
    with pytest.raises(IndexBroken, match="version 9"):
        RecordStore(tmp_path / "index")


def test_a_file_that_is_locked_is_said_to_be_busy(store: RecordStore, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "index" / RECORDS_FILE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    begun = time.monotonic()
    with pytest.raises(IndexBusy):
        store.put(Plain("Why?"))
    assert time.monotonic() - begun < 20  # an answer waits: SQLite's own 5 s would do, 30 not
    other.close()
    assert store.put(Plain("Why?"))


def test_a_full_disk_is_said_and_what_was_put_can_be_read(small_disk: Path) -> None:
    store = RecordStore(small_disk)
    kept = []
    with pytest.raises(NoRoom):  # noqa: PT012 - which one is the first that does not fit is not known
        for n in range(1000):
            store.put(Plain(f"{n} " + sha256(str(n).encode()).hexdigest() * 20))
            kept.append(n)
    assert kept
    assert len(store.hashes()) == len(kept)
    store.close()


def test_a_rebuild_keeps_the_records(built_index: OpenIndex) -> None:
    store = RecordStore(built_index.folder)
    store.put(Plain("Is it kept?", ((A, "a.md"),)))
    store.close()
    built_index.close()
    start_again(built_index.folder)
    built_index.open()
    built_index.build()
    store = RecordStore(built_index.folder)
    assert [row.question for row in store.citing(path="a.md")] == ["Is it kept?"]
    store.close()


def test_a_rebuild_of_a_broken_index_keeps_the_records(built_index: OpenIndex) -> None:
    store = RecordStore(built_index.folder)
    store.put(Plain("Is it kept?"))
    built_index.close()
    (built_index.folder / "catalog.sqlite3").write_bytes(b"garbage" * 5000)
    start_again(built_index.folder)
    assert len(store.hashes()) == 1
    store.close()
