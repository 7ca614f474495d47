from __future__ import annotations

import io
import os
import subprocess
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.convert import blocks, docx, odt, office, pandoc, rtf
from ingest.convert.document import Document, Source
from ingest.convert.markdown import article_file, without_title
from ingest.convert.process import Converter
from ingest.errors import UnreadableSource
from ingest.read import decode_article
from ingest.split import split
from tests.clock import at_most
from tests.office_files import report_docx, report_odt

MADE = Path(__file__).parent / "office"
READERS = {"docx": docx, "odt": odt, "rtf": rtf}
HARBOUR = """\
# What was found

The quay “sank” by 3 cm — it’s very slow, at 10⁶ tonnes of CO2 & 5 * 4 < 21_000 [sic].[1]

The mayor never agreed.

- First
  - Inner
- Second

1. One
2. Two

> Water has no memory.

## Figures

| Year | Level | Note |
| --- | --- | --- |
| 2019 | 3\\|4 | low high |
| 2020 | 5 |  |

Beside the box.

A box beside the text.

नदी का पानी 今日は。 הנהר עלה. cooperation, well\u2011known

A line and the next.

Seen.

\\# not a heading

See: Read the inquiry.

* * *

[1] Measured in March, *not* in May."""
HAFEN = """\
# Der Hafen

# Befund

Der Kai sank um 3 cm — „sehr langsam“[1].

> Wasser hat kein Gedächtnis.

- Eins
  - Darin

| Jahr | Pegel |
| --- | --- |
| 2019 | 3,4 m |

Neben dem Kasten.

Ein Kasten neben dem Text.

* * *

[1] Gemessen im März."""


def converted(kind: str, data: bytes, name: str = "") -> Document:
    (document,) = READERS[kind].read(Source(name or f"a.{kind}", data))
    return document


def rewritten(data: bytes, **parts: bytes | None) -> bytes:
    """The same zip with parts replaced, added, or left out where None."""
    out = io.BytesIO()
    named = {name.replace("__", "/").replace("_xml", ".xml"): new for name, new in parts.items()}
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for name in old.namelist():
            if name not in named:
                new.writestr(name, old.read(name))
        for name, content in named.items():
            if content is not None:
                new.writestr(name, content)
    return out.getvalue()


