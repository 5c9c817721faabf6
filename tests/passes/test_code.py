from __future__ import annotations

import base64
import itertools
import random
import string
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from app.core import ids
from app.passes import code
from app.passes.code import NotAPassCode, PassCode, UnknownSignature

KEY = code.new_private_key()
PUBLIC = code.public_key_of(KEY)
CONTENT = PassCode(code.seed_of("7KQ4M9XT", 1), 2)


@dataclass(frozen=True)
class Scanned:
    """A pass code as the scanner of a test reads it, by the format's description alone."""

    payload: bytes
    signature: bytes
    fields: dict[int, int | str]

    @classmethod
    def read(cls, text: str) -> Scanned:
        raw = base64.b64decode("".join(reversed(text)))
        assert raw[0] == 1
        size, rest = int.from_bytes(raw[1:3], "big"), int.from_bytes(raw[3:5], "big")
        payload, signature = raw[5 : 5 + size], raw[5 + size :]
        assert len(signature) == rest == 64
        return cls(payload, signature, _protobuf(payload))


def _protobuf(payload: bytes) -> dict[int, int | str]:
    numbers = iter(payload)
    fields: dict[int, int | str] = {}
    for key in numbers:
        if key % 8 == 2:
            text = bytes(itertools.islice(numbers, next(numbers)))
            fields[key // 8] = text.decode()
        else:
            assert key % 8 == 0
            groups = list(_until_last(numbers))
            fields[key // 8] = sum(group % 128 * 128**place for place, group in enumerate(groups))
    return fields


def _until_last(numbers: Iterator[int]) -> list[int]:
    groups = [next(numbers)]
    while groups[-1] >= 128:
        groups.append(next(numbers))
    return groups


def _public(encoded: str) -> ed25519.Ed25519PublicKey:
    key = serialization.load_pem_public_key(base64.b64decode(encoded))
    assert isinstance(key, ed25519.Ed25519PublicKey)
    return key


@pytest.mark.parametrize("item", [1, 127, 128, 16_383, 16_384, 2_097_151])
def test_another_reader_understands_it(item: int) -> None:
    scanned = Scanned.read(code.encode(PassCode("7KQ4M9XT.31", item), KEY))
    assert scanned.fields == {1: "7KQ4M9XT.31", 2: item}
    _public(PUBLIC).verify(scanned.signature, scanned.payload)
    with pytest.raises(InvalidSignature):
        _public(PUBLIC).verify(scanned.signature, scanned.payload + b"\0")


def test_keys_travel_as_the_format_says() -> None:
    assert KEY.startswith("-----BEGIN PRIVATE KEY-----\n")
    pem = base64.b64decode(PUBLIC)
    assert pem.startswith(b"-----BEGIN PUBLIC KEY-----\n")
    private = serialization.load_pem_private_key(KEY.encode(), password=None)
    assert isinstance(private, ed25519.Ed25519PrivateKey)
    assert private.public_key() == _public(PUBLIC)
    assert code.new_private_key() != KEY


def test_it_is_the_same_each_time() -> None:
    assert code.encode(CONTENT, KEY) == code.encode(CONTENT, KEY)


def test_the_longest_that_ever_is_fits_the_qr_code() -> None:
    longest = code.encode(PassCode(code.seed_of(ids.letters(2**35 - 1), 9_999_999), 16_383), KEY)
    assert len(longest) <= code.MAX_TEXT
    assert len(Scanned.read(longest).payload) == code.MAX_PAYLOAD


def test_a_larger_payload_is_refused() -> None:
    code.encode(PassCode("s" * 17, 127), KEY)
    with pytest.raises(ValueError, match="22 bytes"):
        code.encode(PassCode("s" * 18, 127), KEY)


@pytest.mark.parametrize("item", [0, -1, 2**63])
def test_an_item_is_a_positive_int64(item: int) -> None:
    with pytest.raises(ValueError, match="int64"):
        code.encode(PassCode("7KQ4M9XT.1", item), KEY)


def test_what_was_signed_is_verified() -> None:
    assert code.verify(code.encode(CONTENT, KEY), [PUBLIC]) == CONTENT


def test_any_of_several_keys_may_have_signed() -> None:
    older = code.public_key_of(code.new_private_key())
    assert code.verify(code.encode(CONTENT, KEY), [older, PUBLIC]) == CONTENT


@pytest.mark.parametrize("before", ["\\000026", " ", "\n"])
def test_what_scanners_put_before_it_is_no_harm(before: str) -> None:
    assert code.verify(before + code.encode(CONTENT, KEY) + "\r\n", [PUBLIC]) == CONTENT


def test_another_key_is_refused() -> None:
    text = code.encode(CONTENT, code.new_private_key())
    with pytest.raises(UnknownSignature):
        code.verify(text, [PUBLIC])
    with pytest.raises(UnknownSignature):
        code.verify(text, [])


def test_every_single_altered_character_is_refused() -> None:
    text = code.encode(CONTENT, KEY)
    alphabet = string.ascii_letters + string.digits + "+/"
    for place, letter in enumerate(text):
        other = alphabet[(alphabet.find(letter) + 32) % 64]
        altered = text[:place] + other + text[place + 1 :]
        with pytest.raises((NotAPassCode, UnknownSignature)):
            code.verify(altered, [PUBLIC])


def test_a_signature_for_other_content_is_refused() -> None:
    scanned = Scanned.read(code.encode(CONTENT, KEY))
    forged = scanned.payload[:-1] + b"\x09"
    with pytest.raises(UnknownSignature):
        code.verify(_wrapped(forged, scanned.signature), [PUBLIC])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "=",
        "https://example.com/passes/secret",
        "가나다",
        "\0",
        "AAAA",
        "A" * 10_000,
        base64.b64encode(bytes(70)).decode(),
        base64.b64encode(b"\1\0\0\0\x40" + bytes(63)).decode()[::-1],
        base64.b64encode(b"\1\0\0\0\x40" + bytes(65)).decode()[::-1],
        base64.b64encode(b"\2\0\0\0\x40" + bytes(64)).decode()[::-1],
        base64.b64encode(b"\1\0\x40\0\0" + bytes(64)).decode()[::-1],
    ],
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(NotAPassCode):
        code.verify(text, [PUBLIC])


def test_random_text_is_refused() -> None:
    source = random.Random(1)
    for _ in range(300):
        noise = base64.b64encode(b"\1" + source.randbytes(source.randrange(120))).decode()
        with pytest.raises((NotAPassCode, UnknownSignature)):
            code.verify(noise[::-1], [PUBLIC])


def test_fields_of_later_versions_are_passed_over() -> None:
    later = b"\x0a\x03abc" + b"\x10\x07" + b"\x18\xac\x02" + b"\x3a\x01z" + b"\x41" + bytes(8)
    assert code.verify(_signed(later + b"\x4d" + bytes(4)), [PUBLIC]) == PassCode("abc", 7)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\x0a\x03abc",
        b"\x10\x07",
        b"\x0a\x09abc\x10\x07",
        b"\x0a\x03abc\x10",
        b"\x0a\x03abc\x10\x80",
        b"\x08\x03\x10\x07",
        b"\x0a\x03abc\x12\x01a",
        b"\x0a\x02\xff\xfe\x10\x07",
        b"\x0b\x03abc\x10\x07",
    ],
)
def test_a_signed_payload_of_another_form_is_refused(payload: bytes) -> None:
    with pytest.raises(NotAPassCode):
        code.verify(_signed(payload), [PUBLIC])


def test_keys_of_another_kind_are_refused() -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    private = other.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    public = other.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    with pytest.raises(TypeError, match="Ed25519"):
        code.encode(CONTENT, private)
    with pytest.raises(TypeError, match="Ed25519"):
        code.verify(code.encode(CONTENT, KEY), [base64.b64encode(public).decode()])


def _signed(payload: bytes) -> str:
    private = serialization.load_pem_private_key(KEY.encode(), password=None)
    assert isinstance(private, ed25519.Ed25519PrivateKey)
    return _wrapped(payload, private.sign(payload))


def _wrapped(payload: bytes, signature: bytes) -> str:
    head = b"\1" + len(payload).to_bytes(2, "big") + len(signature).to_bytes(2, "big")
    return base64.b64encode(head + payload + signature).decode()[::-1]
