"""Span, Article, Passage: the nouns of a source text, and the arithmetic of its offsets.

One coordinate system: a `Span` is half-open and counts code points of the whole decoded file (front
matter, byte order mark and carriage returns included), so anyone can check it with three lines of
Python. The byte span beside it serves `head -c` and `tail -c`. Offsets are carried from where a
passage is cut to where it is shown; nothing here, or later, searches the text for a quotation.

Left out: reading files (`read.py`) and deciding where passages begin and end (`split.py`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_LINE_END = re.compile(r"\r\n?|\n")
_STEP = 4096  # code points between byte checkpoints: 2 KB of table for a megabyte of text


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range `[start, end)`.

    >>> Span(2, 5).of("citation")
    'tat'
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: [{self.start}, {self.end})")

    def __len__(self) -> int:
        return self.end - self.start

    def of(self, text: str) -> str:
        """The text that the span covers; `ValueError` where it runs past the end."""
        if self.end > len(text):
            raise ValueError(f"[{self.start}, {self.end}) runs past a text of {len(text)}")
        return text[self.start : self.end]

    def shifted(self, by: int) -> Span:
        """The same range, `by` further on."""
        return Span(self.start + by, self.end + by)

    def to_json(self) -> list[int]:
        """`[start, end]`."""
        return [self.start, self.end]

    def overlap(self, other: Span) -> int:
        """How many positions both cover."""
        return max(0, min(self.end, other.end) - max(self.start, other.start))


@dataclass(frozen=True, slots=True)
class Article:
    """One version of one file of the corpus.

    `path` is relative to the corpus and POSIX; `sha256` is that of the file's bytes; `text` is the
    whole file, decoded and otherwise untouched; `body` is where its passages may come from. Dates
    are ISO 8601 (`2021-11-30`; a year or month alone is allowed) or None. `source` is the file or
    address that it was made from, `source_part` the part of that (an entry of a zip, a message;
    None for all of it), `source_sha256` the bytes.
    """

    path: str
    sha256: str
    text: str
    body: Span
    title: str
    authors: tuple[str, ...] = ()
    publisher: str | None = None
    published: str | None = None
    modified: str | None = None
    url: str | None = None
    accessed: str | None = None
    language: str | None = None
    source: str | None = None
    source_part: str | None = None
    source_sha256: str | None = None
    _checkpoints: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        totals = [0]
        if not self.text.isascii():
            for at in range(0, len(self.text), _STEP):
                totals.append(totals[-1] + len(self.text[at : at + _STEP].encode("utf-8")))
        object.__setattr__(self, "_checkpoints", tuple(totals))

    @property
    def is_markdown(self) -> bool:
        """Whether marks at the beginning of a line mean something; in plain text they are text."""
        return self.path.lower().endswith((".md", ".markdown"))

    def byte_span(self, chars: Span) -> Span:
        """The byte range of a code-point range, in the file's UTF-8."""
        return Span(self._byte_at(chars.start), self._byte_at(chars.end))

    def char_span(self, octets: Span) -> Span:
        """The code-point range of a byte range; `ValueError` inside a character."""
        return Span(self._char_at(octets.start), self._char_at(octets.end))

    def _byte_at(self, char: int) -> int:
        if char > len(self.text):
            raise ValueError(f"{char} is past the end of {self.path} ({len(self.text)} characters)")
        if self.text.isascii():
            return char
        step, rest = divmod(char, _STEP)
        at = step * _STEP
        return self._checkpoints[step] + len(self.text[at : at + rest].encode("utf-8"))

    def _char_at(self, octet: int) -> int:
        if self.text.isascii():
            if octet > len(self.text):
                raise ValueError(f"byte {octet} is past the end of {self.path}")
            return octet
        step = min(bisect_right(self._checkpoints, octet) - 1, len(self.text) // _STEP)
        at = step * _STEP
        piece = self.text[at : at + _STEP].encode("utf-8")[: octet - self._checkpoints[step]]
        if len(piece) != octet - self._checkpoints[step]:
            raise ValueError(f"byte {octet} is past the end of {self.path}")
        return at + len(piece.decode("utf-8"))  # UnicodeDecodeError is a ValueError


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of an article, with the exact place it came from.

    Made only by `cut`, so `article.text[chars] == text` and the bytes agree. `sentences` are spans
    of the article within `chars`; what lies between them (list markers, white space) is no part of
    any.
    """

    article_sha256: str
    path: str
    title: str
    heading: str
    chars: Span
    bytes: Span
    text: str
    sentences: tuple[Span, ...] = ()

    @classmethod
    def cut(
        cls, article: Article, chars: Span, *, heading: str = "", sentences: tuple[Span, ...] = ()
    ) -> Passage:
        """Cut `chars` out of the article; `sentences` are those of it that may be quoted."""
        text, octets = chars.of(article.text), article.byte_span(chars)
        sha256, path, title = article.sha256, article.path, article.title
        return cls(sha256, path, title, heading, chars, octets, text, sentences or (chars,))

    @property
    def id(self) -> str:
        """The same bytes cut at the same place have one id: ingesting twice changes nothing."""
        return span_id(self.article_sha256, self.chars)


def line_spans(text: str, within: Span) -> Iterator[Span]:
    """Lines as Markdown counts them: without their ends, which are \\n, \\r\\n or \\r only."""
    start = within.start
    for end in _LINE_END.finditer(text, within.start, within.end):
        yield Span(start, end.start())
        start = end.end()
    yield Span(start, within.end)


def shortened(title: str, most: int) -> str:
    """At most so many characters of it.

    >>> shortened("The harbour of Kallo", 12)
    'The harbour…'
    """
    return title if len(title) <= most else title[: most - 1].rstrip() + "…"


def spans_to_text(spans: Iterable[Span]) -> str:
    """Spans as a store keeps them.

    >>> spans_to_text([Span(3, 9), Span(10, 12)])
    '3-9 10-12'
    """
    return " ".join(f"{span.start}-{span.end}" for span in spans)


def spans_from_text(text: str) -> tuple[Span, ...]:
    """`spans_to_text` back again."""
    pairs = (pair.split("-") for pair in text.split())
    return tuple(Span(int(start), int(end)) for start, end in pairs)


def span_id(sha256: str, chars: Span) -> str:
    """The name of a place in an article version, as links and stores use it.

    >>> span_id("ab" * 32, Span(3, 9))
    'abababababababab:3-9'
    """
    return f"{sha256[:16]}:{chars.start}-{chars.end}"
