"""The figures, dates, names and negations of a statement, each checked in the sentences that are
about the same thing.

Left out: the verdict that follows (`judge.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from answer.judge.align import Alignment
from answer.judge.compare import Relation, compare_date, compare_figure, count_alike
from answer.judge.figures import Date, Figure
from answer.judge.lexicon import (
    OPPOSITE_STOPS,
    OPPOSITES,
    SYMMETRIC_CONCEPTS,
    TITLES,
    concept,
    denied,
)
from answer.judge.reading import Sentence, Word
from ingest.article import Span

Outcome = Literal["agrees", "weaker", "absent", "conflicts"]
Kind = Literal["figure", "date", "name", "negation"]

_PRONOUNS = frozenset("it this that them these those him her".split())
SAME_THING = 0.5  # share of a clause that a sentence must hold for the two to be about one thing
_SURELY_SAME = 0.75  # the same, where nothing beside the two numbers links them
_BESIDE = 2  # content words left of a figure that tell what it is a figure of

_WEEKDAYS = frozenset(
    map(concept, "monday tuesday wednesday thursday friday saturday sunday".split())
)
_PASSIVE = frozenset("was were been be is are being got".split())
_RANK: dict[Relation, int] = {"apart": 0, "other": 1, "weaker": 2, "same": 3}
Number = Figure | Date


@dataclass(frozen=True, slots=True)
class Check:
    """What became of one thing that a statement says. `words` are those it is made of."""

    kind: Kind
    said: str
    outcome: Outcome
    instead: str | None = None
    words: tuple[Word, ...] = ()


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
        for name in _names(sentence):
            yield _check_name(alignment, name)
        yield from _check_beginning(alignment, sentence)
        for word in sentence.words:
            if word.is_content or word.key in OPPOSITE_STOPS:
                yield from _check_word(alignment, sentence, word)
        yield from _check_roles(alignment, sentence)


# Figures and dates


def _check_number(alignment: Alignment, sentence: Sentence, number: Number) -> Check:
    """A figure or date against those of the sentences about its clause, the likeliest first."""
    kind: Kind = "figure" if isinstance(number, Figure) else "date"
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
    if share >= SAME_THING and (best.affinity or share >= _SURELY_SAME):
        return Check(kind, number.said, "conflicts", best.said, own)
    return Check(kind, number.said, "absent", None, own)


def _readings(
    alignment: Alignment, statement: Sentence, number: Number, sentences: Sequence[Sentence]
) -> Iterator[_Reading]:
    """The numbers of those sentences that may be of the same thing."""
    for sentence in sentences:
        for found in sentence.numbers:
            relation = _relation(number, found)
            if relation != "apart":
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
    ends = (n.chars.end for n in sentence.numbers if n.chars.end <= chars.start)
    since = max(ends, default=0)
    before = [w for w in sentence.between(since, chars.start) if w.weight]
    if not before:
        before = [w for w in sentence.between(chars.end, len(sentence.text)) if w.weight][:1]
    return before[::-1][:_BESIDE]


# Names


def _names(sentence: Sentence) -> Iterator[tuple[Word, ...]]:
    """The proper names of a sentence: runs of names that only a space parts."""
    numbers = [number.chars for number in sentence.numbers]
    run: list[Word] = []
    for word in sentence.words:
        is_number = any(s.start < word.end and word.start < s.end for s in numbers)
        is_name = (
            not is_number
            and word.key not in _WEEKDAYS
            and (word.is_name or any(c.isdigit() for c in word.said))
        )
        joined = run and sentence.text[run[-1].end : word.start] in (" ", "-", "'s ", ". ")
        if run and not (is_name and joined):
            yield tuple(run)
            run = []
        if is_name:
            run.append(word)
    if run:
        yield tuple(run)


def _check_name(alignment: Alignment, name: tuple[Word, ...]) -> Check:
    said = " ".join(word.said for word in name)
    initials = "=" + "".join(word.said[0].casefold() for word in name)
    if len(name) > 1 and initials in alignment.evidence.written:
        return Check("name", said, "agrees", None, name)
    named = [w for w in name if w.folded not in TITLES]
    missing = [w for w in named if not alignment.is_named(w)]
    if not missing:
        together = alignment.stand_together(named)
        return Check("name", said, "agrees" if together else "absent", None, name)
    instead = _other_name(alignment, missing)
    return Check("name", said, "conflicts" if instead else "absent", instead, tuple(missing))


def _check_beginning(alignment: Alignment, sentence: Sentence) -> Iterator[Check]:
    """The first word has a capital anyway: it is a name if one stands in its place."""
    word = sentence.words[0]
    is_known = word.is_name or not word.weight or alignment.same(word)
    if is_known or not word.said[0].isupper() or word.said.endswith("s"):
        return
    context = alignment.context([word])
    if len(context) >= 2:
        instead = _other_name(alignment, [word], _SURELY_SAME)
        if instead:
            yield Check("name", word.said, "conflicts", instead, (word,))


def _other_name(
    alignment: Alignment, missing: Sequence[Word], about: float = SAME_THING
) -> str | None:
    """The name that stands in the place of a missing one, in a sentence about the same thing."""
    first, last = missing[0], missing[-1]
    context = alignment.context(missing)
    said = {key for w in alignment.words for key in alignment.same(w)}
    for sentence in alignment.aligned(first):
        if alignment.share(context, sentence) < about:
            continue
        for other in _unsaid_names(sentence, said):
            if _in_one_role(alignment, (first, last), sentence, (other[0], other[-1])):
                return " ".join(word.said for word in other)
    return None


def _unsaid_names(sentence: Sentence, said: set[str]) -> Iterator[list[Word]]:
    """The names of a sentence that the statement does not say; its first word may be one."""
    run: list[Word] = []
    for word in sentence.words:
        capital = word.said[0].isupper() or word.said[0].isdigit()
        is_name = (word.is_name or (word.begins and capital and word.is_content)) and (
            word.key not in said and word.folded not in TITLES
        )
        if run and not is_name:
            yield run
            run = []
        if is_name:
            run.append(word)
    if run:
        yield run


def _in_one_role(
    alignment: Alignment, ours: tuple[Word, Word], sentence: Sentence, theirs: tuple[Word, Word]
) -> bool:
    """Whether both stand after the same word and preposition, or before the same word."""
    statement = next(s for s in alignment.statement if ours[0] in s.words)
    left, their_left = _before(statement, ours[0]), _before(sentence, theirs[0])
    if (
        left
        and their_left
        and left[0] == their_left[0]
        and _says(alignment, left[1], their_left[1])
    ):
        return True
    right, their_right = _after(statement, ours[1]), _after(sentence, theirs[1])
    if right is None or their_right is None or not _says(alignment, right, their_right):
        return False
    return (left is None) == (their_left is None) or bool(
        left and their_left and _says(alignment, left[1], their_left[1])
    )


def _says(alignment: Alignment, ours: Word, theirs: Word) -> bool:
    return theirs.key in alignment.same(ours)


def _before(sentence: Sentence, word: Word) -> tuple[str, Word] | None:
    """The content word before a word, and the preposition (or "") between the two."""
    at = sentence.words.index(word)
    link = ""
    for other in reversed(sentence.words[:at]):
        if other.weight:
            return link, other
        if other.folded not in ("the", "a", "an") and not link:
            link = other.folded
    return None


def _after(sentence: Sentence, word: Word) -> Word | None:
    at = sentence.words.index(word)
    return next((other for other in sentence.words[at + 1 :] if other.weight), None)


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
    kind: Kind = "date" if word.key in _WEEKDAYS else "name" if word.is_name else "negation"
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
        flipped = [w for w in nearest if w.cue or word.cue]
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
    said = {key for w in alignment.clause(word) if w.weight for key in alignment.same(w)}
    places = {id(w): at for at, w in enumerate(sentence.words)}

    def shared(other: Word) -> int:
        at = places[id(other)]
        window = sentence.words[max(0, at - 5) : at + 6]
        return len({w.key for w in window if w.clause == other.clause} & said)

    found = found[:20]
    most = max(map(shared, found))
    return [other for other in found if shared(other) >= most - 1]


def _opposites(
    alignment: Alignment, statement: Sentence, word: Word, sentence: Sentence
) -> Iterator[Word]:
    said = {w.key for w in alignment.words}  # a statement may speak of both: "lost, then won"
    for key in sorted(OPPOSITES.get(word.key, frozenset()) - said):
        for other in sentence.keys.get(key, ()):
            if word.key not in OPPOSITE_STOPS or _stand_alike(
                alignment, statement, word, sentence, other
            ):
                yield other
    for other in sentence.words:
        if denied(other.folded) == word.key or denied(word.folded) == other.key:
            yield other


def _stand_alike(
    alignment: Alignment, statement: Sentence, ours: Word, sentence: Sentence, theirs: Word
) -> bool:
    right, their_right = _after(statement, ours), _after(sentence, theirs)
    return bool(right and their_right and _says(alignment, right, their_right))


def _as_said(sentence: Sentence, word: Word) -> str:
    """A word with the negation that governs it, as the sentence has them."""
    if word.cue is None or not word.negated or word.cue.start > word.start:
        return word.said
    return " ".join(sentence.text[word.cue.start : word.end].split())


# Roles


def _check_roles(alignment: Alignment, statement: Sentence) -> Iterator[Check]:
    """Who did it to whom: the words on both sides of a shared word must not have changed places."""
    for verb in statement.words:
        if not verb.weight or verb.is_name or verb.key in SYMMETRIC_CONCEPTS:
            continue
        ours = _sides(statement, verb)
        if ours is None:
            continue
        swapped, kept = False, False
        for sentence in alignment.aligned(verb):
            for other in alignment.found(verb, sentence)[:10]:
                theirs = _sides(sentence, other)
                if theirs is None:
                    continue
                kept = (
                    kept
                    or _says(alignment, ours[0], theirs[0])
                    or _says(alignment, ours[1], theirs[1])
                )
                swapped = swapped or (
                    _says(alignment, ours[0], theirs[1]) and _says(alignment, ours[1], theirs[0])
                )
        if swapped and not kept:
            words = (ours[0], ours[1])
            yield Check("name", ours[0].said, "conflicts", ours[1].said, words)


def _sides(sentence: Sentence, verb: Word) -> tuple[Word, Word] | None:
    """Who does it and to whom: the content words before and after, turned where it is passive."""
    words = sentence.words
    at = words.index(verb)
    near = words[max(0, at - 4) : at], words[at + 1 : at + 6]
    left, right = ([w for w in side if w.weight and w.clause == verb.clause] for side in near)
    if not left or not right or any(w.folded in ("and", "or") for side in near for w in side):
        return None
    helped = {w.folded.removesuffix("n't") for w in words[max(0, at - 3) : at]} & _PASSIVE
    by = next((i for i, w in enumerate(words[at + 1 : at + 4], at + 1) if w.folded == "by"), None)
    if by is not None and words[by].end <= right[0].start:
        return right[0], left[-1]
    return None if helped else (left[-1], right[0])


def hedged_only(alignment: Alignment) -> Iterable[Word]:
    """The words that the evidence says only under "may", "claimed that" and the like."""
    for word in alignment.words:
        if not word.weight or word.is_name or word.is_light or word.hedged:
            continue
        found = [w for s in alignment.aligned(word) for w in alignment.found(word, s)]
        if found and all(other.hedged for other in found):
            yield word