def with_text(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """The same zip with `old` replaced in a part of it."""
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        text = opened.read(part)
    assert old in text
    return rewritten(
        data, **{part.replace("/", "__").replace(".xml", "_xml"): text.replace(old, new, 1)}
    )


@pytest.fixture(scope="module")
def report() -> bytes:
    return report_docx()


@pytest.fixture(scope="module")
def bericht() -> bytes:
    return report_odt()


# Golden files


def test_a_docx_keeps_its_words_and_structure(report: bytes) -> None:
    document = converted("docx", report)
    assert document.body == f"# The Harbour Report\n\n{HARBOUR}"
    assert document == Document(
        body=document.body,
        title="The Harbour Report",
        authors=("Ana Example", "Борис Пример"),
        modified="2021-11-30",
        language="en-GB",
    )


def test_a_docx_by_libreoffice_keeps_its_words_and_structure() -> None:
    document = converted("docx", (MADE / "hafen.docx").read_bytes())
    assert document.body == HAFEN
    assert (document.title, document.authors) == ("Der Hafen", ("Ana Beispiel",))


def test_an_odt_keeps_its_words_and_structure(bericht: bytes) -> None:
    document = converted("odt", bericht)
    assert document.body == HAFEN.replace("- Eins\n  - Darin", "1. Eins\n   1. Darin")
    assert document == Document(
        body=document.body,
        title="Der Hafen",
        authors=("Ana Beispiel",),
        modified="2021-11-30",
        language="de-DE",
    )


def test_an_odt_by_libreoffice_accepts_changes_and_hides_comments() -> None:
    document = converted("odt", (MADE / "harbour.odt").read_bytes())
    # LibreOffice took the table of contents of Word for a paragraph, and dropped the text box.
    told = HARBOUR.replace("\n\nA box beside the text.", "")
    assert document.body == f"# The Harbour Report\n\nWhat was found 1\n\n{told}"
    assert document.authors == ("Ana Example", "Борис Пример")


def test_an_rtf_by_libreoffice_keeps_its_words_and_structure() -> None:
    document = converted("rtf", (MADE / "harbour.rtf").read_bytes())
    told = HARBOUR.replace("\n\nA box beside the text.", "").replace("Second\n\n1.", "Second\n1.")
    assert document.body == f"# The Harbour Report\n\nWhat was found 1\n\n{told}"
    assert document == Document(
        body=document.body,
        title="The Harbour Report",
        authors=("Ana Example", "Борис Пример"),
        modified="2021-11-30",
    )


def test_an_rtf_by_pandoc_keeps_its_words() -> None:
    told = "# Tides\n\nThe “moon” — it’s *far* 😀.\n\n- One\n\n    - Two\n\nEnd^[Seen.].\n"
    document = converted("rtf", _by_pandoc(told, "rtf"))
    assert "# Tides" in document.body
    assert "\n\n- One\n- Two\n\n" in document.body
    assert "The “moon” — it’s far 😀." in document.body
    assert document.body.endswith("End[1].\n\n* * *\n\n[1] Seen.")


def _by_pandoc(markdown: str, kind: str) -> bytes:
    command = [pandoc.program(), "--from=markdown", f"--to={kind}", "--standalone", "--output=-"]
    made = subprocess.run(command, input=markdown.encode(), capture_output=True, check=True)
    return made.stdout


def test_a_pandoc_docx_has_its_abstract_and_subtitle_in_the_text() -> None:
    told = "---\ntitle: Tides\nsubtitle: A study\nauthor: [Ana, Boris]\nabstract: In short.\n---\nText.\n"
    body = converted("docx", _by_pandoc(told, "docx")).body
    assert body == "# Tides\n\nA study\n\nAna\n\nBoris\n\nAbstract\n\nIn short.\n\nText."


def test_a_list_that_libreoffice_wrote_in_pieces_is_one_again() -> None:
    assert converted("odt", (MADE / "lists.odt").read_bytes()).body == (
        "1. One\n2. Two holds more:\n   - inner one\n   - inner two\n3. Three\n\nThen text."
    )


def test_the_date_in_word_s_style_for_it_is_when_a_docx_was_published() -> None:
    told = "---\ntitle: Tides\ndate: %s\n---\nText.\n"
    dated = converted("docx", _by_pandoc(told % "30 November 2021", "docx"))
    assert (dated.published, dated.body) == ("2021-11-30", "# Tides\n\n30 November 2021\n\nText.")
    assert converted("docx", _by_pandoc(told % "yesterday", "docx")).published is None


@pytest.mark.parametrize("kind", READERS)
def test_each_goes_through_the_limited_process(kind: str, report: bytes, bericht: bytes) -> None:
    data = {"docx": report, "odt": bericht, "rtf": (MADE / "harbour.rtf").read_bytes()}[kind]
    with Converter() as converter:
        (document,) = converter.convert(Source(f"a.{kind}", data))
    assert isinstance(document, Document)
    alone = converted(kind, data)
    assert document.body == without_title(alone.body, alone.title)


@pytest.mark.parametrize("kind", READERS)
def test_every_sentence_of_it_can_be_quoted_from_its_file(
    kind: str, report: bytes, bericht: bytes
) -> None:
    data = {"docx": report, "odt": bericht, "rtf": (MADE / "harbour.rtf").read_bytes()}[kind]
    made = article_file(converted(kind, data), source=f"a.{kind}", source_sha256="0" * 64)
    article = decode_article("a.md", made)
    quotes = [one.of(article.text) for passage in split(article) for one in passage.sentences]
    assert ("Gemessen im März." if kind == "odt" else "The mayor never agreed.") in " ".join(quotes)
    assert all(made.decode().find(quote) >= 0 and quote.strip() == quote for quote in quotes)


# RTF


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        (rb"\ansicpg1251 \'c2\'ee\'e4\'e0\par", "Вода"),
        (rb"{\fonttbl{\f0\fcharset204 T;}{\f1\fcharset128 M;}}\f0\'c2 \f1\'93\'fa\'96\'7b", "В 日本"),
        (rb"{\fonttbl{\f1\fcharset128 M;}}\f1\'83K", "ガ"),
        (rb"\u-10179?\u-8704? \u1042\'c2\u1086\'ee", "😀 Во"),
        (rb"\uc0\u1042\u1086 x", "Воx"),
        (rb"\uc2\u1042??y", "Вy"),
        (rb"It\rquote s \ldblquote so\rdblquote\emdash{\b now}", "It’s “so”—now"),
        (rb"a\~b\_c\-d", "a\u00a0b\u2011cd"),
        (rb"kept {\v hidden }{\deleted gone }{\revised new}", "kept new"),
        (rb"on {\field{\*\fldinst DATE}{\fldrslt 3 May}}.", "on 3 May."),
        (rb"{\field{\*\fldinst TOC \\o}{\fldrslt Tides 3\par}}Text", "Text"),
        (rb"{\pict 00ff}{\object{\*\objdata 00}{\result shown}}", "shown"),
        (rb"{\*\unknown secret}{\header Running}Text", "Text"),
        (rb"{\strike was}{\strike\b  not} so", "~~was not~~ so"),
        (rb"m{\super 2} and 1{\super st}", "m² and 1st"),
        (b"\\bin3 }}}after", "after"),
        (rb"one\line two\line\line three", "one two\n\nthree"),
        (rb"{\pntext 1.\tab}first\par{\pntext b)\tab}second\par", "1. first\n- b) second"),
        (rb"host{\shp{\*\shpinst{\sp{\sn a}{\sv 1}}{\shptxt\pard in the box\par}}} goes on", "in the box\n\nhost goes on"),
        (rb"\outlinelevel1 Tides\par\pard text", "## Tides\n\ntext"),
        (rb"{\stylesheet{\s3\outlinelevel9 Intense Quote;}}\pard\s3 said\par", "> said"),
        (rb"\trowd\intbl a\cell b\par c\cell\row\trowd\intbl 1\cell 2\cell\row\pard end",
         "| a | b c |\n| --- | --- |\n| 1 | 2 |\n\nend"),
    ],
)  # fmt: skip
def test_rtf_says(told: bytes, shown: str) -> None:
    assert converted("rtf", rb"{\rtf1\ansi " + told + b"}").body == shown


