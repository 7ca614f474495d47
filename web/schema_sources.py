"""The JSON of bringing sources in, and of the library, as types.

Left out: everything that is asked of articles (`schema.py`).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from web.schema import Exact


class AddressIn(Exact):
    """An address to bring in: an article, a feed or a sitemap."""

    address: str = Field(description="http or https.", examples=["https://example.org/article"])
    follow: bool = Field(False, description="Whether a feed's new articles are fetched, too.")


class BroughtOut(Exact):
    """An article that a source gave, or that was there already."""

    path: str
    sha256: str
    title: str


class SourceItemOut(Exact):
    """One source in the queue."""

    id: str
    kind: Literal["file", "address"]
    label: str = Field(description="The file's name as its sender has it, or the address.")
    state: Literal[
        "waiting", "fetching", "converting", "embedding", "done", "already", "failed", "cancelled"
    ]
    done: int = Field(description="Bytes fetched, articles converted or passages embedded.")
    of: int = Field(description="Of how many; 0 where it is not known.")
    reason: str = Field(description="Why it failed, or what stays of what was cancelled.")
    remarks: list[str] = Field(description="What else to know: parts that were skipped.")
    articles: list[BroughtOut] = Field(description="The first few of them.")
    count: int = Field(description="How many articles there are of it.")
    cancelling: bool = Field(description="Whether it was told to end and has not ended yet.")


class SourcesOut(Exact):
    """Sources in the order in which they came."""

    items: list[SourceItemOut]


class LibraryRowOut(Exact):
    """An article of the library, without its text."""

    sha256: str
    path: str
    title: str
    authors: list[str]
    publisher: str | None
    published: str | None
    language: str | None
    url: str | None
    passages: int
    indexed: str = Field(description="When it was first indexed as it is now: ISO 8601, UTC.")


class LibraryOut(Exact):
    """One page of the library's table."""

    total: int = Field(description="How many articles fit, on all pages.")
    articles: list[LibraryRowOut]


class NamedCountOut(Exact):
    """A publisher or a language, and how many articles it has."""

    name: str
    articles: int


class FacetsOut(Exact):
    """What the library can be narrowed by; the most frequent names first."""

    articles: int
    passages: int
    first: str | None = Field(description="The earliest date of publication.")
    last: str | None = Field(description="The latest one.")
    publishers: list[NamedCountOut] = Field(description="The 500 with the most articles.")
    languages: list[NamedCountOut]
