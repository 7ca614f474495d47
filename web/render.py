"""Article, question and corpus → HTML, as pure functions. What came from outside is escaped.

One rule keeps the page safe: text enters HTML through `web.text.escaped` and no other way.

Left out: replies (`reply.py`, `verdicts.py`), where things are on the page (`chat.py`), and how
they look (`style.css`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from urllib.parse import urlsplit

from answer.answer import Coverage
from answer.export.fragment import link_to
from answer.export.original import original_address
from index.search import Filters
from ingest.article import Article, Span, span_id
from ingest.locator import locator_of
from web.reading import Block, blocks
from web.text import day, escaped

SHOWN_AROUND = 30_000  # characters of an article shown on either side of a citation
_LONGEST = 2_000  # characters of a question that are shown

_TAGS = {
    "heading": ("<h3>", "</h3>"),
    "paragraph": ("<p>", "</p>"),
    "item": ('<p class="item">', "</p>"),
    "quote": ("<blockquote>", "</blockquote>"),
    "code": ("<pre>", "</pre>"),
}


def question_html(question: str, filters: Filters = Filters()) -> str:
    """The reader's question, as said, and what it was narrowed to."""
    dates = [day(filters.since) and f"from {day(filters.since)}"]
    dates += [day(filters.until) and f"to {day(filters.until)}"]
    narrowed = " · ".join(filter(None, (*filters.publishers, *filters.languages, *dates)))
    within = f'<span class="narrowed">{escaped(narrowed)}</span>' if narrowed else ""
    words = question if len(question) <= _LONGEST else question[:_LONGEST].rstrip() + "…"
    return f'<div class="question" dir="auto">{escaped(words)}{within}</div>'


def status_html(words: str) -> str:
    """A line that says what is going on."""
    return f'<div class="status" role="status">{escaped(words)}</div>'


def notice_html(words: str, *, wrong: bool = False) -> str:
    """A remark in the place of an answer; `wrong` where something failed."""
    return f'<div class="notice{" wrong" if wrong else ""}" role="alert">{escaped(words)}</div>'


def evidence_html(
    article: Article,
    cited: Span,
    others: Sequence[Span] = (),
    *,
    current: bool = True,
    answers: Sequence[tuple[str, str, str]] = (),
    original: str | None = None,
) -> str:
    """The article around a citation: `cited` is marked, `others` more lightly.

    An empty `cited` marks nothing: the article from there on. Of a very long one, what lies within
    `SHOWN_AROUND` characters is shown, and what was left out is said. `current` is whether the
    corpus still has this version; `answers` are the latest kept ones that cite the article: (hash,
    question, what became of its citations);
    `original` is where this server has the file that the article was made from.
    """
    window = Span(
        max(article.body.start, cited.start - SHOWN_AROUND),
        min(len(article.text), cited.end + SHOWN_AROUND),
    )
    shown = "".join(_block(article.text, block, cited, others) for block in blocks(article, window))
    place = span_id(article.sha256, cited) if cited else article.sha256
    before, after = window.start - article.body.start, len(article.text) - window.end
    language = f' lang="{escaped(article.language)}"' if article.language else ""
    return (
        f'<article data-place="{place}"{language}>{_about(article, cited, original)}'
        f"{_superseded(current)}"
        f'<div class="text" dir="auto">{_left_out(before, "before")}{shown}'
        f"{_left_out(after, 'after')}</div>{_cited_by(answers)}"
        f"{_colophon(article, cited)}</article>"
    )


def masthead_html(coverage: Coverage, *, reading: bool = False) -> str:
    """The page's head: the name, and what the corpus holds; `reading` while it is ingested."""
    holds = ["The corpus is empty"]
    if coverage.articles:
        holds = [f"{coverage.articles:,} article{'s' if coverage.articles != 1 else ''}"]
        if coverage.first and coverage.last:
            ends = dict.fromkeys((day(coverage.first), day(coverage.last)))
            holds.append(" to ".join(ends))
    if reading:
        holds = [*holds[: coverage.articles], "reading articles…"]
    return (
        '<header class="masthead"><h1>Pincite</h1>'
        f'<p class="holds">{escaped(" · ".join(holds))}</p></header>'
    )


