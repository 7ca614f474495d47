"""Text → the stretches of it that stand between quotation marks, outermost marks only.

“…”, „…“, «…», »…«, ‘…’ and the straight marks are paired by where they stand beside words and
spaces, since the straight ones and the apostrophe do not say which way they face. A quotation that
goes on over paragraphs has its opening mark repeated at each. One that is never closed is none:
where it ends is a guess.

Left out: whether a quotation is speech, a title or a word held with tongs (`speaker.py` asks who
says it, and nobody says those).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.article import Span

_LINE = r"(?:\r\n|\r|\n)"
_BREAK = rf"{_LINE}[ \t]*(?:{_LINE}\s*|(?=[-*+>#|][ \t]|\d{{1,3}}[.)][ \t]))"
_MARK = re.compile(rf"(?P<gap>{_BREAK})|[\"“”„«»‘’']")
_GAP = re.compile(_BREAK)
_SINGLE_CLOSES = re.compile(r"(?<=[.,!?…])[’'](?!\w)")
_CLOSERS = {"“": "”", "„": "“”", "«": "»", "»": "«", "‘": "’", "'": "'", '"': '"'}
_ENDS = ",.!?…"


@dataclass(frozen=True, slots=True)
class Speech:
    """One quotation, marks included; more than one part where it goes on over paragraphs."""

    parts: tuple[Span, ...]

    @property
    def start(self) -> int:
        return self.parts[0].start

    @property
    def end(self) -> int:
        return self.parts[-1].end

    def overlap(self, other: Span) -> int:
        return sum(part.overlap(other) for part in self.parts)


def paragraph_breaks(text: str, within: Span) -> tuple[Span, ...]:
    """Blank lines, and the line ends before list items, headings and block quotations."""
    return tuple(Span(*gap.span()) for gap in _GAP.finditer(text, within.start, within.end))


def quotations(text: str, within: Span) -> tuple[Speech, ...]:
    """The outermost quotations of `text[within]`, in order; time is linear.

    >>> text = "“It’s ‘over’,” he said."
    >>> [part.of(text) for said in quotations(text, Span(0, 23)) for part in said.parts]
    ['“It’s ‘over’,”']
    """
    found: list[Speech] = []
    parts: list[Span] = []
    opened, start, depth, no_single_before = "", 0, 0, 0
    for mark in _MARK.finditer(text, within.start, within.end):
        at = mark.start()
        character = text[at]
        if mark["gap"] is not None:
            goes_on = bool(opened) and text.startswith(opened, mark.end())
            parts = [*parts, Span(start, at)] if goes_on else []
            opened = opened if goes_on else ""
            start, depth = mark.end(), 0  # where the repeated mark comes next, and opens again
        elif opened:
            if at == start or (character == opened != '"' and _faces_open(text, at)):
                depth += opened not in "‘'" or at == start
            elif character in _CLOSERS[opened] and _closes(text, at, opened):
                depth -= 1
                if depth == 0:
                    found.append(Speech((*parts, Span(start, at + 1))))
                    opened, parts = "", []
        elif character in _CLOSERS and _faces_open(text, at):
            if character in "‘'" and at >= no_single_before:
                no_single_before = _unclosed_until(text, at, within.end)
            if character not in "‘'" or at >= no_single_before:
                opened, start, depth = character, at, 1
    return tuple(found)


def sounds_spoken(text: str, speech: Speech) -> bool:
    """Whether it is long enough, or stands or ends as speech does, to be somebody's words.

    >>> text = "the so-called “smart munition”"
    >>> sounds_spoken(text, quotations(text, Span(0, 30))[0])
    False
    """
    inner = text[speech.start + 1 : speech.end - 1].rstrip("’'”")
    before = text[max(0, speech.start - 3) : speech.start].rstrip()
    if before.endswith(":") or text.startswith(",", speech.end):
        return True
    return inner.endswith(tuple(_ENDS)) or len(inner[:2000].split()) >= 4


def _unclosed_until(text: str, at: int, end: int) -> int:
    """The end of the paragraph if no single mark closes in it from `at`, else `at`."""
    gap = _GAP.search(text, at, end)
    ends = gap.start() if gap else end
    return at if _SINGLE_CLOSES.search(text, at + 1, ends) else ends


def _faces_open(text: str, at: int) -> bool:
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    return (
        bool(after)
        and not after.isspace()
        and (not before or before in _BEFORE_OPEN or before.isspace())
    )


def _closes(text: str, at: int, opened: str) -> bool:
    before, after = text[at - 1], text[at + 1 : at + 2]
    if opened in "‘'":
        return before in _ENDS and not after.isalnum()
    return not before.isspace() if opened == '"' else True


_BEFORE_OPEN = "([—–-/“‘„«\"'"
