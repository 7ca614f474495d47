from __future__ import annotations

import io
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pdf_files as files
import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pdf_files import BODY, INDENTED, JUSTIFIED, NOTE, SECTION, TITLE, Drawn, drawn, laid_out
from reportlab.lib import pdfencrypt
from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, ListFlowable, ListItem, PageBreak, Spacer, Table

from ingest.article import Span
from ingest.convert import Converter, Document, Source
from ingest.convert import pdf as reader
from ingest.convert.markdown import clean
from ingest.convert.pdf import read
from ingest.errors import UnreadableSource
from ingest.locator import Locators
from tests.clock import assert_linear

MARK = re.compile(r"^<!-- page .*? -->$", re.MULTILINE)
needs_chromium = pytest.mark.skipif(files.chromium() is None, reason="no Chromium is installed")


def document(data: bytes) -> Document:
    (found,) = read(Source("file.pdf", data))
    assert isinstance(found, Document)
    return found


def page_of(body: str, words: str, start: int = 0) -> str:
    at = body.index(words, start)
    return str(Locators(body).of(Span(at, at + len(words))))


def words(body: str) -> list[str]:
    return MARK.sub("", body).replace("#", "").split()


def assert_on_their_pages(body: str, told: Drawn) -> None:
    """Each line that was drawn stands in the body, in order, on its page; and nothing else does."""
    places = Locators(body)
    at = 0
    for page, line in told.lines:
        at = body.index(line, at)
        assert str(places.of(Span(at, at + len(line)))) == f"p. {page}", line
        at += len(line)
    assert words(body) == " ".join(line for _, line in told.lines).split()


def reason(data: bytes) -> str:
    with pytest.raises(UnreadableSource) as caught:
        list(read(Source("file.pdf", data)))
    return str(caught.value)


@pytest.mark.parametrize("columns", [1, 2, 3])
@pytest.mark.parametrize("style", [BODY, INDENTED, JUSTIFIED], ids=lambda one: str(one.name))
def test_every_line_is_kept_in_order_and_on_the_page_where_it_was_drawn(
    columns: int, style: files.ParagraphStyle
) -> None:
    told = Drawn()
    story = [told.paragraph("The harbour survey", TITLE)]
    story += [told.paragraph(text, style) for text in files.paragraphs(120, seed=columns)]
    data = laid_out(story, columns=columns, furniture=files.running_head)

    body = document(data).body

    assert max(page for page, _ in told.lines) > 4
    assert_on_their_pages(body, told)


@pytest.mark.parametrize("columns", [1, 2])
def test_paragraphs_that_run_over_columns_and_pages_are_whole(columns: int) -> None:
    told = Drawn()
    texts = files.paragraphs(120, seed=7)
    data = laid_out([told.paragraph(text, JUSTIFIED) for text in texts], columns=columns)

    body = document(data).body
    found = [part for part in body.split("\n\n") if not MARK.fullmatch(part)]
    whole = sum(text in found for text in texts)

    assert " +" in body  # a page begins inside of a paragraph
    # A paragraph of which a full line ends a column with a full stop cannot be told from two.
    assert whole >= len(texts) - 4


def test_headers_footers_and_page_numbers_go_and_are_told() -> None:
    data = laid_out(
        [Drawn().paragraph(text) for text in files.paragraphs(60)], furniture=files.running_head
    )

    found = document(data)

    assert not re.search("Annals|Survey of|Page", found.body)
    assert any("“Annals of the Harbour”" in one and "“Page #”" in one for one in found.remarks)


def test_rows_of_numbers_that_only_look_like_page_numbers_stay() -> None:
    pages = [
        files.lines(f"{a} {b}", "", "Text between.", y=800) for a, b in ((3, 40), (9, 41), (5, 7))
    ]

    body = document(drawn(*pages)).body

    assert all(pair in body for pair in ("3 40", "9 41", "5 7"))


