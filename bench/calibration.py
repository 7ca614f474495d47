"""When the corpus does not hold the answer: measured, fitted and drawn.

    python bench/calibration.py           # the figures, and the picture docs/calibration.svg
    python bench/calibration.py --fit     # the weights of answer/support.py too, fitted again

Each question of XQuAD is asked three times: of the whole corpus; after its own paragraph was
deleted from its article and the folder ingested again (a near miss); and after the whole article
was deleted. So what is measured is the product, its word frequencies included, on a folder that
really lacks the answer. A question that another article answers too counts as unanswerable all the
same, and so does one that only its own paragraph makes sense of as answerable.

Left out: how good the answers are (`quality.py`).
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from answer.assistant import HITS, Assistant, open_assistant
from answer.evaluate import Question, read_squad
from answer.quote import THRESHOLD
from answer.settings import Settings
from answer.support import Signs
from bench.drawing import dot, label, picture, polyline
from bench.floors import show
from bench.shared import ROOT, XQUAD, is_here

if TYPE_CHECKING:
    from numpy.typing import NDArray

PICTURE = ROOT / "docs" / "calibration.svg"
FOLDS = 6  # of eight articles each
REFUSALS = 0.05  # the share of answerable questions that are refused where figures are compared


@dataclass(frozen=True, slots=True)
class Asking:
    """What speaks for an answer to a question of `article`, in three corpora."""

    article: str
    whole: Signs
    without_paragraph: Signs
    without_article: Signs


def ask_thrice() -> Iterator[Asking]:
    """Every question of XQuAD, three times, with 337 ingests: eight minutes of one processor."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        articles: dict[str, dict[str, list[Question]]] = defaultdict(lambda: defaultdict(list))
        for question in read_squad(XQUAD, home / "corpus"):
            (evidence,) = question.evidence
            articles[evidence.title][evidence.quote].append(question)
        settings = replace(Settings(), corpus=home / "corpus", index=home / "index")
        assistant = open_assistant(settings)
        assistant.ingest()
        files = sorted((home / "corpus").iterdir())
        for file, (title, paragraphs) in zip(files, articles.items(), strict=True):
            yield from _ask_article(assistant, file, title, paragraphs)
        assistant.close()


def _ask_article(
    assistant: Assistant, file: Path, title: str, paragraphs: Mapping[str, Sequence[Question]]
) -> Iterator[Asking]:
    questions = [question for some in paragraphs.values() for question in some]
    whole = [_signs(assistant, question) for question in questions]
    text = file.read_text("utf-8")
    near: list[Signs] = []
    for paragraph, some in paragraphs.items():
        file.write_text(text.replace(paragraph, ""), "utf-8")
        assistant.ingest()
        near += [_signs(assistant, question) for question in some]
    file.unlink()
    assistant.ingest()
    far = [_signs(assistant, question) for question in questions]
    file.write_text(text, "utf-8")
    assistant.ingest()
    for signs in zip(whole, near, far, strict=True):
        yield Asking(title, *signs)


def _signs(assistant: Assistant, question: Question) -> Signs:
    hits = assistant.search(question.text, k=HITS)
    return assistant.writer.weigh(question.text, hits)[1]


Columns = tuple["NDArray[np.float64]", "NDArray[np.float64]", "NDArray[np.float64]"]


def supports(askings: Sequence[Asking]) -> Columns:
    """Each question's support: in the whole corpus, without its paragraph, without its article."""
    rows = [(a.whole, a.without_paragraph, a.without_article) for a in askings]
    whole, near, far = np.array([[signs.support for signs in row] for row in rows]).T
    return whole, near, far


def figures(columns: Columns, threshold: float = THRESHOLD) -> dict[str, float]:
    """The area under the ROC curve; the shares declined, at 5 % false refusals and as shipped."""
    from sklearn.metrics import roc_auc_score

    whole, near, far = columns
    found = {"decline.false_refusals": float(np.mean(whole < threshold))}
    for name, without in (("paragraph", near), ("article", far)):
        labels = np.r_[np.ones(len(whole)), np.zeros(len(without))]
        found |= {
            f"decline.{name}_auc": float(roc_auc_score(labels, np.r_[whole, without])),
            f"decline.{name}_at_5_percent": float(np.mean(without < np.quantile(whole, REFUSALS))),
            f"decline.{name}_as_shipped": float(np.mean(without < threshold)),
        }
    return found


def fit(askings: Sequence[Asking]) -> tuple[dict[str, float], Columns]:
    """The weights of the three signs and the offset, and every question judged by other articles.

    Logistic regression, with as much weight on the questions that can be answered as on those that
    cannot; the judgements are cross-validated, in folds of whole articles.
    """
    from sklearn.linear_model import LogisticRegression

    signs = np.array(
        [
            [[s.aligned, s.coverage, s.cosine] for s in column]
            for column in zip(
                *((a.whole, a.without_paragraph, a.without_article) for a in askings), strict=True
            )
        ]
    )
    number = {title: at for at, title in enumerate(dict.fromkeys(a.article for a in askings))}
    folds = np.array([number[a.article] % FOLDS for a in askings])
    labels = np.repeat([[1], [0], [0]], len(askings), axis=1)
    weights = np.repeat([[1.0], [0.5], [0.5]], len(askings), axis=1)

    def learned(on: NDArray[np.bool_]) -> LogisticRegression:
        model = LogisticRegression(C=100, max_iter=1000)
        return model.fit(signs[:, on].reshape(-1, 3), labels[:, on].ravel(), weights[:, on].ravel())

    judged = np.empty(labels.shape)
    for fold in range(FOLDS):
        theirs = folds == fold
        judged[:, theirs] = (
            learned(~theirs).predict_proba(signs[:, theirs].reshape(-1, 3))[:, 1].reshape(3, -1)
        )
    every = learned(folds >= 0)
    names = ("aligned", "coverage", "cosine")
    found = dict(zip(names, map(float, every.coef_[0]), strict=True))
    return found | {"offset": float(every.intercept_[0])}, (judged[0], judged[1], judged[2])


