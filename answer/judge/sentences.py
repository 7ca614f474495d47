"""Text → sentences of words, each with what the judge must know of it: is it a name, is it denied,
is it hedged, is it still to come?

Negation and hedging are found by scope: a cue ("not", "failed to", "may", "claimed that") governs
the words after it, to the end of its clause, or of its sentence where it governs a whole report.
Two negations in one scope undo each other.

Left out: parsing. Scope ends at punctuation and at a few conjunctions, so nested clauses without
either are read too far.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import pairwise

from answer.judge.figures import Date, Figure, dates, figures
from answer.judge.lexicon import (
    ACTIVE_HEDGES,
    BEING,
    CLAIMS,
    DENIALS,
    DENYING_PREDICATES,
    DUE,
    FUTURES,
    HEDGES,
    HEDGING_PAIRS,
    LIGHT_CONCEPTS,
    NEARLY,
    NEGATING_VERBS,
    NEGATIONS,
    NO_GROUNDS,
    NOBODY,
    NOT_NEGATING,
    PASSIVE_HEDGES,
    PHRASES,
    PREVENTING,
    SHARES,
    STOP_CONCEPTS,
    STOP_WORDS,
    alias,
    concept,
    denied,
    is_past,
    stem,
)
from index.words import terms

_LONGEST_SENTENCE = 150  # words; what goes on for longer is no sentence, and is cut

_MOST_NUMBERS = 40  # figures of a sentence that are compared, and dates
_LONGEST_SCOPE = 40  # words that one cue governs
_SMALL = frozenset("barely hardly scarcely".split())  # "barely 100" denies nothing
_PREVENTED = 6  # words before "from" among which "prevent" may stand

_TOKEN = re.compile(
    r"(?:[^\W\d_]\.){2,}|[^\W\d_]{1,4}-\d+(?![\d.,]*\d)|\d+(?:[.,:]\d+)*+[^\W\d_]*+"
    r"|[^\W_]+(?:'[^\W\d_]+)*+"
)
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_SENTENCE_END = re.compile(r"[.!?…]+[\"')\]]*(?:\s|$)|[。！？।؟۔]|\n\s*\n|;")
_CLAUSE_END = re.compile(r"[,:()\[\]—|]|\s-\s|--")
_ABBREVIATIONS = frozenset(
    "mr mrs ms dr st gen col sgt lt capt prof sen rep gov no vs jan feb mar apr jun jul aug sep "
    "sept oct nov dec inc ltd co corp approx ca art fig vol".split()
)
_SCOPE_END = frozenset(
    "but although though while because since when whereas however and who which whom whose after "
    "before as unless until".split()
)
_REPORTED = frozenset(
    stem(word) for word in ("deny", "false", "untrue")
)  # these govern a whole "that" clause
_TYPOGRAPHY = str.maketrans("’‘ʼ‛`´“”„‟«»‐‑‒–—―−", "''''''" + '"' * 6 + "----——-")


@dataclass(slots=True, eq=False)
class Word:
    """One word of a sentence. `key` is what it is compared by; spans are in the sentence's text."""

    said: str
    key: str
    start: int
    end: int
    clause: int = 0
    is_name: bool = False
    begins: bool = False
    is_content: bool = True
    is_light: bool = False
    is_number: bool = False  # part of a figure or date, which are compared by value
    negated: bool = False
    cue: Word | None = None  # the negation whose first content word this is
    hedged: bool = False
    future: bool = False
    is_cue: bool = False

    @property
    def folded(self) -> str:
        return self.said.casefold()

    @property
    def weight(self) -> float:
        """How much of what a sentence says this word is."""
        if not self.is_content or self.is_number:
            return 0.0
        return 0.4 if self.is_light else 1.0


Lead = tuple[Word, str, Word]  # a word, a preposition, and the word that it leads to


