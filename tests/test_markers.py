"""The stream parser: whatever a model writes, however it is cut into chunks."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answer.llm.markers import LONGEST, Cited, Event, MarkerParser, Number, Said, Thoughts
from tests.clock import assert_linear

KNOWN = {(1, 1), (1, 2), (3, 2)}

# Markers of every kind, things that look like them, and what stands around them.
WRITTEN = st.lists(
    st.sampled_from(
        ["[1.2]", "[1.", "2]", "[", "]", "【3.2】", "［1.2］", "[1.2, 3.4]", "[1.2-1.4]", "(1.2)",
         "(9.9)", "`", "[ 3.2 ]", "[citation: 3.2]", "[99.1]", "[1.2.3]", "[٣.٢]", "[" + "9" * 70,
         "[sic]", "[2014]", "[[1.2]]", "【3†source】", " ", "  ", ", ", ",", ".", "\n", "word", "é",
         "他来了。", "<think>", "</think>", "[1.2\n]", "(", ")", "👍", "\ud800"]
    )
    | st.text(max_size=5),
    max_size=25,
).map("".join)  # fmt: skip


def parsed(*chunks: str) -> list[Event]:
    """Every event, neighbouring texts joined, as a consumer sees them."""
    parser = MarkerParser(KNOWN)
    events = [event for chunk in chunks for event in parser.feed(chunk)] + parser.close()
    joined: list[Event] = []
    for event in events:
        if joined and isinstance(event, Said) and isinstance(joined[-1], Said):
            joined[-1] = Said(joined[-1].text + event.text)
        else:
            joined.append(event)
    return joined


def text(*chunks: str) -> str:
    return "".join(event.text for event in parsed(*chunks) if isinstance(event, Said))


def cited(written: str) -> list[tuple[Number, ...]]:
    return [event.numbers for event in parsed(written) if isinstance(event, Cited)]


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("[3.2]", [((3, 2),)]),
        ("[ 3.2 ]", [((3, 2),)]),
        ("`[3.2]`", [((3, 2),)]),
        ("[`3.2`]", [((3, 2),)]),
        ("【3.2】", [((3, 2),)]),
        ("［3.2］", [((3, 2),)]),
        ("【3.2]", [((3, 2),)]),
        ("[３．２]", [((3, 2),)]),
        ("[٣.٢]", [((3, 2),)]),
        ("[1.2, 3.4]", [((1, 2), (3, 4))]),
        ("[1.2; 3.4 and 5.6]", [((1, 2), (3, 4), (5, 6))]),
        ("[1.2][1.3]", [((1, 2),), ((1, 3),)]),
        ("[1.2-1.4]", [((1, 2), (1, 3), (1, 4))]),
        ("[1.2–4]", [((1, 2), (1, 3), (1, 4))]),
        ("[1.4-1.2]", [((1, 4), (1, 2))]),
        ("[1.2-3.4]", [((1, 2), (3, 4))]),
        ("[1.1-1.999999999]", [((1, 1), (1, 999999999))]),
        ("[citation: 3.2]", [((3, 2),)]),
        ("[Sentence 3.2]", [((3, 2),)]),
        ("[[3.2]]", [((3, 2),)]),
        ("(3.2)", [((3, 2),)]),
        ("[99.1]", [((99, 1),)]),  # who knows the numbers drops it
    ],
)
def test_a_marker_is_read_however_it_is_written(
    written: str, numbers: list[tuple[Number, ...]]
) -> None:
    assert cited(f"It sank {written}.") == numbers


@pytest.mark.parametrize(
    "written", ["[1.2.3]", "[1.]", "[.1]", "[3]", "[1,2]", "【3†source】", "[source 2014]"]
)
def test_a_malformed_marker_is_taken_out_and_names_nothing(written: str) -> None:
    assert text(f"It sank {written}.") == "It sank."
    assert cited(written) == [()]


@pytest.mark.parametrize(
    "written",
    ["[sic]", "[2014]", "[1,200]", "[1.2 million]", "[]", "[ ]", "(1.9)", "(1.2 bn)", "citation: 3.2",
     "[1.2\n]", "[" + " " * LONGEST + "1.2]", "x[i]", "[v1.2]"],
)  # fmt: skip
def test_what_is_no_marker_stays_text(written: str) -> None:
    assert text(f"It sank {written}.") == f"It sank {written}."
    assert cited(written) == []


def test_blanks_and_commas_that_belong_to_markers_go_with_them() -> None:
    assert text("It sank [1.1], [1.2]. It rose [1.1] again [1.2], but no.") == (
        "It sank. It rose again, but no."
    )
    assert text("left [1.2]and") == "left and"
    assert text("他来了[1.1]她走了") == "他来了她走了"


def test_a_bracket_that_never_closes_is_given_out_at_the_end() -> None:
    assert text("It sank [1.2") == "It sank [1.2"


def test_only_so_much_is_held_back() -> None:
    parser = MarkerParser()
    given = "".join(e.text for e in parser.feed("[" + "1" * 500) if isinstance(e, Said))
    assert len(given) >= 501 - LONGEST


@given(WRITTEN, st.lists(st.integers(0, 200), max_size=12))
def test_the_result_does_not_depend_on_the_chunks(written: str, cuts: list[int]) -> None:
    places = [0, *sorted(min(cut, len(written)) for cut in cuts), len(written)]
    chunks = [written[a:b] for a, b in itertools.pairwise(places)]
    assert parsed(*chunks) == parsed(written) == parsed(*written)


@given(st.text())
def test_text_without_brackets_comes_out_as_it_went_in(written: str) -> None:
    plain = "".join(c for c in written if c not in "[]【】［］〔〕⟦⟧()")
    assert text(plain) == plain


@given(WRITTEN)
def test_nothing_is_invented(written: str) -> None:
    """What comes out is what went in, in its order, with some of it left out and blanks added."""
    left = iter(written)
    assert all(char in left for char in text(written) if char != " ")


@pytest.mark.parametrize("piece", ["[", "[1.", "[1.2],", " "])
def test_a_million_characters_one_by_one_take_linear_time(piece: str) -> None:
    assert_linear(partial(reading, piece), 50_000, 1_000_000)


@pytest.mark.parametrize(
    "piece", ["(", "[1.2]", "[1.2] ", "]", "【", "a", "[1.2-9999999]", "`", ",", "[1.2]  ,,"]
)
def test_other_pieces_repeated_take_linear_time_too(piece: str) -> None:
    assert_linear(partial(reading, piece), 20_000, 200_000)


def reading(piece: str, length: int) -> Callable[[], object]:
    """The reading of so many characters of this piece, one by one."""
    written = (piece * (length // len(piece) + 1))[:length]

    def read() -> None:
        parser = MarkerParser(KNOWN)
        for char in written:
            parser.feed(char)
        parser.close()

    return read


@given(st.text(st.sampled_from("<think>/ a"), max_size=40), st.integers(1, 9))
def test_thoughts_are_left_out_whatever_the_chunks(written: str, size: int) -> None:
    def answer(*chunks: str) -> str:
        thoughts = Thoughts()
        return "".join(map(thoughts.feed, chunks)) + thoughts.close()

    chunks = [written[at : at + size] for at in range(0, len(written), size)]
    assert answer(*chunks) == answer(written)


def test_only_a_thought_at_the_beginning_is_one() -> None:
    thoughts = Thoughts()
    assert thoughts.feed("A <think> b") == "A <think> b"
