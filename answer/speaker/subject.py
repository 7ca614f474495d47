"""Words of a sentence that reports speech → the noun phrase that names who speaks.

A shallow reading of English word order, with the verbs of a few other languages whose order is the
same: the subject of "said" is taken only where every word from the beginning of its clause up to
the verb fits into one noun phrase, and the name only where it ends that phrase. What does not fit
has no speaker: prefer none to a wrong one.

Left out: which words are quoted (`speech.py`), and whom "he" means (`speaker.py`).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import NamedTuple

from ingest.article import Span

_TITLES = "Mr|Mrs|Ms|Dr|Prof|Gen|Col|Lt|Sgt|Maj|Capt|Sen|Rep|Gov|St|Jr|Sr|Rev|Hon|Adm|Cmdr"
_TOKEN = re.compile(
    rf"\b(?:{_TITLES})\.|\b(?:[^\W\d_]\.){{1,4}}(?!\w)|\w+(?:['’.\-]\w+)*(?:['’](?=\s))?|[^\w\s]"
)

SAY = frozenset("said says say".split())
TOLD = frozenset("told tells tell".split())
VERBS = SAY | TOLD | frozenset(
    "added adds asked asks replied replies wrote writes tweeted tweets explained explains noted "
    "notes warned warns argued argues argue claimed claims claim insisted insists insist stressed "
    "stresses announced announces declared declares stated states continued recalled recalls "
    "admitted admits acknowledged acknowledges conceded concluded confirmed confirms complained "
    "complain complains predicted predicts suggested suggests suggest testified joked shouted "
    "cried whispered answered answers answer responded remarked observed commented reported "
    "reports add estimated estimates emphasised emphasized "
    "сказав сказала сказали каже заявив заявила заявили повідомив повідомила повідомили розповів "
    "розповіла додав додала наголосив наголосила наголосили пояснив пояснила зазначив зазначила "
    "підкреслив підкреслила написав написала сказал сказала сказали заявил заявила заявили сообщил "
    "сообщила сообщили рассказал рассказала добавил добавила подчеркнул подчеркнула отметил "
    "отметила пояснил пояснила написал написала говорит "
    "sagte sagten sagt erklärte erklärten betonte meinte schrieb ergänzte".split()
)  # fmt: skip
THAT = frozenset("that що что dass".split())
NOUNS_TOO = frozenset("reports estimates claims notes answers states claim answer".split())
PRONOUNS = frozenset("he she they it him her them він вона вони он она они er sie".split())

_ROLES = frozenset(
    "president vice deputy prime minister ministers foreign defence defense finance interior "
    "secretary general chancellor king queen prince princess pope bishop archbishop cardinal "
    "governor mayor senator congressman congresswoman representative ambassador spokesman "
    "spokeswoman spokesperson chief head director chairman chairwoman chair commander colonel "
    "major captain lieutenant sergeant admiral marshal professor doctor judge justice premier "
    "leader lawmaker envoy adviser advisor aide analyst historian coach manager officer official "
    "executive secretary-general attorney co-founder founder "
    "lawyer prosecutor inspector superintendent author writer "
    "correspondent reporter editor economist scientist engineer farmer teacher resident survivor "
    "witness activist candidate assistant under former acting senior master sir lord lady dame mr "
    "mrs ms miss dr prof gen col lt sgt maj capt sen rep gov rev adm cmdr "
    "kapitän präsident präsidentin kanzler kanzlerin ministerin bürgermeisterin "
    "sprecher sprecherin "
    "президент міністр министр речник речниця".split()
)
_NO_OFFICE = frozenset(
    "vice deputy prime foreign defence defense finance interior acting senior".split()
)
_BODIES = frozenset(
    "staff assembly ministry office council department agency house bank court service committee "
    "commission union party army navy force forces corps group company board university institute "
    "electric motors mission street".split()
)
_OF_STATE = frozenset(
    "state defense defence foreign affairs staff national intelligence justice finance health "
    "education interior energy treasury homeland security commerce transport war".split()
)
_PARTICLES = frozenset("de da di del della van von der den la le al bin ibn ben y e dos du".split())
_DETERMINERS = frozenset(
    "the a an one its his her their our some many most several both two three four five every each "
    "another other all der die das ein eine ein".split()
)
_PREPOSITIONS = frozenset("for of at in from".split())
_PADDING = frozenset(
    "has have had also later then often repeatedly again once recently previously still now "
    "himself herself publicly always since already both".split()
)
_CONNECTIVES = frozenset(
    "but and yet however so still then meanwhile later earlier instead".split()
)
_BLOCKED = PRONOUNS | THAT | frozenset(
    "who whom which what when where why how if whether because although though unless until while "
    "as than to with by about into over under on no not never nobody none neither nor nothing "
    "anyone anybody whoever is are was were be been being do does did would could may might must "
    "should can will shall we you i this these those there here or but me us hardly has have had "
    "conjecture theorem theory hypothesis law evidence data results rumour "
    "rumor legend tradition "
    "declined refused seems seemed у в на з із за по во с из хто що який которая который".split()
)  # fmt: skip
_NOT_ALONE = frozenset(
    "some others other many most one all both each every another few several two three everyone "
    "everybody someone somebody people his her its their our the a an yesterday today then".split()
)
_STOPS = _BLOCKED | frozenset(
    "in at during after before last next this from yesterday today earlier later before late early "
    "since through via amid among under whose".split()
)  # fmt: skip
_DAYS = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may "
    "june july august september october november december".split()
)
BOUNDARIES = frozenset(",;:—–()[]…") | {"-", "“”"}
_LONGEST = 12  # words in a phrase that names a speaker


class Word(NamedTuple):
    """A word or a mark, and where it stands in the article."""

    text: str
    start: int
    end: int

    @property
    def low(self) -> str:
        return self.text.lower()

    @property
    def is_word(self) -> bool:
        return self.text[0].isalnum()

    @property
    def is_capital(self) -> bool:
        return self.text[0].isupper()

    @property
    def is_verb(self) -> bool:
        """Whether it reports speech here; "United States" does not."""
        return self.low in VERBS and not self.is_capital

    @property
    def is_possessive(self) -> bool:
        return self.text.endswith(("'s", "’s", "s'", "s’"))


class Subject(NamedTuple):
    """Who is said to speak: the words of the name, and those of the whole phrase."""

    name: tuple[Word, ...]
    phrase: tuple[Word, ...]
    is_person: bool

    @property
    def pronoun(self) -> str | None:
        only = self.name[0].low if len(self.name) == 1 else ""
        return only if only in PRONOUNS else None

    @property
    def chars(self) -> Span:
        return Span(self.name[0].start, self.name[-1].end)


def words(text: str, within: Span) -> tuple[Word, ...]:
    """The words and marks of `text[within]`.

    >>> [word.text for word in words("Mr. Lee’s U.S. visit, he said.", Span(0, 30))]
    ['Mr.', 'Lee’s', 'U.S.', 'visit', ',', 'he', 'said', '.']
    """
    found = _TOKEN.finditer(text, within.start, within.end)
    return tuple(Word(match.group(), match.start(), match.end()) for match in found)


def subject_before(before: Sequence[Word], *, main: bool = False) -> Subject | None:
    """The subject of a verb that follows `before`; in a main clause only, where `main`."""
    tokens = list(before)
    while tokens and (tokens[-1].low in _PADDING or _is_adverb(tokens[-1])):
        tokens.pop()
    if not tokens:
        return None
    if tokens[-1].text != ",":
        return _whole_clause(tokens, main)
    for comma in range(len(tokens) - 2, max(-1, len(tokens) - 30), -1):  # Ann Lee, the mayor, said
        aside = tokens[comma + 1 : -1]
        if tokens[comma].text == "," and aside and not any(w.is_verb for w in aside):
            found = _whole_clause(tokens[:comma], main)
            return found and _with_aside(found, aside)
    return None


def subject_after(after: Sequence[Word]) -> Subject | None:
    """The subject that follows its verb, or a preposition: said **Ann Lee**, the mayor."""
    taken = _taken(after)
    found = noun_phrase(taken)
    rest = after[len(taken) :]
    second = rest[1] if len(rest) > 1 and rest[0].low in {"and", "or"} else None
    if second and (second.is_capital or second.low in _DETERMINERS):
        return None  # said Nils Aho and the mayor
    if found and not found.is_person and rest and rest[0].is_word and rest[0].low not in _STOPS:
        return None  # the phrase goes on in a way that is not understood
    if found is None or found.pronoun or not rest or rest[0].text != ",":
        return found
    aside = _taken(rest[1:])
    ends = len(rest) == len(aside) + 1 or rest[len(aside) + 1].text in {".", ",", ";"}
    return _with_aside(found, aside) if ends else found._replace(phrase=(*found.phrase, *aside))


def _with_aside(found: Subject, aside: Sequence[Word]) -> Subject:
    """The name from what stands beside a description: the mayor, **Ann Lee**."""
    phrase = (*found.phrase, *aside)
    if not found.is_person and aside and all(_in_name(word) for word in aside):
        named = noun_phrase(aside)
        if named and len(named.name) >= 2:
            return named._replace(phrase=phrase, is_person=True)
    return found._replace(phrase=phrase)


def noun_phrase(tokens: Sequence[Word]) -> Subject | None:
    """The speaker that a phrase names, or None where it is not one noun phrase."""
    tokens = tuple(tokens)
    if len(tokens) == 1 and tokens[0].low in PRONOUNS:
        return Subject(tokens, tokens, is_person=tokens[0].low in {"he", "she"})
    core = tokens[: _core_end(tokens)]
    if not core or len(tokens) > _LONGEST or _is_no_phrase(tokens, core):
        return None
    if any(word.low == "and" for word in core):
        names = all(_in_name(word) or word.low in _ROLES | {"and"} for word in core)
        joined = (names or core[-1].low.endswith("s")) and core[0].low != "and"
        return Subject(tokens, tokens, is_person=False) if joined else None
    return _named(tokens, core)


def _is_no_phrase(tokens: tuple[Word, ...], core: tuple[Word, ...]) -> bool:
    """Whether some word of it belongs to no noun phrase, or to a second one."""
    first, last, tail = tokens[0], core[-1], tokens[len(core) :]
    begins = first.is_capital or first.low in _DETERMINERS or _may_begin(tokens)
    alone = len(tokens) == 1 and first.low in _NOT_ALONE | _DAYS
    past = (
        len(core) > 1 and last.low.endswith("ed") and not last.is_capital and "-" not in last.text
    )
    return (
        not begins
        or alone
        or past
        or tokens[-1].low == "and"
        or any(_is_barred(word) for word in tokens)
        or any(word.low in _DETERMINERS - _PARTICLES for word in core[1:])
        or any(w.low in _DETERMINERS and not _leads(v) for v, w in itertools.pairwise(tail))
    )


def _is_barred(word: Word) -> bool:
    if not word.is_word or (word.is_verb and word.low not in NOUNS_TOO):
        return True
    goes_on = word.text in {"by", "on"}  # where `_taken` or `_core_end` let them
    return word.low in _BLOCKED and not word.text[1:].isupper() and not goes_on


def _named(tokens: tuple[Word, ...], core: tuple[Word, ...]) -> Subject:
    at = len(core)
    while at and _in_name(core[at - 1]):
        at -= 1
    while at < len(core) and not core[at].is_capital:
        at += 1
    run = core[at:]
    if not run or core[-1].is_possessive or (run[0].low == "the" and len(run) == 1):
        return Subject(tokens, tokens, is_person=False)
    before = core[:at]
    if run[0].low in _DETERMINERS and len(run) > 1:
        before, run = (*before, run[0]), run[1:]
    person = _without_roles(run)
    if (
        _is_cyrillic(person[0])
        and before
        and len(person) > 2
        and not _PATRONYMIC.search(person[1].low)
    ):
        person = person[-2:]  # міністр Туреччини Мевлют Чавушоглу: a country may stand before
    has_role = len(person) < len(run) or bool(before and before[-1].low not in _DETERMINERS)
    if before and before[-1].low in _DETERMINERS and len(person) == len(run):
        name = (*run, *tokens[len(core) :])
        article = before[-1].low == "the" and len(before) == 1
        return Subject(name if article else tokens, tokens, is_person=False)
    if len(core) < len(tokens) and not has_role and len(run) < 2:
        return Subject(tokens, tokens, is_person=False)  # Officials in Kyiv
    joins = any(w.low in {"of", "on"} for w in person)
    return Subject(person, tokens, is_person=has_role or (len(person) >= 2 and not joins))


def _without_roles(run: tuple[Word, ...]) -> tuple[Word, ...]:
    """A run of capitalised words without the offices before the name.

    Only what is followed by a name goes: "Foreign Minister" alone stays.
    """
    cut = 0
    for at, word in enumerate(run):
        following = run[at + 1].low if at + 1 < len(run) else ""
        office = word.low.rstrip(".") in _ROLES or word.low.endswith("ologist")
        if word.low == "of" and cut == at and following in _OF_STATE:
            cut = at + 2
        elif word.low == "of" and cut == at:
            return run
        elif (office and word.low not in _NO_OFFICE) or (word.low in _OF_STATE and 0 < cut == at):
            cut = at + 1
    is_body = run[-1].low in _BODIES
    return run if is_body or cut >= len(run) else run[cut:]


def _whole_clause(tokens: Sequence[Word], main: bool) -> Subject | None:
    """The noun phrase that all words since the last boundary make."""
    at = len(tokens)
    while at and tokens[at - 1].text not in BOUNDARIES and tokens[at - 1].low not in THAT:
        at -= 1
        if len(tokens) - at > _LONGEST + 2:
            return None
    if main and at and not _is_main(tokens[:at]):
        return None
    clause = tokens[at:]
    if at > 1 and clause and clause[0].low == "and" and _in_name(tokens[at - 2]):
        return None  # Ann Lee, Bo Dahl, and Per Holm said: one of them only
    while clause and clause[0].low in _CONNECTIVES:
        clause = clause[1:]
    return noun_phrase(clause)


_ADVERBIAL = _PREPOSITIONS | _CONNECTIVES | frozenset(
    "on after before as during speaking asked when while since with under by earlier later "
    "yesterday today amid following despite writing addressing answering".split()
)  # fmt: skip


def _is_main(before: Sequence[Word]) -> bool:
    """Whether a clause after these words is the sentence's own, and not a part of another."""
    if before[-1].low in THAT:
        return False
    return before[-1].text in {":", ";", "“”"} or before[0].low in _ADVERBIAL


