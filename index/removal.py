"""Taking articles away: what would go, then doing it.

    files        the article's file, and its original where nothing else was made from it
    index        its passages, their vectors and full text
    versions     stay readable for the answers that cite them, unless they are to be forgotten too

What goes is looked up in the catalog, so no name leads out of the corpus, and a file that is a link
is unlinked, never followed. Killed at any point, the same removal completes it. Words that are
forgotten are overwritten in the files of the index as well, which writes these anew and so takes
longer with a larger index; everything else costs the same whatever the index holds.

What stays is said: answers that were kept quote what they quote (`records.py`), and Chroma may keep
the vector of a deleted passage, numbers without words, until a later one takes its place.

Left out: who may do it (`web/`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.build import build
from index.now import corpus_file
from index.rebuild import DAMAGED_FILE
from index.words import writable
from ingest import originals
from ingest.errors import BadQuestion, PinciteError, UnreadableSource
from ingest.ledger import Ledger
from ingest.read import MAX_BYTES

if TYPE_CHECKING:
    from index.build import BuildReport
    from index.catalog import Catalog
    from index.embed import Embedder
    from index.records import RecordRow, RecordStore
    from index.vectors import VectorStore

_REMOVING = "removing"  # in the catalog while a removal is under way: what was asked → paths
# In the catalog while forgotten words may still be in a file: hashes of what was asked, which are
# no words.
_UNSCRUBBED = "unscrubbed"
_MOST_ANSWERS = 1_000  # that are named


@dataclass(frozen=True, slots=True)
class Leaving:
    """One file that goes. `sha256` and `title` are None where it is not indexed now.

    `versions` counts those that its path has had and that can be read; `also` are other files that
    hold the same bytes and stay; `is_file` and `is_link` say what is on the disk.
    """

    path: str
    title: str | None
    sha256: str | None
    passages: int
    versions: int
    also: tuple[str, ...]
    is_file: bool
    is_link: bool


@dataclass(frozen=True, slots=True)
class Removal:
    """What goes, or went if `done`. `versions` are those that are forgotten, by sha256, and
    `shared` those that are not, since another file holds them now. `originals` are sha256 too.
    `cited_by` are kept answers that cite any version of these files; they stay.
    """

    files: tuple[Leaving, ...]
    forget: bool
    versions: tuple[str, ...]
    shared: tuple[str, ...]
    originals: tuple[str, ...]
    cited_by: tuple[RecordRow, ...]
    remarks: tuple[str, ...] = ()
    done: bool = False

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(file.path for file in self.files)

    @property
    def passages(self) -> int:
        """How many passages are in no search any more; those of files that share bytes stay."""
        return sum(file.passages for file in self.files if not file.also)

    def to_json(self) -> dict[str, Any]:
        told = asdict(replace(self, cited_by=()))
        told["cited_by"] = [row.to_json() for row in self.cited_by]
        return {**told, "passages": self.passages}


def named(
    catalog: Catalog, corpus: Path, names: Sequence[str], publishers: Sequence[str] = ()
) -> dict[str, tuple[str, ...]]:
    """Paths and addresses of articles, and publishers (any case) → the corpus paths of each.

    What a removal was asked that was cut off is known, too: by its paths, none of them where they
    are forgotten already. `BadQuestion` for a name that nothing is known under.
    """
    found: dict[str, tuple[str, ...]] = {}
    for name in names:
        begun, paths = _begun(catalog, corpus, name), _named(catalog, corpus, name)
        if begun is None and not paths:
            raise BadQuestion(
                f"“{name[:200]}” is neither the path of an article in the corpus, such as "
                "2021/a.md, nor the address of one."
            )
        found[name] = tuple(sorted({*paths, *(begun or ())}))
    for name in publishers:
        begun, paths = _begun(catalog, corpus, name), {*catalog.paths_where("publisher", name)}
        if begun is None and not paths:
            raise BadQuestion(
                f"No article is of the publisher “{name[:200]}”. It is written as in the "
                "articles; upper and lower case are the same."
            )
        found[name] = tuple(sorted({*found.get(name, ()), *paths, *(begun or ())}))
    return found


def _named(catalog: Catalog, corpus: Path, name: str) -> set[str]:
    if not name.lower().startswith(("http://", "https://")):
        there = catalog.known([name]) or catalog.history(name) or corpus_file(corpus, name)
        return {name} if there else set()
    with closing(Ledger(corpus)) as ledger:
        made = ledger.by_url(writable(name))
    return {*catalog.paths_where("url", name), *([made.path] if made else [])}


def _begun(catalog: Catalog, corpus: Path, name: str) -> tuple[str, ...] | None:
    """The paths of a removal that was asked this and cut off, but for those that are there again.

    None where there was no such removal.
    """
    paths = _under_way(catalog).get(name)
    if paths is not None:
        known = catalog.known(paths)
        return tuple(path for path in paths if path not in known and not corpus_file(corpus, path))
    return () if _hashed(name) in (catalog.get(_UNSCRUBBED) or "") else None


def _under_way(catalog: Catalog) -> dict[str, list[str]]:
    """What removals were asked that did not come to their end, and the paths of each."""
    return dict(json.loads(catalog.get(_REMOVING) or "{}"))


def _begin(catalog: Catalog, asked: Mapping[str, Sequence[str]]) -> None:
    with catalog.transaction():
        begun = {**_under_way(catalog), **{name: list(paths) for name, paths in asked.items()}}
        catalog.set(_REMOVING, json.dumps(begun))


def _end(catalog: Catalog, asked: Mapping[str, Sequence[str]], paths: Sequence[str]) -> None:
    left = {
        name: others
        for name, others in _under_way(catalog).items()
        if name not in asked and not set(paths).issuperset(others)
    }
    catalog.set(_REMOVING, json.dumps(left) if left else None)


def _hashed(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "backslashreplace")).hexdigest()


def plan(
    corpus: Path,
    catalog: Catalog,
    records: RecordStore,
    paths: Sequence[str],
    *,
    forget: bool = False,
) -> Removal:
    """What taking these corpus paths away (from `named`) would do; nothing is done yet."""
    leaving = frozenset(paths)
    files = tuple(_leaving(corpus, catalog, path, leaving) for path in sorted(leaving))
    versions, shared = _versions(catalog, leaving) if forget else ((), ())
    return Removal(
        files,
        forget,
        versions,
        shared,
        _originals(corpus, catalog, leaving, versions),
        _cited_by(records, files),
        _remarks(catalog.folder, files, forget),
    )


def _leaving(corpus: Path, catalog: Catalog, path: str, leaving: frozenset[str]) -> Leaving:
    known = catalog.known([path]).get(path)
    row = catalog.row(known.sha256) if known else None
    also = catalog.paths_of(known.sha256) if known else ()
    file = corpus_file(corpus, path)
    return Leaving(
        path,
        row.title if row else None,
        row.sha256 if row else None,
        row.passages if row else 0,
        len({version.sha256 for version in catalog.history(path) if version.kept}),
        tuple(other for other in also if other not in leaving),
        file is not None,
        file is not None and file.is_symlink(),
    )


def _versions(catalog: Catalog, leaving: frozenset[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The versions that these paths have had: those that go, and those that another file holds."""
    had = {version.sha256 for path in leaving for version in catalog.history(path) if version.kept}
    shared = {sha256 for sha256 in had if not leaving.issuperset(catalog.paths_of(sha256))}
    return tuple(sorted(had - shared)), tuple(sorted(shared))


