"""For each file of tests an emulated account, in which a deployer with no more rights than
infra/deployer.yaml gives deploys the stage `dev`."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

import pytest

from app.config import Settings
from deploy import stacks
from deploy.folders import ROOT
from tests.e2e import account as accounts
from tests.e2e import checkout
from tests.e2e.account import Account
from tests.e2e.site import Site, make_conference, written

DEPLOYER = ROOT / "infra" / "deployer.yaml"
LOG_LINES = 200
OF_LAMBDA = ("START ", "END ", "REPORT ")


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An empty account, as root; this process's own calls lead there."""
    folder = tmp_path_factory.mktemp("account")
    with accounts.running(folder) as account, pytest.MonkeyPatch.context() as patch:
        for name, value in account.environ.items():
            patch.setenv(name, value)
        yield account


@pytest.fixture(scope="module")
def deployer(account: Account) -> Account:
    """A user with the policies that infra/deployer.yaml makes, and no others."""
    formation = account.client("cloudformation")
    formation.create_stack(
        StackName="lanyard-deployer",
        TemplateBody=DEPLOYER.read_text(encoding="utf-8"),
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    formation.get_waiter("stack_create_complete").wait(
        StackName="lanyard-deployer", WaiterConfig={"Delay": 1}
    )
    deployer = account.user("somebody")
    for policy in stacks.outputs(formation, "lanyard-deployer").values():
        account.client("iam").attach_user_policy(UserName="somebody", PolicyArn=policy)
    return deployer


@pytest.fixture(scope="module")
def choices() -> dict[str, Any]:
    """What the operator writes into zappa_settings.json; a file of tests may choose otherwise."""
    return {}


@pytest.fixture(scope="module")
def site(
    account: Account,
    deployer: Account,
    choices: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Site:
    """The stage `dev`, deployed for the first time, with an open conference. SES has verified its
    sender."""
    account.client("ses").verify_email_identity(EmailAddress=Settings.mail_sender)
    copied = checkout.copy(tmp_path_factory.mktemp("checkout"), deployer)
    copied.choose("dev", choices)
    site = Site(account, copied, "dev")
    site.operate("deploy")
    make_conference(site)
    return site


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails at a deployed stage shows what went wrong in the function."""
    report = yield
    site = getattr(item, "funcargs", {}).get("site")
    if report.failed and isinstance(site, Site):
        lines = [one for one in written(site).splitlines() if not one.startswith(OF_LAMBDA)]
        report.sections.append(("The log of the function", "\n".join(lines[-LOG_LINES:])))
    return report
