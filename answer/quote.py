"""The writer without an LLM: picks the sentences that answer best, verbatim.

Sentences are scored twice. The first score costs next to nothing and picks those that are read by
the model: how many of the question's telling words a sentence and its surroundings hold, how near
its passage is to the question in meaning, and whether it holds the kind of thing that was asked
for. The second, which says what is quoted, adds how well the words of the sentence itself match
those of the question in meaning. The weights were fitted by maximum likelihood on XQuAD (English),
cross-validated by article; `bench/quality.py` prints what they achieve. Whether there is an answer
at all is another question, which `support.py` judges.

Left out: any word that is not in a source. Checking the spans is `ground.py`'s part.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from answer.draft import Claim, Draft, Quotation
from answer.expect import Expectation, expect
from answer.support import Asked, Signs, aligned, asked, matched, signs
from index.search import Hit
from index.words import content_terms, terms
from ingest.article import Span

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from index.embed import Embedder, Tokens

# The first score; with COSINE, by the sentence's own nearness, it finds the one that support is
# judged by. Judged by the one that is quoted, 97.6 instead of 98.0 % are declined where 5 % are
# refused and the article is left out, and one of the sample's eight questions without an answer
# is answered.
COVERAGE, PASSAGE, COSINE = 9.7, 11.5, 3.4
# The second score: softmax over the sentences that were read, six folds of eight articles. Right
# first 83.8 %, in the first three 95.9 % of all questions; with the first score and COSINE fitted
# alike 81.1 and 95.0, with the passage's matches in DIRECT's place 80.4 and 95.2, with the
# sentence's own alone 83.5 and 95.2. Beside DIRECT, COSINE is fitted as 0.2.
HELD, NEAR, DIRECT, KIND = 3.0, 8.5, 14.0, 1.9
NEIGHBOUR, TITLE = 0.5, 0.35  # how much a word counts that stands beside the sentence, or above it
EMBEDDED = 8  # sentences that the model reads; XQuAD is flat from 8 to 16, and each costs 4 ms

THRESHOLD = 0.2  # bench/calibration.py: 2.8 % of XQuAD's answerable questions fall below it

NOWHERE = ""  # a word that no article holds: its idf is the highest that there is
# It counts at most so many times as much as a word that stands in one passage. This alters corpora
# of up to three passages, where it would be 4.8, 2.6 and 2.1 times.
TWICE = 2.0
# "How many" asks for a figure. Where these stand nowhere, that says nothing about the subject.
QUANTITY = frozenset(terms("many much"))

NOTHING = Signs(0.0, 0.0, 0.0)  # where no sentence could answer

LIMIT = 3
# How far below the best a further sentence may score and still be shown. XQuAD: 2.6 sentences are
# shown; with 5.0 it would be 2.4, and a quarter of a point fewer right in the first three.
MARGIN = 6.0


@dataclass(frozen=True, slots=True)
class _Candidate:
    hit: Hit
    chars: Span
    text: str
    coverage: float
    fits: float
    said: frozenset[str]
    written: frozenset[str]
    title: frozenset[str]

    def first_score(self) -> float:
        return COVERAGE * self.coverage + PASSAGE * _cosine(self.hit) + KIND * self.fits


class QuotingWriter:
    """Answers with up to `LIMIT` sentences of the hits, the most direct one first.

    `idf` says how telling words are (`Searcher.idf`); `embedder` compares meanings.
    """

    def __init__(
        self, embedder: Embedder, idf: Callable[[Iterable[str]], Mapping[str, float]]
    ) -> None:
        self._embedder = embedder
        self._idf = idf

    def write(self, question: str, hits: Sequence[Hit]) -> Draft:
        """The chosen sentences; none where nothing in the hits answers."""
        ranked = self.rank(question, hits)
        if not ranked:
            return Draft((), 0.0)
        best = ranked[0]
        if best.support < THRESHOLD:
            return Draft((), best.support)
        chosen = _distinct([q for q in ranked if q.score >= best.score - MARGIN], LIMIT)
        ordered = (best, *_in_reading_order(chosen[1:]))
        return Draft(tuple(Claim(q.text, (q,)) for q in ordered), best.support)

    def rank(self, question: str, hits: Sequence[Hit]) -> tuple[Quotation, ...]:
        """The best candidates of all hits by score; sentences that cannot answer are left out."""
        return self.weigh(question, hits)[0]

    def weigh(self, question: str, hits: Sequence[Hit]) -> tuple[tuple[Quotation, ...], Signs]:
        """As `rank`, with the signs that their support was made of."""
        question = " ".join(question.split())
        expectation = expect(question)
        weights, most = self._weights(question)
        candidates = [c for hit in hits for c in _candidates(hit, expectation, weights)]
        candidates.sort(key=_Candidate.first_score, reverse=True)
        candidates = candidates[:EMBEDDED]
        if not candidates:
            return (), NOTHING
        texts = [question, *(" ".join(c.text.split()) for c in candidates)]
        rows, tokens = self._embedder.read(texts)
        cosines = (rows[1:] @ rows[0]).astype(np.float64).tolist()
        words = asked(question, tokens[0], weights, most)
        matches = _matches(words, candidates, tokens[1:])
        found = _signs(words, candidates, matches, cosines)
        quotations = [
            Quotation(c.hit, c.chars, c.text, _score(words, c, *own), found.support)
            for c, own in zip(candidates, matches, strict=True)
        ]
        return tuple(sorted(quotations, key=lambda q: -q.score)), found

    def _weights(self, question: str) -> tuple[dict[str, float], float]:
        """How telling each content word of the question is, and a word that is nowhere."""
        found = dict(self._idf([*dict.fromkeys(content_terms(question)), NOWHERE]))
        nowhere = found.pop(NOWHERE)
        once = max(nowhere, math.log(4)) - math.log(3)  # bm25's idf of a word in one passage
        most = min(nowhere, TWICE * once)
        weights = {w: min(idf, most) for w, idf in found.items()}
        asked_for = {w for w in QUANTITY if found.get(w, 0.0) >= nowhere}
        return {w: idf for w, idf in weights.items() if w not in asked_for} or weights, most


def _matches(
    words: Asked, candidates: Sequence[_Candidate], tokens: Sequence[Tokens]
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """How well each candidate matches the question's words, and those read of its passage do."""
    read: dict[str, list[Tokens]] = {}
    for candidate, one in zip(candidates, tokens, strict=True):
        read.setdefault(candidate.hit.passage.id, []).append(one)
    around = {
        c.hit.passage.id: matched(words, read[c.hit.passage.id], c.written) for c in candidates
    }
    return [
        (matched(words, [one], c.said | c.title), around[c.hit.passage.id])
        for c, one in zip(candidates, tokens, strict=True)
    ]


