"""Exports, read back by other software: they say what was cited, and nothing else acts."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from conftest import HARBOUR, LIGHTHOUSE, TIDES, UGLY
from hypothesis import given
from hypothesis import strategies as st

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
from answer.assistant import open_assistant
from answer.export import STYLES, export
from answer.export.cited import one_line
from answer.judge import Finding
from answer.settings import Settings
from ingest.article import Article, Span
from ingest.errors import BadRecord, BadSetting
from ingest.read import decode_article
from tests.clock import assert_linear

COVERAGE = Coverage(3, 9, "2014-07", "2021-11-30")
KALLO = "The harbour at Kallo was deepened in 1974."
SAARN = "The lighthouse on Saarn has had no keeper since 1998."
STEPS = "Visitors may climb its 142 steps in summer, when the harbour master holds the key."
MOON = "The moon pulls the sea."


def citation(number: int, article: Article, chars: Span, claim: Span, **facts: Any) -> Citation:
    return Citation(
        number, claim, article.sha256, article.path, article.title, article.publisher,
        article.published, article.url, chars, article.byte_span(chars), chars.of(article.text),
        article.text[max(article.body.start, chars.start - 64) : chars.start],
        article.text[chars.end : chars.end + 64],
        authors=article.authors, accessed=article.accessed, language=article.language, **facts,
    )  # fmt: skip


def answered(places: Sequence[tuple[Article, Span]], **facts: Any) -> Answer:
    """An answer of quotations, as the writer that needs no model gives it."""
    text, citations, statements = "", [], []
    for number, (article, chars) in enumerate(places, 1):
        claim = Span(len(text), len(text) + len(chars))
        text += f"{chars.of(article.text)} [{number}] "
        citations.append(citation(number, article, chars, claim))
        statements.append(Statement(claim, (number,), "exact"))
    question = facts.pop("question", "What is known?")
    return Answer(question, text.rstrip(), tuple(citations), (), "answered", 0.9, COVERAGE,
                  tuple(statements), **facts)  # fmt: skip


def place(article: Article, words: str) -> tuple[Article, Span]:
    start = article.text.index(words, article.body.start)
    return article, Span(start, start + len(words))


HARBOUR_ARTICLE = replace(
    decode_article("2021/harbour.md", HARBOUR.encode()),
    authors=("Ada Tamm", "Coast News Agency"), accessed="2021-12-03",
)  # fmt: skip
LIGHTHOUSE_ARTICLE = decode_article("2014/lighthouse.md", LIGHTHOUSE.encode())
TIDES_ARTICLE = decode_article("tides.txt", TIDES.encode())
ARTICLES = {a.sha256: a for a in (HARBOUR_ARTICLE, LIGHTHOUSE_ARTICLE, TIDES_ARTICLE)}
ANSWER = answered(
    [place(HARBOUR_ARTICLE, KALLO), place(LIGHTHOUSE_ARTICLE, SAARN),
     place(LIGHTHOUSE_ARTICLE, STEPS), place(TIDES_ARTICLE, MOON)]
)  # fmt: skip
NOTHING = Answer("Who?", "Not in this corpus: nothing in its 3 articles answers this question.",
                 (), (), "not_in_corpus", 0.1, COVERAGE)  # fmt: skip
HOSTILE = (
    "A } title\nER  - \r\n@article{x, title={y}} % $5 & #1 _a_ ~b ^c \\d \\input{x} \"q\" ''z -- "
    "<script>alert(1)</script> [link](javascript:x) ![i](x) `code` *b* &amp; https://x.org "
    "\x00\x07\u202e{:DOI: x} مرحبا 👩‍👩‍👧‍👦 |a| [^1]: note [@key] :smile: 1. $x$ ==m=="
)


URL_PIECE = "'(x)}{_*[a]%7C~$#,;\u202e<b>|^`\"é"


def exported(style: str, answer: Answer = ANSWER, **facts: Any) -> str:
    return export(answer, style, articles=ARTICLES, **facts)


# What every style has in common


@pytest.mark.parametrize("style", STYLES)
def test_an_address_that_is_no_web_page_is_never_a_link(style: str) -> None:
    article = replace(HARBOUR_ARTICLE, url="javascript:alert(1)")
    told = exported(style, answered([place(article, KALLO)]))
    assert "javascript" not in told


FORGED = {
    "the words": {"quote": KALLO.replace("1974", "1975")},
    "the characters": {"chars": ANSWER.citations[0].chars.shifted(1)},
    "the bytes": {"bytes": ANSWER.citations[0].bytes.shifted(1)},
    "more characters": {"chars": Span(ANSWER.citations[0].chars.start, 10**9)},
    "what stands before": {"prefix": "It is said that "},
    "what stands after": {"suffix": " Or so they say."},
    "a prefix before the file": {"prefix": "x" * 10_000},
}


@pytest.mark.parametrize("forged", FORGED)
@pytest.mark.parametrize("style", STYLES)
def test_nothing_is_exported_of_a_record_that_its_version_contradicts(
    style: str, forged: str
) -> None:
    false = replace(ANSWER.citations[0], number=7, **FORGED[forged])  # type: ignore[arg-type]
    with pytest.raises(BadRecord, match="the record is wrong: the version that citation 7 names"):
        exported(style, replace(ANSWER, citations=(*ANSWER.citations[1:], false)))


@pytest.mark.parametrize("style", STYLES)
def test_a_quotation_whose_version_is_not_kept_is_said_to_be_compared_with_nothing(
    style: str,
) -> None:
    kept = {sha256: article for sha256, article in ARTICLES.items() if article is not TIDES_ARTICLE}
    assert export(ANSWER, style, articles=kept).count("not compared with that version") == 1
    assert "not compared" not in exported(style)


def test_the_styles_are_named_with_what_a_download_needs() -> None:
    assert list(STYLES) == ["markdown", "text", "bibtex", "csl-json", "ris", "annotation"]
    for style in STYLES.values():
        assert style.label
        assert "/" in style.media_type
        assert style.suffix.startswith(".")


def test_an_unknown_style_is_refused_with_the_names_of_those_that_exist() -> None:
    with pytest.raises(BadSetting, match=r"docx.*markdown, text, bibtex, csl-json, ris, annot"):
        exported("docx")


@pytest.mark.parametrize("style", STYLES)
def test_an_answer_is_exported_twice_to_the_same_text(style: str) -> None:
    assert exported(style, asked="2026-11-23T10:00:00Z") == exported(
        style, asked="2026-11-23T10:00:00Z"
    )


@pytest.mark.parametrize("style", STYLES)
def test_an_export_without_the_articles_still_says_what_was_cited(style: str) -> None:
    told = export(ANSWER, style, articles={})
    assert "Kallo" in told
    assert ":~:" not in told
    assert "https://example.org/harbour" in told


@pytest.mark.parametrize("style", ["markdown", "text", "bibtex", "csl-json", "ris"])
def test_every_style_for_readers_links_the_live_page_at_its_words(style: str) -> None:
    told = exported(style).replace("\\_", "_").replace("\\%", "%").replace("\\#", "#")
    told = told.replace("\\textasciitilde{}", "~")
    assert "https://example.org/harbour#:~:text=The%20harbour%20at%20Kallo%20was" in told


def test_an_export_of_a_kept_answer_says_when_it_was_last_asked(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus/harbour.md").write_text(HARBOUR)
    settings = Settings(corpus=tmp_path / "corpus", index=tmp_path / "index", embedder="hashed")
    assistant = open_assistant(settings)
    try:
        assistant.ingest()
        name = assistant.ask("When was the harbour at Kallo deepened?").record or ""
        kept, (row,) = assistant.record(name), assistant.records()
        assert f"Asked: {row.last_asked}" in assistant.export(kept, "markdown")
        unkept = replace(kept, hash="0" * 64)
        assert "Asked:" not in assistant.export(unkept, "markdown")
    finally:
        assistant.close()


def ugly_answer(
    pieces: list[str], title: str, data: st.DataObject
) -> tuple[Answer, dict[str, Article]]:
    """An answer citing two places of an ugly article, whose facts are as ugly."""
    body = "".join(pieces) + "\n\nThe end."
    article = decode_article("dir/ugly.md", body.encode())
    article = replace(
        article, title=title, authors=(title[:20], "B and C"), publisher=title[5:30] or None,
        url=f"https://example.org/a?b=c_d&e=%41{URL_PIECE}#s",
    )  # fmt: skip
    places = []
    for _ in range(2):
        start = data.draw(st.integers(article.body.start, article.body.end - 1))
        end = data.draw(st.integers(start + 1, min(article.body.end, start + 400)))
        places.append((article, Span(start, end)))
    return answered(places, question=title), {article.sha256: article}


TITLES = st.just(HOSTILE) | st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | UGLY.map(
    "".join
)  # fmt: skip


@given(pieces=UGLY, title=TITLES, data=st.data())
def test_ugly_texts_come_back_from_every_format_as_they_were(
    pieces: list[str], title: str, data: st.DataObject
) -> None:
    answer, articles = ugly_answer(pieces, title, data)
    first = answer.citations[0]
    name = one_line(first.title) or first.path
    quotes = [one_line(c.quote) for c in answer.citations]

    (entry,) = bibtex_entries(export(answer, "bibtex", articles=articles))
    assert entry["title"] == name
    assert [q in entry["annotation"] for q in quotes] == [True, True]

    told = export(answer, "csl-json", articles=articles)
    (item,) = json.loads(told)
    csl_schema().validate([item])
    assert item["title"] == name
    assert [q.replace("{:", "{ :") in item["note"] for q in quotes] == [True, True]

    (record,) = ris_records(export(answer, "ris", articles=articles))
    assert record["title"] == name
    assert [q in note for q, note in zip(quotes, record["notes"], strict=True)] == [True, True]

    for told in annotations(export(answer, "annotation", articles=articles)):
        assert resolved(told, next(iter(articles.values())).text)

    text, notes = footnotes(export(answer, "markdown", articles=articles))
    for quote, note in zip(quotes, notes, strict=True):
        assert note.startswith(f"“{quote}” ")
        assert name in note
    for quote in filter(None, quotes):
        assert quote in text

    told = export(answer, "text", articles=articles)
    assert [f"[{n}] “{q}” " in told for n, q in enumerate(quotes, 1)] == [True, True]


@pytest.mark.parametrize("style", STYLES)
def test_an_export_takes_about_linear_time(style: str) -> None:
    def prepare(size: int) -> Callable[[], object]:
        body = (HOSTILE.replace("\x00", "") + "\n\n") * (size // len(HOSTILE)) + "The end.\n"
        article = replace(decode_article("a.md", body.encode()), title=body, publisher=body)
        article = replace(article, url="https://example.org/")
        answer = answered([(article, article.body), place(article, "The end.")], question=body)
        return lambda: export(answer, style, articles={article.sha256: article})

    assert_linear(prepare, 40_000, 160_000)


# BibTeX


def bibtex_entries(told: str) -> list[dict[str, str]]:
    """Entries by bibtexparser, their TeX decoded by pylatexenc."""
    import bibtexparser
    from pylatexenc.latex2text import (
        LatexNodes2Text,
        MacroTextSpec,
        get_default_latex_context_db,
    )

    library = bibtexparser.parse_string(told)
    assert not library.failed_blocks
    known = get_default_latex_context_db()  # and what LaTeX's kernel has beyond it
    kernel = {"textbraceleft": "{", "textbraceright": "}", "textless": "<", "textgreater": ">",
              "textasciicircum": "^"}  # fmt: skip
    known.add_context_category(
        "kernel", prepend=True, macros=[MacroTextSpec(name, char) for name, char in kernel.items()]
    )
    decode = LatexNodes2Text(known, strict_latex_spaces=True).latex_to_text
    return [
        {"type": e.entry_type, "key": e.key, **{f.key: decode(f.value) for f in e.fields}}
        for e in library.entries
    ]


def test_bibtex_has_one_entry_for_each_cited_article() -> None:
    entries = bibtex_entries(exported("bibtex"))
    assert [(e["type"], e["key"]) for e in entries] == [
        ("online", "tamm2021harbour"), ("misc", "review2014lighthouse"), ("misc", "articlendtides"),
    ]  # fmt: skip
    first, second, third = entries
    assert first["title"] == "The harbour at Kallo"
    assert first["author"] == "Ada Tamm and Coast News Agency"
    assert first["organization"] == "Coast Gazette"
    assert (first["date"], first["year"], first["urldate"]) == ("2021-11-30", "2021", "2021-12-03")
    assert first["url"] == "https://example.org/harbour"
    assert (second["date"], second["year"]) == ("2014-07", "2014")
    assert second["annotation"].count("“") == 2
    assert "date" not in third
    chars = ANSWER.citations[1].chars
    assert f"2014/lighthouse.md, characters {chars.start}–{chars.end}" in second["annotation"]


def test_two_articles_that_would_share_a_key_each_have_their_own() -> None:
    other = replace(HARBOUR_ARTICLE, path="2021/other.md", sha256="ab" * 32)
    answer = answered([place(HARBOUR_ARTICLE, KALLO), place(other, KALLO)])
    keys = [e["key"] for e in bibtex_entries(exported("bibtex", answer))]
    assert keys == [
        f"tamm2021harbour-{HARBOUR_ARTICLE.sha256[:12]}",
        "tamm2021harbour-abababababab",
    ]


def test_a_key_is_ascii_for_names_in_any_script() -> None:
    article = replace(TIDES_ARTICLE, authors=("王小明",), publisher="Известия", title="潮汐")
    (entry,) = bibtex_entries(exported("bibtex", answered([place(article, MOON)])))
    assert re.fullmatch(r"articlend[a-z0-9-]*", entry["key"])


def test_nothing_in_a_title_ends_its_field_or_begins_an_entry() -> None:
    article = replace(HARBOUR_ARTICLE, title=HOSTILE, authors=(HOSTILE,), publisher=HOSTILE)
    told = exported("bibtex", answered([place(article, KALLO)]), permalink=f"http://x/{HOSTILE}")
    (entry,) = bibtex_entries(told)
    assert entry["title"] == entry["organization"] == one_line(HOSTILE)
    assert told.count("\n@") + told.startswith("@") == 1
    assert_balanced(told)
    assert_balanced(re.sub(r"\\.", "", told))


def assert_balanced(told: str) -> None:
    """BibTeX counts an escaped brace too, other parsers do not."""
    depth = 0
    for brace in re.findall(r"[{}]", told):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    assert depth == 0


# CSL-JSON


@lru_cache
def csl_schema() -> Any:
    """The part of CSL 1.0.2's input schema (csl-data.json) that these items use, written anew."""
    from jsonschema import Draft202012Validator

    part = {"type": ["integer", "string"]}
    date = {
        "type": "object",
        "additionalProperties": False,
        "required": ["date-parts"],
        "properties": {
            "date-parts": {
                "type": "array", "minItems": 1, "maxItems": 2,
                "items": {"type": "array", "items": part, "minItems": 1, "maxItems": 3},
            }
        },
    }  # fmt: skip
    names = ("family", "given", "literal", "suffix")
    name = {"additionalProperties": False, "properties": {n: {"type": "string"} for n in names}}
    words = ("title", "container-title", "URL", "language", "note", "publisher", "annote")
    return Draft202012Validator(
        {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["type", "id"],
                "properties": {
                    "type": {"enum": ["article-newspaper", "webpage"]},
                    "id": {"type": "string"},
                    "author": {"type": "array", "items": {"type": "object", **name}},
                    "issued": date,
                    "accessed": date,
                    **{word: {"type": "string"} for word in words},
                },
            },
        }
    )


