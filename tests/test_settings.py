"""Settings: defaults, variables, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from answer.settings import Settings
from ingest.errors import BadSetting


def test_without_variables_everything_has_a_default() -> None:
    assert Settings.from_env({"PATH": "/bin"}) == Settings(
        corpus=Path("corpus"), index=Path(".pincite"), embedder="minilm", port=7860
    )


def test_every_variable_is_read_into_its_type() -> None:
    settings = Settings.from_env(
        {
            "PINCITE_CORPUS": "articles",
            "PINCITE_INDEX": "/tmp/index",
            "PINCITE_EMBEDDER": "hashed",
            "PINCITE_HOST": "::1",
            "PINCITE_PORT": "0",
            "PINCITE_MAX_MB": "2.5",
            "PINCITE_THREADS": "2",
        }
    )
    assert settings == Settings(Path("articles"), Path("/tmp/index"), "hashed", "::1", 0, 2.5, 2)
    assert settings.max_bytes == 2_500_000


def test_a_variable_that_is_no_setting_is_refused_with_those_that_are() -> None:
    with pytest.raises(BadSetting, match=r"PINCITE_CORPSE is not a setting.*PINCITE_CORPUS"):
        Settings.from_env({"PINCITE_CORPSE": "x"})


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("PORT", "http", "whole number"),
        ("PORT", "1.5", "whole number"),
        ("PORT", "-1", "out of range"),
        ("PORT", "65536", "out of range"),
        ("MAX_MB", "large", "not a number"),
        ("MAX_MB", "nan", "out of range"),
        ("MAX_MB", "inf", "out of range"),
        ("MAX_MB", "0", "out of range"),
        ("THREADS", "-2", "out of range"),
        ("CORPUS", "", "says nothing"),
        ("CORPUS", "  ", "says nothing"),
        ("INDEX", "a\0b", "says nothing"),
        ("INDEX", "http://127.0.0.1:8000", "an index is a folder"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(name: str, value: str, why: str) -> None:
    with pytest.raises(BadSetting, match=why) as refused:
        Settings.from_env({f"PINCITE_{name}": value})
    assert f"PINCITE_{name} (or --{name.lower().replace('_', '-')})" in str(refused.value)


def test_an_option_goes_before_a_variable() -> None:
    from_env = Settings.from_env({"PINCITE_PORT": "8000", "PINCITE_CORPUS": "a"})
    assert from_env.with_option("port", "9000") == Settings(corpus=Path("a"), port=9000)
