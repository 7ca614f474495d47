"""A cited sentence → who says it, where the article's own text says so.

In news a quotation is not the paper's own claim: "…," said Ann Lee. Direct speech is looked for
first (`speech.py`), then "Ann Lee said that …", "…, according to the ministry" (`subject.py`). The
name is cut out of the article; a surname becomes the full name where the article introduced exactly
one person by it; "he" is followed back only through sentences that all report speech.

To name the wrong speaker is worse than to name none, so whatever is ambiguous has none. All work is
done in a window around the sentence, but for the look-up of a surname, which is bounded.

Left out: speech that only its context gives away (a new paragraph, a dialogue, an interview).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from answer.speaker.speech import Speech, paragraph_breaks, quotations, sounds_spoken
from answer.speaker.subject import (
    BOUNDARIES,
    NOUNS_TOO,
    PRONOUNS,
    SAY,
    THAT,
    TOLD,
    Subject,
    Word,
    noun_phrase,
    subject_after,
    subject_before,
    words,
)
from ingest.article import Article, Span
from ingest.split import sentences

_BEFORE, _AFTER = 4_000, 2_000  # characters of the article that are read around the sentence
_CLAUSE = 400  # characters in which a quotation's speaker is looked for, before it and after it
_TAIL = 16  # words between a verb and what it reports: said on Friday in Kyiv that
_MENTIONS = 300  # places at which a surname is looked at
_MOST_QUOTATIONS = 200  # in a window of 6,000 characters; more is no prose
_ENDS = frozenset(".!?;")
_SAID_NOTHING = frozenset(
    "nothing little no yes goodbye hello so much more sorry farewell thanks".split()
)
_PLURAL = re.compile(r"s$|^(?:police|people)$")
_WOMAN = re.compile(
    r"(?:woman|^(?:mrs|ms|miss|queen|mother|daughter|widow|wife|actress|sister))\.?$"
)
_MAN = re.compile(r"(?:(?<!wo)man|^(?:mr|king|father|son|husband|brother|actor))\.?$")
_QUOTED = "“”"  # stands for a quotation among the words around it


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who says a cited sentence: `name` is the article's own words at `chars`, on one line.

    `direct` is whether the words are the speaker's own, in quotation marks; else the article
    reports them in its words.
    """

    name: str
    chars: Span
    direct: bool


def speaker_of(article: Article, chars: Span) -> Speaker | None:
    """Who says the sentence at `chars`; None where it is the paper's own, or nobody is named.

    >>> from ingest.read import decode_article
    >>> text = "“It will hold,” said Per Holm, who built it."
    >>> speaker_of(decode_article("a.txt", text.encode()), Span(0, len(text)))
    Speaker(name='Per Holm', chars=Span(start=21, end=29), direct=True)
    """
    if len(chars) > _BEFORE:
        return None
    page = _Page(article, chars)
    if len(page.speeches) > _MOST_QUOTATIONS:
        return None
    found = page.said(chars)
    subject = page.resolved(found, chars) if found else None
    if found is None or subject is None:
        return None
    place = _full_name(article, subject)
    return Speaker(" ".join(place.of(article.text).split()), place, found.direct)


@dataclass(frozen=True, slots=True)
class _Said:
    subject: Subject
    direct: bool
    verb: str


