"""How often the judge is right, beside a judge that only counts shared words.

    python bench/judge.py            # own cases, and QuoteSum where it is at hand
    python bench/judge.py --check    # the same; exit status 1 where a figure is below its floor

Own cases (`judge_cases.jsonl`) have three verdicts. Two halves were written before the judge, and
the held-out one was not looked at while it was tuned; but one author wrote both and the lexicon.
The fresh and the unseen ones were written after the judge, and it was mended for what they showed;
the blind ones were written last, before the judge was mended for other errors, and none of them was
looked at since, only their total: theirs is the figure to trust. QuoteSum's answers were
written by people who quote numbered passages: each sentence is judged against the passages that it
cites (to be upheld), against the other passages of its question and those of another one, and, with
one figure, name or negation changed, against its own again (not to be supported).

Left out: the verdicts on quotations (`check.py`).
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sklearn.metrics import roc_auc_score

from answer.judge import judge
from answer.judge.figures import figures
from bench.floors import gate, parser
from bench.shared import QUOTESUM, absent, is_here
from index.words import STOP, content_terms, terms

CASES = Path(__file__).parent / "judge_cases.jsonl"
VERDICTS = ("supported", "partly", "unsupported")
_RANK = {"unsupported": 0.0, "partly": 1.0, "supported": 2.0}

_READ_ROWS = 140  # rows of QuoteSum that were read while the judge was made; the rest was not

_QUOTE = re.compile(r"\[ ?(\d) (.*?) ?\]")
# A sentence ends outside brackets only.
_SENTENCE = re.compile(r"(?:\[[^\[\]]*\]|[^\[\].!?]|[.!?](?! [A-Z\[]))+[.!?]?")
_MARK = re.compile(r"\(\d\)|[\[\]]")  # "(1)", and brackets that were never closed
# "Other sources state that": words of the answer's author about the passages, in none of them.
_ATTRIBUTION = re.compile(
    r"^(?:according to [a-z ]*sources?,?|(?:[a-z]+,? )?(?:[a-z]+,? )?sources? (?:also )?"
    r"(?:states?|says?|mentions?|indicates?|tells?(?: us)?|talks? (?:of|about))(?: that)?)[ ,:]*",
    re.IGNORECASE,
)
_AUXILIARY = re.compile(r"\b(is|was|were|are|has|had|can|will|did)\b(?! not)")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}\b")


@dataclass(frozen=True, slots=True)
class Case:
    """A statement, evidence, and the verdict that a person would give."""

    statement: str
    evidence: tuple[str, ...]
    verdict: str
    contradicted: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """A statement and evidence of QuoteSum; `kind` says how the evidence was chosen."""

    statement: str
    evidence: tuple[str, ...]
    kind: str


def main() -> int:
    options = parser(__doc__).parse_args()
    found: dict[str, float] = {}
    for split in ("development", "held-out", "fresh", "unseen", "blind"):
        found |= measure_cases(split)
    found |= measure_quotesum()
    skipped = absent({"quotesum.": QUOTESUM})
    return gate("judge", found, check=options.check, skipped=skipped)


def cases(split: str) -> Iterator[Case]:
    """The own cases of one half."""
    for line in CASES.read_text("utf-8").splitlines():
        case = json.loads(line)
        if case["split"] == split:
            yield Case(
                case["statement"], tuple(case["evidence"]), case["verdict"], case["contradicted"]
            )


def measure_cases(split: str) -> dict[str, float]:
    every = list(cases(split))
    judged = [judge(case.statement, case.evidence) for case in every]
    wanted, got = [case.verdict for case in every], [j.verdict for j in judged]
    print(f"\n{split}: {len(every)} cases of our own")
    _print_table(wanted, got)
    draft = _share(j.contradicted == c.contradicted for j, c in zip(judged, every, strict=True))
    peer = _best_peer(every)
    print(f"accuracy {_accuracy(wanted, got):.3f}; contradicted or not {draft:.3f}")
    print(f"word overlap at its two best thresholds on these very cases: accuracy {peer:.3f}")
    return {
        f"{split}.accuracy": _accuracy(wanted, got),
        f"{split}.contradicted": draft,
        f"{split}.over_peer": _accuracy(wanted, got) - peer,
    }


def _print_table(wanted: Sequence[str], got: Sequence[str]) -> None:
    counts = Counter(zip(wanted, got, strict=True))
    print(f"{'is / judged':14}" + "".join(f"{name:>12}" for name in VERDICTS) + "   recall")
    for row in VERDICTS:
        cells = [counts[row, column] for column in VERDICTS]
        recall = counts[row, row] / max(1, sum(cells))
        print(f"{row:14}" + "".join(f"{cell:12}" for cell in cells) + f"{recall:9.3f}")
    sums = [sum(counts[row, column] for row in VERDICTS) for column in VERDICTS]
    shares = [counts[v, v] / max(1, total) for v, total in zip(VERDICTS, sums, strict=True)]
    print(f"{'precision':14}" + "".join(f"{share:12.3f}" for share in shares))


def _accuracy(wanted: Sequence[str], got: Sequence[str]) -> float:
    return _share(a == b for a, b in zip(wanted, got, strict=True))


def _share(flags: Iterable[bool]) -> float:
    every = list(flags)
    return sum(every) / len(every) if every else 0.0


def overlap(statement: str, evidence: Sequence[str]) -> float:
    """The peer: the share of the statement's content words that the evidence has."""
    said = set(content_terms(statement))
    held = {term for text in evidence for term in terms(text)}
    return len(said & held) / len(said) if said else 0.0


