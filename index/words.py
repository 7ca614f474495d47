"""Text → the words that full text is indexed and matched by.

One function for both sides, articles and questions, so they cannot disagree. On a copy (the
article keeps its own), letters are case-folded and compatibility forms unified, Latin-script words
are stemmed by the English Snowball stemmer, and Chinese, Japanese and Thai, written without spaces,
become overlapping pairs of characters.

Left out: stop words of other languages than English; bm25 gives frequent words little weight.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from threading import Lock

from snowballstemmer import stemmer

_WORD = re.compile(r"[^\W_]+(?:[.,](?=\d)[\d]+)*(?:['’](?:s|t|re|ve|ll|d|m)\b)?", re.UNICODE)
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
_ENGLISH = stemmer("english")
_STEMMING = Lock()  # the stemmer keeps the word it works on in itself

STOP = frozenset(
    "a about after all also am an and any are as at be because been before being but by can could "
    "did do does doing for from had has have having he her here hers him his how i if in into is "
    "it its just me more most my no nor not of off on once only or other our out over own same she "
    "should so some such than that the their them then there these they this those to too under "
    "until up very was we were what when where which while who whom whose why will with would you "
    "your".split()
)


def terms(text: str) -> list[str]:
    """The stemmed words of a text, in order.

    >>> terms("Drones' attacks, at 1,200 m")
    ['drone', 'attack', 'at', '1200', 'm']
    """
    found: list[str] = []
    for match in _WORD.finditer(folded(text)):
        word = match.group()
        if word.isascii() or not _UNSPACED.search(word):
            found.append(_stem(word))
        else:
            found.extend(_pairs(word))
    return found


def content_terms(text: str) -> list[str]:
    """`terms` without English stop words; all of them where nothing else would be left."""
    every = terms(text)
    return [term for term in every if term not in _STOP_STEMS] or every


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    for apostrophe in "'’":
        word = word.partition(apostrophe)[0]
    if word[0].isdigit():
        return word.replace(",", "")
    plain = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
    if not plain.isascii():
        return word
    with _STEMMING:
        return str(_ENGLISH.stemWord(plain))


def folded(text: str) -> str:
    """The text with compatibility forms unified and letters case-folded, for looking in it.

    >>> folded("Ｋallo STRASSE")
    'kallo strasse'
    """
    return unicodedata.normalize("NFKC", text).casefold()


def writable(text: str) -> str:
    """Text that SQLite takes: half of a surrogate pair is none."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _pairs(word: str) -> list[str]:
    return [word[at : at + 2] for at in range(max(1, len(word) - 1))]


_STOP_STEMS = frozenset(_stem(word) for word in STOP)
