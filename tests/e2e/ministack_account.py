"""An emulated AWS account with Lambda and IAM, for the real Zappa: run by the cloud's own Python.

The environment holds what ministack reads. Added to ministack 1.5.33, as AWS has it
(test_account.py holds a test for each):
- what app/local/ministack_run.py adds to functions, mails and queries;
- resources are judged by the names that AWS gives them, and mail by its sender;
- who gives a role to something needs iam:PassRole;
- secrets are overwritten only by who may overwrite;
- `zappa rollback` finds its function, and each version of a function gives its own code;
- an API answers under its name in AWS, too;
- a bucket's website has an index in each folder.

Not as AWS has it: port 443 stays free, and on SIGUSR1 an hour goes by for the schedules.
"""

from __future__ import annotations

import json
import re
import signal
import sys
import time
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import ministack.app as ministack
from ministack.core import iam_actions, iam_evaluator, lambda_runtime
from ministack.services import apigateway, dynamodb, eventbridge, lambda_svc, ses, sns

sys.path.insert(0, str(Path(__file__).parents[2] / "app" / "local"))
import ministack_run  # type: ignore[import-not-found]  # mypy knows it as a part of app

HOUR_SECONDS = 3600.0
LOOK_SECONDS = 1  # what ministack's own schedules are late by, in place of 10
Fields = dict[str, Any]

# The role that the request at hand gives to a service, and that service.
_passed: ContextVar[tuple[str, str]] = ContextVar("passed", default=("", ""))


def name_resources() -> None:
    """Name what a request is about as AWS's service authorization reference does."""
    inner = iam_actions.extract_resource_arn

    def named(service: str, method: str, path: str, headers: Any, body: bytes, *rest: Any) -> str:
        given = _fields(body) if service in ("lambda", "events", "ssm") else {}
        _passed.set((given.get("Role") or given.get("RoleArn") or "", service))
        params, region, account = rest
        own = _named_in_request(service, given, params)
        if own:
            return f"arn:aws:{service}:{region}:{account}:{own}"
        found: str = inner(service, method, path, headers, body, *rest)
        return found.replace(":rule/default/", ":rule/")

    iam_actions.extract_resource_arn = named


def _named_in_request(service: str, given: Fields, params: Any) -> str | None:
    """The end of the ARN, where ministack does not look for it."""
    if service == "ses" and (sender := iam_actions._query_param(params, "Source")):
        return f"identity/{sender}"
    if service == "events" and "Rule" in given:
        return f"rule/{given['Rule']}"
    if service == "ssm" and "Path" in given:
        return f"parameter{given['Path'].rstrip('/')}"
    if service == "lambda" and "FunctionName" in given:
        return f"function:{given['FunctionName']}"
    return None


def _fields(body: bytes) -> Fields:
    """What stands in a request; an event for a function may be no object."""
    given = json.loads(body or b"{}")
    return given if isinstance(given, dict) else {}


def tell_conditions() -> None:
    """Tell policies who a mail is from, and whether a parameter is overwritten."""
    inner = iam_actions.request_tag_context

    def told(service: str, action: str, body: bytes, params: Any) -> Fields:
        more = {}
        if action == "ses:SendRawEmail":
            more["ses:FromAddress"] = iam_actions._query_param(params, "Source")
        if action == "ssm:PutParameter":
            more["ssm:Overwrite"] = str(_fields(body).get("Overwrite", False)).lower()
        return {**inner(service, action, body, params), **more}

    iam_actions.request_tag_context = told


def ask_for_passing_roles() -> None:
    """Refuse a request that gives a role away, unless its sender may pass that role. All refusals
    are told in the log."""
    inner = iam_evaluator.enforce

    def enforced(key: str, action: str, *rest: Any, **more: Any) -> Any:
        role, receiver = _passed.get()
        refused = inner(key, action, *rest, **more)
        if role and not refused:
            action, rest = "iam:PassRole", ("iam", "", role)
            more = {"service_context": {"iam:PassedToService": f"{receiver}.amazonaws.com"}}
            refused = inner(key, action, *rest, **more)
        if refused:
            sys.stderr.write(f"refused: {action}, {rest} {more}\n")
        return refused

    iam_evaluator.enforce = enforced


def find_functions_of_zappa() -> None:
    """`zappa rollback` asks for "function:name", which AWS takes for the name."""
    inner = lambda_svc._resolve_name_and_qualifier
    lambda_svc._resolve_name_and_qualifier = lambda name: inner(name.removeprefix("function:"))


def give_versions_their_code() -> None:
    """The address of a version's code leads to it, and not to the newest."""
    asked, address = lambda_svc._get_function, lambda_svc._presigned_code_url
    versions: list[str] = []

    def get(name: str, qualifier: str | None = None) -> Any:
        versions[:] = [qualifier or "$LATEST"]
        return asked(name, qualifier)

    def leading(name: str) -> str:
        found: str = address(f"{name}:{versions[0]}")
        return found.replace("http://localhost", "https://127.0.0.1")

    def serve(name: str, account_id: str, region: str) -> Any:
        name, version = name.split(":")
        function = lambda_svc._functions.get_scoped(account_id, region, name)
        record, _ = lambda_svc._effective_func_record_for_qualifier(function, version)
        return 200, {"Content-Type": "application/zip"}, record["code_zip"]

    lambda_svc._get_function, lambda_svc._presigned_code_url = get, leading
    lambda_svc.serve_function_code = serve


def answer_to_names_of_aws() -> None:
    """So that the app meets the host that it meets in AWS."""
    host = r"(?:localhost|[a-z0-9-]+\.amazonaws\.com)"
    ministack._EXECUTE_API_RE = re.compile(rf"^([0-9a-f]{{8}})\.execute-api\.{host}(?::\d+)?$")


def serve_websites() -> None:
    """Where a website is asked for a folder, give the index that is in it."""
    inner = ministack._handle_s3_vhost_request

    async def served(host: str, path: str, *rest: Any) -> Any:
        is_folder = ".s3-website" in host and path.endswith("/")
        return await inner(host, f"{path}index.html" if is_folder else path, *rest)

    ministack._handle_s3_vhost_request = served


def let_hours_go_by() -> None:
    """On SIGUSR1 the clock of the schedules goes an hour ahead."""
    ahead = 0.0

    def jump(*_: Any) -> None:
        nonlocal ahead
        ahead += HOUR_SECONDS

    eventbridge._now_ts = lambda: time.time() + ahead
    eventbridge._SCHEDULER_TICK_INTERVAL = LOOK_SECONDS
    signal.signal(signal.SIGUSR1, jump)


def main() -> None:
    """Run until a signal ends it."""
    ministack_run.put_the_stage_into_paths(apigateway)
    ministack_run.try_messages_again(sns, lambda_svc)
    ministack_run.let_functions_come_to_their_end(lambda_runtime, lambda_svc)
    ministack_run.take_null_for_no_body(ministack)
    ministack_run.keep_whole_mails(ses)
    ministack_run.remember_expressions(dynamodb)
    name_resources()
    tell_conditions()
    ask_for_passing_roles()
    find_functions_of_zappa()
    give_versions_their_code()
    answer_to_names_of_aws()
    serve_websites()
    let_hours_go_by()
    ministack._port_is_bindable = lambda *_: False
    ministack.main()


if __name__ == "__main__":
    main()