class _Page:
    """The part of an article around a sentence, with its quotations."""

    def __init__(self, article: Article, chars: Span) -> None:
        body, self.text, self.article = article.body, article.text, article
        start = min(chars.start, max(body.start, chars.start - _BEFORE))
        end = max(chars.end, min(body.end, chars.end + _AFTER))
        self.window = Span(start, end)
        self.breaks = paragraph_breaks(self.text, self.window)
        self.speeches = quotations(self.text, self.window)

    def said(self, chars: Span) -> _Said | None:
        """Who says a sentence, by the nearest words; it may be a pronoun."""
        spoken = [s for s in self.speeches if s.overlap(chars)]
        main = [s for s in spoken if self._is_main(s, chars)]
        if main:
            found = [said for s in main if sounds_spoken(self.text, s) and (said := self.who(s))]
            names = {said.subject.chars for said in found}
            if names or any(p.start <= chars.start < p.end for s in main for p in s.parts):
                return found[0] if len(names) == 1 else None
            return self._indirect(chars, spoken)  # Ann Lee said it was "a long, long mistake"
        if self._is_block_quotation(chars):
            return self._above(chars) or self._signed(chars.end)
        return self._indirect(chars, spoken)

    def who(self, speech: Speech) -> _Said | None:
        """Who says a quotation: what follows it, leads to it, or goes before in the same breath."""
        for part in reversed(speech.parts):
            if found := self._following(part):
                return found
        if found := self._leading(speech) or self._signed(speech.end):
            return found
        return self._continued(speech)

    def resolved(self, said: _Said, chars: Span) -> Subject | None:
        """The subject, or whom its pronoun means: the last speaker, if nobody came between."""
        pronoun = said.subject.pronoun
        if pronoun is None:
            return said.subject
        if pronoun not in {"he", "she", "they", "it"}:
            return None
        within = Span(self._paragraph(self._paragraph(chars.start).start - 1).start, chars.end)
        every = list(sentences(self.text, within, self.article.language))
        own = next((s for s in every if s.end >= said.subject.chars.end), chars)
        if self._capitals(Span(min(own.start, chars.start), said.subject.chars.start)):
            return None
        for sentence in reversed([s for s in every if s.end <= own.start][-12:]):
            if any(speech.overlap(sentence) == len(sentence) for speech in self.speeches):
                continue
            earlier = self.said(sentence)
            if earlier is None:
                if self._capitals(sentence) or self._others(sentence, pronoun):
                    return None
            elif earlier.subject.pronoun is None:
                return self._fitting(earlier, sentence, pronoun, said.verb)
            elif earlier.subject.pronoun != pronoun:
                return None
        return None

    def _fitting(self, said: _Said, sentence: Span, pronoun: str, verb: str) -> Subject | None:
        """The earlier speaker, if it is of the pronoun's kind and no other full name follows it."""
        subject = said.subject
        phrase = [word.low for word in subject.phrase]
        plural = any(w == "and" for w in phrase) or bool(_PLURAL.search(subject.name[-1].low))
        person = subject.is_person or len(_full_name(self.article, subject)) > len(subject.chars)
        if pronoun == "they":
            return subject if not person and plural else None
        if pronoun == "it":
            return subject if not person and not plural else None
        if pronoun == "he" and any(_WOMAN.search(w) for w in phrase):
            return None
        if pronoun == "she" and any(_MAN.search(w) for w in phrase):
            return None
        if not person and not _is_one_person(phrase):
            return None
        after = Span(min(subject.phrase[-1].end, sentence.end), sentence.end)
        others = 0 if verb in {"added", "adds", "continued"} else self._full_names(after)
        return None if others else subject

    def _is_main(self, speech: Speech, chars: Span) -> bool:
        """Whether a quotation is most of the sentence, or what it begins or ends with."""
        inside, length = speech.overlap(chars), max(1, len(chars))
        first, last = speech.parts[0], speech.parts[-1]
        edge = first.start <= chars.start + 1 or last.end >= chars.end - 2
        spoken = sounds_spoken(self.text, speech)
        together = sum(s.overlap(chars) for s in self.speeches)
        if 2 * inside >= length or (2 * together >= length and spoken):
            return True
        return edge and spoken and self.who(speech) is not None

    def _following(self, part: Span) -> _Said | None:
        """Ann Lee in: "…," said Ann Lee, the mayor."""
        until, meets_speech = self._reach_after(part.end)
        line = words(self.text, Span(part.end, until))
        comma = bool(line) and line[0].text in {",", "—", "–", "-"}
        line = line[1:] if comma else line
        if line and line[0].text in {"—", "–", "-"}:
            line = line[1:]
        stop = next((at for at, word in enumerate(line) if word.text in _ENDS | {":"}), len(line))
        if not line or (stop < len(line) and line[stop].text == ":"):
            return None
        last = self.text[part.end - 2 : part.end - 1]
        if not comma and last not in ",!?…—–" and (not line[0].text[0].islower()):
            return None
        if meets_speech and stop == len(line) and last != "," and not comma and line[0].is_capital:
            return None  # "Why?" Lee said, "Because …": either may be his
        return self._reporting(line[:stop])

    def _reporting(self, line: Sequence[Word]) -> _Said | None:
        """The speaker in a clause that follows a quotation."""
        if any(word.low in _SECOND_HAND for word in line):
            return None
        if [word.low for word in line[:2]] == ["according", "to"]:
            return _said(subject_after(line[2:]), True, "according")
        at = next((n for n, word in enumerate(line[:30]) if word.is_verb), None)
        if at is None:
            return None
        if at == 0 or all(word.low.endswith("ly") for word in line[:at]):
            return _said(subject_after(line[at + 1 :]), True, line[at].low)
        return _said(subject_before(line[:at]), True, line[at].low)

    def _leading(self, speech: Speech) -> _Said | None:
        """Ann Lee in: Ann Lee told the court on Friday: "…"."""
        start = max(self._paragraph(speech.start).start, speech.start - _CLAUSE, self.window.start)
        start = max([start, *(s.end for s in self.speeches if s.end <= speech.start)])
        line = words(self.text, Span(start, speech.start))
        if not line:
            return self._above(speech.parts[0])
        return self._introducing(line)

    def _introducing(self, line: Sequence[Word]) -> _Said | None:
        """The speaker in words that lead to a quotation."""
        ends = [at for at, word in enumerate(line) if word.text in _ENDS]
        line = line[ends[-1] + 1 :] if ends else line
        if any(word.low in _SECOND_HAND for word in line):
            return None
        if [word.low for word in line[:2]] == ["according", "to"]:
            return _said(subject_after(line[2:]), True, "according")
        at = next((n for n in reversed(range(len(line))) if line[n].is_verb), None)
        if at is None:
            stated = next((n for n, w in enumerate(line) if w.low == "by" and n), None)
            if stated is None or line[-1].text != ":" or line[stated - 1].low not in _PAPERS:
                return None
            return _said(subject_after(line[stated + 1 :]), True, "stated")
        tail = line[at + 1 :]
        leads = not tail or tail[-1].text in {":", ",", "—", "–"} or tail[-1].low in THAT
        if len(tail) > _TAIL or not leads:
            return None
        return _said(subject_before(line[:at]), True, line[at].low)

    def _above(self, part: Span) -> _Said | None:
        """Ann Lee in a paragraph that ends with: Ann Lee wrote:"""
        paragraph = self._paragraph(part.start)
        before = [gap for gap in self.breaks if gap.end <= paragraph.start]
        if not before:
            return None
        above = self._paragraph(before[-1].start)
        start = max(above.start, above.end - _CLAUSE)
        line = words(self.text, Span(start, above.end))
        return self._introducing(line) if line and line[-1].text == ":" else None

    def _signed(self, at: int) -> _Said | None:
        """Ann Lee in: "…" — Ann Lee, novelist (the paragraph ends there)."""
        line = words(self.text, Span(at, min(self._paragraph(at).end, at + 120)))
        line = tuple(word for word in line if word.text != ">")
        if len(line) < 3 or line[0].text not in {"—", "–", "―"}:
            return None
        stop = next((n for n, word in enumerate(line) if n and not word.is_word), len(line))
        named = noun_phrase(line[1:stop])
        whole = stop == len(line) or line[stop].text in {",", "."}
        is_name = named is not None and named.is_person and all(w.is_capital for w in named.name)
        return _said(named, True, "signed") if whole and is_name else None

    def _continued(self, speech: Speech) -> _Said | None:
        """Ann Lee in: "…," Ann Lee said. "…" for the second, with nothing else between them."""
        earlier = [s for s in self.speeches if s.end <= speech.start]
        if not earlier or self._paragraph(speech.start).start > earlier[-1].end:
            return None
        between = Span(earlier[-1].end, speech.start)
        line = words(self.text, between) if len(between) <= _CLAUSE else ()
        ends = [at for at, word in enumerate(line) if word.text in _ENDS]
        if not line or ends not in ([], [len(line) - 1]):
            return None
        return self._following(earlier[-1].parts[-1])

    def _indirect(self, chars: Span, spoken: Sequence[Speech]) -> _Said | None:
        """Ann Lee in: Ann Lee said that …; …, said Ann Lee; according to Ann Lee, …"""
        line = self._outside(chars, spoken)
        if not line or line[-1].text in {"?", "؟"}:
            return None
        found = self._according(line)
        if found:
            return found
        for at, word in enumerate(line):
            if not word.is_verb:
                continue
            if subject := self._reports(line, at, chars):
                return _said(subject, False, word.low)
        return None

    def _reports(self, line: Sequence[Word], at: int, chars: Span) -> Subject | None:
        verb, tail = line[at], line[at + 1 :]
        stop = next((n for n, w in enumerate(tail) if w.text in _ENDS), len(tail))
        tail = tail[:stop]
        commas = [n for n, word in enumerate(line[:at]) if word.text == ","]
        if commas and len(tail) <= 12 and not any(w.low in THAT for w in tail):
            if commas[-1] == at - 1 and tail and verb.low not in TOLD:
                if found := _after_all(tail):  # …, said Ann Lee, the mayor.
                    return None if subject_before(line[:at]) else found
            elif not any(w.text in BOUNDARIES for w in tail):
                found = subject_before(line[:at])
                opened = line[commas[-1] + 1].low in {"and", "but", "who", "which"}
                if found and not opened and _is_trailing(tail, verb):
                    return found  # …, Ann Lee said on Friday.
        if 3 * (verb.start - chars.start) > 2 * len(chars) or not tail:
            return None
        that = _leads_to_that(verb, tail)
        bare = verb.low in SAY and tail[0].is_word and tail[0].low not in _SAID_NOTHING
        return subject_before(line[:at], main=True) if that or bare else None

    def _according(self, line: Sequence[Word]) -> _Said | None:
        lows = [word.low for word in line]
        at = next((n for n in range(len(lows) - 2) if lows[n : n + 2] == ["according", "to"]), None)
        if at is None:
            return None
        commas = [n for n, low in enumerate(lows[:at]) if low in {",", ";"}]
        if commas and commas[-1] != at - 1:
            return None  # it may belong to the last clause only
        found = subject_after(line[at + 2 :])
        rest = line[at + 2 + len(found.phrase) :] if found else ()
        if at and commas and sum(word.is_word for word in rest) > 6:
            return None
        whose = found.phrase[0].low in {"its", "their", "his", "her"} if found else False
        usable = found is not None and not found.pronoun and not (whose and not commas and at)
        return _said(found, False, "according") if usable else None

    def _outside(self, chars: Span, spoken: Sequence[Speech]) -> tuple[Word, ...]:
        """The words of a sentence, one mark standing for each quotation in it."""
        parts = sorted(part for speech in spoken for part in speech.parts if part.overlap(chars))
        line: list[Word] = []
        at = chars.start
        for part in parts:
            if part.start > at:
                line.extend(words(self.text, Span(at, part.start)))
            line.append(Word(_QUOTED, part.start, part.end))
            at = max(at, min(part.end, chars.end))
        return (*line, *words(self.text, Span(at, chars.end)))

    def _capitals(self, within: Span) -> list[Word]:
        """Words outside quotations that may be names."""
        spoken = [s for s in self.speeches if s.overlap(within)]
        line = self._outside(within, spoken)
        lows = _SMALL | PRONOUNS
        return [w for w in line if w.is_word and w.is_capital and w.low not in lows]

    def _others(self, sentence: Span, pronoun: str) -> bool:
        """Whether a sentence, outside quotations, speaks of another he, she or they."""
        line = self._outside(sentence, [s for s in self.speeches if s.overlap(sentence)])
        return any(w.low in {"he", "she", "they"} - {pronoun} for w in line)

    def _full_names(self, within: Span) -> int:
        """How many names of two words or more stand there, outside quotations."""
        found = self._capitals(within)
        return sum(second.start - first.end == 1 for first, second in itertools.pairwise(found))

    def _paragraph(self, at: int) -> Span:
        start, end = self.window.start, self.window.end
        for gap in self.breaks:
            if gap.end <= at:
                start = gap.end
            elif gap.start >= at:
                end = gap.start
                break
        return Span(min(start, end), end)

    def _reach_after(self, at: int) -> tuple[int, bool]:
        """How far a clause after a quotation may go, and whether another quotation ends it."""
        until = min(self._paragraph(at).end, at + _CLAUSE)
        following = min((s.start for s in self.speeches if s.start >= at), default=until + 1)
        return max(at, min(until, following)), following <= until

    def _is_block_quotation(self, chars: Span) -> bool:
        line = max(self.text.rfind("\n", 0, chars.start), self.text.rfind("\r", 0, chars.start)) + 1
        marks = self.text[max(line, chars.start - 12) : chars.start]
        return self.article.is_markdown and marks.strip().startswith(">")


