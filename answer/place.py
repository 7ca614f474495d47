"""Place: words as they stand in an article, with all that it takes to show and to check them.

The law holds here as for citations: `file_text[chars.start:chars.end] == quote`. A place is only
ever cut out of its article.

Left out: finding the words (`match.py`), and citations, which belong to an answer (`answer.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ingest.article import Article, Span, span_id
from ingest.locator import Locator, locator_of

CONTEXT = 64  # characters of prefix and suffix: enough to tell repeated sentences apart


@dataclass(frozen=True, slots=True)
class Place:
    """Where words stand. `part` counts from 0 where an ellipsis parts what was looked for.

    `locator` is where the original has them, a page or a time, None where that is not known.
    """

    article_sha256: str
    path: str
    title: str
    publisher: str | None
    published: str | None
    url: str | None
    chars: Span
    bytes: Span
    quote: str
    prefix: str
    suffix: str
    part: int = 0
    locator: Locator | None = None

    @classmethod
    def cut(cls, article: Article, chars: Span, *, part: int = 0) -> Place:
        """Cut `chars` out of the article; `ValueError` where they run past its end."""
        quote, text = chars.of(article.text), article.text
        prefix = text[max(article.body.start, chars.start - CONTEXT) : chars.start]
        suffix = text[chars.end : min(article.body.end, chars.end + CONTEXT)]
        about = (article.title, article.publisher, article.published, article.url)
        return cls(
            article.sha256,
            article.path,
            *about,
            chars,
            article.byte_span(chars),
            quote,
            prefix,
            suffix,
            part,
            locator_of(article, chars),
        )

    @property
    def id(self) -> str:
        """The place as the page's links name it."""
        return span_id(self.article_sha256, self.chars)

    def to_json(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "article_sha256": self.article_sha256,
            "chars": self.chars.to_json(),
            "bytes": self.bytes.to_json(),
            "quote": self.quote,
            "prefix": self.prefix,
            "suffix": self.suffix,
            "part": self.part,
            "title": self.title,
            "publisher": self.publisher,
            "published": self.published,
            "url": self.url,
            "locator": self.locator.to_json() if self.locator else None,
        }
