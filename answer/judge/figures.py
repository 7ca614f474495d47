"""Text → its figures and its dates, as values that can be compared.

"1.2 m", "1.2 million" and "1,200,000" are one value, "nineteen" and "19" another; "11 July 2014",
"July 11, 2014" and "2014-07-11" are one date. A figure knows what it counts or measures, so that
19 soldiers are not compared with 19 tanks. Written for English, with the digits of any script.

Left out: ordinals, times of day, section numbers and designations ("MH17", "F-16"), which count
nothing; numbers spelled in other languages; sums of money converted between currencies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from index.words import STOP, terms
from ingest.article import Span

Bound = Literal["at least", "more than", "up to", "less than", "about", "several"]

_LONGEST_NUMBER = 40  # characters; longer runs of digits are keys or noise, and slow to convert
_BEFORE, _AFTER = 40, 60  # characters read around a number for its bound, unit and noun

_SMALL = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen".split()
    )
}
_TENS = {
    word: 10 * value
    for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
_SCALES = {
    "hundred": 10**2,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
    "dozen": 12,
    "lakh": 10**5,
    "crore": 10**7,
    "ten": 10,
}
_SHORT_SCALES = {
    "k": 10**3,
    "m": 10**6,
    "mn": 10**6,
    "mln": 10**6,
    "b": 10**9,
    "bn": 10**9,
    "tn": 10**12,
    "trn": 10**12,
    "万": 10**4,
    "萬": 10**4,
    "만": 10**4,
    "亿": 10**8,
    "億": 10**8,
    "억": 10**8,
}
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "tenth": 10}
_GLYPHS = {"½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5)}

_CURRENCY_SIGNS = {
    "US$": "$", "A$": "A$", "C$": "C$", "$": "$", "€": "€", "£": "£", "¥": "¥", "₴": "UAH",
    "₽": "RUB", "₹": "INR", "₺": "TRY", "₩": "KRW", "₪": "ILS",
}  # fmt: skip
_CURRENCY_WORDS = {
    "usd": "$", "dollar": "$", "dollars": "$", "eur": "€", "euro": "€", "euros": "€", "gbp": "£",
    "pound": "£", "pounds": "£", "sterling": "£", "yen": "¥", "jpy": "¥", "yuan": "CNY",
    "cny": "CNY", "uah": "UAH", "hryvnia": "UAH", "hryvnias": "UAH", "rub": "RUB", "rouble": "RUB",
    "roubles": "RUB", "ruble": "RUB", "rubles": "RUB", "rupee": "INR", "rupees": "INR",
    "inr": "INR", "lira": "TRY", "liras": "TRY", "try": "TRY", "chf": "CHF", "franc": "CHF",
    "francs": "CHF", "zloty": "PLN", "pln": "PLN", "won": "KRW", "cents": "cent",
}  # fmt: skip

# Written form → (unit, how many of it). Lengths are in metres, masses in kilograms, durations in
# seconds or, where their length varies, in months.
_UNITS: dict[str, tuple[str, Fraction]] = {}


def _measure(unit: str, **forms: str) -> None:
    for written, factor in forms.items():
        _UNITS[written.replace("_", " ")] = (unit, Fraction(factor))


_measure("%", percent="1", per_cent="1", pct="1")
_measure("%pt", percentage_point="1", percentage_points="1")
_UNITS |= {"%": ("%", Fraction(1)), "％": ("%", Fraction(1)), "٪": ("%", Fraction(1))}
_measure("m", m="1", metre="1", metres="1", meter="1", meters="1", km="1000", kilometre="1000")
_measure("m", kilometres="1000", kilometer="1000", kilometers="1000", cm="1/100", mm="1/1000")
_measure("m", centimetre="1/100", centimetres="1/100", centimeter="1/100", centimeters="1/100")
_measure("m", millimetres="1/1000", millimeters="1/1000", mile="1609.344", miles="1609.344")
_measure("m", foot="0.3048", feet="0.3048", ft="0.3048", inch="0.0254", inches="0.0254")
_measure("m", yard="0.9144", yards="0.9144", nautical_miles="1852")
_measure("kg", kg="1", kilogram="1", kilograms="1", kilo="1", kilos="1", g="1/1000", gram="1/1000")
_measure("kg", grams="1/1000", mg="1/1000000", tonne="1000", tonnes="1000", t="1000", ton="1000")
_measure("kg", tons="1000", lb="0.45359237", lbs="0.45359237", ounce="0.0283495231")
_measure("kg", ounces="0.0283495231", oz="0.0283495231")
_measure("s", second="1", seconds="1", minute="60", minutes="60", mins="60", hour="3600")
_measure("s", hours="3600", hrs="3600", day="86400", days="86400", night="86400", nights="86400")
_measure("s", week="604800", weeks="604800", fortnight="1209600")
_measure("month", month="1", months="1", year="12", years="12", yr="12", yrs="12", decade="120")
_measure("month", decades="120", century="1200", centuries="1200")
_measure("m²", hectare="10000", hectares="10000", ha="10000", acre="4046.8564224")
_measure("m²", acres="4046.8564224", square_metres="1", square_meters="1", square_feet="0.09290304")
_measure("m²", square_kilometres="1000000", square_kilometers="1000000")
_measure("m²", square_miles="2589988.110336")
_UNITS |= {
    "km²": ("m²", Fraction(10**6)),
    "km2": ("m²", Fraction(10**6)),
    "m²": ("m²", Fraction(1)),
}
_measure("l", litre="1", litres="1", liter="1", liters="1", ml="1/1000")
_measure("barrel", barrel="1", barrels="1", bpd="1")
_measure("km/h", kmh="1", kph="1", kilometres_per_hour="1", kilometers_per_hour="1")
_measure("km/h", mph="1.609344", miles_per_hour="1.609344", knot="1.852", knots="1.852")
_UNITS["km/h"] = ("km/h", Fraction(1))
_measure("W", kw="1000", mw="1000000", gw="1000000000", watts="1", kilowatts="1000")
_measure("W", megawatt="1000000", megawatts="1000000", gigawatts="1000000000")
_measure("Wh", kwh="1000", mwh="1000000", gwh="1000000000", twh="1000000000000")
_measure("byte", kb="1000", mb="1000000", gb="1000000000", tb="1000000000000")
_measure("°C", degrees_celsius="1", degrees_centigrade="1", degrees_c="1")
_measure("°F", degrees_fahrenheit="1", degrees_f="1")
_measure("°", degree="1", degrees="1")
_UNITS |= {"°": ("°", Fraction(1)), "°c": ("°C", Fraction(1)), "°f": ("°F", Fraction(1))}

_LETTER = r"[^\W\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"  # of a spaced script
_LETTER_NOT_DIGIT = _LETTER.replace(r"\W", r"\W\d_")
_DIGITS = (
    rf"(?<!{_LETTER})(?<!{_LETTER_NOT_DIGIT}[-‑])(?<!\d[./:,])"
    r"(?:\d{1,3}(?: \d{3}(?![\d.,]\d|\d))++|\d[\d.,'’\u00a0\u202f]*+)"
)
_NUMBER_WORD = "|".join(
    sorted([*_SMALL, *_TENS, *(s + "s?" for s in _SCALES if s != "ten")], key=len, reverse=True)
)
_SPELLED = (
    r"\b(?:(?:tens|dozens|hundreds|thousands) of (?:hundreds|thousands|millions|billions)\b"
    r"|tens(?= of )"
    rf"|(?:half|quarter|third)(?: of)? an? (?:million|billion|trillion|thousand|hundred|dozen)"
    rf"|(?:an? )?(?:{_NUMBER_WORD})(?:(?:[ \u00a0-]|[ -]and[ -]|, )"
    rf"(?:{_NUMBER_WORD}|an? half)){{0,11}})\b"
)
_PART = (
    r"\b(?:(?:one|an?|two|three|four|nine)[ -](?:thirds?|quarters?|fifths?|tenths?|half)\b"
    r"(?! (?:of )?an?\b)"
    r"|half(?= (?:of|the|its|their|his|her|all)\b))"
)
_SIMPLE_FRACTION = r"(?<![\w/.,-])(?:\d{1,2} )?\d/[2-9](?![\w/])|(?:\d{1,4} ?)?[½⅓⅔¼¾⅕]"
_NUMBERS = re.compile(
    rf"(?P<fraction>{_SIMPLE_FRACTION})|(?P<digits>{_DIGITS})|(?P<part>{_PART})"
    rf"|(?P<spelled>{_SPELLED})",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"\d+(?:\.\d+)?")
_GROUPED = re.compile(r"\d{1,3}(?:([,'’ \u00a0\u202f])\d{3})(?:\1\d{3})*(?:\.\d+)?")
_DECIMAL_COMMA = re.compile(r"\d+,\d{1,2}")
_GROUPED_BY_STOPS = re.compile(r"\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?")

_LABEL = re.compile(
    r"(?:\b(?:section|article|chapter|figure|fig|table|page|pages|pp?|paragraph|para|clause|part"
    r"|phase|no|nos|number|act|volume|vol|issue|episode|grade|room|gate|platform|highway|route"
    r"|flight|boeing|airbus|apollo|windows|iphone|channel|type|class|version|resolution|level"
    r"|line|step|item|question|footnote|note|appendix|case|model|unit|district|area|formula"
    r"|covid|group|g|psalm|verse|round|week|day|under|aged?)\.? |[#§№]\s?)$",
    re.IGNORECASE,
)
_COUNTING_LABELS = re.compile(r"\b(?:week|day|under|aged?|issue|note|number)\.? $", re.IGNORECASE)
_TIME_OF_DAY = re.compile(
    r"[ \u00a0]?(?:[ap]\.?m\b|o['’]clock\b|hrs? (?:gmt|local)|(?:gmt|utc|est|cet)\b)", re.IGNORECASE
)
_ORDINAL = re.compile(r"(?:st|nd|rd|th)\b", re.IGNORECASE)
_BOUND_WORDS: tuple[tuple[str, str, Bound], ...] = (
    ("no more than|not more than|up to|as many as|as much as|at most|a maximum of", "≤", "up to"),
    ("at least|no fewer than|no less than|not less than|a minimum of", "≥", "at least"),
    ("more than|over|above|upwards? of|exceeding|exceeded|in excess of|greater than"
     "|well over|just over|surpassed|topped", ">", "more than"),
    ("fewer than|less than|under|below|just under", "<", "less than"),
    ("about|around|approximately|roughly|some|nearly|almost|close to|an? estimated|circa"
     "|estimated at|in the region of|approx\\.|c\\.", "[~≈]", "about"),
)  # fmt: skip
_BOUNDS = tuple(
    (re.compile(rf"(?:\b(?:{words})|{signs})\s*(?:an? )?$", re.IGNORECASE), bound)
    for words, signs, bound in _BOUND_WORDS
)
_BOUND_AFTER: tuple[tuple[re.Pattern[str], Bound], ...] = (
    (re.compile(r"\+|,? or more\b|,? and more\b|,? or above\b"), "at least"),
    (re.compile(r",? or (?:fewer|less|under)\b|,? at most\b"), "up to"),
    (re.compile(r" or so\b|-odd\b|ish\b"), "about"),
)
_SIGN_BEFORE = re.compile(r"(US\$|A\$|C\$|[$€£¥₴₽₹₺₩₪])[ \u00a0]?$")
_CODE_BEFORE = re.compile(r"\b(USD|EUR|GBP|JPY|CNY|UAH|RUB|INR|TRY|CHF|PLN)[ \u00a0]?$")
_SCALE_AFTER = re.compile(
    r"[ \u00a0-]?(hundred|thousand|million|billion|trillion|dozen|lakh|crore)s?\b"
    r"|[ \u00a0]?(mln|trn|bn|mn|tn|m|k|b)(?![\w²³/'’])|([万萬만亿億억])",
    re.IGNORECASE,
)
_UNIT_AFTER = re.compile(
    r"[ \u00a0-]{0,2}("
    + "|".join(re.escape(form) for form in sorted(_UNITS, key=len, reverse=True))
    + r")(?![^\W\d_])",
    re.IGNORECASE,
)
_SIGN_AFTER = re.compile(r"[ \u00a0]?([$€£¥₴₽₹₺₩₪])")
_MONEY_AFTER = re.compile(
    r"[ \u00a0-](?:US |U\.S\. |American |Canadian |Australian )?("
    + "|".join(sorted(_CURRENCY_WORDS, key=len, reverse=True))
    + r")\b",
    re.IGNORECASE,
)
_LONG = re.compile(
    r"[ \u00a0-]?(?:tall|high|long|wide|deep|above|below|away|from|off|race|sprint|hurdles"
    r"|freestyle|butterfly|dash|swim|thick|apart|square"
    r"|of (?:cable|rope|pipe|fence|wire|water|sea))\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_NOUN_GAP = re.compile(r"(?:[\s-]|(?<=\s)(?:of|the|more|other|additional|or so)(?=\s))*+")
_MEASURED = re.compile(r"\s(?:of|in)\s")
_PLURALS = frozenset(
    "people men women children police troops dead wounded injured missing personnel crew cattle "
    "lives houses police policemen staff aircraft teeth feet mice passengers".split()
)
_NO_NOUN = STOP | frozenset(
    "were was had have has would will said died killed per between against since ago old late "
    "later earlier last next this that among including amid compared versus than within".split()
)
_RANGE = re.compile(r"(?: to | and | or |\s?[-–—‑]\s?)(?:US\$|[$€£¥₴₽₹])?")
_ONE_IS_NO_COUNT = re.compile(
    r"[ -](?:of|another|who|that|which|to|is|was|can|has|and|or|by|day|thing|side|hand|may|must"
    r"|should|would|could|or two|more|time|in|at|for|with|as|on|from|but|if|when|than)\b|['’]s\b"
    r"|\s*(?:[.,;:!?)\]”\"]|$)",
    re.IGNORECASE,
)
_ONE_BEFORE = re.compile(
    r"\b(?:no|this|that|the|any|every|each|some|only|which|another|last|next|first|number)[ -]$",
    re.IGNORECASE,
)

_MONTHS = {
    name: number
    for number, name in enumerate(
        "january february march april may june july august september october november "
        "december".split(),
        1,
    )
}
_MONTH = (
    r"(?P<{0}>Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)|Apr(?:il|\.)?|May|June?|July?"
    r"|Aug(?:ust|\.)?|Sep(?:t(?:ember)?)?\.?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
_ERA = r"(?:BCE?|B\.C\.(?:E\.)?)"
_DATES = re.compile(
    r"(?<![\w-])(?:"
    r"(?P<iso>\d{4}-(?:0[1-9]|1[0-2])(?:-\d{2})?)(?=$|[^\w-]|T\d)"
    r"|(?P<dotted>\d{1,2}[./]\d{1,2}[./]\d{4})(?![\w/])"
    rf"|(?P<day1>\d{{1,2}})(?:st|nd|rd|th)?(?: of)?[ \u00a0-]{_MONTH.format('month1')}"
    r"(?:,?[ \u00a0-](?P<year1>\d{4})(?!\w))?(?![^\W\d_])"
    rf"|{_MONTH.format('month2')} (?P<day2>\d{{1,2}})(?:st|nd|rd|th)?(?![\w:]|[.,]\d)"
    r"(?:,? (?P<year2>\d{4})(?!\w))?"
    rf"|{_MONTH.format('month3')},? (?:of )?(?P<year3>\d{{4}})(?!\w)"
    rf"|(?:(?:(?P<lead>in|since|until|till|by|last|next|early|late|mid|during|from|to|this|of|end"
    rf"|every|between|and) |(?P<mid>mid-))?{_MONTH.format('month4')})(?![\w'’-])"
    r"(?! \d{1,2}(?:st|nd|rd|th)?(?![\w:]|[.,]\d))(?!,? (?:of )?\d{4}(?!\w))"
    rf"|(?P<bc>\d{{1,4}})[ \u00a0]{_ERA}(?!\w)"
    r"|(?P<decade>1\d\d0|20\d0)['’]?s\b"
    r"|(?P<century>\d{1,2})(?:st|nd|rd|th)[ -]century"
    r"|(?P<from>1[0-9]\d\d|20\d\d)[-–/](?P<until>1[0-9]\d\d|20\d\d|\d\d)(?![\w-])"
    r"|(?P<year>1\d{3}|20\d\d|2100)(?![\w%²°]|[,.]\d|-\d)"
    r")",
    re.IGNORECASE,
)
_YEAR_BEFORE = re.compile(
    r"(?:\b(?:in|since|by|until|till|from|to|of|after|before|during|early|late|mid|year|and"
    r"|between|ad|circa|spring|summer|autumn|winter|fall)|\()[ -]$",
    re.IGNORECASE,
)
_COUNTED_AFTER = re.compile(
    r"[ \u00a0-](?:people|men|women|children|soldiers|troops|civilians|times|words|homes|houses"
    r"|jobs|votes|cases|deaths|tonnes|tons|km|kilomet\w+|met(?:re|er)s?|m|miles|feet|ft|dollars"
    r"|euros|pounds|hryvnias?|rou?bles|kg|kilograms?|acres|hectares|days|hours|years|percent"
    r"|per cent|workers|members|students|million|billion|thousand|bn|mm|cm|barrels|litres|liters"
    r"|passengers"
    r"|prisoners|refugees|seats|mw|gw|degrees)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount: `value` of `unit`, counting `what`.

    `unit` is `""` for a plain count, `%`, a currency (`$`, `€`, `UAH`), or a base unit to which
    `value` was converted (`m`, `kg`, `s`, `month`, `m²`, `km/h` …). `what` is the stem of the noun
    that is counted, `""` where none follows. `bound` is `several` for "dozens" or "hundreds".
    """

    chars: Span
    value: Fraction
    unit: str
    what: str
    said: str
    bound: Bound | None = None
    end: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Date:
    """A date as the beginning of an ISO 8601 one, as precise as it was said.

    `2014-07-11`, `2014-07`, `2014`; `199` for the 1990s and `18` for the 19th century; `--07-11`
    and `--07` where no year was said (XML Schema gMonthDay and gMonth); `-0043` for 44 BC.
    """

    chars: Span
    iso: str
    said: str


