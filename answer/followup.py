"""A follow-up question → the question that is searched, with what it leaves out carried over.

"And how many were hurt?" finds nothing by itself. What it leans on is put in from the questions
asked before: a name for its pronoun, the place for "that attack", the rest of the sentence for
"And France?". The result is shown to the reader, so it is made of the reader's words (but for
"the one who" and "they") and reads as a question. A question that stands by itself is returned as
it is, since a topic carried over by mistake spoils an answer that was right.

The rules are for English; a question in another language stays as it is. `bench/followup.py`
measures what they gain.

Left out: what the answers said. Only questions tell what the reader means.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import NamedTuple

from index.words import STOP, content_terms, terms

LONGEST_QUESTION = 2_000  # characters
_CHAIN = 8  # earlier questions that are read

_WORD = re.compile(r"[^\W_]+(?:[’'.\-][^\W_]+)*")
_CONNECTIVE = re.compile(r"\W*(?:(?:and|but|so|also|then|ok|okay|well)\b[\s,]*)+", re.IGNORECASE)
_ABOUT = re.compile(r"(?:what|how) about\s+(?P<rest>.+)", re.IGNORECASE | re.DOTALL)
_BARE = re.compile(r"(?:why|when|where|how|how come|why not|since when)\W*", re.IGNORECASE)
_AUX = r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|may|must|should)"
_ASKS_CIRCUMSTANCE = re.compile(
    rf"(?:(?:when|where|why|how)\s+)?({_AUX}\b.*)", re.IGNORECASE | re.DOTALL
)
_HOW_MANY = re.compile(
    r"how many\s+((?:[\w-]+\s+){0,3}?)(were|was|are|is|have|had)\s+(.*)", re.IGNORECASE | re.DOTALL
)
_COUNTS_NOTHING = re.compile(
    rf"how (?:many|much)\s+(?:more\s+)?(?:of (?:them|these|those)\s+)?"
    rf"(?:{_AUX}|died|survived|fell|remained?|came|joined|signed)\b",
    re.IGNORECASE,
)
_COUNTS_PEOPLE = re.compile(
    r"how many\s+(?:people|persons|soldiers|troops|civilians|men|women|children|servicemen)\s+"
    r"(?:were|was|died|survived|had|have)\b",
    re.IGNORECASE,
)
_NOT_A_THING = re.compile(
    r"\b(?:is|was) it \w+ (?:for|to|that|how|when|whether)\b|\bit mean (?:for|when|if|to|that)\b|"
    r"\b(?:is|was|will|would) it (?:true|possible|legal|illegal|necessary|likely|safe|dangerous|"
    r"right|wrong|important|a|that|allowed|forbidden|ok|raining|cold|hot)\b|\btime is it\b"
    r"|\bit (?:that|rains?|seems?|takes?)\b|\bdoes it (?:take|mean to|matter)\b"
    r"|\bit cost (?:\w+ )?to\b",
    re.IGNORECASE,
)
_HE = frozenset("he she him his her hers".split())
_IT = frozenset(["it", "its"])
_THEY = frozenset("they them their theirs".split())
_POSSESSIVE = frozenset("his its their".split())
_THESE = frozenset("this that these those".split())
_SAYING = frozenset(
    "say says said think thinks thought claim claims claimed know mean means believe show shows "
    "argue argued so such report reported announce announced deny denied agree agreed".split()
)
_PLACES = frozenset("at in near on during around over inside outside between".split())
_PREPOSITIONS = _PLACES | frozenset("of for to with about from by against after before".split())
_DETERMINERS = frozenset("the a an this that these those its their his her".split())
_EVENTS = re.compile(
    r"\b(?:(?:happen|occur|begin|start|end|last|take place)\w*|d(?:id|o|one) it)\b", re.IGNORECASE
)
_ENDS_WITH_THAT = re.compile(r"(?<!say )(?<!says )(?<!said )\b(?:that|this)(\W*)$", re.IGNORECASE)
_WHO_IS = re.compile(r"who\s+(?:is|was)\s+", re.IGNORECASE)
_WHAT_IS = re.compile(r"what\s+(?:is|are|was|were)\b", re.IGNORECASE)
_OF_ITS_OWN = re.compile(  # a place, time or cause that a question counts by
    r"\d|\b(?:at|in|on|by|of|to|for|from|with|near|during|since|between|under|over|inside|around"
    r"|(?:last|this|next|every|each)\s+(?:\w+))\b",
    re.IGNORECASE,
)
_KINDS = frozenset(
    "company firm treaty agreement convention deal war conflict attack strike drone drones "
    "aircraft weapon weapons ship ships camp town village city country law rules rule ban mission "
    "group organisation organization soldiers troops victims dead wounded signatories members "
    "partners founder founders author regime arrangement ceasefire truce battle explosion "
    "accident crash election vote talks meeting summit contract order delivery engine engines "
    "wings crew camera missile missiles gun guns howitzer rocket rockets protocol memorandum "
    "statement report operation exercise invasion incident event sale export joint venture".split()
)
_HAPPENINGS = frozenset(  # what may be said to be at a place
    "attack strike war conflict battle explosion accident crash incident event operation exercise "
    "invasion ceasefire truce camp town village city troops soldiers victims dead wounded talks "
    "meeting summit election vote rockets rocket".split()
)
_ORDINALS = frozenset("first second third fourth fifth last next previous".split())
_SEASONS = frozenset("spring summer autumn fall winter".split())
_MONTHS = frozenset(
    "january february march april may june july august september october november december".split()
)
_JOINS = re.compile(r"\s+|\s+(?:of|on|for)\s+(?:the\s+)?")
_WHO_DID = r"who\s+(?!is\b|was\b|are\b|were\b)"
_QUESTION_WORDS = frozenset("who whom whose what which when where why how".split())


class _Word(NamedTuple):
    text: str
    start: int
    end: int

    @property
    def low(self) -> str:
        return self.text.lower()


class _Topic(NamedTuple):
    """What an earlier question was about, as it says it, and the preposition before it.

    `is_one` where it is somebody by the question ("Who was …") or by a name of two words.
    """

    phrase: str
    preposition: str
    is_name: bool
    is_one: bool = False

    @property
    def appended(self) -> str:
        if self.preposition in _PLACES:
            return f" {self.preposition} {self.phrase}"
        return f" — {self.phrase}"


def carried_over(question: str, previous: Sequence[str]) -> str:
    """The question to search: as it is, or with the subject that `previous` questions gave it.

    `previous` are the reader's earlier questions, oldest first; the last 8 are read, each with what
    it took from those before it. Never longer than 2,000 characters, unless the question is.

    >>> carried_over("and how many were hurt?", ["How many soldiers were killed at Zelenopillya?"])
    'How many were hurt at Zelenopillya?'
    >>> carried_over("When was he born?", ["Who was Dmitry Peskov?"])
    'When was Dmitry Peskov born?'
    >>> carried_over("What is NATO?", ["Who was Dmitry Peskov?"])
    'What is NATO?'
    """
    asked: list[str] = []
    for earlier in previous[-_CHAIN:]:
        if len(earlier) <= LONGEST_QUESTION:
            asked.append(_carried(" ".join(earlier.split()), asked))
    return _carried(question, asked)


def _carried(question: str, asked: Sequence[str]) -> str:
    """The same with the earlier questions already whole."""
    if not asked or len(question) > LONGEST_QUESTION or not _is_english(question):
        return question
    plain = " ".join(question.split())
    bare = _CONNECTIVE.sub("", plain, count=1) if _CONNECTIVE.match(plain) else plain
    bare = bare.strip()
    for rule in (_of_one_word, _of_a_fragment, _of_a_pronoun, _of_a_description):
        whole = rule(bare, asked, bare != plain)
        if whole is not None:
            whole = whole[:1].upper() + whole[1:]
            return whole if 0 < len(whole) <= LONGEST_QUESTION else question
    return question


def _of_one_word(bare: str, asked: Sequence[str], _: bool) -> str | None:
    """Why? → Why were soldiers killed at Zelenopillya?"""
    if not _BARE.fullmatch(bare):
        return None
    word, before = bare.strip(" ?!.…"), asked[-1]
    if match := _HOW_MANY.fullmatch(before):
        return f"{word} {match[2]} {match[1].strip() or 'they'} {match[3]}"
    if match := _ASKS_CIRCUMSTANCE.fullmatch(before):
        return f"{word} {match[1][0].lower()}{match[1][1:]}"
    return f"{word}? {before}"


def _of_a_fragment(bare: str, asked: Sequence[str], connected: bool) -> str | None:
    """And France? → the question before, asked of France."""
    about = _ABOUT.fullmatch(bare)
    rest = (about["rest"] if about else bare).strip(" ?!.…")
    words = _words(rest)
    if not (about or connected) or not 1 <= len(words) <= 8:
        return None
    if any(w.low in _QUESTION_WORDS for w in words) or re.match(rf"{_AUX}\b", rest, re.IGNORECASE):
        return None
    if {w.low for w in words} & (_IT | _HE | _THEY):
        return None
    before = asked[-1]
    swapped = _swapped(rest, words, before)
    return f"{before.rstrip(' ?!.…')}, {rest}?" if swapped is None else swapped


def _swapped(rest: str, words: Sequence[_Word], before: str) -> str | None:
    """The earlier question with the one phrase replaced that the fragment stands for.

    Empty, so that nothing is carried over, where that phrase is a place: "And Brexit?" names none,
    and nothing in it says so.
    """
    for is_kind in (_is_year, _is_season, _is_month, _is_ordinal):
        new = next((w for w in words if is_kind(w.low)), None)
        old = next((w for w in _words(before) if is_kind(w.low)), None)
        if new and old and new.low != old.low:
            others = [w for w in words if w is not new and w.low not in STOP]
            if not others:
                return before[: old.start] + new.text + before[old.end :]
    if words[0].low in _PREPOSITIONS:
        same = "(?:at|in|near)" if words[0].low in {"at", "in", "near"} else words[0].low
        old_phrase = re.search(rf"\b{same} (?:the )?[A-Z][^\s?]*(?: [A-Z][^\s?]*)*", before)
        if old_phrase and any(w.text[0].isupper() for w in words):
            return before[: old_phrase.start()] + rest + before[old_phrase.end() :]
        return f"{before.rstrip(' ?!.…')} {rest}?"
    named = _names(f"of {rest}")
    last = next(reversed(_words(before)), None)
    if last and not named and words[-1].low.endswith("s") and _is_plural(last):
        return before[: last.start] + rest + before[last.end :]
    runs = _names(before)
    if runs and (named or words[0].low in _DETERMINERS):
        text = rest
        old_run = next((r for r in runs if _shape(r.text) == _shape(rest)), runs[0])
        if _with_preposition(before, old_run).preposition in _PLACES:
            return ""
        if before[: old_run.start].lower().endswith("the ") and text.lower().startswith("the "):
            text = text[4:]
        return before[: old_run.start] + text + before[old_run.end :]
    return None


def _of_a_pronoun(bare: str, asked: Sequence[str], _: bool) -> str | None:
    """When was he born? → When was Dmitry Peskov born?"""
    bare = _ENDS_WITH_THAT.sub(r"it\1", bare)
    at = _leaning_pronoun(bare)
    topic = _latest(asked)
    if at is None:
        return None
    if at.low in _IT and (event := _event(asked[-1], topic)):
        return f"{bare.rstrip(' ?!.…')} — {event}?"
    if at.low in _HE:
        topic = _person(asked)
    elif at.low in _THEY:
        after = bare[at.end :]
        if _names(after) or any(word.low in _IT for word in _words(after)):
            return None
        topic = _several(asked) or (None if topic is None or topic.is_one else topic)
    if topic is None:
        return None
    if at.low in _IT and topic.preposition in _PLACES and _EVENTS.search(bare):
        return _appended(bare, topic)
    following = bare[at.end :].lstrip()[:1].isalnum()
    owns = at.low in _POSSESSIVE or (at.low == "her" and following)
    name = topic.phrase + (("’" if topic.phrase.endswith("s") else "’s") if owns else "")
    whole = bare[: at.start] + name + bare[at.end :]
    if at.low in _THEY and topic.preposition == "" and topic.phrase.startswith("the "):
        place = _latest(asked)
        if place and place.preposition in _PLACES and place.phrase not in whole:
            return _appended(whole, place)
    second = [w for w in _words(bare[at.end :]) if w.low in (_IT | _THESE) and at.low in _HE]
    tail = re.search(r" (?:about|on|to|at|in|near) [^?]*$", asked[-1].rstrip(" ?"))
    if second and tail and topic.phrase not in tail.group():
        whole = whole.rstrip(" ?!.…") + tail.group() + "?"
    return whole


def _of_a_description(bare: str, asked: Sequence[str], connected: bool) -> str | None:
    """Who ordered that strike? → Who ordered that strike near Hranitne?"""
    topic = _latest(asked)
    if (
        topic is None
        or topic.is_one
        or _names(bare)
        or {word.low for word in _words(bare)} & (_HE | _THEY)
        or not _leans(bare, asked, connected, topic.preposition in _PLACES)
    ):
        return None
    if topic.preposition in _PLACES and (
        match := re.fullmatch(r"(.*) there\W*", bare, re.IGNORECASE | re.DOTALL)
    ):
        return _appended(match[1], topic)
    plural = topic.phrase.endswith("s") and topic.preposition not in _PLACES
    if plural and (
        match := re.match(rf"(how many)\s+({_AUX}\b.*)", bare, re.IGNORECASE | re.DOTALL)
    ):
        return f"{match[1]} {_without_determiner(topic.phrase)} {match[2]}"
    return _appended(bare, topic)


def _leans(bare: str, asked: Sequence[str], connected: bool, in_a_place: bool) -> bool:
    """Whether a question without a name or pronoun needs something from before."""
    lows = [word.low for word in _words(bare)]
    if not lows or _NOT_A_THING.search(bare):
        return False
    said = len([low for low in lows if low not in STOP])
    counts = _COUNTS_NOTHING.match(bare) or _COUNTS_PEOPLE.match(bare)
    if counts and not _OF_ITS_OWN.search(bare, counts.end()):
        return said <= (3 if lows[1] == "much" else 5)
    if _points_back(lows, asked, said <= 4, in_a_place):
        return True
    if counts or (lows[-1] in {"it", *_THESE} and lows[-2:-1] and lows[-2] in _SAYING):
        return False
    if lows[-1] in {"there", "then", *_THESE} and len(lows) <= 8:
        return lows[-1] != "there" or len(lows) < 2 or lows[-2] not in {"is", "are"}
    if said <= 1 and len(lows) <= 4 and lows[0] in _QUESTION_WORDS and not {"a", "an"} & set(lows):
        happened = lows[-1].endswith("ed") or lows[-1] in {"hurt", "shot", "hit"} | STOP
        return happened if set(lows) & {"is", "are", "was", "were"} else True
    whole = {"a", "an", "that"} | ({"the"} if re.fullmatch(_AUX, lows[0]) else set())
    return connected and len(content_terms(bare)) <= 4 and not whole & set(lows)


def _points_back(lows: Sequence[str], asked: Sequence[str], short: bool, in_a_place: bool) -> bool:
    """Whether it says "that attack", or a short question "the attack", of what was asked about."""
    known = {term for question in asked for term in content_terms(question)}
    kinds = _HAPPENINGS if in_a_place else _KINDS
    for at, (low, following) in enumerate(itertools.pairwise(lows)):
        if following not in kinds and known.isdisjoint(terms(following)):
            continue
        clause = at > 0 and lows[at - 1] in _SAYING  # Who said that ships sank?
        if low in _THESE and not clause:
            return True
        clause = at > 1 and lows[at - 1] == "that" and lows[at - 2] in _SAYING
        if low == "the" and short and not clause and lows[at + 2 : at + 3] != ["of"]:
            return True
    return False


def _leaning_pronoun(bare: str) -> _Word | None:
    """The first pronoun, if nothing before it in the question can be what it means."""
    if _NOT_A_THING.search(bare):
        return None
    words = _words(bare)
    for at, word in enumerate(words):
        if word.low in _IT and at and words[at - 1].low in {"say", "says", "said"}:
            return None  # Who said it? No thing is said.
        if word.low in _HE | _IT | _THEY:
            before = words[:at]
            named = _names(bare[: word.start]) or any(w.low in _DETERMINERS for w in before)
            if named and not _is_object_of_that_clause(bare, word, before):
                return None
            return None if _has_antecedent(bare, word, before) else word
    return None


def _has_antecedent(bare: str, pronoun: _Word, before: Sequence[_Word]) -> bool:
    """Whether the question says by itself what a pronoun means, though it names nothing first."""
    lows = [word.low for word in before]
    if not set(lows) & _QUESTION_WORDS and not (lows and re.fullmatch(_AUX, lows[0])):
        return bool(_names(bare))  # Outside of its ports, what is Kallo known for?
    owns = pronoun.low in _POSSESSIVE
    asked = lows[:1] == ["who"] or lows[:1] in (["which"], ["what"])
    inverted = any(re.fullmatch(_AUX, low) or low in _PREPOSITIONS for low in lows[:2])
    if owns and asked and not inverted:
        return True  # Who put their name to it?
    counted = 3 if asked or lows[:2] == ["how", "many"] else 2
    plural = any(_is_plural(word) for word in before[counted:])
    return plural and pronoun.low in _THEY


def _is_object_of_that_clause(bare: str, pronoun: _Word, before: Sequence[_Word]) -> bool:
    """Whether one name is the subject and the pronoun its verb's object: Has Ukraine ratified it?

    In one clause the two cannot be the same thing (Chomsky 1981, principle B of binding).
    """
    names = _names(bare[: pronoun.start])
    if pronoun.low not in {"it", "him", "them"} or len(names) != 1:
        return False
    after = [word.low for word in before if word.start >= names[0].end]
    ahead = [word.low for word in before if word.end <= names[0].start]
    inverted = bool(ahead) and re.fullmatch(_AUX, ahead[-1]) is not None
    following = _words(bare[pronoun.end :])[:1]
    if len(after) > 3 or any(word.low not in _PREPOSITIONS for word in following):
        return False
    one_clause = bool(after) and not _CLAUSE_WORDS & set(after)
    return inverted and one_clause and not _DETERMINERS & set(after)


_CLAUSE_WORDS = frozenset("and or but when if that because while who which where why how".split())


def _latest(asked: Sequence[str]) -> _Topic | None:
    """What the latest question that was about something was about."""
    return next((topic for question in reversed(asked[-3:]) if (topic := _topic(question))), None)


def _topic(question: str) -> _Topic | None:
    """The last name in a question; without a name, its last phrase with an article."""
    names = _names(question)
    if names:
        return _with_preposition(question, names[-1])
    match = re.fullmatch(r"what (?:is|are|was|were)\s+(.{1,80}?)[\s?.!]*", question, re.IGNORECASE)
    if match:
        return _Topic(match[1], "", False)
    words = _words(question)
    for at in range(len(words) - 1, -1, -1):
        if words[at].low in {"the", "a", "an"} and at + 1 < len(words):
            end = min(at + 5, len(words))
            inverted = at and re.fullmatch(_AUX, words[at - 1].low) is not None
            if inverted:
                end = min(end, at + 2 if len(words) <= at + 3 else at + 3)
            phrase = question[words[at].start : words[end - 1].end]
            preposition = words[at - 1].low if at and words[at - 1].low in _PREPOSITIONS else ""
            return _Topic(phrase, preposition, False)
    return None


def _event(question: str, topic: _Topic | None) -> str | None:
    """What a question says happened, where "it" is that rather than one of two names in it."""
    match = re.fullmatch(
        rf"(?:(?:when|why|how)\s+)?{_AUX}\s+(.*?)[\s?!.]*", question, re.IGNORECASE | re.DOTALL
    )
    if match is None or topic is None or topic.phrase.startswith(("the ", "a ", "an ")):
        return None
    return match[1] if len(_names(question)) >= 2 and not topic.phrase.isupper() else None


def _person(asked: Sequence[str]) -> _Topic | None:
    """Whom "he" may mean: a name of two words, or that of a question who somebody is or was."""
    for question in reversed(asked[-3:]):
        names = _names(question)
        for name in reversed(names):
            if _may_be_person(question, name, alone=len(names) == 1):
                return _Topic(name.text, "", True)
        if match := re.match(rf"{_WHO_DID}(.*?)[\s?]*$", question, re.IGNORECASE | re.DOTALL):
            return _Topic(f"the one who {match[1]}", "", False)
    return None


def _may_be_person(question: str, name: _Word, alone: bool) -> bool:
    topic = _with_preposition(question, name)
    if topic.phrase.startswith("the ") or re.match(_WHO_DID, question, re.IGNORECASE):
        return False
    if _WHAT_IS.match(question) or _is_of_a_kind(name):
        return False
    return topic.is_one or (alone and topic.preposition in {"", "by", "with"})


def _several(asked: Sequence[str]) -> _Topic | None:
    """Whom "they" may mean: what the question before counted, where it happened."""
    match = re.match(r"how many\s+([\w-]+s|people|troops)\s+(?:\w+)", asked[-1], re.IGNORECASE)
    return _Topic(f"the {match[1]}", "", False) if match else None


def _with_preposition(question: str, name: _Word) -> _Topic:
    """The name with its article, adjectives between them, and the preposition before all."""
    words = [word for word in _words(question) if word.end <= name.start]
    start = name.start
    for back, word in enumerate(reversed(words[-4:])):
        if word.low in _DETERMINERS:
            is_article = word.low in {"the", "a", "an"}
            start = word.start if is_article else start
            words = words[: len(words) - back - 1]
            break
        if word.low in _ORDINALS and back < 2:
            continue
        break
    preposition = words[-1].low if words and words[-1].low in _PREPOSITIONS else ""
    is_one = _is_one(question, name) and start == name.start and preposition not in _PLACES
    thing = words[-2].low if len(words) > 1 else ""
    if preposition in _PLACES | {"for"} and thing in _KINDS:  # the strike at Hranitne
        for at in range(len(words) - 3, max(-1, len(words) - 7), -1):
            if words[at].low == "the":
                lead = words[at - 1].low if at else ""
                preposition = lead if lead in _PREPOSITIONS else ""
                return _Topic(question[words[at].start : name.end], preposition, True)
    return _Topic(question[start : name.end], preposition, True, is_one)


def _is_one(question: str, name: _Word) -> bool:
    """Whether a name is somebody's, as far as its question and its form tell."""
    if _WHO_IS.fullmatch(question[: name.start]):
        return True
    words = name.text.split()
    spelled = "".join(words).isalpha() and not _is_of_a_kind(name)
    as_a_thing = _WHAT_IS.match(question) or re.match(_WHO_DID, question, re.IGNORECASE)
    return len(words) >= 2 and spelled and not as_a_thing


