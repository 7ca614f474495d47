from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import HARBOUR, LIGHTHOUSE, TIDES, write

from ingest.add import add
from ingest.errors import NoRoom
from ingest.read import corpus_files, corpus_path


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return tmp_path / "corpus"


def held(corpus: Path) -> list[str]:
    return sorted(corpus_path(corpus, file) for file in corpus_files(corpus))


def test_a_file_goes_to_the_year_of_its_publication_byte_for_byte(
    tmp_path: Path, corpus: Path
) -> None:
    source = write(tmp_path, "in/My Harbour (draft).MD", HARBOUR.replace("\n", "\r\n"))
    report = add([source], corpus)
    assert report.added == ((str(source), "2021/My-Harbour-draft.md"),)
    assert (corpus / "2021/My-Harbour-draft.md").read_bytes() == source.read_bytes()
    assert report.ok


def test_a_file_without_a_date_goes_to_the_top(tmp_path: Path, corpus: Path) -> None:
    add([write(tmp_path, "tides.txt", TIDES)], corpus)
    assert held(corpus) == ["tides.txt"]


def test_a_folder_keeps_its_own_order(tmp_path: Path, corpus: Path) -> None:
    write(tmp_path, "in/a/harbour.md", HARBOUR)
    write(tmp_path, "in/b/c/tides.txt", TIDES)
    write(tmp_path, "in/.git/x.md", "hidden text")
    assert add([tmp_path / "in"], corpus).ok
    assert held(corpus) == ["a/harbour.md", "b/c/tides.txt"]


def test_the_same_bytes_are_already_there_under_any_name(tmp_path: Path, corpus: Path) -> None:
    add([write(tmp_path, "name.md", HARBOUR)], corpus)
    source = write(tmp_path, "new.md", HARBOUR)
    report = add([source, source], corpus)
    assert report.already == ((str(source), "2021/name.md"), (str(source), "2021/name.md"))
    assert held(corpus) == ["2021/name.md"]


def test_a_file_that_was_put_there_by_hand_is_found_under_its_name(
    tmp_path: Path, corpus: Path
) -> None:
    write(corpus, "2021/harbour.md", HARBOUR)
    source = write(tmp_path, "in/harbour.md", HARBOUR)
    assert add([source], corpus).already == ((str(source), "2021/harbour.md"),)


def test_another_text_under_a_taken_name_gets_a_number(tmp_path: Path, corpus: Path) -> None:
    for n in range(3):
        write(tmp_path, f"{n}/tides.txt", f"Tides\n\nEdition {n} of the text.")
    report = add([tmp_path / str(n) / "tides.txt" for n in range(3)], corpus)
    assert [path for _, path in report.added] == ["tides.txt", "tides-2.txt", "tides-3.txt"]
    assert (corpus / "tides.txt").read_text() == "Tides\n\nEdition 0 of the text."


def test_a_source_inside_the_corpus_is_already_there(three_articles: Path) -> None:
    before = held(three_articles)
    report = add([three_articles / "tides.txt", three_articles], three_articles)
    assert len(report.already) == 4
    assert held(three_articles) == before


def test_a_folder_around_the_corpus_does_not_copy_it_into_itself(three_articles: Path) -> None:
    write(three_articles.parent, "new.txt", "New\n\nA new text.")
    report = add([three_articles.parent], three_articles)
    assert [path for _, path in report.added] == ["new.txt"]
    assert len(report.already) == 3


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.md", b"caf\xe9", "is not UTF-8"),
        ("a.md", "Tides\n\ntext".encode("utf-16"), "UTF-16"),
        ("a.md", b"a\0b", "NUL"),
        ("a.md", b"", "nothing (0 bytes)"),
        ("a.md", b"---\ntitle: T\n---\n", "only front matter"),
        ("a.md", b"---\ntitle: a: b\n---\nText.", "line 2: broken front matter"),
        ("a.md", b"---\ntitle: T\nText.", "no closing ---"),
        ("a.md", b"x " * 600, "more than the 0.001 MB"),
        ("a.pdf", b"text", "is called PDF, but does not begin like one"),
        ("a.xyz", b"text", "is of no known format"),
        ("README", b"text", "is of no known format"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Open it, and save it"),
    ],
)
def test_a_source_that_cannot_be_an_article_is_reported_and_the_others_go_on(
    tmp_path: Path, corpus: Path, name: str, data: bytes, reason: str
) -> None:
    bad = write(tmp_path, f"in/{name}", data)
    report = add([bad, write(tmp_path, "in/tides.txt", TIDES)], corpus, max_bytes=1000)
    assert len(report.added) == 1
    assert report.skipped[0][0] == str(bad)
    assert reason in report.skipped[0][1]
    assert str(bad) not in report.skipped[0][1]
    assert not report.ok
    assert report.summary() == "1 added, 1 skipped"


def test_a_source_that_is_not_there_is_reported(tmp_path: Path, corpus: Path) -> None:
    report = add([tmp_path / "nowhere.md"], corpus)
    assert report.skipped == ((str(tmp_path / "nowhere.md"), "there is no such file or folder"),)


def test_a_folder_without_articles_is_reported(tmp_path: Path, corpus: Path) -> None:
    (tmp_path / "in").mkdir()
    assert "holds no article" in add([tmp_path / "in"], corpus).skipped[0][1]


