"""`pincite add` and `pincite feeds`: bring sources in, and say what became of each.

Left out: indexing (`commands.py`), and the page's queue of sources.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from answer.settings import Settings
from index.words import writable
from ingest.add import Adding, AddReport, Step, is_address
from ingest.convert.document import FIELDS, Columns
from ingest.errors import BadSetting
from ingest.fetch import FetchSettings
from ingest.ledger import Ledger
from web.terminal import line

_DOING = {"fetching": "Fetching", "converting": "Converting", "writing": "Writing"}


def added(
    settings: Settings, sources: Sequence[str], *, follow: bool, columns: Sequence[str] = ()
) -> AddReport:
    """Bring files, folders and addresses into the corpus, and tell of each.

    `columns`: as for `columns_from`.
    """
    report = AddReport()
    with opened_adding(settings, columns_from(columns)) as adding:
        for source in sources:
            taken = source if is_address(source) else Path(source)
            report += _told(adding.take(taken, follow=follow, seen=_shown(source)), settings)
    return report


def columns_from(given: Sequence[str]) -> Columns:
    """Fields of an article with the columns that hold them; `BadSetting` for what is none.

    >>> columns_from(["text=Langtext", "title = Titel"])
    (('text', 'Langtext'), ('title', 'Titel'))
    """
    pairs: dict[str, str] = {}
    for one in given:
        field, _, name = (part.strip() for part in one.partition("="))
        if field not in FIELDS or not name or name != writable(name):
            raise BadSetting(
                f"--column {one[:100]}: write FIELD=NAME, where FIELD is one of "
                f"{', '.join(FIELDS)}, and NAME a column of the table."
            )
        if field in pairs:
            raise BadSetting(f"--column {field}=… is given twice; an article has one {field}.")
        pairs[field] = name
    return tuple(pairs.items())


def updated(settings: Settings) -> AddReport:
    """Bring in what is new in the feeds that are followed."""
    with opened_adding(settings) as adding:
        return _told(adding.update_feeds(_shown("followed feeds")), settings)


def followed(settings: Settings) -> list[dict[str, str | None]]:
    """The feeds that are followed, as JSON."""
    with Ledger(settings.corpus) as ledger:
        return [
            {"url": feed.url, "title": feed.title, "read": feed.at, "error": feed.error}
            for feed in ledger.feeds()
        ]


def unfollowed(settings: Settings, url: str) -> bool:
    """Follow a feed no more; its articles stay. → whether it was followed."""
    with Ledger(settings.corpus) as ledger:
        return ledger.unfollow(url)


def feed_line(feed: dict[str, str | None]) -> str:
    """One feed as a line: its title and address, and when it was read last."""
    title = f"{feed['title']}, " if feed["title"] else ""
    failed = f"; it could not be read then: {feed['error']}" if feed["error"] else ""
    return line(f"{title}{feed['url']} (read {feed['read']}{failed})")


def fetch_settings(settings: Settings) -> FetchSettings:
    """How addresses may be fetched."""
    return FetchSettings(allow_private=settings.allow_private)


def opened_adding(settings: Settings, columns: Columns = ()) -> Adding:
    """What brings sources into the corpus that is set, as it is set."""
    return Adding(
        settings.corpus,
        max_bytes=settings.max_bytes,
        fetch=fetch_settings(settings),
        columns=columns,
    )


def _told(report: AddReport, settings: Settings) -> AddReport:
    for source, path in report.added:
        print(f"{line(source)} → {line(settings.corpus / path)}")
    for source, path in report.changed:
        print(f"{line(source)} → {line(settings.corpus / path)}, a new version")
    for source, remark in report.remarks:
        print(f"{line(source)}: {line(remark)}", file=sys.stderr)
    for source, reason in report.skipped:
        print(f"skipped: {line(source)}: {line(reason)}", file=sys.stderr)
    return report


def _shown(source: str) -> Callable[[Step], None]:
    """Shows in a terminal how far a source is; nowhere else."""
    if not sys.stderr.isatty():
        return lambda step: None

    def show(step: Step) -> None:
        amount = f" {step.done:,}" if step.done else ""
        print(
            f"\r\x1b[K{_DOING[step.kind]}{amount}: {line(source)[:60]}", end="\r", file=sys.stderr
        )

    return show


def reconverted(settings: Settings, paths: Sequence[str], *, write: bool) -> list[dict[str, str]]:
    """Originals converted again, and what came of each article, as JSON."""
    from ingest.again import reconvert

    with opened_adding(settings) as adding:
        return [asdict(one) for one in reconvert(adding, paths, write=write)]


def reconverted_line(one: dict[str, str]) -> str:
    """What came of one article, as a line."""
    reason = f": {one['reason']}" if one["reason"] else ""
    return line(f"{one['outcome']}: {one['path']}{reason}")
