"""A saved or fetched web page → its article, without what surrounds it on the page.

trafilatura says which blocks belong to the article, and `markup.py` writes them, from the page
itself: trafilatura's own output is normalised, drops some line breaks and repeats
(docs/decisions/ has the figures). So a word is in the article as it is on the page, or not at all.

Left out: what needs JavaScript or an account to be seen; such pages are declined, and say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any
from unicodedata import normalize

from ingest.convert.charset import decoded
from ingest.convert.document import Document, Source
from ingest.convert.language import language_of
from ingest.convert.markdown import plain
from ingest.convert.markup import Block, html_to_markdown, rendered
from ingest.convert.metadata import About, about
from ingest.convert.tree import hidden, parsed
from ingest.errors import UnreadableSource

_HEAD = 4096  # bytes in which a page names its encoding; HTML asks for the first 1,024
_ENCODING = re.compile(
    rb"<meta\b[^<>]{0,400}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})"
    rb"|<\?xml\b[^<>]{0,100}?encoding\s*=\s*[\"']([\w.:-]{2,40})",
    re.IGNORECASE,
)
_CONTROLS = frozenset(("mw-editsection", "mw-jump-link", "noprint"))
_ROLES = ("navigation", "search", "dialog", "alertdialog")
_MENU = 0.8  # of the characters of a list item; above, it leads elsewhere
_BOXES = ("body", "div", "li", "p", "section", "td", "th", "tr", "ul", "ol", "table", "blockquote")
_FURNITURE = ("aside", "footer")
_MOST_ELEMENTS = 20_000  # trafilatura takes 2 s for them, and 40 s for 80,000
_LETTERS = re.compile(r"[\W_]+")
_SHORT = 16  # letters; a shorter block must be a block of its own in what was chosen
_PROBE = 30  # letters by which a longer one is found again, at either end
_WINDOW = 100_000  # letters around the last find in which the next one is looked for

_STUB = 700  # characters; a longer text is an article, whatever its words are
_JAVASCRIPT = re.compile(
    r"\b(?:enable|activate|turn on|requires?|need)\b.{0,40}\bjava\s?script\b"
    r"|\bjava\s?script\b.{0,60}\b(?:disabled|enabled?|required)\b",
    re.IGNORECASE,
)
_ROBOT = re.compile(
    r"just a moment|are you (?:a )?(?:human|robot)|verify(?:ing)? (?:that )?you are (?:a )?human"
    r"|checking your browser|access (?:to this page has been )?denied|attention required|captcha",
    re.IGNORECASE,
)
_PAYWALL = re.compile(
    r"\b(?:subscribe|log ?in|sign ?in|register) (?:now )?to (?:read|continue|access|unlock)\b"
    r"|\b(?:already a subscriber|for subscribers only|subscribers[- ]only)\b"
    r"|\babonn\w+\b.{0,40}\b(?:lesen|weiterlesen|weiterzulesen|lire)\b|\bтолько для подписчиков\b",
    re.IGNORECASE | re.DOTALL,
)
_COOKIES = re.compile(
    r"\b(?:cookies?|consent|gdpr|privacy (?:settings|choices)|datenschutz|partners)\b",
    re.IGNORECASE,
)
_MISSING = re.compile(
    r"\b(?:404|page (?:was )?not found|seite nicht gefunden|page introuvable)\b", re.IGNORECASE
)


def read(source: Source) -> Iterator[Document]:
    """One document. `UnreadableSource` where the page holds no article, with the likely reason."""
    text = decoded(source.data, source.charset or _declared(source.data))
    root = parsed(text)
    if root is None:
        raise UnreadableSource("is a page without any text.")
    told = about(root, source.url)
    scripted = any(_is_program(one) for one in root.iter("script"))
    _prune(root)
    body, remark = _article(root, told.title)
    remarks = [*told.remarks, *([remark] if remark else [])]
    if told.text and len(body) < len(told.text) / 2:
        body = _of_search_engines(told.text)
        remarks.append("Its text is the one that the page holds for search engines.")
    _decline(body, root, told, scripted)
    if told.paid:
        remarks.append("It says that only subscribers may read all of it, so it may be cut short.")
    yield Document(
        body=body,
        title=told.title,
        authors=told.authors,
        publisher=told.publisher,
        published=told.published,
        modified=told.modified,
        url=told.url,
        language=_language(told.language, body),
        remarks=tuple(remarks),
    )


def _declared(data: bytes) -> str | None:
    found = _ENCODING.search(data[:_HEAD])
    return (found[1] or found[2]).decode("ascii", "replace") if found else None


def _prune(root: Any) -> None:
    """Empty what no reader of the page sees, and what is no part of it on paper."""
    _empty(root, (one for one in root.iter() if hidden(one) or _is_control(one)))


def _empty(root: Any, elements: Iterable[Any]) -> None:
    """Leave them as boxes without content: taking out very many takes quadratic time in lxml."""
    for element in list(elements):
        if element is not root:
            element.clear(keep_tail=True)
            if element.tag not in _BOXES:
                element.tag = "span"


def _is_program(script: Any) -> bool:
    return "json" not in (script.get("type") or "").lower()


def _is_control(element: Any) -> bool:
    return (
        element.tag == "nav"
        or element.get("role") in _ROLES
        or not _CONTROLS.isdisjoint((element.get("class") or "").split())
    )


def _article(root: Any, title: str | None) -> tuple[str, str | None]:
    """The article's Markdown, and a remark."""
    if sum(1 for _ in root.iter()) > _MOST_ELEMENTS:
        _empty(root, root.iter(*_FURNITURE))
        return rendered(root), "It is so large that all of the page was kept, not its article only."
    chosen = _chosen(root)
    if chosen is None:
        return "", None
    choice = _Choice(chosen, title)
    rendered(root, choice.see)
    kept = iter(choice.kept())
    return rendered(root, lambda *_: next(kept)), None


