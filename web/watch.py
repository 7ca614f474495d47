"""`pincite serve --watch`: the index follows the corpus folder, and the corpus the feeds.

Files that are written, changed, moved or deleted are indexed within a second or two; changes that
come together are taken together. Where the folder goes away, and comes back, all of it is looked at
again. Where the system has no more watches to give, the folder is polled.

Left out: what an ingest does, and how feeds are read (`ingest/addresses.py`).
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from ingest.errors import CorpusMissing, IngestStopped, PinciteError
from ingest.read import SUFFIXES, corpus_files, corpus_path

FEEDS_EVERY = 1_800.0  # seconds between two readings of the followed feeds
MOST_PATHS = 2_000  # changed at once; beyond that all of the corpus is looked at instead
_QUIET_MS = 400  # without a change before the changes so far are taken
_TOGETHER_MS = 5_000  # the longest that changes are gathered
_LOOK_MS = 1_000  # between two looks whether the folder is still the same one
_POLL_MS = 2_000  # between two looks at every file, where the folder has to be polled

Changed = Sequence[str] | None  # corpus paths, or None: look at everything

log = logging.getLogger(__name__)


@dataclass
class Watch:
    """Follows one corpus folder, until `stop`.

    `level` brings the index level with these paths. `update` fetches what is new in the followed
    feeds, and gives the paths. `say` tells a line to whoever runs the server. What `level` and
    `update` raise is told, and the watch goes on; `IngestStopped` ends it.
    """

    corpus: Path
    level: Callable[[Changed], object]
    update: Callable[[], Changed] | None = None
    say: Callable[[str], None] = print
    polling: bool = False
    feeds_every: float = FEEDS_EVERY
    _stopped: threading.Event = field(default_factory=threading.Event)

    def begin(self) -> None:
        """Watch on threads of its own, and return."""
        work = [self.follow] + ([self.follow_feeds] if self.update else [])
        for one in work:
            name = f"pincite-{one.__name__.replace('_', '-')}"
            threading.Thread(target=one, name=name, daemon=True).start()

    def stop(self) -> None:
        """End soon; returns at once."""
        self._stopped.set()

    def go_on(self) -> None:
        """`IngestStopped` once it was told to end: to be called between the steps of long work."""
        if self._stopped.is_set():
            raise IngestStopped("The watch was stopped.")

    def follow(self) -> None:
        """Follow the folder until stopped."""
        missing = False
        while not self._stopped.is_set():
            place = _place(self.corpus)
            if place is not None:
                missing = False
                self._watch(place)
                continue
            if not missing:
                self.say(f"The corpus folder {self.corpus} is gone. Waiting until it is back.")
            missing = True
            self._stopped.wait(_LOOK_MS / 1000)

    def follow_feeds(self) -> None:
        """Read the followed feeds now and then, until stopped."""
        assert self.update is not None
        while not self._stopped.is_set():
            with self._told("The followed feeds could not be read"):
                paths = self.update()
                if paths:
                    self._level(paths)
            self._stopped.wait(self.feeds_every)

    def _watch(self, place: tuple[int, int]) -> None:
        """Follow the folder that is there now, until it is another one, or stopped.

        All of it is looked at once more when the watch has begun: what changed just before that
        nobody has seen.
        """
        from watchfiles import Change, watch

        root = Path(os.path.realpath(self.corpus))
        begun = False

        def matters(change: Change, path: str) -> bool:
            within = change == Change.modified and Path(path).is_dir()  # that is told, too
            return not within and is_visible(root, path)

        try:
            for changes in watch(
                root,
                watch_filter=matters,
                debounce=_TOGETHER_MS,
                step=_QUIET_MS,
                stop_event=self._stopped,
                rust_timeout=_LOOK_MS,
                yield_on_timeout=True,
                force_polling=self.polling or None,
                poll_delay_ms=_POLL_MS,
                ignore_permission_denied=True,
            ):
                if _place(self.corpus) != place:
                    return
                paths = changed_paths(root, {path for _, path in changes}) if begun else None
                begun = True
                if paths is None or paths:
                    self._level(paths)
        except (OSError, RuntimeError) as error:
            self._stopped.wait(_LOOK_MS / 1000)
            if _place(self.corpus) == place and not self.polling:
                self.polling = True
                self.say(
                    f"The system gives no more watches ({error}), so {self.corpus} is looked at "
                    f"every {_POLL_MS / 1000:g} seconds instead."
                )

    def _level(self, paths: Changed) -> None:
        with self._told("What changed in the corpus could not be indexed"):
            self.level(paths)

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """Tell what goes wrong in the block, since the watch has to go on."""
        try:
            yield
        except IngestStopped:
            self.stop()
        except PinciteError as error:
            self.say(f"pincite: {error}")
        except Exception:
            log.exception("%s", what)


def is_visible(root: Path, path: str) -> bool:
    """Whether an ingest would look at this place: nothing on the way from the root is hidden.

    >>> [is_visible(Path("/c"), p) for p in ("/c/a/b.md", "/c/.originals/b.md", "/c")]
    [True, False, True]
    """
    parts = PurePath(os.path.relpath(path, root)).parts
    return not any(part.startswith(".") for part in parts if part != ".")


def changed_paths(root: Path, changed: set[str]) -> Changed:
    """The corpus paths to look at for places that changed; None where it may be any of them.

    A folder that appeared stands for the articles in it. Of a folder that is gone nobody can see
    any more what it held, and a removed folder looks like a removed file.
    """
    paths: set[str] = set()
    for place in changed:
        found = _articles_at(root, Path(place))
        if found is None:
            return None
        paths.update(found)
    return sorted(paths) if len(paths) <= MOST_PATHS else None


def _articles_at(root: Path, file: Path) -> Iterator[str] | None:
    if file == root:
        return None
    if file.is_dir() and not file.is_symlink():
        return _articles_below(root, file)
    if file.name.lower().endswith(SUFFIXES):
        return iter((corpus_path(root, file),))
    return iter(()) if os.path.lexists(file) else None


def _articles_below(root: Path, folder: Path) -> Iterator[str]:
    with suppress(CorpusMissing):  # gone again
        yield from (corpus_path(root, file) for file in corpus_files(folder))


def _place(folder: Path) -> tuple[int, int] | None:
    """Which folder it is, whatever it is called; None where there is none."""
    with suppress(OSError):
        found = folder.stat()
        if folder.is_dir():
            return found.st_dev, found.st_ino
    return None
