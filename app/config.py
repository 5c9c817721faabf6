"""Every setting, read once from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from app.core.mail_server import MailServer

LOCAL = "local"


class Unaddressed(Exception):
    """Nothing has told the function its public address yet: `make deploy` does."""


@dataclass(frozen=True)
class Settings:
    """What one deployment is told; names of AWS resources follow from its stage.

    `stage` is "local" when the environment names neither a stage nor an AWS endpoint: then the
    embedded cloud is used. Addresses have no trailing slash. `public_url` is empty in a function
    that was not told it: what leaves with a link in it asks `require_public_url`.
    """

    stage: str = LOCAL
    region: str = "ap-northeast-2"
    account: str = "000000000000"
    port: int = 8000
    public_url: str = "http://127.0.0.1:8000"
    site_origins: tuple[str, ...] = ()
    front_secret: str = ""
    data_dir: Path = Path(".local")
    mail_sender: str = "lanyard@example.com"
    # None: mail goes out through SES. The password counts on a laptop alone.
    mail_server: MailServer | None = None
    mail_password: str = field(default="", repr=False)
    # Seconds that a process may serve a conference and its seats from memory.
    cache_seconds: float = 2.0

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """Read the settings; raises ValueError, in a sentence, where one cannot be used."""
        port = _port(environ.get("PORT") or "8000")
        return cls(
            stage=_stage(environ),
            region=_region(environ) or cls.region,
            account=environ.get("LANYARD_ACCOUNT") or cls.account,
            port=port,
            public_url=_public_url(environ, port),
            site_origins=tuple(environ.get("SITE_ORIGINS", "").split()),
            front_secret=environ.get("LANYARD_FRONT_SECRET", ""),
            data_dir=Path(environ.get("LANYARD_DATA") or ".local").absolute(),
            mail_sender=environ.get("LANYARD_MAIL_SENDER") or cls.mail_sender,
            mail_server=MailServer.parse(url) if (url := environ.get("MAIL_URL")) else None,
            mail_password=environ.get("MAIL_PASSWORD", ""),
        )

    @property
    def is_local(self) -> bool:
        """Whether the embedded cloud serves this process."""
        return self.stage == LOCAL

    def require_public_url(self) -> str:
        """`public_url`; raises Unaddressed where it is not known."""
        if not self.public_url:
            raise Unaddressed
        return self.public_url

    @property
    def public_origin(self) -> str:
        """`public_url` without a path: at the API's own address it ends with the stage."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"

    def table(self, name: str) -> str:
        """The DynamoDB table that holds one kind of record."""
        return f"lanyard-{self.stage}-{name}"

    def parameter(self, name: str) -> str:
        """The SSM parameter that holds a secret."""
        return f"/lanyard/{self.stage}/{name}"

    def bucket(self, name: str) -> str:
        """An S3 bucket; names are global over all accounts, hence the account id."""
        return f"lanyard-{self.stage}-{name}-{self.account}"

    @property
    def derived_bucket(self) -> str:
        """Private: pass images; can be made again at any time."""
        return self.bucket("derived")

    @property
    def uploads_bucket(self) -> str:
        """Private: what organisers upload."""
        return self.bucket("uploads")

    @property
    def site_bucket(self) -> str:
        """Public: logos and published pages."""
        return self.bucket("site")

    @property
    def dead_letter_queues(self) -> tuple[str, str]:
        """Where events lie that the function could not handle, or SNS not deliver."""
        return f"lanyard-{self.stage}-dead", f"lanyard-{self.stage}-undelivered"

    @property
    def topic_arn(self) -> str:
        """The SNS topic of all messages."""
        return f"arn:aws:sns:{self.region}:{self.account}:lanyard-{self.stage}-messages"


def _region(environ: Mapping[str, str]) -> str | None:
    """A shell's region is for AWS; the embedded cloud has one of its own, where its data are."""
    if _stage(environ) == LOCAL and not environ.get("AWS_ENDPOINT_URL"):
        return None
    return environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")


def _stage(environ: Mapping[str, str]) -> str:
    elsewhere = environ.get("AWS_ENDPOINT_URL") or environ.get("AWS_LAMBDA_FUNCTION_NAME")
    return environ.get("LANYARD_STAGE") or ("dev" if elsewhere else LOCAL)


def _public_url(environ: Mapping[str, str], port: int) -> str:
    """Lambda's loopback is nobody's address."""
    own = "" if environ.get("AWS_LAMBDA_FUNCTION_NAME") else f"http://127.0.0.1:{port}"
    return (environ.get("PUBLIC_URL") or own).rstrip("/")


def _port(text: str) -> int:
    if not (text.isdecimal() and 0 < int(text) < 2**16):
        raise ValueError(f"PORT is {text!r}, but a port is a number from 1 to 65535.")
    return int(text)


def _of_this_process() -> Settings:
    try:
        return Settings.from_environ(os.environ)
    except ValueError as error:
        raise SystemExit(str(error)) from None  # in place of a traceback


settings = _of_this_process()


def use(replacement: Settings) -> None:
    """Let this process work for another deployment (tests; the embedded cloud)."""
    global settings  # noqa: PLW0603  one process, one deployment: read through `config.settings`
    settings = replacement
