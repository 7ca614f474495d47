"""What became of one thing that a statement says: `Check`, the noun that all checks give.

Left out: how each thing is checked (`details.py`, `roles.py`, `amounts.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from answer.judge.sentences import Word

Outcome = Literal["agrees", "weaker", "absent", "conflicts"]
FindingKind = Literal["figure", "date", "name", "negation"]


@dataclass(frozen=True, slots=True)
class Check:
    """What became of one thing that a statement says. `words` are those it is made of."""

    kind: FindingKind
    said: str
    outcome: Outcome
    instead: str | None = None
    words: tuple[Word, ...] = ()
