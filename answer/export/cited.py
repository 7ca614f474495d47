"""What every export is made from: the cited articles in order, their keys, and text on one line.

Everything in an article may be hostile. `one_line` is the normalisation that all exports but the
annotations' selectors share: white space becomes single spaces, and control characters and those
that reorder a line are dropped, so that no title or quotation can begin a line, a field or a record
of its own.

Left out: what each format needs to be escaped (its own module).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from answer.answer import Answer, Citation
from answer.export.fragment import fragment_links
from answer.export.original import web_address
from index.words import STOP
from ingest.article import Article
from ingest.errors import BadRecord
from ingest.locator import Locator, Locators

NOT_COMPARED = "not compared with that version, which is not kept"

# C0 and C1 controls, surrogates, and what embeds, overrides or isolates a direction (UAX 9).
_DROPPED = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_NOT_IN_URL = re.compile(r'["<>^`{|}\\\s\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]')
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_DATE = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)?")
_KEY_WORDS = 24  # characters of a key's name and of its word


@dataclass(frozen=True, slots=True)
class CitedArticle:
    """An article of the answer, and all that the answer cites of it, by number.

    `links` are the citations' links to the live page, None without one; `key` names the article in
    a bibliography: lower-case ASCII letters, digits and a dash. `version` is what the quotations
    were compared with, None where it is not kept. `locators` are the pages or times of quotations
    by number: what the version says, else what the answer said.
    """

    key: str
    citations: tuple[Citation, ...]
    links: tuple[str | None, ...]
    version: Article | None
    locators: Mapping[int, Locator]

    @property
    def is_compared(self) -> bool:
        """Whether the version was there to compare the quotations with."""
        return self.version is not None

    @property
    def first(self) -> Citation:
        """Any citation says what article it is of; this one does."""
        return self.citations[0]

    @property
    def title(self) -> str:
        return one_line(self.first.title) or one_line(self.first.path)

    @property
    def authors(self) -> tuple[str, ...]:
        return tuple(filter(None, map(one_line, self.first.authors)))

    @property
    def publisher(self) -> str:
        return one_line(self.first.publisher or "")

    @property
    def url(self) -> str | None:
        return safe_url(web_address(self.first.url))

    @property
    def pinpoints(self) -> tuple[str, ...]:
        """Each citation on one line: number, words, who says them, page or time, place and link."""
        pairs = zip(self.citations, self.links, strict=True)
        return tuple(self._pinpoint(citation, link) for citation, link in pairs)

    def where(self, citation: Citation) -> str:
        """The place of a quotation, as a reader can check it.

        For instance `2021/a.md, characters 812–960, bytes 815–967, SHA-256 1f3870be274f6c49`.
        """
        chars, octets = citation.chars, citation.bytes
        return (
            f"{one_line(citation.path)}, characters {chars.start}–{chars.end}, "
            f"bytes {octets.start}–{octets.end}, SHA-256 {citation.article_sha256[:16]}"
            + ("" if self.is_compared else f", {NOT_COMPARED}")
        )

    def _pinpoint(self, citation: Citation, link: str | None) -> str:
        said = f" ({one_line(citation.attribution)})" if citation.attribution else ""
        seen = f" {link}" if link else ""
        quoted = f"[{citation.number}] “{one_line(citation.quote)}”"
        locator = self.locators.get(citation.number)
        page = f"{locator}; " if locator else ""
        return f"{quoted}{said} ({page}{self.where(citation)}){seen}"


def cited_articles(answer: Answer, articles: Mapping[str, Article]) -> tuple[CitedArticle, ...]:
    """The articles that the answer cites, in the order of their first citation.

    `BadRecord` for a citation that is not what its version, where it is there, says at its place.
    """
    by_article: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        _compare(citation, articles.get(citation.article_sha256))
        by_article.setdefault(citation.article_sha256, []).append(citation)
    keys = _keys([cited[0] for cited in by_article.values()])
    return tuple(
        _cited_article(key, cited, articles.get(sha256))
        for key, (sha256, cited) in zip(keys, by_article.items(), strict=True)
    )


def _cited_article(key: str, cited: list[Citation], version: Article | None) -> CitedArticle:
    marks = Locators.in_article(version) if version else None
    told = {c.number: marks.of(c.chars) if marks is not None else c.locator for c in cited}
    locators = {number: locator for number, locator in told.items() if locator}
    return CitedArticle(key, tuple(cited), _links(cited, version), version, locators)


def one_line(text: str) -> str:
    r"""The text on one line, with nothing that acts on the lines around it.

    >>> one_line("A title\r\nER  - \x00")
    'A title ER -'
    """
    return " ".join(_DROPPED.sub("", " ".join(text.split())).split())


def safe_url(url: str | None) -> str | None:
    """The URL with what no IRI may hold percent-encoded (RFC 3987), so that no mark-up ends it."""
    return url and _NOT_IN_URL.sub(lambda char: quote(char.group()), url)


def scrubbed(text: str) -> str:
    """A model's text without what cannot be written as UTF-8."""
    return _SURROGATES.sub("\ufffd", text)


def date_parts(iso: str | None) -> tuple[int, ...]:
    """Year, month and day, as far as they are known.

    >>> date_parts("2014-07"), date_parts("soon")
    ((2014, 7), ())
    """
    found = _DATE.fullmatch(iso or "")
    return tuple(int(part) for part in found.groups() if part) if found else ()


def _compare(citation: Citation, version: Article | None) -> None:
    """False words beside a true place are not exported: a reader would take them for checked."""
    if version is None:
        return
    said = citation.prefix + citation.quote + citation.suffix
    chars, start = citation.chars, citation.chars.start - len(citation.prefix)
    is_there = start >= 0 and version.text.startswith(said, start)
    fits = is_there and len(chars) == len(citation.quote)
    if not fits or version.byte_span(chars) != citation.bytes:
        raise BadRecord(
            f"Nothing is exported, for the record is wrong: the version that citation "
            f"{citation.number} names does not say its words at its place."
        )


def _links(cited: list[Citation], article: Article | None) -> tuple[str | None, ...]:
    """Links to the words; to the page alone where the version is not there."""
    if article is None:
        return (safe_url(web_address(cited[0].url)),) * len(cited)
    links = fragment_links(article, [citation.chars for citation in cited])
    return tuple(map(safe_url, links))


def _keys(cited: list[Citation]) -> list[str]:
    """`smith2021harbour`; with the beginning of the SHA-256 behind it where two would be alike."""
    plain = [_key(citation) for citation in cited]
    count = Counter(plain)
    return [
        key if key[0].isalpha() and count[key] == 1 else f"{key}-{citation.article_sha256[:12]}"
        for key, citation in zip(plain, cited, strict=True)
    ]


def _key(citation: Citation) -> str:
    names = [*citation.authors[:1], citation.publisher or "", "article"]
    name = next(filter(None, ("".join(_ascii_words(name)[-1:]) for name in names)))
    year = (date_parts(citation.published) or ("nd",))[0]
    word = next((w for w in _ascii_words(citation.title) if len(w) > 2 and w not in STOP), "")
    return f"{name[:_KEY_WORDS]}{year}{word[:_KEY_WORDS]}"


def _ascii_words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text[:500]).encode("ascii", "ignore").decode()
    return re.findall(r"[a-z]+", plain.lower())
