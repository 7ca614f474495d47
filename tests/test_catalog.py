from __future__ import annotations

import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import HARBOUR, UGLY, OpenIndex, assert_exact, write
from hypothesis import given, settings
from hypothesis import strategies as st

from index.catalog import CATALOG_FILE, Catalog
from index.schema import schema
from index.search import Filters
from index.words import terms
from ingest.errors import IndexBroken
from ingest.read import decode_article
from ingest.split import split


def put(catalog: Catalog, path: str, text: str) -> str:
    article = decode_article(path, text.encode())
    catalog.put(article, text.encode(), split(article))
    catalog.place(path, article.sha256, 0, 0)
    return article.sha256


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "index")


def test_passages_come_back_as_they_were_put(built_index: OpenIndex) -> None:
    article = decode_article("2021/harbour.md", HARBOUR.encode())
    wanted = {passage.id: passage for passage in split(article)}
    assert built_index.catalog.passages(list(wanted)) == wanted


@given(UGLY)
@settings(max_examples=60)
def test_ugly_text_comes_back_exactly(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[str]
) -> None:
    catalog = _SHARED.setdefault(1, Catalog(tmp_path_factory.mktemp("index")))
    data = ("---\ntitle: T\n---\nBegin. " + "".join(pieces)).encode()
    article = decode_article("a.md", data)
    catalog.put(article, data, split(article))
    kept = catalog.passages_of(article.sha256)
    assert tuple(kept) == split(article)
    assert_exact(article, data, tuple(kept))
    assert catalog.version(article.sha256) == data
    assert catalog.article(article.sha256) == article


def test_unknown_ids_are_left_out(built_index: OpenIndex) -> None:
    assert built_index.catalog.passages(["0000000000000000:0-1", "", "x'; DROP TABLE words"]) == {}


def test_full_text_finds_by_stem_and_ranks_the_better_match_first(built_index: OpenIndex) -> None:
    assert built_index.found("ferries of the islands")[0] == "2021/harbour.md"
    assert built_index.found("moon pulling")[0] == "tides.txt"
    assert all(score > 0 for _, score in built_index.catalog.lexical(terms("harbour"), limit=9))


def test_full_text_is_searched_in_titles_too_but_they_weigh_less(catalog: Catalog) -> None:
    put(catalog, "a.txt", "Dredgers\n\nThe mud was taken out to sea by ships.")
    put(catalog, "b.txt", "Ships\n\nThe mud was taken out to sea by dredgers.")
    found = [
        catalog.passages([name])[name].path for name, _ in catalog.lexical(["dredger"], limit=9)
    ]
    assert found == ["b.txt", "a.txt"]


def test_words_that_occur_nowhere_find_nothing(built_index: OpenIndex) -> None:
    assert built_index.catalog.lexical(["zeppelin"], limit=9) == []
    assert built_index.catalog.lexical([], limit=9) == []
    assert built_index.catalog.lexical(["harbour"], limit=0) == []


@given(st.lists(st.text(max_size=12), max_size=6))
@settings(max_examples=60)
def test_no_word_can_break_the_query(
    tmp_path_factory: pytest.TempPathFactory, words: list[str]
) -> None:
    catalog = _SHARED.setdefault(0, Catalog(tmp_path_factory.mktemp("index")))
    catalog.lexical([*words, '" OR *', "NEAR(", "a:b", "-x", "'"], limit=3)


_SHARED: dict[int, Catalog] = {}


def test_document_frequencies_count_passages(catalog: Catalog) -> None:
    put(catalog, "a.txt", "Tides\n\nThe moon pulls the moon.")
    put(catalog, "b.txt", "Nights\n\nThe moon shines.")
    assert catalog.document_frequencies(["moon", "tide", "sun"]) == {"moon": 2, "tide": 1, "sun": 0}


@pytest.mark.parametrize(
    "text", ["他来了北京。", "Ціна 1,200 м. Київ", "3.5 per cent", "İstanbul'da"]
)
def test_every_term_of_a_text_is_found_again(catalog: Catalog, text: str) -> None:
    put(catalog, "a.txt", f"Some title\n\n{text}")
    for term in terms(text):
        assert catalog.document_frequencies([term]) == {term: 1}
        assert catalog.lexical([term], limit=1)


def test_putting_the_same_article_twice_changes_nothing(catalog: Catalog) -> None:
    put(catalog, "a.txt", "Tides\n\nThe moon pulls.")
    put(catalog, "a.txt", "Tides\n\nThe moon pulls.")
    assert catalog.count() == 1
    assert catalog.document_frequencies(["moon"]) == {"moon": 1}
    assert len(catalog.lexical(["moon"], limit=9)) == 1


