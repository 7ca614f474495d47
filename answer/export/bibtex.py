"""BibTeX: one entry for each cited article, its quotations in `annotation`.

The types are biblatex's: `@online` where the article has a web address, else `@misc` (a classic
style reads an `@online` as a `@misc`). Names are kept whole in braces: a byline does not say which
of its words is the family name, or whether it is an agency.

A page or time of the original stands with its quotation: biblatex's `pages` are those that the
whole article has in its paper, and the page that is cited belongs to the citing command.

Left out: `langid` (babel's names of languages), and file paths of the reader's own.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from answer.answer import Answer
from answer.export.cited import CitedArticle, date_parts, one_line

_ESCAPES = {
    ord(char): command
    for char, command in {
        "\\": "\\textbackslash{}",
        "~": "\\textasciitilde{}",
        "^": "\\textasciicircum{}",
        "<": "\\textless{}",
        ">": "\\textgreater{}",
        "$": "\\$",
        "%": "\\%",
        "&": "\\&",
        "#": "\\#",
        "_": "\\_",
        '"': '{"}',  # active in babel's German
        "`": "{`}",  # part of ligatures: `` and ?`
    }.items()
}
_BRACE = re.compile(r"[{}]")
# TeX joins these into other characters: -- is an en dash, '' a quotation mark.
_LIGATURES = re.compile(r"(?<=-)-|(?<=')'|(?<=,),")


def bibtex(
    answer: Answer, cited: tuple[CitedArticle, ...], permalink: str | None, asked: str | None
) -> str:
    """A `.bib` file; a line of comment alone where nothing is cited."""
    if not cited:
        return "% Nothing in the corpus was cited.\n"
    comments = [
        f"% {label}: {quote(one_line(value), safe='/:?#[]=&%+,;~')}\n"
        for label, value in (("Answer", permalink or answer.record), ("Asked", asked))
        if value
    ]
    return "".join([*comments, *map(_entry, cited)])


def _entry(article: CitedArticle) -> str:
    first = article.first
    date = one_line(first.published or "") if date_parts(first.published) else ""
    urldate = one_line(first.accessed or "") if date_parts(first.accessed) else ""
    fields = {
        "author": " and ".join(f"{{{_escaped(name)}}}" for name in article.authors),
        "title": f"{{{_escaped(article.title)}}}",
        "organization": _escaped(article.publisher),
        "date": date,
        "year": date[:4],
        "language": _escaped(one_line(first.language or "")),
        "url": article.url or "",
        "urldate": urldate if article.url else "",
        "annotation": _escaped(" ".join(article.pinpoints)),
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@{'online' if article.url else 'misc'}{{{article.key},\n{lines}}}\n"


def _escaped(text: str) -> str:
    r"""The text for TeX, with as many opening as closing braces.

    BibTeX counts `\{` as a brace too, so one without a partner gets its name instead.

    >>> _escaped("5% {a} }")
    '5\\% \\{a\\} \\textbraceright{}'
    """
    paired = _paired_braces(text)
    pieces, done = [], 0
    for match in _BRACE.finditer(text):
        at, brace = match.start(), match.group()
        name = "\\textbraceleft{}" if brace == "{" else "\\textbraceright{}"
        pieces += [text[done:at].translate(_ESCAPES), f"\\{brace}" if at in paired else name]
        done = at + 1
    return _LIGATURES.sub(r"{}\g<0>", "".join([*pieces, text[done:].translate(_ESCAPES)]))


def _paired_braces(text: str) -> set[int]:
    opened: list[int] = []
    paired: set[int] = set()
    for match in _BRACE.finditer(text):
        if match.group() == "{":
            opened.append(match.start())
        elif opened:
            paired |= {opened.pop(), match.start()}
    return paired
