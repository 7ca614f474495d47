"""One process owns an index folder: with real processes, really killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.owner import INFO_NAME, Owner, OwnerInfo, own, owner_info, reach
from ingest.errors import EmbedderMismatch, IndexBusy, NoRoom

ROOT = Path(__file__).parents[1]
HOLD = """
import sys, time
from pathlib import Path
from index.owner import own
index, corpus = Path(sys.argv[1]), Path(sys.argv[1]).with_name("corpus")
with own(index, sys.argv[2], corpus=corpus, embedder="hashed", wait=None) as owner:
    if len(sys.argv) > 3:
        owner.announce(sys.argv[3])
    print("owned", flush=True)
    sys.stdin.read()
"""
WRITE_IN_TURN = """
import sys, time
from pathlib import Path
from index.owner import own
for _ in range(15):
    with own(Path(sys.argv[1]), "ingest", wait=None):
        log = Path(sys.argv[2])
        with log.open("a") as out: out.write(f"in {sys.argv[3]}\\n")
        time.sleep(0.005)
        with log.open("a") as out: out.write(f"out {sys.argv[3]}\\n")
"""
Hold = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def hold(tmp_path: Path) -> Iterator[Hold]:
    """Starts another process that owns `tmp_path / "index"` until its standard input is closed."""
    started: list[subprocess.Popen[str]] = []

    def start(command: str, *url: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(tmp_path / "index"), command, *url],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "owned\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        for pipe in filter(None, (process.stdin, process.stdout)):
            pipe.close()


def test_a_free_index_is_owned_and_given_back(tmp_path: Path) -> None:
    with own(tmp_path / "index", "ingest") as owner:
        assert owner_info(tmp_path / "index") == owner.info
        assert owner.info.pid == os.getpid()
    assert owner_info(tmp_path / "index") is None
    own(tmp_path / "index", "ask").release()


def test_nobody_owns_an_index_that_was_never_made(tmp_path: Path) -> None:
    assert owner_info(tmp_path / "index") is None
    assert not (tmp_path / "index").exists()


def test_a_second_owner_is_refused_with_process_and_command(tmp_path: Path, hold: Hold) -> None:
    other = hold("ingest")
    with pytest.raises(IndexBusy, match=rf"pincite ingest \(process {other.pid}"):
        own(tmp_path / "index", "ask", wait=0)


def test_a_server_is_not_waited_for_but_named_with_its_address(tmp_path: Path, hold: Hold) -> None:
    hold("serve", "http://127.0.0.1:7999")
    with pytest.raises(IndexBusy, match=r"http://127\.0\.0\.1:7999"):
        own(tmp_path / "index", "serve", wait=None)


def test_whoever_reaches_for_a_served_index_learns_where_to_ask(tmp_path: Path, hold: Hold) -> None:
    other = hold("serve", "http://127.0.0.1:7999")
    found = reach(tmp_path / "index", "ask")
    assert isinstance(found, OwnerInfo)
    assert (found.pid, found.url) == (other.pid, "http://127.0.0.1:7999")
    assert found == owner_info(tmp_path / "index")


def test_a_server_is_asked_for_its_own_corpus_and_embedder_only(tmp_path: Path, hold: Hold) -> None:
    hold("serve", "http://127.0.0.1:7999")
    index, corpus = tmp_path / "index", tmp_path / "corpus"
    corpus.mkdir()
    (tmp_path / "link").symlink_to(corpus)
    for same in (corpus, tmp_path / "link", tmp_path / "nowhere" / ".." / "corpus"):
        assert isinstance(reach(index, "ask", corpus=same, embedder="hashed"), OwnerInfo)
    with pytest.raises(IndexBusy, match=rf"7999.* the corpus {corpus}, not {tmp_path / 'other'}"):
        reach(index, "ask", corpus=tmp_path / "other", embedder="hashed")
    with pytest.raises(
        EmbedderMismatch, match=r"the embedder hashed, not minilm.*stop that server"
    ):
        reach(index, "ask", corpus=corpus, embedder="minilm")


def test_kill_9_of_the_owner_frees_the_index_at_once(tmp_path: Path, hold: Hold) -> None:
    other = hold("serve", "http://127.0.0.1:7999")
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert (tmp_path / "index" / INFO_NAME).exists(), "what it wrote is still there"
    assert owner_info(tmp_path / "index") is None
    with own(tmp_path / "index", "ask", wait=0) as owner:
        assert owner.info.pid == os.getpid()


def test_a_waiting_owner_is_told_whom_it_waits_for_and_then_served(
    tmp_path: Path, hold: Hold
) -> None:
    other = hold("ingest")
    told: list[OwnerInfo] = []

    def release_it(info: OwnerInfo) -> None:
        told.append(info)
        assert other.stdin is not None
        other.stdin.close()

    with own(tmp_path / "index", "ingest", wait=None, on_wait=release_it) as owner:
        assert owner.info.pid == os.getpid()
    assert [(info.pid, info.command) for info in told] == [(other.pid, "ingest")]


def test_waiting_ends_after_the_time_that_was_given(tmp_path: Path, hold: Hold) -> None:
    hold("ingest")
    started = time.monotonic()
    with pytest.raises(IndexBusy):
        own(tmp_path / "index", "ask", wait=1.0)
    assert 1.0 <= time.monotonic() - started < 20.0


def test_four_processes_at_once_own_it_one_after_the_other(tmp_path: Path) -> None:
    log = tmp_path / "log"
    arguments = [sys.executable, "-c", WRITE_IN_TURN, str(tmp_path / "index"), str(log)]
    processes = [subprocess.Popen([*arguments, str(n)], cwd=ROOT) for n in range(4)]
    assert [process.wait(timeout=60) for process in processes] == [0] * 4
    lines = log.read_text().splitlines()
    assert len(lines) == 2 * 4 * 15
    for entered, left in zip(lines[::2], lines[1::2], strict=True):
        assert entered.replace("in", "out") == left


def test_looking_who_owns_it_takes_it_from_nobody(tmp_path: Path) -> None:
    looking = "import sys\nfrom pathlib import Path\nfrom index.owner import owner_info\n"
    looking += "while True: owner_info(Path(sys.argv[1]))"
    index = tmp_path / "index"
    own(index, "ask").release()
    process = subprocess.Popen([sys.executable, "-c", looking, str(index)], cwd=ROOT)
    try:
        for _ in range(20):
            own(index, "ask", wait=0).release()
    finally:
        process.kill()
        process.wait()


def test_the_token_is_readable_by_its_user_only(tmp_path: Path) -> None:
    with own(tmp_path / "index", "serve") as owner:
        owner.announce("http://127.0.0.1:1")
        file = tmp_path / "index" / INFO_NAME
        assert file.stat().st_mode & 0o777 == 0o600
        assert json.loads(file.read_text())["token"] == owner.info.token
        assert len(owner.info.token) >= 20


def test_a_half_written_note_counts_as_an_unknown_owner(tmp_path: Path, hold: Hold) -> None:
    hold("ingest")
    (tmp_path / "index" / INFO_NAME).write_text('{"pid": 1, "comm')
    with pytest.raises(IndexBusy, match="in use by another process"):
        own(tmp_path / "index", "ask", wait=0)


def test_an_index_that_is_a_file_is_said_to_be_no_folder(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("not a folder")
    with pytest.raises(NoRoom, match="cannot be written"):
        own(tmp_path / "index", "ask")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "index").mkdir(mode=0o500)
    with pytest.raises(NoRoom, match="index cannot be written"):
        own(tmp_path / "index", "ask")


def test_an_address_that_cannot_be_written_leaves_the_index_owned(tmp_path: Path) -> None:
    index = tmp_path / "index"
    with own(index, "serve") as owner:
        (index / f"{INFO_NAME}.{os.getpid()}").mkdir()  # where the note is drafted
        with pytest.raises(NoRoom, match="cannot be written"):
            owner.announce("http://127.0.0.1:7999")
        with pytest.raises(IndexBusy):
            own(index, "ask", wait=0)
    (index / f"{INFO_NAME}.{os.getpid()}").rmdir()


def test_an_owner_that_cannot_say_who_it_is_gives_the_index_back(tmp_path: Path) -> None:
    draft = tmp_path / "index" / f"{INFO_NAME}.{os.getpid()}"
    draft.mkdir(parents=True)
    with pytest.raises(NoRoom, match="cannot be written"):
        own(tmp_path / "index", "ask")
    draft.rmdir()
    own(tmp_path / "index", "ask", wait=0).release()


def test_giving_back_twice_does_no_harm(tmp_path: Path) -> None:
    owner: Owner = own(tmp_path / "index", "ask")
    owner.release()
    with own(tmp_path / "index", "ask") as second:
        owner.release()
        assert owner_info(tmp_path / "index") == second.info
