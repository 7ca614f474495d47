"""Who says it: precision and recall of the attributed name, on cases written for it.

    python bench/speaker.py            # the figures, and every case that comes out otherwise
    python bench/speaker.py --check    # the same; exit status 1 below a floor of `floors.json`
    python bench/speaker.py --list A.md …   # every attribution in these articles, to be read

The cases `held-…` were written before the rules were tuned on `dev-…`, and `late-…` after both.
Precision: of the names shown, how many are the right ones. Recall: of the sentences that have a
speaker, how many show the right name.

Left out: whether the cases are like the news at large; `--list` shows what happens on articles.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from answer.speaker import Speaker, speaker_of
from bench.floors import gate, parser, show
from ingest.article import Span
from ingest.read import decode_article
from ingest.split import split

CASES = Path(__file__).parent / "speaker_cases.jsonl"


@dataclass(frozen=True, slots=True)
class Case:
    """A text, the sentence of it that is cited, and who says that, if anyone."""

    id: str
    text: str
    cite: str
    speaker: str | None
    direct: bool | None

    def found(self) -> Speaker | None:
        head = "Harbour news\n\n"
        article = decode_article("case.md", f"{head}{self.text}\n".encode())
        start = len(head) + self.text.rindex(self.cite)
        return speaker_of(article, Span(start, start + len(self.cite)))


def cases() -> tuple[Case, ...]:
    return tuple(Case(**json.loads(line)) for line in CASES.read_text("utf-8").splitlines())


def measure() -> dict[str, float]:
    """Precision and recall of each half."""
    figures: dict[str, float] = {}
    for half in ("dev", "held", "late"):
        pairs = [(case, case.found()) for case in cases() if case.id.startswith(half)]
        shown = [(case, found) for case, found in pairs if found]
        right = sum(found.name == case.speaker for case, found in shown)
        figures[f"{half}.precision"] = right / len(shown)
        figures[f"{half}.recall"] = right / sum(case.speaker is not None for case, _ in pairs)
        modes = [found.direct == case.direct for case, found in shown if found.name == case.speaker]
        figures[f"{half}.direct"] = sum(modes) / len(modes)
    return figures


def attributions(file: Path) -> Iterator[tuple[str, Speaker | None]]:
    """Each sentence of an article, and who says it."""
    article = decode_article(file.name, file.read_bytes())
    for passage in split(article):
        for sentence in passage.sentences:
            yield " ".join(sentence.of(article.text).split()), speaker_of(article, sentence)


def main() -> int:
    asked = parser(__doc__)
    asked.add_argument("--list", nargs="+", type=Path, metavar="FILE", help="show attributions")
    options = asked.parse_args()
    if options.list:
        for file in options.list:
            for sentence, found in attributions(file):
                if found:
                    how = "says" if found.direct else "as reported"
                    print(f"{how:12} {found.name} | {sentence}")
        return 0
    for case in cases():
        found = case.found()
        if (found and found.name) != case.speaker or (found and found.direct != case.direct):
            shown = found and (found.name, found.direct)
            print(f"{case.id}: {shown}, not {case.speaker}: {case.text!r}")
    figures = measure()
    show(figures)
    return gate("speaker", figures, check=options.check)


if __name__ == "__main__":
    sys.exit(main())
