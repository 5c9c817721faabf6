"""The flow on paper, where what comes out can be said beforehand."""

from __future__ import annotations

from dataclasses import replace

import pytest
import scale
from flow import Setup, of_one_counter, simulate
from preparing import prepare
from scale import DEPLOYED, NEW_ACCOUNT, PLENTY


def carried(setup: Setup, rate: float, seconds: float = 60) -> float:
    return simulate(setup, rate, seconds).carried


def test_few_people_meet_no_limit() -> None:
    outcome = simulate(DEPLOYED, 10)
    assert outcome.carried == pytest.approx(10)
    assert outcome.limit == ""
    assert outcome.refused == pytest.approx(0)


@pytest.mark.parametrize(("counters", "most"), [(1, 500), (4, 2000), (16, 8000)])
def test_a_counter_takes_500_a_second(counters: int, most: float) -> None:
    outcome = simulate(replace(PLENTY, counters=counters), 12_000)
    assert outcome.carried == pytest.approx(most, rel=0.02)
    assert outcome.limit == "DynamoDB, counters"


def test_beyond_32_counters_the_index_of_changes_is_full() -> None:
    outcome = simulate(replace(PLENTY, counters=64), 50_000)
    assert outcome.carried == pytest.approx(16_000, rel=0.02)
    assert outcome.limit == "DynamoDB, index of changes"


def test_a_counter_that_transactions_hold_gives_less() -> None:
    assert of_one_counter(hold=0) == 500
    assert of_one_counter(hold=0.002) == pytest.approx(250)
    assert carried(replace(PLENTY, hold=0.002), 5000) == pytest.approx(250)


def test_a_new_table_takes_4000_units_of_which_addresses_take_2() -> None:
    without_passes = replace(PLENTY, counters=32, writes=4000, queue=0.001)
    assert carried(without_passes, 5000) == pytest.approx(2000, rel=0.01)


def test_a_table_doubles_within_half_an_hour() -> None:
    new = replace(PLENTY, counters=32, writes=4000, queue=0.001)
    assert carried(new, 5000, seconds=3600) == pytest.approx(4000, rel=0.01)


def test_counters_share_partitions_until_the_heat_was_seen() -> None:
    two = replace(PLENTY, counters=2, few_keys=2000)
    # On two partitions both are on one in half of all placements.
    assert carried(two, 5000) == pytest.approx(750, rel=0.1)
    assert carried(two, 5000, seconds=700) == pytest.approx(1000)


def test_ten_at_once_are_33_sign_ups_of_three_requests() -> None:
    assert carried(replace(NEW_ACCOUNT, queue=1), 1000) == pytest.approx(100 / 3)
    assert carried(NEW_ACCOUNT, 1000) < 30, "passes share the function"


def test_api_gateway_lets_10_000_requests_through() -> None:
    outcome = simulate(replace(PLENTY, counters=32, gateway=10_000), 50_000)
    assert outcome.carried == pytest.approx(10_000 / 3)
    assert outcome.limit == "API Gateway"


def test_a_function_grows_by_a_thousand_in_ten_seconds() -> None:
    ready = replace(PLENTY, counters=32, queue=1)
    assert simulate(ready, 8000, seconds=4).refused < 0.01
    # Before the first have started, 1,000 are on their way, and 100 more each second.
    unready = simulate(replace(ready, ready=0), 8000, seconds=0.8)
    assert unready.refused == pytest.approx(1 - 1080 / 6400, abs=0.01)
    assert unready.limit == "Lambda, at once"


def test_a_queue_keeps_passes_from_sign_ups() -> None:
    assert carried(replace(DEPLOYED, counters=4, queue=100), 1000) > 1.1 * carried(
        replace(DEPLOYED, counters=4), 1000
    )


def test_mails_go_at_the_rate_of_ses() -> None:
    outcome = simulate(replace(PLENTY, mails=14), 280)
    assert outcome.mails_late == pytest.approx(280 * 60 / 14 - 60, rel=0.01)


@pytest.mark.parametrize("rate", [10, 1000, 10_000])
def test_what_is_prepared_is_enough(rate: float) -> None:
    prepared = prepare(rate)
    assert prepared.is_enough
    assert prepared.outcome.passes_late <= 300
    assert prepared.outcome.mails_late <= 3600


def test_the_document_is_what_is_computed() -> None:
    assert scale.stale() is None
