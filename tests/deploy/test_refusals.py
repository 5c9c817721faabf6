"""Whatever AWS refuses is one sentence, and another that says what to do."""

from __future__ import annotations

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ProfileNotFound,
    UnauthorizedSSOTokenError,
    WaiterError,
)

from deploy import refusals
from deploy.live import Live


class Told(Exception):
    """What an operator reads."""


def told(error: Exception) -> str:
    with pytest.raises(Told) as raised, refusals.told_as(Told):
        raise error
    return str(raised.value)


@pytest.mark.parametrize(
    ("code", "message", "step"),
    [
        ("ExpiredToken", "The security token included in the request is expired", "aws sso login"),
        ("ExpiredTokenException", "The security token is expired", "aws sso login"),
        ("InvalidClientTokenId", "The security token is invalid.", "aws configure"),
        ("AccessDenied", "User is not authorized to perform: s3:PutObject", "deployer.yaml"),
        ("LimitExceededException", "Limit on the number of roles exceeded", "Service Quotas"),
        ("TooManyBuckets", "You have attempted to create more buckets", "Service Quotas"),
        ("ValidationError", "Stack:x is in UPDATE_ROLLBACK_FAILED state", "Continue update"),
        ("ValidationError", "Stack:x is in UPDATE_IN_PROGRESS state", "wait some minutes"),
    ],
)
def test_what_aws_refuses_comes_with_the_next_step(code: str, message: str, step: str) -> None:
    error = ClientError({"Error": {"Code": code, "Message": message}}, "Operation")
    assert f"AWS refused: {message.rstrip('.')} ({code}). " in told(error)
    assert step in told(error)


def test_what_is_not_known_speaks_for_itself() -> None:
    error = ClientError({"Error": {"Code": "Odd", "Message": "The moon is full."}}, "Operation")
    assert told(error) == "AWS refused: The moon is full (Odd)."


@pytest.mark.parametrize(
    ("error", "step"),
    [
        (NoCredentialsError(), "aws configure"),
        (ProfileNotFound(profile="moon"), "moon.* AWS_PROFILE"),
        (UnauthorizedSSOTokenError(), "aws sso login"),
        (EndpointConnectionError(endpoint_url="https://x.example.com"), "Run this again"),
        (WaiterError("x", "Max attempts exceeded", {}), "Run this again"),
        (BotoCoreError(), "cannot be asked"),
    ],
)
def test_what_does_not_even_reach_aws(error: Exception, step: str) -> None:
    with pytest.raises(Told, match=step), refusals.told_as(Told):
        raise error


@pytest.mark.parametrize(
    ("reason", "step"),
    [
        ("lanyard-dev-site-000000000000 already exists", "DATA=yes"),
        ("Your account must be verified before you can add new CloudFront resources", "Support"),
        ("because public policies are blocked by the BlockPublicPolicy setting", "public_site"),
    ],
)
def test_why_a_stack_failed_comes_with_the_next_step(reason: str, step: str) -> None:
    (said,) = refusals.next_step(f"The stack x failed:\n  Thing: {reason}")
    assert step in said


def test_a_profile_that_is_not_there_is_told_by_each_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A stage is named before anybody asks AWS."""
    monkeypatch.setenv("AWS_PROFILE", "moon")
    live = Live("dev")
    with pytest.raises(Told, match="moon"), refusals.told_as(Told):
        _ = live.account
