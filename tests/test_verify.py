from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from conftest import HARBOUR, LIGHTHOUSE, TIDES, OpenIndex
from hypothesis import given, settings
from hypothesis import strategies as st

from answer.answer import Answer, Citation, Coverage
from answer.record import Record, record_of
from answer.verify import check, exit_code, touched, verify, verify_all
from answer.verify.locate import CitationCheck
from index.now import CorpusNow, is_corpus_path
from index.records import RecordStore
from ingest.article import Article, Span
from ingest.errors import CorpusMissing, UnreadableSource
from ingest.locator import Locator
from ingest.read import decode_article

DEEPENED = "The harbour at Kallo was deepened in 1974."
DREDGERS = "Two dredgers worked there for nine months, and the mud\nwas taken out to sea."
FERRY = "A ferry leaves for the islands every hour."
MOON = "The moon pulls the sea."


def cite(article: Article, words: str, number: int = 1, *, nth: int = 0) -> Citation:
    start = -1
    for _ in range(nth + 1):
        start = article.text.index(words, start + 1)
    chars = Span(start, start + len(words))
    return Citation(
        number=number,
        claim=Span(0, 1),
        article_sha256=article.sha256,
        path=article.path,
        title=article.title,
        publisher=article.publisher,
        published=article.published,
        url=article.url,
        chars=chars,
        bytes=article.byte_span(chars),
        quote=words,
        prefix=article.text[max(article.body.start, start - 64) : start],
        suffix=article.text[chars.end : chars.end + 64],
    )


def record_citing(*citations: Citation, question: str = "When?") -> Record:
    """The record of an answer that is its quotations."""
    text, cited = "", []
    for number, citation in enumerate(citations, start=1):
        claim = Span(len(text), len(text) + len(citation.quote))
        cited.append(replace(citation, number=number, claim=claim))
        text += f"{citation.quote} "
    coverage = Coverage(3, 4, None, None)
    answer = Answer(question, text, tuple(cited), (), "answered", 1.0, coverage)
    return record_of(answer, state="5" * 64, settings={})


def now(index: OpenIndex) -> CorpusNow:
    return CorpusNow(index.corpus, index.catalog, max_bytes=1_000_000)


def cited(index: OpenIndex, path: str, words: str, nth: int = 0) -> Citation:
    data = (index.corpus / path).read_bytes()
    return cite(decode_article(path, data), words, nth=nth)


def checked(index: OpenIndex, citation: Citation) -> CitationCheck:
    """The check, having seen that the law holds for the place that it tells."""
    found = check(citation, now(index))
    if found.now is None:
        assert found.state in ("altered", "gone")
        return found
    assert found.state in ("intact", "moved")
    place, data = found.now, (index.corpus / found.now.path).read_bytes()
    assert data.decode()[place.chars.start : place.chars.end] == citation.quote
    assert data[place.bytes.start : place.bytes.end] == citation.quote.encode()
    return found


def states(found: CitationCheck) -> tuple[str, str]:
    return found.state, found.article


@dataclass
class OneFile:
    """A corpus of one article that was edited; the version that was cited is kept, or not."""

    old: Article
    new: Article
    keeps: bool = True
    asked: list[str] = field(default_factory=list)

    def read(self, path: str) -> Article | None:
        return self.new if path == self.new.path else None

    def version(self, sha256: str) -> Article | None:
        return self.old if self.keeps and sha256 == self.old.sha256 else None

    def elsewhere(self, sha256: str, words: str) -> tuple[Article, ...]:
        return ()


def edited(
    old: str, new: str, words: str, *, nth: int = 0, keeps: bool = True, path: str = "a.md"
) -> CitationCheck:
    before, after = decode_article(path, old.encode()), decode_article(path, new.encode())
    found = check(cite(before, words, nth=nth), OneFile(before, after, keeps))
    if found.now is not None:
        assert found.now.chars.of(after.text) == words
        assert found.now.bytes == after.byte_span(found.now.chars)
    return found


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RecordStore]:
    store = RecordStore(tmp_path / "index")
    yield store
    store.close()


# ---- files on disk -------------------------------------------------------------------------------


def test_an_untouched_article_leaves_its_citations_intact(built_index: OpenIndex) -> None:
    for words in (DEEPENED, DREDGERS, FERRY):
        found = checked(built_index, cited(built_index, "2021/harbour.md", words))
        assert states(found) == ("intact", "unchanged")


def test_a_sentence_put_in_before_moves_a_citation(built_index: OpenIndex) -> None:
    citation = cited(built_index, "2021/harbour.md", FERRY)
    built_index.write("2021/harbour.md", HARBOUR.replace("A ferry", "Zoë’s café opened. A ferry"))
    found = checked(built_index, citation)
    assert states(found) == ("moved", "changed")
    assert found.now is not None
    assert found.now.chars == citation.chars.shifted(19)
    assert found.now.bytes == citation.bytes.shifted(23)


