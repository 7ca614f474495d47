"""The floors: what a bench's figures may not fall below, or rise above (`floors.json`).

`floors.json` has a section for each bench. A number is the least that a figure may be, and
`{"at_most": 100}` the most. Floors are raised when something got better, never lowered silently.

A bench that has no section, or a figure with a floor that was not measured, is an error: a figure
that was renamed must not lose its floor. Only what needs data from `../shared` may be skipped, and
is said to be.

Left out: measuring anything.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

FLOORS = Path(__file__).with_name("floors.json")


class Limit(NamedTuple):
    """What one figure must be: at least so much, or at most."""

    name: str
    bound: float
    is_ceiling: bool

    def holds(self, value: float) -> bool:
        """Whether a figure keeps it; one that is not a number keeps nothing."""
        return value <= self.bound if self.is_ceiling else value >= self.bound

    def told(self, value: float) -> str:
        how = "at most" if self.is_ceiling else "at least"
        return f"{self.name} is {value:.4f}, and must be {how} {self.bound:g}"


def missed(section: str, figures: Mapping[str, float], *, file: Path = FLOORS) -> list[str]:
    """The figures that do not keep their limits, each with its limit.

    A figure that is not given is not judged: `gate` says which were not measured. `KeyError` where
    `floors.json` has no such section.
    """
    return [
        limit.told(figures[limit.name])
        for limit in _limits(section, file)
        if limit.name in figures and not limit.holds(figures[limit.name])
    ]


def gate(
    section: str,
    figures: Mapping[str, float],
    *,
    check: bool,
    skipped: Iterable[str] = (),
    file: Path = FLOORS,
) -> int:
    """Say on stderr what misses its floor, and give the exit status: 1 for that, if `check`.

    `skipped` holds the first words of figures whose data is not here (`xquad.`). Any other figure
    that has a floor and was not measured is missed.
    """
    allowed = tuple(skipped)
    bad = missed(section, figures, file=file)
    for limit in _limits(section, file):
        if limit.name in figures:
            continue
        if limit.name.startswith(allowed):
            print(f"NOT MEASURED, so not held to its floor: {limit.name}", file=sys.stderr)
        else:
            bad.append(f"{limit.name} was not measured, and has a floor")
    for line in bad:
        print(f"MISSED ITS FLOOR: {line}", file=sys.stderr)
    return 1 if bad and check else 0


def parser(doc: str | None) -> argparse.ArgumentParser:
    """A bench's options, described by the first line of its docstring; `--check` is in all."""
    made = argparse.ArgumentParser(description=(doc or "").partition("\n")[0])
    made.add_argument("--check", action="store_true", help="exit 1 where a floor is missed")
    return made


def show(figures: Mapping[str, float], *, decimals: int = 4) -> None:
    """One figure a line."""
    width = max(map(len, figures), default=0)
    for name, value in figures.items():
        print(f"{name:{width}}  {value:12,.{decimals}f}")


def _limits(section: str, file: Path) -> Iterator[Limit]:
    sections = json.loads(file.read_text("utf-8"))
    if section not in sections:
        raise KeyError(f"{file.name} has no section {section!r}; it has {', '.join(sections)}")
    for name, limit in sections[section].items():
        if isinstance(limit, dict):
            (how, bound), *more = limit.items()
            if how != "at_most" or more:
                raise ValueError(f"{file.name}: {section}, {name}: only at_most is known")
            yield Limit(name, bound, is_ceiling=True)
        else:
            yield Limit(name, limit, is_ceiling=False)
