"""Answer → the HTML of a reply: sentences with their verdicts, sources, and what to do with them.

Pure; text enters HTML through `web.text.escaped` and no other way. A sentence without a citation
gets no link, and one that its citations do not support says so beside it.

Left out: the article that a citation opens (`render.py`), other replies (`verdicts.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from answer.answer import QUOTATIONS, Answer, Citation, Reading, Source, Statement
from answer.export import STYLES
from answer.judge import Finding
from answer.timeline import as_of, timeline
from index.search import Hit
from web.text import day, escaped, snippet

NEAREST = 3  # passages offered where the corpus holds no answer
UNCHECKED = "Written by a model; its sentences are checked when it has ended."
NEVER_CHECKED = "Written by a model; it was stopped, so its sentences were not checked."
_VERDICTS = {
    "supported": "supported",
    "partly": "partly supported",
    "unsupported": "not supported by what it cites",
}
_UNCITED = "no passage supports it"


def answer_html(answer: Answer, sentences: int | None = None) -> str:
    """An answer: its sentences, each with its citations and verdict, then its sources.

    `sentences` shows only the first few, without sources: the answer while it is arriving. Where
    nothing was answered: the message, and the passages that came nearest, called just that.
    """
    head = _searched(answer) + _note(answer)
    if answer.outcome != "answered":
        said = _statements(answer, answer.statements) or _message(answer)
        return f'<div class="reply unanswered">{head}{said}{nearest_html(answer)}</div>'
    if sentences is not None and sentences < len(answer.statements):
        return (
            f'<div class="reply">{head}{_statements(answer, answer.statements[:sentences])}</div>'
        )
    return (
        f'<div class="reply">{head}{_statements(answer, answer.statements)}{_differences(answer)}'
        f"{_sources(answer)}{_tools(answer)}</div>"
    )


def arriving_html(text: str) -> str:
    """What a model has written so far: nothing of it is checked yet, and it says so."""
    return (
        f'<div class="reply arriving"><p class="arrived lead" dir="auto">{escaped(text)}</p>'
        f'<p class="note">{UNCHECKED}</p></div>'
    )


def cut_off(reply: str) -> str:
    """A reply that was stopped: what a model had written by then stays unchecked, and says so."""
    return reply.replace(UNCHECKED, NEVER_CHECKED)


def nearest_html(answer: Answer) -> str:
    """The passages that came nearest, as what they are."""
    if not answer.hits:
        return ""
    label = "Nearest passages, which do not answer it"
    if answer.outcome == "writer_failed":
        label = "Nearest passages"
    items = "".join(
        f'<p class="source near">{open_link(hit.passage.id, hit.passage.title, _at(hit))}'
        f'<span class="snippet" dir="auto">{escaped(snippet(hit.passage.text))}</span></p>'
        for hit in answer.hits[:NEAREST]
    )
    return f'<div class="sources"><p class="label">{label}</p>{items}</div>'


def _at(hit: Hit) -> str:
    return str(hit.locator) if hit.locator else ""


def open_link(place: str, title: str, *about: str | None) -> str:
    """A link that opens a place in the evidence pane, and what is said about it."""
    said = " · ".join(filter(None, about))
    beside = f'<span class="about">{escaped(said)}</span>' if said else ""
    return f'<a class="open" href="#cite-{place}" dir="auto">{escaped(title)}</a>{beside}'


def chip(place: str, number: int) -> str:
    """The number after a sentence, which opens what it cites."""
    return f'<a class="cite" href="#cite-{place}">{number}</a>'


def badge(verdict: str, label: str) -> str:
    """A verdict in a word or two, beside what it is of."""
    return f'<span class="verdict {verdict}">{escaped(label)}</span>'


def findings_html(findings: Sequence[Finding]) -> str:
    """What a sentence says and its evidence does not, one by one."""
    return "".join(
        f'<span class="finding" dir="auto">“{escaped(finding.said)}” '
        + (
            f"stands there as “{escaped(finding.instead)}”"
            if finding.instead
            else "does not stand there"
        )
        + "</span>"
        for finding in findings
        if not finding.agrees
    )


def _searched(answer: Answer) -> str:
    if not answer.searched:
        return ""
    return f'<p class="searched" dir="auto">Searched: {escaped(answer.searched)}</p>'


def _note(answer: Answer) -> str:
    return f'<p class="note" role="note">{escaped(answer.note)}</p>' if answer.note else ""


def _message(answer: Answer) -> str:
    return f'<p class="message" dir="auto">{escaped(answer.text)}</p>'


def _statements(answer: Answer, shown: Sequence[Statement]) -> str:
    """Sentences in order, with chips in the place of their `[n]`."""
    by_number = {citation.number: citation for citation in answer.citations}
    parts: list[str] = []
    for statement in shown:
        words = escaped(" ".join(statement.claim.of(answer.text).split()))
        cited = [by_number[number] for number in statement.citations]
        chips = "".join(chip(citation.id, citation.number) for citation in cited)
        lead = "" if parts else " lead"
        parts.append(
            f'<p class="claim{lead} {statement.verdict}" dir="auto">{words}{chips}'
            f"{_verdict(statement)}</p>"
        )
    return "".join(parts)


def _verdict(statement: Statement) -> str:
    label = _VERDICTS.get(statement.verdict) if statement.citations else _UNCITED
    if label is None:
        return ""
    return badge(statement.verdict, label) + findings_html(statement.findings)


def _differences(answer: Answer) -> str:
    """The readings that differ, each with the number that opens its words."""
    places = {citation.number: citation.id for citation in answer.citations}
    return "".join(
        '<div class="differences"><p class="label">The sources differ on this</p>'
        + "".join(_reading(reading, places) for reading in difference.readings)
        + "</div>"
        for difference in answer.differences
    )


def _reading(reading: Reading, places: Mapping[int, str]) -> str:
    about = " · ".join(filter(None, (reading.publisher, day(reading.published) or "undated")))
    place = places.get(reading.citation)
    link = chip(place, reading.citation) if place else ""
    return (
        f'<p class="differing" dir="auto">“{escaped(reading.said)}”{link}'
        f'<span class="about">{escaped(about)}</span></p>'
    )


def _sources(answer: Answer) -> str:
    """Each cited article once, with the numbers that cite it, and its near copies; then dates."""
    by_article: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        by_article.setdefault(citation.article_sha256, []).append(citation)
    if not by_article:
        return ""
    copies = _copies(answer.sources, by_article)
    items = "".join(_source(cited, copies.get(sha, "")) for sha, cited in by_article.items())
    return (
        f'<div class="sources"><p class="label">{_label(answer.sources)}</p>{items}'
        f"{_timeline(answer)}</div>"
    )


def _source(cited: Sequence[Citation], copies: str) -> str:
    first = cited[0]
    numbers = escaped(" ".join(str(citation.number) for citation in cited))
    about = (first.publisher, day(first.published), _locators(cited))
    link = open_link(first.id, first.title, *about)
    said = _speakers(cited)
    return f'<p class="source"><span class="numbers">{numbers}</span>{link}{said}{copies}</p>'


def _locators(cited: Sequence[Citation]) -> str:
    """`p. 4`; where that is not so of all citations, `p. 4 [1, 3], p. 9 [2]`."""
    numbers: dict[str, list[str]] = {}
    for citation in cited:
        if citation.locator:
            numbers.setdefault(str(citation.locator), []).append(str(citation.number))
    if [len(same) for same in numbers.values()] == [len(cited)]:
        return next(iter(numbers))
    return ", ".join(f"{where} [{', '.join(same)}]" for where, same in numbers.items())


def _speakers(cited: Sequence[Citation]) -> str:
    """`[1, 3] Dmitry Peskov, as reported in Coast Gazette`: one line for each speaker."""
    numbers: dict[str, list[str]] = {}
    for citation in cited:
        if citation.attribution:
            said = f"{citation.attribution} in {citation.publisher or citation.title}"
            numbers.setdefault(said, []).append(str(citation.number))
    lines = (f"[{', '.join(said)}] {who}" for who, said in numbers.items())
    return "".join(f'<span class="speaker" dir="auto">{escaped(line)}</span>' for line in lines)


def _label(sources: Sequence[Source]) -> str:
    """`Sources`, and how many are independent where there is more than one article."""
    articles = sum(len(source.articles) for source in sources)
    if articles < 2:
        return "Sources"
    several = "" if len(sources) == 1 else "s"
    return f"Sources: {articles} articles, {len(sources)} independent source{several}"


def _copies(sources: Sequence[Source], cited: Collection[str]) -> dict[str, str]:
    """What each cited article is followed by: the near copies of it that are not cited."""
    told: dict[str, str] = {}
    for source in sources:
        first = next((one.sha256 for one in source.articles if one.sha256 in cited), "")
        told[first] = "".join(
            f'<span class="copy-of" dir="auto">The same story: {escaped(copy.title)}'
            f"{escaped(', ' + copy.publisher if copy.publisher else '')}</span>"
            for copy in source.articles
            if copy.sha256 not in cited
        )
    return told


def _timeline(answer: Answer) -> str:
    """The cited passages by date, where there is more than one date."""
    entries = timeline(answer.citations)
    if len({entry.published for entry in entries if entry.published}) < 2:
        return ""
    items = "".join(
        f'<span class="when">{escaped(day(entry.published) or "undated")} '
        f"[{escaped(', '.join(map(str, entry.citations)))}]</span>"
        for entry in entries
    )
    newest = f'<span class="as-of">as of {escaped(day(as_of(answer.citations)))}</span>'
    return f'<p class="timeline"><span class="label">Published</span>{items}{newest}</p>'


def _tools(answer: Answer) -> str:
    copy = '<a class="copy" href="#copy">Copy with sources</a>'
    if not answer.record:
        return f'{_writer(answer)}<p class="tools">{copy}</p>'
    kept = f"/answers/{answer.record}"
    styles = {name: style.label for name, style in STYLES.items()} | {"record": "Record (JSON)"}
    exports = "".join(
        f'<a class="export" href="/api{kept}/export/{name}">{escaped(label)}</a>'
        for name, label in styles.items()
    )
    return (
        f'{_writer(answer)}<div class="tools">{copy}<a class="permalink" href="{kept}">Permalink'
        f'</a><details class="exports"><summary>Export</summary><div class="menu">{exports}</div>'
        "</details></div>"
    )


def _writer(answer: Answer) -> str:
    """Which model wrote it, and how well what it cites supports it (ALCE)."""
    if answer.writer == QUOTATIONS:
        return ""
    said = f"Written by {answer.writer}."
    if answer.recall is not None and answer.precision is not None:
        said += f" Citation recall {answer.recall:.0%}, precision {answer.precision:.0%}."
    return f'<p class="writer" dir="auto">{escaped(said)}</p>'
