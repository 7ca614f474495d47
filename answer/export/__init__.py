"""An answer with its citations in the formats that other programs read.

Pure: the cited versions of the articles are given. What each format does with text it cannot hold
is written down in `docs/decisions/0014-export.md`.

Left out: HTML (the page), and Pincite's own JSON (`Answer.to_json`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from answer.answer import Answer
from answer.export.annotation import annotation_collection
from answer.export.bibtex import bibtex
from answer.export.cited import CitedArticle, cited_articles
from answer.export.csl import csl_json
from answer.export.prose import markdown, plain_text
from answer.export.ris import ris
from ingest.article import Article
from ingest.errors import BadSetting

__all__ = ["STYLES", "Style", "export"]

_Writer = Callable[[Answer, tuple[CitedArticle, ...], str | None, str | None], str]


@dataclass(frozen=True, slots=True)
class Style:
    """A format: its name for readers, its media type, and the suffix of its files."""

    label: str
    media_type: str
    suffix: str
    _write: _Writer = field(repr=False, compare=False)


STYLES: Mapping[str, Style] = MappingProxyType(
    {
        "markdown": Style("Markdown with footnotes", "text/markdown", ".md", markdown),
        "text": Style("Plain text", "text/plain", ".txt", plain_text),
        "bibtex": Style("BibTeX", "application/x-bibtex", ".bib", bibtex),
        "csl-json": Style("CSL-JSON", "application/vnd.citationstyles.csl+json", ".json", csl_json),
        "ris": Style("RIS", "application/x-research-info-systems", ".ris", ris),
        "annotation": Style(
            "Web Annotation",
            'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"',
            ".jsonld",
            annotation_collection,
        ),
    }
)


def export(
    answer: Answer,
    style: str,
    *,
    articles: Mapping[str, Article],
    permalink: str | None = None,
    asked: str | None = None,
) -> str:
    """The answer in one of `STYLES`; UTF-8 is meant where the text is written to a file.

    `articles` are the cited versions by SHA-256; of a citation whose version is not among them the
    export says that it could not be compared, and it keeps the plain address of its page.
    `permalink` is where the answer's record is read, `asked` the date or time of the question
    (ISO 8601). `BadSetting` for another style, `BadRecord` for a citation that is not what its
    version says there.
    """
    if style not in STYLES:
        raise BadSetting(f"There is no export named {style!r}. Choose one of: {', '.join(STYLES)}.")
    return STYLES[style]._write(answer, cited_articles(answer, articles), permalink, asked)