@dataclass(eq=False)
class Sentence:
    """A sentence and its words; figures and dates are read when they are asked for."""

    text: str
    words: tuple[Word, ...]
    acronyms: frozenset[str] = field(default_factory=frozenset)
    leads: tuple[Lead, ...] | None = None  # what `leads.py` found
    # What `details.py` and `amounts.py` found for the number that begins there.
    lefts: dict[int, list[Word]] = field(default_factory=dict)
    fates: dict[int, Word | None] = field(default_factory=dict)
    levels: dict[int, bool | None] = field(default_factory=dict)

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        return figures(self.text)

    @cached_property
    def dates(self) -> tuple[Date, ...]:
        return dates(self.text)

    @cached_property
    def numbers(self) -> tuple[Figure | Date, ...]:
        """Figures and dates, the first `_MOST_NUMBERS` of each."""
        return (*self.figures[:_MOST_NUMBERS], *self.dates[:_MOST_NUMBERS])

    @cached_property
    def hedged_numbers(self) -> frozenset[int]:
        """Where the figures and dates begin that "may", "if" and the like govern."""
        return frozenset(
            number.chars.start
            for number in self.numbers
            if any(word.hedged for word in self.between(number.chars.start, number.chars.end))
        )

    @cached_property
    def keys(self) -> dict[str, list[Word]]:
        """Its words by what they are compared by."""
        found: dict[str, list[Word]] = {}
        for word in self.words:
            found.setdefault(word.key, []).append(word)
        return found

    @cached_property
    def denied(self) -> dict[str, list[Word]]:
        """Its words that deny another, by that: "impossible" by what "possible" is compared by."""
        found: dict[str, list[Word]] = {}
        for word in self.words:
            key = denied(word.folded)
            if key is not None:
                found.setdefault(key, []).append(word)
        return found

    @cached_property
    def _places(self) -> dict[int, int]:
        return {id(word): at for at, word in enumerate(self.words)}

    def place(self, word: Word) -> int:
        """Where among its words one stands."""
        return self._places[id(word)]

    @cached_property
    def is_lower(self) -> bool:
        """Whether it has no capital at all, so that names have none either."""
        return self.text == self.text.lower()

    @cached_property
    def _starts(self) -> list[int]:
        return [word.start for word in self.words]

    def between(self, start: int, end: int) -> list[Word]:
        """The words that lie within that stretch of the text."""
        first = bisect_left(self._starts, start)
        last = bisect_left(self._starts, end, first)
        return [word for word in self.words[first:last] if word.end <= end]


def even(text: str) -> str:
    r"""The text with compatibility forms unified, quotes and dashes plain, soft hyphens dropped.

    >>> even("“It – the dam – isn’t”")
    '"It - the dam - isn\'t"'
    """
    return unicodedata.normalize("NFKC", text.replace("\u00ad", "")).translate(_TYPOGRAPHY)


def read(text: str) -> tuple[Sentence, ...]:
    """The sentences of a text, with their words.

    >>> [(w.said, w.negated) for w in read("They did not sign it.")[0].words if w.is_content]
    [('sign', True)]
    """
    return tuple(_sentence(part) for part in _parts(even(text)) if part)


def _parts(text: str) -> Iterator[str]:
    """The text cut where sentences end, or have gone on for too long."""
    start = at = count = 0
    token: str = ""
    for match in _TOKEN.finditer(text):
        gap = text[at : match.start()]
        count += 1
        if token and (count > _LONGEST_SENTENCE or _ends(token, gap, match.group())):
            yield text[start : match.start()].strip()
            start, count = match.start() - _opening(gap), 0
        token, at = match.group(), match.end()
    if token:
        yield text[start:].strip()


def _opening(gap: str) -> int:
    """How many characters of a gap open the next sentence: its quotation mark or sign."""
    tail = gap[len(gap.rstrip("\"'([$€£¥₴₽₹#+-")) :]
    return len(tail) if len(tail) < len(gap) else 0


def _ends(token: str, gap: str, following: str) -> bool:
    end = _SENTENCE_END.search(gap[:200])
    if end is None:
        return False
    if end.group()[0] == "." and gap.startswith("."):
        short = token.casefold() in _ABBREVIATIONS or (len(token) == 1 and token.isalpha())
        return not short
    return not (token.endswith(".") and "." in token[:-1] and not end.group().strip("."))


def _sentence(text: str) -> Sentence:
    words = list(_words(text))
    _mark_names(words, text)
    acronyms = _acronyms(words)
    _mark_negations(words)
    _mark_hedges(words)
    _mark_future(words)
    return Sentence(text, tuple(words), acronyms)


def _words(text: str) -> Iterator[Word]:
    """The words in order; phrases of the lexicon are joined to one."""
    found: list[Word] = []
    clause = at = 0
    for match in _TOKEN.finditer(text):
        gap = text[at : match.start()]
        if found and _CLAUSE_END.search(gap[:200]):
            clause += 1
        if _UNSPACED.search(match.group()):
            found.extend(_pairs(match, clause))
        else:
            found.append(_word(match.group(), match.start(), clause))
        at = match.end()
    return _joined(found)


def _pairs(match: re.Match[str], clause: int) -> Iterator[Word]:
    for pair in dict.fromkeys(terms(match.group())):
        yield Word(pair, pair, match.start(), match.end(), clause)


def _word(said: str, start: int, clause: int) -> Word:
    key, is_content, is_light, is_cue = _known(said)
    return Word(
        said, key, start, start + len(said), clause,
        is_content=is_content, is_light=is_light, is_cue=is_cue,
    )  # fmt: skip


