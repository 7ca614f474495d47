"""The tests' clock tells work that grows out of proportion from work that does not."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable

import pytest

from tests.clock import assert_linear, at_most


def spin(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def quadratic(size: int) -> Callable[[], object]:
    return lambda: spin(0.02 * size * size)


def linear(size: int) -> Callable[[], object]:
    return lambda: spin(0.02 * size)


def test_linear_work_passes_and_quadratic_does_not() -> None:
    assert_linear(linear, 1, 4)
    with pytest.raises(AssertionError, match=r"4 times the size took 1\d\.\d times as long"):
        assert_linear(quadratic, 1, 4)


def test_a_slow_moment_is_measured_again() -> None:
    moments = iter([0.0, 0.02, 1.0])

    def prepare(size: int) -> Callable[[], object]:
        return lambda: spin(next(moments, 0.02 * size))

    assert_linear(prepare, 1, 4)


def test_work_over_its_time_is_told() -> None:
    with pytest.raises(AssertionError, match="processor time"), at_most(0.05):
        spin(0.1)


def test_waiting_and_other_threads_do_not_count() -> None:
    other = threading.Thread(target=spin, args=(0.3,))
    with at_most(0.2):
        other.start()
        time.sleep(0.3)
        other.join()


def test_garbage_is_collected_again_afterwards() -> None:
    with at_most(1):
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(AssertionError, match="processor time"), at_most(0.0):
        spin(0.01)
    assert gc.isenabled()