def test_a_change_after_the_words_leaves_them_intact(built_index: OpenIndex) -> None:
    citation = cited(built_index, "2021/harbour.md", DEEPENED)
    built_index.write("2021/harbour.md", HARBOUR + "\nThe port is closed on Sundays.\n")
    found = checked(built_index, citation)
    assert states(found) == ("intact", "changed")
    assert found.line == "[1] intact, 2021/harbour.md: the article was changed elsewhere"


@pytest.mark.parametrize("is_ingested", [False, True])
def test_a_changed_figure_is_altered_and_said(built_index: OpenIndex, is_ingested: bool) -> None:
    citation = cited(built_index, "2021/harbour.md", DEEPENED)
    built_index.write("2021/harbour.md", HARBOUR.replace("1974", "1975"))
    if is_ingested:
        built_index.build()
    found = checked(built_index, citation)
    assert states(found) == ("altered", "changed")
    assert found.found == DEEPENED.replace("1974", "1975")
    assert [(c.said, c.found) for c in found.changes if c.kind != "same"] == [("1974", "1975")]
    assert found.line == "[1] altered, 2021/harbour.md: “1974” is now “1975”"


def test_words_put_in_and_taken_out_are_said(built_index: OpenIndex) -> None:
    citation = cited(built_index, "2021/harbour.md", FERRY)
    now_says = "A small ferry leaves for the islands."
    built_index.write("2021/harbour.md", HARBOUR.replace(FERRY, now_says))
    found = checked(built_index, citation)
    assert found.state == "altered"
    assert "“small” was put in" in found.line
    assert "“every hour” was taken out" in found.line


def test_a_sentence_taken_out_is_gone(built_index: OpenIndex) -> None:
    citation = cited(built_index, "2021/harbour.md", DREDGERS)
    built_index.write("2021/harbour.md", HARBOUR.replace(DREDGERS, ""))
    found = checked(built_index, citation)
    assert states(found) == ("gone", "changed")
    assert found.found is None


def test_a_change_is_told_on_one_short_line(built_index: OpenIndex) -> None:
    citation = cited(built_index, "2021/harbour.md", FERRY)
    built_index.write("2021/harbour.md", HARBOUR.replace(FERRY, "No\nferry. " + "x" * 200))
    line = checked(built_index, citation).line
    assert "“No ferry. xxx" in line
    assert "\n" not in line
    assert len(line) < 250


def test_a_sentence_written_anew_in_its_place_is_altered(built_index: OpenIndex) -> None:
    citation = cited(built_index, "2021/harbour.md", FERRY)
    built_index.write("2021/harbour.md", HARBOUR.replace(FERRY, "No ferry sails in winter."))
    found = checked(built_index, citation)
    assert (found.state, found.found) == ("altered", "No ferry sails in winter.")


@pytest.mark.parametrize("is_ingested", [False, True])
def test_a_renamed_file_is_found(built_index: OpenIndex, is_ingested: bool) -> None:
    citation = cited(built_index, "2021/harbour.md", DEEPENED)
    (built_index.corpus / "2021").rename(built_index.corpus / "2022")
    if is_ingested:
        built_index.build()
    found = checked(built_index, citation)
    assert states(found) == ("moved", "renamed")
    assert found.now is not None
    assert (found.now.path, found.now.chars) == ("2022/harbour.md", citation.chars)


@pytest.mark.parametrize("is_ingested", [False, True])
def test_a_file_renamed_and_edited_is_found_by_words_context_and_title(
    built_index: OpenIndex, is_ingested: bool
) -> None:
    citation = cited(built_index, "2021/harbour.md", FERRY)
    (built_index.corpus / "2021/harbour.md").unlink()
    built_index.write("port.md", HARBOUR.replace("Two dredgers", "Three large dredgers"))
    if is_ingested:
        built_index.build()
    found = checked(built_index, citation)
    assert states(found) == ("moved", "renamed")
    assert found.now is not None
    assert found.now.path == "port.md"


def test_the_same_words_under_another_publisher_are_not_what_was_cited(
    built_index: OpenIndex,
) -> None:
    citation = cited(built_index, "2021/harbour.md", FERRY)
    (built_index.corpus / "2021/harbour.md").unlink()
    built_index.write("copy.md", HARBOUR.replace("Coast Gazette", "Another Paper"))
    found = checked(built_index, citation)
    assert states(found) == ("gone", "absent")
    assert found.remark == "the same words stand in copy.md"


def test_files_that_swap_names_are_told_apart(built_index: OpenIndex) -> None:
    citation = cited(built_index, "2021/harbour.md", DEEPENED)
    built_index.write("2021/harbour.md", LIGHTHOUSE)
    built_index.write("2014/lighthouse.md", HARBOUR)
    found = checked(built_index, citation)
    assert states(found) == ("moved", "renamed")
    assert found.now is not None
    assert found.now.path == "2014/lighthouse.md"