def test_csl_items_follow_the_schema_and_keep_partial_dates() -> None:
    items = json.loads(exported("csl-json"))
    csl_schema().validate(items)
    assert [i["type"] for i in items] == ["article-newspaper", "article-newspaper", "webpage"]
    assert items[0]["issued"] == {"date-parts": [[2021, 11, 30]]}
    assert items[0]["accessed"] == {"date-parts": [[2021, 12, 3]]}
    assert items[0]["author"] == [{"literal": "Ada Tamm"}, {"literal": "Coast News Agency"}]
    assert items[1]["issued"] == {"date-parts": [[2014, 7]]}
    assert "issued" not in items[2]


def test_a_citation_processor_writes_a_bibliography_from_the_csl_items() -> None:
    lines = bibliography(json.loads(exported("csl-json")))
    assert "The harbour at Kallo" in lines[0]
    assert "Coast Gazette" in lines[0]
    assert "2021" in lines[0]
    assert "2014" in lines[1]


def bibliography(items: list[dict[str, Any]]) -> list[str]:
    """What citeproc-py makes of the items, in the style that it brings along."""
    from citeproc import (
        Citation as Cite,
    )
    from citeproc import (
        CitationItem,
        CitationStylesBibliography,
        CitationStylesStyle,
        formatter,
    )
    from citeproc.source.json import CiteProcJSON

    style = CitationStylesStyle("harvard-cite-them-right", validate=False)
    listed = CitationStylesBibliography(style, CiteProcJSON(items), formatter.plain)
    for item in items:
        listed.register(Cite([CitationItem(item["id"])]))
    return [str(line) for line in listed.bibliography()]


