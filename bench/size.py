"""How a library grows: ingest, memory and the next article at 1,000, 10,000 and 100,000 articles.

    python bench/size.py --check                      (1,000 and 10,000; 2 minutes on two cores)
    python bench/size.py --sizes 1000,10000,100000 --json figures.json     (15 to 25 minutes)
    python bench/size_picture.py figures.json                              (docs/size.svg)
    python bench/size.py --sizes 1000 --embedder minilm

Each size is a corpus of made-up short articles (`short_news.py`) and an index of its own. It is
ingested in a process that is killed (SIGKILL) with half of the articles done, and again in one that
completes it; both are counted. Then `pincite ingest` with nothing changed, in a process of its own
from its start to its end; then one more article after another, in a process that stays, as a
server does; and what a page of the library and a question cost there.

Memory is the peak of the process that ingests, less what the process held before it opened the
index, with the model loaded. The hashed embedder (one hash a word, no model) stands in for the
model where that would take hours; what the model takes does not depend on the corpus' size, and
`speed.py` measures it.

Absolute figures depend on the machine. `floors.json` holds what must stay true on any: the ratios
between sizes, memory, and the ingest with nothing to do.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from bench.floors import gate, parser, show
from bench.shared import ROOT
from bench.short_news import short_news, write_articles

Figures = dict[str, float]

ADDED = 12  # articles that are added one by one, of which the median is told
_TOLD = 200  # files between two lines of a process that ingests


def main() -> int:
    options = _options()
    if options.child:
        print(json.dumps(_CHILDREN[options.child](options)))
        return 0
    sizes = [int(size) for size in options.sizes.split(",")]
    figures: Figures = {}
    points: dict[int, Figures] = {}
    for size in sizes:
        with TemporaryDirectory(prefix="pincite-size-", dir=options.folder) as folder:
            points[size] = measure(Path(folder), size, options.embedder)
        figures |= {f"{size}.{name}": value for name, value in points[size].items()}
        show(points[size], decimals=3)
    figures |= ratios(points)
    show(ratios(points), decimals=3)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2), "utf-8")
    left_out = [f"{size}." for size in (1_000, 10_000, 100_000) if size not in sizes]
    left_out += [] if len(sizes) > 1 else ["growth."]
    return gate("size", figures, check=options.check, skipped=left_out)


def measure(folder: Path, size: int, embedder: str) -> Figures:
    """All figures of one size; the corpus and the index are made below `folder`."""
    corpus, index = folder / "corpus", folder / "index"
    write_articles(corpus, size)
    _say(f"{size:,} articles are written; ingesting")
    place = (str(corpus), str(index), embedder)
    first = _killed_half_way(place, size)
    second = _child("ingest", *place)
    again = [_timed(lambda: _pincite("ingest", *place)) for _ in range(3)]
    lived = _child("live", *place)
    assert lived["articles"] == size, f"{lived['articles']} articles of {size} are indexed"
    return {
        "ingest articles/s": size / (first["seconds"] + second["seconds"]),
        "done when killed, share": first["files"] / size,
        "peak memory MB": max(second["peak_mb"], lived["peak_mb"]),
        "model MB": second["model_mb"],
        "nothing changed, seconds": min(again),
        "one more article ms": lived["add_ms"],
        "one article changed ms": lived["change_ms"],
        "one article removed ms": lived["remove_ms"],
        "a page of the library ms": lived["page_ms"],
        "the worst page of the library ms": lived["worst_page_ms"],
        "a search in the library ms": lived["search_ms"],
        "a question ms": lived["ask_ms"],
        "opening the index ms": lived["open_ms"],
        "index MB": _megabytes(index),
        "index, KB an article": 1_000 * _megabytes(index) / size,
        "passages an article": lived["passages"] / size,
    }


def ratios(points: Mapping[int, Figures]) -> Figures:
    """How the largest size compares with the smallest: 1 is no growth."""
    if len(points) < 2:
        return {}
    small, large = points[min(points)], points[max(points)]
    return {
        f"growth.{name}": large[name] / small[name]
        for name in ("ingest articles/s", "one more article ms", "index, KB an article")
    }


# ---- processes of their own ------------------------------------------------------------------


def _killed_half_way(place: Sequence[str], size: int) -> Figures:
    """Ingest, and kill the process once half of the files are done."""
    started = time.monotonic()
    with subprocess.Popen(
        _command("ingest", *place), stdout=subprocess.PIPE, text=True, cwd=ROOT, env=_environment()
    ) as child:
        assert child.stdout is not None
        files = 0
        for line in child.stdout:
            files = int(json.loads(line).get("files", size))
            if 2 * files >= size:
                child.send_signal(signal.SIGKILL)
                break
    return {"files": files, "seconds": time.monotonic() - started}


def _child(what: str, *place: str) -> dict[str, Any]:
    """What a process of this file's prints last, and the seconds that it took."""
    started = time.monotonic()
    done = subprocess.run(
        _command(what, *place), stdout=subprocess.PIPE, check=True, cwd=ROOT, env=_environment()
    )
    told = json.loads(done.stdout.splitlines()[-1])
    return told | {"seconds": time.monotonic() - started}


def _pincite(command: str, corpus: str, index: str, embedder: str) -> None:
    options = ["--corpus", corpus, "--index", index, "--embedder", embedder]
    done = subprocess.run(
        [sys.executable, "-m", "app", command, *options],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=_environment(),
    )
    assert "unchanged" in done.stdout, done.stdout + done.stderr


