"""The names in `zappa_settings.json` are those that the base stack makes."""

from __future__ import annotations

import re

import pytest

from deploy import stages
from deploy.folders import ROOT
from tests.deploy.test_stages import settings

STAGES = stages.read()
INFRA = ROOT / "infra" / "base.yaml"


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_names_are_the_stages_own_and_the_base_stacks(name: str) -> None:
    stage, account = STAGES[name], settings(name).account
    names = {
        "lanyard-${Stage}": stage["role_name"],
        "lanyard-${Stage}-dead": stage["dead_letter_arn"].rpartition(":")[2],
        "lanyard-${Stage}-code-${AWS::AccountId}": stage["s3_bucket"],
    }
    template = INFRA.read_text(encoding="utf-8")
    for written, used in names.items():
        assert used == written.replace("${Stage}", name).replace("${AWS::AccountId}", account)
        assert re.search(rf"Name: !Sub {re.escape(written)}\s", template)