# RIS


def ris_records(told: str) -> list[dict[str, Any]]:
    import rispy

    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in told.split("\r\n")[:-1])
    return list(rispy.loads(told.replace("\r\n", "\n")))


def test_ris_has_one_record_for_each_cited_article() -> None:
    first, second, third = ris_records(exported("ris"))
    assert (first["type_of_reference"], third["type_of_reference"]) == ("NEWS", "ELEC")
    assert first["title"] == "The harbour at Kallo"
    assert first["authors"] == ["Ada Tamm", "Coast News Agency"]
    assert first["secondary_title"] == "Coast Gazette"
    assert (first["year"], first["date"]) == ("2021", "2021/11/30/")
    assert (second["year"], second["date"]) == ("2014", "2014/07//")
    assert first["access_date"] == "2021/12/03/"
    assert first["urls"] == ["https://example.org/harbour"]
    assert len(second["notes"]) == 2
    assert SAARN in second["notes"][0]
    assert "date" not in third


def test_a_title_that_imitates_ris_stays_a_title() -> None:
    article = replace(HARBOUR_ARTICLE, title="A\r\nER  - \nTY  - BOOK\u2028TI  - B\x85TI  - C")
    told = exported("ris", answered([place(article, KALLO)]))
    (record,) = ris_records(told)
    assert record["title"] == "A ER - TY - BOOK TI - B TI - C"
    assert told.count("\r\nER  - ") == 1
    assert told.replace("\r\n", "").isprintable()


