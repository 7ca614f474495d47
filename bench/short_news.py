"""Made-up short news for measuring size: as many articles as wanted, always the same ones.

An article has two paragraphs of about 60 words, so that it makes two passages. Its words are made
of syllables, 30,000 of them, and occur as often as words of real text do: the nth most frequent
about 1/n as often as the first (Zipf 1935), with English function words between them. So the full
text grows as it does with real articles, and no two articles are alike.

Left out: sense. Nothing here measures quality, and `news.py` has articles of a real length.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

_VOCABULARY = 30_000
_HEADS = "b br c d dr f g h k kr l m n p pr r s st t tr v z".split()
_VOWELS = "a e i o u ai ea io ou".split()
_TAILS = ["", "", "n", "r", "s", "l", "nd", "rt", "m", "ck"]
_BETWEEN = "the of and to in a that for on with was by from at said has were is had after".split()
_KINDS = "Gazette Courier Herald Observer Tribune Post Record Star".split()
_TOWNS = "Kallo Saarn Vormsi Hranitne Batumi Odesa Narva Gdansk".split()
_FIRST_DAY, _DAYS = date(2004, 1, 1), 20 * 365


@dataclass(frozen=True, slots=True)
class ShortArticle:
    """One made-up article: its path, and its file's text."""

    path: str
    markdown: str


def short_news(count: int, seed: int = 1936) -> Iterator[ShortArticle]:
    """`count` articles; the first ones are the same whatever `count` is."""
    chance = random.Random(seed)
    for number in range(count):
        yield _article(number, chance)


def write_articles(corpus: Path, count: int) -> None:
    """Write the first `count` articles below `corpus`, a folder for each hundred."""
    for article in short_news(count):
        file = corpus / article.path
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(article.markdown.encode("utf-8"))


def _article(number: int, chance: random.Random) -> ShortArticle:
    day = _FIRST_DAY + timedelta(days=chance.randrange(_DAYS))
    publisher = f"{chance.choice(_TOWNS)} {chance.choice(_KINDS)}"
    title = " ".join(_words(chance, chance.randint(4, 8))).capitalize()
    author = " ".join(word.capitalize() for word in _words(chance, 2))
    front = (
        f'---\ntitle: "{title}"\nauthors: ["{author}"]\n'
        f"publisher: {publisher}\npublished: {day}\n"
        f"language: en\nurl: https://example.org/{number}\n---\n"
    )
    body = "\n\n".join(_paragraph(chance) for _ in range(2))
    return ShortArticle(f"{number // 100:05}/{number:07}.md", f"{front}{body}\n")


def _paragraph(chance: random.Random) -> str:
    return " ".join(_sentence(chance) for _ in range(chance.randint(3, 5)))


def _sentence(chance: random.Random) -> str:
    words = _words(chance, chance.randint(9, 16))
    for at in range(1, len(words), 2):
        words[at] = chance.choice(_BETWEEN)
    if chance.random() < 0.3:
        words[-1] = str(chance.randint(2, 2_000))
    return f"{' '.join(words).capitalize()}."


def _words(chance: random.Random, count: int) -> list[str]:
    words, weights = _vocabulary()
    return chance.choices(words, cum_weights=weights, k=count)


@lru_cache(maxsize=1)
def _vocabulary() -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Different words, the most frequent first, and their weights, added up."""
    chance = random.Random(35)
    words: dict[str, None] = {}
    while len(words) < _VOCABULARY:
        count = chance.choice((1, 2, 2, 3))
        parts = (
            chance.choice(_HEADS) + chance.choice(_VOWELS) + chance.choice(_TAILS)
            for _ in range(count)
        )
        words["".join(parts)] = None
    weights = accumulate(1 / rank for rank in range(1, len(words) + 1))
    return tuple(words), tuple(weights)
