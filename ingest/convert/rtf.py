r"""RTF, as Word, WordPad, TextEdit and LibreOffice write it → Markdown (RTF Specification 1.9.1).

A reader of its own, since those there are lose words: pandoc 3.9 knows no code page but 1252 and
drops the results of fields; striprtf 0.0.35 has no headings; both keep deleted text. The letters of
a text are decided by its font (`\fcharset`), or by the file (`\ansicpg`).

Pictures, comments, headers, footers, tables of contents, hidden and deleted text are left out.

Left out: letters of the Symbol font, and which cells of a table are merged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ingest.convert import blocks, office
from ingest.convert.document import Document, Source
from ingest.convert.rtf_flow import Flow, Shape
from ingest.errors import UnreadableSource

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])|[\r\n]+|([^\\{}\r\n]+)",
    re.DOTALL,
)
_CODE_PAGES = {  # \fcharset -> codec, RTF 1.9.1, "Font Table"
    0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gbk",
    136: "cp950", 161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256",
    186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
_OF_FILE = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}
_SIGNS = {
    "tab": "\t", "line": blocks.BREAK, "emdash": "—", "endash": "–", "emspace": "\u2003",
    "enspace": "\u2002", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
    "bullet": "•", "zwj": "\u200d", "zwnj": "\u200c", "ltrmark": "\u200e", "rtlmark": "\u200f",
    "page": " ", "column": " ", "nestcell": " ", "nestrow": " ",
}  # fmt: skip
_SYMBOLS = {"~": "\u00a0", "_": "\u2011", "-": "", "\\": "\\", "{": "{", "}": "}"}
_SKIPPED = frozenset(
    "annotation atnauthor atnid author buptim colortbl comment company creatim datafield doccomm "
    "filetbl footerf footerl footerr footer generator headerf headerl headerr header keywords "
    "listoverridetable listtable manager nonesttables nonshppict objdata operator pict pntxta "
    "pntxtb printim revtbl revtim rsidtbl shprslt sp subject tc title xe".split()
)
# What may follow \* and is read all the same; any other such group is skipped, as \* asks for.
_READ = frozenset("do fldinst footnote shpinst".split())
_BOXES = ("shptxt", "dptxbxtext")
_PARAGRAPH = frozenset("par sect cell row pard s outlinelevel intbl ls ilvl".split())
_INFO = ("title", "author", "revtim")
_HEADING_STYLE = re.compile(r"(?:heading|überschrift|titre|заголовок) ?([1-9])", re.IGNORECASE)
_QUOTE_STYLE = re.compile(r"(?:intense |block )?(?:quote|quotations)|block text", re.IGNORECASE)


@dataclass(slots=True)
class _State:
    """What holds inside a group, until it closes."""

    destination: str = ""  # what its text goes to; empty for the document
    font: int = -1
    fallback: int = 1  # characters after \u for programs that know no Unicode
    hidden: bool = False
    deleted: bool = False
    struck: bool = False
    raised: bool = False
    style: int = 0
    level: int = 0  # of a heading, 0 for none
    in_table: bool = False
    in_list: bool = False
    depth: int = 0  # of a list item


def read(source: Source) -> Iterator[Document]:
    """One document, with a remark where the file ends too early.

    `UnreadableSource` where it does not begin like RTF.
    """
    if not source.data.startswith(b"{\\rtf"):
        raise UnreadableSource("does not begin like RTF; it is damaged or something else.")
    reading = _Reading()
    cut_off = reading.all(source.data)
    info = {name: "".join(reading.info.get(name, ())) for name in _INFO}
    yield Document(
        body=blocks.with_notes(reading.flow.done, reading.notes),
        title=office.title_of(info["title"], reading.flow.title),
        authors=office.people(info["author"]),
        modified=office.saved_on(info["revtim"]),
        remarks=("The file ends too early; what came after is lost.",) if cut_off else (),
    )


class _Reading:
    """Goes through the tokens once, with a stack of its own for the groups."""

    def __init__(self) -> None:
        self.flow = Flow()
        self.notes: list[str] = []
        self.info: dict[str, list[str]] = {}
        self._state, self._stack = _State(), list[tuple[_State, Flow]]()
        self._bytes, self._units = bytearray(), list[int]()  # not yet decoded
        self._to_skip = 0  # characters that only repeat a \u
        self._starred = False
        self._default_font, self._code_page = -1, "cp1252"
        self._fonts: dict[int, str] = {}
        self._font_defined = -1
        self._styles: dict[int, tuple[str, int]] = {}  # number -> name, level of heading
        self._style_defined, self._style_name, self._style_level = 0, list[str](), 0
        self._field = list[str]()

    def all(self, data: bytes) -> bool:
        """Read it all; whether it ended inside a group."""
        at = 0
        while found := _TOKEN.match(data, at):
            at = found.end()
            word, number, byte, symbol, brace, text = found.groups()
            if word:
                name, value = word.decode("ascii"), None if number is None else int(number)
                if name == "bin":
                    at += max(0, value or 0)
                else:
                    self._word(name, value)
            elif byte:
                self._text(bytes([int(byte, 16)]))
            elif symbol:
                self._symbol(symbol.decode("latin-1"))
            elif brace:
                self._group(opens=brace == b"{")
            elif text:
                self._text(text)
        cut_off = bool(self._stack)
        while self._stack:
            self._group(opens=False)
        self._decode()
        self.flow.end(Shape())
        return cut_off

    # Groups

    def _group(self, *, opens: bool) -> None:
        self._decode()
        self._to_skip = 0
        self._starred = False
        if opens:
            self._stack.append((self._state, self.flow))
            self._state = replace(self._state)
        elif self._stack:
            closed, flow = self._state, self.flow
            self._state, self.flow = self._stack.pop()
            if flow is not self.flow:
                self._flow_ends(closed, flow)
            elif closed.destination != self._state.destination:
                self._destination_ends(closed.destination)

    def _flow_ends(self, state: _State, flow: Flow) -> None:
        """A note or a text box is complete; the paragraph that it stands in is not."""
        if not flow.is_note:
            self.flow.put(flow.end(self._shape(state)))
            return
        self.notes.append("\n\n".join(flow.end(self._shape(state))))
        self.flow.add(f"[{len(self.notes)}]")

    def _destination_ends(self, name: str) -> None:
        if name == "fldinst":
            # The group around it is the field: its result is the text, but for a table of contents.
            if "".join(self._field).split()[:1] in (["TOC"], ["INDEX"]):
                self._state.destination = "skipped"
            self._field.clear()

    def _begin(self, name: str) -> bool:
        """Whether this word says what the text of its group is for."""
        state = self._state
        if self._starred and name not in _READ and name not in ("fonttbl", "listtext", "pntext"):
            state.destination = "skipped"
        elif state.destination in ("skipped", "fonttbl", "stylesheet"):
            return False
        elif name == "info":
            state.destination = "info"
        elif state.destination == "info" and name in _INFO:
            # LibreOffice names whoever saved it last as a second author
            state.destination = "skipped" if name in self.info else name
        elif name in ("listtext", "pntext"):
            state.destination = "marker"
            self.flow.marker.clear()
        elif name in ("fonttbl", "stylesheet", "fldinst"):
            state.destination = name
        elif name in ("footnote", *_BOXES):
            self.flow = Flow(is_note=name == "footnote")
            self._state = _State(font=state.font, fallback=state.fallback)
        elif name in _SKIPPED:
            state.destination = "skipped"
        else:
            return False
        return True

    # Words and signs

    def _symbol(self, symbol: str) -> None:
        self._decode()
        self._to_skip = max(0, self._to_skip - 1)
        if symbol == "*":
            self._starred = True
        elif symbol in "\r\n":
            self._word("par", None)
        elif symbol in _SYMBOLS:
            self._characters(_SYMBOLS[symbol])

    def _word(self, name: str, value: int | None) -> None:
        if name == "u":
            self._unit(value or 0)
            return
        self._decode()
        self._to_skip = 0
        begun = self._begin(name)
        self._starred = False
        if begun or self._state.destination == "skipped":
            return
        match self._state.destination:
            case "revtim":
                self._date(name, value or 0)
            case "fonttbl":
                self._font(name, value or 0)
            case "stylesheet":
                self._style(name, value or 0)
            case _ if name in _SIGNS:
                self._characters(_SIGNS[name])
            case _ if name in _PARAGRAPH:
                self._shapes(name, value or 0, on=value != 0)
            case _:
                self._marks(name, value, on=value != 0)

    def _shapes(self, name: str, value: int, *, on: bool) -> None:
        """A word about paragraphs, cells or rows."""
        state = self._state
        match name:
            case "par" | "sect":
                self.flow.paragraph_ends(self._shape(state))
            case "cell":
                self.flow.cell_ends()
            case "row":
                self.flow.row_ends()
            case "pard":
                state.style = state.level = state.depth = 0
                state.in_table = state.in_list = False
            case "s":
                state.style = value
            case "outlinelevel":
                state.level = _level(value)
            case "intbl":
                state.in_table = True
            case "ls":
                state.in_list = on
            case "ilvl":
                state.depth = max(0, min(8, value))

    def _marks(self, name: str, value: int | None, *, on: bool) -> None:
        """A word about characters."""
        state = self._state
        match name:
            case "plain":
                state.font = self._default_font
                state.hidden = state.deleted = state.struck = state.raised = False
            case "v":
                state.hidden = on
            case "deleted":
                state.deleted = on
            case "strike" | "striked":
                state.struck = on
            case "super" | "nosupersub" | "sub":
                state.raised = on and name == "super"
            case "f" if value is not None:
                state.font = value
            case "deff" if value is not None:
                self._default_font = state.font = value
            case "uc":
                state.fallback = max(0, min(9, 1 if value is None else value))
            case "ansicpg":
                self._code_page = _codec(value)
            case "mac" | "pc" | "pca":
                self._code_page = _OF_FILE[name]

    def _date(self, name: str, value: int) -> None:
        told = self.info.setdefault("revtim", [])
        if name in ("yr", "mo", "dy"):
            told.append(f"{'-' if told else ''}{value:02}")

    def _font(self, name: str, value: int) -> None:
        if name == "f":
            self._font_defined = value
        elif name == "fcharset" and value in _CODE_PAGES:
            self._fonts[self._font_defined] = _CODE_PAGES[value]

    def _style(self, name: str, value: int) -> None:
        if name == "s":
            self._style_defined = value
        elif name == "outlinelevel":
            self._style_level = _level(value)

    # Text

    def _text(self, data: bytes) -> None:
        skipped = min(self._to_skip, len(data))
        self._to_skip -= skipped
        if skipped < len(data):
            self._join_units()
            self._bytes += data[skipped:]

    def _unit(self, value: int) -> None:
        """A unit of UTF-16, of which a letter may take two."""
        if self._bytes:
            self._decode()
        self._units.append(value & 0xFFFF)
        self._to_skip = self._state.fallback

    def _decode(self) -> None:
        """Bytes that lie together are decoded together, since a letter may take two of them."""
        self._join_units()
        if self._bytes:
            codec = self._fonts.get(self._state.font, self._code_page)
            data = bytes(self._bytes)
            self._bytes.clear()
            self._characters(data.decode(codec, "replace"))

    def _join_units(self) -> None:
        if self._units:
            data = b"".join(unit.to_bytes(2, "little") for unit in self._units)
            self._units.clear()
            self._characters(data.decode("utf-16-le", "replace"))

    def _characters(self, text: str) -> None:
        state = self._state
        match state.destination:
            case "":
                if not (state.hidden or state.deleted):
                    shown = blocks.raised(text) if state.raised else text
                    self.flow.add(blocks.struck(shown) if state.struck else shown)
            case "marker":
                self.flow.marker.append(text)
            case "fldinst":
                self._field.append(text[:100])
            case "stylesheet":
                self._style_named(text)
            case "title" | "author":
                self.info.setdefault(state.destination, []).append(text)

    def _style_named(self, text: str) -> None:
        self._style_name.append(text)
        if text.rstrip().endswith(";"):
            name = "".join(self._style_name).strip().removesuffix(";").strip()
            found = _HEADING_STYLE.fullmatch(name)
            level = int(found[1]) if found else self._style_level
            self._styles[self._style_defined] = (name, 1 if name == "Title" else level)
            self._style_name.clear()
            self._style_defined = self._style_level = 0  # a style without \\s is number 0

    def _shape(self, state: _State) -> Shape:
        name, level = self._styles.get(state.style, ("", 0))
        return Shape(
            level=level or state.level,
            quote=bool(_QUOTE_STYLE.fullmatch(name)),
            in_table=state.in_table,
            in_list=state.in_list,
            depth=state.depth,
        )


def _level(outline: int) -> int:
    """Levels are counted from 0 in RTF, and 9 is the text."""
    return outline + 1 if 0 <= outline < 9 else 0


def _codec(page: int | None) -> str:
    import codecs

    try:
        return codecs.lookup(f"cp{page}").name
    except LookupError:
        return "cp1252"