def _is_of_a_kind(name: _Word) -> bool:
    """Whether a name says that it is a company, a treaty or an event: the Beirut explosion."""
    return any(word in _KINDS for word in name.low.split())


def _names(question: str) -> list[_Word]:
    """Runs of capitalised words that do not just begin the question, a plain noun after included.

    >>> [name.text for name in _names("Who signed the second Minsk agreement in Belarus?")]
    ['Minsk agreement', 'Belarus']
    """
    words = _words(question)
    runs: list[list[_Word]] = []
    for at, word in enumerate(words):
        capital = _is_capital(word, words[at + 1] if at + 1 < len(words) else None, at)
        before = runs[-1][-1] if runs else None
        between = question[before.end : word.start] if before else ""
        owned = before is not None and before.low.endswith(("'s", "’s"))
        goes_on = word.low in _KINDS or (word.text[0].isdigit() and not _is_year(word.low))
        if capital and _JOINS.fullmatch(between) and not owned:
            runs[-1].append(word)
        elif capital:
            runs.append([word])
        elif between == " " and goes_on and not owned:
            runs[-1].append(word)
    return [_Word(question[r[0].start : r[-1].end], r[0].start, r[-1].end) for r in runs]


def _is_capital(word: _Word, following: _Word | None, at: int) -> bool:
    """Whether a word is written as names are; the first of a question needs another beside it."""
    if not word.text[0].isupper() or (word.low in STOP and word.text != word.text.upper()):
        return False
    if at or word.text == "I":
        return word.text != "I"
    beside = following is not None and following.text[0].isupper()  # and not: Tell me more
    return word.low not in _QUESTION_WORDS and (word.text[1:2].isupper() or beside)