def test_words_taken_out_are_gone_though_a_copy_of_the_article_still_says_them(
    built_index: OpenIndex,
) -> None:
    citation = cited(built_index, "2021/harbour.md", DREDGERS)
    built_index.write("2021/harbour.md", HARBOUR.replace(DREDGERS, ""))
    built_index.write("copy.md", HARBOUR + "A later remark.\n")
    assert states(checked(built_index, citation)) == ("gone", "changed")


@pytest.mark.parametrize("is_ingested", [False, True])
def test_a_deleted_file_is_gone(built_index: OpenIndex, is_ingested: bool) -> None:
    citation = cited(built_index, "tides.txt", MOON)
    (built_index.corpus / "tides.txt").unlink()
    if is_ingested:
        built_index.build()
    assert states(checked(built_index, citation)) == ("gone", "absent")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"caf\xe9 au lait", "is not UTF-8"),
        (b"---\ntitle: a: b\n---\nText.", "broken front matter"),
        (b"", "0 bytes"),
        (b"Many words. " * 100_000, "MB"),
    ],
)
def test_a_file_that_is_no_article_any_more_is_gone_with_the_reason(
    built_index: OpenIndex, data: bytes, reason: str
) -> None:
    citation = cited(built_index, "tides.txt", MOON)
    built_index.write("tides.txt", data)
    found = checked(built_index, citation)
    assert states(found) == ("gone", "unreadable")
    assert reason in (found.remark or "")


def test_other_front_matter_moves_the_words_and_changes_none(built_index: OpenIndex) -> None:
    citation = cited(built_index, "2021/harbour.md", DREDGERS)
    built_index.write("2021/harbour.md", HARBOUR.replace("Coast Gazette", "The Coast Gazette"))
    assert states(checked(built_index, citation)) == ("moved", "changed")


def test_other_line_ends_move_words_on_one_line_and_are_said_of_words_on_two(
    built_index: OpenIndex,
) -> None:
    one_line = cited(built_index, "2021/harbour.md", FERRY)
    two_lines = cited(built_index, "2021/harbour.md", DREDGERS)
    built_index.write("2021/harbour.md", HARBOUR.replace("\n", "\r\n"))
    assert states(checked(built_index, one_line)) == ("moved", "changed")
    found = checked(built_index, two_lines)
    assert states(found) == ("altered", "changed")
    assert "line ends" in (found.remark or "")
    assert found.found == DREDGERS.replace("\n", "\r\n")


def test_words_in_the_front_matter_are_not_the_cited_ones(built_index: OpenIndex) -> None:
    citation = cited(built_index, "2021/harbour.md", FERRY)
    moved_up = HARBOUR.replace(FERRY, "").replace("language: en", f"language: en\nnote: {FERRY}")
    built_index.write("2021/harbour.md", moved_up)
    assert checked(built_index, citation).state == "gone"


# ---- words that are taken back -------------------------------------------------------------------

KALLO = "Kallo harbour was deepened in 1974 by two dredgers."
TOWN = f"""\
---
title: Kallo
publisher: Coast Gazette
---
The town lies on the coast. {KALLO} The ferry goes hourly to the islands.
"""
KEPT_OR_NOT = pytest.mark.parametrize("keeps", [True, False])
HIDDEN = "the words stand in a comment now, or are struck out"


@KEPT_OR_NOT
@pytest.mark.parametrize(
    ("now_says", "found"),
    [
        ("It is not true that {}", "It is not true that {}"),
        ("Rumours say wrongly: {}", "Rumours say wrongly: {}"),
        ("The mayor had read “{}” in a forged letter.", "The mayor had read “{}”"),
        ("“{}”", "“{}”"),
        ("\n\n# {}\n\n", "# {}"),
    ],
)
def test_words_that_became_part_of_another_sentence_are_altered(
    now_says: str, found: str, keeps: bool
) -> None:
    told = edited(TOWN, TOWN.replace(KALLO, now_says.format(KALLO)), KALLO, keeps=keeps)
    assert states(told) == ("altered", "changed")
    assert (told.found or "").startswith(found.format(KALLO))
    assert told.remark == "the words are no sentence of their own any more"
    before = now_says.partition("{")[0].strip()
    assert f"“{before}” was put in" in told.line


@KEPT_OR_NOT
@pytest.mark.parametrize(
    "now_says",
    [
        "<!-- {} -->",
        "\n\n<!--\nAn older text. It was.\n\n{}\n\nMore of it.\n-->\n\n",
        "<!-- An older text. {} More of it. -->",
        "~~{}~~",
        "~~An older text. {} More of it.~~",
        "<del>An older text. {} More of it.</del>",
        "<S class='x'>\n\n{}\n\n</S>",
    ],
)
def test_words_in_a_comment_or_struck_out_are_altered(now_says: str, keeps: bool) -> None:
    told = edited(TOWN, TOWN.replace(KALLO, now_says.format(KALLO)), KALLO, keeps=keeps)
    assert states(told) == ("altered", "changed")
    assert told.remark == HIDDEN
    assert told.found is None or KALLO in told.found