def test_a_removed_article_is_in_no_search_but_its_version_is_kept(catalog: Catalog) -> None:
    sha256 = put(catalog, "a.txt", "Tides\n\nThe moon pulls.")
    put(catalog, "b.txt", "Nights\n\nThe moon shines.")
    removed = catalog.remove_path("a.txt")
    assert removed == [f"{sha256[:16]}:7-22"]
    assert catalog.document_frequencies(["moon", "tide"]) == {"moon": 1, "tide": 0}
    assert catalog.coverage()[:2] == (1, 1)
    kept = catalog.article(sha256)
    assert kept is not None
    assert kept.text == "Tides\n\nThe moon pulls."


def test_bytes_in_two_files_are_one_article_until_both_are_gone(catalog: Catalog) -> None:
    sha256 = put(catalog, "a.txt", "Tides\n\nThe moon pulls.")
    catalog.place("b.txt", sha256, 0, 0)
    assert catalog.coverage()[0] == 1
    assert catalog.remove_path("a.txt") == []
    assert catalog.count() == 1
    assert len(catalog.remove_path("b.txt")) == 1
    assert catalog.count() == 0


def test_a_version_is_found_by_16_characters_and_not_by_fewer_or_by_nonsense(
    catalog: Catalog,
) -> None:
    sha256 = put(catalog, "a.txt", "Tides\n\nThe moon pulls.")
    for name in (sha256, sha256[:16], sha256[:40]):
        assert catalog.article(name) is not None
    for name in (sha256[:15], "0" * 64, sha256 + "0", sha256[:15] + "%", "", sha256.upper() + "x"):
        assert catalog.article(name) is None


def test_a_transaction_that_fails_leaves_nothing(catalog: Catalog) -> None:
    def interrupted() -> None:
        with catalog.transaction():
            put(catalog, "a.txt", "Tides\n\nThe moon pulls.")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert catalog.count() == 0
    assert catalog.known() == {}
    assert catalog.document_frequencies(["moon"]) == {"moon": 0}


@pytest.fixture
def dated(catalog: Catalog) -> Catalog:
    for path, published, publisher, language in (
        ("2014.md", "2014-07-11", "Gazette", "en"),
        ("2021.md", "2021", "Review", "en"),
        ("2021-11.md", "2021-11", "Gazette", "uk"),
        ("2021-11-30.md", "2021-11-30", 'O\'Neill "& Co"', "tr"),
        ("none.md", "", "Review", "en"),
    ):
        put(
            catalog,
            path,
            f"---\ntitle: T\npublished: {published}\npublisher: '{publisher.replace(chr(39), 2 * chr(39))}'\n"
            f"language: {language}\n---\nThe moon pulls {path}.",
        )
    return catalog


@pytest.mark.parametrize(
    ("filters", "paths"),
    [
        (Filters(), ["2014.md", "2021-11-30.md", "2021-11.md", "2021.md", "none.md"]),
        (Filters(since="2021-11"), ["2021-11-30.md", "2021-11.md", "2021.md"]),
        (Filters(since="2021-12-01"), ["2021.md"]),
        (Filters(until="2021"), ["2014.md", "2021-11-30.md", "2021-11.md", "2021.md"]),
        (Filters(until="2021-10-31"), ["2014.md", "2021.md"]),
        (Filters(since="2014", until="2014-07-11"), ["2014.md"]),
        (Filters(since="2014-07-12", until="2020"), []),
        (Filters(publishers=("gazette",)), ["2014.md", "2021-11.md"]),
        (Filters(publishers=('O\'Neill "& Co"',)), ["2021-11-30.md"]),
        (
            Filters(publishers=("Gazette", "Review"), languages=("en-GB",)),
            ["2014.md", "2021.md", "none.md"],
        ),
        (Filters(articles=("2014.md", "none.md", "nowhere.md")), ["2014.md", "none.md"]),
        (Filters(articles=("2014",)), []),
    ],
)
def test_filters_allow_what_they_say(dated: Catalog, filters: Filters, paths: list[str]) -> None:
    ids = dated.ids(filters)
    assert sorted(passage.path for passage in dated.passages(ids).values()) == paths
    assert dated.count(filters) == len(paths)
    found = dated.lexical(["moon"], limit=9, filters=filters)
    assert sorted(name for name, _ in found) == sorted(ids)


def test_an_article_can_be_named_by_its_sha256(dated: Catalog) -> None:
    row = dated.articles()[0]
    for name in (row.sha256, row.sha256[:16]):
        assert dated.count(Filters(articles=(name,))) == 1


