"""Subtitles: SubRip and WebVTT files as pysubs2 and players write them, and as they get damaged."""

from __future__ import annotations

import pysubs2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.article import Span
from ingest.convert.document import Document, Source
from ingest.convert.markdown import article_file
from ingest.convert.subtitles import read
from ingest.errors import UnreadableSource
from ingest.locator import Locators
from ingest.read import decode_article
from ingest.split import split
from tests.clock import at_most


def converted(text: str | bytes, name: str = "a.srt") -> Document:
    (document,) = read(Source(name, text if isinstance(text, bytes) else text.encode()))
    return document


def place(body: str, words: str) -> str:
    at = body.index(words)
    return str(Locators(body).of(Span(at, at + len(words))))


SRT = """1
00:12:03,250 --> 00:12:06,000
The tide gauge at the old pier
stood eleven centimetres

2
00:12:07,000 --> 00:12:09,500
above the <i>mark</i> of last winter.

3
00:12:20,000 --> 00:12:22,000
{\\an8}- Who measured it?
- We did.
"""


def test_cues_become_paragraphs_with_the_time_of_each() -> None:
    assert converted(SRT) == Document(
        body=(
            "<!-- time 0:12:03, 0:12:07 +56 -->\n\n"
            "The tide gauge at the old pier stood eleven centimetres above the mark of last winter."
            "\n\n<!-- time 0:12:20 -->\n\n- Who measured it?\n\n<!-- time 0:12:20 -->\n\n- We did."
        ),
        title="a",
    )


@pytest.mark.parametrize("kind", ["srt", "vtt"])
def test_subtitles_by_pysubs2_become_what_was_said_with_the_time_of_it(kind: str) -> None:
    made = pysubs2.SSAFile()
    for start, end, text in (
        (723.25, 726, "The tide gauge at the old pier\\Nstood eleven centimetres"),
        (727, 729.5, "above the {\\i1}mark{\\i0} of last winter."),
        (740, 742, "Who measured it?"),
    ):
        made.append(pysubs2.SSAEvent(int(start * 1000), int(end * 1000), text))
    assert converted(made.to_string(kind), f"a.{kind}") == Document(
        body=(
            "<!-- time 0:12:03, 0:12:07 +56 -->\n\n"
            "The tide gauge at the old pier stood eleven centimetres above the mark of last winter."
            "\n\n<!-- time 0:12:20 -->\n\nWho measured it?"
        ),
        title="a",
    )


@pytest.mark.parametrize("kind", ["srt", "vtt"])
def test_time_of_every_cue_holds_from_its_first_character_to_its_last(kind: str) -> None:
    subtitles = pysubs2.SSAFile()
    for number in range(400):
        start = number * 4_000 + number % 7 * 150
        end = "." if number % 3 == 0 else ""
        words = f"Cue{number:04} has its words{end}"
        subtitles.append(pysubs2.SSAEvent(start=start, end=start + 2_000, text=words))
    body = converted(subtitles.to_string(kind), f"a.{kind}").body
    marks = Locators(body)
    for number in range(400):
        at = body.index(f"Cue{number:04}")
        seconds = (number * 4_000 + number % 7 * 150) // 1000
        told = marks.of(Span(at, at + len("Cue0000 has its words")))
        assert told is not None
        assert (
            told.first
            == told.last
            == f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        )


def test_passages_of_the_file_in_the_corpus_lead_to_the_time_of_their_words() -> None:
    subtitles = pysubs2.SSAFile()
    for number in range(200):
        words = f"Cue{number:04} tells what the gauge showed at noon."
        subtitles.append(pysubs2.SSAEvent(number * 4_000, number * 4_000 + 2_000, words))
    document = converted(subtitles.to_string("srt"))
    data = article_file(document, source="a.srt", source_sha256="0" * 64)
    article = decode_article("a.md", data)
    marks = Locators(article.text)
    passages = split(article)
    assert sum(len(passage.sentences) for passage in passages) == 200
    for passage in passages:
        for sentence in passage.sentences:
            seconds = int(sentence.of(article.text)[3:7]) * 4
            place = marks.of(sentence)
            assert place is not None
            assert place.fragment == f"t={seconds}"
            assert place.first == place.last