def test_a_link_that_loops_is_not_followed(tmp_path: Path, corpus: Path) -> None:
    write(tmp_path, "in/tides.txt", TIDES)
    (tmp_path / "in/loop").symlink_to(tmp_path / "in")
    (tmp_path / "in/self.md").symlink_to(tmp_path / "in/self.md")
    report = add([tmp_path / "in"], corpus)
    assert held(corpus) == ["tides.txt"]
    assert "cannot be read" in report.skipped[0][1]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("…---….md", "article.md"),
        ("-rf.txt", "rf.txt"),
        ("a b\n\tc?.md", "a-b-c.md"),
        ("Баланс сил.md", "Баланс-сил.md"),
        ("x" * 240 + ".md", "x" * 120 + ".md"),
        ("я" * 120 + ".md", "я" * 60 + ".md"),
        ("v1.2.md", "v1.2.md"),
    ],
)
def test_file_names_are_made_safe(tmp_path: Path, corpus: Path, name: str, safe: str) -> None:
    report = add([write(tmp_path, f"in/{name}", TIDES)], corpus)
    assert report.added[0][1] == safe


def test_a_file_name_that_is_not_utf8_is_made_safe(tmp_path: Path, corpus: Path) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.md")
    Path(name).write_text(TIDES)
    report = add([Path(name)], corpus)
    assert report.added[0][1] == "caf.md"
    report.added[0][0].encode()


FULL = """
import resource, sys
from pathlib import Path
from ingest.add import add
from ingest.errors import NoRoom
limit = int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    add([Path(sys.argv[1])], Path(sys.argv[2]))
except NoRoom as error:
    print(error)
"""


IN_TURN = """
import sys
from pathlib import Path
from ingest.add import add
print("ready", flush=True)
sys.stdin.readline()
assert add([Path(sys.argv[1])], Path(sys.argv[2])).ok
"""


def test_three_at_once_overwrite_nothing_of_each_other(tmp_path: Path, corpus: Path) -> None:
    for who in range(3):
        for n in range(60):
            write(tmp_path, f"{who}/{n}.txt", f"Tides\n\nText {n} of {who}.")
    started = [
        subprocess.Popen(
            [sys.executable, "-c", IN_TURN, tmp_path / str(who), corpus],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for who in range(3)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
    for process in started:
        process.communicate(b"go\n")
        assert process.returncode == 0
    assert len({file.read_text() for file in corpus.glob("*.txt")}) == 3 * 60


# Another process takes the name after it was seen to be free, just before it is given.
TAKEN = """
import os, sys
from pathlib import Path
from ingest.add import add

def taken(event, args):
    if event == "os.link" and "no links" in sys.argv:
        raise PermissionError(1, "Operation not permitted")
    if event in ("os.link", "os.rename") and not os.path.exists(args[1]) and not written:
        written.append(Path(args[1]).write_text("Of another process."))

written = []
sys.addaudithook(taken)
print(add([Path(sys.argv[1])], Path(sys.argv[2])).added[0][1])
"""


def added_apart(*arguments: str | Path) -> str:
    command = [sys.executable, "-c", TAKEN, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_a_name_that_is_taken_at_the_last_moment_is_left_alone(
    tmp_path: Path, corpus: Path
) -> None:
    assert added_apart(write(tmp_path, "tides.txt", TIDES), corpus) == "tides-2.txt"
    assert (corpus / "tides.txt").read_text() == "Of another process."
    assert (corpus / "tides-2.txt").read_bytes() == TIDES.encode()
    assert len(held(corpus)) == 2


def test_a_file_system_without_links_holds_the_same(tmp_path: Path, corpus: Path) -> None:
    write(corpus, "tides.txt", "Another text.")
    source = write(tmp_path, "tides.txt", TIDES)
    assert added_apart(source, corpus, "no links") == "tides-2.txt"
    assert (corpus / "tides.txt").read_text() == "Another text."
    assert (corpus / "tides-2.txt").read_bytes() == TIDES.encode()
    assert len(held(corpus)) == 2


@pytest.mark.parametrize("limit", [0, 2_000, 100_000, 200_000])
def test_a_full_disk_leaves_no_half_article(tmp_path: Path, corpus: Path, limit: int) -> None:
    write(tmp_path, "in/a.txt", TIDES)
    write(tmp_path, "in/b.txt", TIDES + "More text. " * 40_000)
    told = subprocess.run(
        [sys.executable, "-c", FULL, tmp_path / "in", corpus, str(limit)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert f"{corpus}: cannot be written (" in told
    assert set(held(corpus)) <= {"a.txt"}
    assert not list(corpus.rglob("*.part"))


def test_a_corpus_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    write(tmp_path, "file", "x")
    source = write(tmp_path, "tides.txt", TIDES)
    report = add([source], tmp_path / "file" / "corpus")
    assert "cannot be copied" in report.skipped[0][1]


def test_no_source_is_changed(tmp_path: Path, corpus: Path) -> None:
    source = write(tmp_path, "in/lighthouse.md", LIGHTHOUSE)
    before = source.stat()
    add([source], corpus)
    assert (source.stat().st_mtime_ns, source.read_text()) == (before.st_mtime_ns, LIGHTHOUSE)


def test_a_disk_that_is_really_full_holds_no_half_article(tmp_path: Path, small_disk: Path) -> None:
    source = write(tmp_path, "in/long.txt", TIDES + "More text. " * 40_000)
    with pytest.raises(NoRoom, match="cannot be written"):
        add([source], small_disk / "corpus")
    assert not [file for file in small_disk.rglob("*") if file.is_file()]
