"""Follow-up questions on the sample corpus: asked bare, carried over, and written out by hand.

    python bench/followup.py            # each case, and the figures
    python bench/followup.py --check    # the same; exit status 1 below a floor of `floors.json`

The full question by hand is the ceiling of any carrying over. Half of the cases (`held-…`) were
written before the rules, and the rules tuned on the other half (`dev-…`). The cases named `alone`
stand by themselves after an earlier question: to change one is a false carry-over.

Left out: other corpora; the rules know nothing of this one.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from answer.assistant import Assistant, open_assistant
from answer.followup import carried_over
from answer.settings import Settings
from bench.floors import gate, parser, show

CASES = Path(__file__).parent / "followup_cases.jsonl"
CORPUS = Path(__file__).parents[1] / "corpus"


@dataclass(frozen=True, slots=True)
class Case:
    """Questions before, the follow-up, the same in full (None: it is full), and what answers it."""

    id: str
    previous: tuple[str, ...]
    question: str
    full: str | None
    answers: tuple[str, ...]

    def searched(self) -> str:
        return carried_over(self.question, self.previous)


def cases() -> tuple[Case, ...]:
    rows = [json.loads(line) for line in CASES.read_text("utf-8").splitlines()]
    return tuple(
        Case(**(row | {"previous": tuple(row["previous"]), "answers": tuple(row["answers"])}))
        for row in rows
    )


def false_carry_overs(half: str = "") -> tuple[Case, ...]:
    """Cases that stand by themselves and were changed."""
    return tuple(
        case
        for case in cases()
        if case.full is None and case.id.startswith(half) and case.searched() != case.question
    )


def measure(assistant: Assistant) -> dict[str, float]:
    figures: dict[str, float] = {}
    for half in ("dev", "held"):
        leaning = [case for case in cases() if case.full and case.id.startswith(half)]
        ways = {"bare": [c.question for c in leaning], "carried": [c.searched() for c in leaning]}
        ways["full"] = [c.full or "" for c in leaning]
        for way, questions in ways.items():
            places = [_place(assistant, q, c) for q, c in zip(questions, leaning, strict=True)]
            figures[f"{half}.{way}_first"] = sum(place == 1 for place in places) / len(leaning)
            figures[f"{half}.{way}_in_three"] = sum(place > 0 for place in places) / len(leaning)
        alone = [case for case in cases() if not case.full and case.id.startswith(half)]
        figures[f"{half}.left_alone"] = 1 - len(false_carry_overs(half)) / len(alone)
    return figures


def _place(assistant: Assistant, question: str, case: Case) -> int:
    """Which citation holds an answer, from 1; 0 for none."""
    quotes = [citation.quote for citation in assistant.ask(question).citations]
    held = (at for at, quote in enumerate(quotes, 1) if any(a in quote for a in case.answers))
    return next(held, 0)


def main() -> int:
    options = parser(__doc__).parse_args()
    with TemporaryDirectory() as folder:
        assistant = open_assistant(Settings(corpus=CORPUS, index=Path(folder)))
        assistant.ingest()
        for case in cases():
            if case.full:
                asked = (case.question, case.searched(), case.full)
                places = "/".join(str(_place(assistant, question, case)) for question in asked)
                print(f"{case.id:9} {places}  {case.question} → {case.searched()}")
        for case in false_carry_overs():
            print(f"CHANGED: {case.id} {case.question} → {case.searched()}")
        figures = measure(assistant)
        assistant.close()
    show(figures)
    return gate("followup", figures, check=options.check)


if __name__ == "__main__":
    sys.exit(main())
