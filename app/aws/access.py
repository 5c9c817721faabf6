"""The access table: short-lived rows under the hash of a secret or of a limit's name.

TTL removes rows within days, not at the second: expiry is judged on reading.
"""

from __future__ import annotations

import hashlib

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from app.aws.tables import Record, change
from app.core.clock import HOUR, SECOND, now_ms
from app.core.errors import TooMany


class ByConference(GlobalSecondaryIndex["Access"]):
    """What belongs to a conference, by when it expires; requests stand under their own name."""

    class Meta:
        index_name = "by_conference"
        projection = KeysOnlyProjection()

    conference = UnicodeAttribute(hash_key=True)
    expires_at = NumberAttribute(range_key=True)


class Access(Record):
    """One row. `expires_at` is in seconds, as DynamoDB's TTL wants it."""

    kind = "access"

    key = UnicodeAttribute(hash_key=True)
    conference = UnicodeAttribute(null=True)
    expires_at = NumberAttribute()
    used = NumberAttribute(null=True)
    full_at = NumberAttribute(null=True)
    claimed_until = NumberAttribute(null=True)
    closed_until = NumberAttribute(null=True)
    email = UnicodeAttribute(null=True)
    language = UnicodeAttribute(null=True)

    by_conference = ByConference()


def key_of(*parts: str) -> str:
    """The key of a row: a hash, so that the table holds no secret and no address."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def allowed(*parts: str, limit: int, window: int = HOUR, until: float | None = None) -> bool:
    """Take one token out of the bucket that `parts` name; False if it is empty. It holds `limit`
    tokens, and an empty one fills up evenly within `window` (ms): `limit` uses at once, then one
    each `window / limit`, in whole ms. Raises Busy past `until`."""
    # A bucket is one number: when it will be full again (ms), which each use puts off. So a use is
    # one conditional write, and those of one moment do not meet as readers would. (The generic
    # cell rate algorithm of ITU-T I.371, as a virtual schedule.)
    bucket, now, each, full_at = Access(key_of(*parts)), now_ms(), window // limit, Access.full_at
    has_some = (full_at > now) & (full_at <= now + window - each)
    # Or of a clock that has been put back since: by more than a window, because others may have
    # asked the clock after us and come before us, or have one that is a little ahead.
    put_back = full_at > now + 2 * window
    is_full = full_at.does_not_exist() | (full_at <= now) | put_back
    go_on, begin = (has_some, full_at.add(each)), (is_full, full_at.set(now + each))
    expiry = Access.expires_at.set((now + 2 * window) // SECOND)
    # Who finds it full begins; if another did so just now, there are some to take from.
    return any(
        _holds(bucket, state, [action, expiry], until) for state, action in (go_on, begin, go_on)
    )


def _holds(row: Access, state: Condition, actions: list[Action], until: float | None) -> bool:
    """Whether the row is in this state, and the actions are done."""
    try:
        change(row, state, actions, TooMany, until)
    except TooMany:
        return False
    return True
