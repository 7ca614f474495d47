"""The versions of an article, what they differ in, and taking articles away: JSON, and over HTTP.

    GET  /api/history?path=2021/a.md&diff=1a2b3c4d..5e6f7a8b
    POST /api/remove   {"names": ["2021/a.md"], "forget": false, "yes": false}

Taking away is asked twice: without `yes` nothing is done, and the same object says what would be.
Whoever may bring articles in may take them away; on a server where nobody may, there is no route.

Left out: the library's pages (`listing.py`) and what this looks like (`library_text.py`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import FastAPI, Query
from fastapi.responses import JSONResponse
from pydantic import Field

from ingest.errors import BadQuestion
from web.query import question_from
from web.schema import ErrorOut, Exact

if TYPE_CHECKING:
    from answer.assistant import Assistant
    from index.library import Version

Reply = dict[str, Any]

MOST_PIECES = 2_000  # of a difference that are told
MOST_NAMES = 1_000  # of one removal
_VERSION = re.compile(r"[0-9a-f]{4,64}")
_WRONG: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorOut, "description": "Nothing is known under this name; what is, is said."}
}


class VersionOut(Exact):
    """A version that a path has had; times are ISO 8601, UTC, or null where they are not known."""

    sha256: str
    since: str | None
    until: str | None
    current: bool
    kept: bool = Field(description="Whether its text can still be read, at /api/articles/{sha256}.")


class AlikeOut(Exact):
    """An article that is nearly the same."""

    sha256: str
    path: str
    title: str
    publisher: str | None
    published: str | None
    share: float = Field(description="Of the shorter one, about how much stands in the longer one.")


class PieceOut(Exact):
    """A sentence or line of a difference; for `skipped`, how many unchanged ones are left out."""

    kind: Literal["same", "removed", "added", "skipped"]
    text: str
    old: tuple[int, int] | None = Field(description="Its characters in the old file.")
    new: tuple[int, int] | None
    marks: list[tuple[int, int]] = Field(description="In `text`: what the other one has not.")
    count: int


class DifferenceOut(Exact):
    """What the new version says otherwise; with none `added` or `removed`, only white space."""

    old: str
    new: str
    added: int
    removed: int
    pieces: list[PieceOut]
    more: int = Field(description="Pieces that are not told, of a very long difference.")


class HistoryOut(Exact):
    """The versions of an article, newest first, and what two of them differ in."""

    path: str
    title: str | None
    versions: list[VersionOut]
    alike: list[AlikeOut]
    difference: DifferenceOut | None


class RemoveIn(Exact):
    """What to take away. Without `yes` it is only said what would go."""

    names: list[str] = Field([], max_length=MOST_NAMES, description="Paths or addresses.")
    publishers: list[str] = Field([], max_length=100)
    forget: bool = Field(False, description="Whether older versions go, too.")
    yes: bool = False


class LeavingOut(Exact):
    """One file that goes."""

    path: str
    title: str | None
    sha256: str | None
    passages: int
    versions: int
    also: list[str] = Field(description="Files with the same bytes, which stay.")
    is_file: bool
    is_link: bool


class CitingOut(Exact):
    """A kept answer that cites what goes; it stays, with the words that it quotes."""

    hash: str
    question: str
    outcome: str
    first_asked: str
    last_asked: str
    asked: int


class RemovalOut(Exact):
    """What goes, or has gone where `done`."""

    files: list[LeavingOut]
    passages: int
    forget: bool
    versions: list[str] = Field(description="That are forgotten, by sha256.")
    shared: list[str] = Field(description="That are not, for another file holds them.")
    originals: list[str]
    cited_by: list[CitingOut]
    remarks: list[str]
    done: bool


def add_library(app: FastAPI, assistant: Assistant, *, removing: bool) -> None:
    """The routes `/api/history` and, if `removing`, `/api/remove`."""

    @app.get("/api/history", response_model=HistoryOut, responses=_WRONG, summary="Versions")
    def history(
        path: Annotated[str, Query(description="In the corpus, or an address.")],
        diff: Annotated[
            str | None, Query(description="OLD..NEW, each by 4 or more characters of its sha256.")
        ] = None,
    ) -> JSONResponse:
        """The versions of an article, newest first; what the last two differ in, or those asked."""
        return JSONResponse(history_json(assistant, question_from(path), diff))

    if removing:

        @app.post("/api/remove", response_model=RemovalOut, responses=_WRONG, summary="Take away")
        def remove(asked: RemoveIn) -> JSONResponse:
            """Say what would go; with `yes`, take it away for good."""
            names = [question_from(name) for name in asked.names]
            publishers = [question_from(name) for name in asked.publishers]
            return JSONResponse(
                removal_json(assistant, names, publishers, forget=asked.forget, yes=asked.yes)
            )


def history_json(assistant: Assistant, name: str, diff: str | None = None) -> Reply:
    """What `GET /api/history` answers; `BadQuestion` for a name or version that is not known."""
    path = assistant.path_named(name)
    versions = assistant.history(path)
    pair = _asked(diff, versions) if diff else _last_two(versions)
    newest = next((version.sha256 for version in versions if version.kept), None)
    article = assistant.article(newest) if newest else None
    return {
        "path": path,
        "title": article.title if article else None,
        "versions": [version.to_json() for version in versions],
        "alike": [one.to_json() for one in assistant.alike(path)],
        "difference": _difference(assistant, *pair) if pair else None,
    }


def removal_json(
    assistant: Assistant,
    names: Sequence[str],
    publishers: Sequence[str],
    *,
    forget: bool,
    yes: bool,
) -> Reply:
    """What `POST /api/remove` answers; done only with `yes`."""
    if not names and not publishers:
        raise BadQuestion("Say what to take away: a path, an address, or a publisher.")
    act = assistant.remove if yes else assistant.plan_removal
    return act(names, publishers=publishers, forget=forget).to_json()


def corpus_name(corpus: Path, given: str) -> str:
    """A name as the catalog knows it: a file that is given as it lies on the disk, by its path.

    >>> corpus_name(Path("corpus"), "corpus/2021/a.md"), corpus_name(Path("corpus"), "2021/a.md")
    ('2021/a.md', '2021/a.md')
    """
    if re.match(r"https?://", given, re.IGNORECASE):
        return given
    # Not resolved: of a link it is the link that is named.
    root, file = (os.path.normpath(Path(name).absolute()) for name in (corpus, given))
    if not file.startswith(root + os.sep):
        return given
    return PurePosixPath(*Path(os.path.relpath(file, root)).parts).as_posix()


def _last_two(versions: Sequence[Version]) -> tuple[str, str] | None:
    kept = list(dict.fromkeys(version.sha256 for version in versions if version.kept))
    return (kept[1], kept[0]) if len(kept) > 1 else None


def _asked(diff: str, versions: Sequence[Version]) -> tuple[str, str]:
    old, dots, new = diff.strip().lower().partition("..")
    if not dots or not old or not new:
        raise BadQuestion("Name two versions as OLD..NEW, such as 1a2b3c4d..5e6f7a8b.")
    return _version(old, versions), _version(new, versions)


def _version(begins: str, versions: Sequence[Version]) -> str:
    if not _VERSION.fullmatch(begins):
        raise BadQuestion(
            f"“{begins[:70]}” names no version: write 4 or more characters of its sha256."
        )
    found = {one.sha256 for one in versions if one.kept and one.sha256.startswith(begins)}
    if len(found) != 1:
        how = (
            "Several versions begin" if found else "No version of this article that is kept begins"
        )
        raise BadQuestion(f"{how} with {begins}.")
    return found.pop()


def _difference(assistant: Assistant, old: str, new: str) -> Reply:
    found = assistant.difference(old, new)
    pieces = list(found.shown())
    return {
        "old": old,
        "new": new,
        "added": found.added,
        "removed": found.removed,
        "pieces": list(_told(pieces[:MOST_PIECES])),
        "more": max(0, len(pieces) - MOST_PIECES),
    }


def _told(pieces: Sequence[Any]) -> Iterator[Reply]:
    for piece in pieces:
        if isinstance(piece, int):
            nowhere: Reply = {"text": "", "old": None, "new": None, "marks": []}
            yield {"kind": "skipped", **nowhere, "count": piece}
        else:
            yield {**piece.to_json(), "count": 1}
