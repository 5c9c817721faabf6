"""The forms of attendees: what is asked, and what is wrong with an answer."""

from __future__ import annotations

import re
import secrets

from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, Form, HiddenField, RadioField, StringField, ValidationError
from wtforms.form import BaseForm
from wtforms.validators import StopValidation

from app.conferences.rules import Asked, Conference, TicketType
from app.core import addresses, text
from app.core.addresses import NotAnAddress, Wrong
from app.core.ids import random_token
from app.registrations import rules
from app.registrations.rules import Person

NAME_LENGTH = 100
COMPANY_LENGTH = 100
PERSON = ("name", "email", "phone", "company")
PHONE_DIGITS = range(7, 16)  # E.164 allows 15; the shortest subscriber numbers have 7
_DASHES = re.compile("[\u2010-\u2015\u2212]")
PHONE_SIGNS = frozenset("0123456789+-(). ")


class Line(StringField):
    """One line of text, as it was typed."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take it, with signs that can be shown for those that cannot."""
        self.data = text.without_controls(text.clean(valuelist[0] if valuelist else ""))

    def pre_validate(self, form: BaseForm) -> None:  # noqa: ARG002  WTForms' signature
        """Refuse what cannot be printed or kept."""
        if text.UNPRINTABLE in (self.data or ""):
            raise StopValidation(gettext("There is a character in this that cannot be printed."))


class AnyForm(Form):
    """A form that can say what is wrong."""

    def wrong(self) -> dict[str, list[str]]:
        """What is wrong, by the field's name."""
        return {name: [str(one) for one in found] for name, found in self.errors.items()}


class _AddressFields(AnyForm):
    """A form that asks for an address."""

    email = Line()

    def validate_email(self, field: Field) -> None:
        """Refuse what mail cannot reach; normalise the rest."""
        try:
            field.data = addresses.normalise(field.data)
        except NotAnAddress as error:
            raise ValidationError(_sentence(error.wrong)) from None


class FindForm(_AddressFields):
    """Find my pass."""


class PersonForm(_AddressFields):
    """Who one is."""

    name = Line()
    phone = Line()
    company = Line()

    asked: dict[str, Asked]

    def validate_name(self, field: Field) -> None:
        """A name can be any text that can be seen."""
        if text.is_blank(field.data):
            raise ValidationError(gettext("Please enter your name. For example: Kim Haneul"))
        _require_length(field.data, NAME_LENGTH)

    def validate_company(self, field: Field) -> None:
        """A company can be any text."""
        if text.is_blank(field.data):
            field.data = ""
            if self.asked["company"] is Asked.REQUIRED:
                raise ValidationError(gettext("Please enter your company or organisation."))
        _require_length(field.data, COMPANY_LENGTH)

    def validate_phone(self, field: Field) -> None:
        """Digits in any grouping; the leading zero stays."""
        field.data = _DASHES.sub("-", text.clean_digits(text.without_format_signs(field.data)))
        if not field.data:
            if self.asked["phone"] is Asked.REQUIRED:
                raise ValidationError(
                    gettext("Please enter your phone number. For example: 010-1234-5678")
                )
            return
        digits = sum(sign.isdigit() for sign in field.data)
        if digits not in PHONE_DIGITS or not PHONE_SIGNS.issuperset(field.data):
            raise ValidationError(
                gettext("This is not a whole phone number. For example: 010-1234-5678")
            )

    def person(self) -> Person:
        """What was typed, after validation."""
        return Person(**{name: self.data.get(name) or "" for name in PERSON})

    def ask(self, conference: Conference) -> None:
        """Ask what the conference asks for."""
        self.asked = {"phone": conference.phone, "company": conference.company}
        for name, asked in self.asked.items():
            if asked is Asked.OFF:
                delattr(self, name)


class TransferForm(PersonForm):
    """Give one's place to another person."""

    sure = BooleanField()
    submission = HiddenField()

    def validate_sure(self, field: Field) -> None:
        """It cannot be undone by the one who does it."""
        if field.raw_data != ["yes"]:
            raise ValidationError(gettext("Please tick that you give your place away."))


