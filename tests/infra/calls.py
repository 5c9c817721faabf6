"""What calls to AWS need to be allowed, by AWS's service authorization reference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.infra.policies import Need
from tests.infra.template import ACCOUNT, REGION

Params = Mapping[str, Any]

# An action of a transaction is allowed like the request of its own.
_IN_TRANSACTIONS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


def needs(service: str, operation: str, params: Params) -> Iterator[Need]:
    """Everything that one call has to be allowed; KeyError for a call that is not known here."""
    known = {
        "dynamodb": _dynamodb,
        "s3": _s3,
        "sns": _sns,
        "sqs": _sqs,
        "ses": _ses,
        "ssm": _ssm,
    }
    yield from known[service](operation, params)


def _dynamodb(operation: str, params: Params) -> Iterator[Need]:
    if operation == "TransactWriteItems":
        for item in params["TransactItems"]:
            [(kind, one)] = item.items()
            yield _on_table(_IN_TRANSACTIONS[kind], one["TableName"])
    elif operation == "BatchGetItem":
        for table in params["RequestItems"]:
            yield _on_table(operation, table)
    else:
        index = params.get("IndexName")
        yield _on_table(operation, params["TableName"] + (f"/index/{index}" if index else ""))


def _on_table(operation: str, path: str) -> Need:
    return Need(f"dynamodb:{operation}", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{path}", {})


# For GetObject so that what is missing is a 404: without it S3 says 403.
_ON_BUCKETS = {"ListObjectsV2": "ListBucket", "HeadBucket": "ListBucket", "GetObject": "ListBucket"}
_ON_OBJECTS = ("GetObject", "PutObject", "DeleteObject")


def _s3(operation: str, params: Params) -> Iterator[Need]:
    bucket = f"arn:aws:s3:::{params['Bucket']}"
    if operation in _ON_OBJECTS:
        yield Need(f"s3:{operation}", f"{bucket}/{params['Key']}", {})
    if operation in _ON_BUCKETS or operation not in _ON_OBJECTS:
        yield Need(f"s3:{_ON_BUCKETS.get(operation, operation)}", bucket, {})


def _sns(operation: str, params: Params) -> Iterator[Need]:
    yield Need(f"sns:{operation}", params["TopicArn"], {})


def _sqs(operation: str, params: Params) -> Iterator[Need]:
    name = params.get("QueueName") or params["QueueUrl"].rpartition("/")[2]
    yield Need(f"sqs:{operation}", f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}", {})


def _ses(operation: str, params: Params) -> Iterator[Need]:
    if operation == "GetSendQuota":  # the account's, which has no name
        yield Need(f"ses:{operation}", "*", {})
        return
    identity = f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/{params['Source']}"
    yield Need(f"ses:{operation}", identity, {"ses:FromAddress": params["Source"]})


def _ssm(operation: str, params: Params) -> Iterator[Need]:
    overwrite = str(params.get("Overwrite", False)).lower()
    parameter = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{params['Name']}"
    yield Need(f"ssm:{operation}", parameter, {"ssm:Overwrite": overwrite})
