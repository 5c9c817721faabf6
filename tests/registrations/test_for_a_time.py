"""Seats held for a time: offers to those who wait, addresses to be confirmed; and what limits a
flood."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.aws import sent, tables
from app.conferences import rules as conference_rules
from app.conferences import service as conferences
from app.conferences.rules import Conference, Promotion, Publication
from app.core import clock
from app.core.clock import DAY, HOUR, MINUTE, now_ms
from app.core.errors import NotMovable, TimeIsUp, TooMany
from app.entrypoints import schedule
from app.notifications import service as notifications
from app.registrations import changing, debts, holding, rules, service, waiting
from app.registrations.models import Registration
from app.registrations.rules import Mail, Standing, State
from app.registrations.service import Found
from tests import cast, holds
from tests.cast import ADA, KIM, LEE, fresh

WORKSHOP = 2


@pytest.fixture
def offering(cloud: object) -> Conference:
    """A conference that offers what comes free; the workshop has 2 seats."""
    return cast.make_conference(promotion=Promotion.OFFER)


@pytest.fixture
def confirming(cloud: object) -> Conference:
    """A conference that has addresses confirmed; the workshop has 2 seats."""
    return cast.make_conference(confirms_addresses=True)


def full(conference: Conference) -> list[Registration]:
    return [cast.sign_up(conference, cast.person(number), WORKSHOP) for number in range(2)]


def wait_until(moment: int) -> None:
    clock.set_source(lambda: moment)


def offer_to(conference: Conference, *who: Any) -> list[Registration]:
    """As many wait; the first of them is offered a seat that has just come free."""
    holder, _ = full(conference)
    waits = [cast.sign_up(conference, one, WORKSHOP) for one in who]
    service.cancel(holder)
    return [fresh(one) for one in waits]


# ---- how long ----


@pytest.mark.parametrize(
    ("ahead", "hours", "lasts"),
    [
        (30 * DAY, 24, 24 * HOUR),
        (3 * DAY, 24, 24 * HOUR),
        (2 * DAY, 24, 16 * HOUR),
        (3 * HOUR, 24, HOUR),
        (3 * HOUR, 1, HOUR),
        (3 * MINUTE, 24, MINUTE),
    ],
)
def test_an_offer_lasts_a_third_of_the_time_that_is_left_at_most(
    offering: Conference, ahead: int, hours: int, lasts: int
) -> None:
    now = offering.starts_at - ahead
    until = conference_rules.offer_until(replace(offering, offer_hours=hours), now)
    assert until - now == lasts
    assert until < offering.starts_at


# ---- offers ----


def test_a_freed_seat_is_offered_and_held(offering: Conference) -> None:
    wait_until(offering.opens_at)
    first, second = offer_to(offering, KIM, LEE)
    assert (first.state, first.mail_owed) == (State.OFFERED, Mail.OFFERED)
    assert first.seat_until == offering.opens_at + 24 * HOUR
    assert second.state == State.WAITING
    assert waiting.position(second) == 1
    assert conferences.read_seats(offering)[WORKSHOP].left == 0
    assert not debts.owes_pass(first)
    assert holds.broken(offering) == []


def test_an_accepted_offer_is_a_place(offering: Conference) -> None:
    [offered] = offer_to(offering, KIM)
    confirmed = service.accept(offered)
    assert (confirmed.state, confirmed.mail_owed) == (State.CONFIRMED, Mail.CONFIRMED)
    assert not confirmed.seat_until
    with pytest.raises(NotMovable):
        service.accept(confirmed)
    assert holds.broken(offering) == []


def test_a_declined_offer_goes_to_the_next(offering: Conference) -> None:
    first, second = offer_to(offering, KIM, LEE)
    declined = service.cancel(first)
    assert (declined.state, declined.mail_owed) == (State.CANCELLED, Mail.LEFT)
    assert service.standing(declined, offering) is Standing.TURNED_DOWN
    assert fresh(second).state == State.OFFERED
    assert cast.outcome(offering, KIM, WORKSHOP).found is Found.NEW
    assert holds.broken(offering) == []


def test_an_offer_that_runs_out_goes_to_the_next(app: object, offering: Conference) -> None:
    first, second = offer_to(offering, KIM, LEE)
    wait_until(int(first.seat_until) - 1)
    assert schedule.every_five_minutes({}, None)["run_out"] == 0
    wait_until(int(first.seat_until))
    assert schedule.every_five_minutes({}, None)["run_out"] == 1
    gone, offered = fresh(first), fresh(second)
    assert (gone.state, service.standing(gone, offering)) == (State.CANCELLED, Standing.RUN_OUT)
    assert (offered.state, int(offered.seat_until) - now_ms()) == (State.OFFERED, 24 * HOUR)
    assert schedule.every_five_minutes({}, None)["run_out"] == 0
    assert holds.broken(offering) == []


def test_a_second_too_late_is_too_late(offering: Conference) -> None:
    first, second = offer_to(offering, KIM, LEE)
    wait_until(int(first.seat_until) + 1_000)
    with pytest.raises(TimeIsUp):
        service.accept(first)
    assert (fresh(first).state, fresh(second).state) == (State.CANCELLED, State.OFFERED)
    assert holds.broken(offering) == []


def test_the_last_moment_counts(offering: Conference) -> None:
    [offered] = offer_to(offering, KIM)
    wait_until(int(offered.seat_until) - 1)
    assert service.accept(offered).state == State.CONFIRMED
    assert not service.run_out(int(offered.registration_id))


def test_a_clock_that_jumps_back_takes_nothing(offering: Conference) -> None:
    [offered] = offer_to(offering, KIM)
    wait_until(now_ms() - 3 * DAY)
    assert not service.run_out(int(offered.registration_id))
    assert service.accept(offered).state == State.CONFIRMED


def accept_as_it_runs_out(offering: Conference, monkeypatch: pytest.MonkeyPatch) -> Registration:
    """Both have read the offer: Kim accepts in the last moment, the schedule finds it just over."""
    [offered] = offer_to(offering, KIM)
    real, until = changing.make, int(offered.seat_until)

    def make(registration: Registration, *args: Any) -> Registration:
        monkeypatch.setattr(holding, "make", real)
        wait_until(until - 1)
        service.accept(fresh(registration))
        wait_until(until)
        return real(registration, *args)

    monkeypatch.setattr(holding, "make", make)
    wait_until(until)
    service.run_out(int(offered.registration_id))
    return fresh(offered)


def test_an_accepted_offer_does_not_run_out(
    offering: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert accept_as_it_runs_out(offering, monkeypatch).state == State.CONFIRMED
    assert holds.broken(offering) == []


def test_without_the_condition_it_would(
    offering: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race is there: who has just been confirmed is put out."""

    def unguarded(*writes: Any, **options: Any) -> None:
        tables.commit(*(replace(write, condition=None) for write in writes), **options)

    monkeypatch.setattr(changing, "commit", unguarded)
    assert accept_as_it_runs_out(offering, monkeypatch).state == State.CANCELLED


