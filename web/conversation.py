"""A conversation as the page shows it: questions, and replies as they grow, in HTML.

The browser is believed in nothing. Questions and filters come in through `web.query`; what was said
before is kept here, in the session, and is never evidence for an answer.

Left out: Gradio (`chat.py`), HTML itself (`render.py`).
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from answer.answer import QUOTATIONS, Answer
from ingest.article import Article, Span
from ingest.errors import PinciteError, WritingStopped
from ingest.locator import locator_of
from web import render, reply, verdicts
from web.originals import original_link
from web.query import filters_from, name_from, question_from

if TYPE_CHECKING:
    from answer.assistant import Assistant

ASK, CHECK, REVIEW = "Ask", "Check a quotation", "Check a draft"  # what the box is for
MOST_TURNS = 50  # of a conversation that stay on the page
SENTENCE_PAUSE = 0.12  # seconds between sentences as an answer arrives
_MOST_OTHERS = 12  # further citations marked in one article
_MOST_ANSWERS = 5  # that cite an article, shown below it
_ARRIVING_PAUSE = 0.1  # seconds between two looks at what a model has written
_LOOK_AGAIN = 0.5  # seconds between two looks at a corpus whose first articles are being read
_READING = "Reading the first articles; your question waits for them…"
_INTERNAL = "Something failed inside Pincite. The terminal that runs it shows what."

_SHA256 = re.compile(r"[0-9a-f]{64}")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Turn:
    """What was asked and what has been replied so far, both as HTML; `asked` are its plain words.

    `asked` is empty where it was no question, so that no later question follows from it.
    """

    question: str
    reply: str
    asked: str = ""


Turns = tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What the filters hold, as the browser sent it: anything at all."""

    publishers: object = ()
    since: object = None
    until: object = None
    languages: object = ()


async def replies(
    assistant: Assistant,
    question: object,
    narrowing: Narrowing,
    turns: Turns,
    mode: object = ASK,
) -> AsyncGenerator[tuple[Turns, str | None], None]:
    """The conversation as the reply grows, and the evidence to show, or None to leave it alone.

    First a status, then the sentences one by one, then the sources, with the first citation opened.
    `mode` says whether the words are a question, a quotation to check, or a draft. Errors become a
    reply in plain words; a traceback goes to the log only.
    """
    said = render.question_html(question if isinstance(question, str) else "…")
    turns = turns[-(MOST_TURNS - 1) :]
    try:
        if mode == CHECK:
            growing = _checked(assistant, question)
        elif mode == REVIEW:
            growing = _reviewed(assistant, question)
        else:
            growing = _answered(assistant, question, narrowing, turns)
        async for turn, evidence in growing:
            said = turn.question
            yield (*turns, turn), evidence
    except PinciteError as error:
        yield (*turns, Turn(said, render.notice_html(str(error), wrong=True))), None
    except Exception:
        log.exception("a reply failed")
        yield (*turns, Turn(said, render.notice_html(_INTERNAL, wrong=True))), None


Growing = AsyncIterator[tuple[Turn, str | None]]


async def _answered(
    assistant: Assistant, question: object, narrowing: Narrowing, turns: Turns
) -> Growing:
    """A question: a status, what a model writes, then the answer sentence by sentence."""
    asked = question_from(question)
    filters = filters_from(**asdict(narrowing))
    said = render.question_html(asked, filters)
    while assistant.ingesting and not await asyncio.to_thread(_articles, assistant):
        yield Turn(said, render.status_html(_READING)), None
        await asyncio.sleep(_LOOK_AGAIN)
    yield Turn(said, render.status_html(await asyncio.to_thread(_status, assistant))), None
    previous = [turn.asked for turn in turns if turn.asked]
    arriving = _Arriving()
    asking = asyncio.create_task(
        asyncio.to_thread(
            assistant.ask, asked, filters=filters, previous=previous, told=arriving.tell
        )
    )
    asking.add_done_callback(_unheard)
    try:
        async for text in arriving.texts(asking):
            yield Turn(said, reply.arriving_html(text)), None
        answer = await asking
    finally:
        arriving.stop()
    for sentences in range(1, len(answer.statements) if answer.writer == QUOTATIONS else 0):
        yield Turn(said, reply.answer_html(answer, sentences)), None
        await asyncio.sleep(SENTENCE_PAUSE)
    first = await _opened(assistant, [citation.id for citation in answer.citations])
    yield Turn(said, reply.answer_html(answer), answer.searched or asked), first


def _unheard(asking: asyncio.Task[Answer]) -> None:
    """Take note of how it ended, also where nobody waits for it any more."""
    if not asking.cancelled() and isinstance(asking.exception(), WritingStopped):
        log.info("an answer was stopped while a model wrote it")


class _Arriving:
    """What another thread has written so far; that thread is stopped once nobody listens."""

    def __init__(self) -> None:
        self._text = ""
        self._stopped = False

    def tell(self, text: str) -> None:
        """Called by the writing thread."""
        if self._stopped:
            raise WritingStopped("The reader stopped the answer.")
        self._text = text

    def stop(self) -> None:
        self._stopped = True

    async def texts(self, writing: asyncio.Task[Answer]) -> AsyncIterator[str]:
        """Each text that is new, until the writing has ended."""
        shown = ""
        while not writing.done():
            await asyncio.wait({writing}, timeout=_ARRIVING_PAUSE)
            if self._text != shown and not writing.done():
                shown = self._text
                yield shown


