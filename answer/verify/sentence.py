"""Do words that still stand in an article still stand as the sentence that was cited?

"It is not true that the harbour was deepened in 1974." holds the words of "the harbour was deepened
in 1974." and takes them back. So does a comment around them, or a line through them. Pure.

Left out: a denial in a sentence of its own ("This is false."), and words that a style sheet hides.
"""

from __future__ import annotations

import re
from functools import lru_cache

from answer.answer import Citation
from answer.match import Change
from ingest.article import Article, Span
from ingest.split import sentences, split

_BLANK_LINE = re.compile(r"(?:\r\n|\r(?!\n)|\n)[ \t]*(?:\r\n|\r(?!\n)|\n)")
_STRIKE = re.compile(r"(?<!~)~~(?!~)")  # GitHub Flavored Markdown, section 6.5
_STRIKE_TAG = re.compile(r"<(/?)(?:del|s|strike)\b[^<>]{0,200}>", re.IGNORECASE)
_LINE_END = re.compile(r"[\r\n]")
_AROUND = 300  # characters on each side, where words stand in no sentence


def taken_back(
    citation: Citation, cited: Article | None, article: Article, chars: Span
) -> tuple[str, str | None] | None:
    """Why the words at `chars` are not what was cited, and what stands there; None where they are.

    `cited` is the version that was cited, if it is kept: what was no whole sentence there, or was
    hidden there, may be the same now.
    """
    was_hidden = cited is not None and is_hidden(cited, citation.chars)
    if is_hidden(article, chars) and not was_hidden:
        said = _standing(article, chars)
        is_more = said != citation.quote
        return "the words stand in a comment now, or are struck out", said if is_more else None
    if chars not in _sentences(article) and _was_sentence(citation, cited):
        return "the words are no sentence of their own any more", _standing(article, chars)
    return None


def added(quote: str, said: str) -> tuple[Change, ...]:
    """How a longer sentence differs from the quotation that it holds.

    >>> [(change.kind, change.found) for change in added("It fell.", "He denied it: “It fell.”")]
    [('removed', 'He denied it: “'), ('same', 'It fell.'), ('removed', '”')]
    """
    before, _, after = said.partition(quote)
    changes = (
        Change("removed", "", before),
        Change("same", quote, quote),
        Change("removed", "", after),
    )
    return tuple(change for change in changes if change.found.strip())


def is_hidden(article: Article, chars: Span) -> bool:
    """Whether the words stand in an HTML comment, or are struck out (`~~`, `<del>`, `<s>`)."""
    text, start = article.text, article.body.start
    if not article.is_markdown:
        return False
    opened = text.rfind("<!--", start, chars.start)
    if opened >= 0 and text.find("-->", opened + 2, chars.start) < 0:
        return True
    tags = [tag[1] for tag in _STRIKE_TAG.finditer(text, start, chars.start)]
    return tags[-1:] == [""] or _is_struck(text, Span(start, article.body.end), chars)


def _is_struck(text: str, body: Span, chars: Span) -> bool:
    """Whether a `~~` before the words, in their paragraph, is closed behind them."""
    start = max(
        (blank.end() for blank in _BLANK_LINE.finditer(text, body.start, chars.start)),
        default=body.start,
    )
    blank = _BLANK_LINE.search(text, chars.end, body.end)
    end = blank.start() if blank else body.end
    before = sum(1 for _ in _STRIKE.finditer(text, start, chars.start))
    return before % 2 == 1 and _STRIKE.search(text, chars.end, end) is not None


@lru_cache(maxsize=16)
def _sentences(article: Article) -> tuple[Span, ...]:
    """All that could be cited of an article (6 ms for one of 4,000 characters)."""
    return tuple(sentence for passage in split(article) for sentence in passage.sentences)


def _was_sentence(citation: Citation, cited: Article | None) -> bool:
    """Whether a whole sentence was cited: by its version, else by what the record has around it."""
    if cited is not None:
        return citation.chars in _sentences(cited)
    start = len(citation.prefix)
    text = citation.prefix + citation.quote + citation.suffix
    return Span(start, start + len(citation.quote)) in sentences(text, None, citation.language)


def _standing(article: Article, chars: Span) -> str:
    """The sentence, or several, that hold the words; their line where they are in none."""
    text = article.text
    holding = [span for span in _sentences(article) if span.overlap(chars)]
    start = min([chars.start, *(span.start for span in holding)])
    end = max([chars.end, *(span.end for span in holding)])
    if holding:
        return text[start:end]
    before = _LINE_END.split(text[max(article.body.start, start - _AROUND) : start])[-1]
    after = _LINE_END.split(text[end : min(article.body.end, end + _AROUND)], maxsplit=1)[0]
    return (before + text[start:end] + after).strip()
