"""What a conference is, and what it says at a given moment. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.conferences.palette import Palette
from app.core import addresses, text
from app.core.addresses import NotAnAddress
from app.core.clock import DAY, HOUR
from app.core.errors import Invalid, NotFound
from app.core.text import Localised

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])")
_COLOUR = re.compile(r"#[0-9a-f]{6}")

MAX_CAPACITY = 1_000_000
MOST_OFFER_HOURS = 14 * 24
MOST_SIGN_UPS_AN_HOUR = 100_000  # where there is a limit: each then has its 36 ms of the hour
FEW_SEATS = 10
FEW_SHARE = 0.1


class Publication(StrEnum):
    """What the organiser has decided; see SignUpState for what follows from it and the time."""

    DRAFT = "draft"
    OPEN = "open"
    UNLISTED = "unlisted"
    CANCELLED = "cancelled"


class Asked(StrEnum):
    """Whether the form asks for something."""

    OFF = "off"
    OPTIONAL = "optional"
    REQUIRED = "required"


class Promotion(StrEnum):
    """What becomes of the first in line when a seat comes free."""

    CONFIRM = "confirm"
    OFFER = "offer"  # to be accepted in time


class News(StrEnum):
    """What everybody who has signed up is to be told of a conference."""

    RESCHEDULED = "rescheduled"  # another time or place
    CALLED_OFF = "called_off"


class SignUpState(StrEnum):
    """What the sign-up page says."""

    EARLY = "early"
    OPEN = "open"
    FEW = "few"
    FULL = "full"
    CLOSED = "closed"
    OVER = "over"
    CANCELLED = "cancelled"


class OfferState(StrEnum):
    """How a ticket type stands."""

    AVAILABLE = "available"
    FEW = "few"
    FULL = "full"
    APPROVAL = "approval"  # the organiser decides; seats do not matter


TAKES_SIGN_UPS = frozenset({SignUpState.OPEN, SignUpState.FEW, SignUpState.FULL})


@dataclass(frozen=True)
class Consent:
    """What a visitor agrees to; `version` names the wording that was on the page."""

    version: str
    label: Localised
    text: Localised


@dataclass(frozen=True)
class TicketType:
    """What one registers for. `order` counts from 0; it decides the shape on the pass. `counters`
    hold its seats, spread anew `spread` times; `shards` is the most that by_change ever needed."""

    type_id: int
    name: Localised
    description: Localised
    capacity: int
    order: int
    approval: bool = False  # the organiser decides on each
    counters: int = 1
    spread: int = 0
    shards: int = 1


@dataclass(frozen=True)
class Seats:
    """The seats of one ticket type: how many there are, how many are free (never below 0)."""

    capacity: int
    left: int

    @property
    def state(self) -> OfferState:
        """Full, few (10 seats or 10 % and under), or available."""
        if self.left <= 0:
            return OfferState.FULL
        few = max(FEW_SEATS, self.capacity * FEW_SHARE)
        return OfferState.FEW if self.left <= few else OfferState.AVAILABLE


@dataclass(frozen=True)
class Conference:
    """One conference. Moments are milliseconds UTC; `zone` is an IANA name."""

    conference_id: int
    slug: str
    name: Localised
    tagline: Localised
    description: Localised
    venue: Localised
    city: Localised
    starts_at: int
    ends_at: int
    opens_at: int
    closes_at: int
    zone: str
    contact: str
    colour: str
    phone: Asked = Asked.OPTIONAL
    company: Asked = Asked.OPTIONAL
    map_url: str | None = None
    logo: str | None = None  # the name of a PNG
    cover: str | None = None  # a file's name
    consent: Consent | None = None
    erase_after_days: int = 90
    shared_addresses: bool = False  # several people may register with one
    confirms_addresses: bool = False  # a seat is final when the button in the mail was pressed
    promotion: Promotion = Promotion.CONFIRM
    offer_hours: int = 24
    sign_ups_a_domain: int = 0  # a bucket of so many an hour; 0: as many as come
    sign_ups_a_network: int = 0  # likewise, of IP addresses
    sign_ups_a_second: int = 250  # expected at most, when registration opens
    created_at: int = 0
    revision: int = 0
    erased: bool = False
    # What is still to be told, and since which revision: nobody is told of the same one twice.
    news: News | None = None
    news_revision: int = 0
    publication: Publication = Publication.DRAFT
    ticket_types: tuple[TicketType, ...] = field(default=())

    def ticket_type(self, type_id: int) -> TicketType | None:
        """The ticket type of that number, if there is one."""
        return next((one for one in self.ticket_types if one.type_id == type_id), None)

    def require_type(self, type_id: int) -> TicketType:
        """The ticket type of that number; raises NotFound."""
        found = self.ticket_type(type_id)
        if found is None:
            raise NotFound
        return found

    @property
    def brand(self) -> str:
        """The name of the style sheet with this conference's colours."""
        return self.palette.name

    @property
    def palette(self) -> Palette:
        """The six colours that follow from the conference's own."""
        return _palette_of(self.colour)

    @property
    def offers(self) -> bool:
        """Whether a seat from the waiting list is to be accepted: also where nobody else has shown
        that the address is theirs."""
        return self.promotion is Promotion.OFFER or self.confirms_addresses

    @property
    def change_shards(self) -> int:
        """Over how many partitions the changes of a day are spread; never fewer than before."""
        return max((one.shards for one in self.ticket_types), default=1)

    @property
    def erased_at(self) -> int:
        """When personal data are erased."""
        return self.ends_at + self.erase_after_days * DAY


