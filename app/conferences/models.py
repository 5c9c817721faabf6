"""The records of conferences: keys as docs/decisions/0003-keys.md counts them."""

from __future__ import annotations

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action

from app.aws.tables import Record
from app.core.clock import now_ms

ABOUT = "about"


class ConferenceItem(Record):
    """One part of a conference: about, type#<n>, later question#<n>, checkpoint#<n>, ..."""

    kind = "conferences"

    conference_id = NumberAttribute(hash_key=True)
    item = UnicodeAttribute(range_key=True)
    body = JSONAttribute()
    # The about item counts ticket types here, so that numbers are never given twice.
    last_type = NumberAttribute(null=True)


class SlugItem(Record):
    """A slug in use: the uniqueness lock, and the way from an address to its conference. `news` is
    there while somebody is to be told of a change: found without reading all conferences."""

    kind = "slugs"

    slug = UnicodeAttribute(hash_key=True)
    conference_id = NumberAttribute()
    news = NumberAttribute(null=True)


class SeatItem(Record):
    """Seats of one ticket type. "<conference>.<type>#<n>" are the counters sign-ups take from:
    nothing comes back to them. "...#pool" holds freed and added seats: only the promoter takes
    from it. Always: capacity = sum of `capacity` over counters and pool."""

    kind = "seats"

    seat = UnicodeAttribute(hash_key=True)
    capacity = NumberAttribute()
    left = NumberAttribute()
    moved_at = NumberAttribute(null=True)  # when somebody last took or freed a seat (ms UTC)
    # Of the pool alone: how many places were given in the queue, how often seats were spread anew,
    # how many a recount found to be held that were fewer than are taken, and when (ms UTC).
    next_place = NumberAttribute(null=True)
    spread = NumberAttribute(null=True)
    counted = NumberAttribute(null=True)
    counted_at = NumberAttribute(null=True)


def moved(seats: int) -> list[Action]:
    """So many seats come back (below 0: are taken). When is noted, too: `left` may come to be what
    it was, and a recount must know that it was not so all the time."""
    return [SeatItem.left.add(seats), SeatItem.moved_at.set(now_ms())]


def counter_key(conference_id: int, type_id: int, number: int) -> str:
    """The key of one counter."""
    return f"{conference_id}.{type_id}#{number}"


def pool_key(conference_id: int, type_id: int) -> str:
    """The key of the pool."""
    return f"{conference_id}.{type_id}#pool"


def type_of(pool: str) -> tuple[int, int]:
    """The conference and the ticket type of a pool."""
    conference_id, _, type_id = pool.removesuffix("#pool").partition(".")
    return int(conference_id), int(type_id)
