"""S3 objects."""

from __future__ import annotations

from app.aws.clients import client


def put(
    bucket: str, key: str, body: bytes, content_type: str, cache_control: str = "no-store"
) -> None:
    """Write an object whole, over what was there."""
    client("s3").put_object(
        Bucket=bucket, Key=key, Body=body, ContentType=content_type, CacheControl=cache_control
    )


def get(bucket: str, key: str) -> bytes | None:
    """The object's bytes, or None if there is none."""
    s3 = client("s3")
    try:
        body: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except s3.exceptions.NoSuchKey:
        return None
    return body


def delete_all(bucket: str, prefix: str) -> None:
    """Remove all objects whose keys begin so (at most 1,000 of them)."""
    listed = client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)
    for found in listed.get("Contents", ()):
        delete(bucket, found["Key"])


def delete(bucket: str, key: str) -> None:
    """Remove an object; nothing happens if it is gone already."""
    client("s3").delete_object(Bucket=bucket, Key=key)
