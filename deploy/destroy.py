"""`make destroy STAGE=dev`: takes away what deploying has made, and keeps the data; with DATA=yes
takes away everything.

It may be run again at any time: each step looks at what is there. It ends with a look at what is
left.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

from deploy import erase, inventory, refusals, stacks, stages, undeploy
from deploy.live import Live
from deploy.progress import say

# What has been deleted may stay in a list for some time: a queue for a minute.
LOOKS, PAUSE_SECONDS = 12, 10.0


class CannotDestroy(Exception):
    """Something stays that should not; the message says what, why, and what to do next."""


REFUSALS = (CannotDestroy, erase.NotErased, stacks.StackFailed, stages.NoSuchStage)


def destroy(stage: str) -> None:
    """Take away what deploying has made of a stage, and tell what is kept. Raises CannotDestroy,
    StackFailed, NoSuchStage."""
    live = Live(stage)
    with refusals.told_as(CannotDestroy):
        undeploy.undeploy(live)
        _see_nothing(live, inventory.deployed)
        kept = inventory.kept(live)
    _tell("Kept, with all data" if kept else "Nothing is left", kept)


def destroy_with_data(stage: str, confirmed: str | None) -> None:
    """Take everything of a stage away. `confirmed` is the stage's name once more; without it, it
    is asked for. Raises CannotDestroy, NotErased, StackFailed, NoSuchStage."""
    live = Live(stage)
    with refusals.told_as(CannotDestroy):
        if _everything(live):
            _confirm(live, confirmed)
        undeploy.undeploy(live)
        erase.erase(live)
        _see_nothing(live, _everything)
    say("Nothing is left")


def _everything(live: Live) -> list[str]:
    return [*inventory.deployed(live), *inventory.kept(live)]


def _confirm(live: Live, confirmed: str | None) -> None:
    _tell("To be taken away for good, with all data", _everything(live))
    if confirmed is None and not sys.stdin.isatty():
        raise CannotDestroy(
            f"Nobody is here to ask: add CONFIRM={live.stage} to take away all of that."
        )
    if confirmed is None:
        confirmed = input(f"Type {live.stage} to go on: ")
    if confirmed.strip() != live.stage:
        raise CannotDestroy(
            f"{confirmed.strip()!r} is not {live.stage!r}: everything stays as it is."
        )


def _see_nothing(live: Live, of: Callable[[Live], list[str]]) -> None:
    """Look until the lists are up to date; nothing tells when."""
    for look in range(LOOKS):
        if look:
            time.sleep(PAUSE_SECONDS)
        left = of(live)
        if not left:
            return
        _tell("Still there", left)
    raise CannotDestroy("That is left: run this again, and delete by hand what is there even then.")


def _tell(heading: str, things: list[str]) -> None:
    say(f"{heading}{':' if things else ''}")
    for thing in things:
        say(f"  {thing}")


def main() -> None:
    """Destroy the stage that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m deploy.destroy", description=__doc__)
    parser.add_argument("stage")
    parser.add_argument("--data", choices=("yes", "no"), default="no")
    parser.add_argument("--confirm", metavar="STAGE")
    given = parser.parse_args()
    try:
        if given.data == "yes":
            destroy_with_data(given.stage, given.confirm)
        else:
            destroy(given.stage)
    except REFUSALS as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