async def _checked(assistant: Assistant, words: object) -> Growing:
    """A quotation: its verdict, and the places where it stands."""
    quote = question_from(words)
    said = render.question_html(quote)
    yield Turn(said, render.status_html("Looking for these words…")), None
    check = await asyncio.to_thread(assistant.check, quote)
    said = render.question_html(f"“{check.quote}”")
    places = [place.id for place in check.places]
    yield Turn(said, verdicts.check_html(check)), await _opened(assistant, places)


async def _reviewed(assistant: Assistant, words: object) -> Growing:
    """A draft: each of its sentences, with what supports or contradicts it."""
    draft = question_from(words)
    said = render.question_html(draft)
    yield Turn(said, render.status_html("Checking each sentence…")), None
    review = await asyncio.to_thread(assistant.review, draft)
    places = [p.id for one in review.sentences for p in (*one.support, *one.against)]
    yield Turn(said, verdicts.review_html(review)), await _opened(assistant, places)


def stopped(turns: Turns) -> Turns:
    """The conversation after the stop button: what had arrived stays, and says that it was cut."""
    if not turns:
        return ()
    last = turns[-1]
    arrived = reply.cut_off(last.reply) if last.reply.startswith('<div class="reply') else ""
    return (*turns[:-1], replace(last, reply=arrived + render.notice_html("Stopped.")))


def recalled(assistant: Assistant, named: str) -> tuple[Turns, str | None]:
    """A kept answer as a conversation of one turn, and what became of it, if anything did."""
    try:
        record = assistant.record(name_from(named))
        answer = assistant.kept(record.hash)
        said = render.question_html(answer.question)
        changed = verdicts.changed_html(assistant.verify(record))
        shown = reply.answer_html(answer) + changed
        turn = Turn(said, shown, answer.searched or answer.question)
        return (turn,), _first_evidence(assistant, [c.id for c in answer.citations])
    except PinciteError as error:
        notice = render.notice_html(str(error), wrong=True)
        return (Turn(render.question_html("A kept answer"), notice),), None


def messages(turns: Turns) -> list[dict[str, str]]:
    """The conversation as Gradio's chat takes it."""
    said = []
    for turn in turns:
        said.append({"role": "user", "content": turn.question})
        said.append({"role": "assistant", "content": turn.reply})
    return said


def evidence(assistant: Assistant, place: object, others: object = ()) -> str | None:
    """The article around a place, or all of it for a sha256, as HTML; None for any other name.

    `others` are further places, marked lightly where they are in the same version of the article.
    """
    try:
        found = _place(assistant, place) if isinstance(place, str) else None
        if found is None:
            return None
        article, cited = found
        names = others[:_MOST_OTHERS] if isinstance(others, list | tuple) else ()
        further = [assistant.place(name) for name in names if isinstance(name, str)]
        marks = [one[1] for one in further if one and one[0].sha256 == article.sha256]
        current = assistant.is_current(article)
        kept = _citing(assistant, article, current=current)
        locator = locator_of(article, cited) if cited else None
        original = original_link(assistant, article, locator)
        return render.evidence_html(
            article, cited, marks, current=current, answers=kept, original=original
        )
    except PinciteError as error:
        return render.notice_html(str(error), wrong=True)


def _place(assistant: Assistant, name: str) -> tuple[Article, Span] | None:
    """A cited place, or an empty one at the beginning of the article that a sha256 names."""
    if not _SHA256.fullmatch(name):
        return assistant.place(name)
    article = assistant.article(name)
    return (article, Span(article.body.start, article.body.start)) if article else None


def _citing(assistant: Assistant, article: Article, *, current: bool) -> list[tuple[str, str, str]]:
    """Kept answers that cite it (hash, question), and what a change of it did to them.

    None where they cannot be read: the evidence can be shown without.
    """
    try:
        if current:
            rows = assistant.citing(article.path, limit=_MOST_ANSWERS)
            return [(row.hash, row.question, "") for row in rows]
        touched = assistant.touched(article.path, limit=_MOST_ANSWERS)
        return [(one.row.hash, one.row.question, one.verification.state) for one in touched]
    except PinciteError as error:
        log.warning("%s", error)
        return []


def _articles(assistant: Assistant) -> int:
    return assistant.coverage().articles


def _status(assistant: Assistant) -> str:
    if not assistant.ready:
        return "Loading the language model; the first answer takes a few seconds…"
    return f"Searching {assistant.coverage().passages:,} passages…"


async def _opened(assistant: Assistant, places: Sequence[str]) -> str:
    return await asyncio.to_thread(_first_evidence, assistant, places)


def _first_evidence(assistant: Assistant, places: Sequence[str]) -> str:
    """The first of these places, opened; nothing is left open that the reply does not cite."""
    first = evidence(assistant, places[0], places) if places else None
    return first or render.no_evidence_html()
