"""Data that lies beside the checkout, in `../shared`, and is never copied into the project.

A bench skips what needs it where it is absent, and says so.

Left out: reading it (`answer/evaluate.py` reads SQuAD's format).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
SEED = SHARED / "seed"
XQUAD = SHARED / "data" / "xquad" / "xquad.en.json"
QUOTESUM = SHARED / "data" / "quotesum" / "dev.jsonl"


def is_here(data: Path) -> bool:
    """Whether shared data is beside this checkout; a line says so where it is not."""
    if not data.exists():
        print(f"skipped: there is no {data.relative_to(ROOT.parent)} beside this checkout")
    return data.exists()


def absent(needs: Mapping[str, Path]) -> tuple[str, ...]:
    """How those figures begin whose data is not here, of `{"xquad.": XQUAD}` and the like."""
    return tuple(first for first, data in needs.items() if not data.exists())
