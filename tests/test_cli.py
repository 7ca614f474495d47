"""The command line, as a shell and a person see it: real processes, pipes, and a pseudo-terminal."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import ProxyHandler, build_opener

import pytest
from conftest import write
from llm_server import LlmServer, says

import app
from answer.export import STYLES
from bench.news import news, write_corpus
from index.catalog import Catalog
from index.owner import INFO_NAME, own, owner_info
from web.kept import RECORD_STYLE
from web.server import free_port

ROOT = Path(__file__).parents[1]
PINCITE = [sys.executable, str(ROOT / "app.py")]
DREDGERS = "How many dredgers worked in the harbour at Kallo?"
ELSEWHERE = "Which quasar emits gravitational photosynthesis?"


class Done(NamedTuple):
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


Pincite = Callable[..., Done]


def environment(**variables: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PINCITE_")}
    return {**kept, "PINCITE_EMBEDDER": "hashed", "TERM": "xterm-256color", **variables}


@pytest.fixture
def pincite(three_articles: Path, monkeypatch: pytest.MonkeyPatch) -> Pincite:
    """Runs `pincite` in this process, where `corpus/` holds three articles and no index is made."""
    monkeypatch.chdir(three_articles.parent)

    def run(*arguments: str, stdin: str | bytes = b"", **variables: str) -> Done:
        given = stdin if isinstance(stdin, bytes) else stdin.encode("utf-8")
        out, err = (io.TextIOWrapper(io.BytesIO(), write_through=True) for _ in range(2))
        with monkeypatch.context() as during:
            for name in [name for name in os.environ if name.startswith("PINCITE_")]:
                during.delenv(name)
            for name, value in {"PINCITE_EMBEDDER": "hashed", **variables}.items():
                during.setenv(name, value)
            during.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
            during.setattr(sys, "stdout", out)
            during.setattr(sys, "stderr", err)
            code = app.run(arguments)
        said = [stream.buffer.getvalue().decode("utf-8") for stream in (out, err)]  # type: ignore[attr-defined]
        return Done(code, *said)

    return run


@pytest.fixture
def served(three_articles: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`pincite serve` on three articles, all indexed: its address and its process."""
    with Serving(three_articles.parent) as (url, process):
        deadline = time.monotonic() + 60
        while _get(f"{url}/healthz")["articles"] < 3 and time.monotonic() < deadline:
            time.sleep(0.1)
        yield url, process


