"""How many without a figure ("all", "most", "nearly every"), and what happened to those counted.

"Most" says less than "all", and "some" less than "most": who says more than the evidence is
supported in part. The killed and the wounded are two counts, which say nothing of each other unless
they are the same number. "Rose to $5" and "rose by $5" are two things too.

Left out: quantity words of other languages; the arithmetic of shares ("most" and "60 %").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from answer.judge.align import SAME_THING, Alignment
from answer.judge.figures import Date, Figure
from answer.judge.lexicon import CHANGE_CONCEPTS, FATES, SHARES, stem
from answer.judge.outcome import Check
from answer.judge.sentences import Sentence, Word

_NEARLY = frozenset("nearly almost virtually practically not".split())
_A_FEW = frozenset("a the quite".split())
_SUPERLATIVE = frozenset("the its their his her at".split())  # "the most", "at most"
_HEADS = 2  # content words after a quantity word one of which it is a quantity of
_APART = frozenset("and or but while whereas".split())
_BOUNDS = frozenset("about nearly almost some around over under roughly at least most than".split())
_BACK = 5  # words before a figure among which a verb of change may be
Share = tuple[float, str, list[Word]]


def check_shares(alignment: Alignment, statement: Sentence) -> Iterator[Check]:
    """Each quantity word that says more than the evidence's of the same noun."""
    for amount, said, heads in _shares(statement):
        held = [
            (other, written)
            for sentence in alignment.aligned(heads[0])
            for other, written, nouns in _shares(sentence)
            if any(noun.key in alignment.same(head) for head in heads for noun in nouns)
        ]
        if not held or any(_is_enough(amount, other) for other, _ in held):
            continue
        most, written = max(held)
        yield Check("figure", said, "conflicts" if _exclude(amount, most) else "weaker", written)


def _is_enough(said: float, held: float) -> bool:
    return said <= held and not _exclude(said, held)


def _exclude(said: float, held: float) -> bool:
    """ "None", and "few" without "a", are said against what is more, and the other way round."""
    low, high = sorted((said, held))
    return low < 1.0 and high > 1.0


def _shares(sentence: Sentence) -> Iterator[Share]:
    """How much each quantity word says, how it stands there, and the nouns it may be of."""
    words = sentence.words
    for at, word in enumerate(words):
        amount = SHARES.get(word.folded)
        before = words[at - 1] if at else None
        if amount is None or _is_no_share(sentence, word, before):
            continue
        first = word
        if before is not None and before.folded in _NEARLY and amount > 0.0:
            amount, first = amount - 0.5, before
        elif word.folded == "few" and (before is None or before.folded not in _A_FEW):
            amount = 0.5
        heads = _heads(words, at)
        if heads:
            yield amount, sentence.text[first.start : word.end], heads


def _is_no_share(sentence: Sentence, word: Word, before: Word | None) -> bool:
    """ "The most", "some 30 men", and quantity words that are part of a figure ("half of")."""
    if before is not None and word.folded == "most" and before.folded in _SUPERLATIVE:
        return True
    reach = word.end + 2
    return any(n.chars.start <= reach and word.start < n.chars.end for n in sentence.numbers)


def _heads(words: Sequence[Word], at: int) -> list[Word]:
    heads: list[Word] = []
    for word in words[at + 1 : at + 7]:
        if word.clause != words[at].clause or word.folded in _APART or word.folded in SHARES:
            break
        if word.weight:
            heads.append(word)
        elif heads:
            break
        if len(heads) == _HEADS:
            break
    return heads


# What happened to those counted


def check_fates(alignment: Alignment, statement: Sentence) -> Iterator[Check]:
    """The same count of others: 36 killed are not 36 wounded."""
    for figure in statement.figures:
        mine = fate(statement, figure)
        if mine is None or figure.unit:
            continue
        context = [w for w in alignment.clause(mine) if w.weight and w is not mine]
        others = [
            theirs
            for sentence in alignment.aligned(mine)
            if not context or alignment.share(context, sentence) >= SAME_THING
            for found in sentence.figures
            if found.value == figure.value and (theirs := fate(sentence, found)) is not None
        ]
        if others and all(_fate(other) != _fate(mine) for other in others):
            yield Check("negation", mine.said, "conflicts", others[0].said, (mine,))


def are_of_other_fates(
    statement: Sentence, said: Figure | Date, sentence: Sentence, found: Figure | Date
) -> bool:
    """Whether one figure counts, say, the killed and the other the wounded."""
    if isinstance(said, Date) or isinstance(found, Date) or said.unit or found.unit:
        return False
    mine, theirs = fate(statement, said), fate(sentence, found)
    return mine is not None and theirs is not None and _fate(mine) != _fate(theirs)


def _fate(word: Word) -> str | None:
    return FATES.get(stem(word.folded))


def fate(sentence: Sentence, figure: Figure) -> Word | None:
    """The word that says what happened to those whom a figure counts: the nearest on either side.

    No other figure, conjunction or clause's end may stand between; of two as near that say two
    things, neither.
    """
    if figure.chars.start not in sentence.fates:
        sentence.fates[figure.chars.start] = _find_fate(sentence, figure)
    return sentence.fates[figure.chars.start]


def _find_fate(sentence: Sentence, figure: Figure) -> Word | None:
    before = [w for w in sentence.words if w.end <= figure.chars.start][::-1]
    after = [w for w in sentence.words if w.start >= figure.chars.end]
    own = sentence.between(figure.chars.start, figure.chars.end) or before[:1]
    sides = [_first_fate(sentence, side, own[0].clause) for side in (before, after) if own]
    found = sorted((distance, word.start, word) for distance, word in filter(None, sides))
    if len(found) == 2 and found[0][0] == found[1][0] and len({_fate(f[2]) for f in found}) == 2:
        return None
    return found[0][2] if found else None


def _first_fate(sentence: Sentence, words: Sequence[Word], clause: int) -> tuple[int, Word] | None:
    starts = {number.chars.start for number in sentence.numbers if isinstance(number, Figure)}
    for distance, word in enumerate(words[:8]):
        if word.folded in _APART or word.clause != clause or word.start in starts:
            return None
        if _fate(word) is not None:
            return distance, word
    return None


# To or by


def is_level(sentence: Sentence, number: Figure | Date) -> bool | None:
    """Whether a figure is where a change led ("rose to $5"), or its size ("rose by $5", "rose $5").

    None where no verb of change stands before it.
    """
    if number.chars.start not in sentence.levels:
        sentence.levels[number.chars.start] = _find_level(sentence, number)
    return sentence.levels[number.chars.start]


def _find_level(sentence: Sentence, number: Figure | Date) -> bool | None:
    before = [w for w in sentence.words if w.end <= number.chars.start][-_BACK:]
    words = [w for w in before if w.folded not in _BOUNDS]
    if isinstance(number, Date) or number.end is not None:
        return None
    if not any(w.key in CHANGE_CONCEPTS for w in words):
        return None
    link = words[-1]
    if link.folded in ("to", "by"):
        return link.folded == "to"
    return False if link.key in CHANGE_CONCEPTS else None
