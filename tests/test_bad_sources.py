"""Bad and hostile sources, end to end: a clear message, nothing lost, nothing half, nothing forged.

Every test here works on a corpus that holds three articles already. After it they must be there
byte for byte, every file must be whole, and the law must hold for each passage.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import docx
import pypdf
import pytest
from conftest import assert_exact, write
from ebooklib import epub
from odf import opendocument
from odf import text as odf_text
from pdf_files import WORDS
from reportlab.pdfgen.canvas import Canvas
from site_server import Site, answer, moved, site
from test_addresses import HARBOUR, LIGHTHOUSE, LOOPBACK, feed, page
from test_cli import PINCITE, Pincite, environment, pincite

from ingest import originals
from ingest.add import Adding, AddReport
from ingest.errors import NoRoom
from ingest.read import corpus_files, corpus_path, read_article
from ingest.split import split

__all__ = ["pincite"]  # the fixture

STORY = "The harbour at Varn was dredged in 1981. The mud was taken out to sea by two barges."
CANARY = "the canary of the local disk"


@pytest.fixture(autouse=True)
def nothing_lost(three_articles: Path) -> Iterator[None]:
    """Whatever a test adds: what was there stays as it was, and what is there now is whole."""
    before = {file: file.read_bytes() for file in corpus_files(three_articles)}
    yield
    assert {file: file.read_bytes() for file in before} == before
    lawful(three_articles)


def lawful(corpus: Path) -> None:
    """Every article can be read, its passages are its words, and no file is unfinished."""
    assert not list(corpus.rglob("*.part"))
    for file in corpus_files(corpus):
        article = read_article(corpus, file)
        passages = split(article)
        assert passages, file
        assert_exact(article, file.read_bytes(), tuple(passages))
        if article.source_sha256:
            original = originals.find(corpus, article.source_sha256)
            assert original is not None
            assert hashlib.sha256(original.read_bytes()).hexdigest() == article.source_sha256


@pytest.fixture
def adding(three_articles: Path) -> Iterator[Adding]:
    with Adding(three_articles, fetch=LOOPBACK) as adding:
        yield adding


@pytest.fixture
def skipped(pincite: Pincite, tmp_path: Path) -> Callable[..., str]:
    """Adds one bad file and one good one by the command line; → what was said of the bad one."""

    def run(name: str, data: bytes) -> str:
        bad = write(tmp_path, f"in/{name}", data)
        good = write(tmp_path, "in/good.txt", f"Varn\n\n{STORY}\n")
        done = pincite("add", "--no-ingest", str(bad), str(good))
        assert done.returncode == 1
        assert "good.txt → corpus/good.txt" in done.stdout
        assert "1 added, 1 skipped" in done.stderr
        assert "Traceback" not in done.stderr
        (said,) = [line for line in done.stderr.splitlines() if line.startswith("skipped:")]
        return said.partition(f"{name}: ")[2]

    return run


def text_of(corpus: Path, path: str) -> str:
    return (corpus / path).read_text("utf-8")


def new(corpus: Path) -> list[str]:
    """Corpus paths beyond the three articles."""
    held = {corpus_path(corpus, file) for file in corpus_files(corpus)}
    return sorted(held - {"2021/harbour.md", "2014/lighthouse.md", "tides.txt"})


def zipped(entries: dict[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in entries.items():
            opened.writestr(name, data)
    return out.getvalue()


def pdf(pages: int = 1, text: str = STORY) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out)
    for number in range(1, pages + 1):
        canvas.drawString(72, 700, text)
        canvas.drawString(72, 690, WORDS[-number % len(WORDS)])
        words = " ".join(WORDS[number * step % len(WORDS)] for step in (1, 3, 5, 7))
        canvas.drawString(72, 680, f"On sheet {number} of the file: {words}.")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def encrypted_pdf() -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf()))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def word() -> bytes:
    document, out = docx.Document(), io.BytesIO()
    document.add_paragraph(STORY)
    document.save(out)
    return out.getvalue()


def odt() -> bytes:
    document, out = opendocument.OpenDocumentText(), io.BytesIO()
    document.text.addElement(odf_text.P(text=STORY))
    document.write(out)
    return out.getvalue()


def book() -> bytes:
    made, out = epub.EpubBook(), io.BytesIO()
    made.set_title("Varn")
    chapter = epub.EpubHtml(title="One", file_name="one.xhtml", content=f"<p>{STORY}</p>")
    made.add_item(chapter)
    made.toc, made.spine = (chapter,), [chapter]
    made.add_item(epub.EpubNcx())
    epub.write_epub(out, made)
    return out.getvalue()


def with_part(packed: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """A zip with one of its entries changed."""
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        (found,) = [each for each in opened.namelist() if each.endswith(name)]
        entries = {each: opened.read(each) for each in opened.namelist()}
    return zipped(entries | {found: change(entries[found])})


# ---- what is not what it is called, or not whole -------------------------------------------------


def test_content_wins_over_a_wrong_extension_and_the_difference_is_said(
    pincite: Pincite, tmp_path: Path, three_articles: Path
) -> None:
    wrong = {
        "a.docx": pdf(),
        "b.pdf": word(),
        "c.html": zipped({"inner.txt": f"Inner\n\n{STORY}"}),
        "d.txt": pdf(),
        "e.csv": page("Varn", STORY),
    }
    files = [str(write(tmp_path, f"in/{name}", data)) for name, data in wrong.items()]
    done = pincite("add", "--no-ingest", *files)
    assert done.returncode == 0, done.stderr
    assert "a.docx: Its name says DOCX, but it is a PDF file." in done.stderr
    assert "e.csv: Its name says CSV, but it is a HTML file." in done.stderr
    assert len(new(three_articles)) == 5
    assert all(
        "harbour at Varn was dredged" in text_of(three_articles, p) for p in new(three_articles)
    )


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.pdf", b"Dear reader, this is no PDF.", "is called PDF, but does not begin like one"),
        ("a.md", b"\x89PNG\r\n\x1a\n\0\0", "is a picture, not an article."),
        ("a.txt", b"\x7fELF\x02\x01", "is a program"),
        ("a.html", b"MZ\x90\0", "is a program"),
        ("a.epub", b"Rar!\x1a\x07", "is a RAR archive"),
    ],
)
def test_content_that_is_no_text_is_declined_whatever_its_extension(
    skipped: Callable[..., str], name: str, data: bytes, reason: str
) -> None:
    assert reason in skipped(name, data)


@pytest.mark.parametrize(
    ("name", "whole", "reason"),
    [
        ("a.pdf", pdf, ""),
        ("a.docx", word, "cut-off zip"),
        ("a.odt", odt, "cut-off zip"),
        ("a.epub", book, "cut-off zip"),
        ("a.zip", lambda: zipped({"a.txt": STORY}), "cut-off zip"),
    ],
)
def test_a_truncated_file_is_declined(
    skipped: Callable[..., str], name: str, whole: Callable[[], bytes], reason: str
) -> None:
    data = whole()
    assert reason in skipped(name, data[: len(data) // 2])


@pytest.mark.parametrize("suffix", ["md", "txt", "pdf", "docx", "html", "zip", "csv", "eml", "srt"])
def test_an_empty_file_is_declined(skipped: Callable[..., str], suffix: str) -> None:
    assert "0 bytes" in skipped(f"a.{suffix}", b"")


@pytest.mark.parametrize(
    ("name", "made", "reason"),
    [
        ("a.pdf", encrypted_pdf, "is encrypted with a password"),
        (
            "a.docx",
            lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4096,
            "without a password",
        ),
    ],
)
def test_a_password_protected_file_is_declined_with_what_to_do(
    skipped: Callable[..., str], name: str, made: Callable[[], bytes], reason: str
) -> None:
    assert reason in skipped(name, made())


def test_a_file_of_2000_pages_is_read_to_its_last_page(
    pincite: Pincite, tmp_path: Path, three_articles: Path
) -> None:
    file = write(tmp_path, "in/long.pdf", pdf(2_000))
    done = pincite("add", "--no-ingest", str(file))
    assert done.returncode == 0, done.stderr
    (path,) = new(three_articles)
    text = text_of(three_articles, path)
    assert all(f"sheet {number} of" in text for number in range(1, 2_001))
    assert "<!-- page 2000" in text


# ---- archives ------------------------------------------------------------------------------------


def test_a_zip_bomb_is_declined_and_what_stands_before_it_stays(
    pincite: Pincite, tmp_path: Path, three_articles: Path
) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("good.txt", f"Varn\n\n{STORY}")
        with opened.open("bomb.txt", "w", force_zip64=True) as bomb:
            for _ in range(300):
                bomb.write(b"\0" * 1_000_000)
    started = time.monotonic()
    done = pincite("add", "--no-ingest", str(write(tmp_path, "in/b.zip", out.getvalue())))
    assert time.monotonic() - started < 30
    assert done.returncode == 1
    assert "bomb.txt: " in done.stderr
    assert new(three_articles) == ["b/Varn.md"]


def test_zip_entries_that_lead_out_are_declined_and_write_nothing_outside(
    pincite: Pincite, tmp_path: Path, three_articles: Path
) -> None:
    names = ("../out.md", "a/../../out.md", "/tmp/out.md", "C:\\out.md", "..\\out.md")
    link = zipfile.ZipInfo("link.md")
    link.external_attr = 0o120777 << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as opened:
        for name in names:
            opened.writestr(name, STORY)
        opened.writestr(link, "/etc/passwd")
        opened.writestr("a/./fine.md", STORY)
    before = {file for file in tmp_path.rglob("*") if three_articles not in file.parents}
    file = write(tmp_path, "in/z.zip", out.getvalue())
    done = pincite("add", "--no-ingest", str(file))
    assert done.returncode == 1
    assert done.stderr.count("leads out of the archive's folder") == len(names)
    assert "link.md: is a link" in done.stderr
    assert len(new(three_articles)) == 1
    after = {file for file in tmp_path.rglob("*") if three_articles not in file.parents}
    assert after - before == {file, file.parent}
    assert "root:" not in text_of(three_articles, new(three_articles)[0])


def test_a_path_of_thousands_of_folders_inside_an_archive_is_no_crash(adding: Adding) -> None:
    deep = "/".join(["d" * 60] * 120)
    packed = zipped({f"{deep}/a.txt": STORY, "b.txt": f"{STORY} Again."})
    report = adding.take(write(adding.corpus.parent, "in/z.zip", packed))
    assert len(report.added) == 2, report.skipped


# ---- XML -----------------------------------------------------------------------------------------

BOMB = b"".join(
    [b'<!DOCTYPE x [<!ENTITY a0 "', b"lol" * 100, b'">']
    + [b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 50) for n in range(1, 9)]
    + [b"]>"]
)


def external(canary: Path) -> bytes:
    return f'<!DOCTYPE x [<!ENTITY a8 SYSTEM "file://{canary}">]>'.encode()


def declared(doctype: bytes) -> Callable[[bytes], bytes]:
    """The same XML with this declaration, and the entity in its text."""

    def change(xml: bytes) -> bytes:
        head, mark, rest = xml.partition(b"?>")
        before, rest = (head + mark, rest) if mark else (b"", xml)
        return (
            before
            + doctype
            + rest.replace(b"harbour at", b"harbour &a8; at").replace(
                b"Varn</dc:title>", b"Varn &a8;</dc:title>"
            )
        )

    return change


def xmp(doctype: bytes) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf()))
    writer.xmp_metadata = (
        b'<?xml version="1.0"?>' + doctype + b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:dc='
        b'"http://purl.org/dc/elements/1.1/"><dc:title><rdf:Alt><rdf:li>T &a8;</rdf:li></rdf:Alt>'
        b"</dc:title></rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["docx", "odt", "epub", "pdf"])
@pytest.mark.parametrize("attack", ["bomb", "external"])
def test_entities_of_xml_are_never_expanded(
    adding: Adding, tmp_path: Path, kind: str, attack: str
) -> None:
    canary = write(tmp_path, "canary.txt", CANARY)
    doctype = BOMB if attack == "bomb" else external(canary)
    change = declared(doctype)
    made = {
        "docx": lambda: with_part(word(), "document.xml", change),
        "odt": lambda: with_part(odt(), "content.xml", change),
        "epub": lambda: with_part(book(), "one.xhtml", change),
        "pdf": lambda: xmp(doctype),
    }
    started = time.monotonic()
    report = adding.take(write(tmp_path, f"in/a.{kind}", made[kind]()))
    assert time.monotonic() - started < 20
    assert len(report.added) + len(report.skipped) == 1
    for _, path in report.added:
        text = text_of(adding.corpus, path)
        assert CANARY not in text
        assert "lollol" not in text


@pytest.mark.parametrize("attack", ["bomb", "external"])
def test_entities_of_a_feed_are_refused(adding: Adding, tmp_path: Path, attack: str) -> None:
    doctype = BOMB if attack == "bomb" else external(write(tmp_path, "canary.txt", CANARY))
    with site({"/h": answer(page("Varn", STORY))}) as coast:
        told = feed(coast.url, "h").replace(b"?>", b"?>" + doctype, 1).replace(b"Coast", b"&a8;")
        coast.acts["/feed"] = answer(told, Content_Type="application/rss+xml")
        report = adding.take(f"{coast.url}/feed")
    assert not report.added
    assert "entit" in report.skipped[0][1]


# ---- HTML ----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_html_of_20_mb_is_one_item_that_is_read_or_declined(adding: Adding, tmp_path: Path) -> None:
    paragraph = f"<p>{STORY * 10}</p>\n"
    whole = f"<html><body><article>{paragraph * (20_000_000 // len(paragraph))}</article>"
    good = write(tmp_path, "in/good.txt", f"Varn\n\n{STORY}")
    report = adding.take(write(tmp_path, "in/a.html", whole))
    (skipped,) = report.skipped
    assert "MB of text, more than the 16 MB that an article may have" in skipped[1]
    assert len(adding.take(good).added) == 1


@pytest.mark.parametrize("tag", ["div", "blockquote", "b", "ul><li", "table><tr><td"])
def test_html_of_10000_nested_tags_keeps_its_words_or_is_declined(
    adding: Adding, tmp_path: Path, tag: str
) -> None:
    nested = f"<{tag}>" * 10_000
    data = f"<html><body><article><p>{STORY}</p>{nested}<p>Deep down.</p></article></body></html>"
    started = time.monotonic()
    report = adding.take(write(tmp_path, "in/a.html", data))
    assert time.monotonic() - started < 20
    assert len(report.added) + len(report.skipped) == 1
    for _, path in report.added:
        assert "Varn was dredged" in text_of(adding.corpus, path)


# ---- dates, titles, names ------------------------------------------------------------------------


def test_a_feed_of_5000_items_with_broken_dates_brings_in_as_many_as_one_run_may(
    adding: Adding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.addresses.MOST_PAGES", 3)
    dates = ("yesterday", "31 February 2021", "2021-02-31", "0000-00-00", "99/99/9999")
    items = "".join(
        f"<item><title>Story {n}</title><link>SITE/{n}</link><pubDate>{dates[n % 5]}</pubDate></item>"
        for n in range(5_000)
    )
    start = "<?xml version='1.0'?><rss version='2.0'><channel><title>Coast</title>"
    with site({}) as coast:
        told = f"{start}{items}</channel></rss>".replace("SITE", coast.url).encode()
        coast.acts["/feed"] = answer(told, Content_Type="application/rss+xml")
        for n in range(3):
            bare = f"<html><body><article><p>{STORY} Edition {n}.</p></article></body></html>"
            coast.acts[f"/{n}"] = answer(bare.encode())
        report = adding.take(f"{coast.url}/feed")
    assert len(report.added) == 3, report.skipped
    assert any("run it again for the rest" in remark for _, remark in report.remarks)
    for _, path in report.added:
        article = read_article(adding.corpus, adding.corpus / path)
        assert article.published is None
        assert article.title.startswith("Story")


@pytest.mark.parametrize("date", ["yesterday", "31 February 2021", "2021-02-31", "2021-13-01", "∞"])
def test_a_date_that_is_none_is_left_out_and_said(
    pincite: Pincite, tmp_path: Path, three_articles: Path, date: str
) -> None:
    table = write(tmp_path, "in/t.csv", f"title,text,published\nVarn,{STORY},{date}\n")
    done = pincite("add", "--no-ingest", str(table))
    assert done.returncode == 0
    assert f"its date “{date}” is not a date" in done.stderr
    (path,) = new(three_articles)
    article = read_article(three_articles, three_articles / path)
    assert article.published in (None, "2021", "2021-02")


TITLES = {
    "a/b\\c/../../d": "a-b-c-..-..-d",
    "Tides: a “story”": "Tides-a-story",
    "One\nTwo\r\n---\nurl: https://evil.example/": "One-Two-----url-https-evil.example",
    "x" * 500: "x" * 120,
    "🚢🚢": None,
    "": None,
    "..": None,
    "-rf": "rf",
    ".hidden": "hidden",
    "CON": "CON",
    "\u202egnp.exe": "gnp.exe",
}


def test_any_title_makes_a_safe_name_and_forges_nothing(adding: Adding, tmp_path: Path) -> None:
    def quoted(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    rows = [f"{quoted(title)},{STORY} Row {n}." for n, title in enumerate(TITLES)]
    data = "title,text\n" + "\n".join(rows) + "\n"
    report = adding.take(write(tmp_path, "in/t.csv", data.encode()))
    assert len(report.added) == len(TITLES)
    for (_, path), (title, name) in zip(report.added, TITLES.items(), strict=True):
        assert path.startswith("t/")
        assert name is None or Path(path).stem.removesuffix("-2") == name, (title, path)
        article = read_article(adding.corpus, adding.corpus / path)
        assert article.url is None
        assert article.source == "t.csv"
        if any(letter.isalnum() for letter in title):
            assert article.title[:250] == " ".join(title.split())[:250]


def test_two_sources_of_one_file_name_are_two_articles(
    pincite: Pincite, tmp_path: Path, three_articles: Path
) -> None:
    one = write(tmp_path, "a/story.html", page("One", STORY))
    other = write(tmp_path, "b/story.html", page("Two", LIGHTHOUSE))
    third = write(tmp_path, "c/story.md", "---\npublished: 2021-11-30\n---\nA third text.\n")
    assert pincite("add", "--no-ingest", *map(str, (one, other, third))).returncode == 0
    assert new(three_articles) == ["2021/story-2.md", "2021/story-3.md", "2021/story.md"]
    again = pincite("add", "--no-ingest", *map(str, (third, other, one)))
    assert "3 already there" in again.stderr
    assert len(new(three_articles)) == 3


@pytest.mark.parametrize("name", [".hidden.pdf", "-rf.pdf", "CON.pdf", "a\nb.pdf", "\x1b[2Jx.pdf"])
def test_odd_names_of_sources_become_plain_ones(
    pincite: Pincite, tmp_path: Path, three_articles: Path, name: str
) -> None:
    file = write(tmp_path, f"in/{name}", pdf())
    done = pincite("add", "--no-ingest", "--", str(file))
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    (path,) = new(three_articles)
    assert path[0].isalnum()
    assert path.isprintable()


def test_a_name_with_nul_is_no_file(adding: Adding) -> None:
    assert adding.take("a\0b.md").skipped[0][1] == "there is no such file or folder"


# ---- folders, devices, files that change ---------------------------------------------------------


def test_links_that_form_a_loop_are_followed_once_at_most(
    pincite: Pincite, tmp_path: Path, three_articles: Path
) -> None:
    folder = tmp_path / "in"
    write(folder, "a/varn.txt", f"Varn\n\n{STORY}")
    (folder / "a/up").symlink_to(folder)
    (folder / "b").symlink_to(folder / "a")
    (folder / "self").symlink_to(folder / "self")
    (folder / "x.md").symlink_to(folder / "y.md")
    (folder / "y.md").symlink_to(folder / "x.md")
    done = pincite("add", "--no-ingest", str(folder))
    assert "1 added" in done.stderr
    assert done.stderr.count("cannot be read") == 3
    assert new(three_articles) == ["a/varn.txt"]


def test_devices_and_pipes_are_declined_at_once(pincite: Pincite, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "zero.pdf").symlink_to("/dev/zero")
    sources = ["/dev/zero", "/dev/null", str(tmp_path / "pipe.md"), str(tmp_path / "zero.pdf")]
    started = time.monotonic()
    done = pincite("add", "--no-ingest", *sources)
    assert time.monotonic() - started < 20  # reading them would never end
    assert done.returncode == 1
    assert done.stderr.count("is not a regular file") == 4


def test_a_file_that_is_replaced_while_others_are_read_is_one_text_or_the_other(
    adding: Adding, tmp_path: Path
) -> None:
    file = write(tmp_path, "in/varn.html", page("Varn", STORY))
    texts = [page("Varn", f"{STORY} Edition {n}.") for n in (1, 2)]
    stop = threading.Event()

    def replace() -> None:
        number = 0
        while not stop.is_set():
            fresh = write(tmp_path, "in/.fresh", texts[number % 2])
            fresh.replace(file)
            number += 1

    thread = threading.Thread(target=replace)
    thread.start()
    try:
        for _ in range(5):
            assert not adding.take(file).skipped
    finally:
        stop.set()
        thread.join()
    kept = [one.read_bytes() for one in (adding.corpus / originals.FOLDER).rglob("*.html")]
    assert set(kept) <= {page("Varn", STORY), *texts}
    assert len(new(adding.corpus)) == 1


# ---- disks and processes -------------------------------------------------------------------------


def test_a_disk_that_fills_up_keeps_what_was_finished_and_the_next_run_completes_it(
    three_articles: Path, small_disk: Path, tmp_path: Path
) -> None:
    corpus = small_disk / "corpus"
    folder = tmp_path / "in"
    for n in range(12):
        write(folder, f"{n:02}.html", page(f"Story {n}", f"{STORY} Number {n}. " * 100))
    with Adding(corpus) as adding, pytest.raises(NoRoom, match="Make room and run the same"):
        adding.take(folder)
    finished = new(corpus)
    assert 0 < len(finished) < 12
    lawful(corpus)
    before = {path: (corpus / path).read_bytes() for path in finished}
    subprocess.run(["mount", "-o", "remount,size=8m", small_disk], check=True)
    with Adding(corpus) as adding:
        report = adding.take(folder)
    assert len(new(corpus)) == 12
    assert not report.skipped
    assert len(report.already) >= len(finished)
    assert {path: (corpus / path).read_bytes() for path in finished} == before
    lawful(corpus)


def started(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*PINCITE, *arguments],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A CSV of 300 articles."""
    rows = "".join(f"Story {n},{STORY} Number {n}.\n" for n in range(300))
    return write(tmp_path, "in/t.csv", f"title,text\n{rows}")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_add_that_is_stopped_is_whole_so_far_and_the_next_completes_it(
    pincite: Pincite, three_articles: Path, table: Path, how: signal.Signals
) -> None:
    process = started(three_articles.parent, "add", "--no-ingest", str(table))
    deadline = time.monotonic() + 60
    while len(new(three_articles)) < 20 and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(how)
    _, said = process.communicate(timeout=30)
    if how == signal.SIGINT:
        assert (process.returncode, said) == (130, "pincite: stopped.\n")
    reached = len(new(three_articles))
    assert 20 <= reached < 300
    for left in three_articles.rglob("*.part"):  # a kill gives no time to take it away
        assert how == signal.SIGKILL
        left.unlink()
    lawful(three_articles)
    done = pincite("add", "--no-ingest", str(table))
    assert done.returncode == 0
    assert len(new(three_articles)) == 300
    assert f"{300 - reached} added, {reached} already there" in done.stderr