def test_voices_of_webvtt_are_named_and_notes_and_styles_are_not_read() -> None:
    text = """WEBVTT
Kind: captions
Language: en-GB

STYLE
::cue { color: red }

NOTE
nobody says this

intro
00:01.000 --> 00:03.000 align:start position:0%
<v.loud Mary Ann>Hello <c.yellow>there</c> &amp; <b>you</b>.</v>

NOTE nor this

00:04.000 --> 00:05.000
<v Mary Ann>Again,<00:04.500> hello.

00:05.500 --> 00:06.000
<v Bob>2 &lt; 3.
<v Mary Ann>Yes.
"""
    document = converted(text, "a.vtt")
    assert document.language == "en-GB"
    assert document.body == (
        "<!-- time 0:00:01, 0:00:04 +29 -->\n\nMary Ann: Hello there & you. Again, hello.\n\n"
        "<!-- time 0:00:05 -->\n\nBob: 2 < 3.\n\n<!-- time 0:00:05 -->\n\nMary Ann: Yes."
    )


def test_captions_that_roll_up_are_read_once() -> None:
    text = """WEBVTT
Kind: captions

00:00:01.000 --> 00:00:03.000 align:start position:0%
{blank}
the<00:00:01.500><c> tide</c><00:00:02.000><c> rose</c>

00:00:03.000 --> 00:00:03.010 align:start position:0%
the tide rose
{blank}

00:00:03.010 --> 00:00:05.000 align:start position:0%
the tide rose
by<00:00:03.500><c> four</c><00:00:04.000><c> metres</c>

00:00:05.000 --> 00:00:05.010 align:start position:0%
by four metres
{blank}

00:00:05.010 --> 00:00:07.000 align:start position:0%
by four metres
by<00:00:05.500><c> four</c><00:00:06.000><c> metres</c>

00:00:07.000 --> 00:00:09.000 align:start position:0%
by four metres
[Music] and fell
"""
    body = converted(text.replace("{blank}", " "), "a.vtt").body
    assert body == (
        "<!-- time 0:00:01, 0:00:03 +14, 0:00:05 +29, 0:00:07 +44 -->\n\n"
        "the tide rose by four metres by four metres [Music] and fell"
    )


def test_captions_that_grow_word_by_word_are_read_once() -> None:
    words = "The tide rose by four metres overnight".split()
    text = "".join(
        f"00:00:{n:02},000 --> 00:00:{n + 1:02},000\n{' '.join(words[: n + 1])}\n\n"
        for n in range(len(words))
    )
    body = converted(text).body
    assert body.endswith("\n\nThe tide rose by four metres overnight")
    assert place(body, "metres") == "at 0:00:05"


def test_what_is_said_twice_stays_twice() -> None:
    text = "".join(
        f"{n}\n00:00:{n:02},000 --> 00:00:{n + 1:02},000\n{said}\n\n"
        for n, said in enumerate(["No.", "No.", "Why not?", "Because.", "I see.", "No."], start=1)
    )
    assert converted(text).body.endswith("No. No. Why not? Because. I see. No.")


def test_paragraph_ends_at_a_pause_only_where_a_sentence_does() -> None:
    text = """00:00:01,000 --> 00:00:02,000
It rose

00:00:06,000 --> 00:00:07,000
by four metres.

00:00:11,000 --> 00:00:12,000
Then it fell
"""
    body = converted(text).body
    assert [line for line in body.split("\n") if line and not line.startswith("<")] == [
        "It rose by four metres.",
        "Then it fell",
    ]


def test_speech_without_any_full_stop_still_has_paragraphs() -> None:
    text = "".join(
        f"{n // 3600}:{n // 60 % 60:02}:{n % 60:02},0 --> {n // 3600}:{n // 60 % 60:02}:{n % 60:02},9\nwords without end\n\n"
        for n in range(1000)
    )
    paragraphs = [line for line in converted(text).body.split("\n") if line.startswith("words")]
    assert len(paragraphs) > 8
    assert max(map(len, paragraphs)) < 1_600


