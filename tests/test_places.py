"""The page of a PDF, or the time of a recording, from an article's marks to every door."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import write
from serving import opened
from test_render import Parsed

from answer.answer import Answer, Citation, Coverage
from answer.draft import Claim, Draft, Quotation
from answer.export import STYLES, export
from answer.export.fragment import LOOKED_AT, fragment_links, link_to
from answer.export.original import original_address
from answer.ground import ground
from answer.place import Place
from answer.record import read_record, record_of
from answer.sources import cluster
from answer.verify.forged import false_parts
from index.search import Hit
from ingest.article import Article, Span
from ingest.errors import BadRecord
from ingest.locator import Locator
from ingest.read import decode_article
from ingest.split import split
from web import render, reply, report, terminal, verdicts
from web.reading import blocks
from web.schema import CitationOut, FoundOut, PlaceOut

ORIGINAL = "7e" * 32
REPORT = f"""\
---
title: The dredging of Kallo
publisher: Harbour Board
published: 1975-03-02
url: https://board.example/kallo
source: https://board.example/files/kallo.pdf?v=2
source_sha256: {ORIGINAL}
---

Kallo, a report.

<!-- page 3 -->

The board hired two dredgers in 1974.

<!-- page 4, 5 +33 -->

The mud was taken far out to sea, and the fishermen of Saarn were paid for a year.
"""
HIRED = "The board hired two dredgers in 1974."
MUD = "The mud was taken far out to sea, and the fishermen of Saarn were paid for a year."
NOWHERE = "Kallo, a report."
PDF_PLACE = "https://board.example/files/kallo.pdf?v=2#page="


def article(text: str = REPORT, **facts: Any) -> Article:
    return replace(decode_article("1975/kallo.md", text.encode()), **facts)


def place(source: Article, words: str) -> Span:
    start = source.text.index(words)
    return Span(start, start + len(words))


def answered(source: Article, *quoted: str) -> Answer:
    """What `ground` makes of these quotations."""
    held = {p: place(source, p) for p in quoted}
    hits = [Hit(passage, 0.1, 1, 1, cosine=0.5) for passage in split(source)]
    claims = []
    for words, chars in held.items():
        hit = next(h for h in hits if h.passage.chars.overlap(chars) == len(chars))
        claims.append(Claim(words, (Quotation(hit, chars, words, 1.0, 0.9),)))
    coverage = Coverage(1, len(hits), None, None)
    draft = Draft(tuple(claims), 0.9)
    return ground("Who dredged it?", draft, hits, {source.sha256: source}, coverage)


@pytest.fixture(scope="module")
def answer() -> Answer:
    """Three quotations: of page 3, of pages 4 to 5, and of a part without a page."""
    return answered(article(), HIRED, MUD, NOWHERE)


def exported(style: str, given: Answer, source: Article | None = None) -> str:
    return export(given, style, articles={source.sha256: source} if source else {})


# ---- the citation --------------------------------------------------------------------------------


def test_a_citation_says_where_its_original_has_the_words(answer: Answer) -> None:
    assert [c.locator and str(c.locator) for c in answer.citations] == ["p. 3", "pp. 4–5", None]
    told = [citation.to_json() for citation in answer.citations]
    assert told[0]["locator"] == {"kind": "page", "first": "3", "last": "3", "text": "p. 3"}
    assert told[2]["locator"] is None
    for one in told:
        CitationOut.model_validate(one)
        assert Citation.from_json(one).to_json() == one


def test_the_law_holds_beside_marks(answer: Answer) -> None:
    text = article().text
    assert all(c.chars.of(text) == c.quote and "<!--" not in c.quote for c in answer.citations)


def test_a_place_says_it_too() -> None:
    told = Place.cut(article(), place(article(), MUD)).to_json()
    assert told["locator"]["text"] == "pp. 4–5"
    PlaceOut.model_validate(told)


# ---- the link ------------------------------------------------------------------------------------


def test_a_link_to_a_pdf_leads_to_the_page_and_has_no_text_directive(answer: Answer) -> None:
    source = article()
    links = [f"{PDF_PLACE}3", f"{PDF_PLACE}4", "https://board.example/kallo"]
    assert [citation.link for citation in answer.citations] == links
    assert list(fragment_links(source, [c.chars for c in answer.citations])) == links


def test_a_long_pdf_has_the_same_links_as_a_short_one() -> None:
    source = article(REPORT + "\nMore of it.\n" * (LOOKED_AT // 12))
    assert link_to(source, place(source, HIRED)) == f"{PDF_PLACE}3"


@pytest.mark.parametrize(
    ("kind", "facts", "address"),
    [
        ("page", {"source": "kallo.pdf"}, "https://board.example/kallo"),
        ("page", {"source": "kallo.pdf", "url": None}, None),
        ("page", {"source": "kallo.pdf", "url": "http://a.example/B.PDF#toolbar=0"},
         "http://a.example/B.PDF#page=3"),
        ("page", {"source": "https://a.example/all.zip", "source_part": "a.pdf", "url": None}, None),
        ("page", {"source": "https://a.example/all.zip", "source_part": "a.pdf"},
         "https://board.example/kallo"),
        ("page", {"source": "javascript:alert(1)//.pdf", "url": None}, None),
        ("time", {"source": "https://a.example/talk.vtt", "url": "https://a.example/talk"},
         "https://a.example/talk"),
        ("time", {"source": "talk.vtt", "url": "https://a.example/Talk.MP4?x#t=1"},
         "https://a.example/Talk.MP4?x#t=723"),
        ("time", {"source": "talk.vtt", "url": "https://a.example/?f=talk.mp4"},
         "https://a.example/?f=talk.mp4"),
        ("time", {"source": "https://a.example/talk.vtt", "url": None},
         "https://a.example/talk.vtt"),
    ],
)  # fmt: skip
def test_a_fragment_stands_only_behind_the_address_of_a_file_that_has_such_places(
    kind: str, facts: dict[str, Any], address: str | None
) -> None:
    locator = Locator("page", "3", "3") if kind == "page" else Locator("time", "0:12:03", "0:12:03")
    assert original_address(article(**facts), locator) == address


# ---- exports -------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", ["markdown", "text", "bibtex", "csl-json", "ris"])
def test_every_export_for_readers_names_the_page_beside_the_quotation(
    style: str, answer: Answer
) -> None:
    told = exported(style, answer, article())
    assert "p. 3" in told
    assert "pp. 4–5" in told
    assert told.count("p. 3") == 1
    assert told.replace("\\#", "#").count("#page=3") == 1
    assert ":~:" not in told


def test_a_footnote_has_the_page_between_the_date_and_the_place(answer: Answer) -> None:
    assert "1975-03-02. p. 3. `1975/kallo.md, characters" in exported("markdown", answer, article())


def test_the_page_of_one_quotation_is_no_field_of_the_whole_article(answer: Answer) -> None:
    (item,) = json.loads(exported("csl-json", answer, article()))
    assert not {"page", "locator", "number-of-pages"} & set(item)
    assert "(p. 3; 1975/kallo.md" in item["note"]
    assert "pages =" not in exported("bibtex", answer, article())
    assert "\nSP  - " not in exported("ris", answer, article())


def test_an_annotation_has_the_page_of_the_original_as_a_second_target(answer: Answer) -> None:
    page = json.loads(exported("annotation", answer, article()))["first"]["items"]
    words, original = page[0]["target"]
    assert words["selector"][0]["exact"] == HIRED
    assert original == {
        "type": "SpecificResource",
        "source": {"id": PDF_PLACE.partition("#")[0], "format": "application/pdf"},
        "selector": {
            "type": "FragmentSelector",
            "conformsTo": "http://tools.ietf.org/rfc/rfc3778",
            "value": "page=3",
        },
    }
    assert page[2]["target"]["selector"][0]["exact"] == NOWHERE


def test_an_original_without_an_address_is_named_by_its_bytes() -> None:
    source = article(source="kallo.pdf", url=None)
    given = answered(source, HIRED)
    (one,) = json.loads(exported("annotation", given, source))["first"]["items"]
    digest = base64.urlsafe_b64encode(bytes.fromhex(ORIGINAL)).decode().rstrip("=")
    assert one["target"][1]["source"]["id"] == f"ni:///sha-256;{digest}"
    for odd in ({"source_sha256": "../x"}, {"source_part": "a.pdf"}, {"source_sha256": None}):
        inside = replace(source, **odd)
        (one,) = json.loads(exported("annotation", given, inside))["first"]["items"]
        assert isinstance(one["target"], dict)


@pytest.mark.parametrize("style", STYLES)
def test_an_export_says_the_version_s_page_and_not_a_forged_one(style: str, answer: Answer) -> None:
    cited = tuple(replace(c, locator=Locator("page", "909", "909")) for c in answer.citations)
    told = exported(style, replace(answer, citations=cited), article())
    assert "909" not in told
    assert told == exported(style, answer, article())


@pytest.mark.parametrize("style", ["markdown", "text", "bibtex", "csl-json", "ris"])
def test_without_the_version_an_export_says_what_the_answer_said(
    style: str, answer: Answer
) -> None:
    assert "p. 3" in exported(style, answer)


# ---- records -------------------------------------------------------------------------------------


def recorded(given: Answer) -> dict[str, Any]:
    return json.loads(record_of(given, state="5" * 64, settings={}).text)


def hashed(told: dict[str, Any]) -> str:
    """A record with the hash of what it says."""
    import answer.record as module

    content = {name: value for name, value in told.items() if name != "hash"}
    return json.dumps(content | {"hash": module._hash(module._canonical(content))})


def test_a_record_keeps_the_page(answer: Answer) -> None:
    record = record_of(answer, state="5" * 64, settings={})
    again = read_record(record.text)
    assert [c.locator for c in again.citations] == [c.locator for c in answer.citations]


def test_a_record_of_a_version_that_knew_no_pages_is_read_and_keeps_its_hash(
    answer: Answer,
) -> None:
    told = recorded(answer)
    for citation in told["answer"]["citations"]:
        del citation["locator"]
    older = hashed(told)
    record = read_record(older)
    assert record.hash == json.loads(older)["hash"]
    assert [citation.locator for citation in record.citations] == [None, None, None]
    assert "p. 3" in exported("text", record.answer(), article())
    assert false_parts(record.citations[0], article()) == ()


@pytest.mark.parametrize(
    "place_",
    ["p. 3", [], {}, {"kind": "page", "first": "3"}, {"kind": "page", "first": 3, "last": 3},
     {"kind": ["page"], "first": "3", "last": "3"}, {"kind": "line", "first": "3", "last": "3"},
     {"kind": "page", "first": "\x1b[2J", "last": "3"}, False, 0],
)  # fmt: skip
def test_a_record_with_a_place_that_is_none_is_no_record(answer: Answer, place_: object) -> None:
    told = recorded(answer)
    told["answer"]["citations"][0]["locator"] = place_
    with pytest.raises(BadRecord, match="`locator` of item 1"):
        read_record(hashed(told))


def test_a_forged_page_is_noticed(answer: Answer) -> None:
    forged = replace(answer.citations[0], locator=Locator("page", "909", "909"))
    assert false_parts(forged, article()) == ("locator",)
    assert false_parts(answer.citations[0], article()) == ()
    assert false_parts(replace(answer.citations[0], locator=None), article()) == ()


# ---- the page ------------------------------------------------------------------------------------


def test_a_source_in_a_reply_names_its_pages(answer: Answer) -> None:
    text = Parsed(reply.answer_html(answer)).text
    assert "Harbour Board · 2 March 1975 · p. 3 [1], pp. 4–5 [2]" in text
    one = Parsed(reply.answer_html(answered(article(), HIRED))).text
    assert "Harbour Board · 2 March 1975 · p. 3" in one
    assert "[1]" not in one


def test_the_evidence_names_the_page_and_shows_no_mark() -> None:
    source = article()
    html = render.evidence_html(
        source, place(source, HIRED), original=f"/originals/{ORIGINAL}#page=3"
    )
    parsed = Parsed(html)
    assert "<!--" not in parsed.text
    assert "page 3" not in parsed.text
    assert "Harbour Board · 2 March 1975 · p. 3" in parsed.text
    assert parsed.marked["cited"] == [HIRED]
    links = [link for name, link in parsed.attributes if name == "href"]
    assert links == [f"{PDF_PLACE}3", f"/originals/{ORIGINAL}#page=3"]
    assert "board.example ↗ · original, p. 3" in parsed.text


def test_the_evidence_names_the_part_of_a_source_and_nothing_in_it_acts() -> None:
    attack = "<img src=x onerror=alert(1)>"
    source = article(source_part=attack)
    parsed = Parsed(render.evidence_html(source, place(source, HIRED)))
    assert f"from {attack}" in parsed.text
    assert "img" not in parsed.tags
    assert "original" not in parsed.text.replace("An original", "")


def test_a_mark_that_an_article_shows_as_an_example_is_shown() -> None:
    source = decode_article(
        "a.md", b"One.\n\n```\n<!-- page 7 -->\n```\n\n<!-- page 8 -->\n\nTwo.\n"
    )
    shown = [line.of(source.text) for block in blocks(source) for line in block.lines]
    assert shown == ["One.", "<!-- page 7 -->", "Two."]
    plain = decode_article("a.txt", b"One.\n\n<!-- page 8 -->\n\nTwo.\n")
    assert "<!-- page 8 -->" in [
        line.of(plain.text) for block in blocks(plain) for line in block.lines
    ]


def test_the_place_of_a_checked_quotation_names_its_page() -> None:
    from answer.check import QuoteCheck
    from answer.review import DraftReview, Reviewed

    found = Place.cut(article(), place(article(), HIRED))
    check = QuoteCheck(HIRED, "exact", (found,), 1)
    assert "2 March 1975 · p. 3" in Parsed(verdicts.check_html(check)).text
    review = DraftReview("…", (Reviewed(Span(0, 1), "x", "supported", 1.0, (found,)),))
    assert "The dredging of Kallo, p. 3: “" in Parsed(verdicts.review_html(review)).text


# ---- the terminal --------------------------------------------------------------------------------


def test_a_terminal_names_the_page_after_the_date(answer: Answer) -> None:
    told = terminal.answer_text(answer.to_json())
    assert "Harbour Board, 1975-03-02, p. 3 · 1975/kallo.md, characters" in told
    check = {"verdict": "exact", "note": None, "articles": 1, "more": False, "nearest": None}
    places = [Place.cut(article(), place(article(), MUD)).to_json()]
    assert ", pp. 4–5 · " in report.check_text(check | {"places": places})


def test_an_answer_of_an_older_server_is_shown_without_a_page(answer: Answer) -> None:
    told = answer.to_json()
    for citation in told["citations"]:
        del citation["locator"]
    assert "1975-03-02 · 1975/kallo.md" in terminal.answer_text(told)


def test_the_new_page_of_words_that_moved_is_told() -> None:
    now = Place.cut(article(), place(article(), HIRED)).to_json()
    citation = {"number": 1, "state": "moved", "now": now, "line": "[1] moved", "quote": HIRED}
    told = {"summary": "s", "citations": [citation], "exit_code": 4, "same_corpus": True}
    assert "(now p. 3, characters" in report.verification_text(told)


# ---- the same story ------------------------------------------------------------------------------


def test_marks_make_no_other_story_of_the_same_words() -> None:
    words = [f"The {n}th dredger of Kallo left its berth at dawn." for n in range(1, 40)]
    marked = "".join(f"<!-- time 0:{n:02}:07 -->\n\n{w}\n\n" for n, w in enumerate(words))
    one = decode_article("a.md", ("\n\n".join(words) + "\n").encode())
    other = decode_article("b.md", marked.encode())
    assert cluster([one, other]) == ((one, other),)


# ---- what is found -------------------------------------------------------------------------------


def test_a_passage_that_is_found_says_its_page_in_every_door(tmp_path: Path) -> None:
    write(tmp_path / "corpus", "1975/kallo.md", REPORT)
    assistant = opened(tmp_path / "corpus", tmp_path / "index")
    try:
        hits = assistant.search("Who hired two dredgers?")
        told = {"question": "?", "passages": [hit.to_json() for hit in hits]}
        FoundOut.model_validate(told)
        by_text = {hit.passage.text: hit.locator and str(hit.locator) for hit in hits}
        assert (by_text[HIRED], by_text[MUD]) == ("p. 3", "pp. 4–5")
        assert "(p. 3, 1975/kallo.md, characters" in terminal.passages_text(told)
        answer = assistant.ask("Who hired two dredgers?")
        assert answer.citations[0].locator == Locator("page", "3", "3")
        assert {hit.locator for hit in assistant.kept(answer.record or "").hits} == {
            hit.locator for hit in answer.hits
        }
        nothing = replace(answer, outcome="not_in_corpus", citations=(), statements=())
        assert "p. 3" in Parsed(reply.answer_html(nothing)).text
    finally:
        assistant.close()
