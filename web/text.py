"""Text from outside → text that nothing on the page can act on; dates and addresses for readers.

Left out: HTML elements (`render.py`).
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_ACTIVE = {ord(mark): f"&#{ord(mark)};" for mark in "&<>\"'\\`*_{}[]()#+!|~$:@^=\r\n\t"}
_MONTHS = (
    "January February March April May June July August September October November December"
).split()


def escaped(text: str) -> str:
    """Text that nothing on the page can act on.

    Every character that HTML, Markdown, LaTeX or a JavaScript template could act on becomes a
    numeric reference, so the same string is inert in a chat message (which Gradio reads as
    Markdown), in a `gr.HTML` template and in an attribute.

    >>> escaped("<b>${x}</b>")
    '&#60;b&#62;&#36;&#123;x&#125;&#60;/b&#62;'
    """
    return text.translate(_ACTIVE)


def day(iso: str | None) -> str:
    """`2021-11-03` as readers write it; what is not a date comes back as it is.

    >>> day("2021-11-03"), day("2021-11"), day(None)
    ('3 November 2021', 'November 2021', '')
    """
    if not iso or not re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2])(-\d\d)?)?", iso):
        return iso or ""
    year, *rest = iso.split("-")
    month = _MONTHS[int(rest[0]) - 1] if rest else ""
    return " ".join(filter(None, (rest[1].lstrip("0") if rest[1:] else "", month, year)))


def web_address(url: str | None) -> str | None:
    """The URL where it is one that a reader may safely follow (http or https), else None."""
    if not url or re.search(r"[\s\x00-\x1f\x7f\\]", url):
        return None
    try:
        parts = urlsplit(url)
        return url if parts.scheme in ("http", "https") and parts.hostname else None
    except ValueError:
        return None
