"""Articles that are nearly the same as another: shown beside it, never dropped.

Which may be is asked of the full text: phrases from all over the article, each with the rarest
words of its stretch. A copy that was cut or lightly edited still holds some of them, and a rare
phrase is found at a cost that hardly depends on how much is indexed. Whether an article is alike is
then decided as for independent sources (`sources.py`), by the share of the shorter one that stands
in the longer one.

Left out: which of them was first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from answer.sources import COPY, LONGEST, likeness
from index.words import terms
from ingest.article import Article

if TYPE_CHECKING:
    from index.catalog import Catalog

_PHRASES = 16  # looked for, from as many stretches of the article
_WORDS = 5  # in each: longer ones are broken by an edit more often
_PASSAGES = 20  # looked at for each phrase
_CANDIDATES = 24  # articles that are compared, those with the most phrases in common


@dataclass(frozen=True, slots=True)
class Alike:
    """An article that is nearly the same; `share` of the shorter one stands in the longer one."""

    sha256: str
    path: str
    title: str
    publisher: str | None
    published: str | None
    share: float

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def alike(article: Article, catalog: Catalog) -> tuple[Alike, ...]:
    """The articles of the corpus that are copies of this one, or nearly, the most alike first."""
    shared = Counter[str]()
    for phrase in _phrases(article, catalog):
        ids = catalog.holding(phrase, limit=_PASSAGES)
        found = catalog.passages(ids).values()
        shared.update({passage.article_sha256 for passage in found} - {article.sha256})
    compared = (catalog.article(sha256) for sha256, _ in shared.most_common(_CANDIDATES))
    near = (_described(article, other) for other in compared if other is not None)
    return tuple(sorted((one for one in near if one.share >= COPY), key=_order))


def _phrases(article: Article, catalog: Catalog) -> list[Sequence[str]]:
    """From each stretch of the article the run of words whose rarest word is the rarest."""
    words = terms(article.body.of(article.text)[:LONGEST])
    held = catalog.document_frequencies(sorted(set(words)))
    step = max(_WORDS, len(words) // _PHRASES)
    return [_rarest(words[at : at + step], held) for at in range(0, len(words), step)]


def _rarest(words: Sequence[str], held: dict[str, int]) -> Sequence[str]:
    runs = [words[at : at + _WORDS] for at in range(max(1, len(words) - _WORDS + 1))]
    return min(runs, key=lambda run: sorted(held[word] or 1 for word in run))


def _described(article: Article, other: Article) -> Alike:
    return Alike(
        other.sha256,
        other.path,
        other.title,
        other.publisher,
        other.published,
        round(likeness(article, other), 3),
    )


def _order(one: Alike) -> tuple[float, str]:
    return -one.share, one.path
