"""`make rollback STAGE=dev`: the code of the version before the one that runs, or of version TO.

Only code goes back: the records, the stacks, and what the function is told of its addresses stay.
Zappa's own rollback takes the last version but one, whichever runs, and publishes it as a new one,
so that a second rollback leads back to what was left; and it ends well when it did nothing.
"""

from __future__ import annotations

import argparse

from deploy import base, deploy, refusals, snap_start, versions
from deploy.progress import say


class CannotRollBack(Exception):
    """Another version than the one that was asked for runs; the message says why and what to do
    next."""


REFUSALS = (CannotRollBack, versions.NoCode, *deploy.REFUSALS)


def rollback(stage: str, to: int | None = None) -> int:
    """Let the version before run, or version `to`; the version that runs. Raises one of
    REFUSALS."""
    with refusals.told_as(CannotRollBack):
        live = base.at_home(stage)
        live.require_function()
        if snap_start.is_chosen(live):
            raise CannotRollBack(
                "With SnapStart each deployment is two versions and more, so there is none that is "
                f"the one before: run `make update STAGE={stage}` from a checkout of the code that "
                "shall run."
            )
        known, running = versions.published(live), versions.running(live)
        version = _chosen(known, running, to)
        if version != running:
            say(f"From {_named(running)} to version {version}")
            if versions.run(live, version) != known[version]:
                raise CannotRollBack(
                    f"Lambda gave other code as that of version {version}: run `make deploy "
                    f"STAGE={stage}` from a checkout of the code that shall run."
                )
        deploy.follow(live)
    return version


def _chosen(known: dict[int, str], running: int | None, to: int | None) -> int:
    """The version `to`, or else the newest before the one that runs that has other code."""
    if to is not None:
        if to not in known:
            raise CannotRollBack(f"There is no version {to}: {_listed(known)}.")
        return to
    before = [
        one for one in known if running is None or (one < running and known[one] != known[running])
    ]
    if not before:
        raise CannotRollBack(
            f"No other code was there before {_named(running)}: {_listed(known)}. Choose one with "
            "TO, or deploy a checkout of the code that shall run."
        )
    return before[-1]


def _named(version: int | None) -> str:
    return f"version {version}" if version else "code without a version"


def _listed(known: dict[int, str]) -> str:
    return f"there are {', '.join(map(str, known))}" if known else "none was published"


def main() -> None:
    """Roll back the stage that the command line names, and say which version runs."""
    parser = argparse.ArgumentParser(prog="python -m deploy.rollback", description=__doc__)
    parser.add_argument("stage")
    parser.add_argument("to", type=int, nargs="?", metavar="version")
    given = parser.parse_args()
    try:
        version = rollback(given.stage, given.to)
    except REFUSALS as error:
        raise SystemExit(str(error)) from None
    say(f"Version {version} runs")


if __name__ == "__main__":
    main()
