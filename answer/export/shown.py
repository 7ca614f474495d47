"""Article → what a page would show of it: text without Markdown marks, and borders in it.

A *block* border stands where a paragraph, list item or table cell ends. A *gap* stands where the
page may show anything (a footnote's number, an image, HTML, an entity). Marks are hidden only where
they surely are marks: in pairs, so that a lone star or bracket stays text. One pass, linear.

Left out: indented code, shortcut references (`[text]` alone), and marks inside code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.article import Article, Span, line_spans

BLOCK, GAP = "\n", "\x00"

_FENCE = re.compile(r"[ \t]*(?:```|~~~)")
_MARKERS = re.compile(
    r"[ \t]*(?:(?:>|[-*+]|\d{1,3}[.)]|\#{1,6})(?:[ \t]+|$)|\[\^[^\]\s]{1,50}\]:[ \t]*)*"
)
_HIDDEN_LINE = re.compile(r"=+|[-*_|:+ \t]{3,}|\[[^\[\]]{1,300}\]:[ \t]*\S.*|<!--[^<>]*-->")
_CLOSING_MARKS = re.compile(r"[ \t]\#+[ \t]*$")
_INLINE = re.compile(
    r"""
    (?P<escape>\\(?=[!-/:-@\[-`{-~]).)
  | (?P<gap>!\[[^\[\]]{0,300}\](?:\([^()\s]{0,2000}\))?   # an image
      | \[\^[^\]\s]{1,50}\] | <[!/A-Za-z][^<>]{0,2000}> | &\#?[A-Za-z0-9]{1,31};)
  | (?P<open>\[)
  | (?P<close>\](?:\([^()]{0,2000}\)|\[[^\[\]]{0,300}\])?)
  | (?P<mark>\*+|_+|~~+|`+)
    """,
    re.VERBOSE,
)


def shown_runs(article: Article) -> Iterator[tuple[int, str]]:
    """What a page shows of the body: (place in the file, text), and the borders between."""
    if not article.is_markdown:
        for line in line_spans(article.text, article.body):
            yield line.start, line.of(article.text).replace(GAP, " ")
            yield line.end, BLOCK
        return
    fenced = False
    for line in line_spans(article.text, article.body):
        if _FENCE.match(article.text, line.start, line.end):
            fenced = not fenced
        elif fenced:
            yield line.start, line.of(article.text).replace(GAP, " ")
        else:
            yield from _shown_line(article.text, line)
            continue
        yield line.end, BLOCK


def _shown_line(text: str, line: Span) -> Iterator[tuple[int, str]]:
    """A line of Markdown without its marks; a space where the paragraph goes on below."""
    markers = _MARKERS.match(text, line.start, line.end)
    start = markers.end() if markers else line.start
    words = text[start : line.end]
    if not words.strip() or _HIDDEN_LINE.fullmatch(line.of(text).strip()):
        yield line.start, BLOCK
        return
    begins_block = text[line.start : start].strip()
    heading = "#" in begins_block
    table = words.startswith("|")
    if begins_block:
        yield line.start, BLOCK
    closing = _CLOSING_MARKS.search(words[-80:]) if heading else None
    end = line.end - len(closing.group()) if closing else line.end
    broken = words.endswith(("  ", "\\"))
    for at, shown in _shown_inline(text, Span(start, end)):
        yield at, shown.replace("|", BLOCK) if table else shown
    yield line.end, BLOCK if heading or table or broken else " "


def _shown_inline(text: str, within: Span) -> list[tuple[int, str]]:
    """Runs of a line with emphasis, links and code without their marks.

    Marks are hidden in pairs, so that a lone star or bracket stays text.
    """
    runs: list[tuple[int, str]] = []
    waiting: dict[str, list[int]] = {}  # marks that are not closed yet: their places in `runs`
    done = within.start
    for match in _INLINE.finditer(text, within.start, within.end):
        runs.append((done, text[done : match.start()].replace(GAP, " ")))
        done = match.end()
        kind, mark = match.lastgroup, match.group()
        if kind == "escape":
            runs.append((match.start() + 1, mark[1:]))
        elif kind == "gap":
            runs.append((match.start(), GAP))
        else:
            _show_mark(runs, waiting, match, text)
    runs.append((done, text[done : within.end].replace(GAP, " ")))
    return runs


def _show_mark(
    runs: list[tuple[int, str]], waiting: dict[str, list[int]], match: re.Match[str], text: str
) -> None:
    kind, mark, at = match.lastgroup, match.group(), match.start()
    opens, closes = kind == "open", kind == "close"
    if kind == "mark":
        before, behind = text[at - 1 : at], text[match.end() : match.end() + 1]
        intraword = mark[0] == "_" and before.isalnum() and behind.isalnum()
        opens = bool(behind) and not behind.isspace() and not intraword
        closes = bool(before) and not before.isspace() and not intraword
    key = "[" if kind in ("open", "close") else mark
    opened = waiting.get(key)
    if closes and opened:
        partner = opened.pop()
        if mark != "]":
            runs[partner] = (runs[partner][0], "")
            runs.append((at, ""))
            return
    elif opens:
        waiting.setdefault(key, []).append(len(runs))
    runs.append((at, mark))
