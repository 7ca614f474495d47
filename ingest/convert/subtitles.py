"""Subtitles (`.srt`, `.vtt`) → running paragraphs, with the time of every cue kept as its place.

    cues ──without tags and repeated lines──▶ paragraphs, each below `<!-- time 0:12:03 -->`

A paragraph ends where somebody else speaks, at a long pause, and after a sentence once it is long.
Every word stays, with `[Music]` and `[inaudible]`: a quotation must show what it leaps over.

Subtitles name no title, so the name of their file is taken for one: `interview with the mayor`.

Left out: positions, colours, notes, styles, and cues whose time cannot be read, which is said. The
parser is our own: the libraries lose cues, words or speakers of files that players show
(`docs/decisions/`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import PurePosixPath

from ingest.convert.charset import decoded
from ingest.convert.document import Document, Source
from ingest.convert.language import declared
from ingest.convert.markdown import clean, one_line, plain
from ingest.errors import UnreadableSource
from ingest.locator import mark

_TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,:](\d{1,3}))?"
_TIMING = re.compile(rf"^[ \t]*{_TIME}[ \t]*-{{1,3}}>[ \t]*{_TIME}(?=[ \t]|$)")
_NUMBER = re.compile(r"\s*\d{1,9}\s*")
_SPEAKER = re.compile(r"<v(?:\.[^\s<>]{0,200})?[ \t]+([^<>]{1,200})>")
_TAG = re.compile(
    r"</?(?:c|i|b|u|s|v|lang|ruby|rt|font)(?:[.\s][^<>]{0,500})?/?>|<[\d:.]{5,15}>|\{\\[^{}]{1,200}\}",
    re.IGNORECASE,
)
_NAMED = re.compile(r"&(amp|lt|gt|nbsp|lrm|rlm|quot|#39|apos);")
_CHARACTERS = {
    "amp": "&", "lt": "<", "gt": ">", "nbsp": "\u00a0", "lrm": "\u200e", "rlm": "\u200f",
    "quot": '"', "#39": "'", "apos": "'",
}  # fmt: skip
_CHANGE = re.compile(r"[-–](?![-\d])|>>")  # "- Yes." and ">> Yes.", but not "-5 degrees"
_SENTENCE_END = re.compile(r"[.!?…。！？؟।][\"'”’»)\]]*$")
_LANGUAGE = re.compile(r"^Language:(.*)$", re.MULTILINE)

_PAUSE = 3.0  # seconds, after a sentence
_LONG_PAUSE = 10.0  # seconds, whatever was said before
_LONG = 600  # characters, after a sentence; a passage has 900 at most (`ingest/split.py`)
_LONGEST = 1_500  # characters, for speech without punctuation
_MOST_CUES = 300  # in a paragraph, whose mark is one line of limited length (`ingest/locator.py`)
_GROWING = 3  # cues at least that go on from the one before, where captions roll up
_SHOWN_LINES = 8  # of a cue, when looking for lines that it repeats


@dataclass(frozen=True, slots=True)
class _Cue:
    """What is shown from `start` to `end` (seconds), line by line, without tags."""

    start: float
    end: float
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Speech:
    """What one cue adds, in one voice; `anew` where it says that somebody else speaks."""

    start: float
    end: float
    text: str
    speaker: str = ""
    anew: bool = False


def read(source: Source) -> Iterator[Document]:
    """One document with all that is said.

    `UnreadableSource` where no line tells a time.
    """
    text = clean(decoded(source.data, source.charset))
    head = text.lstrip()[:10]
    cues, unread = _cues(text.split("\n"), notes=head.startswith("WEBVTT"))
    told = list(_paragraphs(_speeches(_without_repeats(cues))))
    if not any(character.isalnum() for paragraph in told[1::2] for character in paragraph):
        raise UnreadableSource(
            "holds no subtitle: no line like “00:00:01,000 --> 00:00:04,000” with words below it."
        )
    language = _LANGUAGE.search(text[:500]) if head.startswith("WEBVTT") else None
    remarks = [f"left out, since their time cannot be read: {unread} cues"] if unread else []
    yield Document(
        body="\n\n".join(told),
        title=PurePosixPath(source.name).stem or None,
        language=declared(language[1]) if language else None,
        remarks=tuple(remarks),
    )


def _cues(lines: list[str], *, notes: bool) -> tuple[list[_Cue], int]:
    """The cues in the order of their time, and how many had none. `notes`: as WebVTT has them."""
    cues, unread = [], 0
    starts = [at for at, line in enumerate(lines) if "-->" in line or _TIMING.match(line)]
    for at, following in pairwise([*starts, len(lines)]):
        timing = _TIMING.match(lines[at])
        shown = _shown(lines[at + 1 : following], last=following == len(lines), notes=notes)
        if timing is None:
            unread += 1
        elif any(shown):
            cues.append(_Cue(_seconds(timing.groups()[:4]), _seconds(timing.groups()[4:]), shown))
    return sorted(cues, key=lambda cue: cue.start), unread


def _shown(lines: list[str], *, last: bool, notes: bool) -> tuple[str, ...]:
    """The text below a timing, without the number or name of the cue that follows it.

    In WebVTT it ends at a blank line. In SubRip files it should, but many have blank lines inside.
    """
    if lines and not last and _NUMBER.fullmatch(lines[-1]):
        lines = lines[:-1]
    if notes and "" in lines:
        lines = lines[: lines.index("")]
    return tuple(line for line in map(one_line, lines) if line)


def _seconds(told: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, part = told
    return (
        int(hours or 0) * 3600
        + int(minutes or 0) * 60
        + int(seconds or 0)
        + float(f"0.{part or 0}")
    )


def _without_repeats(cues: list[_Cue]) -> list[_Cue]:
    """Cues of which each shows only what the one before did not.

    Captions that roll up show every line twice or three times, those that are typed grow word by
    word. A file is one of these where more cues go on from what was just shown than begin anew; in
    all others a repeated line was said twice.
    """
    if len(cues) <= _GROWING:
        return cues
    bare = [replace(cue, lines=tuple(_words(line) for line in cue.lines)) for cue in cues]
    repeats = [0, *(_repeated(a.lines, b.lines) for a, b in pairwise(bare))]
    words = [len(" ".join(cue.lines).split()) for cue in bare]
    growing = sum(0 < repeat < all_there for repeat, all_there in zip(repeats, words, strict=True))
    if growing < _GROWING or growing <= repeats.count(0):
        return cues
    kept = (
        replace(cue, lines=_after(cue.lines, repeat))
        for cue, repeat in zip(cues, repeats, strict=True)
    )
    return [cue for cue in kept if cue.lines]


def _words(line: str) -> str:
    return " ".join(_TAG.sub("", line).split())


def _repeated(before: tuple[str, ...], now: tuple[str, ...]) -> int:
    """How many words `now` begins with that the last lines of `before` end with."""
    said = " ".join(now[:_SHOWN_LINES]).split()
    for at in range(max(0, len(before) - _SHOWN_LINES), len(before)):
        shown = " ".join(before[at:]).split()
        if shown and said[: len(shown)] == shown:
            return len(shown)
    return 0


def _after(lines: tuple[str, ...], words: int) -> tuple[str, ...]:
    """Lines without their first words, which tags may surround."""
    kept = []
    for line in lines:
        count = len(_words(line).split())
        if words >= count:
            words -= count
        elif words:
            kept.append(" ".join(_words(line).split()[words:]))
            words = 0
        else:
            kept.append(line)
    return tuple(kept)


def _speeches(cues: list[_Cue]) -> Iterator[_Speech]:
    """What each cue adds, in as many pieces as people speak in it."""
    for cue in cues:
        yield from _voices(cue)


def _voices(cue: _Cue) -> Iterator[_Speech]:
    pieces: list[_Speech] = []
    speaker, anew = "", False
    for line in cue.lines:
        for at, told in enumerate(_SPEAKER.split(line)):
            if at % 2:
                anew, speaker = True, one_line(told)
                continue
            text = one_line(_NAMED.sub(lambda found: _CHARACTERS[found[1]], _TAG.sub("", told)))
            changes = bool(_CHANGE.match(text))
            if text and (anew or changes or not pieces or len(pieces[-1].text) > _LONGEST):
                pieces.append(_Speech(cue.start, cue.end, text, speaker, changes))
                anew = False
            elif text:
                pieces[-1] = replace(pieces[-1], text=f"{pieces[-1].text} {text}")
    yield from pieces


def _paragraphs(speeches: Iterator[_Speech]) -> Iterator[str]:
    """Marks and paragraphs, in turn."""
    paragraph: list[_Speech] = []
    length = 0
    for speech in speeches:
        if paragraph and _ends(paragraph, length, speech):
            yield from _written(paragraph)
            paragraph, length = [], 0
        paragraph.append(speech)
        length += len(speech.text) + 1
    if paragraph:
        yield from _written(paragraph)


def _ends(paragraph: list[_Speech], length: int, following: _Speech) -> bool:
    last = paragraph[-1]
    pause = following.start - last.end
    if following.anew or following.speaker != last.speaker or pause >= _LONG_PAUSE:
        return True
    if length >= _LONGEST or len(paragraph) >= _MOST_CUES:
        return True
    return (length >= _LONG or pause >= _PAUSE) and bool(_SENTENCE_END.search(last.text))


def _written(paragraph: list[_Speech]) -> tuple[str, str]:
    text = f"{paragraph[0].speaker}: " if paragraph[0].speaker else ""
    text = _as_text(text + paragraph[0].text)
    places = [(_label(paragraph[0].start), 0)]
    for speech in paragraph[1:]:
        text += " "
        if _label(speech.start) != places[-1][0]:
            places.append((_label(speech.start), len(text)))
        text += speech.text
    return mark("time", places), text


def _as_text(text: str) -> str:
    """Nothing that captions begin with is a heading or a quotation: `# la la #`, `>> Yes.`

    >>> _as_text("# La la la #")
    '\\\\# La la la #'
    """
    return "\\" + text if text.startswith((">", "#")) else plain(text)


def _label(seconds: float) -> str:
    """As marks have it, full seconds.

    >>> _label(723.9)
    '0:12:03'
    """
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