def test_an_rtf_that_is_cut_off_gives_what_is_there_and_says_so() -> None:
    data = (MADE / "harbour.rtf").read_bytes()
    document = converted("rtf", data[: data.index(b"Water has")])
    assert "The mayor never agreed." in document.body
    assert document.remarks == ("The file ends too early; what came after is lost.",)


def test_rtf_with_a_hundred_thousand_groups_inside_each_other_is_read() -> None:
    assert converted("rtf", b"{\\rtf1 " + b"{" * 100_000 + b"deep" + b"}" * 100_001).body == "deep"


def test_what_is_called_rtf_and_is_none_is_declined() -> None:
    with pytest.raises(UnreadableSource, match="does not begin like RTF"):
        converted("rtf", b"{\\r")


# Metadata


def test_a_template_s_title_gives_way_to_the_text_s(report: bytes) -> None:
    named = with_text(report, "docProps/core.xml", b"The Harbour Report", b"Microsoft Word - x.doc")
    assert converted("docx", named).title == "The Harbour Report"


def test_a_docx_without_metadata_is_read(report: bytes) -> None:
    document = converted("docx", rewritten(report, docProps__core_xml=None))
    assert (document.title, document.authors, document.language) == ("The Harbour Report", (), None)


def test_the_date_of_python_docx_s_template_is_no_date() -> None:
    assert office.saved_on("2013-12-23T23:15:00Z") is None


@pytest.mark.parametrize("styles", [None, b"<broken"])
def test_an_odt_without_sound_styles_is_read(styles: bytes | None, bericht: bytes) -> None:
    told = converted("odt", rewritten(bericht, styles_xml=styles)).body
    assert "Der Kai sank um 3 cm — „sehr langsam“[1]." in told


def test_broken_metadata_does_not_cost_the_text(report: bytes) -> None:
    document = converted("docx", rewritten(report, docProps__core_xml=b"<a"))
    assert document.body.startswith("# The Harbour Report")


# Blocks


def test_a_paragraph_is_never_read_as_another_block() -> None:
    assert blocks.paragraph("1990. It rained.") == "1990\\. It rained."
    assert blocks.paragraph("---") == "\\---"
    assert blocks.paragraph("") == ""


def test_what_is_raised_or_struck_out_is_told_in_every_format() -> None:
    assert [blocks.raised(one) for one in ("6", "-2", "n", "1, 2", "th")] == [
        *("⁶", "⁻²", "ⁿ", "¹, ²", "th")
    ]
    assert blocks.paragraph("~~Never~~ again") == "~~Never~~ again"


def test_raised_digits_take_time_in_proportion_to_their_number() -> None:
    with at_most(3):
        blocks.raised("9" * 1_000_000 + "x")


def test_a_table_of_one_column_is_text() -> None:
    assert blocks.table([["One."], [""], ["Two."]]) == "One.\n\nTwo."


# Bad input


@pytest.mark.parametrize("kind", ["docx", "odt"])
@pytest.mark.parametrize("size", [0, 10, 1000, -200])
def test_a_cut_off_file_is_declined(kind: str, size: int, report: bytes, bericht: bytes) -> None:
    data = {"docx": report, "odt": bericht}[kind]
    with pytest.raises(UnreadableSource, match="damaged or cut off"):
        converted(kind, data[:size])


