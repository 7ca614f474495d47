"""The address that an article is cited by: the one that its page names, where that can be true.

A page may name any address as its canonical one. Of its own site that is believed: a site knows its
pages. Of another site it is not: a reader who follows the citation must find the words there, and
the article of that other site must not be taken for this one.

Left out: what an address says of the articles that are in the corpus already (`ingest/filing.py`).
"""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

_SAME_SITE = ("www", "m", "mobile", "amp")  # first parts of a name that are of the site without
_PORTS = {"http": 80, "https": 443}


def believed(claimed: str | None, came_from: str | None) -> str | None:
    """The address to cite a page by that names `claimed`, and was got from `came_from` if anywhere.

    Not a site's front page, which some sites name on every page; not one of another site.

    >>> believed("https://example.org/a", "https://www.example.org/a?from=feed")
    'https://example.org/a'
    >>> believed("https://example.com/a", "https://example.org/a")
    'https://example.org/a'
    """
    if claimed is None or (came_from is not None and not same_site(claimed, came_from)):
        return came_from
    if _path(claimed) or (came_from is not None and not _path(came_from)):
        return claimed
    return came_from


def same_site(one: str, other: str) -> bool:
    """Whether two addresses are of one site: of one host, where `www.` and `m.` do not count.

    A host below another is a site of its own: on many, anybody may have one.

    >>> same_site("http://www.example.org/a", "https://EXAMPLE.org/b")
    True
    >>> same_site("https://ann.example.org/", "https://example.org/")
    False
    """
    hosts = _host(one), _host(other)
    return hosts[0] is not None and hosts[0] == hosts[1]


def same_page(one: str, other: str) -> bool:
    """Whether two addresses differ at most in what follows the path.

    >>> same_page("https://example.org/a?from=feed", "https://example.org/a")
    True
    """
    return same_site(one, other) and _path(one) == _path(other)


def _host(address: str) -> tuple[str, int | None] | None:
    split = _split(address)
    try:
        name, port = (split.hostname or "").rstrip("."), split.port
    except ValueError:
        return None
    first, _, rest = name.partition(".")
    if first in _SAME_SITE and "." in rest:
        name = rest
    if split.scheme not in _PORTS or not name:
        return None
    return name, None if port == _PORTS[split.scheme] else port


def _path(address: str) -> str:
    return _split(address).path.strip("/")


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:  # brackets that are no IPv6 address
        return urlsplit("")
