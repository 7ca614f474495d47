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
        ("LLM_SECONDS", "0", "out of range"),
        ("LLM_SECONDS", "soon", "not a number"),
        ("LLM_SECONDS", "86400", "out of range"),
        ("LLM_CONTEXT", "100", "from 512"),
        ("LLM_CONTEXT", "8k", "whole number"),
        ("LLM", "localhost:11434", "http://localhost:11434/v1"),
        ("LLM", "OpenAI", "or openai or anthropic"),
        ("LLM", "ftp://localhost/v1", "no endpoint"),
        ("LLM", "http://", "no endpoint"),
        ("LLM", "http://[::1/v1", "no endpoint"),
        ("LLM", "http://localhost:99999/v1", "no endpoint"),
        ("LLM", "http://localhost/v1?key=1", "no endpoint"),
        ("LLM", "http://local host/v1", "no endpoint"),
        ("LLM", "http://localhost/v1\0", "no endpoint"),
        ("LLM", "http://localhost/v1/chat/completions", "base URL"),
        ("LLM_MODEL", "a\nb", "no model has"),
        ("LLM_KEY", "sk-\u2026", "no key has"),
        ("LLM_KEY", "sk-1\r\nX-Evil: 1", "no key has"),
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


def test_a_model_is_named_by_its_endpoint() -> None:
    settings = Settings.from_env(
        {
            "PINCITE_LLM": "http://localhost:11434/v1",
            "PINCITE_LLM_MODEL": " qwen3:4b ",
            "PINCITE_LLM_KEY": " sk-1 ",
            "PINCITE_LLM_SECONDS": "90.5",
            "PINCITE_LLM_CONTEXT": "32768",
        }
    )
    assert (settings.llm, settings.llm_model) == ("http://localhost:11434/v1", "qwen3:4b")
    assert (settings.llm_key, settings.llm_seconds, settings.llm_context) == ("sk-1", 90.5, 32_768)


def test_without_an_endpoint_there_is_no_model() -> None:
    assert (
        Settings().llm == Settings.from_env({"PINCITE_LLM": "", "PINCITE_LLM_KEY": " "}).llm == ""
    )


@pytest.mark.parametrize("service", ["openai", "anthropic"])
def test_a_service_is_named_by_its_name(service: str) -> None:
    assert Settings().with_option("llm", service).llm == service


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("llm_key", "sk-secret-1\n"[:-1] + "\u00e9"),
        ("llm_key", "sk-secret-1\0"),
        ("llm", "sk-secret-1"),
        ("llm", "http://user:sk-secret-1@localhost/v1"),
        ("llm_seconds", "-1"),
    ],
)
def test_a_key_is_never_repeated(name: str, value: str) -> None:
    settings = Settings().with_option("llm_key", "sk-secret-1")
    with pytest.raises(BadSetting) as refused:
        settings.with_option(name, value)
    assert "sk-secret-1" not in str(refused.value) + repr(settings)
