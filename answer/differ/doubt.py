"""Words beside a figure that may make it a figure of something else than what is asked.

"12 % of young people" is no other figure for "5 % of people", "the toll at the bridge will cost $3"
is no price of the bridge, and what sank "in the war" did not sink "in the storm". Each is a reason
for silence, so they say too much rather than too little.

Left out: what a sentence means; these are words and their order.
"""

from __future__ import annotations

import re
from itertools import takewhile

from answer.judge.figures import Figure
from index.words import STOP, terms

CLAUSE_END = re.compile(r"[,;:—–]| and | but | while ", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
_PART = re.compile(r"(\w+) (?:of|at|on|for|under|over|beside) (?=(\w+(?: \w+){0,2}))")
_OCCASION = re.compile(r"\b(?:[Ii]n|[Dd]uring|[Aa]fter|[Bb]efore) the ([^\W\d_A-Z]\w*)")
_ACTS = frozenset("did does do has have had will by for".split())
_NARROWER = frozenset("aged under over from with without older younger".split())
_QUALIFIES_NOTHING = STOP | frozenset("other others more another additional".split())
_MOST_BETWEEN = 60  # characters between a figure and its noun, as `judge/figures.py` reads
_MONEY = {
    "cost": "cost price expens costli",
    "pay": "pay paid",
    "spend": "spend spent",
    "sell": "sell sold",
    "buy": "buy bought",
    "earn": "earn",
    "charge": "charg",
    "worth": "worth",
    "salary": "salari wage",
}
_PAID = {stem: verb for verb, stems in _MONEY.items() for stem in stems.split()}


def subject(question: str) -> frozenset[str]:
    """The stems of the name that did what is asked for: Ann Lee, in "did Ann Lee get"."""
    words = question.split()
    for at, word in enumerate(words[:-1]):
        if word.lower() in _ACTS and words[at + 1][0].isupper():
            return frozenset(terms(" ".join(takewhile(lambda w: w[0].isupper(), words[at + 1 :]))))
    return frozenset()


def clause(sentence: str, figure: Figure) -> str:
    """What stands around a figure up to the next comma, "and", "but" or "while"."""
    before = CLAUSE_END.split(sentence[: figure.chars.start])[-1]
    after = CLAUSE_END.split(sentence[figure.chars.end :], maxsplit=1)[0]
    return f"{before}{figure.said}{after}"


def is_of_another(clause: str, name: frozenset[str], said: frozenset[str]) -> bool:
    """Whether a clause does not name whom the question names, or also someone that it does not.

    `said` are the stems of the question.
    """
    if not name:
        return False
    words = (word for word in _WORD.findall(clause) if word.lower() not in STOP)
    capitals = " ".join(word for word in words if word[0].isupper())
    return not name <= frozenset(terms(clause)) or not frozenset(terms(capitals)) <= said


def is_of_a_part(clause: str, names: frozenset[str], said: frozenset[str]) -> bool:
    """Whether a clause speaks of something at or of what the question names: the toll at Kallo.

    >>> said = frozenset({"how", "much", "the", "bridg", "at", "kallo", "cost"})
    >>> is_of_a_part("The toll at the Kallo bridge will cost $3", frozenset({"kallo"}), said)
    True
    >>> is_of_a_part("The bridge at Kallo cost $40 million", frozenset({"kallo"}), said)
    False
    """
    return any(
        not names.isdisjoint(terms(whole)) and not (said | _PAID.keys()).issuperset(terms(thing))
        for thing, whole in _PART.findall(clause)
    )


def is_paid_otherwise(clause: str, said: frozenset[str]) -> bool:
    """Whether a clause with a sum says nothing of the costing, paying or selling asked about."""
    wanted = {_PAID[stem] for stem in said & _PAID.keys()}
    return wanted.isdisjoint(_PAID.get(stem) for stem in terms(clause))


def qualifiers(sentence: str, figure: Figure, said: frozenset[str]) -> frozenset[str]:
    """The stems that narrow what a figure counts, but for those of the question.

    Of "9 young Ukrainian soldiers aged 18" they are those of young, Ukrainian and aged.
    """
    found: set[str] = set()
    words = _WORD.findall(sentence[figure.chars.end : figure.chars.end + 2 * _MOST_BETWEEN])
    for at, word in enumerate(words if figure.what else ()):
        if figure.what in terms(word):
            found.update(narrow for narrow in words[at + 1 : at + 2] if narrow in _NARROWER)
            return frozenset(found)
        if word.lower() not in _QUALIFIES_NOTHING:
            found.update(stem for stem in terms(word) if stem not in said)
    return frozenset()


def occasions(sentence: str) -> frozenset[str]:
    """The stems of what a sentence places something in: "in the storm", "during the war".

    >>> sorted(occasions("In the war 14 ships sank near Kallo, none in the storm of the Saarn."))
    ['storm', 'war']
    """
    return frozenset(terms(" ".join(_OCCASION.findall(sentence))))
