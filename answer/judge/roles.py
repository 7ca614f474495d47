"""Who did it to whom, and from where to where: the places around a verb, filled alike?

Every word that statement and evidence share is taken for a verb, with the names around it by their
place: before it, after it, and after each preposition ("sold drones *to* Ukraine", "fired *from*
Russia *into* Ukraine", "met Putin *after* Zelensky …"). Where the evidence has another name of the
statement in the same place, and the statement's nowhere there, the two have changed places.

Left out: parsing. Places end with their clause, names that a relative clause parts from their verb
are not seen, and of words that are no names only the nearest on both sides are compared.
"""

from __future__ import annotations

from collections.abc import Iterator

from answer.judge.align import Alignment
from answer.judge.lexicon import MUTUAL_CONCEPTS, SYMMETRIC_CONCEPTS, TITLES
from answer.judge.outcome import Check, Outcome
from answer.judge.sentences import Sentence, Word

_PASSIVE = frozenset("was were been be is are being got".split())
_PREPOSITIONS = frozenset(
    "to from into onto at against by for over toward towards through via after before near "
    "behind under than".split()
)
_CLAUSES = frozenset(("after", "before"))  # that lead to a verb and to both its names
# Before a name they make it no doer: "the road to Kyiv was closed".
_NO_DOER = _PREPOSITIONS - _CLAUSES | frozenset("in on of with".split())
_ENDS = frozenset("but while although because which who whom whose when where that as if".split())
_LINKS = frozenset(("and", "or"))
_ARTICLES = frozenset("the a an its their his her".split())
_BEFORE, _FAR = 10, 14  # words before and after a verb that are looked at
_MOST_PLACES = 10  # places of a verb in one sentence that are looked at
_DOER, _OTHER = "<", ">"  # before the verb, and right after it


def check_roles(alignment: Alignment, statement: Sentence) -> Iterator[Check]:
    """Each pair of words that changed places around a word that both sides have."""
    for verb in statement.words:
        known = verb.is_name or verb.key in SYMMETRIC_CONCEPTS
        if verb.weight and not known and id(verb) in alignment.checked:
            yield from _check_sides(alignment, statement, verb)
    yield from _check_slots(alignment, statement)


def _places(alignment: Alignment, verb: Word) -> Iterator[tuple[Sentence, Word]]:
    for sentence in alignment.aligned(verb):
        for other in alignment.found(verb, sentence)[:_MOST_PLACES]:
            yield sentence, other


def _check_sides(alignment: Alignment, statement: Sentence, verb: Word) -> Iterator[Check]:
    """The nearest content words, names or not: both must have changed places."""
    ours = _sides(statement, verb)
    if ours is None:
        return
    swapped = kept = False
    for sentence, other in _places(alignment, verb):
        theirs = _sides(sentence, other)
        if theirs is None:
            continue
        kept = kept or any(says(alignment, *pair) for pair in zip(ours, theirs, strict=True))
        swapped = swapped or (
            says(alignment, ours[0], theirs[1]) and says(alignment, ours[1], theirs[0])
        )
    if swapped and not kept:
        yield Check("name", ours[0].said, "conflicts", ours[1].said, ours)


def says(alignment: Alignment, ours: Word, theirs: Word) -> bool:
    """Whether a word of the evidence says what one of the statement says."""
    return theirs.key in alignment.same(ours)


def _sides(sentence: Sentence, verb: Word) -> tuple[Word, Word] | None:
    """Who does it and to whom: the content words before and after, turned where it is passive."""
    words = sentence.words
    at = sentence.place(verb)
    near = words[max(0, at - 4) : at], words[at + 1 : at + 6]
    left, right = ([w for w in side if w.weight and w.clause == verb.clause] for side in near)
    if not left or not right or any(w.folded in _LINKS for side in near for w in side):
        return None
    by = next((i for i, w in enumerate(words[at + 1 : at + 4], at + 1) if w.folded == "by"), None)
    if by is not None and words[by].end <= right[0].start:
        return right[0], left[-1]
    return None if _is_passive(sentence, at) else (left[-1], right[0])


def _is_passive(sentence: Sentence, at: int) -> bool:
    helping = (w.folded.removesuffix("n't") for w in sentence.words[max(0, at - 3) : at])
    return not _PASSIVE.isdisjoint(helping)


# Names by their place


def _check_slots(alignment: Alignment, statement: Sentence) -> Iterator[Check]:
    """Names in each other's place. One is enough after a preposition; before a verb and right
    after it, where much may stand that is no doer, both must have changed places.
    """
    taken = [
        other
        for verb in statement.words
        if verb.weight and not verb.is_name and id(verb) in alignment.checked
        for other in _taken(alignment, statement, verb)
    ]
    for slot, mine, name, alike in taken:
        exchanged = any(
            other is not mine and _hold(other, name) and any(_hold([w], its) for w in mine)
            for _, other, its, _ in taken
        )
        if exchanged or slot in _PREPOSITIONS:
            # "A does not owe B" says nothing against "B owes A".
            outcome: Outcome = "conflicts" if alike else "absent"
            yield Check("name", mine[0].said, outcome, name.said if alike else None, tuple(mine))