def figures(text: str) -> tuple[Figure, ...]:
    """The figures of a text, in order; years and dates are none.

    >>> [(f.said, int(f.value), f.unit, f.what) for f in figures("Nineteen soldiers held 1.2 km.")]
    [('Nineteen', 19, '', 'soldier'), ('1.2 km', 1200, 'm', '')]
    """
    plain = _without(text, [date.chars for date in dates(text)])
    found: list[Figure] = []
    for match in _NUMBERS.finditer(plain):
        if found and match.start() < found[-1].chars.end:
            continue
        figure = _figure(plain, match)
        if figure is not None:
            found.append(replace(figure, said=figure.chars.of(text)))
    return tuple(_ranges(text, found))


def dates(text: str) -> tuple[Date, ...]:
    """The dates of a text, in order.

    >>> [date.iso for date in dates("On July 11, 2014 and 3 May; in the 1990s, since 2001.")]
    ['2014-07-11', '--05-03', '199', '2001']
    """
    return tuple(
        Date(chars, iso, chars.of(text))
        for match in _DATES.finditer(text)
        for chars, iso in _iso(text, match)
    )


def _without(text: str, spans: list[Span]) -> str:
    """The text with those spans blanked out, every other character at its place."""
    parts, at = [], 0
    for span in spans:
        parts += [text[at : span.start], "\x1f" * len(span)]
        at = span.end
    return "".join([*parts, text[at:]])


