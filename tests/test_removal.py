"""Taking articles away: what is said before, what goes, what stays, and what a kill leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from conftest import HARBOUR, LIGHTHOUSE, TIDES, write
from serving import opened

from answer.answer import Answer
from answer.assistant import Assistant, open_assistant
from answer.settings import Settings
from index.now import is_corpus_path
from index.rebuild import DAMAGED_FILE
from ingest import originals
from ingest.errors import BadQuestion, UnreadableSource
from ingest.ledger import Ledger, Made

H, L, T = "2021/harbour.md", "2014/lighthouse.md", "tides.txt"
SECRET = "Quillfeather"  # in no other text, and in nothing that an answer quotes
HIDDEN = HARBOUR + f"\n## Crew\n\nThe cook of the second dredger was called {SECRET}.\n"
FEED_URL = "https://example.org/harbour"
WHO = "How many dredgers worked in the harbour at Kallo?"


@pytest.fixture
def library(three_articles: Path) -> Iterator[Assistant]:
    """Three articles, indexed; the harbour's names a cook who is in no other."""
    write(three_articles, H, HIDDEN)
    assistant = opened(three_articles, three_articles.parent / "index")
    yield assistant
    assistant.close()


@pytest.fixture
def corpus(library: Assistant, three_articles: Path) -> Path:
    return three_articles


def paths(library: Assistant) -> list[str]:
    return [row.path for row in library.library()[1]]


def sha(library: Assistant, path: str) -> str:
    return library.history(path)[0].sha256


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file but SQLite's shared memory, which readers write."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in files
        if not file.name.endswith("-shm")
    }


def holding(folder: Path, word: str) -> list[str]:
    """The files below a folder in whose bytes a word stands, in any case, UTF-8 or UTF-16."""
    forms = [
        form.encode(code)
        for form in {word, word.lower(), word.upper()}
        for code in ("utf-8", "utf-16-le")
    ]
    return [
        str(file.relative_to(folder))
        for file in sorted(folder.rglob("*"))
        if file.is_file() and any(form in file.read_bytes() for form in forms)
    ]


def from_page(corpus: Path, path: str, url: str, original: bytes) -> str:
    """As `pincite add` leaves it: an original, and where the article came from; → its SHA-256."""
    sha256 = originals.keep(corpus, original, ".html")
    with closing(Ledger(corpus)) as ledger:
        ledger.record(Made(path, url, "", url, "0" * 64, sha256))
    return sha256


def asked(library: Assistant) -> Answer:
    answer = library.ask(WHO)
    assert answer.citations
    assert answer.citations[0].path == H
    assert answer.record
    return answer


# ---- the dry run --------------------------------------------------------------------------------


def test_a_plan_says_what_would_go_and_changes_nothing(library: Assistant, corpus: Path) -> None:
    page = from_page(corpus, H, FEED_URL, b"<p>the page</p>")
    answer = asked(library)
    before = snapshot(corpus.parent)
    for forget in (False, True):
        planned = library.plan_removal([H], forget=forget)
        (file,) = planned.files
        assert (file.path, file.title) == (H, "The harbour at Kallo")
        assert (file.versions, file.also, file.is_file, file.is_link) == (1, (), True, False)
        assert planned.passages == file.passages == 3
        assert planned.versions == ((sha(library, H),) if forget else ())
        assert planned.originals == (page,)
        assert [row.hash for row in planned.cited_by] == [answer.record]
        assert not planned.done
    assert snapshot(corpus.parent) == before


@pytest.mark.parametrize(
    "name",
    ["", "nothing.md", "../secret.md", "/etc/passwd", "/etc/hosts.md", ".originals/ledger.sqlite",
     "2021", "2021/", "2021\\harbour.md", "a\0b.md", "2021//harbour.md", "./2021/harbour.md",
     "https://example.org/other", "HTTP://", "x" * 5_000, "%", "_", "' OR 1=1 --", "\ud800.md",
     "*.md", "2021/../2021/harbour.md"],
)  # fmt: skip
def test_a_name_that_nothing_is_known_under_is_refused_and_nothing_goes(
    library: Assistant, corpus: Path, name: str
) -> None:
    outside = write(corpus.parent, "secret.md", "Nobody may take this away.")
    for act in (library.plan_removal, library.remove):
        with pytest.raises(BadQuestion, match="is neither the path of an article"):
            act([name], forget=True)
        with pytest.raises(BadQuestion, match="is neither the path of an article"):
            act([H, name])
    assert outside.is_file()
    assert paths(library) == [L, H, T]
    assert all((corpus / path).is_file() for path in (H, L, T))


