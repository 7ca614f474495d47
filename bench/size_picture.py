"""docs/size.svg: what `size.py` measured, as three small curves over the number of articles.

    python bench/size_picture.py figures.json      (from: python bench/size.py --json figures.json)

Left out: measuring.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.drawing import dot, label, picture, polyline
from bench.shared import ROOT

PICTURE = ROOT / "docs" / "size.svg"
_CURVES = {
    "Articles ingested in a second": ("ingest articles/s",),
    "Milliseconds for one article, or a question": (
        "one more article ms", "one article changed ms", "one article removed ms", "a question ms",
    ),
    "Seconds, nothing changed": ("nothing changed, seconds",),
    "Peak memory, MB": ("peak memory MB",),
}  # fmt: skip
_COLOURS = ("#1b7f4d", "#2457a6", "#b3402a", "#7a4da0")
_WIDTH, _HEIGHT = 330, 240


@dataclass(frozen=True, slots=True)
class _Panel:
    """One plot, its number of articles on a logarithmic axis, the rest on one from 0."""

    x: float
    y: float
    title: str
    sizes: Sequence[int]
    most: float

    def at(self, size: float, value: float) -> tuple[float, float]:
        first, last = math.log10(self.sizes[0]), math.log10(self.sizes[-1])
        across = (math.log10(size) - first) / (last - first)
        return self.x + _WIDTH * across, self.y + _HEIGHT * (1 - value / self.most)

    def frame(self) -> list[str]:
        left, right, bottom = self.x, self.x + _WIDTH, self.y + _HEIGHT
        parts = [label(left, self.y - 16, self.title, size=16)]
        for step in range(5):
            value = self.most * step / 4
            y = self.at(self.sizes[0], value)[1]
            parts.append(f'<path d="M{left:g} {y:g}H{right:g}" stroke="#ddd"/>')
            parts.append(label(left - 8, y + 5, f"{value:,.4g}", anchor="end"))
        for size in self.sizes:
            x = self.at(size, 0)[0]
            parts.append(label(x, bottom + 20, f"{size:,}", anchor="middle"))
        return parts

    def line(self, values: Sequence[float], colour: str) -> str:
        points = [self.at(size, value) for size, value in zip(self.sizes, values, strict=True)]
        return polyline(points, colour) + "".join(dot(x, y, colour, 4) for x, y in points)


def draw(points: Mapping[int, Mapping[str, float]], embedder: str) -> str:
    """The curves as an SVG with a background of its own; `points` are the figures of each size."""
    sizes = sorted(points)
    parts: list[str] = []
    for number, (title, names) in enumerate(_CURVES.items()):
        curves = [[points[size][name] for size in sizes] for name in names]
        x, y = 80 + 450 * (number % 2), 60 + 340 * (number // 2)
        panel = _Panel(x, y, title, sizes, _round_up(max(map(max, curves))))
        parts += panel.frame()
        for row, (name, values) in enumerate(zip(names, curves, strict=True)):
            parts.append(panel.line(values, _COLOURS[row]))
            if len(names) > 1:
                told = name.removesuffix(" ms")
                parts.append(label(x + 10, y + 16 + 18 * row, told, colour=_COLOURS[row]))
    what = (
        f"Size: figures at {', '.join(f'{size:,}' for size in sizes)} articles, {embedder} embedder"
    )
    foot = label(450, 705, f"articles in the corpus; {embedder} embedder", anchor="middle")
    return picture(what, 900, 720, [*parts, foot])


def _round_up(value: float) -> float:
    """A little more than the value, with one digit.

    >>> _round_up(2.9), _round_up(118.9)
    (3.0, 200.0)
    """
    step = 10.0 ** math.floor(math.log10(value))
    return math.ceil(value / step) * step


def main() -> int:
    figures = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    points: dict[int, dict[str, float]] = {}
    for name, value in figures.items():
        size, _, what = name.partition(".")
        if size.isdecimal():
            points.setdefault(int(size), {})[what] = value
    PICTURE.write_text(draw(points, "hashed"), "utf-8")
    print(f"drawn: {PICTURE.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