def _figure(text: str, match: re.Match[str]) -> Figure | None:
    start, end = match.span()
    before = text[max(0, start - _BEFORE) : start]
    read = _value(match, before, text[end : end + _AFTER])
    if read is None:
        return None
    value, end, bound = read
    sign = _SIGN_BEFORE.search(before) or _CODE_BEFORE.search(before)
    unit = ""
    if sign:
        written = sign.group(1)
        unit = _CURRENCY_SIGNS.get(written) or _CURRENCY_WORDS[written.casefold()]
        start -= len(sign.group())
        before = before[: sign.start()]
    value, unit, end = _scaled(text, value, unit, end)
    bound = bound or _bound(before, text[end : end + 12])
    return Figure(Span(start, end), value, unit, _what(text, end, unit), "", bound)


def _value(
    match: re.Match[str], before: str, after: str
) -> tuple[Fraction, int, Bound | None] | None:
    """The number as it is written, where it ends, and `several` for a plural scale."""
    kind, written = match.lastgroup, match.group()
    if kind == "digits":
        return _digits(match, before, after)
    if kind == "fraction":
        return _simple_fraction(written), match.end(), None
    if kind == "part":
        return _part(written), match.end(), None
    return _spelled(match, before, after)


def _digits(
    match: re.Match[str], before: str, after: str
) -> tuple[Fraction, int, Bound | None] | None:
    written = match.group().rstrip(".,'’\u00a0\u202f")
    after = match.group()[len(written) :] + after
    if len(written) > _LONGEST_NUMBER or _ORDINAL.match(after) or _TIME_OF_DAY.match(after):
        return None
    if after[:1] in (":", "/") and after[1:2].isdigit():
        return None
    if _LABEL.search(before) and not (_COUNTING_LABELS.search(before) or _UNIT_AFTER.match(after)):
        return None
    is_unit = _SCALE_AFTER.match(after) or _UNIT_AFTER.match(after)
    if after[:1].isalpha() and re.match(_LETTER, after) and not is_unit:
        return None
    value = _number(written)
    return None if value is None else (value, match.start() + len(written), None)


