"""Where in the corpus might these words stand? The articles that have them, and the nearest one.

Full text names the passages that hold the words, in order or in pieces; those are then read, with
what lies around them, because a quotation may cross their borders. What is read is limited, so that
a quotation that is nowhere costs no more than one that is somewhere.

What a page of Markdown never shows, its comments, scripts and styles, is not read.

Left out: the verdict (`check.py`), and how words are compared (`match.py`). A comment that an
article shows as an example, in a fenced block, counts as one; what nothing closes counts as text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property
from heapq import nlargest
from itertools import islice, pairwise, zip_longest
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from answer.judge.lexicon import NEGATIONS, NOT_NEGATING
from answer.match import Change, Nearest, alike, is_whole, nearest, occurrences
from answer.match.fold import Folded, fold
from answer.place import Place
from index.words import content_terms, terms
from ingest.article import Article, Passage, Span
from ingest.split import sentences

if TYPE_CHECKING:
    from index.catalog import Catalog

FARTHEST = 3_000  # characters between the parts of a quotation with an ellipsis
SHOWN = 5  # articles whose places are given
# From which likeness a quotation of so many words is near, for chance goes far in few of them. With
# 60 of XQuAD's 240 paragraphs left out, none of their 348 sentences is near to anything in the
# others (of their first 4 words, 1.7 % are), but 95 % of the sentences of 6 words or more with
# three of them changed are (`bench/check.py --accuracy`).
# Of their first 1, 2 and 3 words, 1 of 1,034 is near, though `_NEAR_ANYWAY` is enough for those.
NEAR, NEAR_SHORT, _NEAR_ANYWAY = 0.5, 1.5, 0.9  # 0.5 + 1.5 / words, but no more than 0.9
_COUNTED = 400  # passages read to count the articles that have the words
_READ = 60_000  # characters read in search of other typography or of something near
_WHOLE_PHRASE = 24  # terms looked up as one phrase; longer ones go in pieces
_PIECE, _PIECES = 8, 8  # terms of a piece, and how many are looked up
_HOLDING = 3_000  # passages that a piece may be in
_RAREST, _PHRASED = 6, 400  # terms by which passages are found that hold no piece; of the first
_PROMISING, _RUN = 200, 12  # articles whose passages are compared with so many behind each
_ARTICLES, _PASSAGES = 8, 3  # articles read, and passages of each, with this much around them:
_AROUND = 500
_TRIED, _CHAINS = 200, 20  # places of a part that are tried, and of all parts together

_ELLIPSIS = re.compile(
    r"\s*(?:\[\s*(?:…|\.(?:\s?\.){2,})\s*\]|\(\s*…\s*\)|…|\.(?:[ \u00a0]?\.){2,})\s*"
)
_BREAK = re.compile(r"[.!?…。！？।؟۔]+[\"'”’»)\]]*\s+|[。！？]|[\r\n]+")


_HIDDEN = re.compile(r"<(?<![`\\]<)(?:!--|[sS][cC][rR][iI][pP][tT]\b|[sS][tT][yY][lL][eE]\b)")
_CLOSED = {"<!--": re.compile("-->"), "<script": re.compile("</script>", re.IGNORECASE),
           "<style": re.compile("</style>", re.IGNORECASE)}  # fmt: skip
_DENIABLE = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_UNSPACED_NEGATIONS = frozenset("不没沒未無无")


class Found(NamedTuple):
    """An article that has the quotation: the spans of its parts, and whether they are exact.

    `hidden` is the negation that an ellipsis leaves out of a sentence; then it says otherwise.
    """

    article: Article
    spans: tuple[Span, ...]
    exact: bool
    hidden: str = ""

    def places(self) -> tuple[Place, ...]:
        return tuple(Place.cut(self.article, s, part=part) for part, s in enumerate(self.spans))


class Region:
    """A stretch of an article that is read; folded once, when it is first needed."""

    def __init__(self, article: Article, chars: Span, promise: int = 0) -> None:
        self.article, self.chars = article, chars
        self.promise = promise  # how many of the quotation's words full text has seen there

    @cached_property
    def folded(self) -> Folded:
        return fold(self.shown, self.chars)

    @cached_property
    def shown(self) -> str:
        """The article's text with spaces for what no page shows."""
        return _shown(self.article)

    def exact(self, quote: str) -> Span | None:
        """The first place with the quotation exactly, of which both ends are shown."""
        text, shown = self.article.text, self.shown
        hides = shown is not text
        spans = occurrences(quote, text, self.chars, whole_words=True, limit=None if hides else 1)
        return next((span for span in spans if self.shows(span)), None)

    def shows(self, span: Span) -> bool:
        """Whether a page shows the first and the last character."""
        return all(self.shown[at] == self.article.text[at] for at in (span.start, span.end - 1))

    def has(self, quote: str, parts: Sequence[str]) -> Found | None:
        """The quotation exactly, else in other typography, else its parts in order."""
        exact = self.exact(quote)
        if exact is not None:
            return Found(self.article, (exact,), True)
        same = next(self.alike(quote), None)
        if same is not None:
            return Found(self.article, (same,), False)
        hiding: Found | None = None
        places = [list(islice(self.alike(part), _TRIED)) for part in parts]
        for spans in islice(_in_order(places), _CHAINS):
            exactly = all(p == s.of(self.article.text) for p, s in zip(parts, spans, strict=True))
            found = Found(self.article, spans, exactly, self._left_out(spans))
            if not found.hidden:
                return found
            hiding = hiding or found
        return hiding

    def _left_out(self, spans: Sequence[Span]) -> str:
        """The first negation between two parts, in the sentence of the latter; "" for none."""
        text = self.article.text
        for part, following in pairwise(spans):
            if not _negation(self.shown, Span(part.end, following.start)):
                continue
            whole = sentences(text, Span(part.start, following.end), self.article.language)
            begins = max((s.start for s in whole if s.start <= following.start), default=0)
            gap = Span(min(max(part.end, begins), following.start), following.start)
            if hidden := _negation(self.shown, gap):
                return hidden
        return ""

    def alike(self, quote: str) -> Iterator[Span]:
        return alike(quote, self.shown, self.folded)

    def nearest(self, quote: str) -> Nearest | None:
        return nearest(quote, self.shown, self.chars, folded=self.folded)


