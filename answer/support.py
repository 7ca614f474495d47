"""How likely it is that the corpus answers a question at all, judged by one of its sentences.

Three signs, none of which grows with the length of the question or the size of the corpus:

- **aligned**: how well each word of the question is matched by some word of the sentence, or of the
  other sentences that were read in its passage (the late interaction of ColBERT, Khattab and
  Zaharia 2020, with the embedder's own token vectors), or is at least spelled like a word there;
- **coverage**: which share of the question's telling words the sentence and its surroundings hold;
- **cosine**: how near the sentence as a whole is to the question in meaning.

Logistic regression makes one number of them, between 0 and 1. `bench/calibration.py` fits its
weights, and draws what they achieve (`docs/calibration.svg`); what else was tried is in
`docs/decisions/0011-declining.md`.

Left out: whether the sentence is the *right* answer; a question of few or of vague words, which
any text can match; questions in another language than the articles.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from index.words import terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from index.embed import Tokens

# bench/calibration.py --fit: every question of xquad.en.json asked of the whole corpus, without its
# paragraph and without its article; what can be answered weighs as much as what cannot. Fitted on
# five sixths of the articles and judged on the rest, in turn, the area is 0.967 and 0.991.
ALIGNED, COVERAGE, COSINE, OFFSET = 14.5, 3.7, 6.3, -12.9
TITLE = 0.35  # how much a word that the title holds counts: what an article is about is no answer
ALIKE = 0.8  # what a word that is spelled alike counts; from 0.7 to 1 the area differs by 0.0004
SPELLED_ALIKE, SHORTEST = 0.6, 5  # so much of two words' pairs of letters is the same, in so many
# What is missing in every question, in words that stand nowhere in the corpus: a question of one
# word is matched by chance more easily. From 0.2 to 0.5 the area differs by 0.0007.
DOUBT = 0.3
FAR = 0.3  # a cosine below this says no more than this does
_COMPARED = 32  # words whose spelling is compared, the most telling first: hostile text costs less
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """The words of a question, each with the weight of its terms, and a unit row for each.

    `doubt` is in the unit of the weights.
    """

    words: tuple[tuple[tuple[str, float], ...], ...]
    rows: NDArray[np.float32]
    doubt: float

    @property
    def weights(self) -> NDArray[np.float64]:
        return np.array([sum(weight for _, weight in word) for word in self.words], np.float64)


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for a sentence, each from 0 to 1, or a little below."""

    aligned: float
    coverage: float
    cosine: float

    @property
    def support(self) -> float:
        """The chance that the corpus answers the question.

        >>> round(Signs(0.7, 0.7, 0.6).support, 2), round(Signs(0.5, 0.3, 0.4).support, 2)
        (0.97, 0.12)
        """
        logit = ALIGNED * self.aligned + COVERAGE * self.coverage + COSINE * self.cosine + OFFSET
        return 1 / (1 + math.exp(-logit))


def asked(question: str, tokens: Tokens, weights: Mapping[str, float], most: float) -> Asked:
    """A question's words with their weights and rows; words without a weight are left out.

    `weights` are the idf of its terms, and `most` is that of a word that is nowhere in the corpus.
    A word without a token (the model reads 256) has a row of zeros.
    """
    words: list[tuple[tuple[str, float], ...]] = []
    rows: list[NDArray[np.float32]] = []
    at = 0
    for match in _WORD.finditer(question):
        held = dict.fromkeys(terms(match.group()))
        weighed = tuple((term, weights[term]) for term in held if term in weights)
        first = at
        while at < len(tokens.chars) and tokens.chars[at].start < match.end():
            at += 1
        if weighed:
            words.append(weighed)
            rows.append(tokens.rows[first:at].sum(axis=0))
    return Asked(tuple(words), _unit(rows, tokens.rows.shape[1]), DOUBT * most)


def matched(
    question: Asked, read: Sequence[Tokens], written: Collection[str]
) -> NDArray[np.float64]:
    """For each word of the question, how well the best word of what was read matches it, to 1.

    `read` are the tokens of one or more sentences, `written` the terms that spelling may match.
    """
    rows = np.concatenate([tokens.rows for tokens in read])
    meant = (question.rows @ rows.T).max(axis=1, initial=0.0)
    found: NDArray[np.float64] = np.maximum(meant, ALIKE * _spelled(question, written))
    return found


def aligned(question: Asked, matches: NDArray[np.float64], title: Collection[str]) -> float:
    """The weighted mean of the matches; words of the `title` count less, and doubt counts too."""
    if not question.words:
        return 0.0
    named = [any(term in title for term, _ in word) for word in question.words]
    weights = question.weights * np.where(named, TITLE, 1.0)
    total = float(weights.sum()) + question.doubt
    return float(weights @ matches) / total if total else 0.0


def signs(question: Asked, aligned: float, *, coverage: float, cosine: float) -> Signs:
    """The signs of a sentence: `aligned` over the sentences that were read of its passage, its
    own share of the question's weights, and its nearness to it.
    """
    total = float(question.weights.sum())
    sure = total / (total + question.doubt) if total else 0.0
    return Signs(aligned, sure * coverage, max(FAR, cosine))


def _spelled(question: Asked, written: Collection[str]) -> NDArray[np.float64]:
    """For each word of the question, how alike in spelling a word of the passage is."""
    weights = dict(term for word in question.words for term in word)
    missing = sorted((t for t in weights if t not in written), key=lambda t: -weights[t])
    long = [term for term in written if len(term) >= SHORTEST]
    alike = {term: _best(term, long) for term in missing[:_COMPARED] if len(term) >= SHORTEST}
    alike |= {term: 1.0 for term in weights if term in written}
    return np.array(
        [
            sum(weight * alike.get(term, 0.0) for term, weight in word)
            / (sum(weight for _, weight in word) or 1.0)
            for word in question.words
        ]
    )


def _best(term: str, others: Iterable[str]) -> float:
    best = max((_alike(_pairs(term), _pairs(other)) for other in others), default=0.0)
    return best if best >= SPELLED_ALIKE else 0.0


def _alike(ours: frozenset[str], theirs: frozenset[str]) -> float:
    """Dice's coefficient of two words' pairs of letters."""
    return 2 * len(ours & theirs) / (len(ours) + len(theirs))


@lru_cache(maxsize=20_000)
def _pairs(term: str) -> frozenset[str]:
    """The pairs of letters of a word, its first and its last marked as such."""
    marked = f"^{term}$"
    return frozenset(marked[at : at + 2] for at in range(len(marked) - 1))


def _unit(rows: Sequence[NDArray[np.float32]], dimension: int) -> NDArray[np.float32]:
    """Rows of length one; a row of zeros stays zero."""
    every = np.array(rows, np.float32).reshape(-1, dimension)
    lengths = np.linalg.norm(every, axis=1, keepdims=True)
    return (every / np.where(lengths > 0, lengths, 1)).astype(np.float32, copy=False)
