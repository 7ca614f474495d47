"""Article → passages: whole sentences, gathered along paragraphs, under their heading.

Libraries decide where things *might* end: markdown-it finds the blocks, and Punkt, trained, out of
the data that llama-index-core bundles, finds the sentences. Positions are our own: every block is a
range of lines and every sentence a range within its block, so no text is ever searched for.
(llama-index's own `SentenceSplitter` places chunks by `text.find`; see `docs/decisions/`.)

Left out: any change to the text. Passages are cut from the file as it is; what gets embedded is a
copy that `index/` cleans.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.article import Article, Passage, Span, line_spans

if TYPE_CHECKING:
    from nltk.tokenize.punkt import PunktTokenizer

MAX_CHARS = 900  # all-MiniLM-L6-v2 reads 256 word pieces, about 1,100 characters of English
MIN_CHARS = 200  # shorter paragraphs are gathered with their neighbours
LONGEST_SENTENCE = 2_000  # text without a sentence end for longer than this is cut at a space
_PUNKT_WINDOW = 20_000  # Punkt gives up after 5 s, which 1 MB of dotted abbreviations would take

_MARKER = re.compile(r"(?:[ \t]*(?:>|[-*+]|\d{1,9}[.)])(?:[ \t]+|$))+|[ \t]+")
_HEADING_MARKS = re.compile(r"[*_`]+")
_FULL_STOP_WITHOUT_SPACE = re.compile(r"[。！？।؟۔][」』”’）)]*")
_CLOSERS = re.compile(r"[\"')\]}”’»›」』）]+(?=\s|$)")
_ABBREVIATION = re.compile(r"\b(?:\w\.\w|approx|art|ca|cf|ed|fig|vol|vs)\.$", re.IGNORECASE)
_SKIPPED_HTML = re.compile(r"\s*<(?:!--|script\b|style\b)", re.IGNORECASE)
_TABLE_RULE = re.compile(r"[\s|:+-]*")
_MARKS_ONLY = re.compile(r"[\s|:+\-*>.)\d]*")

_LONGEST_FURNITURE = 300  # characters; a longer line is somebody's text
# What web pages leave behind below an article. Only blocks at the very end are tested, and each
# must match as a whole, so a sentence about comments stays a sentence.
_FURNITURE = re.compile(
    r"""(?:
        (?:\d+\s+)?comments?\s*(?:\(\d+\)|:\s*\d+)?
      | (?:view|show|read|see|load)\s+(?:all\s+|more\s+)?(?:\d+\s+)?comments?(?:\s*\(\d+\))?
      | (?:join|log\s*in|sign\s*(?:in|up)|subscribe|register\s+(?:now|here|to|for))\b[^.!?\n]{0,80}
        \b(?:comments?|discussion|conversation|newsletter|community|account)\b[^.!?\n]{0,40}[.!]?
      | (?:share|tweet|print|email|e-mail|save|bookmark)
        (?:\s+(?:this|the|on|via|to)\b[^.!?\n]{0,60})?
      | (?:related|recommended|more|further)\s+(?:articles?|stories|reading|news|links)\b
        [^.!?\n]{0,40}
      | (?:read|see)\s+(?:more|next|also)\b[^.!?\n]{0,80}
      | advertisement | sponsored(?:\s+content)? | leave\s+a\s+(?:reply|comment)
      | (?:©|\(c\)|copyright\s+(?:©|\(c\)|\d{4}))[^\n]{0,120} | all\s+rights\s+reserved[.!]?
    )""",
    re.IGNORECASE | re.VERBOSE,
)

_PUNKT = {
    "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "et": "estonian", "fi": "finnish", "fr": "french", "it": "italian",
    "nl": "dutch", "no": "norwegian", "pl": "polish", "pt": "portuguese", "ru": "russian",
    "sl": "slovene", "sv": "swedish", "tr": "turkish", "uk": "russian",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Block:
    """A paragraph, list item, table row or line of code, without its markers."""

    chars: Span
    heading: str


def split(
    article: Article, *, max_chars: int = MAX_CHARS, min_chars: int = MIN_CHARS
) -> tuple[Passage, ...]:
    """Cut an article into passages of whole sentences, in reading order, none overlapping.

    A passage ends with its paragraph once it has `min_chars`, and with a sentence before it would
    pass `max_chars`; it crosses neither a heading nor text that is left out. A single sentence may
    be longer than `max_chars`. What has no letter and no digit is no sentence and in no passage's
    `sentences`; it may stand between two of them.
    """
    passages: list[Passage] = []
    gathered: list[Span] = []
    heading = ""

    def close() -> None:
        if gathered:
            chars = Span(gathered[0].start, gathered[-1].end)
            passages.append(Passage.cut(article, chars, heading=heading, sentences=tuple(gathered)))
        gathered.clear()

    for block in _blocks(article):
        if gathered:
            between = Span(gathered[-1].end, block.chars.start)
            long_enough = gathered[-1].end - gathered[0].start >= min_chars
            if long_enough or block.heading != heading or _skips(article.text, between):
                close()
        heading = block.heading
        for sentence in sentences(article.text, block.chars, article.language):
            if not _says_something(sentence.of(article.text)):
                continue
            if gathered and sentence.end - gathered[0].start > max_chars:
                close()
            gathered.append(sentence)
    close()
    return tuple(passages)


def _says_something(sentence: str) -> bool:
    """Whether it has a letter or a digit: a lone “*”, “.” or “—” is nobody's sentence."""
    return any(character.isalnum() for character in sentence)


