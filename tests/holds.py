"""What must always hold (docs/design: seats, locks, queues, debts), asked of the records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from app import config
from app.aws.clients import client
from app.conferences import service as conferences
from app.conferences.models import SeatItem
from app.conferences.rules import Conference
from app.core import clock
from app.core.clock import MINUTE, now_ms
from app.entrypoints import schedule
from app.registrations import debts, links
from app.registrations.models import AddressLock, Registration, WaitingPlace
from app.registrations.rules import HOLD_A_SEAT, LIVE, State


def broken(conference: Conference, people: Sequence[Registration] | None = None) -> list[str]:
    """What does not hold though it must at every moment at which nobody is writing. `people` are
    the registrations, if they have just been read."""
    number = conference.conference_id
    people = registrations(conference) if people is None else people
    live = [one for one in people if one.state in LIVE]
    return [
        *_seats(conferences.read(number), people),
        *_locks(number, live),
        *_queues(number, [one for one in live if one.state == State.WAITING]),
        *_due(people),
    ]


def registrations(conference: Conference) -> list[Registration]:
    """All of them, as they are now."""
    everybody = Registration.scan(consistent_read=True)
    return [one for one in everybody if one.conference_id == conference.conference_id]


def _seats(conference: Conference, people: Iterable[Registration]) -> Iterator[str]:
    """Capacity is the sum over counters and pool, and so are those who hold a seat."""
    holders = Counter(int(one.type_id) for one in people if one.state in HOLD_A_SEAT)
    rows = list(SeatItem.scan(consistent_read=True))
    for one in conference.ticket_types:
        prefix = f"{conference.conference_id}.{one.type_id}#"
        mine = [row for row in rows if row.seat.startswith(prefix)]
        capacity = sum(int(row.capacity) for row in mine)
        taken = capacity - sum(int(row.left) for row in mine)
        if capacity != one.capacity:
            yield f"type {one.type_id}: {capacity} seats stand in counters, {one.capacity} are said"
        if taken != holders[one.type_id]:
            yield f"type {one.type_id}: {taken} seats taken, {holders[one.type_id]} hold one"
        if holders[one.type_id] > one.capacity:
            yield f"type {one.type_id}: oversold by {holders[one.type_id] - one.capacity}"
        if any(row.left < 0 for row in mine):
            yield f"type {one.type_id}: a counter is below 0"


def _locks(conference_id: int, live: Iterable[Registration]) -> Iterator[str]:
    """Every live registration has the lock of its address, and no other lock is there."""
    rows = AddressLock.scan(consistent_read=True)
    locks = Counter(
        (row.address, int(row.registration_id))
        for row in rows
        if row.scope.startswith(f"{conference_id}#")
    )
    wanted = Counter((links.hashed_address(one.email), int(one.registration_id)) for one in live)
    if missing := (wanted - locks).total():
        yield f"{missing} live without the lock of their address"
    if left_over := (locks - wanted).total():
        yield f"{left_over} locks without a live registration"


def _queues(conference_id: int, waiting: Iterable[Registration]) -> Iterator[str]:
    """Who waits stands in line once, and nobody else does."""
    rows = WaitingPlace.scan(consistent_read=True)
    places = Counter(
        (row.queue.partition("#")[0], int(row.place), int(row.registration_id))
        for row in rows
        if row.queue.startswith(f"{conference_id}.")
    )
    wanted = Counter(
        (f"{conference_id}.{int(one.type_id)}", int(one.place or 0), int(one.registration_id))
        for one in waiting
    )
    if outside := (wanted - places).total():
        yield f"{outside} wait without a place in the queue"
    if empty := (places - wanted).total():
        yield f"{empty} places in the queue stand for nobody"


def _due(people: Iterable[Registration]) -> Iterator[str]:
    """Whoever is owed something is found by the schedule."""
    lost = [one for one in people if debts.owes_anything(one) and not one.due_at]
    if lost:
        yield f"{len(lost)} owed something that nobody will find"


def unsettled(conference: Conference) -> list[str]:
    """What does not hold though it must once the schedule has run."""
    people = registrations(conference)
    waiting = {int(one.type_id) for one in people if one.state == State.WAITING}
    seats = conferences.read_seats(conferences.read(conference.conference_id))
    owed = [one for one in people if debts.owes_anything(one) or one.due_at]
    folders = {str(int(one.registration_id)) for one in people}
    drawn = {image for image in images() if image.split("/")[1] in folders}
    wanted = {_image(one) for one in people if one.state == State.CONFIRMED}
    return [
        *(f"type {one}: people wait beside a free seat" for one in waiting if seats[one].left),
        *([f"{len(owed)} are still owed something"] if owed else []),
        *([f"{len(wanted - drawn)} confirmed without a pass"] if wanted - drawn else []),
        *([f"{len(drawn - wanted)} images of void passes"] if drawn - wanted else []),
    ]


def images() -> set[str]:
    """The keys of all pass images."""
    listed = client("s3").list_objects_v2(Bucket=config.settings.derived_bucket, Prefix="passes/")
    return {found["Key"] for found in listed.get("Contents", ())}


def _image(registration: Registration) -> str:
    return f"passes/{int(registration.registration_id)}/{int(registration.revision)}.png"


def settle() -> None:
    """Let the schedule run, which AWS calls every five minutes: a second time for those whom the
    first promoted. The clock stands afterwards."""
    for _ in range(2):
        moment = now_ms() + 5 * MINUTE
        clock.set_source(lambda moment=moment: moment)  # type: ignore[misc]
        schedule.every_five_minutes({}, None)
