"""What `pincite` does once its command line is read: own the index, or ask whoever owns it.

Results are the contract's JSON objects, so it makes no difference to what is printed where they
were made. Remarks go to standard error.

Left out: the command line itself (`app.py`) and what results look like (`terminal.py`).
"""

from __future__ import annotations

import logging
import os
import re
import socket
import sys
import webbrowser
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, nullcontext
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from answer.settings import Settings
from index.owner import Owner, OwnerInfo, own, owner_info, reach
from index.rebuild import start_again
from ingest.errors import BadRecord, IndexBusy, IngestStopped, NoRoom, PinciteError
from web.client import MOST_ANSWERS, OwnerClient
from web.files import LARGEST_RECORD, read_file
from web.progress import progress_shown
from web.terminal import clean, line

if TYPE_CHECKING:
    from answer.assistant import Assistant
    from answer.record import Record
    from ingest.add import Adding
    from web.watch import Watch

Reply = dict[str, Any]

_HASH = re.compile(r"[0-9a-f]{8,64}")
_LOOKED_AT = 100  # changed files, for the kept answers that cite them
_COMPARED = 20  # new articles, with others that they may be nearly the same as

log = logging.getLogger(__name__)


def answered(
    settings: Settings,
    command: str,
    here: Callable[[Assistant], Reply],
    there: Callable[[OwnerClient], Reply],
) -> Reply:
    """Ask the server that owns the index, or own it for as long as the question takes."""
    while True:
        found = _reach(settings, command)
        if isinstance(found, Owner):
            with found, _opened(settings) as assistant:
                if assistant.coverage().articles:
                    _check_corpus(settings)
                else:
                    say(f"Nothing is indexed in {settings.index} yet: indexing {settings.corpus}.")
                    _say_built(_built(assistant))
                return here(assistant)
        try:
            owner = OwnerClient(found)
            if not owner.articles():
                say(f"{found} has nothing indexed yet: waiting until it has.")
                owner.ingest()
            reply = there(owner)
            _say_writer(settings, found, reply)
            return reply
        except IndexBusy:
            if owner_info(settings.index) is not None:
                raise  # else it ended just now, and the index is free


def verified(settings: Settings, name: str) -> Reply:
    """Verify the kept answer of that hash, all of them, or the record that a file holds.

    `BadRecord` for a name that is neither.
    """
    if name == "all":
        return answered(settings, "verify", _all_verified, OwnerClient.verify_all)
    if _HASH.fullmatch(name):
        return answered(
            settings,
            "verify",
            lambda assistant: assistant.verify(assistant.record(name)).to_json(),
            lambda owner: owner.verify(name),
        )
    record = _record_in(name)
    return answered(
        settings,
        "verify",
        lambda assistant: assistant.verify(record).to_json(),
        lambda owner: owner.verify_file(record.text),
    )


def _record_in(name: str) -> Record:
    """The record that a file holds, checked before any index is opened."""
    from answer.record import read_record

    if not name or not os.path.lexists(name):
        raise BadRecord(
            f"“{line(name)[:200]}” is neither a file nor the name of a kept answer, which is 8 or "
            "more of the characters 0-9 and a-f. What is kept: pincite answers"
        )
    try:
        return read_record(read_file(name, LARGEST_RECORD))
    except BadRecord as error:
        raise BadRecord(f"{line(name)}: {error}") from error


def exported(settings: Settings, name: str, style: str) -> str:
    """A kept answer in one of the styles of export, or as its record."""
    from web import kept

    reply = answered(
        settings,
        "export",
        lambda assistant: {"text": kept.exported(assistant, name, style).text},
        lambda owner: {"text": owner.export(name, style)},
    )
    return str(reply["text"])


