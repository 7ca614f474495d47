"""The JSON contract → text: panels in a terminal, plain lines in a pipe.

Both are drawn from the contract's objects, so an answer looks the same whether it was made here or
by the `pincite serve` that owns the index. An article may hold anything, so control characters and
escape sequences are taken out of whatever a terminal would read, and escaped in JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

Reply = Mapping[str, Any]

_ESCAPE_SEQUENCE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|\x9c|\Z)"  # OSC, DCS…: window title, clipboard, links
    r"|\x1b[ -/]*[0-~]?"
    r"|\x9b[0-?]*[ -/]*[@-~]",
    re.DOTALL,
)
# What is left of C0 and C1, and the marks that turn text around on a screen.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_UNSAFE_IN_JSON = re.compile(r"[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_NEAREST_SHOWN = 3  # where there is no answer; JSON has them all
_NEAREST = "The nearest passages, which do not answer it:"
_TITLES = {
    "answered": ("Answer", "green"),
    "not_in_corpus": ("Not in this corpus", "yellow"),
    "writer_failed": ("What the model wrote, which the articles do not support", "red"),
}
_VERDICTS = {"partly": "Partly supported", "unsupported": "Not supported"}
_MARKER = re.compile(r"\[\d+\]")


def clean(text: str) -> str:
    r"""Text that a terminal may read: no escape sequences, no control characters but \\n and \\t.

    >>> clean("a \x1b[31mred\x1b[0m word\r\n")
    'a red word\n'
    """
    return _CONTROL.sub("", _ESCAPE_SEQUENCE.sub("", text))


def line(text: object) -> str:
    """The same on one line, single spaces; empty for None."""
    return "" if text is None else " ".join(clean(str(text)).split())


def json_text(value: object) -> str:
    """JSON as UTF-8 text to read, with C1 controls escaped as JSON escapes C0 itself."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return _UNSAFE_IN_JSON.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def answer_text(answer: Reply) -> str:
    """An answer and its sources, each on a line of its own however long."""
    blocks = [*_before(answer), paragraphs(answer["text"]), *_remarks(answer)]
    blocks.append("\n".join(f"[{c['number']}] {source(c)}" for c in answer["citations"]))
    if _shows_nearest(answer):
        blocks += [_NEAREST, passages_text(_nearest(answer))]
    return "\n\n".join(filter(None, [*blocks, _kept(answer)]))


def passages_text(reply: Reply) -> str:
    """Passages, best first: where each is, and its text on one line."""
    if not reply["passages"]:
        return "Nothing was found."
    return "\n".join(
        f"{number}. {line(hit['title'])} ({_found(hit)})\n   {line(hit['text'])}"
        for number, hit in enumerate(reply["passages"], 1)
    )


def figures_text(report: Reply) -> str:
    """The figures of an evaluation, a line each, and the questions that went wrong."""
    figures = {name: value for name, value in report.items() if name != "wrong"}
    lines = [f"{name:22} {'-' if value is None else value}" for name, value in figures.items()]
    wrong = [f"wrong: {line(one['id'])}  {line(one['question'])}" for one in report["wrong"]]
    return "\n".join([*lines, *wrong[:20], *(["…"] if len(wrong) > 20 else [])])


def answer_panels(answer: Reply) -> Iterator[RenderableType]:
    """The same for a terminal, with rich."""
    from rich.panel import Panel
    from rich.text import Text

    title, colour = _TITLES[answer["outcome"]]
    for block in _before(answer):
        yield Text(block, style="yellow")
    body = _marked(paragraphs(answer["text"]))
    yield Panel(body, title=title, title_align="left", border_style=colour)
    for block in _remarks(answer):
        yield Text(block, style="yellow")
    for citation in answer["citations"]:
        yield Text.assemble((f"[{citation['number']}] ", "bold cyan"), source(citation))
    if _shows_nearest(answer):
        yield Text(_NEAREST, style="yellow")
        yield from passages_panels(_nearest(answer))
    if answer["record"]:
        yield Text(_kept(answer), style="dim")


