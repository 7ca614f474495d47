"""The writer without an LLM: picks the sentences that answer best, verbatim.

Each sentence of the passages that were found gets a score from four things: how many of the
question's telling words it and its surroundings hold, how near its passage and it are to the
question in meaning, and whether it holds the kind of thing that was asked for. The weights were
fitted by maximum likelihood on XQuAD (English), cross-validated by article; `bench/quality.py`
prints what they achieve. Whether the best sentence answers at all is another question, which
`support.py` judges.

Left out: any word that is not in a source. Checking the spans is `ground.py`'s part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from answer.draft import Claim, Draft, Quotation
from answer.expect import Expectation, expect
from answer.support import Asked, Signs, asked, signs
from index.search import Hit
from index.words import content_terms, terms
from ingest.article import Span

if TYPE_CHECKING:
    from index.embed import Embedder, Tokens

# Fitted on xquad.en.json by softmax over each question's sentences, six folds of eight articles:
# right first 81.0 %, in the first three 95.6 %; without COSINE 80.3 and 95.4, without KIND 80.8 and
# 95.0. NEIGHBOUR from 0.3 to 0.7 and TITLE from 0.2 to 0.5 are alike on the sample questions.
COVERAGE, PASSAGE, COSINE, KIND = 9.7, 11.5, 3.4, 1.9
NEIGHBOUR, TITLE = 0.5, 0.35  # how much a word counts that stands beside the sentence, or above it
EMBEDDED = 8  # sentences compared in meaning; XQuAD is flat from 8 to 20, and each costs 4 ms

THRESHOLD = 0.2  # bench/calibration.py: 2.8 % of XQuAD's answerable questions fall below it

NOWHERE = ""  # a word that no article holds: its idf is the highest that there is

LIMIT = 3
# How far below the best a further sentence may score and still be shown. XQuAD: 2.7 sentences are
# shown; with 4.0 it would be 2.2, and half a point fewer right in the first three.
MARGIN = 6.0


@dataclass(frozen=True, slots=True)
class _Candidate:
    hit: Hit
    chars: Span
    text: str
    coverage: float
    fits: float
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
        return tuple(quotation for quotation, _ in self.weigh(question, hits))

    def weigh(self, question: str, hits: Sequence[Hit]) -> tuple[tuple[Quotation, Signs], ...]:
        """As `rank`, each with the signs that its support was made of."""
        question = " ".join(question.split())
        expectation = expect(question)
        weights = dict(self._idf([*dict.fromkeys(content_terms(question)), NOWHERE]))
        most = weights.pop(NOWHERE)
        candidates = [c for hit in hits for c in _candidates(hit, expectation, weights)]
        candidates.sort(key=_Candidate.first_score, reverse=True)
        candidates = candidates[:EMBEDDED]
        if not candidates:
            return ()
        texts = [question, *(" ".join(c.text.split()) for c in candidates)]
        rows, tokens = self._embedder.read(texts)
        cosines = (rows[1:] @ rows[0]).astype(np.float64).tolist()
        words = asked(question, tokens[0], weights, most)
        read: dict[str, list[Tokens]] = {}
        for candidate, one in zip(candidates, tokens[1:], strict=True):
            read.setdefault(candidate.hit.passage.id, []).append(one)
        weighed = [
            _quotation(c, cosine, words, read[c.hit.passage.id])
            for c, cosine in zip(candidates, cosines, strict=True)
        ]
        return tuple(sorted(weighed, key=lambda pair: -pair[0].score))


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
        yield _Candidate(hit, chars, text, coverage, fits, written, above)


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


def _quotation(
    candidate: _Candidate, cosine: float, words: Asked, read: Sequence[Tokens]
) -> tuple[Quotation, Signs]:
    found = signs(
        words,
        read,
        candidate.written,
        candidate.title,
        coverage=candidate.coverage,
        cosine=cosine,
    )
    score = candidate.first_score() + COSINE * cosine
    quotation = Quotation(candidate.hit, candidate.chars, candidate.text, score, found.support)
    return quotation, found


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
