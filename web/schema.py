"""The JSON of the API as types: what is read is checked by them, what is written is described.

Replies are made by the nouns' own `to_json`, the same for every door; a test holds these
descriptions to them, field for field.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Exact(BaseModel):
    """What has the fields that its class names, and no others."""

    model_config = ConfigDict(extra="forbid")


class FiltersIn(Exact):
    """What to search in; everything where a field is left out."""

    publishers: list[str] = Field([], description="Publishers, as articles name them.")
    since: str | None = Field(None, description="`2021-11-30`, `2021-11` or `2021`, included.")
    until: str | None = Field(None, description="The same; `2021` includes all of 2021.")
    languages: list[str] = Field([], description="Codes such as `en`.")
    articles: list[str] = Field([], description="Corpus paths, or 16 or more digits of a sha256.")


class AskIn(Exact):
    """A question to the corpus."""

    question: str = Field(description="2,000 characters at most.", examples=["Who flew the drone?"])
    filters: FiltersIn = Field(default_factory=lambda: FiltersIn.model_validate({}))
    k: int = Field(8, description="How many passages to read for it, 1 to 50.")
    previous: list[str] = Field([], description="The questions before it, oldest first.")
    keep: bool = Field(True, description="Whether to keep the answer under its hash.")


class LocatorOut(Exact):
    """A place in the original: pages as its PDF counts them, from 1, or times as `h:mm:ss`."""

    kind: Literal["page", "time"]
    first: str = Field(description="Where the words begin.")
    last: str = Field(description="Where they end.")
    text: str = Field(description="As a reference has it.", examples=["p. 4"])


class IngestIn(Exact):
    """What to look at; everything where it is left out."""

    paths: list[str] | None = Field(None, description="Corpus paths: new, changed or gone.")


class CitationOut(Exact):
    """`file_text[chars[0]:chars[1]] == quote`; `bytes` cut the same words out of the file."""

    number: int
    claim: tuple[int, int] = Field(description="The place in the answer's text.")
    quote: str
    prefix: str
    suffix: str
    verdict: Literal["exact", "supported", "partly", "unsupported"]
    speaker: str | None = Field(description="Who says it inside the article, where it names one.")
    direct: bool | None = Field(description="Whether in the speaker's own words.")
    path: str
    article_sha256: str
    chars: tuple[int, int]
    bytes: tuple[int, int]
    title: str
    authors: list[str]
    publisher: str | None
    published: str | None
    accessed: str | None
    language: str | None
    url: str | None
    link: str | None = Field(
        description="To the cited words on the live page (text fragment), or their page of a PDF."
    )
    locator: LocatorOut | None = Field(description="Where the original has them, if it is known.")


class FindingOut(Exact):
    """One figure, date, name or negation of a statement, checked against the cited words."""

    kind: Literal["figure", "date", "name", "negation"]
    said: str
    agrees: bool
    instead: str | None


class StatementOut(Exact):
    """One sentence of the answer, and how well all that it cites supports it."""

    claim: tuple[int, int]
    citations: list[int]
    verdict: Literal["exact", "supported", "partly", "unsupported"]
    findings: list[FindingOut]


class SourceArticleOut(Exact):
    """An article among the sources."""

    sha256: str
    path: str
    title: str
    publisher: str | None
    published: str | None


class SourceOut(Exact):
    """One independent source: an article, with those that are near copies of it."""

    articles: list[SourceArticleOut]
    citations: list[int]


class ReadingOut(Exact):
    """What one citation says where another says something else."""

    said: str
    citation: int
    publisher: str | None
    published: str | None


class DifferenceOut(Exact):
    """Figures or dates on which the cited passages differ, newest first."""

    about: str
    readings: list[ReadingOut]


class ReadPassageOut(Exact):
    """A passage that was read for an answer, and why: its ranks by meaning and by words."""

    path: str
    article_sha256: str
    title: str
    heading: str
    chars: tuple[int, int]
    bytes: tuple[int, int]
    score: float = Field(description="Of the fused ranking; compare within one answer only.")
    cosine: float | None = Field(description="Nearness of meaning, 1 being the same.")
    dense_rank: int | None = Field(description="By meaning, 1 being best.")
    lexical_rank: int | None = Field(description="By words, 1 being best.")
    locator: LocatorOut | None = Field(description="Where the original has it, if it is known.")


class PassageOut(ReadPassageOut):
    """The same with its text and its name."""

    id: str
    text: str


class CorpusOut(BaseModel):
    """What the corpus held when the question was asked."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    articles: int
    passages: int
    first: str | None = Field(alias="from")
    last: str | None = Field(alias="to")
    narrowed: bool = Field(description="Whether filters allowed only this much of it.")


class _GivenOut(Exact):
    outcome: Literal["answered", "not_in_corpus", "writer_failed"]
    text: str
    support: float
    recall: float | None = Field(description="Citation recall (ALCE).")
    precision: float | None = Field(description="Citation precision (ALCE).")
    writer: str
    note: str | None
    statements: list[StatementOut]
    citations: list[CitationOut]
    sources: list[SourceOut]
    differences: list[DifferenceOut]


class AnswerOut(_GivenOut):
    """An answer in the articles' own words, or the honest message that there is none."""

    question: str
    searched: str | None = Field(description="What was searched, where a follow-up left words out.")
    record: str | None = Field(description="The hash under which the answer is kept.")
    passages: list[PassageOut]
    corpus: CorpusOut


class RecordedAnswerOut(_GivenOut):
    """The answer inside a record: passages by their places, without their text."""

    passages: list[ReadPassageOut]


