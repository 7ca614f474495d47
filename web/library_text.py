"""The versions of an article, and what is taken away → plain lines, from the contract's JSON.

Left out: making them (`library.py`).
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from web.terminal import line

Reply = Mapping[str, Any]

_SHORT = 12  # characters of a sha256 or hash
_MOST_FILES = 50  # that are named
_MOST_ANSWERS = 10
_SIGN = {"removed": "-", "added": "+", "same": " "}
_OPEN = {"removed": ("[-", "-]"), "added": ("{+", "+}")}


def history_text(told: Reply) -> str:
    """Versions newest first, articles that are nearly the same, and a difference."""
    head = " · ".join(filter(None, [line(told["path"]), line(told["title"])]))
    parts = [head, *map(_version, told["versions"]), *map(_alike, told["alike"])]
    return "\n".join([*parts, *_difference(told["difference"])])


def removal_text(told: Reply, *, again: str) -> str:
    """What goes or has gone, and what stays; `again` is the command that does it."""
    done = told["done"]
    return "\n".join(
        [
            "Taken away:" if done else "This would be taken away:",
            *_files(told["files"]),
            _counted(told),
            *(line(remark) for remark in told["remarks"]),
            *_cited(told["cited_by"], done=done),
            *_ending(told, again),
        ]
    )


def command(names: list[str], publishers: list[str], *, forget: bool) -> str:
    """The command line that does what was planned.

    >>> command(["2021/a b.md"], [], forget=True)
    "pincite remove '2021/a b.md' --forget --yes"
    """
    words = [*names, *(word for name in publishers for word in ("--publisher", name))]
    words += ["--forget"] if forget else []
    return shlex.join(["pincite", "remove", *words, "--yes"])


def _version(version: Reply) -> str:
    since = f"since {version['since']}" if version["since"] else "since a time that is not known"
    until = "" if version["current"] else f" until {version['until'] or 'a time that is not known'}"
    now = "  (current)" if version["current"] else ""
    gone = "" if version["kept"] else "  (its text is not kept)"
    return f"  {version['sha256'][:_SHORT]}  {since}{until}{now}{gone}"


def _alike(one: Reply) -> str:
    about = ", ".join(filter(None, map(line, (one["title"], one["publisher"], one["published"]))))
    return f"Nearly the same ({one['share']:.0%}): {line(one['path'])} · {about}"


def _difference(told: Reply | None) -> Iterator[str]:
    if told is None:
        return
    yield ""
    yield f"{told['old'][:_SHORT]}..{told['new'][:_SHORT]}"
    if not told["added"] and not told["removed"]:
        yield "Only white space differs."
        return
    for piece in told["pieces"]:
        if piece["kind"] == "skipped":
            yield f"  … {piece['count']:,} unchanged"
        else:
            yield f"{_SIGN[piece['kind']]} {_marked(piece)}"
    if told["more"]:
        yield f"  … and {told['more']:,} more"


def _marked(piece: Reply) -> str:
    """The text with what the other version has not, as `git diff --word-diff` writes it."""
    text, parts, at = piece["text"], [], 0
    whole = [[0, len(text)]]
    for start, end in piece["marks"] if piece["marks"] != whole else ():
        first, last = _OPEN[piece["kind"]]
        parts += [text[at:start], first, text[start:end], last]
        at = end
    return line("".join([*parts, text[at:]]))


def _files(files: list[Reply]) -> Iterator[str]:
    for file in files[:_MOST_FILES]:
        title = f"“{line(file['title'])}”" if file["title"] else "not indexed now"
        counts = [_many(file["passages"], "passage"), _many(file["versions"], "version")]
        there = [] if file["is_file"] else ["the file is gone already"]
        yield f"  {line(file['path'])}  {title}, {', '.join(counts + there)}"
    if len(files) > _MOST_FILES:
        yield f"  … and {len(files) - _MOST_FILES:,} more"


def _counted(told: Reply) -> str:
    parts = [_many(len(told["files"]), "file"), _many(told["passages"], "passage")]
    if told["forget"]:
        parts.append(_many(len(told["versions"]), "version"))
    if told["originals"]:
        parts.append(_many(len(told["originals"]), "original"))
    said = f"Together: {', '.join(parts)}."
    versions = sum(file["versions"] for file in told["files"])
    if not told["forget"] and versions:
        said += " Versions stay readable for answers that cite them; --forget takes them, too."
    if told["shared"]:
        one = len(told["shared"]) == 1
        is_held = "1 version is" if one else f"{len(told['shared'])} versions are"
        said += f" {is_held} not forgotten: another file holds the same bytes."
    return said


def _cited(rows: list[Reply], *, done: bool) -> Iterator[str]:
    if not rows:
        return
    cite = "1 kept answer cites" if len(rows) == 1 else f"{len(rows):,} kept answers cite"
    what = "what has gone" if done else "what would go"
    yield f"{cite} {what}; answers stay, with the words that they quote:"
    for row in rows[:_MOST_ANSWERS]:
        yield f"  {row['hash'][:_SHORT]}  {line(row['question'])}"
    if len(rows) > _MOST_ANSWERS:
        yield f"  … and {len(rows) - _MOST_ANSWERS:,} more"


def _ending(told: Reply, again: str) -> Iterator[str]:
    if not told["done"]:
        yield f"Nothing was done. To do it: {line(again)}"
    elif told["forget"]:
        yield (
            "Its words are in no file of the index any more, but for what kept answers quote. "
            "Numbers (vectors) of them may stay until an ingest --rebuild; they are no words."
        )


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
