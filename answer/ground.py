"""Draft → Answer: every quotation is cut out of its article again, and only what agrees is cited.

Pure: no model, no store, no clock. The law is enforced here, where citations are made: a quotation
whose words are not exactly those at its span is dropped, for a wrong highlight is worse than none.
Each sentence then gets a verdict from what it cites, and the answer citation recall and precision.

Left out: what a verdict is made of (`judge.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from answer.answer import Answer, Citation, Coverage, Statement, Verdict
from answer.draft import Claim, Draft, Quotation
from answer.export.fragment import link_to
from answer.judge import Finding, judge
from answer.place import Place
from answer.speaker import speaker_of
from index.search import Hit
from ingest.article import Article, Span

_HOLDS: frozenset[Verdict] = frozenset({"exact", "supported"})
_NOTHING_HOLDS = "Nothing that the model wrote is supported by the passages."
_NOT_SHOWN = "The model wrote an answer that no passage supports, so it is not shown."


def ground(
    question: str,
    draft: Draft,
    hits: Sequence[Hit],
    articles: Mapping[str, Article],
    coverage: Coverage,
    *,
    threshold: float = 0.0,
) -> Answer:
    """The answer whose text is the draft's sentences, each followed by its numbers: `… [1] … [2]`.

    `articles` are the versions that the hits come from, by sha256; `coverage` is what was searched.
    With nothing to say the outcome is `not_in_corpus`, and the text says how large that is. Where a
    model has written and no sentence is supported even in part, it is `writer_failed`; or, where
    the hits do not seem to answer either (`draft.support` below `threshold`), `not_in_corpus`.
    """
    parts: list[str] = []
    citations: list[Citation] = []
    statements: list[Statement] = []
    length = 0
    for claim in draft.claims:
        cited = [q for q in claim.quotations if _is_exact(q, articles)]
        if claim.quotations and not cited:
            continue
        said = Span(length, length + len(claim.text))
        first = len(citations) + 1
        for number, quotation in enumerate(cited, first):
            article = articles[quotation.hit.passage.article_sha256]
            verdict, _ = _verdict(claim, [quotation])
            citations.append(_cite(number, said, quotation, article, verdict))
        numbers = tuple(range(first, len(citations) + 1))
        statements.append(Statement(said, numbers, *_verdict(claim, cited)))
        parts.append(" ".join([claim.text, *(f"[{number}]" for number in numbers)]))
        length += len(parts[-1]) + 1
    answered = any(statement.verdict != "unsupported" for statement in statements)
    unlikely = bool(parts) and not answered and draft.support < threshold
    if unlikely:
        parts, citations, statements = [], [], []
    text = " ".join(parts)
    return Answer(
        question=question,
        text=text or not_in_corpus(coverage),
        citations=tuple(citations),
        hits=tuple(hits),
        outcome="answered" if answered else "writer_failed" if parts else "not_in_corpus",
        support=draft.support,
        coverage=coverage,
        statements=tuple(statements),
        recall=citation_recall(statements),
        precision=citation_precision(text, statements, citations),
        writer=draft.writer,
        note=draft.note
        or (_NOT_SHOWN if unlikely else _NOTHING_HOLDS if not answered and parts else None),
    )


def citation_recall(statements: Sequence[Statement]) -> float | None:
    """The share of sentences that all they cite supports (ALCE, Gao et al. 2023, section 4).

    None without a sentence.
    """
    held = [statement.verdict in _HOLDS for statement in statements]
    return sum(held) / len(held) if held else None


def citation_precision(
    text: str, statements: Sequence[Statement], citations: Sequence[Citation]
) -> float | None:
    """The share of citations that are needed or enough for a sentence that is supported (ALCE).

    A citation is of no use where it does not support its sentence alone and the others do without
    it. None without a citation.
    """
    by_number = {citation.number: citation for citation in citations}
    useful = 0
    for statement in statements:
        if statement.verdict not in _HOLDS:
            continue
        cited = [by_number[number] for number in statement.citations]
        said = statement.claim.of(text)
        for citation in cited:
            others = [other.quote for other in cited if other is not citation]
            enough = citation.verdict in _HOLDS
            useful += enough or not others or judge(said, others).verdict != "supported"
    return useful / len(citations) if citations else None


def not_in_corpus(coverage: Coverage) -> str:
    """The honest answer, which names what was searched."""
    if not coverage.articles and coverage.narrowed:
        return (
            "No article of this corpus is allowed by the filters, so there was nothing to search."
        )
    if not coverage.articles:
        return "The corpus is empty: there is nothing to answer from yet."
    many = "1 article" if coverage.articles == 1 else f"{coverage.articles:,} articles"
    dates = ""
    if coverage.first and coverage.last:
        same = coverage.first == coverage.last
        dates = f", dated {coverage.first}" + ("" if same else f" to {coverage.last}")
    if coverage.narrowed:
        return (
            f"Not found: nothing in the {many} that the filters allow{dates} answers this question."
        )
    return f"Not in this corpus: nothing in its {many}{dates} answers this question."


def _verdict(claim: Claim, cited: Sequence[Quotation]) -> tuple[Verdict, tuple[Finding, ...]]:
    """What all that is cited makes of a sentence; one that is what it cites needs no judge.

    Articles that each say nothing of it make it "partly" at the most: what is put together from
    several may be what none of them says.
    """
    if not cited:
        return "unsupported", ()
    if any(claim.text == quotation.text for quotation in cited):
        return "exact", ()
    judged = judge(claim.text, [quotation.text for quotation in cited])
    if judged.verdict == "supported" and not _is_said_by_one(claim, cited):
        return "partly", judged.findings
    return judged.verdict, judged.findings


def _is_said_by_one(claim: Claim, cited: Sequence[Quotation]) -> bool:
    """Whether the evidence is of one article, or that of one alone holds at least a part."""
    by_article: dict[str, list[str]] = {}
    for quotation in cited:
        by_article.setdefault(quotation.hit.passage.article_sha256, []).append(quotation.text)
    alone = (judge(claim.text, texts).verdict for texts in by_article.values())
    return len(by_article) == 1 or any(verdict != "unsupported" for verdict in alone)


def _is_exact(quotation: Quotation, articles: Mapping[str, Article]) -> bool:
    article = articles.get(quotation.hit.passage.article_sha256)
    chars = quotation.chars
    return (
        article is not None
        and article.body.start <= chars.start
        and chars.end <= article.body.end
        and chars.of(article.text) == quotation.text
    )


def _cite(
    number: int, claim: Span, quotation: Quotation, article: Article, verdict: Verdict
) -> Citation:
    place = Place.cut(article, quotation.chars)
    speaker = speaker_of(article, quotation.chars)
    return Citation(
        number=number,
        claim=claim,
        article_sha256=article.sha256,
        path=quotation.hit.passage.path,
        title=article.title,
        publisher=article.publisher,
        published=article.published,
        url=article.url,
        chars=place.chars,
        bytes=place.bytes,
        quote=place.quote,
        prefix=place.prefix,
        suffix=place.suffix,
        verdict=verdict,
        speaker=speaker.name if speaker else None,
        direct=speaker.direct if speaker else None,
        authors=article.authors,
        accessed=article.accessed,
        language=article.language,
        link=link_to(article, place.chars),
        locator=place.locator,
    )
