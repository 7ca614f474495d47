"""Which articles are copies of one story, and when an answer says that its sources differ.

    python bench/sources.py            # precision and recall by threshold, and what is shown
    python bench/sources.py --check    # the same; exit status 1 where a figure is below its floor

Copies are made from the sample corpus and from made-up news as editors make them: another headline
and byline, cut at the end, cut all over, longer, every second sentence touched, other typography,
and several of these at once; the sample corpus's wire story, printed twice, is one more. Not
copies: every other pair of the sample corpus (two of its articles report the same strike five years
apart), made-up news pairwise, and articles that quote a tenth or a quarter of another.

Differences are asked of the sample corpus, where two articles give different tolls of one strike,
and of XQuAD's questions for a figure or date, where it is beside this checkout: its articles are
about unlike things, so whatever is shown there is a false alarm.

Left out: translations, which share no words.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

from answer.assistant import open_assistant
from answer.differ import may_differ
from answer.evaluate import read_squad
from answer.settings import Settings
from answer.sources import COPY, PERMUTATIONS, WIDTH, shingles, signature
from bench.floors import gate, parser, show
from bench.news import news
from bench.shared import XQUAD, absent, is_here
from ingest.read import read_article

ROOT = Path(__file__).parents[1]
WIRE = {"tb2-first-strike-hranitne.md", "drone-strike-divides-capitals.md"}
DIFFERING = {
    "How many soldiers died in the rocket attack on the camp at Zelenopillya?": ("at least 19",),
    "How many people were killed at Zelenopillya?": ("36 or 37", "at least 19"),
    "What was the death toll at Zelenopillya?": ("36 or 37", "at least 19"),
    "How many were wounded in the Zelenopillya strike?": ("more than 100", "93"),
}
SENTENCE_END = ". "
INSTEAD = {
    "said": "stated", "because": "since", "near": "close to", "more": "further", "first": "initial",
    "also": "too", "many": "numerous", "after": "following", "will": "is to", "about": "around",
}  # fmt: skip

Edit = Callable[[str, random.Random], str]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts, whether one is a copy of the other, and how it came about."""

    how: str
    first: str
    second: str
    copy: bool


def main() -> int:
    options = parser(__doc__).parse_args()
    pairs = tuple(pairs_of_all_kinds())
    print(f"{sum(p.copy for p in pairs)} copies, {sum(not p.copy for p in pairs)} others\n")
    by_threshold(pairs)
    by_kind(pairs)
    figures = shipped(pairs) | differences_on_sample() | differences_on_xquad()
    show(figures)
    return gate("sources", figures, check=options.check, skipped=absent({"xquad.": XQUAD}))


def by_threshold(pairs: tuple[Pair, ...]) -> None:
    """Precision and recall for each width and threshold, by containment and by Jaccard."""
    print("            containment                        Jaccard")
    print("words  at   precision  recall            at   precision  recall")
    for width in (1, 2, 3, 4, 5):
        marks = [(signature(p.first, width), signature(p.second, width)) for p in pairs]
        contains = [first.containment(second) for first, second in marks]
        resembles = [float(first.minhash.jaccard(second.minhash)) for first, second in marks]
        for at in (0.2, 0.3, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8):
            contained = _precision_recall(pairs, contains, at)
            alike = _precision_recall(pairs, resembles, at)
            print(
                f"{width:5} {at:5.2f} {contained[0]:10.4f} {contained[1]:7.4f}"
                f" {at:15.2f} {alike[0]:10.4f} {alike[1]:7.4f}"
            )
    print()


def by_kind(pairs: tuple[Pair, ...]) -> None:
    """The range of the shipped measure for each kind of pair, and the share called a copy."""
    print(f"{'kind':34} pairs     least  median    most  called a copy, at {COPY}")
    for how in dict.fromkeys(p.how for p in pairs):
        found = sorted(_shipped(p) for p in pairs if p.how == how)
        called = sum(value >= COPY for value in found) / len(found)
        print(
            f"{how:34} {len(found):5} {found[0]:9.3f} {found[len(found) // 2]:7.3f}"
            f" {found[-1]:7.3f} {called:8.3f}"
        )
    print()


