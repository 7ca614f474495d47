"""CSL-JSON 1.0: one item for each cited article, its quotations in `note`.

Names are `literal`, as bylines say them; partial dates stay partial.

A page or time of the original belongs to a cite-item (`locator` in csl-citation.json), not to an
item, and one item is cited at several; so each stands with its quotation in `note`.

Left out: formatting. CSL reads `<i>`, `<b>`, `<sub>`, `<sup>` in a title, and so it will in one
that holds them.
"""

from __future__ import annotations

import json
from typing import Any

from answer.answer import Answer
from answer.export.cited import CitedArticle, date_parts, one_line


def csl_json(
    answer: Answer, cited: tuple[CitedArticle, ...], permalink: str | None, asked: str | None
) -> str:
    """A JSON array of items, empty where nothing is cited."""
    return json.dumps([_item(article) for article in cited], ensure_ascii=False, indent=2) + "\n"


def _item(article: CitedArticle) -> dict[str, Any]:
    first = article.first
    notes = " ".join(article.pinpoints)
    item: dict[str, Any] = {
        "id": article.key,
        "type": "article-newspaper" if article.publisher else "webpage",
        "title": article.title,
        "author": [{"literal": name} for name in article.authors],
        "container-title": article.publisher,
        "issued": _date(first.published),
        "accessed": _date(first.accessed),
        "URL": article.url,
        "language": one_line(first.language or ""),
        "note": notes.replace("{:", "{ :"),  # citeproc-js reads fields out of {:name: value}
    }
    return {name: value for name, value in item.items() if value}


def _date(iso: str | None) -> dict[str, Any]:
    parts = date_parts(iso)
    return {"date-parts": [list(parts)]} if parts else {}
