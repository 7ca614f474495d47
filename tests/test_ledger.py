from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from ingest import originals
from ingest.errors import CorpusMissing, NoRoom
from ingest.ledger import Ledger, Made, Said

PAGE = "https://example.org/2021/harbour"


def made(path: str, **about: str) -> Made:
    told = {"origin": PAGE, "part": "", "url": PAGE, "file_sha256": "f" * 64} | about
    return Made(path, **{"source_sha256": "0" * 64} | told)


def test_a_ledger_that_was_never_written_leaves_no_file(tmp_path: Path) -> None:
    with Ledger(tmp_path / "corpus") as ledger:
        assert ledger.by_url(PAGE) is None
        assert ledger.feeds() == ()
    assert not (tmp_path / "corpus").exists()


def test_an_article_is_found_by_its_source_its_address_and_its_bytes(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.record(made("2021/harbour.md", part="row 2"))
    with Ledger(tmp_path) as ledger:
        kept = ledger.of_origin(PAGE, "row 2")
        assert kept == made("2021/harbour.md", part="row 2")
        assert ledger.by_url(PAGE) == ledger.with_bytes("f" * 64) == kept
        assert ledger.from_source("0" * 64, "row 2") == kept
        assert ledger.of_origin(PAGE) is None
        assert ledger.all_made() == [kept]


def test_what_was_removed_is_remembered_until_it_is_added_again(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.record(made("2021/harbour.md"))
        said = Said('"1"', None, "text/html", "utf-8", "0" * 64)
        ledger.fetched(PAGE, said)
        assert ledger.said(PAGE) == said
        assert ledger.forget(["2021/harbour.md", "never/was.md"]) == ()
        assert ledger.removed(PAGE)
        assert ledger.made("2021/harbour.md") is None
        assert ledger.said(PAGE) is None
        ledger.record(made("2021/harbour.md"))
        assert not ledger.removed(PAGE)


def test_what_was_cancelled_may_come_back_and_what_has_an_address_may_not(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.record(made("2021/harbour.md"))
        ledger.forget(["2021/harbour.md"], remember=False)
        assert not ledger.removed(PAGE)
        ledger.forget(["put/there/by-hand.md"], urls=[PAGE, "mailto:nobody"])
        assert ledger.removed(PAGE)
        assert not ledger.removed("mailto:nobody")


def test_an_original_goes_with_the_last_article_that_was_made_from_it(tmp_path: Path) -> None:
    sha256 = originals.keep(tmp_path, b"two messages", ".mbox")
    with Ledger(tmp_path) as ledger:
        for part in ("1", "2"):
            ledger.record(made(f"{part}.md", part=part, source_sha256=sha256))
        assert ledger.forget(["1.md"]) == ()
        assert originals.find(tmp_path, sha256) is not None
        assert ledger.forget(["2.md"]) == (sha256,)
        assert originals.find(tmp_path, sha256) is None


def test_a_feed_is_followed_until_it_is_not(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.follow("https://example.org/feed", "Coast Gazette")
        ledger.follow("https://example.org/feed", "Coast Gazette", "is down")
        (feed,) = ledger.feeds()
        assert (feed.title, feed.error) == ("Coast Gazette", "is down")
        assert ledger.unfollow(feed.url)
        assert not ledger.unfollow(feed.url)
        assert ledger.feeds() == ()


AT_ONCE = """
import sys
from pathlib import Path
from ingest.ledger import Ledger, Made
with Ledger(Path(sys.argv[1])) as ledger:
    for n in range(50):
        name = f"{sys.argv[2]}-{n}.md"
        ledger.record(Made(name, name, "", None, "f" * 64, "0" * 64))
"""


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", AT_ONCE, tmp_path, str(who)]) for who in range(3)
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    with Ledger(tmp_path) as ledger:
        assert len(ledger.all_made()) == 150


def test_a_broken_ledger_says_which_file_to_put_aside(tmp_path: Path) -> None:
    (tmp_path / ".originals").mkdir()
    (tmp_path / ".originals/ledger.sqlite").write_bytes(b"no database at all" * 100)
    with Ledger(tmp_path) as ledger, pytest.raises(CorpusMissing, match=r"ledger\.sqlite.*aside"):
        ledger.feeds()


def test_a_full_disk_is_no_room(tmp_path: Path, small_disk: Path) -> None:
    with Ledger(small_disk) as ledger, pytest.raises(NoRoom):
        fill(ledger)


def fill(ledger: Ledger) -> None:
    for n in range(100_000):
        ledger.record(made(f"{n}.md", origin="x" * 2_000))


def test_removed_articles_leave_no_trace_in_the_file(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.record(made("2021/a-name-nobody-else-has.md", url="", origin="file:1"))
        ledger.forget(["2021/a-name-nobody-else-has.md"])
    with sqlite3.connect(tmp_path / ".originals/ledger.sqlite") as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for file in (tmp_path / ".originals").iterdir():
        assert b"nobody-else-has" not in file.read_bytes()
