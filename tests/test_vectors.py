from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import OpenIndex
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.vectors import CHROMA_FOLDER, VectorStore, from_row, to_row
from ingest.article import Passage, Span
from ingest.errors import EmbedderMismatch, IndexBroken, PinciteError

DIMENSION = 8


def passage(n: int, text: str = "text") -> Passage:
    return Passage(f"{n:064x}"[::-1], f"{n}.md", "Title", "", Span(0, 4), Span(0, 4), text)


def unit(*numbers: float) -> NDArray[np.float32]:
    row = np.zeros(DIMENSION, np.float32)
    row[: len(numbers)] = numbers
    return row / np.linalg.norm(row)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[VectorStore]:
    store = VectorStore(tmp_path / "index", "hashed", DIMENSION)
    yield store
    store.close()


def fill(store: VectorStore, count: int) -> list[Passage]:
    passages = [passage(n) for n in range(count)]
    angles = np.linspace(0, np.pi / 2, count)
    store.upsert(passages, np.stack([unit(np.cos(a), np.sin(a)) for a in angles]))
    return passages


def test_the_nearest_come_best_first_with_their_cosine(store: VectorStore) -> None:
    some = fill(store, 5)
    found = store.nearest(unit(1), k=2)
    assert [name for name, _ in found] == [some[0].id, some[1].id]
    assert found[0][1] == pytest.approx(1.0, abs=1e-5)
    assert found[1][1] == pytest.approx(np.cos(np.pi / 8), abs=1e-5)


def test_among_limits_the_search_and_unknown_ids_are_passed_over(store: VectorStore) -> None:
    some = fill(store, 5)
    among = [some[4].id, "0000000000000000:0-1", some[3].id, some[3].id]
    assert [name for name, _ in store.nearest(unit(1), k=5, among=among)] == [
        some[3].id,
        some[4].id,
    ]
    assert store.nearest(unit(1), k=5, among=["0000000000000000:0-1"]) == []
    assert store.nearest(unit(1), k=5, among=[]) == []


