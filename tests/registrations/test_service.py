"""Signing up, waiting, changing, leaving: what the records say afterwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from app.conferences import service as conferences
from app.conferences.models import SeatItem, counter_key, pool_key
from app.conferences.rules import Conference, Publication
from app.core import clock
from app.core.clock import DAY, now_ms
from app.core.errors import (
    AlreadyRegistered,
    Busy,
    ChangedMeanwhile,
    Closed,
    NotFound,
    NotMovable,
    NotOpenYet,
    TooMany,
)
from app.registrations import debts, links, rules, service, waiting
from app.registrations.models import AddressLock, Registration, WaitingPlace
from app.registrations.rules import Mail, State
from app.registrations.service import Found
from app.registrations.waiting import Queue
from tests import cast
from tests.cast import ADA, KIM, LEE

FULL_PASS, WORKSHOP = 1, 2


def seats_left(conference: Conference, type_id: int) -> int:
    """The free seats of a ticket type, the pool's with their sign."""
    keys = (
        counter_key(conference.conference_id, type_id, 0),
        pool_key(conference.conference_id, type_id),
    )
    return sum(int(SeatItem.get(key, consistent_read=True).left) for key in keys)


def holding(type_id: int) -> int:
    """How many registrations hold a seat."""
    return sum(
        row.state in rules.HOLD_A_SEAT and row.type_id == type_id for row in Registration.scan()
    )


def fill_workshop(conference: Conference) -> list[Registration]:
    return [cast.sign_up(conference, cast.person(number), WORKSHOP) for number in (1, 2)]


def test_a_sign_up_takes_one_seat_and_owes_pass_and_mail(conference: Conference) -> None:
    registration = cast.sign_up(conference, KIM)

    kept = service.find(int(registration.registration_id))
    assert kept is not None
    assert service.person_of(kept) == KIM
    assert kept.state == State.CONFIRMED
    assert (kept.mail_owed, debts.owes_pass(kept)) == (Mail.CONFIRMED, True)
    assert seats_left(conference, FULL_PASS) == 19


def test_what_was_agreed_to_is_recorded(conference: Conference) -> None:
    clock.set_source(lambda: conference.opens_at + 5)
    registration = cast.sign_up(conference, KIM)

    assert conference.consent is not None
    assert registration.consent_version == conference.consent.version
    assert registration.consent_at == conference.opens_at + 5


def test_the_same_form_twice_is_one_registration(conference: Conference) -> None:
    attempt = cast.attempt(conference, KIM)
    first, second = service.register(attempt), service.register(attempt)

    assert (first.found, second.found) == (Found.NEW, Found.SAME)
    assert first.registration.registration_id == second.registration.registration_id
    assert seats_left(conference, FULL_PASS) == 19


def test_the_same_key_with_other_fields_is_a_new_attempt(conference: Conference) -> None:
    key = "k" * 22
    service.register(cast.attempt(conference, KIM, key=key))
    again = service.register(cast.attempt(conference, replace(KIM, name="김하늬"), key=key))

    assert again.found is Found.KNOWN


def test_a_known_address_takes_no_seat(conference: Conference) -> None:
    cast.sign_up(conference, KIM)
    assert cast.outcome(conference, replace(KIM, name="Somebody Else")).found is Found.KNOWN
    assert seats_left(conference, FULL_PASS) == 19


def test_one_address_may_register_at_two_conferences(conference: Conference) -> None:
    other = cast.make_conference(slug="other")
    cast.sign_up(conference, KIM)
    assert cast.outcome(other, KIM).found is Found.NEW
    assert len(service.of_address(KIM.email)) == 2


def test_a_full_ticket_type_makes_one_wait_in_order(conference: Conference) -> None:
    fill_workshop(conference)
    first, second = (cast.sign_up(conference, who, WORKSHOP) for who in (KIM, LEE))

    assert (first.state, second.state) == (State.WAITING, State.WAITING)
    assert first.mail_owed == Mail.WAITING
    waiting.forget()
    assert [waiting.position(first), waiting.position(second)] == [1, 2]
    assert seats_left(conference, WORKSHOP) == 0


def test_ones_place_is_never_told_from_before_one_joined(conference: Conference) -> None:
    """Another process has kept the queue as it was."""
    fill_workshop(conference)
    queue = conference.conference_id, WORKSHOP
    first, second = (cast.sign_up(conference, who, WORKSHOP) for who in (KIM, LEE))
    waiting.forget()
    assert waiting._queues.get(queue, lambda: Queue((), 0)).places == ()
    assert [waiting.position(second), waiting.position(first)] == [2, 1]


