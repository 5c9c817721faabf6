"""A scanner of our own: reads and verifies a pass code by the format's public description alone.

Nothing here comes from app.passes.code: the two must agree without having been told by each other.
"""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from PIL import Image


@dataclass(frozen=True)
class Scanned:
    """What the code says: 1 seed, 2 ticket type; `others` are fields that should not be there."""

    seed: str
    item: int
    others: tuple[int, ...]


@dataclass(frozen=True)
class Found:
    """A QR code that stands straight in a picture: what it says, and where."""

    text: str
    box: tuple[int, int, int, int]

    @property
    def side(self) -> float:
        """Its width, in pixels."""
        left, top, right, bottom = self.box
        return (right - left + bottom - top) / 2

    def grown(self, by: float) -> tuple[int, int, int, int]:
        """Its box with so many pixels more on each side."""
        left, top, right, bottom = self.box
        return round(left - by), round(top - by), round(right + by), round(bottom + by)


def find(picture: Image.Image) -> Found:
    """The only QR code in a picture in tones of grey."""
    [code] = zxingcpp.read_barcodes(picture)
    place = code.position
    points = [place.top_left, place.top_right, place.bottom_right, place.bottom_left]
    xs, ys = [point.x for point in points], [point.y for point in points]
    return Found(str(code.text), (min(xs), min(ys), max(xs), max(ys)))


def scan(picture: bytes) -> str:
    """The text of the only QR code in a picture."""
    return find(Image.open(io.BytesIO(picture)).convert("L")).text


def read(text: str, public_key: str) -> Scanned:
    """Take a code apart; raises InvalidSignature if another key signed it."""
    content = base64.b64decode("".join(reversed(text)), validate=True)
    assert content[0] == 1
    ends = 5 + int.from_bytes(content[1:3], "big")
    payload, signature = content[5:ends], content[ends:]
    assert len(signature) == int.from_bytes(content[3:5], "big")
    key = load_pem_public_key(base64.b64decode(public_key, validate=True))
    assert isinstance(key, Ed25519PublicKey)
    key.verify(signature, payload)
    return _message(payload)


def _message(payload: bytes) -> Scanned:
    """Protobuf: keys, each followed by a varint (wire type 0) or a length and bytes (2)."""
    fields: dict[int, int | bytes] = {}
    rest = payload
    while rest:
        key, rest = _varint(rest)
        number, rest = _varint(rest)
        if key & 7 == 2:
            fields[key >> 3], rest = rest[:number], rest[number:]
        else:
            assert key & 7 == 0
            fields[key >> 3] = number
    seed, item = fields.pop(1), fields.pop(2)
    assert isinstance(seed, bytes)
    assert isinstance(item, int)
    return Scanned(seed.decode(), item, tuple(fields))


def _varint(data: bytes) -> tuple[int, bytes]:
    length = next(at for at, byte in enumerate(data) if byte < 128) + 1
    groups = [byte & 127 for byte in data[:length]]
    return sum(group << 7 * at for at, group in enumerate(groups)), data[length:]
