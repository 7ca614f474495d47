"""RIS: one record for each cited article, its quotations as notes (`N1`), lines ended by CRLF.

After the RIS format specification (Research Information Systems): two characters, two spaces, a
dash and a space; dates are `YYYY/MM/DD/`, with what is unknown left empty between the slashes.

A page or time of the original stands with its quotation in `N1`: `SP` and `EP` are the pages that
the whole article has in its paper.

Left out: abbreviated forms of names; RIS has no mark for a name that is not "Family, Given".
"""

from __future__ import annotations

from collections.abc import Iterator

from answer.answer import Answer
from answer.export.cited import CitedArticle, date_parts, one_line


def ris(
    answer: Answer, cited: tuple[CitedArticle, ...], permalink: str | None, asked: str | None
) -> str:
    """Records, each closed by `ER`; nothing where nothing is cited."""
    return "".join(f"{line}\r\n" for article in cited for line in _record(article))


def _record(article: CitedArticle) -> Iterator[str]:
    first = article.first
    published = date_parts(first.published)
    tags = [
        ("TY", "NEWS" if article.publisher else "ELEC"),
        ("ID", article.key),
        ("TI", article.title),
        *(("AU", name) for name in article.authors),
        ("T2", article.publisher),
        ("PY", f"{published[0]:04}" if published else ""),
        ("DA", _date(first.published)),
        ("Y2", _date(first.accessed)),
        ("UR", article.url or ""),
        ("LA", one_line(first.language or "")),
        *(("N1", note) for note in article.pinpoints),
    ]
    yield from (f"{tag}  - {value}" for tag, value in tags if value)
    yield "ER  - "


def _date(iso: str | None) -> str:
    parts = date_parts(iso)
    if not parts:
        return ""
    year, month, day = (*parts, 0, 0)[:3]
    return f"{year:04}/{f'{month:02}' if month else ''}/{f'{day:02}' if day else ''}/"
