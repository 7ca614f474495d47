"""Answer and Citation: what leaves the product, by every door, and its JSON.

The law: for every citation, `file_text[chars.start:chars.end] == quote`, and the byte span cuts the
same words out of the file's bytes. `claim` is the citation's place in `Answer.text`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, cast

from answer.judge import Finding
from index.search import Hit
from ingest.article import Passage, Span, span_id
from ingest.locator import Locator

Outcome = Literal["answered", "not_in_corpus", "writer_failed"]
Verdict = Literal["exact", "supported", "partly", "unsupported"]
QUOTATIONS = "quotations"  # the name of the writer that needs no model


@dataclass(frozen=True, slots=True)
class Citation:
    """One numbered citation: which words of the answer, which exact words of which article.

    `verdict` is `exact` where the claim is the quotation itself, else how well this quotation alone
    supports its claim. `speaker` is who says it inside the article, where the text names one, and
    `direct` whether in their own words. `link` leads to the cited words on the live page, or to
    their page of a PDF; `locator` is where the original has them, a page or a time.
    """

    number: int
    claim: Span
    article_sha256: str
    path: str
    title: str
    publisher: str | None
    published: str | None
    url: str | None
    chars: Span
    bytes: Span
    quote: str
    prefix: str
    suffix: str
    verdict: Verdict = "exact"
    speaker: str | None = None
    direct: bool | None = None
    authors: tuple[str, ...] = ()
    accessed: str | None = None
    language: str | None = None
    link: str | None = None
    locator: Locator | None = None

    @property
    def id(self) -> str:
        """`{sha256[:16]}:{start}-{end}`: the cited place, as the page's links name it."""
        return span_id(self.article_sha256, self.chars)

    @property
    def attribution(self) -> str | None:
        """Who says it: in news a quotation is not the paper's own claim. Goes before "in" a paper.

        `Dmitry Peskov, quoted`, or `Dmitry Peskov, as reported` where the words are the paper's.
        """
        if self.speaker is None:
            return None
        return f"{self.speaker}, {'quoted' if self.direct else 'as reported'}"

    def to_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "claim": self.claim.to_json(),
            "quote": self.quote,
            "prefix": self.prefix,
            "suffix": self.suffix,
            "verdict": self.verdict,
            "speaker": self.speaker,
            "direct": self.direct,
            "path": self.path,
            "article_sha256": self.article_sha256,
            "chars": self.chars.to_json(),
            "bytes": self.bytes.to_json(),
            "title": self.title,
            "authors": list(self.authors),
            "publisher": self.publisher,
            "published": self.published,
            "accessed": self.accessed,
            "language": self.language,
            "url": self.url,
            "link": self.link,
            "locator": self.locator.to_json() if self.locator else None,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Citation:
        spans = {name: Span(*told[name]) for name in ("claim", "chars", "bytes")}
        parts = {"authors": tuple(told.get("authors", ())), "locator": _locator(told)}
        return cls(**(_known(cls, told) | spans | parts))


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of an answer, what it cites, and how well all of that together supports it.

    `exact` where the sentence is what it cites, word for word.
    """

    claim: Span
    citations: tuple[int, ...]
    verdict: Verdict
    findings: tuple[Finding, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "claim": self.claim.to_json(),
            "citations": list(self.citations),
            "verdict": self.verdict,
            "findings": [
                {"kind": f.kind, "said": f.said, "agrees": f.agrees, "instead": f.instead}
                for f in self.findings
            ],
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Statement:
        findings = tuple(Finding(**finding) for finding in told["findings"])
        return cls(Span(*told["claim"]), tuple(told["citations"]), told["verdict"], findings)


@dataclass(frozen=True, slots=True)
class SourceArticle:
    """An article among the sources of an answer."""

    sha256: str
    path: str
    title: str
    publisher: str | None
    published: str | None


@dataclass(frozen=True, slots=True)
class Source:
    """One independent source: an article, with those that are near copies of it.

    `articles` are newest last, as a story spreads; `citations` are the numbers that cite any.
    """

    articles: tuple[SourceArticle, ...]
    citations: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        articles = [{f.name: getattr(a, f.name) for f in fields(a)} for a in self.articles]
        return {"articles": articles, "citations": list(self.citations)}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Source:
        articles = tuple(SourceArticle(**article) for article in told["articles"])
        return cls(articles, tuple(told["citations"]))


@dataclass(frozen=True, slots=True)
class Reading:
    """What one citation says where another says something else."""

    said: str
    citation: int
    publisher: str | None
    published: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """Cited passages that give different figures or dates for the same thing; newest first."""

    about: str
    readings: tuple[Reading, ...]

    def to_json(self) -> dict[str, Any]:
        readings = [{f.name: getattr(r, f.name) for f in fields(r)} for r in self.readings]
        return {"about": self.about, "readings": readings}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Difference:
        return cls(told["about"], tuple(Reading(**reading) for reading in told["readings"]))


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was searched: an honest "not in this corpus" says how large that is.

    The whole corpus, or where it was `narrowed` by filters, what they allow.
    """

    articles: int
    passages: int
    first: str | None
    last: str | None
    narrowed: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "articles": self.articles,
            "passages": self.passages,
            "from": self.first,
            "to": self.last,
            "narrowed": self.narrowed,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with its evidence.

    `hits` are the passages that were read for it, best first, also when nothing was answered;
    `support` in [0, 1] is how well the corpus seems to answer the question. `recall` and
    `precision` are citation recall and precision (Gao et al. 2023, ALCE), None where nothing was
    answered. `searched` is the question that was searched where a follow-up left words out;
    `record` the hash under which the answer is kept.
    """

    question: str
    text: str
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    outcome: Outcome
    support: float
    coverage: Coverage
    statements: tuple[Statement, ...] = ()
    recall: float | None = None
    precision: float | None = None
    writer: str = QUOTATIONS
    note: str | None = None
    searched: str | None = None
    sources: tuple[Source, ...] = ()
    differences: tuple[Difference, ...] = ()
    record: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The object that `pincite ask --json` and `POST /api/ask` print."""
        return {
            "question": self.question,
            "searched": self.searched,
            "outcome": self.outcome,
            "text": self.text,
            "support": round(self.support, 4),
            "recall": None if self.recall is None else round(self.recall, 4),
            "precision": None if self.precision is None else round(self.precision, 4),
            "writer": self.writer,
            "note": self.note,
            "record": self.record,
            "statements": [statement.to_json() for statement in self.statements],
            "citations": [citation.to_json() for citation in self.citations],
            "sources": [source.to_json() for source in self.sources],
            "differences": [difference.to_json() for difference in self.differences],
            "passages": [hit.to_json() for hit in self.hits],
            "corpus": self.coverage.to_json(),
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Answer:
        """`to_json` back again, but for the sentences of the passages, which it does not say.

        `KeyError`, `TypeError` or `ValueError` for an object that is not an answer's.
        """
        corpus = told["corpus"]
        numbers = (corpus["articles"], corpus["passages"])
        narrowed = corpus.get("narrowed", False)
        coverage = Coverage(*numbers, corpus["from"], corpus["to"], narrowed)
        parts = {
            "citations": tuple(map(Citation.from_json, told["citations"])),
            "statements": tuple(map(Statement.from_json, told["statements"])),
            "sources": tuple(map(Source.from_json, told["sources"])),
            "differences": tuple(map(Difference.from_json, told["differences"])),
        }
        hits = tuple(map(_hit, told["passages"]))
        return cls(**(_known(cls, told) | parts), hits=hits, coverage=coverage)


def _known(noun: type[Any], told: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(noun)}
    return {name: value for name, value in told.items() if name in names}


def _locator(told: Mapping[str, Any]) -> Locator | None:
    """That of a citation or passage; older answers have none."""
    place = told.get("locator")
    return None if place is None else Locator.from_json(place)


def _hit(told: Mapping[str, Any]) -> Hit:
    names = ("article_sha256", "path", "title", "heading", "text")
    spans: dict[str, Any] = {name: Span(*told[name]) for name in ("chars", "bytes")}
    passage = Passage(**{name: told[name] for name in names}, **spans)
    ranks = cast(dict[str, Any], {name: told[name] for name in ("dense_rank", "lexical_rank")})
    return Hit(passage, told["score"], cosine=told["cosine"], locator=_locator(told), **ranks)
