"""What becomes of a registration: the table of moves, and what each leaves in the records."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.conferences import service as conferences
from app.conferences.models import SeatItem, pool_key
from app.conferences.rules import Conference, Publication
from app.core import clock
from app.core.errors import (
    AlreadyRegistered,
    ChangedMeanwhile,
    Full,
    Invalid,
    NotFound,
    NotMovable,
)
from app.passes import service as passes
from app.registrations import debts, links, rules, service, waiting
from app.registrations.models import AddressLock, Registration, WaitingPlace
from app.registrations.rules import Mail, Move, Person, State
from app.registrations.service import Found
from tests import cast, holds
from tests.cast import ADA, KIM, LEE, fresh

FULL_PASS, WORKSHOP, TALK = 1, 2, 3


@pytest.fixture
def asked(conference: Conference) -> Conference:
    """The conference, with talks that are given on request: 1 seat."""
    talk = replace(cast.ticket_type("발표", "Talk", 1), approval=True)
    conferences.add_ticket_type(conference.conference_id, talk)
    return conferences.by_slug("garam")


@pytest.fixture
def shared(cloud: object) -> Conference:
    """A conference at which several people may share an address."""
    return cast.make_conference(shared_addresses=True)


def test_every_move_starts_and_ends_in_a_state() -> None:
    assert set(rules.MOVES) == set(Move)
    assert all(rules.MOVES[move] for move in Move)
    assert all(State.CANCELLED not in moves for moves in rules.MOVES.values())


def test_from_every_live_state_one_can_leave_and_is_told() -> None:
    assert set(rules.MOVES[Move.CANCEL]) == rules.LIVE == set(rules.MAIL_ON_LEAVING)


# ---- on request ----


def test_a_request_takes_no_seat_and_may_be_approved(asked: Conference) -> None:
    request = cast.sign_up(asked, KIM, TALK)
    assert (request.state, request.mail_owed) == (State.PENDING, Mail.PENDING)
    assert conferences.read_seats(asked)[TALK].left == 1
    assert not debts.owes_pass(request)

    approved = service.approve(request)
    assert (approved.state, approved.mail_owed) == (State.CONFIRMED, Mail.APPROVED)
    assert conferences.read_seats(asked)[TALK].left == 0
    assert debts.owes_pass(approved)
    with pytest.raises(NotMovable):
        service.approve(approved)
    assert holds.broken(asked) == []


def test_a_declined_request_frees_the_address(asked: Conference) -> None:
    request = cast.sign_up(asked, KIM, TALK)
    declined = service.decline(request)
    assert (declined.state, declined.mail_owed) == (State.CANCELLED, Mail.DECLINED)
    assert cast.outcome(asked, KIM, TALK).found is Found.NEW
    assert holds.broken(asked) == []


def test_only_requests_are_approved_or_declined(asked: Conference) -> None:
    registration = cast.sign_up(asked, KIM)
    for move in (service.approve, service.decline):
        with pytest.raises(NotMovable):
            move(registration)


def test_a_request_may_be_withdrawn(asked: Conference) -> None:
    withdrawn = service.cancel(cast.sign_up(asked, KIM, TALK))
    assert (withdrawn.state, withdrawn.mail_owed) == (State.CANCELLED, Mail.WITHDRAWN)
    assert conferences.read_seats(asked)[TALK].left == 1
    assert holds.broken(asked) == []


def test_when_full_the_organiser_is_asked_or_lets_them_wait(asked: Conference) -> None:
    first, second, third = (cast.sign_up(asked, who, TALK) for who in (KIM, LEE, ADA))
    holder = service.approve(first)
    with pytest.raises(Full):
        service.approve(second)
    assert fresh(second).state == State.PENDING
    waits = service.approve(second, or_wait=True)
    assert (waits.state, waits.mail_owed) == (State.WAITING, Mail.WAITING)
    assert waiting.position(waits) == 1
    service.cancel(holder)
    assert fresh(waits).state == State.CONFIRMED
    assert fresh(third).state == State.PENDING
    assert holds.broken(asked) == []


def test_a_free_seat_of_the_pool_is_given_if_nobody_waits(asked: Conference) -> None:
    first, second = (cast.sign_up(asked, who, TALK) for who in (KIM, LEE))
    service.cancel(service.approve(first))
    assert service.approve(second).state == State.CONFIRMED
    assert holds.broken(asked) == []


def test_a_place_given_on_approval_goes_to_nobody_else(asked: Conference) -> None:
    approved = service.approve(cast.sign_up(asked, KIM, TALK))
    with pytest.raises(NotMovable):
        service.transfer(approved, LEE)


def test_nobody_is_approved_for_what_does_not_take_place(asked: Conference) -> None:
    first, second = (cast.sign_up(asked, who, TALK) for who in (KIM, LEE))
    clock.set_source(lambda: asked.ends_at)
    with pytest.raises(NotMovable):
        service.approve(first)
    clock.set_source(None)
    conferences.change(asked.conference_id, publication=Publication.CANCELLED)
    with pytest.raises(NotMovable):
        service.approve(second, or_wait=True)
    assert holds.broken(asked) == []


# ---- another ticket type ----


def test_a_type_is_changed_for_a_free_seat(conference: Conference) -> None:
    registration = cast.sign_up(conference, KIM)
    old_code = passes.pass_code(registration)
    changed = service.change_type(registration, WORKSHOP)
    assert (int(changed.type_id), changed.mail_owed) == (WORKSHOP, Mail.OTHER_TYPE)
    assert (changed.pass_version, changed.link_version) == (2, 1)
    assert passes.pass_code(changed) != old_code
    assert debts.owes_pass(changed)
    seats = conferences.read_seats(conference)
    assert (seats[FULL_PASS].left, seats[WORKSHOP].left) == (20, 1)
    assert holds.broken(conference) == []


def test_the_seat_that_is_left_goes_to_the_next(conference: Conference) -> None:
    holder, _ = (cast.sign_up(conference, cast.person(n), WORKSHOP) for n in range(2))
    waits = cast.sign_up(conference, KIM, WORKSHOP)
    service.change_type(holder, FULL_PASS)
    assert fresh(waits).state == State.CONFIRMED
    assert holds.broken(conference) == []


def test_nobody_changes_into_a_full_type(conference: Conference) -> None:
    for number in range(2):
        cast.sign_up(conference, cast.person(number), WORKSHOP)
    registration = cast.sign_up(conference, KIM)
    with pytest.raises(Full):
        service.change_type(registration, WORKSHOP)
    assert int(fresh(registration).type_id) == FULL_PASS
    assert holds.broken(conference) == []


def freed_beside_a_queue(conference: Conference, monkeypatch: pytest.MonkeyPatch) -> Registration:
    """A seat of the workshop has just come free; Lee, who waits for it, is about to be promoted.
    Returns Kim, who would like it as well."""
    holder, _ = (cast.sign_up(conference, cast.person(n), WORKSHOP) for n in range(2))
    cast.sign_up(conference, LEE, WORKSHOP)
    registration = cast.sign_up(conference, KIM)
    with monkeypatch.context() as crash:
        crash.setattr(waiting, "promote", lambda *args, **kwargs: 0)
        service.cancel(holder)
    return registration


def test_a_change_of_type_does_not_overtake_who_waits(
    conference: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Full):
        service.change_type(freed_beside_a_queue(conference, monkeypatch), WORKSHOP)
    assert waiting.promote(conference.conference_id, WORKSHOP) == 1
    assert holds.broken(conference) == []


def test_without_the_look_at_the_queue_it_would(
    conference: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race is there: the seat is taken before the eyes of the one who waits for it."""
    registration = freed_beside_a_queue(conference, monkeypatch)
    monkeypatch.setattr(waiting, "_head", lambda *queue: None)
    assert int(service.change_type(registration, WORKSHOP).type_id) == WORKSHOP


