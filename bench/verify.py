"""How often a citation is found again after its article was edited, and whether in the right place.

    python bench/verify.py             # 1,200 checks of each kind, and what the limits rest on
    python bench/verify.py --check     # the same; exit status 1 where a figure misses its floor
    python bench/verify.py --show 3    # of each row, so many of the places that are wrong, too

The articles are the sample corpus's, and XQuAD's where it is beside this checkout. One sentence of
an article is cited, and one to six others are deleted, replaced, repeated or swapped, or another is
put in. The cited one stays; or stays while it is repeated elsewhere, too; or is taken out; or has a
word changed. Each time it is checked twice: with the version that was cited, and with no more than
the record's prefix and suffix.

A place is wrong where it is not the one that was cited: the words stand there, but they are a copy.

Left out: articles that are renamed, unreadable or gone (`tests/test_verify.py`), and time.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from answer.answer import Citation
from answer.evaluate import read_squad
from answer.match import nearest, occurrences
from answer.place import Place
from answer.speaker import speaker_of
from answer.verify import check
from answer.verify.locate import _AGREEING, _ALIKE, _TELLING, CitationCheck, _surroundings
from bench.floors import gate, parser, show
from bench.shared import ROOT, XQUAD, is_here
from index.words import content_terms
from ingest.article import Article, Span
from ingest.errors import UnreadableSource
from ingest.read import corpus_files, decode_article, read_article
from ingest.split import split

KINDS = ("stays", "stays, repeated", "taken out", "word changed")
OUTCOMES = ("its place", "a copy", "altered", "gone")
CHECKS = 1_200  # of each kind
PAIRS = 100_000  # of sentences whose surroundings are compared
MOST_EDITS = 6
EDITS = ("deleted", "put in", "replaced", "repeated", "swapped")
WORDS_TO_CHANGE = 5  # a shorter sentence has no word changed


@dataclass(frozen=True, slots=True)
class Cited:
    """An article, its sentences, and the one of them that is cited."""

    article: Article
    sentences: tuple[Span, ...]
    at: int

    @property
    def quote(self) -> str:
        return self.sentences[self.at].of(self.article.text)

    def citation(self) -> Citation:
        """As `answer/ground.py` makes it."""
        article, cut = self.article, Place.cut(self.article, self.sentences[self.at])
        speaker = speaker_of(article, cut.chars)
        return Citation(
            number=1,
            claim=Span(0, len(cut.quote)),
            article_sha256=cut.article_sha256,
            path=cut.path,
            title=cut.title,
            publisher=cut.publisher,
            published=cut.published,
            url=cut.url,
            chars=cut.chars,
            bytes=cut.bytes,
            quote=cut.quote,
            prefix=cut.prefix,
            suffix=cut.suffix,
            speaker=speaker.name if speaker else None,
            direct=speaker.direct if speaker else None,
            authors=article.authors,
            accessed=article.accessed,
            language=article.language,
        )


@dataclass(frozen=True, slots=True)
class Edited:
    """An article after its edits, and where the cited words stand now, if they do."""

    article: Article
    start: int | None


@dataclass(frozen=True, slots=True)
class OneFile:
    """A corpus of one article that was edited; the version that was cited is kept, or not."""

    old: Article
    new: Article
    keeps: bool

    def read(self, path: str) -> Article | None:
        return self.new if path == self.new.path else None

    def version(self, sha256: str) -> Article | None:
        return self.old if self.keeps and sha256 == self.old.sha256 else None

    def elsewhere(self, sha256: str, words: str) -> tuple[Article, ...]:
        return ()


def main() -> int:
    asked = parser(__doc__)
    asked.add_argument("--show", type=int, default=0, metavar="N", help="show N wrong places a row")
    options = asked.parse_args()
    texts = articles()
    count = sum(len(sentences) for _, sentences in texts)
    print(f"{len(texts)} articles, {count:,} sentences; {CHECKS:,} checks of each kind\n")
    print(f"{'the sentence':18}{'cited version':14}" + "".join(f"{name:>12}" for name in OUTCOMES))
    figures: dict[str, float] = {}
    for kind in KINDS:
        figures |= measure_edits(kind, texts, options.show)
    print()
    figures |= measure_surroundings(texts) | measure_repeats(texts) | measure_likeness(texts)
    print()
    show(figures)
    return gate("verify", figures, check=options.check)


def articles() -> list[tuple[Article, tuple[Span, ...]]]:
    """Every article of the sample corpus and of XQuAD, with its sentences."""
    found = list(_read(ROOT / "corpus"))
    if is_here(XQUAD):
        with TemporaryDirectory() as folder:
            corpus = Path(folder, "xquad")
            for _ in read_squad(XQUAD, corpus):  # which writes the articles
                pass
            found += _read(corpus)
    return [(article, spans) for article in found if (spans := _sentences(article))]


def _read(corpus: Path) -> Iterator[Article]:
    return (read_article(corpus, file) for file in corpus_files(corpus))


def _sentences(article: Article) -> tuple[Span, ...]:
    return tuple(sentence for passage in split(article) for sentence in passage.sentences)


# ---- edits --------------------------------------------------------------------------------------


def measure_edits(
    kind: str, texts: Sequence[tuple[Article, tuple[Span, ...]]], shown: int
) -> dict[str, float]:
    """What becomes of the cited sentence: a row with the cited version, and one without."""
    edited = list(_edited(kind, texts))
    figures: dict[str, float] = {}
    for keeps, name in ((True, "kept"), (False, "not kept")):
        found = [
            (cited, new, check(cited.citation(), OneFile(cited.article, new.article, keeps)))
            for cited, new in edited
        ]
        outcomes = [_outcome(*each) for each in found]
        counts = Counter(outcomes)
        print(f"{kind:18}{name:14}" + "".join(f"{counts[one]:12,}" for one in OUTCOMES))
        told = ("its place", "a copy") if kind.startswith("stays") else ("a copy",)
        figures |= {f"{kind}, {name}: {one}": counts[one] / len(found) for one in told}
        wrong = (each for each, one in zip(found, outcomes, strict=True) if one == "a copy")
        for each in islice(wrong, shown):
            _tell(*each)
    return figures


def _outcome(cited: Cited, new: Edited, told: CitationCheck) -> str:
    if told.now is None:
        return told.state
    assert told.now.chars.of(new.article.text) == cited.quote, "the law"
    return "its place" if told.now.chars.start == new.start else "a copy"


def _tell(cited: Cited, new: Edited, told: CitationCheck) -> None:
    assert told.now is not None
    old, text, size = cited.article.text, new.article.text, len(cited.quote)
    places = [(old, cited.sentences[cited.at].start), (text, told.now.chars.start)]
    print(f"    {cited.quote!r}")
    for name, (where, start) in zip(("cited", "told"), places, strict=True):
        print(f"    {name:6}{where[start - 40 : start]!r} … {where[start + size :][:40]!r}")


def _edited(
    kind: str, texts: Sequence[tuple[Article, tuple[Span, ...]]]
) -> Iterator[tuple[Cited, Edited]]:
    """So many sentences, cited before and edited after: always the same ones."""
    chance = random.Random(kind)
    every = [span.of(article.text) for article, spans in texts for span in spans]
    done = 0
    while done < CHECKS:
        article, sentences = chance.choice(texts)
        cited = Cited(article, sentences, chance.randrange(len(sentences)))
        if len(sentences) == 1 or _is_short(kind, cited):
            continue
        try:
            yield cited, _edit(kind, cited, every, chance)
        except UnreadableSource:  # what is left is no article
            continue
        done += 1


def _is_short(kind: str, cited: Cited) -> bool:
    return kind == "word changed" and len(cited.quote.split(" ")) < WORDS_TO_CHANGE


def _edit(kind: str, cited: Cited, every: Sequence[str], chance: random.Random) -> Edited:
    between, pieces = _pieces(cited)
    others = [at for at in range(len(pieces)) if at != cited.at]
    for _ in range(chance.randint(1, MOST_EDITS)):
        at, other = chance.choice(others), chance.choice(others)
        how = chance.choice(EDITS)
        if how == "deleted":
            pieces[at] = ""
        elif how == "put in":
            pieces[at] += f" {chance.choice(every)}"
        elif how == "replaced":
            pieces[at] = chance.choice(every)
        elif how == "repeated":
            again = kind == "stays, repeated" and chance.random() < 0.7
            pieces[at] += f" {pieces[cited.at if again else other]}"
        else:
            pieces[at], pieces[other] = pieces[other], pieces[at]
    if kind == "taken out":
        pieces[cited.at] = ""
    elif kind == "word changed":
        words = pieces[cited.at].split(" ")
        words[chance.randrange(len(words))] = "zebra"
        pieces[cited.at] = " ".join(words)
    woven = [part for pair in zip(between, pieces, strict=False) for part in pair]
    text = "".join([*woven, between[-1]])
    start = len("".join(woven[: 2 * cited.at + 1])) if kind.startswith("stays") else None
    return Edited(decode_article(cited.article.path, text.encode("utf-8")), start)


def _pieces(cited: Cited) -> tuple[list[str], list[str]]:
    """What stands around the sentences (one more than they are), and the sentences."""
    text = cited.article.text
    ends = [0, *(span.end for span in cited.sentences)]
    starts = [*(span.start for span in cited.sentences), len(text)]
    between = [text[end:start] for end, start in zip(ends, starts, strict=True)]
    return between, [span.of(text) for span in cited.sentences]


# ---- what the limits of answer/verify/locate.py rest on -----------------------------------------


def measure_surroundings(texts: Sequence[tuple[Article, tuple[Span, ...]]]) -> dict[str, float]:
    """In how many characters the surroundings of two sentences of one article agree by chance."""
    chance = random.Random(1754)
    weights = [len(spans) if len(spans) > 1 else 0 for _, spans in texts]
    agreeing: list[int] = []
    for article, spans in chance.choices(texts, weights, k=PAIRS):
        one, other = (_surroundings(article, span) for span in chance.sample(spans, 2))
        agreeing += one.agreeing(other)
    agreeing.sort()
    most = agreeing[int(len(agreeing) * 0.999)]
    share = sum(one >= _AGREEING for one in agreeing) / len(agreeing)
    print(
        f"{PAIRS:,} pairs of sentences, each of one article: what stands before, or after, agrees "
        f"in {most} characters or fewer for 999 of 1,000, in {_AGREEING} or more for {share:.3%}"
    )
    return {"surroundings agree by chance": share}


def measure_repeats(texts: Sequence[tuple[Article, tuple[Span, ...]]]) -> dict[str, float]:
    """How many different content words the sentences have that stand twice in their article."""
    words = [
        len(set(content_terms(quote)))
        for article, spans in texts
        for quote in (span.of(article.text) for span in spans)
        if len(occurrences(quote, article.text, article.body, limit=2)) > 1
    ]
    telling = sum(count >= _TELLING for count in words)
    print(
        f"{len(words)} sentences stand twice in their article; they have {max(words, default=0)} "
        f"different content words at the most, and {telling} have {_TELLING} or more"
    )
    return {f"stand twice, with {_TELLING} content words": float(telling)}


def measure_likeness(texts: Sequence[tuple[Article, tuple[Span, ...]]]) -> dict[str, float]:
    """How many sentences, taken out of their article, find another that is as much alike."""
    alike = count = 0
    for article, spans in texts:
        for span in spans:
            text = article.text[: span.start] + article.text[span.end :]
            body = Span(article.body.start, article.body.end - len(span))
            found = nearest(span.of(article.text), text, body)
            alike += found is not None and found.likeness >= _ALIKE
            count += 1
    print(f"{alike} of {count:,} sentences, taken out, find another with a likeness of {_ALIKE:g}")
    return {"another is alike": alike / count}


if __name__ == "__main__":
    sys.exit(main())
