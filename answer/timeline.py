"""When was it said? The cited passages by date of publication, and the date of the newest one.

ISO dates of different precision are compared as text: a year stands before its months, a month
before its days.

Left out: when the things happened that the passages tell of.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from answer.answer import Citation
from answer.judge.figures import dates
from ingest.read import iso_date

_AS_OF = re.compile(r"\bas\s+of\s+(?=\w)", re.IGNORECASE)
_LONGEST_DATE = 40  # characters: "the end of 11th of September 2014" and some room
_BEFORE_DATE = re.compile(r"(?:the\s+)?(?:end\s+of\s+(?:the\s+)?)?(?:year\s+)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One article on the timeline, and the numbers of the citations from it.

    `published` is an ISO date (`2021-11-30`, `2021-11` or `2021`), or None where none is known.
    """

    published: str | None
    article_sha256: str
    path: str
    title: str
    publisher: str | None
    citations: tuple[int, ...]


def timeline(citations: Sequence[Citation]) -> tuple[Entry, ...]:
    """The cited articles, oldest first; those without a date are at the end, as they were cited."""
    cited: dict[tuple[str, str | None], list[Citation]] = {}
    for citation in sorted(citations, key=lambda c: c.number):
        cited.setdefault((citation.article_sha256, citation.published), []).append(citation)
    entries = (_entry(together) for together in cited.values())
    return tuple(sorted(entries, key=lambda e: (not e.published, e.published or "")))


def as_of(citations: Sequence[Citation]) -> str | None:
    """The newest date of publication among what is cited; None where nothing has a date."""
    return max((c.published for c in citations if c.published), default=None)


def as_of_in(question: str) -> str | None:
    """The date of an "as of …" in the question, as ISO 8601; None where there is none.

    Only this form is read, and only with a year: "in 2014" may be what is asked about, and is no
    reason to leave later articles out.

    >>> as_of_in("How many were killed, as of 11 July 2014?"), as_of_in("Who won in 2014?")
    ('2014-07-11', None)
    """
    for match in _AS_OF.finditer(question):
        rest = question[match.end() : match.end() + _LONGEST_DATE]
        before = _BEFORE_DATE.match(rest)
        for date in dates(rest)[:1]:
            if before and date.chars.start == before.end() and iso_date(date.iso):
                return date.iso
    return None


def _entry(together: Sequence[Citation]) -> Entry:
    first = together[0]
    return Entry(
        first.published,
        first.article_sha256,
        first.path,
        first.title,
        first.publisher,
        tuple(citation.number for citation in together),
    )
