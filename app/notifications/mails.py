"""One mail: subject, text and HTML out of templates/email/<kind>/, and what hangs on it.

Nothing that a visitor typed stands in a mail, not even a name: anybody can have a mail sent to
anybody by signing up with their address, and any advert is letters like a name.
"""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from flask import current_app
from flask_babel import force_locale

from app import config
from app.conferences.rules import Conference
from app.core.clock import now_ms
from app.mail import headers
from app.passes import qr
from app.passes import service as passes
from app.registrations import links
from app.registrations.models import Registration
from app.registrations.rules import LIVE, Mail, State

QR_SCALE = 6  # pixels a module: 318 x 318


def compose(kind: Mail, registration: Registration, conference: Conference) -> EmailMessage:
    """The mail of a kind about one registration, to its address, in its language. A confirmed
    one carries the QR code inline and the calendar file; a cancelled one, the file that takes the
    conference out of the calendar. Who has no place yet can leave by the mail program's own
    "unsubscribe"; see docs/decisions/0012-unsubscribing.md."""
    qr_id = make_msgid(domain="lanyard.invalid")
    language = registration.language
    takes_part = passes.takes_part(registration, conference)
    mail = _mail(
        kind,
        language,
        conference,
        ticket_type=conference.require_type(int(registration.type_id)),
        letters=passes.letters_of(registration),
        pass_url=links.url_of(registration),
        confirmed=takes_part,
        state=State(registration.state),
        seat_until=int(registration.seat_until or 0),
        qr_source=f"cid:{qr_id[1:-1]}",
    )
    mail["To"] = registration.email
    if registration.state in LIVE - {State.CONFIRMED}:
        mail[headers.UNSUBSCRIBE] = f"<{links.url_of(registration, '/cancel')}>"
    if takes_part:
        _attach_qr(mail, qr.png(passes.pass_code(registration), QR_SCALE), qr_id)
    if registration.state == State.CONFIRMED or kind is Mail.CANCELLED:
        _attach_calendar(mail, registration, conference)
    return mail


def compose_to_former(
    former: str, kind: Mail, language: str, conference: Conference
) -> EmailMessage:
    """The mail to an address that a registration had before it got a mail of this kind: no link,
    no pass in it."""
    told = "handed_on" if kind is Mail.TRANSFERRED else "moved_away"
    mail = _mail(told, language, conference)
    mail["To"] = former
    return mail


def compose_links(
    email: str, language: str, found: list[tuple[Conference, Registration]]
) -> EmailMessage:
    """The pass links of an address."""
    entries = [(conference, links.url_of(registration)) for conference, registration in found]
    mail = _mail("links", language, None, entries=entries)
    mail["To"] = email
    return mail


def _mail(
    kind: str, language: str, conference: Conference | None, **values: object
) -> EmailMessage:
    address = config.settings.require_public_url()
    values |= {"conference": conference, "lang": language, "public_url": address}
    folder = f"email/{kind}"
    mail = EmailMessage(headers.POLICY)
    with force_locale(language):
        mail["Subject"] = _render(f"{folder}/subject.txt", values)
        text, page = _render(f"{folder}/body.txt", values), _render(f"{folder}/body.html", values)
    mail["From"] = _sender(conference, language)
    mail["Date"] = formatdate(now_ms() / 1000)
    mail["Message-ID"] = make_msgid(domain="lanyard.invalid")
    mail["Auto-Submitted"] = "auto-generated"
    if conference and conference.contact:
        mail["Reply-To"] = conference.contact
    mail.set_content(text + "\n", cte="base64")
    mail.add_alternative(page, subtype="html", cte="base64")
    return mail


def _render(template: str, values: dict[str, object]) -> str:
    found = current_app.jinja_env.get_template(template)
    return found.render(**values).strip()


def _sender(conference: Conference | None, language: str) -> Address:
    name = conference.name.in_(language) if conference else "Lanyard"
    return Address(display_name=name, addr_spec=config.settings.mail_sender)


def _attach_qr(mail: EmailMessage, image: bytes, qr_id: str) -> None:
    page = mail.get_body(("html",))
    assert page is not None, "every mail has an HTML part"
    page.add_related(image, "image", "png", cid=qr_id, filename="qr.png", disposition="inline")


def _attach_calendar(
    mail: EmailMessage, registration: Registration, conference: Conference
) -> None:
    content = passes.calendar_of(registration, conference, registration.language)
    method = "PUBLISH" if passes.takes_part(registration, conference) else "CANCEL"
    params = {"method": method, "charset": "utf-8"}
    name = f"{conference.slug}.ics"
    mail.add_attachment(content, "text", "calendar", filename=name, params=params)
