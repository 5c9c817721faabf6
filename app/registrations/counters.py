"""The counters of a ticket type, from which sign-ups take their seats.

Nothing comes back to a counter, so one that is empty stays so.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from app.aws.tables import Update, Write, commit
from app.conferences.models import SeatItem, counter_key, moved
from app.conferences.rules import TicketType
from app.core.errors import Full, Refusal

# Counters that this process has seen empty: asking them again would cost, and be refused. Another
# spread gives counters new seats.
_empty: set[tuple[str, int]] = set()


class _CounterEmpty(Refusal):
    """This counter is empty; another may not be."""


def take_seat(conference_id: int, ticket_type: TicketType, *writes: Write, until: float) -> None:
    """Take a seat from a counter together with `writes`; raises Full once every counter has
    refused, else what `commit` raises."""
    for counter in _in_random_order(conference_id, ticket_type):
        try:
            return commit(*writes, _one_less(counter), until=until)
        except _CounterEmpty:
            _empty.add((counter, ticket_type.spread))
    raise Full


def _in_random_order(conference_id: int, ticket_type: TicketType) -> Iterator[str]:
    """Those not known to be empty, from any one on."""
    # The system draws: processes out of one SnapStart picture would begin alike.
    start = random.SystemRandom().randrange(ticket_type.counters)
    for number in range(ticket_type.counters):
        at = (start + number) % ticket_type.counters
        counter = counter_key(conference_id, ticket_type.type_id, at)
        if (counter, ticket_type.spread) not in _empty:
            yield counter


def _one_less(counter: str) -> Update:
    return Update(SeatItem(counter), SeatItem.left > 0, _CounterEmpty, actions=moved(-1))