def _number(written: str) -> Fraction | None:
    if _PLAIN.fullmatch(written):
        return Fraction(written)
    if _GROUPED.fullmatch(written):
        return Fraction(re.sub(r"[^\d.]", "", written))
    if _DECIMAL_COMMA.fullmatch(written):
        return Fraction(written.replace(",", "."))
    if _GROUPED_BY_STOPS.fullmatch(written):
        return Fraction(written.replace(".", "").replace(",", "."))
    return None


def _simple_fraction(written: str) -> Fraction:
    for glyph, (above, below) in _GLYPHS.items():
        if glyph in written:
            whole = written.replace(glyph, "").strip()
            return Fraction(whole or "0") + Fraction(above, below)
    whole, _, part = written.rpartition(" ")
    return Fraction(whole or "0") + Fraction(part)


def _part(written: str) -> Fraction:
    words = re.split(r"[ -]", written.casefold())
    below = _PARTS[words[-1].removesuffix("s") if words[-1] != "half" else "half"]
    above = _SMALL.get(words[0], 1) if len(words) > 1 else 1
    return Fraction(above, below)


def _spelled(
    match: re.Match[str], before: str, after: str
) -> tuple[Fraction, int, Bound | None] | None:
    written = match.group().casefold()
    words = [word for word in re.split(r"[ \u00a0,-]+", written) if word not in ("a", "an", "and")]
    if words == ["one"] and (_ONE_IS_NO_COUNT.match(after) or _ONE_BEFORE.search(before)):
        return None
    if words[-1] in ("million", "hundred", "thousand") and len(words) == 1 and written[:2] != "a ":
        return None  # "million" after something else, as in "a multi-million"
    if before[-1:] == "-":
        return None
    several: Bound | None = None
    if words[0].removesuffix("s") in _SCALES and words[0][-1] == "s":
        several, words = "several", [word.removesuffix("s") for word in words if word != "of"]
    return _sum(words), match.end(), several


