"""Checks of quotations and drafts → the HTML of a reply.

Only words that stand in an article exactly get a link that highlights them. What is merely near is
shown beside the quotation, with the words that differ, and opens nothing.

Left out: answers (`reply.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from answer.check import Near, QuoteCheck
from answer.match import Change
from answer.place import Place
from answer.review import DraftReview, Reviewed
from answer.verify import Verification
from web.reply import badge, chip, findings_html, open_link
from web.text import day, escaped

CHECK_VERDICTS = {
    "exact": "Exact: these words stand in the articles.",
    "same_words": "The same words, in other typography.",
    "elsewhere": "Not there, but said elsewhere.",
    "altered": "Altered: the articles say something else.",
    "not_in_corpus": "Not in this corpus.",
}
REVIEW_VERDICTS = {
    "supported": "supported",
    "contradicted": "contradicted",
    "absent": "not in this corpus",
    "nothing_to_check": "nothing to check",
}


def check_html(check: QuoteCheck) -> str:
    """The verdict on quoted words, where they stand, or what stands there instead."""
    verdict = f'<p class="claim lead">{escaped(CHECK_VERDICTS[check.verdict])}</p>'
    note = f'<p class="note">{escaped(check.note)}</p>' if check.note else ""
    return (
        f'<div class="reply quote-check {check.verdict}">{verdict}{note}{_places(check)}'
        f"{_near(check.nearest) if check.nearest else ''}</div>"
    )


def review_html(review: DraftReview) -> str:
    """Each sentence of a draft with its verdict, and the places that support or contradict it."""
    counted = Counter[str](one.verdict for one in review.sentences)
    told = ", ".join(f"{counted[v]} {label}" for v, label in REVIEW_VERDICTS.items() if counted[v])
    parts, number = [], 0
    for one in review.sentences:
        parts.append(_sentence(one, number))
        number += len(one.support) + len(one.against)
    said = f'<p class="message">{escaped(told)}</p>{"".join(parts)}'
    return f'<div class="reply draft-review">{said}</div>'


def _sentence(one: Reviewed, before: int) -> str:
    label = REVIEW_VERDICTS[one.verdict]
    places = (*one.support, *one.against)
    chips = "".join(chip(place.id, before + at) for at, place in enumerate(places, 1))
    said = badge(one.verdict, label) + findings_html(one.findings)
    quotes = "".join(_quoted(check) for check in one.quotes)
    cited = "".join(
        f'<span class="evidence" dir="auto"><span class="numbers">{before + at}</span>'
        f'<span class="about">{"Against it, " * (0 < len(one.support) < at)}'
        f"{escaped(_titled(place))}</span>: “{escaped(' '.join(place.quote.split()))}”</span>"
        for at, place in enumerate(places, 1)
    )
    words = escaped(" ".join(one.sentence.split()))
    return f'<p class="claim {one.verdict}" dir="auto">{words}{chips}{said}{quotes}{cited}</p>'


def _titled(place: Place) -> str:
    return f"{place.title}, {place.locator}" if place.locator else place.title


def _quoted(check: QuoteCheck) -> str:
    """What became of words that the draft quotes."""
    if check.verdict == "exact":
        return ""
    said = escaped(f"“{check.quote}” {CHECK_VERDICTS[check.verdict]}")
    near = changes_html(check.nearest.changes) if check.nearest else ""
    return f'<span class="finding" dir="auto">{said} {near}</span>'


def changed_html(verification: Verification) -> str:
    """What became of a kept answer since it was given; nothing where all of it still stands."""
    if verification.state == "intact" and not verification.trouble:
        return ""
    lines = [check.line for check in verification.checks if check.state != "intact"]
    said = "".join(f'<p dir="auto">{escaped(line)}</p>' for line in lines)
    trouble = f"<p>{escaped(verification.trouble)}</p>" if verification.trouble else ""
    return (
        '<div class="reply differences changed"><p class="label">Since this answer was given</p>'
        f"{trouble}{said}</div>"
    )


def changes_html(changes: Sequence[Change]) -> str:
    """A quotation beside what stands in the article: what was put in, and what is missing."""
    return "".join(_change(change) for change in changes)


def _change(change: Change) -> str:
    said = f"<del>{escaped(change.said)}</del>" if change.said else ""
    found = f"<ins>{escaped(change.found)}</ins>" if change.found else ""
    if change.kind == "same":
        return f"<span>{escaped(change.found)}</span> "
    return f"{said}{found} "


def _places(check: QuoteCheck) -> str:
    if not check.places:
        return ""
    many = "1 article" if check.articles == 1 else f"{check.articles:,} articles"
    label = f"{'at least ' if check.more else ''}{many}"
    items = "".join(
        f'<p class="source"><span class="numbers">{number}</span>{_link(place)}'
        f'<span class="snippet" dir="auto">{escaped(" ".join(place.quote.split()))}'
        f"{chip(place.id, number)}</span></p>"
        for number, place in enumerate(check.places, 1)
    )
    return f'<div class="sources"><p class="label">In {escaped(label)}</p>{items}</div>'


def _link(place: Place) -> str:
    where = str(place.locator) if place.locator else None
    return open_link(place.id, place.title, place.publisher, day(place.published), where)


def _near(near: Near) -> str:
    about = " · ".join(filter(None, (near.title, near.publisher, day(near.published))))
    return (
        '<div class="sources"><p class="label">The nearest words, which are not these</p>'
        f'<p class="near-words" dir="auto">{changes_html(near.changes)}</p>'
        f'<p class="about">{escaped(about)}</p></div>'
    )
