"""The language of a text: what its source declares, or what its words are, where that is sure.

Left out: telling apart the parts of a text in several languages; the first is taken.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

_SAMPLE = 3_000  # characters that are looked at
_SHORTEST = 40  # letters
_NONE = "zxx"  # ISO 639-2: no linguistic content
_NOT_ONE = frozenset(("und", "zxx", "mul", "mis"))  # ISO 639-2: unknown, none, several, other
_TAG = re.compile(r"\s*([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3})(?=[\s,;]|$)")
_SURE = 0.9  # of 1, as py3langid's calibrated probabilities go


def declared(told: str | None) -> str | None:
    """The first language tag (BCP 47) that a source tells; None where it is none, or no language.

    >>> declared("en_GB"), declared("de, en"), declared("zxx"), declared("English")
    ('en-GB', 'de', None, None)
    """
    found = _TAG.match(told or "")
    if found is None or found[1][:3].lower() in _NOT_ONE:
        return None
    return found[1].replace("_", "-")


def language_of(text: str) -> str | None:
    """ISO 639-1 code of the language that the text begins in; None where it is short or unsure.

    >>> language_of("The harbour at Kallo was deepened in 1974, and the mud was taken out to sea.")
    'en'
    >>> language_of("Kallo 1974") is None
    True
    """
    words = " ".join(text[: 4 * _SAMPLE].split())[:_SAMPLE]
    if sum(map(str.isalpha, words)) < _SHORTEST:
        return None
    language, sureness = _identifier().classify(words)
    return str(language) if language != _NONE and sureness >= _SURE else None


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    # Without what has no two-letter code: dialects share the sureness of their language otherwise.
    identifier.set_languages([one for one in identifier.nb_classes if len(one) == 2] + [_NONE])
    return identifier
