"""Where in its original a place of an article was: the page of a PDF, the time of a subtitle.

A converter writes marks into the Markdown that it makes, each an HTML comment on a line of its own,
which no passage contains. So they can be seen, they move with the text when it is edited, and
nothing but the file is needed to read them again.

    <!-- page 4 -->                       page 4 begins with the text below
    <!-- page 4 +215 -->                  it begins 215 characters further on, inside a paragraph
    <!-- time 0:12:03, 0:12:07 +64 -->    several, in order

Characters are counted from the first one after the mark that is no white space, to the end of that
paragraph at most: where one was shortened by hand, the next page begins at its end. Only what
Markdown reads as a comment of its own is a mark; one that an article shows as an example (in a
fenced block, inside HTML), and any line of plain text, is text.

Left out: marks of an article of more than `LOOKED_AT` characters that also has a fenced block or
HTML, since to tell them apart it would have to be parsed for every citation; it has no locators.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Literal, get_args

from ingest.article import Article, Span
from ingest.split import html_blocks

Kind = Literal["page", "time"]

LOOKED_AT = 200_000  # characters; to parse so many takes 0.03 s, and 1.0 s where all are list items

_MARK = re.compile(r"<!-- (page|time) ([^<>\r\n]+) -->[ \t]*(?![^\r\n])")
_PLACE = re.compile(r"([0-9:]{1,16})(?: \+([0-9]{1,9}))?")
_LABELS = {
    "page": re.compile(r"[1-9][0-9]{0,6}"),
    "time": re.compile(r"[0-9]{1,5}:[0-5][0-9]:[0-5][0-9]"),
}
_MOST_KEPT = 16  # articles
_INDENT = 3  # spaces before a block at most (CommonMark 0.31, sections 4.5 and 4.6)
_NEXT_TEXT = re.compile(r"\s*")
_BLANK_LINE = re.compile(r"(?:\r\n|\r|\n)[ \t]*(?=[\r\n])")
_OPENS_BLOCK = re.compile(r"```|~~~|<(?!!-- (?:page|time) [^<>\r\n]+ -->)")


@dataclass(frozen=True, slots=True)
class Locator:
    """A page (as its PDF counts them, from 1) or a time (`h:mm:ss`) of the original.

    `first` and `last` are where the words begin and end. `ValueError` for what is no page or time.
    """

    kind: Kind
    first: str
    last: str

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"no kind of place: {self.kind!r}")
        for label in (self.first, self.last):
            if not _LABELS[self.kind].fullmatch(label):
                raise ValueError(f"no {self.kind} of an original: {label!r}")

    def __str__(self) -> str:
        """As a reference has it.

        >>> str(Locator("page", "4", "4")), str(Locator("page", "4", "5"))
        ('p. 4', 'pp. 4–5')
        >>> str(Locator("time", "0:12:03", "0:12:07"))
        'at 0:12:03'
        """
        if self.kind == "time":
            return f"at {self.first}"
        return f"p. {self.first}" if self.first == self.last else f"pp. {self.first}–{self.last}"

    @property
    def fragment(self) -> str:
        """What follows the original's address, to be led there (RFC 8118; Media Fragments 1.0).

        >>> Locator("page", "4", "5").fragment, Locator("time", "0:12:03", "0:12:03").fragment
        ('page=4', 't=723')
        """
        return f"page={self.first}" if self.kind == "page" else f"t={_number(self.first)}"

    def to_json(self) -> dict[str, str]:
        """`{"kind": "page", "first": "4", "last": "4", "text": "p. 4"}`."""
        return {"kind": self.kind, "first": self.first, "last": self.last, "text": str(self)}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Locator:
        """`to_json` back again; `KeyError`, `TypeError` or `ValueError` for anything else."""
        return cls(told["kind"], told["first"], told["last"])


def mark(kind: Kind, places: Sequence[tuple[str, int]]) -> str:
    """The comment to write above a paragraph: labels, each with how far below it begins.

    >>> mark("time", [("0:12:03", 0), ("0:12:07", 64)])
    '<!-- time 0:12:03, 0:12:07 +64 -->'
    """
    told = ", ".join(label if not at else f"{label} +{at}" for label, at in places)
    return f"<!-- {kind} {told} -->"


def is_mark(line: str) -> bool:
    """Whether a line, without its end, is written as a mark.

    >>> is_mark("<!-- page 4 -->"), is_mark("See <!-- page 4 -->")
    (True, False)
    """
    return _MARK.fullmatch(line) is not None


def locator_of(article: Article, chars: Span) -> Locator | None:
    """Where the article's original has `chars`, which are of `article.text`; None if unknown."""
    return Locators.in_article(article).of(chars)