def shipped(pairs: tuple[Pair, ...]) -> dict[str, float]:
    """The figures that have floors, and what a signature costs and errs."""
    precision, recall = _precision_recall(pairs, [_shipped(p) for p in pairs], COPY)
    texts = [p.first for p in pairs if p.how == "the sample corpus"]
    started = time.perf_counter()
    for text in texts:
        signature(text)
    cost = (time.perf_counter() - started) / len(texts) * 1000
    errors = [(_shipped(p) - _exact(p)) ** 2 for p in pairs if p.copy]
    print(f"one signature ({WIDTH} words, {PERMUTATIONS} permutations): {cost:.2f} ms")
    print(f"error of its containment among copies: {(sum(errors) / len(errors)) ** 0.5:.3f}\n")
    return {"precision": precision, "recall": recall}


def differences_on_sample() -> dict[str, float]:
    """The share of the questions with a true difference for which it is shown, and of the others
    for which none is."""
    lines = (ROOT / "bench" / "sample_questions.jsonl").read_text("utf-8").splitlines()
    others = [json.loads(line)["question"] for line in lines if line.strip()]
    with TemporaryDirectory() as folder:
        settings = Settings(corpus=ROOT / "corpus", index=Path(folder))
        shown = _shown(settings, [*DIFFERING, *others])
    for question, said in shown.items():
        print(f"{'+' if question in DIFFERING else 'FALSE'} {question}: {said}")
    falsely = [q for q in others if q in shown and q not in DIFFERING]
    true = [q for q in DIFFERING if set(DIFFERING[q]) <= set(shown.get(q, ()))]
    return {
        "sample.differences_shown": len(true) / len(DIFFERING),
        "sample.silent": 1 - len(falsely) / len([q for q in others if q not in DIFFERING]),
    }


def differences_on_xquad() -> dict[str, float]:
    """The share of XQuAD's questions for a figure or date for which no difference is shown."""
    if not is_here(XQUAD):
        return {}
    with TemporaryDirectory() as folder:
        corpus = Path(folder, "corpus")
        questions = [q.text for q in read_squad(XQUAD, corpus) if may_differ(q.text)]
        shown = _shown(Settings(corpus=corpus, index=Path(folder, "index")), questions)
    for question, said in shown.items():
        print(f"FALSE {question}: {said}")
    print(f"XQuAD asks {len(questions)} questions for a figure or date\n")
    return {"xquad.silent": 1 - len(shown) / len(questions)}


