"""The place in the original on the web: `report.pdf#page=4`, `speech.mp4#t=723`.

A fragment says something only of the kind of file that it is defined for: pages of PDF (RFC 8118),
seconds of a recording (Media Fragments 1.0). So it is written behind the address of such a file and
of no other: not of the page that shows the recording, the subtitles' own file, or the archive that
held the PDF.

Left out: originals that are kept in the corpus (`web/originals.py` serves those).
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from ingest.article import Article
from ingest.locator import Locator

_UNSAFE = re.compile(r"[\s\x00-\x1f\x7f\\]")
_MEDIA = (".mp4", ".m4v", ".webm", ".ogv", ".mov", ".mp3", ".m4a", ".ogg", ".oga", ".opus", ".wav",
          ".flac")  # fmt: skip


def web_address(url: str | None) -> str | None:
    """The URL where it is one that a reader may safely follow (http or https), else None.

    >>> web_address("https://example.org/a"), web_address("javascript:alert(1)")
    ('https://example.org/a', None)
    """
    if not url or _UNSAFE.search(url):
        return None
    try:
        parts = urlsplit(url)
        return url if parts.scheme in ("http", "https") and parts.hostname else None
    except ValueError:
        return None


def original_address(article: Article, locator: Locator | None) -> str | None:
    """The address of the original, at the place if one can be said behind it.

    None where the article has no http(s) address.
    """
    source, url = web_address(article.source), web_address(article.url)
    whole = None if article.source_part else source
    if locator is None:
        return url or whole
    if locator.kind == "page":  # only PDFs have pages, so the whole source is one
        pdf = whole or (url if _ends(url, (".pdf",)) else None)
        return _at(pdf, locator) if pdf else url
    return _at(url, locator) if url and _ends(url, _MEDIA) else url or whole


def _ends(url: str | None, suffixes: tuple[str, ...]) -> bool:
    return url is not None and urlsplit(url).path.lower().endswith(suffixes)


def _at(url: str, locator: Locator) -> str:
    """The fragment in the place of any that the address has."""
    return f"{url.partition('#')[0]}#{locator.fragment}"
