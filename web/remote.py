"""A server in the place of an assistant: the same objects, rebuilt from the JSON that it answers.

For `pincite eval`, which measures answers as objects, wherever they were made.

Left out: the calls themselves (`client.py`). What JSON does not say is left empty: the sentences of
a passage.
"""

from __future__ import annotations

from answer.answer import Answer
from answer.assistant import HITS
from index.search import Filters
from ingest.article import Article, Span
from web.client import OwnerClient


class RemoteAssistant:
    """Asks the server that owns the index."""

    def __init__(self, owner: OwnerClient) -> None:
        self._owner = owner

    def ask(self, question: str, *, keep: bool) -> Answer:
        """The server's answer, with its citations and passages."""
        reply = self._owner.ask(question, filters=Filters(), k=HITS, keep=keep)
        return Answer.from_json(reply)

    def article(self, sha256: str) -> Article:
        """Any version of an article that the server ever indexed."""
        told = self._owner.article(sha256)
        return Article(**(told | {"authors": tuple(told["authors"]), "body": Span(*told["body"])}))