def test_pages_that_say_the_same_are_kept() -> None:
    rows = [f"The council paid the pilot of boat {number}." for number in range(12)]
    body = document(drawn(*[files.lines(*rows)] * 3)).body

    assert all(body.count(row) == 3 for row in rows)


def test_a_header_of_one_page_stays() -> None:
    assert (
        "Page 1"
        in document(laid_out([Drawn().paragraph("Text.")], furniture=files.running_head)).body
    )


HYPHENS = [
    (["The harbour was deep-", "ened in May."], "The harbour was deepened in May."),
    (["A well-known pilot. Some well-", "known pilot."], "Some well-known pilot."),
    (["The Anglo-", "Saxon fleet."], "The Anglo-Saxon fleet."),
    (["Of COVID-", "19 and of 1974-", "75 too."], "Of COVID-19 and of 1974-75 too."),
    (["A state-of-the-", "art crane."], "A state-of-the-art crane."),
    (["A harbour. The har-", "bour."], "The harbour."),
    (["Deep — and -", "then not."], "Deep — and - then not."),
    (["See https://example.org/some-", "where/else today."], "https://example.org/some-where/else"),
]


@pytest.mark.parametrize(("rows", "wanted"), HYPHENS, ids=lambda one: str(one)[-20:])
def test_a_hyphen_at_a_lines_end_goes_unless_it_is_the_words_own(
    rows: list[str], wanted: str
) -> None:
    assert wanted in document(drawn(files.lines(*rows))).body


def test_a_hyphen_stays_where_a_document_does_not_divide_words() -> None:
    rows = [f"The pilots wrote {number} letters to the council." for number in range(50)]
    body = document(drawn(files.lines(*rows, "They wanted a co-", "produced map.", size=10))).body

    assert "a co-produced map" in body


def test_a_word_divided_by_a_pages_end_is_one_word_and_the_mark_is_inside() -> None:
    data = drawn(
        files.lines("The whole of the winter they went on with the dredg-", y=80),
        files.lines("ing of the channel.", y=780),
    )

    body = document(data).body

    assert (
        "<!-- page 1, 2 +51 -->\n\nThe whole of the winter they went on with the dredging of"
        in body
    )
    assert page_of(body, "with the dredg") == "p. 1"
    assert page_of(body, "dredging") == "pp. 1–2"
    assert page_of(body, "ing of the channel") == "p. 2"


def test_a_note_at_the_foot_does_not_cut_the_paragraph_that_runs_over_the_page() -> None:
    def first(canvas: Canvas) -> None:
        files.lines(
            "Nobody had asked the council of the island",
            "whether the levy on salt was to be",
            y=120,
        )(canvas)
        canvas.setFont("Times-Roman", 7)
        canvas.drawString(72, 60, "3 The ledger of 1974, leaf 12.")

    body = document(
        drawn(first, files.lines("paid in the winter.", "", "Then it thawed.", y=780))
    ).body

    assert "levy on salt was to be paid in the winter." in body
    assert page_of(body, "The ledger of 1974") == "p. 1"
    assert page_of(body, "paid in the winter") == page_of(body, "Then it thawed") == "p. 2"
    assert body.index("The ledger of") < body.index("Nobody had asked")


def test_a_raised_number_is_apart_from_its_word_and_a_power_is_one() -> None:
    def page(canvas: Canvas) -> None:
        for y, before in ((760, "It was signed in 1974"), (740, "It has 300 m")):
            canvas.setFont("Times-Roman", 11)
            canvas.drawString(72, y, before)
            canvas.setFont("Times-Roman", 7)
            canvas.drawString(72 + pdfmetrics.stringWidth(before, "Times-Roman", 11), y + 4, "2")

    body = document(drawn(page)).body

    assert "signed in 1974[2]" in body
    assert "300 m²" in body


