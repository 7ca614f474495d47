"""Converts originals again, to see whether what the corpus holds is still what comes out of them.

A newer version of a library reads a format better, or otherwise; this says which articles that
touches, and replaces them where it is asked to. A file that was edited by hand is left alone.

Left out: Markdown and plain text, which were never converted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import PurePosixPath
from typing import Literal
from urllib.parse import urlsplit

from ingest import originals
from ingest.add import Adding, is_address
from ingest.convert import Document, Skipped, Source
from ingest.convert.document import Columns
from ingest.errors import UnreadableSource
from ingest.ledger import Made

Outcome = Literal["same", "differs", "replaced", "edited", "missing", "unreadable"]


@dataclass(frozen=True, slots=True)
class Reconverted:
    """What came of one article: `path` in the corpus, and in `reason` what went wrong, if it did.

    `edited`: the file was changed by hand since. `missing`: the original is gone, or the article's
    part is not in it any more.
    """

    path: str
    outcome: Outcome
    reason: str = ""


def reconvert(
    adding: Adding, paths: Sequence[str] = (), *, write: bool = False
) -> Iterator[Reconverted]:
    """Convert the originals of these articles, or of all, once more; `write` replaces what differs.

    The replaced file is a new version: the index keeps the old one.
    """
    wanted = set(paths)
    made = [one for one in adding.ledger.all_made() if one.file_sha256 != one.source_sha256]
    chosen = [one for one in made if not wanted or one.path in wanted]
    chosen.sort(key=lambda one: (*_read_as(one), one.path))
    for (sha256, _), group in groupby(chosen, key=_read_as):
        yield from _of_one_original(adding, sha256, list(group), write=write)


def _read_as(made: Made) -> tuple[str, Columns]:
    """What was converted, and how: articles that have both in common come of one conversion."""
    return made.source_sha256, made.columns


def _of_one_original(
    adding: Adding, sha256: str, made: Sequence[Made], *, write: bool
) -> Iterator[Reconverted]:
    file = originals.find(adding.corpus, sha256)
    if file is None:
        yield from (Reconverted(one.path, "missing", "its original is gone.") for one in made)
        return
    origin = made[0].origin
    said = adding.ledger.said(origin)
    source = Source(
        name=_name(origin) + file.suffix if is_address(origin) else file.name,
        data=file.read_bytes(),
        media_type=said.media_type if said else None,
        charset=said.charset if said else None,
        url=origin if is_address(origin) else None,
        columns=made[0].columns,
    )
    parts = defaultdict[str, list[Made]](list)
    for one in made:
        parts[one.part].append(one)
    try:
        for found in adding.converter.convert(source):
            if isinstance(found, Skipped):
                continue
            for one in parts.pop(found.part or "", ()):
                yield _compared(adding, one, found, source, write=write)
    except UnreadableSource as error:
        left = chain.from_iterable(parts.values())
        yield from (Reconverted(one.path, "unreadable", str(error)) for one in left)
        return
    yield from (
        Reconverted(one.path, "missing", "its part is not in the original any more.")
        for one in chain.from_iterable(parts.values())
    )


def _compared(
    adding: Adding, made: Made, document: Document, source: Source, *, write: bool
) -> Reconverted:
    try:
        outcome = adding.filing.reconverted(made, document, source, write=write)
    except UnreadableSource as error:
        return Reconverted(made.path, "unreadable", str(error))
    return Reconverted(made.path, outcome)


def _name(origin: str) -> str:
    return PurePosixPath(urlsplit(origin).path).stem or "page"
