from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from conftest import HARBOUR, UGLY
from hypothesis import given, settings
from hypothesis import strategies as st

from answer import record as record_module
from answer.answer import (
    Answer,
    Citation,
    Coverage,
    Difference,
    Reading,
    Source,
    SourceArticle,
    Statement,
)
from answer.judge import Finding
from answer.record import LARGEST_RECORD, Record, read_record, record_of, shape
from index.search import Filters, Hit
from ingest.article import Article, Passage, Span
from ingest.errors import BadRecord
from ingest.read import decode_article
from web import files
from web.guard import LARGEST_BODY

STATE = "5" * 64
HARBOUR_ARTICLE = decode_article("2021/harbour.md", HARBOUR.encode())


def cite(article: Article, words: str, number: int = 1, **other: Any) -> Citation:
    start = article.text.index(words)
    chars = Span(start, start + len(words))
    return Citation(
        number=number,
        claim=Span(0, 3),
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
        **other,
    )


def full_answer() -> Answer:
    """An answer that has something in every part."""
    article = HARBOUR_ARTICLE
    first = cite(article, "The harbour at Kallo was deepened in 1974.", speaker="Mr. Tamm")
    second = cite(article, "A ferry leaves for the islands every hour.", 2, authors=("A. B.",))
    passage = Passage.cut(article, Span(article.body.start, len(article.text)))
    about = SourceArticle(article.sha256, article.path, article.title, None, "2021-11-30")
    return Answer(
        question="When was the harbour deepened?",
        text="In 1974 [1]. Ferries leave every hour [2].",
        citations=(first, second),
        hits=(Hit(passage, 1 / 61, dense_rank=1, lexical_rank=None, cosine=0.71234567),),
        outcome="answered",
        support=0.912345,
        coverage=Coverage(3, 4, "2014-07", "2021-11-30"),
        statements=(
            Statement(Span(0, 12), (1,), "supported", (Finding("date", "1974", True, None),)),
            Statement(Span(13, 42), (2,), "partly"),
        ),
        recall=1.0,
        precision=0.5,
        searched="When was the harbour of Kallo deepened?",
        sources=(Source((about,), (1, 2)),),
        differences=(Difference("the year", (Reading("1974", 1, None, "2021-11-30"),)),),
    )


def kept(answer: Answer | None = None, **options: Any) -> Record:
    given: dict[str, Any] = {"state": STATE, "settings": {"version": "0.3.0", "k": 8}} | options
    return record_of(answer or full_answer(), **given)


def versions(sha256: str) -> Article | None:
    return HARBOUR_ARTICLE if sha256 == HARBOUR_ARTICLE.sha256 else None


def forged(change: Callable[[dict[str, Any]], object]) -> str:
    """A record that somebody changed and gave the right hash again."""
    told = json.loads(kept().text)
    del told["hash"]
    change(told)
    return json.dumps(told | {"hash": record_module._hash(record_module._canonical(told))})


def test_the_same_answer_of_the_same_corpus_is_the_same_record() -> None:
    assert kept() == kept()
    assert kept().text == kept().text


@pytest.mark.parametrize(
    "other",
    [
        {"state": "6" * 64},
        {"settings": {"version": "0.3.0", "k": 9}},
        {"filters": Filters(publishers=("Coast Gazette",))},
        {"answer": replace(full_answer(), question="Why?")},
    ],
)
def test_another_corpus_setting_filter_or_question_is_another_record(other: dict[str, Any]) -> None:
    assert kept(**other).hash != kept().hash


def test_filters_are_the_same_in_any_order() -> None:
    one, other = Filters(publishers=("A", "B")), Filters(publishers=("B", "A"))
    assert kept(filters=one) == kept(filters=other)


def test_a_record_comes_back_from_its_file_as_it_was() -> None:
    record = kept()
    again = read_record(record.text.encode())
    assert (again, again.content) == (record, record.content)
    pretty = json.dumps(record.to_json(), indent=2)
    assert read_record("\ufeff".encode() + pretty.encode()) == record
    assert (again.question, again.outcome, again.state) == (record.question, "answered", STATE)


def test_the_answer_comes_back_as_it_was_given() -> None:
    record = kept()
    answer = read_record(record.text).answer(versions)
    told = full_answer().to_json() | {"record": record.hash}
    told["passages"][0]["score"] = round(told["passages"][0]["score"], 4)
    assert answer.to_json() == told
    assert answer.hits[0].passage.text == full_answer().hits[0].passage.text


def test_passages_of_a_version_that_is_not_kept_are_left_out() -> None:
    assert kept().answer().hits == ()
    assert kept().answer().citations == full_answer().citations