def test_coverage_and_facets_tell_what_there_is(dated: Catalog) -> None:
    assert dated.coverage() == (5, 5, "2014-07-11", "2021-11-30")
    facets = dated.facets()
    assert facets.publishers == (("Gazette", 2), ("Review", 2), ('O\'Neill "& Co"', 1))
    assert facets.languages == (("en", 3), ("tr", 1), ("uk", 1))
    assert (facets.first, facets.last) == ("2014-07-11", "2021-11-30")


def test_an_empty_catalog_covers_nothing(catalog: Catalog) -> None:
    assert catalog.coverage() == (0, 0, None, None)
    assert catalog.facets().publishers == ()


def test_article_rows_carry_their_metadata(built_index: OpenIndex) -> None:
    row = next(row for row in built_index.catalog.articles() if row.path == "2021/harbour.md")
    assert (row.title, row.publisher, row.published) == (
        "The harbour at Kallo", "Coast Gazette", "2021-11-30",
    )  # fmt: skip
    assert row.passages == 2


def test_what_was_kept_is_there_after_closing(built_index: OpenIndex) -> None:
    before = built_index.catalog.articles()
    built_index.close()
    built_index.open()
    assert built_index.catalog.articles() == before


def test_values_of_the_index_are_kept_and_forgotten(catalog: Catalog) -> None:
    catalog.set("embedder", "hashed")
    assert catalog.get("embedder") == "hashed"
    catalog.set("embedder", None)
    assert catalog.get("embedder") is None


def test_it_can_be_read_from_many_threads_while_one_writes(catalog: Catalog) -> None:
    failures: list[BaseException] = []

    def read() -> None:
        try:
            for _ in range(50):
                for name, _ in catalog.lexical(["moon"], limit=9):
                    catalog.passages([name])
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for n in range(20):
        put(catalog, f"{n}.txt", f"Night {n}\n\nThe moon shines {n} times.")
    for thread in threads:
        thread.join()
    assert failures == []
    assert catalog.count() == 20


def test_a_reader_does_not_wait_for_a_writer(catalog: Catalog) -> None:
    put(catalog, "a.txt", "Tides\n\nThe moon pulls.")
    seen: list[int] = []
    with catalog.transaction():
        put(catalog, "b.txt", "Nights\n\nThe moon shines.")
        reader = threading.Thread(
            target=lambda: seen.append(len(catalog.lexical(["moon"], limit=9)))
        )
        reader.start()
        reader.join(timeout=10)
        assert seen == [1]
        assert len(catalog.lexical(["moon"], limit=9)) == 2
    assert len(catalog.lexical(["moon"], limit=9)) == 2


@pytest.mark.parametrize("damage", [b"not a database at all " * 500, b""])
def test_a_file_that_is_no_catalog_is_refused_with_the_command(
    tmp_path: Path, damage: bytes
) -> None:
    write(tmp_path, f"index/{CATALOG_FILE}", damage or b"SQLite format 3\0" + b"\xff" * 9000)
    with pytest.raises(IndexBroken, match="pincite ingest --rebuild"):
        Catalog(tmp_path / "index")


def read_everything(folder: Path) -> None:
    catalog = Catalog(folder)
    catalog.passages(catalog.ids())


def test_damage_inside_is_told_when_it_is_met(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "index")
    for n in range(30):
        put(catalog, f"{n}.txt", f"Night {n}\n\n" + f"The moon shines {n} times on the sea. " * 30)
    catalog.close()
    file = tmp_path / "index" / CATALOG_FILE
    data = bytearray(file.read_bytes())
    for at in range(8192, len(data) - 4096, 4096):
        data[at : at + 64] = b"\xa5" * 64
    file.write_bytes(data)
    with pytest.raises(IndexBroken, match="pincite ingest --rebuild"):
        read_everything(tmp_path / "index")


@pytest.mark.parametrize("made_with", ["999", f"{schema().partition('-')[0]}-00000000"])
def test_a_catalog_of_other_tables_or_other_words_is_refused(
    tmp_path: Path, made_with: str
) -> None:
    Catalog(tmp_path / "index").close()
    with sqlite3.connect(tmp_path / "index" / CATALOG_FILE) as db:
        db.execute("UPDATE meta SET value = ? WHERE name = 'schema'", (made_with,))
    with pytest.raises(IndexBroken, match="another version of Pincite"):
        Catalog(tmp_path / "index")


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    with sqlite3.connect(tmp_path / "index" / CATALOG_FILE) as db:
        db.execute("CREATE TABLE cookies (name)")
    with pytest.raises(IndexBroken, match="pincite ingest --rebuild"):
        Catalog(tmp_path / "index")


def test_an_article_row_can_be_compared(built_index: OpenIndex) -> None:
    row = built_index.catalog.articles()[0]
    assert replace(row) == row
