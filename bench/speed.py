"""How fast: ingest and `ask`, as ratios against plain llama-index on the same machine in one run.

    python bench/speed.py --check          (or `make bench`; about eight minutes on two cores)

Plain llama-index is its `IngestionPipeline` with `SentenceSplitter`, `HuggingFaceEmbedding` and
`ChromaVectorStore`, at their defaults but for chunks: without overlap, and on average as long as
our passages. Model, articles and machine are the same; loading the model is not counted on either
side, and the runs alternate, so that a noisy neighbour meets both.

Absolute figures depend on the machine; `floors.json` holds what must stay true on any that has
bfloat16. Left out: quality (`pincite eval`).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import mean, median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

os.environ["HF_HUB_OFFLINE"] = "1"  # before any of it is imported: nothing is looked up
os.environ["TOKENIZERS_PARALLELISM"] = "false"

from answer.assistant import Assistant, open_assistant
from answer.settings import Settings
from bench.floors import gate, missed, parser, show
from bench.news import PUBLISHERS, NewsArticle, news, write_corpus
from index.embed import SentenceEmbedder, model_folder
from index.search import Filters
from ingest.read import decode_article
from ingest.split import split

Figures = dict[str, float]


def main() -> int:
    options = _options()
    figures: Figures = {}
    with TemporaryDirectory(prefix="pincite-bench-") as folder:
        if options.only in (None, "ingest"):
            articles = tuple(news(options.ingest_articles))
            figures |= measure_ingest(Path(folder), articles, runs=options.runs)
        if options.only in (None, "ask"):
            articles = tuple(news(options.ask_articles))
            figures |= measure_ask(Path(folder), articles, questions=options.questions)
    if options.json:
        told = {"figures": figures, "missed": missed("speed", figures)}
        print(json.dumps(told, indent=2))
    else:
        show(figures, decimals=2)
    left_out = {"ingest": ("ask",), "ask": ("ingest",), None: ()}[options.only]
    return gate("speed", figures, check=options.check, skipped=left_out)


# ---- ingest -----------------------------------------------------------------------------------


def measure_ingest(folder: Path, articles: tuple[NewsArticle, ...], *, runs: int) -> Figures:
    """Passages and characters a second, ours and theirs, and the median of the runs' ratios."""
    corpus = folder / "ingest-corpus"
    write_corpus(corpus, articles)
    embedder = SentenceEmbedder()
    embedder.load()
    plain = PlainLlamaIndex(_chunk_size_for(articles, mean(_passage_lengths(articles))))
    pairs: list[tuple[Ingest, Ingest]] = []
    for run in range(runs + 1):
        ours = _measured(partial(_our_ingest, corpus, folder / f"ours-{run}", embedder))
        theirs = _measured(partial(plain.ingest, folder / f"plain-{run}", articles))
        _progress(
            f"ingest {run or 'warm-up'}: {ours.passages / ours.seconds:.0f} passages a second, "
            f"llama-index {theirs.passages / theirs.seconds:.0f}"
        )
        if run:  # the first meets each length of batch for the first time, on both sides
            pairs.append((ours, theirs))
    return {
        "ingest passages": float(pairs[0][0].passages),
        "ingest mean passage, characters": pairs[0][0].mean_length,
        "llama-index mean chunk, characters": pairs[0][1].mean_length,
        "ingest passages/s": median(ours.passages / ours.seconds for ours, _ in pairs),
        "llama-index chunks/s": median(theirs.passages / theirs.seconds for _, theirs in pairs),
        "ingest characters/s": median(ours.characters / ours.seconds for ours, _ in pairs),
        "llama-index characters/s": median(
            theirs.characters / theirs.seconds for _, theirs in pairs
        ),
        "ingest ratio by passages": _ratio(pairs, "passages", "seconds"),
        "ingest ratio by characters": _ratio(pairs, "characters", "seconds"),
        "ingest ratio by passages, processor time": _ratio(pairs, "passages", "processor"),
    }