@KEPT_OR_NOT
@pytest.mark.parametrize(
    "before",
    [
        "<!-- A remark. --> ",
        "<!--> ",
        "~~Struck out.~~ It stayed. ",
        "<del>Struck out.</del> It stayed. ",
        "Some ~~ tildes.\n\n",
        "~~~\ncode\n~~~\n\n",
        "The <span>town</span> is old. ",
        "- A list.\n- ",
    ],
)
def test_marks_that_end_before_the_words_hide_nothing(before: str, keeps: bool) -> None:
    new = TOWN.replace(KALLO, f"It is old.\n\n{before}{KALLO}\n\nIt ~~was~~ is.")
    assert edited(TOWN, new, KALLO, keeps=keeps).remark != HIDDEN


def test_what_was_hidden_when_it_was_cited_may_stay_hidden() -> None:
    old = TOWN.replace(KALLO, f"~~An older text. {KALLO} More of it.~~")
    assert edited(old, old.replace("The town", "The old town"), KALLO).state == "moved"


def test_in_plain_text_no_mark_hides_anything() -> None:
    old = f"T\n\nIt is old. {KALLO} The ferry goes hourly.\n"
    new = old.replace("It is", "It ~~was~~ <del> is").replace("hourly", "hourly ~~")
    assert edited(old, new, KALLO, path="a.txt").state == "moved"


def test_part_of_a_sentence_may_stand_in_another_sentence() -> None:
    new = TOWN.replace("Kallo harbour was", "In short, Kallo harbour was")
    assert edited(TOWN, new, "deepened in 1974 by two dredgers").state == "moved"


