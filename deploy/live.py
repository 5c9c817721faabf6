"""What stands of a stage in AWS, by the names that Zappa and the stacks give."""

from __future__ import annotations

import os
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.exceptions import ClientError

from deploy import stages
from deploy.stages import Stage

# What there is to choose under `lanyard` in a stage, and what stands where nothing is chosen.
CHOICES: dict[str, Any] = {
    "operator_mail": "",
    "mail_identity": "",
    "domain_name": "",
    "certificate_arn": "",
    "hosted_zone_id": "",
    "cloudfront": True,
    "public_site": True,
}


class NotThere(Exception):
    """A part of the stage does not stand; the message says which and what to do next."""


class Live:
    """One stage in the account that the environment leads to."""

    def __init__(self, stage: str) -> None:
        """Raises NoSuchStage."""
        self.stage = stage
        self.settings: Stage = stages.find(stage)

    @cached_property
    def aws(self) -> boto3.Session:
        """The account; raises botocore's errors if the environment leads to none."""
        return boto3.Session(region_name=self.settings["aws_region"])

    @property
    def name(self) -> str:
        """What Zappa calls the function, its API, and their stack."""
        return f"{self.settings['project_name']}-{self.stage}"

    @property
    def base_stack(self) -> str:
        """The stack of what stands before the function."""
        return f"{self.name}-base"

    @property
    def edge_stack(self) -> str:
        """The stack of what stands in front of the API."""
        return f"{self.name}-edge"

    @cached_property
    def account(self) -> str:
        """The number of the account."""
        return str(self.aws.client("sts").get_caller_identity()["Account"])

    @property
    def function_arn(self) -> str:
        """The ARN that the function has, or would have."""
        region = self.settings["aws_region"]
        return f"arn:aws:lambda:{region}:{self.account}:function:{self.name}"

    @property
    def topic_arn(self) -> str:
        """The ARN that the topic of messages has, or would have."""
        return f"arn:aws:sns:{self.settings['aws_region']}:{self.account}:{self.name}-messages"

    def bucket(self, name: str) -> str:
        """A bucket of the base stack: "uploads", "site", ..."""
        return f"{self.name}-{name}-{self.account}"

    @property
    def choices(self) -> dict[str, Any]:
        """What the operator chose beyond Zappa's settings: the stage's `lanyard`."""
        return {**CHOICES, **self.settings.get("lanyard", {})}

    @property
    def is_rest(self) -> bool:
        """Whether its API is a REST API (v1)."""
        return bool(self.settings["apigateway_version"] == "v1")

    def function(self) -> str | None:
        """The ARN of the function, if there is one."""
        try:
            found = self.aws.client("lambda").get_function(FunctionName=self.name)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return None
            raise
        return str(found["Configuration"]["FunctionArn"])

    def require_function(self) -> str:
        """The ARN of the function; raises NotThere."""
        return self.function() or self._missing("function")

    def wait(self) -> None:
        """Until Lambda runs what the function was last told: Zappa does not wait at its end. Raises
        NotThere."""
        self.require_function()
        self.aws.client("lambda").get_waiter("function_updated_v2").wait(FunctionName=self.name)

    def api(self) -> str | None:
        """The id of the API, if there is one."""
        if self.is_rest:
            pages = self.aws.client("apigateway").get_paginator("get_rest_apis").paginate()
            apis = [(api["id"], api["name"]) for page in pages for api in page["items"]]
        else:
            pages = self.aws.client("apigatewayv2").get_paginator("get_apis").paginate()
            apis = [(api["ApiId"], api["Name"]) for page in pages for api in page["Items"]]
        found = [key for key, name in apis if name == self.name]
        return str(found[0]) if found else None

    def require_api(self) -> str:
        """The id of the API; raises NotThere."""
        return self.api() or self._missing("API")

    def api_address(self) -> str:
        """Where the API answers: in AWS, or in the emulator that the environment names. Raises
        NotThere."""
        api, emulator = self.require_api(), _emulator()
        if emulator:
            return f"{emulator}/_aws/execute-api/{api}/{self.stage}"
        region = self.settings["aws_region"]
        return f"https://{api}.execute-api.{region}.amazonaws.com/{self.stage}"

    def api_origin(self) -> tuple[str, int, str]:
        """Host, port and path under which CloudFront finds the API. Raises NotThere."""
        parts = urlsplit(self.api_address())
        port = parts.port or 443
        return ("localhost" if _emulator() else parts.hostname or ""), port, parts.path

    def front_address(self, domain: str) -> str:
        """Where a distribution answers that has this domain of CloudFront's."""
        local = domain.replace(".cloudfront.net", ".cloudfront.localhost")
        return _in_emulator(local) or f"https://{domain}"

    def website_address(self, url: str) -> str:
        """Where the site bucket answers whose website has this address in AWS."""
        host = urlsplit(url).hostname or ""
        return _in_emulator(host.replace(".amazonaws.com", ".localhost")) or url

    def _missing(self, part: str) -> str:
        raise NotThere(
            f"There is no {part} {self.name}: run `make deploy STAGE={self.stage}`, and read what "
            "Zappa says."
        )


def _emulator() -> str | None:
    """The address of an emulated AWS, if the environment names one."""
    return os.environ.get("AWS_ENDPOINT_URL")


def _in_emulator(host: str) -> str | None:
    """The address of a host there; None in AWS."""
    emulator = urlsplit(_emulator() or "")
    return f"{emulator.scheme}://{host}:{emulator.port}" if emulator.scheme else None
