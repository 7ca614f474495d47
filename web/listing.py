"""The library over HTTP: its articles page by page, and what they can be narrowed by.

Left out: versions of an article and taking it away (`library.py`), and the page (`library.js`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import FastAPI, Query
from fastapi.responses import JSONResponse

from web.query import filters_from, question_from
from web.schema import ErrorOut
from web.schema_sources import FacetsOut, LibraryOut

if TYPE_CHECKING:
    from answer.assistant import Assistant

MOST_ROWS = 200  # of one page
_MOST_NAMES = 500  # publishers that are named
_LONGEST_SEARCH = 500  # characters
_WRONG: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorOut, "description": "The request makes no sense; the message says why."}
}
Sort = Literal["title", "publisher", "published", "language", "passages", "indexed", "path"]


def add_listing(app: FastAPI, assistant: Assistant) -> None:
    """The routes `/api/library` and `/api/facets`."""

    @app.get("/api/library", response_model=LibraryOut, responses=_WRONG, summary="The library")
    def library(
        q: Annotated[str, Query(description="Words of the title, author, publisher, path.")] = "",
        publisher: Annotated[str | None, Query(description="As articles name it.")] = None,
        since: Annotated[str | None, Query(description="`2021-11-30`, `2021-11`, `2021`.")] = None,
        until: Annotated[str | None, Query(description="The same, included.")] = None,
        language: Annotated[str | None, Query(description="A code such as `en`.")] = None,
        sort: Annotated[Sort, Query()] = "indexed",
        descending: Annotated[bool, Query()] = True,
        limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 50,
        offset: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    ) -> JSONResponse:
        """One page of the articles, without their text."""
        wanted = filters_from(publishers=publisher, since=since, until=until, languages=language)
        total, rows = assistant.library(
            search=question_from(q)[:_LONGEST_SEARCH],
            publisher=next(iter(wanted.publishers), None),
            since=wanted.since,
            until=wanted.until,
            language=next(iter(wanted.languages), None),
            sort=sort,
            descending=descending,
            limit=limit,
            offset=offset,
        )
        return JSONResponse({"total": total, "articles": [row.to_json() for row in rows]})

    @app.get("/api/facets", response_model=FacetsOut, summary="What the library holds")
    def facets() -> JSONResponse:
        """How many articles and passages, from when to when, by whom, in which languages."""
        found, coverage = assistant.facets(), assistant.coverage()
        names = {"publishers": found.publishers[:_MOST_NAMES], "languages": found.languages}
        counted = {
            key: [{"name": name, "articles": articles} for name, articles in pairs]
            for key, pairs in names.items()
        }
        told = {"articles": coverage.articles, "passages": coverage.passages}
        return JSONResponse({**told, "first": found.first, "last": found.last, **counted})
