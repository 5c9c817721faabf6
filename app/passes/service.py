"""Making passes, and reading them."""

from __future__ import annotations

from app import config
from app.aws import metrics, objects
from app.aws.metrics import Metric
from app.aws.parameters import secret
from app.conferences import calendars
from app.conferences import service as conferences
from app.conferences.rules import Conference, Publication
from app.core.errors import NotFound
from app.core.ids import letters
from app.passes import code
from app.passes.code import PassCode
from app.registrations import debts, retention
from app.registrations import service as registrations
from app.registrations.models import Registration
from app.registrations.rules import State


def signing_key(conference_id: int) -> str:
    """The private key of a conference (PEM), made when first needed: ticket types count up from
    1 in each conference, so one key for all would let a pass of another conference verify."""
    return secret(f"conferences/{conference_id}/signing-key", code.new_private_key)


def pass_code(registration: Registration) -> str:
    """The signed text in the QR code."""
    seed = code.seed_of(letters_of(registration), int(registration.pass_version))
    key = signing_key(int(registration.conference_id))
    return code.encode(PassCode(seed, int(registration.type_id)), key)


def public_key(conference_id: int) -> str:
    """The public key that verifies a conference's pass codes: base64 of its PEM."""
    return code.public_key_of(signing_key(conference_id))


def letters_of(registration: Registration) -> str:
    """The code in letters."""
    return letters(int(registration.registration_id))


def settle(registration_id: int) -> bool:
    """Do what is owed about the image of a pass; False if nothing is, or somebody else does it."""
    registration = debts.claim(registration_id)
    if registration is None:
        return False
    try:
        done = pay(registration)
    finally:
        noted = conclude(registration)
    return done and noted


def pay(registration: Registration) -> bool:
    """Make the image that a claimed registration is owed, or delete those of a pass that was given
    back; False if neither is owed. Making it twice gives the same bytes."""
    if debts.owes_pass(registration):
        _make(registration)
    elif registration.withdrawal_owed:
        _delete_all(registration)
        debts.pass_withdrawn(registration)
    else:
        return False
    return True


def _make(registration: Registration) -> None:
    conference = conferences.by_id(int(registration.conference_id))
    _keep(registration, _draw(registration, conference))
    if former := int(registration.pass_done):  # before it is forgotten
        _delete(registration, former)
    debts.pass_made(registration)
    metrics.count(Metric.PASSES)


def conclude(registration: Registration, later: int | None = None) -> bool:
    """Note what was paid (see `debts.note`); if that comes too late, an image of it is not kept."""
    noted = debts.note(registration, later)
    if not noted:
        _delete_if_outdated(registration)
    return noted


def _delete_if_outdated(registration: Registration) -> None:
    """The image of a revision that has passed is of no use any more. That of the present one
    stays: another may have made the same meanwhile."""
    latest = registrations.find(int(registration.registration_id))
    if latest is None or latest.revision != registration.revision:
        _delete(registration, int(registration.revision))


def _keep(registration: Registration, image: bytes) -> None:
    objects.put(config.settings.derived_bucket, _key(registration), image, "image/png")


def _draw(registration: Registration, conference: Conference) -> bytes:
    from app.passes import face, image

    return image.render(face.of(registration, conference, pass_code(registration)))


def pdf_of(registration: Registration, conference: Conference, size: str) -> bytes:
    """The pass as a PDF of a size ("a4", "badge"), drawn now and kept nowhere. Raises NotFound for
    a size that there is not."""
    from app.passes import face, pdf

    if size not in set(pdf.Size):
        raise NotFound
    shown = face.of(registration, conference, pass_code(registration))
    return pdf.render(shown, pdf.Size(size), face.CUTTING[registration.language])


def sheets(conference: Conference) -> bytes:
    """The passes of all who take part, by name, four on a page of A4."""
    from app.passes import face, pdf

    found = (
        registrations.find(int(row.registration_id)) for row in registrations.listed(conference)
    )
    taking_part = [one for one in found if one and takes_part(one, conference)]
    ordered = sorted(taking_part, key=lambda one: (one.name, int(one.registration_id)))
    return pdf.sheets(face.of(one, conference, pass_code(one)) for one in ordered)


def draw_again(registration_id: int) -> bool:
    """Draw the image anew though the registration is the same (the conference changed)."""
    registration = registrations.find(registration_id)
    if registration is None or registration.state != State.CONFIRMED:
        return False
    conference = conferences.by_id(int(registration.conference_id))
    _keep(registration, _draw(registration, conference))
    return True


def erase_all(conference: Conference) -> int:
    """Erase the personal data of all attendees, and their images; returns how many. The
    conference is noted as erased when nobody was left to erase: the list comes from an index,
    which may be behind."""
    left = [row for row in registrations.listed(conference) if not row.erased_at]
    for row in left:
        _erase(int(row.registration_id))
    if not left:
        conferences.change(conference.conference_id, erased=True)
    return len(left)


def _erase(registration_id: int) -> None:
    registration = registrations.find(registration_id)
    if registration:
        retention.erase(registration)
        _delete_all(registration)


def read_image(registration: Registration) -> bytes | None:
    """The image of the present revision, or None until it is made."""
    if registration.state != State.CONFIRMED:
        return None
    return objects.get(config.settings.derived_bucket, _key(registration))


def calendar_of(registration: Registration, conference: Conference, language: str) -> bytes:
    """The conference as a calendar file for one attendee; of a registration without a
    seat, the file that takes it out of the calendar."""
    entry = calendars.Entry(
        uid=f"registration-{letters_of(registration)}",
        sequence=conference.revision + int(registration.revision),  # each only ever grows
        cancelled=not takes_part(registration, conference),
    )
    return calendars.of_conference(conference, language, entry)


def takes_part(registration: Registration, conference: Conference) -> bool:
    """Whether one is expected at the conference."""
    confirmed = registration.state == State.CONFIRMED
    return confirmed and conference.publication is not Publication.CANCELLED


def _delete(registration: Registration, revision: int) -> None:
    objects.delete(config.settings.derived_bucket, _key_of(registration, revision))


def _delete_all(registration: Registration) -> None:
    objects.delete_all(config.settings.derived_bucket, _folder(registration))


def _folder(registration: Registration) -> str:
    return f"passes/{int(registration.registration_id)}/"


def _key(registration: Registration) -> str:
    return _key_of(registration, int(registration.revision))


def _key_of(registration: Registration, revision: int) -> str:
    """A key per revision, so that a late maker of an old one overwrites nothing."""
    return f"{_folder(registration)}{revision}.png"