def test_a_lowered_number_is_part_of_its_word() -> None:
    def page(canvas: Canvas) -> None:
        canvas.setFont("Times-Roman", 11)
        canvas.drawString(72, 760, "It gave off CO")
        canvas.setFont("Times-Roman", 7)
        wide = pdfmetrics.stringWidth("It gave off CO", "Times-Roman", 11)
        canvas.drawString(72 + wide, 757, "2")

    assert "CO2" in document(drawn(page)).body


def test_a_year_or_a_sharp_that_a_paragraph_begins_with_is_text() -> None:
    told = Drawn()
    story = [told.paragraph("1974. It rained."), told.paragraph("# 5 of the piles moved.")]
    assert document(laid_out(story)).body == (
        "<!-- page 1 -->\n\n1974\\. It rained.\n\n\\# 5 of the piles moved."
    )


def test_a_line_of_the_text_that_two_pages_begin_with_is_no_header() -> None:
    text = ("The same words again.", "then others follow here", "and the text ends.")
    pages = [files.lines(*text[:2], f"On page {n} {text[2]}") for n in ("one", "two", "three")]
    found = document(drawn(*pages))
    assert found.body.count("The same words again.") == 3
    assert not any("headers" in remark for remark in found.remarks)


def golden_story(told: Drawn) -> list[Flowable]:
    long = "The council met and spoke of the quay. " * 24
    return [
        told.paragraph("The Kallo Survey", TITLE),
        told.paragraph("The harbour at Kallo was deepened in 1974 by two dredgers."),
        told.paragraph("What was found", SECTION),
        ListFlowable(
            [ListItem(told.paragraph(one)) for one in ("Mud.", "Timber.")], bulletType="bullet"
        ),
        Spacer(1, 10),
        Table([["Year", "Depth"], ["1974", "9 m"], ["1998", "11 m"]], colWidths=90, hAlign="LEFT"),
        Spacer(1, 480),
        told.paragraph(long.strip() + " So it ended."),
        told.paragraph("Figure 2. The quay in winter.", NOTE),
        PageBreak(),
        told.paragraph("Thanks", SECTION),
        told.paragraph("To the pilots."),
    ]


def test_golden() -> None:
    told = Drawn()
    data = laid_out(
        golden_story(told), furniture=files.page_number, title="The Kallo Survey",
        author="Ann Lee; Bo Ray", lang="en-GB",
    )  # fmt: skip
    found = document(data)
    on_first = sum(len(line) + 1 for page, line in told.lines[5:] if page == 1)
    sentence = "The council met and spoke of the quay."
    paragraph = " ".join([sentence] * 24) + " So it ended."

    assert found.body == (
        "<!-- page 1 -->\n\n# The Kallo Survey\n\n"
        "The harbour at Kallo was deepened in 1974 by two dredgers.\n\n"
        "## What was found\n\n- Mud.\n\n- Timber.\n\n"
        "| Year | Depth |\n| --- | --- |\n| 1974 | 9 m |\n| 1998 | 11 m |\n\n"
        f"<!-- page 2 +{on_first} -->\n\n{paragraph}\n\nFigure 2. The quay in winter.\n\n"
        "<!-- page 3 -->\n\n## Thanks\n\nTo the pilots."
    )
    assert (found.title, found.authors) == ("The Kallo Survey", ("Ann Lee", "Bo Ray"))
    assert (found.published, found.modified, found.publisher, found.url) == (None,) * 4
    assert page_of(found.body, "1998") == "p. 1"
    assert page_of(found.body, "So it ended") == "p. 2"
    assert page_of(found.body, "pilots") == "p. 3"


def test_items_with_drawn_marks_and_lines_of_an_address_are_paragraphs_of_their_own() -> None:
    rows = ("Kallo Harbour Office", "Quay Street 4", "Island 1974")
    long = "A much longer line that fills the column to its very end."
    body = document(drawn(files.lines(*rows, long))).body

    assert "\n\n".join(rows) in body


def test_paragraphs_may_have_neither_a_gap_nor_an_indentation() -> None:
    rows = (
        "The first paragraph has a line that is quite long and",
        "ends here.",
        "The second paragraph begins below, without any space.",
    )
    assert f"{rows[0]} {rows[1]}\n\n{rows[2]}" in document(drawn(files.lines(*rows))).body


