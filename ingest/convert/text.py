"""Plain text and Markdown inside other sources: an entry of a zip, an attachment.

A file of either that is added by itself is copied byte for byte instead (`ingest/add.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from ingest.convert.charset import decoded
from ingest.convert.document import Document, Source
from ingest.convert.markdown import clean, plain
from ingest.read import decode_article


def read(source: Source) -> Iterator[Document]:
    """One document, with the front matter that it may have."""
    text = clean(decoded(source.data, source.charset))
    name = source.name if "." in source.name else f"{source.name}.txt"
    article = decode_article(name, text.encode("utf-8"))
    body = article.text[article.body.start :]
    yield Document(
        body=body if article.is_markdown else plain(body),
        title=article.title,
        authors=article.authors,
        publisher=article.publisher,
        published=article.published,
        modified=article.modified,
        url=article.url,
        accessed=article.accessed,
        language=article.language,
    )
