from __future__ import annotations

import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.convert import epub, office
from ingest.convert.document import Document, Source
from ingest.convert.process import Converter
from ingest.errors import UnreadableSource
from tests.office_files import book_epub

BODY = """\
# Two

| Year | cm |
| --- | --- |
| 2019 | 3 |

# One: the tide

The tide rose by 10² cm[1]. cooperation

> Water has no memory.

- First
- Second

1 Measured in March.""".replace("10² cm", "10²\u00a0cm")
CONTAINER = (
    b'<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    b'<rootfile full-path="b.opf"/></rootfiles></container>'
)
PACKAGE = """<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"
xmlns:opf="http://www.idpf.org/2007/opf"><metadata>{about}</metadata>
<manifest>{items}</manifest><spine>{spine}</spine>{after}</package>"""


@pytest.fixture(scope="module")
def book() -> bytes:
    return book_epub()


def written(
    *chapters: str, about: str = "", after: str = "", parts: dict[str, bytes] | None = None
) -> bytes:
    """A book with these chapters, as `0.xhtml` and so on; by hand, for what no tool writes."""
    names = [f"{number}.xhtml" for number in range(len(chapters))]
    items = (f'<item id="i{name}" href="{name}"/>' for name in names)
    spine = (f'<itemref idref="i{name}"/>' for name in names)
    opf = PACKAGE.format(about=about, items="".join(items), spine="".join(spine), after=after)
    files = {"META-INF/container.xml": CONTAINER, "b.opf": opf.encode()}
    files |= {name: text.encode() for name, text in zip(names, chapters, strict=True)}
    return office.zipped(files | (parts or {}))


def page(inside: str) -> str:
    ops = 'xmlns:epub="http://www.idpf.org/2007/ops"'
    return f'<html xmlns="http://www.w3.org/1999/xhtml" {ops}><body>{inside}</body></html>'


def read(data: bytes) -> list[Document]:
    return list(epub.read(Source("a.epub", data)))


def body(data: bytes) -> str:
    (document,) = read(data)
    return document.body


def test_a_book_is_one_article_in_reading_order_without_cover_and_contents(book: bytes) -> None:
    assert read(book) == [
        Document(
            body=BODY,
            title="The Harbour Book",
            authors=("Ana Example",),
            publisher="Quay Press",
            published="2019-05-06",
            language="en",
        )
    ]


def test_a_book_goes_through_the_limited_process(book: bytes) -> None:
    with Converter() as converter:
        (document,) = converter.convert(Source("book.epub", book))
    assert isinstance(document, Document)
    assert document.body == BODY


def test_a_book_larger_than_an_article_may_be_becomes_several(
    monkeypatch: pytest.MonkeyPatch, book: bytes
) -> None:
    monkeypatch.setattr(epub, "_LARGEST", 100)
    two, one = read(book)
    assert (two.title, two.part) == ("The Harbour Book: Two", "EPUB/text/two.xhtml")
    assert (one.title, one.publisher) == ("The Harbour Book: One: the tide", "Quay Press")


def test_a_book_without_a_title_is_called_by_its_first_heading() -> None:
    (document,) = read(written(page("<p>To you.</p>"), page("<h2>The tide</h2><p>It rose.</p>")))
    assert document.title == "The tide"


@pytest.mark.parametrize(
    ("about", "published", "remarks"),
    [
        ('<dc:date opf:event="creation">2020-01-01</dc:date>', None, ()),
        ('<dc:date opf:event="publication">2019</dc:date>', "2019", ()),
        ("<dc:date>2019-05-06T00:00:00Z</dc:date>", "2019-05-06", ()),
        ("<dc:date>yesterday</dc:date>", None, ("Its date “yesterday” is not a date.",)),
        ('<meta property="dcterms:modified">2020-01-01T00:00:00Z</meta>', None, ()),
    ],
)
def test_only_a_date_of_publication_is_one(
    about: str, published: str | None, remarks: tuple[str, ...]
) -> None:
    (document,) = read(written(page("<p>Text.</p>"), about=about))
    assert (document.published, document.modified, document.remarks) == (published, None, remarks)


def test_who_drew_the_pictures_is_no_author() -> None:
    about = (
        '<dc:creator id="a">Ana</dc:creator><dc:creator id="b">Boris</dc:creator>'
        '<meta refines="#b" property="role">ill</meta><dc:creator opf:role="aut">Cem</dc:creator>'
    )
    (document,) = read(written(page("<p>Text.</p>"), about=about))
    assert document.authors == ("Ana", "Cem")


def test_what_only_leads_to_other_parts_is_left_out() -> None:
    after = '<guide><reference type="toc" href="1.xhtml"/></guide>'
    data = written(
        page("<p>Text.</p>"),
        page("<p>Text, page 1</p>"),
        page('<nav epub:type="page-list"><a>1</a></nav><p>More.</p>'),
        page('<section epub:type="landmarks"><p>Start</p></section>'),
        after=after,
    )
    assert body(data) == "Text.\n\nMore."