@pytest.mark.parametrize("publisher", ["", "Nobody", "%", "Coast", "Coast Gazette ", "'"])
def test_a_publisher_that_has_no_article_is_refused(library: Assistant, publisher: str) -> None:
    with pytest.raises(BadQuestion, match="No article is of the publisher"):
        library.remove([], publishers=[publisher])
    assert len(paths(library)) == 3


# ---- removing -----------------------------------------------------------------------------------


def assert_gone(library: Assistant, corpus: Path, path: str) -> None:
    assert not os.path.lexists(corpus / path)
    assert path not in paths(library)
    assert path not in library._catalog.known()
    kept = library._catalog.ids()
    assert library._vectors.ids() == set(kept)
    assert path not in {passage.path for passage in library._catalog.passages(kept).values()}


@pytest.mark.parametrize("name", [H, FEED_URL])
def test_an_article_goes_from_folder_catalog_vectors_and_full_text(
    library: Assistant, corpus: Path, name: str
) -> None:
    removed = library.remove([name])
    assert removed.done
    assert removed.paths == (H,)
    assert_gone(library, corpus, H)
    assert library._catalog.lexical(["quillfeath"], limit=5) == []
    assert library._catalog.document_frequencies(["quillfeath"]) == {"quillfeath": 0}
    assert H not in {hit.passage.path for hit in library.search(f"the cook {SECRET}")}
    assert library.ingest().summary().startswith("2 unchanged")
    with pytest.raises(BadQuestion):
        library.remove([FEED_URL])


def test_all_articles_of_a_publisher_go_in_any_case(library: Assistant, corpus: Path) -> None:
    write(corpus, "more.md", LIGHTHOUSE.replace("142", "143"))
    library.ingest()
    removed = library.remove([], publishers=["ISLAND review"])
    assert removed.paths == (L, "more.md")
    assert paths(library) == [H, T]


def test_the_last_article_may_go(library: Assistant) -> None:
    assert library.remove([H, L, T]).paths == (L, H, T)
    assert paths(library) == []
    assert library._vectors.count() == 0


def test_a_version_stays_readable_and_kept_answers_say_what_became_of_it(
    library: Assistant, corpus: Path
) -> None:
    answer, old = asked(library), sha(library, H)
    removed = library.remove([H])
    assert [row.hash for row in removed.cited_by] == [answer.record]
    kept = library.article(old)
    assert kept is not None
    assert kept.text == HIDDEN
    for citation in answer.citations:
        assert kept.text[citation.chars.start : citation.chars.end] == citation.quote
    (version,) = library.history(H)
    assert (version.current, version.kept) == (False, True)
    assert answer.record is not None
    assert library.verify(library.record(answer.record)).exit_code == 6
    assert library.kept(answer.record).citations


def test_a_forgotten_version_opens_no_more_and_its_answers_still_verify_as_gone(
    library: Assistant, corpus: Path
) -> None:
    answer, old = asked(library), sha(library, H)
    removed = library.remove([H], forget=True)
    assert removed.versions == (old,)
    assert library.article(old) is None
    assert library.history(H) == ()
    assert answer.record is not None
    assert library.verify(library.record(answer.record)).exit_code == 6
    assert library.kept(answer.record).question == WHO


def test_forgotten_words_are_in_no_file_of_the_index(library: Assistant, corpus: Path) -> None:
    write(corpus, H, HIDDEN.replace("second", "first"))  # so that there are two versions of them
    library.ingest()
    library.ask(f"Is {SECRET} a cook?", keep=False)
    index = corpus.parent / "index"
    assert holding(index, SECRET), "the words are there to begin with"
    library.remove([H], forget=True)
    assert holding(index, SECRET) == []
    assert holding(index, "quillfeath") == [], "nor stemmed, in the full text"
    assert holding(corpus, SECRET) == []
    library.ingest()
    assert library.search("lighthouse lamp")
    library.close()
    assert holding(index, SECRET) == []


