"""Markdown with footnotes, and plain text with notes: the answer as a reader would paste it.

One outline, written in two notations. Everything from outside goes through `_Notation.text`, so no
title, quotation or model's sentence can begin a heading, a link, a footnote or HTML of its own.

Left out: the passages that were read and not cited.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from answer.answer import QUOTATIONS, Answer, Citation, Difference, Source, Statement
from answer.export.cited import CitedArticle, one_line, safe_url
from ingest.article import Span

_NUMBERS = re.compile(r"\[\d{1,9}\]")
# Whatever CommonMark, GitHub or pandoc could act on inside a line.
_ACTIVE = re.compile(
    r"[\\`*_{}\[\]<>~^$|@#]|&(?=[#A-Za-z])|(?<![0-9]):(?=[A-Za-z0-9_+-]+:)|!(?=\[)|=="
)
# Markers of lists (pandoc's too), definitions and underlined headings.
_LINE_START = re.compile(r"\A(\(?(?:\d{1,9}|[A-Za-z]|[ivxlcdm]{2,9}|[IVXLCDM]{2,9})?)([-+=:%.)])")
_VERDICTS = {
    "supported": "supported by its citations",
    "partly": "only partly supported by its citations",
    "unsupported": "not supported by any citation",
}


def markdown(
    answer: Answer, cited: tuple[CitedArticle, ...], permalink: str | None, asked: str | None
) -> str:
    """Markdown with a footnote for each citation (GitHub's and pandoc's syntax)."""
    return _written(_Markdown(), answer, cited, permalink, asked)


def plain_text(
    answer: Answer, cited: tuple[CitedArticle, ...], permalink: str | None, asked: str | None
) -> str:
    """Plain text with a numbered note for each citation."""
    return _written(_Plain(), answer, cited, permalink, asked)


class _Plain:
    """Plain text: nothing acts, so nothing is escaped."""

    def text(self, untrusted: str) -> str:
        return one_line(untrusted)

    def begun(self, line: str) -> str:
        """A line that begins with text from outside."""
        return line

    def title(self, text: str) -> str:
        return f"{text}\n{'=' * min(len(text), 70)}"

    def heading(self, text: str) -> str:
        return f"{text}\n{'-' * len(text)}"

    def aside(self, text: str) -> str:
        return f"({text})"

    def emphasis(self, text: str) -> str:
        return text

    def code(self, text: str) -> str:
        return text

    def link(self, url: str) -> str:
        return safe_url(url) or ""

    def numbers(self, numbers: Sequence[int]) -> str:
        return "".join(f" [{number}]" for number in numbers)

    def note(self, number: int, text: str) -> str:
        return f"[{number}] {text}"


class _Markdown(_Plain):
    """Markdown, with every mark in text from outside escaped."""

    def text(self, untrusted: str) -> str:
        return _ACTIVE.sub(lambda mark: f"\\{mark.group()}", one_line(untrusted))

    def begun(self, line: str) -> str:
        return _LINE_START.sub(r"\1\\\2", line)

    def title(self, text: str) -> str:
        return f"# {text}"

    def heading(self, text: str) -> str:
        return f"## {text}"

    def aside(self, text: str) -> str:
        return f"*({text})*"

    def emphasis(self, text: str) -> str:
        return f"*{text}*"

    def code(self, text: str) -> str:
        return f"`{text}`"

    def link(self, url: str) -> str:
        return f"<{safe_url(url)}>"

    def numbers(self, numbers: Sequence[int]) -> str:
        return "".join(f"[^{number}]" for number in numbers)

    def note(self, number: int, text: str) -> str:
        return f"[^{number}]: {text}"


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence of the answer, or what stands between two; whether a paragraph begins with it."""

    text: str
    statement: Statement | None
    begins: bool


def _written(
    notation: _Plain,
    answer: Answer,
    cited: tuple[CitedArticle, ...],
    permalink: str | None,
    asked: str | None,
) -> str:
    blocks = [
        notation.title(notation.text(answer.question) or "Question"),
        *_about(notation, answer, asked),
        *_paragraphs(notation, answer),
        *_section(notation, "The sources differ", _differences(notation, answer.differences)),
        *_section(notation, _count(answer.sources), _sources(notation, answer.sources)),
    ]
    if permalink or answer.record:
        named = notation.link(permalink) if permalink else notation.text(answer.record or "")
        blocks.append(f"Record: {named}")
    notes = sorted(
        (citation.number, _note(notation, citation, article, link))
        for article in cited
        for citation, link in zip(article.citations, article.links, strict=True)
    )
    blocks.extend(notation.note(number, note) for number, note in notes)
    return "\n\n".join(blocks) + "\n"


def _about(notation: _Plain, answer: Answer, asked: str | None) -> Iterator[str]:
    if answer.searched and answer.searched != answer.question:
        yield f"Searched as: {notation.text(answer.searched)}"
    if asked:
        yield f"Asked: {notation.text(asked)}"
    if answer.writer != QUOTATIONS:
        yield f"Written by: {notation.text(answer.writer)}{_scores(answer)}"
    if answer.note:
        yield f"Note: {notation.text(answer.note)}"