@pytest.mark.parametrize("piece", ["<!-- ", "~~ a ", "<del ", "<s>", "\n ", "~~~~", "<!---->\n\n"])
def test_hostile_marks_are_read_soon(piece: str) -> None:
    marks = piece * (200_000 // len(piece))
    edited(TOWN, TOWN.replace(KALLO, f"{marks}\n\n{KALLO} {marks}"), KALLO)


@KEPT_OR_NOT
def test_another_title_or_publisher_is_said(keeps: bool) -> None:
    new = TOWN.replace("title: Kallo", "title: RETRACTED").replace("Coast Gazette", "Desk")
    told = edited(TOWN, new, KALLO, keeps=keeps)
    assert told.state == "moved"
    assert told.remark == (
        "the article's title was “Kallo”, and is now “RETRACTED”; "
        "the article's publisher was “Coast Gazette”, and is now “Desk”"
    )


def test_another_title_is_said_of_words_that_are_intact_and_of_those_that_are_gone() -> None:
    retitled = TOWN.replace("title: Kallo", "title: False")
    told = edited(TOWN, retitled, KALLO)
    assert told.state == "intact"
    assert told.remark == (
        "the article was changed elsewhere; the article's title was “Kallo”, and is now “False”"
    )
    gone = edited(TOWN, retitled.replace(KALLO, ""), KALLO)
    assert gone.state == "gone"
    assert "is now “False”" in gone.line
    unnamed = edited(TOWN, TOWN.replace("publisher: Coast Gazette\n", ""), KALLO)
    assert "publisher was “Coast Gazette”, and is now not given" in unnamed.line


# ---- which of several places ---------------------------------------------------------------------

REFRAIN = """\
# A trial

The judge asked him about the money that had been lost. He said no. The clerk wrote it down slowly.

The lawyer asked him about the letter in the drawer. He said no. A door was closed in the corridor.

The neighbour asked him about the dog and the garden. He said no. Everybody went home after that.
"""


@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize("nth", [0, 1, 2])
def test_of_repeated_words_those_in_the_cited_context_are_found(nth: int, keeps: bool) -> None:
    new = REFRAIN.replace("# A trial\n", "# A trial\n\nIt was a long day in court, they say.\n")
    found = edited(REFRAIN, new, "He said no.", nth=nth, keeps=keeps)
    assert found.state == "moved"
    assert found.now is not None
    assert found.now.chars.start == _all(new, "He said no.")[nth]


def test_a_repeated_sentence_whose_own_place_was_cut_is_not_looked_for_in_another() -> None:
    paragraphs = REFRAIN.split("\n\n")
    new = "\n\n".join([paragraphs[0], *paragraphs[2:]])
    found = edited(REFRAIN, new, "He said no.", nth=0)
    assert states(found) == ("altered", "changed")
    assert "2 places" in (found.remark or "")


def test_short_words_found_once_in_another_context_are_no_place() -> None:
    new = "# A trial\n\nHe was not there. He said no. It rained.\n"
    found = edited(REFRAIN, new, "He said no.", nth=1)
    assert states(found) == ("altered", "changed")
    assert "1 place" in found.line


def test_telling_words_found_once_are_the_cited_ones_in_any_context() -> None:
    words = "The lawyer asked him about the letter in the drawer."
    new = f"# A trial\n\nAnother beginning altogether. {words} Another end.\n"
    assert edited(REFRAIN, new, words).state == "moved"


def test_repeated_paragraphs_are_told_apart_by_what_is_further_away() -> None:
    refrain = "All together now, and louder than the time before, we sing of the sea. Oh the sea. "
    more = "And of the wind that blows above it all through the night until the morning comes. "
    old = f"Song\n\nFirst verse of ships. {refrain}{more}Second verse of nets. {refrain}{more}End."
    new = old.replace("First verse", "A new first verse")
    for nth in (0, 1):
        found = edited(old, new, "Oh the sea.", nth=nth, path="a.txt")
        assert found.now is not None
        assert found.now.chars.start == _all(old, "Oh the sea.")[nth] + 6


def test_places_between_which_nothing_decides_are_not_guessed() -> None:
    verse = "We sing of the sea. Oh the sea. And of the wind above it. " * 40
    old, new = f"Song\n\n{verse}", f"Song\n\nA new line. {verse}"
    found = edited(old, new, "Oh the sea.", nth=20, path="a.txt")
    assert states(found) == ("altered", "changed")


def test_contexts_that_point_to_two_places_are_not_decided() -> None:
    old = "T\n\nThe judge rose slowly. He said no. The clerk sat down again.\n"
    new = "T\n\nThe judge rose slowly. He said no. It rained.\n\nIt snowed. He said no. The clerk sat "
    found = edited(old, new + "down again.\n", "He said no.", path="a.txt")
    assert states(found) == ("altered", "changed")


def test_a_word_that_became_part_of_another_is_no_place() -> None:
    old = "T\n\nBefore. The harbour ferry leaves town. After that came others.\n"
    new = "T\n\nX. Xthe harbour ferry leaves townships of the north.\n"
    found = edited(
        old.replace("The h", "the h"), new, "the harbour ferry leaves town", path="a.txt"
    )
    assert found.now is None


def test_the_same_words_in_other_typography_are_altered_and_said() -> None:
    old = "T\n\nShe asked him. “It’s over — for good,” said the harbour master. He left.\n"
    new = old.replace("“", '"').replace("”", '"').replace("’", "'").replace("—", "-")
    found = edited(old, new, "“It’s over — for good,” said the harbour master.", path="a.txt")
    assert found.state == "altered"
    assert "typography" in (found.remark or "")
    assert "It's over - for good" in (found.found or "")


def test_words_at_the_beginning_and_end_of_an_article_know_its_edges() -> None:
    old, new = "---\ntitle: T\n---\nNo.", "---\ntitle: A title\n---\nNo."
    found = edited(old, new, "No.", keeps=False)
    assert states(found) == ("moved", "changed")


def _all(text: str, words: str) -> list[int]:
    return [at for at in range(len(text)) if text.startswith(words, at)]


SCRIPTS = st.sampled_from(
    [
        "Rain. ",
        "他来了。",
        "שלום עולם. ",
        "👩‍👩‍👧‍👦 ",
        "cafe\u0301. ",
        "\r\n\r\n",
        "\t",
        "He said no. ",
        "«Нет». ",
        "x",
    ]
)
AWAY = st.lists(SCRIPTS, max_size=12).map("".join)


@given(
    AWAY, AWAY, AWAY, AWAY, st.sampled_from(["他不知道。", "He said no.", "«Нет», — сказал он."])
)
@settings(max_examples=150)
def test_edits_away_from_the_words_and_their_context_never_lose_or_misplace_them(
    before: str, after: str, new_before: str, new_after: str, words: str
) -> None:
    left = "The clerk, whose name nobody remembers, came back at noon with nine letters: "
    right = " And then the long corridor of the ministry was as quiet as it ever had been."
    old = f"T\n\nBegin.{before}{left}{words}{right}{after}End.\n"
    new = f"T\n\nBegin.{new_before}{left}{words}{right}{new_after}End.\n"
    start = old.index(left) + len(left)
    for keeps in (True, False):
        nth = _all(old, words).index(start)
        found = edited(old, new, words, nth=nth, keeps=keeps, path="a.txt")
        assert found.state in ("intact", "moved")
        assert found.now is not None
        assert found.now.chars.start == new.index(left) + len(left)


@given(AWAY, AWAY, AWAY, AWAY)
@settings(max_examples=100)
def test_no_edit_makes_a_place_that_does_not_hold_the_words(
    before: str, after: str, new_before: str, new_after: str
) -> None:
    old = f"T\n\nBegin. {before}He said no.{after} End.\n"
    new = f"T\n\nBegin. {new_before}He said no.{new_after} End.\n"
    for keeps in (True, False):
        edited(old, new, "He said no.", keeps=keeps, path="a.txt")


@pytest.mark.parametrize("piece", ["a", "a ", "He said no. ", "no. " * 50, "\n"])
def test_hostile_repetition_is_decided_soon(piece: str) -> None:
    body = piece * (1_000_000 // len(piece))
    old = f"T\n\n{piece * 9}. He said no. {body}."
    assert edited(old, f"T\n\nNew. {body}. Gone.", "He said no.", path="a.txt").state != "intact"


# ---- forged records ------------------------------------------------------------------------------


def test_a_record_that_says_what_its_version_never_said_is_altered(built_index: OpenIndex) -> None:
    citation = cited(built_index, "2021/harbour.md", DEEPENED)
    false = replace(citation, quote=DEEPENED.replace("1974", "1975"))
    found = checked(built_index, false)
    assert found.state == "altered"
    assert "the record is wrong" in found.line


LEE = """\
---
title: The quay
authors: [Ada Tamm]
publisher: Coast Gazette
published: 2021-11-30
accessed: 2021-12-03
language: en
url: https://example.org/quay
---
It rained. “The quay will hold for a hundred years,” said Ann Lee, who built it. Per Holm left.
"""
SAID = "“The quay will hold for a hundred years,” said Ann Lee, who built it."


def lee(path: str = "a.md", **facts: Any) -> tuple[Citation, OneFile]:
    article = decode_article("a.md", LEE.encode())
    about = {"authors": article.authors, "accessed": article.accessed, "language": "en"}
    return replace(cite(article, SAID), path=path, **(about | {"speaker": "Ann Lee"} | facts)), (
        OneFile(article, article)
    )


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("bytes", Span(0, len(SAID.encode()))),
        ("prefix", "It is not true: "),
        ("suffix", " Nobody believed her."),
        ("title", "A forged title"),
        ("locator", Locator("page", "9", "9")),
        ("publisher", "Another Paper"),
        ("publisher", None),
        ("published", "1999-01-02"),
        ("url", "https://evil.example/x"),
        ("authors", ("Somebody Else",)),
        ("accessed", "2020-01-01"),
        ("language", "de"),
        ("speaker", "The Pope"),
    ],
)
def test_a_record_that_says_of_its_version_what_is_not_so_is_altered(
    part: str, value: object
) -> None:
    citation, corpus = lee()
    assert (check(citation, corpus).state, check(citation, corpus).remark) == ("intact", None)
    forged = check(replace(citation, **{part: value}), corpus)  # type: ignore[arg-type]
    assert (forged.state, forged.now) == ("altered", None)
    assert forged.remark == f"the record is wrong: its {part} is not the version's"


