"""The sample corpus is what the README says it is."""

from __future__ import annotations

import json
import re
from itertools import combinations
from pathlib import Path

import pytest

from ingest.article import Article
from ingest.read import corpus_files, read_article

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "corpus"
ARTICLES = tuple(read_article(CORPUS, file) for file in corpus_files(CORPUS))


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def runs(text: str, length: int) -> set[tuple[str, ...]]:
    """Every run of so many words."""
    found = words(text)
    return {tuple(found[at : at + length]) for at in range(len(found) - length + 1)}


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article.path)
def test_an_article_is_whole_and_says_that_it_is_a_sample(article: Article) -> None:
    assert 350 <= len(article.body.of(article.text).split()) <= 900
    assert article.published is not None
    assert article.path.startswith(article.published[:4])
    assert article.language in ("en", "uk")
    assert "Sample" in str(article.publisher)
    assert "Pincite" in article.text.splitlines()[-1]


def test_there_are_eighteen_on_different_days() -> None:
    assert len(ARTICLES) == 18
    assert len({article.published for article in ARTICLES}) == 18
    assert {article.language for article in ARTICLES} == {"en", "uk"}


def test_one_story_runs_twice_and_no_other_does() -> None:
    def alike(one: Article, other: Article) -> float:
        a, b = runs(one.text, 5), runs(other.text, 5)
        return len(a & b) / min(len(a), len(b))

    twice = [
        {one.path, other.path}
        for one, other in combinations(ARTICLES, 2)
        if alike(one, other) > 0.3
    ]
    assert twice == [{"2021/tb2-first-strike-hranitne.md", "2021/drone-strike-divides-capitals.md"}]


def test_nothing_is_taken_from_the_seed_article(seed_article: bytes) -> None:
    seed = runs(seed_article.decode("utf-8"), 8)
    for article in ARTICLES:
        assert not runs(article.text, 8) & seed, article.path


def test_the_evidence_of_every_sample_question_stands_in_its_article() -> None:
    titles = {article.title: article for article in ARTICLES}
    for line in (ROOT / "bench" / "sample_questions.jsonl").read_text("utf-8").splitlines():
        for evidence in json.loads(line)["evidence"]:
            assert evidence["quote"] in titles[evidence["title"]].text