def _sum(words: list[str]) -> Fraction:
    """Number words added up: each scale multiplies what stands before it."""
    total, part = Fraction(0), Fraction(0)
    for word in words:
        scale = _SCALES.get(word.removesuffix("s")) if word != "ten" or not total + part else None
        if word in ("half", "quarter", "third"):
            part += Fraction(1, _PARTS[word])
        elif scale is None:
            part += _SMALL.get(word, 0) or _TENS.get(word, 0)
        elif scale <= 100:
            part = (part or Fraction(1)) * scale
        else:
            total, part = total + (part or (0 if total else 1)) * scale, Fraction(0)
            if not total:
                total = Fraction(scale)
    return total + part


def _scaled(text: str, value: Fraction, unit: str, end: int) -> tuple[Fraction, str, int]:
    """The value with its scale and unit applied, and where they end."""
    scale = _SCALE_AFTER.match(text, end)
    if scale and not _is_metres(text, scale, unit):
        word = next(filter(None, scale.groups())).casefold()
        value *= _SCALES.get(word) or _SHORT_SCALES[word]
        end = scale.end()
    if unit:
        return value, unit, end
    money = _SIGN_AFTER.match(text, end) or _MONEY_AFTER.match(text, end)
    if money:
        written = money.group(1)
        unit = _CURRENCY_SIGNS.get(written) or _CURRENCY_WORDS[written.casefold()]
        return value, unit, money.end()
    measured = _UNIT_AFTER.match(text, end)
    if measured:
        unit, factor = _UNITS[measured.group(1).casefold()]
        return value * factor, unit, measured.end()
    return value, "", end


