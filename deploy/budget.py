"""`make budget`: a mail to the operator before the account gets dear. Once an account."""

from __future__ import annotations

import argparse

from deploy import refusals, stacks, stages
from deploy.folders import ROOT
from deploy.live import Live

TEMPLATE = ROOT / "infra" / "budget.yaml"
STACK = "lanyard-budget"


class NoBudget(Exception):
    """There is no budget; the message says why and what to do next."""


def prepare(stage: str, limit: float) -> None:
    """Have the operator of a stage told before `limit` USD a month are spent. Raises NoBudget,
    StackFailed, NoSuchStage."""
    live = Live(stage)
    mail = live.choices["operator_mail"]
    if not mail:
        raise NoBudget(
            'Whom to tell? Put an address into "operator_mail" under "lanyard" in the stage '
            f"{stage} of zappa_settings.json, then run this again."
        )
    with refusals.told_as(NoBudget):
        formation = live.aws.client("cloudformation")
        given = {"Limit": f"{limit:g}", "OperatorMail": mail}
        stacks.ensure(formation, STACK, TEMPLATE, given)


def main() -> None:
    """Make the budget that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m deploy.budget", description=__doc__)
    parser.add_argument("stage")
    parser.add_argument("limit", type=float)
    given = parser.parse_args()
    try:
        prepare(given.stage, given.limit)
    except (NoBudget, stacks.StackFailed, stages.NoSuchStage) as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
