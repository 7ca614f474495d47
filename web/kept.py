"""Kept answers over HTTP: what is kept, one of them, its exports, and whether it still holds.

Left out: keeping them (`Assistant.ask` does), and the page that shows one (`chat.py`; its address
`/answers/{hash}` leads there).
"""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

from fastapi import Body, FastAPI, HTTPException, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from answer.assistant import Assistant
from answer.export import STYLES
from answer.record import read_record
from answer.verify import exit_code
from ingest.errors import BadRecord
from web.query import article_from, count_from, name_from
from web.schema import ErrorOut, KeptAnswersOut, RecordOut, VerificationOut, VerificationsOut

_MISSING: dict[int | str, dict[str, Any]] = {
    404: {"model": ErrorOut, "description": "No answer is kept under this name."}
}
_BAD_FILE: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorOut, "description": "This is no record, or it was changed."}
}
_FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file, in UTF-8.",
        "content": {style.media_type: {} for style in STYLES.values()} | {"application/json": {}},
    }
}
RECORD_STYLE = "record"  # the record itself, among the exports


def add_kept(app: FastAPI, assistant: Assistant) -> None:
    """Put the routes of kept answers on an application."""

    @app.get("/api/answers", response_model=KeptAnswersOut, summary="Kept answers")
    def answers(
        q: Annotated[str, Query(description="Words of the question.")] = "",
        article: Annotated[
            str | None, Query(description="Path or sha256: those that cite any version of it.")
        ] = None,
        limit: Annotated[int, Query(description="1 to 1,000.")] = 50,
    ) -> JSONResponse:
        """The answers that are kept, the one asked last first.

        Those of one article come with what became of their citations of it.
        """
        return JSONResponse(
            listed(assistant, q, article_from(article), count_from("limit", limit, 1_000))
        )

    @app.get(
        "/api/answers/{name}",
        response_model=RecordOut,
        responses=_MISSING,
        summary="A kept answer",
    )
    def answer(name: str) -> JSONResponse:
        """The record of an answer, under its hash or the first 8 or more digits of it."""
        return JSONResponse(assistant.record(name_from(name)).to_json())

    @app.get(
        "/api/answers/{name}/verify",
        response_model=VerificationOut,
        responses=_MISSING,
        summary="Does it still hold?",
    )
    def verified(name: str) -> JSONResponse:
        """Each citation against the corpus as it is now: intact, moved, altered or gone."""
        return JSONResponse(assistant.verify(assistant.record(name_from(name))).to_json())

    @app.get("/api/verify", response_model=VerificationsOut, summary="Do all still hold?")
    def verified_all() -> JSONResponse:
        """The same for every kept answer; `exit_code` is the worst of all."""
        return JSONResponse(all_verified(assistant))

    @app.post(
        "/api/verify",
        response_model=VerificationOut,
        responses=_BAD_FILE,
        summary="Verify a record file",
    )
    def verified_file(record: Annotated[str, Body(embed=True)]) -> JSONResponse:
        """A record that was kept as a file, as its text; it is believed in nothing."""
        try:
            told = read_record(record)
        except BadRecord as error:
            raise HTTPException(400, str(error)) from error
        return JSONResponse(assistant.verify(told).to_json())

    @app.get(
        "/api/answers/{name}/export/{style}",
        response_class=Response,
        responses=_MISSING | _FILES,
        summary="Export",
    )
    def export(name: str, style: str, request: Request) -> Response:
        """A kept answer as a file: `markdown`, `text`, `bibtex`, `csl-json`, `ris`, `annotation`,
        or `record`, which `pincite verify` reads.
        """
        made = exported(assistant, name_from(name), style, site=str(request.base_url))
        disposition = {"Content-Disposition": f'attachment; filename="{made.file}"'}
        return Response(made.text.encode("utf-8"), media_type=made.media_type, headers=disposition)

    @app.get("/answers/{name}", include_in_schema=False)
    def permalink(name: str) -> RedirectResponse:
        return RedirectResponse(f"/?answer={name_from(name)}", 307)


class Exported(NamedTuple):
    """An export: its text, what kind it is, and a name for its file."""

    text: str
    media_type: str
    file: str


def exported(assistant: Assistant, name: str, style: str, *, site: str | None = None) -> Exported:
    """A kept answer in one of `STYLES`, or as its record; `BadSetting` for another style.

    `site` is where its permalink leads, as `Assistant.export` takes it.
    """
    record = assistant.record(name)
    file = f"pincite-{record.hash[:12]}"
    if style == RECORD_STYLE:
        return Exported(record.text, "application/json", f"{file}.record.json")
    text = assistant.export(record, style, site=site)
    return Exported(text, STYLES[style].media_type, file + STYLES[style].suffix)


def listed(assistant: Assistant, search: str, article: str | None, limit: int) -> dict[str, Any]:
    """Kept answers as JSON; those of an article with what became of their citations of it."""
    if article is None:
        rows = assistant.records(search=search, limit=limit)
        return {"answers": [{**row.to_json(), "verification": None} for row in rows]}
    touched = assistant.touched(article, limit=limit)
    return {
        "answers": [
            {**one.row.to_json(), "verification": one.verification.to_json()} for one in touched
        ]
    }


def all_verified(assistant: Assistant) -> dict[str, Any]:
    """Every kept answer verified, as JSON."""
    found = list(assistant.verify_all())
    return {"exit_code": exit_code(found), "records": [one.to_json() for one in found]}