def _is_metres(text: str, scale: re.Match[str], unit: str) -> bool:
    """Whether an "m" after a number is a metre: by what follows, and never after a currency."""
    return scale.group(2) == "m" and not unit and bool(_LONG.match(text, scale.end()))


def _bound(before: str, after: str) -> Bound | None:
    for pattern, bound in _BOUND_AFTER:
        if pattern.match(after):
            return bound
    return next((bound for pattern, bound in _BOUNDS if pattern.search(before)), None)


def _what(text: str, end: int, unit: str) -> str:
    """The stem of the noun that follows: the first plural of the next words, else the first.

    After a unit only what it is "of" or "in" ("tonnes of grain", "$5 m in aid").
    """
    if unit:
        measured = _MEASURED.match(text, end)
        if measured is None:
            return ""
        end = measured.end()
    gap = _NOUN_GAP.match(text, end, end + _AFTER)
    at = gap.end() if gap else end
    words: list[str] = []
    for word in _WORD.finditer(text, at, min(len(text), at + _AFTER)):
        between = text[at : word.start()]
        if between.strip(" \u00a0\n-") or word.group().casefold() in _NO_NOUN or len(words) == 4:
            break
        words.append(word.group())
        at = word.end()
        if _is_plural(words[-1]):
            return _stem(words[-1])
    return _stem(words[0]) if words else ""