def test_every_part_that_is_wrong_is_named() -> None:
    citation, corpus = lee(title="T", url=None)
    told = check(citation, corpus, claim="Everything is false.")
    assert told.remark == "the record is wrong: its title, url, claim are not the version's"


def test_an_exact_claim_has_to_be_the_quotation() -> None:
    citation, corpus = lee()
    assert check(citation, corpus, claim=SAID).state == "intact"
    assert check(citation, corpus, claim=SAID.replace("hundred", "thousand")).state == "altered"
    judged = replace(citation, verdict="supported")
    assert check(judged, corpus, claim="The quay is safe.").state == "intact"


def test_an_answer_that_was_changed_beside_its_quotations_is_altered(
    built_index: OpenIndex, store: RecordStore
) -> None:
    record = record_citing(cited(built_index, "2021/harbour.md", FERRY))
    told = record.to_json()["answer"]
    forged = Record(record.hash, {**record.content, "answer": {**told, "text": "x" * len(FERRY)}})
    found = verify(forged, now(built_index))
    assert (found.state, found.exit_code) == ("altered", 5)
    assert "its claim is not" in found.checks[0].line


@pytest.mark.parametrize("speaker", ["Per Holm", None])
def test_another_speaker_of_the_same_article_is_said_and_makes_no_record_false(
    speaker: str | None,
) -> None:
    citation, corpus = lee(speaker=speaker)
    told = check(citation, corpus)
    assert told.state == "intact"
    name = f"“{speaker}”" if speaker else "nobody"
    assert told.remark == f"the record names {name} as the speaker, and this Pincite “Ann Lee”"


