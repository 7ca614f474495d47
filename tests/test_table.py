"""Tables of articles: CSV by Python's csv writer, JSON by its encoder, and damaged ones by hand."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.convert import table
from ingest.convert.document import Document, Skipped, Source
from ingest.errors import UnreadableSource
from tests.clock import at_most


def sheet(*rows: Sequence[str], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


def parts(text: str | bytes, name: str = "a.csv") -> list[Document | Skipped]:
    data = text if isinstance(text, bytes) else text.encode()
    return list(table.read(Source(name, data)))


def of_json(value: Any, name: str = "a.json") -> list[Document | Skipped]:
    return parts(json.dumps(value), name)


def documents(found: list[Document | Skipped]) -> list[Document]:
    return [one for one in found if isinstance(one, Document)]


def test_row_keeps_its_text_and_what_its_columns_say() -> None:
    found = parts(
        sheet(
            ["ID", "Headline", "Article_Text", "Byline", "PubDate", "Link", "Outlet", "Lang"],
            [
                "7", 'The "gate", opened', "It opened.\n\nNobody saw it, they said.",
                "By Anna Bell; Tom Reed", "2021-11-30", "https://example.org/gate?a=1",
                "The Daily Tide", "en",
            ],
        )
    )  # fmt: skip
    assert found == [
        Document(
            body="It opened.\n\nNobody saw it, they said.",
            title='The "gate", opened',
            authors=("Anna Bell", "Tom Reed"),
            publisher="The Daily Tide",
            published="2021-11-30",
            url="https://example.org/gate?a=1",
            language="en",
            part="row 1",
            remarks=(
                "columns taken: text from “Article_Text”, title from “Headline”, authors from “Byline”, "
                "published from “PubDate”, url from “Link”, publisher from “Outlet”, "
                "language from “Lang”",
            ),
        )
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found_although_texts_are_full_of_others(delimiter: str) -> None:
    text = "One, two; three, four; five | six, seven; eight"
    found = parts(sheet(["title", "text"], ["A", text], ["B", text], delimiter=delimiter))
    assert [(one.title, one.body) for one in documents(found)] == [("A", text), ("B", text)]


def test_line_that_names_the_delimiter_for_excel_is_obeyed() -> None:
    assert documents(parts("sep=;\r\ntitle;text\r\nA;B, c\r\n"))[0].body == "B, c"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings_of_spreadsheets_are_read(encoding: str) -> None:
    text = "Die Häuser der Straße standen im Wasser, und für eine Nacht blieb es dort. " * 3
    found = parts(sheet(["Title", "Text"], ["Größe", text]).encode(encoding))
    assert [(one.title, one.body) for one in documents(found)] == [("Größe", text.strip())]


def test_row_that_does_not_fit_its_header_is_skipped_and_the_others_are_not() -> None:
    found = parts(
        "title,text,date\nA,first,2021\nB,the second, as it were,2021\nC,third\nD,fourth,,,\n"
    )
    assert [(one.part, one.body) for one in documents(found)] == [
        ("row 1", "first"),
        ("row 3", "third"),
        ("row 4", "fourth"),
    ]
    (skipped,) = (one for one in found if isinstance(one, Skipped))
    assert skipped.part == "row 2"
    assert "has 4 cells, but there are 3 columns" in skipped.reason


def test_quotation_mark_that_is_never_closed_swallows_no_article() -> None:
    found = parts('title,text\nA,first\nB,"second\nC,third\nD,fourth')
    assert [one.body for one in documents(found)] == ["first"]
    assert found[-1] == Skipped("row 2", 'has a quotation mark (") that is never closed.')


def test_cell_beyond_the_limit_ends_the_table_and_is_told() -> None:
    found = parts('title,text\nA,first\nB,"' + "x" * 21_000_000 + '"\n')
    assert [one.body for one in documents(found)] == ["first"]
    (skipped,) = (one for one in found if isinstance(one, Skipped))
    assert skipped.part == "row 2 and the rest"


def test_article_longer_than_the_csv_module_allows_is_read() -> None:
    text = "The tide rose again. " * 20_000
    assert documents(parts(sheet(["title", "text"], ["A", text])))[0].body == text.strip()


def test_rows_without_text_are_skipped_and_blank_ones_are_not_counted() -> None:
    found = parts("title,text\nA,first\n,\n\nB,\nC,—\nD,fourth\n")
    assert [one.part for one in found] == ["row 1", "row 2", "row 3", "row 4"]
    assert found[1] == Skipped("row 2", "has no text in “text”.")
    assert isinstance(found[3], Document)


def test_table_without_a_column_of_text_says_what_it_found_and_what_it_needs() -> None:
    with pytest.raises(UnreadableSource) as caught:
        parts("id;headline;words\n1;A;300\n")
    assert str(caught.value) == (
        "has no column of text; found: “id”, “headline”, “words”. "
        "Call the text column text, body or content, or say which it is: "
        "pincite add --column text=NAME."
    )


def test_columns_taken_are_told_with_the_first_article_only() -> None:
    found = documents(parts("text\nfirst\nsecond\n"))
    assert [one.remarks for one in found] == [("columns taken: text from “text”",), ()]


def test_html_in_a_cell_becomes_markdown_and_a_smaller_sign_does_not() -> None:
    found = parts(
        sheet(["text"], ["<h2>Gate</h2><p>It <b>opened</b>.</p>"], ["2 < 3 and <b> is a letter"])
    )
    assert [one.body for one in documents(found)] == [
        "## Gate\n\nIt opened.",
        "2 < 3 and <b> is a letter",
    ]


def test_nul_bytes_are_dropped() -> None:
    assert documents(parts("title,text\nA,fi\x00rst\n"))[0].body == "first"


def test_date_that_is_none_and_address_that_is_none_are_left_out() -> None:
    (document,) = documents(
        parts("text,date,url,source\nA,yesterday,javascript:x,https://example.org\n")
    )
    assert (document.published, document.url, document.publisher) == (None, None, None)
    assert document.remarks[1] == "its date “yesterday” is not a date"


NEWS = {
    "@type": "NewsArticle",
    "headline": "The gate opened",
    "articleBody": "It opened at noon.",
    "datePublished": "2021-11-30T23:30:00-05:00",
    "dateModified": "2021-12-01",
    "author": [{"name": "Anna Bell"}, {"name": "Tom Reed"}],
    "publisher": {"@type": "Organization", "name": "The Daily Tide"},
    "inLanguage": "en_GB",
    "url": "https://example.org/gate",
}


def test_single_object_is_an_article_that_is_all_of_its_source() -> None:
    (document,) = documents(of_json(NEWS))
    assert document == Document(
        body="It opened at noon.",
        title="The gate opened",
        authors=("Anna Bell", "Tom Reed"),
        publisher="The Daily Tide",
        published="2021-11-30",
        modified="2021-12-01",
        url="https://example.org/gate",
        language="en-GB",
        remarks=document.remarks,
    )


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda rows: rows,
        lambda rows: {"status": "ok", "tags": ["a"], "articles": rows},
        lambda rows: {"meta": [{"id": 1}], "results": rows},
        lambda rows: {"response": {"docs": rows, "n": 2}},
        lambda rows: {"hits": {"hits": [{"_id": "1", "_source": row} for row in rows]}},
    ],
    ids=["list", "articles", "results", "response", "elasticsearch"],
)
def test_list_of_articles_is_found_where_apis_put_it(wrapped: Any) -> None:
    rows = [{"title": "A", "content": "first"}, {"title": "B", "content": "second"}]
    assert [(one.part, one.body) for one in documents(of_json(wrapped(rows)))] == [
        ("row 1", "first"),
        ("row 2", "second"),
    ]


def test_json_lines_keep_what_is_good() -> None:
    text = '{"text": "first"}\n\n{"text": \n["a"]\n{"text": "last", "date": NaN}\n'
    for name in ("a.jsonl", "a.json"):
        found = parts(text if name == "a.jsonl" else text.replace('{"text": \n', ""), name)
        assert [one.body for one in documents(found)] == ["first", "last"]
    found = parts(text, "a.jsonl")
    assert [one.part for one in found] == ["row 1", "row 2", "row 3", "row 4"]
    assert isinstance(found[1], Skipped)
    assert found[2] == Skipped("row 3", "is no object with named columns.")


def test_key_that_is_there_twice_is_told() -> None:
    (document,) = documents(parts('{"text": "first", "text": "second"}', "a.json"))
    assert document.body == "second"
    assert "names a column twice; the last was taken" in document.remarks


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[" * 100_000, "nested too deep"),
        ('{"a":' * 100_000, "nested too deep"),
        ('[{"text": "first"}, {"text": "sec', "is damaged JSON"),
        ("[]", "has no column of text; found: none"),
        ('[{"id": 1}]', "has no column of text; found: “id”"),
        ("[1, 2]", "has no column of text"),
        ('"text"', "has no column of text"),
        ("{", "is damaged JSON"),
        ('{"text": ["' + "a" * 20 + '"', "is damaged JSON"),
    ],
)
def test_json_that_is_no_table_is_declined(text: str, why: str) -> None:
    with pytest.raises(UnreadableSource, match=why):
        parts(text, "a.json")


def test_header_without_rows_is_declined() -> None:
    with pytest.raises(UnreadableSource, match="no row below"):
        parts("title,text\n")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("text\n" + '"' * 1_000_001, "a.csv"),
        ("text\n" + "," * 1_000_000, "a.csv"),
        ("text," * 200_000 + "\nx", "a.csv"),
        ("text\n" + "\n" * 1_000_000 + "x", "a.csv"),
        ("text\n" + "<p " * 300_000, "a.csv"),
        ('{"text": "x", "n": ' + "9" * 1_000_000 + "}", "a.json"),
        ('[{"a": ' * 300 + "1" + "}]" * 300, "a.json"),
        ("{}\n" * 100_000 + '{"text": "x"}', "a.jsonl"),
    ],
    ids=["quotes", "commas", "header", "blank", "tags", "digits", "nested", "empty"],
)
def test_hostile_tables_take_no_long_time(text: str, name: str) -> None:
    with at_most(6), suppress(UnreadableSource):
        parts(text, name)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.just("<p>x</p>"),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["text", "Title", "author", "date", "url", "name", "articles", "source", ""]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(_VALUES, st.sampled_from(["a.json", "a.jsonl", "a.csv"]))
def test_any_json_is_read_or_declined(value: Any, name: str) -> None:
    try:
        assert all(isinstance(one, Document | Skipped) for one in of_json(value, name))
    except UnreadableSource:
        pass


@given(st.text(st.sampled_from('text,;|\t"\n\r\x00 a<>é=') | st.characters(), max_size=80))
def test_any_csv_is_read_or_declined(text: str) -> None:
    for data in (text, "title,text\n" + text):
        try:
            found = parts(data.encode("utf-8", "surrogatepass"))
        except UnreadableSource:
            continue
        assert all(any(map(str.isalnum, one.body)) for one in documents(found))
