"""What people, organisers, messages and clocks do, done to the records and to the model alike."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.conferences import service as conferences
from app.conferences.rules import Conference, Promotion
from app.core.clock import DAY, HOUR, MINUTE
from app.core.errors import Closed, NotOpenYet, Refusal, TimeIsUp
from app.core.messages import SEATS_CHANGED
from app.core.text import Localised
from app.entrypoints import schedule, sns
from app.registrations import recount, service, waiting
from app.registrations.models import Registration
from app.registrations.rules import FOR_A_TIME, LIVE, Person, State
from app.registrations.service import Found
from tests import cast, holds
from tests.model.model import OFFER_HOURS, Entry, Habits, Model
from tests.model.world import World

TYPES = (1, 2, 3)
ON_REQUEST = 3
ADDRESSES = [f"{name}@example.com" for name in "abcdefgh"]

people = st.builds(Person, st.sampled_from(["Ada", "Eve"]), st.sampled_from(ADDRESSES))
types = st.sampled_from(TYPES)
habits = st.builds(Habits, st.booleans(), st.booleans(), st.just(ON_REQUEST))
capacities = st.integers(0, 3)
some = st.integers(0, 30)  # which of those there are
yes = st.booleans()
buttons = st.integers(0, 5)
rarely = st.integers(0, 3).map(lambda number: not number)

Act = Callable[[Registration], Registration]
# The buttons by the state in which they are on one's page, or before the organiser: what each does,
# and what that is to the model.
Button = tuple[Act, Callable[[Model, Entry], None]]
LEAVE: Button = (service.cancel, Model.cancel)
BUTTONS: dict[State, tuple[Button, ...]] = {
    State.OFFERED: ((service.accept, Model.accept), LEAVE),
    State.HELD: ((service.confirm_address, Model.confirm), LEAVE),
    State.PENDING: (
        (service.approve, Model.approve),
        (partial(service.approve, or_wait=True), partial(Model.approve, or_wait=True)),
        (service.decline, Model.decline),
    ),
    State.WAITING: (LEAVE,),
    State.CONFIRMED: (LEAVE, (service.reissue, Model.reissue)),
}

T = TypeVar("T")


def _pick(those: Sequence[T], which: int) -> T:
    return those[which % len(those)]


def _result(act: Callable[[], T]) -> T | Refusal:
    """What it returns, or is refused with."""
    try:
        return act()
    except Refusal as refusal:
        return refusal


def _queue(people: list[Registration], type_id: int) -> list[int]:
    """Who waits for a ticket type, in order."""
    waits = [one for one in people if one.state == State.WAITING and one.type_id == type_id]
    return [int(one.registration_id) for one in sorted(waits, key=lambda one: int(one.place or 0))]


class Registrations(RuleBasedStateMachine):
    """One conference of two ticket types and one that is given on approval, empty at the
    beginning."""

    world: World  # set by the test

    def __init__(self) -> None:
        super().__init__()
        self.world.begin()
        self.opened: Conference
        self.model: Model
        self.read: dict[int, Registration] = {}  # as somebody read them when they signed up
        self.forms: list[tuple[Person, int, str]] = []

    @initialize(
        seats=st.tuples(capacities, capacities, capacities),
        habits=habits,
        crowd=st.lists(types, min_size=5, max_size=len(ADDRESSES)),
    )
    def open(self, seats: tuple[int, ...], habits: Habits, crowd: list[int]) -> None:
        """Registration opens, and a crowd is there. Counters of two seats, so that there are
        several."""
        first, second, third = seats
        self.opened = cast.make_conference(
            opens_at=self.world.moment - 100 * DAY,  # no clock is that wrong
            closes_at=self.world.moment + 100 * DAY,
            starts_at=self.world.moment + 200 * DAY,
            ends_at=self.world.moment + 201 * DAY,
            sign_ups_a_second=1_000,
            promotion=Promotion.OFFER if habits.offers else Promotion.CONFIRM,
            confirms_addresses=habits.confirms,
            offer_hours=OFFER_HOURS,
            ticket_types=(
                cast.ticket_type("일반", "Full pass", first),
                cast.ticket_type("워크숍", "Workshop", second),
                replace(cast.ticket_type("발표", "Speaker", third), approval=True),
            ),
        )
        self.model = Model(dict(zip(TYPES, seats, strict=True)), habits, lambda: self.world.moment)
        for email, type_id in zip(ADDRESSES, crowd, strict=False):
            self._send(Person("Ada", email), type_id, secrets.token_urlsafe(16), stale=False)

    def teardown(self) -> None:
        """In the end everybody has what is owed to them, once, and no offer is open."""
        self.world.catch_up()
        self.world.wait(3 * HOUR)  # an address had enough mails for an hour
        for _ in range(3):
            self.run_schedule(minutes=5)
        while any(one.state in FOR_A_TIME for one in self.model.entries):  # each ends one at least
            self.run_schedule(minutes=60 * OFFER_HOURS)
        assert holds.unsettled(self.opened) == []
        assert list(recount.findings(self.opened.conference_id)) == []
        assert self.world.sent_twice() == []

    # What people do

    @rule(person=people, type_id=types, stale=yes)
    def sign_up(self, person: Person, type_id: int, stale: bool) -> None:
        """A new form."""
        self._send(person, type_id, secrets.token_urlsafe(16), stale)

    @rule(emails=st.sets(st.sampled_from(ADDRESSES), min_size=3), type_id=types)
    def many_sign_up(self, emails: set[str], type_id: int) -> None:
        """More than there are seats, mostly."""
        for email in sorted(emails):
            self._send(Person("Ada", email), type_id, secrets.token_urlsafe(16), stale=False)

    @rule(person=people, type_id=types, late=yes)
    def sign_up_too_early_or_late(self, person: Person, type_id: int, late: bool) -> None:
        """Nothing is taken."""
        now = self.world.moment
        self.world.moment = self.opened.closes_at if late else self.opened.opens_at - 1
        attempt = cast.attempt(self.opened, person, type_id)
        outcome = _result(lambda: service.register(attempt))
        assert isinstance(outcome, Closed if late else NotOpenYet)
        self.world.moment = now

    @precondition(lambda self: self.forms)
    @rule(which=some, stale=yes)
    def sign_up_again(self, which: int, stale: bool) -> None:
        """A form that was sent before."""
        self._send(*_pick(self.forms, which), stale)

    @precondition(lambda self: self.forms)
    @rule(which=some, name=st.sampled_from(["Ada", "Eve"]))
    def sign_up_with_an_old_key(self, which: int, name: str) -> None:
        """The page was not loaded anew, but another name typed."""
        person, type_id, key = _pick(self.forms, which)
        self._send(Person(name, person.email), type_id, key, stale=False)

    def _send(self, person: Person, type_id: int, key: str, stale: bool) -> None:
        conference = self.opened if stale else self._fresh()
        attempt = cast.attempt(conference, person, type_id, key)
        outcome = service.register(attempt)
        self.forms.append((person, type_id, key))
        number = int(outcome.registration.registration_id)
        known = self.model.live(person.email)
        if known and not self.model.run_out(known):
            same = known.submission == attempt.submission
            assert outcome.found is (Found.SAME if same else Found.KNOWN)
            assert number == known.number
            return
        assert outcome.found is Found.NEW
        entry = Entry(number, person, type_id, attempt.submission, State.WAITING)
        self.model.sign_up(entry)
        self.read[number] = outcome.registration
        assert outcome.registration.state == entry.state  # what the visitor is told

    @precondition(lambda self: self.model.entries)
    @rule(which=some)
    def open_a_page(self, which: int) -> None:
        """Somebody looks at their registration, and presses a button of it perhaps much later."""
        number = _pick(self.model.entries, which).number
        self.read[number] = cast.fresh(self.read[number])

    @precondition(lambda self: self.model.entries)
    @rule(which=some, person=people, stale=rarely)
    def edit(self, which: int, person: Person, stale: bool) -> None:
        """Somebody has another name or address."""
        entry = _pick(self.model.entries, which)
        self._both(
            entry,
            stale,
            lambda registration: service.edit(registration, person),
            lambda: self.model.edit(entry, person),
        )

    @precondition(lambda self: self.model.entries)
    @rule(which=some, person=people, stale=rarely)
    def transfer(self, which: int, person: Person, stale: bool) -> None:
        """Somebody else comes instead."""
        entry = _pick(self.model.entries, which)
        done = self._both(
            entry,
            stale,
            lambda registration: service.transfer(registration, person),
            lambda: self.model.transfer(entry, person),
        )
        if done:
            entry.submission = done.submission

    @precondition(lambda self: self.model.entries)
    @rule(which=some, type_id=types, stale=rarely)
    def change_type(self, which: int, type_id: int, stale: bool) -> None:
        """Somebody had rather have another ticket."""
        entry = _pick(self.model.entries, which)
        self._both(
            entry,
            stale,
            lambda registration: service.change_type(registration, type_id),
            lambda: self.model.change_type(entry, type_id),
        )

    @precondition(lambda self: self._are(State.OFFERED, State.HELD))
    @rule(which=some, button=buttons, stale=rarely)
    def answer(self, which: int, button: int, stale: bool) -> None:
        """Somebody takes what is kept for them, or leaves it; perhaps too late."""
        self._press(_pick(self._are(State.OFFERED, State.HELD), which), button, stale)

    @precondition(lambda self: self._are(State.WAITING, State.CONFIRMED))
    @rule(which=some, button=buttons, stale=rarely)
    def leave_or_reissue(self, which: int, button: int, stale: bool) -> None:
        """Somebody cannot come, or their link got into wrong hands."""
        self._press(_pick(self._are(State.WAITING, State.CONFIRMED), which), button, stale)

    @precondition(lambda self: self._are(State.PENDING))
    @rule(which=some, button=buttons, stale=rarely)
    def decide(self, which: int, button: int, stale: bool) -> None:
        """The organiser says yes or no."""
        self._press(_pick(self._are(State.PENDING), which), button, stale)

    @precondition(lambda self: self.model.entries)
    @rule(state=st.sampled_from(list(BUTTONS)), which=some, button=buttons, stale=rarely)
    def press_what_is_not_there(self, state: State, which: int, button: int, stale: bool) -> None:
        """A button of another page, mostly."""
        self._press(_pick(self.model.entries, which), button, stale, state)

    def _are(self, *states: State) -> list[Entry]:
        return [one for one in self.model.entries if one.state in states]

    def _press(self, entry: Entry, button: int, stale: bool, state: State | None = None) -> None:
        act, expect = _pick(BUTTONS[state or entry.state], button)
        done = self._both(entry, stale, act, lambda: expect(self.model, entry))
        if done:
            entry.submission = done.submission

    def _both(
        self,
        entry: Entry,
        stale: bool,
        act: Act,
        expect: Callable[[], None],
    ) -> Registration | None:
        """Do it to the records and to the model; what was read before a change is refused."""
        now = service.find(entry.number)
        assert now
        registration = self.read[entry.number] if stale else now
        outdated = registration.revision != now.revision
        before = registration.attribute_values.copy()
        result = _result(lambda: act(registration))
        if outdated:
            assert isinstance(result, Refusal) or before == result.attribute_values
            if isinstance(result, TimeIsUp):
                self.model.run_out(entry)
            return None
        expected = _result(expect)
        if isinstance(expected, Refusal):
            assert isinstance(result, type(expected))
            return None
        assert not isinstance(result, Refusal)
        return result

    # What the organiser does

    @rule(hall=st.integers(1, 3))
    def move_the_conference(self, hall: int) -> None:
        """Everybody is to be told."""
        venue = Localised(ko=f"{hall}관", en=f"Hall {hall}")
        conferences.change(self.opened.conference_id, venue=venue)

    @rule(type_id=types, capacity=capacities)
    def change_capacity(self, type_id: int, capacity: int) -> None:
        """More seats, or fewer."""
        number = self.opened.conference_id
        result = _result(lambda: conferences.change_capacity(number, type_id, capacity))
        expected = _result(lambda: self.model.change_capacity(type_id, capacity))
        assert isinstance(result, Refusal) == isinstance(expected, Refusal)
        if isinstance(expected, Refusal):
            assert vars(result) == vars(expected)

    # What happens by itself

    @rule(type_id=types)
    def promote(self, type_id: int) -> None:
        """Another promoter comes along."""
        waiting.promote(self.opened.conference_id, type_id)
        self.model.promote(type_id)

    @precondition(lambda self: self.world.messages)
    @rule(which=some, again=yes)
    def deliver(self, which: int, again: bool) -> None:
        """A message arrives: any, late, and perhaps not for the last time."""
        message = _pick(self.world.messages, which)
        if not again:
            self.world.messages.remove(message)
        sns.handle({"Records": [{"Sns": {"Message": message.to_json()}}]}, None)
        if message.type == SEATS_CHANGED:
            self.model.promote(message.data["type_id"])

    @precondition(lambda self: self.world.messages)
    @rule(which=some)
    def lose(self, which: int) -> None:
        """A message never arrives."""
        self.world.messages.remove(_pick(self.world.messages, which))

    @rule(minutes=st.sampled_from([1, 5, 60]))
    def run_schedule(self, minutes: int) -> None:
        """Time passes, and the schedule runs."""
        self.world.wait(minutes * MINUTE)
        schedule.every_five_minutes({}, None)
        self.model.pass_time()
        if minutes >= 60:
            assert schedule.every_hour({}, None)["mended"] == 0

    @rule(minutes=st.sampled_from([-180, -20, 1, 20, 40, 180]))
    def jump(self, minutes: int) -> None:
        """The clock is wrong, or was."""
        self.world.wait(minutes * MINUTE)

    # What must always hold

    @invariant()
    def the_records_hold_and_are_as_the_model(self) -> None:
        """Seats, locks, queues, debts; and everybody stands where they should, in their order."""
        people = holds.registrations(self.opened)
        assert holds.broken(self.opened, people) == []
        kept = {int(one.registration_id): one for one in people}
        assert {n: (one.state, service.person_of(one), one.type_id) for n, one in kept.items()} == {
            one.number: (one.state, one.person, one.type_id) for one in self.model.entries
        }
        for type_id, stock in self.model.stocks.items():
            assert _queue(people, type_id) == [one.number for one in stock.queue]

    @invariant()
    def one_address_has_one_registration(self) -> None:
        """Live ones are meant."""
        live = [one.person.email for one in self.model.entries if one.state in LIVE]
        assert max(Counter(live).values(), default=1) == 1

    def _fresh(self) -> Conference:
        return conferences.read(self.opened.conference_id)