# Web Annotation


def annotations(told: str) -> list[dict[str, Any]]:
    collection = json.loads(told)
    annotation_schema().validate(collection)
    items: list[dict[str, Any]] = collection["first"]["items"]
    assert collection["total"] == len(items)
    assert len({item["id"] for item in items}) == len(items)
    return items


@lru_cache
def annotation_schema() -> Any:
    """What the Recommendation says with MUST of the parts that are used, written from it."""
    from jsonschema import Draft202012Validator, FormatChecker

    iri = {"type": "string", "pattern": r"^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+$"}
    utc = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"}
    text = {"type": "string"}
    body = {  # 3.2.4
        "required": ["type", "value"],
        "properties": {
            "type": {"const": "TextualBody"}, "value": text, "format": text,
            "purpose": {"enum": ["describing", "assessing", "identifying", "commenting"]},  # of 3.3.5
        },
    }  # fmt: skip
    quote = {  # 4.2.4
        "required": ["exact", "prefix", "suffix"],
        "properties": {
            "type": {"const": "TextQuoteSelector"},
            **dict.fromkeys(["exact", "prefix", "suffix"], text),
        },
    }
    count = {"type": "integer", "minimum": 0}
    position = {  # 4.2.5
        "required": ["start", "end"],
        "properties": {"type": {"const": "TextPositionSelector"}, "start": count, "end": count},
    }
    state = {  # 4.3.1
        "required": ["type", "cached"],
        "properties": {"type": {"const": "TimeState"}, "sourceDate": utc, "cached": iri},
    }
    target = {  # 4
        "required": ["source", "selector"],
        "properties": {
            "type": {"const": "SpecificResource"},
            "source": {"type": "object", "required": ["id"], "properties": {"id": iri}},
            "selector": {"type": "array", "minItems": 2, "items": {"oneOf": [quote, position]}},
            "state": state,
        },
    }
    annotation = {  # 3.1
        "required": ["id", "type", "target"],
        "properties": {
            "id": iri,
            "type": {"const": "Annotation"},
            "body": {"type": "array", "items": body},
            "target": target,
            "motivation": {"const": "describing"},
            "created": utc,
            "generator": {"required": ["id"], "properties": {"id": iri}},
        },
    }
    page = {  # 5.2
        "required": ["id", "type", "items"],
        "properties": {
            "id": iri, "type": {"const": "AnnotationPage"}, "startIndex": count,
            "items": {"type": "array", "items": annotation},
        },
    }  # fmt: skip
    return Draft202012Validator(
        {  # 5.1
            "required": ["@context", "id", "type", "first"],
            "properties": {
                "@context": {"const": "http://www.w3.org/ns/anno.jsonld"},
                "id": iri, "type": {"const": "AnnotationCollection"}, "total": count,
                "first": page, "label": text,
            },
        },
        format_checker=FormatChecker(),
    )  # fmt: skip


