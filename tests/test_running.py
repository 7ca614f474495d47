"""web/running.py: replies end when they are told to, and leave nothing running behind them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from web.running import RunningReplies, until


class Counting:
    """Numbers without an end, and whether whoever makes them was told that nobody listens."""

    closed = False

    async def numbers(self, pause: float = 0.0) -> AsyncGenerator[int, None]:
        try:
            for number in range(1_000_000):
                yield number
                await asyncio.sleep(pause)
        finally:
            self.closed = True


async def _three() -> AsyncGenerator[int, None]:
    for number in range(3):
        yield number


def test_what_comes_is_passed_on_to_its_end() -> None:
    async def run() -> list[int]:
        return [number async for number in until(asyncio.Event(), _three())]

    assert asyncio.run(run()) == [0, 1, 2]


@pytest.mark.parametrize("pause", [0.0, 3600.0])
def test_a_reply_that_is_stopped_is_closed_wherever_it_waits(pause: float) -> None:
    counting = Counting()

    async def run() -> list[int]:
        stopped = asyncio.Event()
        asyncio.get_running_loop().call_later(0.05, stopped.set)
        return [number async for number in until(stopped, counting.numbers(pause))]

    assert asyncio.run(asyncio.wait_for(run(), 10))[:1] == [0]
    assert counting.closed


def test_what_fails_fails_for_the_one_who_listens() -> None:
    async def failing() -> AsyncGenerator[int, None]:
        yield 1
        raise ValueError("broken")

    async def run() -> None:
        async for _ in until(asyncio.Event(), failing()):
            pass

    with pytest.raises(ValueError, match="broken"):
        asyncio.run(run())


def test_a_listener_that_goes_away_leaves_nothing_running() -> None:
    counting = Counting()

    async def run() -> int:
        listening = until(asyncio.Event(), counting.numbers(3600.0))
        first = asyncio.ensure_future(anext(listening))
        await first
        second = asyncio.ensure_future(anext(listening))
        await asyncio.sleep(0.05)
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        return len(asyncio.all_tasks())

    assert asyncio.run(run()) == 1
    assert counting.closed


def test_stopping_reaches_the_replies_of_its_own_session_only() -> None:
    async def run() -> tuple[bool, bool, bool]:
        replies = RunningReplies()
        with replies.begun("a") as mine, replies.begun("b") as other:
            mine.ended.set()
            await replies.stop("a", forget=True)
            await replies.stop("nobody")
            return mine.stopped.is_set(), mine.forgotten, other.stopped.is_set()

    assert asyncio.run(run()) == (True, True, False)


def test_a_session_whose_replies_have_ended_is_forgotten() -> None:
    async def run() -> dict[str, object]:
        replies = RunningReplies()
        with replies.begun("a"), replies.begun("a"):
            pass
        return dict(replies._sessions)

    assert asyncio.run(run()) == {}
