"""An emulated AWS that knows CloudFormation, apart from that of the other tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app import config
from app.aws import clients, parameters, tables
from app.core import cache
from app.local import cloud as local_cloud
from tests.infra import template

STAGE = "dev"
# None of them runs code of others: there is no Lambda among them.
MORE = ("cloudformation", "cloudfront", "iam", "logs", "monitoring")


@pytest.fixture(scope="module")
def cloud_with_stacks() -> Iterator[local_cloud.EphemeralCloud]:
    """An emulated AWS with what the templates need."""
    with local_cloud.ephemeral(services=(*local_cloud.SERVICES, *MORE)) as emulator:
        yield emulator


@pytest.fixture
def stacks(
    cloud_with_stacks: local_cloud.EphemeralCloud, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stacks]:
    """This process works for the stage `dev` of that AWS, which is empty."""
    before = config.settings
    for name, value in cloud_with_stacks.environ.items():
        monkeypatch.setenv(name, value)
    cloud_with_stacks.reset()
    config.use(replace(before, stage=STAGE, account=template.ACCOUNT))
    _forget()
    yield Stacks()
    monkeypatch.undo()
    config.use(before)
    _forget()


def _forget() -> None:
    clients.forget_clients()
    tables.forget_connections()
    parameters.secret.cache_clear()
    cache.clear_all()


class Stacks:
    """CloudFormation, and what a deployment asks of it."""

    def create(self, name: str, **given: str) -> dict[str, str]:
        """Create a stack out of a template; its outputs."""
        stack = f"lanyard-{STAGE}-{name}"
        formation = clients.client("cloudformation")
        formation.create_stack(
            StackName=stack,
            TemplateBody=template.text(name),
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in given.items()
            ],
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
        self._wait("stack_create_complete", stack)
        [made] = formation.describe_stacks(StackName=stack)["Stacks"]
        return {one["OutputKey"]: one["OutputValue"] for one in made["Outputs"]}

    def delete(self, name: str) -> None:
        """Delete a stack."""
        stack = f"lanyard-{STAGE}-{name}"
        clients.client("cloudformation").delete_stack(StackName=stack)
        self._wait("stack_delete_complete", stack)

    def _wait(self, state: str, stack: str) -> None:
        waiter = clients.client("cloudformation").get_waiter(state)
        waiter.wait(StackName=stack, WaiterConfig={"Delay": 0.05, "MaxAttempts": 600})
