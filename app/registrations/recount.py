"""The recount: seats, queues and addresses against the registrations they are for.

Each is written in one transaction with its registration, so nothing should ever be found. What
seems amiss is seen in an index, which may be behind, and among rows that were not read at the same
moment: so what mends it is refused unless all that it goes by is still as it was read.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from app.aws.tables import Check, Delete, Put, Write, commit
from app.conferences import service as conferences
from app.conferences.rules import Conference
from app.conferences.seats import Ledger
from app.core.clock import DAY, HOUR, MINUTE, now_ms
from app.core.errors import AlreadyRegistered, ChangedMeanwhile
from app.core.ids import letters
from app.registrations import balance, locks, models, records, waiting
from app.registrations.balance import Amiss, Entry, Lock, Stand
from app.registrations.models import AddressLock, Registration, WaitingPlace
from app.registrations.rules import LIVE, State

log = logging.getLogger(__name__)

# By then the index has what was written before; mostly it has within a second.
SETTLED = MINUTE
# What changed in the hour before, and somewhat more: an hourly run may be late.
LOOKS_BACK = 2 * HOUR


@dataclass(frozen=True)
class Finding:
    """What is amiss, in a sentence, and what mends it: refused (ChangedMeanwhile) unless all is as
    it was read. Without `writes` a person has to decide; not `certain`: look again later."""

    sentence: str
    writes: tuple[Write, ...] = ()
    certain: bool = True


def changed() -> list[Conference]:
    """The conferences of which a registration changed in the last two hours."""
    since = now_ms() - LOOKS_BACK
    return [one for one in conferences.everything() if _has_changed(one, since)]


def _has_changed(conference: Conference, since: int) -> bool:
    parts = (
        models.change_shard(conference.conference_id, day * DAY, shard)
        for day in range(since // DAY, now_ms() // DAY + 1)
        for shard in range(conference.change_shards)
    )
    later = Registration.change_at >= models.change_key(0, since)
    return any(True for part in parts for _ in Registration.by_change.query(part, later, limit=1))


def recount(conference: Conference) -> int:
    """Mend what is amiss at a conference that changed lately; how many things were."""
    found = findings(conference.conference_id, now_ms() - LOOKS_BACK)
    return sum(_deal_with(one) for one in found if one.certain)


def _deal_with(finding: Finding) -> bool:
    if finding.writes and not mend(finding):
        return False
    log.warning("recount: %s", finding.sentence)
    return True


def mend(finding: Finding) -> bool:
    """Make it agree; False if a person has to, or if something has moved: then it may be well."""
    return bool(finding.writes) and _commit(finding.writes)


def is_so(finding: Finding) -> bool:
    """Whether it is amiss indeed: all that it goes by, looked at in one moment."""
    checks = [Check(one.record, one.condition) for one in finding.writes]
    return not checks or _commit(checks)


def _commit(writes: Iterable[Write]) -> bool:
    try:
        commit(*writes)
    except (ChangedMeanwhile, AlreadyRegistered):
        return False
    return True


def findings(conference_id: int, since: int = 0) -> Iterator[Finding]:
    """What seems amiss at a conference; addresses only of registrations that changed `since` (ms
    UTC). Rows that stand for a registration are read before it: it is there as long as they are."""
    conference = conferences.read(conference_id)
    ledgers = conferences.ledgers(conference)
    stands = [
        Stand(type_id, int(row.place), int(row.registration_id))
        for type_id in (one.type_id for one in conference.ticket_types)
        for row in waiting.rows(conference_id, type_id)
    ]
    people = {int(one.registration_id): one for one in records.listed(conference)}
    yield from _seats_amiss(ledgers, people.values())
    entries = list(_entries(conference_id, people.values(), since))
    amiss = balance.compare(entries, stands, _locks(entries))
    yield from filter(None, _looked_at(conference_id, amiss))


# Seats


def _seats_amiss(ledgers: Iterable[Ledger], people: Collection[Registration]) -> Iterator[Finding]:
    seemingly = balance.held(_entry(one) for one in people)
    uneven = [one for one in ledgers if not _agrees(one, seemingly[one.ticket_type.type_id])]
    held = balance.held(map(_entry, _read(people))) if uneven else seemingly
    for ledger in uneven:
        number = held[ledger.ticket_type.type_id]
        if not _agrees(ledger, number):
            yield _of_seats(ledger, number)


def _agrees(ledger: Ledger, held: int) -> bool:
    return ledger.taken == held and ledger.capacity == ledger.ticket_type.capacity


def _read(people: Iterable[Registration]) -> Iterator[Registration]:
    """The same as they are now."""
    numbers = [int(one.registration_id) for one in people]
    yield from Registration.batch_get(numbers, consistent_read=True)


def _of_seats(ledger: Ledger, held: int) -> Finding:
    """Every move of a seat is noted on its row, so what was read is so as long as the rows are
    unmoved. But the index may have missed somebody: seats are not given back before two looks have
    come to the same."""
    wanted = ledger.ticket_type
    sentence = (
        f"Ticket type {wanted.type_id}: {ledger.taken} of {ledger.capacity} seats are taken; "
        f"{held} of {wanted.capacity} should be."
    )
    try:
        certain = held >= ledger.taken or _seen_before(ledger, held)
        writes = tuple(conferences.balanced(ledger, held)) if certain else ()
    except ChangedMeanwhile:
        writes = ()
    return Finding(sentence, writes, certain=bool(writes))


def _seen_before(ledger: Ledger, held: int) -> bool:
    """Whether a look before came to the same, longer ago than the index is ever behind."""
    counted_at = ledger.counted_at(held)
    if counted_at is None:
        conferences.note_count(ledger, held)
        return False
    return counted_at <= now_ms() - SETTLED


# Queues and addresses


def _entries(conference_id: int, people: Iterable[Registration], since: int) -> Iterator[Entry]:
    """Those whose personal data are erased stand in no line and have no address."""
    present = [one for one in people if not one.erased_at]
    waits = {
        int(one.registration_id): one
        for one in _read(one for one in present if one.state == State.WAITING)
    }
    for one in present:
        entry = _entry(waits.get(int(one.registration_id), one))
        if one.change_at >= models.change_key(0, since):
            entry = replace(entry, key=locks.key_of(conference_id, records.person_of(one)))
        yield entry


def _entry(registration: Registration) -> Entry:
    return Entry(
        number=int(registration.registration_id),
        type_id=int(registration.type_id),
        state=State(registration.state),
        place=int(registration.place or 0),
    )


def _locks(entries: Iterable[Entry]) -> Iterator[Lock]:
    keys = {one.key for one in entries if one.key}
    for row in AddressLock.batch_get(list(keys)):
        yield Lock((row.address, row.scope), int(row.registration_id))


def _looked_at(conference_id: int, amiss: Amiss) -> Iterator[Finding | None]:
    """A closer look at each; one at a time, so that a row of nobody is out of the way by then."""
    for stand in sorted(amiss.stands):
        yield _nobody_stands(conference_id, stand)
    for number in sorted(amiss.not_in_line):
        yield _stands_nowhere(number)
    for lock in sorted(amiss.locks):
        yield _nobody_keeps(lock)
    for number in sorted(amiss.unlocked):
        yield _keeps_nothing(number)


def _nobody_stands(conference_id: int, stand: Stand) -> Finding | None:
    registration = records.find(stand.number)
    if registration and _waits(registration) and _stand_of(registration) == stand:
        return None
    row = WaitingPlace(models.queue_key(conference_id, stand.type_id, stand.place), stand.place)
    return Finding(
        f"Ticket type {stand.type_id}: place {stand.place} in line stands for nobody.",
        (
            Delete(row, WaitingPlace.registration_id == stand.number),
            _unchanged(stand.number, registration),
        ),
    )


def _stands_nowhere(number: int) -> Finding | None:
    registration = records.find(number)
    if registration is None or not _waits(registration):
        return None
    row = models.waiting_place(registration)
    return Finding(
        f"{letters(number)} waits, and stands in no line.",
        (Put(row, WaitingPlace.place.does_not_exist()), _unchanged(number, registration)),
    )


def _nobody_keeps(lock: Lock) -> Finding | None:
    registration = records.find(lock.number)
    if registration and _is_live(registration) and locks.key_for(registration) == lock.key:
        return None
    return Finding(
        f"An address is kept for {letters(lock.number)}, who does not use it.",
        (
            Delete(AddressLock(*lock.key), AddressLock.registration_id == lock.number),
            _unchanged(lock.number, registration),
        ),
    )


def _keeps_nothing(number: int) -> Finding | None:
    registration = records.find(number)
    if registration is None or not _is_live(registration):
        return None
    person = records.person_of(registration)
    held = locks.holder_of(int(registration.conference_id), person)
    if held is None:
        kept = locks.lock(registration, person, registration.submission)
        return Finding(
            f"{letters(number)} could sign up again: no address is kept for it.",
            (kept, _unchanged(number, registration)),
        )
    other = int(held[0].registration_id)
    if other == number or not _is_live(held[1]):
        return None
    return Finding(f"{letters(number)} and {letters(other)} share an address: cancel one of them.")


def _waits(registration: Registration) -> bool:
    return registration.state == State.WAITING and not registration.erased_at


def _is_live(registration: Registration) -> bool:
    return registration.state in LIVE and not registration.erased_at


def _stand_of(registration: Registration) -> Stand:
    place = int(registration.place or 0)
    return Stand(int(registration.type_id), place, int(registration.registration_id))


def _unchanged(number: int, registration: Registration | None) -> Check:
    """That a registration is as it was read, or as absent."""
    if registration is None:
        return Check(Registration(number), Registration.registration_id.does_not_exist())
    return Check(registration, models.unchanged(registration))
