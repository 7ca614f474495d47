"""`build(paths=…)`: only these files are looked at, and the index is as a whole build leaves it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import HARBOUR, LIGHTHOUSE, OpenIndex, write

from index.build import Progress
from index.embed import HashedEmbedder
from ingest.errors import CorpusMissing, IngestStopped

H, L, T = "2021/harbour.md", "2014/lighthouse.md", "tides.txt"
MILL = "# Mill\n\nThe mill on the hill grinds at night. Nobody hears it.\n"


def moved(corpus: Path, old: str, new: str) -> list[str]:
    (corpus / new).parent.mkdir(parents=True, exist_ok=True)
    (corpus / old).rename(corpus / new)
    return [old, new]


def written(corpus: Path, path: str, text: str) -> list[str]:
    write(corpus, path, text)
    return [path]


def gone(corpus: Path, path: str) -> list[str]:
    (corpus / path).unlink()
    return [path]


CHANGES: dict[str, Callable[[Path], list[str]]] = {
    "new": lambda corpus: written(corpus, "mill.md", MILL),
    "changed": lambda corpus: written(corpus, H, HARBOUR.replace("1974", "1975")),
    "gone": lambda corpus: gone(corpus, T),
    "renamed": lambda corpus: moved(corpus, T, "sea/tides.txt"),
    "renamed to another format": lambda corpus: moved(corpus, T, "tides.md"),
    "a copy that comes first": lambda corpus: written(corpus, "0.md", HARBOUR),
    "a copy that comes last": lambda corpus: written(corpus, "z.md", HARBOUR),
    "two that swap": lambda corpus: [
        *written(corpus, H, LIGHTHOUSE),
        *written(corpus, L, HARBOUR),
    ],
    "one takes the bytes of another": lambda corpus: written(corpus, H, LIGHTHOUSE),
    "all of it": lambda corpus: [
        *gone(corpus, T),
        *written(corpus, H, HARBOUR.replace("1974", "1975")),
        *moved(corpus, L, "light.md"),
        *written(corpus, "mill.md", MILL),
        "never/was.md",
    ],
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_build_of_the_paths_that_changed_is_as_good_as_a_whole_one(
    built_index: OpenIndex, tmp_path: Path, change: str
) -> None:
    paths = CHANGES[change](built_index.corpus)
    built_index.build(paths=paths)
    whole = OpenIndex(built_index.corpus, tmp_path / "whole")
    whole.build()
    assert built_index.contents() == whole.contents()
    whole.close()
    after = built_index.build()
    assert (after.added, after.changed, after.removed, after.passages) == (0, 0, 0, 0)


def test_the_copy_that_stays_is_shown_when_the_first_goes(
    built_index: OpenIndex, tmp_path: Path
) -> None:
    built_index.build(paths=written(built_index.corpus, "0.md", HARBOUR))
    assert built_index.found("dredgers") == ["0.md"]
    built_index.build(paths=gone(built_index.corpus, "0.md"))
    assert built_index.found("dredgers") == [H]
    whole = OpenIndex(built_index.corpus, tmp_path / "whole")
    whole.build()
    assert built_index.contents() == whole.contents()
    whole.close()


def test_the_report_counts_only_what_was_looked_at(built_index: OpenIndex) -> None:
    corpus = built_index.corpus
    paths = [*written(corpus, "mill.md", MILL), *gone(corpus, T), L]
    report = built_index.build(paths=paths)
    assert (report.added, report.removed, report.unchanged) == (1, 1, 1)
    assert report.changed_paths == (T,)
    assert built_index.build(paths=[]).summary().startswith("nothing to do")


def test_a_path_may_be_named_twice(built_index: OpenIndex) -> None:
    assert built_index.build(paths=[*written(built_index.corpus, "m.md", MILL), "m.md"]).added == 1


@pytest.fixture
def opened_files() -> Iterator[list[str]]:
    """Every file or folder that Python opens, lists or removes, while the list is not closed."""
    seen: list[str] = []
    watching = [True]

    def hook(event: str, args: tuple[object, ...]) -> None:
        if watching and event in ("open", "os.scandir", "os.listdir", "os.walk", "glob.glob"):
            name = args[0] if args else ""
            if isinstance(name, str | bytes | os.PathLike):
                seen.append(os.fsdecode(name))

    sys.addaudithook(hook)
    yield seen
    watching.clear()  # a hook cannot be taken away


def test_no_other_file_is_opened_and_no_folder_is_listed(
    built_index: OpenIndex, opened_files: list[str]
) -> None:
    corpus = built_index.corpus
    write(corpus, L, LIGHTHOUSE.replace("142", "143"))
    write(corpus, "sea/unknown.md", MILL)
    paths = [*written(corpus, H, HARBOUR.replace("1974", "1975")), *gone(corpus, T)]
    opened_files.clear()
    report = built_index.build(paths=paths)
    inside = {os.path.relpath(name, corpus) for name in opened_files if str(corpus) in name}
    assert inside == {H}
    assert (report.changed, report.removed, report.added) == (1, 1, 0)
    assert "143" not in str(built_index.contents())
    assert built_index.build().changed == 1, "what was not looked at is still found later"


def test_what_it_asks_of_the_catalog_does_not_grow_with_the_corpus(tmp_path: Path) -> None:
    """Counted in steps of SQLite's machine, which do not depend on how busy the computer is."""
    steps = []
    for articles in (20, 200):
        index = OpenIndex(tmp_path / f"corpus{articles}", tmp_path / f"index{articles}")
        for n in range(articles):
            index.write(f"{n}.txt", f"Night {n}\n\nThe moon of night {n} shines. It pulls.")
        index.build()
        index.write("5.txt", "Night 5\n\nClouds hid the moon. It still pulled.")
        (index.corpus / "6.txt").rename(index.corpus / "six.txt")
        taken = 0

        def step() -> int:
            nonlocal taken
            taken += 1
            return 0

        for db in (index.catalog._db, index.catalog._reader):
            db.set_progress_handler(step, 10)
        index.build(paths=["5.txt", "6.txt", "six.txt"])
        steps.append(taken)
        index.close()
    few, many = steps
    assert few > 0
    assert many < 1.5 * few + 20, steps