def test_newcomers_find_their_place_without_reading_the_queue(
    conference: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hundreds may come within its ten seconds."""
    fill_workshop(conference)
    first = cast.sign_up(conference, KIM, WORKSHOP)
    waiting.forget()
    assert waiting.position(first) == 1
    later = [cast.sign_up(conference, cast.person(number), WORKSHOP) for number in range(8, 11)]
    monkeypatch.setattr(WaitingPlace, "query", None)
    assert [waiting.position(one) for one in (*later, first)] == [2, 3, 4, 1]


def test_who_joined_while_the_queue_was_read_is_told_their_place(conference: Conference) -> None:
    fill_workshop(conference)
    first, second = (cast.sign_up(conference, who, WORKSHOP) for who in (KIM, LEE))
    waiting.forget()
    queue = conference.conference_id, WORKSHOP
    assert waiting._queues.get(queue, lambda: Queue((), 2)).last == 2
    assert [waiting.position(second), waiting.position(first)] == [2, 1]


def test_a_freed_seat_confirms_the_next_in_line(conference: Conference) -> None:
    holder, _ = fill_workshop(conference)
    first, second = (cast.sign_up(conference, who, WORKSHOP) for who in (KIM, LEE))

    service.cancel(holder)

    first.refresh(consistent_read=True)
    second.refresh(consistent_read=True)
    assert (first.state, first.mail_owed) == (State.CONFIRMED, Mail.PROMOTED)
    assert second.state == State.WAITING
    assert waiting.position(second) == 1
    assert (holding(WORKSHOP), seats_left(conference, WORKSHOP)) == (2, 0)


def test_a_newcomer_does_not_overtake_and_may_take_a_free_pool_seat(conference: Conference) -> None:
    holder, _ = fill_workshop(conference)
    service.cancel(holder)

    newcomer = cast.sign_up(conference, KIM, WORKSHOP)

    assert (newcomer.state, newcomer.mail_owed) == (State.CONFIRMED, Mail.CONFIRMED)
    assert seats_left(conference, WORKSHOP) == 0


def test_leaving_the_queue_gives_no_seat_back(conference: Conference) -> None:
    fill_workshop(conference)
    first, second = (cast.sign_up(conference, who, WORKSHOP) for who in (KIM, LEE))

    service.cancel(first)

    assert waiting.position(second) == 1
    assert seats_left(conference, WORKSHOP) == 0
    assert [int(row.registration_id) for row in WaitingPlace.scan()] == [second.registration_id]


def test_a_cancelled_address_may_sign_up_again(conference: Conference) -> None:
    first = service.cancel(cast.sign_up(conference, KIM))
    again = cast.outcome(conference, KIM)

    assert again.found is Found.NEW
    assert again.registration.registration_id != first.registration_id
    assert seats_left(conference, FULL_PASS) == 19


def test_cancelling_twice_frees_one_seat(conference: Conference) -> None:
    registration = cast.sign_up(conference, KIM)
    stale = service.find(int(registration.registration_id))
    assert stale is not None
    service.cancel(registration)

    with pytest.raises(NotMovable):
        service.cancel(registration)
    with pytest.raises(ChangedMeanwhile):
        service.cancel(stale)
    assert seats_left(conference, FULL_PASS) == 20


def test_an_edit_keeps_the_code_and_owes_a_new_image(conference: Conference) -> None:
    number = int(cast.sign_up(conference, KIM).registration_id)
    registration = debts.claim(number)
    assert registration
    debts.pass_made(registration)
    debts.mail_sent(registration)
    assert debts.note(registration)
    changed = service.edit(registration, replace(KIM, name="김하늬"))

    assert (changed.name, changed.pass_version, changed.link_version) == ("김하늬", 1, 1)
    assert debts.owes_pass(changed)
    assert changed.mail_owed == Mail.CHANGED


def test_an_edit_before_the_confirmation_went_out_does_not_swallow_it(
    conference: Conference,
) -> None:
    changed = service.edit(cast.sign_up(conference, KIM), replace(KIM, name="김하늬"))
    assert changed.mail_owed == Mail.CONFIRMED


def test_an_edited_address_moves_its_lock(conference: Conference) -> None:
    changed = service.edit(cast.sign_up(conference, KIM), replace(KIM, email="new@example.com"))

    assert (changed.mail_owed, changed.former_emails) == (Mail.MOVED, {KIM.email})
    assert service.of_address(KIM.email) == []
    assert len(service.of_address("new@example.com")) == 1
    assert cast.outcome(conference, KIM).found is Found.NEW


def test_an_edit_to_a_taken_address_changes_nothing(conference: Conference) -> None:
    cast.sign_up(conference, LEE)
    registration = cast.sign_up(conference, KIM)

    with pytest.raises(AlreadyRegistered):
        service.edit(registration, replace(KIM, email=LEE.email))
    assert len(service.of_address(KIM.email)) == 1


def test_a_reissued_pass_voids_code_and_link(conference: Conference) -> None:
    registration = cast.sign_up(conference, KIM)
    old = links.secret_of(registration)
    renewed = service.reissue(registration)

    assert renewed.pass_version == 2
    assert service.by_secret(links.secret_of(renewed)).name == KIM.name
    with pytest.raises(NotFound):
        service.by_secret(old)


def test_the_form_that_signed_up_does_not_open_a_reissued_pass(conference: Conference) -> None:
    attempt = cast.attempt(conference, KIM)
    service.reissue(service.register(attempt).registration)
    assert service.register(attempt).found is Found.KNOWN


def test_trying_out_addresses_by_editing_is_told_and_limited(conference: Conference) -> None:
    owner = cast.sign_up(conference, LEE)
    claimed = debts.claim(int(owner.registration_id))
    assert claimed
    debts.mail_sent(claimed)
    assert debts.note(claimed)
    prober = cast.sign_up(conference, KIM)
    for _ in range(rules.ADDRESS_CHANGES_A_DAY):
        with pytest.raises(AlreadyRegistered):
            service.edit(prober, replace(KIM, email=LEE.email))
    with pytest.raises(TooMany):
        service.edit(prober, replace(KIM, email="free@example.com"))
    owner.refresh(consistent_read=True)
    assert owner.mail_owed == Mail.LINK


def test_a_seat_freed_too_late_is_not_given_away(conference: Conference) -> None:
    holder, _ = fill_workshop(conference)
    waiter = cast.sign_up(conference, KIM, WORKSHOP)
    clock.set_source(lambda: conference.starts_at)
    service.cancel(holder)
    waiter.refresh(consistent_read=True)
    assert waiter.state == State.WAITING


def test_a_seat_of_a_cancelled_conference_is_not_given_away(conference: Conference) -> None:
    holder, _ = fill_workshop(conference)
    waiter = cast.sign_up(conference, KIM, WORKSHOP)
    conferences.change(conference.conference_id, publication=Publication.CANCELLED)
    service.cancel(holder)
    waiter.refresh(consistent_read=True)
    assert waiter.state == State.WAITING


def test_a_cancellation_stands_though_nobody_could_be_promoted(
    conference: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder, _ = fill_workshop(conference)
    waiter = cast.sign_up(conference, KIM, WORKSHOP)

    def busy(*args: object, **kwargs: object) -> int:
        raise Busy

    monkeypatch.setattr(waiting, "promote", busy)
    assert service.cancel(holder).state == State.CANCELLED
    monkeypatch.undo()
    waiting.promote(conference.conference_id, WORKSHOP)
    waiter.refresh(consistent_read=True)
    assert waiter.state == State.CONFIRMED


@pytest.mark.parametrize("secret", ["", "x", "A" * 28, "한글" * 14, "=" * 28, "A" * 27 + "\x00"])
def test_a_wrong_pass_link_opens_nothing(conference: Conference, secret: str) -> None:
    with pytest.raises(NotFound):
        service.by_secret(secret)


def test_before_and_after_nothing_is_taken(conference: Conference) -> None:
    clock.set_source(lambda: conference.opens_at - 1)
    with pytest.raises(NotOpenYet):
        cast.sign_up(conference, KIM)
    clock.set_source(lambda: conference.closes_at)
    with pytest.raises(Closed):
        cast.sign_up(conference, KIM)
    assert seats_left(conference, FULL_PASS) == 20


def test_the_list_shows_everybody(conference: Conference) -> None:
    yesterday = now_ms() - DAY
    clock.set_source(lambda: max(yesterday, conference.created_at))
    cast.sign_up(conference, KIM)
    clock.set_source(None)
    cast.sign_up(conference, ADA)

    assert {row.name for row in service.listed(conference)} == {KIM.name, ADA.name}


def test_no_address_stands_in_the_locks(conference: Conference) -> None:
    cast.sign_up(conference, KIM)
    [lock] = AddressLock.scan()
    assert "haneul" not in str(lock.attribute_values)


def rush(conference: Conference, people: int) -> list[Registration]:
    """Everybody at once, eight at a time."""
    with ThreadPoolExecutor(8) as pool:
        numbers = range(people)
        return list(pool.map(lambda n: cast.sign_up(conference, cast.person(n)), numbers))


def test_a_rush_confirms_exactly_the_capacity(conference: Conference) -> None:
    registrations = rush(conference, 50)

    states = [registration.state for registration in registrations]
    assert (states.count(State.CONFIRMED), states.count(State.WAITING)) == (20, 30)
    assert (holding(FULL_PASS), seats_left(conference, FULL_PASS)) == (20, 0)
    places = sorted(int(row.place) for row in WaitingPlace.scan())
    assert len(set(places)) == 30


def test_a_promotion_that_a_crash_prevented_is_made_up_for(
    conference: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder, _ = fill_workshop(conference)
    waiter = cast.sign_up(conference, KIM, WORKSHOP)
    monkeypatch.setattr(waiting, "promote", lambda *args, **kwargs: 0)
    service.cancel(holder)
    monkeypatch.undo()
    assert seats_left(conference, WORKSHOP) == 1

    assert waiting.promote(conference.conference_id, WORKSHOP) == 1
    waiter.refresh(consistent_read=True)
    assert waiter.state == State.CONFIRMED


def test_seats_are_counted_for_the_page(conference: Conference) -> None:
    fill_workshop(conference)
    assert conferences.read_seats(conference)[WORKSHOP].left == 0
    assert conferences.read_seats(conference)[FULL_PASS].left == 20
