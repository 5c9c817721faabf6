"""The conferences that the browser tests visit beside the demo, made by a command that joins the
server's cloud: `python -m tests.browser.conferences SLUG...` prints when each opens (ms UTC)."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import Any

from app.conferences import service as conferences
from app.conferences.rules import Asked, Conference, Promotion, Publication
from app.core.clock import DAY, HOUR, SECOND, now_ms
from app.core.text import Localised
from tests import cast

SOON = 6 * SECOND
LONG_NAME = Localised(
    ko="가람강유역개발자공동체연합국제학술콘퍼런스와 함께하는 데이터와 운영과 웹의 하루",
    en="Donaudampfschifffahrtsgesellschaftskonferenz for developers of the whole river basin",
)
# As long as German words are; a line of a phone holds some 40 letters.
GERMAN: dict[str, Any] = {
    "name": LONG_NAME,
    "tagline": Localised(
        ko="강을따라모이는개발자들의소프트웨어품질향상과운영자동화를위한이야기",
        en="Geschwindigkeitsbegrenzungsüberwachungssoftwareentwicklungserfahrungen, shared",
    ),
    "venue": Localised(
        ko="물빛컨벤션센터국제회의동대회의장 3층 동쪽",
        en="Donaudampfschifffahrtsgesellschaftskongresszentrum, Haupteingangshalle 3",
    ),
    "city": Localised(ko="서울특별시", en="Niederösterreichische Landeshauptstadt"),
    "ticket_types": (
        cast.ticket_type(
            "일반참가자통합입장권과점심식사포함", "Veranstaltungsgesamtteilnahmeberechtigung", 20
        ),
        cast.ticket_type(
            "실습워크숍참가권노트북지참필수", "Softwareentwicklungsarbeitsgruppenplatz", 1
        ),
    ),
    "consent": conferences.consent(
        Localised(
            ko="[개인정보수집·이용에관한안내문]을 읽고 이해했으며 동의합니다.",
            en="Ich stimme der [Datenschutzgrundverordnungseinwilligungserklärung] zu.",
        ),
        Localised(ko="이름과 이메일.", en="Personenkennzeichnungsdatenverarbeitungsgrundsätze."),
    ),
}


def changes(now: int) -> dict[str, dict[str, Any]]:
    """How each conference differs from the usual one, by slug."""
    one_seat = (cast.ticket_type("일반 참가", "Full pass", 1),)
    return {
        "early": {"opens_at": now + 10 * DAY},
        "opening": {"opens_at": now + SOON},
        "few": {"ticket_types": (cast.ticket_type("일반 참가", "Full pass", 3),)},
        "full": {"ticket_types": one_seat},
        "closed": {"closes_at": now - HOUR},
        "over": {"starts_at": now - 2 * DAY, "ends_at": now - DAY, "closes_at": now - 3 * HOUR},
        "cancelled": {"publication": Publication.CANCELLED},
        "draft": {"publication": Publication.DRAFT},
        "unlisted": {"publication": Publication.UNLISTED},
        "strict": {"phone": Asked.REQUIRED, "company": Asked.REQUIRED},
        "confirming": {"confirms_addresses": True},
        "requests": {
            "ticket_types": (replace(cast.ticket_type("발표", "Talk", 20), approval=True),)
        },
        "yellow": {"colour": "#ffc83d", "name": LONG_NAME, "consent": None},
        "german": GERMAN,
        "queue-ko": {"ticket_types": one_seat, "colour": "#e4572e"},
        "queue-en": {"ticket_types": one_seat, "colour": "#111111"},
        "offers-ko": {"ticket_types": one_seat, "promotion": Promotion.OFFER},
        "offers-en": {"ticket_types": one_seat, "promotion": Promotion.OFFER},
    }


def make(kind: str, slug: str | None = None) -> Conference:
    """Make one of them, under its own name or another."""
    conference = cast.make_conference(slug=slug or kind, **changes(now_ms())[kind])
    if kind == "full":
        cast.sign_up(conference, cast.ADA)
    return conference


def main() -> None:
    """Make those that are asked for."""
    import wsgi  # noqa: F401  joins the cloud

    opening = {slug: make(slug).opens_at for slug in sys.argv[1:]}
    sys.stdout.write(json.dumps(opening))


if __name__ == "__main__":
    main()