def test_captions_that_begin_like_markdown_are_neither_headings_nor_quotes() -> None:
    text = "00:00:01,000 --> 00:00:02,000\n# La la la #\n\n00:00:03,000 --> 00:00:04,000\n>> GOOD EVENING.\n"
    assert converted(text).body == (
        "<!-- time 0:00:01 -->\n\n\\# La la la #\n\n<!-- time 0:00:03 -->\n\n\\>> GOOD EVENING."
    )


def test_damaged_cues_keep_their_words_and_those_without_time_are_told() -> None:
    text = """1
00:00:01,000 --> 00:00:02,000
First
2
00:00:03.5 -> 00:00:04.0
second, a < b and c > d

00:00:05,000 --> bad
lost

7
00:00:06,000 --> 00:00:07,000
with a

blank line

1984
8
00:00:08,000 --> 00:00:09,000

9
00:00:10,000 --> 00:00:11,000
last"""
    document = converted(text)
    assert document.body == (
        "<!-- time 0:00:01, 0:00:03 +6, 0:00:06 +30, 0:00:10 +53 -->\n\n"
        "First second, a < b and c > d with a blank line 1984 last"
    )
    assert document.remarks == ("left out, since their time cannot be read: 1 cues",)


def test_cues_out_of_order_are_told_in_the_order_of_their_time() -> None:
    text = "00:00:05,000 --> 00:00:06,000\nsecond\n\n00:00:01,000 --> 00:00:02,000\nfirst\n"
    assert converted(text).body.endswith("first second")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1251"])
def test_encodings_and_line_ends_of_old_players_are_read(encoding: str) -> None:
    words = "Прилив поднялся на четыре метра, и город остался под водой до самого утра."
    text = f"1\r\n00:00:01,000 --> 00:00:02,000\r\n{words}\r\n\r\n"
    assert converted(text.encode(encoding)).body == f"<!-- time 0:00:01 -->\n\n{words}"


@pytest.mark.parametrize(
    "text", ["WEBVTT\n\nNOTE nothing", "1\n2\n3", "00:00:01,000 --> 00:00:02,000\n♪\n"]
)
def test_file_without_a_cue_is_declined(text: str) -> None:
    with pytest.raises(UnreadableSource, match="holds no subtitle"):
        converted(text)


@pytest.mark.parametrize(
    "text",
    [
        "00:00:01,000 --> 00:00:02,000\n" + "line\n" * 100_000,
        "00:00:01,000 --> 00:00:02,000\n" + "word " * 500_000,
        "00:00:01,000 --> 00:00:02,000\n" + "<c " * 300_000,
        "00:00:01,000 --> 00:00:02,000\n" + "<v A>b" * 100_000,
        "00:00:01,000 --> 00:00:02,000\nx\n" * 20_000,
        "-->\n" * 300_000 + "00:00:01,000 --> 00:00:02,000\nx\n",
    ],
    ids=["lines", "line", "tags", "voices", "cues", "arrows"],
)
def test_hostile_subtitles_take_no_long_time(text: str) -> None:
    with at_most(6):
        converted(text)


_LINES = st.sampled_from(
    [
        "1", "", " ", "00:00:01,000 --> 00:00:02,000", "00:02.5 --> 00:01.0 line:0", "99:99:99 --> 1:1:1",
        "0:00:03,1 -> 0:00:04,2", "--> x", "WEBVTT", "NOTE", "<v Bob>Hi", "- Yes", "# la", ">> x", "[Music]",
        "<i>a</i>", "&lt;!-- time 0:00:01 --&gt;", "---", "said", "said again", "\u200f\u00a0",
    ]
)  # fmt: skip


@given(st.lists(_LINES | st.text(max_size=10), max_size=40), st.sampled_from(["a.srt", "a.vtt"]))
def test_any_subtitles_are_read_or_declined_and_their_marks_can_be_read(
    lines: list[str], name: str
) -> None:
    try:
        document = converted("\n".join(lines).encode("utf-8", "surrogatepass"), name)
    except UnreadableSource:
        return
    marks = Locators(document.body)
    for paragraph in document.body.split("\n\n")[1::2]:
        at = document.body.index(paragraph)
        assert marks.of(Span(at, at + 1)) is not None
