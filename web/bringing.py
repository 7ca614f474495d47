"""One source → articles that can be asked about, or why not, in plain words.

Left out: the queue that it stands in (`queue.py`), and how a source becomes articles
(`ingest/add.py`).
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import IngestStopped, PinciteError
from web.item import Brought, Ending, State, line_from, lines_from

if TYPE_CHECKING:
    from answer.assistant import Assistant
    from index.build import Progress
    from ingest.add import Adding, AddReport, Step

_NAMED = 5  # articles of an item that are named one by one
_INTERNAL = "Something failed inside Pincite; its log shows what."

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Bringing:
    """One source on its way. `source` is an address, or an uploaded file that is called `label`.

    `show` is told what is done: a state, and how much of how much. `cancelled` and `closed` are
    asked between the steps whether its sender, or the server, has had enough.
    """

    assistant: Assistant
    source: str | Path
    label: str
    follow: bool
    show: Callable[[State, int, int], None]
    cancelled: Callable[[], bool]
    closed: Callable[[], bool]
    _written: int = field(default=0, init=False)  # articles of a source that was interrupted
    _adding: Adding | None = field(default=None, init=False)

    def bring(self, adding: Adding) -> Ending:
        """Bring it in; whatever goes wrong is how it ends."""
        self._adding = adding
        followed = {feed.url for feed in adding.ledger.feeds()}
        try:
            ending = self._brought_in(adding)
        except Exception as error:
            ending = self.failed(error)
        if ending.state == "cancelled":
            for feed in adding.ledger.feeds():
                if feed.url not in followed:
                    adding.ledger.unfollow(feed.url)
        return ending

    def interrupt(self) -> None:
        """End the conversion that may be going on, which is not asked between steps while it is.

        To be called by another thread, once `cancelled` or `closed` says so.
        """
        if self._adding is not None:
            with suppress(Exception):  # both threads may give the same process back
                self._adding.converter.close()

    def failed(self, error: Exception) -> Ending:
        """How it ends with this error; what it wrote before is indexed, so that nothing is odd."""
        state: State = "cancelled" if self.cancelled() else "failed"
        reason = str(error) if isinstance(error, PinciteError) else _INTERNAL
        if state == "cancelled":
            reason = ""
        elif isinstance(error, IngestStopped):
            reason = "The server stopped. Bring it in again."
        elif not isinstance(error, PinciteError):
            log.error("a source could not be brought in", exc_info=error)
        if self._written:
            articles = "1 article" if self._written == 1 else f"{self._written:,} articles"
            reason = f"{reason} What had been brought in by then is kept: {articles}.".strip()
            with suppress(PinciteError):
                self.assistant.ingest()
        return Ending(state, reason)

    def _brought_in(self, adding: Adding) -> Ending:
        def seen(step: Step) -> None:
            if step.kind == "writing":
                self._written = max(self._written, step.done)
            self._go_on()
            fetching = step.kind == "fetching"
            self.show("fetching" if fetching else "converting", step.done, step.of)

        name = self.label if isinstance(self.source, Path) else None
        report = adding.take(self.source, name=name, follow=self.follow, seen=seen)
        self._written = 0
        try:
            skipped = self._indexed(report)
        except IngestStopped:
            if not self.cancelled():
                raise
            self._take_back(adding, report)
            return Ending("cancelled", "Nothing of it stays.")
        return self._ending(adding, report, skipped)

    def _indexed(self, report: AddReport) -> dict[str, str]:
        """Make what was brought in findable; → the paths that cannot be indexed, and why."""
        self._go_on()
        if not report.paths:
            return {}

        def told(progress: Progress) -> None:
            self._go_on()
            self.show("embedding", progress.passages, progress.of_passages)

        self.show("embedding", 0, 0)
        return dict(self.assistant.ingest(told, paths=report.paths).skipped)

    def _take_back(self, adding: Adding, report: AddReport) -> None:
        """Undo what a cancelled source added; an article that it changed stays as it is now."""
        added = [path for _, path in report.added]
        for path in added:
            (adding.corpus / path).unlink(missing_ok=True)
        adding.ledger.forget(added, remember=False)
        self.assistant.ingest(paths=report.paths, allow_empty=True)

    def _ending(self, adding: Adding, report: AddReport, skipped: dict[str, str]) -> Ending:
        """What became of a source that was worked through."""
        lines = [_of(self.label, name, why) for name, why in report.skipped]
        lines += [f"{path}: {why}" for path, why in skipped.items()]
        told = [_of(self.label, name, remark) for name, remark in report.remarks]
        told += [
            f"{path} is a new version now; the one before is kept." for _, path in report.changed
        ]
        paths = [path for path in report.paths if path not in skipped]
        added = [path for _, path in report.added if path not in skipped]
        told += [near for path in added[:_NAMED] if (near := self._near(path))]
        if not paths:
            reason = line_from(lines[0]) if lines else "It holds no article."
            return Ending("failed", reason, lines_from(lines[1:] + told))
        new = {path for _, path in (*report.added, *report.changed)}
        named = tuple(filter(None, (self._brought(adding, path) for path in paths[:_NAMED])))
        state: State = "done" if new.intersection(paths) else "already"
        return Ending(state, "", lines_from(lines + told), named, len(paths))

    def _near(self, path: str) -> str | None:
        """Which article a new one is nearly the same as, if it is."""
        try:
            alike = self.assistant.alike(path)
        except PinciteError:
            return None
        return next((f"{path} is nearly the same as “{one.title}”." for one in alike), None)

    def _brought(self, adding: Adding, path: str) -> Brought | None:
        try:
            sha256 = hashlib.sha256((adding.corpus / path).read_bytes()).hexdigest()
            article = self.assistant.article(sha256)
        except (OSError, PinciteError):
            return None
        return Brought(path, sha256, article.title) if article else None

    def _go_on(self) -> None:
        if self.cancelled() or self.closed():
            raise IngestStopped("This source was stopped before it was brought in.")


def _of(label: str, name: str, what: str) -> str:
    """A reason or a remark as a sentence about the item, or about a part of it, by its name."""
    if name != label:
        return f"{name}: {what}"
    return f"It {what}" if what[:1].islower() else what
