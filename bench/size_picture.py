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

PICTURE = Path(__file__).parents[1] / "docs" / "size.svg"
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
        parts = [_text(left, self.y - 16, self.title, size=16)]
        for step in range(5):
            value = self.most * step / 4
            y = self.at(self.sizes[0], value)[1]
            parts.append(f'<path d="M{left:g} {y:g}H{right:g}" stroke="#ddd"/>')
            parts.append(_text(left - 8, y + 5, f"{value:,.4g}", anchor="end"))
        for size in self.sizes:
            x = self.at(size, 0)[0]
            parts.append(_text(x, bottom + 20, f"{size:,}", anchor="middle"))
        return parts

    def line(self, values: Sequence[float], colour: str) -> str:
        points = [self.at(size, value) for size, value in zip(self.sizes, values, strict=True)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        dots = "".join(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in points
        )
        return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5"/>{dots}'


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
                parts.append(_text(x + 10, y + 16 + 18 * row, told, colour=_COLOURS[row]))
    what = (
        f"Size: figures at {', '.join(f'{size:,}' for size in sizes)} articles, {embedder} embedder"
    )
    head = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 720" font-size="14" '
        'font-family="system-ui, sans-serif" role="img" aria-labelledby="what">'
        f'<title id="what">{what}</title><rect width="900" height="720" rx="8" fill="#fff"/>'
    )
    foot = _text(450, 705, f"articles in the corpus; {embedder} embedder", anchor="middle")
    return "\n".join([head, *parts, foot, "</svg>\n"])


def _round_up(value: float) -> float:
    """A little more than the value, with one digit.

    >>> _round_up(2.9), _round_up(118.9)
    (3.0, 200.0)
    """
    step = 10.0 ** math.floor(math.log10(value))
    return math.ceil(value / step) * step


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", size: int = 14, colour: str = "#222"
) -> str:
    place = f'x="{x:g}" y="{y:g}" text-anchor="{anchor}"'
    return f'<text {place} font-size="{size}" fill="{colour}">{text}</text>'


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
