"""`pincite eval`: how often the first cited sentence is right, on a set of questions.

Two forms of question file: JSON Lines as `docs/architecture.md` describes, asked of the corpus as
it is; or SQuAD's JSON, whose articles become a temporary corpus with an index of its own.

An answer is right when a cited quotation holds one of the expected strings (case and spacing aside)
and comes from an article of the evidence. A passage is right when it overlaps an evidence quotation
by at least half of the shorter one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Protocol

from answer.answer import Answer, Citation
from answer.assistant import Assistant, open_assistant
from answer.settings import Settings
from index.search import Hit
from ingest.article import Article, Span
from ingest.errors import UnreadableSource


class Asked(Protocol):
    """Whoever is measured: an assistant, or a server in its place."""

    def ask(self, question: str, *, keep: bool) -> Answer: ...

    def article(self, sha256: str) -> Article | None: ...


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where the answer stands: an article's title and words of it, either of which may be empty."""

    title: str
    quote: str


@dataclass(frozen=True, slots=True)
class Question:
    """One line of a question file."""

    id: str
    text: str
    answers: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    answerable: bool


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one question: the 1-based place of the first right citation and passage."""

    question: Question
    answer: Answer
    right_citation: int | None
    right_passage: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Report:
    """The results, and the shares that are reported."""

    results: tuple[Result, ...]

    @property
    def answerable(self) -> tuple[Result, ...]:
        return tuple(result for result in self.results if result.question.answerable)

    @property
    def unanswerable(self) -> tuple[Result, ...]:
        return tuple(result for result in self.results if not result.question.answerable)

    def right_within(self, n: int) -> float | None:
        """The share of answerable questions with a right one among the first `n` citations."""
        return _share((r.right_citation or n + 1) <= n for r in self.answerable)

    def passage_within(self, n: int) -> float | None:
        """The share of answerable questions with a right one among the first `n` passages."""
        return _share((r.right_passage or n + 1) <= n for r in self.answerable)

    def to_json(self) -> dict[str, Any]:
        """The figures, and each question that went wrong."""
        return {
            "questions": len(self.results),
            "answerable": len(self.answerable),
            "right_first": _rounded(self.right_within(1)),
            "right_in_three": _rounded(self.right_within(3)),
            "right_at_all": _rounded(self.right_within(99)),
            "passage_first": _rounded(self.passage_within(1)),
            "passage_in_eight": _rounded(self.passage_within(8)),
            "declined_answerable": _rounded(_share(_declined(r) for r in self.answerable)),
            "declined_unanswerable": _rounded(_share(_declined(r) for r in self.unanswerable)),
            "sentences_per_answer": _rounded(self._sentences()),
            "median_ms": _rounded(1000 * median(r.seconds for r in self.results)),
            "wrong": [_wrong(r) for r in self.results if not _is_right(r)],
        }

    def _sentences(self) -> float:
        shown = [len(r.answer.citations) for r in self.results if r.answer.citations]
        return sum(shown) / len(shown) if shown else 0.0


def evaluate(
    path: Path,
    settings: Settings,
    *,
    asked: Asked | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Report:
    """Ask every question of the file; `UnreadableSource` where it is no question file.

    JSON Lines are asked of `asked`, or else of an assistant on the index of these settings.
    """
    if path.suffix == ".json":
        with TemporaryDirectory(prefix="pincite-eval-") as folder:
            home = Path(folder)
            questions = tuple(read_squad(path, home / "corpus"))
            return _ask_all(
                questions, replace(settings, corpus=home / "corpus", index=home / "index"), progress
            )
    return _ask_all(tuple(read_lines(path)), settings, progress, asked)


def _ask_all(
    questions: tuple[Question, ...],
    settings: Settings,
    progress: Callable[[int, int], None],
    asked: Asked | None = None,
) -> Report:
    if not questions:
        raise UnreadableSource("The question file holds no questions.")
    results = []
    with nullcontext(asked) if asked else _ready(settings) as assistant:
        for done, question in enumerate(questions, start=1):
            results.append(_ask(assistant, question))
            progress(done, len(questions))
    return Report(tuple(results))


@contextmanager
def _ready(settings: Settings) -> Iterator[Assistant]:
    assistant = open_assistant(settings)
    try:
        assistant.ingest()
        assistant.warm()
        yield assistant
    finally:
        assistant.close()


def _ask(assistant: Asked, question: Question) -> Result:
    start = perf_counter()
    answer = assistant.ask(question.text, keep=False)
    seconds = perf_counter() - start
    citation = _first(answer.citations, lambda c: is_right(c, question))
    passage = _first(answer.hits, lambda hit: _overlaps(hit, question, assistant.article))
    return Result(question, answer, citation, passage, seconds)


def is_right(citation: Citation, question: Question) -> bool:
    """Whether the quotation holds an expected answer and comes from an article of the evidence."""
    titles = {evidence.title for evidence in question.evidence if evidence.title}
    quote = _plain(citation.quote)
    return any(_plain(answer) in quote for answer in question.answers) and (
        not titles or citation.title in titles
    )


def _overlaps(hit: Hit, question: Question, article: Callable[[str], Article | None]) -> bool:
    version = article(hit.passage.article_sha256)
    for evidence in question.evidence:
        if version is None or (evidence.title and evidence.title != version.title):
            continue
        start = version.text.find(evidence.quote)
        if start >= 0 and evidence.quote:
            place = Span(start, start + len(evidence.quote))
            if 2 * place.overlap(hit.passage.chars) >= min(len(place), len(hit.passage.chars)):
                return True
    return False


def read_lines(path: Path) -> Iterator[Question]:
    """The questions of a JSON Lines file; `UnreadableSource` names the line that is not one."""
    for number, line in enumerate(_read(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield _question(json.loads(line), number)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UnreadableSource(
                f'{path}, line {number}: not a question. A line is {{"id", "question", "answers", '
                f'"evidence", "answerable"}}; here: {error}'
            ) from error


def _question(row: Any, number: int) -> Question:
    answers, evidence = row.get("answers", []), row.get("evidence", [])
    texts = [row["question"], *answers, *(v for item in evidence for v in item.values())]
    if not isinstance(answers, list) or not all(isinstance(text, str) for text in texts):
        raise TypeError('"question" is a text, and "answers" a list of texts')
    return Question(
        id=str(row.get("id", number)),
        text=row["question"],
        answers=tuple(answers),
        evidence=tuple(Evidence(one.get("title", ""), one.get("quote", "")) for one in evidence),
        answerable=bool(row.get("answerable", True)),
    )


def read_squad(path: Path, corpus: Path) -> Iterator[Question]:
    """Write each article of a SQuAD file to `corpus`, and yield its questions."""
    corpus.mkdir(parents=True)
    try:
        for number, article in enumerate(json.loads(_read(path))["data"]):
            title = article["title"].replace("_", " ")
            paragraphs = [paragraph["context"] for paragraph in article["paragraphs"]]
            front = f"---\ntitle: {json.dumps(title, ensure_ascii=False)}\n---\n\n"
            text = front + "\n\n".join(paragraphs) + "\n"
            (corpus / f"{number:04}.md").write_bytes(text.encode("utf-8"))
            for paragraph in article["paragraphs"]:
                for qa in paragraph["qas"]:
                    answers = tuple(answer["text"] for answer in qa["answers"])
                    where = (Evidence(title, paragraph["context"]),)
                    yield Question(qa["id"], qa["question"], answers, where, bool(answers))
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableSource(f"{path}: is not in SQuAD's format ({error!r}).") from error


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableSource(f"{path}: cannot be read ({error}).") from error


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().casefold()


def _first(items: tuple[Any, ...], holds: Callable[[Any], bool]) -> int | None:
    return next((n for n, item in enumerate(items, start=1) if holds(item)), None)


def _declined(result: Result) -> bool:
    return result.answer.outcome == "not_in_corpus"


def _is_right(result: Result) -> bool:
    return result.right_citation == 1 if result.question.answerable else _declined(result)


def _wrong(result: Result) -> dict[str, Any]:
    return {
        "id": result.question.id,
        "question": result.question.text,
        "expected": list(result.question.answers),
        "outcome": result.answer.outcome,
        "support": round(result.answer.support, 3),
        "right_citation": result.right_citation,
        "quoted": [citation.quote for citation in result.answer.citations],
    }


def _share(values: Iterator[bool]) -> float | None:
    found = list(values)
    return sum(found) / len(found) if found else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