def _best_peer(every: Sequence[Case]) -> float:
    scores = [overlap(case.statement, case.evidence) for case in every]
    wanted = [case.verdict for case in every]
    steps = [step / 20 for step in range(22)]
    return max(
        _accuracy(wanted, [_by_threshold(score, low, high) for score in scores])
        for low in steps
        for high in steps
        if low <= high
    )


def _by_threshold(score: float, low: float, high: float) -> str:
    return "supported" if score >= high else "partly" if score >= low else "unsupported"


def measure_quotesum() -> dict[str, float]:
    if not is_here(QUOTESUM):
        return {}
    pairs = list(quotesum_pairs())
    start = time.perf_counter()
    judged = [judge(pair.statement, pair.evidence) for pair in pairs]
    each = (time.perf_counter() - start) / len(pairs) * 1000
    ours = [_RANK[j.verdict] + j.coverage for j in judged]
    peer = [overlap(pair.statement, pair.evidence) for pair in pairs]
    print(f"\nQuoteSum: {len(pairs)} pairs, {each:.1f} ms each")
    print(f"{'evidence':22}{'pairs':>6}" + "".join(f"{name:>12}" for name in VERDICTS))
    kinds = list(dict.fromkeys(pair.kind for pair in pairs))
    for kind in kinds:
        got = [j.verdict for j, pair in zip(judged, pairs, strict=True) if pair.kind == kind]
        cells = "".join(f"{got.count(name) / len(got):12.3f}" for name in VERDICTS)
        print(f"{kind:22}{len(got):6}{cells}")
    found: dict[str, float] = {}
    for kind in kinds[1:]:
        chosen = [at for at, pair in enumerate(pairs) if pair.kind in (kinds[0], kind)]
        found |= _compare_with_peer(kind, chosen, pairs, ours, peer)
    return found


def _compare_with_peer(
    kind: str,
    chosen: Sequence[int],
    pairs: Sequence[Pair],
    ours: Sequence[float],
    peer: Sequence[float],
) -> dict[str, float]:
    labels = [pairs[at].kind == "its own passages" for at in chosen]
    area = roc_auc_score(labels, [ours[at] for at in chosen])
    peers_area = roc_auc_score(labels, [peer[at] for at in chosen])
    limit = 1.0 if "changed" not in kind else 2.0
    # Balanced, for there are more passages of other questions than of a sentence's own.
    accuracy = _balanced(labels, [ours[at] >= limit for at in chosen])
    best = max(_balanced(labels, [peer[at] >= step / 50 for at in chosen]) for step in range(51))
    verdict = "supported" if limit == 2.0 else "partly or better"
    print(
        f"own against {kind}: area {area:.3f} (overlap {peers_area:.3f}); balanced accuracy of "
        f'"{verdict}" {accuracy:.3f} (overlap at its best threshold {best:.3f})'
    )
    return {f"quotesum.{kind}.area": area, f"quotesum.{kind}.accuracy": accuracy}


def _balanced(labels: Sequence[bool], got: Sequence[bool]) -> float:
    right = [g for label, g in zip(labels, got, strict=True) if label]
    wrong = [not g for label, g in zip(labels, got, strict=True) if not label]
    return (_share(right) + _share(wrong)) / 2


def quotesum_pairs() -> Iterator[Pair]:
    """Each cited sentence with its own passages, others, and its own after one change."""
    rows = [json.loads(line) for line in QUOTESUM.read_text("utf-8").splitlines()][_READ_ROWS:]
    for at, row in enumerate(rows):
        passages, others = _passages(row), _passages(rows[(at + 7) % len(rows)])
        for sentence in _SENTENCE.findall(row["summary"]):
            numbers = {int(number) for number, _ in _QUOTE.findall(sentence)}
            own = tuple(text for number, text in passages.items() if number in numbers)
            said = _QUOTE.sub(r"\2", sentence)
            statement = " ".join(_ATTRIBUTION.sub("", _MARK.sub(" ", said).strip()).split())
            if not own or len(content_terms(statement)) < 4:
                continue
            yield Pair(statement, own, "its own passages")
            rest = tuple(text for number, text in passages.items() if number not in numbers)
            if rest:
                yield Pair(statement, rest, "other passages")
            yield Pair(statement, tuple(others.values()), "another question")
            for kind, changed in _changes(statement, others):
                yield Pair(changed, own, kind)


def _passages(row: Mapping[str, str]) -> dict[int, str]:
    return {
        number: f"{row[f'title{number}']}. {row[f'source{number}']}"
        for number in range(1, 9)
        if row[f"source{number}"]
    }


def _is_stop(word: str) -> bool:
    return word.casefold() in STOP


def _changes(statement: str, others: Mapping[int, str]) -> Iterator[tuple[str, str]]:
    """The sentence with one figure, name or negation changed."""
    counted = [f for f in figures(statement) if f.said[0].isdigit()]
    if counted:
        chars = counted[0].chars
        changed = str(int(re.sub(r"\D.*", "", counted[0].said)) + 7)
        rest = re.sub(r"^[\d.,]+", "", counted[0].said)
        yield "figure changed", statement[: chars.start] + changed + rest + statement[chars.end :]
    name, stranger = _NAME.search(statement), _NAME.search(" ".join(others.values()))
    if name and stranger and stranger.group() not in statement and not _is_stop(stranger.group()):
        yield "name changed", statement[: name.start()] + stranger.group() + statement[name.end() :]
    verb = _AUXILIARY.search(statement)
    if verb:
        yield "negation changed", f"{statement[: verb.end()]} not{statement[verb.end() :]}"


if __name__ == "__main__":
    sys.exit(main())
