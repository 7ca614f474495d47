"""HTML text → a tree, and which of its elements a browser shows nothing of.

Left out: what the tree means (`markup.py`, `metadata.py`, `html.py`).
"""

from __future__ import annotations

import re
from typing import Any

from ingest.convert.markdown import clean
from ingest.errors import UnreadableSource

_DROPPED = frozenset(
    "applet area audio base button canvas datalist embed frame frameset head iframe img input link"
    " map meta noframes noscript object optgroup option param picture progress rp script select"
    " source style svg template textarea title track video annotation annotation-xml".split()
)
_ALWAYS_SHOWN = frozenset(("html", "body"))  # AMP hides them until its script has run
_HIDING = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse))", re.IGNORECASE
)
_FOR_MACHINES = re.compile(
    r"(?:^|\s)(?:sr-only|visually-?hidden|screen-reader-text)(?:\s|$)", re.IGNORECASE
)
_DEEPEST_TAG = 2_040  # libxml2 drops what lies below 2,048
_MOST_ATTRIBUTES = 2_000  # of one tag: libxml2 takes quadratic time, 34 s for 100,000
_LONG_TAG = re.compile(r"<[A-Za-z][^<>]{8000,}")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
# Tags whose end people forget, or that only group; a page that nests too deep is read without them.
_NESTING = re.compile(
    r"</?(?:(div|section|center|dl|dd|form|fieldset|table|tbody|tr|td|th)|a|b|i|u|s|em|strong|font|span"
    r"|small|big|tt|code|nobr|ins|label|abbr|cite|bdo|bdi)\b[^<>]*>",
    re.IGNORECASE,
)


def parsed(html: str) -> Any:
    """The tree of a page or fragment, as lxml has it, without comments; None where it is empty.

    `UnreadableSource` where tags lie more than 2,000 deep, even without those that mean nothing, or
    where one has more than 2,000 attributes.
    """
    text = clean(html)
    for tag in _LONG_TAG.finditer(text):
        names = len(_QUOTED.sub("", tag[0]).split())
        if names > _MOST_ATTRIBUTES and not _in_script(text, tag.start()):
            raise UnreadableSource(
                f"has a tag with {names:,} attributes, where {_MOST_ATTRIBUTES:,} are read; it is "
                "damaged."
            )
    root = _tree(text)
    if root is not None and _depth(root) >= _DEEPEST_TAG:
        root = _tree(_NESTING.sub(lambda tag: "<p>" if tag[1] else "", text))
        if root is not None and _depth(root) >= _DEEPEST_TAG:
            raise UnreadableSource(
                f"nests its tags more than {_DEEPEST_TAG:,} deep, which no page needs. It is "
                "damaged, or made to harm whoever reads it."
            )
    return root


def hidden(element: Any) -> bool:
    """Whether a browser shows nothing of an element: by its kind, or since it says so itself."""
    tag = element.tag
    if not isinstance(tag, str) or tag in _DROPPED:
        return True
    if not element.attrib or tag in _ALWAYS_SHOWN:
        return False
    hides = element.get("hidden")
    return (
        (hides is not None and hides.lower() != "until-found")
        or bool(_HIDING.search(element.get("style") or ""))
        or bool(_FOR_MACHINES.search(element.get("class") or ""))
    )


def _in_script(text: str, at: int) -> bool:
    opened = text.rfind("<script", 0, at)
    return opened >= 0 and text.find("</script", opened, at) < 0


def _tree(text: str) -> Any:
    from lxml import etree, html

    parser = html.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, no_network=True
    )
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:  # nothing in it
        return None


def _depth(root: Any) -> int:
    from lxml import etree

    depth = deepest = 0
    for event, _ in etree.iterwalk(root, ("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    return deepest
