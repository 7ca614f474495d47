"""The writer with a model: any endpoint that speaks OpenAI's chat protocol, through llama-index.

The model gets the passages as numbered sentences (`prompt.py`) and answers in its own words, naming
numbers; `markers.py` reads those out of the stream, and `reply.py` makes claims of them, whose
quotations are cut from the articles. Whatever goes wrong at the endpoint, the reader still gets an
answer: one of quotations, with a note that says why.

Left out: whether the claims hold (`judge.py`, `ground.py`).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import httpx

from answer.draft import Draft
from answer.judge import judge
from answer.llm.markers import MarkerParser, Thoughts
from answer.llm.outage import Failed, Overflow, explained, pause, several
from answer.llm.prompt import Numbered, Prompt, answer_prompt, condense_prompt, numbered
from answer.llm.reply import CLAIMS, Reply, claims, plain
from answer.llm.wire import Endpoint, Refused, Wire, root
from answer.quote import QuotingWriter
from index.search import Hit
from index.words import content_terms
from ingest.article import Article

if TYPE_CHECKING:
    from llama_index.llms.openai_like import OpenAILike

LONGEST_ANSWER = 6_000  # characters; the prompt asks for five sentences
LONGEST_QUESTION = 300  # characters of a follow-up question in full
TOLD_EVERY = 24  # characters between two reports of the text so far

Told = Callable[[str], None]


@dataclass(slots=True)
class _Exchange:
    """How one reply went: its finish, as the server gave it, and whether reading stopped early."""

    finish: str | None = None
    stopped: bool = False


class LlmWriter:
    """Answers in a model's words, each sentence with the articles' own that it rests on.

    `endpoint` is `openai`, `anthropic` or a base URL; without a `model` the only one that the
    endpoint has. `seconds` is the longest silence, and a quarter of what a whole answer may take.
    `context` is the model's, in tokens. `fallback` answers when the model does not. `article` gives
    an article by its sha256. Raises `BadSetting` where a service needs a key and has none.
    """

    def __init__(
        self,
        endpoint: str,
        fallback: QuotingWriter,
        article: Callable[[str], Article | None],
        *,
        model: str = "",
        key: str = "",
        seconds: float = 60.0,
        context: int = 4_096,
    ) -> None:
        self._endpoint = Endpoint.named(endpoint, key, seconds)
        self._fallback = fallback
        self._article = article
        self._context = context
        self._model = model

    @property
    def name(self) -> str:
        """The model's name; the endpoint's where it is not known before the first question."""
        return plain(self._model) or self._endpoint.where

    def write(self, question: str, hits: Sequence[Hit], *, told: Told | None = None) -> Draft:
        """The model's answer, or quotations with a note that says why it is not.

        `told` gets the text so far, without markers; an error that it raises ends the reading,
        closes the connection, and is raised again. No claims where the model says that the passages
        do not hold the answer.
        """
        if not hits:
            return Draft((), 0.0, self.name)
        try:
            return self._written(question, hits, told)
        except Failed as failed:
            return replace(self._fallback.write(question, hits), note=failed.note)

    def condense(self, question: str, previous: Sequence[str]) -> str:
        """A follow-up question as one that can be understood alone.

        The question itself where the model fails, or writes anything but a question made mostly of
        words that were asked before.
        """
        system, user = condense_prompt(question, previous)
        reply, parser, thoughts = Reply(), MarkerParser(), Thoughts()
        try:
            with Wire(self._endpoint) as wire:
                for delta in self._deltas(wire, system, user, _Exchange()):
                    reply.add(parser.feed(thoughts.feed(delta)))
                    if reply.length > LONGEST_QUESTION:
                        return question
        except (Failed, Overflow):
            return question
        reply.add(parser.feed(thoughts.close()))
        reply.add(parser.close())
        return _asked_again(reply.text, question, previous)

    def warm(self) -> None:
        """Import the client, so that the first question does not wait for it."""
        import llama_index.llms.openai_like  # noqa: F401

    def _written(self, question: str, hits: Sequence[Hit], told: Told | None) -> Draft:
        ranked = self._fallback.rank(question, hits)
        support = ranked[0].support if ranked else 0.0
        sentences = numbered(hits)
        prompt, reply, exchange = self._replied(question, sentences, told)
        statements = reply.statements(cut=exchange.stopped or exchange.finish == "length")
        found = claims(statements, sentences, prompt.shown, judge, support)
        if not found and not reply.declines:
            did = "wrote no sentence" if reply.text.strip() or reply.named else "answered nothing"
            raise Failed(f"The model at {self._endpoint.where} {did}")
        note = _notes(exchange, len(statements), len(sentences) - len(prompt.shown), self._context)
        return Draft(found, support, self.name, note)

    def _replied(
        self, question: str, sentences: Sequence[Numbered], told: Told | None
    ) -> tuple[Prompt, Reply, _Exchange]:
        """A whole reply; half of the passages are asked with where all are too long."""
        prompt = self._prompt(question, sentences, self._context)
        try:
            return (prompt, *self._read(prompt, told))
        except Overflow:
            last = sentences[-1].number[0]
            half = [one for one in sentences if 2 * one.number[0] <= max(2, last)]
            prompt = self._prompt(question, half, self._context // 2)
        try:
            return (prompt, *self._read(prompt, told))
        except Overflow as overflow:
            why = f"The model at {self._endpoint.where} finds half of the passages still too long"
            raise Failed(
                why, "Give it a larger context, or lower PINCITE_LLM_CONTEXT."
            ) from overflow

    def _prompt(self, question: str, sentences: Sequence[Numbered], context: int) -> Prompt:
        prompt = answer_prompt(question, sentences, self._article, context=context)
        if not prompt.shown:
            why = f"Not one sentence fits into a context of {context:,} tokens"
            raise Failed(why, "Give the model a larger one, and say so in PINCITE_LLM_CONTEXT.")
        return prompt

    def _read(self, prompt: Prompt, told: Told | None) -> tuple[Reply, _Exchange]:
        """One reply, reported while it grows."""
        reply, parser, thoughts = Reply(), MarkerParser(prompt.shown), Thoughts()
        exchange, reported = _Exchange(), 0
        with Wire(self._endpoint) as wire:
            for delta in self._deltas(wire, prompt.system, prompt.user, exchange):
                reply.add(parser.feed(thoughts.feed(delta)[: LONGEST_ANSWER - reply.length]))
                if told and reply.length >= reported + TOLD_EVERY and not reply.declines:
                    reported = reply.length
                    told(plain_lines(reply.text))
                if reply.length >= LONGEST_ANSWER:
                    exchange.stopped = True
                    break
        reply.add(parser.feed(thoughts.close()))
        reply.add(parser.close())
        if told and reply.length > reported and not reply.declines:
            told(plain_lines(reply.text))
        return reply, exchange

    def _deltas(self, wire: Wire, system: str, user: str, exchange: _Exchange) -> Iterator[str]:
        """The text as it arrives; before any has come, a failure that may pass is tried again."""
        omitted: tuple[str, ...] = ()
        failures = 0
        while True:
            started = False
            try:
                for delta in self._once(wire, system, user, omitted, exchange):
                    started = started or bool(delta)
                    yield delta
                return
            except Exception as error:  # a server may send anything at all
                cause = root(error)
                if not (started or omitted) and _minds_temperature(cause):
                    omitted = ("temperature",)
                    continue
                wait = pause(cause, failures)
                if started or wait is None or wait >= wire.seconds_left:
                    raise explained(cause, self._endpoint, self._model, started=started) from error
                failures += 1
                time.sleep(wait)

    def _once(
        self, wire: Wire, system: str, user: str, omitted: Sequence[str], exchange: _Exchange
    ) -> Iterator[str]:
        from llama_index.core.base.llms.types import ChatMessage, MessageRole

        llm = self._llm(wire, omitted)
        asked = [
            ChatMessage(role=MessageRole.SYSTEM, content=system),
            ChatMessage(role=MessageRole.USER, content=user),
        ]
        something = False
        for response in llm.stream_chat(asked, timeout=self._endpoint.timeout):
            something = True
            choices = getattr(response.raw, "choices", None) or [None]
            exchange.finish = getattr(choices[0], "finish_reason", None) or exchange.finish
            yield response.delta or ""
        if not something and not wire.is_event_stream:  # a server that does not stream
            yield llm.chat(asked, timeout=self._endpoint.timeout).message.content or ""
            exchange.finish = "stop"
        elif exchange.finish is None and not wire.ended:
            raise httpx.RemoteProtocolError("the stream broke off")

    def _llm(self, wire: Wire, omitted: Sequence[str]) -> OpenAILike:
        from llama_index.llms.openai_like import OpenAILike
        from openai import NOT_GIVEN

        if not self._model:
            self._model = self._only_model(wire)
        endpoint = self._endpoint
        return OpenAILike(
            model=self._model,
            api_base=endpoint.base,
            api_key=endpoint.key or "none",  # else the client looks for one in the environment
            context_window=self._context,
            is_chat_model=True,
            temperature=0.0,
            max_retries=0,  # ours, which knows what a reader has seen
            timeout=endpoint.seconds,
            http_client=wire.client,
            additional_kwargs=dict.fromkeys(omitted, NOT_GIVEN),
        )

    def _only_model(self, wire: Wire) -> str:
        names = wire.models()
        if len(names) != 1:
            raise several(names, self._endpoint)
        return names[0]


def plain_lines(text: str) -> str:
    """A model's text so far, line by line as a reader should see it."""
    return "\n".join(filter(None, map(plain, text.split("\n"))))


