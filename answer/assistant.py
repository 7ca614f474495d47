"""The one service object behind every door, and the one place where things are wired together.

Question to answer: door → `Assistant.ask` → `Searcher.search` → stores → a writer's `write` →
`ground`. The caller owns the index folder (`index/owner.py`).

Left out: how an answer looks (`web/`, `app.py`).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from answer.alike import Alike, alike
from answer.answer import Answer, Coverage
from answer.check import QuoteCheck, check_quote
from answer.differ import differences, disagreeing, may_differ
from answer.draft import Claim, Draft
from answer.export import export
from answer.followup import LONGEST_QUESTION, carried_over
from answer.ground import ground
from answer.llm import LlmWriter
from answer.quote import THRESHOLD, QuotingWriter
from answer.record import Record, read_record, record_of
from answer.review import DraftReview, review
from answer.settings import Settings
from answer.sources import distinct_hits, sources_of
from answer.timeline import as_of_in
from answer.verify import Touched, Verification, touched, verify, verify_all
from index.catalog import Catalog, Facets
from index.history import Difference, difference
from index.library import LibraryRow, Version
from index.now import CorpusNow
from index.rebuild import interrupted, start_again
from index.records import RecordRow, RecordStore
from index.search import Filters, Hit, Searcher
from index.words import terms
from ingest import originals
from ingest.article import Article, Span
from ingest.errors import BadQuestion, BadRecord, IngestStopped, PinciteError
from ingest.locator import locator_of
from ingest.read import iso_date

if TYPE_CHECKING:
    from index.build import BuildReport, Progress
    from index.embed import HashedEmbedder, SentenceEmbedder
    from index.removal import Removal
    from index.vectors import VectorStore

HITS = 8  # bench/quality.py: for 99.5 % of XQuAD's questions a right passage is among the first 8
MOST_HITS = 1_000
_FOLLOWED = 5  # earlier questions that a follow-up is understood by
_PLACE = re.compile(r"([0-9a-f]{16,64}):(\d{1,12})-(\d{1,12})")


log = logging.getLogger(__name__)


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
        self.llm = _llm(settings, self.writer, catalog)
        self._records: RecordStore | None = None
        self._building, self._opening = RLock(), RLock()
        self._ingesting = False
        self._stopping = False

    def ask(
        self,
        question: str,
        *,
        filters: Filters | None = None,
        k: int = HITS,
        previous: Sequence[str] = (),
        told: Callable[[str], None] | None = None,
        keep: bool = True,
    ) -> Answer:
        """An answer whose every citation is exact, or an honest refusal with the nearest passages.

        `previous` are the questions before this one, oldest first: what a follow-up leaves out is
        carried over from them, and `Answer.searched` says so. `told` gets what a model has written
        so far; whatever it raises ends the writing. The answer is kept under `Answer.record`
        unless `keep` says no, or records cannot be written, which is logged.
        `BadQuestion` for a question that is empty, longer than 2,000 characters, or without a word.
        """
        question, k = checked_question(question), _checked_k(k)
        searched = self._searched(question, previous)
        filters = _checked_filters(filters)
        as_of = None if filters.until else as_of_in(searched)
        if as_of:
            filters = replace(filters, until=as_of, undated=True)
        found = self._searcher.search(searched, k=2 * k, filters=filters)
        articles = self._articles(found)
        hits = _located(distinct_hits(found)[:k], articles)
        draft = self._draft(searched, hits, articles, told)
        if as_of:
            read = (
                f"Only articles that are undated or published by {as_of} were read, as was asked."
            )
            draft = _noted(draft, read)
        coverage = self.coverage(filters)
        answer = ground(question, draft, hits, articles, coverage, threshold=THRESHOLD)
        sources = sources_of(answer.citations, articles)
        answer = replace(
            answer,
            searched=searched if searched != question else None,
            sources=sources,
            differences=differences(searched, answer.citations, articles, sources),
        )
        return self._kept(answer, filters, k) if keep else answer

    def search(
        self, question: str, *, filters: Filters | None = None, k: int = 10
    ) -> tuple[Hit, ...]:
        """The `k` best passages, best first."""
        question, filters = checked_question(question), _checked_filters(filters)
        hits = self._searcher.search(question, k=_checked_k(k), filters=filters)
        return _located(hits, self._articles(hits))

    def article(self, sha256: str) -> Article | None:
        """Any version that was ever indexed, by its sha256 or 16 characters of it or more."""
        return self._catalog.article(sha256)

    def is_current(self, article: Article) -> bool:
        """Whether this version is the corpus's now, as it was last ingested."""
        return self._catalog.has_article(article.sha256)

    def original(self, sha256: str) -> Path | None:
        """The file of an original that is kept (an article's `source_sha256`)."""
        return originals.find(self._settings.corpus, sha256)

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

    def check(self, quote: str, *, article: str | None = None) -> QuoteCheck:
        """Whether these words stand in the corpus, and where; `article` is where they should."""
        return check_quote(quote, self._catalog, article=article)

    def review(self, draft: str) -> DraftReview:
        """Each sentence of a draft: supported, contradicted or absent, with the places."""
        return review(draft, self._catalog, search=lambda said: self._searcher.search(said, k=HITS))

    def record(self, name: str) -> Record:
        """A kept answer, by its hash or 8 characters of it; `BadRecord` where there is none."""
        text = self._store().read(name)
        if text is None:
            raise BadRecord(f"No answer is kept under {name[:64]}. What is kept: pincite answers")
        return read_record(text)

    def kept(self, name: str) -> Answer:
        """The same as the answer that it was; passages of versions that are gone are left out."""
        return self.record(name).answer(self._catalog.article)

    def records(self, *, search: str = "", limit: int = 50) -> list[RecordRow]:
        """Kept answers whose question holds these words, the one asked last first."""
        return self._store().newest(search=search, limit=limit)

    def citing(self, path: str, *, limit: int = 50) -> list[RecordRow]:
        """Kept answers that cite any version of the article at this path, the latest first."""
        return self._store().citing(path=path, limit=limit)

    def touched(self, article: str, *, limit: int = 50) -> tuple[Touched, ...]:
        """Kept answers that cite an article (path or sha256), and what became of that."""
        found = self.article(article)
        sha256 = found.sha256 if found else article
        return touched(self._store(), self._corpus(), path=article, sha256=sha256, limit=limit)

    def verify(self, record: Record) -> Verification:
        """Check each citation of a record against the corpus as it is on the disk now."""
        return verify(record, self._corpus(), state=self._catalog.state())

    def verify_all(self) -> Iterator[Verification]:
        """The same for every kept answer, in the order in which they were first given."""
        return verify_all(self._store(), self._corpus(), state=self._catalog.state())

    def export(self, record: Record, style: str, *, site: str | None = None) -> str:
        """A kept answer in one of `answer.export.STYLES`; `BadSetting` names them.

        `site` (`http://localhost:7860`) is where its permalink leads; without one an export names
        the record by its hash, where its format can. `BadRecord` where a citation is not what the
        version that it names says there.
        """
        answer = record.answer(self._catalog.article)
        cited = {citation.article_sha256 for citation in answer.citations}
        articles = {sha: article for sha in cited if (article := self._catalog.article(sha))}
        permalink = f"{site.rstrip('/')}/answers/{record.hash}" if site else None
        row = self._store().get(record.hash)
        asked = row.last_asked if row else None
        return export(answer, style, articles=articles, permalink=permalink, asked=asked)

    def coverage(self, filters: Filters | None = None) -> Coverage:
        """How many articles and passages there are, or are allowed, and from when to when."""
        filters = filters or Filters()
        return Coverage(*self._catalog.coverage(filters), narrowed=bool(filters))

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

    def library(self, **wanted: Any) -> tuple[int, tuple[LibraryRow, ...]]:
        """How many articles there are, and a page of them, as `Catalog.library` takes and gives."""
        return self._catalog.library(**wanted)

    def path_named(self, name: str) -> str:
        """The corpus path of an article, by path or address; `BadQuestion` for an unknown one."""
        from index.removal import named

        paths = named(self._catalog, self._settings.corpus, [name])[name]
        if not paths:
            raise BadQuestion(f"“{name[:200]}” was taken away, and its versions were forgotten.")
        return paths[0]

    def history(self, path: str) -> tuple[Version, ...]:
        """The versions that a path has had, newest first; none for a path never indexed."""
        return self._catalog.history(path)

    def difference(self, old: str, new: str) -> Difference:
        """What one version says otherwise than another, each named as in `article`.

        `BadQuestion` for a version that is not kept.
        """
        return difference(self._kept_version(old), self._kept_version(new))

    def alike(self, path: str) -> tuple[Alike, ...]:
        """Articles of the corpus that are nearly the same as one, the most alike first.

        Compared is the newest version that the path has had and that is kept; none where none is.
        """
        newest = next((version.sha256 for version in self.history(path) if version.kept), None)
        article = self.article(newest) if newest else None
        return alike(article, self._catalog) if article else ()

    def plan_removal(
        self, names: Sequence[str], *, publishers: Sequence[str] = (), forget: bool = False
    ) -> Removal:
        """What taking articles away would do: by path or address, or all of these publishers.

        `BadQuestion` for a name that nothing is known under.
        """
        return self._planned(self._asked(names, publishers), forget=forget)

    def remove(
        self, names: Sequence[str], *, publishers: Sequence[str] = (), forget: bool = False
    ) -> Removal:
        """Take them away for good; the versions that answers may cite too, with `forget`.

        Waits for an ingest that is under way. `NoRoom` or `UnreadableSource` where a file cannot be
        removed: then the same call completes it.
        """
        from index.removal import remove

        with self._building:
            self._go_on()
            asked = self._asked(names, publishers)
            return remove(
                self._planned(asked, forget=forget),
                self._settings.corpus,
                self._catalog,
                self._vectors,
                self._embedder,
                asked=asked,
                max_bytes=self._settings.max_bytes,
            )

    def ingest(
        self,
        progress: Callable[[Progress], None] | None = None,
        *,
        allow_empty: bool = False,
        paths: Sequence[str] | None = None,
    ) -> BuildReport:
        """Bring the index level with the corpus; what was committed stays if this is interrupted.

        With `paths`, only these files, at a cost that does not grow with the corpus. A corpus
        without any article empties the index only where `allow_empty` says so. `IngestStopped`
        soon after `stop`.
        """
        from index.build import build
        from index.removal import scrub

        def told(now: Progress) -> None:
            self._go_on()
            if progress is not None:
                progress(now)

        with self._building:
            self._go_on()
            self._ingesting = True
            try:
                report = build(
                    self._settings.corpus,
                    self._catalog,
                    self._vectors,
                    self._embedder,
                    paths=paths,
                    max_bytes=self._settings.max_bytes,
                    allow_empty=allow_empty,
                    progress=told,
                )
                if paths is None:
                    scrub(self._catalog, self._vectors)  # what a removal was cut off before
                return report
            finally:
                self._ingesting = False

    @property
    def ingesting(self) -> bool:
        """Whether the index is being brought level right now."""
        return self._ingesting

    def warm(self) -> None:
        """Load the model, so that the first question does not wait for it."""
        self._embedder.load()
        if self.llm is not None:
            self.llm.warm()

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
            if self._records is not None:
                self._records.close()

    # ---- the steps of an answer ------------------------------------------------------------------

    def _searched(self, question: str, previous: Sequence[str]) -> str:
        """The question with what it leaves out, where it follows from others."""
        before = [one for one in previous if terms(one)][-_FOLLOWED:]
        if not before:
            return question
        said = self.llm.condense(question, before) if self.llm else question
        return checked_question(said if said != question else carried_over(question, before))

    def _articles(self, hits: Sequence[Hit]) -> dict[str, Article]:
        found = dict.fromkeys(hit.passage.article_sha256 for hit in hits)
        return {sha: article for sha in found if (article := self._catalog.article(sha))}

    def _draft(
        self,
        question: str,
        hits: Sequence[Hit],
        articles: dict[str, Article],
        told: Callable[[str], None] | None,
    ) -> Draft:
        """What the model writes, or quotations; then those that give another figure or date."""
        if self.llm is not None:
            draft = self.llm.write(question, hits, told=told)
        else:
            draft = self.writer.write(question, hits)
        if not draft.claims or not may_differ(question):
            return draft
        read = {hit.passage.id: hit for hit in hits}
        for sha in dict.fromkeys(hit.passage.article_sha256 for hit in hits):
            for passage in self._catalog.passages_of(sha):
                read.setdefault(passage.id, Hit(passage, 0.0, None, None))
        others = disagreeing(question, draft.quotations, tuple(read.values()), articles)
        return replace(draft, claims=(*draft.claims, *(Claim(q.text, (q,)) for q in others)))

    def _kept(self, answer: Answer, filters: Filters, k: int) -> Answer:
        """The answer under the hash of its record; as it is where records cannot be written."""
        settings: dict[str, str | int | float | bool | None] = {
            "version": version("pincite"),
            "embedder": self._embedder.name,
            "writer": answer.writer,
            "k": k,
            "threshold": THRESHOLD,
        }
        try:
            state = self._catalog.state()
            record = record_of(answer, filters=filters, state=state, settings=settings)
            self._store().put(record)
        except PinciteError as error:
            log.warning("an answer was given, but not kept: %s", error)
            return answer
        return replace(answer, record=record.hash)

    # ---- below -----------------------------------------------------------------------------------

    def _asked(self, names: Sequence[str], publishers: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """What is to be taken away, and the corpus paths of each."""
        from index.removal import named

        return named(self._catalog, self._settings.corpus, names, publishers)

    def _planned(self, asked: Mapping[str, Sequence[str]], *, forget: bool) -> Removal:
        from index.removal import plan

        paths = [path for some in asked.values() for path in some]
        return plan(self._settings.corpus, self._catalog, self._store(), paths, forget=forget)

    def _kept_version(self, sha256: str) -> Article:
        found = self._catalog.article(sha256)
        if found is None:
            raise BadQuestion(
                f"No version {sha256[:64]} is kept. Name it by 16 or more characters of its sha256."
            )
        return found

    def _store(self) -> RecordStore:
        with self._opening:
            if self._records is None:
                self._records = RecordStore(self._settings.index)
            return self._records

    def _corpus(self) -> CorpusNow:
        settings = self._settings
        return CorpusNow(settings.corpus, self._catalog, max_bytes=settings.max_bytes)

    def _go_on(self) -> None:
        if self._stopping:
            raise IngestStopped(
                "The ingest was stopped. What was finished is kept; to complete it: pincite ingest"
            )


def _checked_k(k: int) -> int:
    if not 1 <= k <= MOST_HITS:
        raise BadQuestion(f"From 1 to {MOST_HITS} passages can be read for a question, not {k}.")
    return k


def _located(hits: Sequence[Hit], articles: Mapping[str, Article]) -> tuple[Hit, ...]:
    """The hits, each with the place of its passage in the original, where that is known."""
    return tuple(
        replace(hit, locator=locator_of(article, hit.passage.chars))
        if (article := articles.get(hit.passage.article_sha256))
        else hit
        for hit in hits
    )


def _noted(draft: Draft, note: str) -> Draft:
    return replace(draft, note=" ".join(filter(None, [note, draft.note])))


def _llm(settings: Settings, writer: QuotingWriter, catalog: Catalog) -> LlmWriter | None:
    if not settings.llm:
        return None
    return LlmWriter(
        settings.llm,
        writer,
        catalog.article,
        model=settings.llm_model,
        key=settings.llm_key,
        seconds=settings.llm_seconds,
        context=settings.llm_context,
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
