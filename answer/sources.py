"""How many independent sources are there? A wire story printed by three papers is one.

Each article becomes a MinHash signature of its four-word shingles (Broder 1997), and two articles
are copies where most of the shorter one stands in the longer one: cut or extended, with another
headline, lightly edited. `bench/sources.py` measures where the line is.

Left out: who copied from whom. The oldest is listed first, which is no proof that it is the origin.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

from rensa import RMinHash

from answer.answer import Citation, Source, SourceArticle
from answer.judge.figures import dates, figures
from index.search import Hit
from index.words import terms
from ingest.article import Article, Span
from ingest.locator import without_marks

WIDTH = 4  # words in a shingle
PERMUTATIONS = 256
# The least share of the shorter article's shingles that the longer one has too. bench/sources.py:
# copies have 0.61 or more, articles that quote a quarter of another 0.33 or less, others 0.07.
COPY = 0.5
# Below a tenth of the other's length the estimate is mostly noise: its standard error is
# sqrt((1 - r) / (r * PERMUTATIONS)) of a containment of 1, which is 0.19 at r = 0.1.
SHORTEST = 0.1
LONGEST = 30_000  # characters of a body that are read; a megabyte would take 120 ms
# Of a passage's word pairs, those that a better hit's passage has too. Of the passages of copies
# that bench/sources.py makes 91 to 100 % reach it, of the wire story's three quarters, and of other
# articles' only a common closing line; one new sentence in five keeps a passage.
REPEATED, PAIR = 0.8, 2
KEPT = 1_024  # signatures


@dataclass(frozen=True, slots=True)
class Signature:
    """What is remembered of a text: its MinHash, and how many different shingles it has."""

    minhash: RMinHash
    size: int

    def containment(self, other: Signature) -> float:
        """About which share of the smaller one's shingles the larger one has too, in [0, 1].

        From the Jaccard estimate j and the two sizes: the intersection is j (a + b) / (1 + j).
        """
        smaller, larger = sorted((self.size, other.size))
        if smaller < SHORTEST * larger or not smaller:
            return 0.0
        alike = float(self.minhash.jaccard(other.minhash))
        return min(1.0, alike * (smaller + larger) / (1 + alike) / smaller)


class _Signatures:
    """The signatures of the articles that were asked for last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, Span], Signature] = OrderedDict()
        self._lock = Lock()

    def of(self, article: Article) -> Signature:
        key = (article.sha256, article.body)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = signature(without_marks(article)[:LONGEST])
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made


_SIGNATURES = _Signatures()


def shingles(text: str, width: int = WIDTH) -> frozenset[str]:
    """Every run of `width` words, stemmed; a shorter text is one shingle, one without words none.

    >>> sorted(shingles("The tides of Kallo turn."))
    ['the tide of kallo', 'tide of kallo turn']
    """
    words = terms(text)
    last = max(1, len(words) - width + 1)
    return frozenset(" ".join(words[at : at + width]) for at in range(last) if words)


def signature(text: str, width: int = WIDTH) -> Signature:
    """The text's signature; the same for the same words in the same order, however printed."""
    found = shingles(text, width)
    minhash = RMinHash(PERMUTATIONS, 1)
    minhash.update(sorted(found))
    return Signature(minhash, len(found))


def likeness(article: Article, other: Article) -> float:
    """About which share of the shorter article stands in the longer one, in [0, 1]."""
    return _SIGNATURES.of(article).containment(_SIGNATURES.of(other))


def cluster(articles: Sequence[Article]) -> tuple[tuple[Article, ...], ...]:
    """The articles as independent sources: copies, and copies of copies, stand together.

    Within a source the oldest is first and those without a date are last; sources are in the order
    of their first article. The order in which the articles are given makes no difference.
    """
    ordered = sorted(articles, key=_age)
    signatures = [_SIGNATURES.of(article) for article in ordered]
    groups: list[list[int]] = []
    for at, (article, mark) in enumerate(zip(ordered, signatures, strict=True)):
        joined, apart = [at], []
        for group in groups:
            same = any(
                ordered[i].sha256 == article.sha256 or mark.containment(signatures[i]) >= COPY
                for i in group
            )
            if same:
                joined += group
            else:
                apart.append(group)
        groups = [*apart, joined]
    return tuple(tuple(ordered[i] for i in group) for group in sorted(map(sorted, groups)))


def sources_of(
    citations: Sequence[Citation], articles: Mapping[str, Article]
) -> tuple[Source, ...]:
    """The independent sources of an answer, in the order in which it cites them.

    `articles` are the cited ones and any others, by sha256; of the others, those that are copies of
    a cited one are listed with it. A citation whose article is not given has a source of its own.
    """
    groups = [tuple(map(_described, group)) for group in cluster(tuple(articles.values()))]
    cited = {c.article_sha256: _cited(c) for c in citations if c.article_sha256 not in articles}
    groups += [(article,) for article in cited.values()]
    sources = (_source(group, citations) for group in groups)
    return tuple(sorted((s for s in sources if s.citations), key=lambda s: s.citations))


def distinct_hits(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """The hits, best first, without those whose passage repeats a better one's.

    A passage is kept where it has a figure that the better one has not: a later edition of a story
    may differ from an earlier one in nothing else. Passages of one article are no copies of one
    another, whatever they have in common.
    """
    distinct: list[tuple[Hit, frozenset[str]]] = []
    for hit in hits:
        said = shingles(hit.passage.text, PAIR)
        if not any(_repeats(hit, said, better, other) for better, other in distinct):
            distinct.append((hit, said))
    return tuple(hit for hit, _ in distinct)


def _repeats(hit: Hit, said: frozenset[str], better: Hit, other: frozenset[str]) -> bool:
    if hit.passage.article_sha256 == better.passage.article_sha256:
        return False
    if len(said & other) < REPEATED * len(said):
        return False
    return _figures(hit.passage.text) <= _figures(better.passage.text)


def _figures(text: str) -> frozenset[object]:
    """The values of its figures and dates, however they are written."""
    return frozenset(
        [*((f.value, f.unit) for f in figures(text)), *(date.iso for date in dates(text))]
    )


def _age(article: Article) -> tuple[bool, str, str, str]:
    """Sorts the oldest first; a month without a day comes before its days, no date at the end."""
    return (not article.published, article.published or "", article.path, article.sha256)


def _described(article: Article) -> SourceArticle:
    return SourceArticle(
        article.sha256, article.path, article.title, article.publisher, article.published
    )


def _cited(citation: Citation) -> SourceArticle:
    return SourceArticle(
        citation.article_sha256,
        citation.path,
        citation.title,
        citation.publisher,
        citation.published,
    )


def _source(group: tuple[SourceArticle, ...], citations: Sequence[Citation]) -> Source:
    members = {article.sha256 for article in group}
    return Source(group, tuple(sorted(c.number for c in citations if c.article_sha256 in members)))
