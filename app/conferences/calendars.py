"""Calendar files (RFC 5545), with the rules of the conference's zone in them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from app import config
from app.conferences.rules import Conference
from app.core.clock import MINUTE, now_ms

_REMINDER = timedelta(minutes=10)


def of_conference(
    conference: Conference, language: str, uid: str, url: str, sequence: int
) -> bytes:
    """The conference as one entry. `uid` stays the same through all changes, `sequence` counts
    them; `url` leads to the pass."""
    event = _event(conference, uid, conference.starts_at, conference.ends_at)
    event.add("summary", conference.name.in_(language))
    event.add("location", _where(conference, language))
    event.add("url", url)
    event.add("sequence", sequence)
    if conference.contact:
        event.add("contact", conference.contact)
    return _file(conference, event, conference.starts_at, conference.ends_at)


def of_opening(conference: Conference, language: str) -> bytes:
    """The opening of registration as one entry, with a reminder ten minutes before."""
    from icalendar import Alarm

    address = f"{config.settings.public_url}/c/{conference.slug}?lang={language}"
    ends_at = conference.opens_at + 15 * MINUTE
    event = _event(conference, f"opening-{conference.conference_id}", conference.opens_at, ends_at)
    title = conference.name.in_(language)
    summary = {"ko": f"{title} 참가 신청 시작", "en": f"{title}: registration opens"}
    event.add("summary", summary[language])
    event.add("url", address)
    event.add("description", address)
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary[language])
    alarm.add("trigger", -_REMINDER)
    event.add_component(alarm)
    return _file(conference, event, conference.opens_at, ends_at)


def _event(conference: Conference, uid: str, start: int, end: int) -> Any:
    from icalendar import Event

    event = Event()
    event.add("uid", f"{uid}@lanyard")
    event.add("dtstamp", datetime.fromtimestamp(now_ms() // 1000, UTC))
    event.add("dtstart", _at(start, conference.zone))
    event.add("dtend", _at(end, conference.zone))
    return event


def _file(conference: Conference, event: Any, start: int, end: int) -> bytes:
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//Lanyard//Lanyard//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    first, last = _year(start, conference.zone), _year(end, conference.zone)
    calendar.add_component(_zone_rules(conference.zone, first, last))
    calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


@lru_cache(maxsize=64)
def _zone_rules(zone: str, first_year: int, last_year: int) -> Any:
    """The rules of a zone as VTIMEZONE; working them out takes longer than all the rest."""
    from icalendar import Timezone

    first, last = date(first_year, 1, 1), date(last_year + 1, 1, 1)
    return Timezone.from_tzid(zone, first_date=first, last_date=last)


def _where(conference: Conference, language: str) -> str:
    parts = (conference.venue.in_(language), conference.city.in_(language))
    return ", ".join(part for part in parts if part)


def _at(ms: int, zone: str) -> datetime:
    return datetime.fromtimestamp(ms // 1000, ZoneInfo(zone))


def _year(ms: int, zone: str) -> int:
    return _at(ms, zone).year
