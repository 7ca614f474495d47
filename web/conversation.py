"""A conversation as the page shows it: questions, and replies as they grow, in HTML.

The browser is believed in nothing. Questions and filters come in through `web.query`; what was said
before is kept here, in the session, and is never evidence for an answer.

Left out: Gradio (`chat.py`), HTML itself (`render.py`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from answer.answer import Answer
from ingest.errors import PinciteError
from web import render
from web.query import filters_from, question_from

if TYPE_CHECKING:
    from answer.assistant import Assistant

MOST_TURNS = 50  # of a conversation that stay on the page
SENTENCE_PAUSE = 0.12  # seconds between sentences as an answer arrives
_MOST_OTHERS = 12  # further citations marked in one article
_LOOK_AGAIN = 0.5  # seconds between two looks at a corpus whose first articles are being read
_READING = "Reading the first articles; your question waits for them…"
_INTERNAL = "Something failed inside Pincite. The terminal that runs it shows what."

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Turn:
    """What was asked and what has been replied so far, both as HTML."""

    question: str
    reply: str


Turns = tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What the filters hold, as the browser sent it: anything at all."""

    publishers: object = ()
    since: object = None
    until: object = None
    languages: object = ()


async def replies(
    assistant: Assistant, question: object, narrowing: Narrowing, turns: Turns
) -> AsyncIterator[tuple[Turns, str | None]]:
    """The conversation as the reply grows, and the evidence to show, or None to leave it alone.

    First a status, then the sentences one by one, then the sources, with the first citation opened.
    Errors become a reply in plain words; a traceback goes to the log only.
    """
    said = render.question_html(question if isinstance(question, str) else "…")
    turns = turns[-(MOST_TURNS - 1) :]
    try:
        asked = question_from(question)
        filters = filters_from(
            publishers=narrowing.publishers,
            since=narrowing.since,
            until=narrowing.until,
            languages=narrowing.languages,
        )
        said = render.question_html(asked, filters)
        while assistant.ingesting and not await asyncio.to_thread(_articles, assistant):
            yield (*turns, Turn(said, render.status_html(_READING))), None
            await asyncio.sleep(_LOOK_AGAIN)
        status = await asyncio.to_thread(_status, assistant)
        yield (*turns, Turn(said, render.status_html(status))), None
        answer = await asyncio.to_thread(assistant.ask, asked, filters=filters)
        for sentences in range(1, len(answer.citations)):
            yield (*turns, Turn(said, render.answer_html(answer, sentences))), None
            await asyncio.sleep(SENTENCE_PAUSE)
        first = await asyncio.to_thread(_first_evidence, assistant, answer)
        yield (*turns, Turn(said, render.answer_html(answer))), first
    except PinciteError as error:
        yield (*turns, Turn(said, render.notice_html(str(error), wrong=True))), None
    except Exception:
        log.exception("a question failed")
        yield (*turns, Turn(said, render.notice_html(_INTERNAL, wrong=True))), None


def stopped(turns: Turns) -> Turns:
    """The conversation after the stop button: what had arrived stays, and says that it was cut."""
    if not turns:
        return ()
    last = turns[-1]
    arrived = last.reply if last.reply.startswith('<div class="reply') else ""
    return (*turns[:-1], Turn(last.question, arrived + render.notice_html("Stopped.")))


def messages(turns: Turns) -> list[dict[str, str]]:
    """The conversation as Gradio's chat takes it."""
    said = []
    for turn in turns:
        said.append({"role": "user", "content": turn.question})
        said.append({"role": "assistant", "content": turn.reply})
    return said


def evidence(assistant: Assistant, place: object, others: object = ()) -> str | None:
    """The article around a place, as HTML; None where the name means nothing.

    `others` are further places, marked lightly where they are in the same version of the article.
    """
    try:
        found = assistant.place(place) if isinstance(place, str) else None
        if found is None:
            return None
        article, cited = found
        names = others[:_MOST_OTHERS] if isinstance(others, list | tuple) else ()
        further = [assistant.place(name) for name in names if isinstance(name, str)]
        marks = [one[1] for one in further if one and one[0].sha256 == article.sha256]
        return render.evidence_html(article, cited, marks)
    except PinciteError as error:
        return render.notice_html(str(error), wrong=True)


def _articles(assistant: Assistant) -> int:
    return assistant.coverage().articles


def _status(assistant: Assistant) -> str:
    if not assistant.ready:
        return "Loading the language model; the first answer takes a few seconds…"
    return f"Searching {assistant.coverage().passages:,} passages…"


def _first_evidence(assistant: Assistant, answer: Answer) -> str:
    places = [citation.id for citation in answer.citations]
    first = evidence(assistant, places[0], places) if places else None
    return first or render.no_evidence_html()
