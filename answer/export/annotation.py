"""W3C Web Annotation (Recommendation, 23 February 2017): one annotation for each citation.

The body is the sentence of the answer, the target the words that it cites. The selectors count in
the text that Pincite holds, not in the live page's, so the target says which text that is: its
source is the page, in the state (`TimeState`, section 4.3.1) that is `cached` under the digest of
the article's file (a `ni:` URI, RFC 6920), read on `sourceDate` where that is known. States are
processed before selectors (section 4.3), so a reader who follows the Recommendation resolves both
selectors against that file's code points. Without a web address the file itself is the source.

Where the words' page in the original is known, the original is a second target, with a
`FragmentSelector` (section 4.2.1, whose table names RFC 3778 for PDF; RFC 8118 replaced it and kept
`page=`). It is named by its address, else by its digest.

Left out: normalising the selected text (section 4.2.4 asks for it in representations with markup;
the file is the representation here, and its code points are what the position counts).
"""

from __future__ import annotations

import base64
import json
import re
import uuid
from typing import Any

from answer.answer import Answer, Citation
from answer.export.cited import (
    NOT_COMPARED,
    CitedArticle,
    date_parts,
    one_line,
    safe_url,
    scrubbed,
)
from answer.export.original import original_address

_CONTEXT = "http://www.w3.org/ns/anno.jsonld"
_CONFORMS = {
    "page": "http://tools.ietf.org/rfc/rfc3778",
    "time": "http://www.w3.org/TR/media-frags/",
}
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DATE_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|\+00:00)")


def annotation_collection(
    answer: Answer, cited: tuple[CitedArticle, ...], permalink: str | None, asked: str | None
) -> str:
    """An `AnnotationCollection` with its one page, as JSON-LD; empty where nothing is cited."""
    base = permalink.partition("#")[0] if permalink else _urn(answer)
    created = _date_time(asked)
    by_sha256 = {article.first.article_sha256: article for article in cited}
    items = [
        _annotation(answer, citation, by_sha256[citation.article_sha256], base, created)
        for citation in answer.citations
    ]
    collection = {
        "@context": _CONTEXT,
        "id": f"{base}#annotations",
        "type": "AnnotationCollection",
        "label": one_line(answer.question) or "Pincite",
        "total": len(items),
        "first": {
            "id": f"{base}#annotations-1",
            "type": "AnnotationPage",
            "startIndex": 0,
            "items": items,
        },
    }
    return json.dumps(collection, ensure_ascii=False, indent=2) + "\n"


def _annotation(
    answer: Answer, citation: Citation, article: CitedArticle, base: str, created: str | None
) -> dict[str, Any]:
    dated = {"created": created} if created else {}
    words, original = _words(citation, article), _original(citation, article)
    return {
        "id": f"{base}#citation-{citation.number}",
        "type": "Annotation",
        "motivation": "describing",
        **dated,
        "generator": {"id": "urn:pincite", "type": "Software", "name": "Pincite"},
        "body": _bodies(answer, citation, article),
        "target": [words, original] if original else words,
    }


def _words(citation: Citation, article: CitedArticle) -> dict[str, Any]:
    """The cited words in the text that Pincite holds."""
    return {
        "type": "SpecificResource",
        **_source(citation, article),
        "selector": [
            {
                "type": "TextQuoteSelector",
                "exact": citation.quote,
                "prefix": citation.prefix,
                "suffix": citation.suffix,
            },
            {
                "type": "TextPositionSelector",
                "start": citation.chars.start,
                "end": citation.chars.end,
            },
        ],
    }


def _original(citation: Citation, article: CitedArticle) -> dict[str, Any] | None:
    """The place in the original, where a fragment can say it of a file that has a name."""
    version, locator = article.version, article.locators.get(citation.number)
    if version is None or locator is None:
        return None
    name, _, fragment = (safe_url(original_address(version, locator)) or "").partition("#")
    if fragment != locator.fragment:
        sha256 = version.source_sha256 or ""
        if locator.kind != "page" or version.source_part or not _SHA256.fullmatch(sha256):
            return None
        name = _digest_name(sha256)
    media_type = {"format": "application/pdf"} if locator.kind == "page" else {}
    selector = {"type": "FragmentSelector", "conformsTo": _CONFORMS[locator.kind]}
    return {
        "type": "SpecificResource",
        "source": {"id": name, **media_type},
        "selector": selector | {"value": locator.fragment},
    }


def _bodies(answer: Answer, citation: Citation, article: CitedArticle) -> list[dict[str, str]]:
    """The claim, how well these words alone support it, and who says them in the article.

    Also that they could not be compared with their version, where it is not kept.
    """
    claim = scrubbed(answer.text[citation.claim.start : citation.claim.end])
    bodies = [_text_body("describing", claim), _text_body("assessing", citation.verdict)]
    if citation.speaker:
        bodies.append(_text_body("identifying", one_line(citation.speaker)))
    if not article.is_compared:
        bodies.append(_text_body("commenting", NOT_COMPARED))
    return bodies


def _text_body(purpose: str, value: str) -> dict[str, str]:
    return {"type": "TextualBody", "purpose": purpose, "format": "text/plain", "value": value}


def _source(citation: Citation, article: CitedArticle) -> dict[str, Any]:
    file = _digest_name(citation.article_sha256)
    about = {
        "type": "Text",
        **({"language": one_line(citation.language)} if citation.language else {}),
        "dcterms:title": article.title,
        "dcterms:identifier": one_line(citation.path),
    }
    if article.url is None:
        return {"source": {"id": file, **about}}
    read = f"{citation.accessed}T00:00:00Z" if len(date_parts(citation.accessed)) == 3 else None
    dated = {"sourceDate": read} if read else {}
    state = {"type": "TimeState", **dated, "cached": file}
    return {"source": {"id": article.url, **about}, "state": state}


def _digest_name(sha256: str) -> str:
    """A file by its bytes (RFC 6920)."""
    digest = base64.urlsafe_b64encode(bytes.fromhex(sha256)).decode().rstrip("=")
    return f"ni:///sha-256;{digest}"


def _urn(answer: Answer) -> str:
    """A name for an answer without a permalink: the same for the same answer."""
    places = (citation.id for citation in answer.citations)
    said = "\n".join([answer.record or answer.question, answer.text, *places])
    return uuid.uuid5(uuid.NAMESPACE_URL, scrubbed(said)).urn


def _date_time(asked: str | None) -> str | None:
    """An `xsd:dateTime` in UTC, as the Recommendation has it; None for anything else."""
    found = _DATE_TIME.fullmatch(asked or "")
    return f"{found[1]}Z" if found else None
