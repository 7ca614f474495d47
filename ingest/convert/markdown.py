"""Documents → files of the corpus: YAML front matter and Markdown, whatever the source held.

Left out: where the file goes (`ingest/add.py`).
"""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

from ingest.article import shortened
from ingest.convert.document import Document

_LONGEST_TITLE = 300  # characters; a longer one is a paragraph, and stays in the body anyhow
# What XML and YAML forbid or no reader sees; tab and newline stay. A soft hyphen (U+00AD) only says
# where a word may be broken, and hides the word from a search.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\xad\ufeff\ufffe\uffff\ud800-\udfff]")
_LINE_ENDS = re.compile(r"\r\n?|[\u0085\u2028\u2029]")
_BLANK_LINES = re.compile(r"\n{3,}")
# Plain text that Markdown would read as something else, and then not as text: code, HTML, a link's
# address, the rule under a heading. Lists, quotes (`> `) and headings may be what they look like.
_TAKEN_OTHERWISE = re.compile(
    r"^(?:[<`~|]|\[[^\]\n]{1,999}\]:|(?:=+|-{2,})[ \t]*$|#+(?![#\s]))", re.MULTILINE
)
# The number of a list is no part of a quotation, but a year or a sum that a line begins with is.
_YEAR_OR_SUM = re.compile(r"^(\d{3,9})(?=[.)](?:\s|$))", re.MULTILINE)
_FIRST_HEADING = re.compile(r"(\s*(?:<!-- [^+\n]*? -->\n\n)?)#{1,6} ([^\n]*)(?:\n+|\Z)")
_INDENT = re.compile(r"^[ \t]+(?=\S)", re.MULTILINE)


def clean(text: str) -> str:
    """Text without what no file of the corpus may hold; line ends are `\\n`.

    >>> clean("a\\r\\nb\\x00 har\\u00adbour")
    'a\\nb harbour'
    """
    return _CONTROL.sub("", _LINE_ENDS.sub("\n", text))


def plain(text: str) -> str:
    """Plain text as Markdown that shows the same words.

    >>> plain("    <b>not bold</b>\\n1974. It rained.\\n- an item")
    '\\\\<b>not bold</b>\\n1974\\\\. It rained.\\n- an item'
    """
    told = _TAKEN_OTHERWISE.sub(lambda found: "\\" + found[0], _INDENT.sub("", clean(text)))
    return _YEAR_OR_SUM.sub(r"\1\\", told)


def one_line(text: str) -> str:
    """White space collapsed, control characters gone.

    >>> one_line("A\\ttitle\\n on two lines ")
    'A title on two lines'
    """
    return " ".join(clean(text).split())


def without_title(body: str, title: str | None) -> str:
    """The body without a first heading that only says the title again; marks before it stay.

    >>> without_title("<!-- page 1 -->\\n\\n# Tides\\n\\nThey rise.", "Tides")
    '<!-- page 1 -->\\n\\nThey rise.'
    """
    found = _FIRST_HEADING.match(body)
    rest = body[found.end() :] if found else ""
    if found is None or one_line(found[2]) != one_line(title or "") or not rest.strip():
        return body
    return found[1] + rest


def article_file(document: Document, *, source: str, source_sha256: str) -> bytes:
    """A file of the corpus: front matter with what is known of the document, then its body.

    `source` names the original, a file name or an address, and `source_sha256` its bytes.
    """
    import yaml

    about: dict[str, Any] = {
        one.name: getattr(document, one.name)
        for one in fields(Document)
        if one.name not in ("body", "part", "remarks")
    }
    about["title"] = shortened(one_line(document.title or ""), _LONGEST_TITLE)
    about["authors"] = [name for name in map(one_line, document.authors) if name]
    about |= {"source": source, "source_part": document.part, "source_sha256": source_sha256}
    told = {
        name: value if isinstance(value, list) else one_line(str(value))
        for name, value in about.items()
        if value
    }
    front = yaml.safe_dump(told, allow_unicode=True, sort_keys=False, width=10**9)
    body = _BLANK_LINES.sub("\n\n", clean(document.body)).strip("\n")
    return f"---\n{front}---\n\n{body}\n".encode()