def _originals(
    corpus: Path, catalog: Catalog, leaving: frozenset[str], versions: Sequence[str]
) -> tuple[str, ...]:
    """Originals that nothing else was made from: of the files, and of forgotten versions."""
    with closing(Ledger(corpus)) as ledger:
        made = [one for one in map(ledger.made, leaving) if one is not None]
        sources = {one.source_sha256 for one in made}
        for sha256 in versions:
            article = catalog.article(sha256)
            if article is not None and article.source_sha256:
                sources.add(article.source_sha256)
        kept = {sha256 for sha256 in sources if originals.find(corpus, sha256)}
        if kept:
            others = (one for one in ledger.all_made() if one.path not in leaving)
            kept -= {one.source_sha256 for one in others}
    return tuple(sorted(kept))


def _cited_by(records: RecordStore, files: Sequence[Leaving]) -> tuple[RecordRow, ...]:
    """Kept answers that cite them; none where none can be read, which stops no removal."""
    found: dict[str, RecordRow] = {}
    try:
        for file in files:
            for row in records.citing(path=file.path, sha256=file.sha256, limit=_MOST_ANSWERS):
                found[row.hash] = row
            if len(found) >= _MOST_ANSWERS:
                break
    except PinciteError:
        return ()
    return tuple(sorted(found.values(), key=lambda row: row.last_asked, reverse=True))


