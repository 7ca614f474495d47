"""Question → hits: vectors and full text, each asked for its best passages, then fused.

Reciprocal rank fusion needs no common scale between a cosine and a bm25 score, and what either list
does not know is simply absent from it. Filters are resolved by the catalog: Chroma's own metadata
filters cost 1,011 ms where an unfiltered question costs 4 (`docs/decisions/0005-filters.md`).

Left out: choosing words from the hits (`answer/quote.py`).
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from index.words import content_terms
from ingest.article import Passage
from ingest.locator import Locator

if TYPE_CHECKING:
    from index.catalog import Catalog
    from index.embed import Embedder
    from index.vectors import VectorStore

# On XQuAD's 1,190 questions the first passage is right for 86.3 to 86.5 % with any depth from 10 to
# 100 and any k from 5 to 90, so k is the paper's, and the depth leaves room for a larger corpus.
DEPTH = 50  # how far down each list is read
RRF_K = 60  # Cormack et al. 2009

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search may return; empty means everything.

    `since` and `until` are ISO dates, both included. `articles` are corpus paths or sha256 (16
    characters or more). An article without a date is in no range; with `undated`, in every one.
    """

    publishers: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    languages: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    undated: bool = False

    def __bool__(self) -> bool:
        return self != Filters()


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found, and why it ranked.

    `score` is the fused score; the ranks are its places in each list, 1 being best, or None where
    that list does not have it; `cosine` is its similarity to the question, where it was measured.
    `locator` is where the original has the passage, which whoever has the article at hand may add.
    """

    passage: Passage
    score: float
    dense_rank: int | None
    lexical_rank: int | None
    cosine: float | None = None
    locator: Locator | None = None

    def to_json(self) -> dict[str, Any]:
        passage = self.passage
        return {
            "id": passage.id,
            "path": passage.path,
            "article_sha256": passage.article_sha256,
            "title": passage.title,
            "heading": passage.heading,
            "chars": passage.chars.to_json(),
            "bytes": passage.bytes.to_json(),
            "text": passage.text,
            "score": round(self.score, 6),
            "dense_rank": self.dense_rank,
            "lexical_rank": self.lexical_rank,
            "cosine": None if self.cosine is None else round(self.cosine, 4),
            "locator": self.locator.to_json() if self.locator else None,
        }


def fuse(*rankings: Sequence[T], k: int = RRF_K) -> list[tuple[T, float]]:
    """Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009): the sum of 1 / (k + rank).

    >>> [item for item, _ in fuse(["a", "b"], ["b", "c"])]
    ['b', 'a', 'c']
    """
    scores: dict[T, float] = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, start=1):
            scores[item] = scores.get(item, 0.0) + 1 / (k + rank)
    return sorted(scores.items(), key=lambda pair: -pair[1])


class Searcher:
    """Asks the vectors and the full text of one index."""

    def __init__(self, catalog: Catalog, vectors: VectorStore, embedder: Embedder) -> None:
        self._catalog = catalog
        self._vectors = vectors
        self._embedder = embedder
        self._beside = ThreadPoolExecutor(4, "full-text")  # while the question is embedded

    def search(
        self, question: str, *, k: int = 10, filters: Filters | None = None
    ) -> tuple[Hit, ...]:
        """The `k` best passages, best first; fewer where fewer have anything to do with it."""
        filters = filters or Filters()
        depth = max(DEPTH, k)
        words = content_terms(question)
        # Before full text has the catalog to itself: a filter then costs what its look-up costs,
        # since the slower way to find the nearest of some is hidden behind full text.
        among = self._catalog.ids(filters) if filters else None
        lexical = self._beside.submit(self._catalog.lexical, words, limit=depth, filters=filters)
        dense = self._dense(question, depth, among)
        cosines = dict(dense)
        by_meaning = _ranks(name for name, _ in dense)
        by_words = _ranks(name for name, score in lexical.result() if score > 0)
        fused = fuse(list(by_meaning), list(by_words))
        passages = self._catalog.passages([name for name, _ in fused[: 2 * k]])
        hits = (
            Hit(passages[name], score, by_meaning.get(name), by_words.get(name), cosines.get(name))
            for name, score in fused
            if name in passages  # during an ingest, a vector may be ahead of the catalog
        )
        return tuple(islice(hits, k))

    def idf(self, words: Iterable[str]) -> dict[str, float]:
        """How telling each word is here: bm25's idf over the passages of the whole index."""
        unique = list(dict.fromkeys(words))
        total = self._catalog.count()
        found = self._catalog.document_frequencies(unique)
        return {word: _idf(found.get(word, 0), total) for word in unique}

    def _dense(
        self, question: str, depth: int, among: Sequence[str] | None
    ) -> list[tuple[str, float]]:
        if among is not None and not among:
            return []
        vector = self._embedder.embed([question])[0]
        found = self._vectors.nearest(vector, k=depth, among=among)
        return [(name, cosine) for name, cosine in found if cosine > 0]


def _ranks(names: Iterable[str]) -> dict[str, int]:
    return {name: rank for rank, name in enumerate(names, start=1)}


def _idf(holding: int, total: int) -> float:
    return math.log(1 + (max(total, holding) - holding + 0.5) / (holding + 0.5))
