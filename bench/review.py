"""How often the draft check is right, on sentences about the sample corpus, with the real model.

    python bench/review.py            # the confusion, and each sentence that came out otherwise
    python bench/review.py --check    # exit 1 below a floor of floors.json

The first 42 cases were written before the draft check was run on them: 81 % came out right. The 19
that follow ask whether a title's words are laid to a sentence, and were written before that was
mended: 12 of them came out right. The check was changed after a look at the others (names of titles
are read along, and "it" in a denial), so what it prints now is not a figure for unseen sentences.

Left out: the judge alone (`judge.py`).
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from answer.assistant import open_assistant
from answer.settings import Settings
from bench.floors import gate, parser, show
from bench.shared import ROOT

CASES = Path(__file__).parent / "review_cases.jsonl"


def main() -> int:
    options = parser(__doc__).parse_args()
    figures = measured()
    show(figures)
    return gate("review", figures, check=options.check)


def measured() -> dict[str, float]:
    """The share of right verdicts, and of wrong ones among `supported` and `contradicted`."""
    cases = [json.loads(line) for line in CASES.read_text("utf-8").splitlines()]
    with TemporaryDirectory() as folder:
        assistant = open_assistant(Settings(corpus=ROOT / "corpus", index=Path(folder)))
        assistant.ingest()
        found = [assistant.review(case["sentence"]).sentences[0].verdict for case in cases]
        assistant.close()
    pairs = [(case["verdict"], verdict) for case, verdict in zip(cases, found, strict=True)]
    for (expected, verdict), case in zip(pairs, cases, strict=True):
        if expected != verdict:
            print(f"{expected} came out {verdict}: {case['sentence']}")
    for (expected, verdict), count in sorted(Counter(pairs).items()):
        print(f"{expected:14} → {verdict:14} {count:3}")
    figures = {"right": _share(pairs)}
    for name in ("supported", "contradicted"):
        figures[f"{name}.precision"] = _share([pair for pair in pairs if pair[1] == name])
        figures[f"{name}.recall"] = _share([pair for pair in pairs if pair[0] == name])
    return figures


def _share(pairs: list[tuple[str, str]]) -> float:
    return sum(expected == verdict for expected, verdict in pairs) / len(pairs) if pairs else 0.0


if __name__ == "__main__":
    sys.exit(main())
