"""web/kept.py, and checks of quotations and drafts, over a real socket."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import HARBOUR, LIGHTHOUSE, write
from serving import ATTACKS, HOSTILE, opened, serving
from test_api import error

from answer.assistant import Assistant
from answer.export import STYLES
from answer.record import _canonical, _hash, read_record
from web.schema import (
    AnswerOut,
    CheckOut,
    KeptAnswersOut,
    RecordOut,
    ReviewOut,
    VerificationOut,
    VerificationsOut,
)

QUESTION = "When was the harbour at Kallo deepened?"
FOLLOW_UP = "and who ran the ferry there?"
# What could end a header, a file name, a line or a record of an export.
UGLY = 'When was the "harbour"\r\nat Kallo: deepened?\r\n\r\n<%>🙂 \\ "; '


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Two articles of a coast, and a hostile one."""
    folder = tmp_path / "corpus"
    write(folder, "harbour.md", HARBOUR)
    write(folder, "lighthouse.md", LIGHTHOUSE)
    write(folder, "hostile.md", HOSTILE)
    return folder


@pytest.fixture
def assistant(corpus: Path, tmp_path: Path) -> Iterator[Assistant]:
    assistant = opened(corpus, tmp_path / "index")
    yield assistant
    assistant.close()


@pytest.fixture
def client(assistant: Assistant) -> Iterator[httpx.Client]:
    with serving(assistant) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


JSON = {"content-type": "application/json"}


def asked(client: httpx.Client, question: str = QUESTION, **more: Any) -> dict[str, Any]:
    sent = json.dumps({"question": question, **more})
    reply = client.post("/api/ask", content=sent, headers=JSON)
    assert reply.status_code == 200, reply.text
    return dict(AnswerOut.model_validate(reply.json()).model_dump(by_alias=True))


# ---- asking --------------------------------------------------------------------------------------


def test_a_follow_up_says_what_was_searched_for_it(client: httpx.Client) -> None:
    answer = asked(client, FOLLOW_UP, previous=[QUESTION])
    assert "Kallo" in answer["searched"]
    assert "Mr. Tamm" in answer["text"]
    assert asked(client)["searched"] is None


@pytest.mark.parametrize("previous", [None, "Who?", 7, [1], [None], [["a"]], {"a": "b"}])
def test_previous_questions_that_are_none_are_refused(client: httpx.Client, previous: Any) -> None:
    body = {"question": FOLLOW_UP, "previous": previous}
    assert "previous" in error(client.post("/api/ask", json=body), 400)


def test_of_ten_thousand_previous_questions_the_last_ones_count(client: httpx.Client) -> None:
    many = ["Who runs the mill?"] * 10_000
    answer = asked(client, FOLLOW_UP, previous=[*many, QUESTION])
    assert "Kallo" in answer["searched"]
    assert asked(client, FOLLOW_UP, previous=["", "\ud800", "?!", "a" * 90_000])["text"]


def test_an_answer_is_kept_unless_it_is_asked_not_to_be(client: httpx.Client) -> None:
    assert asked(client, keep=False)["record"] is None
    assert client.get("/api/answers").json() == {"answers": []}
    first = asked(client)["record"]
    assert re.fullmatch("[0-9a-f]{64}", first)
    assert asked(client)["record"] == first
    kept = KeptAnswersOut.model_validate(client.get("/api/answers").json()).answers
    assert [(one.hash, one.question, one.asked) for one in kept] == [(first, QUESTION, 2)]


# ---- quotations and drafts -----------------------------------------------------------------------


def checked(client: httpx.Client, quote: str, **more: Any) -> CheckOut:
    reply = client.post("/api/check", json={"quote": quote, **more})
    assert reply.status_code == 200, reply.text
    return CheckOut.model_validate(reply.json())


