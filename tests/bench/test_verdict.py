"""A rush that went wrong is seen to have gone wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest
from crowd import Visit
from verdict import Kept, judge

# Three people, one after the other, for one seat.
VISITS = [
    Visit("a@example.com", opened=0, sent=1, answered=2, seen=3, secret="A", told="confirmed"),
    Visit("b@example.com", opened=0, sent=4, answered=5, seen=6, secret="B", told="waiting"),
    Visit("c@example.com", opened=0, sent=7, answered=8, seen=9, secret="C", told="waiting"),
]
KEPT = [
    Kept("A", "a@example.com", "confirmed", None),
    Kept("B", "b@example.com", "waiting", 1),
    Kept("C", "c@example.com", "waiting", 2),
]


def test_all_is_right() -> None:
    verdict = judge(VISITS, KEPT)
    assert (verdict.confirmed, verdict.waiting) == (1, 2)
    assert (verdict.errors, verdict.order_violations, verdict.double_registrations) == (0, 0, 0)
    assert verdict.is_right(seats=1, people=3)


def test_more_or_fewer_seats_given_than_there_are() -> None:
    assert not judge(VISITS, KEPT).is_right(seats=2, people=3)
    both = [KEPT[0], replace(KEPT[1], state="confirmed", place=None), KEPT[2]]
    told = [VISITS[0], replace(VISITS[1], told="confirmed"), VISITS[2]]
    assert not judge(told, both).is_right(seats=1, people=3)


@pytest.mark.parametrize(
    "visit",
    [
        replace(VISITS[0], told="waiting"),
        replace(VISITS[0], told=""),
        replace(VISITS[0], email="somebody-else@example.com"),
        replace(VISITS[0], secret="unknown"),
        replace(VISITS[0], error="answered with 503 instead of 303"),
    ],
)
def test_told_another_thing_than_recorded(visit: Visit) -> None:
    verdict = judge([visit, *VISITS[1:]], KEPT)
    assert verdict.errors == 1
    assert not verdict.is_right(seats=1, people=3)


def test_a_seat_while_somebody_waits_who_was_answered_before() -> None:
    kept = [
        replace(KEPT[0], state="waiting", place=3),
        replace(KEPT[1], state="confirmed"),
        KEPT[2],
    ]
    assert judge(VISITS, kept).order_violations == 2  # B, who has the seat, and C with place 2


def test_a_place_before_somebody_who_was_answered_before() -> None:
    kept = [KEPT[0], replace(KEPT[1], place=2), replace(KEPT[2], place=1)]
    verdict = judge(VISITS, kept)
    assert verdict.order_violations == 1
    assert not verdict.is_right(seats=1, people=3)


def test_who_sends_before_the_other_is_answered_may_be_first() -> None:
    at_once = [VISITS[0], VISITS[1], replace(VISITS[2], sent=4.5)]
    kept = [KEPT[0], replace(KEPT[1], place=2), replace(KEPT[2], place=1)]
    assert judge(at_once, kept).order_violations == 0


def test_two_registrations_of_one_address() -> None:
    verdict = judge(VISITS, [*KEPT, Kept("D", "b@example.com", "waiting", 3)])
    assert verdict.double_registrations == 1
    assert not verdict.is_right(seats=1, people=3)
    cancelled = Kept("D", "b@example.com", "cancelled", None)
    assert judge(VISITS, [*KEPT, cancelled]).double_registrations == 0