def test_a_name_of_a_file_that_is_forgotten_is_in_no_file_either(
    library: Assistant, corpus: Path
) -> None:
    path = f"2020/{SECRET}.md"
    write(corpus, path, HIDDEN.replace("hour", "minute"))
    (corpus / H).unlink()
    library.ingest()
    from_page(corpus, path, FEED_URL, SECRET.encode())
    library.remove([path, H], forget=True)
    assert holding(corpus.parent / "index", SECRET) == []
    assert holding(corpus, SECRET) == []


def test_no_search_after_it_writes_the_files_of_vectors_anew(
    library: Assistant, corpus: Path
) -> None:
    """A process that opens a small index makes them of its memory, where the words may be."""
    library.close()
    library = reopened(corpus)
    library.remove([H], forget=True)
    files = sorted((corpus.parent / "index/chroma").glob("*/data_level0.bin"))
    assert files
    before = [file.stat().st_mtime_ns for file in files]
    assert library.search("lighthouse lamp")
    assert [file.stat().st_mtime_ns for file in files] == before
    library.close()


def test_without_forgetting_the_words_stay_for_the_answers_that_cite_them(
    library: Assistant, corpus: Path
) -> None:
    old = sha(library, H)
    library.remove([H])
    assert SECRET.encode() in (library._catalog.version(old) or b"")


def test_versions_of_an_article_that_went_long_ago_are_forgotten_too(
    library: Assistant, corpus: Path
) -> None:
    (corpus / H).unlink()
    library.ingest()
    (file,) = library.plan_removal([H], forget=True).files
    assert (file.sha256, file.title, file.passages, file.is_file) == (None, None, 0, False)
    assert file.versions == 1
    library.remove([H], forget=True)
    assert holding(corpus.parent / "index", SECRET) == []


def test_a_file_that_was_never_indexed_can_be_taken_away(library: Assistant, corpus: Path) -> None:
    write(corpus, "broken.md", b"\x00\xff\xfe")
    assert library.ingest().skipped
    assert library.remove(["broken.md"]).paths == ("broken.md",)
    assert not (corpus / "broken.md").exists()


# ---- originals, feeds and the ledger ------------------------------------------------------------


@pytest.mark.parametrize("forget", [False, True])
def test_the_original_goes_and_a_feed_does_not_bring_it_back(
    library: Assistant, corpus: Path, forget: bool
) -> None:
    page = from_page(corpus, H, FEED_URL, f"<p>{SECRET}</p>".encode())
    with closing(Ledger(corpus)) as ledger:
        ledger.follow("https://example.org/feed")
        ledger.also("https://example.org/harbour?from=feed", H)
    assert library.remove([H], forget=forget).originals == (page,)
    assert originals.find(corpus, page) is None
    with closing(Ledger(corpus)) as ledger:
        assert ledger.made(H) is None
        assert ledger.removed(FEED_URL)
        assert ledger.removed("https://example.org/harbour?from=feed")
        assert [feed.url for feed in ledger.feeds()] == ["https://example.org/feed"]
    assert not forget or holding(corpus, SECRET) == []


def test_an_original_that_another_article_was_made_from_stays(
    library: Assistant, corpus: Path
) -> None:
    shared = from_page(corpus, H, "https://example.org/archive", b"an archive")
    assert shared == from_page(corpus, L, "https://example.org/archive#2", b"an archive")
    assert library.remove([H], forget=True).originals == ()
    assert originals.find(corpus, shared) is not None
    assert library.remove([L], forget=True).originals == (shared,)
    assert originals.find(corpus, shared) is None


def test_forgetting_takes_the_originals_of_older_versions(library: Assistant, corpus: Path) -> None:
    old = originals.keep(corpus, b"the page as it was", ".html")
    head = HIDDEN.replace("---\n", f"---\nsource: {FEED_URL}\nsource_sha256: {old}\n", 1)
    write(corpus, H, head)
    library.ingest()
    new = from_page(corpus, H, FEED_URL, b"the page as it is")
    write(corpus, H, head.replace(old, new).replace("hour", "half hour"))
    library.ingest()
    assert library.plan_removal([H]).originals == (new,)
    assert library.remove([H], forget=True).originals == tuple(sorted([old, new]))
    assert originals.find(corpus, old) is None


