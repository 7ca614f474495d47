from __future__ import annotations

from itertools import pairwise

import pytest
from conftest import UGLY
from hypothesis import given
from hypothesis import strategies as st

from answer.match import alike, find_alike, is_whole, nearest, occurrences
from answer.match.fold import fold
from ingest.article import Span
from tests.clock import at_most


def found(quote: str, text: str) -> str | None:
    span = find_alike(quote, text)
    return None if span is None else span.of(text)


# ---- the same words ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quote", "stands"),
    [
        ('He said "no" twice', "He said “no” twice"),
        ("He said 'no' twice", "He said «no» twice"),
        ("He said no twice", "He said »no« twice"),
        ("it's theirs", "it’s theirs"),
        ("п'ять років", "п\u02bcять років"),
        ("ten - twelve men", "ten—twelve men"),
        ("a well-known man", "a well\u2011known man"),
        ("the end of it", "the\u00a0end\r\nof\u2009\tit"),
        ("NATO AND UKRAINE", "Nato and Ukraine"),
        ("final office", "ﬁnal oﬃce"),
        ("Full width", "Ｆｕｌｌ　ｗｉｄｔｈ"),
        ("an example of it", "an ex\u00adam\u200bple of it"),
        ("wait... what", "wait … what"),
        ("wait... what", "wait . . . what"),
        ("un café noir", "un cafe\u0301 noir"),
        ("한국어 문장", "\u1112\u1161\u11ab국어 문장"),
        ("a very bold claim", "a **very** _bold_ claim"),
        ("see the whole report here", "see the [*whole* report](https://a.example/b_(c)) here"),
        ("as one said and another", "as one said[^3] and another"),
        ("one quoted line", "one\n> quoted line"),
        ("first item second item", "first item\n- second item"),
        ("Tom & Jerry’s R*D", "Tom &amp; Jerry's R\\*D"),
        ("Quoi ? Rien !", "Quoi? Rien!"),
        ("straße", "STRASSE"),
        ("שלום, עולם", "שלום,\u200f עולם"),
        ("CO2 and H2O", "CO₂ and H₂O"),
        ("a 10^6 figure", "a 10⁶ figure"),
        ("at 10^-12 m^2", "at 10⁻¹² m²"),
        ("5 m² of it", "5 ㎡ of it"),
        ("Chapter IV", "Chapter Ⅳ"),
        ("the No 5", "the № 5"),
        ("the 1st", "the 1ˢᵗ"),
        ("the year 12", "the year １２"),
    ],
)
def test_the_same_words_are_found_in_other_typography(quote: str, stands: str) -> None:
    text = f"Before it: {stands} ... and after."
    span = find_alike(quote, text)
    assert span is not None
    assert span.of(text) == stands


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("art", "the party"),
        ("part", "the party"),
        ("arty", "the party"),
        ("200 people", "1,200 people died"),
        ("200 people", "1\u202f200 people died"),
        ("by 3", "grew by 3.5 per cent"),
        ("5 degrees", "it was -5 degrees"),
        ("-5 degrees", "it was 5 degrees"),
        ("106 euros", "10⁶ euros"),
        ("10 euros", "10⁶ euros"),
        ("10", "10^6"),
        ("x2", "x²"),
        ("5 m2", "5 ㎡"),
        ("102", "10₂"),
        ("11⁄2 days", "1½ days"),
        ("½ a day", "1½ a day"),
        ("51 steps", "5① steps"),
        ("1 step", "① step"),
        ("2 of it", "1/2 of it"),
        ("30 today", "10:30 today"),
        ("£5 loss", "a -£5 loss"),
        ("we can", "we can't go"),
        ("we can", "we can’t go"),
        ("ample", "an ex\u00adample"),
        ("resume", "a résumé"),
        ("caf", "cafe\u0301"),
        ("cafe", "un cafe\u0301"),
        ("he left", "she left"),
        ("did agree", "did not agree"),
        ("its", "it's late"),
        ("", "anything"),
        ("“”", "anything"),
        ("…", "anything"),
    ],
)
def test_other_words_are_not_found(quote: str, text: str) -> None:
    assert find_alike(quote, text) is None


@pytest.mark.parametrize(
    ("quote", "text", "stands"),
    [
        ("Turkey", "Turkey’s drones", "Turkey"),
        ("2021", "on 2021-11-30", "2021"),
        ("homme", "l’homme", "homme"),
        ("来了", "他来了北京", "来了"),
        ("他", "2021他", "他"),
        ("He left.", "“He left,” she said", "He left"),
        ("…and he left…", "So she and he left it.", "and he left"),
        ("(he left)", "he left", "he left"),
        (".5 metres", "at .5 metres", ".5 metres"),
    ],
)
def test_words_are_found_at_their_borders(quote: str, text: str, stands: str) -> None:
    assert found(quote, text) == stands


def test_the_punctuation_at_the_ends_is_matched_where_it_is_there() -> None:
    assert found("He left.", "“He left,” she said. He left.") == "He left."


