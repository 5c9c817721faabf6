"""A deployed stage, made by hand: a function that does little, what starts it, its API and edge."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import boto3
import pytest

from app.local import cloud as local_cloud
from deploy import stacks
from deploy.folders import ROOT
from deploy.live import Live

ACCOUNT, REGION = "000000000000", "ap-northeast-2"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:lanyard-dev"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:lanyard-dev-messages"
UPLOADS = f"lanyard-dev-uploads-{ACCOUNT}"
# What an account has to know of for all that.
SERVICES = (
    *local_cloud.SERVICES,
    *("apigateway", "cloudformation", "cloudfront", "events", "iam", "lambda", "logs"),
    *("monitoring", "sts"),
)
# Repeats the words of a command; one of them lets it break off, as Zappa's handler would.
REPEATING = """
def run(event, context):
    words = event["args"]
    if "break" in words:
        raise ValueError("broken")
    return {"exit_code": int("wrong" in words), "output": " ".join(words), "errors": "No.\\n"}
"""


def enter(account: local_cloud.EphemeralCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Empty an account, and have this process speak to it."""
    account.reset()
    for name, value in account.environ.items():
        monkeypatch.setenv(name, value)


def package(code: str) -> bytes:
    """The zip of a function whose handler is `handler.run`."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr(zipfile.ZipInfo("handler.py"), code)  # the same bytes at any time
    return written.getvalue()


def make_function(functions: Any, code: str = REPEATING) -> None:
    """Make the function of the stage `dev`, with a first version as Zappa does."""
    functions.create_function(
        FunctionName="lanyard-dev", Runtime="python3.11", Handler="handler.run", Publish=True,
        Role=f"arn:aws:iam::{ACCOUNT}:role/lanyard-dev", Code={"ZipFile": package(code)},
    )  # fmt: skip


def subscribe(aws: boto3.Session, to: str) -> None:
    """Let the topic send to a function."""
    aws.client("sns").subscribe(TopicArn=TOPIC, Protocol="lambda", Endpoint=to)


def tell_of(aws: boto3.Session, prefix: str) -> None:
    """Let the upload bucket tell the function of new files below a prefix."""
    rules = [{"Name": "prefix", "Value": prefix}]
    told = {
        "LambdaFunctionArn": FUNCTION,
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": rules}},
    }
    aws.client("s3").put_bucket_notification_configuration(
        Bucket=UPLOADS, NotificationConfiguration={"LambdaFunctionConfigurations": [told]}
    )


def schedule(aws: boto3.Session, name: str, expression: str, state: str = "ENABLED") -> None:
    """Let a rule start the function."""
    events = aws.client("events")
    events.put_rule(Name=name, ScheduleExpression=expression, State=state)
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": FUNCTION}])


def make_api(aws: boto3.Session) -> None:
    """Make the stack that Zappa makes, with its API."""
    api = '{"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "lanyard-dev", '
    template = '{"Resources": {"Api": ' + api + '"ProtocolType": "HTTP"}}}}'
    aws.client("cloudformation").create_stack(
        StackName="lanyard-dev", TemplateBody=template,
        Tags=[{"Key": "ZappaProject", "Value": "lanyard-dev"}],
    )  # fmt: skip


def make_edge(live: Live) -> None:
    """Make the stack in front of the API."""
    formation = live.aws.client("cloudformation")
    stacks.create(formation, live.edge_stack, ROOT / "infra" / "edge.yaml", {
        "Stage": "dev", "ApiId": "abc", "ApiDomain": "localhost", "ApiPath": "/dev",
        "FrontSecret": "s" * 32,
    })  # fmt: skip


def deploy(live: Live) -> None:
    """Make all that stands on the base stack of the stage `dev`."""
    make_function(live.aws.client("lambda"))
    make_api(live.aws)
    make_edge(live)
    subscribe(live.aws, FUNCTION)
    tell_of(live.aws, "uploads/")
    for event in live.settings["events"]:
        for expression in event.get("expressions", ()):
            schedule(live.aws, f"lanyard-dev-{event['function']}", expression)