def resolved(annotation: dict[str, Any], text: str) -> str:
    """The words that both selectors select, each resolved in its own way, in code points."""
    quote, position = annotation["target"]["selector"]
    words = text[position["start"] : position["end"]]
    assert words == quote["exact"]
    found = [
        at.start() + len(quote["prefix"])
        for at in re.finditer(
            f"(?={re.escape(quote['prefix'] + quote['exact'] + quote['suffix'])})", text
        )
    ]
    assert position["start"] in found
    return words


def test_every_selector_resolves_in_the_text_to_the_words_cited() -> None:
    told = annotations(exported("annotation", permalink="https://pincite.test/answers/ab12"))
    for annotation, cited in zip(told, ANSWER.citations, strict=True):
        assert resolved(annotation, ARTICLES[cited.article_sha256].text) == cited.quote
        assert annotation["body"][0]["value"] == cited.claim.of(ANSWER.text)
    assert told[1]["id"] == "https://pincite.test/answers/ab12#citation-2"


def test_positions_count_code_points_and_not_utf_16() -> None:
    article = decode_article("a.md", "\ufeff# 🎉\r\n\r\n👩‍👩‍👧‍👦 cafe\u0301. It fell.\r\n".encode())
    (told,) = annotations(exported("annotation", answered([place(article, "It fell.")])))
    assert resolved(told, article.text) == "It fell."


