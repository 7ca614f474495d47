"""Text from outside → text that nothing on the page can act on; dates for readers.

Left out: HTML elements (`render.py`, `reply.py`).
"""

from __future__ import annotations

import re

_ACTIVE = {ord(mark): f"&#{ord(mark)};" for mark in "&<>\"'\\`*_{}[]()#+!|~$:@^=\r\n\t"}
_SNIPPET = 220  # characters of a passage that is only named
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


def snippet(text: str) -> str:
    """The beginning of a passage on one line, cut between words."""
    words = " ".join(text.split())
    return words if len(words) <= _SNIPPET else words[:_SNIPPET].rsplit(" ", 1)[0] + "…"
