"""How good the answers are, against floors that are never lowered silently (`floors.json`).

    python bench/quality.py            # the sample corpus, the seed article, XQuAD, and declining
    python bench/quality.py --check    # the same; exit status 1 where a figure is below its floor

XQuAD and the seed article are read from `../shared` beside the checkout and skipped, with a line
that says so, where they are absent. Declining asks each question of XQuAD three times: as it is,
with its own paragraph taken out of what was found, and with its whole article taken out.

Left out: speed (`speed.py`).
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from answer.assistant import HITS, open_assistant
from answer.evaluate import Question, evaluate, read_squad
from answer.quote import THRESHOLD, QuotingWriter
from answer.settings import Settings
from index.search import Hit

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
XQUAD = SHARED / "data" / "xquad" / "xquad.en.json"
SEED = SHARED / "seed"
FLOORS = Path(__file__).parent / "floors.json"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="exit 1 below a floor")
    options = parser.parse_args()
    figures: dict[str, float] = {}
    for measure in (measure_sample, measure_seed, measure_xquad, measure_declining):
        figures |= measure()
    for name, value in figures.items():
        print(f"{name:34} {value:10.4f}")
    missed = below_floors(figures)
    for line in missed:
        print(f"BELOW ITS FLOOR: {line}")
    return 1 if missed and options.check else 0


def below_floors(figures: Mapping[str, float]) -> list[str]:
    """The figures that are lower than `floors.json` allows, each with its floor."""
    floors: dict[str, float] = json.loads(FLOORS.read_text("utf-8"))["quality"]
    return [
        f"{name} is {figures[name]:.4f}, and must be {floor}"
        for name, floor in floors.items()
        if figures.get(name, floor) < floor
    ]


def measure_sample() -> dict[str, float]:
    with TemporaryDirectory() as folder:
        settings = Settings(corpus=ROOT / "corpus", index=Path(folder))
        return _figures("sample", ROOT / "bench" / "sample_questions.jsonl", settings)


def measure_seed() -> dict[str, float]:
    if not SEED.is_dir():
        print(f"seed: skipped, there is no {SEED.relative_to(ROOT.parent)} beside this checkout")
        return {}
    with TemporaryDirectory() as folder:
        corpus = Path(folder, "corpus")
        corpus.mkdir()
        shutil.copy(SEED / "article.txt", corpus)
        settings = Settings(corpus=corpus, index=Path(folder, "index"))
        return _figures("seed", SEED / "questions.jsonl", settings)


def measure_xquad() -> dict[str, float]:
    return _figures("xquad", XQUAD, Settings()) if _has_xquad() else {}


def measure_declining() -> dict[str, float]:
    """Area under the ROC curve, and the shares declined: at 5 % false refusals, and as shipped."""
    if not _has_xquad():
        return {}
    import numpy as np
    from sklearn.metrics import roc_auc_score

    as_it_is, near, far = (np.array(column) for column in zip(*_supports(), strict=True))
    figures = {"decline.false_refusals": float(np.mean(as_it_is < THRESHOLD))}
    for name, without in (("paragraph", near), ("article", far)):
        labels = np.r_[np.ones(len(as_it_is)), np.zeros(len(without))]
        figures |= {
            f"decline.{name}_auc": float(roc_auc_score(labels, np.r_[as_it_is, without])),
            f"decline.{name}_at_5_percent": float(np.mean(without < np.quantile(as_it_is, 0.05))),
            f"decline.{name}_as_shipped": float(np.mean(without < THRESHOLD)),
        }
    return figures


def _supports() -> Iterator[tuple[float, float, float]]:
    """Each question's support: as it is, without its paragraph, and without its article."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        questions = list(read_squad(XQUAD, home / "corpus"))
        assistant = open_assistant(
            replace(Settings(), corpus=home / "corpus", index=home / "index")
        )
        assistant.ingest()
        for question in questions:
            hits = assistant.search(question.text, k=5 * HITS)
            yield (
                _support(assistant.writer, question, hits, lambda hit, _: True),
                _support(assistant.writer, question, hits, _is_of_another_paragraph),
                _support(assistant.writer, question, hits, _is_of_another_article),
            )
        assistant.close()


def _support(
    writer: QuotingWriter,
    question: Question,
    hits: tuple[Hit, ...],
    keeps: Callable[[Hit, Question], bool],
) -> float:
    kept = [hit for hit in hits if keeps(hit, question)][:HITS]
    ranked = writer.rank(question.text, kept)
    return ranked[0].support if ranked else 0.0


def _is_of_another_article(hit: Hit, question: Question) -> bool:
    return hit.passage.title != question.evidence[0].title


def _is_of_another_paragraph(hit: Hit, question: Question) -> bool:
    own = hit.passage.text[:100] in question.evidence[0].quote
    return _is_of_another_article(hit, question) or not own


def _has_xquad() -> bool:
    if not XQUAD.is_file():
        print(f"skipped: there is no {XQUAD.relative_to(ROOT.parent)} beside this checkout")
    return XQUAD.is_file()


def _figures(prefix: str, questions: Path, settings: Settings) -> dict[str, float]:
    report = evaluate(questions, settings).to_json()
    numbers = {name: value for name, value in report.items() if isinstance(value, int | float)}
    return {f"{prefix}.{name}": float(value) for name, value in numbers.items()}


if __name__ == "__main__":
    sys.exit(main())
