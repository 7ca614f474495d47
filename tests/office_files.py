"""Office files for tests, made by the tools that people's files are made with.

Left out: reading them.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_NS = (
    f'xmlns:w="{_W}" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
)
_FOOTNOTES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
_TEXT_BOX = f"""<w:p {_NS}><w:r><w:t>Beside the box.</w:t></w:r><w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>
<wp:inline><wp:extent cx="914400" cy="914400"/><wp:docPr id="7" name="Box"/><a:graphic><a:graphicData
uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:wsp><wps:txbx>
<w:txbxContent><w:p><w:r><w:t>A box beside the text.</w:t></w:r></w:p></w:txbxContent></wps:txbx>
</wps:wsp></a:graphicData></a:graphic></wp:inline></w:drawing></mc:Choice><mc:Fallback><w:pict>
<v:shape><v:textbox><w:txbxContent><w:p><w:r><w:t>A box beside the text.</w:t></w:r></w:p>
</w:txbxContent></v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"""

_CONTENTS = f"""<w:sdt {_NS}><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/>
</w:docPartObj></w:sdtPr><w:sdtContent><w:p><w:r><w:t>What was found 1</w:t></w:r></w:p>
</w:sdtContent></w:sdt>"""


def report_docx() -> bytes:
    """A report by python-docx, with a text box, a footnote and tracked changes in Word's own XML."""
    import docx
    from docx.enum.text import WD_BREAK

    report = docx.Document()
    about = report.core_properties
    about.title, about.author = "The Harbour Report", "Ana Example; Борис Пример"
    about.language, about.created = "en-GB", datetime(2020, 1, 2, tzinfo=UTC)
    about.modified = datetime(2021, 11, 30, 8, 0, tzinfo=UTC)
    report.sections[0].header.paragraphs[0].text = "A running header"
    report.add_paragraph("The Harbour Report", style="Title")
    report.element.body.insert(len(report.element.body) - 1, _xml(_CONTENTS))
    report.add_heading("What was found", 1)
    found = report.add_paragraph("The quay “sank” by 3 cm — it’s ")
    found.add_run("very").bold = True
    found.add_run(" slow, at 10")
    found.add_run("6").font.superscript = True
    found.add_run(" tonnes of CO")
    found.add_run("2").font.subscript = True
    found.add_run(" & 5 * 4 < 21_000 [sic].")
    _footnote(report, found, "Measured in March, *not* in May.")
    changed = report.add_paragraph("The mayor ")
    _append(changed, "ins", '<w:r><w:t xml:space="preserve">never </w:t></w:r>')
    _append(changed, "del", '<w:r><w:delText xml:space="preserve">always </w:delText></w:r>')
    changed.add_run("agreed.")
    report.add_comment(changed.runs, text="Is this so?", author="Editor", initials="E")
    report.add_paragraph("First", style="List Bullet")
    _one_deeper(report, report.add_paragraph("Inner", style="List Bullet"))
    report.add_paragraph("Second", style="List Bullet")
    report.add_paragraph("One", style="List Number")
    report.add_paragraph("Two", style="List Number")
    report.add_paragraph("Water has no memory.", style="Quote")
    report.add_heading("Figures", 2)
    table = report.add_table(rows=3, cols=3)
    rows = (("Year", "Level", "Note"), ("2019", "3|4", "low"), ("2020", "5", "high"))
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    table.cell(1, 2).merge(table.cell(2, 2))
    report.element.body.insert(len(report.element.body) - 1, _xml(_TEXT_BOX))
    report.add_paragraph("नदी का पानी 今日は。 הנהר עלה. co\u00adoperation, well\u2011known")
    broken = report.add_paragraph("A line")
    broken.add_run().add_break(WD_BREAK.LINE)
    broken.add_run("and the next.")
    hidden = report.add_paragraph("Seen. ")
    hidden.add_run("Unseen.").font.hidden = True
    report.add_paragraph("# not a heading")
    _link(report, "Read the inquiry", "https://example.org/inquiry")
    return _saved(report)


def _saved(report: Any) -> bytes:
    out = io.BytesIO()
    report.save(out)
    return out.getvalue()


def _xml(source: str) -> Any:
    from docx.oxml import parse_xml

    return parse_xml(source)


def _append(paragraph: Any, change: str, run: str) -> None:
    said = (
        f'<w:{change} {_NS} w:id="1" w:author="E" w:date="2021-01-01T00:00:00Z">{run}</w:{change}>'
    )
    paragraph._p.append(_xml(said))


def _one_deeper(report: Any, paragraph: Any) -> None:
    """The same list as its style's, a level further in, which that list has to define."""
    of_style = report.styles["List Bullet"].element.pPr.numPr.numId.val
    numbers = report.part.numbering_part.element
    abstract = numbers.num_having_numId(of_style).abstractNumId.val
    for one in numbers.findall(f"{{{_W}}}abstractNum"):
        if one.get(f"{{{_W}}}abstractNumId") == str(abstract):
            one.append(
                _xml(
                    f'<w:lvl {_NS} w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="-"/></w:lvl>'
                )
            )
    numbering = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    numbering.get_or_add_ilvl().val = 1
    numbering.get_or_add_numId().val = of_style


def _link(report: Any, text: str, address: str) -> None:
    from docx.opc.constants import RELATIONSHIP_TYPE

    paragraph = report.add_paragraph("See: ")
    key = report.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    r = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    paragraph._p.append(
        _xml(
            f'<w:hyperlink {_NS} xmlns:r="{r}" r:id="{key}"><w:r><w:t>{text}</w:t></w:r></w:hyperlink>'
        )
    )
    paragraph.add_run(".")


