from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from conftest import HARBOUR, LIGHTHOUSE, TIDES, OpenIndex, assert_exact, write
from numpy.typing import NDArray

from index.build import BuildReport, Progress, build, embedding_text, mend
from index.catalog import CATALOG_FILE, Catalog
from index.embed import HashedEmbedder
from index.rebuild import DAMAGED_FILE, start_again
from index.vectors import CHROMA_FOLDER, VectorStore
from ingest.article import Passage, Span
from ingest.errors import CorpusMissing, IndexBroken, NoRoom
from tests.clock import at_most


class CountingEmbedder(HashedEmbedder):
    """Says how many texts it has embedded."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += texts
        return super().embed(texts)


@pytest.fixture
def counting(empty_index: OpenIndex) -> CountingEmbedder:
    empty_index.embedder = CountingEmbedder()
    return empty_index.embedder


def built_in_one_go(index: OpenIndex, folder: Path) -> dict[str, object]:
    fresh = OpenIndex(index.corpus, folder)
    fresh.build()
    contents = fresh.contents()
    fresh.close()
    return contents


def test_a_first_build_indexes_every_article(empty_index: OpenIndex) -> None:
    report = empty_index.build()
    assert (report.added, report.changed, report.removed, report.unchanged) == (3, 0, 0, 0)
    assert report.passages == empty_index.catalog.count() == empty_index.vectors.count() == 4
    assert report.ok
    assert empty_index.found("dredgers")[0] == "2021/harbour.md"
    assert empty_index.nearest("The moon pulls the sea.")[0] == "tides.txt"


def test_every_indexed_passage_is_what_its_file_holds(built_index: OpenIndex) -> None:
    for row in built_index.catalog.articles():
        article = built_index.catalog.article(row.sha256)
        assert article is not None
        data = (built_index.corpus / row.path).read_bytes()
        assert_exact(article, data, tuple(built_index.catalog.passages_of(row.sha256)))


def test_a_second_build_embeds_nothing(empty_index: OpenIndex, counting: CountingEmbedder) -> None:
    empty_index.build()
    counting.texts.clear()
    report = empty_index.build()
    assert (report.unchanged, report.passages, counting.texts) == (3, 0, [])


def test_a_touched_file_is_read_but_not_embedded(
    empty_index: OpenIndex, counting: CountingEmbedder
) -> None:
    empty_index.build()
    counting.texts.clear()
    os.utime(empty_index.corpus / "tides.txt", (1, 1))
    assert empty_index.build().unchanged == 3
    assert counting.texts == []


def test_a_changed_article_replaces_its_old_text(built_index: OpenIndex, tmp_path: Path) -> None:
    old = built_index.catalog.known()["tides.txt"].sha256
    built_index.write("tides.txt", TIDES.replace("moon", "comet"))
    report = built_index.build()
    assert (report.changed, report.unchanged) == (1, 2)
    assert built_index.found("moon") == []
    assert built_index.found("comet") == ["tides.txt"]
    kept = built_index.catalog.article(old)
    assert kept is not None
    assert "moon" in kept.text
    assert built_index.contents() == built_in_one_go(built_index, tmp_path / "fresh")


def test_a_change_of_the_same_length_right_after_a_build_is_seen(built_index: OpenIndex) -> None:
    file = built_index.corpus / "tides.txt"
    before = file.stat()
    file.write_bytes(TIDES.replace("moon", "star").encode())
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert built_index.build().changed == 1
    assert built_index.found("star") == ["tides.txt"]


def test_a_removed_article_is_found_no_more_and_can_still_be_opened(built_index: OpenIndex) -> None:
    old = built_index.catalog.known()["tides.txt"].sha256
    (built_index.corpus / "tides.txt").unlink()
    assert built_index.build().removed == 1
    assert built_index.found("moon") == []
    assert "tides.txt" not in built_index.nearest("The moon pulls the sea.")
    assert built_index.vectors.ids() == set(built_index.catalog.ids())
    assert built_index.catalog.article(old) is not None


def test_a_renamed_article_is_not_embedded_again(
    empty_index: OpenIndex, counting: CountingEmbedder, tmp_path: Path
) -> None:
    empty_index.build()
    counting.texts.clear()
    (empty_index.corpus / "2021").rename(empty_index.corpus / "2022")
    empty_index.build()
    assert counting.texts == []
    assert empty_index.found("dredgers") == ["2022/harbour.md"]
    assert empty_index.contents() == built_in_one_go(empty_index, tmp_path / "fresh")


def test_an_article_renamed_to_another_kind_is_cut_as_that_kind(
    built_index: OpenIndex, tmp_path: Path
) -> None:
    (built_index.corpus / "2021/harbour.md").rename(built_index.corpus / "harbour.txt")
    built_index.build()
    assert built_index.contents() == built_in_one_go(built_index, tmp_path / "fresh")


def test_two_copies_of_the_same_bytes_are_one_article(
    built_index: OpenIndex, tmp_path: Path
) -> None:
    before = built_index.catalog.count()
    built_index.write("0/copy.md", HARBOUR)
    report = built_index.build()
    assert (report.added, report.passages) == (1, 0)
    assert built_index.catalog.count() == before
    assert built_index.found("dredgers") == ["0/copy.md"]
    (built_index.corpus / "0/copy.md").unlink()
    built_index.build()
    assert built_index.found("dredgers") == ["2021/harbour.md"]
    assert built_index.contents() == built_in_one_go(built_index, tmp_path / "fresh")


def test_two_copies_in_one_build_are_one_article(empty_index: OpenIndex) -> None:
    empty_index.write("2021/copy.md", HARBOUR)
    report = empty_index.build()
    assert (report.added, report.passages) == (4, 4)
    assert empty_index.catalog.coverage()[0] == 3


def test_two_files_that_swap_names_swap(built_index: OpenIndex, tmp_path: Path) -> None:
    built_index.write("2021/harbour.md", LIGHTHOUSE)
    built_index.write("2014/lighthouse.md", HARBOUR)
    built_index.build()
    assert built_index.found("dredgers") == ["2014/lighthouse.md"]
    assert built_index.contents() == built_in_one_go(built_index, tmp_path / "fresh")


def test_small_batches_give_the_same_index(empty_index: OpenIndex, tmp_path: Path) -> None:
    empty_index.build(batch=1)
    assert empty_index.contents() == built_in_one_go(empty_index, tmp_path / "fresh")


BAD = {
    "not-utf8.md": (b"caf\xe9 au lait", "is not UTF-8 (byte 0xe9 at offset 3, line 1)"),
    "utf16.md": ("Tides\n\ntext".encode("utf-16"), "UTF-16"),
    "nul.txt": (b"a\0b", "holds NUL bytes"),
    "empty.md": (b"", "holds nothing (0 bytes)"),
    "front.md": (b"---\ntitle: T\n---\n", "holds only front matter"),
    "yaml.md": (b"---\ntitle: a: b\n---\nText.", "line 2: broken front matter"),
    "unclosed.md": (b"---\ntitle: T\nText.", "no closing ---"),
    "large.md": (b"Many words. " * 1000, "is more than the 0.01 MB"),
    "headings.md": (b"# One\n\n## Two\n", "holds no sentence"),
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_a_bad_file_is_skipped_with_its_reason_and_the_others_are_indexed(
    empty_index: OpenIndex, name: str
) -> None:
    data, reason = BAD[name]
    empty_index.write(f"sub/{name}", data)
    report = empty_index.build(max_bytes=10_000)
    assert report.added == 3
    assert [path for path, _ in report.skipped] == [f"sub/{name}"]
    assert reason in report.skipped[0][1]
    assert name not in report.skipped[0][1]
    assert not report.ok


def test_a_file_that_became_unreadable_keeps_its_indexed_version(built_index: OpenIndex) -> None:
    built_index.write("tides.txt", b"caf\xe9")
    report = built_index.build()
    assert report.skipped[0][0] == "tides.txt"
    assert report.removed == 0
    assert built_index.found("moon") == ["tides.txt"]
    built_index.write("tides.txt", TIDES)
    assert built_index.build().ok


def test_a_file_name_that_is_not_utf8_is_skipped(empty_index: OpenIndex) -> None:
    (empty_index.corpus / os.fsdecode(b"caf\xe9.md")).write_text("Text here.")
    report = empty_index.build()
    assert report.skipped == (("caf?.md", "its name is not UTF-8. Rename it."),)
    assert report.added == 3


def test_one_line_of_a_megabyte_is_indexed(empty_index: OpenIndex) -> None:
    empty_index.write("line.txt", "A title\n\n" + "word " * 200_000)
    report = empty_index.build()
    assert report.added == 4
    assert empty_index.vectors.count() == empty_index.catalog.count() > 400


def test_a_missing_corpus_changes_nothing(built_index: OpenIndex) -> None:
    shutil.rmtree(built_index.corpus)
    with pytest.raises(CorpusMissing, match="no corpus folder"):
        built_index.build()
    assert built_index.catalog.count() == 4


def test_an_emptied_corpus_does_not_wipe_the_index_unless_told_to(built_index: OpenIndex) -> None:
    shutil.rmtree(built_index.corpus)
    built_index.corpus.mkdir()
    with pytest.raises(CorpusMissing, match="Nothing was removed"):
        built_index.build()
    assert built_index.found("moon") == ["tides.txt"]
    assert built_index.build(allow_empty=True).removed == 3
    assert built_index.catalog.count() == built_index.vectors.count() == 0


def test_an_empty_corpus_builds_an_empty_index(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    index = OpenIndex(tmp_path / "corpus", tmp_path / "index")
    assert index.build().summary().startswith("nothing to do in")
    index.close()


def test_progress_never_goes_back_and_ends_with_everything(empty_index: OpenIndex) -> None:
    told: list[Progress] = []
    empty_index.build(batch=2, progress=told.append)
    assert [one.files for one in told] == sorted(one.files for one in told)
    assert (told[-1].files, told[-1].of, told[-1].passages) == (3, 3, 4)


def test_ctrl_c_keeps_what_was_committed_and_nothing_half(
    empty_index: OpenIndex, tmp_path: Path
) -> None:
    def stop(progress: Progress) -> None:
        if progress.files == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        empty_index.build(batch=1, progress=stop)
    assert 0 < empty_index.catalog.coverage()[0] < 3
    assert empty_index.found("keeper") == ["2014/lighthouse.md"]
    empty_index.build()
    assert empty_index.contents() == built_in_one_go(empty_index, tmp_path / "fresh")


def test_lost_vectors_are_made_again(built_index: OpenIndex, tmp_path: Path) -> None:
    built_index.vectors.delete(sorted(built_index.vectors.ids())[:3])
    assert built_index.build().passages == 3
    assert built_index.contents() == built_in_one_go(built_index, tmp_path / "fresh")


def test_vectors_of_nothing_are_deleted(built_index: OpenIndex, tmp_path: Path) -> None:
    stray = Passage("f" * 64, "x.md", "X", "", Span(0, 1), Span(0, 1), "x")
    built_index.vectors.upsert([stray], built_index.embedder.embed(["x"]))
    assert mend(built_index.catalog, built_index.vectors, built_index.embedder) == 0
    assert built_index.contents() == built_in_one_go(built_index, tmp_path / "fresh")


def test_a_lost_vector_folder_is_made_again(built_index: OpenIndex, tmp_path: Path) -> None:
    built_index.close()
    shutil.rmtree(built_index.folder / CHROMA_FOLDER)
    built_index.open()
    assert built_index.build().passages == 4
    assert built_index.contents() == built_in_one_go(built_index, tmp_path / "fresh")


def test_a_lost_catalog_is_made_again(built_index: OpenIndex, tmp_path: Path) -> None:
    built_index.close()
    for file in built_index.folder.glob(f"{CATALOG_FILE}*"):
        file.unlink()
    built_index.open()
    built_index.build()
    assert built_index.contents() == built_in_one_go(built_index, tmp_path / "fresh")


def test_an_emptied_index_is_empty_and_keeps_every_version(
    built_index: OpenIndex, tmp_path: Path
) -> None:
    old = built_index.catalog.known()["tides.txt"].sha256
    built_index.write("tides.txt", TIDES.replace("moon", "comet"))
    built_index.build()
    built_index.close()
    assert start_again(built_index.folder) == 4
    built_index.open()
    assert built_index.catalog.count() == built_index.vectors.count() == 0
    built_index.build()
    assert built_index.catalog.article(old) is not None
    assert built_index.contents() == built_in_one_go(built_index, tmp_path / "fresh")
    assert sorted(file.name for file in built_index.folder.iterdir() if file.is_dir()) == ["chroma"]


def test_an_emptied_index_may_change_its_embedder(built_index: OpenIndex) -> None:
    built_index.close()
    start_again(built_index.folder)
    built_index.embedder = CountingEmbedder()
    built_index.embedder.name = "another"
    built_index.open()
    assert built_index.build().added == 3


@pytest.mark.parametrize("file", [CATALOG_FILE, f"{CHROMA_FOLDER}/chroma.sqlite3"])
def test_a_corrupt_index_is_refused_and_rebuilt(
    built_index: OpenIndex, file: str, tmp_path: Path
) -> None:
    built_index.close()
    (built_index.folder / file).write_bytes(b"garbage" * 5000)
    with pytest.raises(IndexBroken, match="pincite ingest --rebuild"):
        built_index.open()
    start_again(built_index.folder)
    built_index.open()
    built_index.build()
    assert built_index.contents() == built_in_one_go(built_index, tmp_path / "fresh")


def test_emptying_a_half_destroyed_catalog_saves_the_versions_that_can_be_read(
    tmp_path: Path,
) -> None:
    corpus = tmp_path / "corpus"
    for n in range(40):
        write(corpus, f"{n:02}.txt", f"Night {n}\n\n{os.urandom(3000).hex()} shone {n} times.")
    index = OpenIndex(corpus, tmp_path / "index")
    index.build()
    index.close()
    file = index.folder / CATALOG_FILE
    data = file.read_bytes()
    file_left = data[: len(data) // 2]
    file.write_bytes(file_left)
    saved = start_again(index.folder)
    catalog = Catalog(index.folder)
    kept = [catalog.version(row) for row in catalog.versions()]
    assert len(kept) == saved
    assert (index.folder / DAMAGED_FILE).read_bytes() == file_left
    assert all(data is not None and data.startswith(b"Night") for data in kept)
    catalog.close()


def test_emptying_nothing_is_no_error(tmp_path: Path) -> None:
    assert start_again(tmp_path / "index") == 0


FULL = """
import resource, sys
from pathlib import Path
from index.build import build
from index.catalog import Catalog
from index.embed import HashedEmbedder
from index.vectors import VectorStore
from ingest.errors import NoRoom
corpus, index, limit = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
embedder = HashedEmbedder()
try:
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    catalog, vectors = Catalog(index), VectorStore(index, embedder.name, embedder.dimension)
    print(build(corpus, catalog, vectors, embedder, batch=20).summary())
