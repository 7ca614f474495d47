"""Draft → Answer: every quotation is cut out of its article again, and only what agrees is cited.

Pure: no model, no store, no clock. The law is enforced here, where citations are made: a quotation
whose words are not exactly those at its span is dropped, for a wrong highlight is worse than none.

Left out: verdicts on sentences that are not quotations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from answer.answer import Answer, Citation, Coverage
from answer.quote import Draft, Quotation
from index.search import Hit
from ingest.article import Article, Span

CONTEXT = 64  # characters of prefix and suffix: enough to tell repeated sentences apart


def ground(
    question: str,
    draft: Draft,
    hits: Sequence[Hit],
    articles: Mapping[str, Article],
    coverage: Coverage,
) -> Answer:
    """The answer whose text is the draft's sentences, each followed by its number: `… [1] … [2]`.

    `articles` are the versions that the hits come from, by sha256. With nothing left to cite, the
    outcome is `not_in_corpus` and the text says how large the corpus is.
    """
    parts: list[str] = []
    citations: list[Citation] = []
    length = 0
    for quotation in draft.quotations:
        article = articles.get(quotation.hit.passage.article_sha256)
        if article is None or not _is_exact(quotation, article):
            continue
        number = len(citations) + 1
        claim = Span(length, length + len(quotation.text))
        citations.append(_cite(number, claim, quotation, article))
        parts.append(f"{quotation.text} [{number}]")
        length += len(parts[-1]) + 1
    if not citations:
        parts.append(not_in_corpus(coverage))
    return Answer(
        question=question,
        text=" ".join(parts),
        citations=tuple(citations),
        hits=tuple(hits),
        outcome="answered" if citations else "not_in_corpus",
        support=draft.support,
        coverage=coverage,
    )


def not_in_corpus(coverage: Coverage) -> str:
    """The honest answer, which names what was searched."""
    if not coverage.articles:
        return "The corpus is empty: there is nothing to answer from yet."
    many = "1 article" if coverage.articles == 1 else f"{coverage.articles:,} articles"
    dates = ""
    if coverage.first and coverage.last:
        same = coverage.first == coverage.last
        dates = f", dated {coverage.first}" + ("" if same else f" to {coverage.last}")
    return f"Not in this corpus: nothing in its {many}{dates} answers this question."


def _is_exact(quotation: Quotation, article: Article) -> bool:
    chars = quotation.chars
    return chars.end <= len(article.text) and chars.of(article.text) == quotation.text


def _cite(number: int, claim: Span, quotation: Quotation, article: Article) -> Citation:
    chars = quotation.chars
    return Citation(
        number=number,
        claim=claim,
        article_sha256=article.sha256,
        path=quotation.hit.passage.path,
        title=article.title,
        publisher=article.publisher,
        published=article.published,
        url=article.url,
        chars=chars,
        bytes=article.byte_span(chars),
        quote=quotation.text,
        prefix=article.text[max(article.body.start, chars.start - CONTEXT) : chars.start],
        suffix=article.text[chars.end : chars.end + CONTEXT],
    )
