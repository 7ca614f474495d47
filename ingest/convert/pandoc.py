"""DOCX and ODT → Markdown by way of pandoc's own tree of a document.

Pandoc reads; this writes, because every Markdown of pandoc's has escapes and emphasis in it that a
citation would show. The program comes with `pypandoc_binary`, or from the system. It runs with
`--sandbox` (no file, no network), a limit on its heap, and a limit on time.

Left out: what to hand to it (`docx.py`, `odt.py`), and formats that it loses too much of (RTF: no
code page but 1252, results of fields dropped, deletions kept; see `docs/decisions/`).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ingest.convert import blocks
from ingest.errors import UnreadableSource

SECONDS = 90  # less than a conversion may take, so that the message can say what was slow
_HEAP = "2500m"  # 7 MB of XML with 6.8 MB of text need 0.7 GB (measured, pandoc 3.9)
_LITERAL = {"Space": " ", "SoftBreak": " ", "LineBreak": blocks.BREAK}
_LISTS = ("BulletList", "OrderedList", "DefinitionList")
_WITHOUT_MARKS = {  # inline marks that go, and where in them their text is
    "Emph": None, "Strong": None, "Underline": None, "SmallCaps": None, "Subscript": None,
    "Span": 1, "Link": 1, "Cite": 1,
}  # fmt: skip
Node = dict[str, Any]


def program() -> str:
    """Where pandoc is: in `pypandoc_binary`, or on the path; `UnreadableSource` where nowhere."""
    spec = find_spec("pypandoc")
    if spec is not None and spec.origin is not None:
        name = "pandoc.exe" if os.name == "nt" else "pandoc"
        bundled = Path(spec.origin).parent / "files" / name
        if bundled.is_file():
            return str(bundled)
    found = shutil.which("pandoc")
    if found is None:
        raise UnreadableSource(
            "needs pandoc to be read, which is not installed. Run: pip install pypandoc_binary. "
            "Where that has no wheel for your system, install pandoc itself (https://pandoc.org)."
        )
    return found


def tree(data: bytes, kind: str) -> Node:
    """Pandoc's tree of a document of that kind (`docx`, `odt`), tracked changes accepted.

    `UnreadableSource` where pandoc cannot read it, or needs too long or too much memory.
    """
    command = [program(), "--sandbox", f"--from={kind}", "--to=json", "--track-changes=accept"]
    try:
        done = subprocess.run(
            [*command, "+RTS", f"-M{_HEAP}", "-RTS"],
            input=data,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadableSource(f"takes longer than {SECONDS} seconds to read.") from error
    except OSError as error:
        raise UnreadableSource(f"needs pandoc, which cannot be run ({error}).") from error
    if done.returncode == 251:  # GHC's exit status for a heap that is full
        raise UnreadableSource("needs more memory to read than is allowed. Split it.")
    if done.returncode != 0:
        why = " ".join(done.stderr.decode("utf-8", "replace").split())[:200]
        raise UnreadableSource(
            f"is damaged: pandoc cannot read it ({why or done.returncode}). Save it anew."
        )
    try:
        return dict(json.loads(done.stdout))
    except RecursionError as error:
        raise UnreadableSource("has too many things inside each other to be read.") from error


def markdown(document: Node) -> str:
    """A tree as Markdown, one line for each paragraph, its notes below.

    What pandoc took out of the beginning (title, authors, abstract) is put back there.
    """
    writer = _Writer()
    try:
        front = list(writer.front(document["meta"]))
        return blocks.with_notes([*front, *writer.blocks(document["blocks"])], writer.notes)
    except RecursionError as error:
        raise UnreadableSource("has too many things inside each other to be read.") from error


def styled_title(document: Node) -> str | None:
    """The text of the title that its style says is one, else of the first heading."""
    named = meta(document, "title")
    return named[0] if named else next(_headings(_Writer(), document["blocks"]), None)


def meta(document: Node, name: str) -> tuple[str, ...]:
    """What paragraphs at the beginning say that are styled so: `title`, `author`, `date`."""
    return _Writer().meta(document["meta"].get(name))


def _headings(writer: _Writer, nodes: Iterable[Node]) -> Iterator[str]:
    for node in nodes:
        if node["t"] == "Header":
            yield blocks.flat(writer.inline(node["c"][2]))
        elif node["t"] == "Div":
            yield from _headings(writer, node["c"][1])


class _Writer:
    """Writes blocks and gathers the notes that they refer to."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def front(self, meta: Node) -> Iterator[str]:
        yield blocks.heading(" ".join(self.meta(meta.get("title"))), 1)
        for name in ("subtitle", "author", "date", "abstract"):
            yield from map(blocks.paragraph, self.meta(meta.get(name)))

    def meta(self, node: Node | None) -> tuple[str, ...]:
        """A piece of metadata: one text, or one for each of a list or of its paragraphs."""
        match node:
            case {"t": "MetaInlines", "c": content}:
                found = [blocks.flat(self.inline(content))]
            case {"t": "MetaString", "c": content}:
                found = [blocks.flat(content)]
            case {"t": "MetaBlocks", "c": content}:
                found = self.blocks(content)
            case {"t": "MetaList", "c": content}:
                found = [one for each in content for one in self.meta(each)]
            case _:
                found = []
        return tuple(filter(None, found))

    def blocks(self, nodes: Iterable[Node]) -> list[str]:
        return [block for node in nodes for block in self.block(node) if block]

    def block(self, node: Node) -> Iterator[str]:
        content: Any = node.get("c")
        match node["t"]:
            case "Para" | "Plain":
                yield from blocks.paragraphs(self.inline(content))
            case "Header":
                yield blocks.heading(self.inline(content[2]), content[0])
            case kind if kind in _LISTS:
                yield from self.list_of(kind, content)
            case "BlockQuote":
                yield blocks.quoted("\n\n".join(self.blocks(content)))
            case "CodeBlock":
                yield _fenced(content[1])
            case "LineBlock":
                yield blocks.paragraph(" ".join(map(self.inline, content)))
            case "Div":
                yield from self.blocks(content[1])
            case "Figure":
                yield from self.blocks([*content[1][1], *content[2]])
            case "Table":
                yield from self.table(content)
            case "HorizontalRule":
                yield blocks.RULE

    def list_of(self, kind: str, content: Any) -> Iterator[str]:
        if kind == "BulletList":
            yield self.items(content, ["- "] * len(content))
        elif kind == "OrderedList":
            start = content[0][0]
            yield self.items(content[1], [f"{start + at}. " for at in range(len(content[1]))])
        else:
            for term, definitions in content:
                yield from blocks.paragraphs(self.inline(term))
                yield from (block for one in definitions for block in self.blocks(one))

    def items(self, items: list[list[Node]], markers: list[str]) -> str:
        written = (
            blocks.indented(self.item(item), marker)
            for item, marker in zip(items, markers, strict=True)
        )
        return "\n".join(item for item in written if item.strip())

    def item(self, nodes: list[Node]) -> str:
        """Blocks of a list item; a list in it follows without a blank line."""
        text = ""
        for node in nodes:
            told = "\n\n".join(self.blocks([node]))
            text += ("\n" if node["t"] in _LISTS else "\n\n") + told if text and told else told
        return text

    def table(self, content: list[Any]) -> Iterator[str]:
        _attributes, caption, columns, head, bodies, foot = content
        yield from self.blocks(caption[1])
        rows = [*head[1], *(row for body in bodies for row in (*body[2], *body[3])), *foot[1]]
        if len(columns) == 1:  # a frame around text
            yield from (block for row in rows for cell in row[1] for block in self.blocks(cell[4]))
        else:
            yield blocks.table(self.grid(rows))

    def grid(self, rows: Iterable[Any]) -> Iterator[list[str]]:
        """The texts of each row; where a cell spans several places, the first has its text."""
        below: dict[int, int] = {}  # column -> rows into which a cell from above still reaches
        for _attributes, cells in rows:
            texts: list[str] = []
            for _attributes, _align, row_span, column_span, inside in cells:
                _pass_over(below, texts)
                width = max(1, min(column_span, blocks.MOST_COLUMNS - len(texts)))
                below.update({len(texts) + at: row_span - 1 for at in range(width) if row_span > 1})
                texts += [self.cell(inside), *[""] * (width - 1)]
            _pass_over(below, texts)
            yield texts

    def cell(self, nodes: Iterable[Node]) -> str:
        """All text of a cell on one line."""
        lines = (line for block in self.blocks(nodes) for line in block.split("\n"))
        return " ".join(line.strip() for line in lines if line.strip())

    def inline(self, nodes: Iterable[Node]) -> str:
        return "".join(map(self._inline, nodes))

    def _inline(self, node: Node) -> str:
        kind: str = node["t"]
        content: Any = node.get("c")
        if kind in _LITERAL:
            return _LITERAL[kind]
        if kind in _WITHOUT_MARKS:
            at = _WITHOUT_MARKS[kind]
            return self.inline(content if at is None else content[at])
        text = ""
        match kind:
            case "Str":
                text = str(content).replace(blocks.BREAK, "")
            case "Superscript":
                text = blocks.raised(self.inline(content))
            case "Strikeout":
                text = blocks.struck(self.inline(content))
            case "Quoted":
                left, right = "‘’" if content[0]["t"] == "SingleQuote" else "“”"
                text = left + self.inline(content[1]) + right
            case "Note":
                text = self.note(content)
            case "Code":
                text = str(content[1])
            case "Math":
                text = f"${content[1]}$"
        return text

    def note(self, nodes: list[Node]) -> str:
        at = len(self.notes)
        self.notes.append("")
        self.notes[at] = "\n\n".join(self.blocks(nodes))
        return f"[{at + 1}]"


def _pass_over(below: dict[int, int], texts: list[str]) -> None:
    """Leave places empty that a cell from above reaches into."""
    while left := below.pop(len(texts), 0):
        if left > 1:
            below[len(texts)] = left - 1
        texts.append("")


def _fenced(code: str) -> str:
    fence = "```"
    while fence in code:
        fence += "`"
    return f"{fence}\n{code}\n{fence}"