def test_a_part_is_read_once_however_often_it_is_listed() -> None:
    data = written(page("<p>Text.</p>"))
    spine = b'<itemref idref="i0.xhtml"/>'
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        parts = {name: opened.read(name) for name in opened.namelist()}
    parts["b.opf"] = parts["b.opf"].replace(spine, spine * 5000)
    assert body(office.zipped(parts)) == "Text."


def test_html_that_is_no_xml_is_read_as_a_browser_does() -> None:
    assert body(written("<html><body><p>One<br>line &amp; 2&nbsp;more<p>Two")) == (
        "One line & 2\u00a0more\n\nTwo"
    )


def test_entities_of_html_are_known_in_xml() -> None:
    assert body(written(page("<p>caf&eacute;&nbsp;&lt;b&gt; &hellip;</p>"))) == "café\u00a0<b> …"


def test_notes_are_marked_and_the_way_back_from_them_is_not() -> None:
    told = (
        '<p>Text<a href="#n1">1</a> and more<sup><a href="#n2">2</a></sup>, in <a href="#y">1914</a>.'
        '</p><p id="n1">1 Seen. <a href="#r1">\u21a9\ufe0e</a></p>'
    )
    assert body(written(page(told))) == "Text[1] and more², in 1914.\n\n1 Seen."


def test_a_missing_chapter_is_a_remark() -> None:
    data = written(page("<p>Text.</p>"), page("<p>More.</p>"))
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        parts = {name: opened.read(name) for name in opened.namelist() if name != "1.xhtml"}
    (document,) = read(office.zipped(parts))
    assert document.remarks == ("Its part '1.xhtml' is incomplete: its part '1.xhtml' is missing.",)


LOCKS = """<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"
xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData><enc:EncryptionMethod
Algorithm="{method}"/></enc:EncryptedData></encryption>"""


def test_a_book_protected_by_its_seller_is_declined() -> None:
    locks = LOCKS.format(method="http://www.w3.org/2001/04/xmlenc#aes128-cbc").encode()
    with pytest.raises(UnreadableSource, match="DRM"):
        read(written(page("<p>x</p>"), parts={"META-INF/encryption.xml": locks}))


def test_a_book_with_scrambled_fonts_is_read() -> None:
    locks = LOCKS.format(method="http://www.idpf.org/2008/embedding").encode()
    assert body(written(page("<p>x</p>"), parts={"META-INF/encryption.xml": locks})) == "x"


@pytest.mark.parametrize("size", [0, 10, 1500, -100])
def test_a_cut_off_book_is_declined(size: int, book: bytes) -> None:
    with pytest.raises(UnreadableSource, match="damaged or cut off"):
        read(book[:size])


def test_a_book_of_pictures_is_declined() -> None:
    with pytest.raises(UnreadableSource, match="holds no text"):
        read(written(page('<img src="1.png"/>')))


def test_a_book_without_a_list_of_its_parts_is_declined() -> None:
    with pytest.raises(UnreadableSource, match="is incomplete"):
        read(office.zipped({"META-INF/container.xml": CONTAINER}))


def test_entities_of_its_own_are_refused() -> None:
    bomb = '<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + page(
        "<p>&b;</p>"
    )
    about = b'<!DOCTYPE p [<!ENTITY a SYSTEM "file:///etc/hostname">]><p>&a;</p>'
    with pytest.raises(UnreadableSource, match="declares entities"):
        read(written(page("<p>x</p>"), parts={"b.opf": about}))
    with suppress(UnreadableSource):
        assert "aaaa" not in body(written(bomb))


def test_chapters_that_lead_out_of_the_book_are_not_looked_for() -> None:
    data = written(page("<p>Text.</p>"))
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        parts = {name: opened.read(name) for name in opened.namelist()}
    parts["b.opf"] = parts["b.opf"].replace(b'href="0.xhtml"', b'href="../../etc/passwd"')
    with pytest.raises(UnreadableSource, match="holds no text"):
        read(office.zipped(parts))


def test_ten_thousand_elements_inside_each_other_are_read_or_declined() -> None:
    deep = page("<div>" * 10_000 + "x" + "</div>" * 10_000)
    with suppress(UnreadableSource):
        assert body(written(deep)) == "x"


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=9))
def test_a_mutated_book_is_read_or_declined(places: list[tuple[float, int]]) -> None:
    data = bytearray(
        written(page("<h1>One</h1><p>It’s <i>so</i>.</p>"), about="<dc:title>T</dc:title>")
    )
    for where, byte in places:
        data[int(where * (len(data) - 1))] = byte
    with suppress(UnreadableSource):
        read(bytes(data))


@given(st.text(max_size=200))
def test_a_chapter_of_any_text_is_read_or_declined(text: str) -> None:
    with suppress(UnreadableSource):
        read(written(page(text.encode("utf-8", "replace").decode())))
