"""What a recount finds, and how it is mended; each of it is made by hand, as nothing else does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.conferences import service as conferences
from app.conferences import spreading
from app.conferences.models import SeatItem, counter_key, pool_key
from app.conferences.rules import Conference
from app.core import clock
from app.core.clock import DAY, HOUR, MINUTE, now_ms
from app.core.errors import ChangedMeanwhile
from app.registrations import balance, locks, recount, retention, service
from app.registrations.balance import Entry, Lock, Stand
from app.registrations.models import AddressLock, Registration, WaitingPlace
from app.registrations.rules import State
from tests import cast, holds
from tests.cast import ADA, KIM, LEE

WORKSHOP = 2


@pytest.fixture
def people(conference: Conference) -> Conference:
    """Two in the workshop, two who wait for it, Kim in the conference, Lee gone; a while ago."""
    for number in range(4):
        cast.sign_up(conference, cast.person(number), WORKSHOP)
    cast.sign_up(conference, KIM)
    service.cancel(cast.sign_up(conference, LEE))
    wait(2 * MINUTE)
    return conference


def wait(milliseconds: int) -> None:
    moment = now_ms() + milliseconds
    clock.set_source(lambda: moment)


def mended(conference: Conference) -> list[str]:
    """What was amiss; nothing is afterwards."""
    list(recount.findings(conference.conference_id))  # a first look
    wait(2 * MINUTE)
    found = list(recount.findings(conference.conference_id))
    assert all(recount.is_so(one) for one in found)
    sentences = [one.sentence for one in found if recount.mend(one)]
    assert not any(recount.mend(one) for one in found)  # not twice
    assert holds.broken(conference) == []
    assert list(recount.findings(conference.conference_id)) == []
    return sentences


def add_to(row: SeatItem, **seats: int) -> None:
    row.update(actions=[getattr(SeatItem, name).add(some) for name, some in seats.items()])


def one_of(state: State) -> Registration:
    return next(one for one in Registration.scan(consistent_read=True) if one.state == state)


def test_nothing_is_amiss(people: Conference) -> None:
    assert mended(people) == []
    assert recount.recount(people) == 0


# How it comes about


def a_seat_is_lost(number: int) -> None:
    add_to(SeatItem(counter_key(number, 1, 0)), left=-1)


def a_seat_too_many_is_free(number: int) -> None:
    add_to(SeatItem(counter_key(number, 1, 0)), left=1)


def more_seats_than_are_said(number: int) -> None:
    add_to(SeatItem(pool_key(number, 1)), capacity=2, left=2)


def a_counter_is_gone(number: int) -> None:
    SeatItem(counter_key(number, 1, 0)).delete()


def nobody_in_line(number: int) -> None:
    WaitingPlace(f"{number}.{WORKSHOP}#1", 9, registration_id=12345).save()


def who_waits_stands_nowhere(number: int) -> None:
    next(iter(WaitingPlace.scan())).delete()


def who_waits_stands_elsewhere(number: int) -> None:
    row = next(iter(WaitingPlace.scan()))
    row.delete()
    WaitingPlace(row.queue, int(row.place) + 8, registration_id=row.registration_id).save()


def an_address_without_its_lock(number: int) -> None:
    next(iter(AddressLock.scan())).delete()


def a_lock_of_one_who_left(number: int) -> None:
    left = one_of(State.CANCELLED)
    locks.lock(left, service.person_of(left), "x").record.save()


# ... and how many sentences it takes to say so
AMISS: dict[Callable[[int], None], int] = {
    a_seat_is_lost: 1,
    a_seat_too_many_is_free: 1,
    more_seats_than_are_said: 1,
    a_counter_is_gone: 1,
    nobody_in_line: 1,
    who_waits_stands_nowhere: 1,
    who_waits_stands_elsewhere: 2,
    an_address_without_its_lock: 1,
    a_lock_of_one_who_left: 1,
}


@pytest.mark.parametrize("come_about", AMISS, ids=lambda one: one.__name__)
def test_it_is_found_and_mended(people: Conference, come_about: Callable[[int], None]) -> None:
    come_about(people.conference_id)
    assert holds.broken(people) != []
    assert len(mended(people)) == AMISS[come_about]


def test_what_is_oversold_is_told_and_paid_back(people: Conference) -> None:
    """Three have one of two seats: whoever goes first leaves none behind."""
    third = one_of(State.WAITING)
    third.update(actions=[Registration.state.set(State.CONFIRMED)])
    WaitingPlace(f"{people.conference_id}.{WORKSHOP}#{int(third.place)}", third.place).delete()
    [found] = recount.findings(people.conference_id)
    assert found.sentence == "Ticket type 2: 2 of 2 seats are taken; 3 of 2 should be."
    assert recount.mend(found)
    assert cast.seats(people, WORKSHOP)["pool"] == (0, -1)
    service.cancel(third)
    assert cast.seats(people, WORKSHOP)["pool"] == (0, 0)
    assert holds.broken(people) == []
    assert one_of(State.WAITING).place is not None


def test_two_of_one_address_are_left_to_a_person(people: Conference) -> None:
    [kim] = service.of_address(KIM.email)
    other = next(one for one in holds.registrations(people) if one.email == "person0@example.com")
    other.update(actions=[Registration.email.set(KIM.email)])
    sentences = [
        one.sentence
        for one in recount.findings(people.conference_id)
        if one.certain and not recount.mend(one)
    ]
    assert len(sentences) == 1
    assert sentences[0].endswith("share an address: cancel one of them.")
    assert KIM.email not in sentences[0]
    assert recount.recount(people) == 1  # told, every hour
    assert service.find(int(kim.registration_id))


def test_a_seat_comes_back_when_two_looks_found_it(people: Conference) -> None:
    a_seat_is_lost(people.conference_id)
    for _ in range(2):  # at once is no second look
        [found] = recount.findings(people.conference_id)
        assert not found.certain
        assert not recount.mend(found)
    assert recount.recount(people) == 0
    wait(2 * MINUTE)
    cast.sign_up(people, ADA)  # a seat has moved since the first look
    wait(1)
    assert recount.recount(people) == 0
    wait(2 * MINUTE)
    assert recount.recount(people) == 1
    assert holds.broken(people) == []


def test_a_pool_that_is_what_it_was_is_not_taken_for_unmoved(people: Conference) -> None:
    """One goes and the next in line comes: as many seats are free as before."""
    before = cast.seats(people, WORKSHOP)
    ledger = conferences.ledgers(people)[1]
    service.cancel(
        next(
            one
            for one in holds.registrations(people)
            if one.type_id == WORKSHOP and one.state == State.CONFIRMED
        )
    )
    assert cast.seats(people, WORKSHOP) == before
    wrong = recount.Finding("", tuple(conferences.balanced(ledger, held=1)))
    assert not recount.is_so(wrong)
    assert not recount.mend(wrong)
    assert cast.seats(people, WORKSHOP) == before


def test_a_capacity_that_changes_meanwhile_is_not_undone(people: Conference) -> None:
    ledger = conferences.ledgers(people)[0]
    conferences.change_capacity(people.conference_id, 1, 30)
    with pytest.raises(ChangedMeanwhile):
        conferences.balanced(ledger, held=1)


def test_conferences_that_changed_lately_are_recounted(people: Conference) -> None:
    cast.make_conference(slug="quiet")
    assert [one.slug for one in recount.changed()] == ["garam"]
    wait(3 * HOUR)
    assert recount.changed() == []
    wait(2 * DAY)
    cast.sign_up(people, ADA)
    assert [one.slug for one in recount.changed()] == ["garam"]


def test_addresses_are_looked_at_of_those_who_changed_lately(people: Conference) -> None:
    a_lock_of_one_who_left(people.conference_id)
    wait(3 * HOUR)
    cast.sign_up(people, ADA)
    assert recount.recount(people) == 0
    assert len(list(recount.findings(people.conference_id))) == 1


def test_those_whose_data_are_erased_are_not_missed(people: Conference) -> None:
    for one in holds.registrations(people):
        retention.erase(one)
    assert list(recount.findings(people.conference_id)) == []


# Pure


def test_what_does_not_agree() -> None:
    waits, holder = Entry(1, 1, State.WAITING, 5), Entry(2, 1, State.OFFERED, key=("a", "1#-"))
    gone = Entry(3, 1, State.CANCELLED, key=("b", "1#-"))
    entries = [waits, holder, gone]
    assert balance.held(entries) == {1: 1}
    well = balance.compare(entries, [Stand(1, 5, 1)], [Lock(("a", "1#-"), 2)])
    assert not any(vars(well).values())
    amiss = balance.compare(entries, [Stand(1, 6, 1)], [Lock(("b", "1#-"), 3)])
    assert amiss.stands == {Stand(1, 6, 1)}
    assert amiss.not_in_line == {1}
    assert amiss.locks == {Lock(("b", "1#-"), 3)}
    assert amiss.unlocked == {2}


@pytest.mark.parametrize(
    ("more", "gains"),
    [
        (2, {"pool": 2}),
        (0, {"pool": 0}),
        (-1, {"pool": -1}),
        (-3, {"pool": -1, "a": -2}),
        (-7, {"pool": -2, "a": -3, "b": -2}),
    ],
)
def test_where_seats_are_corrected(more: int, gains: dict[str, int]) -> None:
    """From the pool first; what is free nowhere the pool owes."""
    assert spreading.corrected({"a": 3, "b": 2, "pool": 1}, "pool", more) == gains
