"""CloudFormation templates, read and worked out as far as they can be without an AWS."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[2] / "infra"
ACCOUNT = "000000000000"
REGION = "ap-northeast-2"
NOTHING = object()  # AWS::NoValue

# What Ref and GetAtt Arn give, by type: from AWS's "return values" of each.
_REFS = {
    "AWS::S3::Bucket": "{BucketName}",
    "AWS::SNS::Topic": f"arn:aws:sns:{REGION}:{ACCOUNT}:{{TopicName}}",
    "AWS::IAM::Role": "{RoleName}",
    "AWS::Logs::LogGroup": "{LogGroupName}",
    "AWS::DynamoDB::Table": "{TableName}",
}
_ARNS = {
    "AWS::S3::Bucket": "arn:aws:s3:::{BucketName}",
    "AWS::SQS::Queue": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{{QueueName}}",
    "AWS::IAM::Role": f"arn:aws:iam::{ACCOUNT}:role/{{RoleName}}",
    "AWS::DynamoDB::Table": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{{TableName}}",
    "AWS::Logs::LogGroup": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{{LogGroupName}}:*",
}


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms."""


def _short_form(loader: _Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    assert isinstance(node, yaml.ScalarNode | yaml.SequenceNode)
    value: Any = (
        loader.construct_scalar(node)
        if isinstance(node, yaml.ScalarNode)
        else loader.construct_sequence(node, deep=True)
    )
    if name == "GetAtt":
        value = value.split(".", 1)
    return {name if name in ("Ref", "Condition") else f"Fn::{name}": value}


_Loader.add_multi_constructor("!", _short_form)


def text(name: str) -> str:
    """A template as CloudFormation is sent it."""
    return (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")


@cache
def read(name: str) -> dict[str, Any]:
    """A template as it is written."""
    template: dict[str, Any] = yaml.load(text(name), _Loader)
    return template


class Worked:
    """A template with its parameters filled in: what CloudFormation would make."""

    def __init__(self, name: str, **parameters: str) -> None:
        self._template = read(name)
        given = {
            key: parameters.get(key, declared.get("Default"))
            for key, declared in self._template.get("Parameters", {}).items()
        }
        self._values: dict[str, Any] = given | {
            "AWS::AccountId": ACCOUNT,
            "AWS::Region": REGION,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::NoValue": NOTHING,
        }

    def resources(self, kind: str = "AWS") -> dict[str, dict[str, Any]]:
        """The resources of a type, or of a service, by their logical names, worked out."""
        return {
            name: self._work(one)
            for name, one in self._template["Resources"].items()
            if f"{one['Type']}::".startswith(f"{kind}::") and self._holds(one.get("Condition"))
        }

    def properties(self, name: str) -> dict[str, Any]:
        """The properties of one resource."""
        found: dict[str, Any] = self.resources()[name]["Properties"]
        return found

    def _holds(self, condition: str | None) -> bool:
        return condition is None or bool(self._work(self._template["Conditions"][condition]))

    def _work(self, value: Any) -> Any:
        if isinstance(value, list):
            worked = [self._work(one) for one in value]
            return [one for one in worked if one is not NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and (do := self._functions().get(next(iter(value)))):
            return do(next(iter(value.values())))
        pairs = {key: self._work(one) for key, one in value.items()}
        return {key: one for key, one in pairs.items() if one is not NOTHING}

    def _functions(self) -> Mapping[str, Callable[[Any], Any]]:
        return {
            "Ref": self.ref,
            "Condition": self._holds,
            "Fn::GetAtt": lambda of: self.attribute(*of),
            "Fn::Sub": self._sub,
            "Fn::If": lambda of: self._work(of[1] if self._holds(of[0]) else of[2]),
            "Fn::Equals": lambda of: self._work(of[0]) == self._work(of[1]),
            "Fn::Not": lambda of: not self._work(of[0]),
            "Fn::And": lambda of: all(self._work(one) for one in of),
        }

    def ref(self, name: str) -> Any:
        """What Ref gives."""
        return self._values[name] if name in self._values else self._named(_REFS, name, "Ref")

    def attribute(self, name: str, attribute: str) -> str:
        """What GetAtt gives."""
        return self._named(_ARNS if attribute == "Arn" else {}, name, attribute)

    def _named(self, forms: Mapping[str, str], name: str, attribute: str) -> str:
        resource = self._template["Resources"][name]
        form = forms.get(resource["Type"], f"<{name}.{attribute}>")
        return re.sub(r"\{(\w+)\}", lambda of: self._work(resource["Properties"][of[1]]), form)

    def _sub(self, of: str | list[Any]) -> str:
        form, own = (of, {}) if isinstance(of, str) else of

        def filled(place: re.Match[str]) -> str:
            name, _, attribute = place[1].partition(".")
            if name in own:
                return str(self._work(own[name]))
            return str(self.attribute(name, attribute) if attribute else self.ref(name))

        return re.sub(r"\$\{([\w:.]+)\}", filled, form)


def base(stage: str = "prod", **parameters: str) -> Worked:
    """The base stack of a stage."""
    return Worked("base", Stage=stage, MailSender="lanyard@example.com", **parameters)


def edge(stage: str = "prod", **parameters: str) -> Worked:
    """The edge stack of a stage."""
    given = {
        "ApiId": "abc123",
        "ApiDomain": "abc123.execute-api.ap-northeast-2.amazonaws.com",
        "ApiPath": f"/{stage}",
        "FrontSecret": "a secret of the tests, of no use",
    }
    return Worked("edge", Stage=stage, **(given | parameters))
