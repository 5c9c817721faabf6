"""A limit is a bucket of tokens: so many at once, then evenly, whoever asks and however many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest
from pynamodb.expressions.update import Action

from app.aws import access
from app.aws.access import Access, allowed
from app.aws.tables import change
from app.core import clock
from app.core.clock import HOUR, MINUTE, now_ms
from tests.races.guards import at_once

LIMIT = 6
EACH = HOUR // LIMIT

pytestmark = pytest.mark.usefixtures("cloud")


@pytest.fixture
def wait() -> Callable[[int], None]:
    """Stops the clock, which goes on by as many ms as one says."""
    moments = [now_ms()]

    def go_on(ms: int) -> None:
        moments.append(moments[-1] + ms)
        clock.set_source(lambda: moments[-1])

    go_on(0)
    return go_on


def use(limit: int = LIMIT) -> bool:
    return allowed("mail", "kim@example.com", limit=limit)


def uses() -> int:
    """How many are allowed at once."""
    return sum(use() for _ in range(2 * LIMIT))


def test_so_many_at_once_and_no_more(wait: Callable[[int], None]) -> None:
    assert uses() == LIMIT
    assert allowed("mail", "lee@example.com", limit=LIMIT)  # who has a bucket of their own


def test_one_more_each_part_of_the_window(wait: Callable[[int], None]) -> None:
    uses()
    for _ in range(3):
        wait(EACH - 1)
        assert not use()
        wait(1)
        assert (use(), use()) == (True, False)


def test_it_fills_up_and_does_not_flow_over(wait: Callable[[int], None]) -> None:
    uses()
    wait(LIMIT // 2 * EACH)
    assert uses() == LIMIT // 2
    wait(24 * HOUR)
    assert uses() == LIMIT


def test_no_moment_at_which_the_limit_counts_twice(wait: Callable[[int], None]) -> None:
    """As it would at the full hour, if the hours of the clock were counted."""
    until_the_full_hour = HOUR - now_ms() % HOUR
    wait(until_the_full_hour - MINUTE)
    assert uses() == LIMIT
    wait(2 * MINUTE)
    assert uses() == 0


def test_a_clock_that_was_ahead_keeps_nobody_out_for_long(wait: Callable[[int], None]) -> None:
    wait(48 * HOUR)
    uses()
    wait(-48 * HOUR)
    assert uses() == LIMIT


def test_who_asks_the_clock_first_and_comes_last_does_not_fill_it(
    wait: Callable[[int], None],
) -> None:
    wait(5)
    assert uses() == LIMIT
    wait(-5)
    assert uses() == 0


def test_a_clock_that_is_behind_does_not_fill_it(wait: Callable[[int], None]) -> None:
    uses()
    wait(-MINUTE)
    assert not use()
    wait(MINUTE + EACH)
    assert (use(), use()) == (True, False)


def test_a_limit_of_one(wait: Callable[[int], None]) -> None:
    assert (use(1), use(1)) == (True, False)
    wait(HOUR)
    assert use(1)


@pytest.mark.parametrize("used", [0, 2])
def test_many_at_once_get_what_is_there(wait: Callable[[int], None], used: int) -> None:
    for _ in range(used):
        use()
    told = Counter(at_once(*[use] * (4 * LIMIT)))
    assert told[True] == LIMIT - used


def test_without_the_guard_all_of_them_get_it(
    wait: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unguarded(row: Access, state: object, actions: list[Action], *_: object) -> None:
        row.update(actions=actions)

    monkeypatch.setattr(access, "change", unguarded)
    assert Counter(at_once(*[use] * (4 * LIMIT))) == {True: 4 * LIMIT}


def test_of_two_who_find_it_full_the_second_goes_on(
    wait: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    def overtaken(*args: object) -> None:
        """Another takes one between the first look and the second."""
        asked.append(True)
        if len(asked) == 2:
            monkeypatch.setattr(access, "change", change)
            use()
        partial(change, *args)()  # type: ignore[arg-type]

    monkeypatch.setattr(access, "change", overtaken)
    assert use()
    assert uses() == LIMIT - 2
