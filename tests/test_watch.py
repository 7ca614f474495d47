"""web/watch.py on a real file system: what is written, moved or deleted is found and indexed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from conftest import HARBOUR, LIGHTHOUSE, TIDES, write
from serving import opened

from answer.assistant import Assistant
from ingest.errors import IngestStopped, PinciteError
from web.watch import MOST_PATHS, Watch, changed_paths

ROOT = Path(__file__).parents[1]


class Seen:
    """A watched corpus: what it was told to index, and what it said."""

    def __init__(self, assistant: Assistant, corpus: Path, **more: object) -> None:
        self.assistant, self.corpus = assistant, corpus
        self.levelled: list[Sequence[str] | None] = []
        self.said: list[str] = []
        self.watch = Watch(corpus, self.level, say=self.said.append, **more)  # type: ignore[arg-type]

    def level(self, paths: Sequence[str] | None) -> None:
        self.assistant.ingest(paths=paths, allow_empty=True)
        self.levelled.append(paths)

    def paths(self) -> list[str]:
        return sorted(row.path for row in self.assistant.library()[1])

    def until(self, true: Callable[[], bool]) -> None:
        end = time.monotonic() + 30
        while not true():
            assert time.monotonic() < end, (self.levelled, self.said, self.paths())
            time.sleep(0.05)

    def holds(self, *paths: str) -> None:
        self.until(lambda: self.paths() == sorted(paths))


@contextmanager
def watched(folder: Path, **more: object) -> Iterator[Seen]:
    """A corpus of one article that is watched."""
    corpus = folder / "corpus"
    write(corpus, "2021/harbour.md", HARBOUR)
    assistant = opened(corpus, folder / "index")
    seen = Seen(assistant, corpus, **more)
    seen.watch.begin()
    seen.until(lambda: None in seen.levelled)  # the watch has begun
    yield seen
    seen.watch.stop()
    assistant.close()


@pytest.mark.parametrize("polling", [False, True], ids=["told", "polled"])
def test_files_that_are_written_changed_and_deleted_are_indexed(
    tmp_path: Path, polling: bool
) -> None:
    with watched(tmp_path, polling=polling) as seen:
        write(seen.corpus, "tides.txt", TIDES)
        seen.holds("2021/harbour.md", "tides.txt")
        before = seen.assistant.library(search="harbour")[1][0].sha256
        write(seen.corpus, "2021/harbour.md", HARBOUR.replace("1974", "1975"))
        seen.until(lambda: seen.assistant.library(search="harbour")[1][0].sha256 != before)
        (seen.corpus / "tides.txt").unlink()
        seen.holds("2021/harbour.md")
        told = [["tides.txt"], ["2021/harbour.md"], ["tides.txt"]]
        seen.until(lambda: seen.levelled[1:] == told)


def test_files_that_come_together_are_taken_together(tmp_path: Path) -> None:
    with watched(tmp_path) as seen:
        for number in range(20):
            write(seen.corpus, f"log/{number:02}.md", f"On day {number} the sea was calm.\n")
        seen.until(lambda: len(seen.paths()) == 21)
        assert len(seen.levelled) <= 4


def test_what_is_hidden_or_no_article_is_left_alone(tmp_path: Path) -> None:
    with watched(tmp_path) as seen:
        write(seen.corpus, ".hidden.md", LIGHTHOUSE)
        write(seen.corpus, ".originals/ab/abc.md", LIGHTHOUSE)
        write(seen.corpus, "2021/.harbour.md.swp", "x")
        write(seen.corpus, "picture.png", b"\x89PNG")
        write(seen.corpus, "tides.txt", TIDES)
        seen.holds("2021/harbour.md", "tides.txt")
        seen.until(lambda: seen.levelled[1:] == [["tides.txt"]])


def test_an_editor_that_replaces_the_file_is_one_change(tmp_path: Path) -> None:
    with watched(tmp_path) as seen:
        write(seen.corpus, "2021/.new", HARBOUR.replace("1974", "1975"))
        (seen.corpus / "2021/.new").replace(seen.corpus / "2021/harbour.md")
        seen.until(lambda: len(seen.levelled) == 2)
        assert seen.levelled[1] == ["2021/harbour.md"]
        assert "1975" in seen.assistant.search("When was the harbour deepened?")[0].passage.text


def test_a_folder_is_moved_in_renamed_and_deleted(tmp_path: Path) -> None:
    write(tmp_path / "outside", "deep/lighthouse.md", LIGHTHOUSE)
    write(tmp_path / "outside", "tides.txt", TIDES)
    with watched(tmp_path) as seen:
        (tmp_path / "outside").rename(seen.corpus / "inside")
        seen.holds("2021/harbour.md", "inside/deep/lighthouse.md", "inside/tides.txt")
        (seen.corpus / "inside").rename(seen.corpus / "coast")
        seen.holds("2021/harbour.md", "coast/deep/lighthouse.md", "coast/tides.txt")
        write(seen.corpus, "coast/deep/new.md", "The sea is cold today.\n")
        seen.until(lambda: "coast/deep/new.md" in seen.paths())
        shutil.rmtree(seen.corpus / "coast")
        seen.holds("2021/harbour.md")


def test_the_corpus_folder_may_go_away_and_come_back(tmp_path: Path) -> None:
    with watched(tmp_path) as seen:
        seen.corpus.rename(tmp_path / "elsewhere")
        seen.until(lambda: bool(seen.said))
        assert "is gone. Waiting until it is back" in seen.said[0]
        assert seen.paths() == ["2021/harbour.md"]
        write(tmp_path / "elsewhere", "tides.txt", TIDES)
        (tmp_path / "elsewhere").rename(seen.corpus)
        seen.holds("2021/harbour.md", "tides.txt")
        write(seen.corpus, "new.md", "The sea is cold today.\n")
        seen.holds("2021/harbour.md", "new.md", "tides.txt")
        assert len(seen.said) == 1


def test_another_folder_in_its_place_is_followed(tmp_path: Path) -> None:
    write(tmp_path / "other", "tides.txt", TIDES)
    with watched(tmp_path) as seen:
        seen.corpus.rename(tmp_path / "old")
        (tmp_path / "other").rename(seen.corpus)
        seen.holds("tides.txt")
        write(tmp_path / "old", "stray.md", LIGHTHOUSE)
        write(seen.corpus, "new.md", "The sea is cold today.\n")
        seen.holds("new.md", "tides.txt")


def test_what_goes_wrong_is_told_and_the_watch_goes_on(tmp_path: Path) -> None:
    with watched(tmp_path) as seen:
        wrong = [PinciteError("The disk is full."), RuntimeError("a bug")]
        level = seen.level

        def failing(paths: Sequence[str] | None) -> None:
            if wrong:
                raise wrong.pop(0)
            level(paths)

        seen.watch.level = failing
        for number in range(3):
            write(seen.corpus, f"{number}.md", f"On day {number} the sea was calm.\n")
            seen.until(lambda number=number: len(wrong) == max(0, 1 - number))  # type: ignore[misc]
        seen.until(lambda: "2.md" in seen.paths())
        assert seen.said == ["pincite: The disk is full."]


def test_the_watch_ends_when_it_is_told_to_or_the_server_stops(tmp_path: Path) -> None:
    def stopped(_: object) -> None:
        raise IngestStopped("The ingest was stopped.")

    for end in ("told", "server"):
        watch = Watch(tmp_path, stopped if end == "server" else lambda _: None)
        thread = threading.Thread(target=watch.follow)
        thread.start()
        if end == "told":
            watch.stop()
        thread.join(10)
        assert not thread.is_alive(), end
        with pytest.raises(IngestStopped):
            watch.go_on()


def test_followed_feeds_are_read_now_and_then_and_what_came_is_indexed(tmp_path: Path) -> None:
    reads: list[float] = []

    def update() -> list[str]:
        reads.append(time.monotonic())
        if len(reads) == 1:
            raise PinciteError("https://example.org/feed: does not answer.")
        write(tmp_path / "corpus", "feed.md", LIGHTHOUSE)
        return ["feed.md"]

    with watched(tmp_path, update=update, feeds_every=0.2) as seen:
        seen.holds("2021/harbour.md", "feed.md")
        assert "does not answer" in seen.said[0]
        assert reads[1] - reads[0] >= 0.2


def test_more_changes_than_can_be_named_mean_a_look_at_everything(tmp_path: Path) -> None:
    places = {str(tmp_path / f"{number}.md") for number in range(MOST_PATHS)}
    assert len(changed_paths(tmp_path, places) or ()) == MOST_PATHS
    assert changed_paths(tmp_path, places | {str(tmp_path / "more.md")}) is None
    assert changed_paths(tmp_path, {str(tmp_path / "folder that is gone")}) is None
    assert changed_paths(tmp_path, {str(tmp_path)}) is None


def test_a_link_to_a_folder_is_not_walked(tmp_path: Path) -> None:
    write(tmp_path / "outside", "secret.md", LIGHTHOUSE)
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus/link").symlink_to(tmp_path / "outside")
    assert changed_paths(tmp_path / "corpus", {str(tmp_path / "corpus/link")}) == []


WITHOUT_INOTIFY = """
import sys, threading, time
from pathlib import Path
Path("/proc/sys/user/max_inotify_instances").write_text("0")
from web.watch import Watch
levelled, said = [], []
watch = Watch(Path(sys.argv[1]), levelled.append, say=said.append)
watch.begin()
while not levelled:
    time.sleep(0.05)