def test_no_change_into_what_is_given_on_request(asked: Conference) -> None:
    registration = cast.sign_up(asked, KIM)
    for type_id in (TALK, FULL_PASS, 9):
        with pytest.raises(NotFound):
            service.change_type(registration, type_id)


def test_the_last_seat_that_one_has_taken_oneself_is_not_gone(conference: Conference) -> None:
    cast.sign_up(conference, LEE, WORKSHOP)
    kim = cast.sign_up(conference, KIM)
    other_tab = fresh(kim)
    service.change_type(kim, WORKSHOP)
    cast.sign_up(conference, ADA, WORKSHOP)  # waits
    with pytest.raises(ChangedMeanwhile):
        service.change_type(other_tab, WORKSHOP)
    assert holds.broken(conference) == []


def test_who_waits_cannot_change_type(conference: Conference) -> None:
    for number in range(2):
        cast.sign_up(conference, cast.person(number), WORKSHOP)
    waits = cast.sign_up(conference, KIM, WORKSHOP)
    with pytest.raises(NotMovable):
        service.change_type(waits, FULL_PASS)


# ---- to another person ----


def test_a_place_is_given_to_another_person_also_when_sold_out(conference: Conference) -> None:
    holder = cast.sign_up(conference, KIM, WORKSHOP)
    cast.sign_up(conference, cast.person(1), WORKSHOP)
    waits = cast.sign_up(conference, cast.person(2), WORKSHOP)
    old_link, old_code = links.secret_of(holder), passes.pass_code(holder)

    given = service.transfer(holder, LEE)

    assert service.person_of(given) == LEE
    assert (given.state, given.mail_owed) == (State.CONFIRMED, Mail.TRANSFERRED)
    assert given.former_emails == {KIM.email}
    assert passes.pass_code(given) != old_code
    assert not given.consent_version
    with pytest.raises(NotFound):
        service.by_secret(old_link)
    assert fresh(waits).state == State.WAITING
    assert service.of_address(KIM.email) == []
    assert holds.broken(conference) == []


