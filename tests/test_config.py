"""What the environment says, and what is refused where it says too little."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app import config
from app.conferences.rules import Conference
from app.config import Settings
from app.entrypoints import site
from app.notifications import mails
from app.registrations import links
from app.registrations.rules import Mail
from tests import cast
from tests.cast import KIM

ADDRESS = "https://abc123.execute-api.ap-northeast-2.amazonaws.com/dev"


def test_a_laptop_is_at_its_port() -> None:
    assert Settings.from_environ({"PORT": "8001"}).public_url == "http://127.0.0.1:8001"


def test_an_api_is_at_its_stage() -> None:
    settings = Settings.from_environ({"PUBLIC_URL": f"{ADDRESS}/"})
    assert settings.require_public_url() == ADDRESS
    assert settings.public_origin == ADDRESS.removesuffix("/dev")


def test_a_function_does_not_guess_its_address() -> None:
    settings = Settings.from_environ({"AWS_LAMBDA_FUNCTION_NAME": "lanyard-dev"})
    with pytest.raises(config.Unaddressed):
        settings.require_public_url()


def test_without_an_address_nothing_leaves_with_a_link_in_it(
    conference: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    registration = cast.sign_up(conference, KIM)
    monkeypatch.setattr(config, "settings", replace(config.settings, public_url=""))
    with pytest.raises(config.Unaddressed):
        links.url_of(registration)
    with pytest.raises(config.Unaddressed):
        mails.compose_to_former(KIM.email, Mail.MOVED, "en", conference)
    with pytest.raises(config.Unaddressed):
        site.publish()