def _chosen(root: Any) -> Any:
    """The article as trafilatura sees it: a tree of its own kind; None where it sees none."""
    from trafilatura import bare_extraction

    found = bare_extraction(
        deepcopy(root), include_comments=False, include_tables=True, include_formatting=True,
        deduplicate=False, with_metadata=False,
    )  # fmt: skip
    return getattr(found, "body", None)


class _Choice:
    """Which blocks of a page were chosen, found again by their letters, in order.

    The last find is remembered, so that the time for each block does not grow with the article.
    """

    def __init__(self, chosen: Any, title: str | None) -> None:
        self._all = _key("".join(chosen.itertext()))
        self._small = {_key("".join(one.itertext())) for one in chosen.iter() if _is_small(one)}
        self._title = _key(title or "")
        self._at = 0
        self._blocks: list[Block] = []
        self._kept: list[bool] = []
        self._begun = False

    def see(self, block: Block) -> bool:
        """Take note of the next block."""
        key = _key(block.text)
        kept = self._has(key) and not (not self._begun and key == self._title)
        self._begun = self._begun or (kept and not block.heading)
        self._blocks.append(block)
        self._kept.append(kept)
        return False

    def kept(self) -> list[bool]:
        """Of every block, in order, with what trafilatura lost in the middle of the article."""
        self._keep_lists()
        self._keep_rest_of_quotes()
        self._keep_headings()
        return self._kept

    def _keep_lists(self) -> None:
        """List items between blocks that were chosen, unless they are mostly links.

        Ingredients that are links, each with its amount, are no menu.
        """
        run: list[int] = []
        begun = False
        for at, block in enumerate(self._blocks):
            if self._kept[at] and not block.heading:
                for one in run:
                    self._kept[one] = True
                run, begun = [], True
            elif begun and block.in_list and block.linked < _MENU * len(block.text):
                run.append(at)

    def _keep_rest_of_quotes(self) -> None:
        """Who said it, below the words."""
        for at in range(1, len(self._blocks)):
            if self._blocks[at].in_quote and self._blocks[at - 1].in_quote and self._kept[at - 1]:
                self._kept[at] = True

    def _keep_headings(self) -> None:
        """A heading stands or falls with what is below it.

        trafilatura drops some headings of what it keeps, and keeps some of what it drops.
        """
        kept, levels = self._kept, [block.heading for block in self._blocks]
        first = next((at for at, one in enumerate(kept) if one and not levels[at]), 0)
        below = [0] * 7  # for each level, whether text was kept below: 1, and directly below: 2
        for at in reversed(range(len(kept))):
            level = levels[at]
            if level:
                kept[at] = (kept[at] and below[level] > 0) or (below[level] == 2 and at > first)
                below[level:] = [0] * (7 - level)
                below[:level] = [max(one, 2 * kept[at]) for one in below[:level]]
            elif kept[at]:
                below = [2] * 7
            else:
                below = [min(one, 1) for one in below]

    def _has(self, key: str) -> bool:
        if len(key) < _SHORT:
            return key in self._small
        low, high = max(0, self._at - _WINDOW), self._at + _WINDOW
        for probe in (key[:_PROBE], key[-_PROBE:]):
            found = self._all.find(probe, low, high)
            if found >= 0:
                self._at = found
                return True
        return False


def _is_small(element: Any) -> bool:
    return element.tag in ("p", "head", "item", "cell", "quote", "hi", "lb", "row", "code", "table")


def _key(text: str) -> str:
    """The letters and digits of a text, those that we raise (10²) like those that a page raises."""
    return _LETTERS.sub("", normalize("NFKC", text)).casefold()


def _of_search_engines(text: str) -> str:
    if re.search(r"</?(?:p|br|div)\b", text, re.IGNORECASE):
        return html_to_markdown(text)
    return "\n\n".join(plain(" ".join(line.split())) for line in text.splitlines() if line.strip())


def _decline(body: str, root: Any, told: About, scripted: bool) -> None:
    """`UnreadableSource` where what is left is no article but what is shown in place of one."""
    if len(body) > _STUB:
        return
    shown = " ".join(" ".join(root.itertext()).split())[:5_000]
    title = told.title or ""
    letters = len(_key(body))
    if letters < 200 and _ROBOT.search(f"{title} {shown}"):
        why = "asks whether you are a robot, and shows no article."
    elif _MISSING.search(title) and len(shown) < 2_000:
        why = "says that there is no such page."
    elif _PAYWALL.search(shown) or (told.paid and letters < _STUB / 2):
        why = "shows only the beginning of its article, to those who have not paid or logged in."
    elif (scripted and letters < 30) or (letters < 200 and _JAVASCRIPT.search(shown)):
        why = "shows its text only where JavaScript runs."
    elif _is_about_cookies(body):
        why = "asks for consent to cookies in place of its article."
    elif not letters:
        why = "holds no article: no paragraphs of text were found in it."
    else:
        return
    raise UnreadableSource(
        f"{why} Open it in a browser, save what you see there as HTML or PDF, and add that file."
    )


def _is_about_cookies(body: str) -> bool:
    blocks = [block for block in body.split("\n\n") if block.strip()]
    about_them = sum(len(block) for block in blocks if _COOKIES.search(block))
    return len(_COOKIES.findall(body)) >= 3 and about_them > len(body) * 0.6


def _language(declared: str | None, body: str) -> str | None:
    """What the page declares, except that templates say English by themselves."""
    return (language_of(body) or declared) if declared == "en" else declared
