"""Plain updates beside transactions: DynamoDB refuses them, and they are tried again."""

from __future__ import annotations

import pytest

from app.aws.access import Access
from app.conferences import service as conferences
from app.conferences.rules import Conference
from app.registrations import finding
from tests import cast
from tests.cast import KIM
from tests.faults import faults
from tests.faults.injector import Injector

SHARE = 0.6


@pytest.fixture
def conflicts(injector: Injector, conference: Conference) -> Conference:
    """A conference whose records are in others' transactions most of the time."""
    cast.sign_up(conference, KIM)
    injector.inject(*faults.conflicting(SHARE))
    return conference


def test_ticket_types_are_numbered(conflicts: Conference) -> None:
    number = conflicts.conference_id
    added = [
        conferences.add_ticket_type(number, cast.ticket_type("발표", "Speaker", 3))
        for _ in range(5)
    ]
    assert [one.type_id for one in added] == [3, 4, 5, 6, 7]


def test_a_request_for_links_counts_once(conflicts: Conference) -> None:
    for _ in range(finding.MAILS_AN_HOUR):
        finding.ask(KIM.email, "ko")
    requests = [finding.claim(row.key) for row in Access.by_conference.query(finding.REQUESTS)]
    found = [finding.registrations_to_mail(one) for one in requests if one]
    assert [len(one) for one in found] == [1] * finding.MAILS_AN_HOUR


def test_a_request_that_another_has_answered_does_not_come_back(conference: Conference) -> None:
    cast.sign_up(conference, KIM)
    finding.ask(KIM.email, "ko")
    [row] = Access.by_conference.query(finding.REQUESTS)
    request = finding.claim(row.key)
    assert request
    finding.answered(request)
    assert finding.registrations_to_mail(request) == []
    assert list(Access.by_conference.query(finding.REQUESTS)) == []
    assert [one.key for one in Access.scan() if one.key == row.key] == []
