"""kill -9 during an ingest, at chosen points and at any moment; then recovery."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import OpenIndex, write

from index.rebuild import interrupted, start_again

# Runs a build that kills itself at a point, or is slow enough to be killed from outside. The points
# are entered by subclasses that do the real work and then die: nothing under test is replaced.
BUILD = """
import os, signal, sys, time
from pathlib import Path
from index.build import build
from index.catalog import Catalog
from index.embed import HashedEmbedder
from index.vectors import VectorStore

corpus, index, point, nth = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
seen = 0

def at(name):
    global seen
    if name == point:
        seen += 1
        if seen == nth:
            os.kill(os.getpid(), signal.SIGKILL)

class Slow(HashedEmbedder):
    def embed(self, texts):
        at("while embedding")
        if point == "any moment":
            time.sleep(0.05)
        return super().embed(texts)

class Vectors(VectorStore):
    def upsert(self, passages, vectors):
        half = len(passages) // 2
        super().upsert(passages[:half], vectors[:half])
        at("half of the vectors")
        super().upsert(passages[half:], vectors[half:])
        at("vectors, not the catalog")
    def delete(self, ids):
        if ids:
            at("before old vectors go")
        super().delete(ids)

class Kept(Catalog):
    def put(self, article, data, passages):
        super().put(article, data, passages)
        at("inside the transaction")
    def remove_path(self, path):
        gone = super().remove_path(path)
        at("while removing")
        return gone

embedder = Slow()
print("ready", flush=True)
build(corpus, Kept(index), Vectors(index, embedder.name, embedder.dimension), embedder, batch=3)
print("finished", flush=True)
"""

SENTENCES = "The moon of night {n} shines on the sea. It pulls the water of harbour {n} away. " * 8


def articles(corpus: Path, numbers: range, edition: str = "") -> None:
    for n in numbers:
        text = "\n\n".join(
            [f"Night {n}", edition + SENTENCES.format(n=n), SENTENCES.format(n=n + 1)]
        )
        write(corpus, f"{n // 10}/{n}.txt", text)


@pytest.fixture
def changing_corpus(tmp_path: Path) -> OpenIndex:
    """Twelve indexed articles, of which four then change, two go, one moves, and four come."""
    corpus = tmp_path / "corpus"
    articles(corpus, range(12))
    index = OpenIndex(corpus, tmp_path / "index")
    index.build()
    index.close()
    articles(corpus, range(4), "A new edition. ")
    (corpus / "0/8.txt").unlink()
    (corpus / "0/9.txt").unlink()
    (corpus / "0/7.txt").rename(corpus / "moved.txt")
    articles(corpus, range(12, 16))
    return index


def start(index: OpenIndex, point: str, nth: int = 1) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", BUILD, str(index.corpus), str(index.folder), point, str(nth)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def assert_answers_then_recovers(index: OpenIndex, fresh: Path) -> None:
    index.open()
    assert index.found("harbour moon sea", k=9)
    assert index.nearest("The moon shines on the sea.", k=9)
    index.build()
    one_go = OpenIndex(index.corpus, fresh)
    one_go.build()
    assert index.contents() == one_go.contents()
    assert index.build().passages == 0
    for opened in (index, one_go):
        opened.close()


@pytest.mark.parametrize(
    ("point", "nth"),
    [
        ("while embedding", 1),
        ("while embedding", 3),
        ("half of the vectors", 1),
        ("half of the vectors", 2),
        ("vectors, not the catalog", 1),
        ("vectors, not the catalog", 3),
        ("inside the transaction", 1),
        ("inside the transaction", 6),
        ("before old vectors go", 1),
        ("before old vectors go", 2),
        ("while removing", 1),
        ("while removing", 2),
    ],
)
def test_a_kill_at_this_point_leaves_an_index_that_answers_and_that_the_next_build_completes(
    changing_corpus: OpenIndex, tmp_path: Path, point: str, nth: int
) -> None:
    with start(changing_corpus, point, nth) as process:
        told, _ = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL, f"the build never came to: {point}, time {nth}"
    assert "finished" not in told
    assert_answers_then_recovers(changing_corpus, tmp_path / "fresh")


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.0, 0.12, 0.3, 0.55])
def test_a_kill_at_any_moment_leaves_an_index_that_the_next_build_completes(
    changing_corpus: OpenIndex, tmp_path: Path, seconds: float
) -> None:
    with start(changing_corpus, "any moment") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(seconds)
        os.kill(process.pid, signal.SIGKILL)
    assert_answers_then_recovers(changing_corpus, tmp_path / "fresh")


def test_a_kill_in_the_first_build_of_all_is_recovered_from(tmp_path: Path) -> None:
    articles(tmp_path / "corpus", range(6))
    index = OpenIndex(tmp_path / "corpus", tmp_path / "index")
    index.close()
    for point in ("vectors, not the catalog", "inside the transaction", "half of the vectors"):
        with start(index, point) as process:
            process.communicate(timeout=120)
        assert process.returncode == -signal.SIGKILL
    index.open()
    index.build()
    one_go = OpenIndex(index.corpus, tmp_path / "fresh")
    one_go.build()
    assert index.contents() == one_go.contents()
    index.close()
    one_go.close()


def test_a_rebuild_that_is_killed_can_be_run_again(built_index: OpenIndex) -> None:
    built_index.close()
    script = (
        "import os, shutil, signal, sys; from pathlib import Path; from index.rebuild import start_again\n"
        "sys.addaudithook(lambda event, args: event == 'os.rename' and os.kill(os.getpid(), 9))\n"
        "start_again(Path(sys.argv[1]))"
    )
    done = subprocess.run([sys.executable, "-c", script, str(built_index.folder)])
    assert done.returncode == -signal.SIGKILL
    assert interrupted(built_index.folder)
    built_index.open()
    assert built_index.build().unchanged == 3
    assert built_index.vectors.count() == 4
    built_index.close()
    assert start_again(built_index.folder) == 3
    assert not interrupted(built_index.folder)
