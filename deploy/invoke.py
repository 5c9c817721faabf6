"""`make invoke STAGE=dev DO="conference list"`: a command of Lanyard's in the deployed function,
with what it prints and its exit code. Without DO: which commands there are.
"""

from __future__ import annotations

import argparse
import sys

from deploy import functions, refusals, stages
from deploy.functions import Answer, CommandFailed
from deploy.live import Live, NotThere

REFUSALS = (CommandFailed, NotThere, stages.NoSuchStage)


def invoke(stage: str, words: list[str]) -> Answer:
    """Run a command in the function. Raises CommandFailed, NotThere, NoSuchStage."""
    live = Live(stage)
    with refusals.told_as(CommandFailed):
        return functions.ask(live, *(words or ["--help"]))


def main() -> None:
    """Run the command after the stage, and end as it did."""
    parser = argparse.ArgumentParser(prog="python -m deploy.invoke", description=__doc__)
    parser.add_argument("stage")
    parser.add_argument("words", nargs=argparse.REMAINDER, metavar="command")
    given = parser.parse_args()
    try:
        answer = invoke(given.stage, given.words)
    except REFUSALS as error:
        raise SystemExit(str(error)) from None
    sys.stdout.write(answer.output)
    sys.stderr.write(answer.errors)
    raise SystemExit(answer.exit_code)


if __name__ == "__main__":
    main()
