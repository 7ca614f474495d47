"""What kind of answer a question asks for, and whether a sentence holds one.

"How many…" asks for a number, "when…" for a time, "what does … cost" for money. A sentence that
shares every word with the question and has no such thing does not answer it. The patterns are for
English; a question in another language expects nothing in particular, and nothing is held back.

Left out: deciding that the answer is the right one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["money", "extent", "number", "time", "name", "place", "reason", "any"]

_MEASURE = "size|population|height|length|area|speed|distance|age|temperature|weight|range|altitude"
_ASKED: tuple[tuple[Kind, str], ...] = (
    (
        "money",
        r"\bhow much money\b"
        r"|\bhow much (?:does|do|did|would|will|is|was|were)\b.*"
        r"\b(?:cost|worth|pay|paid|spen[dt]|earn|sell|sold|charge)"
        r"|\bwhat\b.*\b(?:costs?|price[sd]?|salary|wage)\b|\bhow (?:expensive|costly)\b",
    ),
    ("extent", r"\bhow (?:long|old|far|tall|high|wide|deep|heavy|fast|thick|hot|cold)\b"),
    (
        "number",
        r"\bhow (?:many|few|large|big|often)\b"
        rf"|\b(?:what|which) (?:percent\w*|number|proportion|fraction|share|{_MEASURE})\b"
        rf"|\bwhat (?:is|was) the (?:number|percentage|{_MEASURE})\b",
    ),
    (
        "time",
        r"^\W*(?:and |but |so )?(?:since |until |by |from )?when\b"
        r"|\b(?:what|which) (?:exact )?(?:years?|dates?|day|month|century|decade)\b",
    ),
    (
        "name",
        r"\b(?:who|whom|whose)\b|\b(?:what|which) (?:person|man|woman|player|king|queen|president"
        r"|author|scientist|leader|minister|team|company|organi[sz]ation|newspaper|agency)\b",
    ),
    (
        "place",
        r"^\W*(?:from |to |near )?where\b"
        r"|\b(?:what|which) (?:city|country|state|place|town|village|region|area|location|river"
        r"|university|school|county|continent|island|sea|border)\b",
    ),
    ("reason", r"^\W*why\b|\bfor what reason\b|\bwhat (?:caused|was the reason)\b"),
)
_ASKS = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _ASKED)

_NUMBER = (
    r"(?<![\d.,])\d[\d,.]*+|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen"
    r"|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty"
    r"|seventy|eighty|ninety|dozens?|hundreds?|thousands?|millions?|billions?|half|third|quarter"
    r"|twice|double)\b|[½¼¾]"
)
_CURRENCY = "dollars?|euros?|pounds?|cents?|liras?|hryvnias?|yen|rupees?|roubles?|rubles?|francs?"
_UNIT = (
    r"(?:second|minute|hour|day|night|week|month|season|year|decade|generation)s?|centur(?:y|ies)"
    r"|(?:kilo|centi|milli)?met(?:er|re)s?|km(?:/h)?|cm|mm|m|miles?|feet|foot|ft|inch(?:es)?|yards?"
    r"|stor(?:ey|i)e?s|kilograms?|kg|grams?|tons?|tonnes?|pounds|lbs?|°|degrees?|mph|knots?"
    r"|percent|per cent|%"
)
_BETWEEN = r"(?:and a half|to \d+|million|thousand|of|or so|more|nautical|square)[ -]+"
_MONTH_OR_DAY = (
    "January|February|March|April|May|June|July|August|September|October|November|December"
    "|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
)
_PROPER_NAME = r"(?<=[^.!?] )[“\"‘(]?[^\W\d_a-z][\w’'.-]+"

_CLEAR: dict[Kind, re.Pattern[str]] = {
    "money": re.compile(
        r"[$€£¥₴₺₽]\s?\d|\d\s?[$€£¥₴₺₽]|\b(?:USD|EUR|GBP|UAH|TRY)\b"
        rf"|(?:{_NUMBER})[ -](?:(?:US|U\.S\.|million|billion|m|bn)[ -])*(?:{_CURRENCY})\b",
        re.IGNORECASE,
    ),
    "extent": re.compile(
        rf"(?:{_NUMBER})[ -]*(?:{_BETWEEN})*(?:{_UNIT})(?!\w)"
        r"|\b(?:until|till|from \d[\d,]* (?:to|until)|forever|temporar\w+|permanent\w*)\b",
        re.IGNORECASE,
    ),
    "number": re.compile(_NUMBER, re.IGNORECASE),
    "time": re.compile(
        r"\b\d{3,4}s?\b|\b\d{1,2}:\d\d\b|\b\d[\d,]* ?(?:BC|AD|BCE|CE|BP|years? ago)\b"
        rf"|\b(?:{_MONTH_OR_DAY}|century|centuries|decades?|spring|summer|autumn|winter|era|ago"
        r"|today|yesterday)\b",
        re.IGNORECASE,
    ),
    "name": re.compile(_PROPER_NAME),
    "place": re.compile(_PROPER_NAME),
    "reason": re.compile(
        r"\b(?:because|due to|since|so that|in order to|as a result|caused?|owing to|therefore"
        r"|thus|to|for|reasons?|led to|result\w*)\b",
        re.IGNORECASE,
    ),
}
_VAGUE: dict[Kind, re.Pattern[str]] = {
    "number": re.compile(r"\b(?:both|couple|several|many|none|no|every|all|few)\b", re.IGNORECASE),
    "time": re.compile(
        r"\b(?:(?:end|beginning|start|time) of|when|after|before|during|since|until|while)\b",
        re.IGNORECASE,
    ),
}
_WORD = re.compile(r"\w+(?:[’'.-]+\w+)*")


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a question asks for, and the words it says itself (case-folded)."""

    kind: Kind
    said: frozenset[str]

    def fit(self, sentence: str) -> float:
        """Whether the sentence has something of that kind that the question did not already say.

        1 where it plainly has, 0 where it has not, 0.5 for something vague or with nothing to seek.

        >>> expect("How many died in 2014?").fit("In 2014 at least 30 died.")
        1.0
        """
        if self.kind == "any":
            return 0.5
        if self._is_new(_CLEAR[self.kind], sentence):
            return 1.0
        return 0.5 if self.kind in _VAGUE and self._is_new(_VAGUE[self.kind], sentence) else 0.0

    def _is_new(self, pattern: re.Pattern[str], sentence: str) -> bool:
        found = (match.group() for match in pattern.finditer(sentence))
        return any(words.strip(' “"‘(.,').casefold() not in self.said for words in found)


def expect(question: str) -> Expectation:
    """The kind of answer that the question's words ask for.

    >>> expect("How many soldiers were there?").kind, expect("What does it cost?").kind
    ('number', 'money')
    """
    kind: Kind = next((kind for kind, asks in _ASKS if asks.search(question)), "any")
    return Expectation(kind, frozenset(word.casefold() for word in _WORD.findall(question)))
