"""Which sentences of the evidence are about what a statement says, and which of their words say it.

Left out: meaning. Sentences are compared by the words that they share.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise

from answer.judge.lexicon import are_akin, are_one_name
from answer.judge.sentences import Sentence, Word, even, read

LONGEST_EVIDENCE = 100_000  # characters in all that are read
SAME_THING = 0.5  # share of a clause that a sentence must hold for the two to be about one thing
SURELY_SAME = 0.75  # the same, where nothing beside a number or name links the two
_READ_CLOSELY = 40  # sentences, those that share most; figures and dates of others are not read
_AS_GOOD = 0.75  # how much of the best sentence's score another must have to be heard beside it
_PLACES = 50  # places of a word that are looked at
_NEAR = 40  # characters between two words of one name
_REPEATS = 8  # times that one word is checked
_LONGEST_CLAUSE = 60  # words of a clause; what goes on for longer is cut
_OTHER_CLAUSE = 0.5  # what a word of another clause counts for finding the sentence of this one

_CLAUSE_WORDS = frozenset(
    "and but while although because which who when after before whereas though".split()
)


class Evidence:
    """The sentences of all evidence, and where each word is; the order of evidence is no matter."""

    def __init__(self, evidence: Iterable[str]) -> None:
        self.sentences: list[Sentence] = []
        left = LONGEST_EVIDENCE
        seen: dict[str, Sentence] = {}  # what is said twice counts once
        for text in sorted(set(evidence)):
            part = even(text[:left])[:left]
            for sentence in read(part):
                seen.setdefault(sentence.text, sentence)
            left -= len(part)
        self.sentences.extend(seen.values())
        self.places: dict[str, list[int]] = {}
        self.written = {key for sentence in self.sentences for key in sentence.keys}
        self._by_beginning: dict[str, set[str]] = {}
        for number, sentence in enumerate(self.sentences):
            for key in (*sentence.keys, *sentence.acronyms):
                self.places.setdefault(key, []).append(number)
        for key in self.places:
            self._by_beginning.setdefault(key[:3], set()).add(key)

    def same(self, word: Word) -> frozenset[str]:
        """The keys of the evidence's words that say what a word says."""
        near = self._by_beginning.get(word.key[:3], ())
        alike = are_one_name if word.is_name else are_akin
        akin = {key for key in near if key[0] != "=" and alike(word.key, key)}
        if word.key in self.places:
            akin.add(word.key)
        return frozenset(akin)