class TypeForm(AnyForm):
    """Choose one of the ticket types on offer."""

    ticket_type = RadioField(validate_choice=False)

    offered: tuple[TicketType, ...]

    def validate_ticket_type(self, _: Field) -> None:
        """One of those on offer."""
        if self.chosen() is None:
            raise ValidationError(gettext("Please choose a ticket type."))

    def chosen(self) -> TicketType | None:
        """The ticket type that was chosen."""
        value = str(self.ticket_type.data)
        return next((one for one in self.offered if str(one.type_id) == value), None)


class SignUpForm(PersonForm, TypeForm):
    """Sign up for one conference."""

    consent = BooleanField()
    consent_version = HiddenField()  # of the text that was on the page
    submission = HiddenField()
    fax = Line()  # nobody sees it: who fills it in is a robot

    conference: Conference

    def validate_fax(self, field: Field) -> None:
        """A person whose browser filled it in is told what to do."""
        if field.data:
            raise ValidationError(gettext("Please leave this empty: it is there to stop robots."))

    def validate_consent(self, field: Field) -> None:
        """Agreed to in so many words, where the conference asks for it; and to those that are kept:
        the organiser may have changed them since the page was opened."""
        asked = self.conference.consent
        if asked and field.raw_data != ["yes"]:
            raise ValidationError(gettext("Without your consent we cannot register you."))
        if asked and self.consent_version.data not in {None, "", asked.version}:
            field.data = False
            raise ValidationError(
                gettext("This text has changed. Please read it, and agree once more.")
            )

    def submission_hash(self, ticket_type: TicketType) -> str:
        """The hash of this attempt; one of its own where the browser made no key."""
        key = self.submission.data or ""
        if not rules.is_submission_key(key):
            key = secrets.token_urlsafe(16)
        return rules.submission_hash(
            key, self.conference.conference_id, ticket_type.type_id, self.person()
        )


def sign_up(conference: Conference, typed: MultiDict[str, str] | None = None) -> SignUpForm:
    """The sign-up form of a conference, empty or with what was typed."""
    form = SignUpForm(typed)
    form.conference, form.offered = conference, conference.ticket_types
    form.ask(conference)
    if conference.consent is None:
        delattr(form, "consent")
    return form


def details(
    conference: Conference, person: Person, typed: MultiDict[str, str] | None = None
) -> PersonForm:
    """The form to edit one's own details, with what is kept or what was typed."""
    form = PersonForm(typed, **vars(person))
    form.ask(conference)
    return form


def transfer(conference: Conference, typed: MultiDict[str, str] | None = None) -> TransferForm:
    """The form to give one's place to another person, empty and with a key of its own, or with
    what was typed."""
    form = TransferForm(typed, submission=random_token())
    form.ask(conference)
    return form


def other_type(
    offered: tuple[TicketType, ...], typed: MultiDict[str, str] | None = None
) -> TypeForm:
    """The form to change one's ticket type."""
    form = TypeForm(typed)
    form.offered = offered
    return form


def _sentence(wrong: Wrong) -> str:
    """What is wrong with an address, in words."""
    sentences = {
        Wrong.MISSING: gettext("Please enter your e-mail address. For example: name@example.com"),
        Wrong.TOO_LONG: _too_long(addresses.LENGTH),
        Wrong.INCOMPLETE: gettext(
            "This e-mail address is not complete. For example: name@example.com"
        ),
        Wrong.NOT_ASCII: gettext(
            "We cannot send mail to an address with such letters before the @."
        ),
        Wrong.IMPOSSIBLE: gettext(
            "This e-mail address cannot exist. For example: name@example.com"
        ),
    }
    return sentences[wrong]


def _require_length(plain: str, most: int) -> None:
    if len(plain) > most:
        raise ValidationError(_too_long(most))


def _too_long(most: int) -> str:
    return gettext("This is too long: at most %(most)d characters.", most=most)
