from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import HARBOUR, TIDES, OpenIndex, write

from index.catalog import Catalog
from index.library import SORTS
from ingest.errors import BadQuestion
from ingest.read import decode_article
from ingest.split import split
from tests.clock import at_most


class Clock:
    """A time that is told, not measured."""

    def __init__(self) -> None:
        self.now = "2021-01-01T00:00:00Z"

    def __call__(self) -> str:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def catalog(tmp_path: Path, clock: Clock) -> Iterator[Catalog]:
    catalog = Catalog(tmp_path / "index", clock=clock)
    yield catalog
    catalog.close()


def put(catalog: Catalog, path: str, text: str) -> str:
    article = decode_article(path, text.encode())
    catalog.put(article, text.encode(), split(article))
    catalog.place(path, article.sha256, 0, 0)
    return article.sha256


def paths(index: OpenIndex, **wanted: object) -> list[str]:
    return [row.path for row in index.catalog.library(**wanted)[1]]


def test_each_version_of_a_path_is_told_newest_first_with_its_times(
    catalog: Catalog, clock: Clock
) -> None:
    first = put(catalog, "a.txt", "Tides\n\nThe moon pulls.")
    clock.now = "2022-01-01T00:00:00Z"
    second = put(catalog, "a.txt", "Tides\n\nThe sun pulls.")
    clock.now = "2023-01-01T00:00:00Z"
    put(catalog, "a.txt", "Tides\n\nThe moon pulls.")
    clock.now = "2024-01-01T00:00:00Z"
    catalog.remove_path("a.txt")
    told = [(v.sha256, v.since and v.since[:4], v.until and v.until[:4]) for v in
            catalog.history("a.txt")]  # fmt: skip
    assert told == [(first, "2023", "2024"), (second, "2022", "2023"), (first, "2021", "2022")]
    assert not any(version.current for version in catalog.history("a.txt"))
    assert all(version.kept for version in catalog.history("a.txt"))


def test_a_file_that_is_read_again_unchanged_is_no_new_version(
    catalog: Catalog, clock: Clock
) -> None:
    put(catalog, "a.txt", "Tides\n\nThe moon pulls.")
    clock.now = "2022-01-01T00:00:00Z"
    put(catalog, "a.txt", "Tides\n\nThe moon pulls.")
    (version,) = catalog.history("a.txt")
    assert (version.current, version.since) == (True, "2021-01-01T00:00:00Z")
    assert catalog.library()[1][0].indexed == "2021-01-01T00:00:00Z"


def test_a_path_that_was_never_indexed_has_no_history(catalog: Catalog) -> None:
    assert catalog.history("no.md") == catalog.history("\udc80") == ()


def test_the_library_is_searched_in_titles_authors_publishers_and_paths(
    built_index: OpenIndex,
) -> None:
    assert paths(built_index) == ["2014/lighthouse.md", "2021/harbour.md", "tides.txt"]
    assert paths(built_index, search="LIGHTHOUSE keeper") == ["2014/lighthouse.md"]
    assert paths(built_index, search="gazette") == ["2021/harbour.md"]
    assert paths(built_index, search="tides.txt") == ["tides.txt"]
    assert paths(built_index, search="dredgers") == []
    assert paths(built_index, search="%' OR 1 --") == []


def test_the_library_is_narrowed_by_publisher_date_and_language(built_index: OpenIndex) -> None:
    assert paths(built_index, publisher="island REVIEW") == ["2014/lighthouse.md"]
    assert paths(built_index, since="2015") == ["2021/harbour.md"]
    assert paths(built_index, until="2014", language="en") == ["2014/lighthouse.md"]
    assert paths(built_index, language="fr") == []


@pytest.mark.parametrize("sort", sorted(SORTS))
@pytest.mark.parametrize("descending", [False, True])
def test_pages_hold_every_article_once_in_any_order(
    built_index: OpenIndex, sort: str, descending: bool
) -> None:
    order = {"sort": sort, "descending": descending}
    every = paths(built_index, **order)
    assert len(set(every)) == 3
    pages = [paths(built_index, **order, limit=1, offset=at)[0] for at in range(3)]
    assert pages == every
    assert built_index.catalog.library(**order, limit=1, offset=9) == (3, ())


def test_articles_are_sorted_by_date_with_the_undated_last_if_descending(
    built_index: OpenIndex,
) -> None:
    newest_first = ["2021/harbour.md", "2014/lighthouse.md", "tides.txt"]
    assert paths(built_index, sort="published", descending=True) == newest_first
    assert paths(built_index, sort="published") == newest_first[::-1]