def test_numbers_of_a_list_stay_and_its_items_with_hanging_lines_are_whole() -> None:
    rows = [("1.", "The first item is long and goes on to"), ("", "a second line."), ("2.", "No.")]
    body = document(drawn(files.grid(rows, 72, 92))).body

    assert "1. The first item is long and goes on to a second line.\n\n2. No." in body


def test_columns_that_are_drawn_line_by_line_are_read_one_after_the_other() -> None:
    left = [
        "Depth and tide were measured",
        "every day by the pilots, who",
        "wrote in a long ledger.",
    ]
    right = [
        "The council read the ledger",
        "in the autumn, and it found",
        "that the salt was gone.",
    ]

    body = document(drawn(files.grid(list(zip(left, right, strict=True)), 72, 300))).body

    assert body.index(" ".join(left)) < body.index(" ".join(right))


def test_a_title_over_both_columns_comes_first_and_a_picture_between_them_divides_nothing() -> None:
    left = ["Depth and tide were measured", "every day by the pilots, who"]
    right = ["wrote them down in a ledger", "that the council then kept."]

    def page(canvas: Canvas) -> None:
        canvas.setFont("Times-Bold", 20)
        canvas.drawString(72, 780, "A title that runs over both of the columns")
        for top in (740, 600):
            for x, column in ((72, left), (300, right)):
                for row in range(4):
                    canvas.setFont("Times-Roman", 11)
                    canvas.drawString(x, top - 13 * row, column[row % 2])
        canvas.setFont("Times-Roman", 8)
        canvas.drawString(
            72, 660, "Figure 1. The caption of a picture that is as wide as both columns are."
        )

    body = document(drawn(page)).body
    column = " ".join(left * 2), " ".join(right * 2)

    assert body.startswith("<!-- page 1 -->\n\n# A title that runs over both of the columns")
    assert body.count(" ".join(column)) == 2
    assert "\n\nFigure 1. The caption" in body


def test_cells_that_go_over_lines_are_whole() -> None:
    rows = [
        ("Year", "What was done"),
        ("1974", "Dredged by two"),
        ("", "dredgers"),
        ("1998", "Left|alone"),
    ]
    body = document(drawn(files.grid(rows, 72, 200))).body

    assert (
        "| Year | What was done |\n| --- | --- |\n| 1974 | Dredged by two dredgers |\n"
        "| 1998 | Left\\|alone |" in body
    )


def test_text_that_markdown_would_read_as_something_else_is_shown_as_it_is() -> None:
    rows = ("<!-- page 9 -->", "", "", "<b>Not bold.</b>", "", "", "~~~ no code")
    body = document(drawn(files.lines(*rows))).body

    assert "\n\n\\<!-- page 9 -->\n\n\\<b>Not bold.</b>\n\n\\~~~ no code" in body
    assert page_of(body, "no code") == "p. 1"


def test_the_offset_of_a_page_counts_what_stands_before_its_paragraph() -> None:
    row = "<i> is how the paragraph begins, which goes on and on and on to"
    body = document(drawn(files.lines(row, y=80), files.lines("the next page."))).body

    assert page_of(body, "on to") == "p. 1"
    assert page_of(body, "the next page") == "p. 2"


def test_chinese_and_japanese_lines_are_joined_without_spaces() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    pdfmetrics.registerFont(UnicodeCIDFont("HeiseiMin-W3"))
    chinese = files.lines(
        "港口在一九七四年加深。两艘挖泥", "船在那里工作了九个月。", font="STSong-Light"
    )
    japanese = files.lines("港は１９７４年に深く", "なった。", font="HeiseiMin-W3")

    body = document(drawn(chinese, japanese)).body

    assert "港口在一九七四年加深。两艘挖泥船在那里工作了九个月。" in body
    assert "港は１９７４年に深くなった。" in body
    assert page_of(body, "港は") == "p. 2"