def _is_plural(word: str) -> bool:
    folded = word.casefold()
    return folded in _PLURALS or (len(folded) > 3 and folded[-1] == "s" and folded[-2] not in "su")


def _stem(word: str) -> str:
    stems = terms(word)
    return stems[-1] if stems else ""


def _ranges(text: str, found: list[Figure]) -> Iterator[Figure]:
    """The figures, where the ends of each range share a unit, a noun and, if need be, a scale."""
    pending = found[:]
    for at, figure in enumerate(pending):
        following = pending[at + 1] if at + 1 < len(pending) else None
        if following is None or not _is_range(text, figure, following):
            yield figure
            continue
        low = _as_its_end(figure, following)
        if _is_change(text, figure):
            yield low
        elif low.value > following.value:  # a score: "won 3-1"
            yield figure
        else:
            pending[at + 1] = replace(following, bound="up to", end=low.value)
            yield replace(low, bound="at least", end=following.value)


def _is_change(text: str, low: Figure) -> bool:
    """ "From 5 to 3", "by $1 to $5": where two figures are no range, and the second may be less."""
    before = text[max(0, low.chars.start - 10) : low.chars.start].casefold()
    by = bool(low.unit) and text.startswith(" to ", low.chars.end)
    return before.endswith("from ") or (before.endswith("by ") and by)