def test_the_form_that_signed_up_does_not_open_what_was_given_away(conference: Conference) -> None:
    attempt = cast.attempt(conference, KIM)
    given = service.transfer(service.register(attempt).registration, replace(LEE, email=KIM.email))
    assert service.register(attempt).found is Found.KNOWN
    assert given.mail_owed == Mail.TRANSFERRED


def test_a_place_is_not_given_to_somebody_who_has_one(conference: Conference) -> None:
    cast.sign_up(conference, LEE)
    holder = cast.sign_up(conference, KIM)
    with pytest.raises(AlreadyRegistered):
        service.transfer(holder, LEE)
    assert service.person_of(fresh(holder)) == KIM
    assert holds.broken(conference) == []


def test_a_place_in_the_queue_is_not_given_away(conference: Conference) -> None:
    for number in range(2):
        cast.sign_up(conference, cast.person(number), WORKSHOP)
    with pytest.raises(NotMovable):
        service.transfer(cast.sign_up(conference, KIM, WORKSHOP), LEE)


def test_a_place_is_given_to_one_of_two(conference: Conference) -> None:
    holder = cast.sign_up(conference, KIM)
    other_tab = fresh(holder)
    service.transfer(holder, LEE)
    with pytest.raises(ChangedMeanwhile):
        service.transfer(other_tab, ADA)
    assert holds.broken(conference) == []


# ---- several people behind one address ----


def of_one_address(name: str) -> Person:
    return Person(name, "office@example.com")


def test_people_may_share_an_address_where_it_is_allowed(shared: Conference) -> None:
    for name in ("Kim", "Lee"):
        assert cast.outcome(shared, of_one_address(name)).found is Found.NEW
    assert cast.outcome(shared, of_one_address("k I m")).found is Found.KNOWN
    assert len(service.of_address("office@example.com")) == 2


def test_a_new_name_moves_the_lock(shared: Conference) -> None:
    kim, lee = (cast.sign_up(shared, of_one_address(name)) for name in ("Kim", "Lee"))
    with pytest.raises(AlreadyRegistered):
        service.edit(kim, of_one_address("Lee"))
    renamed = service.edit(kim, of_one_address("Kang"))
    assert renamed.mail_owed == Mail.CONFIRMED  # told of the place first
    assert cast.outcome(shared, of_one_address("Kim")).found is Found.NEW
    service.cancel(lee)
    assert sorted(one.name for one in service.of_address("office@example.com")) == ["Kang", "Kim"]


def test_no_name_stands_in_the_locks(shared: Conference) -> None:
    cast.sign_up(shared, Person("Haneul", "office@example.com"))
    [lock] = AddressLock.scan()
    assert "haneul" not in str(lock.attribute_values).casefold()


def test_who_may_share_is_decided_for_good(shared: Conference) -> None:
    with pytest.raises(Invalid):
        conferences.change(shared.conference_id, shared_addresses=False)


# ---- each frees what it leaves, at once ----


def test_a_row_that_stands_for_nobody_does_not_block_the_queue(conference: Conference) -> None:
    """Nothing writes such a row; should one be there after a restore, those behind it move up."""
    holder, _ = (cast.sign_up(conference, cast.person(n), WORKSHOP) for n in range(2))
    stray = cast.sign_up(conference, KIM, WORKSHOP)
    waits = cast.sign_up(conference, LEE, WORKSHOP)
    [row] = [one for one in WaitingPlace.scan() if one.registration_id == stray.registration_id]
    service.cancel(stray)
    row.save()
    service.cancel(holder)
    assert fresh(waits).state == State.CONFIRMED
    pool = SeatItem.get(pool_key(conference.conference_id, WORKSHOP), consistent_read=True)
    assert pool.left == 0
