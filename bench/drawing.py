"""SVG in words: the text, lines and dots of the benchmarks' pictures.

Left out: what they show, and where (`calibration.py`, `size_picture.py`).
"""

from __future__ import annotations

from collections.abc import Sequence


def picture(what: str, width: int, height: int, parts: Sequence[str]) -> str:
    """A whole SVG with a background of its own; `what` says in words what it shows."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-size="14" '
        'font-family="system-ui, sans-serif" role="img" aria-labelledby="what">'
        f'<title id="what">{what}</title>'
        f'<rect width="{width}" height="{height}" rx="8" fill="#fff"/>'
    )
    return "\n".join([head, *parts, "</svg>\n"])


def label(
    x: float,
    y: float,
    words: str,
    *,
    anchor: str = "start",
    size: int = 14,
    colour: str = "#222",
    more: str = "",
) -> str:
    """Words from (x, y) on, up to it, or around it: `anchor` is "start", "end" or "middle"."""
    place = f'x="{x:g}" y="{y:g}" text-anchor="{anchor}"{more}'
    return f'<text {place} font-size="{size}" fill="{colour}">{words}</text>'


def polyline(points: Sequence[tuple[float, float]], colour: str, *, dashed: bool = False) -> str:
    """A line through points of the picture."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dash = ' stroke-dasharray="5 5" stroke-width="1.5"' if dashed else ' stroke-width="2.5"'
    return f'<polyline points="{path}" fill="none" stroke="{colour}"{dash}/>'


def dot(x: float, y: float, colour: str, size: float) -> str:
    """A filled circle of this radius."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}" fill="{colour}"/>'