def _taken(after: Sequence[Word]) -> list[Word]:
    """The words of a noun phrase that begins here."""
    taken: list[Word] = []
    for at, word in enumerate(after):
        low = word.low
        capitals = [w for w in taken if _in_name(w)]
        if not word.is_word or len(taken) == _LONGEST:
            break
        if low in PRONOUNS and not taken:
            return [word]
        if low in {"of", "on"} and _is_between_capitals(after, at):
            taken.append(word)  # the Treaty on European Union
            continue
        if low in _STOPS - {"by"} or low in _DAYS or (word.is_verb and low not in NOUNS_TOO):
            break
        if low in _PREPOSITIONS or low == "by":
            if not taken or taken[-1].is_capital:
                break
        elif low == "and":
            following = after[at + 1] if at + 1 < len(after) else None
            if following is None or not following.is_capital or len(capitals) != 1:
                break
        elif taken and taken[-1].is_capital and not word.is_capital and low not in _PARTICLES:
            joined = any(w.low == "and" for w in taken)
            adjectival = len(capitals) == 1 or low in _ROLES or joined
            if not adjectival or not _may_follow(after, at):
                break
        taken.append(word)
    return taken


def _is_between_capitals(after: Sequence[Word], at: int) -> bool:
    if not 0 < at < len(after) - 1:
        return False
    return after[at - 1].is_capital and after[at + 1].is_capital and after[at + 1].low not in _DAYS