_INSIDE = frozenset("of de la von van der al bin".split())
_SECOND_HAND = frozenset(  # the words are another's, or nobody's
    "quoting quoted quotes citing cited paraphrasing denied denies deny denying".split()
)
_PAPERS = frozenset("statement letter report post message note article speech interview".split())
_SMALL = frozenset(
    "a an the and but yet so if when while then this that these those there here in on at of for "
    "to from with by as it its his her their our we i you some many most all both one two no not "
    "later earlier meanwhile however after before what why how".split()
)


def _said(subject: Subject | None, direct: bool, verb: str) -> _Said | None:
    return _Said(subject, direct, verb) if subject else None


def _after_all(tail: Sequence[Word]) -> Subject | None:
    """The subject after its verb, where nothing but circumstances follows it."""
    found = subject_after(tail)
    if found is None or any(word.text == _QUOTED for word in tail):
        return None
    following = next((w for w in tail if w.start >= found.phrase[-1].end), None)
    ends = following is None or following.text == "," or following.low in _CIRCUMSTANCES
    return found if ends else None


def _leads_to_that(verb: Word, tail: Sequence[Word]) -> bool:
    """Whether a clause with "that" is what the verb reports: said on Friday that …"""
    at = next((n for n, word in enumerate(tail[:_TAIL]) if word.low in THAT), None)
    if at is None:
        return False
    between = [word.low for word in tail[:at] if word.is_word and not word.low.endswith("ly")]
    if not between:
        return True
    if verb.low in NOUNS_TOO or between[-1] in {"so", "such"} or _NOT_BETWEEN & set(between):
        return False
    return verb.low in TOLD or between[0] in _CIRCUMSTANCES


