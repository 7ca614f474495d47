"""Checks, reviews, kept answers and verifications → plain lines, from the contract's JSON objects.

Left out: answers and passages (`terminal.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from web.terminal import line, locator, source

Reply = Mapping[str, Any]


_CHECK = {
    "exact": "Exact: these words stand in the articles.",
    "same_words": "The same words, in other typography.",
    "elsewhere": "Not there, but said elsewhere.",
    "altered": "Altered. The articles have [-not this-] {+but this+}:",
    "not_in_corpus": "Not in this corpus.",
}


def check_text(told: Reply) -> str:
    """The verdict on quoted words, then each place, or what is near."""
    lines = [_CHECK[told["verdict"]], line(told["note"]), *map(_stands, told["places"])]
    shown = len({place["article_sha256"] for place in told["places"]})
    if told["more"] or told["articles"] > shown:
        least = "at least " if told["more"] else ""
        lines.append(f"In {least}{told['articles']} articles; this shows {shown}.")
    return "\n".join(filter(None, [*lines, *_near(told)]))


def changes_text(changes: Sequence[Reply]) -> str:
    """Words that differ, as `git diff --word-diff` writes them: `[-said-] {+found+}`."""
    return " ".join(filter(None, map(_change, changes)))


def _change(change: Reply) -> str:
    said, found = line(change["said"]), line(change["found"])
    if change["kind"] == "same":
        return found
    return " ".join(filter(None, [said and f"[-{said}-]", found and f"{{+{found}+}}"]))


def _stands(place: Reply) -> str:
    return f"  “{line(place['quote'])}”\n    {source(place)}"


def _near(told: Reply) -> Iterator[str]:
    near = told["nearest"]
    if near:
        about = ", ".join(filter(None, map(line, (near["title"], near["publisher"]))))
        yield f"  {changes_text(near['changes'])}"
        yield f"    {about} · {line(near['path'])}"


_REVIEW = {
    "supported": "supported",
    "contradicted": "CONTRADICTED",
    "absent": "ABSENT",
    "nothing_to_check": "-",
}


def review_text(told: Reply) -> str:
    """Each sentence of a draft after its verdict, with the words that decided it; then how many."""
    lines = [part for one in told["sentences"] for part in _reviewed(one)]
    counts = Counter(one["verdict"].replace("_", " ") for one in told["sentences"])
    many = len(told["sentences"])
    counted = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))
    return "\n".join([*lines, f"{many} sentence{'' if many == 1 else 's'}: {counted}."])


def _reviewed(one: Reply) -> Iterator[str]:
    yield f"{_REVIEW[one['verdict']]}: {line(one['sentence'])}"
    for finding in one["findings"]:
        if not finding["agrees"]:
            instead = f", but “{line(finding['instead'])}”" if finding["instead"] else ""
            yield f"  “{line(finding['said'])}” does not stand there{instead}"
    for check in one["quotes"]:
        if check["verdict"] != "exact":
            yield f"  “{line(check['quote'])}”: {_CHECK[check['verdict']]}"
            yield from _near(check)
    yield from map(_stands, one["support"])
    if one["support"] and one["against"]:
        yield "  against it:"
    yield from map(_stands, one["against"])


_STATES = ("intact", "moved", "altered", "gone")


def verification_text(told: Reply) -> str:
    """What became of one record: a summary, then a line for each citation."""
    lines = [line(told["summary"])]
    lines += (part for citation in told["citations"] for part in _became(citation))
    if told["exit_code"] and told["same_corpus"] is False:
        lines.append("  This corpus is not as it was when the question was asked.")
    return "\n".join(lines)


def verifications_text(told: Reply) -> str:
    """The same for many; those that hold take one line each. Then how many there are of each."""
    if not told["records"]:
        return "No answers are kept yet."
    counts = Counter(one["state"] for one in told["records"])
    counted = ", ".join(f"{counts[state]} {state}" for state in _STATES if counts[state])
    many = len(told["records"])
    return "\n".join(
        [
            *map(_verified, told["records"]),
            f"{many} kept answer{'' if many == 1 else 's'}: {counted}.",
        ]
    )


def _verified(one: Reply) -> str:
    lines = [line(one["summary"])]
    if one["exit_code"]:
        changed = [c for c in one["citations"] if c["state"] != "intact"]
        lines += (part for citation in changed for part in _became(citation))
    return "\n".join(lines)


def _became(citation: Reply) -> Iterator[str]:
    """What became of one citation; where its words are now, or what they were."""
    now = citation["now"]
    if citation["state"] == "moved" and now:
        start, end = now["chars"]
        page = f"{locator(now)}, " if locator(now) else ""
        yield f"  {line(citation['line'])} (now {page}characters {start}-{end})"
        return
    yield f"  {line(citation['line'])}"
    if citation["state"] in ("altered", "gone"):
        yield f"    “{line(citation['quote'])}”"


def answers_text(told: Reply) -> str:
    """Kept answers, a line each, and what became of their citations where that was asked."""
    if not told["answers"]:
        return "No such answers are kept."
    return "\n".join(_rows(told))


def _rows(told: Reply) -> Iterator[str]:
    for row in told["answers"]:
        verification = row["verification"]
        state = f"  {verification['state']}" if verification else ""
        asked = row["last_asked"][:10]
        outcome = row["outcome"].replace("_", " ")
        yield f"{row['hash'][:12]}  {asked}  {outcome}{state}  {line(row['question'])}"
        if verification:
            yield from (part for c in verification["citations"] for part in _became(c))
