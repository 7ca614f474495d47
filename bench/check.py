"""How fast a quotation is checked in 1,400 articles, beside plain scans of their texts.

    python bench/check.py --check          (about a minute on two cores)

The corpus is made up (`news.py`) and embedded by the hashed embedder, since a check needs no
vectors. Its vocabulary is small, so every word of a quotation is in hundreds of passages: the hard
case for an index. Peers, in the same run and on the same quotations, texts in memory: `quote in
text` over all articles, which knows exact quotations only, and rapidfuzz's best alignment over all
articles, which is what finding altered ones costs without an index. The kinds take turns.

Left out: whether verdicts are right (`tests/test_check.py`).
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from rapidfuzz import fuzz

from answer.check import check_quote
from bench.news import news, write_corpus
from index.build import build
from index.catalog import Catalog
from index.embed import HashedEmbedder
from index.vectors import VectorStore
from ingest.article import Passage

FLOORS = Path(__file__).with_name("floors.json")
KINDS = {
    "exact": ("exact",),
    "typographic": ("same_words",),
    "across passages": ("exact", "same_words", "altered"),
    "1,500 characters": ("exact", "same_words"),
    "altered": ("altered",),
    "absent": ("not_in_corpus",),
    "stop words": ("exact", "same_words", "altered", "not_in_corpus"),
}
_STOP = "the of in that which had been for and said a an its by with only were".split()
Figures = dict[str, float]


def main() -> int:
    options = _options()
    with TemporaryDirectory(prefix="pincite-bench-") as folder:
        figures = measure(Path(folder), options.articles, options.quotes, options.scans)
    floors = json.loads(FLOORS.read_text("utf-8")).get("check", {})
    missed = [
        f"{name} is {figures[name]:.1f}, above {most}"
        for name, most in floors.items()
        if figures[name] > most
    ]
    width = max(map(len, figures))
    for name, value in figures.items():
        print(f"{name:{width}}  {value:12,.2f}")
    for line in missed:
        print(f"MISSED: {line}", file=sys.stderr)
    return 1 if missed and options.check else 0


def measure(folder: Path, articles: int, quotes: int, scans: int) -> Figures:
    """Milliseconds of a check of each kind of quotation, and of the scans."""
    written = tuple(news(articles))
    write_corpus(folder / "corpus", written)
    embedder = HashedEmbedder()
    with (
        closing(Catalog(folder / "index")) as catalog,
        closing(VectorStore(folder / "index", embedder.name, embedder.dimension)) as vectors,
    ):
        report = build(folder / "corpus", catalog, vectors, embedder)
        asked = _quotations(catalog, quotes)
        texts = [article.markdown for article in written]
        figures: Figures = {"articles": float(articles), "passages": float(report.passages)}
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


def _altered(words: list[str], chance: random.Random) -> Iterator[str]:
    """The words with two of them replaced."""
    places = chance.sample(range(len(words)), 2)
    for at, word in enumerate(words):
        yield "zebra" if at == places[0] else "forty" if at == places[1] else word


def _shuffled(words: list[str], chance: random.Random) -> list[str]:
    return chance.sample(words, len(words))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="exit 1 where floors.json is missed")
    parser.add_argument("--articles", type=int, default=1_400, help="how many (1400)")
    parser.add_argument("--quotes", type=int, default=100, help="of each kind (100)")
    parser.add_argument(
        "--scans", type=int, default=10, help="quotations that rapidfuzz seeks (10)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
