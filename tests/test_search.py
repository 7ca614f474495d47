"""Dense and lexical search, fused and filtered."""

from __future__ import annotations

import pytest
from conftest import OpenIndex
from hypothesis import given
from hypothesis import strategies as st

from index.retriever import PinciteRetriever
from index.search import Filters, Searcher, fuse


@pytest.fixture
def searcher(built_index: OpenIndex) -> Searcher:
    return Searcher(built_index.catalog, built_index.vectors, built_index.embedder)


def test_what_both_lists_have_comes_first() -> None:
    assert [item for item, _ in fuse(["a", "b"], ["b", "c"])] == ["b", "a", "c"]


@given(st.lists(st.lists(st.integers(0, 20), unique=True), max_size=4))
def test_fusing_keeps_every_item_once_best_first(rankings: list[list[int]]) -> None:
    fused = fuse(*rankings)
    assert sorted(item for item, _ in fused) == sorted({i for ranking in rankings for i in ranking})
    scores = [score for _, score in fused]
    assert scores == sorted(scores, reverse=True)


def test_a_hit_says_where_it_ranked_in_each_list(searcher: Searcher) -> None:
    best = searcher.search("Who retired from the ferry in May?")[0]
    assert best.passage.path == "2021/harbour.md"
    assert best.passage.heading == "Ferries"
    assert (best.dense_rank, best.lexical_rank) == (1, 1)


def test_a_passage_that_shares_no_word_is_no_hit(searcher: Searcher) -> None:
    assert searcher.search("xylophone quasar") == ()


@pytest.mark.parametrize(
    ("filters", "paths"),
    [
        (Filters(publishers=("Island Review",)), {"2014/lighthouse.md"}),
        (Filters(since="2021"), {"2021/harbour.md"}),
        (Filters(until="2014-12-31"), {"2014/lighthouse.md"}),
        (Filters(languages=("en",)), {"2021/harbour.md", "2014/lighthouse.md"}),
        (Filters(articles=("tides.txt",)), {"tides.txt"}),
        (Filters(publishers=("Nobody",)), set()),
    ],
)
def test_a_filter_lets_through_only_its_own(
    searcher: Searcher, filters: Filters, paths: set[str]
) -> None:
    hits = searcher.search("sea harbour moon lamp", filters=filters)
    assert {hit.passage.path for hit in hits} == paths


def test_a_rare_word_tells_more_than_a_common_one(searcher: Searcher) -> None:
    weights = searcher.idf(["harbour", "dredger", "unheard"])
    assert weights["harbour"] < weights["dredger"] < weights["unheard"]


def test_llama_index_gets_nodes_with_exact_places(
    searcher: Searcher, built_index: OpenIndex
) -> None:
    node = PinciteRetriever(searcher.search, k=2).retrieve("When was the harbour deepened?")[0]
    text = (built_index.corpus / node.metadata["path"]).read_bytes().decode("utf-8")
    assert text[node.node.start_char_idx : node.node.end_char_idx] == node.text
    assert "1974" in node.text


def test_a_filter_sees_what_was_added_and_removed_since_it_was_last_used(
    searcher: Searcher, built_index: OpenIndex
) -> None:
    gazette = Filters(publishers=("Coast Gazette",))
    assert {h.passage.path for h in searcher.search("harbour", filters=gazette)} == {
        "2021/harbour.md"
    }
    text = "---\npublisher: Coast Gazette\n---\nThe harbour froze in 1987.\n"
    built_index.write("1987/ice.md", text)
    (built_index.corpus / "2021" / "harbour.md").unlink()
    built_index.build()
    assert {h.passage.path for h in searcher.search("harbour", filters=gazette)} == {"1987/ice.md"}
