"""The deployed function's life in an interpreter of its own: run by test_handler.py.

`python -m tests.deploy.deployed <file>` signs Kim up through Zappa's handler, then sends all other
kinds of events, broken ones too, and writes down what came of it. What it prints is what
CloudWatch would keep.
"""

from __future__ import annotations

import json
import sys
import traceback
from pathlib import Path
from typing import Any

from zappa.handler import lambda_handler

from app import config
from app.core.ids import read_letters
from tests.entrypoints import gateway

Event = dict[str, Any]

RUN = "app.entrypoints.cli.run"
LIST = ("registration", "list", "garam")


def main() -> None:
    """Run all steps, and write the outcome to the file that the command line names."""
    given = json.loads(sys.stdin.read())
    page = lambda_handler(gateway.v2("GET", "/c/garam?lang=ko"), None)
    signed_up = lambda_handler(sign_up(given["form"]), None)
    modules = sorted(sys.modules)
    link = gateway.header(signed_up, "Location")
    statuses = [page["statusCode"], signed_up["statusCode"]]
    follow = [gateway.v2("GET", link, prefix=""), sns(confirmed())]
    outcomes = [attempt(event) for event in [*follow, *given["events"]]]
    found = {"modules": modules, "link": link, "statuses": statuses, "outcomes": outcomes}
    Path(sys.argv[1]).write_text(json.dumps(found))


def sign_up(form: dict[str, str]) -> Event:
    """The form, sent from the API's own page."""
    headers = {"Origin": f"https://{gateway.HOST}"}
    return gateway.v2("POST", "/c/garam/register", headers=headers, form=form)


def confirmed() -> dict[str, Any]:
    """The message that the sign-up published."""
    listed = lambda_handler({"command": RUN, "args": [*LIST, "--json"]}, None)
    (row,) = json.loads(listed["output"])
    return {
        "type": "registration.confirmed",
        "data": {"registration_id": read_letters(row["code"])},
    }


def sns(message: object) -> Event:
    """One message on the topic of the stage `dev`."""
    return {
        "Records": [
            {"Sns": {"TopicArn": config.settings.topic_arn, "Message": json.dumps(message)}}
        ]
    }


def attempt(event: Event) -> Any:
    """What the function returns; an error is printed, as Lambda does it, and named."""
    try:
        return lambda_handler(event, None)
    except Exception as error:  # noqa: BLE001  Lambda catches and prints everything, too
        traceback.print_exc()
        return type(error).__name__


if __name__ == "__main__":
    main()