def _footnote(report: Any, paragraph: Any, text: str) -> None:
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    notes = (
        f'<w:footnotes {_NS}><w:footnote w:id="2"><w:p><w:r><w:footnoteRef/></w:r><w:r>'
        f'<w:t xml:space="preserve"> {text}</w:t></w:r></w:p></w:footnote></w:footnotes>'
    )
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    part = Part(PackURI("/word/footnotes.xml"), kind, notes.encode(), report.part.package)
    report.part.relate_to(part, _FOOTNOTES)
    paragraph._p.append(_xml(f'<w:r {_NS}><w:footnoteReference w:id="2"/></w:r>'))


def report_odt() -> bytes:
    """A report by odfpy, with a note, a comment, a deletion, hidden text and a table of contents."""
    from odf import dc, draw, meta, office, style, table, text
    from odf.opendocument import OpenDocumentText

    report = OpenDocumentText()
    for element, told in (
        (dc.Title, "Der Hafen"),
        (meta.InitialCreator, "Ana Beispiel"),
        (dc.Creator, "Wer zuletzt speicherte"),
        (dc.Date, "2021-11-30T08:00:00"),
        (dc.Language, "de-DE"),
    ):
        report.meta.addElement(element(text=told))
    quotations = style.Style(name="Quotations", family="paragraph")
    margins = style.ParagraphProperties(marginleft="1cm", marginright="1cm")
    quotations.addElement(margins)
    report.styles.addElement(quotations)
    report.styles.addElement(style.Style(name="Title", family="paragraph"))
    unseen = style.Style(name="T1", family="text")
    unseen.addElement(style.TextProperties(display="none"))
    report.automaticstyles.addElement(unseen)
    body = report.text
    body.addElement(text.P(stylename="Title", text="Der Hafen"))
    contents = text.TableOfContent(name="Inhalt")
    index = text.IndexBody()
    index.addElement(text.P(text="Befund 1"))
    contents.addElement(index)
    body.addElement(contents)
    body.addElement(text.H(outlinelevel=1, text="Befund"))
    found = text.P(text="Der Kai sank um 3 cm — „sehr langsam“")
    note = text.Note(noteclass="footnote")
    note.addElement(text.NoteCitation(text="1"))
    inside = text.NoteBody()
    inside.addElement(text.P(text="Gemessen im März."))
    note.addElement(inside)
    found.addElement(note)
    found.addText(".")
    found.addElement(text.Span(stylename=unseen, text=" Unsichtbar."))
    remark = office.Annotation()
    remark.addElement(text.P(text="Stimmt das?"))
    found.addElement(remark)
    body.addElement(found)
    body.addElement(text.P(stylename=quotations, text="Wasser hat kein Gedächtnis."))
    outer, inner = text.List(), text.List()
    for items, words in ((outer, "Eins"), (inner, "Darin")):
        item = text.ListItem()
        item.addElement(text.P(text=words))
        items.addElement(item)
    outer.childNodes[0].addElement(inner)
    body.addElement(outer)
    levels = table.Table(name="Pegel")
    levels.addElement(table.TableColumn(numbercolumnsrepeated=2))
    for texts in (("Jahr", "Pegel"), ("2019", "3,4 m")):
        row = table.TableRow()
        for told in texts:
            cell = table.TableCell()
            cell.addElement(text.P(text=told))
            row.addElement(cell)
        levels.addElement(row)
    body.addElement(levels)
    frame, box = draw.Frame(width="5cm", height="2cm", anchortype="paragraph"), draw.TextBox()
    box.addElement(text.P(text="Ein Kasten neben dem Text."))
    frame.addElement(box)
    beside = text.P(text="Neben dem Kasten.")
    beside.addElement(frame)
    body.addElement(beside)
    out = io.BytesIO()
    report.write(out)
    return out.getvalue()


def book_epub() -> bytes:
    """A book of two chapters by EbookLib, with a cover page, a contents page and a note."""
    from ebooklib import epub

    book = epub.EpubBook()
    book.set_identifier("urn:example:harbour")
    book.set_title("The Harbour Book")
    book.set_language("en")
    book.add_author("Ana Example")
    book.add_author("Boris Example", role="ill", uid="drawer")
    book.add_metadata("DC", "publisher", "Quay Press")
    book.add_metadata("DC", "date", "2019-05-06")
    cover = epub.EpubHtml(title="Cover", file_name="cover_page.xhtml")
    cover.content = '<section epub:type="cover"><p>The Harbour Book, a cover</p></section>'
    one = epub.EpubHtml(title="One", file_name="text/one.xhtml")
    one.content = (
        "<h1>One: the tide</h1><p>The <em>tide</em> rose by 10<sup>2</sup>&#160;cm"
        '<a epub:type="noteref" href="#n1">1</a>. co\u00adoperation</p>'
        "<blockquote><p>Water has no memory.</p></blockquote><ul><li>First</li><li>Second</li></ul>"
        '<aside epub:type="footnote" id="n1"><p>1 Measured in March.</p></aside>'
    )
    two = epub.EpubHtml(title="Two", file_name="text/two.xhtml")
    two.content = "<h1>Two</h1><table><tr><th>Year</th><th>cm</th></tr><tr><td>2019</td><td>3</td></tr></table>"
    for item in (cover, one, two, epub.EpubNcx(), epub.EpubNav()):
        book.add_item(item)
    book.toc = (one, two)
    book.spine = [cover, "nav", two, one]
    out = io.BytesIO()
    epub.write_epub(out, book)
    return out.getvalue()
