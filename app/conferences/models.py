"""The records of conferences: keys as docs/decisions/0003-keys.md counts them."""

from __future__ import annotations

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute

from app.aws.tables import Record

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
    # Of the pool alone: how often a seat came or went, how many places were given in the queue, how
    # often seats were spread anew.
    moved = NumberAttribute(null=True)
    next_place = NumberAttribute(null=True)
    spread = NumberAttribute(null=True)


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
