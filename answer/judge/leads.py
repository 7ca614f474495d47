"""The small words that lead to others: "from China" and "to China", "for" and "against", "born in
Lagos and died in Accra", "President Lopez".

Left out: parsing. A preposition leads to the next content word, and hangs on the one before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from answer.judge.align import Alignment
from answer.judge.lexicon import TITLES, concept
from answer.judge.outcome import Check, FindingKind
from answer.judge.sentences import Lead, Sentence, Word

_OPPOSED = {
    one: frozenset(others.split())
    for one, others in {
        "to": "from", "into": "from", "onto": "from", "from": "to into onto", "for": "against",
        "against": "for", "with": "without", "without": "with",
    }.items()
}  # fmt: skip
_PLAIN = frozenset(("in", "at", "on"))
_BETWEEN = frozenset("the a an its their his her this that these those".split())
_POLITE = frozenset("mr mrs ms dr sir lord lady st saint".split())
_RANKS = frozenset(concept(title) for title in TITLES - _POLITE) | {"premier"}
_REACH = 3  # content words after a preposition that it may lead to


def check_leads(alignment: Alignment, statement: Sentence) -> Iterator[Check]:
    """Each word that the evidence has behind the opposite preposition, or behind another's word."""
    for own in _leads(statement):
        left, link, right = own
        theirs = [
            lead
            for sentence in alignment.aligned(right)
            for lead in _leads(sentence)
            if lead[0].key in alignment.same(left)
        ]
        if any(lead[1] == link and lead[2].key in alignment.same(right) for lead in theirs):
            continue
        if link in _OPPOSED:
            yield from _turned(alignment, own, theirs)
        elif right.is_name:
            yield from _exchanged(alignment, statement, own, theirs)
    yield from _check_followers(alignment, statement)
    yield from _check_ranks(alignment, statement)


def _leads(sentence: Sentence) -> tuple[Lead, ...]:
    if sentence.leads is None:
        sentence.leads = tuple(_find_leads(sentence))
    return sentence.leads


def _find_leads(sentence: Sentence) -> Iterator[Lead]:
    """Each preposition with the content word before it, and those that it leads to."""
    last: Word | None = None
    left: Word | None = None
    link, count = "", 0
    for word in sentence.words:
        if last is not None and word.clause != last.clause:
            last, link = None, ""
        if word.folded in _OPPOSED or word.folded in _PLAIN:
            left, link, count = last, word.folded, 0
        elif word.weight:
            if link and left is not None and count < _REACH:
                yield left, link, word
            last, count = word, count + 1
        elif word.folded not in _BETWEEN:
            link = ""


def _turned(alignment: Alignment, own: Lead, theirs: Sequence[Lead]) -> Iterator[Check]:
    """ "Voted for the bill" beside "voted against the bill"."""
    left, link, right = own
    for other, towards, what in theirs:
        opposed = towards in _OPPOSED[link] and what.key in alignment.same(right)
        if opposed and other.negated == left.negated:
            said, instead = f"{link} {right.said}", f"{towards} {what.said}"
            kind: FindingKind = "name" if right.is_name else "negation"
            yield Check(kind, said, "conflicts", instead, (right,))
            return


def _exchanged(
    alignment: Alignment, statement: Sentence, own: Lead, theirs: Sequence[Lead]
) -> Iterator[Check]:
    """ "Born in Lagos and died in Accra" beside "born in Accra and died in Lagos"."""
    left, link, right = own
    for other, its_link, name in _leads(statement):
        if its_link != link or other.key == left.key or not name.is_name:
            continue
        here = any(lead[1] == link and lead[2].key in alignment.same(name) for lead in theirs)
        there = here and any(
            lead[0].key in alignment.same(other) and lead[2].key in alignment.same(right)
            for sentence in alignment.aligned(right)
            for lead in _leads(sentence)
            if lead[1] == link
        )
        if there:
            yield Check("name", right.said, "conflicts", name.said, (right,))
            return


def _check_followers(alignment: Alignment, statement: Sentence) -> Iterator[Check]:
    """ "Sales in Germany rose, in France fell" beside "in France rose, in Germany fell"."""
    ours = _followers(statement)[:_REACH]
    if len(ours) < 2:
        return
    theirs = {
        (name.key, word.key)
        for sentence in alignment.aligned(ours[0][0])
        for name, word in _followers(sentence)
    }
    for (name, word), (other, what) in pairwise(ours):
        kept = (name.key, word.key) in theirs or (other.key, what.key) in theirs
        turned = (name.key, what.key) in theirs and (other.key, word.key) in theirs
        if turned and not kept:
            yield Check("name", name.said, "conflicts", other.said, (name, other))


def _followers(sentence: Sentence) -> list[tuple[Word, Word]]:
    """The names, each with the word right after it that is none."""
    return [
        (word, after)
        for word, after in pairwise(sentence.words)
        if word.is_name and after.weight and not after.is_name and after.clause == word.clause
    ]


def _check_ranks(alignment: Alignment, statement: Sentence) -> Iterator[Check]:
    """ "President Lopez" where the evidence has only "Prime Minister Lopez"."""
    for rank, name in _ranks(statement):
        held = {
            other.key: other
            for sentence in alignment.aligned(name)
            for other, its in _ranks(sentence)
            if its.key in alignment.same(name)
        }
        if held and rank.key not in held:
            instead = min(other.said for other in held.values())
            yield Check("name", rank.said, "absent", instead, (rank,))


def _ranks(sentence: Sentence) -> Iterator[tuple[Word, Word]]:
    for rank, name in pairwise(sentence.words):
        if rank.key in _RANKS and rank.said[0].isupper() and name.said[0].isupper():
            yield rank, name
