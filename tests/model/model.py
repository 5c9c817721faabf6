"""What registration comes to, as simply as it can be said: lists, and nobody at the same time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.core.clock import HOUR
from app.core.errors import AlreadyRegistered, Full, NotFound, NotMovable, SeatsTaken, TimeIsUp
from app.registrations.rules import FOR_A_TIME, HOLD, HOLD_A_SEAT, LIVE, Person, State

OFFER_HOURS = 5


@dataclass
class Entry:
    """One registration; until when its seat is held, if that is for a time (ms UTC)."""

    number: int
    person: Person
    type_id: int
    submission: str
    state: State
    until: int = 0


@dataclass
class Stock:
    """The seats of a ticket type: those nobody had yet, and those that came back or were added,
    which are for who waits. And who waits, in order."""

    capacity: int
    fresh: int
    pool: int = 0
    touched: bool = False
    queue: list[Entry] = field(default_factory=list)


@dataclass
class Habits:
    """What the organiser has chosen."""

    offers: bool  # a freed seat; else it is given at once
    confirms: bool  # addresses
    on_request: int  # the ticket type that is given on approval


class Model:
    """A conference."""

    def __init__(
        self, capacities: Mapping[int, int], habits: Habits, clock: Callable[[], int]
    ) -> None:
        self.stocks = {type_id: Stock(n, n) for type_id, n in capacities.items()}
        self.entries: list[Entry] = []
        self._habits = habits
        self._now = clock

    def live(self, email: str) -> Entry | None:
        """Who is registered with an address."""
        found = (one for one in self.entries if one.person.email == email and one.state in LIVE)
        return next(found, None)

    def sign_up(self, entry: Entry) -> None:
        """A seat that nobody had yet; else the end of the queue, and then a look at the pool. Or a
        request, which takes neither."""
        stock = self.stocks[entry.type_id]
        self.entries.append(entry)
        if entry.type_id == self._habits.on_request:
            entry.state = State.PENDING
            return
        stock.touched = True
        if stock.fresh:
            stock.fresh -= 1
            self._arrive(entry)
        else:
            self._queue(entry, newcomer=entry)

    def _arrive(self, entry: Entry) -> None:
        if self._habits.confirms:
            entry.state, entry.until = State.HELD, self._now() + HOLD
        else:
            entry.state = State.CONFIRMED

    def _queue(self, entry: Entry, newcomer: Entry | None = None) -> None:
        stock = self.stocks[entry.type_id]
        stock.touched = True
        entry.state = State.WAITING
        stock.queue.append(entry)
        self.promote(entry.type_id, newcomer)

    def promote(self, type_id: int, newcomer: Entry | None = None) -> None:
        """The seats of the pool go to the head of the queue."""
        stock = self.stocks[type_id]
        while stock.pool and stock.queue:
            stock.pool -= 1
            head = stock.queue.pop(0)
            if head is newcomer:
                self._arrive(head)
            elif self._habits.offers or self._habits.confirms:
                head.state, head.until = State.OFFERED, self._now() + OFFER_HOURS * HOUR
            else:
                head.state = State.CONFIRMED

    def cancel(self, entry: Entry) -> None:
        """The seat, if there is one, goes to the next."""
        self._require(entry, *LIVE)
        stock = self.stocks[entry.type_id]
        held, entry.state = entry.state in HOLD_A_SEAT, State.CANCELLED
        if held:
            stock.pool += 1
            self.promote(entry.type_id)
        elif entry in stock.queue:
            stock.queue.remove(entry)

    def accept(self, entry: Entry) -> None:
        """In time."""
        self._answer(entry, State.OFFERED)

    def confirm(self, entry: Entry) -> None:
        """The same of an address."""
        self._answer(entry, State.HELD)

    def _answer(self, entry: Entry, asked: State) -> None:
        self._require(entry, asked)
        if self.run_out(entry):
            raise TimeIsUp
        entry.state = State.CONFIRMED

    def run_out(self, entry: Entry) -> bool:
        """The seat goes to the next, if its time is up."""
        up = entry.state in FOR_A_TIME and self._now() >= entry.until
        if up:
            self.cancel(entry)
        return up

    def approve(self, entry: Entry, *, or_wait: bool = False) -> None:
        """A seat, or a place in the queue."""
        self._require(entry, State.PENDING)
        try:
            self._take_out_of_turn(entry.type_id)
        except Full:
            if not or_wait:
                raise
            self._queue(entry)
        else:
            entry.state = State.CONFIRMED

    def decline(self, entry: Entry) -> None:
        """A request takes nothing, so nothing comes free."""
        self._require(entry, State.PENDING)
        entry.state = State.CANCELLED

    def change_type(self, entry: Entry, type_id: int) -> None:
        """A seat of the other type, if nobody waits for it; the seat that is left goes on."""
        if type_id in (entry.type_id, self._habits.on_request):
            raise NotFound
        self._require(entry, State.CONFIRMED)
        self._take_out_of_turn(type_id)
        former, entry.type_id = entry.type_id, type_id
        self.stocks[former].pool += 1
        self.promote(former)

    def _take_out_of_turn(self, type_id: int) -> None:
        stock = self.stocks[type_id]
        if stock.fresh:
            stock.fresh -= 1
        elif stock.pool and not stock.queue:
            stock.pool -= 1
        else:
            raise Full
        stock.touched = True

    def edit(self, entry: Entry, person: Person) -> None:
        """Other details; an address that somebody else has is refused."""
        self._require(entry, *LIVE - {State.HELD})
        self._give_to(entry, person)

    def transfer(self, entry: Entry, person: Person) -> None:
        """Another person's details; what was given on approval is nobody else's."""
        self._require(entry, State.CONFIRMED)
        if entry.type_id == self._habits.on_request:
            raise NotMovable
        self._give_to(entry, person)

    def _give_to(self, entry: Entry, person: Person) -> None:
        if self.live(person.email) not in (None, entry):
            raise AlreadyRegistered
        entry.person = person

    def reissue(self, entry: Entry) -> None:
        """Whoever stands somehow has a link."""
        self._require(entry, *LIVE)

    def change_capacity(self, type_id: int, capacity: int) -> None:
        """More go to the pool; fewer are taken from what is free, the pool first."""
        stock = self.stocks[type_id]
        if not stock.touched:
            stock.capacity = stock.fresh = capacity
            return
        fewer = stock.capacity - capacity
        if fewer > stock.pool + stock.fresh:
            raise SeatsTaken(stock.capacity - stock.pool - stock.fresh)
        from_pool = min(fewer, stock.pool)  # below 0 where seats are added
        stock.capacity = capacity
        stock.pool -= from_pool
        stock.fresh -= fewer - from_pool

    def pass_time(self) -> None:
        """The schedule: what is up goes to others, and what is free too."""
        for entry in self.entries:
            self.run_out(entry)
        for type_id in self.stocks:
            self.promote(type_id)

    def _require(self, entry: Entry, *states: State) -> None:
        if entry.state not in states:
            raise NotMovable
