"""Why a model gave no answer, in a reader's words: what failed, where, and what to do.

Left out: finding out (`llm.py`, `wire.py`). A server's own words are shown only short, and never
where they could hold the key.
"""

from __future__ import annotations

from collections.abc import Sequence

import httpx

from answer.llm.reply import plain
from answer.llm.wire import Endpoint, OutOfTime, Refused, TooMuch, overflows, server_words

RETRIES = 2  # after a failure that may pass
BACKOFF = 0.5  # seconds before the first retry; twice that before the second
LONGEST_WAIT = 10.0  # seconds; a server that asks for a longer one is not waited for
MODELS_NAMED = 8  # of those to choose from

_WAIT_LONGER = "PINCITE_LLM_SECONDS sets how long to wait."


class Failed(Exception):
    """There is no answer from the model; `note` tells the reader why."""

    def __init__(self, why: str, advice: str = "") -> None:
        self.note = f"{why}, so this answer is made of quotations. {advice}".strip()
        super().__init__(self.note)


class Overflow(Exception):
    """The prompt was too long for the model."""


def explained(
    cause: BaseException, endpoint: Endpoint, model: str, *, started: bool
) -> Failed | Overflow:
    """What to tell about an error that ended an exchange; `started`: after some text had come."""
    at = f"The model at {endpoint.where}"
    match cause:
        case Failed() | Overflow():
            return cause
        case Refused():
            return _refusal(cause, endpoint, model)
        case httpx.ConnectError() | httpx.ConnectTimeout():
            why = f"Nothing answers at {endpoint.where}"
            return Failed(why, "Start the model's server, or correct PINCITE_LLM.")
        case ImportError():
            why = "The client for models is not installed"
            return Failed(why, "Run: pip install llama-index-llms-openai-like")
    if not started and overflows(str(cause)):
        return Overflow()
    did, advice = _what_it_did(cause, endpoint, started=started)
    return Failed(f"{at} {did}", advice)


def several(names: Sequence[str], endpoint: Endpoint) -> Failed:
    """No model was chosen, and the endpoint has none or more than one."""
    if not names:
        why = f"The server at {endpoint.where} has no model"
        return Failed(why, "Load one, or name it in PINCITE_LLM_MODEL.")
    listed = ", ".join(server_words(plain(name), endpoint) for name in names[:MODELS_NAMED])
    more = f" and {len(names) - MODELS_NAMED:,} more" if len(names) > MODELS_NAMED else ""
    why = f"The server at {endpoint.where} has several models and none was chosen"
    return Failed(why, f"Name one in PINCITE_LLM_MODEL: {listed}{more}.")


def pause(cause: BaseException, failures: int) -> float | None:
    """Seconds until it is worth another try (twice as long each time); None where it is not."""
    wait = BACKOFF * 2**failures
    if isinstance(cause, Refused):
        passes = (cause.status == 429 or cause.status >= 500) and not cause.overflows
        wait = wait if cause.wait is None else cause.wait
    else:
        passes = isinstance(cause, httpx.ConnectError)
    return wait if passes and failures < RETRIES and wait <= LONGEST_WAIT else None


def _what_it_did(cause: BaseException, endpoint: Endpoint, *, started: bool) -> tuple[str, str]:
    match cause:
        case httpx.TimeoutException() if started:
            return f"fell silent for {endpoint.seconds:g} s in the middle of its answer", ""
        case httpx.TimeoutException():
            return f"did not answer within {endpoint.seconds:g} s", _WAIT_LONGER
        case OutOfTime():
            return "took too long", _WAIT_LONGER
        case TooMuch():
            return "sent far more than an answer", ""
        case httpx.TransportError():
            return f"broke off{' in the middle of its answer' if started else ''}", ""
    return "sent what is not OpenAI's protocol", "Check that PINCITE_LLM is its base URL."


def _refusal(refused: Refused, endpoint: Endpoint, model: str) -> Failed | Overflow:
    if refused.overflows:
        return Overflow()
    status = refused.status
    words = server_words(refused.said, endpoint)
    says = f"It says: {words}" if words else ""
    if status in (401, 403):
        did, advice = f"refused the key ({status})", "Check PINCITE_LLM_KEY."
    elif status == 404:
        did = f"does not know {plain(model) or 'that address'} (404)"
        advice = f"Check PINCITE_LLM and PINCITE_LLM_MODEL. {says}".strip()
    elif status == 429:
        did, advice = "has too much to do, or no credit is left (429)", says
    elif status < 400:
        did, advice = f"sends elsewhere ({status})", "Put the final address into PINCITE_LLM."
    else:
        did, advice = f"failed with status {status}", says
    return Failed(f"The model at {endpoint.where} {did}", advice)
