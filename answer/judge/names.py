"""The proper names of a statement: each must stand in the evidence, and no other in its place.

Left out: what stands for what, but for initials and the spellings that `lexicon.py` lists.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from answer.judge.align import SAME_THING, SURELY_SAME, Alignment
from answer.judge.lexicon import TITLES, WEEKDAYS
from answer.judge.outcome import Check
from answer.judge.roles import is_done_by_another, says
from answer.judge.sentences import Sentence, Word, read

_ADJECTIVAL = ("ish", "an", "ese", "ch", "eli", "aqi", "ani", "swiss", "greek")


def proper_names(text: str) -> tuple[str, ...]:
    """The proper names of a text as it has them; those that open a sentence are not known as such.

    >>> proper_names("When did Ukraine buy drones of Baykar Makina?")
    ('Ukraine', 'Baykar Makina')
    """
    return tuple(
        " ".join(word.said for word in name) for sentence in read(text) for name in names(sentence)
    )


def names(sentence: Sentence) -> Iterator[tuple[Word, ...]]:
    """The proper names of a sentence: runs of names that only a space parts."""
    numbers = [number.chars for number in sentence.numbers]
    run: list[Word] = []
    for word in sentence.words:
        is_number = any(s.start < word.end and word.start < s.end for s in numbers)
        is_name = (
            not is_number
            and word.key not in WEEKDAYS
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


def check_name(alignment: Alignment, name: tuple[Word, ...]) -> Check:
    said = " ".join(word.said for word in name)
    initials = "=" + "".join(word.said[0].casefold() for word in name)
    if len(name) > 1 and initials in alignment.evidence.written:
        return Check("name", said, "agrees", None, name)
    named = [w for w in name if w.folded not in TITLES]
    missing = [w for w in named if not alignment.is_named(w)]
    if not missing:
        found = alignment.stand_together(named) and not _is_of_another(alignment, name)
        return Check("name", said, "agrees" if found else "absent", None, name)
    instead = _other_name(alignment, missing)
    return Check("name", said, "conflicts" if instead else "absent", instead, tuple(missing))


def _is_of_another(alignment: Alignment, name: tuple[Word, ...]) -> bool:
    """Whether the evidence only calls something Turkish that another has, and never says Turkey."""
    word = name[0]
    if len(name) > 1 or word.folded.endswith(_ADJECTIVAL):
        return False
    said = {key for w in alignment.words for key in alignment.same(w)}
    holding = [s for s in alignment.aligned(word) if alignment.found(word, s)]
    return bool(holding) and all(
        all(_is_adjective(sentence, other) for other in alignment.found(word, sentence))
        and is_done_by_another(alignment, sentence, said)
        for sentence in holding
    )


def _is_adjective(sentence: Sentence, word: Word) -> bool:
    """Whether a name is that of a people, and describes the word that follows."""
    following = next((w for w in sentence.words if w.start > word.start), None)
    adjectival = word.folded.endswith(_ADJECTIVAL)
    return adjectival and following is not None and bool(following.weight)


def check_beginning(alignment: Alignment, sentence: Sentence) -> Iterator[Check]:
    """The first word has a capital anyway: it is a name if one stands in its place."""
    word = sentence.words[0]
    if word.is_name or not word.weight:
        return
    if alignment.same(word):
        if word.said[0].isupper() and _is_of_another(alignment, (word,)):
            yield Check("name", word.said, "absent", None, (word,))
        return
    if not word.said[0].isupper() or word.said.endswith("s"):
        return
    context = alignment.context([word])
    if len(context) >= 2:
        instead = _other_name(alignment, [word], SURELY_SAME)
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
    if left and their_left and left[0] == their_left[0] and says(alignment, left[1], their_left[1]):
        return True
    right, their_right = after(statement, ours[1]), after(sentence, theirs[1])
    if right is None or their_right is None or not says(alignment, right, their_right):
        return False
    return (left is None) == (their_left is None) or bool(
        left and their_left and says(alignment, left[1], their_left[1])
    )


def _before(sentence: Sentence, word: Word) -> tuple[str, Word] | None:
    """The content word before a word, and the preposition (or "") between the two."""
    at = sentence.place(word)
    link = ""
    for other in reversed(sentence.words[:at]):
        if other.weight:
            return link, other
        if other.folded not in ("the", "a", "an") and not link:
            link = other.folded
    return None


def after(sentence: Sentence, word: Word) -> Word | None:
    at = sentence.place(word)
    return next((other for other in sentence.words[at + 1 :] if other.weight), None)
