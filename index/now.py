"""The corpus as it is on disk at this moment, and what it was: what a record is verified against.

An index says what the corpus was when it was last ingested. Here the files themselves are read, and
the index only helps to find where a missing file's words may have gone.

Left out: judging what is found (`answer/verify/`).
"""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Iterator
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from index.words import content_terms
from ingest.article import Article
from ingest.errors import UnreadableSource
from ingest.read import MAX_BYTES, SUFFIXES, corpus_files, corpus_path, read_article, read_bytes

if TYPE_CHECKING:
    from index.catalog import Catalog, KnownFile

_PASSAGES = 20  # of the index, that share words with a quotation whose file is missing
_WORDS = 64  # of a quotation, that those passages are looked for by
_ABSENT = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL)


class CorpusNow:
    """One look at a corpus: make another one for the next look. For one thread.

    `CorpusMissing` where a missing file is searched for and the corpus folder is gone.
    """

    def __init__(self, corpus: Path, catalog: Catalog, *, max_bytes: int = MAX_BYTES) -> None:
        self._corpus, self._catalog, self._max_bytes = corpus, catalog, max_bytes
        self._read = lru_cache(maxsize=16)(self._read_once)

    def read(self, path: str) -> Article | None:
        """The article that is at a path now; None where no ingest would find a file there.

        `UnreadableSource` where there is a file that cannot become an article.
        """
        return self._read(path) if self._is_there(path) else None

    def version(self, sha256: str) -> Article | None:
        """Any version that was ever indexed."""
        return self._catalog.article(sha256)

    def elsewhere(self, sha256: str, words: str) -> Iterator[Article]:
        """Articles of now that may hold what an article that is gone held.

        First those of the same bytes, then those that the index finds by the words or that it does
        not know yet, each once.
        """
        seen = set()
        for path in self._same_bytes(sha256):
            article = self._readable(path)
            if article is not None and article.sha256 == sha256:
                seen.add(path)
                yield article
        for path in self._likely(words):
            article = None if path in seen else self._readable(path)
            seen.add(path)
            if article is not None:
                yield article

    def _likely(self, words: str) -> Iterator[str]:
        yield from self._sharing(words)
        yield from (path for path in self._new if words.encode("utf-8") in self._bytes(path))

    def _same_bytes(self, sha256: str) -> list[str]:
        known = (path for path, file in self._known.items() if file.sha256 == sha256)
        return sorted(known) + sorted(self._new_bytes.get(sha256, ()))

    def _sharing(self, words: str) -> list[str]:
        wanted = content_terms(words[: 20 * _WORDS])[:_WORDS]
        ids = [name for name, _ in self._catalog.lexical(wanted, limit=_PASSAGES)]
        found = self._catalog.passages(ids)
        return [found[name].path for name in ids if name in found]

    @cached_property
    def _known(self) -> dict[str, KnownFile]:
        return self._catalog.known()

    @cached_property
    def _new(self) -> tuple[str, ...]:
        """Files that the index does not know as they are now."""
        return tuple(
            path
            for file in corpus_files(self._corpus)
            if not self._is_known(path := corpus_path(self._corpus, file), file)
        )

    def _is_known(self, path: str, file: Path) -> bool:
        known = self._known.get(path)
        try:
            about = file.stat()
        except OSError:
            return True  # gone since it was listed
        return known is not None and (known.size, known.mtime_ns) == (
            about.st_size,
            about.st_mtime_ns,
        )

    @cached_property
    def _new_bytes(self) -> dict[str, list[str]]:
        """sha256 → files that the index does not know as they are now."""
        found: dict[str, list[str]] = {}
        for path in self._new:
            found.setdefault(hashlib.sha256(self._bytes(path)).hexdigest(), []).append(path)
        return found

    def _bytes(self, path: str) -> bytes:
        try:
            return read_bytes(self._corpus / path, max_bytes=self._max_bytes)
        except UnreadableSource:
            return b""

    def _readable(self, path: str) -> Article | None:
        try:
            return self.read(path)
        except UnreadableSource:
            return None

    def _read_once(self, path: str) -> Article:
        return read_article(self._corpus, self._corpus / path, max_bytes=self._max_bytes)

    def _is_there(self, path: str) -> bool:
        """Whether an ingest would find a file there: no way out of the corpus leads through it.

        A link to a folder is not followed, and a link to a file outside only where it was ingested.
        """
        if not is_corpus_path(path):
            return False
        root, file = self._corpus.resolve(), self._corpus / path
        try:
            file.stat()
            real, folder = file.resolve(), file.parent.resolve()
        except (OSError, RuntimeError) as error:
            return getattr(error, "errno", errno.ELOOP) not in _ABSENT
        return folder == (root / path).parent and (real.is_relative_to(root) or path in self._known)


def corpus_file(corpus: Path, path: str) -> Path | None:
    """The file that an ingest would find at a path now; None where it would find none.

    Also a link, and a file that cannot be read. No way out of the corpus leads through the path,
    and none through a link to a folder, which an ingest does not follow.
    """
    if not is_corpus_path(path):
        return None
    file = corpus / path
    try:
        inside = file.parent.resolve() == (corpus.resolve() / path).parent
        there = file.is_symlink() or file.exists()
    except (OSError, RuntimeError, ValueError):  # a loop of links, a name too long
        return None
    return file if inside and there and not file.is_dir() else None


def is_corpus_path(path: str) -> bool:
    """Whether a path may name a file that an ingest reads: relative, not hidden, an article's.

    >>> [is_corpus_path(p) for p in ("2021/a.md", "/etc/a.md", "../a.md", ".git/a.md", "a.py")]
    [True, False, False, False, False]
    """
    parts = path.split("/")
    return (
        path.lower().endswith(SUFFIXES)
        and "\0" not in path
        and not Path(path).is_absolute()
        and not Path(path).drive
        and not any(part.startswith(".") or not part for part in parts)
    )
