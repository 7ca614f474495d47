"""A cited place → a link that opens the live page at its words, by a text directive (`#:~:text=…`).

After URL Fragment Text Directives (WICG, draft community group report), whose whole form is
`text=prefix-,start,end,-suffix`. A browser highlights the first match, so a link is made only where
the match is the only one in the article. That is checked on a copy of the text as a page would show
it, without Markdown marks, of which only letters and digits are kept, without case, accents, spaces
and punctuation. Browsers tell apart more than that, never less, so what is unique here is unique
for them too.

No term crosses a border of that copy (`shown.py`): a browser matches each term inside one block,
and a page may show anything in a gap, so no context comes from beyond one.

Left out: what else stands on the live page (menus, related stories), and changes since it was read.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import quote

from answer.export.original import original_address, web_address
from answer.export.shown import BLOCK, GAP, shown_runs
from ingest.article import Article, Span
from ingest.locator import Locators

LONGEST_EXACT = 300  # characters; the report's advice: name longer ones by their start and end
LOOKED_AT = 200_000  # characters; a link into 8 MB took 0.6 to 2.8 s
_CONTEXTS = (2, 4, 8, 16, 32)  # words of prefix and suffix, tried in this order
_ENDS = (4, 8, 16, 32)  # words of start and end
_REACH = 600  # characters of the text around a quotation that its context may come from

_NOT_WORDS = re.compile(r"[\W_]+")
_CUT = re.compile(r"\s+|(?<=[。！？、，；：．।؟۔」』])(?=\S)")
_MIDDLE = frozenset("'’.:·,;_")  # between letters or digits they do not end a word (UAX 29, WB6-12)


def link_to(article: Article, chars: Span) -> str | None:
    """`fragment_link`, or the page alone where the article is too long to look at each time."""
    locators = Locators.in_article(article)
    if locators:
        return original_address(article, locators.of(chars))
    if len(article.text) <= LOOKED_AT:
        return fragment_link(article, chars)
    return web_address(article.url)


def fragment_link(article: Article, chars: Span) -> str | None:
    """The link to the live page that highlights `chars` of the article there.

    The page's plain address where no text directive is unique in the article, or where `chars`
    begins or ends inside a word; None where the article has no http(s) address. An article with
    locators was no page: its link leads to the place in the original, if one can be said
    (`original.py`).
    """
    return fragment_links(article, (chars,))[0]


def fragment_links(article: Article, places: Sequence[Span]) -> tuple[str | None, ...]:
    """`fragment_link` for several places of one article, which is read once."""
    locators = Locators.in_article(article)
    if locators:
        return tuple(original_address(article, locators.of(chars)) for chars in places)
    address = web_address(article.url)
    if address is None:
        return (None,) * len(places)
    page = _Page.of(article)
    return tuple(_linked(address, page.directive(chars)) for chars in places)


def _linked(address: str, directive: str | None) -> str:
    """The directive behind what fragment the address has; an older directive is replaced."""
    if directive is None:
        return address
    base, mark, fragment = address.partition("#")
    return f"{base}{mark or '#'}{fragment.partition(':~:')[0]}:~:text={directive}"


def _encoded(term: str) -> str:
    """Percent-encoded UTF-8; the dash too, which the syntax of a directive needs for itself."""
    return quote(term, safe="").replace("-", "%2D")


def _bare(text: str) -> str:
    """Letters and digits only, without case and accents; of joined texts, that of each, joined."""
    return _NOT_WORDS.sub("", unicodedata.normalize("NFKD", text)).casefold()


@dataclass(frozen=True, slots=True)
class _Terms:
    """A text directive."""

    prefix: str
    start: str
    end: str
    suffix: str

    def __str__(self) -> str:
        parts = (
            f"{_encoded(self.prefix)}-" if self.prefix else "",
            _encoded(self.start),
            _encoded(self.end),
            f"-{_encoded(self.suffix)}" if self.suffix else "",
        )
        return ",".join(filter(None, parts))


@dataclass(frozen=True, slots=True)
class _Page:
    """An article as a page shows it; `runs` are (place shown, place in the file), in order."""

    shown: str
    runs: tuple[tuple[int, int], ...]
    bare: str

    @classmethod
    def of(cls, article: Article) -> _Page:
        pieces: list[str] = []
        runs: list[tuple[int, int]] = []
        length = 0
        for at, text in shown_runs(article):
            runs.append((length, at))
            pieces.append(text)
            length += len(text)
        shown = "".join(pieces)
        return cls(shown, tuple(runs), _bare(f"{article.title}\n{shown}"))

    def directive(self, chars: Span) -> str | None:
        """The shortest directive tried that matches here and nowhere else in the article."""
        start, end = self._place(chars.start), self._place(chars.end)
        while start < end and _is_space(self.shown[start]):
            start += 1
        while end > start and _is_space(self.shown[end - 1]):
            end -= 1
        if not (_is_border(self.shown, start) and _is_border(self.shown, end)):
            return None
        place = Span(start, end)
        if not _bare(place.of(self.shown)):
            return None
        candidates = (*self._exact(place), *self._ranges(place))
        return next((str(terms) for terms in candidates if self._is_unique(terms, place)), None)

    def _place(self, char: int) -> int:
        """Where a place of the file is shown; what is not shown counts as the run before it."""
        which = bisect_right(self.runs, char, key=lambda run: run[1]) - 1
        if which < 0:
            return 0
        shown, at = self.runs[which]
        following = self.runs[which + 1][0] if which + 1 < len(self.runs) else len(self.shown)
        return min(shown + char - at, following)

    def _exact(self, place: Span) -> Iterator[_Terms]:
        words = place.of(self.shown)
        if BLOCK in words or GAP in words or len(words) > LONGEST_EXACT:
            return
        words = " ".join(words.split())
        yield _Terms("", words, "", "")
        inside = place.start > 0 and self.shown[place.start - 1] != BLOCK
        for many in _CONTEXTS:
            prefix, suffix = self._before(place.start, many), self._after(place.end, many)
            one_sided = [_Terms(prefix, words, "", ""), _Terms("", words, "", suffix)]
            yield from one_sided if inside else reversed(one_sided)
            yield _Terms(prefix, words, "", suffix)

    def _ranges(self, place: Span) -> Iterator[_Terms]:
        pieces = [piece for piece in _pieces(place.of(self.shown)) if _bare(piece)]
        first, last = _words(pieces[0]), _words(pieces[-1])
        if len(pieces) == 1 and len(first) < 2:
            return
        for many in _ENDS:
            most = len(first) // 2 if len(pieces) == 1 else many
            start, end = _joined(first[: min(many, most)]), _joined(last[-min(many, most) :])
            for context in (0, *_CONTEXTS[1::2]):
                prefix, suffix = self._before(place.start, context), self._after(place.end, context)
                yield _Terms(prefix, start, end, suffix)

    def _before(self, at: int, many: int) -> str:
        """Up to `many` words that stand directly before, in one block."""
        near = self.shown[max(0, at - _REACH) : at].rstrip(" \t" + BLOCK)
        near = re.split(f"[{BLOCK}{GAP}]", near)[-1]
        words = _words(near)
        if at > _REACH and len(near) >= _REACH - 1:
            words = words[1:]  # the first may be the rest of a word
        return _joined(words[-many:]) if many else ""

    def _after(self, at: int, many: int) -> str:
        near = self.shown[at : at + _REACH].lstrip(" \t" + BLOCK)
        near = re.split(f"[{BLOCK}{GAP}]", near)[0]
        words = _words(near)
        if at + _REACH < len(self.shown) and len(near) >= _REACH - 1:
            words = words[:-1]
        return _joined(words[:many])

    def _is_unique(self, terms: _Terms, place: Span) -> bool:
        before, after = _bare(terms.prefix), _bare(terms.suffix)
        first = before + _bare(terms.start)
        if not terms.end:
            return self._only(first + after) >= 0
        found = self._only(first)
        if found < 0:
            return False
        last = _bare(terms.end)
        expected = found + len(before) + len(_bare(place.of(self.shown))) - len(last)
        return self.bare.find(last + after, found + len(first)) == expected

    def _only(self, letters: str) -> int:
        """The one place that has these letters; -1 where none or several do."""
        found = self.bare.find(letters) if letters else -1
        return -1 if found < 0 or self.bare.find(letters, found + 1) >= 0 else found


def _is_space(char: str) -> bool:
    return char.isspace() or char == GAP


def _pieces(shown: str) -> list[str]:
    return re.split(f"[{BLOCK}{GAP}]", shown)


def _words(shown: str) -> list[str]:
    """Stretches that begin and end where a word surely does, each with the space behind it."""
    cuts = [match.end() for match in _CUT.finditer(shown)]
    borders = [0, *cuts, len(shown)]
    words = (shown[a:b] for a, b in pairwise(borders))
    return [word for word in words if word.strip()]


def _joined(words: Sequence[str]) -> str:
    return " ".join("".join(words).split())


def _is_border(shown: str, at: int) -> bool:
    """Whether no word goes on across this place, as UAX 29 has words, or might (no spaces)."""
    before, behind = shown[max(0, at - 2) : at], shown[at : at + 2]
    if not before or not behind:
        return True
    inner, outer = _is_wordy(before[-1]), _is_wordy(behind[0])
    if inner and outer:
        return False
    if before[-1] in _MIDDLE and outer:
        return not _is_wordy(before[:-1])
    if behind[0] in _MIDDLE and inner:
        return not _is_wordy(behind[1:])
    return True


def _is_wordy(char: str) -> bool:
    return bool(char) and (char.isalnum() or unicodedata.category(char)[0] == "M" or char == "‍")
