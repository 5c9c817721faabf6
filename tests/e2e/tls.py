"""A certificate of our own for loopback, and for the names that the emulated AWS answers to."""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

NAMES = ("localhost", "*.execute-api.localhost", "*.cloudfront.localhost")
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Certificate:
    """The files of a certificate that signs itself: who trusts it needs `chain` alone."""

    chain: Path
    key: Path


def certify(folder: Path) -> Certificate:
    """Make one, for two days."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = Certificate(folder / "certificate.pem", folder / "key.pem")
    certificate.chain.write_bytes(_signed(key).public_bytes(Encoding.PEM))
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    certificate.key.write_bytes(key.private_bytes(*form))
    return certificate


def _signed(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    us, now = (
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
        dt.datetime.now(dt.UTC),
    )
    addresses = [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    builder = (
        x509.CertificateBuilder()
        .subject_name(us)
        .issuer_name(us)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
    )
    extensions: tuple[tuple[x509.ExtensionType, bool], ...] = (
        (x509.SubjectAlternativeName([*map(x509.DNSName, NAMES), *addresses]), False),
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), False),
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(key, hashes.SHA256())
