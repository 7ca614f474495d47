"""How tests measure time: to see what never ends or grows out of proportion, and nothing finer.

Only the processor time of the test's own thread counts, with the garbage collector off: what else
runs on the machine, or was left in memory by thousands of other tests, says nothing of the work.

Left out: how fast something is, which `bench/` measures against a peer, and waiting for a server
or a process, where a test takes the wall clock and a generous limit.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

TRIES = 3
SLACK = 2.0  # of four times the size, linear work takes 4 times as long, quadratic 16: 8 may pass
LEAST_SECONDS = 0.02  # what takes less is told from the clock's own noise no more


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """The work inside takes at most `seconds` of processor time; AssertionError if it takes more.

    >>> with at_most(5):
    ...     _ = sum(range(10))
    """
    with _undisturbed() as clock:
        yield
        took = clock()
    assert took <= seconds, f"took {took:.2f} s of processor time, where {seconds} s may pass"


def assert_linear(prepare: Callable[[int], Callable[[], object]], small: int, large: int) -> None:
    """The work that `prepare` returns for a size grows with it, from `small` to `large`, no faster.

    Sizes at least four times apart tell linear work from quadratic. A measurement that fails is
    taken again, twice: a slow moment of the machine passes, a slow algorithm does not.

    >>> assert_linear(lambda size: lambda: "a" * size, 1_000, 4_000)
    """
    prepare(small)()  # what is loaded once, is loaded now
    tries = [_growth(prepare, small, large)]
    while tries[-1] > SLACK * large / small and len(tries) < TRIES:
        tries.append(_growth(prepare, small, large))
    assert tries[-1] <= SLACK * large / small, (
        f"{large / small:g} times the size took {min(tries):.1f} times as long"
    )


def _growth(prepare: Callable[[int], Callable[[], object]], small: int, large: int) -> float:
    few, many = (_seconds(prepare(size)) for size in (small, large))
    return many / max(few, LEAST_SECONDS)


def _seconds(work: Callable[[], object]) -> float:
    with _undisturbed() as clock:
        work()
        return clock()


@contextmanager
def _undisturbed() -> Iterator[Callable[[], float]]:
    """A clock of this thread's processor seconds, from now; no garbage is collected meanwhile."""
    collected = gc.isenabled()
    gc.disable()
    began = time.thread_time()
    try:
        yield lambda: time.thread_time() - began
    finally:
        if collected:
            gc.enable()