def test_a_match_lies_within_the_span_that_is_searched() -> None:
    text = "no tides, no tides, no tides"
    assert find_alike("Tides", text, Span(9, 19)) == Span(13, 18)
    assert find_alike("Tides", text, Span(9, 17)) is None


def test_all_places_are_found_and_none_overlap() -> None:
    text = "“No no,” he said: no  no no."
    spans = list(alike("no no", text, fold(text)))
    assert [span.of(text) for span in spans] == ["No no", "no  no"]


def test_a_character_is_never_cut_in_two() -> None:
    assert find_alike("s", "ß") is None
    assert find_alike("f", "ﬁ") is None
    assert found("ss", "ß") == "ß"


def test_exact_occurrences_may_be_of_whole_words_only() -> None:
    text = "art, party, art"
    assert occurrences("art", text) == (Span(0, 3), Span(6, 9), Span(12, 15))
    assert occurrences("art", text, whole_words=True) == (Span(0, 3), Span(12, 15))
    assert occurrences("art", text, Span(1, 15), limit=1) == (Span(6, 9),)
    assert occurrences("Art", text) == occurrences("", text) == ()


def test_a_later_whole_word_is_found_behind_one_that_overlaps_it() -> None:
    assert occurrences("na na", "nana na na", whole_words=True) == (Span(5, 10),)


# ---- any text ------------------------------------------------------------------------------------


@given(UGLY, st.data())
def test_every_piece_of_any_text_is_found_where_it_is(
    pieces: list[str], data: st.DataObject
) -> None:
    text = "".join(pieces)[:5000]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 200)))
    spans = occurrences(text[start:end], text)
    assert all(span.of(text) == text[start:end] for span in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert start == end or spans


CURLY = str.maketrans({'"': "“", "'": "’", "-": "–", " ": "\u00a0", "\n": "\r\n", ".": "."})


@given(UGLY, st.data())
def test_whole_words_of_any_text_are_found_again_in_other_typography(
    pieces: list[str], data: st.DataObject
) -> None:
    text = "".join(pieces)[:5000]
    words = [span for span in _runs(text) if is_whole(text, span)]
    if not words:
        return
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, min(len(words) - 1, first + 12)))
    quote = text[words[first].start : words[last].end]
    mangled = data.draw(
        st.sampled_from([quote.translate(CURLY), f"“{quote}”", f" {quote}\u200b ", f"**{quote}**"])
    )
    span = find_alike(mangled, text)
    wanted = fold(mangled).text
    if (
        wanted.strip()
        == fold(quote).text
        == fold(text, Span(words[first].start, words[last].end)).text
    ):
        assert span is not None
    if span is not None:
        assert fold(span.of(text)).text.replace(" ", "") in wanted.replace(" ", "") + "'"
        assert is_whole(text, span)


def _runs(text: str) -> list[Span]:
    """Runs of plain letters: what any notion of a word agrees on."""
    runs: list[Span] = []
    start = None
    for at, character in enumerate(text + " "):
        plain = character.isascii() and character.isalnum()
        if plain and start is None:
            start = at
        elif not plain and start is not None:
            runs.append(Span(start, at))
            start = None
    return runs


@given(UGLY)
def test_a_folded_copy_keeps_its_way_back(pieces: list[str]) -> None:
    text = "".join(pieces)[:5000]
    folded = fold(text)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert all(a < b for a, b in zip(folded.starts, folded.ends, strict=True))
    assert all(a <= b for a, b in pairwise(folded.starts))
    assert all(a >= 0 and b <= len(text) for a, b in zip(folded.starts, folded.ends, strict=True))


@given(UGLY, UGLY)
def test_whatever_is_near_is_put_together_from_both_texts(said: list[str], text: list[str]) -> None:
    quote, whole = "".join(said)[:2000], "".join(text)[:4000]
    stretch = nearest(quote, whole)
    if stretch is None:
        return
    assert 0 < stretch.likeness <= 1
    at_said, at_found = 0, stretch.chars.start
    for change in stretch.changes:
        assert bool(change.said) == (change.kind != "removed")
        assert bool(change.found) == (change.kind != "added")
        at_said = quote.index(change.said, at_said) + len(change.said)
        at_found = whole.index(change.found, at_found) + len(change.found)
    assert at_found <= stretch.chars.end


# ---- nearly the same words -----------------------------------------------------------------------

TEXT = (
    "The council met on Monday. Two dredgers worked at Kallo for nine months, and the mud was taken "
    "out to sea. Nobody was asked."
)


def changes(quote: str, text: str = TEXT) -> list[tuple[str, str, str]]:
    stretch = nearest(quote, text)
    assert stretch is not None
    return [(c.kind, c.said, c.found) for c in stretch.changes if c.kind != "same"]


