"""What AWS refuses, as a sentence with the next step."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, WaiterError


@contextlib.contextmanager
def told_as(failure: type[Exception]) -> Iterator[None]:
    """Raise this kind of error, with a sentence for the operator, in place of botocore's."""
    try:
        yield
    except NoCredentialsError:
        raise failure(
            "No AWS credentials: run `aws configure` or `aws sso login`, or set AWS_PROFILE."
        ) from None
    except ClientError as error:
        raise failure(f"AWS refused: {error.response['Error']['Message']}") from None
    except WaiterError as error:
        raise failure(f"AWS takes too long: {error}. Run this again.") from None
    except BotoCoreError as error:
        raise failure(f"AWS cannot be reached: {error}") from None
