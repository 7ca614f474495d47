"""Dates as pages, mails and tables write them → ISO 8601, or nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.convert import dates
from ingest.convert.dates import iso
from ingest.read import iso_date
from tests.clock import at_most


@pytest.mark.parametrize(
    "text",
    [
        "2021-11-30", "2021-11-30T23:30:00Z", "2021-11-30 10:00:00+02:00", "2021-11-30T10:00:00-0500",
        "20211130", "20211130T101112Z", "20211130101112", "D:20211130120000+02'00'", "2021/11/30",
        "2021.11.30.", "30.11.2021", "30/11/2021", "11/30/2021", "30-11-2021", "30-Nov-2021",
        "30 November 2021", "Nov. 30, 2021", "November 30th, 2021, 5:00 PM", "30 NOV 2021 17.05",
        "Published: 30 November 2021", "Tue Nov 30 12:00:00 2021", "Tue, 30 Nov 2021 12:00:00 -0500",
        "30. November 2021", "le 30 novembre 2021", "mar. 30 nov. 2021", "30 de noviembre de 2021",
        "30 novembre 2021", "30 de novembro de 2021", "30 november 2021", "30. marraskuuta 2021",
        "30 listopada 2021", "30. november 2021", "30 ноября 2021 г., 10:15", "30 листопада 2021",
        "30 ноември 2021", "30 noiembrie 2021", "2021. november 30.", "30 Kasım 2021",
        "30 Νοεμβρίου 2021", "2021年11月30日", "2021년 11월 30일", "٣٠ نوفمبر ٢٠٢١",
        "30 נובמבר 2021", "३० नवंबर २०२१", "1638230400", "1638230400000",
    ],
)  # fmt: skip
def test_a_day_is_found_however_it_is_written(text: str) -> None:
    assert iso(text) == "2021-11-30"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2021", "2021"), ("2021-11", "2021-11"), ("November 2021", "2021-11"), ("1er août 2021", "2021-08-01"),
        ("2021年11月", "2021-11"), ("2021-1-5", "2021-01-05"), ("3 May 2021", "2021-05-03"),
        ("4/4/2021", "2021-04-04"),
    ],
)  # fmt: skip
def test_what_is_not_said_is_left_out(text: str, found: str) -> None:
    assert iso(text) == found


@pytest.mark.parametrize("text", ["3/4/2021", "03.04.2021", "12-11-2021"])
def test_day_and_month_are_not_guessed_between(text: str) -> None:
    assert iso(text) == "2021"


@pytest.mark.parametrize(
    "text",
    [
        None, "", "  ", "yesterday", "vor 3 Stunden", "Tuesday", "November", "30 November", "10:30",
        "31 February 2021", "2021-02-31", "31.02.2021", "13/13/2021", "0/0/2021", "2021-13-01",
        "0000-00-00", "0000", "9999-12-31", "1400-09-09", "2564", "30/11/21", "12.5", "²⁰²¹",
        "5 days after 30 November 2021", "2021-11-30 to 2021-12-05", "October or November 2021",
        "30 November 2021 2022", "call 2021-5550-1234", "1" * 400, "2021-11-30" + " " * 5 + "x" * 200,
    ],
)  # fmt: skip
def test_what_is_no_date_is_none(text: str | None) -> None:
    assert iso(text) is None


@given(st.dates(date(1500, 1, 1), date(2199, 12, 31)))
def test_every_day_survives_the_ways_that_machines_write_it(day: date) -> None:
    when = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    told = {day.isoformat(), when.isoformat(), format_datetime(when), day.strftime("%Y%m%d")}
    assert {iso(one) for one in told} == {day.isoformat()}


@given(st.text(max_size=120) | st.from_regex(r"[\d/.:T \-Nov]{1,40}", fullmatch=True))
def test_whatever_comes_out_is_a_date(text: str) -> None:
    found = iso(text)
    assert found is None or iso_date(found) == found


def test_hostile_text_takes_no_time() -> None:
    with at_most(5):
        for text in ("1" * 10_000_000, "1:1" * 3_000_000, " " * 10_000_000, "2021-" * 20):
            iso(text)


def test_every_month_has_names() -> None:
    assert sorted(set(dates._MONTH_OF.values())) == list(range(1, 13))
    assert min(map(len, dates._MONTH_OF)) > 1
