"""What the libraries bring along and Lambda never reads."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from app.core.text import LANGUAGES

# The AWS services that the app speaks to (a test compares it with the code).
SERVICES = ("dynamodb", "s3", "ses", "sns", "sqs", "ssm")

# Our languages, that of English dates, and what it takes over from.
LOCALES = ("root", *LANGUAGES, "en_GB", "en_001")

# Of each folder, what stays: the rest of its files and folders goes.
KEPT = {
    "botocore/data": (*SERVICES, "*.json"),
    "boto3/data": SERVICES,
    "babel/locale-data": tuple(f"{locale}.dat" for locale in LOCALES),
    "wtforms/locale": LANGUAGES,
    "zappa": (
        *("__init__.py", "handler.py", "wsgi.py", "asgi.py"),
        *("middleware.py", "utilities.py", "websocket.py"),
    ),
}
# What is needed to build cryptography, to look addresses up in DNS, for pictures in AVIF, and for
# PDFs of more than text and pictures; then programs, tests, documents, and what compilers and type
# checkers read.
DROPPED = (
    *("cffi", "pycparser", "dns", "PIL/_avif.*", "pillow.libs/libavif-*"),
    *("reportlab/fonts", "reportlab/graphics", "reportlab/platypus", "charset_normalizer*"),
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
    _shorten_endpoints(site / "botocore" / "data" / "endpoints.json")
    for model in (site / "botocore" / "data").glob("*/*/service-2.json.gz"):
        _shorten_model(model)


def _shorten_endpoints(path: Path) -> None:
    """Of a megabyte that is read at every cold start, leave the services that are kept."""
    content = json.loads(path.read_bytes())
    for partition in content["partitions"]:
        services = partition["services"]
        partition["services"] = {name: services[name] for name in SERVICES if name in services}
    path.write_text(json.dumps(content))


def _shorten_model(path: Path) -> None:
    """Empty the manual in the description of a service: most of what is read of it."""
    content = without_manual(json.loads(gzip.decompress(path.read_bytes())))
    path.write_bytes(gzip.compress(json.dumps(content).encode(), mtime=0))


def without_manual(value: Any) -> Any:
    """The same with every text of documentation empty; botocore wants it to be there."""
    if isinstance(value, list):
        return [without_manual(each) for each in value]
    if isinstance(value, dict):
        return {k: "" if _is_manual(k, v) else without_manual(v) for k, v in value.items()}
    return value


def _is_manual(key: str, value: object) -> bool:
    """A field of a structure may have that name, too; then it is described by an object."""
    return key == "documentation" and isinstance(value, str)


def _matches(path: Path, patterns: tuple[str, ...]) -> bool:
    return any(path.match(pattern) for pattern in patterns)


def _delete(paths: Iterable[Path]) -> None:
    for path in paths:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
