from __future__ import annotations

import pytest
from conftest import HARBOUR, OpenIndex

from answer.alike import Alike, alike
from bench.short_news import short_news


@pytest.fixture
def many_index(empty_index: OpenIndex) -> OpenIndex:
    """Sixty made-up articles."""
    for article in short_news(60):
        empty_index.write(article.path, article.markdown)
    return empty_index


def found(index: OpenIndex, path: str) -> list[Alike]:
    index.build()
    article = index.catalog.article(index.catalog.known()[path].sha256)
    assert article is not None
    return list(alike(article, index.catalog))


def test_an_edited_copy_is_found_among_many(many_index: OpenIndex) -> None:
    text = (many_index.corpus / "00000/0000007.md").read_text("utf-8")
    words = text.split(" ")
    words[30::31] = ["changed"] * len(words[30::31])
    many_index.write("copy.md", " ".join(words))
    (copy,) = found(many_index, "00000/0000007.md")
    assert (copy.path, 0.5 <= copy.share < 1) == ("copy.md", True)


def test_a_copy_that_was_cut_and_has_another_headline_is_found(many_index: OpenIndex) -> None:
    body = (many_index.corpus / "00000/0000007.md").read_text("utf-8").split("\n---\n")[1]
    many_index.write("cut.md", f"# Another headline\n\n{body[: len(body) // 2]}")
    assert [one.path for one in found(many_index, "00000/0000007.md")] == ["cut.md"]
    assert [one.path for one in found(many_index, "cut.md")] == ["00000/0000007.md"]


def test_other_articles_are_not_alike(many_index: OpenIndex) -> None:
    assert found(many_index, "00000/0000007.md") == []
    assert found(many_index, "2021/harbour.md") == []


def test_the_same_bytes_elsewhere_are_one_article_and_not_alike(many_index: OpenIndex) -> None:
    many_index.write("copy.md", HARBOUR)
    assert found(many_index, "2021/harbour.md") == []


@pytest.mark.parametrize("text", ["A.", "One two three.", "他来了北京。", "x " * 400])
def test_short_and_odd_articles_are_no_trouble(empty_index: OpenIndex, text: str) -> None:
    empty_index.write("odd.md", text)
    assert found(empty_index, "odd.md") == []


def test_what_it_asks_does_not_grow_with_the_corpus(empty_index: OpenIndex) -> None:
    """Counted in steps of SQLite's machine, which do not depend on how busy the computer is."""
    steps = []
    for count in (60, 600):
        for one in short_news(count):
            empty_index.write(one.path, one.markdown)
        empty_index.write("copy.md", HARBOUR.replace("in May", "in June"))
        empty_index.build()
        article = empty_index.catalog.article(empty_index.catalog.known()["copy.md"].sha256)
        assert article is not None
        taken = [0]

        def step(taken: list[int] = taken) -> int:
            taken[0] += 1
            return 0

        empty_index.catalog._reader.set_progress_handler(step, 100)
        assert [one.path for one in alike(article, empty_index.catalog)] == ["2021/harbour.md"]
        empty_index.catalog._reader.set_progress_handler(None, 0)
        steps += taken
    assert steps[0] > 0
    assert steps[1] < 3 * steps[0], steps


def test_the_most_alike_is_first_and_a_quarter_that_is_quoted_is_no_copy(
    many_index: OpenIndex,
) -> None:
    news = [
        (many_index.corpus / f"00000/000000{n}.md").read_text("utf-8").split("\n---\n")[1]
        for n in (7, 8)
    ]
    many_index.write("whole.md", f"# Again\n\n{news[0]}")
    many_index.write("most.md", f"# Most\n\n{news[0][: len(news[0]) * 2 // 3]}\n\n{news[1][:150]}")
    many_index.write("quoting.md", f"# Quoting\n\n{news[1]}\n\n{news[0][: len(news[0]) // 5]}")
    alike_ones = found(many_index, "00000/0000007.md")
    assert [one.path for one in alike_ones] == ["whole.md", "most.md"]
    assert [one.share for one in alike_ones] == sorted(
        (one.share for one in alike_ones), reverse=True
    )
    assert alike_ones[0].to_json()["path"] == "whole.md"
