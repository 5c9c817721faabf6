"""A conference as search engines read it: schema.org's Event (https://schema.org/Event). Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.conferences.rules import TAKES_SIGN_UPS, Conference, SignUpState

_SCHEMA = "https://schema.org"
# Of a conference that takes no sign-ups, nothing is said of seats.
_AVAILABLE = {
    SignUpState.OPEN: "InStock",
    SignUpState.FEW: "LimitedAvailability",
    SignUpState.FULL: "SoldOut",
}


def event(
    conference: Conference, state: SignUpState, language: str, url: str, image: str
) -> dict[str, Any]:
    """The conference in a language; `url` is its page, `image` a picture of it."""
    cancelled = state is SignUpState.CANCELLED
    place = {"@type": "Place", "name": conference.venue.in_(language)}
    found: dict[str, Any] = {
        "@context": _SCHEMA,
        "@type": "Event",
        "name": conference.name.in_(language),
        "description": conference.description.in_(language) or conference.tagline.in_(language),
        "startDate": _at(conference.starts_at, conference.zone),
        "endDate": _at(conference.ends_at, conference.zone),
        "eventStatus": f"{_SCHEMA}/{'EventCancelled' if cancelled else 'EventScheduled'}",
        "eventAttendanceMode": f"{_SCHEMA}/OfflineEventAttendanceMode",
        "location": place | {"address": conference.city.in_(language)},
        "inLanguage": language,
        "isAccessibleForFree": True,
        "url": url,
        "image": image,
    }
    return found | ({"offers": _offer(state, url)} if state in TAKES_SIGN_UPS else {})


def _offer(state: SignUpState, url: str) -> dict[str, Any]:
    return {
        "@type": "Offer",
        "price": 0,
        "priceCurrency": "KRW",
        "availability": f"{_SCHEMA}/{_AVAILABLE[state]}",
        "url": url,
    }


def _at(ms: int, zone: str) -> str:
    return datetime.fromtimestamp(ms // 1000, ZoneInfo(zone)).isoformat()
