"""What a terminal is sent: drawn from the contract's objects, whatever text they hold."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console, RenderableType

from web.report import (
    answers_text,
    changes_text,
    check_text,
    review_text,
    verification_text,
    verifications_text,
)
from web.terminal import (
    answer_panels,
    answer_text,
    clean,
    figures_text,
    json_text,
    line,
    passages_panels,
    passages_text,
)

Reply = dict[str, Any]

HOSTILE = (
    "\x1b[2Jred \x1b[31mink\x1b[0m\x1b]0;owned\x07 \x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\ "
    "\x9b31m\x90q\x9c\x08\x00\x7f \u202eright\u202c \u2066left\u2069 \r\x0b\x0c\x85\u2028\u2029 \ud800 "
    "[bold]markup[/bold] [1] 日本 שלום 👩‍👩‍👧"
)
FORBIDDEN = {*map(chr, (*range(9), *range(0xB, 0x20), *range(0x7F, 0xA0)))}
FORBIDDEN |= {*map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xD800))}

CHANGES = [{"kind": kind, "said": "an old", "found": "a new"} for kind in ("same", "replaced")]
CITED = {
    "number": 1, "claim": [0, 5], "quote": "It sank.", "verdict": "partly", "speaker": "Peskov",
    "direct": True, "path": "a.md", "article_sha256": "f" * 64, "chars": [5, 13], "bytes": [5, 13],
    "title": "A title", "publisher": "A paper", "published": "2021", "url": "https://a.example/",
    "part": 0, "prefix": "", "suffix": "",
}  # fmt: skip
NEAR = {"title": "T", "publisher": "P", "path": "a.md", "changes": CHANGES}
FINDING = {"kind": "figure", "said": "five", "agrees": False, "instead": "nine"}
HIT = {"title": "T", "path": "a.md", "chars": [0, 9], "text": "Nine ships sank."}
ANSWER = {
    "outcome": "answered", "text": "It sank. [1] Nobody saw it.", "searched": "And the ship?",
    "note": "The model is down.", "record": "ab" * 32, "citations": [CITED], "passages": [HIT],
    "statements": [{"claim": [0, 8], "verdict": "partly", "findings": [FINDING]},
                   {"claim": [13, 27], "verdict": "unsupported", "findings": []}],
    "sources": [{"articles": [{}, {}], "citations": [1]}],
    "differences": [{"about": "km", "readings": [
        {"said": "9 km", "citation": 1, "publisher": "A paper", "published": None}]}],
}  # fmt: skip
CHECK = {
    "quote": "an old", "verdict": "altered", "article": None, "articles": 9, "more": True,
    "places": [CITED], "nearest": NEAR, "note": "Words are left out.",
}  # fmt: skip
REVIEW = {
    "sentences": [
        {"sentence": "It sank.", "verdict": "contradicted", "findings": [FINDING],
         "quotes": [CHECK], "support": [CITED], "against": [CITED]},
        {"sentence": "Why?", "verdict": "nothing_to_check", "findings": [], "quotes": [],
         "support": [], "against": []},
    ]
}  # fmt: skip
BECAME = [
    {"state": state, "line": f"[1] {state}, a.md", "quote": "It sank.",
     "now": {"chars": [7, 15]} if state == "moved" else None}
    for state in ("intact", "moved", "altered", "gone")
]  # fmt: skip
VERIFICATION = {
    "record": "ab" * 32, "state": "gone", "exit_code": 6, "same_corpus": False,
    "summary": "abab gone: “Why?”", "citations": BECAME,
}  # fmt: skip
ROW = {
    "hash": "ab" * 32, "question": "Why?", "outcome": "not_in_corpus",
    "last_asked": "2026-11-23T10:00:00Z", "verification": VERIFICATION,
}  # fmt: skip
EVALUATION = {"questions": 3, "right": None, "wrong": [{"id": "1", "question": "Why?"}]}

Drawn = Callable[[Any], str]


def _in_terminal(panels: Callable[[Reply], Iterable[RenderableType]]) -> Drawn:
    def drawn(reply: Reply) -> str:
        sent = io.StringIO()
        console = Console(file=sent, force_terminal=False, width=200, highlight=False)
        console.print(*panels(reply), sep="\n")
        return sent.getvalue()

    return drawn


PASSAGES = {"passages": [HIT]}
REPORTS: dict[str, tuple[Drawn, Any]] = {
    "answer": (answer_text, ANSWER),
    "answer panels": (_in_terminal(answer_panels), ANSWER),
    "failed answer": (_in_terminal(answer_panels), ANSWER | {"outcome": "writer_failed"}),
    "passages": (passages_text, PASSAGES),
    "passages panels": (_in_terminal(passages_panels), PASSAGES),
    "check": (check_text, CHECK),
    "changes": (changes_text, CHANGES),
    "review": (review_text, REVIEW),
    "verification": (verification_text, VERIFICATION),
    "verifications": (verifications_text, {"records": [VERIFICATION]}),
    "answers": (answers_text, {"answers": [ROW]}),
    "evaluation": (figures_text, EVALUATION),
}
# Words that decide what is drawn come from Pincite itself, never from an article.
OWN_WORDS = ("verdict", "kind", "outcome", "state", "hash", "record", "last_asked")


def poisoned(told: Any, text: str, name: str = "") -> Any:
    """The same object with a text in place of every text that an article or a model may say."""
    if isinstance(told, dict):
        return {key: poisoned(value, text, key) for key, value in told.items()}
    if isinstance(told, list):
        return [poisoned(value, text, name) for value in told]
    return text if isinstance(told, str) and name not in OWN_WORDS else told


@pytest.mark.parametrize("name", REPORTS)
def test_no_control_character_reaches_a_terminal(name: str) -> None:
    drawn, reply = REPORTS[name]
    sent = drawn(poisoned(reply, HOSTILE))
    assert not FORBIDDEN & set(sent)
    assert "owned" not in sent
    assert "evil.example" not in sent


@pytest.mark.parametrize("name", REPORTS)
@given(text=st.text(st.characters()) | st.text(st.sampled_from("\x1b[]0;\x07\x9b\x9c\\Pm a\r\n")))
def test_whatever_an_article_says_no_control_character_reaches_a_terminal(
    name: str, text: str
) -> None:
    drawn, reply = REPORTS[name]
    assert not FORBIDDEN & set(drawn(poisoned(reply, text)))


@given(st.text(st.characters()) | st.text(st.sampled_from("\x1b[]0;\x07\x9b\x9c\\Pm a\r\n")))
def test_cleaned_text_stays_as_it_is(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert line(line(text)) == line(text)
    assert "\n" not in line(text)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_json_escapes_what_a_terminal_would_obey_and_says_the_same(text: str) -> None:
    said = json_text({"text": text})
    assert not (FORBIDDEN - {"\n"}) & set(said)
    assert json.loads(said) == {"text": text}


def test_a_long_escape_sequence_is_cleaned_in_no_time() -> None:
    for text in ("\x1b[" * 200_000, "\x1b]" * 200_000, "\x1b" * 400_000, "\x9b" * 400_000):
        assert not FORBIDDEN & set(clean(text))


def test_markup_of_rich_is_words() -> None:
    sent = _in_terminal(answer_panels)(poisoned(ANSWER, "[red]x[/red] [/] [link=a]b"))
    assert "[red]x[/red] [/] [link=a]b" in sent


def test_an_answer_shows_what_its_reader_has_to_know() -> None:
    for drawn in (answer_text, _in_terminal(answer_panels)):
        sent = drawn(ANSWER)
        for said in (
            "Searched: And the ship?",
            "The model is down.",
            "Partly supported: It sank. (“five” stands as “nine”)",
            "Not supported: Nobody saw it.",
            "The sources differ on this: “9 km” [1] (A paper, undated).",
            "2 articles, 1 independent source.",
            "Peskov, quoted in A title, A paper, 2021 · a.md, characters 5-13 · https://a.example/",
            "Kept as abababababab: pincite verify abababababab, pincite export abababababab",
        ):
            assert said in sent
        assert "nearest" not in sent


def test_a_speaker_who_is_reported_is_not_said_to_be_quoted() -> None:
    told = ANSWER | {"citations": [CITED | {"direct": False}]}
    assert "Peskov, as reported in A title" in answer_text(told)


def test_dates_are_told_where_there_is_more_than_one() -> None:
    later = CITED | {"number": 2, "published": "2021-03-05"}
    told = answer_text(ANSWER | {"citations": [later, CITED]})
    assert "Published: 2021 [1], 2021-03-05 [2]; as of 2021-03-05." in told
    assert "Published" not in answer_text(ANSWER)


def test_where_nothing_is_cited_the_nearest_passages_follow() -> None:
    for outcome, title in (
        ("not_in_corpus", "Not in this corpus"),
        ("writer_failed", "What the model wrote, which the articles do not support"),
    ):
        told = ANSWER | {"outcome": outcome, "citations": [], "sources": [], "differences": []}
        assert "The nearest passages, which do not answer it:" in answer_text(told)
        sent = _in_terminal(answer_panels)(told)
        assert f"─ {title} ─" in sent
        assert "Nine ships sank." in sent


def test_a_check_says_how_many_places_are_shown() -> None:
    assert "In at least 9 articles; this shows 1." in check_text(CHECK)
    assert "this shows" not in check_text(CHECK | {"articles": 1, "more": False})


def test_a_review_tells_both_sides_apart_and_counts() -> None:
    sent = review_text(REVIEW)
    assert "CONTRADICTED: It sank.\n  “five” does not stand there, but “nine”\n" in sent
    assert sent.index("  against it:") > sent.index("Peskov, quoted in")
    assert sent.endswith("-: Why?\n2 sentences: 1 contradicted, 1 nothing to check.")


def test_a_verification_says_where_words_went_and_which_are_gone() -> None:
    sent = verification_text(VERIFICATION)
    assert "  [1] moved, a.md (now characters 7-15)\n" in sent
    assert sent.count("    “It sank.”") == 2
    assert sent.endswith("This corpus is not as it was when the question was asked.")


def test_many_verifications_are_counted_and_show_only_what_has_changed() -> None:
    good = VERIFICATION | {"state": "intact", "exit_code": 0, "summary": "cdcd intact: “Who?”"}
    sent = verifications_text({"records": [good, VERIFICATION]}).splitlines()
    assert sent[:2] == ["cdcd intact: “Who?”", "abab gone: “Why?”"]
    assert not any("[1] intact" in row for row in sent)
    assert sent[-1] == "2 kept answers: 1 intact, 1 gone."
    assert verifications_text({"records": []}) == "No answers are kept yet."
