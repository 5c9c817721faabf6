"""Making, changing and reading conferences and the seats of their ticket types."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pynamodb.expressions.update import Action

from app import config
from app.aws import objects, tables, topic
from app.aws.tables import Check, Put, Update, Write, commit, deadline
from app.conferences import pictures, rules, seats
from app.conferences.models import ABOUT, ConferenceItem, SlugItem
from app.conferences.rules import Conference, Consent, Publication, Seats, SignUpState, TicketType
from app.conferences.seats import Ledger
from app.core import messages
from app.core.cache import TimedCache
from app.core.clock import now_ms
from app.core.errors import Busy, ChangedMeanwhile, NotFound, Taken
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
    states = [(one, state_of(one, now)) for one in listed]
    return [(one, state) for one, state in states if state is not SignUpState.OVER]


def state_of(conference: Conference, now: int) -> SignUpState:
    """What the sign-up page says at `now`; seats are read only where they matter."""
    closed = rules.closed_state(conference, now)
    return closed or rules.open_state(conference, seats_of(conference))


def seats_of(conference: Conference) -> Mapping[int, Seats]:
    """The seats by ticket type, for pages: at most `cache_seconds` old."""
    return _seats.get(conference.conference_id, lambda: seats.read(conference, consistent=False))


def read_seats(conference: Conference) -> dict[int, Seats]:
    """The seats by ticket type as they are now."""
    return seats.read(conference, consistent=True)


def pools_to_give() -> list[tuple[int, int]]:
    """The ticket types (conference and type) whose pool has seats that somebody may wait for."""
    return seats.pools_to_give()


def ledgers(conference: Conference) -> list[Ledger]:
    """The counters and pools of each ticket type as they are now."""
    return seats.ledgers(conference)


def note_count(ledger: Ledger, held: int) -> None:
    """Note on the seats how many a recount found to be held. Raises ChangedMeanwhile, Busy."""
    seats.note(ledger, held)


def balanced(ledger: Ledger, held: int) -> list[Write]:
    """What makes the seats of a ticket type agree with what is said and with how many are `held`;
    refused (ChangedMeanwhile) if anything of it has moved since it was read. Raises that, and
    NotFound."""
    number, type_id = ledger.conference_id, ledger.ticket_type.type_id
    item = _type_item(number, type_id)
    if rules.from_type(type_id, item.body) != ledger.ticket_type:
        raise ChangedMeanwhile
    as_said = Check(item, ConferenceItem.body == item.body)
    return [*seats.balanced(ledger, held), as_said]


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
    """Change what a conference says (not its slug, id, ticket types, or whether addresses are
    shared: locks are kept by that); who has signed up is told of another time or place, and of its
    end; seats that nobody has taken yet are spread anew if another number of sign-ups a second is
    expected. Raises NotFound, Invalid, or ChangedMeanwhile if somebody else changed it at the same
    time."""
    item = _about(conference_id)
    current = read(conference_id)
    changed = replace(current, **changes, revision=current.revision + 1)
    rules.require_sound(changed)
    rules.require_same_locks(current, changed)
    news = rules.news_of(current, changed)
    if news:
        changed = replace(changed, news=news, news_revision=changed.revision)
    told_of = [_with_news(changed, SlugItem.news.set(1))] if news else []
    commit(_rewritten(item, rules.to_about(changed)), *told_of)
    if changed.sign_ups_a_second != current.sign_ups_a_second:
        for one in current.ticket_types:
            change_capacity(conference_id, one.type_id, one.capacity)
    forget()
    if news:
        topic.publish(messages.CONFERENCE_CHANGED, conference_id=conference_id)
    return read(conference_id)


def news_told(conference: Conference) -> None:
    """Note that everybody was told of a conference's news, unless there are others by now. Raises
    NotFound, ChangedMeanwhile."""
    item, current = _about(conference.conference_id), read(conference.conference_id)
    if current.news_revision == conference.news_revision:
        no_news = _with_news(current, SlugItem.news.remove())
        commit(_rewritten(item, rules.to_about(replace(current, news=None))), no_news)
        forget()


def with_news() -> list[int]:
    """The conferences that have news to be told."""
    return [int(row.conference_id) for row in SlugItem.scan(SlugItem.news.exists())]


def _with_news(conference: Conference, change: Action) -> Update:
    return Update(SlugItem(conference.slug), SlugItem.slug.exists(), actions=[change])


def change_ticket_type(conference_id: int, type_id: int, **changes: Any) -> TicketType:
    """Change what a ticket type says (not its number or capacity); raises NotFound, Invalid,
    ChangedMeanwhile."""
    item = _type_item(conference_id, type_id)
    changed = replace(rules.from_type(type_id, item.body), **changes)
    rules.require_sound_type(changed)
    commit(_rewritten(item, rules.to_type(changed)))
    forget()
    return changed


def change_capacity(conference_id: int, type_id: int, capacity: int) -> TicketType:
    """Give a ticket type another capacity; raises NotFound, Invalid, SeatsTaken, Busy. Who waits is
    told of added seats by a message."""
    until = deadline()
    while True:  # each turn somebody took or freed a seat meanwhile
        try:
            changed = _try_capacity(conference_id, type_id, capacity, until)
        except ChangedMeanwhile:
            if time.monotonic() > until:
                raise Busy from None
        else:
            forget()
            topic.publish(messages.SEATS_CHANGED, conference_id=conference_id, type_id=type_id)
            return changed


def _try_capacity(conference_id: int, type_id: int, capacity: int, until: float) -> TicketType:
    item = _type_item(conference_id, type_id)
    ticket_type = rules.from_type(type_id, item.body)
    rules.require_sound_type(replace(ticket_type, capacity=capacity))
    changed, writes = seats.changed(read(conference_id), ticket_type, capacity)
    commit(*writes, _rewritten(item, rules.to_type(changed)), until=until)
    return changed


def add_ticket_type(conference_id: int, ticket_type: TicketType) -> TicketType:
    """Give the conference another ticket type, its number and its seats; raises Invalid."""
    rules.require_sound_type(ticket_type)
    number = _next_type_number(conference_id)
    numbered = replace(ticket_type, type_id=number, order=number - 1)
    made = seats.with_counters(numbered, read(conference_id).sign_ups_a_second)
    item = ConferenceItem(conference_id, f"type#{number}", body=rules.to_type(made))
    commit(Put(item, ConferenceItem.item.does_not_exist()), *seats.new(conference_id, made))
    forget()
    return made


def _next_type_number(conference_id: int) -> int:
    item = _about(conference_id)
    tables.change(item, ConferenceItem.item.exists(), [ConferenceItem.last_type.add(1)], NotFound)
    return int(item.last_type)


def _about(conference_id: int) -> ConferenceItem:
    try:
        return ConferenceItem.get(conference_id, ABOUT, consistent_read=True)
    except ConferenceItem.DoesNotExist:
        raise NotFound from None


def _type_item(conference_id: int, type_id: int) -> ConferenceItem:
    try:
        return ConferenceItem.get(conference_id, f"type#{type_id}", consistent_read=True)
    except ConferenceItem.DoesNotExist:
        raise NotFound from None


def _rewritten(item: ConferenceItem, body: Mapping[str, Any]) -> Update:
    """Another body for an item, if nobody has changed it since it was read."""
    as_read = ConferenceItem.body == item.body
    return Update(item, as_read, actions=[ConferenceItem.body.set(body)])


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
    name = _keep(pictures.cover(upload), "webp", "image/webp")
    return change(conference_id, cover=f"{name}.webp")


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
