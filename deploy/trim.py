"""What the libraries bring along and Lambda never reads."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from app.core.text import LANGUAGES

# The AWS services that the app speaks to (a test compares it with the code).
SERVICES = ("dynamodb", "s3", "ses", "sns", "ssm")

# Of each folder, what stays: the rest of its files and folders goes.
KEPT = {
    "botocore/data": (*SERVICES, "*.json"),
    "boto3/data": SERVICES,
    "babel/locale-data": ("root.dat", *(f"{language}.dat" for language in LANGUAGES)),
    "wtforms/locale": LANGUAGES,
    "zappa": (
        *("__init__.py", "handler.py", "wsgi.py", "asgi.py"),
        *("middleware.py", "utilities.py", "websocket.py"),
    ),
}
# What is needed to build cryptography, to look addresses up in DNS, and for pictures in AVIF; then
# programs, tests, documents, and what compilers and type checkers read.
DROPPED = (
    *("cffi", "pycparser", "dns", "PIL/_avif.*", "pillow.libs/libavif-*"),
    *("bin", "share", "*/tests", "boto3/examples", "botocore/data/*/*/examples-1.json"),
    *("*.dist-info/RECORD", "*.dist-info/INSTALLER", "*.dist-info/REQUESTED"),
    *("**/*.pyi", "**/*.pxd", "**/*.h", "**/*.c", "**/*.po", "**/*.pot"),
)


def trim(site: Path) -> None:
    """Delete from a site-packages folder what Lambda does not need."""
    for folder, kept in KEPT.items():
        _delete(path for path in (site / folder).iterdir() if not _matches(path, kept))
    for pattern in DROPPED:
        _delete(list(site.glob(pattern)))


def _matches(path: Path, patterns: tuple[str, ...]) -> bool:
    return any(path.match(pattern) for pattern in patterns)


def _delete(paths: Iterable[Path]) -> None:
    for path in paths:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
