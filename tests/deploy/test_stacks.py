"""Stacks that CloudFormation is still at work on."""

from __future__ import annotations

from typing import Any

import pytest

from deploy import stacks


class Working:
    """CloudFormation, which takes its time over one stack."""

    def __init__(self, *states: str) -> None:
        self.states = list(states)

    def describe_stacks(self, **_: str) -> dict[str, Any]:
        """The stack's next state; the last one stays."""
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return {"Stacks": [{"StackStatus": state}]}


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause between looks."""
    monkeypatch.setattr(stacks, "POLL_SECONDS", 0)


def test_what_another_run_began_is_waited_for(capsys: pytest.CaptureFixture[str]) -> None:
    formation = Working("CREATE_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE")
    assert stacks.at_rest(formation, "x") == "CREATE_COMPLETE"
    assert capsys.readouterr().out.count("Waiting") == 1


def test_a_rollback_is_waited_for_too() -> None:
    assert stacks.at_rest(Working("ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE"), "x") == (
        "ROLLBACK_COMPLETE"
    )


def test_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacks, "MOST_POLLS", 3)
    with pytest.raises(stacks.StackFailed, match="run this again later"):
        stacks.at_rest(Working("UPDATE_IN_PROGRESS"), "x")