def _taken(
    alignment: Alignment, statement: Sentence, verb: Word
) -> Iterator[tuple[str, list[Word], Word, bool]]:
    """The places around a verb that the evidence gives to another name of the statement alone.

    With each, whether evidence says the verb as the statement does, and does not deny it.
    """
    names = [word for word in statement.words if _is_nameish(word)]
    ours = _slots(statement, verb) if len(names) > 1 else {}
    if not ours:
        return
    places = list(_places(alignment, verb))
    found = [_slots(sentence, other) for sentence, other in places]
    alike = any(other.negated == verb.negated for _, other in places)
    for slot, mine in ours.items():
        held = _flat([theirs[slot] for theirs in found if theirs.get(slot)])
        if not any(says(alignment, w, other) for w in mine for other in held):
            for name in names:
                if not _hold(mine, name) and any(says(alignment, name, other) for other in held):
                    yield slot, mine, name, alike
                    break


def _hold(words: list[Word], name: Word) -> bool:
    return any(word.key == name.key for word in words)


def _flat(held: list[list[Word]]) -> list[Word]:
    return [word for words in held for word in words]


def _is_nameish(word: Word) -> bool:
    """A name, or what may be one, since it opens its sentence."""
    capital = word.begins and word.said[0].isupper() and word.is_content
    return (word.is_name or capital) and word.folded not in TITLES and not word.is_number


def are_of_others(
    alignment: Alignment, statement: Sentence, ours: Word, sentence: Sentence, theirs: Word
) -> bool:
    """Whether two verbs have each a name for its doer, or for its object, and not the same one."""
    mine, other = _slots(statement, ours), _slots(sentence, theirs)
    return any(
        mine.get(slot)
        and other.get(slot)
        and not any(says(alignment, a, b) for a in mine[slot] for b in other[slot])
        for slot in (_DOER, _OTHER)
    )


def is_done_by_another(alignment: Alignment, sentence: Sentence, said: set[str]) -> bool:
    """Whether a sentence says of a name that the statement lacks what the statement says."""
    for word in sentence.words:
        if not _is_nameish(word) or word.key in said:
            continue
        if word.folded.endswith(("'s", "s'")):
            return True
        verb = next((w for w in sentence.words if w.start > word.end and w.weight), None)
        if verb is not None and verb.key in said and word in _slots(sentence, verb).get(_DOER, []):
            return True
    return False


def _slots(sentence: Sentence, verb: Word) -> dict[str, list[Word]]:
    """The names around a verb by their place; what a mutual verb joins is in none."""
    at = sentence.place(verb)
    slots = _after(sentence, at)
    doer = _doer(sentence, at)
    if verb.key in MUTUAL_CONCEPTS:
        pair = [*doer, *slots.pop(_OTHER, [])]
        slots.pop("by", None)
        if len(pair) >= 2 and "to" not in slots:
            return slots | _mutual(pair)
        return slots
    if _is_passive(sentence, at):
        slots.pop(_OTHER, None)
        slots |= {_OTHER: doer} if doer else {}
        return slots | ({_DOER: slots.pop("by")} if "by" in slots else {})
    return slots | ({_DOER: doer} if doer else {})


def _mutual(pair: list[Word]) -> dict[str, list[Word]]:
    """Each of two who meet is the other's place."""
    one, other = pair[0], pair[-1]
    return {f"with {one.key}": [other], f"with {other.key}": [one]}


def _doer(sentence: Sentence, at: int) -> list[Word]:
    """The name right before a verb, or the list of them, but for adverbs and helping words."""
    name: list[Word] = []
    for word in reversed(sentence.words[max(0, at - _BEFORE) : at]):
        other_clause = word.clause != (name[0] if name else sentence.words[at]).clause
        if word.folded in _ENDS or (other_clause and not (name and _is_nameish(word))):
            break
        if _is_nameish(word):
            name.insert(0, word)
        elif name and word.folded not in _LINKS | _ARTICLES:
            return [] if word.folded in _NO_DOER else name
        elif not name and word.weight and not word.folded.endswith("ly"):
            break
    return name


def _after(sentence: Sentence, at: int) -> dict[str, list[Word]]:
    """The names after a verb, each with the preposition that leads to it."""
    slots: dict[str, list[Word]] = {}
    link, since, clause = _OTHER, 0, sentence.words[at].clause
    for word, following in _pairs(sentence, at):
        listed = following is not None and _is_nameish(following) and since == 0
        if word.folded in _ENDS or (word.folded in _LINKS and not listed):
            break
        if word.clause != clause:
            if not _is_nameish(word) or not slots:
                break
            clause = word.clause
        if word.folded in _PREPOSITIONS:
            link, since = word.folded, 0
        elif _is_nameish(word):
            if since <= 1 and link:
                slots.setdefault(link, []).append(word)
                since = 0
        elif word.weight:
            since += 1
            joined = link in _CLAUSES and word.key in MUTUAL_CONCEPTS
            link = "" if link in slots and not joined else link
        elif word.folded not in _ARTICLES | _LINKS:
            link = ""
    return slots


def _pairs(sentence: Sentence, at: int) -> Iterator[tuple[Word, Word | None]]:
    words = sentence.words[at + 1 : at + 2 + _FAR]
    for place, word in enumerate(words[:_FAR]):
        yield word, words[place + 1] if place + 1 < len(words) else None