@lru_cache(256)
def _palette_of(colour: str) -> Palette:
    return Palette.of(colour)


def closed_state(conference: Conference, now: int) -> SignUpState | None:
    """Why the conference takes no sign-ups at `now`; None if it does."""
    if conference.publication is Publication.CANCELLED:
        return SignUpState.CANCELLED
    if now >= conference.ends_at:
        return SignUpState.OVER
    if now < conference.opens_at:
        return SignUpState.EARLY
    if now >= conference.closes_at:
        return SignUpState.CLOSED
    return None


def offer_state(ticket_type: TicketType, seats: Seats) -> OfferState:
    """What one ticket type says."""
    return OfferState.APPROVAL if ticket_type.approval else seats.state


def open_state(conference: Conference, seats: Mapping[int, Seats]) -> SignUpState:
    """What the sign-up page says while it takes sign-ups; `seats` by ticket type. A conference
    with a ticket type that has plenty of seats is open; few left is said only when no type has
    plenty."""
    states = {offer_state(one, seats[one.type_id]) for one in conference.ticket_types}
    if states & {OfferState.AVAILABLE, OfferState.APPROVAL}:
        return SignUpState.OPEN
    return SignUpState.FEW if OfferState.FEW in states else SignUpState.FULL


def is_to_be_erased(conference: Conference, now: int) -> bool:
    """Whether the personal data of its attendees have been kept for as long as was promised."""
    return not conference.erased and now >= conference.erased_at


def promotes(conference: Conference, now: int) -> bool:
    """Whether a freed seat still goes to the next in line."""
    return now < conference.starts_at and conference.publication is not Publication.CANCELLED