def reliability(columns: Columns, bins: int = 10) -> list[tuple[float, float, float]]:
    """Of each tenth of the scale: the mean support, the share that is answerable, the share of all.

    The questions that can be answered count as much together as those that cannot.
    """
    support = np.concatenate(columns)
    answerable = np.repeat([1.0, 0.0, 0.0], len(columns[0]))
    weight = np.repeat([1.0, 0.5, 0.5], len(columns[0]))
    place = np.minimum((support * bins).astype(int), bins - 1)
    found = []
    for at in range(bins):
        here = place == at
        if here.any():
            total = weight[here].sum()
            mean = (support[here] * weight[here]).sum() / total
            share = (answerable[here] * weight[here]).sum() / total
            found.append((float(mean), float(share), float(total / weight.sum())))
    return found


def roc(answerable: NDArray[np.float64], not_: NDArray[np.float64]) -> list[tuple[float, float]]:
    """(share of unanswerable questions answered, share of answerable ones answered), ascending."""
    from sklearn.metrics import roc_curve

    labels = np.r_[np.ones(len(answerable)), np.zeros(len(not_))]
    false, true, _ = roc_curve(labels, np.r_[answerable, not_])
    return list(zip(map(float, false), map(float, true), strict=True))


def draw(columns: Columns, threshold: float = THRESHOLD) -> str:
    """The ROC curves and the reliability of `support`, as an SVG with a background of its own."""
    found = figures(columns, threshold)
    whole, near, far = columns
    left = _Panel(70, "Answered: what it has, and what it has not")
    parts = left.frame(
        "share of the unanswerable questions that are answered",
        "share of the answerable questions that are answered",
    )
    curves = (("article", far, "#1b7f4d"), ("paragraph", near, "#b3402a"))
    for row, (name, without, colour) in enumerate(curves):
        area, declined = found[f"decline.{name}_auc"], found[f"decline.{name}_at_5_percent"]
        told = f"{name} left out: area {area:.3f}, {100 * declined:.1f} % declined"
        parts += [left.line(roc(whole, without), colour), left.note(told, row + 1, colour)]
        parts.append(
            left.dot(float(np.mean(without >= threshold)), 1 - float(np.mean(whole < threshold)))
        )
    refused = 100 * found["decline.false_refusals"]
    parts.append(left.note("where 5 % of the answerable are refused:", 0, "#222"))
    parts.append(left.note(f"● as shipped: {refused:.1f} % are refused", 3, "#222"))
    right = _Panel(590, "Calibrated: what a support of so much is worth")
    parts += right.frame("support", "share that is answerable")
    bars = reliability(columns)
    parts += [
        right.line([(0, 0), (1, 1)], "#999", dashed=True),
        right.line([(threshold, 0), (threshold, 1)], "#222", dashed=True),
        right.line([(mean, share) for mean, share, _ in bars], "#2457a6"),
        *(right.dot(mean, share, "#2457a6", 2 + 10 * of_all**0.5) for mean, share, of_all in bars),
        right.note(f"dashed: the threshold, {threshold:g}", 2, "#222"),
        right.note("larger dot: more questions", 3, "#2457a6"),
    ]
    what = f"Declining, measured on the {len(whole)} questions of XQuAD"
    return picture(what, 1060, 540, parts)


@dataclass(frozen=True, slots=True)
class _Panel:
    """A square of 400 for numbers from 0 to 1, with its left side at `x`."""

    x: float
    title: str

    def at(self, x: float, y: float) -> tuple[float, float]:
        return self.x + 400 * x, 60 + 400 * (1 - y)

    def frame(self, across: str, up: str) -> list[str]:
        left, right = self.at(0, 0)[0], self.at(1, 0)[0]
        parts = [label(left, 36, self.title, size=17)]
        for step in range(6):
            place, number = self.at(step / 5, step / 5), f"{step / 5:g}"
            parts += [
                f'<path d="M{left:g} {place[1]:g}H{right:g}M{place[0]:g} 60V460" stroke="#ddd"/>',
                label(left - 8, place[1] + 5, number, anchor="end"),
                label(place[0], 480, number, anchor="middle"),
            ]
        middle = (left + right) / 2
        parts.append(label(middle, 508, across, anchor="middle"))
        turn = f' transform="rotate(-90 {left - 42:g} 260)"'
        return [*parts, label(left - 42, 260, up, anchor="middle", more=turn)]

    def line(
        self, points: Sequence[tuple[float, float]], colour: str, *, dashed: bool = False
    ) -> str:
        return polyline([self.at(*point) for point in points], colour, dashed=dashed)

    def dot(self, x: float, y: float, colour: str = "#222", size: float = 5) -> str:
        return dot(*self.at(x, y), colour, size)

    def note(self, words: str, row: int, colour: str) -> str:
        return label(self.x + 388, 380 + 22 * row, words, anchor="end", colour=colour)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--fit", action="store_true", help="fit the weights again")
    options = parser.parse_args()
    if not is_here(XQUAD):
        return 0
    askings = list(ask_thrice())
    show(figures(supports(askings)))
    if options.fit:
        weights, judged = fit(askings)
        print("fitted, and judged by weights that were fitted on other articles:")
        show(weights)
        show(figures(judged))
    PICTURE.write_text(draw(supports(askings)), "utf-8")
    print(f"drawn: {PICTURE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
