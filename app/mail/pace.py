"""The pace of mail: whoever takes it takes so many a second, and so many a day, from all processes
together (docs/decisions/0010-mail-pace.md).

While mail flows below the rate nothing is written. One row of the access table tells all processes
when it does not: `closed_until`, because a mail was refused as too many; `claimed_until`, because
somebody pays what is owed. Until then nobody else sends: their mail stays owed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from email.message import EmailMessage
from typing import TypeVar

from pynamodb.attributes import NumberAttribute
from pynamodb.expressions.condition import Condition

from app.aws import access
from app.aws.access import Access
from app.aws.tables import change
from app.core import clock
from app.core.cache import TimedCache
from app.core.clock import DAY, SECOND, now_ms
from app.core.errors import ChangedMeanwhile
from app.mail.transport import NotSent, transport

Item = TypeVar("Item")

KEY = access.key_of("mail-pace")
# A little below the rate: mails that leave in time may arrive closer together.
CAUTION = 1.05


class _Turn:
    """While this process pays what is owed: mails leave `gap` (ms) apart, the next at `next_at`."""

    gap = 0
    next_at = 0

    def begin(self, gap: int) -> None:
        """Begin, not sooner after an earlier turn than within one."""
        self.gap, self.next_at = gap, min(self.next_at, now_ms() + gap)


_turn = _Turn()
# Asked for each mail; whoever begins a turn, or closes, is heard of a second later.
_lately: TimedCache[Access] = TimedCache(lambda: 1.0)


def is_open() -> bool:
    """Whether a mail may be sent now."""
    return _is_free(_lately.get(KEY, _read))


def _is_free(row: Access) -> bool:
    return max(_ms(row.closed_until), _ms(row.claimed_until)) <= now_ms()


def send(mail: EmailMessage) -> None:
    """Send one mail; raises NotSent. If it is one too many, nobody sends for a while."""
    if _turn.gap:
        clock.wait_until(_turn.next_at)
        _turn.next_at = now_ms() + _turn.gap
    try:
        transport().send(mail)
    except NotSent as failure:
        if failure.pause:
            _close(now_ms() + failure.pause)
        raise


def paced(items: Iterable[Item], end: int) -> Iterator[Item]:
    """Each item at the moment when its mail may go, nobody else sending meanwhile. Stops before
    `end` (ms UTC) even if items are left; none at all if others send, or nobody may."""
    waiting = list(items)
    if not (waiting and _is_free(_read()) and _claim(end)):
        return
    way = transport()
    _turn.begin(math.ceil(SECOND * CAUTION / way.rate()))
    try:
        with way.together():
            for item in waiting:
                moment = max(_turn.next_at, _ms(_read().closed_until), now_ms())
                if moment >= end:
                    return
                clock.wait_until(moment)
                yield item
    finally:
        _turn.gap = 0
        _give_back(end)


def _read() -> Access:
    try:
        return Access.get(KEY, consistent_read=True)
    except Access.DoesNotExist:
        return Access(KEY)


def _ms(moment: float | None) -> int:
    return int(moment or 0)


def _close(until: int) -> None:
    sooner = Access.closed_until.does_not_exist() | (Access.closed_until < until)
    _set(Access.closed_until, until, sooner)


def _claim(until: int) -> bool:
    free = Access.claimed_until.does_not_exist() | (Access.claimed_until <= now_ms())
    return _set(Access.claimed_until, until, free)


def _give_back(until: int) -> None:
    _set(Access.claimed_until, 0, Access.claimed_until == until)


def _set(attribute: NumberAttribute, moment: int, condition: Condition) -> bool:
    """Whether the condition held and the moment was written."""
    _lately.clear()
    forgotten = Access.expires_at.set((now_ms() + DAY) // SECOND)
    try:
        change(Access(KEY), condition, [attribute.set(moment), forgotten])
    except ChangedMeanwhile:
        return False
    return True