def offer_until(conference: Conference, now: int) -> int:
    """Until when a seat offered at `now` may be accepted: a third of the time to the start at
    most, so that it can go on to others."""
    return now + min(conference.offer_hours * HOUR, (conference.starts_at - now) // 3)


def require_sound(conference: Conference) -> None:
    """Raise Invalid, with a sentence for the operator, unless the conference can be kept."""
    texts = (conference.name, conference.tagline, conference.venue, conference.city)
    lines = [line for each in texts for line in each.values()]
    published = conference.publication in (Publication.OPEN, Publication.UNLISTED)
    problems = {
        "publication: add a ticket type first": published and not conference.ticket_types,
        "privacy: a consent needs its sentence and its text": not _is_whole(conference.consent),
        "slug: 2 to 40 letters a-z, digits and hyphens": not is_slug(conference.slug),
        "name: in Korean, English or both": text.is_blank(conference.name.in_("ko")),
        "times: opens < closes, starts < ends": not (
            conference.opens_at < conference.closes_at and conference.starts_at < conference.ends_at
        ),
        "zone: an IANA name, for example Asia/Seoul": not is_zone(conference.zone),
        "colour: # and six hexadecimal digits": not _COLOUR.fullmatch(conference.colour),
        "contact: an e-mail address": not _is_address(conference.contact),
        "sign_ups_a_second: 1 or more": conference.sign_ups_a_second < 1,
        f"sign_ups_a_domain, sign_ups_a_network: from 0 to {MOST_SIGN_UPS_AN_HOUR}": not (
            0 <= conference.sign_ups_a_domain <= MOST_SIGN_UPS_AN_HOUR
            and 0 <= conference.sign_ups_a_network <= MOST_SIGN_UPS_AN_HOUR
        ),
        f"offer_hours: from 1 to {MOST_OFFER_HOURS}": not (
            1 <= conference.offer_hours <= MOST_OFFER_HOURS
        ),
        "map_url: it begins with https://": not _is_web_address(conference.map_url),
        "texts: one line, without control characters": not all(map(_is_one_line, lines)),
    }
    wrong = [sentence for sentence, is_wrong in problems.items() if is_wrong]
    if wrong:
        raise Invalid("; ".join(wrong))


def require_same_locks(before: Conference, after: Conference) -> None:
    """Raise Invalid if who may share an address would change: nobody could be found any more."""
    if before.shared_addresses != after.shared_addresses:
        raise Invalid("shared_addresses: for good, from the beginning")


def _is_whole(consent: Consent | None) -> bool:
    return consent is None or bool(consent.label and consent.text)


def _is_address(typed: str) -> bool:
    try:
        return addresses.normalise(typed) == typed
    except NotAnAddress:
        return False


def _is_web_address(url: str | None) -> bool:
    return url is None or url.startswith("https://")


def _is_one_line(line: str) -> bool:
    return text.without_controls(line) == line


def is_zone(name: str) -> bool:
    """Whether there is a time zone of that IANA name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True


def news_of(before: Conference, after: Conference) -> News | None:
    """What a change is to those who have signed up: nothing, unless they rely on what changed."""
    if after.publication is Publication.CANCELLED:
        is_new = before.publication is not Publication.CANCELLED
        return News.CALLED_OFF if is_new else None
    relied_on = ("starts_at", "ends_at", "zone", "venue", "city")
    moved = any(getattr(before, one) != getattr(after, one) for one in relied_on)
    return News.RESCHEDULED if moved and is_public(after) else None


def next_change(conference: Conference, now: int) -> int | None:
    """The next moment after `now` at which the page changes by the clock alone."""
    moments = (conference.opens_at, conference.closes_at, conference.ends_at)
    return min((moment for moment in moments if moment > now), default=None)


def require_sound_type(ticket_type: TicketType) -> None:
    """Raise Invalid, with a sentence for the operator, unless the ticket type can be kept."""
    if text.is_blank(ticket_type.name.in_("ko")):
        raise Invalid("name: in Korean, English or both")
    if not 0 <= ticket_type.capacity <= MAX_CAPACITY:
        raise Invalid(f"capacity: from 0 to {MAX_CAPACITY}")


def is_slug(word: str) -> bool:
    """Whether it can be a conference's address."""
    return _SLUG.fullmatch(word) is not None


def is_public(conference: Conference) -> bool:
    """Whether strangers may know of it by its address."""
    return conference.publication is not Publication.DRAFT


def to_about(conference: Conference) -> dict[str, Any]:
    """The conference as it is kept, without id and ticket types."""
    kept = dict(vars(conference))
    for key in ("conference_id", "ticket_types"):
        del kept[key]
    if conference.consent:
        kept["consent"] = vars(conference.consent)
    return kept


def from_about(
    conference_id: int, about: Mapping[str, Any], ticket_types: tuple[TicketType, ...]
) -> Conference:
    """The conference from what was kept."""
    values = dict(about)
    for key in ("name", "tagline", "description", "venue", "city"):
        values[key] = Localised(values[key])
    values["phone"], values["company"] = Asked(values["phone"]), Asked(values["company"])
    values["publication"] = Publication(values["publication"])
    values["promotion"] = Promotion(values.get("promotion", Promotion.CONFIRM))
    values["news"] = News(values["news"]) if values.get("news") else None
    values["cover"] = _cover(values.get("cover"))
    values["consent"] = _consent(values.get("consent"))
    return Conference(conference_id=conference_id, ticket_types=ticket_types, **values)


def _cover(kept: str | None) -> str | None:
    """Older records name a JPEG, without its suffix."""
    return f"{kept}.jpg" if kept and "." not in kept else kept


def _consent(kept: Mapping[str, Any] | None) -> Consent | None:
    if kept is None:
        return None
    return Consent(kept["version"], Localised(kept["label"]), Localised(kept["text"]))


def to_type(ticket_type: TicketType) -> dict[str, Any]:
    """The ticket type as it is kept, without its number."""
    kept = dict(vars(ticket_type))
    del kept["type_id"]
    return kept


# What an older record does not have yet keeps its default.
_PLAIN = ("capacity", "order", "approval", "counters", "spread", "shards")


def from_type(type_id: int, kept: Mapping[str, Any]) -> TicketType:
    """The ticket type from what was kept."""
    return TicketType(
        type_id=type_id,
        name=Localised(kept["name"]),
        description=Localised(kept["description"]),
        **{key: kept[key] for key in _PLAIN if key in kept},
    )