def _may_follow(after: Sequence[Word], at: int) -> bool:
    """Whether a small word after a capitalised one goes on: Kremlin **spokesman**, Ukrainian…"""
    low = after[at].low
    return low in _ROLES or low.endswith(("s", "man", "woman", "ry", "ment", "er", "or", "ist"))


def _core_end(tokens: Sequence[Word]) -> int:
    """Where what is added by "for", "in" or "by" begins; "of" between capitals is in a name."""
    for at, word in enumerate(tokens):
        if word.low in _PREPOSITIONS or word.low in {"by", "on"}:
            plural = at == 1 and tokens[0].low not in _ROLES and tokens[0].low.endswith("s")
            if word.low not in {"of", "on"} or plural or not _is_between_capitals(tokens, at):
                return at
    return len(tokens)


def _in_name(word: Word) -> bool:
    return (word.is_capital or word.low in _PARTICLES or word.low in {"of", "on"}) and (
        word.low not in _DAYS
    )


def _may_begin(tokens: Sequence[Word]) -> bool:
    """Whether a phrase may begin with this small word: witnesses, local farmer Ann Lee."""
    return any(word.is_capital for word in tokens) or any(
        word.low.endswith("s") or word.low in {"police", "people"} or not word.text.isascii()
        for word in tokens
    )


def _is_adverb(word: Word) -> bool:
    return word.low.endswith("ly") and not word.is_capital


def _leads(word: Word) -> bool:
    return word.low in _PREPOSITIONS or word.low == "by"


def _is_cyrillic(word: Word) -> bool:
    return "\u0400" <= word.text[0] <= "\u04ff"


_PATRONYMIC = re.compile(r"(?:вич|вна|ич)$")
