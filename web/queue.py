"""The queue of sources that a browser or a script hands over: one after another, on one thread.

Each is fetched or converted, filed in the corpus and indexed before the next begins, so that its
articles can be asked about while the others wait. What happens to it is told in plain words.

Left out: HTTP (`intake.py`), and what happens to one of them (`bringing.py`).
"""

from __future__ import annotations

import secrets
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, BinaryIO

from ingest.errors import PinciteError
from web.bringing import Bringing
from web.item import Ending, Item, State, address_from, label_from

if TYPE_CHECKING:
    from answer.assistant import Assistant
    from ingest.add import Adding

LARGEST_UPLOAD = 100_000_000  # bytes of one file
MOST_WAITING = 200  # items that wait at the same time
MOST_BYTES = 1_000_000_000  # of all files that wait
MOST_KEPT = 500  # items that are remembered; of those that have ended the oldest go first

_IDLE = 20.0  # seconds without work after which the converting process is given back
_LAST = 5.0  # seconds that the item in work gets when the server stops
_PIECE = 1 << 20  # bytes copied at a time


class QueueFull(PinciteError):
    """So many sources wait that no further one is taken."""


@dataclass(slots=True)
class _Entry:
    item: Item
    source: str | Path
    size: int = 0
    follow: bool = False
    cancelled: threading.Event = field(default_factory=threading.Event)


