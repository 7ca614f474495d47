"""Does this evidence support this sentence? Deterministic, offline, and checked figure by figure.

The words of the sentence are looked for in the evidence (stems, forms and a few synonyms), and
every figure, date, proper name and negation one by one in the sentences of the evidence that are
about the same thing. `docs/judge.md` says what the verdicts mean, how often they are right
(`bench/judge.py`), and what this cannot do.

Left out: a model of language. Nothing here knows what the words mean beyond `lexicon.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from answer.judge.align import Alignment, Evidence
from answer.judge.details import check, denied_only, future_only, hedged_only
from answer.judge.lexicon import REPORTING, STOP_WORDS, is_past
from answer.judge.outcome import Check
from answer.judge.outcome import FindingKind as FindingKind
from answer.judge.sentences import Sentence, even, read

Support = Literal["supported", "partly", "unsupported"]
_Stands = Literal["free", "told", "changed"]

LONGEST_STATEMENT = 2_000  # characters that are judged; a longer one is never more than partly
SUPPORTED = 0.85  # coverage; chosen with the development cases only (bench/judge.py)
PARTLY = 0.6  # at 0.5 two more absent statements of the fresh cases came out as partly
_WHOLE_CLAUSE = 2.0  # weight of a clause that, held whole by one sentence, is a good part
_OF_NUMBER = {"agrees": 1.0, "weaker": 0.5, "absent": 0.0, "conflicts": 0.0}
_PLACES = 20  # places of the very words that are looked at
_ENDS = ("", ".", "!", "?", ";", "。", "！", "？", "؟", "।")
_MARKS = " \"'()"
# Before a stretch they say less, or more, than it: "nearly | every soldier", "at least | 30 men".
_QUALIFIERS = (
    "nearly almost about around roughly approximately over under some least most than up to "
    "hardly barely virtually practically"
).split()
_LAST_WORDS = re.compile(r"[^\W\d_]+")
_GOVERNING = 5  # words, with "that" itself, among which the one that governs it stands
# Before a sentence they tell when and where: "In recent years the dam leaked".
_OPENING = frozenset("in on at after before during over for within from by since until".split())
_CONTEXT = 300  # characters around them that may take them back


@dataclass(frozen=True, slots=True)
class Finding:
    """One figure, date, proper name or negation of a sentence, checked against the evidence.

    `said` is how the sentence has it; `instead` what the evidence has in its place, where it has
    something else there.
    """

    kind: FindingKind
    said: str
    agrees: bool
    instead: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """How well evidence supports a sentence; `contradicted` where it says something else instead.

    `coverage` in [0, 1] is the share of what the sentence says that the evidence has.
    """

    verdict: Support
    coverage: float
    findings: tuple[Finding, ...]
    contradicted: bool


def judge(statement: str, evidence: Sequence[str]) -> Judgement:
    """How well all of the evidence together supports the statement.

    >>> judge("Nineteen died.", ["The blast killed 19 people, and 19 died."]).verdict
    'supported'
    >>> judge("91 died in the blast.", ["19 died in the blast."]).findings[0].instead
    '19'

    The order of the evidence does not matter. A statement that stands in it word for word, in any
    case and typography, is supported, unless it is a part of a sentence that denies or hedges it.
    """
    sentences = read(even(statement[:LONGEST_STATEMENT])[:LONGEST_STATEMENT])
    if not sentences or not any(evidence):
        return Judgement("unsupported", 0.0, (), False)
    stands = [place for text in evidence for place in _verbatim(text, statement)]
    if "free" in stands:
        return Judgement("supported", 1.0, (), False)
    whole = len(statement) <= LONGEST_STATEMENT and "told" not in stands
    return _judge(sentences, evidence, is_whole=whole)


def _judge(sentences: Sequence[Sentence], evidence: Sequence[str], *, is_whole: bool) -> Judgement:
    if not any(word.weight for s in sentences for word in s.words):
        for word in (word for s in sentences for word in s.words):
            word.is_content = True
    _set_numbers_apart(sentences)
    alignment = Alignment(sentences, Evidence(evidence))
    checks = list(dict.fromkeys(check(alignment)))
    coverage = _coverage(alignment, checks)
    contradicted = any(c.outcome == "conflicts" for c in checks)
    findings = tuple(
        dict.fromkeys(Finding(c.kind, c.said, c.outcome == "agrees", c.instead) for c in checks)
    )
    verdict = _verdict(alignment, checks, coverage)
    if not is_whole and verdict == "supported":
        verdict = "partly"
    return Judgement(verdict, coverage, findings, contradicted)


def _set_numbers_apart(sentences: Sequence[Sentence]) -> None:
    """Words of figures and dates are no content: the two are compared by value."""
    for sentence in sentences:
        for number in sentence.numbers:
            for word in sentence.between(number.chars.start, number.chars.end):
                word.is_number = True


def _verdict(alignment: Alignment, checks: Sequence[Check], coverage: float) -> Support:
    outcomes = {check.outcome for check in checks}
    if "conflicts" in outcomes:
        return "unsupported"
    weaker = bool(outcomes & {"weaker", "absent"})
    weaker = weaker or any(
        any(words(alignment)) for words in (hedged_only, denied_only, future_only)
    )
    if coverage >= SUPPORTED and not weaker:
        return "supported"
    part = coverage >= PARTLY and _has_part_of_clause(alignment, PARTLY)
    part = part or _has_part_of_clause(alignment, 1.0) or _has_whole_sentence(alignment)
    return "partly" if part or coverage >= SUPPORTED else "unsupported"


def _has_whole_sentence(alignment: Alignment) -> bool:
    """Whether the statement says all that one sentence of the evidence says, and more."""
    said = {key for word in alignment.words if word.weight for key in alignment.same(word)}
    for sentence in alignment.closely:
        words = [word for word in sentence.words if word.weight]
        whole = sum(word.weight for word in words) >= _WHOLE_CLAUSE
        if whole and all(word.key in said for word in words):
            return True
    return False


def _has_part_of_clause(alignment: Alignment, part: float) -> bool:
    """Whether one sentence of the evidence holds that share of a clause of the statement."""
    return any(
        sum(word.weight for word in clause) >= _WHOLE_CLAUSE
        and any(alignment.share(clause, s) >= part for s in alignment.aligned(clause[0]))
        for clause in alignment.clauses
    )


def _coverage(alignment: Alignment, checks: Sequence[Check]) -> float:
    """The share of the statement's words, by weight, that the evidence has or agrees to."""
    agreed = {id(w) for c in checks if c.outcome == "agrees" for w in c.words}
    refused = {id(w) for c in checks if c.outcome in ("absent", "conflicts") for w in c.words}
    numbers = [c.outcome for c in checks if c.kind in ("figure", "date")]
    total = float(len(numbers))
    held = sum(_OF_NUMBER[outcome] for outcome in numbers)
    for word in alignment.words:
        weight = word.weight
        total += weight
        says = bool(alignment.same(word)) or id(word) in agreed
        held += weight if says and id(word) not in refused else 0.0
    return round(held / total, 4) if total else 0.0


