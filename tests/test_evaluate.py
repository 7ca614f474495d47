"""How answers are counted as right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import write

from answer.evaluate import evaluate
from answer.settings import Settings
from ingest.errors import UnreadableSource


@pytest.fixture
def settings(three_articles: Path, tmp_path: Path) -> Settings:
    return Settings(corpus=three_articles, index=tmp_path / "index", embedder="hashed")


def lines(folder: Path, *rows: dict[str, object]) -> Path:
    return write(folder, "questions.jsonl", "\n".join(json.dumps(row) for row in rows))


DEEPENED: dict[str, object] = {
    "id": "1",
    "question": "When was the harbour at Kallo deepened?",
    "answers": ["1974"],
    "evidence": [{"title": "The harbour at Kallo", "quote": "The harbour at Kallo was deepened"}],
}


def test_a_right_answer_and_a_right_refusal_are_counted(settings: Settings, tmp_path: Path) -> None:
    absent = {"id": "2", "question": "Who won the chess championship?", "answerable": False}
    told = evaluate(lines(tmp_path, DEEPENED, absent), settings).to_json()
    assert told["right_first"] == 1
    assert told["passage_in_eight"] == 1
    assert told["declined_unanswerable"] == 1
    assert told["wrong"] == []


def test_the_right_words_out_of_the_wrong_article_are_wrong(
    settings: Settings, tmp_path: Path
) -> None:
    elsewhere = DEEPENED | {"evidence": [{"title": "A lighthouse without a keeper"}]}
    told = evaluate(lines(tmp_path, elsewhere), settings).to_json()
    assert told["right_at_all"] == 0
    assert told["wrong"][0]["question"] == DEEPENED["question"]


def test_a_squad_file_brings_its_own_corpus(settings: Settings, tmp_path: Path) -> None:
    context = "The moon pulls the sea. Tides follow the moon by fifty minutes a day."
    asked = {
        "id": "q",
        "question": "How many minutes a day do tides follow?",
        "answers": [{"text": "fifty", "answer_start": context.index("fifty")}],
    }
    paragraphs = [{"context": context, "qas": [asked]}]
    squad = {"data": [{"title": 'Tides_and: "moons"', "paragraphs": paragraphs}]}
    file = write(tmp_path, "squad.json", json.dumps(squad))
    told = evaluate(file, settings).to_json()
    assert told["right_first"] == 1
    assert not settings.index.exists()


@pytest.mark.parametrize("line", ["{", "[]", '{"id": 1}', "3"])
def test_a_line_that_is_no_question_is_named(settings: Settings, tmp_path: Path, line: str) -> None:
    file = write(tmp_path, "questions.jsonl", json.dumps(DEEPENED) + "\n" + line)
    with pytest.raises(UnreadableSource, match="line 2"):
        evaluate(file, settings)


def test_an_empty_question_file_is_refused(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match="no questions"):
        evaluate(write(tmp_path, "questions.jsonl", "\n"), settings)


def test_answers_that_are_one_text_instead_of_a_list_are_refused(
    settings: Settings, tmp_path: Path
) -> None:
    file = write(tmp_path, "questions.jsonl", json.dumps(DEEPENED | {"answers": "1974"}))
    with pytest.raises(UnreadableSource, match="list of texts"):
        evaluate(file, settings)
