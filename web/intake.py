"""Bringing sources in over HTTP: files and addresses go into the queue, which can be watched.

A file is known by its bytes alone: its name is a label that reaches no file system, and no request
can name a file of this machine. Uploads go to a temporary folder, and are deleted when their item
has ended.

Left out: the queue itself (`queue.py`), and who may reach the server (`guard.py`).
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path
from tempfile import gettempdir
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Request
from fastapi import Path as InPath
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect

from ingest.errors import BadSetting, no_room
from web.guard import LARGEST_FILES
from web.item import Item
from web.queue import MOST_WAITING, SourceQueue
from web.schema import ErrorOut
from web.schema_sources import AddressIn, SourceItemOut, SourcesOut

MOST_FILES = 50  # of one request
_AT_ONCE = 4  # uploads that are received at the same time

_TROUBLE: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorOut, "description": "The request makes no sense; the message says why."},
    413: {"model": ErrorOut, "description": "The files are too large for one request."},
    429: {"model": ErrorOut, "description": f"{MOST_WAITING} sources or 1 GB wait already."},
}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": AddressIn.model_json_schema()},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {"type": "array", "items": {"type": "string", "format": "binary"}}
                    },
                }
            },
        },
    }
}


def add_intake(app: FastAPI, queue: SourceQueue) -> None:
    """The routes of `/api/sources`."""
    receiving = asyncio.Semaphore(_AT_ONCE)

    @app.post(
        "/api/sources",
        response_model=SourcesOut,
        responses=_TROUBLE,
        summary="Bring in sources",
        openapi_extra=_BODY,
    )
    async def bring(request: Request) -> JSONResponse:
        """Queue an address (JSON), or files (multipart, each a part called `files`).

        The reply comes at once and names the new items; watch them with `GET /api/sources`.
        """
        kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
        if kind == "multipart/form-data":
            async with receiving:
                items = await _uploaded(request, queue)
        elif kind == "application/json":
            asked = _address(await request.body())
            items = [queue.add_address(asked.address, follow=asked.follow)]
        else:
            raise BadSetting("Send files as multipart/form-data, or an address as JSON.")
        return JSONResponse({"items": [item_json(item) for item in items]})

    @app.get("/api/sources", response_model=SourcesOut, summary="The queue of sources")
    def sources() -> JSONResponse:
        """What waits, what is in work and how far, and what became of the last ones."""
        return JSONResponse({"items": [item_json(item) for item in queue.items()]})

    @app.delete(
        "/api/sources/{name}",
        response_model=SourceItemOut,
        responses={404: {"model": ErrorOut}},
        summary="Cancel a source",
    )
    def cancel(name: Annotated[str, InPath(description="The item's `id`.")]) -> JSONResponse:
        """End one that waits, or one in work at its next step; one that has ended stays so."""
        item = queue.cancel(name)
        if item is None:
            raise HTTPException(404, "The queue has no such item. What there is: GET /api/sources")
        return JSONResponse(item_json(item))


def item_json(item: Item) -> dict[str, Any]:
    """An item as `SourceItemOut` describes it."""
    lists = {"remarks": list(item.remarks), "articles": [asdict(one) for one in item.articles]}
    return {**asdict(item), **lists}


async def _uploaded(request: Request, queue: SourceQueue) -> list[Item]:
    """Queue each file of a form, in order."""
    try:
        async with request.form(max_files=MOST_FILES, max_fields=MOST_FILES) as form:
            parts = [part for _, part in form.multi_items() if isinstance(part, UploadFile)]
            if not parts:
                raise BadSetting("There is no file in the form. Each is a part called files.")
            items = []
            for part in parts:
                name = part.filename or ""
                items.append(await asyncio.to_thread(queue.add_file, name, part.file))
            return items
    except ClientDisconnect as error:
        largest = f"{LARGEST_FILES / 1e6:g} MB"
        message = f"The request was cut off, or it has more than {largest}. Send fewer files."
        raise HTTPException(413, message) from error
    except OSError as error:
        raise no_room(Path(gettempdir()), error) or error from error


def _address(body: bytes) -> AddressIn:
    try:
        return AddressIn.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_context=False, include_input=False, include_url=False)
        if first[0]["type"] == "json_invalid" or not first[0]["loc"]:
            example = 'Send a JSON object such as {"address": "https://example.org/a"}.'
            raise BadSetting(example) from error
        raise RequestValidationError(first) from error