def _is_plural(word: _Word) -> bool:
    return word.low.endswith("s") and word.low not in STOP and word.text.islower()


def _appended(bare: str, topic: _Topic) -> str:
    return bare.rstrip(" ?!.…") + topic.appended + "?"


def _without_determiner(phrase: str) -> str:
    first, _, rest = phrase.partition(" ")
    return rest if first.lower() in _DETERMINERS and rest else phrase


def _words(text: str) -> list[_Word]:
    return [_Word(m.group(), m.start(), m.end()) for m in _WORD.finditer(text)]


def _is_english(question: str) -> bool:
    """Whether it has an English small word, and no letter that English does without."""
    letters = [c for c in question if c.isalpha()]
    latin = sum(c < "\u0250" for c in letters)
    if "¿" in question or "¡" in question or not letters or 2 * latin < len(letters):
        return False
    return any(word.low in STOP for word in _words(question))


def _is_year(word: str) -> bool:
    return bool(re.fullmatch(r"[12]\d{3}", word))


def _is_season(word: str) -> bool:
    return word in _SEASONS


def _is_month(word: str) -> bool:
    return word in _MONTHS


def _is_ordinal(word: str) -> bool:
    return word in _ORDINALS


def _shape(name: str) -> tuple[int, bool]:
    bare = _without_determiner(name)
    return len(bare.split()), bare.isupper()
