"""What AWS publishes about its limits and prices, and where; and what is assumed beside it."""

from __future__ import annotations

from typing import NamedTuple


class Known(NamedTuple):
    """A number, and where it stands."""

    value: float
    words: str
    source: str


_DYNAMODB = "DynamoDB developer guide"
_LAMBDA = "Lambda developer guide"

PARTITION_WRITES = Known(
    1000, "write units a second of one partition, so of one item, whatever is split",
    f"{_DYNAMODB}, “warm throughput in different scenarios”",
)  # fmt: skip
NEW_TABLE_WRITES = Known(
    4000, "write units a second of a new table or index on demand",
    f"{_DYNAMODB}, “on-demand capacity mode”",
)  # fmt: skip
DOUBLING_SECONDS = Known(
    1800, "seconds until a table takes twice its former peak again",
    f"{_DYNAMODB}, “on-demand capacity mode”",
)  # fmt: skip
TRANSACTION_UNITS = Known(
    2, "write units of an item of 1 KB in a transaction, done or refused",
    f"{_DYNAMODB}, “Amazon DynamoDB Transactions”",
)  # fmt: skip
NEW_CONCURRENCY = Known(
    10, "requests at once in a new account (a low one; it may be more)", f"{_LAMBDA}, “quotas”"
)
CONCURRENCY = Known(1000, "requests at once by default", f"{_LAMBDA}, “quotas”")
GROWTH = Known(
    1000, "more at once within 10 seconds, for each function", f"{_LAMBDA}, “scaling behavior”"
)
REQUESTS_OF_ONE = Known(
    10, "requests a second for each that may run at once", f"{_LAMBDA}, “concurrency”"
)
GATEWAY_RATE = Known(
    10_000, "requests a second through API Gateway", "API Gateway developer guide, “quotas”"
)
GATEWAY_BURST = Known(
    5000, "requests at once before that rate counts", "API Gateway developer guide, “quotas”"
)
MAIL_RATE = Known(
    14, "mails a second, usual when an account leaves the sandbox", "SES developer guide, “quotas”"
)
QUEUE_MOST = Known(
    1000, "the most that a queue's maximum concurrency can be", f"{_LAMBDA}, “Amazon SQS”"
)
LIMITS = (
    PARTITION_WRITES, TRANSACTION_UNITS, NEW_TABLE_WRITES, DOUBLING_SECONDS, NEW_CONCURRENCY,
    CONCURRENCY, GROWTH, REQUESTS_OF_ONE, GATEWAY_RATE, GATEWAY_BURST, MAIL_RATE, QUEUE_MOST,
)  # fmt: skip

# Assumed: measured processor time at 1,024 MB, and how long AWS lets one wait; none of it in AWS.
SIGN_UP_SECONDS = Known(0.050, "seconds of a sign-up (POST)", "5 ms of processor, 2 calls")
PASS_SECONDS = Known(0.050, "seconds of the page of the pass, and its image", "6 ms, 3 calls")
REACTION_SECONDS = Known(0.270, "seconds of drawing a pass and mailing it", "35 ms, 10 calls")
COLD_SECONDS = Known(0.8, "seconds until a new environment answers", "400 ms of processor")
HEAT_SECONDS = Known(
    300, "seconds until a hot item has a partition of its own", "“not instant” is all that is said"
)
PATIENCE_SECONDS = Known(
    5, "seconds that a sign-up tries when DynamoDB refuses", "app/aws/tables.py"
)
ASSUMED = (
    SIGN_UP_SECONDS, PASS_SECONDS, REACTION_SECONDS, COLD_SECONDS, HEAT_SECONDS, PATIENCE_SECONDS
)  # fmt: skip

# What one sign-up asks of API Gateway and the function: the form, the pass, its image.
REQUESTS = 3
# What a sign-up, and what the reaction to it, writes (docs/decisions/0003-keys.md).
ADDRESS_UNITS, REGISTRATION_UNITS, BY_CHANGE_UNITS, BY_DUE_UNITS = 2, 2, 1, 1
REACTION_UNITS, REACTION_BY_DUE_UNITS, REACTION_ACCESS_UNITS = 3, 1, 1
READ_UNITS = 4

# USD in Seoul; the last two from memory, and those of Virginia.
USD_WRITES = 0.68 / 1e6
USD_READS = 0.1355 / 1e6
USD_SECONDS = 0.0000166667  # a GB-second, of which a request has one a second
USD_INVOCATIONS = 0.20 / 1e6
USD_REQUESTS = 1.23 / 1e6
USD_MAILS = 0.10 / 1e3
USD_OBJECTS = 0.0045 / 1e3
USD_MESSAGES = 0.50 / 1e6
USD_WARM_UNIT = 0.00065
USD_PROVISIONED_SECOND = 0.0000041667