class SourceQueue:
    """Sources that wait, the one in work, and the last ones that have ended. Safe for threads.

    `adding` opens what brings a source into the corpus; it is used on the queue's own thread only,
    which begins with the first source and ends with `close`.
    """

    def __init__(self, assistant: Assistant, adding: Callable[[], Adding]) -> None:
        self._assistant, self._adding = assistant, adding
        self._folder: Path | None = None
        self._entries: dict[str, _Entry] = {}
        self._turn = threading.Condition()
        self._thread: threading.Thread | None = None
        self._current: Bringing | None = None
        self._closed = False

    # ---- what a door calls -----------------------------------------------------------------------

    def add_address(self, address: str, *, follow: bool = False) -> Item:
        """Queue an address; `BadSetting` where it is none, `QueueFull` where too many wait."""
        address = address_from(address)
        item = Item(secrets.token_hex(8), "address", address)
        return self._queued(_Entry(item, address, follow=follow))

    def add_file(self, name: str, file: BinaryIO) -> Item:
        """Queue a file, whose bytes are copied; one that is too large has failed at once.

        `QueueFull` where too many wait.
        """
        self._check_room(0)
        item = Item(secrets.token_hex(8), "file", label_from(name))
        target = self._own_folder() / item.id
        try:
            size = _copied(file, target)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        if size > LARGEST_UPLOAD:
            target.unlink(missing_ok=True)
            why = f"It has more than {LARGEST_UPLOAD / 1e6:g} MB. Bring it in with: pincite add"
            return self._remembered(_Entry(replace(item, state="failed", reason=why), target))
        try:
            return self._queued(_Entry(item, target, size))
        except BaseException:
            target.unlink(missing_ok=True)
            raise

    def items(self) -> tuple[Item, ...]:
        """Every item that is remembered, in the order in which they came."""
        with self._turn:
            return tuple(entry.item for entry in self._entries.values())

    def cancel(self, name: str) -> Item | None:
        """End an item that waits or is in work; None for a name that no item has.

        One in work ends at its next step, a conversion at once. What it has written by then is
        taken away again, or the item says what stays.
        """
        with self._turn:
            entry = self._entries.get(name)
            if entry is None or entry.item.ended:
                return entry.item if entry else None
            entry.cancelled.set()
            if entry.item.state == "waiting":
                self._end(entry, Ending("cancelled"))
            else:
                entry.item = replace(entry.item, cancelling=True)
                self._interrupt(entry.item.state)
            return entry.item

    @property
    def working(self) -> bool:
        """Whether anything waits or is in work."""
        with self._turn:
            return any(not entry.item.ended for entry in self._entries.values())

    def close(self) -> None:
        """Take nothing more, let the item in work end, and delete the uploaded files."""
        with self._turn:
            self._closed = True
            self._turn.notify_all()
            thread, folder = self._thread, self._folder
            self._interrupt("converting")
        if thread is not None:
            thread.join(_LAST)
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    # ---- queueing --------------------------------------------------------------------------------

    def _queued(self, entry: _Entry) -> Item:
        with self._turn:
            self._check_room(entry.size)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="pincite-queue", daemon=True)
                self._thread.start()
            self._turn.notify_all()
            return self._remembered(entry)

    def _check_room(self, size: int) -> None:
        with self._turn:
            waiting = [one for one in self._entries.values() if one.item.state == "waiting"]
            if self._closed:
                raise QueueFull("The server is stopping, so it takes no more sources.")
            held = sum(one.size for one in waiting)
            if len(waiting) >= MOST_WAITING or held + size > MOST_BYTES:
                raise QueueFull(
                    f"{len(waiting)} sources wait already ({held / 1e6:.0f} MB), and no more are "
                    "taken. Try again when some are done, or use: pincite add"
                )

    def _remembered(self, entry: _Entry) -> Item:
        with self._turn:
            self._entries[entry.item.id] = entry
            ended = [name for name, one in self._entries.items() if one.item.ended]
            for name in ended[: max(0, len(self._entries) - MOST_KEPT)]:
                del self._entries[name]
            return entry.item

    def _own_folder(self) -> Path:
        with self._turn:
            if self._folder is None:
                self._folder = Path(mkdtemp(prefix="pincite-uploads-"))
            return self._folder

    # ---- the thread ------------------------------------------------------------------------------

    def _run(self) -> None:
        while (entry := self._next(None)) is not None:
            try:
                with self._adding() as adding:
                    while entry is not None:
                        self._current = self._bringing(entry)
                        self._end(entry, self._current.bring(adding))
                        entry = self._next(_IDLE)
            except Exception as error:  # nothing could be opened to bring it in with
                if entry is not None:
                    self._end(entry, self._bringing(entry).failed(error))

    def _interrupt(self, state: State) -> None:
        """End a conversion at once; by now no other item can be in work, for `_turn` is held."""
        if state == "converting" and self._current is not None:
            self._current.interrupt()

    def _bringing(self, entry: _Entry) -> Bringing:
        return Bringing(
            self._assistant,
            entry.source,
            entry.item.label,
            entry.follow,
            show=partial(self._show, entry),
            cancelled=entry.cancelled.is_set,
            closed=lambda: self._closed,
        )

    def _next(self, seconds: float | None) -> _Entry | None:
        """The next that waits; None after so many seconds, or when the queue is closed."""

        def first() -> _Entry | None:
            waiting = (one for one in self._entries.values() if one.item.state == "waiting")
            return next(waiting, None)

        with self._turn:
            self._turn.wait_for(lambda: self._closed or first() is not None, seconds)
            entry = None if self._closed else first()
            if entry is not None:
                state: State = "fetching" if entry.item.kind == "address" else "converting"
                entry.item = replace(entry.item, state=state)
            return entry

    def _show(self, entry: _Entry, state: State, done: int, of: int) -> None:
        with self._turn:
            entry.item = replace(entry.item, state=state, done=done, of=of)

    def _end(self, entry: _Entry, ending: Ending) -> None:
        with self._turn:
            entry.item = replace(
                entry.item,
                state=ending.state,
                reason=ending.reason,
                remarks=ending.remarks,
                articles=ending.articles,
                count=ending.count,
                done=0,
                of=0,
                cancelling=False,
            )
        _deleted(entry.source)


def _copied(file: BinaryIO, target: Path) -> int:
    """Copy a file, but no more of it than shows that it is too large; → the bytes copied."""
    size = 0
    with target.open("xb") as out:
        while size <= LARGEST_UPLOAD and (piece := file.read(_PIECE)):
            size += out.write(piece)
    return size


def _deleted(source: str | Path) -> None:
    """Delete an uploaded file."""
    if isinstance(source, Path):
        with suppress(OSError):
            source.unlink(missing_ok=True)
