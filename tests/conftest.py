"""Fixtures, each named for the state that it gives."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from index.build import BuildReport, build
from index.catalog import Catalog
from index.embed import HashedEmbedder
from index.vectors import VectorStore
from index.words import terms
from ingest.article import Article, Passage

settings.register_profile(
    "pincite",
    deadline=None,
    max_examples=150,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("pincite")

SEED = Path(__file__).parents[2] / "shared" / "seed"

# Pieces that texts of any age and tool are made of; joined, they are as ugly as texts get.
PIECES = st.sampled_from(
    [
        "He said no. ",
        "He said no.\r\n",
        "Mr. Smith of the U.S. left at 5 p.m. on Jan. 3. ",
        "“Why?” she asked. “Because it rained.” ",
        "(He did.) ",
        "\n\n",
        "\r\n\r\n",
        "\r",
        "\r\r",
        "\t",
        "\u00a0",
        "\u2028",
        "\x0b\x0c\x85",
        "\ufeff",
        "👩‍👩‍👧‍👦 ",
        "🏴󠁧󠁢󠁳󠁣󠁴󠁿!",
        "cafe\u0301. ",
        "שלום עולם. ",
        "مرحبا بالعالم؟ نعم۔ ",
        "他来了。她走了！",
        "नमस्ते। ",
        "- item one\n",
        "* item\r\n",
        "12. twelfth\n",
        "> quoted text. More.\n",
        "# Heading #\n",
        "Setext\n======\n",
        "| a | b |\n|---|---|\n| one. two. | three |\n",
        "```\ncode. here.\n```\n",
        "    indented\n",
        "<div>html. text.</div>\n",
        "<!-- hidden -->\n",
        "[ref]: https://example.org\n",
        "*emph* and `code`. ",
        "\\*\\\\ ",
        "Comments (13)\n",
        "x" * 3000,
        "word " * 300,
        "...!?!? ",
        "\U0010ffff",
    ]
)
UGLY = st.lists(
    PIECES | st.text(st.characters(exclude_categories=["Cs"]), max_size=30), max_size=25
)

HARBOUR = """\
---
title: The harbour at Kallo
publisher: Coast Gazette
published: 2021-11-30
language: en
url: https://example.org/harbour
---
# The harbour at Kallo

The harbour at Kallo was deepened in 1974. Two dredgers worked there for nine months, and the mud
was taken out to sea.

## Ferries

A ferry leaves for the islands every hour. Mr. Tamm, who ran it for thirty years, retired in May.
"""

LIGHTHOUSE = """\
---
title: A lighthouse without a keeper
publisher: Island Review
published: 2014-07
language: en
---
The lighthouse on Saarn has had no keeper since 1998. Its lamp is watched from the mainland.

Visitors may climb its 142 steps in summer, when the harbour master holds the key.
"""

TIDES = "Tides\r\n\r\nThe moon pulls the sea. The sun pulls it too, but less.\r\n"


@dataclass
class OpenIndex:
    """A corpus and its open index, with a deterministic embedder."""

    corpus: Path
    folder: Path
    embedder: HashedEmbedder = field(default_factory=HashedEmbedder)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        self.catalog = Catalog(self.folder)
        self.vectors = VectorStore(self.folder, self.embedder.name, self.embedder.dimension)

    def close(self) -> None:
        self.catalog.close()
        self.vectors.close()

    def build(self, **options: Any) -> BuildReport:
        return build(self.corpus, self.catalog, self.vectors, self.embedder, **options)

    def write(self, path: str, text: str | bytes) -> Path:
        return write(self.corpus, path, text)

    def found(self, question: str, k: int = 5) -> list[str]:
        """Paths by full text, best first."""
        ids = [name for name, _ in self.catalog.lexical(terms(question), limit=k)]
        passages = self.catalog.passages(ids)
        return [passages[name].path for name in ids]

    def nearest(self, question: str, k: int = 5) -> list[str]:
        """Paths by vector, best first."""
        ids = [name for name, _ in self.vectors.nearest(self.embedder.embed([question])[0], k=k)]
        passages = self.catalog.passages(ids)
        return [passages[name].path for name in ids if name in passages]

    def contents(self) -> dict[str, object]:
        """Everything that a search can see, to compare two indexes by."""
        passages = self.catalog.passages(self.catalog.ids())
        words = sorted({word for p in passages.values() for word in terms(p.text + p.title)})
        kept = self.vectors._collection.get(include=["embeddings"])
        return {
            "articles": self.catalog.articles(),
            "known": {path: file.sha256 for path, file in self.catalog.known().items()},
            "passages": passages,
            "frequencies": self.catalog.document_frequencies(words),
            "rows": self.vectors.passages(sorted(self.vectors.ids())),
            "vectors": dict(zip(kept["ids"], map(bytes, kept["embeddings"]), strict=True)),
        }


def write(folder: Path, path: str, text: str | bytes) -> Path:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return file


def assert_exact(article: Article, data: bytes, passages: tuple[Passage, ...]) -> None:
    """The law: a passage is what the file holds at its place, by characters and by bytes."""
    text = data.decode("utf-8")
    for passage in passages:
        assert text[passage.chars.start : passage.chars.end] == passage.text
        assert data[passage.bytes.start : passage.bytes.end] == passage.text.encode("utf-8")


@pytest.fixture
def embedder() -> HashedEmbedder:
    return HashedEmbedder()


@pytest.fixture
def three_articles(tmp_path: Path) -> Path:
    """A corpus: two Markdown articles with front matter, and a plain text with CRLF."""
    corpus = tmp_path / "corpus"
    write(corpus, "2021/harbour.md", HARBOUR)
    write(corpus, "2014/lighthouse.md", LIGHTHOUSE)
    write(corpus, "tides.txt", TIDES)
    return corpus


@pytest.fixture
def empty_index(three_articles: Path, tmp_path: Path) -> Iterator[OpenIndex]:
    """Three articles that are not indexed yet."""
    index = OpenIndex(three_articles, tmp_path / "index")
    yield index
    index.close()


@pytest.fixture
def built_index(empty_index: OpenIndex) -> OpenIndex:
    """Three articles, indexed."""
    empty_index.build()
    return empty_index


@pytest.fixture
def seed_article() -> bytes:
    """The seed article of the workshop, where it is at hand."""
    file = SEED / "article.txt"
    if not file.is_file():
        pytest.skip("the seed article is not beside this checkout")
    return file.read_bytes()


@pytest.fixture
def seed_questions() -> list[dict[str, Any]]:
    """The questions asked of the seed article, where they are at hand."""
    file = SEED / "questions.jsonl"
    if not file.is_file():
        pytest.skip("the seed questions are not beside this checkout")
    return [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KB, where one may be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"no small file system can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)
