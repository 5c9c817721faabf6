"""What is printed on a pass, and on the preview of a link, in words."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from babel import dates

from app import config
from app.aws import objects
from app.conferences.rules import Conference
from app.core.ids import letters
from app.core.text import LANGUAGES
from app.passes.layout import PassFace
from app.passes.preview import Preview
from app.registrations.models import Registration

LABELS = {
    "ko": {"code_label": "참가증 코드", "when_label": "일시", "where_label": "장소"},
    "en": {"code_label": "Pass code", "when_label": "When", "where_label": "Where"},
}
CUTTING = {
    "ko": "모서리 표시를 따라 자르거나, 점선을 따라 두 번 접어 A6 이름표 케이스에 넣으세요.",
    "en": "Cut along the corner marks, or fold twice at the dashed lines for an A6 badge holder.",
}
MONTH_AND_WEEKDAY = {"ko": ("M월", "EEEE"), "en": ("MMMM", "EEEE")}
DAYS = {"ko": "y년 M월 d일 (E)", "en": "EEE d MMM y"}


def of(registration: Registration, conference: Conference, pass_code: str) -> PassFace:
    """The face of a registration's pass, in the language of the sign-up."""
    language = registration.language
    other = next(one for one in LANGUAGES if one != language)
    ticket_type = conference.require_type(int(registration.type_id))
    return PassFace(
        conference_name=conference.name.in_(language),
        subtitle=_second(conference.name.in_(language), conference.name.in_(other)),
        logo=_media(conference.logo and f"{conference.logo}.png"),
        colour=conference.colour,
        name=registration.name,
        company=registration.company,
        ticket_type=ticket_type.name.in_(language),
        ticket_type_small=_second(ticket_type.name.in_(language), ticket_type.name.in_(other)),
        ticket_order=ticket_type.order,
        letters=letters(int(registration.registration_id)),
        when=_when(conference, language),
        where=_lines(conference.venue.in_(language), conference.city.in_(language)),
        pass_code=pass_code,
        **LABELS[language],
    )


def preview_of(conference: Conference, language: str) -> Preview:
    """What the preview of a link to the conference shows."""
    begins = _at(conference.starts_at, conference.zone)
    month, weekday = (
        _written(begins, pattern, language) for pattern in MONTH_AND_WEEKDAY[language]
    )
    place = _lines(conference.venue.in_(language), conference.city.in_(language))
    return Preview(
        title=conference.name.in_(language),
        tagline=conference.tagline.in_(language),
        details=_lines(f"{_day(begins, language)} {_clock(begins)}", ", ".join(place)),
        month=month,
        day=str(begins.day),
        weekday=weekday,
        colour=conference.colour,
        logo=_media(conference.logo and f"{conference.logo}.png"),
        cover=_media(conference.cover),
    )


def _second(first: str, second: str) -> str:
    return "" if second == first else second


def _lines(*lines: str) -> tuple[str, ...]:
    return tuple(line for line in lines if line)


def _when(conference: Conference, language: str) -> tuple[str, ...]:
    begins, ends = (_at(ms, conference.zone) for ms in (conference.starts_at, conference.ends_at))
    day = _day(begins, language)
    if begins.date() == ends.date():
        return (
            day,
            f"{_clock(begins)}–{_clock(ends)} {_zone(begins, conference.zone, language)}".strip(),
        )
    return day, f"{_clock(begins)} –", _day(ends, language), _clock(ends)


def _day(moment: datetime, language: str) -> str:
    return _written(moment, DAYS[language], language)


def _written(moment: datetime, pattern: str, language: str) -> str:
    return dates.format_datetime(moment, pattern, locale=language)


def _clock(moment: datetime) -> str:
    return f"{moment.hour}:{moment.minute:02}"


def _zone(moment: datetime, zone: str, language: str) -> str:
    """The zone's short name; Korean readers know Korean time."""
    return "" if (zone, language) == ("Asia/Seoul", "ko") else moment.strftime("%Z")


def _at(ms: int, zone: str) -> datetime:
    return datetime.fromtimestamp(ms / 1000, ZoneInfo(zone))


def _media(file: str | None) -> bytes | None:
    return objects.get(config.settings.site_bucket, f"media/{file}") if file else None
