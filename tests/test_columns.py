"""Columns of a table that are named by hand, because they have other names than the usual ones."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from conftest import write
from test_cli import Pincite, pincite

from ingest.add import Adding
from ingest.again import reconvert
from ingest.convert import table
from ingest.convert.document import Columns, Document, Source
from ingest.convert.rows import columns
from ingest.errors import BadSetting, UnreadableSource
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


@pytest.mark.parametrize("given", ["Langtext", "text=", "=Langtext", "body=Langtext", "", "text"])
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


def test_columns_that_are_chosen_anew_count_and_those_of_an_article_taken_away_are_forgotten(
    tmp_path: Path,
) -> None:
    file = write(
        tmp_path, "in/export.csv", "Schlagzeile,Langtext,Kurztext\nHafen,Lang war er.,Kurz.\n"
    )
    for text in ("Kurztext", "Langtext"):
        with Adding(tmp_path / "corpus", columns=(("text", text),)) as adding:
            (path,) = adding.take(file).paths
            assert [one.outcome for one in reconvert(adding, [path])] == ["same"]
            sha256 = next(one.source_sha256 for one in adding.ledger.all_made() if one.path == path)
            assert adding.ledger.columns(sha256) == (("text", text),)
    with Adding(tmp_path / "corpus") as adding:
        adding.ledger.forget([one.path for one in adding.ledger.all_made()])
        assert adding.ledger.columns(sha256) == ()


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
