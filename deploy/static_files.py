"""The static files in the site bucket, from which CloudFront takes them. They go up before the code
whose pages name them; those of earlier pages stay, as somebody may be reading one."""

from __future__ import annotations

from typing import Any

from app.web.assets import SERVED, Assets
from app.web.headers import FOR_EVER
from deploy.folders import ROOT

FOLDER = "static/"

Client = Any


def upload(s3: Client, bucket: str) -> int:
    """Put there what is missing, under names with the hash of the content; how many files."""
    there = _keys(s3, bucket)
    missing = [one for one in assets().everything() if FOLDER + one[0] not in there]
    for address, path in missing:
        s3.put_object(
            Bucket=bucket,
            Key=FOLDER + address,
            Body=path.read_bytes(),
            ContentType=SERVED[path.suffix],
            CacheControl=FOR_EVER,
        )
    return len(missing)


def assets() -> Assets:
    """The files of this checkout."""
    return Assets(ROOT / "static")


def _keys(s3: Client, bucket: str) -> set[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=FOLDER)
    return {one["Key"] for page in pages for one in page.get("Contents", [])}
