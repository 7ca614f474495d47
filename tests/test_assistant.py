"""The one service behind every door."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import HARBOUR, OpenIndex, write

from answer.answer import Answer
from answer.assistant import Assistant, open_assistant
from answer.settings import Settings
from bench.news import news, write_corpus
from index.build import Progress
from index.rebuild import interrupted
from index.search import Filters
from ingest.errors import BadQuestion, EmbedderMismatch, IngestStopped

QUESTION = "When was the harbour at Kallo deepened?"


@pytest.fixture
def settings(three_articles: Path, tmp_path: Path) -> Settings:
    return Settings(corpus=three_articles, index=tmp_path / "index", embedder="hashed")


@pytest.fixture
def assistant(settings: Settings) -> Iterator[Assistant]:
    """An assistant that has read three articles."""
    assistant = open_assistant(settings)
    assistant.ingest()
    yield assistant
    assistant.close()


def assert_lawful(answer: Answer, corpus: Path) -> None:
    for citation in answer.citations:
        data = (corpus / citation.path).read_bytes()
        assert citation.chars.of(data.decode("utf-8")) == citation.quote
        assert data[citation.bytes.start : citation.bytes.end].decode("utf-8") == citation.quote


def test_an_answer_is_a_verbatim_sentence_with_its_place(
    assistant: Assistant, three_articles: Path
) -> None:
    answer = assistant.ask(QUESTION)
    assert answer.outcome == "answered"
    assert answer.citations[0].quote == "The harbour at Kallo was deepened in 1974."
    assert answer.citations[0].publisher == "Coast Gazette"
    assert_lawful(answer, three_articles)


def test_the_json_of_an_answer_has_the_promised_fields(assistant: Assistant) -> None:
    told = json.loads(json.dumps(assistant.ask(QUESTION).to_json()))
    assert {"question", "outcome", "text", "citations", "passages", "corpus"} <= told.keys()
    assert told["corpus"] == {
        "articles": 3, "passages": 4, "from": "2014-07", "to": "2021-11-30", "narrowed": False,
    }  # fmt: skip
    assert Answer.from_json(told).to_json() == told
    start, end = told["citations"][0]["claim"]
    assert told["text"][start:end] == told["citations"][0]["quote"]


def test_what_the_corpus_does_not_hold_is_declined_with_the_nearest_passages(
    assistant: Assistant,
) -> None:
    answer = assistant.ask("How much did the harbour master pay for bread?")
    assert answer.outcome == "not_in_corpus"
    assert answer.citations == ()
    assert answer.hits
    assert "3 articles" in answer.text


@pytest.mark.parametrize("k", [0, -1, 2**64])
def test_a_count_of_passages_that_makes_no_sense_is_refused(assistant: Assistant, k: int) -> None:
    for asking in (assistant.ask, assistant.search):
        with pytest.raises(BadQuestion, match="passages"):
            asking("Who holds the key?", k=k)


@pytest.mark.parametrize("question", ["", "  \n", "?!… —", "x" * 100_000, "\u200b"])
def test_a_question_that_cannot_be_asked_is_refused_in_words(
    assistant: Assistant, question: str
) -> None:
    with pytest.raises(BadQuestion, match="question"):
        assistant.ask(question)


def test_a_date_that_is_none_is_refused_with_the_way_to_write_it(assistant: Assistant) -> None:
    with pytest.raises(BadQuestion, match="2021-11-30"):
        assistant.ask(QUESTION, filters=Filters(since="last week"))


def test_a_place_opens_the_version_that_was_cited_after_the_file_changed(
    assistant: Assistant, three_articles: Path
) -> None:
    citation = assistant.ask(QUESTION).citations[0]
    write(three_articles, "2021/harbour.md", "# Harbour\n\nNothing is left of the old text.\n")
    assistant.ingest()
    place = assistant.place(citation.id)
    assert place is not None
    article, chars = place
    assert chars.of(article.text) == citation.quote


@pytest.mark.parametrize("name", ["", "abc", "0" * 16 + ":1-2", "0" * 16 + ":9-1", "../../etc:0-9"])
def test_a_place_that_is_none_opens_nothing(assistant: Assistant, name: str) -> None:
    assert assistant.place(name) is None


def test_a_place_past_the_end_of_its_article_opens_nothing(assistant: Assistant) -> None:
    sha256 = assistant.ask(QUESTION).citations[0].article_sha256
    assert assistant.place(f"{sha256[:16]}:5-99999") is None


def test_a_place_in_the_front_matter_opens_nothing(assistant: Assistant) -> None:
    sha256 = assistant.ask(QUESTION).citations[0].article_sha256
    assert assistant.place(f"{sha256[:16]}:0-9") is None


def test_suggestions_are_questions_of_the_corpus_then_its_titles(
    assistant: Assistant, three_articles: Path
) -> None:
    write(three_articles, "why.md", "# Mud\n\n## Why is there mud?\n\nRivers bring it.\n")
    assistant.ingest()
    first, *others = assistant.suggestions(3)
    assert first == "Why is there mud?"
    assert len(others) == 2


def test_an_empty_corpus_suggests_nothing(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    assistant = open_assistant(
        Settings(corpus=tmp_path / "corpus", index=tmp_path / "index", embedder="hashed")
    )
    assistant.ingest()
    assert assistant.suggestions() == ()
    assert "empty" in assistant.ask("Is anything here?").text
    assistant.close()


def test_an_index_of_another_embedder_is_refused_with_the_command(
    assistant: Assistant, settings: Settings
) -> None:
    assistant.close()
    with pytest.raises(EmbedderMismatch, match="pincite ingest --rebuild"):
        open_assistant(settings.with_option("embedder", "minilm"))


def test_closing_stops_an_ingest_and_waits_for_it_and_the_next_one_completes_it(
    settings: Settings, tmp_path: Path
) -> None:
    write_corpus(settings.corpus, tuple(news(150)))
    assistant = open_assistant(settings)
    begun, closing, ended = threading.Event(), threading.Event(), list[object]()

    def slowly(progress: Progress) -> None:
        if progress.passages:
            begun.set()
            closing.wait(20)

    def ingest() -> None:
        try:
            ended.append(assistant.ingest(slowly))
        except BaseException as error:
            ended.append(error)

    thread = threading.Thread(target=ingest)
    thread.start()
    assert begun.wait(60)
    closer = threading.Thread(target=assistant.close)
    closer.start()
    closer.join(0.3)
    assert closer.is_alive(), "the files are still being written"
    closing.set()
    closer.join(30)
    thread.join(30)
    assert [type(one) for one in ended] == [IngestStopped]
    with pytest.raises(IngestStopped):
        assistant.ingest()
    index = OpenIndex(settings.corpus, settings.index)
    assert index.build().passages > 0
    contents, passages = index.contents(), index.vectors.count()
    index.close()
    fresh = OpenIndex(settings.corpus, tmp_path / "fresh")
    fresh.build()
    assert (contents, passages) == (fresh.contents(), fresh.vectors.count())
    fresh.close()


REBUILD_KILLED = """
import os, sys
from pathlib import Path
from index.rebuild import start_again
sys.addaudithook(lambda event, args: event == "os.rename" and os.kill(os.getpid(), 9))
start_again(Path(sys.argv[1]))
"""


def test_a_rebuild_that_was_cut_off_is_begun_again_once_by_whoever_comes_first(
    assistant: Assistant, settings: Settings
) -> None:
    assistant.close()
    subprocess.run([sys.executable, "-c", REBUILD_KILLED, settings.index])
    assert interrupted(settings.index)
    for added, unchanged in ((3, 0), (0, 3)):
        again = open_assistant(settings)
        report = again.ingest()
        again.close()
        assert (report.added, report.unchanged) == (added, unchanged)
        assert not interrupted(settings.index)


@pytest.mark.model
def test_the_seed_article_alone_answers_its_six_questions_and_declines_two(
    tmp_path: Path, seed_article: bytes, seed_questions: list[dict[str, object]]
) -> None:
    corpus = tmp_path / "corpus"
    write(corpus, "article.txt", seed_article)
    assistant = open_assistant(Settings(corpus=corpus, index=tmp_path / "index"))
    assistant.ingest()
    for row in seed_questions:
        answer = assistant.ask(str(row["question"]))
        assert_lawful(answer, corpus)
        if row["answerable"]:
            expected = str(row["answers"][0])  # type: ignore[index]
            assert expected in answer.citations[0].quote, row["question"]
        else:
            assert answer.outcome == "not_in_corpus", row["question"]
    assistant.close()


# ---- what a researcher comes back to --------------------------------------------------------------


def test_an_answer_is_kept_under_its_hash_and_comes_back_as_it_was(assistant: Assistant) -> None:
    answer = assistant.ask(QUESTION)
    assert answer.record is not None
    kept = assistant.kept(answer.record[:8])
    assert [hit.passage.id for hit in kept.hits] == [hit.passage.id for hit in answer.hits]
    assert replace(kept, hits=()).to_json() == replace(answer, hits=()).to_json()
    assert assistant.ask(QUESTION).record == answer.record
    assert [row.asked for row in assistant.records()] == [2]


def test_an_answer_that_is_not_to_be_kept_is_not(assistant: Assistant) -> None:
    assert assistant.ask(QUESTION, keep=False).record is None
    assert assistant.records() == []


def test_a_question_is_answered_where_records_cannot_be_kept(
    assistant: Assistant, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    (settings.index / "records.sqlite3").write_bytes(b"no database" * 1000)
    answer = assistant.ask(QUESTION)
    assert answer.outcome == "answered"
    assert answer.record is None
    assert "not kept" in caplog.text


def test_a_follow_up_is_searched_with_what_it_leaves_out(assistant: Assistant) -> None:
    answer = assistant.ask("And when was it deepened?", previous=["What is the harbour at Kallo?"])
    assert answer.searched is not None
    assert "Kallo" in answer.searched
    assert answer.question == "And when was it deepened?"
    assert assistant.ask(QUESTION, previous=["Who holds the key?"]).searched is None


def test_a_question_as_of_a_date_reads_no_later_article_and_says_so(assistant: Assistant) -> None:
    answer = assistant.ask("Was the harbour at Kallo deepened, as of 2015?")
    assert all(hit.passage.path != "2021/harbour.md" for hit in answer.hits)
    assert "2015" in str(answer.note)
    assert answer.coverage.narrowed
    assert answer.coverage.articles == 2  # of 2014, and the one without a date


def test_an_edit_of_an_article_shows_in_the_answers_that_it_touches(
    assistant: Assistant, three_articles: Path
) -> None:
    answer = assistant.ask(QUESTION)
    record = assistant.record(str(answer.record))
    assert assistant.verify(record).state == "intact"
    write(three_articles, "2021/harbour.md", HARBOUR.replace("in 1974.", "in 1975."))
    assert assistant.verify(record).state == "altered"
    assert [one.row.hash for one in assistant.touched("2021/harbour.md")] == [record.hash]
    assert assistant.touched("tides.txt") == ()
    assert [one.state for one in assistant.verify_all()] == ["altered"]
