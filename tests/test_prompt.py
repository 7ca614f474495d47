"""What a model is shown: a copy that cannot imitate the prompt, cut to its context."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from answer.llm.prompt import (
    answer_prompt,
    condense_prompt,
    inert,
    numbered,
    tokens,
)
from index.search import Hit
from ingest.article import Article
from ingest.read import decode_article
from ingest.split import split
from tests.conftest import UGLY


def read(text: str, path: str = "a.md") -> tuple[Article, list[Hit]]:
    article = decode_article(path, f"Title\n\nA word.\n\n{text}".replace("\0", "").encode())
    return article, [Hit(passage, 0.03, 1, 1, cosine=0.6) for passage in split(article)]


@given(UGLY.map("".join))
def test_a_number_stands_for_the_words_of_the_article(text: str) -> None:
    article, hits = read(text)
    for one in numbered(hits):
        assert one.chars.of(article.text) == one.text
        assert hits[one.number[0] - 1] == one.hit


@given(st.text())
def test_no_text_keeps_what_a_prompt_is_made_of(text: str) -> None:
    assert not set(inert(text)) & set("[]<>\n\r\u2028\u202e【】")
    inert(text).encode("utf-8")


@given(UGLY.map("".join), st.integers(512, 5000))
def test_a_prompt_fits_and_shows_each_sentence_under_its_own_number(
    text: str, context: int
) -> None:
    article, hits = read(text)
    known = numbered(hits)
    prompt = answer_prompt("What [1.1] is it?", known, lambda _: article, context=context)
    found = re.findall(r"^\[(\d+)\.(\d+)\] ", prompt.user, re.MULTILINE)
    assert [(int(a), int(b)) for a, b in found] == list(prompt.shown)
    assert tokens(prompt.system + prompt.user) <= context + len(prompt.shown) + 32
    assert prompt.left_out == len(known) - len(prompt.shown)


def test_the_first_sentences_stay_where_not_all_fit() -> None:
    _, hits = read(
        "\n\n".join(f"Boat {n} left the harbour of Kallo in the rain." for n in range(300))
    )
    prompt = answer_prompt("Which boat?", numbered(hits), lambda _: None, context=1000)
    assert list(prompt.shown) == [one.number for one in numbered(hits)[: len(prompt.shown)]]
    assert prompt.left_out > 0


def test_one_sentence_too_long_for_the_context_is_left_out_alone() -> None:
    _, hits = read(
        "Short one.\n\n" + "long " * 380 + ".\n\nAnother short one that stands behind it."
    )
    prompt = answer_prompt("What?", numbered(hits), lambda _: None, context=700)
    assert [one.text for one in prompt.shown.values()][-1].startswith("Another short one")


def test_a_follow_up_is_asked_with_the_last_few_questions_only() -> None:
    _, user = condense_prompt("And it?", [f"What is <{n}>? " + "x" * 5000 for n in range(50)])
    assert len(user) < 2_000
    assert "What is ‹49›?" in user
    assert "What is ‹3›?" not in user