def passages_panels(reply: Reply) -> Iterator[RenderableType]:
    """Passages as panels, best first."""
    from rich.panel import Panel
    from rich.text import Text

    if not reply["passages"]:
        yield Text("Nothing was found.")
    for number, hit in enumerate(reply["passages"], 1):
        yield Panel(
            Text(line(hit["text"])),
            title=Text(f"{number}. {line(hit['title'])}"),
            title_align="left",
            subtitle=Text(_found(hit), style="dim"),
            subtitle_align="left",
            border_style="dim",
        )


def source(citation: Reply) -> str:
    """Title, publisher, date, page, place and address of a citation, on one line."""
    about = [line(citation[name]) for name in ("title", "publisher", "published")]
    about.append(locator(citation))
    if citation.get("speaker"):
        how = "quoted in" if citation["direct"] else "as reported in"
        about[0] = f"{line(citation['speaker'])}, {how} {about[0]}"
    ends = [place(citation), line(citation["url"])]
    return " · ".join(part for part in [", ".join(filter(None, about)), *ends] if part)


def locator(cited: Reply) -> str:
    """The page or time of the original, as a reference has it; empty where it is not known."""
    return line((cited.get("locator") or {}).get("text"))


def place(cited: Reply) -> str:
    """Where to look with a text editor: file and code points."""
    start, end = cited["chars"]
    return f"{line(cited['path'])}, characters {start}-{end}"


def _found(hit: Reply) -> str:
    """Where a passage is: its page, if it is known, then file and code points."""
    return ", ".join(filter(None, (locator(hit), place(hit))))


def paragraphs(text: str) -> str:
    """Each paragraph on one line."""
    return "\n\n".join(filter(None, map(line, re.split(r"\n\s*\n", clean(text)))))


def _before(answer: Reply) -> list[str]:
    """What was searched, where that is not what was asked; and what became of a model's answer."""
    searched = f"Searched: {line(answer['searched'])}" if answer["searched"] else ""
    return [block for block in (searched, line(answer["note"])) if block]


def _remarks(answer: Reply) -> list[str]:
    """Sentences that are not supported, what the sources differ in, and how many there are."""
    weak = [
        f"{_VERDICTS[one['verdict']]}: {line(answer['text'][slice(*one['claim'])])}{_missing(one)}"
        for one in answer["statements"]
        if one["verdict"] in _VERDICTS
    ]
    differ = [_differ(one) for one in answer["differences"]]
    articles = sum(len(one["articles"]) for one in answer["sources"])
    many = len(answer["sources"])
    sources = f"{articles} articles, {many} independent source{'' if many == 1 else 's'}."
    count = sources if articles > 1 else ""
    blocks = ["\n".join(weak), "\n".join(differ), "\n".join(filter(None, [count, _dates(answer)]))]
    return [block for block in blocks if block]


def _dates(answer: Reply) -> str:
    """When what is cited was published, oldest first, where that was more than once."""
    numbers: dict[str, list[str]] = {}
    for citation in answer["citations"]:
        if citation["published"]:
            numbers.setdefault(line(citation["published"]), []).append(f"[{citation['number']}]")
    told = ", ".join(f"{date} {' '.join(numbers[date])}" for date in sorted(numbers))
    return f"Published: {told}; as of {max(numbers)}." if len(numbers) > 1 else ""


def _missing(statement: Reply) -> str:
    found = [f for f in statement["findings"] if not f["agrees"]]
    told = [
        f"“{line(f['said'])}”" + (f" stands as “{line(f['instead'])}”" if f["instead"] else "")
        for f in found
    ]
    return f" ({'; '.join(told)})" if told else ""


def _differ(difference: Reply) -> str:
    readings = [
        f"“{line(r['said'])}” [{r['citation']}] "
        f"({', '.join(filter(None, (line(r['publisher']), line(r['published']) or 'undated')))})"
        for r in difference["readings"]
    ]
    return f"The sources differ on this: {'; '.join(readings)}."


def _kept(answer: Reply) -> str:
    name = line(answer["record"])[:12]
    return f"Kept as {name}: pincite verify {name}, pincite export {name}" if name else ""


def _shows_nearest(answer: Reply) -> bool:
    return not answer["citations"] and bool(answer["passages"])


def _nearest(answer: Reply) -> Reply:
    return {"passages": answer["passages"][:_NEAREST_SHOWN]}


def _marked(text: str) -> Text:
    from rich.text import Text

    body = Text(text)
    body.highlight_regex(_MARKER.pattern, "bold cyan")
    return body