def test_a_target_is_the_page_in_the_state_of_the_version_that_was_read() -> None:
    import base64

    first, second, *_ = annotations(exported("annotation"))
    digest = base64.urlsafe_b64encode(bytes.fromhex(HARBOUR_ARTICLE.sha256)).decode().rstrip("=")
    assert first["target"]["source"]["id"] == "https://example.org/harbour"
    assert first["target"]["state"] == {
        "type": "TimeState",
        "sourceDate": "2021-12-03T00:00:00Z",
        "cached": f"ni:///sha-256;{digest}",
    }
    assert second["target"]["source"]["id"].startswith("ni:///sha-256;")
    assert "state" not in second["target"]


def test_an_annotation_says_how_well_the_words_support_the_claim_and_who_says_them() -> None:
    cited = replace(ANSWER.citations[0], verdict="partly", speaker="Ada Tamm")
    (told,) = annotations(exported("annotation", replace(ANSWER, citations=(cited,))))
    assert [(b["purpose"], b["value"]) for b in told["body"]][1:] == [
        ("assessing", "partly"), ("identifying", "Ada Tamm"),
    ]  # fmt: skip


def test_the_time_of_the_question_is_when_the_annotation_was_created() -> None:
    told = annotations(exported("annotation", asked="2026-11-23T10:00:00.123+00:00"))
    assert told[0]["created"] == "2026-11-23T10:00:00Z"
    assert "created" not in annotations(exported("annotation", asked="yesterday"))[0]


def test_annotations_of_nothing_are_an_empty_collection() -> None:
    assert annotations(exported("annotation", NOTHING)) == []


# Markdown and plain text