@pytest.mark.parametrize(
    ("quote", "verdict"),
    [
        ("“The harbour at Kallo was deepened in 1974.”", "exact"),
        ("the harbour   at KALLO was\ndeepened in 1974", "same_words"),
        ("The harbour at Kallo was deepened in 1984", "altered"),
        ("Peru won the football cup of the year", "not_in_corpus"),
    ],
)
def test_quoted_words_get_a_verdict_and_places_only_where_they_stand(
    client: httpx.Client, quote: str, verdict: str
) -> None:
    check = checked(client, quote)
    assert check.verdict == verdict
    assert bool(check.places) == (verdict in ("exact", "same_words"))
    assert (check.nearest is not None) == (verdict == "altered")
    for place in check.places:
        text = client.get(f"/api/articles/{place.article_sha256}").json()["text"]
        assert text[slice(*place.chars)] == place.quote
        assert text.encode("utf-8")[slice(*place.bytes)].decode("utf-8") == place.quote


def test_words_of_another_article_are_said_elsewhere(client: httpx.Client) -> None:
    check = checked(client, "Two dredgers worked there", article="lighthouse.md")
    assert (check.verdict, check.places[0].path) == ("elsewhere", "harbour.md")
    assert checked(client, "Two dredgers worked there", article="harbour.md").verdict == "exact"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"quote": ""},
        {"quote": " “” "},
        {"quote": "?!"},
        {"quote": 7},
        {"quote": "a " * 5_000},
        {"quote": "a", "article": "nowhere.md"},
        {"quote": "a", "article": "\ud800\0"},
        {"quote": "a", "article": "../../etc/passwd"},
        {"quote": "a", "more": 1},
    ],
)
def test_a_quotation_that_cannot_be_checked_is_refused_in_words(
    client: httpx.Client, body: dict[str, Any]
) -> None:
    sent = json.dumps(body)
    assert "root:" not in error(client.post("/api/check", content=sent, headers=JSON), 400)


def test_each_sentence_of_a_draft_gets_a_verdict(client: httpx.Client) -> None:
    draft = "The harbour at Kallo was deepened in 1974. Peru won the football cup. Why was that?"
    reply = client.post("/api/review", json={"draft": draft})
    review = ReviewOut.model_validate(reply.json())
    verdicts = [one.verdict for one in review.sentences]
    assert verdicts == ["supported", "absent", "nothing_to_check"]
    assert [draft[slice(*one.chars)] for one in review.sentences] == [
        one.sentence for one in review.sentences
    ]
    place = review.sentences[0].support[0]
    text = client.get(f"/api/articles/{place.article_sha256}").json()["text"]
    assert text[slice(*place.chars)] == place.quote


@pytest.mark.parametrize("draft", ["", " \n ", "a" * 20_001, "He left. " * 201, None, ["a"]])
def test_a_draft_that_cannot_be_checked_is_refused_in_words(
    client: httpx.Client, draft: Any
) -> None:
    error(client.post("/api/review", json={"draft": draft}), 400)


def test_hostile_quotations_and_drafts_are_answered(client: httpx.Client) -> None:
    for attack in ATTACKS:
        assert checked(client, f"The saboteur wrote {attack} on the wall").verdict
    reply = client.post("/api/review", json={"draft": "\n\n".join(ATTACKS)})
    ReviewOut.model_validate(reply.json())


# ---- kept answers --------------------------------------------------------------------------------


def test_a_kept_answer_is_read_under_its_hash_or_the_beginning_of_it(client: httpx.Client) -> None:
    answer = asked(client)
    record = client.get(f"/api/answers/{answer['record']}").json()
    told = RecordOut.model_validate(record)
    assert (told.hash, told.question) == (answer["record"], QUESTION)
    assert [c.quote for c in told.answer.citations] == [c["quote"] for c in answer["citations"]]
    assert client.get(f"/api/answers/{answer['record'][:8]}").json() == record
    assert read_record(json.dumps(record)).hash == answer["record"]


@pytest.mark.parametrize(
    "name", ["0" * 64, "0" * 8, "abc", "A" * 64, "nonsense", "..%2f..%2fetc%2fpasswd", "0" * 9_999]
)
def test_an_answer_that_never_was_is_not_found(client: httpx.Client, name: str) -> None:
    paths = ("", "/verify", "/export/ris", "/export/record")
    for path in [f"/api/answers/{name}{end}" for end in paths] + [f"/answers/{name}"]:
        reply = client.get(path)
        if path.startswith("/answers/") and re.fullmatch("[0-9a-f]{8,64}", name):
            assert reply.headers["location"] == f"/?answer={name}"  # the page says so
        else:
            error(reply, 404)


