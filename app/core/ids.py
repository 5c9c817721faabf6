"""Ids of registrations, their code in letters, and tokens nobody can guess.

The letters are Crockford's base 32 (crockford.com/base32.html): no I, L, O or U. Crockford's own
check symbol is drawn from 37 signs, five of them not letters; ours is a letter like the others.
It is the parity symbol of an [8, 7] linear code over GF(32): the sum of the eight letters, each
times a power of a primitive element, is zero. As no weight is zero, one wrong letter always
shows; as no two weights are equal, the swap of any two different letters shows as well.
"""

from __future__ import annotations

import secrets
import unicodedata

ID_BITS = 35
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 8

_BITS = 5
_MASK = 31
_POLYNOMIAL = 0b100101  # x^5 + x^2 + 1 is primitive, so x has 31 different powers
_LOOKALIKES = str.maketrans("OIL", "011")
_VALUES = {letter: value for value, letter in enumerate(LETTERS)}


class LettersError(ValueError):
    """The text is no code in letters: a wrong sign, a wrong length or a wrong check letter."""


def new_registration_id() -> int:
    """A random id from 1 to 2^35 - 1, so that it stays exact as a JSON number."""
    return secrets.randbelow((1 << ID_BITS) - 1) + 1


def random_token() -> str:
    """128 random bits as 22 characters of base64url."""
    return secrets.token_urlsafe(16)


def letters(registration_id: int) -> str:
    """The eight letters of an id; the last one checks the others. Shown 4 + 4.

    ValueError if the id is not from 1 to 2^35 - 1.
    """
    if not 0 < registration_id < 1 << ID_BITS:
        raise ValueError("a registration id has 35 bits and is not 0")
    values = [registration_id >> shift & _MASK for shift in range(ID_BITS - _BITS, -1, -_BITS)]
    return "".join(LETTERS[value] for value in (*values, _weighted_sum(values)))


def read_letters(text: str) -> int:
    """The id that a person read or typed: case, blanks and hyphens do not matter; O is 0, I and
    L are 1. LettersError if anything else is in it, or the check letter does not fit."""
    values = [_value(letter) for letter in _plain(text)]
    if len(values) != CODE_LENGTH:
        raise LettersError("a code has eight letters")
    *data, check = values
    if _weighted_sum(data) != check:
        raise LettersError("the check letter does not fit the others")
    return _number(data)


def _number(values: list[int]) -> int:
    number = 0
    for value in values:
        number = number << _BITS | value
    if number == 0:
        raise LettersError("no registration has the id 0")
    return number


def _plain(text: str) -> str:
    """In capitals of plain width, without blanks and hyphens."""
    upper = unicodedata.normalize("NFKC", text).upper().translate(_LOOKALIKES)
    return "".join(
        sign for sign in upper if not sign.isspace() and unicodedata.category(sign) != "Pd"
    )


def _value(letter: str) -> int:
    try:
        return _VALUES[letter]
    except KeyError:
        raise LettersError("only digits and letters without U stand in a code") from None


def _weighted_sum(values: list[int]) -> int:
    """The sum in GF(32) of the seven values times x^7 .. x^1 (Horner); the check letter's weight
    is x^0, so this sum is the check letter."""
    total = 0
    for value in values:
        total = _times_x(total ^ value)
    return total


def _times_x(value: int) -> int:
    doubled = value << 1
    return doubled ^ _POLYNOMIAL if doubled > _MASK else doubled
