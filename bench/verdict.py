"""What a rush came to: who was told what, what the records say, and whether anybody overtook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crowd import Visit

CONFIRMED, WAITING, CANCELLED = "confirmed", "waiting", "cancelled"
SEAT = 0  # stands before every place in the queue


@dataclass(frozen=True)
class Kept:
    """A registration as the records have it."""

    secret: str
    email: str
    state: str
    place: int | None


@dataclass(frozen=True)
class Verdict:
    """What came of it. `confirmed` and `waiting` are counted in the records; `errors` are people
    who were not served, or whom the records do not have as they were told."""

    confirmed: int
    waiting: int
    errors: int
    order_violations: int
    double_registrations: int

    def is_right(self, seats: int, people: int) -> bool:
        """Whether every seat was given, and all else is as it must be."""
        wrong = self.errors + self.order_violations + self.double_registrations
        return wrong == 0 and self.confirmed == min(seats, people)


def judge(visits: Sequence[Visit], records: Sequence[Kept]) -> Verdict:
    """Compare what people were told with the records."""
    by_secret = {kept.secret: kept for kept in records}
    states = Counter(kept.state for kept in records)
    holders = Counter(kept.email for kept in records if kept.state != CANCELLED)
    return Verdict(
        confirmed=states[CONFIRMED],
        waiting=states[WAITING],
        errors=sum(not _agrees(visit, by_secret.get(visit.secret)) for visit in visits),
        order_violations=order_violations(visits, by_secret),
        double_registrations=sum(holders.values()) - len(holders),
    )


def _agrees(visit: Visit, kept: Kept | None) -> bool:
    if visit.error or kept is None:
        return False
    return (visit.email, visit.told) == (kept.email, kept.state)


def order_violations(visits: Sequence[Visit], by_secret: Mapping[str, Kept]) -> int:
    """How many people stand before, or hold a seat instead of, somebody who had their answer
    before they sent their form."""
    ranks = {visit.secret: _rank(by_secret[visit.secret]) for visit in _answered(visits, by_secret)}
    moments = sorted(
        moment
        for visit in _answered(visits, by_secret)
        for moment in (
            (visit.sent, 0, ranks[visit.secret]),  # sent and answered at one moment: no order
            (visit.answered, 1, ranks[visit.secret]),
        )
    )
    found, last = 0, SEAT
    for _, is_answer, rank in moments:
        if is_answer:
            last = max(last, rank)
        else:
            found += rank < last
    return found


def _answered(visits: Sequence[Visit], by_secret: Mapping[str, Kept]) -> list[Visit]:
    return [visit for visit in visits if visit.secret in by_secret]


def _rank(kept: Kept) -> int:
    return SEAT if kept.state == CONFIRMED else int(kept.place or 0)