class Look:
    """One quotation, being looked for; `named` is the article that it is said to come from."""

    def __init__(self, quote: str, catalog: Catalog, named: Article | None) -> None:
        self.quote, self.catalog, self.named = quote, catalog, named
        parts = [part for part in _ELLIPSIS.split(quote) if terms(part)]
        self.parts = parts if len(parts) > 1 else []
        self._hiding: Found | None = None  # the first place where an ellipsis hides a negation

    def in_named(self) -> Found | None:
        """The quotation, or its parts, in the article that was named."""
        return self._in(self._whole) if self._whole else None

    def _in(self, region: Region) -> Found | None:
        found = region.has(self.quote, self.parts)
        if found is None or not found.hidden:
            return found
        self._hiding = self._hiding or found
        return None

    @cached_property
    def _whole(self) -> Region | None:
        return Region(self.named, self.named.body) if self.named else None

    def everywhere(self) -> tuple[list[Found], int, bool]:
        """Articles that have it, exact ones if any; how many have it; whether more may."""
        found, count, more = self._verbatim()
        if found:
            return found, count, more
        having: dict[str, Found] = {}
        least = 0
        for region in self.regions:
            if region.promise < least:
                break
            one = self._in(region)
            if one is not None:
                having.setdefault(one.article.sha256, one)
                least = region.promise  # what promises less has fewer of its words
        ordered = list(having.values())
        found = [one for one in ordered if one.exact] or ordered
        return found, len(found), False

    def _verbatim(self) -> tuple[list[Found], int, bool]:
        """Articles of which a passage has it exactly: the first few, how many, whether more may."""
        words = terms(self.quote)
        if len(words) > _WHOLE_PHRASE:
            return [], 0, False
        ids = self.catalog.holding(words, limit=_COUNTED + 1)
        passages = self.catalog.passages(ids[:_COUNTED])
        held: dict[str, Span] = {}
        for passage in (passages[name] for name in ids if name in passages):
            if passage.article_sha256 not in held and self._allows(passage.article_sha256):
                spans = occurrences(self.quote, passage.text, whole_words=True, limit=1)
                if spans:
                    held[passage.article_sha256] = spans[0].shifted(passage.chars.start)
        articles = ((self.catalog.article(sha256), s) for sha256, s in islice(held.items(), SHOWN))
        found: list[Found] = []
        for article, span in articles:
            place = self._exactly(article, span) if article else None
            if article and place:
                found.append(Found(article, (place,), True))
        missed = min(len(held), SHOWN) - len(found)
        return found, len(held) - missed, len(ids) > _COUNTED

    def _exactly(self, article: Article, span: Span) -> Span | None:
        """The span, if it has the quotation and is shown, else another of the article that is."""
        body = Region(article, article.body)
        right = span.of(article.text) == self.quote and is_whole(article.text, span)
        return span if right and body.shows(span) else body.exact(self.quote)

    @cached_property
    def regions(self) -> list[Region]:
        """Where something like the quotation may stand, the best first."""
        regions: list[Region] = []
        left = _READ
        for promise, passages in self._candidates():
            article = self.catalog.article(passages[0].article_sha256)
            if article is None or left <= 0:
                continue
            for chars in _merged(passages, self._reach, article.body):
                left -= len(chars)
                regions.append(Region(article, chars, promise))
        return regions

    @property
    def _reach(self) -> int:
        """How far from one of its pieces the quotation may go on."""
        return max(len(self.quote), FARTHEST if self.parts else 0) + _AROUND

    def _candidates(self) -> Iterator[tuple[int, list[Passage]]]:
        """Passages that hold most of the quotation's pieces, or rare words, by article."""
        pieces = _pieces(self.parts or [self.quote])
        held: dict[str, int] = {}
        for bit, piece in enumerate(pieces):
            for name in self.catalog.holding(piece, limit=_HOLDING):
                held[name] = held.get(name, 0) | 1 << bit
        if not any(mask + 1 == 1 << len(pieces) for mask in held.values()):
            for name, _ in self.catalog.lexical(self._rarest(), limit=_ARTICLES):
                held[name] = held.get(name, 0) | 1 << len(pieces)
        if self.named is not None:
            held = {k: mask for k, mask in held.items() if not self.named.sha256.startswith(k[:16])}
        best = _best_by_article(held, [*map(len, pieces), 1], self._reach)
        passages = self.catalog.passages([name for _, names in best for name in names])
        for promise, names in best:
            known = [passages[name] for name in names if name in passages]
            if known:
                yield promise, known

    def _rarest(self) -> list[str]:
        found = self.catalog.document_frequencies(content_terms(self.quote)[:_PHRASED])
        held = [word for word in found if found[word]]
        return sorted(held, key=lambda word: found[word])[:_RAREST]

    def _allows(self, sha256: str) -> bool:
        return self.named is None or sha256 != self.named.sha256

    def near(self) -> tuple[Article, Nearest, str | None] | None:
        """What is most like it, in the named article first; with a note on quotations in parts."""
        if self._hiding is not None:
            left_out = f"The words left out hold “{self._hiding.hidden}”."
            return self._hiding.article, _with_gaps(self._hiding, self.parts), left_out
        quote, note = self._doubtful()
        enough = min(NEAR + NEAR_SHORT / len(terms(quote)), _NEAR_ANYWAY)
        for regions in ([self._whole] if self._whole else [], self.regions):
            found = ((region.article, region.nearest(quote)) for region in regions)
            known = [(article, stretch) for article, stretch in found if stretch]
            article, stretch = max(known, key=lambda pair: pair[1].likeness, default=(None, None))
            if article and stretch and stretch.likeness >= enough:
                return article, stretch, note
        return None

    def _doubtful(self) -> tuple[str, str | None]:
        """The quotation, or that part of it which is not in the corpus, or the longest."""
        if not self.parts:
            return self.quote, None
        regions = [*([self._whole] if self._whole else []), *self.regions]
        parts = sorted(self.parts, key=len, reverse=True)
        for part in parts:
            if not any(next(region.alike(part), None) for region in regions):
                return part, "This is the part of the quotation that is not as it is quoted."
        return parts[0], (
            "Its parts are in the corpus, but not in this order, near each other, in one article."
        )