class Alignment:
    """A statement's words beside the evidence's sentences."""

    def __init__(self, statement: Sequence[Sentence], evidence: Evidence) -> None:
        self.evidence = evidence
        self.statement = statement
        self.words = [word for sentence in statement for word in sentence.words]
        self._same: dict[tuple[str, bool], frozenset[str]] = {}
        self._clauses = dict(_clauses(statement))
        self._aligned: dict[int, list[Sentence]] = {}
        self._keys: dict[int, frozenset[str]] = {}

    def same(self, word: Word) -> frozenset[str]:
        name = (word.key, word.is_name)
        if name not in self._same:
            self._same[name] = self.evidence.same(word)
        return self._same[name]

    def found(self, word: Word, sentence: Sentence) -> list[Word]:
        """The words of a sentence that say what a word says."""
        keys = sentence.keys
        return [other for key in self.same(word) for other in keys.get(key, ())]

    def holds(self, word: Word, sentence: Sentence) -> bool:
        keys = sentence.keys
        return any(key in keys or key in sentence.acronyms for key in self.same(word))

    def is_somewhere(self, word: Word) -> bool:
        """Whether any sentence of the evidence says what a word says."""
        return any(self.evidence.places.get(key) for key in self.same(word))

    def is_named(self, word: Word) -> bool:
        """Whether a word of a name is found as one: with a capital, where its sentence has any."""
        places = {p for key in self.same(word) for p in self.evidence.places.get(key, ())}
        for place in sorted(places)[:_PLACES]:
            sentence = self.evidence.sentences[place]
            found = self.found(word, sentence)
            if not found or any(not w.said[0].islower() for w in found) or sentence.is_lower:
                return True
        return False

    def stand_together(self, name: Sequence[Word]) -> bool:
        """Whether the words of a name, each found, are near the one before in some sentence."""
        return all(self._are_near(one, other) for one, other in pairwise(name))

    def _are_near(self, one: Word, other: Word) -> bool:
        places = [
            {p for key in self.same(word) for p in self.evidence.places.get(key, ())}
            for word in (one, other)
        ]
        for place in sorted(places[0] & places[1])[:_PLACES]:
            sentence = self.evidence.sentences[place]
            ours, theirs = self.found(one, sentence), self.found(other, sentence)
            if not ours or not theirs:
                return True
            starts = sorted(word.start for word in theirs[:_PLACES])
            if any(abs(w.start - at) <= _NEAR for w in ours[:_PLACES] for at in starts):
                return True
        return False

    def clause(self, word: Word) -> list[Word]:
        """The words of the statement that stand in one clause with a word."""
        return self._by_clause[self._clauses[id(word)]]

    def keys_of_clause(self, word: Word) -> frozenset[str]:
        """What the evidence calls the words of a word's clause."""
        number = self._clauses[id(word)]
        if number not in self._keys:
            said = (self.same(w) for w in self.clause(word) if w.weight)
            self._keys[number] = frozenset(key for keys in said for key in keys)
        return self._keys[number]

    @cached_property
    def said(self) -> frozenset[str]:
        """What the statement's words are compared by."""
        return frozenset(word.key for word in self.words)

    @cached_property
    def checked(self) -> frozenset[int]:
        """The ids of the words that are checked: of one that is said often, the first few."""
        counts: Counter[tuple[str, bool, bool]] = Counter()
        found: set[int] = set()
        for word in self.words:
            name = (word.key, word.negated, word.cue is None)
            counts[name] += 1
            if counts[name] <= _REPEATS:
                found.add(id(word))
        return frozenset(found)

    def context(self, words: Sequence[Word]) -> list[Word]:
        """The other words of their clause that say something; of all, where there are none."""
        rest = [w for w in self.clause(words[0]) if w.weight and w not in words]
        return rest or [w for w in self.words if w.weight and w not in words]

    @cached_property
    def _by_clause(self) -> dict[int, list[Word]]:
        grouped: dict[int, list[Word]] = {}
        for word in self.words:
            grouped.setdefault(self._clauses[id(word)], []).append(word)
        return grouped

    @cached_property
    def clauses(self) -> list[list[Word]]:
        return list(self._by_clause.values())

    def aligned(self, word: Word) -> list[Sentence]:
        """The sentences that are about a word's clause, the best first."""
        number = self._clauses[id(word)]
        if number not in self._aligned:
            self._aligned[number] = self._best(number)
        return self._aligned[number]

    def _best(self, number: int) -> list[Sentence]:
        scores: dict[int, float] = {}
        for key, name, weight in self._weights(number):
            places = {
                place
                for found in self._same.get((key, name), ())
                for place in self.evidence.places.get(found, ())
            }
            for place in places:
                scores[place] = scores.get(place, 0.0) + weight
        if not scores:
            return []
        best = max(scores.values())
        sentences = self.evidence.sentences
        ranked = sorted(scores, key=lambda place: (-scores[place], sentences[place].text))
        return [sentences[p] for p in ranked[:_READ_CLOSELY] if scores[p] >= _AS_GOOD * best]

    def _weights(self, number: int) -> list[tuple[str, bool, float]]:
        weights: dict[tuple[str, bool], float] = {}
        for word in self.words:
            own = 1.0 if self._clauses[id(word)] == number else _OTHER_CLAUSE
            name = (word.key, word.is_name)
            self.same(word)
            weights[name] = max(weights.get(name, 0.0), own * word.weight)
        return [(*name, weight) for name, weight in weights.items() if weight]

    @cached_property
    def closely(self) -> list[Sentence]:
        """The sentences that share most with any clause: those whose figures may be read."""
        found: dict[int, Sentence] = {}
        for clause in self.clauses:
            for sentence in self.aligned(clause[0]):
                found[id(sentence)] = sentence
        shared: dict[int, float] = {}
        for name in {(w.key, w.is_name): w for w in self.words if w.weight}.values():
            places = {p for key in self.same(name) for p in self.evidence.places[key]}
            for place in places:
                shared[place] = shared.get(place, 0.0) + name.weight
        sentences = self.evidence.sentences
        ranked = sorted(shared, key=lambda place: (-shared[place], sentences[place].text))
        for place in ranked[:_READ_CLOSELY]:
            found.setdefault(id(sentences[place]), sentences[place])
        return list(found.values())

    def share(self, words: Iterable[Word], sentence: Sentence) -> float:
        """The share of those words, by weight, that a sentence holds; 0 where there are none."""
        every = [word for word in words if word.weight]
        total = sum(word.weight for word in every)
        held = sum(word.weight for word in every if self.holds(word, sentence))
        return held / total if total else 0.0


def _clauses(statement: Sequence[Sentence]) -> Iterable[tuple[int, int]]:
    """Each word's clause: they end at punctuation and at conjunctions, if long enough to be one."""
    number = 0
    for sentence in statement:
        number += 1
        last, weight, count = None, 0.0, 0
        for word in sentence.words:
            ends = word.clause != last or word.folded in _CLAUSE_WORDS
            if (ends and weight >= 2.0) or count >= _LONGEST_CLAUSE:
                number, weight, count = number + 1, 0.0, 0
            last, weight, count = word.clause, weight + word.weight, count + 1
            yield id(word), number
