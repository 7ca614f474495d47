"""The console script `pincite`: serve, add, ingest, ask, search, check, review, verify…

The one place that reads the environment, and the one that shows an error. Everything heavy is
imported inside the command that needs it, so `pincite --help` answers at once.

Left out: what results look like (`web/terminal.py`, `web/report.py`), the server (`web/server.py`),
and asking a server that already owns the index (`web/client.py`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from answer.settings import Settings
from ingest.errors import BadQuestion, BadSetting, PinciteError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from answer.assistant import Assistant
    from index.search import Filters

ANSWERED, ERROR, USAGE, NOT_IN_CORPUS, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 3, 130, 141
ELSEWHERE, ALTERED = 4, 5  # as `pincite verify` has moved and altered; 6 is gone
_STYLES = ("markdown", "text", "bibtex", "csl-json", "ris", "annotation", "record")
_CHECKED = {"exact": ANSWERED, "same_words": ANSWERED, "elsewhere": ELSEWHERE, "altered": ALTERED}

Reply = dict[str, Any]
Command = TypeVar("Command", bound=Callable[..., Any])

_SETTINGS = {
    "corpus": "Folder of articles.",
    "index": "Folder of the index, which can be made again, and of the kept answers, which cannot.",
    "embedder": "minilm, minilm-fp32 or hashed.",
    "max_mb": "The largest article, in MB.",
    "threads": "Processor threads for the model; 0 means all.",
    "llm": "Who writes answers: openai, anthropic, or an OpenAI-compatible address. "
    "A key goes into PINCITE_LLM_KEY.",
    "llm_model": "Its model; may be left out where the address serves one.",
    "llm_seconds": "The longest silence to wait for.",
    "llm_context": "How many tokens it can read.",
}
_FETCH_SETTINGS = {
    "allow_private": "Fetch addresses in private networks and on this machine, too: yes or no."
}
_SHOWN = {
    "allow_private": "no",
    "llm": "nobody: quotations",
    "llm_model": "its only one",
}  # instead of an empty default
_SERVER_SETTINGS = {
    "host": "Address to listen at.",
    "port": "Port to listen at; the next free one if it is in use, any for 0.",
}
_METAVARS = {
    "corpus": "FOLDER",
    "index": "FOLDER",
    "embedder": "NAME",
    "max_mb": "MB",
    "threads": "N",
    "llm": "URL",
    "llm_model": "NAME",
    "llm_seconds": "SECONDS",
    "llm_context": "TOKENS",
    "allow_private": "YES|NO",
    "host": "ADDRESS",
    "port": "N",
}


def main() -> None:
    """Run the command line, and leave with its exit code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command; every error that a reader is meant to see is shown here."""
    try:
        _speak_utf8()
        with pincite.make_context("pincite", list(arguments)) as context:
            code = pincite.invoke(context)
        sys.stdout.flush()
        return int(code or 0)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as error:
        error.show()
        return USAGE
    except (BadSetting, BadQuestion) as error:
        return _fail(str(error), USAGE)
    except PinciteError as error:
        return _fail(str(error), ERROR)
    except (KeyboardInterrupt, click.Abort):
        return _fail("stopped.", INTERRUPTED)
    except BrokenPipeError:
        _leave_the_pipe()
        return PIPE_CLOSED


def _settings_options(names: Mapping[str, str]) -> Callable[[Command], Command]:
    """Each setting as an option, on the group and on each command: before or after its name."""

    def remember(context: click.Context, option: click.Parameter, value: str | None) -> None:
        if value is not None:
            context.find_root().ensure_object(dict)[option.name] = value

    def decorate(command: Command) -> Command:
        for name, about in reversed(list(names.items())):
            click.option(
                f"--{name.replace('_', '-')}",
                name,
                metavar=_METAVARS[name],
                help=f"{about}  [{_SHOWN.get(name) or getattr(Settings(), name)}]",
                expose_value=False,
                callback=remember,
            )(command)
        return command

    return decorate


def _filter_options(command: Command) -> Command:
    """The filters of `ask` and `search`; those that repeat allow any of their values."""
    for name, metavar, many, about in (
        ("--article", "PATH|SHA256", True, "Only this article; may be repeated."),
        ("--language", "CODE", True, "Only this language (en, uk, tr…); may be repeated."),
        ("--until", "DATE", False, "Only articles published on or before it."),
        ("--since", "DATE", False, "Only articles published on or after it: 2021-11-30 or 2021."),
        ("--publisher", "NAME", True, "Only this publisher; may be repeated."),
    ):
        click.option(name, metavar=metavar, multiple=many, help=about)(command)
    return command


def _settings() -> Settings:
    """Defaults, then `PINCITE_*`, then the options of this command line."""
    settings = Settings.from_env(os.environ)
    for name, value in (click.get_current_context().find_root().obj or {}).items():
        settings = settings.with_option(name, value)
    return settings


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""
    \b
    Start here:
      pincite add ~/articles            copy articles into the corpus and index them
      pincite ask "Who was at Minsk?"   an answer, every sentence quoted and cited
      pincite serve                     the same as a page, at http://127.0.0.1:7860
      pincite check "the words"         whether the articles say these words, and where
      pincite verify all                whether what was cited still stands there

    \b
    Every setting is also a variable (PINCITE_CORPUS, PINCITE_INDEX, …); an option goes first.
    Exit codes: 0 answered, 1 error, 2 usage, 3 not in the corpus. Of check, review and verify also
    4 elsewhere or moved, 5 altered or contradicted, 6 gone.
    """,
)
@_settings_options(_SETTINGS | _SERVER_SETTINGS)
@click.version_option(package_name="pincite")
def pincite() -> None:
    """Ask a folder of articles. Answers are verbatim; each citation names the exact place."""


