"""The process that converts: sources come in by standard input, documents go out by its output.

One JSON line for each document, so that whoever reads can stop at any size, and nothing that a
broken-into parser writes is ever run there. Files inside files are converted here too, with limits
on how deep they lie and how many they are.

Left out: limits on time (`process.py` ends this process).
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, BinaryIO

from ingest.convert.document import Document, Entry, Skipped, Source, inside
from ingest.convert.formats import FORMATS, recognise
from ingest.convert.markdown import without_title
from ingest.errors import UnreadableSource
from ingest.feeds import Feed, Sitemap, read_feed, read_sitemap

DEEPEST = 3  # a zip in a mail in a zip
MOST_PARTS = 20_000  # documents out of one source
MOST_BYTES = 2_000_000_000  # of all entries together, unpacked
_LARGEST_FILE = 1_000_000_000  # bytes that a parser may write into its own folder
_CITED = "it is cited by the one that it came from."
_GROWN = 700_000_000  # bytes of memory after which a fresh process takes over


def convert(source: Source) -> Iterator[Document | Skipped]:
    """Every document that a source holds; a part that fails is skipped, the others are not.

    `UnreadableSource` where the source itself cannot be read.
    """
    yield from _Conversion().of(source, depth=0)


class _Conversion:
    """One conversion: how much has come out of its source so far."""

    def __init__(self) -> None:
        self.parts = 0
        self.bytes = 0

    def of(self, source: Source, *, depth: int) -> Iterator[Document | Skipped]:
        key, remark = recognise(source)
        reader = importlib.import_module(f"ingest.convert.{FORMATS[key].module}")
        for found in reader.read(source):
            self.parts += 1
            if self.parts > MOST_PARTS:
                yield Skipped("the rest", f"more than {MOST_PARTS:,} parts. Split it.")
                return
            if isinstance(found, Entry):
                inner = replace(found.source, columns=source.columns)
                yield from self._entry(replace(found, source=inner), depth + 1)
            elif isinstance(found, Document):
                yield _completed(found, source, remark)
            else:
                yield found

    def _entry(self, entry: Entry, depth: int) -> Iterator[Document | Skipped]:
        source = entry.source
        self.bytes += len(source.data)
        try:
            if depth > DEEPEST:
                raise UnreadableSource(f"lies {depth} archives deep; {DEEPEST} are opened.")
            if self.bytes > MOST_BYTES:
                raise UnreadableSource(f"unpacks to more than {MOST_BYTES / 1e9:g} GB.")
            for found in self.of(source, depth=depth):
                if isinstance(found, Skipped):
                    yield Skipped(inside(source.name, found.part), found.reason)
                else:
                    yield replace(
                        found,
                        part=inside(source.name, found.part),
                        accessed=found.accessed or entry.accessed,
                    )
        except UnreadableSource as error:
            yield Skipped(source.name, str(error))
        except MemoryError:
            raise
        except Exception as error:  # a parser's own: this entry's fault, not the archive's
            yield Skipped(source.name, _told(error))


def _completed(document: Document, source: Source, remark: str | None) -> Document | Skipped:
    """With what every format needs in the same way: address, language, remarks."""
    from ingest.convert.canonical import believed, same_site
    from ingest.convert.language import language_of

    if not any(character.isalnum() for character in document.body):
        if document.part is not None:
            return Skipped(document.part, "holds no text to index.")
        raise UnreadableSource("holds no text to index.")
    url, remarks = document.url, [remark] if remark else []
    if document.part is None:
        url = believed(document.url, source.url)
        if document.url and url and not same_site(document.url, url):
            remarks.append(f"It names {document.url}, of another site, as its address; {_CITED}")
    return replace(
        document,
        body=without_title(document.body, document.title),
        url=url,
        language=document.language or language_of(document.body),
        remarks=(*remarks, *document.remarks),
    )


def _told(error: Exception) -> str:
    why = " ".join(str(error).split())[:200]
    return f"cannot be read ({type(error).__name__}{': ' + why if why else ''})."


def main() -> None:
    """Convert one source after another until standard input ends.

    The arguments are the limit on memory, and the seconds without a document after which whoever
    started this must have died: else it would have ended this, and nobody else does.
    """
    _limit(memory=int(sys.argv[1]))
    _go_without_network()
    source_in = sys.stdin.buffer
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not get among the documents
    while line := source_in.readline():
        _alarm(sys.argv[2])
        request = json.loads(line)
        data = _read_exactly(source_in, request.pop("bytes"))
        wanted = request.pop("wanted")
        columns = tuple((field, name) for field, name in request.pop("columns"))
        _answer(Source(**request, data=data, columns=columns), wanted, out)
        _alarm(0)
        if _memory() > _GROWN:
            return


def _answer(source: Source, wanted: str, out: BinaryIO) -> None:
    try:
        if wanted == "documents":
            for found in convert(source):
                kind = "document" if isinstance(found, Document) else "skipped"
                _write(out, {kind: asdict(found)})
        else:
            _write(out, {"listed": asdict(_listed(source, wanted))})
        _write(out, {"done": _memory() <= _GROWN})
    except UnreadableSource as error:
        _write(out, {"error": str(error)})
    except (MemoryError, RecursionError) as error:
        what = "memory" if isinstance(error, MemoryError) else "depth"
        _write(out, {"error": f"needs more {what} to read than is allowed."})
    except Exception as error:
        _write(out, {"error": _told(error)})


def _listed(source: Source, wanted: str) -> Feed | Sitemap:
    if wanted == "feed":
        return read_feed(source.data, source.url or "", charset=source.charset)
    return read_sitemap(source.data, source.url or "")


def _write(out: BinaryIO, told: dict[str, Any]) -> None:
    out.write(json.dumps(told).encode("ascii") + b"\n")
    out.flush()
    _alarm(sys.argv[2])


def _alarm(seconds: str | int) -> None:
    """End this process then, by the system's own clock, which no parser can hold up; 0: never."""
    if sys.platform != "win32":
        signal.alarm(int(seconds))


def _read_exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise EOFError
    return data


def _limit(*, memory: int) -> None:
    """Bytes of address space, which what is started from here gets too; nothing on Windows."""
    with suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))


def _go_without_network() -> None:
    """No parser looks anything up: external entities, style sheets, pictures stay outside."""

    def refuse(event: str, _arguments: tuple[Any, ...]) -> None:
        if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
            raise PermissionError("a conversion has no network")

    sys.addaudithook(refuse)


def _memory() -> int:
    """The largest amount of memory that this process has had, in bytes; 0 where unknown.

    Not `ru_maxrss`, which on Linux begins with that of the process that started this one.
    """
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    main()
