"""What kind of answer a question asks for."""

from __future__ import annotations

import pytest

from answer.expect import expect


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What does a Bayraktar TB2 cost?", "money"),
        ("How much did Ukraine pay for the drones?", "money"),
        ("How many soldiers were killed?", "number"),
        ("How long did the war last?", "extent"),
        ("When was the treaty signed?", "time"),
        ("In what year did it begin?", "time"),
        ("Who founded Baykar?", "name"),
        ("Where did the strike happen?", "place"),
        ("Why did Ankara build drones?", "reason"),
        ("What is a loitering munition?", "any"),
        ("What happened when the ship arrived?", "any"),
        ("Скільки безпілотників замовили?", "any"),
    ],
)
def test_a_question_asks_for_a_kind(question: str, kind: str) -> None:
    assert expect(question).kind == kind


def test_a_figure_of_the_question_itself_is_no_answer() -> None:
    assert expect("How many of 40 rockets fell in 2014?").fit("The 40 rockets fell in 2014.") == 0


def test_top_dollar_is_not_an_amount() -> None:
    assert expect("What does a tank cost?").fit("It destroyed top-dollar tanks.") == 0


@pytest.mark.parametrize("amount", ["$5 million", "five million dollars", "69 million USD", "3 ₴"])
def test_an_amount_of_money_is_seen(amount: str) -> None:
    assert expect("What does it cost?").fit(f"It was sold for {amount}.") == 1


def test_a_hyphenated_duration_is_a_duration() -> None:
    assert expect("How long was the war?").fit("During the 44-day war, drones flew.") == 1


def test_two_men_are_no_duration() -> None:
    assert expect("How long was the war?").fit("The two men disagreed.") == 0


def test_a_vague_time_is_worth_less_than_a_date() -> None:
    question = "When did it fall?"
    vague, clear = "It fell after the siege.", "It fell on 8 November 2020."
    assert 0 < expect(question).fit(vague) < expect(question).fit(clear)