def without_marks(article: Article) -> str:
    """The article's body, without its marks: the words alone, to be compared with others."""
    pieces, at = [], article.body.start
    for one in Locators.in_article(article).marks:
        pieces.append(article.text[at : one.start])
        at = one.end
    return "".join([*pieces, article.text[at : article.body.end]])


_KEPT: dict[tuple[str, Span, bool], Locators] = {}
_KEPT_LOCK = Lock()


class Locators:
    """The marks of one Markdown text, in order; those `within` a span of it, if one is given.

    >>> text = "<!-- page 1 -->\\n\\nOne two.\\n\\n<!-- page 2 +4 -->\\n\\nThree."
    >>> str(Locators(text).of(Span(17, 20)))
    'p. 1'
    >>> str(Locators(text).of(Span(text.index("Three"), len(text))))
    'pp. 1–2'
    """

    def __init__(self, text: str, within: Span | None = None) -> None:
        within = Span(0, len(text)) if within is None else within
        self.marks = tuple(_own_comments(text, within))
        self._places = tuple(_places(text, self.marks, within.end))
        self._starts = [start for start, _, _ in self._places]

    @classmethod
    def in_article(cls, article: Article) -> Locators:
        """The marks of an article; plain text has none. Those that were read last are kept: to find
        those of 4 MB takes 0.06 s, and a review of a draft asks a thousand times."""
        key = (article.sha256, article.body, article.is_markdown)
        with _KEPT_LOCK:
            if key in _KEPT:
                return _KEPT[key]
        nothing = Span(article.body.end, article.body.end)
        made = cls(article.text, article.body if article.is_markdown else nothing)
        with _KEPT_LOCK:
            _KEPT[key] = made
            while len(_KEPT) > _MOST_KEPT:
                del _KEPT[next(iter(_KEPT))]
        return made

    def __bool__(self) -> bool:
        """Whether any place of the text is known."""
        return bool(self._places)

    def of(self, chars: Span) -> Locator | None:
        """Where the original has `chars`; None where no mark stands before them."""
        at = bisect_right(self._starts, chars.start) - 1
        if at < 0:
            return None
        _, kind, first = self._places[at]
        end = bisect_right(self._starts, max(chars.start, chars.end - 1)) - 1
        _, last_kind, last = self._places[end]
        is_later = last_kind == kind and _number(last) > _number(first)
        return Locator(kind, first, last if is_later else first)


def _number(label: str) -> int:
    """A page, or a time in seconds."""
    number = 0
    for part in label.split(":"):
        number = number * 60 + int(part)
    return number


def _own_comments(text: str, within: Span) -> Iterator[Span]:
    """The lines that are marks, without their ends; linear."""
    found = list(_lines_like_marks(text, within))
    if not found or not _may_hold_examples(text, within):
        yield from found
    elif len(within) <= LOOKED_AT:
        own = _own_blocks(within.of(text))
        yield from (span for span in found if span.start - within.start in own)


def _lines_like_marks(text: str, within: Span) -> Iterator[Span]:
    at = text.find("<!-- ", within.start, within.end)
    while at >= 0:
        begins_line = at == within.start or text[at - 1] in "\r\n"
        if begins_line and (found := _MARK.match(text, at, within.end)):
            yield Span(*found.span())
        at = text.find("<!-- ", at + 1, within.end)


def _may_hold_examples(text: str, within: Span) -> bool:
    """Whether a fenced block or HTML begins with a line; what a list or quotation holds ends with
    it, before a mark."""
    for found in _OPENS_BLOCK.finditer(text, within.start, within.end):
        at = max(within.start, found.start() - _INDENT - 1)
        before = text[at : found.start()].rstrip(" ")
        if before.endswith(("\r", "\n")) or (not before and at == within.start):
            return True
    return False


def _own_blocks(text: str) -> frozenset[int]:
    """Where Markdown has a mark as a block of its own."""
    blocks = html_blocks(text, Span(0, len(text)))
    return frozenset(b.start for b in blocks if _MARK.fullmatch(text, b.start, b.end))


def _places(text: str, marks: Sequence[Span], end: int) -> Iterator[tuple[int, Kind, str]]:
    """(position from which it holds, kind, label), in order; what makes no sense is left out."""
    for number, one in enumerate(marks, start=1):
        until = marks[number].start if number < len(marks) else end
        before = 0
        below = _NEXT_TEXT.match(text, one.end, until)
        start = below.end() if below else until
        blank = _BLANK_LINE.search(text, start, until)
        until = blank.start() if blank else until
        found = _MARK.fullmatch(text, one.start, one.end)
        assert found is not None
        kind: Kind = "page" if found[1] == "page" else "time"
        for place in found[2].split(", "):
            told = _PLACE.fullmatch(place)
            if told is None or not _LABELS[kind].fullmatch(told[1]):
                continue
            at = min(start + int(told[2] or 0), until)
            if at >= before:
                before = at
                yield at, kind, told[1]
