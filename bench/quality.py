"""How good the answers are, against floors that are never lowered silently (`floors.json`).

    python bench/quality.py            # the sample corpus, the seed article, XQuAD, and declining
    python bench/quality.py --check    # the same; exit status 1 where a figure is below its floor

XQuAD and the seed article are read from `../shared` beside the checkout and skipped, with a line
that says so, where they are absent. Declining asks each question of XQuAD three times, as
`calibration.py` says.

Left out: speed (`speed.py`).
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from answer.evaluate import evaluate
from answer.settings import Settings
from bench.calibration import ask_thrice, figures, supports
from bench.floors import gate, parser, show
from bench.shared import ROOT, SEED, XQUAD, absent, is_here

NEEDS = {"seed.": SEED, "xquad.": XQUAD, "decline.": XQUAD}


def main() -> int:
    options = parser(__doc__).parse_args()
    found: dict[str, float] = {}
    for measure in (measure_sample, measure_seed, measure_xquad, measure_declining):
        found |= measure()
    show(found)
    return gate("quality", found, check=options.check, skipped=absent(NEEDS))


def measure_sample() -> dict[str, float]:
    with TemporaryDirectory() as folder:
        settings = Settings(corpus=ROOT / "corpus", index=Path(folder))
        return _figures("sample", ROOT / "bench" / "sample_questions.jsonl", settings)


def measure_seed() -> dict[str, float]:
    if not is_here(SEED):
        return {}
    with TemporaryDirectory() as folder:
        corpus = Path(folder, "corpus")
        corpus.mkdir()
        shutil.copy(SEED / "article.txt", corpus)
        settings = Settings(corpus=corpus, index=Path(folder, "index"))
        return _figures("seed", SEED / "questions.jsonl", settings)


def measure_xquad() -> dict[str, float]:
    return _figures("xquad", XQUAD, Settings()) if is_here(XQUAD) else {}


def measure_declining() -> dict[str, float]:
    """Area under the ROC curve, and the shares declined: at 5 % false refusals, and as shipped."""
    return figures(supports(list(ask_thrice()))) if is_here(XQUAD) else {}


def _figures(prefix: str, questions: Path, settings: Settings) -> dict[str, float]:
    report = evaluate(questions, settings).to_json()
    numbers = {name: value for name, value in report.items() if isinstance(value, int | float)}
    return {f"{prefix}.{name}": float(value) for name, value in numbers.items()}


if __name__ == "__main__":
    sys.exit(main())