def test_a_passage_is_cut_out_of_its_version_and_not_where_its_places_disagree() -> None:
    def move(told: dict[str, Any]) -> None:
        told["answer"]["passages"][0]["bytes"] = [0, 1]

    assert "text" not in kept().content["answer"]["passages"][0]
    assert read_record(forged(move)).answer(versions).hits == ()


def test_a_record_says_which_articles_it_cites_once() -> None:
    assert kept().cited == ((HARBOUR_ARTICLE.sha256, "2021/harbour.md"),)


def test_no_secret_and_no_folder_of_the_machine_is_kept() -> None:
    told = {
        "llm_api_key": "sk-1234",
        "embedder": "/home/someone/models/minilm",
        "corpus": "C:\\Users\\someone\\corpus",
        "base_url": "https://someone:sesame@llm.example.org:8080/v1?token=abc#x",
        "model": "org/small-model",
    }
    settings = kept(settings=told).content["settings"]
    assert settings == {
        "embedder": "minilm",
        "corpus": "corpus",
        "base_url": "https://llm.example.org:8080/v1",
        "model": "org/small-model",
    }


def test_anyone_can_check_a_hash_with_jq() -> None:
    if shutil.which("jq") is None:
        pytest.skip("jq is not installed")
    text = kept().text.encode()
    command = "jq -cSj 'del(.hash)' | sha256sum"
    done = subprocess.run(command, shell=True, input=text, capture_output=True, check=True)
    assert done.stdout.decode().split()[0] == kept().hash


@given(UGLY.map("".join), st.floats(), st.text())
@settings(max_examples=60)
def test_any_text_and_number_comes_back(question: str, support: float, note: str) -> None:
    told = replace(full_answer(), question=question, note=note, support=support)
    support_is_a_number = -(2**53) < support < 2**53
    record = kept(told) if support_is_a_number else kept(replace(told, support=0.0))
    again = read_record(record.text.encode())
    assert again == record
    assert again.answer(versions).question == question
    assert record.hash == record_module._hash(record_module._canonical(again.content))


def test_half_of_a_surrogate_pair_is_no_reason_to_fail() -> None:
    record = kept(replace(full_answer(), question="why \ud83d?"))
    assert read_record(record.text.encode("utf-8")).question == "why ??"


def test_a_record_that_was_changed_says_so() -> None:
    text = kept().text.replace("deepened in 1974", "deepened in 1975")
    with pytest.raises(BadRecord, match="was changed after it was made"):
        read_record(text)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "cannot|can be read"),
        (kept().text.encode()[:-200], "can be read"),
        (b"\xff\xfe{}", "can be read"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"pincite":' * 20_000, "nested too deeply"),
        (b"[]", "no object"),
        (b"{}", "pincite"),
        (b'{"pincite": 2}', "version"),
        (b'{"pincite": true}', "version"),
        (b'{"pincite": 1, "pincite": 1}', "twice"),
        (b'{"pincite": NaN}', "no number"),
        (b'{"pincite": 1, "x": 1e999}', "can be read"),
        (b'{"pincite": 1, "x": ' + b"9" * 5000 + b"}", "can be read"),
        (b'{"pincite": 1, "x": "\\ud83d"}', "can be read"),
        (b" " * 50_000_000, "larger than 990 KB"),
    ],
    ids=lambda value: repr(value[:20]) if isinstance(value, bytes) else "",
)
def test_what_is_no_record_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(BadRecord, match=reason):
        read_record(data)