@pytest.mark.parametrize(
    "wanted", [{"sort": "rowid; DROP"}, {"limit": 0}, {"limit": 5000}, {"offset": -1},
               {"offset": 2**70}],
)  # fmt: skip
def test_a_page_that_cannot_be_is_refused(
    built_index: OpenIndex, wanted: dict[str, object]
) -> None:
    with pytest.raises(BadQuestion):
        built_index.catalog.library(**wanted)


def test_the_same_bytes_under_two_paths_are_one_row(built_index: OpenIndex) -> None:
    built_index.write("0/copy.md", HARBOUR)
    built_index.build()
    assert built_index.catalog.library()[0] == 3
    sha256 = built_index.catalog.known()["0/copy.md"].sha256
    assert built_index.catalog.paths_of(sha256) == ("0/copy.md", "2021/harbour.md")


def test_a_page_of_many_articles_takes_a_moment(catalog: Catalog) -> None:
    with catalog.transaction():
        for n in range(3000):
            put(catalog, f"{n}.txt", f"Night {n}\n\nThe moon of night {n}.")
    with at_most(0.5):
        for sort in SORTS:
            total, rows = catalog.library(sort=sort, descending=True, limit=50, offset=2900)
            assert (total, len(rows)) == (3000, 50)


def test_a_changed_file_is_the_next_version_of_its_path(built_index: OpenIndex) -> None:
    write(built_index.corpus, "tides.txt", TIDES.replace("moon", "comet"))
    built_index.build(paths=["tides.txt"])
    new, old = built_index.catalog.history("tides.txt")
    assert (new.current, old.current) == (True, False)
    assert "moon" in str(built_index.catalog.version(old.sha256))


HOSTILE = [
    "%", "_", "'", '"', "\\", "' OR 1=1 --", '" OR "" = "', "%%", "a%b", "*", "(", ")", "AND NOT",
    "title:x", "\0", "\ud800", "\u202e", "\U0010ffff", "x" * 100_000, "xq " * 100_000,
    "?1", ":a", "$a", "; DROP TABLE articles", "\\x41", "[a-z]", "^",
]  # fmt: skip


@pytest.mark.parametrize("search", HOSTILE)
def test_a_hostile_search_finds_nothing_and_harms_nothing(
    built_index: OpenIndex, search: str
) -> None:
    assert built_index.catalog.library(search=search) == (0, ())
    assert built_index.catalog.library(publisher=search) == (0, ())
    assert built_index.catalog.library(language=search)[0] == 0
    assert built_index.catalog.library()[0] == 3


def test_marks_of_sql_are_looked_for_as_they_are(built_index: OpenIndex) -> None:
    built_index.write("odd.md", '---\ntitle: 100% of "O\'Neill_s" catch\n---\nFish were caught.\n')
    built_index.build()
    for search in ("100%", "%", "O'Neill_s", "\"o'neill", "_"):
        assert paths(built_index, search=search) == ["odd.md"], search


@pytest.mark.parametrize(
    ("title", "search"),
    [("Ｋａｌｌｏ", "kallo"), ("Zürich", "ZÜRICH"), ("Straße", "STRASSE"), ("他来了北京", "北京"),
     ("שלום עולם", "עולם"), ("Київ", "київ"), ("👩‍👩‍👧 family", "👩‍👩‍👧"), ("ﬁsh", "FISH")],
)  # fmt: skip
def test_titles_of_any_script_are_found_in_any_case(
    built_index: OpenIndex, title: str, search: str
) -> None:
    built_index.write("any.md", f"# {title}\n\nIt is about that.\n")
    built_index.build()
    assert "any.md" in paths(built_index, search=search)


def test_search_filters_and_order_go_together(built_index: OpenIndex) -> None:
    built_index.write(
        "more.md",
        "---\ntitle: A harbour again\npublisher: Coast Gazette\nauthors: [Ada Saar]\n"
        "published: 2022-01\n---\nThe harbour was quiet.\n",
    )
    built_index.build()
    wanted = {"search": "harbour", "publisher": "coast gazette", "sort": "published"}
    assert paths(built_index, **wanted) == ["2021/harbour.md", "more.md"]
    assert paths(built_index, **wanted, descending=True, limit=1) == ["more.md"]
    assert paths(built_index, search="saar ADA") == ["more.md"]
    total, rows = built_index.catalog.library(**wanted, limit=1, offset=1)
    assert (total, [row.path for row in rows]) == (2, ["more.md"])
    assert rows[0].to_json()["authors"] == ["Ada Saar"]