def _remarks(index: Path, files: Sequence[Leaving], forget: bool) -> tuple[str, ...]:
    remarks = [
        f"{file.path} is a link: it goes, and the file that it points to stays."
        for file in files
        if file.is_link
    ]
    remarks += [
        f"The same bytes are in {', '.join(file.also[:5])} too, which stays."
        for file in files
        if file.also
    ]
    if forget and (index / DAMAGED_FILE).exists():
        remarks.append(
            f"{index / DAMAGED_FILE} was put aside when the index was damaged and may hold the "
            "words too. Delete it if it is not needed."
        )
    return tuple(remarks)


def remove(
    planned: Removal,
    corpus: Path,
    catalog: Catalog,
    vectors: VectorStore,
    embedder: Embedder,
    *,
    asked: Mapping[str, Sequence[str]] | None = None,
    max_bytes: int = MAX_BYTES,
) -> Removal:
    """Do what was planned. `NoRoom` or `UnreadableSource` where a file cannot be removed.

    `asked` is what it was planned for (`named`): by that it is found again if it is cut off.
    """
    paths, asked = planned.paths, asked or {}
    _begin(catalog, asked)
    for sha256 in planned.originals:  # before the ledger forgets which they are
        originals.remove(corpus, sha256)
    rows = (catalog.row(file.sha256) for file in planned.files if file.sha256)
    urls = [row.url for row in rows if row and row.url]
    with closing(Ledger(corpus)) as ledger:
        ledger.forget(paths, urls=urls)  # before the files go, so that no feed brings them back
    for path in paths:
        _unlink(corpus, path)
    report = build(
        corpus, catalog, vectors, embedder, paths=paths, allow_empty=True, max_bytes=max_bytes
    )
    _check_gone(corpus, report, paths)
    with catalog.transaction():
        if planned.forget:
            if paths:
                catalog.set(_UNSCRUBBED, " ".join(map(_hashed, asked)))
            catalog.forget(paths, planned.versions)
        _end(catalog, asked, paths)
    scrub(catalog, vectors)
    return replace(planned, done=True)


def scrub(catalog: Catalog, vectors: VectorStore) -> None:
    """Overwrite words that were forgotten in the index's files, where that is still to be done."""
    if catalog.get(_UNSCRUBBED) is not None:
        vectors.scrub()
        catalog.scrub()
        catalog.set(_UNSCRUBBED, None)


def _unlink(corpus: Path, path: str) -> None:
    file = corpus_file(corpus, path)
    if file is None:
        return
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise UnreadableSource(
            f"{file}: cannot be removed ({error.strerror}). See that it can be, then run the same "
            "command again: it completes the removal."
        ) from error


def _check_gone(corpus: Path, report: BuildReport, paths: Sequence[str]) -> None:
    """Somebody may have written a file again in the meantime: then it is not gone, and is said."""
    back = [path for path in paths if corpus_file(corpus, path)]
    if back:
        raise UnreadableSource(
            f"{back[0]}: was written again while it was being removed, by another program. "
            f"{report.removed} of {len(paths)} files are gone; run the command again."
        )
