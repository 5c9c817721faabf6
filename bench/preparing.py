"""What a stage needs for a rush of a given height, and what that costs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import limits
from flow import RUSH_SECONDS, Outcome, Setup, simulate
from limits import REACTION_SECONDS, REQUESTS

SIGN_UPS_A_COUNTER = 250  # as app/conferences/spreading.py has it
MOST_COUNTERS = 64
ENOUGH = 0.99
SPARE = 1.25
MAILED_WITHIN = 3600
DRAWN_WITHIN = 300
READY_HOURS = 1
MOST_WRITES = 512_000.0
WORK = limits.SIGN_UP_SECONDS.value + limits.PASS_SECONDS.value


@dataclass(frozen=True)
class Prepared:
    """A setup, what comes of it, and USD: for the preparation, and for the sign-ups themselves."""

    rate: float
    setup: Setup
    outcome: Outcome
    preparing: float
    using: float

    @property
    def is_enough(self) -> bool:
        """Whether nearly everybody gets through."""
        return self.outcome.carried >= ENOUGH * self.rate


def prepare(rate: float) -> Prepared:
    """The least that carries so many sign-ups a second for a minute; if nothing does, the most."""
    people = rate * RUSH_SECONDS
    setup = _setup(rate, people)
    few_keys = _least(lambda writes: replace(setup, writes=MOST_WRITES, few_keys=writes), rate)
    writes = _least(lambda writes: replace(setup, writes=writes, few_keys=few_keys), rate)
    least = replace(setup, writes=writes, few_keys=few_keys)
    return Prepared(rate, least, simulate(least, rate), cost_of_preparing(least), cost_of(people))


def _least(with_writes: Callable[[float], Setup], rate: float) -> float:
    """The least write units with which enough is carried, doubled from those of a new table."""
    writes = limits.NEW_TABLE_WRITES.value
    while simulate(with_writes(writes), rate).carried < ENOUGH * rate and writes < MOST_WRITES:
        writes *= 2
    return writes


def _setup(rate: float, people: float) -> Setup:
    """All but the tables."""
    queue = min(limits.QUEUE_MOST.value, math.ceil(people * REACTION_SECONDS.value / DRAWN_WITHIN))
    at_once = max(rate * WORK + queue, rate * REQUESTS / limits.REQUESTS_OF_ONE.value) * SPARE
    return Setup(
        counters=counters_for(rate),
        concurrency=max(limits.NEW_CONCURRENCY.value, _rounded(at_once)),
        ready=0 if rate < 100 else _rounded(rate * WORK),
        gateway=max(limits.GATEWAY_RATE.value, _rounded(rate * REQUESTS * SPARE)),
        mails=max(limits.MAIL_RATE.value, math.ceil(people / MAILED_WITHIN)),
        queue=max(2, queue),
    )


def counters_for(rate: float) -> int:
    """As the application has it, for a capacity that does not limit it."""
    return max(1, min(MOST_COUNTERS, int(rate // SIGN_UPS_A_COUNTER)))


def _rounded(number: float) -> float:
    """Up to two digits."""
    unit = 10.0 ** max(0, math.floor(math.log10(max(1.0, number))) - 1)
    return math.ceil(number / unit) * unit


def cost_of_preparing(setup: Setup) -> float:
    """USD: the warm throughput of five tables and indexes once, what is kept ready for an hour."""
    new = limits.NEW_TABLE_WRITES.value
    more = 3 * (setup.writes - new) + 2 * (setup.few_keys - new)
    ready = setup.ready * READY_HOURS * 3600 * limits.USD_PROVISIONED_SECOND
    return more * limits.USD_WARM_UNIT + ready


def cost_of(people: float) -> float:
    """USD for so many sign-ups with pass and mail: the calls, without pages from CloudFront."""
    each = (
        (limits.TRANSACTION_UNITS.value + limits.ADDRESS_UNITS + limits.REGISTRATION_UNITS
         + limits.BY_CHANGE_UNITS + limits.BY_DUE_UNITS + limits.REACTION_UNITS
         + limits.REACTION_BY_DUE_UNITS + limits.REACTION_ACCESS_UNITS) * limits.USD_WRITES
        + limits.READ_UNITS * limits.USD_READS
        + (WORK + REACTION_SECONDS.value) * limits.USD_SECONDS
        + (REQUESTS + 1) * limits.USD_INVOCATIONS
        + REQUESTS * limits.USD_REQUESTS
        + limits.USD_MAILS + limits.USD_OBJECTS + limits.USD_MESSAGES
    )  # fmt: skip
    return people * each