def _shown(settings: Settings, questions: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """What is said to differ, for each question where something is."""
    with closing(open_assistant(settings)) as assistant:
        assistant.ingest()
        answers = [assistant.ask(question) for question in questions]
    return {
        answer.question: tuple(reading.said for reading in answer.differences[0].readings)
        for answer in answers
        if answer.differences
    }


def pairs_of_all_kinds() -> Iterator[Pair]:
    chance = random.Random(1936)
    sample = dict(_sample())
    made_up = [article.text for article in news(40)]
    for text in (*sample.values(), *made_up):
        for how, edit in COPIES.items():
            yield Pair(how, text, edit(text, chance), True)
    for name, texts in (("sample", list(sample.values())), ("made-up", made_up)):
        for share in (0.1, 0.25):
            for text, other in zip(texts[::2], texts[1::2], strict=True):
                quoting = _quoting(text, other, share)
                yield Pair(f"{name}, quotes {share:.0%} of it", text, quoting, False)
    for (name, text), (other_name, other_text) in combinations(sample.items(), 2):
        wire = {name, other_name} == WIRE
        how = "the wire story, printed twice" if wire else "the sample corpus"
        yield Pair(how, text, other_text, wire)
    for text, other in combinations(made_up, 2):
        yield Pair("made-up news", text, other, False)


def _sample() -> Iterator[tuple[str, str]]:
    for file in sorted((ROOT / "corpus").rglob("*.md")):
        article = read_article(ROOT / "corpus", file)
        yield file.name, article.body.of(article.text)


def _other_byline(text: str, _: random.Random) -> str:
    return (
        "# All eyes on the capital as the dispute goes on\n\nBy a staff reporter in Kallo\n\n"
        f"{text}\n\nThe Kallo Gazette, with reports from its agencies. All rights reserved.\n"
    )


def _cut_to(share: float) -> Edit:
    return lambda text, _: text[: int(len(text) * share)]


def _paragraphs_left_out(text: str, chance: random.Random) -> str:
    paragraphs = text.split("\n\n")
    kept = sorted(chance.sample(range(len(paragraphs)), max(1, int(len(paragraphs) * 0.6))))
    return "\n\n".join(paragraphs[at] for at in kept)


def _longer(text: str, chance: random.Random) -> str:
    added = next(news(1, seed=chance.randrange(10**6))).text.split("\n\n")[:2]
    return "\n\n".join((text, *added))


def _touched(text: str, chance: random.Random) -> str:
    """Every second sentence: a word replaced, left out, or two changed places."""
    return SENTENCE_END.join(
        _touch(sentence, chance) if chance.random() < 0.5 else sentence
        for sentence in text.split(SENTENCE_END)
    )


def _touch(sentence: str, chance: random.Random) -> str:
    words = sentence.split(" ")
    at = chance.randrange(len(words))
    known = [i for i, word in enumerate(words) if word in INSTEAD]
    if known:
        words[known[0]] = INSTEAD[words[known[0]]]
    elif len(words) > 3 and chance.random() < 0.5:
        del words[at]
    elif len(words) > 3:
        words[at], words[at - 1] = words[at - 1], words[at]
    return " ".join(words)


def _rewritten(text: str, chance: random.Random) -> str:
    """Touched three times over: hardly a sentence is left as it was."""
    for _ in range(3):
        text = _touched(text, chance)
    return text


def _other_typography(text: str, _: random.Random) -> str:
    pairs = {"'": "’", " - ": " — ", "...": "…", "fi": "ﬁ", ", ": ",\u00a0", "per cent": "percent"}
    for plain, printed in pairs.items():
        text = text.replace(plain, printed)
    return "\r\n".join(text.splitlines())


def _all_at_once(text: str, chance: random.Random) -> str:
    text = _touched(_cut_to(0.7)(text, chance), chance)
    return _other_typography(_other_byline(_longer(text, chance), chance), chance)


COPIES: dict[str, Edit] = {
    "other headline and byline": _other_byline,
    "cut to 60 %": _cut_to(0.6),
    "cut to 30 %": _cut_to(0.3),
    "two paragraphs in five left out": _paragraphs_left_out,
    "two paragraphs longer": _longer,
    "every second sentence touched": _touched,
    "touched three times over": _rewritten,
    "other typography": _other_typography,
    "cut to 70 %, touched, longer": _all_at_once,
}


def _quoting(text: str, other: str, share: float) -> str:
    """`other` with the first sentences of `text` in its middle, a share of `other`'s length."""
    middle = other.find("\n\n", len(other) // 2)
    end = text.find(SENTENCE_END, int(len(other) * share)) + 1
    return f"{other[:middle]}\n\n{text[:end]}\n\n{other[middle:]}"


def _precision_recall(
    pairs: Sequence[Pair], values: Sequence[float], at: float
) -> tuple[float, float]:
    found = [pair for pair, value in zip(pairs, values, strict=True) if value >= at]
    right = sum(pair.copy for pair in found)
    return right / max(1, len(found)), right / sum(pair.copy for pair in pairs)


def _shipped(pair: Pair) -> float:
    return signature(pair.first).containment(signature(pair.second))


def _exact(pair: Pair) -> float:
    first, second = shingles(pair.first), shingles(pair.second)
    return len(first & second) / min(len(first), len(second))


if __name__ == "__main__":
    sys.exit(main())
