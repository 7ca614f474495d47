"""What a browser or a script sends → a question and filters, checked.

Anyone can post anything to the page's and the API's addresses, so nothing here trusts a type, a
length or a date. Every refusal is a `BadQuestion` or `BadSetting` whose message the reader can act
on.

Left out: what the corpus holds. A publisher that it has never heard of simply allows no passage.
"""

from __future__ import annotations

import re

from index.search import Filters
from ingest.errors import BadQuestion, BadRecord, BadSetting
from ingest.read import iso_date

MOST_CHOICES = 100  # publishers, languages or articles in one filter
LONGEST_CHOICE = 500
MOST_PASSAGES = 50
MOST_PREVIOUS = 10  # questions
LONGEST_PREVIOUS = 2_000


def question_from(value: object) -> str:
    """The question, as text that can be stored and shown; `BadQuestion` for anything but text.

    Whether it is too long, or has words at all, the assistant says: the same for every door.
    """
    if not isinstance(value, str):
        raise BadQuestion("The question has to be text.")
    return _storable(value)


def filters_from(
    *,
    publishers: object = (),
    since: object = None,
    until: object = None,
    languages: object = (),
    articles: object = (),
) -> Filters:
    """Filters out of untrusted values; `BadSetting` names the one that makes no sense."""
    first, last = _date("From", since), _date("To", until)
    if first and last and first[: len(last)] > last:
        raise BadSetting(f"The dates are the wrong way round: {first} comes after {last}.")
    return Filters(
        publishers=_choices("publishers", publishers),
        since=first,
        until=last,
        languages=_choices("languages", languages),
        articles=_choices("articles", articles),
    )


def passages_from(value: object, default: int) -> int:
    """How many passages to look at: 1 to 50."""
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_PASSAGES:
        raise BadSetting(f"k has to be a whole number from 1 to {MOST_PASSAGES}.")
    return value


def count_from(name: str, value: int, most: int) -> int:
    """A whole number from 1 to `most`."""
    if not 1 <= value <= most:
        raise BadSetting(f"{name} has to be a whole number from 1 to {most:,}.")
    return value


def name_from(value: str) -> str:
    """The hash of a kept answer, or the beginning of one; `BadRecord` for anything else."""
    if not re.fullmatch(r"[0-9a-f]{8,64}", value):
        raise BadRecord("An answer is named by its hash: 8 or more of the characters 0-9 and a-f.")
    return value


def article_from(value: str | None) -> str | None:
    """The path or sha256 of an article, as text that can be looked up."""
    return None if value is None else _storable(value)


def previous_from(value: object) -> tuple[str, ...]:
    """The questions before this one; only the last few matter, so no more are taken."""
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise BadSetting("previous has to be a list of questions.")
    return tuple(_storable(one)[:LONGEST_PREVIOUS] for one in value[-MOST_PREVIOUS:])


def _choices(name: str, value: object) -> tuple[str, ...]:
    items = [value] if isinstance(value, str) else value
    if items is None:
        return ()
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
        raise BadSetting(f"{name} has to be a list of names.")
    if len(items) > MOST_CHOICES or any(len(item) > LONGEST_CHOICE for item in items):
        raise BadSetting(
            f"{name} may hold {MOST_CHOICES} names of {LONGEST_CHOICE} characters at most."
        )
    return tuple(clean for item in items if (clean := _storable(item)))


def _storable(text: str) -> str:
    """Without what UTF-8 or a database cannot hold."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", " ").strip()


def _date(name: str, value: object) -> str | None:
    """`2021`, `2021-11` or `2021-11-30`; a partial date means the whole year or month."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    text = value.strip() if isinstance(value, str) else repr(value)
    if (found := iso_date(text)) is None:
        shown = text if len(text) <= 40 else text[:39] + "…"
        raise BadSetting(f"{name}: “{shown}” is not a date. Write 2021-11-30, or 2021-11, or 2021.")
    return found
