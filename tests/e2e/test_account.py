"""The emulated account is like AWS where ministack alone is not."""

from __future__ import annotations

import contextlib
import io
import json
import ssl
import sys
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from botocore.exceptions import ClientError

from tests.e2e.account import NUMBER, REGION, Account

SENDER = "lanyard@example.com"
ROLE = f"arn:aws:iam::{NUMBER}:role/small"
# Tells what it was asked for; asked only for the head, nothing.
CODE = """
def handle(event, context):
    is_head = event["requestContext"]["http"]["method"] == "HEAD"
    told = event["headers"]["host"] + event["rawPath"]
    return {"statusCode": 200, "body": None if is_head else told}
"""


# Says that it has begun, and waits until it may end.
SLOW = """
import pathlib, time

def handle(event, context):
    pathlib.Path(event["begun"]).touch()
    while not pathlib.Path(event["end"]).exists() and context.get_remaining_time_in_millis() > 0:
        time.sleep(0.01)
    return "done"
"""


def allow(account: Account, user: str, *statements: dict[str, Any]) -> Account:
    """A new user who may do that."""
    made = account.user(user)
    account.client("iam").put_user_policy(
        UserName=user, PolicyName="own",
        PolicyDocument=json.dumps({
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", **one} for one in statements],
        }),
    )  # fmt: skip
    return made


def is_refused(call: Callable[..., Any], **given: Any) -> bool:
    """Whether IAM lets the call not be made."""
    try:
        call(**given)
    except ClientError as error:
        if "AccessDenied" not in error.response["Error"]["Code"]:
            raise
        return True
    return False