@dataclass(frozen=True, slots=True)
class Ingest:
    """One ingest: what came of it, in how many seconds, and in how many of the processor's."""

    passages: int
    characters: int
    seconds: float
    processor: float

    @property
    def mean_length(self) -> float:
        return self.characters / self.passages


def _measured(ingest: Callable[[], tuple[int, int]]) -> Ingest:
    started, busy = time.perf_counter(), time.process_time()
    passages, characters = ingest()
    return Ingest(passages, characters, time.perf_counter() - started, time.process_time() - busy)


def _ratio(pairs: Sequence[tuple[Ingest, Ingest]], amount: str, clock: str) -> float:
    """Ours over theirs, by what was done in a second: the median over the pairs of runs."""

    def rate(run: Ingest) -> float:
        return float(getattr(run, amount)) / float(getattr(run, clock))

    return median(rate(ours) / rate(theirs) for ours, theirs in pairs)


def _our_ingest(corpus: Path, index: Path, embedder: SentenceEmbedder) -> tuple[int, int]:
    """Bring an empty index level with the corpus; → passages and their characters."""
    from index.build import build
    from index.catalog import Catalog
    from index.vectors import VectorStore

    with (
        closing(Catalog(index)) as catalog,
        closing(VectorStore(index, embedder.name, embedder.dimension)) as vectors,
    ):
        report = build(corpus, catalog, vectors, embedder)
        assert report.ok, report.skipped
        ids = catalog.ids()  # "sha256:start-end"
    spans = [name.split(":")[1].split("-") for name in ids]
    return len(ids), sum(int(end) - int(start) for start, end in spans)


class PlainLlamaIndex:
    """The same job with llama-index's own parts."""

    def __init__(self, chunk_size: int) -> None:
        from llama_index.core.node_parser import SentenceSplitter
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding

        self.splitter = SentenceSplitter(chunk_size=chunk_size, chunk_overlap=0)
        self.embedding = HuggingFaceEmbedding(model_name=str(model_folder()), device="cpu")

    @contextmanager
    def every_core(self) -> Iterator[None]:
        """Torch as it is by itself, on all cores; our embedder may have left it with one thread."""
        import torch

        before = torch.get_num_threads()
        torch.set_num_threads(os.cpu_count() or 1)
        yield
        torch.set_num_threads(before)

    def ingest(self, index: Path, articles: Sequence[NewsArticle]) -> tuple[int, int]:
        """The same with a pipeline; → chunks and their characters."""
        import chromadb
        from llama_index.core import Document
        from llama_index.core.ingestion import IngestionPipeline
        from llama_index.vector_stores.chroma import ChromaVectorStore

        client = chromadb.PersistentClient(str(index))
        store = ChromaVectorStore(chroma_collection=client.get_or_create_collection("plain"))
        pipeline = IngestionPipeline(
            transformations=[self.splitter, self.embedding], vector_store=store
        )
        with self.every_core():
            nodes = pipeline.run(documents=[Document(text=article.text) for article in articles])
        client.close()
        return len(nodes), sum(len(node.get_content()) for node in nodes)

    def retriever(self, index: Path, k: int) -> Any:
        """Its retriever over our own collection, whose rows it can read."""
        from chromadb import PersistentClient
        from chromadb.config import Settings as ChromaSettings
        from llama_index.core import VectorStoreIndex
        from llama_index.vector_stores.chroma import ChromaVectorStore

        from index.vectors import CHROMA_FOLDER, COLLECTION

        client = PersistentClient(
            index / CHROMA_FOLDER, settings=ChromaSettings(anonymized_telemetry=False)
        )
        store = ChromaVectorStore(chroma_collection=client.get_collection(COLLECTION))
        whole = VectorStoreIndex.from_vector_store(store, embed_model=self.embedding)
        return whole.as_retriever(similarity_top_k=k)


def _passage_lengths(articles: Sequence[NewsArticle]) -> list[int]:
    return [
        len(passage.text)
        for article in articles
        for passage in split(decode_article(article.path, article.markdown.encode("utf-8")))
    ]