_NOT_BETWEEN = frozenset("to by how about and but which who".split())


def _is_trailing(tail: Sequence[Word], verb: Word) -> bool:
    """Whether nothing but time, place and listener follows: said (in a statement on Friday)."""
    if verb.low in TOLD or not tail:
        return True
    return verb.low not in _ACTS and tail[0].low in _CIRCUMSTANCES


_ACTS = frozenset(
    "responded answered answers asked asks replied continued announced denied".split()
)
_CIRCUMSTANCES = frozenset(
    "in on at after before during for last this yesterday today earlier later when while".split()
) | frozenset("monday tuesday wednesday thursday friday saturday sunday".split())


def _is_one_person(phrase: Sequence[str]) -> bool:
    """Whether a description is of one man or woman: the mayor, a spokesman for the ministry."""
    heads = phrase[
        : next((n for n, w in enumerate(phrase) if w in {"for", "of", "in"}), len(phrase))
    ]
    return bool(heads) and bool(
        re.search(r"(?:man|woman|person|er|or|ist|ian|ident|ant|ief)$", heads[-1])
    )


def _full_name(article: Article, subject: Subject) -> Span:
    """Where the article introduces the person by the full name, if it is only a surname here.

    Only where the first mention in the text is the full one, and no other full name has it.
    """
    if len(subject.name) != 1 or not subject.name[0].is_capital or subject.pronoun:
        return subject.chars
    surname = subject.name[0].text
    found: dict[str, Span] = {}
    for count, mention in enumerate(_mentions(article, surname), 1):
        if count == _MENTIONS:
            return subject.chars
        full = _name_that_ends(article, mention)
        if full is not None:
            found.setdefault(" ".join(full.of(article.text).split()), full)
        elif not found and not _is_heading(article, mention.start):
            return subject.chars
    only = list(found.values())
    return only[0] if len(only) == 1 and only[0].start <= subject.chars.start else subject.chars


