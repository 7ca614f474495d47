"""A date as people and machines write it → ISO 8601, or None where it would have to be guessed.

No library: dateparser and dateutil are made to always find some date. They read "yesterday" as of
today, a lone "5" as a day of this month, and 3/4/2021 as an American does; none of that may stand
beside a citation. What pages, mails and tables really hold is a year, a named or numbered month,
and a day.

Left out: times of the day (a citation has none), calendars other than the Gregorian, years written
with two digits, and words such as "yesterday".
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime

_LONGEST = 100  # characters; a longer text is a sentence, not a date
# Below, years in the web's date fields are Persian or Islamic ones; above, they are mistakes.
_FIRST_YEAR, _LAST_YEAR = 1500, 2199

_TIME = re.compile(
    r"\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?:[.,]\d+)?(?:\s*[ap]\.?m\b\.?)?(?![\d.])"
    r"(?:\s*[+-]\d\d:?\d\d)?"
)
_YEAR_FIRST = re.compile(
    r"(?<!\d)(\d{4})(?:\s*[-/.年년]\s*(\d{1,2})(?:\s*[-/.月월]\s*(\d{1,2})(?!\d))?)?(?!\d)"
)
# `20211130`, with or without a time behind it; PDF puts `D:` before it.
_COMPACT = re.compile(r"(?:D:)?(\d{4})(\d\d)(\d\d)(?:T?(?:\d{4}|\d{6})\D.*|T?(?:\d{4}|\d{6}))?")
_YEAR_LAST = re.compile(
    r"(?<![\d/.-])(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})(?![\d/.-]*\d)"
)
_SECONDS = re.compile(r"(\d{10})(?:\d{3})?")  # since 1970; with three digits more, milliseconds
_BETWEEN_WORDS = re.compile(r"[\s\d.,;:/()|\-–—]+")
_NUMBERS = re.compile(r"\d+")

# Month names and their usual abbreviations, without accents, as `_folded` leaves them: English,
# German, French, Spanish, Italian, Portuguese, Catalan, Dutch, Swedish, Danish, Norwegian, Finnish,
# Estonian, Latvian, Lithuanian, Polish, Czech, Slovak, Slovene, Croatian, Russian, Ukrainian,
# Bulgarian, Romanian, Hungarian, Turkish, Greek, Indonesian, Arabic, Persian (Gregorian), Hebrew,
# Hindi.
_MONTHS = """
jan january januar janner janvier janv enero ene gennaio gen janeiro gener januari tammikuu
  tammikuuta jaanuar janvaris janvari sausio sausis styczen stycznia leden ledna sijecanj
  sijecnja январь января янв сичень січень сiчня січня януари ian ianuarie januara ocak
  ιανουαριος ιανουαριου ιαν يناير ژانویه ינואר जनवरी
feb february februar fevrier fevr febrero febbraio fevereiro fev febrer februari helmikuu
  helmikuuta veebruar februaris februari vasario vasaris luty lutego unor unora veljaca veljace
  февраль февраля фев лютий лютого февруари februarie februara subat φεβρουαριος φεβρουαριου φεβ
  فبراير فوریه פברואר फरवरी
mar march marz maerz mars marzo marco marc maart marts maaliskuu maaliskuuta marts kovo kovas
  marzec marca brezen brezna ozujak ozujka март марта мар березень березня martie marcius mart
  μαρτιος μαρτιου μαρ مارس מרץ मार्च marec martsil
apr april avril avr abril abr aprile huhtikuu huhtikuuta aprill aprilis aprili balandzio
  balandis kwiecien kwietnia duben dubna travanj travnja апрель апреля апр квітень квітня април
  aprilie nisan απριλιος απριλιου απρ ابريل آوریل אפריל अप्रैल aprila
may mai mayo maggio mag maio maig mei maj toukokuu toukokuuta maijs maija geguzes geguze maja
  kveten kvetna svibanj svibnja май мая травень травня май majus mayis μαιος μαιου μαι مايو مه
  מאי मई
jun june juni juin junio giugno giu junho juny kesakuu kesakuuta juuni junijs junija birzelio
  birzelis czerwiec czerwca cerven cervna lipanj lipnja июнь июня июн червень червня юни iunie
  iun junius haziran ιουνιος ιουνιου ιουν يونيو ژوئن יוני जून juna
jul july juli juillet juil julio luglio lug julho juliol heinakuu heinakuuta juuli julijs julija
  liepos liepa lipiec lipca cervenec cervence srpanj srpnja июль июля июл липень липня юли iulie
  iul julius temmuz ιουλιος ιουλιου ιουλ يوليو ژوئیه יולי जुलाई jula
aug august aout agosto ago augustus augusti agost elokuu elokuuta augusts augusta rugpjucio
  rugpjutis sierpien sierpnia srpen srpna kolovoz kolovoza август августа авг серпень серпня
  augusztus agustos αυγουστος αυγουστου αυγ agustus اغسطس اوت אוגוסט अगस्त
