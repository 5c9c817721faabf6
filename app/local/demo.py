"""The demo conference: what a new folder of data shows. Local mode only.

Its dates are relative to now, so that it is always open.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from app.conferences import service as conferences
from app.conferences.rules import Conference, Publication, TicketType
from app.core import cache
from app.core.clock import DAY, now_ms
from app.core.errors import NotFound
from app.core.text import Localised
from app.passes import service as passes
from app.registrations import rules
from app.registrations import service as registrations
from app.registrations.rules import Person
from app.registrations.service import Attempt

SLUG = "demo"
ZONE = "Asia/Seoul"
LOGO = Path(__file__).with_name("demo_logo.png")
COVER = Path(__file__).with_name("demo_cover.jpg")

CONSENT = Localised(
    ko="참가 신청을 위한 [개인정보 수집·이용]에 동의합니다. 행사 90일 뒤 지웁니다.",
    en="I agree to the [use of my details] for this conference. Erased 90 days after it.",
)
PRIVACY = Localised(
    ko="""수집하는 항목: 이름, 이메일, 그리고 적으신 경우 휴대전화와 소속.

쓰는 곳: 참가 신청을 받고, 참가증을 만들어 보내고, 행사장 입구에서 확인하는 데에만 \
씁니다. 다른 곳에 넘기지 않습니다.

보관 기간: 행사가 끝나고 90일이 지나면 지웁니다. 그 전에도 참가증 화면에서 신청을 \
취소할 수 있습니다.

동의하지 않을 수 있습니다. 다만 그 경우 참가 신청을 받을 수 없습니다.

문의: hello@example.com""",
    en="""What we collect: your name and e-mail address, and your mobile phone and company if you \
enter them.

What for: to take your registration, to make and send your pass, and to check it at the door. It \
goes nowhere else.

How long: it is erased 90 days after the conference. You can cancel before that on the page of \
your pass.

You may decline. Then we cannot register you.

Questions: hello@example.com""",
)
PEOPLE = ("이서준", "박하은", "최도윤", "정서연", "Ada Nowak", "강지호", "윤수아", "Tomás Ruiz")


def ensure() -> None:
    """Have the demo conference ready: create it, finish what a start that was killed left undone,
    move its dates if they are nearly past. A draft is one that is not finished."""
    try:
        demo = conferences.by_slug(SLUG)
    except NotFound:
        demo = _create()
    if demo.publication is Publication.DRAFT:
        _finish(demo)
    elif demo.closes_at < now_ms() + DAY:
        conferences.change(demo.conference_id, **_times())
    cache.clear_all()  # or the first pages would show the seats of the beginning


def _create() -> Conference:
    return conferences.create(
        Conference(
            conference_id=0,
            slug=SLUG,
            name=Localised(ko="가람 개발자 콘퍼런스", en="Garam Developer Conference"),
            tagline=Localised(ko="강을 따라 모이는 개발자들", en="Developers by the river"),
            description=Localised(
                ko="웹, 데이터, 운영. 현장에서 배운 것을 서로 나누는 하루입니다."
                " 발표는 한국어로 하고 영어 자막이 있습니다.",
                en="Web, data, operations: a day of telling each other what work has taught us."
                " Talks are in Korean, with English captions.",
            ),
            venue=Localised(ko="물빛컨벤션센터 3층", en="Mulbit Convention Centre, 3rd floor"),
            city=Localised(ko="서울", en="Seoul"),
            zone=ZONE,
            contact="hello@example.com",
            colour="#0b5563",
            consent=conferences.consent(CONSENT, PRIVACY),
            **_times(),
        )
    )


def _finish(demo: Conference) -> None:
    """Every step may be done again: the last one publishes."""
    number = demo.conference_id
    for ticket_type in TICKET_TYPES[len(demo.ticket_types) :]:
        conferences.add_ticket_type(number, ticket_type)
    conferences.set_logo(number, LOGO.read_bytes())
    conferences.set_cover(number, COVER.read_bytes())
    passes.signing_key(number)
    _sign_up_people(conferences.read(number))
    conferences.change(number, publication=Publication.OPEN)


def _type(ko: str, en: str, text_ko: str, text_en: str, capacity: int) -> TicketType:
    return TicketType(0, Localised(ko=ko, en=en), Localised(ko=text_ko, en=text_en), capacity, 0)


TICKET_TYPES = (
    _type("일반 참가", "Full pass", "모든 발표와 점심", "All talks and lunch", 2000),
    _type(
        "실습 워크숍",
        "Workshop",
        "발표와 오후 실습, 노트북 지참",
        "Talks and the afternoon workshop; bring a laptop",
        12,
    ),
)


def _times() -> dict[str, Any]:
    """Open since a week, closing in four, held the week after, on whole hours."""
    now = datetime.fromtimestamp(now_ms() / 1000, ZoneInfo(ZONE))
    today = now.replace(minute=0, second=0, microsecond=0)
    days = {
        "opens_at": (-7, 10),
        "closes_at": (28, 18),
        "starts_at": (35, 10),
        "ends_at": (35, 18),
    }
    return {name: _ms(today + timedelta(days=day), hour) for name, (day, hour) in days.items()}


def _ms(day: datetime, hour: int) -> int:
    return int(day.replace(hour=hour).timestamp()) * 1000


def _sign_up_people(demo: Conference) -> None:
    """The second ticket type is almost full from the beginning."""
    workshop = demo.ticket_types[1]
    for number, name in enumerate(PEOPLE, 1):
        person = Person(name, f"attendee{number}@example.com", company="물결소프트")
        key = secrets.token_urlsafe(16)
        registrations.register(
            Attempt(
                conference=demo,
                ticket_type=workshop,
                person=person,
                submission=rules.submission_hash(key, demo.conference_id, workshop.type_id, person),
                language="ko",
                consented=True,
            )
        )
