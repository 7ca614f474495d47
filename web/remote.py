"""A server in the place of an assistant: the same objects, rebuilt from the JSON that it answers.

For `pincite eval`, which measures answers as objects, wherever they were made.

Left out: the calls themselves (`client.py`). What JSON does not say is left empty: the sentences of
a passage.
"""

from __future__ import annotations

from typing import Any

from answer.answer import Answer, Citation, Coverage
from answer.assistant import HITS
from index.search import Filters, Hit
from ingest.article import Article, Passage, Span
from web.client import OwnerClient


class RemoteAssistant:
    """Asks the server that owns the index."""

    def __init__(self, owner: OwnerClient) -> None:
        self._owner = owner

    def ask(self, question: str) -> Answer:
        """The server's answer, with its citations and passages."""
        reply = self._owner.ask(question, filters=Filters(), k=HITS)
        corpus = reply["corpus"]
        return Answer(
            question=reply["question"],
            text=reply["text"],
            citations=tuple(_citation(one) for one in reply["citations"]),
            hits=tuple(_hit(one) for one in reply["passages"]),
            outcome=reply["outcome"],
            support=reply["support"],
            coverage=Coverage(corpus["articles"], corpus["passages"], corpus["from"], corpus["to"]),
        )

    def article(self, sha256: str) -> Article:
        """Any version of an article that the server ever indexed."""
        told = self._owner.article(sha256)
        return Article(**(told | {"authors": tuple(told["authors"]), "body": Span(*told["body"])}))


def _citation(told: dict[str, Any]) -> Citation:
    spans = {name: Span(*told[name]) for name in ("claim", "chars", "bytes")}
    return Citation(**(told | spans))


def _hit(told: dict[str, Any]) -> Hit:
    names = ("article_sha256", "path", "title", "heading", "text")
    spans: dict[str, Any] = {name: Span(*told[name]) for name in ("chars", "bytes")}
    passage = Passage(**{name: told[name] for name in names}, **spans)
    return Hit(passage, told["score"], told["dense_rank"], told["lexical_rank"], told["cosine"])