def test_a_permalink_leads_to_the_page(client: httpx.Client) -> None:
    record = asked(client)["record"]
    reply = client.get(f"/answers/{record}")
    assert (reply.status_code, reply.headers["location"]) == (307, f"/?answer={record}")


def test_kept_answers_are_found_by_words_of_their_question(client: httpx.Client) -> None:
    harbour, keeper = asked(client), asked(client, "Who holds the key of the lighthouse?")
    everything = client.get("/api/answers").json()["answers"]
    assert [one["hash"] for one in everything] == [keeper["record"], harbour["record"]]
    found = client.get("/api/answers", params={"q": "KALLO"}).json()["answers"]
    assert [one["hash"] for one in found] == [harbour["record"]]
    assert client.get("/api/answers", params={"q": "%' OR 1=1 --"}).json()["answers"] == []
    assert len(client.get("/api/answers", params={"limit": 1}).json()["answers"]) == 1
    for limit in ("0", "-1", "1001", "many"):
        assert "limit" in error(client.get("/api/answers", params={"limit": limit}), 400)


def test_a_corrected_article_shows_the_answers_that_it_touches(
    client: httpx.Client, assistant: Assistant, corpus: Path
) -> None:
    record = asked(client)["record"]
    write(corpus, "harbour.md", HARBOUR.replace("1974", "1947"))
    assistant.ingest()
    for name in ("harbour.md", assistant.record(record).citations[0].article_sha256):
        told = client.get("/api/answers", params={"article": name}).json()
        (touched,) = KeptAnswersOut.model_validate(told).answers
        assert touched.hash == record
        assert touched.verification is not None
        assert touched.verification.state == "altered"
    for name in ("lighthouse.md", "nowhere.md", "", "%00", "../../etc/passwd"):
        assert client.get("/api/answers", params={"article": name}).json() == {"answers": []}


def test_a_kept_answer_is_verified_against_the_corpus_as_it_is_now(
    client: httpx.Client, corpus: Path
) -> None:
    record = asked(client)["record"]
    told = client.get(f"/api/answers/{record}/verify").json()
    intact = VerificationOut.model_validate(told)
    assert (intact.state, intact.exit_code) == ("intact", 0)
    assert client.get("/api/verify").json() == {"exit_code": 0, "records": [told]}
    (corpus / "harbour.md").unlink()
    gone = VerificationsOut.model_validate(client.get("/api/verify").json())
    assert (gone.exit_code, gone.records[0].state) == (6, "gone")


# ---- record files --------------------------------------------------------------------------------


def forged(record: dict[str, Any]) -> str:
    """A record with a hash that fits what it says now."""
    content = {name: value for name, value in record.items() if name != "hash"}
    return json.dumps({**content, "hash": _hash(_canonical(content))})


def test_a_record_file_is_verified_although_nobody_keeps_it(client: httpx.Client) -> None:
    record = client.get(f"/api/answers/{asked(client)['record']}").json()
    reply = client.post("/api/verify", json={"record": json.dumps(record)})
    assert VerificationOut.model_validate(reply.json()).state == "intact"
    record["question"] = "Another question?"
    reply = client.post("/api/verify", json={"record": forged(record)})
    assert VerificationOut.model_validate(reply.json()).question == "Another question?"


def test_a_record_file_that_was_changed_is_refused(client: httpx.Client) -> None:
    record = client.get(f"/api/answers/{asked(client)['record']}").json()
    record["question"] = "Another question?"
    told = error(client.post("/api/verify", json={"record": json.dumps(record)}), 400)
    assert "changed after it was made" in told


def test_a_forged_record_proves_nothing_and_reads_no_file(client: httpx.Client) -> None:
    record = client.get(f"/api/answers/{asked(client)['record']}").json()
    citation = record["answer"]["citations"][0]
    quote = citation["quote"].replace("1974", "1947")
    lie = {**citation, "quote": quote}
    record["answer"]["citations"][0] = lie
    reply = client.post("/api/verify", json={"record": forged(record)})
    assert VerificationOut.model_validate(reply.json()).state == "altered"
    for path in ("/etc/passwd", "../../../../etc/passwd", "a/../../etc/passwd", "a\0b"):
        record["answer"]["citations"][0] = {**citation, "path": path}
        reply = client.post("/api/verify", json={"record": forged(record)})
        assert "root:" not in reply.text
        assert reply.status_code == 400 or reply.json()["exit_code"] > 0, path


