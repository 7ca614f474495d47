"""From what a model said to claims: sentences, the markers that belong to them, and matching."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answer.draft import Claim
from answer.judge import Judgement, judge
from answer.llm.markers import MarkerParser, Number
from answer.llm.prompt import numbered
from answer.llm.reply import BESIDE, CITED, CLAIMS, COMPARED, Reply, claims, plain
from index.search import Hit
from ingest.read import decode_article
from ingest.split import split
from tests.clock import at_most
from tests.conftest import UGLY

SEA = (
    "The dredger Maru was built in 1974. It sank off Kallo in 1998 with nine men aboard.\n\n"
    "Its owner, a bank in Riga, was never found. Nobody was ever charged with the loss."
)


def statements(written: str, *, cut: bool = False) -> list[tuple[str, tuple[Number, ...]]]:
    reply, parser = Reply(), MarkerParser()
    reply.add(parser.feed(written))
    reply.add(parser.close())
    return reply.statements(cut=cut)


def drafted(written: str, source: str = SEA) -> tuple[Claim, ...]:
    passages = split(decode_article("a.md", source.encode()))
    known = numbered([Hit(passage, 0.03, 1, 1, cosine=0.6) for passage in passages])
    shown = {one.number: one for one in known}
    return claims(statements(written), known, shown, judge, 0.9)


@pytest.mark.parametrize(
    "written",
    [
        "He left. [1.1] She ran. [1.2]",
        "He left [1.1]. She ran [1.2].",
        "[1.1] He left. [1.2] She ran.",
        "[1.1] He left.\n[1.2] She ran.",
        "1. [1.1] He left.\n2. [1.2] She ran.",
        "- He left. [1.1]\n- She ran. [1.2]",
        "He left.\n[1.1]\nShe ran.\n[1.2]",
        "He left.[1.1] She ran.[1.2]",
        "He `[1.1]` left. She, [1.2], ran.",
    ],
)
def test_a_marker_belongs_to_the_sentence_that_it_stands_by(written: str) -> None:
    named = [numbers for _, numbers in statements(written)]
    assert named == [((1, 1),), ((1, 2),)]


def test_a_sentence_is_read_without_markdown() -> None:
    assert plain("## **He** [left](http://e.example/x) ![gone](data:x) ( ) .") == "He left gone."
    assert plain("![x][1] <b>He</b> ![") == "x <b>He</b> ["
    assert plain("It rose by .5 and 1 .") == "It rose by .5 and 1."


def test_a_comma_on_each_side_of_a_marker_is_one() -> None:
    ((said, _),) = statements("He left, [1.1], and she ran ([1.2]; [1.3]).")
    assert said == "He left, and she ran."


def test_a_label_or_a_line_of_numbers_is_no_sentence() -> None:
    assert statements("Sources: [1.1] [1.2]\n\n1974. 12.") == []


def test_a_last_sentence_without_an_end_is_left_out_where_the_end_is_missing() -> None:
    assert [said for said, _ in statements("He left. She ra", cut=True)] == ["He left."]
    assert [said for said, _ in statements("He left. She ra")] == ["He left.", "She ra"]


def test_a_claim_cites_what_it_names() -> None:
    (claim,) = drafted("A ship went down [1.2][1.2].")
    assert [q.text for q in claim.quotations] == ["It sank off Kallo in 1998 with nine men aboard."]


def test_a_claim_that_names_nothing_is_matched() -> None:
    (claim,) = drafted("The Maru was a dredger that was built in 1974.")
    assert [q.text for q in claim.quotations] == ["The dredger Maru was built in 1974."]


def test_a_claim_that_no_sentence_holds_cites_nothing() -> None:
    assert drafted("The captain sells melons in Lima.")[0].quotations == ()


def test_a_sentence_with_another_figure_is_not_cited_for_it() -> None:
    (claim,) = drafted("It sank off Kallo in 2003 with nine men aboard.")
    assert claim.quotations == ()


def test_two_sentences_are_cited_for_what_neither_says_alone() -> None:
    (claim,) = drafted("The dredger Maru was built in 1974 and sank off Kallo in 1998.")
    assert len(claim.quotations) == 2


def test_two_articles_are_not_joined_for_what_neither_says() -> None:
    told = "The dredger Maru was built in 1974.", "It sank off Kallo in 1998 with nine men aboard."
    hits = [
        Hit(passage, 0.03, 1, 1, cosine=0.6)
        for at, text in enumerate(told)
        for passage in split(decode_article(f"{at}.md", text.encode()))
    ]
    said = [("The dredger Maru was built in 1974 and sank off Kallo in 1998.", ())]
    (claim,) = claims(said, numbered(hits), {}, judge, 0.9)
    assert len(claim.quotations) == 1


def test_no_claim_cites_without_end() -> None:
    (claim,) = drafted(
        "Much happened [1.1-1.2][2.1-2.9].", " ".join(f"Ship {n} sank." for n in range(50))
    )
    assert len(claim.quotations) <= CITED


def test_no_answer_has_claims_without_end() -> None:
    assert len(drafted("It sank off Kallo. " * 300)) == CLAIMS


def test_the_judge_is_asked_a_few_times_only() -> None:
    asked: list[object] = []
    passages = split(decode_article("a.txt", ("The ship sank. " * 5_000).encode()))
    known = numbered([Hit(passage, 0.03, 1, 1, cosine=0.6) for passage in passages])

    def unmoved(statement: str, evidence: Sequence[str]) -> Judgement:
        asked.append(evidence)
        return Judgement("unsupported", 0.0, (), contradicted=False)

    claims([("The ship sank.", ())], known, {}, unmoved, 0.5)
    assert len(asked) <= COMPARED + BESIDE


@given(UGLY.map("".join), st.lists(st.integers(0, 500), max_size=5))
def test_any_text_with_markers_anywhere_becomes_sentences(written: str, places: list[int]) -> None:
    for place in places:
        written = written[:place] + "[1.2]" + written[place:]
    for said, numbers in statements(written[:3000]):
        assert said == " ".join(said.split())
        assert set(numbers) <= {(1, 2)}


@pytest.mark.parametrize(
    "piece", ["[", "![", "[](", "( ", "**", "``", " .", "# ", "[a][", "1. ", "[1.1]\n"]
)
def test_a_full_answer_of_one_repeated_piece_is_read_in_a_moment(piece: str) -> None:
    with at_most(3):
        statements((piece * 6_000)[:6_000])
        plain((piece * 6_000)[:6_000])
