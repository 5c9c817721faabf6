"""How many sign-ups get through AWS's limits: a flow in steps of a tenth of a second, no chance in
it but where hashes put counters, which is averaged."""

from __future__ import annotations

import random
from collections import defaultdict, deque
from dataclasses import dataclass
from functools import cache, lru_cache

import limits
from limits import PARTITION_WRITES, PATIENCE_SECONDS, REACTION_SECONDS, REQUESTS

STEP = 0.1
RUSH_SECONDS = 60
SEED, PLACEMENTS = 20261125, 40
MOST_SHARDS = 16
WORTH_TELLING = 0.001  # of all people
GATEWAY, REQUESTS_A_SECOND, AT_ONCE = "API Gateway", "Lambda, requests a second", "Lambda, at once"
_WORK = limits.SIGN_UP_SECONDS.value + limits.PASS_SECONDS.value  # of the function, a sign-up


@dataclass(frozen=True)
class Setup:
    """What a stage has: counters of the ticket type; how much may run at once, and how much of it
    is kept ready; the write units a second that are warm in each table and index, and in the two
    with few keys (seats, index of changes); API Gateway's requests and SES's mails a second; how
    many reactions the queue lets run at once (None: SNS calls the function); and for how many
    seconds a transaction keeps others off a counter, which AWS does not publish."""

    counters: int
    concurrency: float = limits.CONCURRENCY.value
    ready: float = 0
    writes: float = limits.NEW_TABLE_WRITES.value
    few_keys: float = limits.NEW_TABLE_WRITES.value
    gateway: float = limits.GATEWAY_RATE.value
    mails: float = limits.MAIL_RATE.value
    queue: float | None = None
    hold: float = 0

    @property
    def shards(self) -> int:
        """Parts of the index of changes, as app/conferences/spreading.py has it."""
        return min(MOST_SHARDS, -(-self.counters // 2))


@dataclass(frozen=True)
class Outcome:
    """Sign-ups a second that got through in the second half; which limit refused most (empty:
    none); the share of people who were told to try again; seconds until the last pass was made,
    and the last mail sent, after the rush."""

    carried: float
    limit: str
    refused: float
    passes_late: float
    mails_late: float


def simulate(setup: Setup, rate: float, seconds: float = RUSH_SECONDS) -> Outcome:
    """So many people sign up each second, for a while."""
    return _Flow(setup, rate).run(seconds)


class _Flow:
    def __init__(self, setup: Setup, rate: float) -> None:
        self._setup = setup
        self._rate = rate
        self._burst = limits.GATEWAY_BURST.value * setup.gateway / limits.GATEWAY_RATE.value
        self._tokens = self._burst
        self._warm = min(setup.ready, setup.concurrency)
        self._starting: deque[tuple[float, float]] = deque()
        self._growth = limits.GROWTH.value
        self._owed = 0.0  # reactions that have not begun
        self._reacting = 0.0  # reactions a second, in the step before
        self._refused: dict[str, float] = defaultdict(float)

    def run(self, seconds: float) -> Outcome:
        """All of it."""
        steps = round(seconds / STEP)
        carried = [self._step(step * STEP) for step in range(steps)]
        half, total, came = carried[steps // 2 :], sum(carried), self._rate * seconds
        return Outcome(
            carried=sum(half) / len(half) / STEP,
            limit=self._tightest(WORTH_TELLING * came),
            refused=1 - total / came,
            passes_late=self._owed / self._most_reactions(),
            mails_late=max(0.0, total / self._setup.mails - seconds),
        )

    def _tightest(self, worth_telling: float) -> str:
        """The limit furthest on the way that refused people: what stands before it may be wider."""
        full = {limit: number for limit, number in self._refused.items() if number > worth_telling}
        before = [one for one in (AT_ONCE, REQUESTS_A_SECOND, GATEWAY) if one in full]
        stores = [one for one in full if one not in before]
        return max(stores, key=full.__getitem__, default=before[0] if before else "")

    def _step(self, now: float) -> float:
        """How many are signed up in this step."""
        grown = 2 ** (now // limits.DOUBLING_SECONDS.value)
        table, few_keys = self._setup.writes * grown, self._setup.few_keys * grown
        asked = self._through_gateway()
        asked = self._at_most(
            REQUESTS_A_SECOND, asked,
            self._setup.concurrency * limits.REQUESTS_OF_ONE.value / REQUESTS,
        )  # fmt: skip
        stored, where = self._storable(asked, table, _partitions(few_keys), now)
        wanted = asked * _WORK + max(0.0, asked - stored) * PATIENCE_SECONDS.value
        reacting = self._wanted_for_reactions()
        share = self._environments(wanted + reacting, asked + reacting, now)
        carried = self._served(asked, stored, wanted * share, where)
        self._react(reacting * share, carried, table)
        return carried * STEP

    def _through_gateway(self) -> float:
        self._tokens = min(self._burst, self._tokens + self._setup.gateway * STEP)
        through = self._at_most(GATEWAY, self._rate, self._tokens / REQUESTS / STEP)
        self._tokens -= through * REQUESTS * STEP
        return through

    def _at_most(self, limit: str, asked: float, most: float) -> float:
        self._refused[limit] += max(0.0, asked - most) * STEP
        return min(asked, most)

    def _storable(
        self, asked: float, table: float, partitions: int, now: float
    ) -> tuple[float, str]:
        """How many sign-ups a second DynamoDB takes of those, and what takes the fewest."""
        both = limits.REGISTRATION_UNITS * asked + limits.REACTION_UNITS * self._reacting
        takes = {
            "counters": self._taken_by_counters(asked, partitions, now),
            "table of addresses": table / limits.ADDRESS_UNITS,
            "table of registrations": asked * min(1.0, table / max(1.0, both)),
            "index of changes": self._taken_by_shards(asked, partitions, now),
            "index of what is due": table / 2,  # a row is written, and removed
        }
        fewest = min(takes, key=takes.__getitem__)
        return min(asked, takes[fewest]), fewest

    def _taken_by_counters(self, asked: float, partitions: int, now: float) -> float:
        one = of_one_counter(self._setup.hold)
        return _spread(self._setup.counters, _apart(partitions, now), asked, one)

    def _taken_by_shards(self, asked: float, partitions: int, now: float) -> float:
        one = PARTITION_WRITES.value / limits.BY_CHANGE_UNITS
        return _spread(self._setup.shards, _apart(partitions, now), asked, one)

    def _environments(self, wanted: float, requests: float, now: float) -> float:
        """What share of the wanted environments there is. Who finds none that is free waits for
        one that starts, if one more may."""
        while self._starting and self._starting[0][0] <= now:
            self._warm += self._starting.popleft()[1]
        coming = sum(number for _, number in self._starting)
        refill = limits.GROWTH.value / 10 * STEP
        self._growth = min(limits.GROWTH.value, self._growth + refill)
        unserved = requests * STEP * max(0.0, 1 - self._warm / max(wanted, STEP))
        more = max(0.0, min(unserved, self._growth, self._setup.concurrency - self._warm - coming))
        self._growth -= more
        self._starting.append((now + limits.COLD_SECONDS.value, more))
        if not unserved:
            return 1.0
        return min(1.0, self._warm / wanted + more / (requests * STEP))

    def _served(self, asked: float, stored: float, running: float, where: str) -> float:
        """How many a second are signed up; who waits for DynamoDB in vain keeps others out."""
        patience = PATIENCE_SECONDS.value
        let_in = min(asked, (running + patience * stored) / (_WORK + patience))
        if let_in < stored:
            let_in = min(stored, running / _WORK)
        carried = min(let_in, stored)
        because = f"DynamoDB, {where}" if carried == stored else AT_ONCE
        self._refused[because] += (asked - carried) * STEP
        return carried

    def _wanted_for_reactions(self) -> float:
        most = self._setup.concurrency if self._setup.queue is None else self._setup.queue
        return min(most, self._owed / STEP * REACTION_SECONDS.value)

    def _react(self, running: float, carried: float, table: float) -> None:
        """Sign-ups and reactions share the table of registrations; who is refused comes again."""
        self._reacting = min(self._owed / STEP, running / REACTION_SECONDS.value)
        both = limits.REGISTRATION_UNITS * carried + limits.REACTION_UNITS * self._reacting
        done = self._reacting * min(1.0, table / max(1.0, both))
        self._owed += (carried - done) * STEP

    def _most_reactions(self) -> float:
        """Reactions a second when nobody signs up."""
        setup = self._setup
        at_once = setup.concurrency if setup.queue is None else min(setup.queue, setup.concurrency)
        return min(
            at_once / REACTION_SECONDS.value,
            setup.writes / limits.REACTION_UNITS,
        )


def of_one_counter(hold: float = 0) -> float:
    """Sign-ups a second of one counter. Each attempt costs, also one that finds the counter held
    by another transaction for `hold` seconds: of those that the partition takes, so many hit."""
    attempts = PARTITION_WRITES.value / limits.TRANSACTION_UNITS.value
    return attempts / (1 + attempts * hold)


def _partitions(writes: float) -> int:
    return max(1, round(writes / PARTITION_WRITES.value))


def _apart(partitions: int, now: float) -> int:
    """The partitions; 0 once each hot key has one of its own."""
    return partitions if now < limits.HEAT_SECONDS.value else 0


@cache
def _placed(keys: int, partitions: int) -> tuple[tuple[int, ...], ...]:
    """How many of these keys each partition has that has any, in some placements by a hash."""
    chance = random.Random(SEED)
    found = []
    for _ in range(PLACEMENTS):
        counts: dict[int, int] = defaultdict(int)
        for _ in range(keys):
            counts[chance.randrange(partitions)] += 1
        found.append(tuple(counts.values()))
    return tuple(found)


@lru_cache(maxsize=65536)
def _spread(keys: int, partitions: int, asked: float, one: float) -> float:
    """How many a second these keys take of those asked, each `one` at most, and so each partition;
    on average over placements."""
    if not partitions:
        return min(asked, keys * one)
    share = asked / keys
    placed = _placed(keys, partitions)
    return sum(sum(min(count * share, one) for count in counts) for counts in placed) / len(placed)