def _scores(answer: Answer) -> str:
    if answer.recall is None or answer.precision is None:
        return ""
    return f" (citation recall {answer.recall:.0%}, precision {answer.precision:.0%})"


def _paragraphs(notation: _Plain, answer: Answer) -> Iterator[str]:
    paragraph: list[str] = []
    known, numbered = {citation.number for citation in answer.citations}, set[int]()
    for sentence in _sentences(answer):
        if sentence.begins and paragraph:
            yield notation.begun(" ".join(paragraph))
            paragraph = []
        cited = sentence.statement.citations if sentence.statement else ()
        numbers = [number for number in cited if number in known]
        numbered.update(numbers)
        paragraph.append(notation.text(sentence.text) + notation.numbers(numbers))
        if sentence.statement and sentence.statement.verdict != "exact":
            paragraph.append(notation.aside(_verdict(notation, sentence.statement)))
    left = [c.number for c in answer.citations if c.number not in numbered]
    if left:
        paragraph.append("Also cited:" + notation.numbers(left))
    yield notation.begun(" ".join(paragraph))


def _sentences(answer: Answer) -> Iterator[_Sentence]:
    """The answer's text in order; its numbers are left out, since each notation has its own."""
    done, begins = 0, False
    for statement in sorted(_statements(answer), key=lambda told: told.claim.start):
        gap = answer.text[done : statement.claim.start]
        begins = begins or "\n\n" in gap
        if between := _NUMBERS.sub("", gap).strip():
            yield _Sentence(between, None, begins)
            begins = False
        said = answer.text[max(done, statement.claim.start) : statement.claim.end]
        yield _Sentence(said, statement, begins)
        done, begins = max(done, statement.claim.end), False
    rest = answer.text[done:]
    if rest := (_NUMBERS.sub("", rest) if done else rest).strip():
        yield _Sentence(rest, None, "\n\n" in answer.text[done:])


def _statements(answer: Answer) -> tuple[Statement, ...]:
    """The answer's statements; those of its citations where an older answer has none."""
    if answer.statements:
        return answer.statements
    numbers: dict[Span, list[Citation]] = {}
    for citation in answer.citations:
        numbers.setdefault(citation.claim, []).append(citation)
    return tuple(
        Statement(claim, tuple(c.number for c in cited), cited[0].verdict)
        for claim, cited in numbers.items()
    )


def _verdict(notation: _Plain, statement: Statement) -> str:
    parts = [_VERDICTS.get(statement.verdict, str(statement.verdict))]
    for finding in statement.findings:
        if not finding.agrees:
            instead = f", cited: “{notation.text(finding.instead)}”" if finding.instead else ""
            parts.append(f"{finding.kind} “{notation.text(finding.said)}” is not there{instead}")
    return "; ".join(parts)


def _section(notation: _Plain, heading: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield notation.heading(heading)
        yield "\n".join(f"- {line}" for line in lines)


def _differences(notation: _Plain, differences: Sequence[Difference]) -> list[str]:
    return [
        f"{notation.begun(notation.text(difference.about))}: "
        + "; ".join(
            f"“{notation.text(reading.said)}”{_by(notation, reading.publisher, reading.published)}"
            f"{notation.numbers([reading.citation])}"
            for reading in difference.readings
        )
        for difference in differences
    ]


def _sources(notation: _Plain, sources: Sequence[Source]) -> list[str]:
    """A line for each independent source: its articles, of which all but one are copies."""
    lines = []
    for source in sources:
        told = (
            f"{notation.emphasis(notation.text(article.title or article.path))}"
            f"{_by(notation, article.publisher, article.published)}"
            for article in source.articles
        )
        lines.append("; ".join(told) + notation.numbers(source.citations))
    return lines


def _count(sources: Sequence[Source]) -> str:
    articles = sum(len(source.articles) for source in sources)
    return f"Sources: {articles} article{'' if articles == 1 else 's'}, {len(sources)} independent"


def _by(notation: _Plain, publisher: str | None, published: str | None) -> str:
    told = ", ".join(notation.text(part) for part in (publisher, published) if part)
    return f" ({told})" if told else ""


def _note(notation: _Plain, citation: Citation, article: CitedArticle, link: str | None) -> str:
    """The verbatim words, who says them, the article, its page, and where its file has them."""
    speaker = f"{notation.text(citation.attribution)} in " if citation.attribution else ""
    accessed = f"accessed {notation.text(citation.accessed)}" if citation.accessed else ""
    dates = ", ".join(filter(None, [notation.text(citation.published or ""), accessed]))
    authors = ", ".join(notation.text(name) for name in article.authors)
    facts = (
        speaker + notation.emphasis(notation.text(article.title)),
        authors,
        notation.text(article.publisher),
        dates,
        notation.text(str(article.locators.get(citation.number) or "")),
        notation.code(article.where(citation).replace("`", "'")),
    )
    told = ". ".join(fact for fact in facts if fact)
    return f"“{notation.text(citation.quote)}” {told}." + (
        f" {notation.link(link)}" if link else ""
    )
