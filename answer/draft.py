"""Draft: what a writer wants to say, sentence by sentence, and which words it would cite for each.

Two writers make one: `quote.py` (sentences of the articles, verbatim) and `llm.py` (a model's own
sentences). `ground.py` alone turns it into an answer.
"""

from __future__ import annotations

from dataclasses import dataclass

from answer.answer import QUOTATIONS
from index.search import Hit
from ingest.article import Span


@dataclass(frozen=True, slots=True)
class Quotation:
    """A whole sentence chosen from a hit: `chars` are in the hit's article."""

    hit: Hit
    chars: Span
    text: str
    score: float
    support: float


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer, and what it cites; a verbatim sentence cites itself."""

    text: str
    quotations: tuple[Quotation, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """Claims in the order they should be read, and how sure it is that the hits answer at all.

    `writer` is `quotations` or the model's name; `note` says why another writer had to step in.
    """

    claims: tuple[Claim, ...]
    support: float
    writer: str = QUOTATIONS
    note: str | None = None

    @property
    def quotations(self) -> tuple[Quotation, ...]:
        """Everything that is cited, in order."""
        return tuple(quotation for claim in self.claims for quotation in claim.quotations)