@pytest.mark.parametrize("kind", ["docx", "odt"])
def test_a_zip_of_something_else_is_declined(kind: str) -> None:
    with pytest.raises(UnreadableSource):
        converted(kind, office.zipped({"a.txt": b"x"}))


BOMB = b"""<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>"""
OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize("declared", [BOMB, OUTSIDE])
def test_entities_are_refused(declared: bytes, report: bytes, bericht: bytes) -> None:
    xml = declared + b"<x>&a;</x>"
    for kind, hostile in (
        ("docx", rewritten(report, word__document_xml=xml)),
        ("odt", rewritten(bericht, content_xml=xml)),
    ):
        with pytest.raises(UnreadableSource, match="declares entities"):
            converted(kind, hostile)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(report: bytes) -> None:
    bomb = rewritten(report, word__document_xml=b" " * (office.LARGEST_PART + 1))
    assert len(bomb) < 200_000
    with pytest.raises(UnreadableSource, match="unpacks to more than 64 MB"):
        converted("docx", bomb)


def test_ten_thousand_elements_inside_each_other_are_refused(report: bytes, bericht: bytes) -> None:
    deep = b"<a>" * 10_000 + b"</a>" * 10_000
    with pytest.raises(UnreadableSource, match="depth"):
        converted("docx", rewritten(report, word__document_xml=deep))
    with pytest.raises(UnreadableSource, match="depth"):
        converted("odt", rewritten(bericht, content_xml=deep))


def test_a_cell_that_claims_a_million_columns_does_no_harm(report: bytes) -> None:
    wide = with_text(
        report, "word/document.xml", b"<w:tcPr>", b'<w:tcPr><w:gridSpan w:val="1000000"/>'
    )
    assert "Water has no memory." in converted("docx", wide).body


def test_an_odt_with_a_password_says_so(bericht: bytes) -> None:
    locked = with_text(bericht, "META-INF/manifest.xml", b"</manifest:manifest>",
                       b"<manifest:encryption-data/></manifest:manifest>")  # fmt: skip
    with pytest.raises(UnreadableSource, match="locked with a password"):
        converted("odt", locked)


def test_parts_with_names_that_lead_out_are_not_looked_at(report: bytes) -> None:
    hostile = rewritten(report, **{"..__..__etc__passwd": b"x", "word__vbaProject.bin": b"MZ"})
    assert converted("docx", hostile).body == converted("docx", report).body


def test_without_pandoc_the_message_says_how_to_get_it(
    report: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pandoc, "find_spec", lambda _name: None)
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(UnreadableSource, match="pip install pypandoc_binary"):
        converted("docx", report)


# Fuzz targets


@given(st.binary(max_size=400))
def test_rtf_of_any_bytes_is_read_or_declined(data: bytes) -> None:
    converted("rtf", b"{\\rtf1" + data)


WORDS = (
    "par pard cell row intbl ls1 s1 u65 u-1 'ff bin3 * footnote fldinst info title yr2020 plain f0"
)


@given(
    st.lists(
        st.sampled_from(["{", "}", "a", *(f"\\{word} " for word in WORDS.split())]), max_size=60
    )
)
def test_rtf_of_any_words_is_read(told: list[str]) -> None:
    converted("rtf", ("{\\rtf1 " + "".join(told)).encode())


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["docx", "odt"])
@settings(max_examples=25, deadline=None)
@given(places=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=9))
def test_a_mutated_part_is_read_or_declined(
    kind: str, places: list[tuple[float, int]], report: bytes, bericht: bytes
) -> None:
    data, part = {
        "docx": (report, "word/document.xml"),
        "odt": (bericht, "content.xml"),
    }[kind]
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        text = bytearray(opened.read(part))
    for where, byte in places:
        text[int(where * (len(text) - 1))] = byte
    named = {part.replace("/", "__").replace(".xml", "_xml"): bytes(text)}
    with suppress(UnreadableSource):
        converted(kind, rewritten(data, **named))


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=9))
def test_a_mutated_zip_is_opened_or_declined(places: list[tuple[float, int]]) -> None:
    data = bytearray((MADE / "hafen.docx").read_bytes())
    for where, byte in places:
        data[int(where * (len(data) - 1))] = byte
    with suppress(UnreadableSource):
        package = office.Package(bytes(data))
        for name in package.names:
            package.xml_if_sound(name)
