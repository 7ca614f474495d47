"""The figures, dates, names and negations of a statement, each checked in the sentences that are
about the same thing.

Left out: the verdict that follows (`judge.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from answer.judge.align import SAME_THING, SURELY_SAME, Alignment
from answer.judge.amounts import are_of_other_fates, check_fates, check_shares, is_level
from answer.judge.compare import Relation, compare_date, compare_figure, count_alike
from answer.judge.figures import Date, Figure
from answer.judge.leads import check_leads
from answer.judge.lexicon import (
    OPPOSITE_STOPS,
    OPPOSITES,
    WEEKDAYS,
    concept,
    denied,
)
from answer.judge.names import after, check_beginning, check_name, names
from answer.judge.outcome import Check, FindingKind
from answer.judge.roles import are_of_others, check_roles, says
from answer.judge.sentences import Sentence, Word
from ingest.article import Span

_PRONOUNS = frozenset("it this that them these those him her".split())
_WHOLE = re.compile(r"\bof (?:the|its|their|all) $")
_OF_WHOLE = 16  # characters before a figure where "of the" may stand
_BESIDE = 2  # content words left of a figure that tell what it is a figure of

_RANK: dict[Relation, int] = {"apart": 0, "other": 1, "weaker": 2, "same": 3}
Number = Figure | Date


@dataclass(frozen=True, slots=True)
class _Reading:
    """A number of the evidence beside one of the statement."""

    affinity: int
    relation: Relation
    said: str
    sentence: Sentence


def check(alignment: Alignment) -> Iterator[Check]:
    """Every check of a statement; agreements of plain words are not reported."""
    for sentence in alignment.statement:
        for number in sentence.numbers:
            yield _check_number(alignment, sentence, number)
        for name in names(sentence):
            yield check_name(alignment, name)
        yield from check_beginning(alignment, sentence)
        for word in sentence.words:
            if id(word) in alignment.checked and (word.is_content or word.key in OPPOSITE_STOPS):
                yield from _check_word(alignment, sentence, word)
        yield from check_shares(alignment, sentence)
        yield from check_fates(alignment, sentence)
        yield from check_roles(alignment, sentence)
        yield from check_leads(alignment, sentence)


# Figures and dates


def _check_number(alignment: Alignment, sentence: Sentence, number: Number) -> Check:
    """A figure or date against those of the sentences about its clause, the likeliest first."""
    kind: FindingKind = "figure" if isinstance(number, Figure) else "date"
    own = tuple(sentence.between(number.chars.start, number.chars.end))
    beside = next((w for w in sentence.words if w.end > number.chars.start), sentence.words[-1])
    aligned = alignment.aligned(beside)
    seen = list(_readings(alignment, sentence, number, aligned))
    elsewhere = [
        r.affinity
        for r in _readings(alignment, sentence, number, alignment.closely)
        if r.relation == "same"
    ]
    if not seen:
        agrees = bool(elsewhere) or _is_an_indefinite_one(number, aligned)
        return Check(kind, number.said, "agrees" if agrees else "absent", None, own)
    best = max(seen, key=lambda r: (r.affinity, _RANK[r.relation], r.said))
    if best.relation == "same" or max(elsewhere, default=-1) >= (
        best.affinity if best.relation == "other" else 0
    ):
        return Check(kind, number.said, "agrees", None, own)
    if best.relation == "weaker":
        return Check(kind, number.said, "weaker", best.said, own)
    context = [w for w in alignment.clause(beside) if w.weight]
    share = alignment.share(context, best.sentence) if context else 1.0
    if share >= SAME_THING and (best.affinity or share >= SURELY_SAME):
        return Check(kind, number.said, "conflicts", best.said, own)
    return Check(kind, number.said, "absent", None, own)


def _readings(
    alignment: Alignment, statement: Sentence, number: Number, sentences: Sequence[Sentence]
) -> Iterator[_Reading]:
    """The numbers of those sentences that may be of the same thing."""
    for sentence in sentences:
        for found in sentence.numbers:
            relation = _relation(number, found)
            if relation == "same" and _says_less(statement, number, sentence, found):
                relation = "weaker"
            if relation != "apart" and not _are_of_two_things(statement, number, sentence, found):
                affinity = _affinity(alignment, statement, number, sentence, found)
                yield _Reading(affinity, relation, found.said, sentence)


def _relation(said: Number, found: Number) -> Relation:
    if isinstance(said, Date) and isinstance(found, Date):
        return compare_date(said, found)
    if not isinstance(said, Figure) or not isinstance(found, Figure):
        return "apart"
    relation = compare_figure(said, found)
    if relation != "apart" and count_alike(said, found) is False:
        return relation if relation == "same" and not said.unit else "apart"
    return relation


def _says_less(statement: Sentence, said: Number, sentence: Sentence, found: Number) -> bool:
    """Whether the number is only hedged there, or that of a whole: "two of the 40"."""
    if found.chars.start in sentence.hedged_numbers:
        return said.chars.start not in statement.hedged_numbers
    return _is_of_a_whole(sentence, found) and not _is_of_a_whole(statement, said)


def _is_of_a_whole(sentence: Sentence, number: Number) -> bool:
    before = sentence.text[max(0, number.chars.start - _OF_WHOLE) : number.chars.start]
    match = _WHOLE.search(before)
    if match is None or isinstance(number, Date):
        return False
    end = number.chars.start - len(before) + match.start()
    return any(other.chars.end in (end, end - 1) for other in sentence.numbers)


def _are_of_two_things(
    statement: Sentence, said: Number, sentence: Sentence, found: Number
) -> bool:
    """Whether the one is of the killed and the other of the wounded, or "to $5" and "by $5".

    The same number of others is left to `check_fates`, which says what they are.
    """
    levels = {is_level(statement, said), is_level(sentence, found)}
    if levels == {True, False}:
        return True
    same = isinstance(said, Figure) and isinstance(found, Figure) and said.value == found.value
    return not same and are_of_other_fates(statement, said, sentence, found)


def _is_an_indefinite_one(number: Number, aligned: Sequence[Sentence]) -> bool:
    """ "one soldier" is said by "a soldier"."""
    if not isinstance(number, Figure) or number.value != 1 or number.unit:
        return False
    key = concept(number.what)
    return any(key in sentence.keys for sentence in aligned)


def _affinity(
    alignment: Alignment, statement: Sentence, said: Number, sentence: Sentence, found: Number
) -> int:
    """How much points to two numbers being of one thing: noun, and the words beside them."""
    points = 0
    if isinstance(said, Figure) and isinstance(found, Figure) and count_alike(said, found):
        points += 2
    theirs = {word.key for word in _left(sentence, found.chars)}
    for at, word in enumerate(_left(statement, said.chars)):
        if alignment.same(word) & theirs:
            points += 1 if at else 2
    return points


def _left(sentence: Sentence, chars: Span) -> list[Word]:
    """The content words before a number, nearest first, as far as the number before it.

    The one after it, where none is before.
    """
    if chars.start not in sentence.lefts:
        sentence.lefts[chars.start] = _find_left(sentence, chars)
    return sentence.lefts[chars.start]


def _find_left(sentence: Sentence, chars: Span) -> list[Word]:
    ends = (n.chars.end for n in sentence.numbers if n.chars.end <= chars.start)
    since = max(ends, default=0)
    before = [w for w in sentence.between(since, chars.start) if w.weight]
    if not before:
        before = [w for w in sentence.between(chars.end, len(sentence.text)) if w.weight][:1]
    return before[::-1][:_BESIDE]


# Negations and opposites


def _check_word(alignment: Alignment, sentence: Sentence, word: Word) -> Iterator[Check]:
    """A word against its denial, or its opposite, in the sentences about the same thing."""
    context = alignment.context([word])
    aligned = [
        s
        for s in alignment.aligned(word)
        if not context
        or alignment.share(context, s) >= SAME_THING
        or _refers(alignment, word, context, s)
    ]
    said = _as_said(sentence, word)
    outcomes = [_compare_word(alignment, sentence, word, other) for other in aligned]
    conflict = next((found for found in outcomes if found and not found[0]), None)
    agreement = next((found for found in outcomes if found and found[0]), None)
    kind: FindingKind = "date" if word.key in WEEKDAYS else "name" if word.is_name else "negation"
    if agreement is not None:
        if word.cue is not None and word.negated:
            yield Check("negation", said, "agrees", None, (word,))
        elif agreement[1]:
            yield Check(kind, said, "agrees", None, (word,))
    elif conflict is not None:
        yield Check(kind, said, "conflicts", conflict[1], (word,))
    elif word.cue is not None and word.negated:
        yield Check("negation", said, "absent", None, (word,))


def _refers(alignment: Alignment, word: Word, context: Sequence[Word], sentence: Sentence) -> bool:
    """Whether a sentence about the same doer says the rest by a pronoun: "has not signed it"."""
    if not sentence.keys.keys() & _PRONOUNS:
        return False
    doer = [other for other in context if other.start < word.start]
    rest = [other for other in context if other.start > word.start]
    return (
        alignment.share(doer, sentence) >= SAME_THING
        and bool(rest)
        and all(alignment.is_somewhere(other) for other in rest)
    )


def _compare_word(
    alignment: Alignment, statement: Sentence, word: Word, sentence: Sentence
) -> tuple[bool, str] | None:
    """Whether a sentence agrees about a word, and how it says its opposite; None: says nothing."""
    found = [w for w in alignment.found(word, sentence) if w.key not in OPPOSITE_STOPS]
    if found:
        nearest = _nearest_alike(alignment, word, found, sentence)
        if any(w.negated == word.negated for w in nearest):
            return True, ""
        flipped = [
            w
            for w in nearest
            if (w.cue or word.cue) and not are_of_others(alignment, statement, word, sentence, w)
        ]
        return (False, _as_said(sentence, flipped[0])) if flipped else None
    if alignment.holds(word, sentence):
        return True, ""
    for other in _opposites(alignment, statement, word, sentence):
        return other.negated != word.negated, _as_said(sentence, other)
    return None


def _nearest_alike(
    alignment: Alignment, word: Word, found: Sequence[Word], sentence: Sentence
) -> list[Word]:
    """Of several places of a word, those whose surroundings share most with the statement's."""
    if len(found) == 1:
        return list(found)
    said = alignment.keys_of_clause(word)

    def shared(other: Word) -> int:
        at = sentence.place(other)
        window = sentence.words[max(0, at - 5) : at + 6]
        return len({w.key for w in window if w.clause == other.clause} & said)

    counts = [(shared(other), other) for other in found[:20]]
    most = max(count for count, _ in counts)
    return [other for count, other in counts if count >= most - 1]