# ---- bytes under two paths, links, and the outside ----------------------------------------------


def test_of_two_files_with_the_same_bytes_the_other_stays_searchable(
    library: Assistant, corpus: Path
) -> None:
    write(corpus, "copy.md", HIDDEN)
    library.ingest()
    removed = library.remove([H], forget=True)
    assert removed.files[0].also == ("copy.md",)
    assert removed.passages == 0
    assert (removed.versions, removed.shared) == ((), (sha(library, "copy.md"),))
    assert any("copy.md too, which stays" in remark for remark in removed.remarks)
    assert "copy.md" in {hit.passage.path for hit in library.search(f"the cook {SECRET}")}
    assert paths(library) == [L, "copy.md", T]
    assert library.history(H) == ()
    library.remove(["copy.md"], forget=True)
    assert holding(corpus.parent / "index", SECRET) == []


def test_two_files_with_the_same_bytes_may_go_together(library: Assistant, corpus: Path) -> None:
    write(corpus, "copy.md", HIDDEN)
    library.ingest()
    removed = library.remove([H, "copy.md"], forget=True)
    assert [file.also for file in removed.files] == [(), ()]
    assert removed.versions
    assert not removed.shared
    assert holding(corpus.parent / "index", SECRET) == []


def test_a_version_that_another_path_has_had_but_not_now_is_forgotten_there_too(
    library: Assistant, corpus: Path
) -> None:
    (corpus / H).rename(corpus / "moved.md")
    library.ingest()
    library.remove(["moved.md"], forget=True)
    assert library.history(H) == ()
    assert holding(corpus.parent / "index", SECRET) == []


def test_of_a_link_the_link_goes_and_what_it_points_to_stays(
    library: Assistant, corpus: Path
) -> None:
    outside = write(corpus.parent, "elsewhere/story.md", "# Mill\n\nThe mill grinds at night.\n")
    (corpus / "linked.md").symlink_to(outside)
    (corpus / "folder").symlink_to(outside.parent)
    library.ingest()
    removed = library.remove(["linked.md"])
    assert removed.files[0].is_link
    assert any("is a link" in remark for remark in removed.remarks)
    assert not os.path.lexists(corpus / "linked.md")
    assert outside.is_file()
    with pytest.raises(BadQuestion):
        library.remove(["folder/story.md"])
    assert outside.is_file()


def test_a_link_that_points_nowhere_can_be_taken_away(library: Assistant, corpus: Path) -> None:
    (corpus / "loop.md").symlink_to("loop.md")
    library.remove(["loop.md"])
    assert not os.path.lexists(corpus / "loop.md")


def test_a_folder_that_is_called_like_an_article_is_no_article(
    library: Assistant, corpus: Path
) -> None:
    write(corpus, "folder.md/inside.txt", "It is inside. Nobody sees it.")
    with pytest.raises(BadQuestion):
        library.remove(["folder.md"])
    assert (corpus / "folder.md/inside.txt").is_file()


def test_a_forged_row_of_the_ledger_leads_to_no_file_outside(
    library: Assistant, corpus: Path
) -> None:
    outside = write(corpus.parent, "secret.md", "Nobody may take this away.")
    with closing(Ledger(corpus)) as ledger:
        for path in ("../secret.md", str(outside)):
            url = f"https://example.org/{len(path)}"
            ledger.record(Made(path, url, "", url, "0" * 64, "1" * 64))
            assert not is_corpus_path(path)
    for path in ("../secret.md", str(outside)):
        library.remove([f"https://example.org/{len(path)}"], forget=True)
        assert outside.is_file()
    assert paths(library) == [L, H, T]


