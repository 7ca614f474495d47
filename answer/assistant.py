"""The one service object behind every door, and the one place where things are wired together.

Question to answer: door → `Assistant.ask` → `Searcher.search` → stores → `QuotingWriter.write` →
`ground`. The caller owns the index folder (`index/owner.py`).

Left out: how an answer looks (`web/`, `app.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from threading import RLock
from typing import TYPE_CHECKING

from answer.answer import Answer, Coverage
from answer.ground import ground
from answer.quote import QuotingWriter
from answer.settings import Settings
from index.catalog import Catalog, Facets
from index.rebuild import interrupted, start_again
from index.search import Filters, Hit, Searcher
from index.words import terms
from ingest.article import Article, Span
from ingest.errors import BadQuestion, IngestStopped
from ingest.read import iso_date

if TYPE_CHECKING:
    from index.build import BuildReport, Progress
    from index.embed import HashedEmbedder, SentenceEmbedder
    from index.vectors import VectorStore

LONGEST_QUESTION = 2_000
HITS = 8  # bench/quality.py: for 99.5 % of XQuAD's questions a right passage is among the first 8
_PLACE = re.compile(r"([0-9a-f]{16,64}):(\d{1,12})-(\d{1,12})")


class Assistant:
    """Answers questions from one corpus. Safe to call from several threads."""

    def __init__(
        self,
        settings: Settings,
        catalog: Catalog,
        vectors: VectorStore,
        embedder: SentenceEmbedder | HashedEmbedder,
    ) -> None:
        self._settings = settings
        self._catalog = catalog
        self._vectors = vectors
        self._embedder = embedder
        self._searcher = Searcher(catalog, vectors, embedder)
        self.writer = QuotingWriter(embedder, self._searcher.idf)
        self._building = RLock()
        self._ingesting = False
        self._stopping = False

    def ask(self, question: str, *, filters: Filters | None = None, k: int = HITS) -> Answer:
        """An answer of cited sentences, or an honest refusal with the nearest passages.

        `BadQuestion` for a question that is empty, longer than 2,000 characters, or without a word.
        """
        question = checked_question(question)
        hits = self._searcher.search(question, k=k, filters=_checked_filters(filters))
        draft = self.writer.write(question, hits)
        cited = {quotation.hit.passage.article_sha256 for quotation in draft.quotations}
        articles = {sha: article for sha in cited if (article := self._catalog.article(sha))}
        return ground(question, draft, hits, articles, self.coverage())

    def search(
        self, question: str, *, filters: Filters | None = None, k: int = 10
    ) -> tuple[Hit, ...]:
        """The `k` best passages, best first."""
        question = checked_question(question)
        return self._searcher.search(question, k=k, filters=_checked_filters(filters))

    def article(self, sha256: str) -> Article | None:
        """Any version that was ever indexed, by its sha256 or 16 characters of it or more."""
        return self._catalog.article(sha256)

    def place(self, name: str) -> tuple[Article, Span] | None:
        """Where a citation or passage id points; None for one that points nowhere."""
        match = _PLACE.fullmatch(name)
        if match is None:
            return None
        start, end = int(match[2]), int(match[3])
        article = self._catalog.article(match[1])
        if article is None or not article.body.start <= start < end <= article.body.end:
            return None
        return article, Span(start, end)

    def coverage(self) -> Coverage:
        """How many articles and passages there are, and from when to when."""
        return Coverage(*self._catalog.coverage())

    def facets(self) -> Facets:
        """What can be filtered by: publishers, languages, the first and last date."""
        return self._catalog.facets()

    def suggestions(self, count: int = 4) -> tuple[str, ...]:
        """Questions that this corpus answers: the headings of its articles that are questions.

        Where the corpus asks too few, questions about its newest articles' titles follow.
        """
        asked = self._catalog.question_headings(count)
        titles = self._catalog.newest_titles(count - len(asked))
        return (*asked, *(f"What is known about “{title}”?" for title in titles))

    def ingest(
        self,
        progress: Callable[[Progress], None] | None = None,
        *,
        allow_empty: bool = False,
    ) -> BuildReport:
        """Bring the index level with the corpus; what was committed stays if this is interrupted.

        A corpus without any article empties the index only where `allow_empty` says so.
        `IngestStopped` soon after `stop`.
        """
        from index.build import build

        def told(now: Progress) -> None:
            self._go_on()
            if progress is not None:
                progress(now)

        with self._building:
            self._go_on()
            self._ingesting = True
            try:
                return build(
                    self._settings.corpus,
                    self._catalog,
                    self._vectors,
                    self._embedder,
                    max_bytes=self._settings.max_bytes,
                    allow_empty=allow_empty,
                    progress=told,
                )
            finally:
                self._ingesting = False

    @property
    def ingesting(self) -> bool:
        """Whether the index is being brought level right now."""
        return self._ingesting

    def warm(self) -> None:
        """Load the model, so that the first question does not wait for it."""
        self._embedder.load()

    @property
    def ready(self) -> bool:
        """Whether the model is loaded."""
        return self._embedder.loaded

    def stop(self) -> None:
        """Let an ingest end at its next report of progress, and none begin; returns at once."""
        self._stopping = True

    def close(self) -> None:
        """Stop, wait for an ingest to end, and give the files back; it answers no more."""
        self.stop()
        with self._building:
            self._vectors.close()
            self._catalog.close()

    def _go_on(self) -> None:
        if self._stopping:
            raise IngestStopped(
                "The ingest was stopped. What was finished is kept; to complete it: pincite ingest"
            )


def open_assistant(settings: Settings) -> Assistant:
    """Open (or begin) the index and wire everything; the model is loaded at its first use.

    An emptying of the index that was cut off (`pincite ingest --rebuild`) is done to its end first.
    Raises `IndexBroken`, `EmbedderMismatch` or `NoRoom`, each with what to do.
    """
    from index.embed import open_embedder
    from index.vectors import VectorStore

    embedder = open_embedder(settings.embedder, threads=settings.threads)
    if interrupted(settings.index):
        start_again(settings.index)
    catalog = Catalog(settings.index)
    try:
        vectors = VectorStore(settings.index, embedder.name, embedder.dimension)
    except BaseException:
        catalog.close()
        raise
    return Assistant(settings, catalog, vectors, embedder)


def checked_question(question: str) -> str:
    """The question on one line; `BadQuestion` where it is empty, too long, or without a word."""
    question = " ".join(question.split())
    if not question:
        raise BadQuestion("The question is empty. Ask something the articles may answer.")
    if len(question) > LONGEST_QUESTION:
        raise BadQuestion(
            f"The question has {len(question):,} characters; {LONGEST_QUESTION:,} is the most. "
            "Ask for one thing at a time."
        )
    if not terms(question):
        raise BadQuestion("The question has no words in it. Ask something the articles may answer.")
    return question


def _checked_filters(filters: Filters | None) -> Filters:
    filters = filters or Filters()
    for name in ("since", "until"):
        value = getattr(filters, name)
        if value is not None and iso_date(value) is None:
            raise BadQuestion(f"{value!r} is not a date. Write it as 2021-11-30, 2021-11 or 2021.")
    return filters