def test_turned_pages_and_text_at_the_margin_are_read() -> None:
    def page(canvas: Canvas) -> None:
        files.lines("Upright text is first, and", "it has two lines that belong together.")(canvas)
        canvas.saveState()
        canvas.translate(30, 300)
        canvas.rotate(90)
        canvas.drawString(0, 0, "Stamp at the margin")
        canvas.restoreState()

    def on_its_side(canvas: Canvas) -> None:
        canvas.setPageRotation(90)
        canvas.translate(500, 100)
        canvas.rotate(90)
        for row, text in enumerate(("A wide table was here, and it was", "read from the side.")):
            canvas.drawString(0, -13 * row, text)

    body = document(drawn(page, on_its_side)).body

    assert body.index("Upright text") < body.index("Stamp at the margin")
    assert "A wide table was here, and it was read from the side." in body


def test_text_outside_of_the_visible_page_is_left_out() -> None:
    pages = (files.lines("Seen."), files.lines("Unseen.", x=2000), files.lines("Seen too."))
    body = document(drawn(*pages)).body

    assert "Unseen" not in body
    assert page_of(body, "Seen too") == "p. 3"


def test_invisible_text_is_read_and_said_to_be_invisible() -> None:
    def scanned(canvas: Canvas) -> None:
        text = canvas.beginText(72, 700)
        text.setTextRenderMode(3)
        text.textLine("What the scanner's program thought it saw.")
        canvas.drawText(text)

    found = document(drawn(scanned))

    assert "What the scanner's program thought it saw." in found.body
    assert "Invisible text, such as OCR makes, was read: page 1." in found.remarks


PRINTED = """<html lang="en-GB"><meta charset="utf-8"><title>Harbour news</title>
<style>body{font:11pt "DejaVu Serif"} .next{break-before:page} td,th{padding:2px 24px}
.two{columns:2;text-align:justify}</style>
<h1>Printed by a browser</h1>
<p>Soft hy&shy;phens in har&shy;bour&shy;master, a ﬁsh in the office, ½ of 5 m² 😀.</p>
<p dir="rtl" lang="ar">السلام والإسلام، قال ABC Company في 2021/11/30 (نعم) لا.</p>
<p dir="rtl" lang="he">שלום עולם, הנמל הועמק בשנת 1974 (כן).</p>
<p>Гавань в Калло углубили. Το λιμάνι βάθυνε.</p>
<table><tr><th>Year<th>Depth<tr><td>1974<td>9 m<tr><td>1998<td>11 m</table>
<h2 class="next">Second page</h2><p>See the note<sup>3</sup>.</p><div class="two">"""


@needs_chromium
def test_what_a_browser_prints(tmp_path: Path) -> None:
    texts = files.paragraphs(8)
    html = PRINTED + "".join(f"<p>{text}</p>" for text in texts) + "</div>"
    found = document(files.printed(html, tmp_path))
    body = found.body

    assert (found.title, found.language) == ("Harbour news", "en")
    assert "# Printed by a browser\n\nSoft hyphens in harbourmaster, a fish in the office," in body
    assert "½ of 5 m² 😀." in body
    assert "السلام والإسلام، قال ABC Company في 2021/11/30 (نعم) لا." in body
    assert "שלום עולם, הנמל הועמק בשנת 1974 (כן)." in body
    assert "Гавань в Калло углубили. Το λιμάνι βάθυνε." in body
    assert "| Year | Depth |\n| --- | --- |\n| 1974 | 9 m |\n| 1998 | 11 m |" in body
    assert "See the note[3]." in body
    assert page_of(body, "1998") == "p. 1"
    at = 0
    for sentence in re.findall(r"[^.]+\.", " ".join(texts)):
        at = body.index(sentence.strip(), at)
        assert page_of(body, sentence.strip(), at) == "p. 2"