def _skips(text: str, between: Span) -> bool:
    """Whether something lies there that is no passage's: a comment, a fence, a link's address."""
    return len(between) > 200 or not _MARKS_ONLY.fullmatch(text, between.start, between.end)


def sentences(
    text: str, within: Span | None = None, language: str | None = None
) -> tuple[Span, ...]:
    """The sentences of `text[within]`, as spans of `text`; surrounding white space left out.

    >>> [span.of("Mr. Smith left. He ran.") for span in sentences("Mr. Smith left. He ran.")]
    ['Mr. Smith left.', 'He ran.']

    A line break ends a sentence where a list item, table row or blank line begins. Text that goes
    on for `LONGEST_SENTENCE` characters without an end is cut at a space, so that one endless line
    cannot become one endless quotation.
    """
    within = Span(0, len(text)) if within is None else within
    found: list[Span] = []
    for piece in _pieces(text, within):
        for whole in _joined(text, _punkt_sentences(text, piece, language)):
            for sentence in _at_full_stops(text, whole):
                found.extend(_no_longer_than(text, sentence, LONGEST_SENTENCE))
    return tuple(_with_closers(text, found))


def html_blocks(text: str, within: Span) -> Iterator[Span]:
    """What Markdown reads as blocks of HTML, from the first line of each to the end of its last.

    A comment is a block of its own, unless it stands inside another or in a fenced block.
    """
    lines = list(line_spans(text, within))
    for token in _markdown().parse(within.of(text)):
        if token.type == "html_block" and token.map:
            yield Span(lines[token.map[0]].start, lines[token.map[1] - 1].end)


def heading_text(source: str) -> str:
    """A heading as a reader sees it: no marks, single spaces."""
    return " ".join(_HEADING_MARKS.sub("", source).split())


def _blocks(article: Article) -> tuple[_Block, ...]:
    blocks = list(_markdown_blocks(article) if article.is_markdown else _plain_blocks(article))
    while blocks and _is_furniture(article.text, blocks[-1].chars):
        blocks.pop()
    return tuple(blocks)


def _is_furniture(text: str, block: Span) -> bool:
    """Whether every line of a block is what web pages leave behind below an article."""
    return all(_is_furniture_line(line.of(text)) for line in line_spans(text, block))


def _is_furniture_line(line: str) -> bool:
    return len(line) <= _LONGEST_FURNITURE and bool(_FURNITURE.fullmatch(line.strip()))


def _plain_blocks(article: Article) -> Iterator[_Block]:
    """Runs of lines between blank lines; furniture is recognised line by line."""
    run: list[Span] = []
    for line in [*line_spans(article.text, article.body), None]:
        if line is not None and line.of(article.text).strip():
            if _is_furniture_line(line.of(article.text)):
                if run:
                    yield _Block(Span(run[0].start, run[-1].end), "")
                run = []
                yield _Block(line, "")
            else:
                run.append(line)
        elif run:
            yield _Block(Span(run[0].start, run[-1].end), "")
            run = []


