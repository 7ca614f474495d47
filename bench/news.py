"""Made-up news for measuring speed: as many articles as wanted, always the same ones.

Sentences, paragraphs and headings have the lengths of real news (means of 20 words, 69 words, and
one heading in four paragraphs), because the time to embed depends on little else. What they say is
nonsense, so nothing here measures quality.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

PUBLISHERS = tuple(f"{town} {kind}" for town in ("Kallo", "Saarn") for kind in (
    "Gazette", "Courier", "Herald", "Observer", "Tribune"))  # fmt: skip
LANGUAGES = ("en", "en", "en", "uk", "tr")
_FIRST_DAY, _DAYS = date(2014, 1, 1), 8 * 365

_WHO = (
    "the defence ministry|the regional council|a senior diplomat|the harbour authority|the central "
    "bank|two independent observers|the shipyard's new owner|a parliamentary committee|the "
    "meteorological office|the railway union|an appeals court|the grain exporters' association|the "
    "opposition leader|local engineers|the state prosecutor|a group of retired officers|the power "
    "company|its largest supplier|the foreign minister|the hospital's director"
).split("|")
_NAMES = "Tamm Oksanen Demir Kovalenko Lindqvist Haddad Moreau Petrov Yilmaz Novak Rossi".split()
_PLACES = "Kallo Saarn Vormsi Hranitne Montreux Batumi Odesa Ankara Tallinn Narva Gdansk".split()
_DID = (
    "confirmed|postponed|rejected|announced|inspected|financed|criticised|approved|described|"
    "suspended|renegotiated|measured|doubled|questioned|published|withdrew"
).split("|")
_WHAT = (
    "the second phase of the dredging works|a joint production agreement for unmanned aircraft|"
    "the export licence|an inquiry into the collapsed viaduct|its quarterly figures|the ceasefire "
    "monitoring mission|a new timetable for freight trains|the sale of coastal radar stations|"
    "rules on the passage of warships through the straits|the emergency budget|the exchange of "
    "prisoners|a survey of drinking water|the construction of eleven wind turbines|a loan for the "
    "steelworks"
).split("|")
_HOW = (
    "after weeks of negotiation behind closed doors|despite objections from neighbouring districts|"
    "at a cost of {n} million euros|which had been promised since {y}|in a letter of {n} pages|"
    "while prices rose by {n} per cent|according to documents seen by this newspaper|for the first "
    "time since {y}|although only {n} of the members were present|and asked for a reply within {n} "
    "days|because the previous contract had expired in {y}|without naming the companies concerned"
).split("|")


@dataclass(frozen=True, slots=True)
class NewsArticle:
    """One made-up article: its path, its Markdown, its text alone, and a question about it."""

    path: str
    markdown: str
    text: str
    question: str


def news(count: int, seed: int = 1936) -> Iterator[NewsArticle]:
    """`count` articles of 350 to 900 words."""
    chance = random.Random(seed)
    for number in range(count):
        yield _article(number, chance)


def write_corpus(corpus: Path, articles: tuple[NewsArticle, ...]) -> None:
    """Write the articles as Markdown files."""
    for article in articles:
        file = corpus / article.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(article.markdown.encode("utf-8"))


def _article(number: int, chance: random.Random) -> NewsArticle:
    day = _FIRST_DAY + timedelta(days=chance.randrange(_DAYS))
    publisher, language = chance.choice(PUBLISHERS), chance.choice(LANGUAGES)
    title = f"{_sentence(chance).split(',')[0].rstrip('.')} ({number})"
    paragraphs: list[str] = []
    words = 0
    while words < chance.randint(350, 900):
        if len(paragraphs) % 4 == 3:
            paragraphs.append(f"## {chance.choice(_WHAT).capitalize()}")
        paragraphs.append(" ".join(_sentence(chance) for _ in range(chance.randint(2, 5))))
        words += len(paragraphs[-1].split())
    front = (
        f"---\ntitle: {title!r}\npublisher: {publisher}\npublished: {day}\n"
        f"language: {language}\n---\n\n"
    )
    text = "\n\n".join(paragraphs) + "\n"
    who, what = chance.choice(_WHO), chance.choice(_WHAT)
    question = f"What did {who} in {chance.choice(_PLACES)} say about {what} in {day.year}?"
    return NewsArticle(f"{day.year}/{number:05}.md", front + text, text, question)


def _sentence(chance: random.Random) -> str:
    who, did, what = chance.choice(_WHO), chance.choice(_DID), chance.choice(_WHAT)
    how = chance.choice(_HOW).format(n=chance.randint(2, 97), y=chance.randint(1990, 2021))
    where = chance.choice(_PLACES)
    if chance.random() < 0.4:
        said = f"Mr. {chance.choice(_NAMES)} of {where} said that {who} {did} {what} {how}."
    else:
        said = f"In {where} {who} {did} {what}, {how}."
    return said[0].upper() + said[1:]
