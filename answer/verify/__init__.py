"""Does a record still hold? Each of its citations against the corpus as it is now.

    intact    the words stand at the same place (the article may have changed elsewhere)
    moved     the words stand at another place, or in a file of another name
    altered   the words were changed, or stand where it cannot be told which place is meant
    gone      the words are not there, or the article is not

Pure: it sees files only through the `Corpus` that it is given.

Left out: how words are found again in an article (`locate.py`), what a record may not say of the
version that it cites (`forged.py`), and whether the corpus would be answered from differently now.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from answer.answer import Citation
from answer.record import Record, read_record
from answer.verify.forged import another_speaker, false_parts
from answer.verify.locate import (
    ArticleState,
    CitationCheck,
    State,
    in_article,
    stands,
)
from ingest.article import Article
from ingest.errors import BadRecord, UnreadableSource

if TYPE_CHECKING:
    from index.records import RecordRow, RecordStore

EXIT_CODES: dict[State, int] = {"intact": 0, "moved": 4, "altered": 5, "gone": 6}


class Corpus(Protocol):
    """What a record is verified against; `index.now.CorpusNow` reads it from disk."""

    def read(self, path: str) -> Article | None:
        """The article that is at a path now; `UnreadableSource` for a file that is none."""

    def version(self, sha256: str) -> Article | None:
        """A version that was cited, where it is kept."""

    def elsewhere(self, sha256: str, words: str) -> Iterable[Article]:
        """Articles of now that may hold what a missing one held, those of its bytes first."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What became of a record. `trouble` where it cannot be read; it counts as altered then.

    `same_corpus` says whether the corpus is the one that was asked, None where that is not known.
    """

    record: str
    question: str
    checks: tuple[CitationCheck, ...]
    same_corpus: bool | None = None
    trouble: str | None = None

    @property
    def state(self) -> State:
        """The worst state of its citations; `intact` for an answer that cites nothing."""
        states: list[State] = [check.state for check in self.checks]
        states += ["altered"] if self.trouble else ["intact"]
        return max(states, key=EXIT_CODES.__getitem__)

    @property
    def exit_code(self) -> int:
        """0 intact, 4 moved, 5 altered, 6 gone."""
        return EXIT_CODES[self.state]

    @property
    def summary(self) -> str:
        """One line for people: `4f2a91bc0d3e moved: “How…?” (3 citations, 2 intact, 1 moved)`."""
        states = [check.state for check in self.checks]
        counted = [f"{states.count(state)} {state}" for state in EXIT_CODES if state in states]
        noun = "1 citation" if len(states) == 1 else f"{len(states)} citations"
        told = f"{noun}, {', '.join(counted)}" if counted else "nothing is cited"
        return f"{self.record[:12]} {self.state}: “{self.question}” ({self.trouble or told})"

    def to_json(self) -> dict[str, Any]:
        return {
            "record": self.record,
            "question": self.question,
            "state": self.state,
            "exit_code": self.exit_code,
            "same_corpus": self.same_corpus,
            "trouble": self.trouble,
            "summary": self.summary,
            "citations": [check.to_json() for check in self.checks],
        }


@dataclass(frozen=True, slots=True)
class Touched:
    """A kept answer that cites an article, and what became of its citations of that article."""

    row: RecordRow
    verification: Verification

    def to_json(self) -> dict[str, Any]:
        return self.row.to_json() | {"verification": self.verification.to_json()}


def verify(record: Record, corpus: Corpus, *, state: str | None = None) -> Verification:
    """Every citation of a record against the corpus now; `state` is the corpus's (`Catalog.state`).

    The corpus's own errors pass through.
    """
    checks = _checks(record, record.citations, corpus)
    same = None if state is None else state == record.state
    return Verification(record.hash, record.question, checks, same)


def verify_all(
    store: RecordStore, corpus: Corpus, *, state: str | None = None
) -> Iterator[Verification]:
    """Every record that is kept, in the order in which they were first asked."""
    for name in store.hashes():
        row = store.get(name)
        if row is not None:
            yield _verified(row, store, corpus, state)


def touched(
    store: RecordStore,
    corpus: Corpus,
    *,
    path: str | None = None,
    sha256: str | None = None,
    limit: int = 50,
) -> tuple[Touched, ...]:
    """The kept answers that cite any version under this path, or these bytes; the latest first."""
    found = []
    for row in store.citing(path=path, sha256=sha256, limit=limit):
        try:
            record = kept(row, store)
        except BadRecord as error:
            found.append(Touched(row, _unreadable(row, error)))
            continue
        cited = [c for c in record.citations if c.path == path or c.article_sha256 == sha256]
        checks = _checks(record, cited, corpus)
        found.append(Touched(row, Verification(row.hash, row.question, checks)))
    return tuple(found)


def exit_code(verifications: Iterable[Verification]) -> int:
    """The worst of all; 0 for none."""
    return max((verification.exit_code for verification in verifications), default=0)


def kept(row: RecordRow, store: RecordStore) -> Record:
    """A kept record, checked as one from a stranger; `BadRecord` where it was changed."""
    record = read_record(store.read(row.hash) or "")
    if record.hash != row.hash:
        raise BadRecord("Another record is kept under this name.")
    return record


def check(citation: Citation, corpus: Corpus, *, claim: str | None = None) -> CitationCheck:
    """One citation against the corpus now; `claim` are the words of the answer that it is for.

    Where the version that is cited is kept, the record may say nothing of it that is not so.
    """
    article, reason = _now(citation.path, corpus)
    is_same = article is not None and article.sha256 == citation.article_sha256
    cited = article if is_same else corpus.version(citation.article_sha256)
    if cited is None:
        return _found(citation, corpus, article, None, reason)
    if not stands(citation, cited):
        remark = "the version that is cited does not say this there: the record is wrong"
        return CitationCheck(citation, "altered", "unchanged", remark=remark)
    wrong = false_parts(citation, cited, claim)
    if wrong:
        are = "is" if len(wrong) == 1 else "are"
        remark = f"the record is wrong: its {', '.join(wrong)} {are} not the version's"
        return CitationCheck(citation, "altered", "unchanged", remark=remark)
    found = _found(citation, corpus, article, cited, reason)
    return found.remarked(*another_speaker(citation, cited))


def _found(
    citation: Citation,
    corpus: Corpus,
    article: Article | None,
    cited: Article | None,
    reason: str | None,
) -> CitationCheck:
    """Where the words are now: in the article at the cited path, else in another."""
    here = in_article(citation, article, cited) if article else None
    if here is not None and here.now is not None:
        return here
    moved, other = _in_other_file(citation, corpus, cited, only_same_bytes=here is not None)
    gone: ArticleState = "unreadable" if reason else "absent"
    return moved or here or CitationCheck(citation, "gone", gone, remark=reason or other)


def _now(path: str, corpus: Corpus) -> tuple[Article | None, str | None]:
    """The article at a path, or why the file there is none."""
    try:
        return corpus.read(path), None
    except UnreadableSource as error:
        return None, str(error)


# ---- in another file -----------------------------------------------------------------------------


def _in_other_file(
    citation: Citation, corpus: Corpus, cited: Article | None, *, only_same_bytes: bool
) -> tuple[CitationCheck | None, str | None]:
    """Where the article is now that was at the cited path, or a remark on who else says the words.

    Other bytes are the same article only under the same title and publisher: the same sentence in
    another paper's article is no longer what was cited.
    """
    remark = None
    for other in corpus.elsewhere(citation.article_sha256, citation.quote):
        is_same = other.sha256 == citation.article_sha256
        if only_same_bytes and not is_same:
            break
        found = in_article(citation, other, cited)
        if found.now is None:
            continue
        if is_same or (other.title, other.publisher) == (citation.title, citation.publisher):
            return replace(found, state="moved", article="renamed", remark=None), None
        remark = remark or f"the same words stand in {other.path}"
    return None, remark


# ---- below ---------------------------------------------------------------------------------------


def _checks(
    record: Record, citations: Iterable[Citation], corpus: Corpus
) -> tuple[CitationCheck, ...]:
    text = record.content["answer"]["text"]
    return tuple(check(cited, corpus, claim=cited.claim.of(text)) for cited in citations)


def _verified(
    row: RecordRow, store: RecordStore, corpus: Corpus, state: str | None
) -> Verification:
    try:
        return verify(kept(row, store), corpus, state=state)
    except BadRecord as error:
        return _unreadable(row, error)


def _unreadable(row: RecordRow, error: BadRecord) -> Verification:
    return Verification(row.hash, row.question, (), trouble=str(error))