@lru_cache(maxsize=50_000)
def _known(said: str) -> tuple[str, bool, bool, bool]:
    """What is true of a word wherever it stands: key, is it content, is it light, is it a cue."""
    folded = said.casefold()
    is_cue = folded in NEGATIONS or folded.endswith("n't") or folded in HEDGES
    if said.isupper() and len(said) > 1 and (said.endswith(".") or folded in STOP_WORDS):
        return "=" + alias(said), True, False, False
    if len(said) > 1 and said.isupper() and said.isascii() and len(said) < 6:
        own = concept(said)
        known = folded in PHRASES.values() or own != stem(said)
        return own if known else "=" + folded, True, False, False
    key = concept(alias(said)) or folded
    is_content = key not in STOP_CONCEPTS and folded not in STOP_WORDS and not is_cue
    return key, is_content, key in LIGHT_CONCEPTS or folded in CLAIMS, is_cue


def _joined(words: Sequence[Word]) -> Iterator[Word]:
    at = 0
    while at < len(words):
        for length in (3, 2):
            key = tuple(_base(word) for word in words[at : at + length])
            if len(key) == length and key in PHRASES:
                first, last = words[at], words[at + length - 1]
                one = _word(PHRASES[key], first.start, first.clause)
                said = " ".join(word.said for word in words[at : at + length])
                yield Word(said, one.key, first.start, last.end, first.clause,
                           is_content=one.is_content, is_cue=one.is_cue)  # fmt: skip
                at += length
                break
        else:
            yield words[at]
            at += 1


def _base(word: Word) -> str:
    folded = word.folded
    return folded if folded in ("up", "down", "off", "out", "one", "no") else _phrase_stem(folded)


_PHRASE_WORDS = {concept(word): word for phrase in PHRASES for word in phrase}


def _phrase_stem(folded: str) -> str:
    return _PHRASE_WORDS.get(concept(folded), folded)


def _mark_names(words: list[Word], text: str) -> None:
    """Capitalised words that begin nothing; none in a text of capitals alone."""
    if _is_headline(words):
        return
    for at, word in enumerate(words):
        before = text[words[at - 1].end : word.start] if at else ""
        word.begins = at == 0 or ('"' in before or ":" in before)
        has_digit = any(c.isdigit() for c in word.said)
        capital = word.said[0].isupper() and (word.is_content or word.key[0] == "=")
        designates = has_digit and not word.said[0].isdigit()
        word.is_name = (capital and not word.begins) or word.key[0] == "=" or designates
    for word, following in pairwise(words):
        begins_name = word.begins and word.said[0].isupper() and word.is_content
        begins_name = begins_name and word.folded not in SHARES
        if begins_name and following.is_name and following.start - word.end == 1:
            word.is_name = True


def _is_headline(words: Sequence[Word]) -> bool:
    """Whether everything is capitalised, so that a capital says nothing."""
    return not any(word.said[0].islower() and len(word.said) > 3 for word in words)


def _acronyms(words: Sequence[Word]) -> frozenset[str]:
    """What the runs of capitalised words may be short for: "United Nations" gives "=un"."""
    found: set[str] = set()
    run = ""
    for word in [*words, None]:
        if word is not None and word.said[0].isupper() and (run or word.is_content):
            run += word.said[0].casefold()
        elif word is None or word.folded not in ("of", "the", "and", "for"):
            found |= {"=" + run[:end] for end in range(2, min(len(run), 6) + 1)}
            run = ""
    return frozenset(found)


def _mark_negations(words: Sequence[Word]) -> None:
    for at, word in enumerate(words):
        if not _is_negation(words, at):
            continue
        word.is_cue, word.is_content = True, False
        if word.folded == "no" and at + 1 < len(words) and words[at + 1].folded == "longer":
            words[at + 1].is_content = False
        whole = stem(word.folded) in _REPORTED
        head: Word | None = None
        for other in _scope(words, at, whole=whole):
            other.negated = not other.negated
            is_head = other.is_content and not _is_negating_verb(other)
            if is_head and (head is None or (head.is_light and not other.is_light)):
                head = other
        if head is not None:
            head.cue = head.cue or word


def _is_negation(words: Sequence[Word], at: int) -> bool:
    word = words[at]
    folded = word.folded
    following = [other.folded for other in words[at + 1 : at + 3]] + ["", ""]
    if folded in NEGATIONS or word.key == NOBODY or folded.endswith("n't"):
        if folded == "no" and (following[0][:1].isdigit() or following[:2] == ["longer", "than"]):
            return False
        if folded in _SMALL and figures(following[0]):
            return False
        return following[0] not in NOT_NEGATING
    if folded in NEARLY:
        return is_past(following[0])
    if folded == "from":
        return (
            following[0].endswith("ing")
            and words[at + 1].said.islower()
            and any(
                other.folded in PREVENTING or stem(other.folded) in PREVENTING
                for other in words[max(0, at - _PREVENTED) : at]
            )
        )
    wanted = NEGATING_VERBS.get(stem(folded))
    return wanted is not None and _follow(wanted, following)


