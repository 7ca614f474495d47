"""A floor is a gate: it is not passed by a figure that is too low, not a number, or not there."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from bench.floors import FLOORS, gate, missed

BENCHES = FLOORS.parent


@pytest.fixture
def floors(tmp_path: Path) -> Path:
    file = tmp_path / "floors.json"
    limits = {"right": 0.9, "median ms": {"at_most": 100}, "xquad.right": 0.8}
    file.write_text(json.dumps({"answers": limits}), "utf-8")
    return file


def test_figures_that_just_keep_their_limits_pass(floors: Path) -> None:
    figures = {"right": 0.9, "median ms": 100.0, "xquad.right": 0.8, "no floor": 0.0}
    assert missed("answers", figures, file=floors) == []
    assert gate("answers", figures, check=True, file=floors) == 0


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("right", 0.8999, "right is 0.8999, and must be at least 0.9"),
        ("right", math.nan, "right is nan, and must be at least 0.9"),
        ("median ms", 100.1, "median ms is 100.1000, and must be at most 100"),
        ("median ms", math.nan, "median ms is nan, and must be at most 100"),
    ],
)
def test_a_figure_beyond_its_limit_is_named_with_it(
    floors: Path, name: str, value: float, told: str
) -> None:
    assert missed("answers", {name: value}, file=floors) == [told]


def test_only_a_check_ends_with_an_error(floors: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = {"right": 0.5, "median ms": 1.0, "xquad.right": 0.8}
    assert gate("answers", figures, check=False, file=floors) == 0
    assert gate("answers", figures, check=True, file=floors) == 1
    assert capsys.readouterr().err.count("MISSED ITS FLOOR: right is 0.5000") == 2


def test_a_figure_that_was_not_measured_is_missed_unless_its_data_is_absent(
    floors: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = {"right": 0.9, "median ms": 1.0}
    assert gate("answers", figures, check=True, file=floors) == 1
    assert "xquad.right was not measured" in capsys.readouterr().err
    assert gate("answers", figures, check=True, skipped=("xquad.",), file=floors) == 0
    assert "NOT MEASURED" in capsys.readouterr().err


def test_a_section_that_is_not_there_is_an_error(floors: Path) -> None:
    with pytest.raises(KeyError, match="has no section 'anwsers'; it has answers"):
        missed("anwsers", {}, file=floors)


def test_a_limit_of_an_unknown_kind_is_an_error(floors: Path) -> None:
    floors.write_text('{"answers": {"right": {"at_least": 1}}}', "utf-8")
    with pytest.raises(ValueError, match="only at_most"):
        missed("answers", {}, file=floors)


def test_every_section_belongs_to_a_bench_that_is_there() -> None:
    sections = json.loads(FLOORS.read_text("utf-8"))
    assert {name for name in sections if not (BENCHES / f"{name}.py").is_file()} == set()
    for section in sections:
        assert missed(section, {}) == []