except NoRoom as error:
    print("NoRoom:", error)
"""


def in_another_process(corpus: Path, index: Path, limit: int = 0) -> str:
    command = [sys.executable, "-c", FULL, str(corpus), str(index), str(limit)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def many_articles(tmp_path: Path) -> Path:
    for n in range(60):
        text = f"Night {n}\n\n" + f"The moon of night {n} shines on the sea and on the sand. " * 60
        write(tmp_path / "many", f"{n:02}.txt", text)
    return tmp_path / "many"


@pytest.mark.parametrize("limit", [1_000, 300_000, 700_000])
def test_a_full_disk_is_named_and_the_next_build_completes(
    many_articles: Path, tmp_path: Path, limit: int
) -> None:
    told = in_another_process(many_articles, tmp_path / "index", limit)
    assert "NoRoom:" in told
    assert str(tmp_path / "index") in told
    index = OpenIndex(many_articles, tmp_path / "index")
    index.build()
    assert index.contents() == built_in_one_go(index, tmp_path / "fresh")
    index.close()


def test_a_file_system_that_is_really_full_is_named(many_articles: Path, small_disk: Path) -> None:
    told = in_another_process(many_articles, small_disk / "index")
    assert "NoRoom:" in told
    assert f"{small_disk / 'index'}: cannot be written" in told


def test_a_read_only_index_is_named(built_index: OpenIndex, small_disk: Path) -> None:
    (small_disk / "index").mkdir()
    remount = ["mount", "-o", "remount,ro", str(small_disk)]
    if subprocess.run(remount, capture_output=True).returncode:
        pytest.skip("a file system cannot be made read-only here")
    with pytest.raises(NoRoom, match="cannot be written"):
        Catalog(small_disk / "index")
    with pytest.raises(NoRoom, match="cannot be written"):
        VectorStore(small_disk / "index", "hashed", 384)


def test_what_is_embedded_is_a_clean_copy() -> None:
    one = Passage("a" * 64, "a.md", "T", "H", Span(0, 9), Span(0, 9), "He\r\n  said\u00a0no.")
    assert embedding_text(one) == "He said no."


def test_a_summary_tells_what_was_done() -> None:
    report = BuildReport(added=2, removed=1, skipped=(("a", "b"),), passages=9, seconds=1.25)
    assert report.summary() == "2 added, 1 removed, 1 skipped; 9 passages embedded in 1.2 s"


def test_three_hundred_unchanged_files_take_a_moment(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    for n in range(300):
        os.utime(write(corpus, f"{n}.txt", f"T{n}\n\nThe moon {n} times."), (1, 1))
    index = OpenIndex(corpus, tmp_path / "index")
    index.build()
    with at_most(0.5):
        assert build(corpus, index.catalog, index.vectors, index.embedder).unchanged == 300
    index.close()


def test_a_build_of_some_paths_takes_in_what_is_new_changed_or_gone_there_alone(
    built_index: OpenIndex, tmp_path: Path
) -> None:
    built_index.write("new.md", "The comet was seen in May.")
    built_index.write("other.md", "A zeppelin was seen in June.")
    built_index.write("tides.txt", TIDES.replace("moon", "star"))
    (built_index.corpus / "2021/harbour.md").unlink()
    (built_index.corpus / "2014/lighthouse.md").unlink()
    report = built_index.build(paths=["new.md", "tides.txt", "2021/harbour.md", "never.md"])
    assert (report.added, report.changed, report.removed, report.unchanged) == (1, 1, 1, 0)
    assert report.changed_paths == ("2021/harbour.md", "tides.txt")
    assert built_index.found("comet") == ["new.md"]
    assert built_index.found("star") == ["tides.txt"]
    assert built_index.found("dredgers") == []
    assert built_index.found("zeppelin") == []
    assert built_index.found("keeper") == ["2014/lighthouse.md"]
    built_index.build()
    assert built_index.contents() == built_in_one_go(built_index, tmp_path / "fresh")


def test_a_build_of_some_paths_renames_without_embedding(
    empty_index: OpenIndex, counting: CountingEmbedder, tmp_path: Path
) -> None:
    empty_index.build()
    counting.texts.clear()
    (empty_index.corpus / "2021/harbour.md").rename(empty_index.corpus / "harbour.md")
    empty_index.build(paths=["harbour.md", "2021/harbour.md"])
    assert counting.texts == []
    assert empty_index.contents() == built_in_one_go(empty_index, tmp_path / "fresh")


@pytest.mark.parametrize(
    "path",
    ["../out.md", "/etc/passwd", ".hidden/a.md", "", "a\0.md", "2021", "\udc80.md", "x" * 9999],
)
def test_a_path_that_no_ingest_would_find_is_not_built(built_index: OpenIndex, path: str) -> None:
    write(built_index.corpus.parent, "out.md", "Outside of the corpus.")
    built_index.write(".hidden/a.md", "Hidden away.")
    report = built_index.build(paths=[path])
    assert (report.added, report.removed, report.skipped) == (0, 0, ())
    assert built_index.catalog.count() == 4


def test_a_build_of_some_paths_does_not_follow_a_link_to_a_folder(built_index: OpenIndex) -> None:
    write(built_index.corpus.parent, "elsewhere/a.md", "Outside of the corpus.")
    (built_index.corpus / "in").symlink_to(built_index.corpus.parent / "elsewhere")
    assert built_index.build(paths=["in/a.md"]).added == 0


def test_paths_of_an_emptied_corpus_are_not_removed_unless_told_to(built_index: OpenIndex) -> None:
    shutil.rmtree(built_index.corpus)
    with pytest.raises(CorpusMissing, match="no corpus folder"):
        built_index.build(paths=["tides.txt"])
    built_index.corpus.mkdir()
    with pytest.raises(CorpusMissing, match="Nothing was removed"):
        built_index.build(paths=["tides.txt"])
    assert built_index.build(paths=["tides.txt"], allow_empty=True).removed == 1


def test_a_build_of_some_paths_mends_what_a_killed_build_left(
    empty_index: OpenIndex, tmp_path: Path
) -> None:
    def stop(progress: Progress) -> None:
        if progress.passages:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        empty_index.build(batch=1, progress=stop)
    empty_index.build(paths=["tides.txt"])
    assert empty_index.vectors.ids() == set(empty_index.catalog.ids())
    empty_index.build()
    assert empty_index.contents() == built_in_one_go(empty_index, tmp_path / "fresh")


def test_progress_tells_how_many_passages_there_are_to_embed(built_index: OpenIndex) -> None:
    told: list[Progress] = []
    text = "\n\n".join(f"Paragraph {n} of the night. " * 12 for n in range(300))
    built_index.write("long.md", text)
    built_index.build(paths=["long.md"], progress=told.append)
    ends = [(one.passages, one.of_passages) for one in told if one.passages]
    assert len(ends) > 1
    assert {of for _, of in ends} == {ends[-1][0]}
    assert [done for done, _ in ends] == sorted(done for done, _ in ends)


def test_versions_and_history_survive_a_rebuild(built_index: OpenIndex) -> None:
    built_index.write("tides.txt", TIDES.replace("moon", "comet"))
    built_index.build()
    (built_index.corpus / "2021/harbour.md").unlink()
    built_index.build()
    before = {path: built_index.catalog.history(path) for path in ("tides.txt", "2021/harbour.md")}
    indexed = built_index.catalog.library()[1]
    (built_index.corpus / "2014/lighthouse.md").unlink()
    built_index.close()
    start_again(built_index.folder)
    built_index.open()
    built_index.build()
    after = {path: built_index.catalog.history(path) for path in before}
    assert after == before
    (gone,) = built_index.catalog.history("2014/lighthouse.md")
    assert not gone.current
    assert built_index.catalog.library()[1] == tuple(
        row for row in indexed if row.path == "tides.txt"
    )


def test_a_rebuild_of_an_index_without_history_begins_one_with_its_versions(
    built_index: OpenIndex,
) -> None:
    built_index.write("tides.txt", TIDES.replace("moon", "comet"))
    built_index.build()
    shas = [version.sha256 for version in built_index.catalog.history("tides.txt")]
    built_index.catalog._db.execute("DROP TABLE history")  # as before schema 4
    built_index.close()
    start_again(built_index.folder)
    built_index.open()
    built_index.build()
    found = built_index.catalog.history("tides.txt")
    assert [version.sha256 for version in found] == shas
    assert [version.current for version in found] == [True, False]
    assert [version.since for version in found] == [None, None]
