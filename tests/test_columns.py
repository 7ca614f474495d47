"""Columns of a table that are named by hand, because they have other names than the usual ones."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from conftest import write
from site_server import Request, Send, answer, site
from test_cli import Pincite, pincite

from ingest.add import Adding
from ingest.again import reconvert
from ingest.convert import table
from ingest.convert.document import Columns, Document, Source
from ingest.convert.rows import columns
from ingest.errors import BadSetting, UnreadableSource
from ingest.fetch import FetchSettings
from web.adding import columns_from

__all__ = ["pincite"]  # the fixture

GERMAN = (
    "Nr;Schlagzeile;Langtext;Erschienen\n7;Hafen;Der Hafen von Kallo wurde vertieft.;2021-11-30\n"
)
CHOSEN: Columns = (("text", "Langtext"), ("title", "Schlagzeile"), ("published", "erschienen"))


def read(data: str, chosen: Columns = CHOSEN, name: str = "a.csv") -> list[Document]:
    found = list(table.read(Source(name, data.encode(), columns=chosen)))
    return [one for one in found if isinstance(one, Document)]


def test_a_table_is_read_by_the_columns_that_were_chosen() -> None:
    (found,) = read(GERMAN)
    assert (found.body, found.title) == ("Der Hafen von Kallo wurde vertieft.", "Hafen")
    assert found.published == "2021-11-30"
    assert found.remarks == (
        "columns taken: text from “Langtext”, title from “Schlagzeile”, "
        "published from “Erschienen”",
    )


def test_what_was_not_chosen_is_known_by_its_usual_name() -> None:
    (found,) = read(
        "Volltext,author,url\nThe sea rose.,Ada Holm,https://e.org/a\n", (("text", "Volltext"),)
    )
    assert (found.authors, found.url) == (("Ada Holm",), "https://e.org/a")


def test_a_chosen_column_goes_before_one_with_the_usual_name() -> None:
    assert columns(("text", "abstract"), (("text", "abstract"),)) == {"text": "abstract"}
    assert columns(("text", "body"), (("title", "text"),)) == {"title": "text", "text": "body"}
    assert columns(("Text", "text"), (("text", "text"),)) == {"text": "text"}
    assert columns(("Text", "text"), (("title", "Text"),)) == {"title": "Text", "text": "text"}


@pytest.mark.parametrize(
    ("chosen", "there"),
    [
        ("lang_text", "Lang Text"), ("LANG-TEXT", "lang text"), ("Überschrift", "U\u0308berschrift"),
        ("🎉", "🎉"), ("---", "---"), ("straße", "STRASSE"),
    ],
)  # fmt: skip
def test_a_name_may_differ_in_case_and_spaces(chosen: str, there: str) -> None:
    assert columns(("x", there), (("text", chosen),)) == {"text": there}


@pytest.mark.parametrize(
    ("chosen", "there"),
    [
        ("🎉", "😀"),
        ("---", ""),
        ("का", "कि"),
        ("a" * 100 + "b", "a" * 100 + "c"),
        ("text.", "text"),
    ],
)
def test_a_name_that_only_looks_alike_is_another(chosen: str, there: str) -> None:
    assert "text" not in columns((there, "x"), (("text", chosen),))


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_objects_are_read_by_them_too(name: str) -> None:
    row = {"Langtext": "The sea rose.", "Schlagzeile": "Tide", "text": None}
    told = json.dumps(row) if name.endswith("l") else json.dumps({"response": {"docs": [row]}})
    (found,) = read(told, name=name)
    assert (found.body, found.title) == ("The sea rose.", "Tide")
    assert found.remarks[-1] == "has no column “erschienen”"


def test_a_delimiter_is_found_by_the_chosen_columns() -> None:
    (found,) = read("Langtext|Schlagzeile|erschienen\nOne, two, three; four.|A, B|2021\n")
    assert found.body == "One, two, three; four."
    (found,) = read("Lang,text;b\nThe sea rose.;1\n", (("text", "Lang,text"),))
    assert found.body == "The sea rose."


@pytest.mark.parametrize(
    "chosen", [(("text", "Inhalt"),), (("text", "Langtext"), ("url", "Inhalt"))]
)
def test_a_column_that_is_not_there_is_named_with_those_that_are(chosen: Columns) -> None:
    said = "has no column “Inhalt”; found: “Nr”, “Schlagzeile”, “Langtext”, “Erschienen”"
    with pytest.raises(UnreadableSource, match=said):
        read(GERMAN, chosen)


def test_an_object_without_the_chosen_text_names_what_it_has() -> None:
    with pytest.raises(UnreadableSource, match="has no column “Langtext”; found: “text”"):
        read('[{"text": "The sea rose."}]', name="a.json")


def test_without_a_choice_it_is_said_how_to_choose() -> None:
    with pytest.raises(UnreadableSource, match=r"pincite add --column text=NAME"):
        read(GERMAN, ())


@pytest.mark.parametrize(
    "given", ["Langtext", "text=", "=Langtext", "body=Langtext", "", "text", "text=L\udcff"]
)
def test_what_names_no_column_is_refused(given: str) -> None:
    with pytest.raises(BadSetting, match="write FIELD=NAME, where FIELD is one of text, title"):
        columns_from([given])


def test_a_field_has_one_column() -> None:
    with pytest.raises(BadSetting, match="twice"):
        columns_from(["text=a", "text=b"])


def test_a_name_may_hold_an_equals_sign() -> None:
    assert columns_from(["text=a=b"]) == (("text", "a=b"),)


def test_a_table_inside_an_archive_is_read_by_them_and_converted_again_in_the_same_way(
    tmp_path: Path,
) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as opened:
        opened.writestr("export.csv", GERMAN)
    corpus = tmp_path / "corpus"
    with Adding(corpus, columns=CHOSEN) as adding:
        report = adding.take(write(tmp_path, "in/week.zip", out.getvalue()))
    assert not report.skipped
    ((_, path),) = report.added
    assert "Der Hafen von Kallo wurde vertieft." in (corpus / path).read_text("utf-8")
    with Adding(corpus) as adding:  # another day, and nothing is chosen
        assert [one.outcome for one in reconvert(adding)] == ["same"]


def outcomes(adding: Adding, *, write: bool = False) -> dict[str, str]:
    return {one.path: one.outcome for one in reconvert(adding, write=write)}


TWO = "Langtext,text,Autor\nThe harbour was deep.,Shallow it was.,Ada Holm\n"


def test_two_readings_of_one_table_are_two_articles_and_each_is_converted_again_as_it_was(
    tmp_path: Path,
) -> None:
    file = write(tmp_path, "in/e.csv", TWO)
    corpus = tmp_path / "corpus"
    with Adding(corpus, columns=(("text", "Langtext"),)) as adding:
        (long,) = adding.take(file).paths
    with Adding(corpus, columns=(("text", "text"),)) as adding:
        ((_, short),) = adding.take(file).added
    with Adding(corpus) as adding:
        assert outcomes(adding, write=True) == {long: "same", short: "same"}
    assert "The harbour was deep." in (corpus / long).read_text("utf-8")
    assert "Shallow it was." in (corpus / short).read_text("utf-8")


def test_a_table_that_is_added_again_is_read_as_before(tmp_path: Path) -> None:
    file = write(tmp_path, "in/e.csv", TWO)
    with Adding(tmp_path / "corpus", columns=(("text", "Langtext"),)) as adding:
        (path,) = adding.take(file).paths
    for again in (file, write(tmp_path, "elsewhere/e.csv", TWO)):
        with Adding(tmp_path / "corpus") as adding:
            assert adding.take(again).already == ((f"{again}: row 1", path),)


@pytest.mark.parametrize("field", ["authors", "publisher"])
def test_another_choice_of_who_wrote_it_is_a_new_version(tmp_path: Path, field: str) -> None:
    file = write(tmp_path, "in/e.csv", TWO)
    with Adding(tmp_path / "corpus", columns=(("text", "Langtext"),)) as adding:
        (path,) = adding.take(file).paths
    chosen = (("text", "Langtext"), (field, "Autor"))
    with Adding(tmp_path / "corpus", columns=chosen) as adding:
        assert adding.take(file).changed == ((f"{file}: row 1", path),)
        assert adding.take(file).already == ((f"{file}: row 1", path),)
        assert outcomes(adding) == {path: "same"}
    assert "Ada Holm" in (tmp_path / "corpus" / path).read_text("utf-8")


def test_an_article_that_was_edited_by_hand_and_its_successor_are_both_told_of(
    tmp_path: Path,
) -> None:
    file = write(tmp_path, "in/e.csv", TWO)
    with Adding(tmp_path / "corpus") as adding:
        (path,) = adding.take(file).paths
        edited = tmp_path / "corpus" / path
        edited.write_text(edited.read_text("utf-8") + "\nMore.\n", "utf-8")
        ((_, other),) = adding.take(file).added
        assert outcomes(adding) == {path: "edited", other: "same"}


def test_the_ledger_of_an_older_version_is_taken_over(tmp_path: Path) -> None:
    file = write(tmp_path, "in/e.csv", TWO)
    with Adding(tmp_path / "corpus") as adding:
        (path,) = adding.take(file).paths
    ledger = tmp_path / "corpus" / ".originals" / "ledger.sqlite"
    with closing(sqlite3.connect(ledger)) as db:
        db.execute("ALTER TABLE made DROP COLUMN columns")
        db.commit()
    with Adding(tmp_path / "corpus", columns=(("text", "Langtext"),)) as adding:
        assert outcomes(adding) == {path: "same"}
        (other,) = adding.take(file).paths
        assert outcomes(adding) == {path: "same", other: "same"}


def test_an_address_is_asked_for_all_of_it_where_columns_are_chosen(tmp_path: Path) -> None:
    data = b'{"text": "Shallow it was.", "Langtext": "The harbour was deep."}'
    page = answer(data, Content_Type="application/json", ETag='"1"')

    def asked(request: Request, send: Send) -> None:
        known = request.headers.get("if-none-match") == '"1"'
        (answer(status="304 Not Modified") if known else page)(request, send)

    with site({"/a.json": asked}) as coast:
        for chosen in ((), (("text", "Langtext"),)):
            settings = FetchSettings(allow_private=True)
            with Adding(tmp_path / "corpus", fetch=settings, columns=chosen) as adding:
                (path,) = adding.take(f"{coast.url}/a.json").paths
    assert "The harbour was deep." in (tmp_path / "corpus" / path).read_text("utf-8")


def test_text_that_is_no_table_is_told_to_have_no_columns(tmp_path: Path) -> None:
    file = write(tmp_path, "in/e.txt", "The sea rose at night.")
    with Adding(tmp_path / "corpus", columns=CHOSEN) as adding:
        report = adding.take(file)
    assert len(report.added) == 1
    assert report.remarks == ((str(file), "is text and no table, so it has no columns."),)


def test_the_command_takes_them_and_the_article_answers(pincite: Pincite, tmp_path: Path) -> None:
    file = write(tmp_path, "in/export.csv", GERMAN)
    done = pincite("add", str(file))
    assert done.returncode == 1
    assert "say which it is: pincite add --column text=NAME" in done.stderr
    wrong = pincite("add", "--column", "Langtext", str(file))
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "--column Langtext: write FIELD=NAME" in wrong.stderr
    done = pincite("add", "--column", "text=Langtext", "--column", "title=Schlagzeile", str(file))
    assert done.returncode == 0, done.stderr
    assert "export.csv: row 1 → corpus/export/Hafen.md" in done.stdout
    asked = pincite("ask", "Wurde der Hafen von Kallo vertieft?", "--json")
    (first, *_) = json.loads(asked.stdout)["citations"]
    assert first["quote"] == "Der Hafen von Kallo wurde vertieft."
    assert pincite("reconvert").stdout == "same: export/Hafen.md\n"
