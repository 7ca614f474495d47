"""The writer without an LLM."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pytest

from answer.quote import LIMIT, NOTHING, THRESHOLD, QuotingWriter
from index.embed import HashedEmbedder
from index.search import Hit
from index.words import terms
from ingest.article import Article
from ingest.read import decode_article
from ingest.split import split


def writer() -> QuotingWriter:
    return QuotingWriter(HashedEmbedder(), lambda words: dict.fromkeys(words, 1.0))


def article(text: str, path: str = "a.txt") -> Article:
    return decode_article(path, f"Title\n\n{text}\n".encode())


def hits(*articles: Article) -> list[Hit]:
    passages = [passage for one in articles for passage in split(one)]
    return [Hit(passage, 0.03, 1, 1, cosine=0.6) for passage in passages]


def test_the_most_direct_sentence_comes_first_and_the_rest_in_reading_order() -> None:
    text = (
        "The drone is made by Baykar. It is sold abroad by the company. "
        "The drone of Baykar flew in 2014 for the first time."
    )
    draft = writer().write("When did the drone of Baykar fly?", hits(article(text)))
    first, *rest = draft.quotations
    assert first.text == "The drone of Baykar flew in 2014 for the first time."
    assert [q.chars for q in rest] == sorted(q.chars for q in rest)
    assert len(draft.quotations) <= LIMIT


def test_a_reprint_does_not_say_the_same_again() -> None:
    said = "The harbour master closed the bridge in June 2014 after the storm."
    draft = writer().write(
        "When did the harbour master close the bridge?",
        hits(article(said), article(f"{said} More came later.", "b.txt")),
    )
    assert [q.text for q in draft.quotations].count(said) == 1


def test_a_question_of_the_article_is_not_an_answer() -> None:
    text = "When did the bridge close? The bridge did close in June 2014."
    draft = writer().write("When did the bridge close?", hits(article(text)))
    assert draft.quotations[0].text == "The bridge did close in June 2014."


def test_a_price_is_declined_where_no_amount_stands() -> None:
    text = "The Bayraktar TB2 cost its enemies many top-dollar tanks."
    assert writer().write("What does a Bayraktar TB2 cost?", hits(article(text))).quotations == ()


def test_nothing_found_is_nothing_said() -> None:
    assert writer().write("What is this?", []).quotations == ()


def test_ten_thousand_fragments_do_not_hang() -> None:
    text = "A b. " * 10_000
    draft = writer().write("What is a b?", hits(article(text)))
    assert len(draft.quotations) <= LIMIT


def test_what_an_article_hides_in_a_comment_is_never_quoted() -> None:
    text = (
        "The submarine sank in May.\n\n<!-- The editor paid 5 million dollars for the rumour. -->"
        "\n\nThe rumour spread in June.\n"
    )
    article_of_two = decode_article("a.md", text.encode())
    draft = writer().write("How much did the editor pay for the rumour?", hits(article_of_two))
    assert not any("<!--" in q.text or "editor" in q.text for q in draft.quotations)


def test_a_list_item_is_quoted_without_its_mark() -> None:
    text = "The treaty says:\n\n- Warships may stay for 21 days.\n- Submarines may not pass.\n"
    found = hits(decode_article("a.md", text.encode()))
    draft = writer().write("How many days may warships stay?", found)
    assert draft.quotations[0].text == "Warships may stay for 21 days."


def test_sentences_are_those_that_the_article_was_split_into_in_its_language() -> None:
    text = "Das sagte Prof. Dr. Müller am 3. Mai in Kiel. Er flog nach Kyjiw."
    german = decode_article("a.md", f"---\nlanguage: de\n---\n{text}\n".encode())
    draft = writer().write("Was sagte Müller am 3. Mai in Kiel?", hits(german))
    assert draft.quotations[0].text == "Das sagte Prof. Dr. Müller am 3. Mai in Kiel."


def test_a_question_of_dots_and_an_article_of_digits_are_no_burden() -> None:
    digits = " ".join(["7" * 1900] * 8)
    draft = writer().write("How long did it fly " + "." * 1900, hits(article(digits)))
    assert len(draft.quotations) <= LIMIT


def test_a_question_may_be_asked_in_any_case_and_spacing() -> None:
    found = hits(article("The harbour master closed the bridge in June 2014. Nobody was hurt."))
    plain = writer().rank("When did the harbour master close the bridge?", found)
    shouted = writer().rank("  WHEN did the\tharbour master\nclose the BRIDGE? ", found)
    assert [q.support for q in shouted] == [q.support for q in plain]


def test_what_a_passage_is_about_is_no_answer() -> None:
    text = "The harbour master was born in a village. He likes to sail."
    draft = writer().write(
        "When did the harbour master close the iron bridge?", hits(article(text))
    )
    assert draft.claims == ()
    assert 0 < draft.support < THRESHOLD


def test_the_signs_that_speak_for_an_answer_make_the_support_of_every_quotation() -> None:
    found = hits(article("The bridge closed in June 2014. The master of the harbour slept."))
    quotations, signs = writer().weigh("When did the bridge close?", found)
    assert {q.support for q in quotations} == {signs.support}
    assert quotations == writer().rank("When did the bridge close?", found)


@pytest.mark.parametrize("passages", [1, 2, 3, 5])
@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How many houses has Saarn?", "Saarn has 41 houses and one shop."),
        ("Who owns the ferry of Kallo?", "The ferry of Kallo is owned by the town."),
    ],
)
def test_an_index_of_a_few_passages_answers_what_one_sentence_says(
    passages: int, question: str, answer: str
) -> None:
    found = hits(article(answer))
    asked = tiny(passages).write(question, found)
    assert [q.text for q in asked.quotations] == [answer]
    assert tiny(passages).write("How many people died in the storm of Kallo?", found).claims == ()


def tiny(passages: int) -> QuotingWriter:
    """A writer for an index of so many passages, one of which holds what `held` names."""
    held = set(terms("houses saarn owns owned ferry kallo"))

    def idf(words: Iterable[str]) -> dict[str, float]:
        holding = {word: 1 if word in held else 0 for word in words}
        return {w: math.log(1 + (passages - n + 0.5) / (n + 0.5)) for w, n in holding.items()}

    return QuotingWriter(HashedEmbedder(), idf)


def test_nothing_found_is_supported_by_nothing() -> None:
    assert writer().weigh("When did the bridge close?", []) == ((), NOTHING)
    assert NOTHING.support < THRESHOLD


def test_a_sentence_with_the_words_itself_is_before_one_that_stands_beside_them() -> None:
    text = "The convoy of Kallo left at dawn. It came back at noon. The mill was shut."
    ranked = writer().rank("When did the convoy of Kallo leave?", hits(article(text)))
    assert ranked[0].text == "The convoy of Kallo left at dawn."
    assert ranked[0].score > ranked[1].score > ranked[2].score
