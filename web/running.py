"""Replies that are under way in each session, so that a reader can stop them.

Gradio has a `cancels` of its own, which loses what the stop button should show: it ends the stream
that the stop button's own reply would come by (3 of 12 times, in Chromium against Gradio 6.31). So
nothing is cancelled from outside here: the reply is told to end, and ends as any other.

Left out: what a stopped reply looks like (`conversation.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

_LONGEST_END = 5.0  # seconds that are waited for a reply to end
T = TypeVar("T")


@dataclass(eq=False)
class Running:
    """One reply. `forgotten` where the conversation it belongs to was cleared meanwhile."""

    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    forgotten: bool = False


class RunningReplies:
    """The replies under way, by session. All calls come from the server's one event loop."""

    def __init__(self) -> None:
        self._sessions: dict[str, set[Running]] = {}

    @contextmanager
    def begun(self, session: str) -> Iterator[Running]:
        """A reply of this session, while the block runs."""
        running = Running()
        self._sessions.setdefault(session, set()).add(running)
        try:
            yield running
        finally:
            running.ended.set()
            self._sessions[session].discard(running)
            if not self._sessions[session]:
                del self._sessions[session]

    async def stop(self, session: str, *, forget: bool = False) -> None:
        """Tell the session's replies to end, and wait until they have, for a few seconds."""
        replies = tuple(self._sessions.get(session, ()))
        for running in replies:
            running.forgotten |= forget
            running.stopped.set()
        ends = [asyncio.ensure_future(running.ended.wait()) for running in replies]
        if ends:
            _, late = await asyncio.wait(ends, timeout=_LONGEST_END)
            for one in late:
                one.cancel()


async def until(stopped: asyncio.Event, growing: AsyncGenerator[T, None]) -> AsyncIterator[T]:
    """What comes, until `stopped` is set; `growing` is closed then, wherever it waits."""
    waiting = asyncio.ensure_future(stopped.wait())
    coming: asyncio.Future[T | None] | None = None
    try:
        while not stopped.is_set():
            coming = asyncio.ensure_future(_next(growing))
            await asyncio.wait({coming, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if not coming.done() or (come := coming.result()) is None:
                return
            yield come
    finally:
        left = [task for task in (coming, waiting) if task is not None]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await growing.aclose()


async def _next(growing: AsyncGenerator[T, None]) -> T | None:
    return await anext(growing, None)
