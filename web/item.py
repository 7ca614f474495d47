"""One source in the queue, as its sender sees it; and what is made of the names that senders give.

Left out: what happens to it (`queue.py`), and JSON (`intake.py`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from ingest.errors import BadSetting

LONGEST_ADDRESS = 2_000  # characters
_LINES, _LINE = 20, 500  # remarks of an item, and characters of one

State = Literal[
    "waiting", "fetching", "converting", "embedding", "done", "already", "failed", "cancelled"
]
ENDED: tuple[State, ...] = ("done", "already", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Brought:
    """An article that an item brought in, or that was there already."""

    path: str
    sha256: str
    title: str


@dataclass(frozen=True, slots=True)
class Item:
    """One source in the queue. `label` is what its sender calls it, which is never a path of ours.

    `done` of `of` counts what `state` is about: bytes fetched, articles converted, passages
    embedded; `of` is 0 where it is not known. `reason` says why it failed or was cancelled;
    `remarks` what else to know. `articles` names the first few of `count`. `cancelling`: it will
    end as soon as it can.
    """

    id: str
    kind: Literal["file", "address"]
    label: str
    state: State = "waiting"
    done: int = 0
    of: int = 0
    reason: str = ""
    remarks: tuple[str, ...] = ()
    articles: tuple[Brought, ...] = ()
    count: int = 0
    cancelling: bool = False

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in ENDED


@dataclass(frozen=True, slots=True)
class Ending:
    """How an item ended; its fields are those of `Item`."""

    state: State
    reason: str = ""
    remarks: tuple[str, ...] = ()
    articles: tuple[Brought, ...] = ()
    count: int = 0


def label_from(name: str) -> str:
    r"""What a sender calls a file, as a name without folders that can be shown and stored.

    >>> label_from("C:\\notes\\a\nb.pdf"), label_from("../../etc/passwd"), label_from("")
    ('a b.pdf', 'passwd', 'upload')
    """
    last = re.split(r"[/\\]", name.encode("utf-8", "replace").decode("utf-8"))[-1]
    shown = " ".join("".join(one if one.isprintable() else " " for one in last).split())
    stem, dot, suffix = shown.rpartition(".")
    if len(shown) > 200 and len(suffix) <= 10:
        shown = stem[: 199 - len(suffix)] + dot + suffix
    return shown[:200].strip(". ") or "upload"


def address_from(text: str) -> str:
    """An http(s) address; `BadSetting` for anything else. Without a scheme it is https.

    >>> address_from(" example.org/a ")
    'https://example.org/a'
    """
    text = text.strip()
    if "://" not in text[:12] and not text.startswith("/"):
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and parts.hostname and "." in parts.hostname
        local = parts.hostname == "localhost" or ":" in (parts.hostname or "")
        good = (good or local) and parts.port != 0
    except ValueError:
        parts, good = urlsplit(""), False
    if not good or parts.scheme not in ("http", "https") or not text.isprintable() or " " in text:
        raise BadSetting(
            "That is not an address of a page. Paste one such as https://example.org/a"
        )
    if parts.username or parts.password:
        raise BadSetting("The address holds a password, which would be kept with the article.")
    if len(text) > LONGEST_ADDRESS:
        raise BadSetting(f"An address may have {LONGEST_ADDRESS:,} characters at most.")
    return text


def line_from(text: str) -> str:
    """Text on one line, not too long, that can be stored and shown."""
    text = " ".join(text.encode("utf-8", "replace").decode("utf-8").split())
    return text if len(text) <= _LINE else text[: _LINE - 1] + "…"


def lines_from(texts: Sequence[str]) -> tuple[str, ...]:
    """The first few, each once, and how many more there are."""
    each = list(Counter(map(line_from, texts)))
    more = (f"… and {len(each) - _LINES:,} more.",) if len(each) > _LINES else ()
    return (*each[:_LINES], *more)
