"""How fast a quotation is checked in 1,400 articles, beside plain scans, and what is called near.

    python bench/check.py --check          (about a minute on two cores)
    python bench/check.py --accuracy       (the second part alone, a few seconds)

The corpus is made up (`news.py`) and embedded by the hashed embedder, since a check needs no
vectors. Its vocabulary is small, so every word of a quotation is in hundreds of passages: the hard
case for an index. Peers, in the same run and on the same quotations, texts in memory: `quote in
text` over all articles, which knows exact quotations only, and rapidfuzz's best alignment over all
articles, which is what finding altered ones costs without an index. The kinds take turns.

What is called altered is measured on XQuAD, where it is beside this checkout. A quarter of its
paragraphs is left out, and their sentences, which are nowhere in what is left, are checked: none is
to be near anything. So are their first words, and sentences of what is left with three words
changed, which are to be near.

Left out: every other verdict (`tests/test_check.py`).
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import mean, median, quantiles
from tempfile import TemporaryDirectory

from rapidfuzz import fuzz

from answer.check import check_quote
from answer.evaluate import read_squad
from bench.floors import gate, parser, show
from bench.news import news, write_corpus
from bench.shared import XQUAD, absent, is_here
from index.build import build
from index.catalog import Catalog
from index.embed import HashedEmbedder
from index.vectors import VectorStore
from index.words import terms
from ingest.article import Passage
from ingest.read import decode_article
from ingest.split import split

KINDS = {
    "exact": ("exact",),
    "typographic": ("same_words",),
    "across passages": ("exact", "same_words", "altered"),
    "1,500 characters": ("exact", "same_words"),
    "altered": ("altered",),
    "absent": ("not_in_corpus",),
    "stop words": ("exact", "same_words", "altered", "not_in_corpus"),
}
OTHER_WORDS = ("zebra", "forty", "velvet")
FIRST_WORDS = 4
LEAST_WORDS = 6  # of a sentence with three words changed
_STOP = "the of in that which had been for and said a an its by with only were".split()
Figures = dict[str, float]


def main() -> int:
    options = _options()
    figures: Figures = {}
    with TemporaryDirectory(prefix="pincite-bench-") as folder:
        if not options.accuracy:
            figures |= measure(Path(folder), options.articles, options.quotes, options.scans)
        if is_here(XQUAD):
            figures |= measure_likeness(Path(folder, "xquad"))
    show(figures)
    skipped = absent({"xquad": XQUAD})
    if options.accuracy:
        skipped += ("slowest", "altered check")
    return gate("check", figures, check=options.check, skipped=skipped)


def measure(folder: Path, articles: int, quotes: int, scans: int) -> Figures:
    """Milliseconds of a check of each kind of quotation, and of the scans."""
    written = tuple(news(articles))
    write_corpus(folder / "corpus", written)
    with _indexed(folder) as (catalog, passages):
        asked = _quotations(catalog, quotes)
        texts = [article.markdown for article in written]
        figures: Figures = {"articles": float(articles), "passages": float(passages)}
        worst = 0.0
        for kind, (wall, processor, right) in _checked(catalog, asked).items():
            figures[f"{kind} median ms"] = median(wall)
            figures[f"{kind} p95 ms"] = quantiles(wall, n=20)[-1]
            figures[f"{kind} processor p95 ms"] = quantiles(processor, n=20)[-1]
            figures[f"{kind} with the verdict expected"] = right
            worst = max(worst, figures[f"{kind} processor p95 ms"])
        figures["slowest kind processor p95 ms"] = worst
    plain = [_timed(lambda q=q: any(q in text for text in texts)) for q in asked["exact"]]
    absent = [_timed(lambda q=q: any(q in text for text in texts)) for q in asked["absent"]]
    fuzzy = [_timed(lambda q=q: _best(q, texts)) for q in asked["altered"][:scans]]
    figures["quote in text, exact, median ms"] = median(plain)
    figures["quote in text, absent, median ms"] = median(absent)
    figures["rapidfuzz over all, altered, median ms"] = median(fuzzy)
    figures["altered check over rapidfuzz scan"] = figures["altered median ms"] / median(fuzzy)
    return figures


@contextmanager
def _indexed(folder: Path) -> Iterator[tuple[Catalog, int]]:
    """The catalog of `folder/corpus`, and how many passages it has."""
    embedder = HashedEmbedder()
    with (
        closing(Catalog(folder / "index")) as catalog,
        closing(VectorStore(folder / "index", embedder.name, embedder.dimension)) as vectors,
    ):
        yield catalog, build(folder / "corpus", catalog, vectors, embedder).passages


def _best(quote: str, texts: Sequence[str]) -> float:
    return max(fuzz.partial_ratio(quote, text) for text in texts)


def _checked(
    catalog: Catalog, asked: dict[str, list[str]]
) -> dict[str, tuple[list[float], list[float], float]]:
    """Kind → milliseconds of each check, by the wall and the processor, and the share as expected.

    A check runs in one thread; the processor's time is what it costs on a machine that does nothing
    else.
    """
    wall: dict[str, list[float]] = {kind: [] for kind in KINDS}
    processor: dict[str, list[float]] = {kind: [] for kind in KINDS}
    right: Counter[str] = Counter()
    for turn in range(len(asked["exact"])):
        for kind, expected in KINDS.items():
            quote = asked[kind][turn]
            started, busy = time.perf_counter(), time.thread_time()
            verdict = check_quote(quote, catalog).verdict
            processor[kind].append(1000 * (time.thread_time() - busy))
            wall[kind].append(1000 * (time.perf_counter() - started))
            right[kind] += verdict in expected
    return {kind: (wall[kind], processor[kind], right[kind] / len(wall[kind])) for kind in KINDS}


def _timed(job: Callable[[], object]) -> float:
    started = time.perf_counter()
    job()
    return 1000 * (time.perf_counter() - started)


# ---- what is near -------------------------------------------------------------------------------


def measure_likeness(folder: Path) -> Figures:
    """The shares that are near something: of absent sentences, first words, and changed ones."""
    chance = random.Random(240)
    corpus = folder / "corpus"
    paragraphs = list(dict.fromkeys(q.evidence[0].quote for q in read_squad(XQUAD, corpus)))
    left_out = chance.sample(paragraphs, len(paragraphs) // 4)
    _leave_out(left_out, corpus)
    missing = [sentence for text in left_out for sentence in _sentences(text)]
    kept = [s for text in paragraphs if text not in left_out for s in _sentences(text)]
    first = [" ".join(s.split()[:FIRST_WORDS]) for s in missing if len(s.split()) > FIRST_WORDS]
    long = [s.split() for s in kept if len(s.split()) >= LEAST_WORDS]
    changed = [" ".join(_altered(words, chance, count=3)) for words in long]
    with _indexed(folder) as (catalog, _):
        print(
            f"XQuAD, {len(left_out)} of {len(paragraphs)} paragraphs left out: their "
            f"{len(missing)} sentences, the first {FIRST_WORDS} words of {len(first)}, and "
            f"{len(changed)} others of {LEAST_WORDS} words or more with three changed"
        )
        return {
            "xquad, absent sentences: near": _share_near(missing, catalog),
            f"xquad, their first {FIRST_WORDS} words: near": _share_near(first, catalog),
            "xquad, three words changed: near": _share_near(changed, catalog),
        }


def _leave_out(paragraphs: Sequence[str], corpus: Path) -> None:
    for file in corpus.iterdir():
        text = file.read_bytes().decode("utf-8")
        for paragraph in paragraphs:
            text = text.replace(paragraph, "")
        file.write_bytes(text.encode("utf-8"))


def _sentences(paragraph: str) -> list[str]:
    article = decode_article("p.md", f"---\ntitle: Any\n---\n\n{paragraph}\n".encode())
    found = [s.of(article.text) for passage in split(article) for s in passage.sentences]
    return [sentence for sentence in found if terms(sentence)]


def _share_near(quotes: Sequence[str], catalog: Catalog) -> float:
    return mean(check_quote(quote, catalog).verdict == "altered" for quote in quotes)


# ---- quotations ---------------------------------------------------------------------------------


def _quotations(catalog: Catalog, count: int) -> dict[str, list[str]]:
    """As many of every kind, always the same ones."""
    chance = random.Random(1837)
    names = sorted(catalog.ids())
    passages = [catalog.passages([name])[name] for name in chance.sample(names, count)]
    cut = [[s.shifted(-p.chars.start).of(p.text) for s in p.sentences] for p in passages]
    sentences = [max(pieces, key=len) for pieces in cut]
    return {
        "exact": sentences,
        "typographic": [_retyped(sentence) for sentence in sentences],
        "across passages": [_around(catalog, p, 80, 80) for p in passages],
        "1,500 characters": [_around(catalog, p, 750, 750) for p in passages],
        "altered": [" ".join(_altered(s.split(), chance)) for s in sentences],
        "absent": [" ".join(_shuffled(p.text.split(), chance)[:20]) for p in passages],
        "stop words": [" ".join(chance.choices(_STOP, k=chance.randint(1, 7))) for _ in passages],
    }


def _around(catalog: Catalog, passage: Passage, before: int, after: int) -> str:
    """Whole words around the end of a passage, on one line, as a reader would copy them."""
    article = catalog.article(passage.article_sha256)
    assert article is not None
    middle = passage.chars.end
    cut = article.text[max(article.body.start, middle - before) : middle + after]
    return " ".join(cut.replace("#", " ").split()[1:-1])


def _retyped(sentence: str) -> str:
    """The same words in capitals, quotation marks, and other white space."""
    return f"“{sentence.upper()}”".replace(" ", "  ").replace(",  ", ",\n")


def _altered(words: list[str], chance: random.Random, count: int = 2) -> list[str]:
    """The words with so many of them replaced."""
    changed = words.copy()
    for at, word in zip(chance.sample(range(len(words)), count), OTHER_WORDS, strict=False):
        changed[at] = word
    return changed


def _shuffled(words: list[str], chance: random.Random) -> list[str]:
    return chance.sample(words, len(words))


def _options() -> argparse.Namespace:
    asked = parser(__doc__)
    asked.add_argument("--accuracy", action="store_true", help="leave the speed out")
    asked.add_argument("--articles", type=int, default=1_400, help="how many (1400)")
    asked.add_argument("--quotes", type=int, default=100, help="of each kind (100)")
    asked.add_argument("--scans", type=int, default=10, help="quotations that rapidfuzz seeks (10)")
    return asked.parse_args()


if __name__ == "__main__":
    sys.exit(main())
