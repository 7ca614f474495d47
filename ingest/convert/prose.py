"""Plain text as people type and mail it → Markdown: wrapped lines joined, quotes kept as quotes.

Used for the plain text of mails and of table cells, where a line break may be a paragraph's end or
only the width of somebody's window.

Left out: any change of a word. Only line breaks, indents and quotation marks of a reply move.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from ingest.convert.markdown import clean, plain

_WIDEST = 100  # characters; RFC 5322 asks for 78 at most, and quoting adds to it
_NARROWEST = 50  # a text of shorter lines is a list or a poem, and its breaks are meant
_DEEPEST = 9  # levels of quotation; mail that goes deeper shows no more of them
_QUOTED = re.compile(r"(?:>[ \t]?)+")
_STARTS_ANEW = re.compile(r"[-*+•|#](?:\s|$)|[|#=_-]{2}")
_NUMBERED = re.compile(r"(\d{1,9})[.)](?:\s|$)")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line without its quotation marks, and how many it had; `soft` where the next goes on."""

    depth: int
    text: str
    soft: bool = False


def paragraphs(text: str, *, flowed: bool = False, delete_space: bool = False) -> str:
    """Markdown with the same words: a paragraph for each, one line long where it was only wrapped.

    `flowed` and `delete_space` are what a mail says of its text (`format=flowed; delsp=yes`, RFC
    3676). Elsewhere a line was wrapped where the next word would not have fitted into the longest.

    >>> print(paragraphs("> The tide rose\\n>> and fell\\nIt did."))
    > The tide rose
    <BLANKLINE>
    > > and fell
    <BLANKLINE>
    It did.
    """
    lines = [_line(line, flowed, delete_space) for line in clean(text).split("\n")]
    widths = {} if flowed else _widths(lines)
    return "\n\n".join(_block(run, widths.get(run[0].depth, 0)) for run in _runs(lines))


def _line(text: str, flowed: bool, delete_space: bool) -> _Line:
    quoted = _QUOTED.match(text)
    depth = min(_DEEPEST, quoted[0].count(">")) if quoted else 0
    text = text[quoted.end() :] if quoted else text
    if not flowed:
        return _Line(depth, text.strip())
    soft = text.endswith(" ") and text != "-- "
    text = text.removeprefix(" ")
    return _Line(depth, text[:-1] if soft and delete_space else text, soft)


def _widths(lines: list[_Line]) -> dict[int, int]:
    """For each depth of quotation the width that it was wrapped to, where it was wrapped at all."""
    widths: dict[int, int] = {}
    unwrapped = set()
    for line in lines:
        if len(line.text) <= _WIDEST:
            widths[line.depth] = max(widths.get(line.depth, 0), len(line.text))
        elif line.text.count(" ") > 3:  # prose, and no address
            unwrapped.add(line.depth)
    return {
        depth: width
        for depth, width in widths.items()
        if width >= _NARROWEST and depth not in unwrapped
    }


def _runs(lines: list[_Line]) -> Iterator[list[_Line]]:
    """Lines between blank ones, of the same depth."""
    run: list[_Line] = []
    for line in lines:
        if run and (not line.text.strip() or line.depth != run[0].depth):
            yield run
            run = []
        if line.text.strip():
            run.append(line)
    if run:
        yield run


def _block(run: list[_Line], width: int) -> str:
    logical = ["".join(pieces) for pieces in _joined(run, width)]
    text = logical[0]
    for before, after in pairwise(logical):
        # A long line is a paragraph of somebody whose program does not wrap.
        text += ("\n\n" if max(len(before), len(after)) > _WIDEST else "\n") + after
    marks = "> " * run[0].depth
    return "\n".join(f"{marks}{line}" if line else "" for line in plain(text).split("\n"))


def _joined(run: list[_Line], width: int) -> Iterator[list[str]]:
    """The pieces of each line as it was before it was wrapped."""
    pieces = [run[0].text]
    for line, following in pairwise(run):
        new_item = not line.soft and _is_next_item(pieces[0], following.text)
        if _goes_on(line, following, width) and not new_item:
            pieces += [following.text] if line.soft else [" ", following.text]
        else:
            yield pieces
            pieces = [following.text]
    yield pieces


def _is_next_item(first: str, following: str) -> bool:
    """Whether a line is the next item of a numbered list, and no year that a sentence ends with."""
    item, before = _NUMBERED.match(following), _NUMBERED.match(first)
    return item is not None and before is not None and int(item[1]) == int(before[1]) + 1


def _goes_on(line: _Line, following: _Line, width: int) -> bool:
    if line.soft or not width:
        return line.soft
    if _STARTS_ANEW.match(following.text) or line.text.startswith(("#", "|")):
        return False
    return len(line.text) + 1 + len(following.text.split(maxsplit=1)[0]) > width