def _shown(article: Article) -> str:
    """The text with a space for each character of comments, scripts and styles in Markdown."""
    text = article.text
    if not article.is_markdown:
        return text
    parts: list[str] = []
    done, unclosed = 0, set()
    for opened in _HIDDEN.finditer(text, article.body.start):
        kind = opened.group().lower()
        if opened.start() < done or kind in unclosed:
            continue
        closed = _CLOSED[kind].search(text, opened.end())
        if closed is None:
            unclosed.add(kind)
            continue
        parts += [text[done : opened.start()], " " * (closed.end() - opened.start())]
        done = closed.end()
    return "".join([*parts, text[done:]]) if parts else text


def _in_order(places: Sequence[Sequence[Span]]) -> Iterator[tuple[Span, ...]]:
    """One place for each part, each soon behind the one before, and as near to it as can be."""
    for last in places[-1] if places else ():
        chain = [last]
        for spans in reversed(places[:-1]):
            at = bisect_right(spans, chain[-1].start, key=lambda span: span.end) - 1
            if at < 0 or chain[-1].start - spans[at].end > FARTHEST:
                break
            chain.append(spans[at])
        if len(chain) == len(places):
            yield tuple(reversed(chain))


def _negation(text: str, within: Span) -> str:
    """The first negation of a stretch, as it is written; "" for none."""
    folded = fold(text, within)
    words = list(_DENIABLE.finditer(folded.text))
    for match, following in zip_longest(words, words[1:]):
        word = match.group()
        denies = word in NEGATIONS or word.endswith("n't")
        denies = denies and not (following and following.group() in NOT_NEGATING)
        if denies or not _UNSPACED_NEGATIONS.isdisjoint(word):
            span = folded.original(*match.span())
            return span.of(text) if span else word
    return ""


