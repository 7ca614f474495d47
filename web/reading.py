"""An article's text → blocks to read: headings, paragraphs, items, quotations, code.

The blocks are ranges of the text, so a highlight falls exactly where the citation says. Only marks
at the start of a line (`##`, `-`, `>`) are set aside, and the lines that say where in the original
the text below was; words are never touched, moved or joined.

Left out: inline Markdown. `*emphasis*` is shown as it is written, because the product's promise is
the article's own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ingest.article import Article, Span, line_spans
from ingest.locator import is_mark

Kind = Literal["heading", "paragraph", "item", "quote", "code", "rule"]

_FENCE = re.compile(r"^ {0,3}(```+|~~~+)", re.MULTILINE)
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]+(?=\S)")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+(?=\S)")
_QUOTE = re.compile(r" {0,3}(?:>[ \t]?)+")
_RULE = re.compile(r" {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*")
_ROW = re.compile(r"[ \t]*\|")


@dataclass(frozen=True, slots=True)
class Block:
    """One block: its kind, and the lines (without their marks) that it shows."""

    kind: Kind
    lines: tuple[Span, ...]


def blocks(article: Article, window: Span | None = None) -> tuple[Block, ...]:
    """The body of the article as blocks in reading order, or the part of it within `window`.

    A plain text file has no marks: its blocks are the runs of lines between blank ones.
    """
    window = article.body if window is None else window
    gathered: list[tuple[Kind, list[Span]]] = []
    open_kind: Kind | None = None
    for kind, line in _kinds(article, window):
        if kind is None or not line.overlap(window):
            open_kind = None
            continue
        shown = Span(max(line.start, window.start), min(line.end, window.end))
        continues = kind == open_kind and kind not in ("heading", "item", "rule")
        if continues or (kind == "paragraph" and open_kind in ("item", "quote")):
            gathered[-1][1].append(shown)
        else:
            gathered.append((kind, [shown]))
            open_kind = kind
    return tuple(Block(kind, tuple(lines)) for kind, lines in gathered)


def _kinds(article: Article, window: Span) -> Iterator[tuple[Kind | None, Span]]:
    """The kind of each line in the window (None for a blank one) and the part of it to show."""
    text, start = article.text, article.body.start
    marked = article.is_markdown
    first = max(start, 1 + max(text.rfind(end, start, window.start) for end in "\r\n"))
    fence = _open_fence(text, Span(start, first)) if marked else ""
    for line in line_spans(text, Span(first, article.body.end)):
        if line.start >= window.end:
            return
        content = line.of(text)
        mark = _FENCE.match(content) if marked else None
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
            yield None, line
        elif fence:
            yield "code", line
        elif not content.strip() or (marked and is_mark(content)):
            yield None, line
        else:
            yield _kind(content, line) if marked else ("paragraph", line)


def _open_fence(text: str, before: Span) -> str:
    """The fence that is still open at the end of `before`, or nothing."""
    fence = ""
    for mark in _FENCE.finditer(text, before.start, before.end):
        if not fence or mark[1].startswith(fence):
            fence = "" if fence else mark[1]
    return fence


def _kind(content: str, line: Span) -> tuple[Kind, Span]:
    if _RULE.fullmatch(content):
        return "rule", line
    if mark := _HEADING.match(content):
        return "heading", Span(line.start + mark.end(), line.start + _heading_end(content))
    if mark := _QUOTE.match(content):
        return "quote", Span(line.start + mark.end(), line.end)
    if mark := _ITEM.match(content):
        return "item", Span(line.start + mark.end(), line.end)
    return ("code" if _ROW.match(content) else "paragraph"), line


def _heading_end(content: str) -> int:
    """Where a heading's words end: before the hashes that may close it."""
    words = content.rstrip().rstrip("#")
    return len(words.rstrip()) if words.endswith((" ", "\t")) else len(content.rstrip())
