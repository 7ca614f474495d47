"""A draft, sentence by sentence: does the corpus support it, contradict it, or say nothing of it?

For each sentence the corpus is searched, the sentences that share most words with it are judged
(`judge/`), alone and then two or three together, read with the names in their title and heading,
and those that decide are given as places. What an article only asks supports nothing. Words in
quotation marks are checked as quotations too: a sentence that misquotes is not supported, however
true the rest is. Where sources disagree, both sides are given.

Left out: what a sentence of the draft means by "he" or "there"; who exactly an article's "it" is,
which may be any name of the title or of the sentence before; and half-truths, which count as
absent: `coverage` and `findings` say what is missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from answer.check import LONGEST_QUOTE, QuoteCheck, check_quote
from answer.judge import Finding, Judgement, judge
from answer.judge.names import proper_names
from answer.match import find_alike
from answer.place import Place
from index.search import Hit
from index.words import content_terms, terms
from ingest.article import Passage, Span, line_spans
from ingest.errors import BadQuestion
from ingest.split import sentences

if TYPE_CHECKING:
    from index.catalog import Catalog

ReviewVerdict = Literal["supported", "contradicted", "absent", "nothing_to_check"]
Search = Callable[[str], Sequence[Hit]]
LONGEST_DRAFT, MOST_SENTENCES = 20_000, 200  # characters, sentences

_JUDGED = 6  # sentences judged alone
_JOINED = 4  # of those, judged together, two or three of a passage at a time
_PART = 0.5  # coverage by one of sentences that are judged together
_GIVEN = 3  # places given for a verdict
_ABOUT = 0.8  # coverage of the rest of a statement by a sentence that contradicts a word of it
_SHORTEST = 3  # words in quotation marks that count as a quotation; fewer are names and titles
_HEADING = re.compile(r"#{1,6}(?:[ \t].*)?")
_AFTER_FIGURE = re.compile(r"(?<=\d)\.\s+")
_WORD = re.compile(r"[^\W\d_][\w-]*")
_PRONOUNS = frozenset("it its they them their he him his she her".split())
_LONG = f"{{1,{LONGEST_QUOTE - 2}}}"
_QUOTED = re.compile(f'“[^“”]{_LONG}”|«[^«»]{_LONG}»|„[^„“”]{_LONG}[“”]|"[^"\n]{_LONG}"')


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One sentence of a draft. `chars` are in the draft; places, in the articles.

    `support` and `against` are the sentences that support or contradict it; both are empty for
    `absent` and `nothing_to_check` (questions and headings). `findings` and `coverage` are those of
    the evidence that decided, or came nearest.
    """

    chars: Span
    sentence: str
    verdict: ReviewVerdict
    coverage: float = 0.0
    support: tuple[Place, ...] = ()
    against: tuple[Place, ...] = ()
    findings: tuple[Finding, ...] = ()
    quotes: tuple[QuoteCheck, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "chars": self.chars.to_json(),
            "sentence": self.sentence,
            "verdict": self.verdict,
            "coverage": round(self.coverage, 4),
            "support": [place.to_json() for place in self.support],
            "against": [place.to_json() for place in self.against],
            "findings": [asdict(finding) for finding in self.findings],
            "quotes": [quote.to_json() for quote in self.quotes],
        }


@dataclass(frozen=True, slots=True)
class DraftReview:
    """A draft and its sentences, in order."""

    draft: str
    sentences: tuple[Reviewed, ...]

    def to_json(self) -> dict[str, Any]:
        return {"draft": self.draft, "sentences": [one.to_json() for one in self.sentences]}


def review(draft: str, catalog: Catalog, *, search: Search) -> DraftReview:
    """Every sentence of the draft, with what the corpus has for or against it.

    `search` gives the best passages for a sentence. `BadQuestion` for a draft that is empty, longer
    than `LONGEST_DRAFT` characters, or of more than `MOST_SENTENCES` sentences.
    """
    parts = _checked_sentences(draft)
    quotations = [
        (Span(*match.span()), check_quote(match.group(), catalog))
        for match in _QUOTED.finditer(draft)
        if len(terms(match.group())) >= _SHORTEST
    ]
    reviewed: list[Reviewed] = []
    for chars in parts:
        quotes = tuple(check for span, check in quotations if span.overlap(chars))
        reviewed.append(_reviewed(chars, chars.of(draft), quotes, catalog, search))
    return DraftReview(draft, tuple(reviewed))