def _command(what: str, corpus: str, index: str, embedder: str) -> list[str]:
    here = [sys.executable, str(Path(__file__)), "--child", what]
    return [*here, "--corpus", corpus, "--index", index, "--embedder", embedder]


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}


def _ingest(options: argparse.Namespace) -> Figures:
    """Ingest, telling now and then how many files are done; → its peak of memory."""
    from answer.assistant import open_assistant

    held, model = _memory_mb(), _load_model(options.embedder)
    assistant = open_assistant(_settings(options))
    told = 0

    def progress(now: Any) -> None:
        nonlocal told
        if now.files >= told + _TOLD:
            told = now.files
            print(json.dumps({"files": told}), flush=True)

    report = assistant.ingest(progress=progress)
    assert report.ok, report.skipped[:3]
    assistant.close()
    return {"peak_mb": _peak_mb() - model, "model_mb": model, "held_mb": held}


def _live(options: argparse.Namespace) -> Figures:
    """What a process that stays does: articles come, change and go, and it is asked."""
    from answer.assistant import open_assistant

    model = _load_model(options.embedder)
    opening = time.perf_counter()
    assistant = open_assistant(_settings(options))
    assistant.search("What was said of the harbour?")
    open_ms = 1_000 * (time.perf_counter() - opening)
    size = assistant.coverage().articles
    more = list(short_news(size + ADDED))[size:]
    figures: Figures = {"open_ms": open_ms, "articles": size}
    figures["passages"] = assistant.coverage().passages
    figures["add_ms"] = _each(
        more, lambda one: _write_and_ingest(assistant, options, one.path, one.markdown)
    )
    figures["change_ms"] = _each(
        more,
        lambda one: _write_and_ingest(assistant, options, one.path, f"{one.markdown}\nMore.\n"),
    )
    figures |= _pages(assistant, size)
    questions = [one.markdown.splitlines()[-1][:100] for one in more]
    figures["ask_ms"] = _each(questions, lambda text: assistant.ask(text, keep=False))
    figures["remove_ms"] = _each(more, lambda one: _remove_and_ingest(assistant, options, one.path))
    assistant.close()
    return figures | {"peak_mb": _peak_mb() - model}


def _pages(assistant: Any, size: int) -> Figures:
    from index.library import SORTS

    def page(**wanted: Any) -> float:
        return _each(range(3), lambda _: assistant.library(limit=50, **wanted))

    worst = max(
        page(sort=sort, descending=way, offset=at)
        for sort in SORTS
        for way in (False, True)
        for at in (0, size // 2, max(0, size - 50))
    )
    return {
        "page_ms": page(sort="published", descending=True),
        "worst_page_ms": worst,
        "search_ms": page(search="kallo gazette", publisher="Kallo Gazette", since="2010"),
    }


def _write_and_ingest(assistant: Any, options: argparse.Namespace, path: str, text: str) -> None:
    file = options.corpus / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    report = assistant.ingest(paths=[path])
    assert report.added + report.changed == 1, report


def _remove_and_ingest(assistant: Any, options: argparse.Namespace, path: str) -> None:
    (options.corpus / path).unlink()
    assert assistant.ingest(paths=[path]).removed == 1


_CHILDREN: dict[str, Callable[[argparse.Namespace], Figures]] = {"ingest": _ingest, "live": _live}


def _settings(options: argparse.Namespace) -> Any:
    from answer.settings import Settings

    return Settings(corpus=options.corpus, index=options.index, embedder=options.embedder)


def _load_model(embedder: str) -> float:
    """Load the model before anything is measured; → the MB that it holds."""
    from index.embed import open_embedder

    before = _memory_mb()
    if embedder == "hashed":
        return 0.0
    open_embedder(embedder).embed(["A sentence, so that all of it is there."])
    return _memory_mb() - before


def _each(things: Any, do: Callable[[Any], object]) -> float:
    """The median time of doing it with each, in milliseconds."""
    took = []
    for thing in things:
        began = time.perf_counter()
        do(thing)
        took.append(1_000 * (time.perf_counter() - began))
    return median(took)


def _timed(do: Callable[[], object]) -> float:
    began = time.monotonic()
    do()
    return time.monotonic() - began


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1e6 if sys.platform == "darwin" else 1e3
    )


def _memory_mb() -> float:
    """What this process holds now; 0 where the system does not say."""
    status = Path("/proc/self/statm")
    if not status.exists():
        return 0.0
    return int(status.read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


def _megabytes(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    made = parser(__doc__)
    made.add_argument("--sizes", default="1000,10000", help="articles, such as 1000,10000,100000")
    made.add_argument("--embedder", default="hashed", help="hashed, minilm or minilm-fp32")
    made.add_argument("--folder", type=Path, help="where corpora and indexes are made, for a while")
    made.add_argument("--json", type=Path, help="a file for the figures")
    made.add_argument("--child", choices=["ingest", "live"], help=argparse.SUPPRESS)
    made.add_argument("--corpus", type=Path, help=argparse.SUPPRESS)
    made.add_argument("--index", type=Path, help=argparse.SUPPRESS)
    return made.parse_args()


if __name__ == "__main__":
    sys.exit(main())
