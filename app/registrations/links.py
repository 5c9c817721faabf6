"""The pass link: id and HMAC-SHA256(link key, id and link version) cut to 128 bits.

So the database holds no secret, a mail can be sent again, and a new link version revokes it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from app import config
from app.aws.parameters import secret
from app.core.ids import random_token
from app.registrations import rules
from app.registrations.models import Registration

ID_BYTES = 5
MAC_BYTES = 16


def secret_of(registration: Registration) -> str:
    """The secret part of the pass link: 28 letters of base64url."""
    number = int(registration.registration_id).to_bytes(ID_BYTES, "big")
    mac = _mac(number, int(registration.link_version))
    return base64.urlsafe_b64encode(number + mac).decode()


def id_in(secret_text: str) -> int | None:
    """The id in a pass link, unproven; None if the text is not a pass link at all."""
    try:
        content = base64.b64decode(secret_text.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None
    if len(content) != ID_BYTES + MAC_BYTES:
        return None
    return int.from_bytes(content[:ID_BYTES], "big")


def opens(secret_text: str, registration: Registration) -> bool:
    """Whether the pass link is this registration's present one."""
    return hmac.compare_digest(secret_text.encode(), secret_of(registration).encode())


def url_of(registration: Registration, page: str = "") -> str:
    """The whole pass link, as mails carry it, in the language of the sign-up; or that of a page
    behind it, as "/cancel". Raises Unaddressed."""
    base = config.settings.require_public_url()
    return f"{base}/passes/{secret_of(registration)}{page}?lang={registration.language}"


def hashed_address(address: str) -> str:
    """The HMAC under which an address is locked: it cannot be read back from the table."""
    return _hmac("pepper", address.encode()).hex()


def hashed_name(name: str) -> str:
    """The same of a name, however it is spelled."""
    return _hmac("pepper", rules.plain_name(name).encode()).hex()


def _mac(number: bytes, version: int) -> bytes:
    return _hmac("link-key", number + b"|" + str(version).encode())[:MAC_BYTES]


def _hmac(key_name: str, content: bytes) -> bytes:
    return hmac.digest(secret(key_name, random_token).encode(), content, hashlib.sha256)
