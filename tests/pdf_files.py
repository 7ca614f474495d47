"""PDF files for the tests, made by reportlab and, where it is installed, by Chromium.

`Drawn` tells which words reportlab drew on which page, so that page marks are checked against the
tool that set the pages and not against a second reader.
"""

from __future__ import annotations

import io
import random
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pypdf
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph

BODY = ParagraphStyle("body", fontName="Times-Roman", fontSize=10, leading=12, spaceAfter=6)
INDENTED = ParagraphStyle("indented", BODY, firstLineIndent=12, spaceAfter=0)
JUSTIFIED = ParagraphStyle("justified", INDENTED, alignment=4, hyphenationLang="")
TITLE = ParagraphStyle("title", BODY, fontName="Times-Bold", fontSize=20, leading=24, spaceAfter=12)
SECTION = ParagraphStyle(
    "section", BODY, fontName="Times-Bold", fontSize=13, leading=16, spaceBefore=8, keepWithNext=1
)
NOTE = ParagraphStyle("note", BODY, fontSize=8, leading=9.5)

WORDS = (
    "harbour tide mud dredger pilot island ferry lamp keeper winter ledger council vote levy salt "
    "cargo timber rope anchor storm gauge map survey channel buoy quay crane barge engine coal "
    "letter clerk record measure depth current wind ice thaw spring autumn summer report figure"
).split()


@dataclass
class Drawn:
    """The lines that reportlab drew: (page from 1, words), in the order of drawing."""

    lines: list[tuple[int, str]] = field(default_factory=list)

    def paragraph(self, text: str, style: ParagraphStyle = BODY) -> Flowable:
        return _Seen(text, style, self)


class _Seen(Paragraph):  # type: ignore[misc]
    """A paragraph that tells where its lines went; `split` makes its parts with this class."""

    def __init__(self, text: str, style: Any, drawn: Drawn | None = None, **others: Any) -> None:
        super().__init__(text, style, **others)
        self._drawn = drawn

    def split(self, width: float, height: float) -> list[Flowable]:
        parts: list[Flowable] = super().split(width, height)
        for part in parts:
            part._drawn = self._drawn
        return parts

    def draw(self) -> None:
        super().draw()
        if self._drawn is not None:
            page = self.canv.getPageNumber()
            for line in self.blPara.lines:
                words = line[1] if isinstance(line, tuple) else [one.text for one in line.words]
                self._drawn.lines.append((page, " ".join(" ".join(words).split())))


def sentences(count: int, seed: int = 1) -> list[str]:
    """Sentences of which no two are alike: each has a number of its own."""
    chosen = random.Random(seed)
    made = []
    for number in range(count):
        words = chosen.choices(WORDS, k=chosen.randint(6, 16))
        made.append(f"{words[0].capitalize()} {number + 1000} {' '.join(words[1:])}.")
    return made


def paragraphs(count: int, seed: int = 1) -> list[str]:
    """Paragraphs of two to seven such sentences."""
    chosen, left, made = random.Random(seed), sentences(count * 7, seed), []
    for _ in range(count):
        size = chosen.randint(2, 7)
        made.append(" ".join(left[:size]))
        del left[:size]
    return made


def laid_out(
    story: Sequence[Flowable],
    *,
    columns: int = 1,
    furniture: Callable[[Canvas, int], None] | None = None,
    pagesize: tuple[float, float] = A4,
    **about: Any,
) -> bytes:
    """The story in so many columns; `furniture` draws headers and footers of a page."""
    out = io.BytesIO()
    width, height = pagesize
    margin, gap = 60.0, 18.0
    wide = (width - 2 * margin - gap * (columns - 1)) / columns
    frames = [
        Frame(margin + one * (wide + gap), margin, wide, height - 2 * margin, 0, 0, 0, 0)
        for one in range(columns)
    ]

    def each(canvas: Canvas, document: Any) -> None:
        if furniture:
            furniture(canvas, document.page)

    template = PageTemplate(frames=frames, onPage=each, pagesize=pagesize)
    document = BaseDocTemplate(out, pagesize=pagesize, pageTemplates=[template], **about)
    document.build(list(story))
    return out.getvalue()


def running_head(canvas: Canvas, page: int) -> None:
    """A header that changes sides, and a page number at the foot."""
    width, height = A4
    canvas.setFont("Times-Italic", 9)
    if page % 2:
        canvas.drawRightString(width - 60, height - 40, "Annals of the Harbour")
    else:
        canvas.drawString(60, height - 40, "The Kallo Survey of 1974")
    canvas.drawCentredString(width / 2, 35, f"Page {page}")


def page_number(canvas: Canvas, page: int) -> None:
    """A page number at the foot."""
    canvas.setFont("Times-Roman", 9)
    canvas.drawCentredString(A4[0] / 2, 35, f"– {page} –")


def drawn(*pages: Callable[[Canvas], None], **about: str) -> bytes:
    """Each page as a function draws it."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, **{k: v for k, v in about.items() if k == "encrypt"})
    for name in ("title", "author", "subject"):
        getattr(canvas, f"set{name.capitalize()}")(about.get(name, ""))
    for page in pages:
        page(canvas)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def lines(
    *rows: str, font: str = "Times-Roman", size: float = 11, y: float = 760, x: float = 72
) -> Callable[[Canvas], None]:
    """A page of lines one below another."""

    def draw(canvas: Canvas) -> None:
        canvas.setFont(font, size)
        for number, row in enumerate(rows):
            canvas.drawString(x, y - number * size * 1.2, row)

    return draw


def grid(rows: Sequence[Sequence[str]], *places: float) -> Callable[[Canvas], None]:
    """A page of rows, drawn one after another, with the texts of each at the places."""

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Times-Roman", 11)
        for number, row in enumerate(rows):
            for x, text in zip(places, row, strict=True):
                canvas.drawString(x, 700 - 13 * number, text)

    return draw


def scan(canvas: Canvas) -> None:
    """A page that is a picture."""
    canvas.drawImage(ImageReader(Image.new("L", (60, 80), 200)), 0, 0, *A4)


def changed(data: bytes, change: Callable[[pypdf.PdfWriter], None]) -> bytes:
    """The file after a change of its objects, as pypdf writes it."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def chromium() -> str | None:
    """Where Chromium is, if it is."""
    return (
        shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )


def printed(html: str, folder: Path, *, header: bool = False) -> bytes:
    """A page of HTML as Chromium prints it."""
    page, out = folder / "page.html", folder / "page.pdf"
    page.write_text(html, "utf-8")
    found = chromium()
    assert found
    subprocess.run(
        [found, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}",
         *([] if header else ["--no-pdf-header-footer"]), f"--print-to-pdf={out}", page.as_uri()],
        check=True, capture_output=True, timeout=90,
    )  # fmt: skip
    return out.read_bytes()
