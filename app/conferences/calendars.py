"""Calendar files (RFC 5545), with the rules of the conference's zone in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from app import config
from app.conferences.rules import Conference
from app.core.clock import MINUTE, now_ms

_REMINDER = timedelta(minutes=10)


@dataclass(frozen=True)
class Entry:
    """What makes one attendee's entry: `uid` stays the same through all changes, `sequence` counts
    them, also `cancelled`, which takes it out of calendars."""

    uid: str
    sequence: int
    cancelled: bool = False


def of_conference(conference: Conference, language: str, entry: Entry) -> bytes:
    """The conference as one entry. It says where one finds the pass, but the pass link is not in
    it: see docs/decisions/0014-calendars-are-shared.md."""
    event = _event(conference, entry.uid, conference.starts_at, conference.ends_at)
    event.add("summary", conference.name.in_(language))
    event.add("location", _where(conference, language))
    event.add("url", _page(conference, language))
    if not entry.cancelled:
        event.add("description", _where_the_pass_is(language))
    event.add("sequence", entry.sequence)
    if conference.contact:
        event.add("contact", conference.contact)
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    method = "CANCEL" if entry.cancelled else "PUBLISH"
    return _file(conference, event, (conference.starts_at, conference.ends_at), method)


def of_opening(conference: Conference, language: str) -> bytes:
    """The opening of registration as one entry, with a reminder ten minutes before."""
    from icalendar import Alarm

    address = _page(conference, language)
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
    return _file(conference, event, (conference.opens_at, ends_at), "PUBLISH")


def _page(conference: Conference, language: str) -> str:
    return f"{config.settings.public_url}/c/{conference.slug}?lang={language}"


def _where_the_pass_is(language: str) -> str:
    address = f"{config.settings.public_url}/my?lang={language}"
    words = {
        "ko": "참가증은 받으신 메일에, 그리고 ‘내 참가증’에 있습니다:",
        "en": "Your pass is in the mail that you got, and in “My passes”:",
    }
    return f"{words[language]}\n{address}"


def _event(conference: Conference, uid: str, start: int, end: int) -> Any:
    from icalendar import Event

    event = Event()
    event.add("uid", f"{uid}@lanyard")
    event.add("dtstamp", datetime.fromtimestamp(now_ms() // 1000, UTC))
    event.add("dtstart", _at(start, conference.zone))
    event.add("dtend", _at(end, conference.zone))
    return event


def _file(conference: Conference, event: Any, span: tuple[int, int], method: str) -> bytes:
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//Lanyard//Lanyard//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    first, last = (_year(moment, conference.zone) for moment in span)
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
    """By the zone's clocks, but in UTC in the hour that clocks show twice: calendars would take it
    for the first one."""
    moment = datetime.fromtimestamp(ms // 1000, ZoneInfo(zone))
    return moment.astimezone(UTC) if moment.fold else moment


def _year(ms: int, zone: str) -> int:
    return _at(ms, zone).year