def _markdown_blocks(article: Article) -> Iterator[_Block]:
    lines = list(line_spans(article.text, article.body))
    heading, tokens = "", _markdown().parse(article.body.of(article.text))
    for token, following in zip_longest(tokens, tokens[1:]):  # no token where all is a reference
        if token.type == "heading_open" and following is not None:
            heading = heading_text(following.content)
        elif token.map and token.type in ("fence", "code_block", "tr_open"):
            for line in lines[slice(*token.map)]:
                if not _TABLE_RULE.fullmatch(article.text, line.start, line.end):
                    yield _Block(line, heading)
        elif token.map and (
            token.type == "paragraph_open"
            or (token.type == "html_block" and not _SKIPPED_HTML.match(token.content))
        ):
            first, last = lines[token.map[0]], lines[token.map[1] - 1]
            marker = _MARKER.match(article.text, first.start, first.end)
            start = marker.end() if marker else first.start
            if start < last.end:
                yield _Block(Span(start, last.end), heading)


@lru_cache(maxsize=1)
def _markdown() -> Any:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable("table")
    parser.core.ruler.enableOnly(["normalize", "block"])  # blocks and their lines; no inline pass
    return parser


@lru_cache(maxsize=8)
def _punkt(language: str | None) -> PunktTokenizer:
    """Trained Punkt for the language, English where there is none (loaded once, about 0.05 s)."""
    import nltk
    from nltk.tokenize.punkt import PunktTokenizer

    spec = find_spec("llama_index.core")
    if spec is not None and spec.origin is not None:
        bundled = str(Path(spec.origin).parent / "_static" / "nltk_cache")
        if bundled not in nltk.data.path:
            nltk.data.path.insert(0, bundled)
    return PunktTokenizer(_PUNKT.get((language or "en")[:2].lower(), "english"))


_BREAK = re.compile(r"(?:\r\n|\r(?!\n)|\n)(?=[ \t]*(?:\r|\n|[-*+>|][ \t]|\d{1,3}[.)][ \t]))")


def _pieces(text: str, within: Span) -> Iterator[Span]:
    """Stretches that no sentence crosses: what lies between blank lines and before list items."""
    start = within.start
    for match in _BREAK.finditer(text, within.start, within.end):
        yield from _no_longer_than(text, Span(start, match.start()), _PUNKT_WINDOW)
        start = match.end()
    yield from _no_longer_than(text, Span(start, within.end), _PUNKT_WINDOW)


def _punkt_sentences(text: str, piece: Span, language: str | None) -> Iterator[Span]:
    for start, end in _punkt(language).span_tokenize(piece.of(text)):
        yield Span(start, end).shifted(piece.start)


def _joined(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Undo a cut behind an abbreviation that Punkt was not trained on, where the text goes on."""
    before: Span | None = None
    for span in spans:
        if before and text[span.start].islower() and _ends_short(text, before):
            before = Span(before.start, span.end)
            continue
        if before:
            yield before
        before = span
    if before:
        yield before


def _ends_short(text: str, span: Span) -> bool:
    return bool(_ABBREVIATION.search(text, max(span.start, span.end - 12), span.end))


def _at_full_stops(text: str, span: Span) -> Iterator[Span]:
    """Cut further at full stops that no space follows (Chinese, Japanese, Hindi, Arabic, Urdu)."""
    start = span.start
    for match in _FULL_STOP_WITHOUT_SPACE.finditer(text, span.start, span.end):
        yield Span(start, match.end())
        start = match.end()
    if start < span.end:
        yield Span(start, span.end)


def _no_longer_than(text: str, span: Span, longest: int) -> Iterator[Span]:
    """Cut after a full stop, else after a space, else anywhere, so that no piece is longer."""
    while len(span) > longest:
        window = (span.start + longest // 2, span.start + longest)
        cut = text.rfind(". ", *window) + 2
        if cut < 2:
            cut = text.rfind(" ", *window) + 1 or window[1]
        yield Span(span.start, cut)
        span = Span(cut, span.end)
    yield span


def _with_closers(text: str, spans: list[Span]) -> Iterator[Span]:
    """Give closing quotes and brackets back to the sentence they close, and trim white space."""
    kept: list[Span] = []
    for span in spans:
        start, end = span.start, span.end
        closers = _CLOSERS.match(text, start, end)
        if closers and kept and kept[-1].end == start:
            kept[-1] = Span(kept[-1].start, closers.end())
            start = closers.end()
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        if start < end:
            kept.append(Span(start, end))
    yield from kept
