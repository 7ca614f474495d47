"""One process owns an index folder; the others ask it, or wait.

Embedded Chroma with two writers corrupts without an error, and a second reader sees frozen results
(`docs/decisions/`). So whoever opens an index holds `owner.lock` in its folder, a lock of the
operating system that ends with its process however that ends, and says in `owner.json` who it is,
of which corpus and with which embedder it answers and, if it serves, at which address.

Left out: asking the owner (`web/client.py`).
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from ingest.clock import utc_now
from ingest.errors import EmbedderMismatch, IndexBusy, NoRoom

LOCK_NAME = "owner.lock"
INFO_NAME = "owner.json"
_POLL = 0.1  # seconds between two looks at a lock that another process holds
_GRACE = 0.5  # seconds in which a lock may be held only by somebody who looks at it


@dataclass(frozen=True, slots=True)
class OwnerInfo:
    """Who holds an index: process, `pincite` command, address if it serves, and since when (UTC).

    `token` lets whoever can read the file (the same user) ask the server to ingest. `corpus` and
    `embedder` are what the index is made of; empty where that was not said.
    """

    pid: int
    command: str
    url: str | None
    token: str
    since: str
    corpus: str = ""
    embedder: str = ""

    def __str__(self) -> str:
        who = f"pincite {self.command} (process {self.pid}"
        return f"{who}, {self.url})" if self.url else f"{who}, since {self.since})"


_UNKNOWN = OwnerInfo(0, "", None, "", "")


class Owner:
    """The right to open an index folder, until `release` or the end of the process."""

    def __init__(self, index: Path, lock: FileLock, info: OwnerInfo) -> None:
        self._index = index
        self._lock = lock
        self.info = info
        try:
            self._publish()
        except NoRoom:
            lock.release()
            raise

    def announce(self, url: str) -> None:
        """Say at which address this process answers.

        `NoRoom` where that cannot be written: the index is still ours, but nobody learns of it.
        """
        self.info = replace(self.info, url=url)
        self._publish()

    def release(self) -> None:
        """Give the index back; once is enough, twice does no harm."""
        if self._lock.is_locked:
            (self._index / INFO_NAME).unlink(missing_ok=True)
            self._lock.release()

    def __enter__(self) -> Owner:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def _publish(self) -> None:
        """Write `owner.json` in one step, readable by this user only."""
        draft = self._index / f"{INFO_NAME}.{os.getpid()}"
        try:
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(asdict(self.info), file)
            draft.replace(self._index / INFO_NAME)
        except OSError as error:
            raise _no_room(self._index, error) from error


def own(
    index: Path,
    command: str,
    *,
    corpus: Path | None = None,
    embedder: str = "",
    wait: float | None = 0.0,
    on_wait: Callable[[OwnerInfo], None] | None = None,
) -> Owner:
    """Become the owner of an index folder, making the folder where there is none.

    `corpus` and `embedder` are what the index is opened with. `wait`: seconds to wait for another
    owner, None for as long as it takes; `on_wait` is told once whom we wait for. `IndexBusy` names
    the process, its command and address; a server is not waited for, since it does not end by
    itself. `NoRoom` where the folder may not be written.
    """
    found = reach(index, command, corpus=corpus, embedder=embedder, wait=wait, on_wait=on_wait)
    if isinstance(found, OwnerInfo):
        raise IndexBusy(f"The index {index} is in use by {found}. Ask it there, or stop it first.")
    return found


def reach(
    index: Path,
    command: str,
    *,
    corpus: Path | None = None,
    embedder: str = "",
    wait: float | None = None,
    on_wait: Callable[[OwnerInfo], None] | None = None,
) -> Owner | OwnerInfo:
    """Become the owner, or learn of the server that is; any other process is waited for.

    `IndexBusy` or `EmbedderMismatch` where that server has another corpus or embedder than these.
    """
    place = os.path.realpath(corpus) if corpus else ""
    try:
        index.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _no_room(index, error) from error
    lock = _lock(index)
    started, told = time.monotonic(), False
    while not _taken(index, lock):
        holder = _read(index)
        waited = time.monotonic() - started
        if holder.url is not None:
            _check_same(index, holder, place, embedder)
            return holder
        if wait is not None and waited >= max(wait, _GRACE):
            raise IndexBusy(
                f"The index {index} is in use by {_named(holder)}. Wait for it to end, or stop it."
            )
        if on_wait is not None and not told and waited >= _GRACE:
            on_wait(holder)
            told = True
        time.sleep(_POLL)
    token = secrets.token_urlsafe(24)
    return Owner(
        index, lock, OwnerInfo(os.getpid(), command, None, token, utc_now(), place, embedder)
    )


def owner_info(index: Path) -> OwnerInfo | None:
    """Who owns the index; None when nobody does, also after its owner was killed."""
    if not (index / LOCK_NAME).exists():
        return None
    lock = _lock(index)
    if _taken(index, lock):
        lock.release()
        return None
    return _read(index)


def _check_same(index: Path, server: OwnerInfo, corpus: str, embedder: str) -> None:
    """Refuse the answers of a server that has another corpus or embedder than was asked for."""
    for what, its, ours, kind in (
        ("corpus", server.corpus, corpus, IndexBusy),
        ("embedder", server.embedder, embedder, EmbedderMismatch),
    ):
        if ours and its != ours:
            raise kind(
                f"{server} has the index {index} with the {what} {its or 'unknown'}, not {ours}. "
                f"Set the {what} back, name another index with --index, or stop that server."
            )


def _lock(index: Path) -> FileLock:
    return FileLock(index / LOCK_NAME, timeout=0, thread_local=False)


def _taken(index: Path, lock: FileLock) -> bool:
    """Whether we hold the lock now."""
    try:
        lock.acquire()
    except Timeout:
        return False
    except (OSError, NotImplementedError) as error:
        raise _no_room(index, error) from error
    return True


def _read(index: Path) -> OwnerInfo:
    """What the owner says of itself; `_UNKNOWN` before it does, or where another user's file is."""
    try:
        info = OwnerInfo(**json.loads((index / INFO_NAME).read_bytes()))
    except (OSError, ValueError, TypeError):
        return _UNKNOWN
    return info if _alive(info.pid) else _UNKNOWN  # else it is what a killed owner left behind


def _alive(pid: int) -> bool:
    if os.name == "nt":
        return True  # signal 0 would be Ctrl-C there
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # another user's process
    return True


def _named(info: OwnerInfo) -> str:
    return str(info) if info.pid else "another process"


def _no_room(index: Path, error: Exception) -> NoRoom:
    why = getattr(error, "strerror", None) or str(error)
    return NoRoom(f"The index folder {index} cannot be written ({why}). Name another with --index.")
