"""Who says a cited sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answer.speaker import Speaker, speaker_of
from answer.speaker.speech import quotations
from bench.floors import missed
from bench.speaker import measure
from ingest.article import Article, Span
from ingest.read import decode_article
from ingest.split import split
from tests.clock import at_most
from tests.conftest import UGLY

HEAD = "Harbour news\n\n"


def article(text: str) -> Article:
    return decode_article("a.md", f"{HEAD}{text}\n".encode())


def says(text: str, sentence: str | None = None) -> str | None:
    """The name shown for a sentence of the text (the whole of it where none is given)."""
    sentence = text if sentence is None else sentence
    start = len(HEAD) + text.rindex(sentence)
    found = speaker_of(article(text), Span(start, start + len(sentence)))
    return found.name if found else None


@pytest.mark.parametrize(
    "text",
    [
        "“The quay is closed,” said Ann Lee.",
        "“The quay is closed,” Ann Lee told Reuters on Friday.",
        "Ann Lee said: “The quay is closed.”",
        "Speaking on Friday, Ann Lee said, “The quay is closed.”",
        '"The quay is closed," said Mayor Ann Lee.',
        "«The quay is closed», said Ann Lee.",
        "„The quay is closed“, said Ann Lee.",
        "‘The quay isn’t open,’ said Ann Lee.",
        "“The quay is closed,” said the mayor, Ann Lee.",
        "“The quay is closed,” Ann Lee, the mayor, said.",
        "“The quay is closed,” according to Ann Lee.",
        "“The quay is closed.” — Ann Lee",
        "“He said ‘closed’ to me,” said Ann Lee.",
    ],
)
def test_a_quotation_is_said_by_whom_the_text_names(text: str) -> None:
    assert says(text) == "Ann Lee"


def test_direct_speech_and_reported_speech_are_told_apart() -> None:
    direct, reported = "“It is closed,” said Ann Lee.", "Ann Lee said that it was closed."
    for text, is_direct in ((direct, True), (reported, False)):
        found = speaker_of(article(text), Span(len(HEAD), len(HEAD) + len(text)))
        assert found is not None
        assert found.direct is is_direct


def test_the_name_is_cut_out_of_the_article() -> None:
    text = "“It is closed,” said Ann Lee, who runs the quay."
    found = speaker_of(article(text), Span(len(HEAD), len(HEAD) + len(text)))
    assert found == Speaker("Ann Lee", Span(len(HEAD) + 21, len(HEAD) + 28), direct=True)


def test_a_surname_is_shown_as_the_one_full_name_that_introduced_it() -> None:
    assert says("Ann Lee came late. “I was ill,” Lee said.", "“I was ill,” Lee said.") == "Ann Lee"


def test_a_surname_of_two_people_stays_a_surname() -> None:
    text = "Ann Lee came with Bo Lee. “I was ill,” Lee said."
    assert says(text, "“I was ill,” Lee said.") == "Lee"


def test_a_country_does_not_become_a_longer_name() -> None:
    text = "Ukraine has changed. A group named Free Ukraine met. Ukraine said that it was ready."
    assert says(text, "Ukraine said that it was ready.") == "Ukraine"


def test_every_sentence_of_one_quotation_has_its_speaker() -> None:
    text = "“The quay is closed. The ferry is sold. We are sorry,” Ann Lee said. “It rains.”"
    for sentence in ("The ferry is sold.", "“It rains.”", "“The quay is closed."):
        assert says(text, sentence) == "Ann Lee"


def test_a_quotation_goes_on_in_the_next_paragraph_where_its_mark_is_repeated() -> None:
    text = "“The quay is closed,” said Ann Lee. “It is old.\n\n“We want a new one.”"
    assert says(text, "“We want a new one.”") == "Ann Lee"


def test_a_new_paragraph_with_a_new_quotation_has_no_speaker() -> None:
    text = "“The quay is closed,” said Ann Lee.\n\n“We want a new one.”"
    assert says(text, "“We want a new one.”") is None


def test_a_block_quotation_is_said_by_whom_the_line_above_names() -> None:
    text = "Ann Lee wrote:\n\n> The quay is closed.\n"
    assert says(text, "The quay is closed.") == "Ann Lee"


def test_he_is_the_last_speaker() -> None:
    text = "Per Holm said the dam would hold. “I saw it,” he said."
    assert says(text, "“I saw it,” he said.") == "Per Holm"


@pytest.mark.parametrize(
    "text",
    [
        "Per Holm built the dam. “I saw it,” he said.",
        "Per Holm said the dam would hold. Bo Dahl left. “I saw it,” he said.",
        "Spokeswoman Ida Berg said the dam would hold. “I saw it,” he said.",
        "Per Holm said the dam would hold. She agreed that it would. “I saw it,” he said.",
        "“I saw it,” he said.",
    ],
)
def test_he_is_nobody_where_it_could_be_another(text: str) -> None:
    assert says(text, "“I saw it,” he said.") is None


@pytest.mark.parametrize(
    "text",
    [
        "The so-called “smart munition” weighs 22 kilograms.",
        "The film “The Long Way Down to the Sea” won a prize.",
        "Ann Lee opened the quay in May.",
        "Ann Lee did not say that the quay was closed.",
        "Nobody said that the quay was closed.",
        "If Ann Lee says that the quay is closed, it is.",
        "Who said that the quay was closed?",
        "It is said that the quay is haunted.",
        "The quay, which Ann Lee said was safe, fell down.",
        "“It is closed,” the paper quoted Ann Lee as saying.",
        "The United States signed in 2013 and announced in 2019 that it would leave.",
        "“The quay is closed,” said Ann Lee, quoting Bo Dahl.",
        "Reuters reported, citing Bo Dahl: “The quay is closed.”",
        "Ann Lee denied that “the quay is closed for good”.",
        "“The quay is closed for good,” Ann Lee would say.",
        "Ann Lee, Bo Dahl, and Per Holm said that the quay was closed.",
        "Ann Lee was told: “The quay is closed.”",
        "“The quay is closed,” said Bo Dahl and Ann Lee.",
        "Submarines of outside states may not pass, and that is all.",
    ],
)
def test_what_nobody_is_said_to_say_has_no_speaker(text: str) -> None:
    assert says(text) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The company says its drones flew for a day.", "The company"),
        ("The drones flew for a day, according to the General Staff.", "General Staff"),
        ("Officials in Kyiv said the drones flew for a day.", "Officials in Kyiv"),
        ("A lawyer for Ann Lee said the case was closed.", "A lawyer for Ann Lee"),
        ("Germany's foreign ministry said that it was worried.", "Germany's foreign ministry"),
        ("Secretary of State Ann Lee said that it was over.", "Ann Lee"),
    ],
)
def test_reported_speech_is_its_speakers_too(text: str, name: str) -> None:
    assert says(text) == name


def test_words_in_quotation_marks_inside_reported_speech_are_not_direct_speech() -> None:
    text = "Ann Lee said Bo Dahl had called it “a long and costly mistake by everyone here”."
    found = speaker_of(article(text), Span(len(HEAD), len(HEAD) + len(text)))
    assert found is not None
    assert (found.name, found.direct) == ("Ann Lee", False)


def test_what_the_ministry_said_of_the_mayor_is_not_what_the_mayor_said() -> None:
    assert says("The ministry, led by Bo Dahl, said the mayor would go.") == "The ministry"
    assert says("The mayor would go in May, said the ministry on Friday.") == "the ministry"


def test_a_sentence_between_two_speakers_has_the_one_it_belongs_to() -> None:
    text = "“It is late.” Bo Dahl said: “It is not late at all.”"
    assert says(text, "“It is late.”") is None
    assert says(text, "Bo Dahl said: “It is not late at all.”") == "Bo Dahl"


def test_ukrainian_and_german_speech_is_understood_where_its_order_is_the_same() -> None:
    assert says("Петро Порошенко сказав: «Літаки прибудуть навесні».") == "Петро Порошенко"
    assert says("„Wir fahren morgen“, sagte Anna Berg.") == "Anna Berg"


def test_a_name_over_a_line_end_is_shown_on_one_line() -> None:
    assert says("“The quay is closed,” said Ann\nLee on Friday.") == "Ann Lee"


def test_an_apostrophe_does_not_open_a_quotation() -> None:
    text = "The ’90s weren’t kind to the dogs’ home."
    assert quotations(text, Span(0, len(text))) == ()


def test_a_quotation_that_is_never_closed_is_none() -> None:
    text = "“It is late, said Ann Lee.\n\nThe ferry left."
    assert quotations(text, Span(0, len(text))) == ()


@given(UGLY)
def test_ugly_articles_never_break_it_and_the_name_is_in_them(pieces: list[str]) -> None:
    ugly = article("Begin. " + "".join(pieces).replace("\0", ""))
    for passage in split(ugly):
        for sentence in passage.sentences[:5]:
            found = speaker_of(ugly, sentence)
            if found:
                assert " ".join(found.chars.of(ugly.text).split()) == found.name


REPORTING = st.lists(
    st.sampled_from(
        "“ ” \" ' ‘ ’ « » „ , . : ? — said says told that according to Ann Lee Bo Dahl the mayor he "
        "she it of and for State Secretary \n\n > ( ) \r\n не сказав Є".split(" ")
    ),
    max_size=60,
)


@given(REPORTING)
def test_any_order_of_the_words_that_report_speech_gives_a_name_of_the_article(
    words: list[str],
) -> None:
    odd = article(" ".join(words))
    for passage in split(odd):
        for sentence in passage.sentences:
            found = speaker_of(odd, sentence)
            if found:
                assert " ".join(found.chars.of(odd.text).split()) == found.name
                assert found.name


@pytest.mark.parametrize(
    "text",
    [
        "“Lee said ‘" * 50_000,
        "'Lee said, " * 50_000,
        "Lee said. " * 50_000,
        "said, Lee, " * 50_000,
        "“No,” he said. " * 40_000,
        "he said. Lee " * 50_000,
        "LeeLee" * 90_000 + " said Lee.",
    ],
)
def test_a_hostile_article_costs_no_time(text: str) -> None:
    hostile = article(text)
    says("He said no. “I saw it,” he said.")  # the sentence splitter is loaded once
    with at_most(3):
        for start in (len(HEAD), 250_000, 400_000):
            speaker_of(hostile, Span(start, start + 1_000))


def test_names_are_right_as_often_as_they_were() -> None:
    assert missed("speaker", measure()) == []
