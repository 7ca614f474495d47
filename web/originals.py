"""Originals over HTTP: the very bytes that an article was made from, at `/originals/{sha256}`.

They are a stranger's files on our own origin. A PDF is shown by the browser's viewer, which keeps
it from the page (its address takes `#page=4`); anything else is handed over as a download, of a
type that no browser renders. `guard.py` adds the policies.

Left out: checking the bytes against their name again; that is what the name is for.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, HTTPException
from fastapi.responses import FileResponse

from answer.assistant import Assistant
from ingest.article import Article
from ingest.locator import Locator
from web.schema import ErrorOut

PDF = "application/pdf"
_MISSING: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": {PDF: {}, "application/octet-stream": {}}},
    404: {"model": ErrorOut, "description": "No original is kept under this name."},
}


def add_originals(app: FastAPI, assistant: Assistant) -> None:
    """Put the route of originals on an application."""

    @app.get(
        "/originals/{sha256}",
        response_class=FileResponse,
        responses=_MISSING,
        summary="An original",
    )
    def original(sha256: str) -> FileResponse:
        """The file that an article was made from, by the article's `source_sha256`."""
        file = assistant.original(sha256)
        if file is None:
            raise HTTPException(404, "No original is kept under this sha256.")
        is_pdf = file.suffix == ".pdf"
        return FileResponse(
            file,
            media_type=PDF if is_pdf else "application/octet-stream",
            filename=f"{sha256[:16]}{file.suffix}",
            content_disposition_type="inline" if is_pdf else "attachment",
        )


def original_link(
    assistant: Assistant, article: Article, locator: Locator | None = None
) -> str | None:
    """Where the page finds the article's original, a PDF at its page; None where it is not kept."""
    file = assistant.original(article.source_sha256 or "")
    if file is None:
        return None
    at_page = locator is not None and locator.kind == "page" and file.suffix == ".pdf"
    fragment = f"#{locator.fragment}" if locator and at_page else ""
    return f"/originals/{article.source_sha256}{fragment}"