def _is_range(text: str, low: Figure, high: Figure) -> bool:
    between = text[low.chars.end : high.chars.start]
    if not _RANGE.fullmatch(between):
        return False
    if between == " and ":
        before = text[max(0, low.chars.start - 10) : low.chars.start].casefold()
        if not before.rstrip("$€£ ").endswith("between"):
            return False
    return low.unit in ("", high.unit)


def _as_its_end(low: Figure, high: Figure) -> Figure:
    """ "1.2 to 1.5 million people": the first figure counts what the second does."""
    value, unit = low.value, low.unit
    if not unit or low.unit == high.unit:
        raw = _NUMBERS.search(high.said)
        written = _number(raw.group().rstrip(".,")) if raw and raw.lastgroup == "digits" else None
        own = _NUMBERS.search(low.said)
        bare = own is not None and own.group() == low.said.strip("$€£¥₴₽₹US ")
        if written and bare:
            value, unit = value * high.value / written, high.unit
        elif not unit:
            unit = high.unit
    return replace(low, value=value, unit=unit, what=high.what if not low.what else low.what)


def _iso(text: str, match: re.Match[str]) -> Iterator[tuple[Span, str]]:
    """The span and ISO form of each date of a match; none where it is no date after all."""
    said = match.groupdict()
    whole = Span(*match.span())
    if said["iso"]:
        _, month, *day = (int(part) for part in said["iso"].split("-"))
        if 1 <= month <= 12 and all(1 <= d <= 31 for d in day):
            yield whole, said["iso"]
    elif said["dotted"]:
        yield whole, _dotted(said["dotted"])
    elif said["bc"]:
        yield whole, f"-{int(said['bc']) - 1:04}"
    elif said["decade"]:
        yield whole, said["decade"][:3]
    elif said["century"]:
        yield whole, f"{int(said['century']) - 1:02}"
    elif said["from"]:
        yield from _years(match)
    elif said["year"]:
        if _is_year(text, match):
            yield whole, said["year"]
    else:
        yield from _in_month(text, match)


def _dotted(written: str) -> str:
    first, second, year = (int(part) for part in re.split(r"[./]", written))
    if "." not in written and first <= 12 and second <= 12 and first != second:
        return f"{year:04}"  # 3/4/2014 is two days, on two sides of an ocean
    day, month = (first, second) if second <= 12 else (second, first)
    return f"{year:04}-{month:02}-{day:02}" if 1 <= month <= 12 and 1 <= day <= 31 else f"{year:04}"


def _years(match: re.Match[str]) -> Iterator[tuple[Span, str]]:
    first, last = match["from"], match["until"]
    yield Span(*match.span("from")), first
    yield Span(*match.span("until")), last if len(last) == 4 else first[:2] + last


def _is_year(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - _BEFORE) : match.start()]
    if _YEAR_BEFORE.search(before):
        return True
    if int(match["year"]) < 1500 or _SIGN_BEFORE.search(before) or _LABEL.search(before):
        return False
    return not _COUNTED_AFTER.match(text, match.end())


def _in_month(text: str, match: re.Match[str]) -> Iterator[tuple[Span, str]]:
    number = next(n for n in "1234" if match[f"month{n}"])
    named = match[f"month{number}"]
    start, end = match.start(), match.end()
    if number == "4":
        start = match.start("month4")
        ambiguous = named.casefold() in ("may", "march", "mar.", "mar", "jan", "sep", "dec", "jun")
        if not named[0].isupper() or (ambiguous and not (match["lead"] or match["mid"])):
            return
    elif named.casefold() in ("may", "march") and not named[0].isupper():
        return
    name = named.casefold().rstrip(".")
    month = next(n for full, n in _MONTHS.items() if full.startswith(name[:3]))
    day = match[f"day{number}"] if number in "12" else None
    year = match[f"year{number}"] if number in "123" else None
    if day is not None and not 1 <= int(day) <= 31:
        return
    tail = f"-{month:02}" + (f"-{int(day):02}" if day else "")
    yield Span(start, end), (year or "-") + tail