def test_one_mail_an_offer(app: Any, offering: Conference) -> None:
    [offered] = offer_to(offering, KIM)
    number = int(offered.registration_id)
    with app.app_context():
        assert notifications.send_owed(number)
        assert not notifications.send_owed(number)
    [mail] = [one for one in sent.messages() if one.to == KIM.email]
    assert "/passes/" in mail.text
    kept = fresh(offered)
    assert kept.due_at == kept.seat_until  # from now on only the end of the offer is due
    assert number not in debts.due(int(kept.seat_until) - 1)
    assert number in debts.due(int(kept.seat_until))


def test_a_mail_put_off_does_not_put_off_the_end(offering: Conference) -> None:
    [offered] = offer_to(offering, KIM)
    put_off(offered, int(offered.seat_until) + HOUR)
    assert fresh(offered).due_at == offered.seat_until
    put_off(offered, now_ms() + HOUR)
    assert fresh(offered).due_at < offered.seat_until


def put_off(registration: Registration, until: int) -> None:
    claimed = debts.claim(int(registration.registration_id))
    assert claimed
    assert debts.note(claimed, until)


def test_an_edit_keeps_the_offer_and_its_end(offering: Conference) -> None:
    [offered] = offer_to(offering, KIM)
    edited = service.edit(offered, replace(KIM, name="김하늬"))
    assert (edited.state, edited.seat_until) == (State.OFFERED, offered.seat_until)
    assert edited.mail_owed == Mail.OFFERED


def test_offers_go_on_after_closing_until_the_start(offering: Conference) -> None:
    holder, other = full(offering)
    kim, lee = (cast.sign_up(offering, who, WORKSHOP) for who in (KIM, LEE))
    wait_until(offering.closes_at + DAY)
    service.cancel(holder)
    assert fresh(kim).state == State.OFFERED
    assert service.accept(fresh(kim)).state == State.CONFIRMED
    wait_until(offering.starts_at)
    service.cancel(other)
    assert fresh(lee).state == State.WAITING


def test_who_comes_while_a_seat_is_free_is_confirmed_at_once(offering: Conference) -> None:
    holder, _ = full(offering)
    service.cancel(holder)
    assert cast.sign_up(offering, KIM, WORKSHOP).state == State.CONFIRMED


def test_an_offer_of_a_conference_that_is_called_off_is_worth_nothing(offering: Conference) -> None:
    first, second = offer_to(offering, KIM, LEE)
    conferences.change(offering.conference_id, publication=Publication.CANCELLED)
    called_off = conferences.by_id(offering.conference_id)
    assert service.standing(first, called_off) is Standing.CALLED_OFF
    wait_until(int(first.seat_until))
    assert service.run_out(int(first.registration_id))
    assert fresh(second).state == State.WAITING


# ---- addresses to be confirmed ----