def _chunk_size_for(articles: Sequence[NewsArticle], wanted: float) -> int:
    """The chunk size, in tokens, whose chunks are on average nearest to `wanted` characters."""
    from llama_index.core import Document
    from llama_index.core.node_parser import SentenceSplitter

    documents = [Document(text=article.text) for article in articles[:40]]

    def distance(size: int) -> float:
        nodes = SentenceSplitter(chunk_size=size, chunk_overlap=0)(documents)
        return abs(mean(len(node.get_content()) for node in nodes) - wanted)

    return min(range(64, 401, 12), key=distance)


# ---- ask --------------------------------------------------------------------------------------


def measure_ask(folder: Path, articles: tuple[NewsArticle, ...], *, questions: int) -> Figures:
    """Milliseconds of the whole `ask`, of a filtered one, and of llama-index's retriever alone."""
    corpus, index = folder / "ask-corpus", folder / "ask-index"
    write_corpus(corpus, articles)
    with closing(open_assistant(_settings(corpus, index))) as assistant:
        _progress(f"indexing {len(articles)} articles")
        report = assistant.ingest()
        plain = PlainLlamaIndex(256)
        retriever = plain.retriever(index, k=8)

        def retrieve(question: str) -> object:
            with plain.every_core():
                return retriever.retrieve(question)

        asked = [article.question for article in articles[:: max(1, len(articles) // questions)]]
        arms: dict[str, Callable[[str], object]] = {
            "ask": assistant.ask,
            "ask by publisher": _filtered(assistant, Filters(publishers=PUBLISHERS[:1])),
            "ask by date": _filtered(assistant, Filters(since="2016", until="2017")),
            "search": assistant.search,
            "llama-index retrieve": retrieve,
        }
        times = _alternately(arms, asked)
        answered = mean(assistant.ask(one).outcome == "answered" for one in asked[:40])
    figures: Figures = {
        "ask articles": float(len(articles)),
        "ask passages": float(report.passages),
        "ask share answered": answered,
    }
    for name, seconds in times.items():
        figures[f"{name} median ms"] = 1000 * median(seconds)
        figures[f"{name} p95 ms"] = 1000 * quantiles(seconds, n=20)[-1]
    whole = median(times["ask"])
    figures["ask over llama-index retrieve"] = whole / median(times["llama-index retrieve"])
    figures["search over llama-index retrieve"] = median(times["search"]) / median(
        times["llama-index retrieve"]
    )
    figures["ask by publisher over ask"] = median(times["ask by publisher"]) / whole
    figures["ask by date over ask"] = median(times["ask by date"]) / whole
    return figures


def _filtered(assistant: Assistant, filters: Filters) -> Callable[[str], object]:
    return lambda question: assistant.ask(question, filters=filters)


def _alternately(
    arms: dict[str, Callable[[str], object]], asked: Sequence[str]
) -> dict[str, list[float]]:
    """Seconds of every arm for every question; each question meets the arms in another order."""
    times: dict[str, list[float]] = {name: [] for name in arms}
    names = list(arms)
    for turn, question in enumerate([*asked[:5], *asked]):
        for place in range(len(names)):
            name = names[(turn + place) % len(names)]
            started = time.perf_counter()
            arms[name](f"{question} ({place})")  # no two the same, should anything be cached
            if turn >= 5:
                times[name].append(time.perf_counter() - started)
    return times


# ---- options ----------------------------------------------------------------------------------


def _progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _settings(corpus: Path, index: Path) -> Settings:
    return Settings(corpus=corpus, index=index)


def _options() -> argparse.Namespace:
    asked = parser(__doc__)
    asked.add_argument("--json", action="store_true", help="print JSON")
    asked.add_argument("--only", choices=("ingest", "ask"), help="measure half of it")
    asked.add_argument("--runs", type=int, default=3, help="pairs of ingests (3)")
    asked.add_argument("--ingest-articles", type=int, default=240, help="for ingest (240)")
    asked.add_argument("--ask-articles", type=int, default=1_400, help="for ask (1400)")
    asked.add_argument("--questions", type=int, default=100, help="for ask (100)")
    return asked.parse_args()


if __name__ == "__main__":
    sys.exit(main())
