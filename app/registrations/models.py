"""The records of registrations: keys as docs/decisions/0003-keys.md counts them."""

from __future__ import annotations

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection, KeysOnlyProjection

from app.aws.tables import Record
from app.core.clock import DAY

DUE_SHARDS = 16
PLACE_SHARDS = 8


class ByChange(GlobalSecondaryIndex["Registration"]):
    """What the roster shows, by conference and day of the last meaningful change."""

    class Meta:
        index_name = "by_change"
        projection = IncludeProjection(
            [
                "type_id",
                "state",
                "name",
                "email",
                "company",
                "phone",
                "revision",
                "created_at",
                "erased_at",
            ]
        )

    change_shard = UnicodeAttribute(hash_key=True)
    change_at = UnicodeAttribute(range_key=True)


class ByDue(GlobalSecondaryIndex["Registration"]):
    """What is owed a pass or a mail, or holds a seat for a time, by when it is due. Sparse."""

    class Meta:
        index_name = "by_due"
        projection = KeysOnlyProjection()

    due_shard = UnicodeAttribute(hash_key=True)
    due_at = NumberAttribute(range_key=True)


class Registration(Record):
    """One person's place at one conference.

    `revision` counts meaningful changes; the pass image of a revision is made when
    `pass_done` equals it. `mail_owed` names the mail that is still to be sent.
    """

    kind = "registrations"

    registration_id = NumberAttribute(hash_key=True)
    conference_id = NumberAttribute()
    type_id = NumberAttribute()
    state = UnicodeAttribute()
    place = NumberAttribute(null=True)
    seat_until = NumberAttribute(null=True)  # the end of an offer or a hold
    ended = UnicodeAttribute(null=True)  # how: a Standing

    name = UnicodeAttribute()
    email = UnicodeAttribute()
    phone = UnicodeAttribute(default="")
    company = UnicodeAttribute(default="")
    language = UnicodeAttribute()
    consent_version = UnicodeAttribute(null=True)
    consent_at = NumberAttribute(null=True)

    created_at = NumberAttribute()
    revision = NumberAttribute(default=1)
    link_version = NumberAttribute(default=1)
    pass_version = NumberAttribute(default=1)
    pass_done = NumberAttribute(default=0)
    mail_owed = UnicodeAttribute(null=True)
    mail_tries = NumberAttribute(null=True)  # that failed and were this mail's own fault
    mail_refused = UnicodeAttribute(null=True)  # the last mail, if it can never be sent
    # Addresses that the registration had, until they are told that it moved.
    former_emails: UnicodeSetAttribute = UnicodeSetAttribute(null=True)
    withdrawal_owed = NumberAttribute(null=True)  # 1 until the image of a pass that is void is gone
    claimed_until = NumberAttribute(default=0)
    # The revision of the conference that its owner was last told of.
    told_of = NumberAttribute(default=0)
    submission = UnicodeAttribute()
    erased_at = NumberAttribute(null=True)

    change_shard = UnicodeAttribute()
    change_at = UnicodeAttribute()
    due_shard = UnicodeAttribute(null=True)
    due_at = NumberAttribute(null=True)

    by_change = ByChange()
    by_due = ByDue()


def unchanged(registration: Registration) -> Condition:
    """That a registration is still as it was read, but for what it is owed."""
    as_read: Condition = (Registration.revision == registration.revision) & (
        Registration.state == registration.state
    )
    return as_read


class AddressLock(Record):
    """One live registration per address and conference. Holds no personal data: the address is
    an HMAC, and one query finds all passes of it."""

    kind = "addresses"

    address = UnicodeAttribute(hash_key=True)
    scope = UnicodeAttribute(range_key=True)
    registration_id = NumberAttribute()
    submission = UnicodeAttribute()


class WaitingPlace(Record):
    """One place in the queue of a ticket type; the smallest of all shards is the head."""

    kind = "waiting"

    queue = UnicodeAttribute(hash_key=True)
    place = NumberAttribute(range_key=True)
    registration_id = NumberAttribute()


def queue_shards(conference_id: int, type_id: int) -> tuple[str, ...]:
    """The keys of all parts of a queue."""
    return tuple(f"{conference_id}.{type_id}#{shard}" for shard in range(PLACE_SHARDS))


def queue_key(conference_id: int, type_id: int, place: int) -> str:
    """The part of the queue in which a place stands."""
    return f"{conference_id}.{type_id}#{place % PLACE_SHARDS}"


def waiting_place(registration: Registration) -> WaitingPlace:
    """The row that stands for a waiting registration in its queue."""
    place = int(registration.place or 0)
    queue = queue_key(int(registration.conference_id), int(registration.type_id), place)
    return WaitingPlace(queue, place, registration_id=registration.registration_id)


def change_shard(conference_id: int, at: int, shard: int) -> str:
    """The part of by_change that holds what changed on the day of `at` (ms UTC)."""
    return f"{conference_id}#{at // DAY}#{shard}"


def change_key(registration_id: int, at: int) -> str:
    """Where a change made at `at` (ms UTC) stands in its part."""
    return f"{at:014}#{registration_id}"


def due_key(registration_id: int) -> str:
    """The part of by_due in which a registration stands while it is owed anything."""
    return f"d#{registration_id % DUE_SHARDS}"
