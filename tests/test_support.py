"""How likely it is that a corpus answers: properties of the score, with the deterministic embedder."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from answer.support import ALIKE, FAR, Asked, Signs, aligned, asked, matched, signs
from index.embed import HashedEmbedder, Tokens
from index.words import content_terms, terms

MOST = 5.0
SHARES = st.floats(min_value=0.0, max_value=1.0)
WORDS = st.lists(
    st.sampled_from("harbour bridge storm pilot treaty budget minister convoy".split()), min_size=1
)


def read(question: str, sentences: Sequence[str], title: str = "", weight: float = 4.0) -> Signs:
    """The signs of the first of a passage's sentences, where all words weigh the same."""
    rows, tokens = HashedEmbedder().read([question, *sentences])
    weights = dict.fromkeys(content_terms(question), weight)
    held = set(terms(sentences[0]))
    words = asked(question, tokens[0], weights, MOST)
    written = {term for text in (*sentences, title) for term in terms(text)}
    return signs(
        words,
        aligned(words, matched(words, tokens[1:], written), set(terms(title))),
        coverage=sum(term in held for term in weights) / len(weights),
        cosine=float(rows[0] @ rows[1]),
    )


def alone(words: Asked, tokens: Tokens, written: set[str]) -> float:
    """How well the words are matched by one sentence without a title."""
    return aligned(words, matched(words, [tokens], written), set())


@given(SHARES, SHARES, SHARES, SHARES)
def test_support_is_a_chance_and_rises_with_each_sign(
    aligned: float, coverage: float, cosine: float, more: float
) -> None:
    here = Signs(aligned, coverage, cosine).support
    assert 0 < here < 1
    assert Signs(aligned + more, coverage, cosine).support >= here
    assert Signs(aligned, coverage + more, cosine).support >= here
    assert Signs(aligned, coverage, cosine + more).support >= here


@given(WORDS, WORDS)
def test_a_sentence_with_more_of_the_question_supports_it_more(
    common: list[str], others: list[str]
) -> None:
    question, some = (" ".join(dict.fromkeys(words)) for words in (common + others, common))
    assert read(question, [question]).support >= read(question, [some]).support - 1e-9


def test_the_answer_gone_is_told_from_the_answer_there() -> None:
    question = "When did the harbour master close the iron bridge?"
    there = read(question, ["The harbour master did close the iron bridge in June 2014."])
    gone = read(question, ["The harbour master was born in a village in June 1954."])
    assert there.support > 0.9
    assert gone.support < 0.2


def test_case_and_white_space_of_a_question_make_no_difference() -> None:
    sentence = "The convoy crossed the iron bridge at dawn."
    plain = read("Which convoy crossed the bridge?", [sentence])
    assert read("  which CONVOY\n crossed   the bridge ? ", [sentence]) == plain


@pytest.mark.parametrize("times", [2, 4])
def test_twice_the_words_with_the_same_share_matched_change_little(times: int) -> None:
    matched = ["convoy", "bridge", "minister", "treaty", "budget", "pilot", "storm", "harbour"]
    missing = ["sourdough", "ethanol", "quasar", "glacier", "violin", "ostrich", "cactus", "yeast"]
    short = read(" ".join(matched[:2] + missing[:2]), [" ".join(matched[:2])])
    long = read(
        " ".join(matched[: 2 * times] + missing[: 2 * times]), [" ".join(matched[: 2 * times])]
    )
    assert abs(long.aligned - short.aligned) < 0.06
    assert abs(long.coverage - short.coverage) < 0.06


def test_the_unit_of_the_weights_makes_no_difference() -> None:
    question, sentence = "Which convoy crossed the bridge?", "A convoy left the harbour."
    _, (tokens, other) = HashedEmbedder().read([question, sentence])
    words = content_terms(question)
    units = [asked(question, tokens, dict.fromkeys(words, u), 1.5 * u) for u in (1.0, 10.0)]
    one, ten = (
        signs(words, alone(words, other, set(terms(sentence))), coverage=0.5, cosine=0.4)
        for words in units
    )
    assert one.aligned == pytest.approx(ten.aligned)
    assert one.coverage == pytest.approx(ten.coverage)


def test_a_name_spelled_a_little_differently_is_nearly_the_same() -> None:
    names = ("Zelenopillya", "Zelenopilya", "Luhansk")
    rightly, wrongly, other = (
        read(f"march {name}", ["The march on Zelenopillya."]).aligned for name in names
    )
    assert rightly > wrongly > other


def test_what_the_title_says_counts_less_than_what_only_the_question_says() -> None:
    question = "convoy bridge"
    in_title = read(question, ["A bridge stands."], title="Convoy").aligned
    assert in_title > read(question, ["A bridge stands."]).aligned
    elsewhere = read("convoy bridge", ["A convoy leaves."], title="Convoy").aligned
    assert elsewhere < read("convoy bridge", ["A convoy leaves."]).aligned


def test_another_sentence_of_the_same_passage_may_hold_a_word() -> None:
    question = "convoy bridge"
    alone = read(question, ["The bridge fell."])
    assert read(question, ["The bridge fell.", "The convoy was late."]).aligned > alone.aligned


def test_a_cosine_that_is_far_says_no_more_than_none() -> None:
    assert signs_of(cosine=-0.2) == signs_of(cosine=FAR) != signs_of(cosine=0.6)


def signs_of(cosine: float) -> Signs:
    _, (tokens,) = HashedEmbedder().read(["convoy"])
    words = asked("convoy", tokens, {"convoy": 1.0}, 1.0)
    return signs(words, alone(words, tokens, {"convoy"}), coverage=1.0, cosine=cosine)


def test_words_behind_what_the_model_reads_are_matched_by_spelling_alone() -> None:
    _, (first,) = HashedEmbedder().read(["convoy"])
    words = asked("convoy bridge", first, {"convoy": 1.0, "bridg": 1.0}, 0.0)
    assert words.rows.shape == (2, HashedEmbedder.dimension)
    assert np.count_nonzero(words.rows[1]) == 0
    assert alone(words, first, {"convoy", "bridg"}) == pytest.approx((1 + ALIKE) / 2)


@pytest.mark.timeout(60)
def test_two_thousand_words_that_are_nowhere_are_no_burden() -> None:
    question = " ".join(f"word{at}x{at}" for at in range(2_000))
    sentence = " ".join(f"sentence{at}y{at}" for at in range(2_000))
    assert read(question, [sentence]).coverage == 0


def test_a_question_without_any_weighted_word_has_no_support() -> None:
    _, (tokens,) = HashedEmbedder().read(["?!"])
    words = asked("?!", tokens, {}, MOST)
    assert alone(words, tokens, set()) == 0
    assert signs(words, 0.0, coverage=0.0, cosine=0.0).support < 0.01
