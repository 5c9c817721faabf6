"""A stage whose function does nothing, so that its records can be changed from outside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import gmtime, sleep, strftime

from deploy.live import Live
from deploy.progress import say

POLL_SECONDS, MOST_POLLS = 1, 300


@contextmanager
def of(live: Live) -> Iterator[None]:
    """Let the function, if there is one, take nothing; afterwards it begins anew. Messages and
    schedules wait for it in Lambda (6 hours), visitors are turned away. It goes on standing still
    if anything fails, for the next run."""
    if not live.function():
        yield
        return
    before = _stop(live)
    try:
        yield
    except BaseException:
        say(f"The function {live.name} goes on standing still: run this again.")
        raise
    _forget(live)
    _go_on(live, before)


def _stop(live: Live) -> int:
    """The concurrency that was reserved for it, 0 if none was."""
    functions = live.aws.client("lambda")
    before = functions.get_function_concurrency(FunctionName=live.name)
    say(f"Stopping the function {live.name}")
    functions.put_function_concurrency(FunctionName=live.name, ReservedConcurrentExecutions=0)
    sleep(live.settings["timeout_seconds"])  # what runs now: nothing tells when it has ended
    return int(before.get("ReservedConcurrentExecutions", 0))


def _forget(live: Live) -> None:
    """A change of the function, whichever, ends the processes that remember records and secrets."""
    functions = live.aws.client("lambda")
    about = live.settings["lambda_description"]
    now = strftime("%Y-%m-%d %H:%M:%S", gmtime())
    functions.update_function_configuration(
        FunctionName=live.name, Description=f"{about} (records restored {now})"
    )
    config = {"Delay": POLL_SECONDS, "MaxAttempts": MOST_POLLS}
    functions.get_waiter("function_updated_v2").wait(FunctionName=live.name, WaiterConfig=config)


def _go_on(live: Live, before: int) -> None:
    functions = live.aws.client("lambda")
    say(f"Starting the function {live.name}")
    if before:
        functions.put_function_concurrency(
            FunctionName=live.name, ReservedConcurrentExecutions=before
        )
    else:
        functions.delete_function_concurrency(FunctionName=live.name)