@pincite.command(
    epilog="""
    \b
      pincite serve --port 8000
      pincite --corpus ~/articles serve --open --watch
    """
)
@click.option("--open", "browse", is_flag=True, help="Open the page in a browser.")
@click.option("--watch", is_flag=True, help="Follow the corpus folder and the followed feeds.")
@_settings_options(_SETTINGS | _SERVER_SETTINGS | _FETCH_SETTINGS)
def serve(browse: bool, watch: bool) -> None:
    """Serve the page and the API.

    The page is up within seconds. Articles that are new or have changed are indexed behind it, and
    while it runs other pincite commands are answered by it. With --watch, files that change later
    are indexed as they do, and followed feeds are read every half an hour.
    """
    from web import commands

    commands.serve(_settings(), browse=browse, watch=watch)


@pincite.command(
    epilog="""
    \b
      pincite add notes.md report.pdf ~/articles
      pincite add https://example.org/2021/a-story.html
      pincite add --follow https://example.org/feed.xml
      pincite add --column text=Langtext --column title=Titel export.csv
    """
)
@click.argument("sources", nargs=-1, required=True, metavar="FILE|FOLDER|ADDRESS…")
@click.option("--follow", is_flag=True, help="A feed: bring in its later articles, too.")
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="FIELD=NAME",
    help="A table: which column holds text, title, authors, published, … of the articles.",
)
@click.option("--no-ingest", is_flag=True, help="Only bring in; index later with pincite ingest.")
@_settings_options(_SETTINGS | _FETCH_SETTINGS)
def add(sources: tuple[str, ...], follow: bool, columns: tuple[str, ...], no_ingest: bool) -> int:
    """Bring articles into the corpus, then index them.

    Markdown and plain text are copied byte for byte; HTML, PDF, DOCX, ODT, RTF, EPUB, e-mail,
    subtitles, CSV, JSON, WARC and zip are converted, and their originals kept. An address is a
    page, a feed or a sitemap. What is brought in again with another text is a new version.
    """
    from web import adding, commands

    settings = _settings()
    report = adding.added(settings, sources, follow=follow, columns=columns)
    commands.say(report.summary())
    if no_ingest or not report.paths:
        return ANSWERED if report.ok else ERROR
    return max(ANSWERED if report.ok else ERROR, _ingest(settings, paths=report.paths))