TITLES = {
    "Microsoft Word - final3.doc": None,
    "untitled": None,
    "report_v2.indd": None,
    "https://example.org/x": None,
    "PowerPoint Presentation": None,
    "  ": None,
    "The Untitled Century": "The Untitled Century",
    "A\ttitle\non two lines": "A title on two lines",
}


@pytest.mark.parametrize(("said", "wanted"), TITLES.items())
def test_a_title_that_a_program_wrote_is_none(said: str, wanted: str | None) -> None:
    assert document(drawn(files.lines("Text."), title=said)).title == wanted


def test_without_a_title_the_largest_type_of_the_first_page_is_one() -> None:
    def page(canvas: Canvas) -> None:
        files.lines("The Kallo", "Survey of 1974", size=22, font="Times-Bold")(canvas)
        files.lines("It was deep, and it was cold, and it was far from the sea.", y=600)(canvas)

    found = document(drawn(page, title="untitled", author="admin"))

    assert (found.title, found.authors) == ("The Kallo Survey of 1974", ())


AUTHORS = {
    "Ann Lee, Bo Ray and Cy Wu": ("Ann Lee", "Bo Ray", "Cy Wu"),
    "Lee, Ann; Ray, Bo": ("Lee, Ann", "Ray, Bo"),
    "Lee, Ann": ("Lee, Ann",),
    "Microsoft Office User": (),
    "(anonymous)": (),
    "": (),
}


@pytest.mark.parametrize(("said", "wanted"), AUTHORS.items())
def test_authors(said: str, wanted: tuple[str, ...]) -> None:
    assert document(drawn(files.lines("Text."), author=said)).authors == wanted