def put(*path: str | int, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(told: Any) -> None:
        for name in path[:-1]:
            told = told[name]
        told[path[-1]] = value

    return change


CITATION = ("answer", "citations", 0)


@pytest.mark.parametrize(
    "change",
    [
        put("question", value=7),
        put("answer", value=[]),
        put("answer", "citations", value={}),
        put("answer", "outcome", value="perhaps"),
        put("answer", "support", value="high"),
        put("answer", "support", value=True),
        put("settings", value={"k": [1]}),
        put("corpus", "state", value="not a hash"),
        put(*CITATION, "path", value="../../etc/passwd"),
        put(*CITATION, "path", value="../secret.md"),
        put(*CITATION, "path", value="/etc/passwd.md"),
        put(*CITATION, "path", value="a\0.md"),
        put(*CITATION, "chars", value=[-1, 4]),
        put(*CITATION, "chars", value=[4, 1]),
        put(*CITATION, "chars", value=[0, 1]),
        put(*CITATION, "chars", value=[0.0, 42.0]),
        put(*CITATION, "chars", value=[2**60, 2**60 + 42]),
        put(*CITATION, "bytes", value=[0, 7]),
        put(*CITATION, "claim", value=[0, 10_000]),
        put(*CITATION, "quote", value=""),
        put(*CITATION, "verdict", value="true"),
        put(*CITATION, "authors", value="A. B."),
        put(*CITATION, "article_sha256", value="0" * 63),
        put(*CITATION, "number", value=2),
        put(*CITATION, "direct", value="yes"),
        put("answer", "statements", 0, "citations", value=[3]),
        put("answer", "statements", 0, "findings", 0, "agrees", value=1),
        put("answer", "statements", 0, "findings", 0, "more", value=1),
        put("answer", "differences", 0, "readings", 0, "citation", value=9),
        put("answer", "passages", 0, "chars", value=None),
        put("answer", "sources", 0, "articles", 0, "sha256", value="x"),
    ],
)
def test_a_forged_record_is_refused(change: Callable[[dict[str, Any]], None]) -> None:
    with pytest.raises(BadRecord, match="no record"):
        read_record(forged(change))


FINITE = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | FINITE | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(st.data())
@settings(max_examples=300)
def test_any_part_may_be_anything_and_is_refused_or_understood(data: st.DataObject) -> None:
    def change(told: Any) -> None:
        names = sorted(told) if isinstance(told, dict) else range(len(told))
        name = data.draw(st.sampled_from(names))
        if isinstance(told[name], dict | list) and told[name] and data.draw(st.booleans()):
            change(told[name])
        else:
            told[name] = data.draw(JSON)

    try:
        record = read_record(forged(change))
    except BadRecord:
        return
    assert read_record(record.text) == record
    assert record.answer(versions).to_json()["record"] == record.hash
    assert len(record.citations) >= len(record.cited)


@given(st.data())
@settings(max_examples=200)
def test_a_record_with_a_changed_byte_is_refused(data: st.DataObject) -> None:
    text = bytearray(kept().text.encode())
    at = data.draw(st.integers(0, len(text) - 1))
    text[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != text[at]))
    with pytest.raises(BadRecord):
        read_record(bytes(text))


def test_a_record_may_say_more_than_this_version_knows() -> None:
    record = read_record(forged(put("later", value={"x": [1]})))
    assert record.content["later"] == {"x": [1]}


def test_a_record_without_a_name_that_came_later_is_read() -> None:
    def forget(told: dict[str, Any]) -> None:
        told["answer"]["citations"][0].pop("direct", None)

    assert read_record(forged(forget)).citations[0].quote == full_answer().citations[0].quote


def test_every_part_of_an_answer_is_checked_when_a_record_is_read() -> None:
    def unchecked(told: Any, shape: Any, where: str) -> list[str]:
        if isinstance(shape, dict):
            inner = {name.removesuffix("?"): part for name, part in shape.items()}
            missing = [f"{where}.{name}" for name in told.keys() - inner.keys()]
            both = [(told[name], inner[name], f"{where}.{name}") for name in inner.keys() & told]
            return missing + [name for part in both for name in unchecked(*part)]
        if isinstance(shape, list):
            return [name for item in told for name in unchecked(item, shape[0], where)]
        return []

    assert unchecked(kept().to_json(), shape._RECORD, "record") == []


def test_an_answer_that_is_too_long_is_not_kept() -> None:
    with pytest.raises(BadRecord, match="larger than 990 KB"):
        kept(replace(full_answer(), text="x" * LARGEST_RECORD))


CHARS = pytest.mark.parametrize("char", ["x", '"', "\\", "\n", "\x7f", "\u00e9", "潮", "🏴"])


@CHARS
def test_every_record_that_is_kept_fits_in_a_request_and_can_be_read(char: str) -> None:
    def request(text: str) -> bytes:
        return json.dumps({"record": text}).encode()

    few, more = (len(request(kept(replace(full_answer(), text=char * n)).text)) for n in (50, 51))
    most = 50 + (LARGEST_RECORD - few) // (more - few)
    record = kept(replace(full_answer(), text=char * most))
    assert LARGEST_RECORD - 100 < len(request(record.text)) <= LARGEST_BODY
    assert read_record(record.text) == read_record(record.text.encode()) == record
    with pytest.raises(BadRecord, match="not kept"):
        kept(replace(full_answer(), text=char * (most + 100)))


@CHARS
def test_what_is_too_large_is_refused_as_text_and_as_bytes(char: str) -> None:
    text = json.dumps({"x": char * (LARGEST_RECORD // len(json.dumps(char)[1:-1]))})
    for data in (text, text.encode()):
        with pytest.raises(BadRecord, match="larger than 990 KB"):
            read_record(data)
    with pytest.raises(BadRecord, match="larger than 990 KB"):
        read_record("\ud83d" * (LARGEST_RECORD // 6))


def test_the_command_line_reads_as_much_of_a_file_as_a_record_may_have() -> None:
    assert files.LARGEST_RECORD == LARGEST_RECORD


def test_an_answer_that_is_kept_can_be_read() -> None:
    record = kept(replace(full_answer(), text="x" * (LARGEST_RECORD - 10_000)))
    assert read_record(record.text) == record