@pincite.command(
    epilog="""
    \b
      pincite feeds
      pincite feeds --update
      pincite feeds --stop https://example.org/feed.xml
    """
)
@click.option("--update", is_flag=True, help="Bring in what is new, then index it.")
@click.option("--stop", metavar="ADDRESS", help="Follow this one no more; its articles stay.")
@click.option("--json", "as_json", is_flag=True, help="Print the feeds as JSON.")
@_settings_options(_SETTINGS | _FETCH_SETTINGS)
def feeds(update: bool, stop: str | None, as_json: bool) -> int:
    """Show the feeds that are followed, and bring in what is new in them.

    Feeds are followed with pincite add --follow; pincite serve --watch reads them by itself.
    """
    from web import adding, commands, terminal

    settings = _settings()
    if stop is not None and not adding.unfollowed(settings, stop):
        return _fail(f"{stop} is not followed. The feeds that are: pincite feeds", USAGE)
    if update:
        report = adding.updated(settings)
        commands.say(report.summary())
        code = ANSWERED if report.ok else ERROR
        return max(code, _ingest(settings, paths=report.paths)) if report.paths else code
    told = adding.followed(settings)
    if as_json:
        click.echo(terminal.json_text(told))
    elif not told:
        commands.say("No feed is followed. Follow one with: pincite add --follow ADDRESS")
    for feed in [] if as_json else told:
        click.echo(adding.feed_line(feed))
    return ANSWERED


@pincite.command(
    epilog="""
    \b
      pincite reconvert
      pincite reconvert --write 2021/report.md
    """
)
@click.argument("paths", nargs=-1, metavar="[PATH…]")
@click.option("--write", is_flag=True, help="Replace what differs; each is a new version.")
@click.option("--json", "as_json", is_flag=True, help="Print what came of each as JSON.")
@_settings_options(_SETTINGS)
def reconvert(paths: tuple[str, ...], write: bool, as_json: bool) -> int:
    """Convert the kept originals again, and say which articles would read otherwise now.

    Without paths, all of them. Exit code 5 means that some differ, 1 that some cannot be converted.
    """
    from web import adding, terminal

    settings = _settings()
    told = adding.reconverted(settings, paths, write=write)
    if as_json:
        click.echo(terminal.json_text(told))
    for one in [] if as_json else told:
        click.echo(adding.reconverted_line(one))
    outcomes = {one["outcome"] for one in told}
    if "replaced" in outcomes:
        replaced = [one["path"] for one in told if one["outcome"] == "replaced"]
        _ingest(settings, paths=replaced)
    if outcomes & {"missing", "unreadable"}:
        return ERROR
    return ALTERED if outcomes & {"differs", "edited"} else ANSWERED