@pytest.mark.parametrize(
    ("quote", "differs"),
    [
        ("Two dredgers worked at Kallo for six months", [("replaced", "six", "nine")]),
        ("Three dredgers worked at Kallo", [("replaced", "Three", "Two")]),
        ("dredgers worked for nine months", [("removed", "", "at Kallo")]),
        ("the black mud was taken out to sea", [("added", "black", "")]),
        ("the mud was taken out to land", [("replaced", "land", "sea")]),
        ("worked at Kallo for nine months and the mud", [("removed", "", ",")]),
        ("Dredgers worked at “Kallo”", []),
    ],
)
def test_the_words_that_differ_are_named(quote: str, differs: list[tuple[str, str, str]]) -> None:
    assert changes(quote) == differs


def test_the_nearest_stretch_is_found_in_a_long_text() -> None:
    noise = "It rained in the town and the sea was grey. " * 2000
    stretch = nearest("Two dredgers toiled at Kallo for nine months", noise + TEXT + noise)
    assert stretch is not None
    assert stretch.chars.of(noise + TEXT + noise) == "Two dredgers worked at Kallo for nine months"
    assert stretch.likeness > 0.8


def test_what_answers_to_a_quotation_does_not_reach_into_the_next_sentence() -> None:
    stretch = nearest("taken out to sea and burnt there by the crew", TEXT)
    assert stretch is not None
    assert stretch.chars.of(TEXT).endswith("to sea.")


def test_texts_without_a_word_in_common_are_not_near() -> None:
    assert nearest("zeppelin", TEXT) is None
    assert nearest("", TEXT) is None
    assert nearest("dredgers", "") is None


def test_likeness_is_one_for_the_same_words_only() -> None:
    same, other = nearest("TWO  DREDGERS", TEXT), nearest("two ships", TEXT)
    assert same is not None
    assert other is not None
    assert same.likeness == 1
    assert other.likeness < 0.6


@pytest.mark.parametrize(
    ("quote", "text", "differs"),
    [
        ("5 degrees overnight", "fell to -5 degrees overnight", [("replaced", "5", "-5")]),
        ("1200 people died", "the 1\u202f200 people died", [("replaced", "1200", "1\u202f200")]),
        ("a £5 loss in all", "a -£5 loss in all", [("replaced", "£", "-£")]),
        ("raised 106 euros", "it raised 10⁶ euros", [("replaced", "106", "10⁶")]),
    ],
)
def test_a_figure_that_differs_is_shown_whole(
    quote: str, text: str, differs: list[tuple[str, str, str]]
) -> None:
    assert changes(quote, text) == differs


@pytest.mark.parametrize(
    ("quote", "text", "stands"),
    [
        (
            "The dock at Kallo was closed in 1984",
            "# The dock at Kallo\n\nThe dock at Kallo was closed in 1974.",
            "The dock at Kallo was closed in 1974",
        ),
        (
            "It was shut in 1984 by order",
            "shut in 1974 by order\r\n\r\nby",
            "shut in 1974 by order",
        ),
        (
            "he left the town at dawn",
            "left the town by night\n\nyesterday everybody’s dawn",
            "left the town by night",
        ),
        ("Sad news: he left by ship", "Bad news\n\nHe left by ship", "Bad news\n\nHe left by ship"),
    ],
)
def test_the_nearest_stretch_is_no_longer_than_it_needs_to_be(
    quote: str, text: str, stands: str
) -> None:
    stretch = nearest(quote, text)
    assert stretch is not None
    assert stretch.chars.of(text) == stands


def test_words_with_combining_marks_stay_whole() -> None:
    text = "नमस्ते दुनिया।"
    assert changes("नमस्ते संसार।", text) == [("replaced", "संसार", "दुनिया")]


# ---- hostile text --------------------------------------------------------------------------------

HOSTILE = [
    ("a " * 2400 + "b", "a " * 60_000),
    ("aa" * 2400 + " a", "a" * 120_000),
    ("na na", "nana na na " * 10_000),
    ("](" * 2000, "](" * 50_000),
    ("[" * 2000, "[" * 80_000),
    ("e\u0301" * 1000, "e" + "\u0301" * 80_000),
    ("\\" * 2000, "\\" * 80_000),
    ("\n>" * 1000, "\n>" * 40_000),
    (". " * 1000, ". " * 40_000),
    ("²" * 1000, "²" * 80_000),
    ("₁" * 1000, "₁" * 80_000),
    ("a b" * 1000 + "c", "a\n\n" * 40_000),
    ("é" * 4000 + "ａ", "é" * 80_000 + "ａ"),
]


@pytest.mark.parametrize(("quote", "text"), HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_repetition_costs_linear_time(quote: str, text: str) -> None:
    with at_most(20):  # where quadratic would be minutes
        find_alike(quote, text)
        occurrences(quote, text, whole_words=True)
        nearest(quote, text)


def test_ten_thousand_words_are_aligned_in_a_long_text() -> None:
    words = [f"w{number % 5000}" for number in range(60_000)]
    with at_most(20):
        stretch = nearest(" ".join(words[30_000:40_000]) + " end", " ".join(words))
    assert stretch is not None
    assert stretch.likeness > 0.99
