"""Quality is a gate: the floors of bench/floors.json, with the real model on real questions."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable

import numpy as np
import pytest

from answer.support import Signs
from bench.calibration import Asking, draw, figures, fit, reliability, supports
from bench.floors import missed
from bench.quality import measure_sample, measure_seed, measure_xquad


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.timeout(1500)  # 1,190 questions: a minute and a half on two idle cores
@pytest.mark.parametrize("measure", [measure_sample, measure_seed, measure_xquad])
def test_answers_are_as_good_as_they_were(measure: Callable[[], dict[str, float]]) -> None:
    figures = measure()
    if not figures:
        pytest.skip("its questions are not beside this checkout")
    assert missed("quality", figures) == []


def test_a_figure_below_its_floor_is_named_with_it() -> None:
    assert missed("quality", {"xquad.right_first": 0.5}) == [
        "xquad.right_first is 0.5000, and must be at least 0.82"
    ]


def askings(answered: float, missing: float) -> list[Asking]:
    """Twelve articles of five questions, with such signs where the answer is there or is not."""

    def of(aligned: float, at: int) -> Signs:
        return Signs(aligned + at / 100, aligned, 0.5)

    return [
        Asking(f"article {at // 5}", of(answered, at % 5), of(missing, at % 5), of(missing, at % 5))
        for at in range(60)
    ]


def test_a_score_that_tells_all_of_them_apart_has_an_area_of_one() -> None:
    found = figures(supports(askings(0.9, 0.2)))
    assert found["decline.paragraph_auc"] == found["decline.article_auc"] == 1
    assert found["decline.paragraph_at_5_percent"] == 1
    assert found["decline.false_refusals"] == 0


def test_a_score_that_tells_nothing_has_an_area_of_a_half() -> None:
    assert figures(supports(askings(0.5, 0.5)))["decline.article_auc"] == pytest.approx(0.5)


def test_fitted_weights_judge_articles_that_they_were_not_fitted_on() -> None:
    weights, judged = fit(askings(0.9, 0.2))
    assert weights["aligned"] > 0
    assert all(column.shape == (60,) for column in judged)
    assert figures(judged)["decline.article_auc"] == 1


def test_reliability_weighs_what_can_be_answered_as_much_as_what_cannot() -> None:
    half = np.full(10, 0.55)
    assert reliability((half, half, half)) == [pytest.approx((0.55, 0.5, 1.0))]


def test_the_picture_is_well_formed_and_has_a_background_of_its_own() -> None:
    root = ET.fromstring(draw(supports(askings(0.7, 0.4))))
    assert root.tag.endswith("svg")
    assert any(one.get("fill") == "#fff" for one in root.iter() if one.tag.endswith("rect"))
    assert any("threshold" in (one.text or "") for one in root.iter())