def test_a_seat_is_held_until_the_address_is_confirmed(confirming: Conference) -> None:
    held = cast.sign_up(confirming, KIM)
    assert (held.state, held.mail_owed) == (State.HELD, Mail.HELD)
    assert int(held.seat_until) - int(held.created_at) == rules.HOLD
    assert conferences.read_seats(confirming)[1].left == 19
    confirmed = service.confirm_address(held)
    assert (confirmed.state, confirmed.mail_owed) == (State.CONFIRMED, Mail.CONFIRMED)
    assert holds.broken(confirming) == []


def test_a_seat_whose_address_nobody_confirms_comes_back(
    app: object, confirming: Conference
) -> None:
    held, last = full(confirming)
    waits = cast.sign_up(confirming, LEE, WORKSHOP)
    wait_until(int(last.seat_until))
    assert schedule.every_five_minutes({}, None)["run_out"] == 2
    gone = fresh(held)
    assert gone.state == State.CANCELLED
    assert not gone.mail_owed
    assert not gone.due_at
    assert fresh(waits).state == State.OFFERED  # nobody has confirmed that address either
    with pytest.raises(NotMovable):
        service.confirm_address(gone)
    assert holds.broken(confirming) == []


def test_an_address_is_not_exchanged_before_it_is_confirmed(confirming: Conference) -> None:
    with pytest.raises(NotMovable):
        service.edit(cast.sign_up(confirming, KIM), LEE)


def test_who_signs_up_again_is_mailed_the_button_again(app: Any, confirming: Conference) -> None:
    held = cast.sign_up(confirming, KIM)
    with app.app_context():
        notifications.send_owed(int(held.registration_id))
    service.mail_link_again(fresh(held))
    again = fresh(held)
    assert (again.mail_owed, again.seat_until) == (Mail.HELD, held.seat_until)
    assert again.due_at < held.seat_until


def test_who_takes_a_seat_of_the_pool_confirms_as_well(confirming: Conference) -> None:
    holder, _ = full(confirming)
    service.cancel(holder)
    held = cast.sign_up(confirming, KIM, WORKSHOP)
    assert (held.state, held.mail_owed) == (State.HELD, Mail.HELD)
    assert int(held.seat_until) <= now_ms() + rules.HOLD


def test_a_seat_whose_time_is_up_is_not_in_the_way_of_its_address(confirming: Conference) -> None:
    """It says that one may sign up again: also before the schedule has come."""
    held = cast.sign_up(confirming, KIM)
    wait_until(int(held.seat_until) - 1)
    assert cast.outcome(confirming, KIM).found is Found.KNOWN
    wait_until(int(held.seat_until))
    again = cast.outcome(confirming, KIM)
    assert (again.found, again.registration.state) == (Found.NEW, State.HELD)
    assert fresh(held).state == State.CANCELLED
    assert conferences.read_seats(confirming)[1].left == 19
    assert holds.broken(confirming) == []


# ---- a flood ----


def flood(conference: Conference, people: int, **source: Any) -> int:
    """How many of so many sign-ups are let in."""
    let_in = 0
    for number in range(people):
        attempt = cast.attempt(conference, source["who"](number))
        try:
            service.register(replace(attempt, network=source["network"](number)))
        except TooMany:
            continue
        let_in += 1
    return let_in


def test_one_network_cannot_take_all_seats(cloud: object) -> None:
    conference = cast.make_conference(sign_ups_a_network=5)
    one = {"who": cast.person, "network": lambda n: "192.0.2.0/24"}
    assert flood(conference, 12, **one) == 5
    assert conferences.read_seats(conference)[1].left == 15
    assert (
        service.register(replace(cast.attempt(conference, KIM), network="198.51.100.0/24")).found
        is Found.NEW
    )
    wait_until(now_ms() + HOUR)
    assert (
        service.register(replace(cast.attempt(conference, ADA), network="192.0.2.0/24")).found
        is Found.NEW
    )


def test_the_same_form_finds_what_it_came_to_even_past_the_limit(cloud: object) -> None:
    """A double press, or a form sent again because the answer was lost."""
    conference = cast.make_conference(sign_ups_a_network=1)
    sent = replace(cast.attempt(conference, KIM), network="192.0.2.0/24")
    first = service.register(sent)
    again = service.register(sent)
    assert again.found is Found.SAME
    assert again.registration.registration_id == first.registration.registration_id
    other_form = replace(cast.attempt(conference, KIM), network="192.0.2.0/24")
    for attempt in (other_form, replace(other_form, person=LEE)):
        with pytest.raises(TooMany):
            service.register(attempt)


def test_one_domain_cannot_take_all_seats(cloud: object) -> None:
    conference = cast.make_conference(sign_ups_a_domain=5)
    many = {"who": cast.person, "network": lambda n: f"10.0.{n}.0/24"}
    assert flood(conference, 12, **many) == 5
    elsewhere = replace(KIM, email="kim@example.org")
    assert cast.outcome(conference, elsewhere).found is Found.NEW


def test_without_a_limit_it_could(conference: Conference) -> None:
    one = {"who": cast.person, "network": lambda n: "192.0.2.0/24"}
    assert flood(conference, 12, **one) == 12