def _score(
    words: Asked,
    candidate: _Candidate,
    own: NDArray[np.float64],
    around: NDArray[np.float64],
) -> float:
    """What is matched beside the sentence only counts as a word that stands beside it does."""
    return (
        DIRECT * aligned(words, np.maximum(own, NEIGHBOUR * around), candidate.title)
        + HELD * candidate.coverage
        + NEAR * _cosine(candidate.hit)
        + KIND * candidate.fits
    )


def _signs(
    words: Asked,
    candidates: Sequence[_Candidate],
    matches: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]],
    cosines: Sequence[float],
) -> Signs:
    """The signs of the sentence that says most of the question, be it the one to quote or not."""

    def told(at: int) -> float:
        return candidates[at].first_score() + COSINE * cosines[at]

    at = max(range(len(candidates)), key=told)
    best = candidates[at]
    share = aligned(words, matches[at][1], best.title)
    return signs(words, share, coverage=best.coverage, cosine=cosines[at])


def _candidates(
    hit: Hit, expectation: Expectation, weights: Mapping[str, float]
) -> Iterable[_Candidate]:
    passage = hit.passage
    texts = [span.shifted(-passage.chars.start).of(passage.text) for span in passage.sentences]
    bags = [frozenset(terms(text)) for text in texts]
    above = frozenset(terms(f"{passage.title} {passage.heading}"))
    written = above.union(*bags)
    for at, (chars, text, bag) in enumerate(zip(passage.sentences, texts, bags, strict=True)):
        if text.rstrip("\"'”’)").endswith(("?", "？", "؟", ":")) or not bag:
            continue
        fits = expectation.fit(text)
        if expectation.kind == "money" and not fits:
            continue  # an amount is plain to see; without one there is no price
        beside = frozenset().union(*bags[max(0, at - 1) : at], *bags[at + 1 : at + 2])
        coverage = _coverage(weights, bag, beside, above)
        yield _Candidate(hit, chars, text, coverage, fits, bag, written, above)


def _coverage(
    weights: Mapping[str, float],
    sentence: frozenset[str],
    beside: frozenset[str],
    above: frozenset[str],
) -> float:
    """The share of the question's idf that the sentence holds; its surroundings count in part."""
    total = sum(weights.values())
    held = sum(
        weight
        * (1.0 if w in sentence else NEIGHBOUR if w in beside else TITLE if w in above else 0.0)
        for w, weight in weights.items()
    )
    return held / total if total else 0.0


def _cosine(hit: Hit) -> float:
    return hit.cosine or 0.0


def _distinct(quotations: Sequence[Quotation], limit: int) -> tuple[Quotation, ...]:
    """The first `limit` that do not repeat a better one, as the reprint of a story would."""
    kept: list[tuple[frozenset[str], Quotation]] = []
    for quotation in quotations:
        words = frozenset(terms(quotation.text))
        if all(len(words & other) < 0.8 * len(words | other) for other, _ in kept):
            kept.append((words, quotation))
        if len(kept) == limit:
            break
    return tuple(quotation for _, quotation in kept)


def _in_reading_order(quotations: Sequence[Quotation]) -> tuple[Quotation, ...]:
    """Sentences of one article stand together, as it has them; articles by their best sentence."""
    order = list(dict.fromkeys(q.hit.passage.article_sha256 for q in quotations))
    return tuple(
        sorted(quotations, key=lambda q: (order.index(q.hit.passage.article_sha256), q.chars))
    )
