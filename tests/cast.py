"""The cast of the tests: one conference, a few people, what they do."""

from __future__ import annotations

import secrets
from typing import Any

from app.conferences import service as conferences
from app.conferences.models import SeatItem
from app.conferences.rules import Conference, Publication, TicketType
from app.core.clock import DAY, HOUR, now_ms
from app.core.text import Localised
from app.registrations import links, rules
from app.registrations import service as registrations
from app.registrations.models import Registration
from app.registrations.rules import Person
from app.registrations.service import Attempt, Outcome

KIM = Person("김하늘", "haneul.kim@example.com", "010-1234-5678", "물결소프트")
LEE = Person("이서준", "seojun.lee@example.com")
ADA = Person("Ada Nowak", "ada@example.com", company="Harbour Data")


def make_conference(**changes: Any) -> Conference:
    """A conference that is open now; 20 full passes and 2 places in the workshop."""
    return conferences.create(conference(**changes))


def fresh(registration: Registration) -> Registration:
    """A registration as it is now."""
    found = registrations.find(int(registration.registration_id))
    assert found is not None
    return found


def page_of(registration: Registration, part: str = "") -> str:
    """The way to its page, or to a page below it, in English."""
    return f"/passes/{links.secret_of(registration)}{part}?lang=en"


def conference(**changes: Any) -> Conference:
    """The same, kept nowhere."""
    now = now_ms()
    values: dict[str, Any] = {
        "conference_id": 0,
        "slug": "garam",
        "name": Localised(ko="가람 개발자 콘퍼런스", en="Garam Developer Conference"),
        "tagline": Localised(ko="강을 따라 모이는 개발자들", en="Developers by the river"),
        "description": Localised(ko="하루 동안 나눕니다.", en="A day together."),
        "venue": Localised(ko="물빛컨벤션센터 3층", en="Mulbit Convention Centre"),
        "city": Localised(ko="서울", en="Seoul"),
        "starts_at": now + 30 * DAY,
        "ends_at": now + 30 * DAY + 8 * HOUR,
        "opens_at": now - DAY,
        "closes_at": now + 20 * DAY,
        "zone": "Asia/Seoul",
        "contact": "hello@example.com",
        "colour": "#0b5563",
        "consent": conferences.consent(
            Localised(ko="[개인정보]에 동의합니다.", en="I agree to the [use of my details]."),
            Localised(ko="이름과 이메일.", en="Name and e-mail."),
        ),
        "publication": Publication.OPEN,
        "ticket_types": (
            ticket_type("일반 참가", "Full pass", 20),
            ticket_type("워크숍", "Workshop", 2),
        ),
    }
    return Conference(**(values | changes))


def ticket_type(ko: str, en: str, capacity: int) -> TicketType:
    """A ticket type, before it has a number."""
    return TicketType(0, Localised(ko=ko, en=en), Localised(), capacity, 0)


def seats(conference: Conference, type_id: int) -> dict[str, tuple[int, int]]:
    """Capacity and free seats of each counter ("0", "1", ...) and of the pool ("pool")."""
    return {
        row.seat.partition("#")[2]: (int(row.capacity), int(row.left))
        for row in SeatItem.scan(consistent_read=True)
        if row.seat.startswith(f"{conference.conference_id}.{type_id}#")
    }


def person(number: int) -> Person:
    """One of any number of people."""
    return Person(f"Person {number}", f"person{number}@example.com")


def attempt(
    conference: Conference, who: Person, type_id: int = 1, key: str | None = None
) -> Attempt:
    """A sign-up; two with the same key are the same form sent twice."""
    key = key or secrets.token_urlsafe(16)
    chosen = conference.require_type(type_id)
    return Attempt(
        conference=conference,
        ticket_type=chosen,
        person=who,
        submission=rules.submission_hash(key, conference.conference_id, type_id, who),
        language="ko",
        consented=True,
    )


def sign_up(conference: Conference, who: Person, type_id: int = 1) -> Registration:
    """Sign somebody up, and return the registration."""
    return outcome(conference, who, type_id).registration


def outcome(conference: Conference, who: Person, type_id: int = 1) -> Outcome:
    """Sign somebody up, and return what it came to."""
    return registrations.register(attempt(conference, who, type_id))


def form(who: Person, **changes: str) -> dict[str, str]:
    """What a browser sends."""
    return {
        "ticket_type": "1",
        "name": who.name,
        "email": who.email,
        "phone": who.phone,
        "company": who.company,
        "consent": "yes",
        **changes,
    }
