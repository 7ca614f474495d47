"""What a web page says about itself: title, authors, publisher, dates, address, language.

Pages say it several times, in ways that differ in how carefully they are kept. What is asked first
wins: JSON-LD of an article (schema.org), which is made for machines by the system that holds the
article; then Open Graph and `article:*`, made for shared links, with the site's name in the title
now and then; then other `<meta>` names and `itemprop`; then what is seen, beside the heading.

Left out: guesses from the address of the page or from its text.
"""

from __future__ import annotations

import html
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

from ingest.convert.dates import iso
from ingest.convert.language import declared
from ingest.convert.markdown import one_line

_MOST_NODES = 20_000  # of JSON-LD that are looked at
_LONGEST_NAME = 200  # characters
_ARTICLE = re.compile(r"(?:\w*Article|\w*BlogPosting|Report|Review|DiscussionForumPosting)$")
_PUBLISHED = (
    "article:published_time", "og:published_time", "og:article:published_time", "datepublished",
    "citation_publication_date", "citation_date", "dc.date.issued", "dcterms.issued", "dc.date",
    "dcterms.date", "dcterms.created", "parsely-pub-date", "sailthru.date", "pubdate",
    "publish-date", "publishdate", "publication_date", "date",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "og:modified_time", "og:updated_time", "datemodified",
    "dcterms.modified", "dc.date.modified", "last-modified", "lastmod",
)  # fmt: skip
_AUTHORS = (
    "author", "article:author", "citation_author", "dc.creator", "dcterms.creator",
    "parsely-author", "sailthru.author", "byl",
)  # fmt: skip
_PUBLISHERS = ("og:site_name", "citation_journal_title", "dc.publisher", "dcterms.publisher",
               "application-name")  # fmt: skip
_BY = re.compile(r"^(?:by|von|par|por|di|door|av|af|автор:?)\s+", re.IGNORECASE)
_DATED = re.compile(
    r"(?:^|[\s_-])(?:date|pubdate|published|posted-on|entry-date|timestamp)(?:$|[\s_-])"
)
_TITLED = re.compile(
    r"(?:^|\s)(?:entry|post|article)[-_]*(?:title|heading|headline)(?:\s|$)|(?:^|\s)headline(?:\s|$)",
    re.IGNORECASE,
)
_SITE = re.compile(
    r"(?:^|[\s_-])(?:masthead|logo|branding|site-?(?:title|name|header)|blog-?title)(?:$|[\s_-])|^(?:page-?)?header$",
    re.IGNORECASE,
)
_TITLE_ENDS = re.compile(r"\s+[|–—·»\-:]\s+")


@dataclass(frozen=True, slots=True)
class About:
    """What a page says about its article; None where it says nothing that can be used.

    `text` is the article's text where the page holds it for search engines; `paid` whether it says
    that only those who pay may read all of it.
    """

    title: str | None
    authors: tuple[str, ...]
    publisher: str | None
    published: str | None
    modified: str | None
    url: str | None
    language: str | None
    text: str | None
    paid: bool
    remarks: tuple[str, ...]


def about(root: Any, url: str | None) -> About:
    """Read it from the tree of a page that came from `url`."""
    page = _Page(root)
    publisher = page.publisher()
    remarks: list[str] = []
    return About(
        title=page.title(publisher),
        authors=page.authors(publisher),
        publisher=publisher,
        published=_first_date(page.published(), remarks) or _first_date(page.beside_heading(), []),
        modified=_first_date(page.modified(), []),
        url=page.address(url),
        language=page.language(),
        text=_text(page.article.get("articleBody")),
        paid=str(page.article.get("isAccessibleForFree")).lower() in ("false", "0"),
        remarks=tuple(remarks),
    )


