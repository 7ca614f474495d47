"""Near copies are one source, whatever was done to them; independent articles are not."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answer.answer import Citation
from answer.sources import cluster, distinct_hits, shingles, signature, sources_of
from bench.news import news
from index.search import Hit
from ingest.article import Article, Passage, Span
from ingest.read import read_article
from tests.clock import at_most

CORPUS = Path(__file__).parents[1] / "corpus"
STORIES = [made.text for made in news(6, seed=7)]


def article(text: str, *, published: str | None = "2021-11-03", path: str = "a.md") -> Article:
    sha256 = hashlib.sha256(f"{path}{published}{text}".encode("utf-8", "surrogatepass")).hexdigest()
    return Article(path, sha256, text, Span(0, len(text)), path, published=published)


def citation(number: int, of: Article) -> Citation:
    place = Span(0, 1)
    return Citation(
        number, place, of.sha256, of.path, of.title, of.publisher, of.published, None,
        place, place, of.text[:1], "", "",
    )  # fmt: skip


def hit(text: str, path: str = "a.md") -> Hit:
    return Hit(Passage.cut(article(text, path=path), Span(0, len(text))), 0.03, 1, 1)


def paths(clusters: Sequence[Sequence[Article]]) -> list[list[str]]:
    return [[one.path for one in together] for together in clusters]


def sample(name: str) -> Article:
    (file,) = CORPUS.rglob(f"{name}.md")
    return read_article(CORPUS, file)


def test_the_wire_story_that_two_papers_printed_is_one_source() -> None:
    first, second = sample("tb2-first-strike-hranitne"), sample("drone-strike-divides-capitals")
    assert cluster([second, first]) == ((first, second),)


def test_two_reports_of_one_strike_with_their_own_figures_are_two_sources() -> None:
    first, later = sample("zelenopillya-first-reports"), sample("zelenopillya-five-years-later")
    assert cluster([first, later]) == ((first,), (later,))


def test_every_other_article_of_the_sample_corpus_is_a_source_of_its_own() -> None:
    articles = [read_article(CORPUS, file) for file in sorted(CORPUS.rglob("*.md"))]
    assert sorted(map(len, cluster(articles))) == [1] * (len(articles) - 2) + [2]


@pytest.mark.parametrize(
    "copied",
    [
        f"# Another headline\n\nBy somebody else\n\n{STORIES[0]}",
        STORIES[0][: int(len(STORIES[0]) * 0.6)],
        f"{STORIES[0]}\n\n{STORIES[1][:600]}",
        STORIES[0].replace("'", "’").replace(" ", "\u00a0").replace("\n", "\r\n"),
        STORIES[0].upper(),
    ],
    ids=["another headline", "cut to 60 %", "longer", "other typography", "in capitals"],
)
def test_a_copy_is_no_second_source(copied: str) -> None:
    assert len(cluster([article(STORIES[0]), article(copied, path="b.md")])) == 1


def test_an_article_that_quotes_a_few_sentences_of_another_stays_independent() -> None:
    statement = STORIES[0][: STORIES[0].find(".", 300) + 1]
    quoting = f"{STORIES[1]}\n\n{statement}\n\n{STORIES[2]}"
    assert len(cluster([article(STORIES[0]), article(quoting, path="b.md")])) == 2


def test_a_copy_of_a_copy_is_of_the_same_source() -> None:
    half = len(STORIES[0]) * 2 // 3
    whole = article(STORIES[0], path="whole.md", published="2020")
    front = article(STORIES[0][:half], path="front.md", published="2021")
    back = article(STORIES[0][-half:], path="back.md", published="2022")
    assert paths(cluster([back, front, whole])) == [["whole.md", "front.md", "back.md"]]


def test_the_oldest_copy_is_first_and_one_without_a_date_is_last() -> None:
    dates = ("2021-11-04", None, "2021", "2021-11-03")
    printed = [article(STORIES[0], published=date, path=f"{date}.md") for date in dates]
    expected = [["2021.md", "2021-11-03.md", "2021-11-04.md", "None.md"]]
    assert paths(cluster(printed)) == expected


def test_articles_without_a_word_are_copies_of_nothing() -> None:
    empty = [article("", path="a.md"), article("…!?", path="b.md"), article("👩‍👩‍👧", path="c.md")]
    assert len(cluster(empty)) == 3


def test_one_version_under_two_paths_is_one_source() -> None:
    one = article("Short.", path="a.md")
    again = Article("b.md", one.sha256, one.text, one.body, "b.md", published="2021-11-03")
    assert paths(cluster([again, one])) == [["a.md", "b.md"]]


def test_only_the_body_is_compared() -> None:
    front = "publisher and rights and a notice that every article of this paper carries " * 20
    made = []
    for number, story in enumerate(("The tide turned at Kallo.", "A train was late in Saarn.")):
        text = f"{front}{story}"
        name = f"{number}.md"
        made.append(Article(name, name * 16, text, Span(len(front), len(text)), name))
    assert len(cluster(made)) == 2


@given(st.permutations(range(6)), st.integers(0, 2**16))
def test_the_order_in_which_articles_are_given_makes_no_difference(
    order: list[int], seed: int
) -> None:
    chance = random.Random(seed)
    texts = [chance.choice(STORIES[:3])[: chance.randrange(200, 3_000)] for _ in order]
    articles = [
        article(text, path=f"{at}.md", published=f"20{at + 10}") for at, text in enumerate(texts)
    ]
    assert cluster([articles[at] for at in order]) == cluster(articles)


@given(st.lists(st.text(max_size=80), max_size=6))
def test_clusters_are_a_partition_whatever_the_text(texts: list[str]) -> None:
    articles = [article(text, path=f"{at}.md") for at, text in enumerate(texts)]
    together = [one for group in cluster(articles) for one in group]
    assert sorted(together, key=lambda one: one.path) == articles
    assert all(cluster(articles))


def test_a_megabyte_is_compared_in_a_moment() -> None:
    text = " ".join(STORIES * 60)[:1_000_000]
    with at_most(5):
        assert len(cluster([article(text), article(f"{text} End.", path="b.md")])) == 1


def test_a_megabyte_without_a_space_is_compared_in_a_moment() -> None:
    with at_most(5):
        cluster([article("x" * 1_000_000), article("あ" * 1_000_000, path="b.md")])


def test_a_text_in_a_script_without_spaces_has_copies_too() -> None:
    text = "昨日、港の近くで火事があり、三人がけがをした。市は原因を調べている。" * 3
    other = "今年の米の収穫は平年より少なく、値段が上がると農家は話している。" * 3
    assert len(cluster([article(text), article(text[:80], path="b.md")])) == 1
    assert len(cluster([article(text), article(other, path="b.md")])) == 2


def test_a_signature_does_not_depend_on_anything_but_the_words() -> None:
    one, other = signature("The harbour, at “Kallo”!"), signature("the HARBOUR at Kallo")
    assert one.minhash.digest() == other.minhash.digest()
    assert one.containment(other) == 1.0


def test_a_text_shorter_than_a_shingle_is_one_shingle() -> None:
    assert shingles("Kallo harbour") == {"kallo harbour"}
    assert shingles("—") == frozenset()


def test_copies_that_are_cited_are_one_source_with_all_their_numbers() -> None:
    first = article(STORIES[0], path="a.md", published="2021-11-03")
    reprint = article(STORIES[0] + "Ends.", path="b.md", published="2021-11-04")
    other = article(STORIES[1], path="c.md")
    cited = [citation(1, other), citation(2, reprint), citation(3, first)]
    sources = sources_of(cited, {one.sha256: one for one in (first, reprint, other)})
    assert [[a.path for a in source.articles] for source in sources] == [["c.md"], ["a.md", "b.md"]]
    assert [source.citations for source in sources] == [(1,), (2, 3)]


def test_a_copy_that_was_only_found_is_listed_and_an_unrelated_find_is_not() -> None:
    first = article(STORIES[0], path="a.md", published="2021-11-03")
    reprint = article(STORIES[0] + "Ends.", path="b.md", published="2021-11-04")
    unrelated = article(STORIES[1], path="c.md")
    given_ = {one.sha256: one for one in (first, reprint, unrelated)}
    (source,) = sources_of([citation(1, first)], given_)
    assert [one.path for one in source.articles] == ["a.md", "b.md"]
    assert source.citations == (1,)


def test_a_cited_article_that_is_not_at_hand_is_a_source_of_its_own() -> None:
    gone = article(STORIES[0])
    (source,) = sources_of([citation(1, gone), citation(2, gone)], {})
    assert [one.sha256 for one in source.articles] == [gone.sha256]
    assert source.citations == (1, 2)


def test_nothing_cited_has_no_sources() -> None:
    assert sources_of([], {"a": article(STORIES[0])}) == ()


def test_a_reprinted_passage_does_not_take_a_second_place() -> None:
    said = "The harbour at Kallo was deepened in 1974, and larger ships have called since then."
    reprint = "The harbour at Kallo was deepened in 1974 – and larger ships have called since then!"
    other = "The lighthouse burns gas."
    hits = [hit(said), hit(other, "b.md"), hit(reprint, "c.md")]
    assert distinct_hits(hits) == (hits[0], hits[1])


@pytest.mark.parametrize("figure", ["30", "nineteen hundred", "30 June"])
def test_a_reprint_with_another_figure_is_kept(figure: str) -> None:
    said = "Officials in Kallo said on Friday that the storm had left {} houses without a roof."
    hits = [hit(said.format("19")), hit(said.format(figure), "b.md")]
    assert distinct_hits(hits) == tuple(hits)


def test_a_passage_that_says_more_than_a_better_one_is_kept() -> None:
    said = "The harbour at Kallo was deepened in 1974."
    longer = f"{said} Larger ships have called since then, and the town has grown by a third."
    hits = [hit(said), hit(longer, "b.md")]
    assert distinct_hits(hits) == tuple(hits)
    assert distinct_hits(hits[::-1]) == (hits[1],)


def test_passages_of_one_article_are_no_copies_of_one_another() -> None:
    first = "The harbour at Kallo was deepened in 1974, and larger ships have called since then."
    second = "Larger ships have called since then."
    whole = article(f"{first}\n\n{second}\n")
    places = (Span(0, len(first)), Span(len(first) + 2, len(first) + 2 + len(second)))
    hits = [Hit(Passage.cut(whole, place), 0.03, 1, 1) for place in places]
    assert distinct_hits(hits) == tuple(hits)
    elsewhere = hit(second, "b.md")
    assert distinct_hits([hits[0], elsewhere]) == (hits[0],)


@given(st.lists(st.text(min_size=1, max_size=60), max_size=8))
def test_distinct_hits_are_hits_in_their_order_and_the_best_is_one(texts: list[str]) -> None:
    hits = [hit(text, f"{at}.md") for at, text in enumerate(texts)]
    distinct = distinct_hits(hits)
    assert [one for one in hits if one in distinct] == list(distinct)
    assert distinct[:1] == tuple(hits[:1])