def _mentions(article: Article, name: str) -> Iterator[Span]:
    """Where the name stands as a word. `str.find`: an article may have 16 million characters."""
    text, at = article.text, article.body.start
    for _ in range(10 * _MENTIONS):
        at = text.find(name, at, article.body.end)
        if at < 0:
            return
        end = at + len(name)
        if not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()):
            yield Span(at, end)
        at = end


def _name_that_ends(article: Article, mention: Span) -> Span | None:
    """The full name that ends with this mention of a surname."""
    start = max(article.body.start, mention.start - 80)
    line = words(article.text, Span(start, mention.end))
    run: list[Word] = []
    for word in reversed(line):
        small = word.low in _SMALL or word.is_possessive
        if (small and word.low != "of") or not (word.is_capital or word.low in _INSIDE):
            break
        run.append(word)
    while run and not run[-1].is_capital:
        run.pop()
    if len(run) < 2 or "\n\n" in article.text[run[-1].start : mention.end]:
        return None
    named = noun_phrase(run[::-1])
    if named is None or len(named.name) < 2 or not named.is_person:
        return None
    return Span(named.name[0].start, mention.end)


def _is_heading(article: Article, at: int) -> bool:
    line = article.text.rfind("\n", 0, at) + 1
    return article.text.startswith("#", line) or line <= article.body.start