def test_a_converting_process_that_is_killed_from_outside_costs_one_item(
    adding: Adding, tmp_path: Path, table: Path
) -> None:
    killed: list[int] = []

    def kill(step: object) -> None:
        process = adding.converter._process
        if getattr(step, "kind", "") == "writing" and process is not None and not killed:
            process.kill()
            killed.append(process.pid)

    report = adding.take(table, seen=kill)
    assert killed
    assert report.skipped or len(report.added) == 300
    lawful(adding.corpus)
    after = adding.take(write(tmp_path, "in/next.html", page("Next", LIGHTHOUSE)))
    assert len(after.added) == 1
    again = adding.take(table)
    assert not again.skipped
    assert len(new(adding.corpus)) == 301


ALONE = """
import os, signal, sys
from ingest.convert import Converter, Source
converter = Converter(seconds=0.4)
rows = "".join(f"Story {n},Text {n} of the table.\\n" for n in range(20_000))
documents = converter.convert(Source("t.csv", f"title,text\\n{rows}".encode()))
next(documents)
print(converter._process.pid, flush=True)
os.kill(os.getpid(), signal.SIGSTOP)
"""


def test_a_converting_process_whose_starter_hangs_ends_by_itself() -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", ALONE], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert starter.stdout is not None
        converting = int(starter.stdout.readline())
        deadline = time.monotonic() + 20
        while is_running(converting) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not is_running(converting)
    finally:
        starter.kill()
        starter.communicate()


