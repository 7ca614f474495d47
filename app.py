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
_SHOWN = {"llm": "nobody: quotations", "llm_model": "its only one"}  # instead of an empty default
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
      pincite --corpus ~/articles serve --open
    """
)
@click.option("--open", "browse", is_flag=True, help="Open the page in a browser.")
@_settings_options(_SETTINGS | _SERVER_SETTINGS)
def serve(browse: bool) -> None:
    """Serve the page and the API.

    The page is up within seconds. Articles that are new or have changed are indexed behind it, and
    while it runs other pincite commands are answered by it.
    """
    from web import commands

    commands.serve(_settings(), browse=browse)


@pincite.command(
    epilog="""
    \b
      pincite add notes.md report.txt
      pincite add ~/articles --no-ingest
    """
)
@click.argument("sources", nargs=-1, required=True, metavar="FILE|FOLDER…")
@click.option("--no-ingest", is_flag=True, help="Only copy; index later with pincite ingest.")
@_settings_options(_SETTINGS)
def add(sources: tuple[str, ...], no_ingest: bool) -> int:
    """Bring articles into the corpus, then index them.

    Markdown and plain text, in UTF-8; copied byte for byte, and yours stay where they are.
    """
    from ingest import convert
    from web import commands, terminal

    settings = _settings()
    files = [Path(source) for source in sources]
    report = convert.add(files, settings.corpus, max_bytes=settings.max_bytes)
    for source, path in report.added:
        click.echo(f"{terminal.line(source)} → {terminal.line(settings.corpus / path)}")
    for source, reason in report.skipped:
        commands.say(f"skipped: {terminal.line(source)}: {terminal.line(reason)}")
    commands.say(report.summary())
    if no_ingest or not (report.added or report.already):
        return ANSWERED if report.ok else ERROR
    return max(ANSWERED if report.ok else ERROR, _ingest(settings))


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
    settings: Settings, *, as_json: bool = False, rebuild: bool = False, allow_empty: bool = False
) -> int:
    from web import commands, terminal

    report = commands.ingested(settings, rebuild=rebuild, allow_empty=allow_empty)
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
