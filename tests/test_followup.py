"""The question that is searched for a follow-up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answer.followup import LONGEST_QUESTION, carried_over
from bench.followup import cases, false_carry_overs

KILLED = "How many soldiers were killed at Zelenopillya?"


def test_a_place_is_carried_over_to_a_question_that_counts_nothing() -> None:
    assert (
        carried_over("and how many were hurt?", [KILLED]) == "How many were hurt at Zelenopillya?"
    )


@pytest.mark.parametrize(
    ("before", "question", "searched"),
    [
        ("Who was Dmitry Peskov?", "When was he born?", "When was Dmitry Peskov born?"),
        ("How did Angela Merkel react?", "What did she say?", "What did Angela Merkel say?"),
        ("What is the D-30?", "How far can it fire?", "How far can the D-30 fire?"),
        ("Who founded Baykar?", "When did he die?", "When did the one who founded Baykar die?"),
        ("What is Baykar?", "Who are its customers?", "Who are Baykar’s customers?"),
        (KILLED, "Who killed them?", "Who killed the soldiers at Zelenopillya?"),
        (KILLED, "When did it happen?", "When did it happen at Zelenopillya?"),
        (KILLED, "Where is that?", "Where is Zelenopillya?"),
        ("What is the Arms Trade Treaty?", "Has Ukraine ratified it?",
         "Has Ukraine ratified the Arms Trade Treaty?"),
    ],
)  # fmt: skip
def test_a_pronoun_becomes_what_it_means(before: str, question: str, searched: str) -> None:
    assert carried_over(question, [before]) == searched


@pytest.mark.parametrize(
    ("before", "question", "searched"),
    [
        ("When did Russia join the MTCR?", "What about Turkey?", "When did Turkey join the MTCR?"),
        ("How did Germany react?", "And France?", "How did France react?"),
        ("Who ordered drones in 2019?", "And in 2021?", "Who ordered drones in 2021?"),
        ("Who ordered drones?", "And in 2021?", "Who ordered drones in 2021?"),
        ("Where were troops in the spring of 2021?", "And in the autumn?",
         "Where were troops in the autumn of 2021?"),
        ("When did the first agreement fail?", "And the second?",
         "When did the second agreement fail?"),
        ("What happened at Hranitne?", "And in Shumy?", "What happened in Shumy?"),
    ],
)  # fmt: skip
def test_a_fragment_takes_its_place_in_the_question_before(
    before: str, question: str, searched: str
) -> None:
    assert carried_over(question, [before]) == searched


@pytest.mark.parametrize(
    ("before", "searched"),
    [
        (KILLED, "Why were soldiers killed at Zelenopillya?"),
        ("When did Turkey sell drones?", "Why did Turkey sell drones?"),
        ("Is Turkey selling drones?", "Why is Turkey selling drones?"),
        ("What happened near Hranitne?", "Why? What happened near Hranitne?"),
    ],
)
def test_why_alone_asks_why_of_the_question_before(before: str, searched: str) -> None:
    assert carried_over("Why?", [before]) == searched


@pytest.mark.parametrize(
    ("before", "question", "searched"),
    [
        (KILLED, "Were drones seen before that attack?",
         "Were drones seen before that attack at Zelenopillya?"),
        ("What is the Akıncı?", "Who makes that drone?", "Who makes that drone — the Akıncı?"),
        ("What is Baykar?", "Who founded the company?", "Who founded the company — Baykar?"),
        (KILLED, "What happened there?", "What happened at Zelenopillya?"),
    ],
)  # fmt: skip
def test_that_attack_is_told_apart_from_others(before: str, question: str, searched: str) -> None:
    assert carried_over(question, [before]) == searched


def test_it_is_the_event_where_two_names_took_part_in_it() -> None:
    searched = carried_over("Has Russia condemned it?", ["Is Turkey selling drones to Ukraine?"])
    assert searched == "Has Russia condemned it — Turkey selling drones to Ukraine?"


def test_a_third_question_leans_on_the_first_through_the_second() -> None:
    asked = ["What is the MTCR?", "Who founded it?"]
    assert carried_over("And when?", asked) == "When? Who founded the MTCR?"
    asked = [KILLED, "and how many were hurt?"]
    assert carried_over("Who did it?", asked) == "Who did it at Zelenopillya?"


def test_a_new_subject_is_what_later_questions_lean_on() -> None:
    asked = [KILLED, "What is the Montreux Convention?"]
    assert carried_over("When was it signed?", asked) == "When was the Montreux Convention signed?"


@pytest.mark.parametrize(
    "question",
    [
        "What is the Montreux Convention?",
        "And what is the Montreux Convention?",
        "What did Turkey do with its submarines?",
        "What does NATO stand for and when was it founded?",
        "Who said that Turkey sold the drones?",
        "Is it legal to sell armed drones?",
        "What time is it?",
        "How do drones find their targets?",
        "Who put their name to the first Minsk agreement?",
        "When did Toyota say it would close its plant?",
        "Is there a treaty on drone exports?",
        "How many people live in Kyiv?",
        "How does the stock market work?",
        "Who sells these drones?",
        "Wann wurde er geboren?",
        "Коли він народився?",
        "¿Y por qué?",
        "Thanks!",
        "and?",
        "???",
        "",
    ],
)
def test_a_question_that_stands_by_itself_is_searched_as_it_is(question: str) -> None:
    assert carried_over(question, [KILLED]) == question


PERSON = "Who was Dmitry Peskov?"
EXPLOSION = "How many people died in the Beirut explosion?"


@pytest.mark.parametrize(
    ("before", "question"),
    [
        (KILLED, "How many people were killed on 9/11?"),
        (KILLED, "How many people were killed in the tsunami?"),
        (KILLED, "How many were killed by the tsunami of 2004?"),
        (KILLED, "How many people have died of covid?"),
        (KILLED, "and how many people died of covid?"),
        (KILLED, "how many people were vaccinated last year?"),
        (KILLED, "how many children were born in 2020?"),
        (KILLED, "how many women were elected to parliament?"),
        (KILLED, "And what about Brexit?"),
        (KILLED, "And Ukraine?"),
        (KILLED, "What about the weather?"),
        (KILLED, "who said that?"),
        (KILLED, "Who said it?"),
        (KILLED, "And who said that the war was over?"),
        (KILLED, "What did they find at the site of the plane crash in Egypt?"),
        (PERSON, "who said that?"),
        (PERSON, "How much does it cost to build a bridge?"),
        (PERSON, "What did they find at the site of the plane crash in Egypt?"),
        (PERSON, "Is the earth flat"),
        (PERSON, "But is the earth flat?"),
        (PERSON, "Who said that the war was over?"),
        (PERSON, "Who won the election?"),
        (PERSON, "When was the treaty signed?"),
        (PERSON, "What did they say?"),
        (EXPLOSION, "is he guilty?"),
        (EXPLOSION, "Who is he?"),
        ("What is Baykar?", "When was he born?"),
        ("When did Germany invade Poland?", "Was he right?"),
        ("Is Joe Biden meeting Vladimir Putin?", "Is he well?"),
        ("Who signed the Minsk Protocol?", "When did they sign it?"),
    ],
)
def test_a_subject_of_another_kind_is_not_carried_over(before: str, question: str) -> None:
    assert carried_over(question, [before]) == question


@pytest.mark.parametrize(
    ("before", "question", "searched"),
    [
        (PERSON, "Has he met Angela Merkel?", "Has Dmitry Peskov met Angela Merkel?"),
        (PERSON, "And Putin?", "Who was Putin?"),
        (KILLED, "How many died in that attack?", "How many died in that attack at Zelenopillya?"),
        (KILLED, "How many people were killed?", "How many people were killed at Zelenopillya?"),
        (KILLED, "Who were they?", "Who were the soldiers at Zelenopillya?"),
        ("What is Baykar?", "Who are their customers?", "Who are Baykar’s customers?"),
        ("What happened near Mount Everest?", "How many were hurt?",
         "How many were hurt near Mount Everest?"),
    ],
)  # fmt: skip
def test_one_of_the_same_kind_is(before: str, question: str, searched: str) -> None:
    assert carried_over(question, [before]) == searched


def test_no_case_of_the_bench_that_stands_by_itself_is_changed() -> None:
    assert false_carry_overs() == ()
    assert all(case.searched() != case.question for case in cases() if case.full)


def test_the_first_question_is_searched_as_it_is() -> None:
    assert carried_over("And when was he born?", []) == "And when was he born?"


def test_a_question_that_would_grow_too_long_stays_as_it_is() -> None:
    before = f"What is {'Long ' * 390}Island?"
    question = f"Where is it {'really ' * 20}?"
    assert carried_over(question, [before]) == question


PIECES = st.lists(
    st.sampled_from(
        "and but what about how many who why when it he them that these the a there in at of 2015 "
        "2021 spring Turkey NATO D-30 Minsk agreement attack were was did is ? ! … — ' ’s İ ß 他 \n"
        .split(" ")
    ) | st.text(max_size=5),
    max_size=14,
).map(" ".join)  # fmt: skip


@given(PIECES, st.lists(PIECES, max_size=10))
def test_any_questions_give_a_bounded_one(question: str, previous: list[str]) -> None:
    searched = carried_over(question, previous)
    assert len(searched) <= max(LONGEST_QUESTION, len(question))
    assert carried_over(question, []) == question
    assert bool(searched.strip()) == bool(question.strip())


@pytest.mark.parametrize(
    "piece", ["and ", "the ", "A ", "how many ", "it ", "? ", "who did ", "of A "]
)
def test_endless_questions_cost_no_time(piece: str) -> None:
    long = piece * (LONGEST_QUESTION // len(piece))
    assert len(carried_over(long, [long] * 20)) <= LONGEST_QUESTION
    carried_over(piece * 100_000, [piece * 100_000])
