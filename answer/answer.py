"""Answer and Citation: what leaves the product, by every door, and its JSON.

The law: for every citation, `file_text[chars.start:chars.end] == quote`, and the byte span cuts the
same words out of the file's bytes. `claim` is the citation's place in `Answer.text`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from index.search import Hit
from ingest.article import Span, span_id

Outcome = Literal["answered", "not_in_corpus", "writer_failed"]


@dataclass(frozen=True, slots=True)
class Citation:
    """One numbered citation: which words of the answer, which exact words of which article."""

    number: int
    claim: Span
    article_sha256: str
    path: str
    title: str
    publisher: str | None
    published: str | None
    url: str | None
    chars: Span
    bytes: Span
    quote: str
    prefix: str
    suffix: str
    verdict: str = "exact"

    @property
    def id(self) -> str:
        """`{sha256[:16]}:{start}-{end}`: the cited place, as the page's links name it."""
        return span_id(self.article_sha256, self.chars)

    def to_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "claim": [self.claim.start, self.claim.end],
            "quote": self.quote,
            "prefix": self.prefix,
            "suffix": self.suffix,
            "verdict": self.verdict,
            "path": self.path,
            "article_sha256": self.article_sha256,
            "chars": [self.chars.start, self.chars.end],
            "bytes": [self.bytes.start, self.bytes.end],
            "title": self.title,
            "publisher": self.publisher,
            "published": self.published,
            "url": self.url,
        }


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the corpus holds: an honest "not in this corpus" says how large that corpus is."""

    articles: int
    passages: int
    first: str | None
    last: str | None

    def to_json(self) -> dict[str, Any]:
        return {
            "articles": self.articles,
            "passages": self.passages,
            "from": self.first,
            "to": self.last,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with its evidence.

    `hits` are the passages that were read for it, best first, also when nothing was answered;
    `support` in [0, 1] is how well the cited sentences answer the question.
    """

    question: str
    text: str
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    outcome: Outcome
    support: float
    coverage: Coverage

    def to_json(self) -> dict[str, Any]:
        """The object that `pincite ask --json` and `POST /api/ask` print."""
        return {
            "question": self.question,
            "outcome": self.outcome,
            "text": self.text,
            "support": round(self.support, 4),
            "citations": [citation.to_json() for citation in self.citations],
            "passages": [hit.to_json() for hit in self.hits],
            "corpus": self.coverage.to_json(),
        }