HOSTILE = [
    "../secret.md",
    "/etc/hosts.md",
    "2021/../../secret.md",
    "2021/../2021/harbour.md",
    ".hidden/a.md",
    ".originals/a.md",
    "folder/story.md",
    "dangling.md",
    "loop.md",
    "a.md/b.md",
    "a.exe",
    "",
    "/",
    "a\0.md",
    "\ud800.md",
    "%' OR 1 --.md",
    "x" * 5_000 + ".md",
    "2021",
]


def test_hostile_paths_are_as_if_nothing_were_there(built_index: OpenIndex, tmp_path: Path) -> None:
    corpus = built_index.corpus
    write(tmp_path, "secret.md", MILL)
    write(tmp_path, "elsewhere/story.md", MILL)
    write(corpus, ".hidden/a.md", MILL)
    (corpus / "folder").symlink_to(tmp_path / "elsewhere")
    (corpus / "dangling.md").symlink_to("nowhere.md")
    (corpus / "loop.md").symlink_to("loop.md")
    before = built_index.contents()
    for path in HOSTILE:
        report = built_index.build(paths=[path])
        assert (report.added, report.changed, report.removed) == (0, 0, 0), path
    built_index.build(paths=HOSTILE)
    assert built_index.contents() == before
    assert built_index.build().unchanged == 3


def test_a_file_that_cannot_be_read_is_skipped_and_its_version_stays(
    built_index: OpenIndex,
) -> None:
    before = built_index.contents()
    built_index.write(H, b"\x00\xff")
    report = built_index.build(paths=[H])
    assert [path for path, _ in report.skipped] == [H]
    assert built_index.contents() == before


def test_the_last_files_go_only_where_that_is_said(built_index: OpenIndex) -> None:
    for path in (H, L, T):
        (built_index.corpus / path).unlink()
    with pytest.raises(CorpusMissing, match="Nothing was removed"):
        built_index.build(paths=[H, L, T])
    assert built_index.build(paths=[H, L, T], allow_empty=True).removed == 3
    assert built_index.vectors.count() == 0


def test_a_drive_that_is_gone_takes_nothing_with_it(built_index: OpenIndex, tmp_path: Path) -> None:
    before = built_index.contents()
    built_index.corpus.rename(tmp_path / "unmounted")
    with pytest.raises(CorpusMissing):
        built_index.build(paths=[H])
    built_index.corpus.mkdir()
    with pytest.raises(CorpusMissing):
        built_index.build(paths=[H])
    assert built_index.contents() == before


def test_a_first_build_may_be_of_some_paths(empty_index: OpenIndex) -> None:
    assert empty_index.build(paths=[H, T]).added == 2
    assert sorted(empty_index.catalog.known()) == [H, T]
    assert empty_index.build().added == 1


def test_what_a_stopped_build_left_undone_is_mended_by_a_build_of_other_paths(
    built_index: OpenIndex, tmp_path: Path
) -> None:
    index = built_index
    before = index.vectors.ids()
    index.write("mill.md", MILL)

    class Dies(HashedEmbedder):
        """Fails as a full memory does, once."""

        def embed(self, texts):  # type: ignore[no-untyped-def]
            raise MemoryError

    index.embedder, well = Dies(), index.embedder
    with pytest.raises(MemoryError):
        index.build(paths=["mill.md"])
    index.embedder = well
    index.vectors.delete(sorted(before)[:2])
    report = index.build(paths=["never.md"])
    assert report.passages == 2
    index.build(paths=["mill.md"])
    whole = OpenIndex(index.corpus, tmp_path / "whole")
    whole.build()
    assert index.contents() == whole.contents()
    whole.close()


def test_progress_counts_the_passages_of_these_paths(built_index: OpenIndex) -> None:
    nights = "\n\n".join(f"## Night {n}\n\nThe moon of night {n} shines. " * 9 for n in range(80))
    built_index.write("long.md", f"# Nights\n\n{nights}\n")
    built_index.write("mill.md", MILL)
    told: list[Progress] = []
    report = built_index.build(paths=["long.md", "mill.md"], progress=told.append)
    assert report.passages > 60
    assert [one.of for one in told] == [2] * len(told)
    assert [one.passages for one in told] == sorted(one.passages for one in told)
    assert all(one.passages <= one.of_passages <= report.passages for one in told)
    embedding = [one for one in told if one.passages]
    assert {one.of_passages for one in embedding} == {report.passages}
    assert (told[-1].files, told[-1].passages) == (2, report.passages)


def test_it_may_be_stopped_at_any_report_and_run_again(
    built_index: OpenIndex, tmp_path: Path
) -> None:
    index = built_index
    for n in range(6):
        index.write(f"{n}.md", f"{MILL}\n\nIt was night {n}.\n")
    paths = [f"{n}.md" for n in range(6)]

    def stop(now: Progress) -> None:
        if now.passages:
            raise IngestStopped("enough")

    with pytest.raises(IngestStopped):
        index.build(paths=paths, progress=stop, batch=2)
    index.build(paths=paths)
    whole = OpenIndex(index.corpus, tmp_path / "whole")
    whole.build()
    assert index.contents() == whole.contents()
    whole.close()