Path(sys.argv[1], "new.md").write_text("The sea.")
end = time.monotonic() + 20
while len(levelled) < 2 and time.monotonic() < end:
    time.sleep(0.05)
print(levelled, said)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")
def test_where_the_system_gives_no_watches_the_folder_is_polled(tmp_path: Path) -> None:
    own = ["unshare", "--user", "--map-root-user"]  # limits of its own, which bind nobody else
    if subprocess.run([*own, "true"], capture_output=True).returncode:
        pytest.skip("no user namespace can be made here")
    (tmp_path / "corpus").mkdir()
    done = subprocess.run(
        [*own, sys.executable, "-c", WITHOUT_INOTIFY, tmp_path / "corpus"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert "[None, ['new.md']]" in done.stdout, done.stdout + done.stderr
    assert "gives no more watches" in done.stdout


def test_serve_watches_the_corpus_folder_where_it_is_told_to(tmp_path: Path) -> None:
    write(tmp_path / "corpus", "harbour.md", HARBOUR)
    command = [sys.executable, str(ROOT / "app.py"), "serve", "--port", "0", "--watch"]
    options = ["--corpus", "corpus", "--index", "index", "--embedder", "hashed"]
    server = subprocess.Popen(
        [*command, *options], cwd=tmp_path, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    said: list[str] = []
    try:
        assert server.stderr is not None
        for line in server.stderr:
            said.append(line)
            if "1 added" in line:
                break
        url = next(line.split()[3] for line in said if line.startswith("Pincite is at"))
        write(tmp_path / "corpus", "tides.txt", TIDES)
        end = time.monotonic() + 60
        while httpx.get(f"{url}/healthz").json()["articles"] != 2:
            assert time.monotonic() < end, said
            time.sleep(0.1)
        server.send_signal(signal.SIGINT)
        assert server.wait(30) == 130
        assert "Traceback" not in server.stderr.read()
    finally:
        server.kill()
        server.wait()