def test_a_title_that_comes_from_a_name_is_that_of_the_cited_name(built_index: OpenIndex) -> None:
    built_index.write("notes.md", "```\nIt rained all day, and the quay was wet.\n```\n")
    built_index.write("a copy.md", (built_index.corpus / "notes.md").read_bytes())
    built_index.build()
    for path in ("notes.md", "a copy.md"):
        citation = cited(built_index, path, "It rained all day, and the quay was wet.")
        (built_index.corpus / path).unlink()
        found = check(citation, now(built_index))
        assert states(found) == ("moved", "renamed")
        built_index.write(path, (built_index.corpus / found.now.path).read_bytes())  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "path",
    [
        "../secret.md", "2021/../../secret.md", "/{outside}/secret.md", "out/secret.md", "out.md",
        ".hidden/secret.md", "2021/.secret.md", "./tides.txt", "2021//harbour.md", "", ".", "..",
        "2021", "tides.txt/x.md", "a\0.md", "x" * 5000 + ".md", "secret", "pipe.md", "loop.md",
        "inside/harbour.md",
    ],
)  # fmt: skip
def test_nothing_outside_of_the_corpus_is_read(built_index: OpenIndex, path: str) -> None:
    corpus, outside = built_index.corpus, built_index.corpus.parent
    secret = "Secret\n\nThe password is sesame, said the porter at the gate."
    for folder in (outside, corpus / ".hidden"):
        folder.mkdir(exist_ok=True)
        (folder / "secret.md").write_text(secret)
    (corpus / "2021/.secret.md").write_text(secret)
    (corpus / "out").symlink_to(outside)
    (corpus / "out.md").symlink_to(outside / "secret.md")
    (corpus / "inside").symlink_to(corpus / "2021")
    (corpus / "loop.md").symlink_to(corpus / "loop.md")
    os.mkfifo(corpus / "pipe.md")
    path = path.replace("{outside}", str(outside)[1:])
    if path == "pipe.md":
        with pytest.raises(UnreadableSource, match="not a regular file"):
            now(built_index).read(path)
    else:
        assert now(built_index).read(path) is None
    citation = cite(decode_article("secret.md", secret.encode()), "The password is sesame")
    found = check(replace(citation, path=path), now(built_index))
    assert (found.state, found.found, found.changes) == ("gone", None, ())
    assert "sesame" not in (found.remark or "")


