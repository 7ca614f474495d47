"""Writes docs/verify.md: what a researcher sees, as the commands print it, on the sample corpus.

    python bench/verify_doc.py            # run everything again and write the document

Left out: judging what is shown; the benches do that.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))
from llm_server import LlmServer, says  # noqa: E402

DOCUMENT = ROOT / "docs" / "verify.md"
PINCITE = Path(sys.executable).parent / "pincite"
STYLES = ("markdown", "text", "bibtex", "csl-json", "ris", "annotation")
QUESTIONS = (
    "How many soldiers were killed at Zelenopillya?",
    "Which howitzer was destroyed near Hranitne?",
    "What did Peskov say about the drones?",
    "When was the Montreux Convention signed?",
    "What does the Missile Technology Control Regime limit?",
    "Who won the football cup of Peru?",
)
PLAYED = (
    "By most accounts at least 30 soldiers were killed. "
    "The number of wounded is given as more than 200. "
    "The order for the attack came from Rome."
)
FOLLOW_UP = "And how many were hurt?"
CHECKED = (
    "at least 30 soldiers were killed",
    "“At least 30 soldiers were  killed”",
    "at least 40 soldiers were killed",
    "the moon is made of green cheese",
)
DRAFT = (
    "A Bayraktar TB2 destroyed a howitzer near Hranitne on 26 October 2021. "
    "The Montreux Convention was signed on 20 July 1938. "
    "Peru won the cup."
)
EDITED = "2019/zelenopillya-five-years-later.md"
EDITS = (
    ("Later counts put", "This article was corrected. Later counts put"),
    ("at least 30 soldiers", "at least 31 soldiers"),
)


class Session:
    """A copy of the sample corpus, and commands run beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(ROOT / "corpus", folder / "corpus")

    def run(self, *arguments: str, given: str | None = None) -> tuple[str, int]:
        """Standard output and the exit code of `pincite …`."""
        done = subprocess.run(
            [PINCITE, *arguments], cwd=self.folder, input=given, capture_output=True, text=True
        )
        return done.stdout.rstrip("\n"), done.returncode

    def edit(self) -> None:
        """Correct one article: a sentence is put before what is cited, and a figure is changed."""
        file = self.folder / "corpus" / EDITED
        text = file.read_bytes().decode("utf-8")
        for old, new in EDITS:
            assert old in text, old
            text = text.replace(old, new, 1)
        file.write_bytes(text.encode("utf-8"))


def main() -> int:
    with TemporaryDirectory() as folder:
        session = Session(Path(folder))
        print(session.run("ingest")[0])
        DOCUMENT.write_text("\n".join(document(session)) + "\n", "utf-8")
    print(f"wrote {DOCUMENT.relative_to(ROOT)}")
    return 0


def document(session: Session) -> Iterator[str]:
    yield "# Answers that can be verified\n"
    yield (
        "Everything below was printed by the commands that stand above it, on the sample corpus, "
        "with no model configured: `python bench/verify_doc.py` writes this document. An answer of "
        "quotations has the verdict `exact` for every sentence, which is what its citation recall "
        "and precision of 1 say; [judge.md](judge.md) tells what the other verdicts mean and how "
        "often they are right.\n"
    )
    yield "## Six questions, and each export\n"
    for question in QUESTIONS:
        yield from answered(session, question)
    yield "## A follow-up\n"
    yield from shown(session, "ask", "--after", QUESTIONS[0], FOLLOW_UP)
    yield "## In a model's words\n"
    yield (
        "A server that plays a model (`tests/llm_server.py`) wrote this answer, without naming any "
        "sentence. Its sentences are matched to the passages afterwards and judged: the first is in"
        " the articles, the second has another figure, the third is invented.\n"
    )
    with LlmServer(says(PLAYED)) as server:
        model = ("--llm", server.url, "--llm-model", "played")
        told, code = session.run("ask", *model, QUESTIONS[0])
    yield fenced(
        f"$ pincite ask --llm URL --llm-model played {quoted(QUESTIONS[:1])}\n{told}", code
    )
    yield "## Checking a quotation\n"
    for quote in CHECKED:
        yield from shown(session, "check", quote)
    yield "## Checking a draft\n"
    yield from shown(session, "review", "-", given=DRAFT)
    yield "## A year later\n"
    yield "Before anything has changed:\n"
    yield from shown(session, "verify", "all")
    session.edit()
    yield (
        f"Then one article is corrected (`{EDITED}`): a sentence is put before the cited ones, and "
        "“at least 30” becomes “at least 31”.\n"
    )
    yield from shown(session, "verify", "all")
    session.run("ingest")
    yield "The answers that this correction touches:\n"
    yield from shown(session, "answers", "--article", EDITED)
    yield "## Not in this corpus\n"
    yield (
        "How sure an answer is, and where the line is drawn (`python bench/calibration.py`):\n\n"
        "![ROC curves of the support score, and how often it is right](calibration.svg)"
    )


def answered(session: Session, question: str) -> Iterator[str]:
    """An answer, its verdicts, and its exports folded away."""
    yield f"### {question}\n"
    yield from shown(session, "ask", question)
    rows, _ = session.run("answers", question)
    name = rows.split(maxsplit=1)[0]
    for style in STYLES:
        text, _ = session.run("export", name, "--as", style)
        yield f"<details><summary><code>pincite export {name} --as {style}</code></summary>\n"
        yield f"````\n{text}\n````\n\n</details>\n"


def shown(session: Session, *arguments: str, given: str | None = None) -> Iterator[str]:
    """A command, what it printed, and its exit code where that is not 0."""
    text, code = session.run(*arguments, given=given)
    echo = f"$ echo {quoted([given])} | " if given else "$ "
    yield fenced(f"{echo}pincite {quoted(arguments)}\n{text}", code)


def fenced(text: str, code: int) -> str:
    ended = f"\n(exit code {code})" if code else ""
    return f"````\n{text}{ended}\n````\n"


def quoted(arguments: Sequence[str]) -> str:
    return " ".join(f'"{one}"' if " " in one else one for one in arguments)


if __name__ == "__main__":
    sys.exit(main())