def _follow(wanted: str, following: Sequence[str]) -> bool:
    """Whether the words that a negating verb wants stand after it; "-ing" is any such form."""
    return all(
        word.endswith("ing") if want == "-ing" else word == want
        for want, word in zip(wanted.split(), following, strict=False)
    )


def _is_negating_verb(word: Word) -> bool:
    return stem(word.folded) in NEGATING_VERBS


def _scope(words: Sequence[Word], at: int, *, whole: bool) -> Iterator[Word]:
    """The words that the cue at that place governs."""
    for other in words[at + 1 : at + 1 + _LONGEST_SCOPE]:
        if other.folded == "but" or (not whole and other.clause != words[at].clause):
            return
        if not whole and other.folded in _SCOPE_END and other.start - words[at].end > 1:
            return
        yield other


def _mark_hedges(words: Sequence[Word]) -> None:
    if any(_denies_all(words, at) for at in range(len(words))):
        for word in words:
            word.hedged = True
        return
    for at, word in enumerate(words):
        is_claim = word.folded in CLAIMS or _hedges_before_another(words, at)
        is_hedge = word.folded in HEDGES and not (word.said[0].isupper() and at)
        if not is_claim and not is_hedge:
            continue
        word.is_cue = True
        governed = words if _is_of_all(words, at) else _scope(words, at, whole=is_claim)
        for other in governed:
            other.hedged = True


def _denies_all(words: Sequence[Word], at: int) -> bool:
    """Whether a word tells that what its sentence says is not so: "no evidence", "is a lie"."""
    word = words[at]
    before = [other.folded for other in words[max(0, at - 3) : at]]
    if word.folded in DENIALS:
        return NEGATIONS.isdisjoint(before)
    if word.folded in DENYING_PREDICATES:
        return not BEING.isdisjoint(before) and NEGATIONS.isdisjoint(before)
    if word.folded in NO_GROUNDS:
        return not {"no", "without", "little", "any"}.isdisjoint(before[-2:])
    unreal = word.folded == "had" and (not at or words[at - 1].clause != word.clause)
    return unreal and any(other.folded in ("would", "could") for other in words[at + 1 :])


def _hedges_before_another(words: Sequence[Word], at: int) -> bool:
    """ "is said to", "plan to": what hedges only beside certain words."""
    following = words[at + 1].folded if at + 1 < len(words) else ""
    if (words[at].folded, following) not in HEDGING_PAIRS:
        return False
    if words[at].folded not in PASSIVE_HEDGES:
        helped = any(word.folded in BEING for word in words[max(0, at - 2) : at])
        return not (words[at].folded in ACTIVE_HEDGES and helped)
    return any(word.folded in BEING for word in words[max(0, at - 2) : at])


def _is_of_all(words: Sequence[Word], at: int) -> bool:
    """Whether a hedge stands apart from its sentence, so that it is of all of it."""
    word = words[at]
    if word.folded in ("if", "unless", "whether"):
        return True
    sourced = words[max(0, at - 5) : at]
    if any(w.folded == "according" and w.clause == word.clause for w in sourced):
        return True
    if not word.clause:
        return False
    near = words[max(0, at - 2) : at + 3]
    trails = not any(w.is_content for w in words[at + 1 :])
    return trails or sum(w.clause == word.clause for w in near) <= 2


def _mark_future(words: Sequence[Word]) -> None:
    """What is said to come: the verb after "will", "is to", "is due to" and the like."""
    for at, word in enumerate(words):
        if word.folded in FUTURES or word.folded.endswith("'ll") or _is_to_come(words, at):
            verb = next((w for w in words[at + 1 : at + 6] if _may_be_verb(w)), None)
            if verb is not None and verb.clause == word.clause:
                verb.future = True


def _is_to_come(words: Sequence[Word], at: int) -> bool:
    """Whether "is" and at most three words more end in "to" here, with "due" or nothing between."""
    if words[at].folded != "to" or not at:
        return False
    before = [word.folded for word in words[max(0, at - 3) : at]]
    return before[-1] in BEING or (before[-1] in DUE and bool(BEING.intersection(before)))


def _may_be_verb(word: Word) -> bool:
    return (word.is_content or word.is_light) and not word.folded.endswith("ly")
