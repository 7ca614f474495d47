"""What a record says of the version that it cites, against that version.

A record's hash says that nothing was changed by accident, not who made it: whoever forges one can
hash it again. Where the version is kept, everything that the record says of it is compared. Pure.

Left out: the quotation (`locate.stands`), and verdicts other than `exact`, which are a judgement.
"""

from __future__ import annotations

from collections.abc import Iterator

from answer.answer import Citation
from answer.place import Place
from answer.speaker import speaker_of
from ingest.article import Article
from ingest.errors import UnreadableSource
from ingest.read import decode_article

_CUT = ("bytes", "prefix", "suffix", "title", "publisher", "published", "url")
_MAY_BE_LEFT_OUT = ("authors", "accessed", "language")  # of records of older versions too


def false_parts(citation: Citation, version: Article, claim: str | None = None) -> tuple[str, ...]:
    """The parts of a citation that are not what its version, which holds the quotation, says.

    `claim` are the words of the answer that are cited for: of an `exact` one, the quotation.
    """
    version = _under(citation.path, version)
    place = Place.cut(version, citation.chars)
    wrong = [name for name in _CUT if getattr(citation, name) != _kept(getattr(place, name))]
    for name in _MAY_BE_LEFT_OUT:
        said = getattr(citation, name)
        if said and said != _kept(getattr(version, name)):
            wrong.append(name)
    if citation.locator not in (None, place.locator):
        wrong.append("locator")
    is_named = citation.speaker in (None, _speaker(citation, version))
    if not is_named and str(citation.speaker) not in " ".join(version.text.split()):
        wrong.append("speaker")
    if claim is not None and citation.verdict == "exact" and claim != citation.quote:
        wrong.append("claim")
    return tuple(wrong)


def another_speaker(citation: Citation, version: Article) -> Iterator[str]:
    """A remark where this Pincite reads another speaker out of the version.

    That alone makes no record false: who speaks is read by rules, and a later Pincite has others.
    """
    name = _speaker(citation, version)
    if name != citation.speaker:
        said = [f"“{one}”" if one else "nobody" for one in (citation.speaker, name)]
        yield f"the record names {said[0]} as the speaker, and this Pincite {said[1]}"


def _speaker(citation: Citation, version: Article) -> str | None:
    found = speaker_of(version, citation.chars)
    return found.name if found else None


def _under(path: str, version: Article) -> Article:
    """The version as a file of the cited name: a title may come from the name."""
    if version.path == path:
        return version
    try:
        return decode_article(path, version.text.encode("utf-8"))
    except UnreadableSource:  # a name under which these bytes are no article
        return version


def _kept(value: object) -> object:
    """A value as a record keeps it, without half of a surrogate pair."""
    if isinstance(value, tuple):
        return tuple(map(_kept, value))
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value