def packed(code: str) -> bytes:
    """A package with that code, the same each time."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr(zipfile.ZipInfo("small.py"), code)
    return written.getvalue()


@pytest.fixture(scope="module")
def function(account: Account) -> dict[str, Any]:
    """How a small function is made, whose role is there."""
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}
    policy = {"Version": "2012-10-17", "Statement": [{**trust, "Action": "sts:AssumeRole"}]}
    iam = account.client("iam")
    iam.create_role(RoleName="small", AssumeRolePolicyDocument=json.dumps(policy))
    return {
        "FunctionName": "small", "Handler": "small.handle", "Role": ROLE,
        "Runtime": f"python3.{sys.version_info.minor}", "Code": {"ZipFile": packed(CODE)},
    }  # fmt: skip


def ask(account: Account, path: str, host: str, method: str = "GET") -> str:
    """What is answered under a name, and well."""
    trusting = ssl.create_default_context(cafile=account.certificate)
    connection = HTTPSConnection(urlsplit(account.url).netloc, context=trusting)
    with contextlib.closing(connection):
        connection.request(method, path, headers={"Host": host})
        answer = connection.getresponse()
        assert answer.status == HTTPStatus.OK, answer.read()
        return answer.read().decode()


def test_it_speaks_tls_alone(account: Account) -> None:
    connection = HTTPConnection(urlsplit(account.url).netloc)
    with contextlib.closing(connection):
        connection.request("GET", "/_ministack/health")
        with pytest.raises(HTTPException):
            connection.getresponse()


def test_who_has_no_rights_is_refused(account: Account) -> None:
    assert is_refused(account.user("nobody").client("s3").list_buckets)


def test_mail_is_judged_by_its_sender(account: Account) -> None:
    for sender in (SENDER, "other@example.com"):
        account.client("ses").verify_email_identity(EmailAddress=sender)
    user = allow(account, "mailer", {
        "Action": "ses:SendRawEmail",
        "Resource": f"arn:aws:ses:{REGION}:{NUMBER}:identity/*",
        "Condition": {"StringEquals": {"ses:FromAddress": SENDER}},
    })  # fmt: skip
    mail = {"RawMessage": {"Data": b"To: a@example.com\n\nHello"}}
    send = user.client("ses").send_raw_email
    assert not is_refused(send, Source=SENDER, **mail)
    assert is_refused(send, Source="other@example.com", **mail)


def test_a_secret_is_overwritten_by_who_may_alone(account: Account) -> None:
    user = allow(account, "keeper", {
        "Action": "ssm:PutParameter",
        "Resource": f"arn:aws:ssm:{REGION}:{NUMBER}:parameter/own/*",
        "Condition": {"StringNotEquals": {"ssm:Overwrite": "true"}},
    })  # fmt: skip
    secret = {"Name": "/own/key", "Value": "x", "Type": "SecureString"}
    put = user.client("ssm").put_parameter
    assert not is_refused(put, **secret)
    assert is_refused(put, **secret, Overwrite=True)


def test_secrets_are_listed_by_who_may_see_their_folder(account: Account) -> None:
    user = allow(account, "lister", {
        "Action": "ssm:GetParametersByPath",
        "Resource": f"arn:aws:ssm:{REGION}:{NUMBER}:parameter/own/*",
    })  # fmt: skip
    listed = user.client("ssm").get_parameters_by_path
    assert not is_refused(listed, Path="/own/keys/")
    assert is_refused(listed, Path="/other/keys/")


def test_rules_have_the_names_of_aws(account: Account) -> None:
    user = allow(account, "planner", {
        "Action": ["events:PutRule", "events:PutTargets"],
        "Resource": f"arn:aws:events:{REGION}:{NUMBER}:rule/own-*",
    })  # fmt: skip
    events = user.client("events")
    target = [{"Id": "1", "Arn": f"arn:aws:lambda:{REGION}:{NUMBER}:function:none"}]
    assert not is_refused(events.put_rule, Name="own-rule", ScheduleExpression="rate(1 hour)")
    assert not is_refused(events.put_targets, Rule="own-rule", Targets=target)
    assert is_refused(events.put_rule, Name="other", ScheduleExpression="rate(1 hour)")


def test_who_gives_a_role_away_must_be_let(account: Account, function: dict[str, Any]) -> None:
    making = {
        "Action": "lambda:CreateFunction",
        "Resource": f"arn:aws:lambda:{REGION}:{NUMBER}:function:small",
    }
    passing: dict[str, Any] = {"Action": "iam:PassRole", "Resource": ROLE}
    wrong = passing | {"Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}}
    right = passing | {
        "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    }
    for name, statements in {"a": [making], "b": [making, wrong]}.items():
        user = allow(account, f"maker-{name}", *statements)
        assert is_refused(user.client("lambda").create_function, **function)
    user = allow(account, "maker-c", making, right)
    other = {**function, "FunctionName": "other"}
    assert is_refused(user.client("lambda").create_function, **other)
    assert not is_refused(user.client("lambda").create_function, **function)


def test_a_function_is_found_by_what_zappa_calls_it(
    account: Account, function: dict[str, Any]
) -> None:
    functions = account.client("lambda")
    functions.create_function(**{**function, "FunctionName": "called"})
    found = functions.get_function(FunctionName="function:called")
    assert found["Configuration"]["FunctionName"] == "called"


def test_each_version_of_a_function_gives_its_own_code(
    account: Account, function: dict[str, Any]
) -> None:
    functions = account.client("lambda")
    functions.create_function(**{**function, "FunctionName": "twice"}, Publish=True)
    functions.update_function_code(FunctionName="twice", ZipFile=packed("# newer"), Publish=True)
    trusting = ssl.create_default_context(cafile=account.certificate)
    for version, code in {"1": CODE, "2": "# newer"}.items():
        found = functions.get_function(FunctionName="twice", Qualifier=version)
        with urlopen(found["Code"]["Location"], context=trusting) as answer:
            assert answer.read() == packed(code)


def test_a_function_that_runs_comes_to_its_end(
    account: Account, function: dict[str, Any], tmp_path: Path
) -> None:
    functions, begun, end = account.client("lambda"), tmp_path / "begun", tmp_path / "end"
    slow = {"FunctionName": "slow", "Code": {"ZipFile": packed(SLOW)}, "Timeout": 60}
    functions.create_function(**{**function, **slow})
    payload = json.dumps({"begun": str(begun), "end": str(end)})
    with ThreadPoolExecutor(1) as apart:
        running = apart.submit(functions.invoke, FunctionName="slow", Payload=payload)
        while not begun.exists() and not running.done():
            time.sleep(0.01)
        functions.update_function_configuration(FunctionName="slow", Timeout=30)
        end.touch()
        assert json.loads(running.result()["Payload"].read()) == "done"


def test_an_api_sees_its_stage_and_its_name_in_aws_and_answers_head(
    account: Account, function: dict[str, Any]
) -> None:
    made = account.client("lambda").create_function(**{**function, "FunctionName": "web"})
    apis = account.client("apigatewayv2")
    api = apis.create_api(Name="web", ProtocolType="HTTP")["ApiId"]
    integration = apis.create_integration(
        ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=made["FunctionArn"],
        PayloadFormatVersion="2.0",
    )["IntegrationId"]  # fmt: skip
    apis.create_route(ApiId=api, RouteKey="$default", Target=f"integrations/{integration}")
    host = f"{api}.execute-api.{REGION}.amazonaws.com"
    for stage, path in {"dev": "/dev/page", "$default": "/page"}.items():
        apis.create_stage(ApiId=api, StageName=stage, AutoDeploy=True)
        assert ask(account, path, host) == f"{host}{path}"
        assert ask(account, path, host, "HEAD") == ""


def test_a_website_has_an_index(account: Account) -> None:
    s3 = account.client("s3")
    s3.create_bucket(Bucket="pages", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.delete_public_access_block(Bucket="pages")
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
    policy = {
        "Version": "2012-10-17",
        "Statement": [{**everybody, "Resource": "arn:aws:s3:::pages/*"}],
    }
    s3.put_bucket_policy(Bucket="pages", Policy=json.dumps(policy))
    s3.put_object(Bucket="pages", Key="folder/index.html", Body=b"a page")
    assert ask(account, "/folder/", f"pages.s3-website-{REGION}.localhost") == "a page"


def test_an_hour_goes_by_for_the_schedules(account: Account) -> None:
    events, sqs = account.client("events"), account.client("sqs")
    queue = sqs.create_queue(QueueName="due")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{NUMBER}:due"
    sending = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}}
    policy = {"Statement": [{**sending, "Action": "sqs:SendMessage", "Resource": arn}]}
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})
    events.put_rule(Name="due", ScheduleExpression="rate(1 hour)")
    events.put_targets(Rule="due", Targets=[{"Id": "1", "Arn": arn}])
    account.let_an_hour_go_by()
    assert sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"]
