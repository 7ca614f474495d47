"""How far an ingest is: a bar in a terminal, a line now and then anywhere else (a log, CI).

Always on standard error, so that standard output holds results only.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from web.terminal import line

if TYPE_CHECKING:
    from index.build import Progress

Report = Callable[["Progress"], None]
_SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def progress_shown(*, behind: bool = False) -> Iterator[Report]:
    """Something to tell progress to; nothing shows for an ingest without anything to embed.

    An ingest `behind` something else, such as a server, gets no bar.
    """
    if not behind and sys.stderr.isatty():
        with _bar() as show:
            yield show
    else:
        yield _lines()


@contextmanager
def _bar() -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("Indexing"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[detail]}", markup=False, style="dim"),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, detail="")

        def show(progress: Progress) -> None:
            detail = f"{progress.passages} passages  {line(progress.path)}"
            bar.update(task, total=progress.of, completed=progress.files, detail=detail)

        yield show


def _lines() -> Report:
    last = time.monotonic()

    def show(progress: Progress) -> None:
        nonlocal last
        if time.monotonic() - last >= _SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            done = f"{progress.files} of {progress.of} files, {progress.passages} passages"
            print(f"Indexing: {done}", file=sys.stderr, flush=True)

    return show
