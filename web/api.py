"""The FastAPI application: the page at `/`, the API beside it, one guard before both.

Every route calls `Assistant` in a thread, so a slow question delays nobody's page and `/healthz`
answers while the model loads. Errors leave as `{"error": message}`.

Left out: the server itself (`app.py` starts uvicorn) and the layout of the page (`chat.py`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from secrets import compare_digest
from threading import Lock, Thread
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import FastAPI, Header, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException

from answer.assistant import Assistant
from ingest.article import Article
from ingest.errors import (
    BadQuestion,
    BadRecord,
    BadSetting,
    CorpusMissing,
    IndexBusy,
    PinciteError,
    UnreadableSource,
)
from web.chat import mount_page
from web.docs import docs_html
from web.guard import SECURITY_HEADERS, Guard
from web.intake import add_intake
from web.kept import add_kept
from web.library import add_library
from web.listing import add_listing
from web.originals import add_originals
from web.query import article_from, filters_from, passages_from, previous_from, question_from
from web.queue import QueueFull, SourceQueue
from web.schema import (
    AnswerOut,
    ArticleOut,
    AskIn,
    BuildOut,
    CheckIn,
    CheckOut,
    ErrorOut,
    FoundOut,
    HealthOut,
    IngestIn,
    ReviewIn,
    ReviewOut,
)

if TYPE_CHECKING:
    from ingest.add import Adding

_STATUS: tuple[tuple[type[PinciteError], int], ...] = (
    (BadQuestion, 400),
    (BadSetting, 400),
    (BadRecord, 404),
    (UnreadableSource, 400),
    (CorpusMissing, 409),
    (IndexBusy, 409),
    (QueueFull, 429),
    (PinciteError, 503),
)
_ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorOut, "description": "The request makes no sense; the message says why."},
    503: {
        "model": ErrorOut,
        "description": "The index cannot answer; the message says what to do.",
    },
}

log = logging.getLogger(__name__)


def build_app(
    assistant: Assistant,
    *,
    token: str | None = None,
    hosts: tuple[str, ...] = (),
    adding: Callable[[], Adding] | None = None,
) -> FastAPI:
    """Page and API for one assistant, whose model begins to load when the server starts.

    `token` opens `POST /api/ingest` to those who send it; without one there is no such route.
    `hosts` are names, beside localhost, by which a server on loopback may be called (a proxy's).
    `adding` opens what brings sources into the corpus; without it nobody can bring any in.
    """
    queue = SourceQueue(assistant, adding) if adding else None
    model = _Model(assistant, queue)
    app = FastAPI(
        title="Pincite",
        description="Ask a folder of articles; get verbatim answers with exact citations.",
        docs_url=None,
        redoc_url=None,
        lifespan=model.lifespan,
    )
    _add_asking(app, assistant)
    _add_reading(app, assistant, model)
    add_kept(app, assistant)
    add_originals(app, assistant)
    add_listing(app, assistant)
    add_library(app, assistant, removing=queue is not None)
    if queue is not None:
        add_intake(app, queue)
    if token is not None:
        _add_ingest(app, assistant, token)
    _add_errors(app)
    mount_page(app, assistant, takes_sources=queue is not None)
    app.add_middleware(Guard, hosts=hosts)
    return app


class _Model:
    """Loads the assistant's model beside the server, and says whether it is there.

    When the server ends, so does the queue of sources.
    """

    def __init__(self, assistant: Assistant, queue: SourceQueue | None) -> None:
        self._assistant, self._queue = assistant, queue
        self._failed = False

    @property
    def state(self) -> Literal["loaded", "loading", "failed"]:
        if self._assistant.ready:
            return "loaded"
        return "failed" if self._failed else "loading"

    @asynccontextmanager
    async def lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        Thread(target=self._load, name="load-model", daemon=True).start()
        try:
            yield
        finally:
            if self._queue is not None:
                await asyncio.to_thread(self._queue.close)

    def _load(self) -> None:
        try:
            self._assistant.warm()
        except Exception:
            self._failed = True
            log.exception("the model could not be loaded")


def _add_asking(app: FastAPI, assistant: Assistant) -> None:
    @app.post("/api/ask", response_model=AnswerOut, responses=_ERRORS, summary="Ask a question")
    def ask(asked: AskIn) -> JSONResponse:
        """An answer whose every sentence is a verbatim quotation with an exact citation."""
        answer = assistant.ask(
            question_from(asked.question),
            filters=filters_from(**asked.filters.model_dump()),
            k=passages_from(asked.k, 8),
            previous=previous_from(asked.previous),
            keep=asked.keep,
        )
        return JSONResponse(answer.to_json())

    @app.post("/api/check", response_model=CheckOut, responses=_ERRORS, summary="Check a quotation")
    def check(asked: CheckIn) -> JSONResponse:
        """Whether quoted words stand in the corpus: exactly, altered, elsewhere, or not at all."""
        quote, article = question_from(asked.quote), article_from(asked.article)
        return JSONResponse(assistant.check(quote, article=article).to_json())

    @app.post("/api/review", response_model=ReviewOut, responses=_ERRORS, summary="Check a draft")
    def review(asked: ReviewIn) -> JSONResponse:
        """Each sentence of a draft: supported, contradicted or absent, with the places."""
        return JSONResponse(assistant.review(question_from(asked.draft)).to_json())

    @app.get("/api/search", response_model=FoundOut, responses=_ERRORS, summary="Find passages")
    def search(
        q: Annotated[str, Query(description="What to look for.")],
        k: Annotated[int, Query(description="How many passages, 1 to 50.")] = 10,
        publisher: Annotated[list[str], Query()] = [],  # noqa: B006 - FastAPI copies it
        since: Annotated[str | None, Query(description="`2021-11-30`, `2021-11`, `2021`.")] = None,
        until: Annotated[str | None, Query(description="The same, included.")] = None,
        language: Annotated[list[str], Query()] = [],  # noqa: B006
        article: Annotated[list[str], Query(description="Path or sha256.")] = [],  # noqa: B006
    ) -> JSONResponse:
        """Passages nearest to the question, best first, without writing an answer."""
        filters = filters_from(
            publishers=publisher, since=since, until=until, languages=language, articles=article
        )
        hits = assistant.search(question_from(q), filters=filters, k=passages_from(k, 10))
        return JSONResponse({"question": q, "passages": [hit.to_json() for hit in hits]})


def _add_reading(app: FastAPI, assistant: Assistant, model: _Model) -> None:
    missing: dict[int | str, dict[str, Any]] = {404: {"model": ErrorOut}}

    @app.get(
        "/api/articles/{sha256}", response_model=ArticleOut, responses=missing, summary="An article"
    )
    def article(sha256: str) -> JSONResponse:
        """Any version ever indexed, by its sha256 or the first 16 or more digits of it."""
        found = assistant.article(sha256)
        if found is None:
            raise HTTPException(404, "No article that was ever indexed has this sha256.")
        return JSONResponse(_article_json(found))

    @app.get("/healthz", response_model=HealthOut, summary="Is it up?")
    def health() -> JSONResponse:
        """Answers at once, also while the model loads."""
        articles = assistant.coverage().articles
        return JSONResponse({"status": "ok", "articles": articles, "model": model.state})

    @app.get("/api/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(docs_html(app.openapi()))


def _add_ingest(app: FastAPI, assistant: Assistant, token: str) -> None:
    busy = Lock()

    @app.post("/api/ingest", response_model=BuildOut, responses=_ERRORS, summary="Ingest")
    def ingest(asked: IngestIn, x_pincite_token: Annotated[str, Header()] = "") -> JSONResponse:
        """Bring the index level with the corpus. For `pincite ingest` on this machine."""
        if not compare_digest(x_pincite_token.encode(), token.encode()):
            raise HTTPException(403, "This needs the token that the server wrote for its owner.")
        if not busy.acquire(blocking=False):
            message = "The server is ingesting already. Wait for it to finish."
            raise HTTPException(409, message, {"Retry-After": "1"})
        try:
            report = assistant.ingest(paths=asked.paths)
        finally:
            busy.release()
        return JSONResponse({**asdict(report), "summary": report.summary()})


def _add_errors(app: FastAPI) -> None:
    def in_words(_: Request, error: Exception) -> JSONResponse:
        status = next(status for kind, status in _STATUS if isinstance(error, kind))
        return JSONResponse({"error": str(error)}, status)

    def malformed(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return JSONResponse({"error": _malformed(error)}, 400)

    def refused(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        return JSONResponse({"error": str(error.detail)}, error.status_code, error.headers)

    def failed(_: Request, __: Exception) -> JSONResponse:
        message = "Something failed inside Pincite; its log shows what."  # sent outside the guard
        return JSONResponse({"error": message}, 500, SECURITY_HEADERS)

    handlers: dict[type[Exception], Callable[[Request, Exception], JSONResponse]] = {
        PinciteError: in_words,
        RequestValidationError: malformed,
        HTTPException: refused,
        Exception: failed,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def _malformed(error: RequestValidationError) -> str:
    """The first thing that is wrong with a request, in one line."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"] if part not in ("body", "query"))
    if first["type"] == "json_invalid" or first["loc"] == ("body",):
        return 'Send a JSON object such as {"question": "…"} as application/json.'
    return f"{where}: {first['msg'].lower()}."


def _article_json(article: Article) -> dict[str, Any]:
    names = [name for name in ArticleOut.model_fields if name not in ("authors", "body")]
    body = [article.body.start, article.body.end]
    shown = {name: getattr(article, name) for name in names}
    return {**shown, "authors": list(article.authors), "body": body}
