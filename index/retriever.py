"""The same search as a llama-index retriever, for people who build on llama-index.

    from index.retriever import PinciteRetriever
    engine = RetrieverQueryEngine.from_args(PinciteRetriever(assistant.search, k=6), llm=…)

Each node's text is the passage, its score the fused score, and `start_char_idx` and `end_char_idx`
are the passage's exact code points in its file.

Left out: ingestion through llama-index (`build.py` keeps the spans; its node parsers lose them).
"""

from __future__ import annotations

from collections.abc import Callable

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from index.search import Hit


class PinciteRetriever(BaseRetriever):
    """Passages as llama-index nodes, best first. `search(question, k=…)` finds them."""

    def __init__(self, search: Callable[..., tuple[Hit, ...]], *, k: int = 8) -> None:
        self._search = search
        self._k = k
        super().__init__()

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return [to_node(hit) for hit in self._search(query_bundle.query_str, k=self._k)]


def to_node(hit: Hit) -> NodeWithScore:
    """A hit as llama-index knows it; its metadata is for citing, not for embedding."""
    passage = hit.passage
    metadata = {
        "path": passage.path,
        "title": passage.title,
        "heading": passage.heading,
        "article_sha256": passage.article_sha256,
        "byte_start": passage.bytes.start,
        "byte_end": passage.bytes.end,
    }
    node = TextNode(
        id_=passage.id,
        text=passage.text,
        start_char_idx=passage.chars.start,
        end_char_idx=passage.chars.end,
        metadata=metadata,
        excluded_embed_metadata_keys=list(metadata),
        excluded_llm_metadata_keys=list(metadata),
    )
    return NodeWithScore(node=node, score=hit.score)