class Serving:
    """Starts `pincite serve` and waits for the address that it prints."""

    def __init__(self, folder: Path, *arguments: str, program: Sequence[str] = PINCITE) -> None:
        self.process = subprocess.Popen(
            [*program, "serve", "--port", "0", *arguments],
            cwd=folder,
            env=environment(),
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> tuple[str, subprocess.Popen[str]]:
        self.said = ""
        assert self.process.stderr is not None
        for said in self.process.stderr:
            self.said += said
            found = re.search(r"Pincite is at (http://\S+)", said)
            if found:
                return found[1], self.process
        raise AssertionError(self.said)

    def __exit__(self, *error: object) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stderr is not None
        self.process.stderr.close()


def _get(url: str) -> Any:
    with build_opener(ProxyHandler({})).open(url, timeout=30) as reply:
        return json.load(reply)


def in_terminal(folder: Path, *arguments: str, columns: int = 100) -> tuple[int, str]:
    """Exit code and everything that a terminal of so many columns would be sent."""
    here, there = pty.openpty()
    process = subprocess.Popen(
        [*PINCITE, *arguments],
        cwd=folder,
        env=environment(COLUMNS=str(columns)),
        stdin=there,
        stdout=there,
        stderr=there,
        start_new_session=True,
    )
    os.close(there)
    sent = b""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        ready, _, _ = select.select([here], [], [], 0.2)
        try:
            piece = os.read(here, 65_536) if ready else b""
        except OSError:
            break
        sent += piece
        if not ready and process.poll() is not None:
            break
    os.close(here)
    return process.wait(timeout=30), sent.decode("utf-8")


# ---- help -------------------------------------------------------------------------------------


def test_help_answers_within_half_a_second() -> None:
    times = []
    for _ in range(5):
        started = time.monotonic()
        subprocess.run([*PINCITE, "--help"], cwd=ROOT, check=True, capture_output=True)
        times.append(time.monotonic() - started)
    assert min(times) < 0.5, times


@pytest.mark.parametrize(
    "command",
    [*"serve add ingest ask search check review answers verify export eval".split()],
)
def test_help_of_every_command_teaches_by_example(pincite: Pincite, command: str) -> None:
    overview, own = pincite("--help"), pincite(command, "--help")
    assert re.search(rf"^  {command} +[A-Z]", overview.stdout, re.MULTILINE)
    assert own.stdout.count(f"pincite {command}") + own.stdout.count(f" {command} ") >= 2
    for option in ("--corpus", "--index", "--embedder", "--max-mb", "--threads", "--llm"):
        assert option in own.stdout


def test_help_names_the_exit_codes(pincite: Pincite) -> None:
    assert "0 answered, 1 error, 2 usage, 3 not in the corpus" in pincite("-h").stdout
    assert "0: intact, 4: moved, 5: altered, 6: gone" in _told(pincite("verify", "-h"))
    for code in ("0: the words are there", "3: not in the corpus", "4: not in", "5: altered"):
        assert code in _told(pincite("check", "-h"))
    for code in ("0: nothing is contradicted", "3: something is absent", "5: contradicted"):
        assert code in _told(pincite("review", "-h"))


def _told(done: Done) -> str:
    return " ".join(done.stdout.split())


# ---- ask and search ---------------------------------------------------------------------------


def test_ask_in_a_pipe_prints_plain_lines_and_builds_the_index_first(pincite: Pincite) -> None:
    done = pincite("ask", DREDGERS)
    assert done.returncode == 0
    assert "Two dredgers worked there for nine months" in done.stdout.splitlines()[0]
    assert "[1] The harbour at Kallo, Coast Gazette, 2021-11-30" in done.stdout
    assert "\x1b" not in done.stdout
    assert "indexing corpus" in done.stderr
    assert "3 added" in done.stderr
    again = pincite("ask", DREDGERS)
    assert (again.stdout, again.stderr) == (done.stdout, "")


def test_ask_json_is_the_contract_and_its_places_are_exact(
    pincite: Pincite, three_articles: Path
) -> None:
    answer = json.loads(pincite("ask", DREDGERS, "--json").stdout)
    assert answer["outcome"] == "answered"
    assert answer["corpus"]["articles"] == 3
    for citation in answer["citations"]:
        data = (three_articles / citation["path"]).read_bytes()
        start, end = citation["chars"]
        assert data.decode("utf-8")[start:end] == citation["quote"]
        start, end = citation["bytes"]
        assert data[start:end].decode("utf-8") == citation["quote"]


def test_what_the_corpus_does_not_hold_is_exit_code_3(pincite: Pincite) -> None:
    done = pincite("ask", ELSEWHERE)
    assert done.returncode == 3
    assert "3 articles" in done.stdout
    reply = json.loads(pincite("ask", ELSEWHERE, "--json").stdout)
    assert (reply["outcome"], reply["citations"]) == ("not_in_corpus", [])


@pytest.mark.parametrize("arguments", [(), ("-",)])
def test_a_question_comes_from_standard_input_too(
    pincite: Pincite, arguments: tuple[str, ...]
) -> None:
    done = pincite("ask", *arguments, stdin=f"{DREDGERS}\n")
    assert done.returncode == 0
    assert "Two dredgers" in done.stdout


def test_words_need_no_quotes(pincite: Pincite) -> None:
    done = pincite("search", "harbour", "master", "-k", "1", "--json")
    assert json.loads(done.stdout)["question"] == "harbour master"


def test_search_shows_where_each_passage_is(pincite: Pincite) -> None:
    done = pincite("search", "lighthouse lamp mainland", "-k", "1")
    assert done.returncode == 0
    first = done.stdout.splitlines()[0]
    assert re.fullmatch(
        r"1\. A lighthouse without a keeper \(2014/lighthouse.md, characters \d+-\d+\)", first
    )
    reply = json.loads(pincite("search", "lighthouse lamp mainland", "-k", "1", "--json").stdout)
    assert list(reply) == ["question", "passages"]
    assert len(reply["passages"]) == 1


@pytest.mark.parametrize(
    ("options", "paths"),
    [
        (("--publisher", "Island Review"), {"2014/lighthouse.md"}),
        (("--since", "2020"), {"2021/harbour.md"}),
        (("--until", "2014"), {"2014/lighthouse.md"}),
        (("--language", "en"), {"2014/lighthouse.md", "2021/harbour.md"}),
        (("--article", "tides.txt"), {"tides.txt"}),
        (
            ("--article", "tides.txt", "--article", "2021/harbour.md"),
            {"tides.txt", "2021/harbour.md"},
        ),
    ],
)
def test_filters_leave_only_what_they_allow(
    pincite: Pincite, options: tuple[str, ...], paths: set[str]
) -> None:
    done = pincite("search", "harbour lighthouse sea", *options, "--json")
    assert {hit["path"] for hit in json.loads(done.stdout)["passages"]} == paths


# ---- a terminal -------------------------------------------------------------------------------


def test_a_terminal_gets_panels_and_colour(three_articles: Path) -> None:
    code, sent = in_terminal(three_articles.parent, "ask", DREDGERS)
    assert code == 0
    assert "╭─ Answer ─" in re.sub(r"\x1b\[[0-9;]*m", "", sent)
    assert "\x1b[32m" in sent
    assert "Two dredgers" in sent


def test_a_terminal_gets_a_panel_for_what_is_not_there(three_articles: Path) -> None:
    code, sent = in_terminal(three_articles.parent, "ask", ELSEWHERE)
    assert code == 3
    assert "Not in this corpus" in sent


HOSTILE = (
    "\x1b]0;owned\x07\x1b[2J\x1b[31mThe keeper of Vormsi\x1b[0m counted \u202eninety\u202c seals "
    "on the \x9b31mice in March\x00\x08. [bold]Nobody[/bold] counted them again.\n"
).replace("\x00", "")


def test_escape_sequences_of_an_article_reach_no_terminal(
    pincite: Pincite, three_articles: Path
) -> None:
    write(three_articles, "seals.md", f'---\ntitle: "Seals \\e[31m\\a"\n---\n{HOSTILE}')
    question = "Who counted seals on the ice of Vormsi?"
    plain = pincite("ask", question)
    assert plain.returncode == 0
    assert "The keeper of Vormsi counted ninety seals on the ice in March." in plain.stdout
    assert not set(plain.stdout + plain.stderr) & {*map(chr, range(9)), "\x1b", "\x9b", "\u202e"}
    code, sent = in_terminal(three_articles.parent, "ask", question, columns=200)
    assert code == 0
    for sequence in ("\x1b]0", "\x1b[2J", "\x9b", "\x08", "\x07", "\u202e"):
        assert sequence not in sent
    assert "[bold]Nobody[/bold]" in sent


def test_json_escapes_control_characters_and_keeps_the_quote_exact(
    pincite: Pincite, three_articles: Path
) -> None:
    data = write(three_articles, "seals.md", HOSTILE).read_bytes()
    done = pincite("search", "seals on the ice of Vormsi", "-k", "1", "--json")
    assert not set(done.stdout) & {"\x1b", "\x9b", "\x08"}
    (hit,) = json.loads(done.stdout)["passages"]
    assert data.decode("utf-8")[slice(*hit["chars"])] == hit["text"]
    assert "\x9b31m" in hit["text"]


# ---- what can go wrong ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("ask",), "question"),
        (("ask", "   "), "question"),
        (("ask", "?!…"), "no words"),
        (("ask", "tide " * 20_000), "2,000"),
        (("search", "sea", "--since", "soon"), "not a date"),
        (("search", "sea", "--since", "2021", "--until", "2020"), "wrong way round"),
        (("search", "sea", "-k", "0"), "1 to 50"),
        (("ask", "sea", "--port", "x"), "port"),
        (("--port", "x", "serve"), "whole number"),
        (("--embedder", "word2vec", "ask", "sea"), "minilm"),
        (("--tide",), "--tide"),
        (("answer", "sea"), "answer"),
        (("add",), "FILE"),
    ],
)
def test_a_wrong_use_is_exit_code_2_with_the_reason(
    pincite: Pincite, arguments: tuple[str, ...], why: str
) -> None:
    done = pincite(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert why in done.stderr
    assert len(done.stderr) < 1_000


@pytest.mark.parametrize("command", ["ask", "search"])
def test_a_question_is_checked_before_anything_is_indexed(
    pincite: Pincite, three_articles: Path, command: str
) -> None:
    for question in ("", "?!…", "tide " * 20_000):
        done = pincite(command, question)
        assert (done.returncode, done.stdout) == (2, "")
        assert "indexing" not in done.stderr
    assert not (three_articles.parent / ".pincite").exists()


def test_standard_input_that_is_far_too_long_is_said_to_be_so(pincite: Pincite) -> None:
    done = pincite("ask", "-", stdin="€" * 400_000)  # cut at a million bytes, inside a character
    assert done.returncode == 2
    assert "more than 1,000,000 bytes" in done.stderr


def test_standard_input_that_is_not_utf_8_is_refused(pincite: Pincite) -> None:
    done = pincite("ask", "-", stdin=b"caf\xe9?")
    assert done.returncode == 2
    assert "not UTF-8" in done.stderr


def test_a_question_that_is_not_utf_8_is_asked_as_far_as_it_can_be(three_articles: Path) -> None:
    done = subprocess.run(
        [*PINCITE, "search", b"harbour \xff master", "--json"],
        cwd=three_articles.parent,
        env=environment(),
        capture_output=True,
    )
    assert done.returncode == 0
    assert json.loads(done.stdout)["question"] == "harbour ? master"


def test_a_misspelt_variable_is_exit_code_2_and_named(pincite: Pincite) -> None:
    done = pincite("ask", "sea", PINCITE_CORPSE="articles")
    assert done.returncode == 2
    assert done.stderr.startswith("pincite: PINCITE_CORPSE is not a setting.")
    assert pincite("ask", "--help", PINCITE_CORPSE="articles").returncode == 0


def test_a_missing_corpus_is_exit_code_1_with_what_to_do(pincite: Pincite) -> None:
    done = pincite("ask", "--corpus", "nowhere", "sea")
    assert done.returncode == 1
    assert "There is no corpus folder at nowhere" in done.stderr
    assert "pincite add" in done.stderr


def test_options_stand_before_or_after_the_command_and_go_before_variables(
    pincite: Pincite, three_articles: Path
) -> None:
    three_articles.rename(three_articles.with_name("articles"))
    for arguments in (
        ("--corpus", "articles", "--index", "i1", "search", "sea", "--json"),
        ("search", "--corpus", "articles", "--index", "i2", "sea", "--json"),
        ("--corpus", "nowhere", "search", "sea", "--corpus", "articles", "--index=i3", "--json"),
    ):
        done = pincite(*arguments, PINCITE_CORPUS="elsewhere", PINCITE_INDEX="/dev/null/x")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["passages"]


def test_another_embedder_is_refused_and_rebuild_makes_it_right(pincite: Pincite) -> None:
    assert pincite("ingest").returncode == 0
    refused = pincite("ask", "sea", "--embedder", "minilm")
    assert refused.returncode == 1
    assert "pincite ingest --rebuild" in refused.stderr
    assert pincite("ingest", "--rebuild").stdout.startswith("3 added")
    assert pincite("ask", DREDGERS).returncode == 0


@pytest.mark.parametrize("broken", ["catalog.sqlite3", "chroma/chroma.sqlite3"])
def test_a_corrupt_index_is_refused_and_rebuild_makes_it_right(
    pincite: Pincite, three_articles: Path, broken: str
) -> None:
    pincite("ingest")
    file = three_articles.parent / ".pincite" / broken
    for part in file.parent.glob(f"{file.name}-*"):
        part.unlink()
    file.write_bytes(b"\x00garbage" * 4_000)
    refused = pincite("ask", "sea")
    assert refused.returncode == 1
    assert "pincite ingest --rebuild" in refused.stderr
    assert pincite("ingest", "--rebuild").returncode == 0
    assert pincite("ask", DREDGERS).returncode == 0


def test_rebuild_keeps_versions_that_old_answers_cite(
    pincite: Pincite, three_articles: Path
) -> None:
    old = json.loads(pincite("ask", DREDGERS, "--json").stdout)["citations"][0]
    (three_articles / old["path"]).unlink()
    assert pincite("ingest").stdout.startswith("1 removed")
    assert pincite("ingest", "--rebuild").stdout.startswith("2 added")
    with closing(Catalog(three_articles.parent / ".pincite")) as catalog:
        article = catalog.article(old["article_sha256"])
    assert article is not None
    assert article.text[slice(*old["chars"])] == old["quote"]


def test_a_closed_pipe_ends_it_quietly(three_articles: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", '"$@" | true; echo "${PIPESTATUS[0]}"', "-", *PINCITE, "search", "sea"],
        cwd=three_articles.parent,
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() in ("141", "0")  # 0 where the pipe took it all before it closed
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


def test_ctrl_c_is_one_line_and_exit_code_130(pincite: Pincite, three_articles: Path) -> None:
    with own(three_articles.parent / ".pincite", "ingest"):
        process = subprocess.Popen(
            [*PINCITE, "ask", "sea"],
            cwd=three_articles.parent,
            env=environment(),
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        assert process.stderr.readline().startswith(
            "Waiting: the index is in use by pincite ingest"
        )
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=30)
    assert process.returncode == 130
    assert rest == "pincite: stopped.\n"


# ---- add and ingest ---------------------------------------------------------------------------


def test_add_copies_files_into_the_corpus_and_indexes_them(
    pincite: Pincite, three_articles: Path, tmp_path: Path
) -> None:
    source = write(tmp_path, "mine/islands.txt", "Islands\n\nSaarn has 41 houses and one shop.\n")
    done = pincite("add", str(source))
    assert done.returncode == 0
    assert "islands.txt → corpus/" in done.stdout
    assert source.exists()
    assert "41 houses" in pincite("ask", "How many houses has Saarn?").stdout


def test_add_names_what_it_skips_and_brings_in_the_rest(pincite: Pincite, tmp_path: Path) -> None:
    write(tmp_path, "mine/good.md", "# Good\n\nThe ferry sails at noon.\n")
    write(tmp_path, "mine/bad.md", b"\xff\xfe\x00")
    done = pincite("add", str(tmp_path / "mine"), "--no-ingest")
    assert done.returncode == 1
    assert "good.md" in done.stdout
    assert "bad.md" in done.stderr
    assert "UTF-16" in done.stderr


def test_ingest_names_unreadable_files_on_standard_error_and_exits_1(
    pincite: Pincite, three_articles: Path
) -> None:
    write(three_articles, "broken.md", "---\ntitle: [\n---\ntext\n")
    done = pincite("ingest")
    assert done.returncode == 1
    assert done.stdout.startswith("3 added, 1 skipped")
    assert "skipped: broken.md" in done.stderr
    report = json.loads(pincite("ingest", "--json").stdout)
    assert (report["unchanged"], len(report["skipped"])) == (3, 1)


def test_an_emptied_corpus_empties_the_index_only_on_request(
    pincite: Pincite, three_articles: Path
) -> None:
    pincite("ingest")
    for file in list(three_articles.rglob("*.*")):
        file.unlink()
    refused = pincite("ingest")
    assert refused.returncode == 1
    assert "--allow-empty" in refused.stderr
    assert pincite("ingest", "--allow-empty").stdout.startswith("3 removed")


def test_two_ingests_at_once_wait_for_each_other(three_articles: Path) -> None:
    started = [
        subprocess.Popen(
            [*PINCITE, "ingest"],
            cwd=three_articles.parent,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = sorted(process.communicate(timeout=60)[0] for process in started)
    assert [process.returncode for process in started] == [0, 0]
    assert said[0].startswith("3 added")
    assert said[1].startswith("3 unchanged")


def test_ctrl_c_during_ingest_leaves_an_index_that_the_next_ingest_completes(
    pincite: Pincite, three_articles: Path
) -> None:
    write_corpus(three_articles, tuple(news(150)))
    process = subprocess.Popen(
        [*PINCITE, "ingest"],
        cwd=three_articles.parent,
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (three_articles.parent / ".pincite" / "chroma").exists():
        time.sleep(0.02)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (130, "pincite: stopped.\n")
    assert pincite("ingest").returncode == 0
    assert pincite("ingest").stdout.startswith("153 unchanged")


# ---- serve ------------------------------------------------------------------------------------


def test_other_commands_are_answered_by_the_server_that_owns_the_index(
    served: tuple[str, subprocess.Popen[str]], pincite: Pincite, three_articles: Path
) -> None:
    url, process = served
    write(three_articles, "islands.md", "# Islands\n\nSaarn has 41 houses and one shop.\n")
    ingested = pincite("ingest")
    assert ingested.stdout.startswith("1 added, 3 unchanged")
    assert url in ingested.stderr
    answer = pincite("ask", "How many houses has Saarn?", http_proxy="http://127.0.0.1:9")
    assert answer.returncode == 0
    assert "41 houses" in answer.stdout
    found = json.loads(pincite("search", "sea harbour", "--since", "2021", "--json").stdout)
    assert {hit["path"] for hit in found["passages"]} == {"2021/harbour.md"}
    assert pincite("ask", ELSEWHERE).returncode == 3
    assert pincite("ask", "?!").returncode == 2
    for command in (("serve",), ("ingest", "--rebuild")):
        refused = pincite(*command)
        assert refused.returncode == 1
        assert url in refused.stderr
    assert process.poll() is None


def test_a_server_of_another_corpus_or_embedder_is_not_asked(
    served: tuple[str, subprocess.Popen[str]], pincite: Pincite, tmp_path: Path
) -> None:
    url, _ = served
    other = str(tmp_path / "other")
    source = write(tmp_path, "mine/islands.txt", "Islands\n\nSaarn has 41 houses and one shop.\n")
    for arguments, wanted in (
        (("--corpus", other, "add", str(source)), other),
        (("--corpus", other, "ask", "How many houses has Saarn?"), other),
        (("--corpus", other, "ingest"), other),
        (("--embedder", "minilm", "search", "sea"), "not minilm"),
        (("--embedder", "minilm", "eval", str(source)), "not minilm"),
    ):
        refused = pincite(*arguments)
        assert refused.returncode == 1, arguments
        assert url in refused.stderr
        assert wanted in refused.stderr
        assert "another index with --index, or stop that server" in refused.stderr
    assert pincite("--corpus", "./corpus", "ask", DREDGERS).returncode == 0


def test_eval_is_answered_by_the_server_that_owns_the_index(
    served: tuple[str, subprocess.Popen[str]], pincite: Pincite, tmp_path: Path
) -> None:
    evidence = [{"title": "The harbour at Kallo", "quote": "Two dredgers worked there"}]
    questions = [
        {"id": "1", "question": DREDGERS, "answers": ["dredgers"], "evidence": evidence},
        {"id": "2", "question": ELSEWHERE, "answers": [], "answerable": False},
        {"id": "3", "question": "Who keeps the lighthouse?", "answers": ["Nobody at all"]},
    ]
    file = write(tmp_path, "questions.jsonl", "\n".join(map(json.dumps, questions)))
    with_server = pincite("eval", str(file), "--json")
    assert with_server.returncode == 0, with_server.stderr
    served[1].send_signal(signal.SIGTERM)
    served[1].wait(timeout=30)
    reports = [
        json.loads(done.stdout) for done in (with_server, pincite("eval", str(file), "--json"))
    ]
    for report in reports:
        assert report.pop("median_ms") > 0
        assert report["passage_first"] == 0.5
    assert reports[0] == reports[1]


def test_a_server_that_is_stopped_during_its_first_ingest_ends_soon_and_cleanly(
    pincite: Pincite, three_articles: Path
) -> None:
    write_corpus(three_articles, tuple(news(300)))
    with Serving(three_articles.parent) as (_, process):
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=30)
    assert (process.returncode, said) == (128 + signal.SIGTERM, "")
    rest = pincite("ingest")
    assert rest.returncode == 0
    assert not rest.stdout.startswith("303 unchanged"), "it ended the ingest before it ended"
    assert pincite("ingest").stdout.startswith("303 unchanged")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_stopped_during_an_ingest_for_another_command_ends_it_in_words(
    served: tuple[str, subprocess.Popen[str]],
    pincite: Pincite,
    three_articles: Path,
    number: signal.Signals,
) -> None:
    url, process = served
    write_corpus(three_articles, tuple(news(300)))
    asking = subprocess.Popen(
        [*PINCITE, "ingest"],
        cwd=three_articles.parent,
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    while _get(f"{url}/healthz")["articles"] == 3:
        time.sleep(0.02)
    process.send_signal(number)
    _, told = asking.communicate(timeout=30)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert "Traceback" not in said
    assert asking.returncode == 1
    assert "The ingest was stopped. What was finished is kept" in told
    assert pincite("ingest").returncode == 0
    assert pincite("ingest").stdout.startswith("303 unchanged")


FAILING = """
import sys
def fail(event, args):
    if event == "open" and str(args[0]).endswith("tides.txt"):
        raise {error}
sys.addaudithook(fail)
sys.path.insert(0, {root!r})
import app
app.main()
"""


@pytest.mark.parametrize("error", ['RuntimeError("a bug")', "KeyboardInterrupt"])
def test_a_server_whose_ingest_fails_says_so_and_goes_on(
    three_articles: Path, pincite: Pincite, error: str
) -> None:
    program = [sys.executable, "-c", FAILING.format(error=error, root=str(ROOT))]
    with Serving(three_articles.parent, program=program) as (url, process):
        assert process.stderr is not None
        assert "could not be brought level" in process.stderr.readline()
        assert _get(f"{url}/healthz")["status"] == "ok"
        assert pincite("search", "sea").returncode != 0
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 128 + signal.SIGTERM


def test_a_server_that_cannot_write_its_address_says_so_and_goes_on(three_articles: Path) -> None:
    index, server = three_articles.parent / ".pincite", Serving(three_articles.parent)
    while not (index / INFO_NAME).exists():
        time.sleep(0.01)
    (index / f"{INFO_NAME}.{server.process.pid}").mkdir()  # where the note is drafted
    with server as (url, process):
        assert "cannot be written" in server.said
        assert owner_info(index) is not None
        while _get(f"{url}/healthz")["articles"] < 3:
            time.sleep(0.05)
        assert process.poll() is None


def test_a_port_is_shared_with_nobody_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    for system, shared in (("posix", 1), ("nt", 0)):
        with monkeypatch.context() as there:
            there.setattr(os, "name", system)
            listening = free_port("127.0.0.1", 0)
        with listening:
            assert bool(listening.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)) == shared


def test_a_stopped_server_frees_index_and_port_and_answers_were_the_same(
    served: tuple[str, subprocess.Popen[str]], pincite: Pincite, three_articles: Path
) -> None:
    url, process = served
    commands = [
        ("ask", DREDGERS),
        ("ask", DREDGERS, "--json"),
        ("search", "sea", "--since", "2014"),
    ]
    with_server = [pincite(*command).stdout for command in commands]
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 128 + signal.SIGTERM
    assert owner_info(three_articles.parent / ".pincite") is None
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", int(url.rsplit(":", 1)[1])))
    assert [pincite(*command).stdout for command in commands] == with_server


def test_the_index_of_a_killed_server_is_used_by_the_next_command(
    served: tuple[str, subprocess.Popen[str]], pincite: Pincite
) -> None:
    served[1].kill()
    served[1].wait()
    done = pincite("ask", DREDGERS)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_port_in_use_gives_way_to_the_next_free_one_which_is_named(three_articles: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        server = Serving(three_articles.parent, "--port", str(port))
        with server as (url, process):
            assert url != f"http://127.0.0.1:{port}"
            assert f"Port {port} is in use" in server.said
            assert _get(f"{url}/healthz")["status"] == "ok"
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=30) == 128 + signal.SIGINT


def test_an_address_of_another_machine_is_refused_in_words(pincite: Pincite) -> None:
    done = pincite("serve", "--host", "192.0.2.1")
    assert done.returncode == 2
    assert "Cannot listen at 192.0.2.1" in done.stderr


# ---- check, review, answers, verify, export: alone and through a server ------------------------


@pytest.fixture(params=["alone", "through a server"])
def door(request: pytest.FixtureRequest, pincite: Pincite) -> Pincite:
    """`pincite` on three articles that are indexed: by the command itself, or by a server."""
    if request.param == "alone":
        pincite("ingest")
    else:
        request.getfixturevalue("served")
    return pincite


def test_check_gives_a_verdict_and_an_exit_code(door: Pincite) -> None:
    for words, code, verdict, said in (
        ("Its lamp is watched from the mainland.", 0, "exact", "Exact"),
        ("“its lamp … the   MAINLAND”", 0, "same_words", "other typography"),
        ("Its lamp is watched from the moon.", 5, "altered", "[-moon-] {+mainland+}"),
        ("gravitational quasar photosynthesis", 3, "not_in_corpus", "Not in this corpus."),
    ):
        done = door("check", words)
        assert (done.returncode, done.stderr) == (code, "")
        assert said in done.stdout
        reply = json.loads(door("check", *words.split(), "--json").stdout)
        assert reply["verdict"] == verdict
        assert bool(reply["places"]) == (code == 0)


def test_check_names_the_article_that_has_the_words_instead(door: Pincite) -> None:
    done = door("check", "--article", "tides.txt", "Its lamp is watched from the mainland.")
    assert done.returncode == 4
    assert "2014/lighthouse.md, characters " in done.stdout
    assert door("check", "--article", "nope.md", "the lamp").returncode == 2


def test_review_says_what_is_supported_contradicted_and_absent(
    door: Pincite, tmp_path: Path
) -> None:
    true = "The harbour at Kallo was deepened in 1974."
    false, absent = true.replace("1974", "1982"), "Quasars emit gravitational photosynthesis."
    draft = write(tmp_path, "draft.txt", f"\n{true} {false}\n\n{absent}\n")
    done = door("review", str(draft))
    assert done.returncode == 5
    assert f"supported: {true}\n" in done.stdout
    assert f"CONTRADICTED: {false}\n  “1982” does not stand there, but “1974”\n" in done.stdout
    assert done.stdout.endswith(
        f"ABSENT: {absent}\n3 sentences: 1 absent, 1 contradicted, 1 supported.\n"
    )
    assert door("review", "-", stdin=f"{true} {absent}").returncode == 3
    assert door("review", "-", stdin=true).returncode == 0


def test_kept_answers_are_listed_the_latest_first(door: Pincite) -> None:
    assert door("answers").stdout == "No such answers are kept.\n"
    names = [json.loads(door("ask", q, "--json").stdout)["record"] for q in (DREDGERS, ELSEWHERE)]
    listed = door("answers").stdout.splitlines()
    assert [row.split()[0] for row in listed] == [name[:12] for name in reversed(names)]
    assert "not in corpus" in listed[0]
    assert door("answers", "KALLO").stdout.splitlines() == listed[1:]
    citing = door("answers", "--article", "2021/harbour.md").stdout
    assert citing.startswith(names[0][:12])
    assert "[1] intact, 2021/harbour.md" in citing
    assert door("answers", "kallo", "--article", "2021/harbour.md").returncode == 2


def _edited(corpus: Path, path: str, old: str, new: str) -> None:
    file = corpus / path
    text = file.read_bytes().decode("utf-8")
    assert old in text
    file.write_bytes(text.replace(old, new).encode("utf-8"))


KALLO = "The harbour at Kallo was deepened"
DREDGED = "Two dredgers worked there for nine months"


@pytest.mark.parametrize("ingested", [False, True])
def test_verify_says_what_became_of_an_answer_when_its_article_changes(
    door: Pincite, three_articles: Path, ingested: bool
) -> None:
    answer = json.loads(door("ask", DREDGERS, "--article", "2021/harbour.md", "--json").stdout)
    name = answer["record"]
    assert any(DREDGED in citation["quote"] for citation in answer["citations"])
    path, before = (
        three_articles / "2021/harbour.md",
        (three_articles / "2021/harbour.md").read_bytes(),
    )

    def became(code: int, state: str) -> str:
        if ingested:
            door("ingest")
        for asked in (name, name[:8], "all"):
            done = door("verify", asked)
            assert done.returncode == code, done.stdout + done.stderr
            assert done.stdout.startswith(f"{name[:12]} {state}: “{DREDGERS}”")
        reply = json.loads(door("verify", "all", "--json").stdout)
        assert (reply["exit_code"], reply["records"][0]["state"]) == (code, state)
        return door("verify", name).stdout

    became(0, "intact")
    _edited(three_articles, "2021/harbour.md", KALLO, f"It rained. {KALLO}")
    assert "moved, 2021/harbour.md (now characters " in became(4, "moved")
    path.write_bytes(before)
    _edited(three_articles, "2021/harbour.md", DREDGED, DREDGED.replace("nine", "ten"))
    assert "“nine” is now “ten”" in became(5, "altered")
    path.write_bytes(before)
    path.rename(path.with_name("port.md"))
    assert "moved, 2021/port.md" in became(4, "moved")
    path.with_name("port.md").unlink()
    assert DREDGED in became(6, "gone")
    path.write_bytes(before)
    became(0, "intact")


def test_an_ingest_tells_of_kept_answers_that_cite_what_has_changed(
    door: Pincite, three_articles: Path
) -> None:
    door("ask", DREDGERS)
    door("ask", ELSEWHERE)
    _edited(three_articles, "tides.txt", "moon", "Moon")
    assert "kept answer" not in door("ingest").stderr
    _edited(three_articles, "2021/harbour.md", DREDGED, "They dug for long")
    assert "1 kept answer cites a file that has changed or gone." in door("ingest").stderr
    assert "kept answer" not in door("ingest").stderr
    (three_articles / "2021/harbour.md").unlink()
    told = door("ingest", "--json")
    assert "1 kept answer cites" in told.stderr
    assert "pincite verify all" in told.stderr
    assert json.loads(told.stdout)["changed_paths"] == ["2021/harbour.md"]


def test_verify_all_with_nothing_kept_says_so(door: Pincite) -> None:
    done = door("verify", "all")
    assert (done.returncode, done.stdout) == (0, "No answers are kept yet.\n")


def test_a_record_is_exported_and_verified_on_another_index(
    door: Pincite, three_articles: Path, tmp_path: Path
) -> None:
    name = json.loads(door("ask", DREDGERS, "--json").stdout)["record"]
    file = tmp_path / "answer.json"
    assert door("export", name[:10], "--as", "record", "-o", str(file)) == (0, "", "")
    assert door("verify", str(file)).stdout.startswith(f"{name[:12]} intact")
    elsewhere = three_articles.with_name("elsewhere")
    write(elsewhere, "other.md", "# Other\n\nNothing of that is said here.\n")
    done = door("verify", str(file), "--index", "another", "--corpus", str(elsewhere))
    assert done.returncode == 6
    assert "This corpus is not as it was when the question was asked." in done.stdout


FORGERIES: dict[str, Callable[[str], bytes]] = {
    "a figure": lambda text: text.replace("nine months", "five months").encode(),
    "no JSON": lambda text: text[:-2].encode(),
    "another object": lambda text: b"{}",
    "no UTF-8": lambda text: b"\xff\xfe",
    "nothing": lambda text: b"",
    "too deep": lambda text: b"[" * 100_000,
    "too large": lambda text: b" " * 4_000_001,
    "twice": lambda text: (text[:-1] + ',"hash":"0"}').encode(),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_file_that_is_no_record_is_refused_by_its_name(
    pincite: Pincite, tmp_path: Path, forgery: str
) -> None:
    name = json.loads(pincite("ask", DREDGERS, "--json").stdout)["record"]
    record = pincite("export", name, "--as", "record").stdout
    file = tmp_path / "forged.json"
    file.write_bytes(FORGERIES[forgery](record))
    done = pincite("verify", str(file))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"pincite: {file}: ")
    assert len(done.stderr.splitlines()) == 1


def test_a_name_that_is_neither_file_nor_answer_is_told_both(pincite: Pincite) -> None:
    for name in ("foo", "", "1234567", "x" * 5_000):
        done = pincite("verify", name)
        assert done.returncode == 1
        assert "neither a file nor the name of a kept answer" in done.stderr
        assert len(done.stderr) < 600
    for command in (("verify", "12345678"), ("export", "12345678")):
        done = pincite(*command)
        assert done.returncode == 1
        assert "What is kept: pincite answers" in done.stderr
    assert "Is a directory" in pincite("verify", "corpus").stderr


def test_every_style_is_exported_to_a_file_as_it_is_printed(door: Pincite, tmp_path: Path) -> None:
    name = json.loads(door("ask", DREDGERS, "--json").stdout)["record"]
    for style in (*STYLES, RECORD_STYLE):
        file = tmp_path / style
        assert door("export", name, "--as", style, "-o", str(file)) == (0, "", "")
        text = file.read_bytes().decode("utf-8")
        assert "harbour" in text.lower()
        printed = door("export", name, "--as", style).stdout
        assert printed.rstrip("\r\n") == text.rstrip("\r\n")


def test_the_command_line_knows_every_style_of_export(pincite: Pincite) -> None:
    assert (*STYLES, RECORD_STYLE) == app._STYLES
    refused = pincite("export", "12345678", "--as", "word")
    assert refused.returncode == 2
    assert "record" in refused.stderr


def test_an_export_replaces_only_itself_unless_it_is_forced(
    pincite: Pincite, three_articles: Path, tmp_path: Path
) -> None:
    name = json.loads(pincite("ask", DREDGERS, "--json").stdout)["record"]
    file, notes = str(tmp_path / "a.md"), write(tmp_path, "notes.md", "my notes\n")
    for _ in range(2):
        assert pincite("export", name, "-o", file).returncode == 0
    refused = pincite("export", name, "-o", str(notes))
    assert refused.returncode == 1
    assert "--force" in refused.stderr
    assert notes.read_text() == "my notes\n"
    assert pincite("export", name, "-o", str(notes), "--force").returncode == 0
    assert notes.read_text() == Path(file).read_text()
    assert pincite("export", name, "-o", os.devnull).returncode == 0
    for nowhere in ("nowhere/a.md", "corpus"):
        refused = pincite("export", name, "-o", nowhere)
        assert refused.returncode == 1
        assert f"{nowhere}: cannot be written" in refused.stderr


def test_an_export_writes_no_escape_sequence_to_a_terminal(
    pincite: Pincite, three_articles: Path
) -> None:
    write(three_articles, "seals.md", HOSTILE)
    name = json.loads(pincite("ask", "Who counted seals on the ice of Vormsi?", "--json").stdout)
    for style in app._STYLES:
        code, sent = in_terminal(three_articles.parent, "export", name["record"], "--as", style)
        assert code == 0
        assert not {"\x1b", "\x9b", "\x07", "\u202e"} & set(sent), style


def test_what_is_printed_is_the_same_alone_and_through_a_server(
    served: tuple[str, subprocess.Popen[str]], pincite: Pincite, tmp_path: Path
) -> None:
    name = json.loads(pincite("ask", DREDGERS, "--json").stdout)["record"]
    follow_up = ("ask", "And for how many months?", "--after", DREDGERS, "--as-of", "2022")
    draft = write(tmp_path, "draft.txt", "\ufeff\n\nThe harbour was deepened in 1975.\r\n\r\n")
    record = tmp_path / "record.json"
    pincite("export", name, "--as", "record", "-o", str(record))
    commands = [
        follow_up,
        ("check", "the harbour … nine months"),
        ("check", "--article", "tides.txt", "the harbour master"),
        ("check", "the harbour \0 master"),
        ("check", "?!"),
        ("review", str(draft)),
        ("verify", name),
        ("verify", "all"),
        ("verify", str(record)),
        ("verify", "12345678"),
        ("answers",),
        ("answers", "--article", "2021/harbour.md"),
        ("answers", "--article", "no/such.md"),
        ("export", name, "--as", "bibtex"),
        ("export", name, "--as", "record"),
        ("export", "12345678"),
    ]

    def said() -> list[Done]:
        plain = [pincite(*command) for command in commands]
        return plain + [pincite(*command, "--json") for command in commands[:-3]]

    with_server = said()
    served[1].send_signal(signal.SIGTERM)
    served[1].wait(timeout=30)
    for command, there, here in zip(commands * 2, with_server, said(), strict=False):
        assert _without_address(there) == _without_address(here), command


def _without_address(done: Done) -> Done:
    """A server knows where its permalinks lead, and how often it was asked changes each time."""
    return done._replace(
        stdout=re.sub(r"http://127[^/]*/answers/|.*_asked.*|\"asked\".*", "", done.stdout)
    )


# ---- standard input -----------------------------------------------------------------------------


@pytest.mark.parametrize("command", [("ask", "-"), ("check",), ("check", "-"), ("review", "-")])
@pytest.mark.parametrize(
    ("given", "why"),
    [
        (b"", "empty"),
        (b" \r\n\t ", "empty"),
        (b"caf\xe9", "not UTF-8 (byte 4"),
        (b"x" * 1_000_001, "more than 1,000,000 bytes"),
        (b"drone " * 50_000, "is the most"),
    ],
)
def test_bad_standard_input_is_refused_before_anything_is_indexed(
    pincite: Pincite, three_articles: Path, command: tuple[str, ...], given: bytes, why: str
) -> None:
    pincite("ingest")
    done = pincite(*command, stdin=given)
    assert (done.returncode, done.stdout) == (2, "")
    assert why in done.stderr
    assert len(done.stderr) < 300


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("nowhere.txt", "No such file"),
        ("corpus", "Is a directory"),
        ("latin.txt", "not UTF-8"),
        ("large.txt", "more than 1,000,000 bytes"),
        ("two\nlines.txt", "two lines.txt: cannot be read"),
    ],
)
def test_a_draft_that_cannot_be_read_is_named(
    pincite: Pincite, three_articles: Path, name: str, why: str
) -> None:
    write(three_articles.parent, "latin.txt", b"caf\xe9")
    write(three_articles.parent, "large.txt", b"x" * 1_000_001)
    done = pincite("review", name)
    assert (done.returncode, done.stdout) == (1, "")
    assert why in done.stderr
    assert not (three_articles.parent / ".pincite").exists()


# ---- a model that writes ------------------------------------------------------------------------


def test_a_model_that_is_down_is_told_beside_the_quotations(door: Pincite) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/v1"
        options = ("--llm", url, "--llm-model", "tiny", "--llm-seconds", "5")
        done = door("ask", *options, DREDGERS, PINCITE_LLM_KEY="sk-secret")
    assert done.returncode == 0
    told = done.stdout + done.stderr
    assert "so this answer is made of quotations" in told
    assert "Two dredgers" in done.stdout
    assert "sk-secret" not in told


def test_a_key_is_no_option_and_is_never_repeated(pincite: Pincite) -> None:
    assert "llm-key" not in pincite("ask", "--help").stdout
    assert pincite("ask", "--llm-key", "sk-secret", "sea").returncode == 2
    done = pincite("ask", "--llm", "sk-secret", "sea")
    assert done.returncode == 2
    assert "sk-secret" not in done.stderr
    done = pincite("ask", "sea", PINCITE_LLM_KEY="sk-sécret")
    assert done.returncode == 2
    assert "sk-s" not in done.stderr


def test_weak_sentences_are_shown_with_what_the_articles_say_instead(
    pincite: Pincite, three_articles: Path
) -> None:
    right, wrong = "Two dredgers worked there", "Two dredgers worked there for five months"
    with LlmServer(says(f"{right} [1.2]. {wrong} [1.2]. Penguins paid for it.")) as server:
        done = pincite("ask", "--llm", server.url, DREDGERS)
        code, sent = in_terminal(
            three_articles.parent, "ask", "--llm", server.url, DREDGERS, columns=300
        )
    assert (done.returncode, code) == (0, 0)
    for said in (done.stdout, sent):
        assert "Not supported: Penguins paid for it." in said
        assert f"Not supported: {wrong}. (“five months” stands as “nine months”)" in said


def test_babble_is_not_shown_as_an_answer(pincite: Pincite, three_articles: Path) -> None:
    pincite("ingest")
    with LlmServer(says("Blork fizz wug. Zzz.")) as server:
        done = pincite("ask", "--llm", server.url, DREDGERS)
        _, sent = in_terminal(three_articles.parent, "ask", "--llm", server.url, DREDGERS)
    assert done.returncode == 1
    assert "Not supported: Blork fizz wug." in done.stdout
    assert "─ Answer ─" not in sent


# ---- another corpus -----------------------------------------------------------------------------


def test_an_index_of_another_corpus_is_refused_until_it_is_made_anew(
    pincite: Pincite, three_articles: Path
) -> None:
    write(three_articles, "../other/islands.md", "# Islands\n\nSaarn has 41 houses.\n")
    name = json.loads(pincite("ask", DREDGERS, "--json").stdout)["record"]
    for command in (("ask", DREDGERS), ("check", "the lamp"), ("verify", name), ("answers",)):
        refused = pincite("--corpus", "other", *command)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert f"{three_articles}, not other" in refused.stderr
        assert "--index" in refused.stderr
    assert pincite("ask", "--corpus", f"../{three_articles.parent.name}/corpus", DREDGERS)[0] == 0
    assert pincite("ingest", "--corpus", "other").stdout.startswith("1 added, 3 removed")
    assert "41 houses" in pincite("ask", "--corpus", "other", "How many houses has Saarn?").stdout
    assert pincite("ask", DREDGERS).returncode == 2


def test_a_corpus_may_be_moved_with_or_without_its_index(
    pincite: Pincite, three_articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pincite("ingest")
    three_articles.rename(three_articles.with_name("articles"))
    assert pincite("ask", "--corpus", "articles", DREDGERS)[0] == 0
    three_articles.with_name("articles").rename(three_articles)
    copy = three_articles.parent / "copy"
    copy.mkdir()
    shutil.copytree(three_articles, copy / "corpus")
    shutil.copytree(three_articles.parent / ".pincite", copy / ".pincite")
    monkeypatch.chdir(copy)
    assert pincite("ask", DREDGERS)[0] == 0


# ---- eval -------------------------------------------------------------------------------------


def test_eval_prints_figures_and_what_went_wrong(pincite: Pincite, tmp_path: Path) -> None:
    questions = [
        {"id": "1", "question": DREDGERS, "answers": ["Two"], "evidence": []},
        {"id": "2", "question": ELSEWHERE, "answers": [], "answerable": False},
        {"id": "3", "question": "Who keeps the lighthouse?", "answers": ["Nobody at all"]},
    ]
    file = write(tmp_path, "questions.jsonl", "\n".join(map(json.dumps, questions)))
    report = json.loads(pincite("eval", str(file), "--json").stdout)
    assert report["questions"] == 3
    assert report["right_first"] == 0.5
    assert [one["id"] for one in report["wrong"]] == ["3"]
    assert re.search(r"^right_first +0.5$", pincite("eval", str(file)).stdout, re.MULTILINE)


def test_eval_of_no_question_file_says_what_one_is(pincite: Pincite, tmp_path: Path) -> None:
    file = write(tmp_path, "questions.jsonl", "What?\n")
    done = pincite("eval", str(file))
    assert done.returncode == 1
    assert "line 1" in done.stderr
    assert pincite("eval", "nowhere.jsonl").returncode == 1
