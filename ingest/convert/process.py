"""Runs conversions in a process of its own, with limits: a crash or a hang there is an error here.

The process serves one source after another, since starting one costs a second; it is ended when a
source takes too long, and a fresh one serves the next.

Left out: what happens in there (`worker.py`).
"""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from ingest.convert.document import Document, Skipped, Source
from ingest.errors import UnreadableSource

SECONDS = 240.0  # without a document; a PDF of 1,900 dense pages took 53 to 96 (decision 0018)
MEMORY = 3_000_000_000  # bytes of address space, of which Python with its parsers takes 0.5 GB
_LONGEST_LINE = 256_000_000  # bytes of one document as JSON
_ROOT = Path(__file__).parents[2]


class Converter:
    """Converts sources, one at a time, for one thread.

    >>> with Converter() as converter:
    ...     [one.body for one in converter.convert(Source("a.txt", b"Tides rise."))]
    ['Tides rise.']
    """

    def __init__(self, *, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._seconds, self._memory = seconds, memory
        self._process: subprocess.Popen[bytes] | None = None
        self._scratch: TemporaryDirectory[str] | None = None
        self._late = False

    def __enter__(self) -> Converter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def convert(self, source: Source) -> Iterator[Document | Skipped]:
        """The documents of a source, each as soon as it is made.

        `UnreadableSource` where it cannot be read, takes longer than `seconds` for a document,
        needs more than `memory` bytes, or crashes its parser; what came before that stays good.
        """
        for told in self._answers(source, "documents"):
            if "document" in told:
                yield _document(told["document"])
            else:
                yield Skipped(**told["skipped"])

    def listed(self, source: Source, kind: Literal["feed", "sitemap"]) -> dict[str, Any]:
        """What a feed or sitemap names, as `from_json` of `Feed` and `Sitemap` takes it.

        `UnreadableSource` as for `convert`.
        """
        told: list[dict[str, Any]] = list(self._answers(source, kind))
        return dict(told[0]["listed"])

    def _answers(self, source: Source, wanted: str) -> Iterator[dict[str, Any]]:
        process = self._running()
        finished = False
        try:
            self._send(process, source, wanted)
            while True:
                told = self._next(process)
                if "error" in told:
                    finished = True
                    raise UnreadableSource(told["error"])
                if "done" in told:
                    finished = bool(told["done"])
                    return
                yield told
        finally:
            if not finished:  # left in the middle, by its reader or by its limit
                self.close()

    def close(self) -> None:
        """End the process and whatever it started."""
        process, self._process = self._process, None
        if process is not None:
            _end(process)
            for stream in (process.stdin, process.stdout):
                with suppress(OSError):
                    if stream:
                        stream.close()
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.close()
        self._late = False
        self._scratch = TemporaryDirectory(prefix="pincite-")
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "ingest.convert.worker",
                str(self._memory),
                str(math.ceil(2 * self._seconds) + 1),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self._scratch.name,
            env=_environment(self._scratch.name),
            start_new_session=True,  # so that what it starts can be ended with it
        )
        return self._process

    def _send(self, process: subprocess.Popen[bytes], source: Source, wanted: str) -> None:
        request = {
            "wanted": wanted,
            "name": source.name,
            "media_type": source.media_type,
            "charset": source.charset,
            "url": source.url,
            "columns": source.columns,
            "bytes": len(source.data),
        }
        assert process.stdin is not None
        with self._limit(process):
            try:
                process.stdin.write(json.dumps(request).encode("ascii") + b"\n" + source.data)
                process.stdin.flush()
            except OSError as error:
                raise self._failure(process) from error

    def _next(self, process: subprocess.Popen[bytes]) -> dict[str, Any]:
        assert process.stdout is not None
        with self._limit(process):
            line = process.stdout.readline(_LONGEST_LINE)
        if not line.endswith(b"\n"):
            raise self._failure(process)
        try:
            told = json.loads(line)
        except ValueError as error:
            raise self._failure(process) from error
        return dict(told)

    def _limit(self, process: subprocess.Popen[bytes]) -> _Deadline:
        def late() -> None:
            self._late = True
            _end(process)

        return _Deadline(self._seconds, late)

    def _failure(self, process: subprocess.Popen[bytes]) -> UnreadableSource:
        _end(process)
        if self._late:
            return UnreadableSource(f"takes longer than {self._seconds:g} seconds to read.")
        code = process.returncode
        if code == -signal.SIGKILL:
            return UnreadableSource("needs more memory to read than is allowed.")
        return UnreadableSource(f"makes its reader crash (exit {code}); it is damaged.")


class _Deadline:
    """Calls `late` where the block takes longer."""

    def __init__(self, seconds: float, late: Any) -> None:
        self._timer = threading.Timer(seconds, late)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()


def _document(told: dict[str, Any]) -> Document:
    lists = {name: tuple(told[name]) for name in ("authors", "remarks")}
    return Document(**(told | lists))


def _environment(scratch: str) -> dict[str, str]:
    """Nothing of ours but where to find programs: keys and settings are no business of a parser."""
    told = {"PATH": os.defpath, "HOME": scratch, "TMPDIR": scratch, "LANG": "C.UTF-8"}
    return told | {"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1", "OMP_NUM_THREADS": "1"}


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