def is_running(process: int) -> bool:
    """Whether it is alive; one that ended and was not asked for yet is not."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def test_a_file_that_is_written_while_it_is_read_is_whole_or_declined(
    adding: Adding, tmp_path: Path
) -> None:
    file = write(tmp_path, "in/varn.txt", f"Varn\n\n{STORY}\n")
    stop = threading.Event()

    def grow() -> None:
        while not stop.is_set():
            with file.open("a") as out:
                out.write(f"{STORY}\n")
                out.flush()

    thread = threading.Thread(target=grow)
    thread.start()
    try:
        reports = [adding.take(file) for _ in range(20)]
    finally:
        stop.set()
        thread.join()
    reasons = {reason for report in reports for _, reason in report.skipped}
    assert reasons <= {"was written to while it was read. Try again when it is whole."}
    assert kinds(adding.take(file))[3] == 0


def test_the_same_source_added_twice_at_once_is_there_once(
    pincite: Pincite, three_articles: Path, tmp_path: Path
) -> None:
    rows = "".join(f"Story {n},{STORY} Number {n}.\n" for n in range(100))
    table = write(tmp_path, "in/t.csv", f"title,text\n{rows}")
    both = [started(three_articles.parent, "add", "--no-ingest", str(table)) for _ in range(2)]
    said = [process.communicate(timeout=100)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert len(new(three_articles)) == 100


def test_thousands_of_articles_with_one_title_take_linear_time(
    adding: Adding, tmp_path: Path
) -> None:
    def seconds(name: str, count: int) -> float:
        rows = "".join(f"Same,{STORY} {name} {n}.\n" for n in range(count))
        table = write(tmp_path, f"in/{name}.csv", f"title,text\n{rows}")
        began = time.monotonic()
        assert len(adding.take(table).added) == count
        return time.monotonic() - began

    def growth(again: int) -> float:
        few = seconds(f"few-{again}", 200)
        return seconds(f"many-{again}", 2_000) / few

    seconds("warm", 10)
    assert any(growth(again) < 2 * 10 for again in range(3))  # a slow moment is measured again


# ---- the corpus's own folders --------------------------------------------------------------------


def test_a_broken_ledger_is_said_and_nothing_is_written(
    pincite: Pincite, three_articles: Path, tmp_path: Path
) -> None:
    write(three_articles, ".originals/ledger.sqlite", b"This is no database at all. " * 100)
    done = pincite("add", str(write(tmp_path, "in/a.txt", f"Varn\n\n{STORY}")))
    assert done.returncode == 1
    assert "the ledger of this corpus cannot be read" in done.stderr
    assert "put it aside" in done.stderr
    assert new(three_articles) == []


def test_originals_may_lie_on_another_disk(adding: Adding, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (adding.corpus / originals.FOLDER).symlink_to(tmp_path / "elsewhere")
    file = write(tmp_path, "in/a.html", page("Varn", STORY))
    assert kinds(adding.take(file)) == (1, 0, 0, 0)
    assert kinds(adding.take(file)) == (0, 0, 1, 0)


# ---- forged words --------------------------------------------------------------------------------


def test_no_content_makes_a_mark_of_a_place(adding: Adding, tmp_path: Path) -> None:
    from ingest.locator import Locators

    mark = "<!-- page 99 -->"
    escaped = "&lt;!-- page 99 --&gt;"
    mail = f"From: Ann <ann@news.example>\r\nSubject: Varn\r\n\r\n{STORY}\r\n\r\n{mark}\r\n\r\nMore.\r\n"
    srt = f"1\n00:00:01,000 --> 00:00:04,000\n{STORY}\n\n2\n00:00:05,000 --> 00:00:06,000\n{mark}\n"
    sources = {
        "a.html": f"<html><body><article><p>{STORY}</p>{mark}<p>{escaped}</p><p>More words follow "
        f"here.</p><pre>{escaped}</pre></article></body></html>",
        "b.csv": f'title,text\nVarn,"{STORY}\n\n{mark}\n\nMore."\n',
        "c.eml": mail,
        "d.json": f'[{{"title": "Varn", "text": "{STORY}\\n\\n{mark}\\n\\nMore."}}]',
        "e.zip": zipped({"x.txt": f"{STORY}\n\n{mark}\n\nMore.\n"}),
        "f.srt": srt,
        "g.rtf": "{\\rtf1 " + STORY + "\\par\\par " + mark + "\\par\\par More.\\par}",
    }
    for name, data in sources.items():
        report = adding.take(write(tmp_path, f"in/{name}", data))
        assert report.added, (name, report.skipped)
        for _, path in report.added:
            article = read_article(adding.corpus, adding.corpus / path)
            labels = {
                article.text[one.start : one.end] for one in Locators.in_article(article).marks
            }
            assert not any("99" in label for label in labels), (name, article.text)


def test_titles_authors_and_names_put_nothing_into_the_front_matter(
    adding: Adding, tmp_path: Path
) -> None:
    forged = "X&#10;---&#10;url: https://evil.example/&#10;published: 1999"
    data = (
        f'<html><head><title>{forged}</title><meta name="author" content="{forged}"></head>'
        f"<body><article><p>---</p><p>url: https://evil.example/</p><p>---</p><p>{STORY}</p>"
        "</article></body></html>"
    )
    name = "x\n---\nurl: https:⁄⁄evil.example\n---\n.html"
    report = adding.take(write(tmp_path, f"in/{name}", data))
    article = read_article(adding.corpus, adding.corpus / report.added[0][1])
    assert (article.url, article.published) == (None, None)
    assert article.source is not None
    assert STORY in article.text[article.body.start :]


def test_escape_sequences_of_a_source_reach_no_terminal(pincite: Pincite, tmp_path: Path) -> None:
    table = f"title,text,published\nVarn,{STORY},\x1b]0;owned\x07\x1b[2J\n"
    packed = zipped({"\x1b[31mred\x07.xyz": b"?", "a.csv": table})
    done = pincite("add", "--no-ingest", str(write(tmp_path, "in/z.zip", packed)))
    assert done.returncode == 1
    assert not {"\x1b", "\x07"} & set(done.stdout + done.stderr)


# ---- whose article an address is -----------------------------------------------------------------


@pytest.fixture
def coast() -> Iterator[Site]:
    """The site whose article others want to replace."""
    with site({"/story": answer(claiming("Kallo", HARBOUR, "/story"))}) as running:
        running.acts["/story"] = answer(claiming("Kallo", HARBOUR, f"{running.url}/story"))
        yield running


@pytest.fixture
def rogue() -> Iterator[Site]:
    """Another site."""
    with site({}) as running:
        yield running


def claiming(title: str, text: str, address: str) -> bytes:
    named = f'<link rel="canonical" href="{address}"></head>'.encode()
    return page(title, text).replace(b"</head>", named)


def kinds(report: AddReport) -> tuple[int, int, int, int]:
    return len(report.added), len(report.changed), len(report.already), len(report.skipped)


LIE = HARBOUR.replace("Two dredgers", "Nine dredgers")


@pytest.mark.parametrize("text", [LIE, LIGHTHOUSE], ids=["nearly the same", "another text"])
def test_a_page_that_claims_the_address_of_another_site_replaces_nothing(
    adding: Adding, coast: Site, rogue: Site, text: str
) -> None:
    (_, path), *_ = adding.take(f"{coast.url}/story").added
    before = (adding.corpus / path).read_bytes()
    rogue.acts["/lie"] = answer(claiming("Kallo", text, f"{coast.url}/story"))
    report = adding.take(f"{rogue.url}/lie")
    assert kinds(report) == (1, 0, 0, 0)
    assert (adding.corpus / path).read_bytes() == before
    article = read_article(adding.corpus, adding.corpus / report.added[0][1])
    assert article.url == f"{rogue.url}/lie"
    assert "of another site" in report.remarks[0][1]


def test_a_claim_that_came_first_does_not_keep_the_article_out(
    adding: Adding, coast: Site, rogue: Site
) -> None:
    rogue.acts["/lie"] = answer(claiming("Kallo", LIE, f"{coast.url}/story"))
    adding.take(f"{rogue.url}/lie")
    rogue.acts["/t.csv"] = answer(
        f"title,text,url\nKallo,{LIGHTHOUSE!r},{coast.url}/story\n".encode(),
        Content_Type="text/csv",
    )
    adding.take(f"{rogue.url}/t.csv")
    coast.acts["/feed"] = answer(feed(coast.url, "story"), Content_Type="application/rss+xml")
    assert kinds(adding.take(f"{coast.url}/feed")) == (1, 0, 0, 0)


def test_a_copy_of_an_article_cannot_change_it_later(
    adding: Adding, coast: Site, rogue: Site
) -> None:
    (_, path), *_ = adding.take(f"{coast.url}/story").added
    before = (adding.corpus / path).read_bytes()
    rogue.acts["/bytes"] = coast.acts["/story"]
    rogue.acts["/text"] = answer(page("Kallo", HARBOUR))
    rogue.acts["/away"] = moved(f"{coast.url}/story")
    for name in ("bytes", "text", "away"):
        assert kinds(adding.take(f"{rogue.url}/{name}")) == (0, 0, 1, 0)
        rogue.acts[f"/{name}"] = answer(claiming("Kallo", f"{LIE} {name}.", f"{coast.url}/story"))
        assert kinds(adding.take(f"{rogue.url}/{name}")) == (1, 0, 0, 0)
        assert (adding.corpus / path).read_bytes() == before


def test_another_page_of_the_same_site_does_not_replace_what_the_address_gave(
    adding: Adding, coast: Site
) -> None:
    (_, path), *_ = adding.take(f"{coast.url}/story").added
    before = (adding.corpus / path).read_bytes()
    coast.acts["/of-anybody"] = answer(claiming("Kallo", LIE, f"{coast.url}/story"))
    report = adding.take(f"{coast.url}/of-anybody")
    assert kinds(report) == (1, 0, 0, 0)
    assert "has the same address" in report.remarks[0][1]
    assert (adding.corpus / path).read_bytes() == before


def test_the_address_itself_with_another_query_gives_a_new_version(
    adding: Adding, coast: Site
) -> None:
    adding.take(f"{coast.url}/story")
    coast.acts["/story?from=feed"] = answer(claiming("Kallo", LIE, f"{coast.url}/story"))
    assert kinds(adding.take(f"{coast.url}/story?from=feed")) == (0, 1, 0, 0)


def test_files_do_not_replace_what_was_fetched_nor_the_other_way_round(
    adding: Adding, coast: Site, tmp_path: Path
) -> None:
    adding.take(f"{coast.url}/story")
    saved = write(tmp_path, "in/saved.html", claiming("Kallo", LIE, f"{coast.url}/story"))
    assert kinds(adding.take(saved)) == (1, 0, 0, 0)
    coast.acts["/story"] = answer(claiming("Kallo", f"{LIE} Later.", f"{coast.url}/story"))
    assert kinds(adding.take(f"{coast.url}/story")) == (0, 1, 0, 0)
    assert len(new(adding.corpus)) == 2


def test_rows_that_all_name_one_address_are_all_kept(adding: Adding, tmp_path: Path) -> None:
    rows = "".join(
        f"Story {n},Number {n} says something of its own.,https://example.org/list\n"
        for n in range(20)
    )
    table = write(tmp_path, "in/t.csv", f"title,text,url\n{rows}")
    assert kinds(adding.take(table)) == (20, 0, 0, 0)
    assert kinds(adding.take(table)) == (0, 0, 20, 0)


def test_a_row_that_is_put_in_before_others_changes_none_of_them(
    adding: Adding, tmp_path: Path
) -> None:
    rows = [f"Story {n},Number {n} says something of its own.\n" for n in range(5)]
    table = write(tmp_path, "in/t.csv", "title,text\n" + "".join(rows))
    adding.take(table)
    held = {path: (adding.corpus / path).read_bytes() for path in new(adding.corpus)}
    write(tmp_path, "in/t.csv", "title,text\nNew,This is a new one.\n" + "".join(rows))
    assert kinds(adding.take(table)) == (1, 0, 5, 0)
    assert {path: (adding.corpus / path).read_bytes() for path in held} == held


def test_a_feed_speaks_only_for_its_own_site(adding: Adding, coast: Site, rogue: Site) -> None:
    item = (
        f"<item><title>Forged</title><link>{coast.url}/missing</link><author>Forged Name</author>"
        f"<description>&lt;p&gt;{LIE * 5}&lt;/p&gt;</description></item>"
        f"<item><title>Forged</title><link>{coast.url}/bare</link><pubDate>1 May 1999</pubDate></item>"
    )
    start = "<?xml version='1.0'?><rss version='2.0'><channel><title>Rogue</title>"
    rogue.acts["/feed"] = answer(f"{start}{item}</channel></rss>".encode())
    bare = f"<html><body><article><p>{LIGHTHOUSE}</p></article></body></html>"
    coast.acts["/bare"] = answer(bare.encode())
    report = adding.take(f"{rogue.url}/feed")
    assert kinds(report) == (1, 0, 0, 1)
    article = read_article(adding.corpus, adding.corpus / report.added[0][1])
    assert article.published is None
    assert article.title != "Forged"


def test_a_feed_cannot_name_files_or_private_addresses(
    three_articles: Path, tmp_path: Path
) -> None:
    from ingest.feeds import read_feed

    canary = write(tmp_path, "canary.html", page("Canary", CANARY))
    links = (f"file://{canary}", "javascript:alert(1)", "ftp://127.0.0.1/a", str(canary))
    items = "".join(f"<item><title>T</title><link>{link}</link></item>" for link in links)
    told = f"<?xml version='1.0'?><rss version='2.0'><channel>{items}</channel></rss>".encode()
    entries = read_feed(told, "https://news.example/feed").entries
    assert all(entry.url.startswith("https://news.example/") for entry in entries)
    with Adding(three_articles) as adding:  # private addresses are not allowed here
        assert "fetched only with" in adding.take("http://127.0.0.1:1/a").skipped[0][1]
        assert "http" in adding.take(f"file://{canary}").skipped[0][1]


def test_a_table_is_fetched_and_each_row_is_an_article(adding: Adding, coast: Site) -> None:
    rows = "".join(f"Story {n},{STORY} Number {n}.\n" for n in range(50))
    coast.acts["/t.csv"] = answer(f"title,text\n{rows}".encode(), Content_Type="text/csv")
    assert kinds(adding.take(f"{coast.url}/t.csv")) == (50, 0, 0, 0)
    assert kinds(adding.take(f"{coast.url}/t.csv")) == (0, 0, 50, 0)


def test_a_file_that_was_edited_by_hand_gives_one_new_name_and_not_one_each_time(
    adding: Adding, tmp_path: Path
) -> None:
    file = write(tmp_path, "in/varn.html", page("Varn", STORY))
    ((_, path),) = adding.take(file).added
    write(adding.corpus, path, text_of(adding.corpus, path).replace("two barges", "my barges"))
    write(tmp_path, "in/varn.html", page("A title of its own", f"{STORY} It went on."))
    assert kinds(adding.take(file)) == (1, 0, 0, 0)
    assert kinds(adding.take(file)) == (0, 0, 1, 0)
    assert len(new(adding.corpus)) == 2


def test_uploads_of_one_name_are_one_article_only_where_they_are_alike(
    adding: Adding, tmp_path: Path
) -> None:
    def uploaded(text: str, title: str) -> tuple[int, int, int, int]:
        file = write(tmp_path, f"in/{hashlib.sha256(text.encode()).hexdigest()}", page(title, text))
        return kinds(adding.take(file, name="index.html"))

    assert uploaded(HARBOUR, "Kallo") == (1, 0, 0, 0)
    assert uploaded(LIGHTHOUSE, "Saarn") == (1, 0, 0, 0)
    assert uploaded(LIE, "Kallo, corrected") == (0, 1, 0, 0)
    assert uploaded(LIGHTHOUSE, "Saarn") == (0, 0, 1, 0)
    assert len(new(adding.corpus)) == 2


def test_an_address_that_leads_to_another_site_cannot_change_its_article_later(
    adding: Adding, coast: Site, rogue: Site
) -> None:
    rogue.acts["/short"] = moved(f"{coast.url}/story")
    ((_, path),) = adding.take(f"{rogue.url}/short").added
    article = read_article(adding.corpus, adding.corpus / path)
    assert article.url == article.source == f"{coast.url}/story"
    before = (adding.corpus / path).read_bytes()
    assert kinds(adding.take(f"{rogue.url}/short")) == (0, 0, 1, 0)
    rogue.acts["/short"] = answer(claiming("Kallo", LIE, f"{coast.url}/story"))
    assert kinds(adding.take(f"{rogue.url}/short")) == (1, 0, 0, 0)
    assert (adding.corpus / path).read_bytes() == before


def test_an_article_that_was_deleted_by_hand_is_fetched_again(adding: Adding, coast: Site) -> None:
    coast.acts["/e"] = answer(page("Varn", STORY), ETag='"1"')
    ((_, path),) = adding.take(f"{coast.url}/e").added
    (adding.corpus / path).unlink()
    assert adding.take(f"{coast.url}/e").added == ((f"{coast.url}/e", path),)
    assert "if-none-match" not in coast.asked[-1].headers


def test_a_version_that_was_written_but_not_recorded_is_no_edit_by_hand(
    adding: Adding, tmp_path: Path
) -> None:
    file = write(tmp_path, "in/varn.html", page("Varn", STORY))
    ((_, path),) = adding.take(file).added
    before = adding.ledger.made(path)
    assert before is not None
    write(tmp_path, "in/varn.html", page("Varn", f"{STORY} It went on."))
    assert kinds(adding.take(file)) == (0, 1, 0, 0)
    adding.ledger.record(before)  # as if it had been killed here
    assert kinds(adding.take(file)) == (0, 0, 1, 0)
    write(tmp_path, "in/varn.html", page("Varn", f"{STORY} It went on and on."))
    assert kinds(adding.take(file)) == (0, 1, 0, 0)
