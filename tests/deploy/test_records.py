"""What must hold between the records of one moment."""

from __future__ import annotations

from typing import Any

import pytest

from deploy import archive, records
from deploy.archive import Row

Tables = dict[str, list[Row]]
NOW = 1_795_600_000_000


def row(**values: str | int) -> Row:
    return {
        name: {"N": str(one)} if isinstance(one, int) else {"S": one}
        for name, one in values.items()
    }


def registration(number: int, state: str, **more: str | int) -> Row:
    about: dict[str, Any] = {"conference_id": 1, "type_id": 2, "revision": 3, "pass_done": 3}
    return row(registration_id=number, state=state, **(about | more))


@pytest.fixture
def tables() -> Tables:
    """Three who have a seat, one of them erased, and one who waits; one has left."""
    return {
        "seats": [
            row(seat="1.2#0", capacity=2, left=0),
            row(seat="1.2#pool", capacity=2, left=1),
            row(seat="1.3#0", capacity=5, left=5),
        ],
        "registrations": [
            registration(10, "confirmed"),
            registration(11, "confirmed"),
            registration(12, "confirmed", erased_at=NOW),
            registration(13, "waiting"),
            registration(14, "cancelled"),
        ],
        "addresses": [row(registration_id=number) for number in (10, 11, 13)],
        "waiting": [row(registration_id=13)],
    }


def test_what_fits_is_not_told(tables: Tables) -> None:
    assert records.contradictions(tables) == []
    assert records.contradictions({}) == []


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("seats", "3 registrations hold a seat, 2 seats are taken"),
        ("registrations", "registration 10: 1 times the lock of its address, not 0"),
        ("addresses", "registration 10: 0 times the lock of its address, not 1"),
        ("waiting", "registration 13: 0 times a place in the queue, not 1"),
    ],
)
def test_a_record_that_is_missing_is_told(tables: Tables, table: str, said: str) -> None:
    del tables[table][0]
    if table == "seats":
        tables["seats"].append(row(seat="1.2#0", capacity=2, left=1))
    assert said in "\n".join(records.contradictions(tables))


def test_an_image_that_is_lost_is_owed_again(tables: Tables) -> None:
    before = tables["registrations"]
    after = list(records.owing_lost_images(before, {"passes/11/3.png"}, NOW))
    owed = {"pass_done": {"N": "0"}, "due_shard": {"S": "d#10"}, "due_at": {"N": str(NOW)}}
    assert after[0] == before[0] | owed
    assert after[1:] == before[1:]  # is there; erased; waiting; cancelled


def test_an_image_that_was_never_made_stays_owed_as_it_was(tables: Tables) -> None:
    not_yet = registration(15, "confirmed", pass_done=0)
    assert list(records.owing_lost_images([not_yet], set(), NOW)) == [not_yet]


def test_binary_values_are_read() -> None:
    assert archive._with_bytes({"B": "aGk="}) == {"B": b"hi"}
    assert archive._with_bytes({"B": {"S": "named B"}}) == {"B": {"S": "named B"}}