@pytest.mark.parametrize(
    "record",
    ["", "{", "[]", "7", "null", "{}", '{"pincite": 1}', "[" * 100_000, '{"hash": NaN}', "\ud800"],
)
def test_a_file_that_is_no_record_is_refused_in_words(client: httpx.Client, record: str) -> None:
    sent = json.dumps({"record": record})
    assert "record" in error(client.post("/api/verify", content=sent, headers=JSON), 400)


@pytest.mark.parametrize("body", [{}, {"record": 7}, {"record": {"hash": "a"}}, []])
def test_what_is_no_record_file_at_all_is_refused(client: httpx.Client, body: Any) -> None:
    error(client.post("/api/verify", json=body), 400)


def test_a_record_file_of_two_megabytes_is_refused(client: httpx.Client) -> None:
    error(client.post("/api/verify", json={"record": "a" * 2_000_000}), 413)


# ---- exports -------------------------------------------------------------------------------------

MEDIA_TYPES = {name: style.media_type for name, style in STYLES.items()} | {
    "record": "application/json"
}
SUFFIXES = {name: style.suffix for name, style in STYLES.items()} | {"record": ".record.json"}


@pytest.mark.parametrize("question", [QUESTION, UGLY])
def test_every_export_is_a_file_of_its_kind(client: httpx.Client, question: str) -> None:
    answer = asked(client, question)
    for style, media_type in MEDIA_TYPES.items():
        reply = client.get(f"/api/answers/{answer['record']}/export/{style}")
        assert reply.status_code == 200, style
        kind, _, charset = reply.headers["content-type"].partition("; charset=")
        assert kind == media_type
        assert charset in ("", "utf-8")
        file = f"pincite-{answer['record'][:12]}{SUFFIXES[style]}"
        assert reply.headers["content-disposition"] == f'attachment; filename="{file}"'
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in reply.headers
        assert reply.content.decode("utf-8").strip()


def test_an_export_holds_the_absolute_address_of_its_answer(client: httpx.Client) -> None:
    record = asked(client)["record"]
    permalink = f"{client.base_url}/answers/{record}".replace("//answers", "/answers")
    for style in ("markdown", "text", "bibtex", "annotation"):
        text = client.get(f"/api/answers/{record[:8]}/export/{style}").text
        assert permalink in text, style


def test_without_a_site_an_export_names_its_record(
    client: httpx.Client, assistant: Assistant
) -> None:
    record = assistant.record(asked(client)["record"])
    for style in ("markdown", "text", "bibtex"):
        text = assistant.export(record, style)
        assert record.hash in text
        assert "/answers/" not in text


def test_the_exported_record_is_the_record(client: httpx.Client) -> None:
    record = asked(client)["record"]
    text = client.get(f"/api/answers/{record}/export/record").text
    assert read_record(text).hash == record
    reply = client.post("/api/verify", json={"record": text})
    assert reply.json()["state"] == "intact"


@pytest.mark.parametrize("style", ["html", "Markdown", "%0d%0a", "a" * 5_000])
def test_another_style_is_refused_in_words(client: httpx.Client, style: str) -> None:
    reply = client.get(f"/api/answers/{asked(client)['record']}/export/{style}")
    assert reply.status_code in (400, 404)
    assert list(reply.json()) == ["error"]


@pytest.mark.parametrize(
    "path",
    [
        "/answers", "/answers/", "/answers/a/b", "/api/answers/", "/api/answers/a/b",
        "/api/answers/a/verify/", "/api/answers/a/export/", "/api/answers/a/export/b/c",
        "/api/verify/a", "/api/check/", "/api/review/a",
    ],
)  # fmt: skip
def test_beside_these_addresses_there_is_nothing(client: httpx.Client, path: str) -> None:
    assert "nothing at this address" in error(client.get(path), 404)
