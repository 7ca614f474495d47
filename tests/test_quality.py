"""Quality is a gate: the floors of bench/floors.json, with the real model on real questions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bench.quality import below_floors, measure_sample, measure_seed, measure_xquad


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.timeout(1500)  # 1,190 questions: a minute and a half on two idle cores
@pytest.mark.parametrize("measure", [measure_sample, measure_seed, measure_xquad])
def test_answers_are_as_good_as_they_were(measure: Callable[[], dict[str, float]]) -> None:
    figures = measure()
    if not figures:
        pytest.skip("its questions are not beside this checkout")
    assert below_floors(figures) == []


def test_a_figure_below_its_floor_is_named_with_it() -> None:
    assert below_floors({"xquad.right_first": 0.5}) == [
        "xquad.right_first is 0.5000, and must be 0.78"
    ]