def test_a_large_among_is_searched_wider(
    store: VectorStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = fill(store, 60)
    monkeypatch.setattr("index.vectors._SCANNED", 3)
    among = [one.id for one in some[50:]] + ["0000000000000000:0-1"]
    found = store.nearest(unit(1), k=4, among=among)
    assert [name for name, _ in found] == [one.id for one in some[50:54]]
    assert len(store.nearest(unit(1), k=40, among=among)) == 10


def test_an_empty_store_finds_nothing(store: VectorStore) -> None:
    assert store.nearest(unit(1), k=5) == []
    assert store.ids() == set()


def test_more_rows_than_chroma_takes_at_once_are_kept(store: VectorStore) -> None:
    count = 5_600
    passages = [passage(n) for n in range(count)]
    rows = np.random.default_rng(7).standard_normal((count, DIMENSION)).astype(np.float32)
    store.upsert(passages, rows)
    assert store.count() == count
    store.delete([one.id for one in passages])
    assert store.count() == 0


def test_a_second_upsert_replaces_text_and_vector(store: VectorStore) -> None:
    store.upsert([passage(1, "old")], unit(1)[None])
    store.upsert([passage(1, "new")], unit(0, 1)[None])
    assert store.count() == 1
    assert store.passages([passage(1).id])[passage(1).id].text == "new"
    assert store.nearest(unit(0, 1), k=1)[0][1] == pytest.approx(1.0, abs=1e-5)


def test_relabelling_keeps_the_vector(store: VectorStore) -> None:
    store.upsert([passage(1)], unit(1)[None])
    renamed = Passage(
        passage(1).article_sha256, "new.md", "New", "H", Span(0, 4), Span(0, 4), "text"
    )
    store.relabel([renamed])
    assert store.passages([renamed.id]) == {renamed.id: renamed}
    assert store.nearest(unit(1), k=1)[0][1] == pytest.approx(1.0, abs=1e-5)


def test_deleting_what_is_not_there_is_no_error(store: VectorStore) -> None:
    fill(store, 2)
    store.delete(["0000000000000000:0-1"])
    store.delete([])
    assert store.count() == 2


def test_a_cleared_store_can_be_filled_again(store: VectorStore) -> None:
    fill(store, 3)
    store.clear()
    assert store.count() == 0
    fill(store, 3)
    assert store.count() == 3


@given(
    st.builds(
        lambda path, title, heading, text, start: Passage(
            "ab" * 32, path, title, heading, Span(start, start + len(text)),
            Span(start, start + len(text.encode())), text,
        ),
        *[st.text(st.characters(exclude_categories=["Cs"]), max_size=20)] * 4,
        st.integers(0, 10**7),
    )
)  # fmt: skip
def test_a_row_gives_the_passage_back(one: Passage) -> None:
    assert from_row(one.text, to_row(one)) == one
    assert all(isinstance(value, str | int) for value in to_row(one).values())


def test_rows_survive_chroma(built_index: OpenIndex) -> None:
    ids = built_index.catalog.ids()
    assert built_index.vectors.passages(ids) == built_index.catalog.passages(ids)


def test_llama_index_reads_the_rows_with_their_places(built_index: OpenIndex) -> None:
    chroma = pytest.importorskip(
        "llama_index.vector_stores.chroma", reason="llama-index's Chroma store is not installed"
    )
    types = pytest.importorskip("llama_index.core.vector_stores.types")
    vector = built_index.embedder.embed(["The moon pulls the sea."])[0].tolist()
    found = chroma.ChromaVectorStore(chroma_collection=built_index.vectors._collection).query(
        types.VectorStoreQuery(query_embedding=vector, similarity_top_k=1)
    )
    node = found.nodes[0]
    wanted = built_index.catalog.passages([node.node_id])[node.node_id]
    assert node.get_content() == wanted.text
    assert (node.start_char_idx, node.end_char_idx) == (wanted.chars.start, wanted.chars.end)
    assert node.metadata["path"] == "tides.txt"


@pytest.mark.slow
def patiently(opened: Callable[[], VectorStore]) -> VectorStore:
    for _ in range(60):
        try:
            return opened()
        except PinciteError:
            time.sleep(0.5)
    return opened()


@pytest.mark.parametrize("zero", [0, 1])
def test_a_text_without_words_has_no_direction_and_is_no_trouble(
    store: VectorStore, zero: int
) -> None:
    rows = np.stack([unit(1), unit(0, 1)])
    rows[zero] = 0
    store.upsert([passage(0), passage(1)], rows)
    found = dict(store.nearest(rows[0], k=2))
    assert all(not np.isnan(cosine) for cosine in found.values())


def test_another_embedder_is_refused_with_both_names_and_the_command(tmp_path: Path) -> None:
    store = VectorStore(tmp_path, "hashed", DIMENSION)
    fill(store, 1)
    store.close()
    for name, dimension in (("all-MiniLM-L6-v2", 384), ("hashed", 16)):
        with pytest.raises(EmbedderMismatch, match="pincite ingest --rebuild") as raised:
            VectorStore(tmp_path, name, dimension)
        assert "hashed" in str(raised.value)
        assert name in str(raised.value)
    VectorStore(tmp_path, "hashed", DIMENSION).close()


def test_an_empty_store_may_change_its_embedder(tmp_path: Path) -> None:
    VectorStore(tmp_path, "hashed", DIMENSION).close()
    store = VectorStore(tmp_path, "another", 4)
    store.upsert([passage(1)], np.ones((1, 4), np.float32))
    store.close()
    with pytest.raises(EmbedderMismatch):
        VectorStore(tmp_path, "hashed", DIMENSION)


@pytest.mark.parametrize("damage", ["garbage", "half"])
def test_a_damaged_store_is_refused_with_the_command_every_time(
    tmp_path: Path, damage: str
) -> None:
    store = VectorStore(tmp_path, "hashed", DIMENSION)
    fill(store, 40)
    store.close()
    file = tmp_path / CHROMA_FOLDER / "chroma.sqlite3"
    data = file.read_bytes()
    file.write_bytes(b"garbage" * 3000 if damage == "garbage" else data[: len(data) // 2])
    for _ in range(2):
        with pytest.raises(IndexBroken, match="pincite ingest --rebuild"):
            VectorStore(tmp_path, "hashed", DIMENSION).ids()


def test_it_opens_again_where_it_was_closed(tmp_path: Path) -> None:
    store = VectorStore(tmp_path, "hashed", DIMENSION)
    some = fill(store, 3)
    store.close()
    store.close()
    store = VectorStore(tmp_path, "hashed", DIMENSION)
    assert store.ids() == {one.id for one in some}
    store.close()