def test_a_file_that_cannot_be_removed_is_named_and_the_same_removal_completes(
    library: Assistant, corpus: Path
) -> None:
    if subprocess.run(["chattr", "+i", corpus / H], capture_output=True).returncode:
        pytest.skip("no file can be made undeletable here")
    try:
        with pytest.raises(UnreadableSource, match="cannot be removed"):
            library.remove([H], forget=True)
    finally:
        subprocess.run(["chattr", "-i", corpus / H], check=True)
    library.remove([H], forget=True)
    assert_gone(library, corpus, H)
    assert holding(corpus.parent / "index", SECRET) == []


def test_a_damaged_catalog_that_was_put_aside_is_said_to_hold_the_words(
    library: Assistant, corpus: Path
) -> None:
    write(corpus.parent, f"index/{DAMAGED_FILE}", "old")
    assert any(DAMAGED_FILE in r for r in library.plan_removal([H], forget=True).remarks)
    assert not library.plan_removal([H]).remarks


# ---- killed in the middle -----------------------------------------------------------------------

# Removes and kills itself at a point. The points are entered by subclasses that do the real work
# and then die, and by Python's own audit events: nothing under test is replaced.
REMOVE = """
import os, signal, sys
from pathlib import Path
from answer.assistant import Assistant
from answer.settings import Settings
from index.catalog import Catalog
from index.embed import HashedEmbedder
from index.vectors import VectorStore

corpus, index, point, nth, name, forget = sys.argv[1:]
seen = 0

def at(name):
    global seen
    if name == point:
        seen += 1
        if seen == int(nth):
            os.kill(os.getpid(), signal.SIGKILL)

class Vectors(VectorStore):
    def delete(self, ids):
        at("before vectors go")
        super().delete(ids)
        at("vectors are gone")
    def scrub(self):
        at("before Chroma is scrubbed")
        super().scrub()

class Kept(Catalog):
    def set(self, name, value):
        super().set(name, value)
        at(f"{name} is set")
    def remove_path(self, path):
        gone = super().remove_path(path)
        at("inside the transaction")
        return gone
    def forget(self, paths, versions):
        at("before versions are forgotten")
        super().forget(paths, versions)
        at("versions are forgotten")
    def scrub(self):
        at("before the catalog is scrubbed")
        super().scrub()
        at("the catalog is scrubbed")

embedder = HashedEmbedder()
settings = Settings(corpus=Path(corpus), index=Path(index), embedder="hashed")
vectors = Vectors(Path(index), embedder.name, embedder.dimension)
assistant = Assistant(settings, Kept(Path(index)), vectors, embedder)
inside = str(Path(corpus).resolve())
sys.addaudithook(
    lambda event, args: event == "os.remove"
    and os.path.abspath(os.fsdecode(args[0])).startswith(inside)
    and not os.fsdecode(args[0]).endswith(("-wal", "-shm", "-journal"))
    and at("a file")
)
publishers = [name] if name == "Coast Gazette" else []
names = [] if publishers else [name]
assistant.remove(names, publishers=publishers, forget=forget == "forget")
print("finished", flush=True)
"""

POINTS = [
    ("removing is set", 1),
    ("a file", 1),
    ("a file", 2),
    ("a file", 3),
    ("inside the transaction", 1),
    ("before vectors go", 1),
    ("vectors are gone", 1),
    ("before versions are forgotten", 1),
    ("versions are forgotten", 1),
    ("before Chroma is scrubbed", 1),
    ("before the catalog is scrubbed", 1),
    ("the catalog is scrubbed", 1),
]