def test_a_link_that_was_ingested_is_read(built_index: OpenIndex, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.txt").write_bytes(TIDES.encode())
    (built_index.corpus / "link.txt").symlink_to(tmp_path / "elsewhere.txt")
    (built_index.corpus / "tides.txt").unlink()
    built_index.build()
    assert checked(built_index, cited(built_index, "link.txt", MOON)).state == "intact"


def test_a_corpus_folder_that_is_gone_is_an_error_and_not_a_verdict(built_index: OpenIndex) -> None:
    citation = cited(built_index, "tides.txt", MOON)
    built_index.corpus.rename(built_index.corpus.with_name("moved"))
    with pytest.raises(CorpusMissing):
        check(citation, now(built_index))


def test_paths_of_articles_may_have_any_letters() -> None:
    assert is_corpus_path("2021/Київ — ein Überblick (1).markdown")


# ---- records -------------------------------------------------------------------------------------


def test_the_worst_citation_names_the_record_and_its_exit_code(built_index: OpenIndex) -> None:
    citations = [
        cited(built_index, "2021/harbour.md", FERRY),
        cited(built_index, "tides.txt", MOON),
        cited(built_index, "2014/lighthouse.md", "Its lamp is watched from the mainland."),
    ]
    record = record_citing(*citations)
    same = verify(record, now(built_index), state=record.state)
    assert (same.state, same.exit_code, same.same_corpus) == ("intact", 0, True)
    assert same.summary == f"{record.hash[:12]} intact: “When?” (3 citations, 3 intact)"
    built_index.write("2021/harbour.md", HARBOUR.replace("## Ferries", "## All the ferries"))
    moved = verify(record, now(built_index), state="6" * 64)
    assert (moved.state, moved.exit_code, moved.same_corpus) == ("moved", 4, False)
    built_index.write("tides.txt", TIDES.replace("sea", "water"))
    altered = verify(record, now(built_index))
    assert (altered.state, altered.exit_code, altered.same_corpus) == ("altered", 5, None)
    (built_index.corpus / "2014/lighthouse.md").unlink()
    gone = verify(record, now(built_index))
    assert (gone.state, gone.exit_code) == ("gone", 6)
    assert gone.summary.endswith("(3 citations, 1 moved, 1 altered, 1 gone)")
    assert exit_code([same, moved, altered]) == 5
    assert exit_code([]) == 0
    told = gone.to_json()
    assert [c["state"] for c in told["citations"]] == ["moved", "altered", "gone"]
    assert told["citations"][0]["now"]["path"] == "2021/harbour.md"


def test_an_answer_that_cites_nothing_is_intact(built_index: OpenIndex) -> None:
    found = verify(record_citing(), now(built_index))
    assert (found.exit_code, found.checks) == (0, ())
    assert "nothing is cited" in found.summary


def test_every_kept_record_is_verified(built_index: OpenIndex, store: RecordStore) -> None:
    for path, words in (("2021/harbour.md", FERRY), ("tides.txt", MOON)):
        store.put(record_citing(cited(built_index, path, words), question=f"{words}?"))
    built_index.write("tides.txt", TIDES.replace("sea", "water"))
    found = list(verify_all(store, now(built_index)))
    assert [v.state for v in found] == ["intact", "altered"]
    assert exit_code(found) == 5


def test_a_kept_record_that_was_changed_counts_as_altered(
    built_index: OpenIndex, store: RecordStore
) -> None:
    @dataclass(frozen=True)
    class Changed:
        record: Record

        def __getattr__(self, name: str) -> Any:
            return getattr(self.record, name)

        @property
        def text(self) -> str:
            return self.record.text.replace("every hour", "every week")

    citation = cited(built_index, "2021/harbour.md", FERRY)
    store.put(Changed(record_citing(citation)))
    (found,) = verify_all(store, now(built_index))
    assert (found.state, found.exit_code) == ("altered", 5)
    assert "was changed after it was made" in found.summary
    (one,) = touched(store, now(built_index), path="2021/harbour.md")
    assert one.verification.trouble == found.trouble


def test_a_damaged_record_is_said_and_the_others_are_verified(
    built_index: OpenIndex, store: RecordStore
) -> None:
    records = [
        record_citing(cited(built_index, "2021/harbour.md", FERRY), question=question)
        for question in ("first", "second")
    ]
    for record in records:
        store.put(record)
    store._db.execute("UPDATE records SET content = x'00' WHERE question = 'first'")
    found = list(verify_all(store, now(built_index)))
    assert [(v.question, v.state) for v in found] == [("first", "altered"), ("second", "intact")]
    assert "damaged" in (found[0].trouble or "")
    by_path = touched(store, now(built_index), path="2021/harbour.md")
    assert [t.verification.state for t in by_path] == ["intact", "altered"]
    store.put(records[0])
    assert exit_code(verify_all(store, now(built_index))) == 0


def test_a_record_that_was_put_in_place_of_another_counts_as_altered(
    built_index: OpenIndex, store: RecordStore
) -> None:
    ferry = record_citing(cited(built_index, "2021/harbour.md", FERRY))
    moon = record_citing(cited(built_index, "tides.txt", MOON))
    store.put(ferry)
    content = zlib.compress(moon.text.encode())
    store._db.execute("UPDATE records SET content = ?", (content,))
    (found,) = verify_all(store, now(built_index))
    assert (found.record, found.exit_code) == (ferry.hash, 5)


def test_a_corrected_article_shows_the_answers_that_it_touches(
    built_index: OpenIndex, store: RecordStore
) -> None:
    ferry, moon = (
        cited(built_index, "2021/harbour.md", FERRY),
        cited(built_index, "tides.txt", MOON),
    )
    store.put(record_citing(ferry, moon, question="first"), now="2026-01-01T00:00:00Z")
    store.put(record_citing(moon, question="second"), now="2026-01-02T00:00:00Z")
    built_index.write("2021/harbour.md", HARBOUR.replace("every hour", "every two hours"))
    built_index.build()
    found = touched(store, now(built_index), path="2021/harbour.md")
    assert [(t.row.question, t.verification.state) for t in found] == [("first", "altered")]
    assert [c.citation.quote for c in found[0].verification.checks] == [FERRY]
    by_version = touched(store, now(built_index), sha256=moon.article_sha256)
    assert [(t.row.question, t.verification.state) for t in by_version] == [
        ("second", "intact"),
        ("first", "intact"),
    ]
    assert touched(store, now(built_index), path="2014/lighthouse.md") == ()


def test_the_corpus_has_one_name_for_each_state(built_index: OpenIndex) -> None:
    first = built_index.catalog.state()
    assert first == built_index.catalog.state()
    (built_index.corpus / "tides.txt").rename(built_index.corpus / "0.txt")
    built_index.build()
    assert built_index.catalog.state() == first
    built_index.write("0.txt", TIDES.replace("moon", "comet"))
    built_index.build()
    assert built_index.catalog.state() != first
    built_index.write("0.txt", TIDES)
    built_index.build()
    assert built_index.catalog.state() == first
    with built_index.catalog.transaction():
        assert built_index.catalog.state() == first
        built_index.catalog.remove_path("0.txt")
        assert built_index.catalog.state() != first


EDITS: dict[str, Callable[[str], str]] = {
    "upper": lambda text: text.replace("ferry", "FERRY"),
    "reflowed": lambda text: " ".join(text.split("\n")),
}


@pytest.mark.parametrize("name", sorted(EDITS))
def test_an_edit_of_form_is_never_gone(name: str) -> None:
    body = HARBOUR.split("---\n")[2]
    found = edited(body, EDITS[name](body), FERRY)
    assert found.state != "gone"
