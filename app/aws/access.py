"""The access table: short-lived rows under the hash of a secret or of a limit's name.

TTL removes rows within days, not at the second: expiry is judged on reading.
"""

from __future__ import annotations

import hashlib

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
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
    claimed_until = NumberAttribute(null=True)
    closed_until = NumberAttribute(null=True)
    email = UnicodeAttribute(null=True)
    language = UnicodeAttribute(null=True)

    by_conference = ByConference()


def key_of(*parts: str) -> str:
    """The key of a row: a hash, so that the table holds no secret and no address."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def allowed(*parts: str, limit: int, window: int = HOUR, until: float | None = None) -> bool:
    """Count one use of what `parts` name; False once `limit` uses were made in this window (ms,
    counted from the full hour or minute, not sliding). Raises Busy past `until`."""
    now = now_ms()
    row = Access(key_of(*parts, str(now // window)))
    actions = [Access.used.add(1), Access.expires_at.set((now + 2 * window) // SECOND)]
    below = Access.used.does_not_exist() | (Access.used < limit)
    try:
        change(row, below, actions, TooMany, until)
    except TooMany:
        return False
    return True