def with_xmp(**said: str) -> bytes:
    """A page whose file says so of itself in XMP; pypdf writes it, uncompressed."""
    from pypdf.generic import DecodedStreamObject, NameObject

    values = "".join(
        f"<{name}>{value}</{name}>"
        for name, value in ((name.replace("_", ":"), value) for name, value in said.items())
    )
    packet = DecodedStreamObject()
    packet.set_data(
        f"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
        <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
         xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
         xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/">
        <rdf:Description>{values}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>
        """.encode()
    )

    def change(writer: pypdf.PdfWriter) -> None:
        writer.root_object[NameObject("/Metadata")] = writer._add_object(packet)

    return files.changed(drawn(files.lines("Text.")), change)


def test_a_publication_date_is_one_that_the_file_calls_so() -> None:
    names = "<rdf:Seq><rdf:li>Lee, Ann</rdf:li><rdf:li>Bo Ray</rdf:li></rdf:Seq>"
    found = document(
        with_xmp(
            prism_publicationDate="2021-11-30",
            dc_creator=names,
            dc_title="Tides",
            dc_language="de-AT",
        )
    )
    odd = document(with_xmp(prism_publicationDate="yesterday"))

    assert found.published == "2021-11-30"
    assert (found.title, found.authors, found.language) == ("Tides", ("Lee, Ann", "Bo Ray"), "de")
    assert odd.published is None
    assert "its date “yesterday” is not a date" in odd.remarks


def test_an_entity_bomb_in_what_a_file_says_of_itself_is_left_alone() -> None:
    bomb = with_xmp(dc_title="&a;").replace(
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/">',
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x:xmpmeta xmlns:x="adobe:ns:meta/">',
    )
    assert document(bomb).title is None


def test_a_packet_of_many_attributes_takes_time_in_proportion_to_them() -> None:
    def prepare(count: int) -> Callable[[], object]:
        many = " ".join(f"a{n}='b'" for n in range(count))
        packet = with_xmp(dc_title="Tides").replace(
            b"<rdf:Description", f"<rdf:D {many}/><rdf:Description".encode(), 1
        )
        return lambda: reader._xmp(packet)

    assert_linear(prepare, 20_000, 80_000)
    assert reader._xmp(with_xmp(dc_title="Tides"))["title"] == ("Tides",)


def test_when_a_file_was_made_is_a_remark_and_no_publication_date() -> None:
    found = document(drawn(files.lines("Text.")))

    assert (found.published, found.modified) == (None, None)
    assert any(re.search(r"the file was made on \d{4}-\d\d-\d\d\.", one) for one in found.remarks)


def test_a_scan_is_declined_and_how_to_help_it_is_said() -> None:
    assert reason(drawn(*[files.scan] * 3)) == (
        "is scanned: its 3 pages hold pictures and no text. Run OCR on it (for example ocrmypdf) "
        "and add the result."
    )


def test_a_scan_whose_pages_were_only_numbered_is_declined() -> None:
    def numbered(canvas: Canvas) -> None:
        files.scan(canvas)
        files.running_head(canvas, canvas.getPageNumber())

    assert reason(drawn(*[numbered] * 4)).startswith("is scanned")


def test_pages_that_are_pictures_are_named() -> None:
    pages = (files.lines("Text."), files.scan, files.scan, files.lines("More text here."))
    found = document(drawn(*pages))

    assert any("Pictures without text, so left out: pages 2–3." in one for one in found.remarks)
    assert page_of(found.body, "More text") == "p. 4"


def test_pages_without_anything_are_declined() -> None:
    assert reason(drawn(lambda canvas: None)).startswith("holds no text")


def test_a_file_with_a_password_is_declined_and_one_that_only_forbids_printing_is_read() -> None:
    def made(user: str) -> bytes:
        out = io.BytesIO()
        locked = pdfencrypt.StandardEncryption(user, "owner", canPrint=0, canCopy=0, strength=128)
        canvas = Canvas(out, encrypt=locked)
        canvas.drawString(72, 700, "Locked text.")
        canvas.save()
        return out.getvalue()

    assert reason(made("user")).startswith("is encrypted with a password.")
    assert "Locked text." in document(made("")).body


def test_a_file_that_does_not_say_which_letters_its_fonts_show_is_declined() -> None:
    font = Path("/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf")
    if not font.is_file():
        pytest.skip("DejaVu is not installed")
    pdfmetrics.registerFont(TTFont("DejaVuSerif", font, asciiReadable=0))
    data = drawn(files.lines("Letters of a font.", font="DejaVuSerif"))

    def change(writer: pypdf.PdfWriter) -> None:
        for one in writer._objects:
            if isinstance(one, dict):
                one.pop("/ToUnicode", None)

    assert "Letters of a font." in document(data).body
    assert reason(files.changed(data, change)).startswith("does not say which letters its fonts")


def test_a_portfolio_is_declined_and_attached_files_are_told() -> None:
    def attach(writer: pypdf.PdfWriter) -> None:
        writer.add_attachment("a.txt", b"a")

    empty = files.changed(drawn(lambda canvas: None), attach)
    full = files.changed(drawn(files.lines("Text.")), attach)

    assert reason(empty).startswith("is a portfolio: it holds 1 attached file")
    assert "1 attached file not read." in document(full).remarks


def test_xfa_forms_are_declined() -> None:
    from pypdf.generic import (
        ArrayObject,
        BooleanObject,
        DictionaryObject,
        NameObject,
        StreamObject,
        TextStringObject,
    )  # fmt: skip

    def change(writer: pypdf.PdfWriter) -> None:
        stream = StreamObject()
        stream.set_data(b"<xdp/>")
        added = writer._add_object(stream)
        form = DictionaryObject()
        form[NameObject("/XFA")] = ArrayObject([TextStringObject("template"), added])
        form[NameObject("/Fields")] = ArrayObject()
        writer.root_object[NameObject("/AcroForm")] = form
        writer.root_object[NameObject("/NeedsRendering")] = BooleanObject(True)

    assert reason(files.changed(drawn(files.lines("Please wait…")), change)).startswith("is an XFA")


def test_files_that_are_cut_off_say_so() -> None:
    data = laid_out([Drawn().paragraph(text) for text in files.paragraphs(40)])

    for size in (8, 100, len(data) // 2, len(data) - 1200):
        told: tuple[str, ...] = ()
        try:
            told = document(data[:size]).remarks
        except UnreadableSource as error:
            told = (str(error),)
        assert any(re.search("cut off|damaged|end of the file is missing", one) for one in told)


def test_limits_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    data = drawn(*[files.lines("A page.")] * 3)
    monkeypatch.setattr(reader, "MOST_PAGES", 2)
    assert reason(data) == "has 3 pages; at most 2 are read. Split it into parts."
    monkeypatch.undo()
    monkeypatch.setattr(reader, "MOST_CHARACTERS", 10)
    assert reason(data) == "has more than 10 characters. Split it into parts."


SMALL = laid_out(
    [Drawn().paragraph(text, JUSTIFIED) for text in files.paragraphs(12)],
    columns=2,
    pageCompression=0,
)
PACKED = laid_out(golden_story(Drawn()))


@given(
    st.sampled_from([SMALL, PACKED]),
    st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=6)), max_size=12),
    st.floats(0, 1),
    st.booleans(),
)
def test_damaged_files_are_read_or_declined(
    data: bytes, changes: list[tuple[float, bytes]], cut: float, is_cut: bool
) -> None:
    harmed = bytearray(data)
    for place, patch in changes:
        at = int(place * (len(data) - len(patch)))
        harmed[at : at + len(patch)] = patch
    if is_cut:
        del harmed[int(cut * len(data)) :]
    try:
        found = list(read(Source("file.pdf", bytes(harmed))))
    except UnreadableSource:
        return
    for one in found:
        assert one.body == clean(one.body)
        for at in range(0, len(one.body), 200):
            Locators(one.body).of(Span(at, at + 1))


def test_damaged_files_do_no_harm_to_the_next_one_in_the_converters_process() -> None:
    with Converter() as converter:
        for at in range(0, len(SMALL), len(SMALL) // 6):
            with suppress(UnreadableSource):
                list(
                    converter.convert(Source("a.pdf", SMALL[:at] + b"\xff" * 40 + SMALL[at + 40 :]))
                )
        (good,) = converter.convert(Source("b.pdf", PACKED))

    assert isinstance(good, Document)
    assert good.title == "The Kallo Survey"


def test_columns_whose_lines_are_at_different_heights_are_read() -> None:
    for seed in (1, 2, 3):
        told = Drawn()
        style = files.ParagraphStyle("spaced", BODY, alignment=4, spaceAfter=7)
        texts = [told.paragraph(text, style) for text in files.paragraphs(34, seed)]
        assert_on_their_pages(document(laid_out(texts, columns=2)).body, told)


def test_wide_pages_with_columns_are_read() -> None:
    told = Drawn()
    texts = [told.paragraph(text, JUSTIFIED) for text in files.paragraphs(60)]
    data = laid_out(texts, columns=3, pagesize=landscape(A4))

    assert_on_their_pages(document(data).body, told)


def test_two_thousand_pages_are_read_with_their_places() -> None:
    rows = (
        "The pilots wrote down the depth of the channel.",
        "They did so on every day of the year.",
    )
    data = drawn(*[files.lines(f"Leaf {number} of it.", *rows) for number in range(1, 2001)])

    with Converter() as converter:
        (found,) = converter.convert(Source("ledger.pdf", data))

    assert isinstance(found, Document)
    assert page_of(found.body, "Leaf 1999 of") == "p. 1999"


def test_a_page_of_scattered_words_ends_in_time() -> None:
    places = [(7 * n % 590, 11 * n % 830) for n in range(7000)]

    def page(canvas: Canvas) -> None:
        canvas.setFont("Times-Roman", 3)
        for number, place in enumerate(places):
            canvas.drawString(*place, f"w{number}")

    assert len(document(drawn(page)).body) > 7000 * 3


def test_a_page_of_more_letters_than_any_article_has_is_declined() -> None:
    assert "has a page of 4" in reason(drawn(files.lines(*["x" * 30_000] * 15)))