def _minds_temperature(cause: BaseException) -> bool:
    """Whether a model takes no temperature but its own, as some of OpenAI's do."""
    return isinstance(cause, Refused) and cause.status == 400 and "temperature" in cause.said


def _notes(exchange: _Exchange, statements: int, left_out: int, context: int) -> str | None:
    notes = []
    if exchange.stopped:
        notes.append(f"The model did not stop; its first {LONGEST_ANSWER:,} characters were read.")
    elif exchange.finish == "length":
        notes.append("The model's answer was cut off at its greatest length.")
    elif exchange.finish == "content_filter":
        notes.append("The model's service withheld a part of its answer.")
    if statements > CLAIMS:
        notes.append(f"Only its first {CLAIMS} sentences are shown.")
    if left_out:
        notes.append(
            f"{left_out:,} sentences that were found did not fit into the model's context "
            f"(PINCITE_LLM_CONTEXT is {context:,} tokens)."
        )
    return " ".join(notes) or None


_BEFORE_QUESTION = re.compile(r"(?:rewritten |last |standalone )?question\s*:\s*", re.IGNORECASE)


def _asked_again(text: str, question: str, previous: Sequence[str]) -> str:
    """A rewritten question, where it is one; else the question as it was."""
    lines = [line for line in map(plain, text.split("\n")) if line]
    again = _BEFORE_QUESTION.sub("", lines[0], count=1).strip("\"'“”„«» ") if lines else ""
    words = set(content_terms(again))
    asked = {word for one in (question, *previous) for word in content_terms(one)}
    if not words or len(again) > LONGEST_QUESTION or 2 * len(words & asked) <= len(words):
        return question
    return again
