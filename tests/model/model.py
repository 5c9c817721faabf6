"""What registration comes to, as simply as it can be said: lists, and nobody at the same time."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.core.errors import AlreadyRegistered, NotMovable, SeatsTaken
from app.registrations.rules import HOLD_A_SEAT, LIVE, Person, State


@dataclass
class Entry:
    """One registration."""

    number: int
    person: Person
    type_id: int
    submission: str
    state: State


@dataclass
class Stock:
    """The seats of a ticket type: those nobody had yet, and those that came back or were added,
    which are for who waits. And who waits, in order."""

    capacity: int
    fresh: int
    pool: int = 0
    touched: bool = False
    queue: list[Entry] = field(default_factory=list)


class Model:
    """A conference."""

    def __init__(self, capacities: dict[int, int]) -> None:
        self.stocks = {type_id: Stock(n, n) for type_id, n in capacities.items()}
        self.entries: list[Entry] = []

    def live(self, email: str) -> Entry | None:
        """Who is registered with an address."""
        found = (one for one in self.entries if one.person.email == email and one.state in LIVE)
        return next(found, None)

    def sign_up(self, entry: Entry) -> None:
        """A seat that nobody had yet; else the end of the queue, and then a look at the pool."""
        stock = self.stocks[entry.type_id]
        stock.touched = True
        self.entries.append(entry)
        if stock.fresh:
            stock.fresh -= 1
            entry.state = State.CONFIRMED
        else:
            entry.state = State.WAITING
            stock.queue.append(entry)
            self.promote(entry.type_id)

    def promote(self, type_id: int) -> None:
        """The seats of the pool go to the head of the queue."""
        stock = self.stocks[type_id]
        while stock.pool and stock.queue:
            stock.pool -= 1
            stock.queue.pop(0).state = State.CONFIRMED

    def cancel(self, entry: Entry) -> None:
        """The seat, if there is one, goes to the next."""
        self._require_live(entry)
        stock = self.stocks[entry.type_id]
        if entry.state in HOLD_A_SEAT:
            stock.pool += 1
        elif entry.state is State.WAITING:
            stock.queue.remove(entry)
        entry.state = State.CANCELLED
        self.promote(entry.type_id)

    def edit(self, entry: Entry, person: Person) -> None:
        """Other details; an address that somebody else has is refused."""
        self._require_live(entry)
        if self.live(person.email) not in (None, entry):
            raise AlreadyRegistered
        entry.person = person

    def reissue(self, entry: Entry, submission: str) -> None:
        """The form that signed up leads nowhere any more."""
        self._require_live(entry)
        entry.submission = submission

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

    def _require_live(self, entry: Entry) -> None:
        if entry.state not in LIVE:
            raise NotMovable