def _with_gaps(found: Found, parts: Sequence[str]) -> Nearest:
    """From the first part to the last, with what is left out between them."""
    text, changes, gaps = found.article.text, [], 0
    for at, (part, span) in enumerate(zip(parts, found.spans, strict=True)):
        if at:
            gap = text[found.spans[at - 1].end : span.start].strip()
            changes.append(Change("removed", "", gap))
            gaps += len(gap)
        changes.append(Change("same", part, span.of(text)))
    shared = sum(map(len, parts))
    chars = Span(found.spans[0].start, found.spans[-1].end)
    return Nearest(chars, round(2 * shared / (2 * shared + gaps), 4), tuple(changes))


def _pieces(parts: Sequence[str]) -> list[list[str]]:
    """Short runs of terms that no passage's border parts: it lies between sentences."""
    found: list[list[str]] = []
    for sentence in (sentence for part in parts for sentence in _BREAK.split(part)):
        words = terms(sentence)
        count = -(-len(words) // _PIECE)
        cuts = [len(words) * n // count for n in range(count + 1)] if count else []
        found.extend(words[start:end] for start, end in pairwise(cuts))
    found.sort(key=len, reverse=True)
    found = found[:: max(1, len(found) // _PIECES)][:_PIECES]
    whole = terms(" ".join(parts))
    return [whole, *found] if len(parts) == 1 and len(whole) <= _WHOLE_PHRASE else found


def _best_by_article(
    held: Mapping[str, int], weights: Sequence[int], reach: int
) -> list[tuple[int, list[str]]]:
    """Ids of the passages to read, by article, the best first, with what they promise.

    `held` says by its bits which pieces a passage holds. It counts together with the passages
    behind it, as far as `reach` characters, for a quotation may go on there.
    """
    by_article: dict[str, list[str]] = {}
    masks: dict[str, int] = {}
    for name, mask in held.items():
        article = name.partition(":")[0]
        by_article.setdefault(article, []).append(name)
        masks[article] = masks.get(article, 0) | mask

    @cache
    def score(mask: int) -> int:
        return sum(weight for bit, weight in enumerate(weights) if mask >> bit & 1)

    ranked: list[tuple[int, list[str]]] = []
    for article in nlargest(_PROMISING, masks, key=lambda article: score(masks[article])):
        places = sorted((*_bounds(name), name) for name in by_article[article])
        scores: dict[str, int] = {}
        for at, (_, end, name) in enumerate(places):
            mask = 0
            for start, _, other in places[at : at + _RUN]:
                mask |= held[other] if start - end < reach else 0
            scores[name] = score(mask)
        best = nlargest(_PASSAGES, scores, key=scores.__getitem__)
        ranked.append((scores[best[0]], best))
    return nlargest(_ARTICLES, ranked, key=itemgetter(0))


def _bounds(passage_id: str) -> tuple[int, int]:
    start, _, end = passage_id.partition(":")[2].partition("-")
    return int(start), int(end)


def _merged(passages: Sequence[Passage], around: int, body: Span) -> list[Span]:
    """The passages with what lies around them, none overlapping, within the body."""
    found: list[Span] = []
    for chars in sorted(passage.chars for passage in passages):
        start, end = max(body.start, chars.start - around), min(body.end, chars.end + around)
        if found and start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(end, found[-1].end))
        else:
            found.append(Span(start, end))
    return found
