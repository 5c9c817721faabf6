"""The pass code: the signed text inside the QR code, in the public format `pretix_sig1`.

Bytes: 0x01, payload length and signature length (two bytes each, big-endian), the payload, its
Ed25519 signature; standard base64 of all that; then the text reversed. The payload is protobuf:
1 seed (string), 2 item (int64); a scanner app also knows 3 variation, 4 subevent, 5 valid_from and
6 valid_until, which we leave out. Public keys travel as base64 of the PEM SubjectPublicKeyInfo.
Source: pretix's documentation of digital signatures for tickets, and libpretixsync.

`cryptography` is imported where it is used: the sign-up path must not pay for it.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from app.core.errors import Refusal

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

MAX_PAYLOAD = 21  # bytes: then the text fits a QR code of 45 modules (version 7, level M)
MAX_TEXT = 122  # characters that such a QR code holds

_VERSION = 1
_HEADER = struct.Struct(">BHH")
_SIGNATURE_LENGTH = 64
_ECI = "\\000026"  # "what follows is UTF-8", as some scanners write it before the text
_SEED, _ITEM = 1, 2
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class NotAPassCode(Refusal):
    """The text has not the form of a pass code."""

    code = "not_a_pass_code"


class UnknownSignature(Refusal):
    """The signature is by none of the keys: forged, altered, or of another conference."""

    code = "unknown_signature"


@dataclass(frozen=True)
class PassCode:
    """What is signed: the seed (see `seed_of`) and the number of the ticket type."""

    seed: str
    item: int


def seed_of(letters: str, pass_version: int) -> str:
    """The seed of one issue of a pass: '7KQ4M9XT.1'; every reissue has another."""
    return f"{letters}.{pass_version}"


def new_private_key() -> str:
    """A new Ed25519 key as PEM text (PKCS #8, not encrypted)."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return (
        Ed25519PrivateKey.generate()
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        .decode()
    )


def public_key_of(private_key: str) -> str:
    """The public key of a private one (PEM text), as base64 of its PEM SubjectPublicKeyInfo."""
    from cryptography.hazmat.primitives import serialization

    pem = (
        _private(private_key)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return base64.b64encode(pem).decode()


def encode(content: PassCode, private_key: str) -> str:
    """The pass code, signed; the same each time. ValueError if it would not fit the QR code."""
    payload = _payload(content)
    if len(payload) > MAX_PAYLOAD:
        raise ValueError(f"the payload is {len(payload)} bytes, more than {MAX_PAYLOAD}")
    signature = _private(private_key).sign(payload)
    signed = _HEADER.pack(_VERSION, len(payload), len(signature)) + payload + signature
    return base64.b64encode(signed).decode()[::-1]


def verify(text: str, public_keys: Iterable[str]) -> PassCode:
    """What a scanned text says, if one of the keys signed it (several are valid while keys
    rotate). NotAPassCode or UnknownSignature otherwise."""
    payload, signature = _take_apart(text.strip().removeprefix(_ECI))
    if not any(_is_signed(payload, signature, key) for key in public_keys):
        raise UnknownSignature("no valid key signed this pass code")
    return _read(payload)


def _take_apart(text: str) -> tuple[bytes, bytes]:
    """Payload and signature."""
    try:
        signed = base64.b64decode(text[::-1], validate=True)
        version, payload_length, signature_length = _HEADER.unpack_from(signed)
    except (binascii.Error, ValueError, struct.error) as error:
        raise NotAPassCode("the text is no base64 of a signed payload") from error
    whole = _HEADER.size + payload_length + signature_length
    if (version, signature_length, len(signed)) != (_VERSION, _SIGNATURE_LENGTH, whole):
        raise NotAPassCode("the version or a length is another one")
    body = signed[_HEADER.size :]
    return body[:payload_length], body[payload_length:]


def _is_signed(payload: bytes, signature: bytes, public_key: str) -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        _public(public_key).verify(signature, payload)
    except InvalidSignature:
        return False
    return True


# Parsing a key takes longer than signing with it.
@lru_cache(maxsize=64)
def _private(pem: str) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError("pass codes are signed with Ed25519 keys")
    return key


@lru_cache(maxsize=64)
def _public(encoded_pem: str) -> Ed25519PublicKey:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    key = serialization.load_pem_public_key(base64.b64decode(encoded_pem))
    if not isinstance(key, Ed25519PublicKey):
        raise TypeError("pass codes are signed with Ed25519 keys")
    return key


# Protobuf, as far as two fields need it: developers.google.com/protocol-buffers, "Encoding".


def _payload(content: PassCode) -> bytes:
    if not 0 < content.item < 1 << 63:
        raise ValueError("an item is a positive int64")
    seed = content.seed.encode()
    return (
        bytes((_SEED << 3 | _BYTES, len(seed)))
        + seed
        + bytes((_ITEM << 3 | _VARINT,))
        + _varint(content.item)
    )


def _varint(number: int) -> bytes:
    groups = bytearray()
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*groups, number))


def _read(payload: bytes) -> PassCode:
    """The fields that we know; others are passed over, so that the format can grow."""
    try:
        fields = dict(_fields(payload))
        seed, item = fields[_SEED], fields[_ITEM]
        if isinstance(seed, bytes) and isinstance(item, int):
            return PassCode(seed.decode(), item)
    except (IndexError, KeyError, UnicodeDecodeError) as error:
        raise NotAPassCode("the payload is cut short or lacks a field") from error
    raise NotAPassCode("a field of the payload is of another type")


def _fields(payload: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Field numbers with their values, numbers for varints and bytes for all else."""
    at = 0
    while at < len(payload):
        key, at = _read_varint(payload, at)
        if key & 7 == _VARINT:
            value, at = _read_varint(payload, at)
            yield key >> 3, value
        else:
            length, at = _length(payload, at, key & 7)
            yield key >> 3, _cut(payload, at, length)
            at += length


def _length(payload: bytes, at: int, wire_type: int) -> tuple[int, int]:
    """How many bytes a value has, and where it starts."""
    if wire_type == _BYTES:
        return _read_varint(payload, at)
    fixed = {_FIXED64: 8, _FIXED32: 4}
    if wire_type not in fixed:
        raise NotAPassCode("the payload is no protobuf")
    return fixed[wire_type], at


def _cut(payload: bytes, at: int, length: int) -> bytes:
    if at + length > len(payload):
        raise IndexError("the payload ends within a value")
    return payload[at : at + length]


def _read_varint(payload: bytes, at: int) -> tuple[int, int]:
    """The number and the place after it."""
    number = shift = 0
    while payload[at] & 0x80:
        number |= (payload[at] & 0x7F) << shift
        shift += 7
        at += 1
    return number | payload[at] << shift, at + 1