def ingested(
    settings: Settings,
    *,
    rebuild: bool = False,
    allow_empty: bool = False,
    paths: Sequence[str] | None = None,
) -> Reply:
    """Bring the index level with the corpus, or have its server do it; → the report.

    With `paths` only these are looked at, but for the first time that anything is indexed.
    """
    if rebuild or allow_empty:  # nothing that a server does while it answers
        found: Owner | OwnerInfo = _own(settings, "ingest")
    else:
        found = _reach(settings, "ingest")
    if isinstance(found, OwnerInfo):
        say(f"{found} owns the index, so it does the indexing.")
        owner = OwnerClient(found)
        report = owner.ingest(paths)
        _say_touched(report, owner.citing)
        _say_alike(paths or (), lambda path: owner.history(path)["alike"])
        return report
    with found:
        if rebuild:
            start_again(settings.index)
        with _opened(settings) as assistant:
            known = paths if assistant.coverage().articles else None
            report = _built(assistant, allow_empty=allow_empty, paths=known)
            _say_touched(report, partial(_citing, assistant))
            _say_alike(paths or (), partial(_alike, assistant))
            return report


def evaluated(settings: Settings, questions: Path) -> Reply:
    """Ask every question of a file; → the figures."""
    from answer.evaluate import evaluate
    from web.remote import RemoteAssistant

    def progress(done: int, of: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{done} of {of} questions", end="", file=sys.stderr, flush=True)

    found = None if questions.suffix == ".json" else _reach(settings, "eval")
    if isinstance(found, OwnerInfo):
        owner = OwnerClient(found)
        owner.ingest()
        report = evaluate(questions, settings, asked=RemoteAssistant(owner), progress=progress)
    else:
        with found or nullcontext():  # a .json file brings a corpus of its own
            report = evaluate(questions, settings, progress=progress)
    if sys.stderr.isatty():
        say("")
    return report.to_json()


def serve(settings: Settings, *, browse: bool, watch: bool = False) -> None:
    """Serve until stopped; the page is up first, and the index is brought level behind it.

    With `watch`, what changes in the corpus or in the followed feeds is indexed as it happens.
    """
    from web import server

    with _own(settings, "serve") as owner:
        listening = server.free_port(settings.host, settings.port)
        try:
            _serve(settings, owner, listening, browse=browse, watch=watch)
        finally:
            listening.close()


def _serve(
    settings: Settings, owner: Owner, listening: socket.socket, *, browse: bool, watch: bool
) -> None:
    from web import server
    from web.adding import opened_adding
    from web.api import build_app

    url, port = server.address(listening), listening.getsockname()[1]

    def once_up() -> None:
        try:
            owner.announce(url)
        except NoRoom as error:
            say(f"pincite: {error} Other commands cannot find this server.")
        if settings.port not in (0, port):
            say(f"Port {settings.port} is in use, so another was taken: {port}.")
        say(f"Pincite is at {url} (Ctrl-C stops it).")
        if browse:
            webbrowser.open(url)
        if watch:
            following.begin()
        _level(assistant)

    def stop() -> None:
        assistant.stop()
        following.stop()

    with _opened(settings) as assistant:
        adding = partial(opened_adding, settings)
        app = build_app(assistant, token=owner.info.token, adding=adding)
        following = _following(settings.corpus, assistant, adding)
        server.run(app, listening, once_up=once_up, stop=stop)


def _following(corpus: Path, assistant: Assistant, adding: Callable[[], Adding]) -> Watch:
    """What keeps the index level with the corpus, and the corpus with its feeds, once it begins."""
    from web.watch import Watch

    def level(paths: Sequence[str] | None) -> None:
        report = _built(assistant, behind=True, paths=paths)
        if report["skipped"] or any(report[what] for what in ("added", "changed", "removed")):
            _say_built(report)
            _say_touched(report, partial(_citing, assistant))

    def update() -> Sequence[str]:
        with adding() as opened:
            report = opened.update_feeds(lambda _: watch.go_on())
        if report.added or report.changed:
            say(f"Feeds: {report.summary()}.")
        return report.paths

    watch = Watch(corpus, level, update, say)
    return watch


def _level(assistant: Assistant) -> None:
    """Bring the index level behind a server, which goes on whatever comes of it."""
    try:
        report = _built(assistant, behind=True)
        _say_built(report)
        _say_touched(report, partial(_citing, assistant))
    except IngestStopped:
        pass  # with the server
    except PinciteError as error:
        say(f"pincite: {error}")
    except BaseException:  # also a panic of Chroma's, which is no Exception
        log.exception("The index could not be brought level; what is indexed is served. Why:")


def say_skipped(report: Reply) -> None:
    """Name the files that could not be read, with the reason for each."""
    for path, reason in report["skipped"]:
        say(f"skipped: {line(path)}: {line(reason)}")


def say(message: str) -> None:
    """Tell the reader something that is no part of the result."""
    print(clean(message), file=sys.stderr, flush=True)


def _own(settings: Settings, command: str) -> Owner:
    corpus, embedder = settings.corpus, settings.embedder
    return own(
        settings.index, command, corpus=corpus, embedder=embedder, wait=None, on_wait=_say_waiting
    )


def _reach(settings: Settings, command: str) -> Owner | OwnerInfo:
    corpus, embedder = settings.corpus, settings.embedder
    return reach(settings.index, command, corpus=corpus, embedder=embedder, on_wait=_say_waiting)


def _all_verified(assistant: Assistant) -> Reply:
    from web import kept

    return kept.all_verified(assistant)


def _say_built(report: Reply) -> None:
    say_skipped(report)
    say(f"Index: {report['summary']}.")


def _say_touched(report: Reply, citing: Callable[[str], Iterable[str]]) -> None:
    """Tell of kept answers that cite files which have just been found changed or removed."""
    paths = report["changed_paths"]
    touched = {name for path in paths[:_LOOKED_AT] for name in citing(path)}
    if touched:
        least = "At least " if len(paths) > _LOOKED_AT else ""
        many = "1 kept answer cites" if len(touched) == 1 else f"{len(touched):,} kept answers cite"
        what = "a file that has" if len(paths) == 1 else "files that have"
        say(f"{least}{many} {what} changed or gone. Whether they still hold: pincite verify all")


def _say_alike(paths: Sequence[str], alike: Callable[[str], Sequence[Reply]]) -> None:
    """Name the articles that those which have just come in are nearly the same as."""
    for path in paths[:_COMPARED]:
        try:
            near = alike(path)
        except PinciteError:
            continue  # it cannot be indexed, and that was said
        for one in near[:1]:
            say(f"{line(path)} is nearly the same as {line(one['path'])} ({one['share']:.0%}).")


def _alike(assistant: Assistant, path: str) -> list[Reply]:
    return [one.to_json() for one in assistant.alike(path)]


def _citing(assistant: Assistant, path: str) -> list[str]:
    """The hashes of kept answers that cite any version of a file; none where none can be read."""
    try:
        return [row.hash for row in assistant.citing(path, limit=MOST_ANSWERS)]
    except PinciteError:
        return []  # the ingest is done; `pincite answers` says what is wrong with them


def _check_corpus(settings: Settings) -> None:
    from index.build import check_corpus

    check_corpus(settings.index, settings.corpus)


def _say_writer(settings: Settings, server: OwnerInfo, reply: Reply) -> None:
    """A server answers with its own settings, whatever this command was given."""
    if not settings.llm:
        return
    from answer.answer import QUOTATIONS

    if reply.get("writer") == QUOTATIONS and not reply["note"]:
        say(f"{server} was started without --llm, so this answer is made of quotations.")


def _say_waiting(owner: OwnerInfo) -> None:
    say(f"Waiting: the index is in use by {owner if owner.pid else 'another process'}.")


def _opened(settings: Settings) -> closing[Assistant]:
    """The assistant on an index that this process owns."""
    from answer.assistant import open_assistant

    return closing(open_assistant(settings))


def _built(
    assistant: Assistant,
    *,
    allow_empty: bool = False,
    behind: bool = False,
    paths: Sequence[str] | None = None,
) -> Reply:
    """Bring the index level, showing how far it is; → the report as `POST /api/ingest` has it."""
    with progress_shown(behind=behind) as progress:
        report = assistant.ingest(progress=progress, allow_empty=allow_empty, paths=paths)
    skipped = [list(pair) for pair in report.skipped]
    told = {"skipped": skipped, "changed_paths": list(report.changed_paths)}
    return {**asdict(report), **told, "summary": report.summary()}
