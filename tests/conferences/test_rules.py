"""What an organiser may set."""

from __future__ import annotations

import pytest

from app.conferences import rules
from app.conferences.rules import MOST_SIGN_UPS_AN_HOUR
from app.core.clock import HOUR
from app.core.errors import Invalid
from tests import cast


@pytest.mark.parametrize("limit", ["sign_ups_a_domain", "sign_ups_a_network"])
def test_a_limit_is_one_that_can_be_kept(limit: str) -> None:
    """Of more than the hour has milliseconds, each would cost nothing: there would be no limit."""
    assert HOUR // MOST_SIGN_UPS_AN_HOUR * MOST_SIGN_UPS_AN_HOUR == HOUR
    for number in (0, MOST_SIGN_UPS_AN_HOUR):
        rules.require_sound(cast.conference(**{limit: number}))
    for number in (-1, MOST_SIGN_UPS_AN_HOUR + 1):
        with pytest.raises(Invalid, match=f"{limit}.*from 0 to"):
            rules.require_sound(cast.conference(**{limit: number}))
