"""Which address an article is cited by, and which addresses are of one site."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.convert.canonical import believed, same_page, same_site

HERE = "https://news.example/2021/story.html?from=feed"


@pytest.mark.parametrize(
    ("claimed", "came_from", "cited"),
    [
        ("https://news.example/story", HERE, "https://news.example/story"),
        ("http://www.news.example/story", HERE, "http://www.news.example/story"),
        ("https://news.example/", HERE, HERE),
        ("https://other.example/story", HERE, HERE),
        ("https://ann.news.example/story", HERE, HERE),
        ("https://news.example.other.example/story", HERE, HERE),
        ("https://news.example@other.example/story", HERE, HERE),
        ("https://news.example:8443/story", HERE, HERE),
        ("javascript:alert(1)//news.example/", HERE, HERE),
        ("https://[broken/story", HERE, HERE),
        ("https://news.example/", "https://news.example", "https://news.example/"),
        ("https://other.example/story", None, "https://other.example/story"),
        ("https://other.example/", None, None),
        (None, HERE, HERE),
        (None, None, None),
    ],
)
def test_an_address_is_believed_of_its_own_site(
    claimed: str | None, came_from: str | None, cited: str | None
) -> None:
    if (claimed, came_from) == ("https://news.example/", "https://news.example"):
        assert believed(claimed, came_from) in (claimed, came_from)
    else:
        assert believed(claimed, came_from) == cited


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://news.example/a", "https://NEWS.example.:443/b", True),
        ("https://m.news.example/a", "https://www.news.example/b", True),
        ("https://www.example", "https://example", False),
        ("http://127.0.0.1:1/", "http://127.0.0.1:2/", False),
        ("http://news.example:99999/", "http://news.example:99999/", False),
        ("file:///etc/passwd", "file:///etc/passwd", False),
    ],
)
def test_sites_are_told_apart_by_host_and_port(one: str, other: str, same: bool) -> None:
    assert same_site(one, other) is same_site(other, one) is same


def test_a_page_is_the_same_whatever_follows_its_path() -> None:
    assert same_page(HERE, "http://www.news.example/2021/story.html/#top")
    assert not same_page(HERE, "https://news.example/2021/story")


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_may_be_claimed(claimed: str, came_from: str) -> None:
    assert believed(claimed, came_from) in (claimed, came_from)
    assert believed(f"http://{claimed}", f"http://{came_from}") in (
        f"http://{claimed}",
        f"http://{came_from}",
    )
