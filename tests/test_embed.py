"""Embedders: the deterministic one, and the real model where it matters."""

from __future__ import annotations

import numpy as np
import pytest

from index.embed import HashedEmbedder, SentenceEmbedder, open_embedder, unit_rows
from ingest.errors import BadSetting


def test_the_hashed_embedder_gives_unit_rows_in_order() -> None:
    embedder = HashedEmbedder()
    rows = embedder.embed(["the moon", "the sun", ""])
    assert rows.shape == (3, embedder.dimension)
    assert np.allclose(np.linalg.norm(rows, axis=1), [1, 1, 0])
    assert np.array_equal(rows[1], embedder.embed(["the sun"])[0])


def test_texts_that_share_words_are_near_for_the_hashed_embedder() -> None:
    sea, same, other = HashedEmbedder().embed(["the moon pulls the sea", "moon and sea", "bread"])
    assert sea @ same > sea @ other


def test_an_unknown_embedder_is_refused_with_the_ones_there_are() -> None:
    with pytest.raises(BadSetting, match="minilm"):
        open_embedder("word2vec")


@pytest.mark.model
def test_the_model_gives_unit_rows_that_do_not_depend_on_their_batch() -> None:
    embedder = SentenceEmbedder()
    texts = ["Drones flew over the border.", "word " * 200, "Bread rises slowly.", "ok"]
    together = embedder.embed(texts)
    assert together.shape == (4, 384)
    assert together.dtype == np.float32
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    for row, text in zip(together, texts, strict=True):
        assert row @ embedder.embed([text])[0] > 0.999


@pytest.mark.model
def test_fast_and_full_precision_agree() -> None:
    texts = ["Drones flew over the border.", "The treaty was signed in 1987.", "A howitzer fired."]
    fast, full = SentenceEmbedder().embed(texts), SentenceEmbedder(precision="float32").embed(texts)
    assert ((fast * full).sum(axis=1) > 0.9995).all()


@pytest.mark.model
def test_no_text_is_an_empty_array() -> None:
    assert SentenceEmbedder().embed([]).shape == (0, 384)


@pytest.mark.model
def test_vectors_are_those_of_sentence_transformers_itself() -> None:
    embedder = SentenceEmbedder()
    texts = ["A howitzer fired.", "long " * 400, "", "The treaty was signed in 1987. " * 9] * 12
    theirs = unit_rows(embedder.load().encode(texts))
    assert ((embedder.embed(texts) * theirs).sum(axis=1) > 0.9995).all()


def test_reading_gives_a_unit_row_for_each_word_and_says_where_it_stands() -> None:
    rows, (tokens, nothing) = HashedEmbedder().read(["The moon, pulled.", "…"])
    assert [chars.of("The moon, pulled.") for chars in tokens.chars] == ["The", "moon", "pulled"]
    assert np.allclose(np.linalg.norm(tokens.rows, axis=1), 1)
    assert np.array_equal(rows, HashedEmbedder().embed(["The moon, pulled.", "…"]))
    assert nothing.rows.shape == (0, HashedEmbedder.dimension)


@pytest.mark.model
def test_the_model_reads_pieces_of_words_and_leaves_punctuation_out() -> None:
    embedder = SentenceEmbedder()
    texts = ["The Bayraktar flew!", "word " * 400, "", "…", "Дрон 🚀 летить."]
    rows, tokens = embedder.read(texts)
    assert ((rows * embedder.embed(texts)).sum(axis=1) > 0.9999).all()
    for text, one in zip(texts, tokens, strict=True):
        assert one.rows.shape == (len(one.chars), embedder.dimension)
        assert np.allclose(np.linalg.norm(one.rows, axis=1), 1, atol=1e-5)
        assert all(any(map(str.isalnum, chars.of(text))) for chars in one.chars)
    pieces = [chars.of(texts[0]) for chars in tokens[0].chars]
    assert "".join(pieces) == "TheBayraktarflew"
    assert len(tokens[1].chars) == 254
    assert [len(one.chars) for one in tokens[2:4]] == [0, 0]


@pytest.mark.model
def test_a_word_is_nearer_to_its_like_than_to_another_word() -> None:
    _, (ask, near, far) = SentenceEmbedder().read(["price", "cost", "bridge"])
    assert ask.rows[0] @ near.rows[0] > ask.rows[0] @ far.rows[0]


@pytest.mark.model
def test_reading_no_text_is_empty() -> None:
    rows, tokens = SentenceEmbedder().read([])
    assert rows.shape == (0, 384)
    assert tokens == ()
