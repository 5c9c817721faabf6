"""Refusals: what can be wrong with a request, one class each.

How a refusal looks over HTTP stands in app.web.errors, once.
"""

from __future__ import annotations


class Refusal(Exception):
    """A request that is refused; `code` tells a program why, `retry_after` (seconds) whether
    asking again helps."""

    code = "refused"
    retry_after: int | None = None


class NotFound(Refusal):
    """There is no such thing, or it is not for the one who asks: the two look alike."""

    code = "not_found"


class ForeignOrigin(Refusal):
    """The form was sent from another site."""

    code = "foreign_origin"


class NotUtf8(Refusal):
    """The body is not UTF-8."""

    code = "not_utf8"


class UnreadableBody(Refusal):
    """The body is not a form."""

    code = "unsupported_media_type"


class NotOpenYet(Refusal):
    """Registration has not opened."""

    code = "not_open"


class Closed(Refusal):
    """Registration has ended, or the conference is over or cancelled."""

    code = "closed"


class Full(Refusal):
    """No seat is free."""

    code = "full"


class AlreadyRegistered(Refusal):
    """The address has a live registration; no new place was taken."""

    code = "already_registered"


class Taken(Refusal):
    """The name (a slug, say) is in use."""

    code = "taken"


class SeatsTaken(Refusal):
    """Fewer seats are asked for than are taken."""

    code = "seats_taken"

    def __init__(self, taken: int) -> None:
        are = "1 seat is" if taken == 1 else f"{taken} seats are"
        super().__init__(f"{are} taken, so there cannot be fewer than {taken}.")
        self.taken = taken


class Invalid(Refusal):
    """A value that an operator gave cannot be used; the text says which and why."""

    code = "invalid"


class NotMovable(Refusal):
    """The registration is in a state from which this move is not allowed."""

    code = "not_movable"


class TimeIsUp(Refusal):
    """The time in which a seat was held has run out."""

    code = "time_is_up"


class ChangedMeanwhile(Refusal):
    """Somebody changed the record between our reading and our writing."""

    code = "changed_meanwhile"
    retry_after = 1


class TooMany(Refusal):
    """Somebody asked for this more often than anybody would."""

    code = "too_many"
    retry_after = 3600


class UnknownHost(Refusal):
    """The request is for another host: a page elsewhere may have aimed it at this machine."""

    code = "unknown_host"


class Busy(Refusal):
    """The store refused too often; nothing was taken, and trying again helps."""

    code = "busy"
    retry_after = 2


class Undecided(Refusal):
    """The store did not say whether it was written; the record tells, and the mail."""

    code = "undecided"
    retry_after = 5