def _checked_sentences(draft: str) -> tuple[Span, ...]:
    if len(draft) > LONGEST_DRAFT:
        raise BadQuestion(
            f"The draft has {len(draft):,} characters; {LONGEST_DRAFT:,} is the most. "
            "Check it in pieces."
        )
    parts = tuple(_parts(draft))
    if not terms(draft):
        raise BadQuestion("The draft is empty. Give the sentences to check.")
    if len(parts) > MOST_SENTENCES:
        raise BadQuestion(
            f"The draft has {len(parts):,} sentences; {MOST_SENTENCES} is the most. "
            "Check it in pieces."
        )
    return parts


def _parts(draft: str) -> Iterator[Span]:
    """Headings, and the sentences between them."""
    start = 0
    for line in line_spans(draft, Span(0, len(draft))):
        if _HEADING.fullmatch(line.of(draft)):
            yield from _sentences(draft, Span(start, line.start))
            yield line
            start = line.end
    yield from _sentences(draft, Span(start, len(draft)))


def _sentences(draft: str, within: Span) -> Iterator[Span]:
    """The sentences, parted after a figure too: "… in 1923. Who knows?" """
    for chars in sentences(draft, within):
        start = chars.start
        for match in _AFTER_FIGURE.finditer(draft, chars.start, chars.end):
            if match.end() < chars.end and draft[match.end()].isupper():
                yield Span(start, match.start() + 1)
                start = match.end()
        yield Span(start, chars.end)


# ---- one sentence -------------------------------------------------------------------------------


class _Evidence(NamedTuple):
    """Sentences of articles, and what they say together about a statement."""

    pieces: tuple[_Piece, ...]
    judgement: Judgement


class _Piece(NamedTuple):
    """A sentence of an article: where it stands, and what it says."""

    passage: Passage
    chars: Span
    text: str


def _reviewed(
    chars: Span, sentence: str, quotes: tuple[QuoteCheck, ...], catalog: Catalog, search: Search
) -> Reviewed:
    if _claims_nothing(sentence):
        return Reviewed(chars, sentence, "nothing_to_check", quotes=quotes)
    alone, together = _judged(sentence, search(sentence))
    holding = [e for e in alone if e.judgement.verdict == "supported"][:_GIVEN] or together[:1]
    against = [e for e in alone if _contradicts(sentence, e)]
    misquotes = any(quote.verdict in ("altered", "not_in_corpus") for quote in quotes)
    if misquotes:
        holding = []
    deciding = (holding or against or alone)[:1]
    judgement = deciding[0].judgement if deciding else Judgement("unsupported", 0.0, (), False)
    return Reviewed(
        chars,
        sentence,
        "supported" if holding else "contradicted" if against else "absent",
        judgement.coverage,
        tuple(_places(holding, catalog)),
        tuple(_places(against[:_GIVEN], catalog)),
        judgement.findings,
        quotes,
    )


def _claims_nothing(sentence: str) -> bool:
    """Questions and headings; who asks claims nothing, in a draft or in an article."""
    bare = sentence.rstrip("\"'”’»）) ")
    return (
        bare.endswith(("?", "？", "؟")) or bool(_HEADING.fullmatch(sentence)) or not terms(sentence)
    )


def _contradicts(sentence: str, evidence: _Evidence) -> bool:
    """Whether the evidence says something else of the same thing: it holds what else is said."""
    if not evidence.judgement.contradicted:
        return False
    rest = sentence
    for finding in evidence.judgement.findings:
        if finding.instead is not None and not finding.agrees:
            rest = rest.replace(finding.said, " ")
    return _judged_with_names(rest, evidence.pieces).coverage >= _ABOUT


def _judged(sentence: str, hits: Sequence[Hit]) -> tuple[list[_Evidence], list[_Evidence]]:
    """What sentences say alone, best first, and those that support it only together."""
    verbatim = list(_verbatim(sentence, hits))
    if verbatim:
        return verbatim, []
    pieces = _nearest_pieces(sentence, hits)
    alone = [_Evidence((piece,), _judged_with_names(sentence, [piece])) for piece in pieces]
    alone.sort(key=lambda e: -e.judgement.coverage)
    if any(e.judgement.verdict == "supported" for e in alone):
        return alone, []
    joined = [e.pieces[0] for e in alone if not e.judgement.contradicted][:_JOINED]
    groups = (
        group
        for size in (2, 3)
        for group in combinations(joined, size)
        if len({piece.passage for piece in group}) == 1  # apart, each is about something else
        and _adds_up(sentence, group, alone)
    )
    unions = (_Evidence(g, _judged_with_names(sentence, g)) for g in groups)
    first = next((union for union in unions if union.judgement.verdict == "supported"), None)
    return alone, [first] if first else []


