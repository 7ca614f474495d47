"""The language of a text, where it is long enough to be sure of.

Left out: telling apart the parts of a text in several languages; the first is taken.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

_SAMPLE = 3_000  # characters that are looked at
_SHORTEST = 40  # letters
_NONE = "zxx"  # ISO 639-2: no linguistic content
_SURE = 0.9  # of 1, as py3langid's calibrated probabilities go


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
