"""Calendar files, read by dateutil: a parser that knows nothing of the one that wrote them."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil import tz

from app.conferences import calendars
from app.conferences.rules import Conference
from app.core.text import Localised
from tests import cast

ZONES = (
    *("Asia/Seoul", "Asia/Tokyo", "Asia/Kathmandu", "Asia/Tehran", "Europe/Berlin"),
    *("Europe/Dublin", "Europe/London", "Africa/Casablanca", "Africa/Cairo", "UTC"),
    *("America/New_York", "America/Los_Angeles", "America/Sao_Paulo", "America/St_Johns"),
    *("America/Phoenix", "Australia/Sydney", "Australia/Lord_Howe", "Pacific/Auckland"),
    *("Pacific/Chatham", "Pacific/Kiritimati"),
)
# In the northern winter and summer, at noon.
DAYS = ("2026-12-12 12:00", "2027-07-03 12:00")


def made(conference: Conference) -> bytes:
    """The calendar file of somebody who takes part."""
    entry = calendars.Entry("u", 1)
    return calendars.of_conference(conference, "ko", entry)


def at(zone: str, begins: str, hours: float) -> Conference:
    """A conference that begins at a moment of its zone's clocks, and lasts so long."""
    starts_at = (
        round(datetime.fromisoformat(begins).replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1000
    )
    ends_at = starts_at + round(hours * 3_600_000)
    return replace(cast.conference(), zone=zone, starts_at=starts_at, ends_at=ends_at)


def moments(content: bytes) -> list[int]:
    """Begin and end (ms UTC), by the rules that stand in the file and nowhere else."""
    text = re.sub(r"\r\n[ \t]", "", content.decode())
    rules = tz.tzical(io.StringIO(text))
    pattern = r"^DT(?:START|END)(?:;TZID=([^:]+))?:(\d{8}T\d{6})(Z?)\r$"
    found = re.findall(pattern, text.partition("BEGIN:VEVENT")[2], re.MULTILINE)
    read = [
        _read(moment).replace(tzinfo=UTC if is_utc else rules.get(zone))
        for zone, moment, is_utc in found
    ]
    return [round(moment.timestamp()) * 1000 for moment in read]


def _read(moment: str) -> datetime:
    return datetime.strptime(moment, "%Y%m%dT%H%M%S")  # noqa: DTZ007  its zone stands beside it


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("zone", ZONES)
def test_the_moments_are_right_in_and_out_of_summer_time(zone: str, day: str) -> None:
    conference = at(zone, day, 9)
    assert moments(made(conference)) == [conference.starts_at, conference.ends_at]


@pytest.mark.parametrize(
    ("zone", "eve"),
    [
        ("Europe/Berlin", "2027-03-27 20:00"),
        ("Europe/Berlin", "2027-10-30 20:00"),
        ("America/New_York", "2027-03-13 20:00"),
        ("America/New_York", "2027-11-06 20:00"),
        ("Australia/Lord_Howe", "2027-04-03 20:00"),
        ("Pacific/Auckland", "2026-12-31 20:00"),
    ],
)
def test_a_night_in_which_clocks_or_years_change(zone: str, eve: str) -> None:
    conference = at(zone, eve, 14)
    assert moments(made(conference)) == [conference.starts_at, conference.ends_at]


def test_a_moment_that_comes_twice_is_the_one_that_is_meant() -> None:
    """At 2:30 in the night in which Berlin's clocks go back, an hour and again."""
    first = datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    for moment in (first, first + timedelta(hours=1)):
        starts_at = round(moment.timestamp()) * 1000
        conference = replace(at("Europe/Berlin", DAYS[0], 1), starts_at=starts_at)
        conference = replace(conference, ends_at=starts_at + 3_600_000)
        assert moments(made(conference))[0] == starts_at


def test_lines_are_folded_at_octets_and_stay_utf_8() -> None:
    name = Localised({"ko": "가나다라마바사아자차카타파하" * 12, "en": "x"})
    content = made(replace(cast.conference(), name=name))
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert all(line.decode() for line in content.split(b"\r\n")[:-1])
    assert name["ko"] in content.decode().replace("\r\n ", "")


@pytest.mark.parametrize("odd", ["a;b,c\\d", "two\nlines", 'quote"d', "BEGIN:VALARM"])
def test_a_name_cannot_leave_its_line(odd: str) -> None:
    content = made(replace(cast.conference(), name=Localised({"ko": odd, "en": odd})))
    assert content.count(b"\r\nBEGIN:") == made(cast.conference()).count(b"\r\nBEGIN:")