@pincite.command(
    epilog="""
    \b
      pincite ingest
      pincite ingest --rebuild --embedder minilm-fp32
    """
)
@click.option("--rebuild", is_flag=True, help="Throw the index away and make it again.")
@click.option("--allow-empty", is_flag=True, help="Let an empty corpus empty the index.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@_settings_options(_SETTINGS)
def ingest(rebuild: bool, allow_empty: bool, as_json: bool) -> int:
    """Bring the index level with the corpus.

    New, changed and removed articles are found. May be stopped at any moment; the next run
    completes it. Files that cannot be read are named, and make the exit code 1.
    """
    return _ingest(_settings(), as_json=as_json, rebuild=rebuild, allow_empty=allow_empty)


@pincite.command(
    epilog="""
    \b
      pincite ask "When was the Montreux Convention signed?"
      pincite ask --since 2021-01 --language en "Who bought the drones?" --json
      pincite ask "Who signed it?" --after "When was the Montreux Convention signed?"
      echo "What did Minsk agree?" | pincite ask -
    """
)
@_filter_options
@click.argument("words", nargs=-1, metavar="QUESTION…|-")
@click.option("-k", type=int, help="Passages to read for the answer.  [8]")
@click.option(
    "--after",
    multiple=True,
    metavar="QUESTION",
    help="The question before this one; may be repeated.",
)
@click.option("--as-of", metavar="DATE", help="As it was known by then; the same as --until.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@_settings_options(_SETTINGS)
def ask(
    words: tuple[str, ...],
    k: int | None,
    after: tuple[str, ...],
    as_of: str | None,
    as_json: bool,
    **given: Any,
) -> int:
    """Ask a question; the answer quotes the articles and says where.

    Exit code 3 means that the corpus does not hold the answer; the nearest passages are shown. The
    answer is kept: see pincite answers, export and verify.
    """
    from web import commands, terminal
    from web.query import previous_from

    if as_of and given["until"]:
        raise click.UsageError("--as-of and --until are the same. Give one of them.")
    question, allowed, count = _question(words, k, 8, given | {"until": as_of or given["until"]})
    previous = previous_from(after)
    reply = commands.answered(
        _settings(),
        "ask",
        lambda assistant: assistant.ask(
            question, filters=allowed, k=count, previous=previous
        ).to_json(),
        lambda owner: owner.ask(question, filters=allowed, k=count, previous=previous),
    )
    _print(reply, as_json, terminal.answer_text, terminal.answer_panels)
    return {"answered": ANSWERED, "not_in_corpus": NOT_IN_CORPUS}.get(reply["outcome"], ERROR)


@pincite.command(
    epilog="""
    \b
      pincite search "loitering munitions" -k 3
      pincite search drones --publisher "Sample Wire" --json
    """
)
@_filter_options
@click.argument("words", nargs=-1, metavar="WORDS…|-")
@click.option("-k", type=int, help="Passages to show.  [10]")
@click.option("--json", "as_json", is_flag=True, help="Print the passages as JSON.")
@_settings_options(_SETTINGS)
def search(words: tuple[str, ...], k: int | None, as_json: bool, **given: Any) -> int:
    """Show the passages that fit best, without an answer. Exit code 3 means there are none."""
    from web import commands, terminal

    question, allowed, count = _question(words, k, 10, given)

    def here(assistant: Assistant) -> Reply:
        hits = assistant.search(question, filters=allowed, k=count)
        return {"question": question, "passages": [hit.to_json() for hit in hits]}

    reply = commands.answered(
        _settings(),
        "search",
        here,
        lambda owner: owner.search(question, filters=allowed, k=count),
    )
    _print(reply, as_json, terminal.passages_text, terminal.passages_panels)
    return ANSWERED if reply["passages"] else NOT_IN_CORPUS


@pincite.command(
    epilog="""
    \b
      pincite check "the drone flew for nine hours"
      pincite check --article 2021/harbour.md "deepened in 1974" --json
    """
)
@click.argument("words", nargs=-1, metavar="WORDS…|-")
@click.option("--article", metavar="PATH|SHA256", help="Where the words are said to come from.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
@_settings_options(_SETTINGS)
def check(words: tuple[str, ...], article: str | None, as_json: bool) -> int:
    """Check a quotation: do the articles say these words?

    An ellipsis (…) stands for words left out. Exit code 0: the words are there, perhaps in other
    typography. 3: not in the corpus. 4: not in the article that was named, but in another. 5:
    altered; the words that differ are shown.
    """
    from web import commands, report

    quote = _text(words, "Give the quoted words, or - to read them from standard input.")
    reply = commands.answered(
        _settings(),
        "check",
        lambda assistant: assistant.check(quote, article=article).to_json(),
        lambda owner: owner.check(quote, article=article),
    )
    _print(reply, as_json, report.check_text)
    return _CHECKED.get(reply["verdict"], NOT_IN_CORPUS)


@pincite.command(
    epilog="""
    \b
      pincite review draft.txt
      grep -v TODO draft.md | pincite review - --json
    """
)
@click.argument("draft", metavar="FILE|-")
@click.option("--json", "as_json", is_flag=True, help="Print the review as JSON.")
@_settings_options(_SETTINGS)
def review(draft: str, as_json: bool) -> int:
    """Check a draft, sentence by sentence.

    Each is supported by the articles, contradicted, absent from them, or no claim (-). Exit code 0:
    nothing is contradicted or absent. 3: something is absent. 5: contradicted.
    """
    from web import commands, report
    from web.files import draft_from
    from web.query import question_from

    text = question_from(draft_from(draft))
    reply = commands.answered(
        _settings(),
        "review",
        lambda assistant: assistant.review(text).to_json(),
        lambda owner: owner.review(text),
    )
    _print(reply, as_json, report.review_text)
    verdicts = {one["verdict"] for one in reply["sentences"]}
    if "contradicted" in verdicts:
        return ALTERED
    return NOT_IN_CORPUS if "absent" in verdicts else ANSWERED


@pincite.command(
    epilog="""
    \b
      pincite answers
      pincite answers drones
      pincite answers --article 2021/harbour.md
    """
)
@click.argument("words", nargs=-1, metavar="[WORDS…]")
@click.option("--article", metavar="PATH|SHA256", help="Only those that cite it, checked again.")
@click.option("--limit", type=click.IntRange(1, 1_000), default=50, metavar="N",
              help="How many to show.  [50]")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@_settings_options(_SETTINGS)
def answers(words: tuple[str, ...], article: str | None, limit: int, as_json: bool) -> int:
    """List the answers that were given, the latest first.

    With --article: those that a change of that article touches, each with what became of it.
    """
    from web import commands, kept, report

    if words and article:
        raise click.UsageError("Give words of the question or --article, not both.")
    search = " ".join(words)
    reply = commands.answered(
        _settings(),
        "answers",
        lambda assistant: kept.listed(assistant, search, article, limit),
        lambda owner: owner.answers(search=search, article=article, limit=limit),
    )
    _print(reply, as_json, report.answers_text)
    return ANSWERED


@pincite.command(
    epilog="""
    \b
      pincite history 2021/harbour.md
      pincite history 2021/harbour.md --diff 4f2a91bc..9d03e511
    """
)
@click.argument("path", metavar="PATH|URL")
@click.option("--diff", metavar="OLD..NEW", help="Two versions, by 4 or more of their characters.")
@click.option("--json", "as_json", is_flag=True, help="Print versions and difference as JSON.")
@_settings_options(_SETTINGS)
def history(path: str, diff: str | None, as_json: bool) -> int:
    """Show the versions of an article, newest first, and what changed.

    The difference is that of the last two versions, sentence by sentence; [-words-] were taken out
    and {+words+} put in. Articles that are nearly the same are named, too.
    """
    from web import commands, library, library_text

    settings = _settings()
    name = library.corpus_name(settings.corpus, path)
    reply = commands.answered(
        settings,
        "history",
        lambda assistant: library.history_json(assistant, name, diff),
        lambda owner: owner.history(name, diff),
    )
    _print(reply, as_json, library_text.history_text)
    return ANSWERED


@pincite.command(
    epilog="""
    \b
      pincite remove 2021/harbour.md
      pincite remove 2021/harbour.md --yes
      pincite remove https://example.org/harbour --forget --yes
      pincite remove --publisher "Coast Gazette"
    """
)
@click.argument("names", nargs=-1, metavar="[PATH|URL…]")
@click.option("--publisher", "publishers", multiple=True, metavar="NAME",
              help="Every article of this publisher; may be repeated.")  # fmt: skip
@click.option("--forget", is_flag=True, help="Its older versions, too, without a trace of words.")
@click.option("--yes", is_flag=True, help="Do it. Without this, only say what would go.")
@click.option("--json", "as_json", is_flag=True, help="Print what goes as JSON.")
@_settings_options(_SETTINGS)
def remove(
    names: tuple[str, ...], publishers: tuple[str, ...], forget: bool, yes: bool, as_json: bool
) -> int:
    """Take articles away for good: files, passages, vectors and full text.

    Says first what would go, and which kept answers cite it; --yes does it. Originals go where
    nothing else was made from them, and a followed feed does not bring the articles back. Versions
    stay readable for the answers that cite them, unless --forget is given.
    """
    from web import commands, library, library_text

    settings = _settings()
    known = [library.corpus_name(settings.corpus, name) for name in names]
    reply = commands.answered(
        settings,
        "remove",
        lambda assistant: library.removal_json(
            assistant, known, publishers, forget=forget, yes=yes
        ),
        lambda owner: owner.remove(known, publishers, forget=forget, yes=yes),
    )
    again = library_text.command(known, list(publishers), forget=forget)
    _print(reply, as_json, lambda told: library_text.removal_text(told, again=again))
    return ANSWERED


@pincite.command(
    epilog="""
    \b
      pincite verify 4f2a91bc
      pincite verify record.json
      pincite verify all
    """
)
@click.argument("name", metavar="RECORD|FILE|all")
@click.option("--json", "as_json", is_flag=True, help="Print the verification as JSON.")
@_settings_options(_SETTINGS)
def verify(name: str, as_json: bool) -> int:
    """Check that what an answer cites still stands in the articles.

    RECORD is the hash under which the answer was kept, or 8 or more digits of it; or the file of a
    record (pincite export --as record). Exit code 0: intact, 4: moved, 5: altered, 6: gone.
    """
    from web import commands, report

    reply = commands.verified(_settings(), name)
    plain = report.verifications_text if "records" in reply else report.verification_text
    _print(reply, as_json, plain)
    return int(reply["exit_code"])


@pincite.command(
    epilog="""
    \b
      pincite export 4f2a91bc --as bibtex
      pincite export 4f2a91bc --as markdown -o answer.md
    """
)
@click.argument("name", metavar="RECORD")
@click.option("--as", "style", type=click.Choice(_STYLES), default="markdown", show_default=True,
              metavar="FORMAT", help=f"{', '.join(_STYLES[:-1])} or {_STYLES[-1]}.")  # fmt: skip
@click.option("-o", "--output", metavar="FILE", help="Where to write; standard output by default.")
@click.option("--force", is_flag=True, help="Write over a file that says something else.")
@_settings_options(_SETTINGS)
def export(name: str, style: str, output: str | None, force: bool) -> int:
    """Export a kept answer with its citations.

    RECORD is the hash under which the answer was kept, or 8 or more digits of it (pincite answers).
    The format record is the answer with all that it rests on, which pincite verify can check
    anywhere. A file that is there already is not written over without --force.
    """
    from web import commands
    from web.files import write_file
    from web.terminal import clean

    text = commands.exported(_settings(), name, style)
    if output is None:
        shown = clean(text) if sys.stdout.isatty() else text
        click.echo(shown, nl=not text.endswith("\n"))
    else:
        write_file(output, text, replace=force)
    return ANSWERED


@pincite.command(
    "eval",
    epilog="""
    \b
      pincite eval bench/sample_questions.jsonl
      pincite eval squad.json --json
    """,
)
@click.argument("questions", type=click.Path(path_type=Path), metavar="QUESTIONS")
@click.option("--json", "as_json", is_flag=True, help="Print every figure, and what went wrong.")
@_settings_options(_SETTINGS)
def evaluate(questions: Path, as_json: bool) -> int:
    """Measure answers on a file of questions.

    JSON Lines are asked of the corpus: {"id", "question", "answers": […], "evidence": [{"title",
    "quote"}], "answerable"}. A .json file in SQuAD's format brings its own articles.
    """
    from web import commands, terminal

    reply = commands.evaluated(_settings(), questions)
    click.echo(terminal.json_text(reply) if as_json else terminal.figures_text(reply))
    return ANSWERED


# ---- below: what the commands share ----------------------------------------------------------


def _ingest(
    settings: Settings,
    *,
    as_json: bool = False,
    rebuild: bool = False,
    allow_empty: bool = False,
    paths: Sequence[str] | None = None,
) -> int:
    from web import commands, terminal

    report = commands.ingested(settings, rebuild=rebuild, allow_empty=allow_empty, paths=paths)
    commands.say_skipped(report)
    click.echo(terminal.json_text(report) if as_json else report["summary"])
    return ERROR if report["skipped"] else ANSWERED


def _question(
    words: Sequence[str], k: int | None, usual: int, given: Mapping[str, Any]
) -> tuple[str, Filters, int]:
    """The question from the arguments or standard input, its filters, and how many passages."""
    from answer.assistant import checked_question
    from web.query import filters_from, passages_from

    text = _text(words, "Ask something, or give - to read it from standard input.")
    allowed = filters_from(
        publishers=given["publisher"],
        since=given["since"],
        until=given["until"],
        languages=given["language"],
        articles=given["article"],
    )
    return checked_question(text), allowed, passages_from(k, usual)


def _text(words: Sequence[str], usage: str) -> str:
    """Text from the arguments, or from standard input; `usage` says what is missing."""
    from web.files import text_from
    from web.query import question_from

    text = text_from(words)
    if text is None:
        raise click.UsageError(usage)
    return question_from(text)


def _print(
    reply: Reply,
    as_json: bool,
    plain: Callable[[Reply], str],
    panels: Callable[[Reply], Iterable[RenderableType]] | None = None,
) -> None:
    """JSON if it is asked for, panels in a terminal where there are any, else plain text."""
    from web.terminal import json_text

    if as_json:
        click.echo(json_text(reply))
    elif panels is not None and sys.stdout.isatty():
        from rich.console import Console

        Console(highlight=False).print(*panels(reply), sep="\n")
    else:
        click.echo(plain(reply))


def _fail(message: str, code: int) -> int:
    from web.terminal import clean

    click.echo(f"pincite: {clean(message)}", err=True)
    return code


def _leave_the_pipe() -> None:
    """Let what was not read go nowhere, so that the interpreter's last flush does not complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _speak_utf8() -> None:
    """Articles are UTF-8 whatever the locale says; what it cannot show becomes a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            encoding = None if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="replace")


if __name__ == "__main__":
    main()
