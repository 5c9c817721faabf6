"""Making, changing and reading conferences and the seats of their ticket types."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from app import config
from app.aws import objects, topic
from app.aws.tables import Put, Update, commit
from app.conferences import models, pictures, rules
from app.conferences.models import ABOUT, ConferenceItem, SeatItem, SlugItem
from app.conferences.rules import Conference, Consent, Publication, Seats, SignUpState, TicketType
from app.core import messages
from app.core.cache import TimedCache
from app.core.clock import now_ms
from app.core.errors import ChangedMeanwhile, NotFound, Taken
from app.core.text import Localised
from app.web.headers import FOR_EVER

# A slug is given once and for ever; the time only bounds what a test or a restore may surprise.
ID_SECONDS = 300.0


def _cache_seconds() -> float:
    return config.settings.cache_seconds


_conferences: TimedCache[Conference] = TimedCache(_cache_seconds)
_ids: TimedCache[int] = TimedCache(lambda: ID_SECONDS)
_seats: TimedCache[dict[int, Seats]] = TimedCache(_cache_seconds)
_all: TimedCache[tuple[int, ...]] = TimedCache(_cache_seconds)


def by_id(conference_id: int) -> Conference:
    """The conference, at most `cache_seconds` old; raises NotFound."""
    return _conferences.get(conference_id, lambda: read(conference_id))


def by_slug(slug: str) -> Conference:
    """The conference of an address, at most `cache_seconds` old; raises NotFound."""
    if not rules.is_slug(slug):
        raise NotFound
    return by_id(_ids.get(slug, lambda: _read_slug(slug)))


def public_by_slug(slug: str) -> Conference:
    """Like `by_slug`, but a draft is not found either."""
    conference = by_slug(slug)
    if not rules.is_public(conference):
        raise NotFound
    return conference


def read(conference_id: int) -> Conference:
    """The conference as it is now; raises NotFound."""
    items = {row.item: row for row in ConferenceItem.query(conference_id, consistent_read=True)}
    if ABOUT not in items:
        raise NotFound
    types = (
        rules.from_type(int(item.removeprefix("type#")), row.body)
        for item, row in items.items()
        if item.startswith("type#")
    )
    ordered = tuple(sorted(types, key=lambda one: one.order))
    return rules.from_about(conference_id, items[ABOUT].body, ordered)


def _read_slug(slug: str) -> int:
    try:
        return int(SlugItem.get(slug, consistent_read=True).conference_id)
    except SlugItem.DoesNotExist:
        raise NotFound from None


def everything() -> list[Conference]:
    """All conferences, in the order they begin."""
    ids = _all.get(None, lambda: tuple(int(row.conference_id) for row in SlugItem.scan()))
    return sorted((by_id(one) for one in ids), key=lambda conference: conference.starts_at)


def on_show(now: int) -> list[tuple[Conference, SignUpState]]:
    """The conferences for the home page, with the state of each; over ones are left out."""
    listed = [one for one in everything() if one.publication is Publication.OPEN]
    states = [(one, rules.sign_up_state(one, seats_of(one), now)) for one in listed]
    return [(one, state) for one, state in states if state is not SignUpState.OVER]


def seats_of(conference: Conference) -> Mapping[int, Seats]:
    """The seats by ticket type, at most `cache_seconds` old."""
    return _seats.get(conference.conference_id, lambda: read_seats(conference))


def read_seats(conference: Conference) -> dict[int, Seats]:
    """The seats by ticket type as they are now."""
    keys = {
        key: one.type_id
        for one in conference.ticket_types
        for key in _seat_keys(conference.conference_id, one.type_id)
    }
    rows = SeatItem.batch_get(list(keys), consistent_read=True) if keys else ()
    seats = {one.type_id: Seats(0, 0) for one in conference.ticket_types}
    for row in rows:
        have = seats[keys[row.seat]]
        seats[keys[row.seat]] = Seats(
            have.capacity + int(row.capacity), have.left + max(0, int(row.left))
        )
    return seats


def _seat_keys(conference_id: int, type_id: int) -> tuple[str, str]:
    return models.counter_key(conference_id, type_id), models.pool_key(conference_id, type_id)


def create(conference: Conference) -> Conference:
    """Keep a new conference under an id of its own; raises Taken if the slug is in
    use, Invalid."""
    rules.require_sound(conference)
    made = replace(conference, conference_id=secrets.randbelow(2**35 - 1) + 1, created_at=now_ms())
    commit(
        Put(
            SlugItem(made.slug, conference_id=made.conference_id),
            SlugItem.slug.does_not_exist(),
            Taken,
        ),
        Put(_about_item(made, last_type=0), ConferenceItem.item.does_not_exist()),
    )
    forget()
    for ticket_type in conference.ticket_types:
        add_ticket_type(made.conference_id, ticket_type)
    return read(made.conference_id)


def change(conference_id: int, **changes: Any) -> Conference:
    """Change what a conference says (not its slug, id or ticket types); who has signed up is told
    of another time or place, and of its end. Raises NotFound, Invalid, or ChangedMeanwhile if
    somebody else changed it at the same time."""
    item = _about(conference_id)
    current = read(conference_id)
    changed = replace(current, **changes, revision=current.revision + 1)
    rules.require_sound(changed)
    news = rules.news_of(current, changed)
    if news:
        changed = replace(changed, news=news, news_revision=changed.revision)
    _write(item, changed)
    if news:
        topic.publish(messages.CONFERENCE_CHANGED, conference_id=conference_id)
    return read(conference_id)


def news_told(conference: Conference) -> None:
    """Note that everybody was told of a conference's news, unless there are others by now. Raises
    NotFound, ChangedMeanwhile."""
    item, current = _about(conference.conference_id), read(conference.conference_id)
    if current.news_revision == conference.news_revision:
        _write(item, replace(current, news=None))


def _write(item: ConferenceItem, changed: Conference) -> None:
    """Keep what a conference says, unless somebody else has changed it since `item` was read."""
    keep = ConferenceItem.body.set(rules.to_about(changed))
    commit(Update(item, ConferenceItem.body == item.body, ChangedMeanwhile, actions=[keep]))
    forget()


def change_ticket_type(conference_id: int, type_id: int, **changes: Any) -> TicketType:
    """Change what a ticket type says (not its number or capacity); raises NotFound, Invalid."""
    changed = replace(read(conference_id).require_type(type_id), **changes)
    rules.require_sound_type(changed)
    item = ConferenceItem(conference_id, f"type#{type_id}", body=rules.to_type(changed))
    commit(Put(item, ConferenceItem.item.exists(), NotFound))
    forget()
    return changed


def add_ticket_type(conference_id: int, ticket_type: TicketType) -> TicketType:
    """Give the conference another ticket type, its number and its seats; raises Invalid."""
    rules.require_sound_type(ticket_type)
    number = _next_type_number(conference_id)
    made = replace(ticket_type, type_id=number, order=number - 1)
    commit(
        Put(
            ConferenceItem(conference_id, f"type#{number}", body=rules.to_type(made)),
            ConferenceItem.item.does_not_exist(),
        ),
        *(Put(seat, SeatItem.seat.does_not_exist()) for seat in _new_seats(conference_id, made)),
    )
    forget()
    return made


def _new_seats(conference_id: int, ticket_type: TicketType) -> Iterable[SeatItem]:
    counter, pool = _seat_keys(conference_id, ticket_type.type_id)
    capacity = ticket_type.capacity
    return SeatItem(counter, capacity=capacity, left=capacity), SeatItem(pool, capacity=0, left=0)


def _next_type_number(conference_id: int) -> int:
    item = _about(conference_id)
    item.update(actions=[ConferenceItem.last_type.add(1)], condition=ConferenceItem.item.exists())
    return int(item.last_type)


def _about(conference_id: int) -> ConferenceItem:
    try:
        return ConferenceItem.get(conference_id, ABOUT, consistent_read=True)
    except ConferenceItem.DoesNotExist:
        raise NotFound from None


def _about_item(conference: Conference, last_type: int) -> ConferenceItem:
    return ConferenceItem(
        conference.conference_id, ABOUT, body=rules.to_about(conference), last_type=last_type
    )


def consent(label: Localised, text: Localised) -> Consent:
    """A consent text, under a version of its own: the hash of the wording."""
    wording = json.dumps([label, text], ensure_ascii=False, sort_keys=True)
    return Consent(hashlib.sha256(wording.encode()).hexdigest()[:12], label, text)


def set_logo(conference_id: int, upload: bytes) -> Conference:
    """Show a picture on pages and passes; raises Invalid, NotFound."""
    return change(conference_id, logo=_keep(pictures.logo(upload), "png", "image/png"))


def set_cover(conference_id: int, upload: bytes) -> Conference:
    """Show a picture on the sign-up page and in previews of its link; raises Invalid, NotFound."""
    return change(conference_id, cover=_keep(pictures.cover(upload), "jpg", "image/jpeg"))


def _keep(image: bytes, suffix: str, content_type: str) -> str:
    """Put a picture into the public bucket, under an address that names its content."""
    name = hashlib.sha256(image).hexdigest()[:32]
    bucket = config.settings.site_bucket
    objects.put(bucket, f"media/{name}.{suffix}", image, content_type, FOR_EVER)
    return name


def forget() -> None:
    """Read everything anew from now on, in this process."""
    for cache in (_conferences, _ids, _seats, _all):
        cache.clear()