def _verbatim(text: str, statement: str) -> Iterator[_Stands]:
    """How the statement's words stand in the text, at each place that has them."""
    wanted = _plain(statement).strip(" \"'.!?,;:")
    within = _plain(text) if wanted else ""
    for at in _places(within, wanted) if wanted else ():
        yield _stands(within, at, at + len(wanted))


def _plain(text: str) -> str:
    return " ".join(even(text).casefold().replace("—", "-").split())


def _places(text: str, wanted: str) -> Iterator[int]:
    at = text.find(wanted)
    for _ in range(_PLACES):
        if at < 0:
            return
        yield at
        at = text.find(wanted, at + 1)


def _stands(text: str, start: int, end: int) -> _Stands:
    """ "free": a whole sentence, or in one that neither denies nor hedges it. "told": as what
    somebody or something says, under a word that is not known to tell facts. Otherwise "changed".
    """
    before, after = " " + text[max(0, start - _CONTEXT) : start], text[end : end + _CONTEXT]
    if before[-1:].isalnum() or after[:1].isalnum():
        return "changed"
    if any(before.endswith(f" {word} ") for word in _QUALIFIERS):
        return "changed"
    if before.rstrip(_MARKS)[-1:] in _ENDS and after.lstrip(_MARKS)[:1] in _ENDS:
        return "free"
    stop = max(before.rfind(mark) for mark in (". ", "! ", "? ", "; "))
    before = before[stop + 1 :]
    if _is_told(before):
        return "told"
    alone = _stances(text[start : min(end, start + LONGEST_STATEMENT)])
    whole = _stances(before + text[start : min(end, start + LONGEST_STATEMENT)] + after)
    first = len(_stances(before))
    return "free" if whole[first : first + len(alone)] == alone else "changed"


def _is_told(before: str) -> bool:
    """Whether what stands before leads to a report: "evidence that", "whether", "posts state"."""
    words = _LAST_WORDS.findall(before)
    if len(words) < 2 or not before.rstrip(_MARKS)[-1:].isalpha():
        return bool(words) and words[-1] in ("whether", "if")
    if words[-1] == "that":
        return REPORTING.isdisjoint(words[-_GOVERNING:])
    if words[-1] in REPORTING or words[0] in _OPENING:
        return False
    verb = words[-1].endswith("s") or is_past(words[-1])
    return words[-1] in ("whether", "if") or (verb and words[-1] not in STOP_WORDS)


def _stances(text: str) -> list[tuple[bool, bool, bool]]:
    return [(w.negated, w.hedged, w.future) for sentence in read(text) for w in sentence.words]
