"""What AWS refuses, as a sentence with the next step."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
    WaiterError,
)

NOBODY = (NoCredentialsError, PartialCredentialsError, ProfileNotFound)
LOGGED_OUT = (
    CredentialRetrievalError,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)
OUT_OF_REACH = (ConnectionError, HTTPClientError)

LOG_IN = "Log in with `aws sso login`, or put new keys into the profile, then run this again."
# What AWS names its reasons, or says of them, and what to do then.
STEPS = {
    r"Expired|TokenRefreshRequired": LOG_IN,
    r"InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|InvalidAccessKeyId": (
        "AWS does not know these keys: run `aws configure`, or choose another AWS_PROFILE."
    ),
    r"must be verified": (
        "Ask AWS Support to verify the account for CloudFront (a case of the kind `Account and "
        "billing` costs nothing), then run this again."
    ),
    r"AccessDenied|UnauthorizedOperation|not authorized": (
        "Whoever deploys needs to be allowed that: infra/deployer.yaml has all that is needed."
    ),
    r"public polic\w+ \w+ blocked|BlockPublicPolicy": (
        'The account lets no bucket be public: put "public_site": false under "lanyard" in the '
        "stage of zappa_settings.json, then run this again."
    ),
    r"BucketAlreadyExists|already exists": (
        "The name is taken: by an earlier base stack that was taken away and left its data, which "
        "`make destroy` with DATA=yes takes away, too; or, if it is a bucket's, by another "
        "account: then give the stage another name."
    ),
    r"LimitExceeded|[Qq]uota|TooMany|limit of|ReservedConcurrent": (
        "Ask for more in the console of Service Quotas, then run this again."
    ),
    r"UPDATE_ROLLBACK_FAILED": (
        "Take away what the stack's events in the console of CloudFormation complain of, let it "
        "`Continue update rollback` there, then run this again."
    ),
    r"_IN_PROGRESS": "CloudFormation is at work on it: wait some minutes, then run this again.",
}


@contextlib.contextmanager
def told_as(failure: type[Exception]) -> Iterator[None]:
    """Raise this kind of error, with a sentence for the operator, in place of botocore's."""
    try:
        yield
    except NOBODY as error:
        raise failure(
            f"No AWS credentials ({_sentence(error)}): run `aws configure` or `aws sso login`, or "
            "set AWS_PROFILE."
        ) from None
    except LOGGED_OUT as error:
        raise failure(f"The login has run out ({_sentence(error)}). {LOG_IN}") from None
    except ClientError as error:
        refused = f"AWS refused: {_reason(error)}"
        raise failure(" ".join([refused, *next_step(refused)])) from None
    except WaiterError as error:
        raise failure(f"AWS takes too long: {error}. Run this again.") from None
    except OUT_OF_REACH as error:
        raise failure(f"AWS cannot be reached: {error}. Run this again.") from None
    except BotoCoreError as error:
        raise failure(f"AWS cannot be asked: {error}") from None


def next_step(said: str) -> list[str]:
    """What to do after AWS has said this: a sentence, or none where it has to speak for itself."""
    return [step for reason, step in STEPS.items() if re.search(reason, said)][:1]


def _reason(error: ClientError) -> str:
    told = error.response["Error"]
    return f"{told['Message'].rstrip('.')} ({told['Code']})."


def _sentence(error: BotoCoreError) -> str:
    return str(error).rstrip(".")