def _about(article: Article, cited: Span, original: str | None) -> str:
    """Who says this, when, on which page, under which title, and where to read the cited words."""
    locator = locator_of(article, cited) if cited else None
    url = link_to(article, cited) if cited else original_address(article, None)
    link = (
        f'<a href="{escaped(url)}" target="_blank" rel="noopener noreferrer">'
        f"{escaped(urlsplit(url).hostname or url)} ↗</a>"
        if url
        else ""
    )
    where = str(locator) if locator else ""
    kicker = " · ".join(filter(None, (article.publisher, day(article.published), where)))
    kept = _original(original, where) if original else ""
    part = f"from {article.source_part}" if article.source_part else ""
    facts = (escaped(", ".join(article.authors)), escaped(part), link, kept)
    byline = " · ".join(filter(None, facts))
    whence = "answer" if cited else "library"
    return (
        f'<header><button type="button" class="back">↑ Back to the {whence}</button>'
        f'<p class="kicker">{escaped(kicker)}</p><h2 dir="auto">{escaped(article.title)}</h2>'
        f'<p class="byline">{byline}</p></header>'
    )


def _original(address: str, where: str) -> str:
    """A link to the file that the article was made from, which says where it leads in it."""
    where = f", {where}" if "#" in address else ""
    return (
        f'<a class="original" href="{escaped(address)}" target="_blank" rel="noopener noreferrer">'
        f"original{escaped(where)}</a>"
    )


def _superseded(current: bool) -> str:
    if current:
        return ""
    return (
        '<p class="superseded">The corpus has no longer this version of the article. It is kept, '
        "so that answers that cite it can be checked.</p>"
    )


def _cited_by(answers: Sequence[tuple[str, str, str]]) -> str:
    """Answers that a correction of this article touches, or would."""
    if not answers:
        return ""
    items = "".join(
        f'<li dir="auto"><a href="/answers/{escaped(name)}" target="_blank">{escaped(question)}</a>'
        f"{' · ' + escaped(state) if state else ''}</li>"
        for name, question, state in answers
    )
    return f'<div class="cited-by"><p class="kicker">Answers that cite it</p><ul>{items}</ul></div>'


def _colophon(article: Article, cited: Span) -> str:
    octets = article.byte_span(cited)
    place = f"Characters {cited.start}–{cited.end} (bytes {octets.start}–{octets.end}) of "
    return (
        f'<p class="colophon">{place if cited else ""}{escaped(article.path)}, '
        f'<span title="{escaped(article.sha256)}">sha256 {escaped(article.sha256[:16])}…</span></p>'
    )


def _left_out(characters: int, where: str) -> str:
    if characters <= 0:
        return ""
    return f'<p class="left-out">{characters:,} characters {where} this are not shown.</p>'


def _block(text: str, block: Block, cited: Span, others: Sequence[Span]) -> str:
    if block.kind == "rule":
        return "<hr>"
    opening, closing = _TAGS[block.kind]
    lines = ("".join(_marked(text, line, cited, others)) for line in block.lines)
    return opening + "\n".join(lines) + closing


def _marked(text: str, line: Span, cited: Span, others: Sequence[Span]) -> Iterator[str]:
    """A line, cut wherever a mark begins or ends."""
    edges = {line.start, line.end}
    for span in (cited, *others):
        edges |= {edge for edge in (span.start, span.end) if line.start < edge < line.end}
    cuts = sorted(edges)
    for start, end in pairwise(cuts):
        piece = escaped(text[start:end])
        if cited.start <= start < cited.end:
            yield f'<mark class="cited">{piece}</mark>'
        elif any(other.start <= start < other.end for other in others):
            yield f'<mark class="also">{piece}</mark>'
        else:
            yield piece


def welcome_html(coverage: Coverage, *, reading: bool = False, trouble: str = "") -> str:
    """What an empty conversation says; where there are no articles, how to bring some in.

    `trouble` is what keeps the index from being read, in plain words.
    """
    invite = "Ask the articles."
    about = "Answers come in their own words. The number after a sentence opens its article there."
    if trouble:
        invite, about = "The articles cannot be read.", escaped(trouble)
    elif coverage.articles == 0 and reading:
        invite, about = "Reading the articles…", "You can ask as soon as the first ones are in."
    elif coverage.articles == 0:
        invite = "There are no articles yet."
        about = "Bring some in under Library, or with <code>pincite add FILE…</code>."
    return f'<div class="welcome"><p class="invite">{invite}</p><p>{about}</p></div>'


def no_evidence_html() -> str:
    """The evidence pane before anything is cited."""
    return (
        '<div class="no-evidence"><p class="kicker">Evidence</p>'
        "<p>A citation opens here: the article, with the quoted words marked.</p></div>"
    )