sep sept september septembre septiembre settembre set setembro setembre syyskuu syyskuuta
  septembris septembri rugsejo rugsejis wrzesien wrzesnia zari rujan rujna сентябрь сентября сен
  сент вересень вересня септември septembrie szeptember eylul σεπτεμβριος σεπτεμβριου σεπ سبتمبر
  سپتامبر ספטמבר सितंबर septembra
oct october oktober octobre octubre ottobre ott outubro octubre okt lokakuu lokakuuta oktoober
  oktobris oktobri spalio spalis pazdziernik pazdziernika rijen rijna listopad октябрь октября
  окт жовтень жовтня октомври octombrie ekim οκτωβριος οκτωβριου οκτ اكتوبر اکتبر אוקטובר
  अक्टूबर out oktobra
nov november novembre noviembre novembro marraskuu marraskuuta novembris novembri lapkricio
  lapkritis listopada listopadu studeni studenoga ноябрь ноября ноя нояб листопад листопада
  ноември noiembrie noi kasim νοεμβριος νοεμβριου νοε نوفمبر نوامبر נובמבר नवंबर nopember
  novembra
dec december decembre diciembre dic dicembre dezembro dez dezember desembre joulukuu joulukuuta
  detsember decembris decembri gruodzio gruodis grudzien grudnia prosinec prosince prosinac
  prosinca декабрь декабря дек грудень грудня декември decembrie aralik δεκεμβριος δεκεμβριου
  δεκ desember ديسمبر دسامبر דצמבר दिसंबर decembra
"""


def iso(text: str | None) -> str | None:
    """The date in `text` as `2021-11-30`, `2021-11` or `2021`; None where it has none.

    The day is the one written, in whatever time zone that was. Day and month are never guessed
    between: of 3/4/2021 only the year is sure.

    >>> iso("Nov. 30, 2021"), iso("Tue, 30 Nov 2021 23:30:00 -0500"), iso("30 ноября 2021 г.")
    ('2021-11-30', '2021-11-30', '2021-11-30')
    >>> iso("3/4/2021"), iso("30/11/2021"), iso("November 2021")
    ('2021', '2021-11-30', '2021-11')
    >>> iso("yesterday"), iso("31 February 2021"), iso("0000-00-00")
    (None, None, None)
    """
    told = (text or "").strip()
    if not told or len(told) > _LONGEST:
        return None
    told = " ".join(told.split())
    for digits, one in ((_COMPACT, _dated), (_SECONDS, _since_1970)):
        found = digits.fullmatch(told)
        if found:
            return one(*found.groups())
    months = {_MONTH_OF[word] for word in _words(told) if word in _MONTH_OF}
    return _named(told, months) if months else _numbered(told)


def _since_1970(seconds: str) -> str | None:
    when = datetime.fromtimestamp(int(seconds), UTC)
    return _dated(str(when.year), str(when.month), str(when.day))


def _words(told: str) -> list[str]:
    return _BETWEEN_WORDS.split(_folded(told))


def _named(told: str, months: set[int]) -> str | None:
    """A date whose month is a word; one number more than day and year, and nothing is sure."""
    if len(months) == 2:  # "mar. 30 nov. 2021": martes, mardi, martedi
        months.discard(3)
    numbers = _NUMBERS.findall(_TIME.sub(" ", told))
    years = [one for one in numbers if len(one) == 4]
    days = [one for one in numbers if len(one) <= 2]
    if len(months) != 1 or len(years) != 1 or len(days) > 1 or len(numbers) > 2:
        return None
    return _dated(years[0], str(*months), *days)


def _numbered(told: str) -> str | None:
    last = _YEAR_LAST.findall(told)
    if len(last) == 1:
        one, other, year = last[0]
        if int(one) > 12 or one == other:
            return _dated(year, other, one)
        return _dated(year, one, other) if int(other) > 12 else _dated(year)
    dates = _TIME.sub(" ", told)
    first = [found for found in _YEAR_FIRST.findall(dates) if _sane(found[0])]
    if len(first) != 1 or (not first[0][1] and len(_NUMBERS.findall(dates)) > 1):
        return None
    return _dated(*filter(None, first[0]))


def _sane(year: str) -> bool:
    return _FIRST_YEAR <= int(year) <= _LAST_YEAR


def _dated(year: str, month: str | None = None, day: str | None = None) -> str | None:
    """ISO 8601, where there was such a day."""
    try:
        whole = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    if not _sane(year):
        return None
    return whole.isoformat()[: 10 if day else 7 if month else 4]


def _folded(text: str) -> str:
    """Lower case without accents.

    >>> _folded("Août"), _folded("KASIM")
    ('aout', 'kasim')
    """
    apart = unicodedata.normalize("NFKD", text.replace("ı", "i").casefold())
    return "".join(one for one in apart if not unicodedata.combining(one))


_MONTH_OF = {
    _folded(name): number
    for number, names in enumerate(re.split(r"\n(?! )", _MONTHS.strip()), start=1)
    for name in names.split()
}