class _Page:
    """What the head and the visible parts of one page hold, by name."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._meta = _meta(root)
        nodes = list(_linked_data(root))
        self._by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str)
                       and len(node) > 1}  # fmt: skip
        self.article: dict[str, Any] = next(filter(_is_article, nodes), {})
        self._headings = [one for one in root.iter("h1") if not _is_of_site(one)]

    def title(self, publisher: str | None) -> str | None:
        headings = [_shown(one) for one in self._headings]
        marked = [
            _shown(one)
            for one in self._root.iter("h1", "h2", "h3")
            if _TITLED.search(one.get("class") or "") or one.get("itemprop") in ("headline", "name")
        ]
        titles = (
            _text(self.article.get("headline")),
            *self._said(("og:title",)),
            *(marked if len(marked) == 1 else ()),
            *(headings if len(headings) == 1 else ()),
            *self._said(("twitter:title", "citation_title", "dc.title")),
            *(_shown(one) for one in self._root.iter("title")),
            *headings,
        )
        found = next((one_line(one) for one in titles if one and one.strip()), None)
        return _without_site(found, publisher, headings) if found else None

    def authors(self, publisher: str | None) -> tuple[str, ...]:
        people = self._names(self.article.get("author") or self.article.get("creator"))
        told = ";".join(self._said(_AUTHORS)).split(";")  # LibreOffice writes all in one
        people = people or [_person(one) for one in told if one]
        people = people or [
            _person(_shown(one))
            for one in self._root.iter("a", "span", "div", "p")
            if one.get("rel") == "author" or one.get("itemprop") == "author"
        ]
        return tuple(dict.fromkeys(one for one in people if one and one != publisher))[:50]

    def publisher(self) -> str | None:
        named = self._names(self.article.get("publisher")) or self._said(_PUBLISHERS)
        return next((one_line(one) for one in named if one), None)

    def published(self) -> Iterator[str]:
        yield from filter(None, [_text(self.article.get("datePublished"))])
        yield from filter(None, [_text(self.article.get("dateCreated"))])
        yield from self._said(_PUBLISHED)
        yield from self._times("datePublished")

    def modified(self) -> Iterator[str]:
        yield from filter(None, [_text(self.article.get("dateModified"))])
        yield from self._said(_MODIFIED)
        yield from self._times("dateModified")

    def address(self, url: str | None) -> str | None:
        base = next((one.get("href") for one in self._root.iter("base") if one.get("href")), None)
        root = _http(_joined(url, base)) or url
        canonical = [
            one.get("href")
            for one in self._root.iter("link")
            if "canonical" in (one.get("rel") or "").lower().split()
        ]
        for told in (*canonical, *self._said(("og:url",)), _text(self.article.get("url"))):
            found = _http(_joined(root, told)) if told else None
            if found and not _is_home_page_of(found, url):
                return found
        return _http(url)

    def language(self) -> str | None:
        tags = [one.get("lang") or one.get("xml:lang") for one in self._root.iter("html")]
        tags.append(_text(self.article.get("inLanguage")))
        tags.extend(self._said(("og:locale", "content-language", "dc.language")))
        codes = map(declared, tags)
        return next((code.split("-")[0].lower() for code in codes if code), None)

    def _said(self, names: Iterable[str]) -> list[str]:
        return [value for name in names for value in self._meta.get(name, ())]

    def _names(self, told: Any) -> list[str]:
        """Of people or organisations: told as text, an object, a list of them, or a reference."""
        found = []
        for one in (told if isinstance(told, list) else [told])[:50]:
            node = one
            if isinstance(one, dict) and "name" not in one:
                node = self._by_id.get(str(one.get("@id")), one)
            name = node.get("name") if isinstance(node, dict) else node
            found += [_person(part) for part in (name if isinstance(name, list) else [name])
                      if isinstance(part, str)]  # fmt: skip
        return [one for one in found if one]

    def _times(self, name: str) -> Iterator[str]:
        for one in self._root.iter("time", "span", "abbr", "p", "div"):
            if one.get("itemprop") == name or (
                name == "datePublished" and one.get("pubdate") is not None
            ):
                yield one.get("datetime") or one.get("content") or _shown(one)

    def beside_heading(self) -> Iterator[str]:
        """What stands in the box of the only heading; above the page is often today's date."""
        box = self._headings[0].getparent() if len(self._headings) == 1 else None
        if box is not None and box.tag in ("header", "hgroup"):
            box = box.getparent()
        if box is None or box.tag in ("body", "html"):
            return
        times = {one.get("datetime") or _shown(one) for one in box.iter("time")}
        if len({iso(one) for one in times}) == 1:
            yield from times
        for one in box.iter("div", "span", "p", "li"):
            if _DATED.search((one.get("class") or "").lower()):
                yield _shown(one)


