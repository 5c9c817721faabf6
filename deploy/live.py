"""What stands of a stage in AWS, by the names that Zappa and the stacks give."""

from __future__ import annotations

import os
from functools import cached_property

import boto3
from botocore.exceptions import ClientError

from deploy import stages
from deploy.stages import Stage


class NotThere(Exception):
    """A part of the stage does not stand; the message says which and what to do next."""


class Live:
    """One stage in the account that the environment leads to."""

    def __init__(self, stage: str) -> None:
        """Raises NoSuchStage."""
        self.stage = stage
        self.settings: Stage = stages.find(stage)
        self.aws = boto3.Session(region_name=self.settings["aws_region"])

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
        api, emulator = self.require_api(), os.environ.get("AWS_ENDPOINT_URL")
        if emulator:
            return f"{emulator}/_aws/execute-api/{api}/{self.stage}"
        region = self.settings["aws_region"]
        return f"https://{api}.execute-api.{region}.amazonaws.com/{self.stage}"

    def _missing(self, part: str) -> str:
        raise NotThere(
            f"There is no {part} {self.name}: run `make deploy STAGE={self.stage}`, and read what "
            "Zappa says."
        )