def footnotes(told: str) -> tuple[str, list[str]]:
    """The text and the footnotes as markdown-it shows them; it may hold nothing that acts."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.footnote import footnote_plugin

    parser = MarkdownIt("commonmark").enable("table").use(footnote_plugin)
    tokens = parser.parse(told)
    text, notes, in_note = [], [], False
    for token in tokens:
        assert token.type not in ("html_block", "fence", "code_block", "table_open", "hr")
        if token.type in ("footnote_open", "footnote_close"):
            in_note = token.type == "footnote_open"
        if token.type == "inline":
            shown = ""
            for child in token.children or []:
                assert child.type not in ("html_inline", "image"), child
                if child.type == "link_open":
                    assert str(child.attrs["href"]).startswith("http")
                shown += (
                    child.content if child.type in ("text", "text_special", "code_inline") else ""
                )
            (notes if in_note else text).append(shown)
    return " ".join(text), notes


def test_markdown_has_a_footnote_for_each_citation() -> None:
    told = exported("markdown")
    assert told.startswith("# What is known?\n\nThe harbour at Kallo was deepened in 1974.[^1] ")
    text, notes = footnotes(told)
    assert "[1]" not in text
    assert len(notes) == 4
    first = ANSWER.citations[0]
    assert notes[0].startswith(
        f"“{KALLO}” The harbour at Kallo. Ada Tamm, Coast News Agency. Coast Gazette. 2021-11-30, "
        f"accessed 2021-12-03. 2021/harbour.md, characters {first.chars.start}–{first.chars.end}, "
        f"bytes {first.bytes.start}–{first.bytes.end}, SHA-256 {first.article_sha256[:16]}. https://"
    )
    assert notes[3].startswith(f"“{MOON}” Tides. tides.txt, characters 9–32, bytes 9–32")


def test_an_answer_that_is_not_in_the_corpus_cites_nothing() -> None:
    for style in ("markdown", "text"):
        told = exported(style, NOTHING)
        assert NOTHING.text in told
        assert "[^" not in told
        assert "Also cited" not in told
    assert exported("bibtex", NOTHING) == "% Nothing in the corpus was cited.\n"
    assert json.loads(exported("csl-json", NOTHING)) == []
    assert exported("ris", NOTHING) == ""


@pytest.mark.parametrize("style", ["markdown", "text"])
def test_verdicts_speakers_differences_and_sources_are_told(style: str) -> None:
    statements = (
        replace(ANSWER.statements[0], verdict="partly",
                findings=(Finding("figure", "1.2 bn", False, "1.2 m"), Finding("name", "Kallo", True))),
        replace(ANSWER.statements[1], verdict="unsupported"),
    )  # fmt: skip
    copies = (
        SourceArticle("a", "a.md", "A *copy*", "Coast Gazette", "2021-11-30"),
        SourceArticle("b", "b.md", "The copy", None, None),
    )
    answer = replace(
        ANSWER,
        statements=(*statements, *ANSWER.statements[2:]),
        citations=(
            replace(ANSWER.citations[0], speaker="Ada _Tamm_", direct=True),
            *ANSWER.citations[1:],
        ),
        differences=(
            Difference(
                "How many?", (Reading("30", 1, None, "2019"), Reading("19", 2, "Desk", None))
            ),
        ),
        sources=(Source(copies, (1,)), Source(copies[1:], (2,))),
        searched="What is known of Kallo?",
        writer="small_model",
        recall=0.5,
        precision=1.0,
        note="The model did not answer.",
    )
    told = exported(style, answer, permalink="https://pincite.test/answers/ab", asked="2026-11-23")
    shown = footnotes(told)[0] + " ".join(footnotes(told)[1]) if style == "markdown" else told
    for words in (
        "(only partly supported by its citations; figure “1.2 bn” is not there, cited: “1.2 m”)",
        "(not supported by any citation)", "Ada _Tamm_, quoted in The harbour at Kallo",
        "How many?: “30” (2019)", "“19” (Desk)", "Sources: 3 articles, 2 independent",
        "A *copy* (Coast Gazette, 2021-11-30); The copy", "Searched as: What is known of Kallo?",
        "Written by: small_model (citation recall 50%, precision 100%)",
        "Note: The model did not answer.", "https://pincite.test/answers/ab", "2026-11-23",
    ):  # fmt: skip
        assert words in shown


def test_a_sentence_of_a_model_keeps_its_numbers_and_its_place() -> None:
    text = "It was dug [so they say] in 1974. [1] [2]\n\nNobody knows. It is dark."
    said = [Span(0, 33), Span(43, 56)]
    cited = [replace(c, claim=said[0], verdict="supported") for c in ANSWER.citations[:2]]
    answer = replace(
        ANSWER, text=text, citations=tuple(cited),
        statements=(Statement(said[0], (1, 2), "supported"), Statement(said[1], (), "unsupported")),
    )  # fmt: skip
    assert (
        "[so they say] in 1974. [1] [2] (supported by its citations)\n\nNobody knows. (not "
        in exported("text", answer)
    )
    assert "\\[so they say\\] in 1974.[^1][^2] *(supported" in exported("markdown", answer)
    assert "It is dark." in exported("text", answer)


def test_an_answer_without_statements_is_numbered_by_its_citations() -> None:
    assert exported("markdown", replace(ANSWER, statements=())) == exported("markdown")


@pytest.mark.parametrize(
    "begin", ["1. a", "- a", "+ a", "# a", "> a", "=== a", "| a", "    a", "(1) a", "iv. a", ": a", "% a",
              "[^1]: a", "[a]: b", "~~~ a", "``` a", "<!-- a", "*** a", "@a", "A. b"]
)  # fmt: skip
def test_a_quotation_that_looks_like_markdown_stays_a_sentence(begin: str) -> None:
    article = decode_article("a.txt", f"T\n\nBefore.\n{begin} b.\n".encode())
    told = exported("markdown", answered([place(article, f"{begin} b.")]))
    text, notes = footnotes(told)
    words = one_line(f"{begin} b.")
    assert text == f"What is known? {words}"
    assert notes[0].startswith(f"“{words}”")


# Pandoc, where Debian has it


@pytest.fixture
def pandoc() -> Any:
    if shutil.which("pandoc") is None and os.environ.get("CI"):
        pytest.fail("pandoc has to be there in CI; `make test` installs it")
    if shutil.which("pandoc") is None:
        pytest.skip("pandoc is not installed here (apt install pandoc)")

    def convert(told: str, *options: str) -> str:
        done = subprocess.run(["pandoc", *options], input=told, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert not done.stderr
        return done.stdout

    return convert


HOSTILE_ANSWER = answered(
    [place(replace(HARBOUR_ARTICLE, title=HOSTILE, authors=(HOSTILE,), publisher=HOSTILE), KALLO)],
    question=HOSTILE,
)
BOTH = pytest.mark.parametrize("answer", [ANSWER, HOSTILE_ANSWER], ids=["plain", "hostile"])


@BOTH
@pytest.mark.parametrize("reader", ["bibtex", "biblatex"])
def test_pandoc_reads_the_bibtex_that_the_csl_says_too(
    pandoc: Any, answer: Answer, reader: str
) -> None:
    items = json.loads(pandoc(exported("bibtex", answer), "-f", reader, "-t", "csljson"))
    for read, told in zip(items, json.loads(exported("csl-json", answer)), strict=True):
        assert read["id"] == told["id"]
        # Pandoc sets quotation marks as TeX does, and does not know \\textbraceright.
        assert read["title"].replace("’", "'").replace("‘", "`") == told["title"].replace(
            "A } t", "A  t"
        )
        assert read.get("URL") == told.get("URL")
        assert read.get("issued") == told.get("issued")
        assert len(read.get("author", [])) == len(told.get("author", []))
        if answer is ANSWER:
            assert read.get("author") == told.get("author")


@BOTH
def test_pandoc_cites_from_the_csl(pandoc: Any, answer: Answer) -> None:
    told = exported("csl-json", answer)
    read = json.loads(pandoc(told, "-f", "csljson", "-t", "csljson"))
    assert [item["id"] for item in read] == [item["id"] for item in json.loads(told)]
    if answer is ANSWER:
        shown = pandoc(told, "-f", "csljson", "-t", "plain", "--citeproc")
        assert "Ada Tamm, and Coast News Agency. 2021. “The Harbour at Kallo.” Coast" in " ".join(
            shown.replace("*", "").replace("_", "").split()
        )


@BOTH
@pytest.mark.parametrize("reader", ["markdown-smart", "gfm+footnotes", "commonmark_x-smart"])
def test_pandoc_reads_the_markdown_as_text_with_footnotes(
    pandoc: Any, answer: Answer, reader: str
) -> None:
    tree = json.loads(pandoc(exported("markdown", answer), "-f", reader, "-t", "json"))
    kinds, heading = set(), ""

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            kinds.add(node.get("t"))
            node = list(node.values())
        if isinstance(node, list):
            for child in node:
                walk(child)

    walk(tree["blocks"])
    assert "Note" in kinds
    assert not kinds & {"RawInline", "RawBlock", "Image", "Math", "Cite", "Table", "CodeBlock"}
    heading = "".join(
        i.get("c", " ") if i["t"] == "Str" else " "
        for i in tree["blocks"][0]["c"][2]
        if i["t"] != "Link"
    )
    assert heading.split()[:3] == one_line(answer.question).split()[:3]