def killed(corpus: Path, name: str, point: str, nth: int, *, forget: bool = True) -> None:
    command = [sys.executable, "-c", REMOVE, str(corpus), str(corpus.parent / "index"), point]
    done = subprocess.run(
        [*command, str(nth), name, "forget" if forget else "keep"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == -signal.SIGKILL, f"never came to {point}, {nth}: {done.stderr}"


def reopened(corpus: Path) -> Assistant:
    index = corpus.parent / "index"
    return open_assistant(Settings(corpus=corpus, index=index, embedder="hashed"))


def remove_again(corpus: Path, name: str, page: str, other: str) -> None:
    """The same removal completes it, as another process would ask it: without an ingest before."""
    library = reopened(corpus)
    publishers = [name] if name == "Coast Gazette" else []
    library.remove([] if publishers else [name], publishers=publishers, forget=True)
    assert_gone(library, corpus, H)
    assert paths(library) == [L, T]
    assert library.history(H) == ()
    assert library.history(other) == ()
    assert holding(corpus.parent / "index", SECRET) == []
    assert holding(corpus.parent / "index", f"of {other}") == []
    assert originals.find(corpus, page) is None
    with closing(Ledger(corpus)) as ledger:
        assert ledger.removed(FEED_URL)
    with pytest.raises(BadQuestion):
        library.remove([] if publishers else [name], publishers=publishers, forget=True)
    library.close()


@pytest.fixture
def closed_library(three_articles: Path) -> tuple[Path, str, str]:
    """Two articles of the Coast Gazette with one original each, indexed; nothing is open."""
    write(three_articles, H, HIDDEN)
    other = "2022/more.md"
    write(three_articles, other, HIDDEN.replace("harbour", "quay"))
    page = from_page(three_articles, H, FEED_URL, SECRET.encode())
    from_page(three_articles, other, "https://example.org/quay", b"a quay")
    opened(three_articles, three_articles.parent / "index").close()
    return three_articles, page, other


@pytest.mark.parametrize(("point", "nth"), POINTS)
def test_killed_at_this_point_the_same_removal_completes_it(
    closed_library: tuple[Path, str, str], point: str, nth: int
) -> None:
    corpus, page, other = closed_library
    killed(corpus, "Coast Gazette", point, nth)
    remove_again(corpus, "Coast Gazette", page, other)


@pytest.mark.parametrize(("point", "nth"), [("a file", 2), ("before versions are forgotten", 1)])
def test_also_by_address_where_the_ledger_has_forgotten_the_address(
    closed_library: tuple[Path, str, str], point: str, nth: int
) -> None:
    corpus, page, other = closed_library
    (corpus / other).unlink()
    killed(corpus, FEED_URL, point, nth)
    library = opened(corpus, corpus.parent / "index")
    library.remove([other], forget=True)
    library.close()
    library = opened(corpus, corpus.parent / "index")
    library.remove([FEED_URL], forget=True)
    assert_gone(library, corpus, H)
    assert holding(corpus.parent / "index", SECRET) == []
    assert originals.find(corpus, page) is None
    library.close()


def test_what_was_written_again_after_a_kill_is_not_taken_by_what_was_asked_before(
    closed_library: tuple[Path, str, str],
) -> None:
    corpus, _, _ = closed_library
    killed(corpus, "Coast Gazette", "vectors are gone", 1)
    write(corpus, H, TIDES + "Now it is about tides.")
    library = opened(corpus, corpus.parent / "index")
    library.remove([], publishers=["Coast Gazette"], forget=True)
    assert H in paths(library)
    assert (corpus / H).is_file()
    library.close()


def test_a_kill_widens_no_later_removal(closed_library: tuple[Path, str, str]) -> None:
    corpus, _, other = closed_library
    killed(corpus, "Coast Gazette", "vectors are gone", 1, forget=False)
    library = opened(corpus, corpus.parent / "index")
    library.remove([H], forget=True)
    assert library.history(H) == ()
    assert library.history(other), "it was never asked to be forgotten"
    library.close()


def test_words_that_a_kill_left_in_the_files_are_overwritten_by_the_next_ingest(
    closed_library: tuple[Path, str, str],
) -> None:
    corpus, _, _ = closed_library
    killed(corpus, H, "before Chroma is scrubbed", 1)
    write(corpus, "2022/more.md", "Nothing of it stands here. It is about the sea.")
    library = opened(corpus, corpus.parent / "index")
    library.remove(["2022/more.md"], forget=True)
    assert library.history(H) == ()
    assert holding(corpus.parent / "index", SECRET) == []
    library.close()


def test_after_a_kill_the_index_answers_and_an_ingest_levels_it(
    closed_library: tuple[Path, str, str],
) -> None:
    corpus, _, _ = closed_library
    killed(corpus, "Coast Gazette", "inside the transaction", 1, forget=False)
    library = opened(corpus, corpus.parent / "index")
    assert paths(library) == [L, T]
    assert library.search("lighthouse lamp")
    assert library._vectors.ids() == set(library._catalog.ids())
    library.close()