def _is_of_site(heading: Any) -> bool:
    """Whether a heading is the name of the site, above every page of it."""
    boxes = (heading, heading.getparent(), *heading[:1])
    return any(
        _SITE.search(one.get(name) or "")
        for one in boxes
        if one is not None
        for name in ("id", "class")
    ) or any(one.get("href") in ("/", "./") for one in heading.iter("a"))


def _first_date(told: Iterable[str], remarks: list[str]) -> str | None:
    """The first that is a date; where there is none, what was said becomes a remark."""
    odd: list[str] = []
    for one in told:
        found = iso(one)
        if found:
            return found
        odd.append(one_line(one)[:60])
    remarks += [f"Its date “{one}” is not a date." for one in odd[:1] if one]
    return None


def _meta(root: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in root.iter("meta"):
        content = one.get("content")
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            name = (one.get(attribute) or "").strip().lower()
            if name and content and content.strip():
                found.setdefault(name, []).append(content)
    return found


def _linked_data(root: Any) -> Iterator[dict[str, Any]]:
    """Every object of the page's JSON-LD, outer ones first; what is no JSON is passed over."""
    left: deque[Any] = deque()
    for one in root.iter("script"):
        if (one.get("type") or "").split(";")[0].strip().lower() == "application/ld+json":
            text = (one.text or "").strip().removeprefix("//").strip().rstrip(";")
            for opening, closing in (("<!--", "-->"), ("<![CDATA[", "]]>")):
                text = text.removeprefix(opening).removesuffix(closing).strip().rstrip("/;")
            try:
                left.append(json.loads(text, strict=False))
            except (ValueError, RecursionError):
                continue
    for _ in range(_MOST_NODES):
        if not left:
            return
        node = left.popleft()
        if isinstance(node, dict):
            yield node
            left.extend(value for value in node.values() if isinstance(value, dict | list))
        elif isinstance(node, list):
            left.extend(value for value in node[:_MOST_NODES] if isinstance(value, dict | list))


def _is_article(node: dict[str, Any]) -> bool:
    kinds = node.get("@type")
    return any(
        isinstance(kind, str) and _ARTICLE.match(kind)
        for kind in (kinds if isinstance(kinds, list) else [kinds])
    )


def _text(value: Any) -> str | None:
    """The text of a value of JSON-LD, in which some systems escape HTML once more."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return (html.unescape(value).strip() or None) if isinstance(value, str) else None


def _shown(element: Any) -> str:
    """The first words of an element; it may hold the whole page, and so may each of its parts."""
    return _name("".join(islice(element.itertext(), 100)))


def _name(text: str) -> str:
    return one_line(text[:2000])


def _person(text: str) -> str:
    """A name; nothing where it is an address or a sentence.

    >>> _person("By  Liis Org"), _person("https://example.org/liis")
    ('Liis Org', '')
    """
    name = _BY.sub("", _name(html.unescape(text)).strip(" ,|·"))
    return "" if len(name) > _LONGEST_NAME or "://" in name or name.startswith("@") else name


def _without_site(title: str, publisher: str | None, headings: list[str]) -> str:
    """A title without the name of its site, where a heading or the publisher says which part it is.

    >>> _without_site("Tides | Coast Gazette", "Coast Gazette", [])
    'Tides'
    """
    for end in reversed(list(_TITLE_ENDS.finditer(title))):
        head, tail = title[: end.start()], title[end.end() :]
        if head in headings or (publisher and tail.casefold() == publisher.casefold()):
            return head
    return title


def _joined(base: str | None, told: str | None) -> str | None:
    try:
        return urljoin(base or "", (told or "").strip()) or None
    except ValueError:
        return None


def _http(url: str | None) -> str | None:
    """The address, where it is one of the web's, without its fragment."""
    try:
        parts = urlsplit(one_line(url or ""))
        if parts.scheme not in ("http", "https") or not parts.hostname or len(url or "") > 2000:
            return None
        return parts._replace(fragment="").geturl()
    except ValueError:
        return None


def _is_home_page_of(found: str, url: str | None) -> bool:
    """Whether an article's page calls the site's first page its own, as badly set up ones do."""
    here = urlsplit(found)
    return here.path in ("", "/") and not here.query and bool(url) and (
        urlsplit(url or "").path not in ("", "/") or bool(urlsplit(url or "").query)
    )  # fmt: skip