def _adds_up(sentence: str, group: Sequence[_Piece], alone: Sequence[_Evidence]) -> bool:
    """Whether sentences may be read as one: one of them says a good part of the statement alone,
    with every name of it that any of them has, or by "it" or "they" after one of the others. Else
    "Kest buys timber" and "Orlo ordered ships" would say that Kest orders ships.
    """
    names = (name for name in proper_names(sentence) if name.replace(" ", "").isalpha())
    said = " ".join((*names, *_WORD.findall(sentence)[:1]))  # it may open with one
    wanted = _capitalised(group).intersection(content_terms(said))
    for piece, judgement in ((e.pieces[0], e.judgement) for e in alone):
        if piece not in group or judgement.coverage < _PART:
            continue
        if _refers(piece.text) and any(_is_right_before(other, piece) for other in group):
            return True
        if judgement.verdict == "partly" and (
            wanted.intersection(terms(piece.text))
            == wanted.intersection(terms(" ".join(other.text for other in group)))
        ):
            return True
    return False


def _is_right_before(one: _Piece, other: _Piece) -> bool:
    between = [s for s in other.passage.sentences if one.chars.end <= s.start < other.chars.start]
    return one.chars.end <= other.chars.start and not between


def _capitalised(pieces: Sequence[_Piece]) -> set[str]:
    found = (word for piece in pieces for word in _WORD.findall(piece.text) if word[0].isupper())
    return {term for word in found for term in terms(word)}


def _refers(text: str) -> bool:
    return not _PRONOUNS.isdisjoint(text.casefold().rstrip(".!?").split())


def _judged_with_names(sentence: str, pieces: Sequence[_Piece]) -> Judgement:
    """What sentences of one passage say, read with the names above them, as readers do.

    "It made parts for cars" below the title "The rise of Baykar" is of Baykar. Titles and headings
    give names and nothing else: what was done, and to what, the sentences must say themselves.
    """
    said = [piece.text for piece in pieces]
    alone = judge(sentence, said)
    if alone.verdict == "supported":
        return alone
    known = dict.fromkeys(name for piece in pieces for name in _names_known(piece))
    return judge(sentence, [*said, *known]) if known else alone


def _names_known(piece: _Piece) -> Iterator[str]:
    """The proper names above a sentence; and in the one before it, if it says "it" or the like."""
    passage = piece.passage
    own = " ".join(proper_names(passage.text)).split()
    for text in filter(None, (passage.title, passage.heading)):
        yield from proper_names(text)
        yield from (word for word in _WORD.findall(text) if word[0].isupper() and word in own)
    if _refers(piece.text):
        before = [s for s in passage.sentences if s.end <= piece.chars.start][-1:]
        for chars in before:
            yield from proper_names(chars.shifted(-passage.chars.start).of(passage.text))


def _verbatim(sentence: str, hits: Sequence[Hit]) -> Iterator[_Evidence]:
    """The whole sentences in which the sentence itself stands, and that do not take it back."""
    for hit in hits:
        found = find_alike(sentence, hit.passage.text)
        if found is None:
            continue
        piece = _whole(hit.passage, found.shifted(hit.passage.chars.start))
        if _claims_nothing(piece.text):
            continue
        judgement = judge(sentence, [piece.text])
        if judgement.verdict == "supported":
            yield _Evidence((piece,), judgement)


def _whole(passage: Passage, chars: Span) -> _Piece:
    """The sentences of a passage that a stretch of it is in, from the first to the last."""
    held = [own for own in passage.sentences if own.overlap(chars)]
    if held:
        chars = Span(min(chars.start, held[0].start), max(chars.end, held[-1].end))
    return _Piece(passage, chars, chars.shifted(-passage.chars.start).of(passage.text))


def _nearest_pieces(sentence: str, hits: Sequence[Hit]) -> list[_Piece]:
    """The hits' sentences that share most of the statement's words; of equal ones, the first."""
    wanted = frozenset(content_terms(sentence))
    pieces: dict[str, _Piece] = {}
    for hit in hits:
        passage = hit.passage
        for chars in passage.sentences:
            text = chars.shifted(-passage.chars.start).of(passage.text)
            if not _claims_nothing(text):
                pieces.setdefault(text, _Piece(passage, chars, text))
    shared = {text: len(wanted.intersection(terms(text))) for text in pieces}
    best = sorted(pieces.values(), key=lambda piece: -shared[piece.text])
    return [piece for piece in best[:_JUDGED] if shared[piece.text]]


def _places(evidence: Sequence[_Evidence], catalog: Catalog) -> Iterator[Place]:
    """The places of all pieces; none whose words are not those at its span."""
    pieces = {(p.passage.article_sha256, p.chars): p for e in evidence for p in e.pieces}
    for (sha256, chars), piece in pieces.items():
        article = catalog.article(sha256)
        if article is not None and article.text[chars.start : chars.end] == piece.text:
            yield Place.cut(article, chars)
