"""The JSON of the API as types: what is read is checked by them, what is written is described.

Replies are made by the nouns' own `to_json`, the same for every door; a test holds these
descriptions to them, field for field.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Exact(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FiltersIn(_Exact):
    """What to search in; everything where a field is left out."""

    publishers: list[str] = Field([], description="Publishers, as articles name them.")
    since: str | None = Field(None, description="`2021-11-30`, `2021-11` or `2021`, included.")
    until: str | None = Field(None, description="The same; `2021` includes all of 2021.")
    languages: list[str] = Field([], description="Codes such as `en`.")
    articles: list[str] = Field([], description="Corpus paths, or 16 or more digits of a sha256.")


class AskIn(_Exact):
    """A question to the corpus."""

    question: str = Field(description="2,000 characters at most.", examples=["Who flew the drone?"])
    filters: FiltersIn = Field(default_factory=lambda: FiltersIn.model_validate({}))
    k: int = Field(8, description="How many passages to read for it, 1 to 50.")


class CitationOut(_Exact):
    """`file_text[chars[0]:chars[1]] == quote`; `bytes` cut the same words out of the file."""

    number: int
    claim: tuple[int, int] = Field(description="The place in the answer's text.")
    quote: str
    prefix: str
    suffix: str
    verdict: str
    path: str
    article_sha256: str
    chars: tuple[int, int]
    bytes: tuple[int, int]
    title: str
    publisher: str | None
    published: str | None
    url: str | None


class PassageOut(_Exact):
    """A passage, and why it ranked: its rank by meaning and by words, 1 being best."""

    id: str
    path: str
    article_sha256: str
    title: str
    heading: str
    chars: tuple[int, int]
    bytes: tuple[int, int]
    text: str
    score: float = Field(description="Of the fused ranking; compare within one answer only.")
    cosine: float | None = Field(description="Nearness of meaning, 1 being the same.")
    dense_rank: int | None
    lexical_rank: int | None


class CorpusOut(BaseModel):
    """What the corpus held when the question was asked."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    articles: int
    passages: int
    first: str | None = Field(alias="from")
    last: str | None = Field(alias="to")


class AnswerOut(_Exact):
    """An answer in the articles' own words, or the honest message that there is none."""

    question: str
    outcome: Literal["answered", "not_in_corpus", "writer_failed"]
    text: str
    support: float
    citations: list[CitationOut]
    passages: list[PassageOut]
    corpus: CorpusOut


class FoundOut(_Exact):
    """Passages, best first."""

    question: str
    passages: list[PassageOut]


class ArticleOut(_Exact):
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
    source: str | None
    source_sha256: str | None
    body: tuple[int, int]
    text: str


class BuildOut(_Exact):
    """What bringing the index level with the corpus did."""

    added: int
    changed: int
    removed: int
    unchanged: int
    skipped: list[tuple[str, str]] = Field(description="Path and reason.")
    passages: int
    seconds: float
    summary: str


class HealthOut(_Exact):
    """Whether the server answers, and whether the first question will have to wait."""

    status: Literal["ok"]
    articles: int
    model: Literal["loaded", "loading", "failed"]


class ErrorOut(_Exact):
    """What failed and what to do about it."""

    error: str
