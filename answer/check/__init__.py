"""Are these quoted words in the corpus, and as they are quoted? A verdict, and where they stand.

Only the words themselves are ever given as a place: what is merely near is named and shown beside
the quotation, never highlighted. A verdict rests on the articles' text, never on stems.

A quotation with an ellipsis (`…`, `...`, `[…]`) has parts. They must stand in this order in one
article, each at most `seek.FARTHEST` characters behind the one before; each is then a place of its
own, and the quotation is as exact as its parts. Where the words that it leaves out of a sentence
hold a negation, it is altered, for without them the sentence says otherwise.

Left out: finding the candidates (`seek.py`), what is the same typography (`fold.py`) and what is
near (`match.py`). Titles, other front matter and comments are not searched, a single character of
Chinese, Japanese or Thai may be missed, and of negations only those of `judge/lexicon.py` and the
commonest of Chinese are known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from answer.check.seek import SHOWN, Found, Look
from answer.match import Change, Nearest
from answer.match.fold import PAIRS
from answer.place import Place
from index.words import terms
from ingest.article import Article
from ingest.errors import BadQuestion

if TYPE_CHECKING:
    from index.catalog import Catalog

QuoteVerdict = Literal["exact", "same_words", "elsewhere", "altered", "not_in_corpus"]
LONGEST_QUOTE = 5_000  # characters


# ---- what comes out -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Near:
    """The words of an article that are most like a quotation, and how they differ.

    Named and shown, never highlighted: it has no span.
    """

    article_sha256: str
    path: str
    title: str
    publisher: str | None
    published: str | None
    url: str | None
    text: str
    likeness: float
    changes: tuple[Change, ...]

    def to_json(self) -> dict[str, Any]:
        names = ("path", "article_sha256", "title", "publisher", "published", "url", "text")
        about = {name: getattr(self, name) for name in names}
        changes = [change.to_json() for change in self.changes]
        return about | {"likeness": self.likeness, "changes": changes}


@dataclass(frozen=True, slots=True)
class QuoteCheck:
    """The verdict on quoted words.

    `quote` is what was looked for: without the quotation marks and white space around it. `places`
    are those of up to `SHOWN` articles, for `exact`, `same_words` and `elsewhere` only; `articles`
    is how many have it (`more`: at least so many). `nearest` belongs to `altered`. `article` is the
    path it was said to come from.
    """

    quote: str
    verdict: QuoteVerdict
    places: tuple[Place, ...] = ()
    articles: int = 0
    more: bool = False
    nearest: Near | None = None
    article: str | None = None
    note: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The object that `pincite check --json` and the API print."""
        return {
            "quote": self.quote,
            "verdict": self.verdict,
            "article": self.article,
            "articles": self.articles,
            "more": self.more,
            "places": [place.to_json() for place in self.places],
            "nearest": self.nearest.to_json() if self.nearest else None,
            "note": self.note,
        }


# ---- the verdict --------------------------------------------------------------------------------


def check_quote(quote: str, catalog: Catalog, *, article: str | None = None) -> QuoteCheck:
    """Whether these words are in the corpus as they are quoted; where, or what is near.

    `article` (a path, or 16 characters or more of a sha256) is where they are said to come from;
    only then can they be `elsewhere`. `BadQuestion` where the quotation is empty, too long or has
    no words, or where there is no such article.
    """
    quote = checked_quote(quote)
    named = _named(catalog, article)
    path = named.path if named else None
    look = Look(quote, catalog, named)
    here = look.in_named()
    if here is not None:
        verdict: QuoteVerdict = "exact" if here.exact else "same_words"
        return QuoteCheck(quote, verdict, here.places(), 1, article=path, note=_note([here]))
    found, count, more = look.everywhere()
    if found:
        verdict = "elsewhere" if named else "exact" if found[0].exact else "same_words"
        places = tuple(place for one in found[:SHOWN] for place in one.places())
        return QuoteCheck(quote, verdict, places, count, more, article=path, note=_note(found))
    known = look.near()
    if known is None:
        return QuoteCheck(quote, "not_in_corpus", article=path)
    nearest = _near(known[0], known[1])
    return QuoteCheck(quote, "altered", nearest=nearest, article=path, note=known[2])


def checked_quote(quote: str) -> str:
    """The quotation without the marks and white space around it.

    `BadQuestion` where nothing is left, it is too long, or it has no words.

    >>> checked_quote(" “He left.” ")
    'He left.'
    """
    if len(quote) > LONGEST_QUOTE:
        raise BadQuestion(
            f"The quotation has {len(quote):,} characters; {LONGEST_QUOTE:,} is the most. "
            "Check it in pieces."
        )
    bare = quote.strip().strip("\ufeff").strip()
    if not bare:
        raise BadQuestion("The quotation is empty. Give the words to look for.")
    if len(bare) > 1 and bare[-1] in PAIRS.get(bare[0], ""):
        inner = bare[1:-1].strip()
        if bare[0] not in inner and bare[-1] not in inner:  # “No,” she said. “Never.” stays
            bare = inner
    if not terms(bare):
        raise BadQuestion("The quotation has no words in it. Give the words to look for.")
    return bare


def _named(catalog: Catalog, article: str | None) -> Article | None:
    if article is None:
        return None
    known = catalog.known().get(article)
    found = catalog.article(known.sha256 if known else article)
    if found is None:
        raise BadQuestion(
            f"{article!r} is no article of this corpus. Give its path as `pincite search` shows "
            "it, or 16 characters or more of its sha256."
        )
    return found


def _note(found: Sequence[Found]) -> str | None:
    """What a reader should know who sees places of parts."""
    if all(len(one.spans) == 1 for one in found):
        return None
    return "Words are left out where the quotation has an ellipsis; its parts stand in this order."


def _near(article: Article, stretch: Nearest) -> Near:
    about = (article.title, article.publisher, article.published, article.url)
    text = stretch.chars.of(article.text)
    return Near(article.sha256, article.path, *about, text, stretch.likeness, stretch.changes)