def _opposites(
    alignment: Alignment, statement: Sentence, word: Word, sentence: Sentence
) -> Iterator[Word]:
    said = alignment.said  # a statement may speak of both: "lost, then won"
    for key in sorted(OPPOSITES.get(word.key, frozenset()) - said):
        for other in sentence.keys.get(key, ()):
            if word.key in OPPOSITE_STOPS:
                if _stand_alike(alignment, statement, word, sentence, other):
                    yield other
            elif not are_of_others(alignment, statement, word, sentence, other):
                yield other
    opposite = denied(word.folded)
    yield from sentence.keys.get(opposite, ()) if opposite else ()
    yield from sentence.denied.get(word.key, ())


def _stand_alike(
    alignment: Alignment, statement: Sentence, ours: Word, sentence: Sentence, theirs: Word
) -> bool:
    right, their_right = after(statement, ours), after(sentence, theirs)
    return bool(right and their_right and says(alignment, right, their_right))


def _as_said(sentence: Sentence, word: Word) -> str:
    """A word with the negation that governs it, as the sentence has them."""
    if word.cue is None or not word.negated or word.cue.start > word.start:
        return word.said
    return " ".join(sentence.text[word.cue.start : word.end].split())


# Hedges and tense


def hedged_only(alignment: Alignment) -> Iterable[Word]:
    """The words that the evidence says only under "may", "claimed that" and the like."""
    for word in alignment.words:
        if not word.weight or word.is_name or word.is_light or word.hedged:
            continue
        found = [w for s in alignment.aligned(word) for w in alignment.found(word, s)]
        if found and all(other.hedged for other in found):
            yield word


def denied_only(alignment: Alignment) -> Iterable[Word]:
    """The words that the evidence says only where something is denied, and the statement is not."""
    if any(word.negated for word in alignment.words):
        return
    for word in alignment.words:
        if not word.weight or word.is_name or word.is_light:
            continue
        found = [w for s in alignment.aligned(word) for w in alignment.found(word, s)]
        if found and all(other.negated for other in found):
            yield word


def future_only(alignment: Alignment) -> Iterable[Word]:
    """The words that the evidence says only of what is to come, and the statement of what is."""
    for word in alignment.words:
        if not word.weight or word.is_name or word.future or word.hedged:
            continue
        found = [w for s in alignment.aligned(word) for w in alignment.found(word, s)]
        if found and all(other.future for other in found):
            yield word
