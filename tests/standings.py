"""A registration in each standing, each at a conference of its own that nobody lists."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from app.conferences import service as conferences
from app.conferences.rules import Conference, Promotion, Publication
from app.core import clock
from app.core.clock import DAY, now_ms
from app.core.ids import random_token
from app.registrations import service
from app.registrations.models import Registration
from app.registrations.rules import Person
from tests import cast


def somebody(lang: str) -> Person:
    """A person whose address nobody else has: what it may do in a day is limited."""
    name = {"ko": cast.KIM, "en": cast.ADA}[lang]
    return replace(name, email=f"{random_token()[:12].lower()}@example.com")


class Maker:
    """Makes them, in one language, for one person or always another; `changes` are what the
    conference has of its own."""

    def __init__(self, lang: str, who: Person | None = None, **changes: Any) -> None:
        self.lang = lang
        self.who = who
        self.changes = changes

    def confirmed(self) -> Registration:
        """A place."""
        return self._sign_up(self._conference())

    def given(self) -> Registration:
        """Somebody else's place, given away."""
        return service.transfer(self.confirmed(), somebody(self.lang))

    def waiting(self) -> Registration:
        """In line behind the only seat."""
        return self._in_line(self._conference())[1]

    def promoted(self) -> Registration:
        """The seat came free."""
        return self._next(self._conference())

    def offered(self) -> Registration:
        """The seat came free, and is to be accepted."""
        return self._next(self._conference(promotion=Promotion.OFFER))

    def run_out(self) -> Registration:
        """Offered, and not accepted in time."""
        clock.set_source(_three_days_ago)
        offered = self.offered()
        clock.set_source(None)
        service.run_out(int(offered.registration_id))
        offered.refresh(consistent_read=True)
        return offered

    def turned_down(self) -> Registration:
        """Offered, and declined."""
        return service.cancel(self.offered())

    def held(self) -> Registration:
        """The address is to be confirmed."""
        return self._sign_up(self._conference(confirms_addresses=True))

    def pending(self) -> Registration:
        """The organiser decides."""
        return self._sign_up(self._on_request())

    def approved(self) -> Registration:
        """The organiser said yes."""
        return service.approve(self.pending())

    def declined(self) -> Registration:
        """The organiser said no."""
        return service.decline(self.pending())

    def withdrawn(self) -> Registration:
        """Asked for, and then not wanted any more."""
        return service.cancel(self.pending())

    def left(self) -> Registration:
        """Waited, and does not any more."""
        return service.cancel(self.waiting())

    def cancelled(self) -> Registration:
        """Given back."""
        return service.cancel(self.confirmed())

    def called_off(self) -> Registration:
        """A place at a conference that will not take place."""
        registration = self.confirmed()
        number = int(registration.conference_id)
        conferences.change(number, publication=Publication.CANCELLED)
        return registration

    def over(self) -> Registration:
        """A place at a conference that has been."""
        clock.set_source(_three_days_ago)
        now = now_ms()
        registration = self._sign_up(self._conference(starts_at=now + DAY, ends_at=now + 2 * DAY))
        clock.set_source(None)
        return registration

    def _conference(self, **changes: Any) -> Conference:
        slug = f"of-{random_token().lower().replace('_', '-').strip('-')[:20]}x"
        seat = cast.ticket_type("일반 참가", "Full pass", 1)
        usual = {"publication": Publication.UNLISTED, "ticket_types": (seat, seat)}
        return cast.make_conference(slug=slug, **(usual | self.changes | changes))

    def _on_request(self) -> Conference:
        talk = cast.ticket_type("발표", "Talk", 1)
        types = self.changes.get("ticket_types", (talk,))
        return self._conference(ticket_types=tuple(replace(one, approval=True) for one in types))

    def _sign_up(
        self, conference: Conference, who: Person | None = None, type_id: int = 1
    ) -> Registration:
        who = who or self.who or somebody(self.lang)
        attempt = replace(cast.attempt(conference, who, type_id), language=self.lang)
        return service.register(attempt).registration

    def _in_line(self, conference: Conference) -> tuple[Registration, Registration]:
        """Who holds the last seat, and who waits for it."""
        last = conference.ticket_types[-1]
        holders = [
            self._sign_up(conference, somebody(self.lang), last.type_id)
            for _ in range(last.capacity)
        ]
        return holders[0], self._sign_up(conference, type_id=last.type_id)

    def _next(self, conference: Conference) -> Registration:
        holder, waits = self._in_line(conference)
        service.cancel(holder)
        waits.refresh(consistent_read=True)
        return waits


def _three_days_ago() -> int:
    return time.time_ns() // 1_000_000 - 3 * DAY