class RecordedCorpusOut(CorpusOut):
    """The corpus that was asked, and the hash that names its state."""

    state: str


class RecordedFiltersOut(FiltersIn):
    """What was searched in. `undated`: articles without a date too, as "as of" a day reads them."""

    undated: bool = False


class RecordOut(Exact):
    """A kept answer with all that it rests on; `hash` is that of the canonical JSON of the rest."""

    pincite: Literal[1]
    hash: str
    question: str
    searched: str | None
    filters: RecordedFiltersOut
    corpus: RecordedCorpusOut
    settings: dict[str, str | int | float | bool | None]
    answer: RecordedAnswerOut


class FoundOut(Exact):
    """Passages, best first."""

    question: str
    passages: list[PassageOut]


class ArticleOut(Exact):
    """One version of an article; `text` is the whole file, so that every span can be checked."""

    path: str
    sha256: str
    title: str
    authors: list[str]
    publisher: str | None
    published: str | None
    modified: str | None
    url: str | None
    accessed: str | None
    language: str | None
    source: str | None = Field(description="The file or address that it was made from.")
    source_part: str | None = Field(description="The part of that, such as an entry of a zip.")
    source_sha256: str | None = Field(description="Its bytes; `/originals/` has those kept.")
    body: tuple[int, int]
    text: str


class BuildOut(Exact):
    """What bringing the index level with the corpus did."""

    added: int
    changed: int
    removed: int
    unchanged: int
    skipped: list[tuple[str, str]] = Field(description="Path and reason.")
    passages: int
    seconds: float
    changed_paths: list[str] = Field(description="Files that were changed or removed.")
    summary: str


class CheckIn(Exact):
    """Quoted words to look for."""

    quote: str = Field(description="5,000 characters at most.")
    article: str | None = Field(None, description="Path or sha256: where they should stand.")


class PlaceOut(Exact):
    """Words as they stand in an article: `file_text[chars[0]:chars[1]] == quote`."""

    path: str
    article_sha256: str
    chars: tuple[int, int]
    bytes: tuple[int, int]
    quote: str
    prefix: str
    suffix: str
    part: int = Field(description="From 0, where an ellipsis parts the quotation.")
    title: str
    publisher: str | None
    published: str | None
    url: str | None
    locator: LocatorOut | None = Field(description="Where the original has them, if it is known.")


class ChangeOut(Exact):
    """Words of a quotation beside those that stand in the article."""

    kind: Literal["same", "replaced", "removed", "added"]
    said: str
    found: str


class NearOut(Exact):
    """The words most like a quotation: named, never highlighted."""

    path: str
    article_sha256: str
    title: str
    publisher: str | None
    published: str | None
    url: str | None
    text: str
    likeness: float
    changes: list[ChangeOut]


class CheckOut(Exact):
    """The verdict on quoted words; places for the first three verdicts only."""

    quote: str
    verdict: Literal["exact", "same_words", "elsewhere", "altered", "not_in_corpus"]
    article: str | None
    articles: int
    more: bool = Field(description="Whether `articles` is only the least that it can be.")
    places: list[PlaceOut]
    nearest: NearOut | None
    note: str | None


class ReviewIn(Exact):
    """A draft to check."""

    draft: str = Field(description="20,000 characters and 200 sentences at most.")


class ReviewedOut(Exact):
    """One sentence of a draft, and the sentences that support or contradict it."""

    chars: tuple[int, int] = Field(description="In the draft.")
    sentence: str
    verdict: Literal["supported", "contradicted", "absent", "nothing_to_check"]
    coverage: float
    support: list[PlaceOut]
    against: list[PlaceOut]
    findings: list[FindingOut]
    quotes: list[CheckOut]


class ReviewOut(Exact):
    """A draft, sentence by sentence."""

    draft: str
    sentences: list[ReviewedOut]


class CitationCheckOut(Exact):
    """What became of one citation; `now` only where the words stand there exactly."""

    number: int
    state: Literal["intact", "moved", "altered", "gone"]
    article: Literal["unchanged", "changed", "renamed", "absent", "unreadable"]
    path: str
    article_sha256: str
    chars: tuple[int, int]
    quote: str
    now: PlaceOut | None
    found: str | None
    changes: list[ChangeOut]
    remark: str | None
    line: str


class VerificationOut(Exact):
    """What became of a kept answer: the worst state of its citations."""

    record: str
    question: str
    state: Literal["intact", "moved", "altered", "gone"]
    exit_code: int = Field(description="0 intact, 4 moved, 5 altered, 6 gone.")
    same_corpus: bool | None
    trouble: str | None
    citations: list[CitationCheckOut]
    summary: str


class VerificationsOut(Exact):
    """Every kept answer, verified."""

    exit_code: int = Field(description="The worst of all.")
    records: list[VerificationOut]


class KeptAnswerOut(Exact):
    """A kept answer; times are ISO 8601, UTC."""

    hash: str
    question: str
    outcome: Literal["answered", "not_in_corpus", "writer_failed"]
    first_asked: str
    last_asked: str
    asked: int
    verification: VerificationOut | None = Field(description="Where one article was asked for.")


class KeptAnswersOut(Exact):
    """Kept answers, the one asked last first."""

    answers: list[KeptAnswerOut]


class HealthOut(Exact):
    """Whether the server answers, and whether the first question will have to wait."""

    status: Literal["ok"]
    articles: int
    model: Literal["loaded", "loading", "failed"]


class ErrorOut(Exact):
    """What failed and what to do about it."""

    error: str
