"""The role in infra/base.yaml against the calls that the app makes: all are allowed, and nothing
is that none of them needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from app import config
from app.aws import clients, objects, parameters, tables
from app.conferences import service as conferences
from app.conferences.models import SeatItem, counter_key
from app.conferences.rules import Asked
from app.core import clock, messages
from app.core.clock import HOUR, MINUTE, now_ms
from app.entrypoints import dead_letters, schedule, site, sns, uploads
from app.local import demo
from app.registrations import locks, models, records, recount
from app.registrations import service as registrations
from app.registrations.models import Registration, WaitingPlace
from tests import cast
from tests.cast import fresh
from tests.entrypoints.test_sns import confirmed, event
from tests.infra import template
from tests.infra.calls import needs
from tests.infra.policies import Need, grants
from tests.pages import PageClient

ROLE = template.base("local").properties("Role")
GRANTED = grants(ROLE)
# What ends in a star, and why no name can stand there.
OPEN = {
    "s3:GetObject": "objects are named as they are made: only their prefix is known",
    "s3:PutObject": "likewise",
    "s3:DeleteObject": "likewise",
    "ssm:GetParameter": "a key for each conference, under the stage's own path",
    "ssm:PutParameter": "likewise, and never over another",
    "ses:SendRawEmail": "SES's sandbox asks the recipients' identities too; the sender is fixed",
    "ses:GetSendQuota": "it is the account's, and can be allowed for everything only",
    "logs:CreateLogStream": "streams are named by Lambda, in the function's own group",
    "logs:PutLogEvents": "likewise",
}
# What Lambda itself does in the role's name.
LAMBDAS_OWN = {"logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage"}
UPLOAD = "uploads/garam/logo/a+b 가.png"


@pytest.fixture
def needed(app: object, cloud: object) -> Iterator[list[Need]]:
    """Everything that the calls to AWS from now on need to be allowed. A logo was uploaded, and
    each queue of dead letters holds one."""
    recorded: list[Need] = []

    def record(params: dict[str, Any], model: Any, **_: Any) -> None:
        recorded.extend(needs(model.service_model.service_name, model.name, params))

    logo = demo.LOGO.read_bytes()
    objects.put(config.settings.uploads_bucket, UPLOAD, logo, "application/octet-stream")
    for name in config.settings.dead_letter_queues:
        queue = clients.client("sqs").create_queue(QueueName=name)
        clients.client("sqs").send_message(QueueUrl=queue["QueueUrl"], MessageBody="{}")
    _forget()
    clients.session().register("before-parameter-build", record)
    yield recorded
    _forget()


def _forget() -> None:
    clients.forget_clients()
    tables.forget_connections()
    parameters.secret.cache_clear()


def test_the_app_may_do_all_that_it_does_and_nothing_else(
    needed: list[Need], client: PageClient
) -> None:
    _organise(client)
    with client.application.app_context():
        assert "index.html" in site.publish()
    _sign_up_and_change(client)
    _wait(client)
    _find(client)
    _let_time_pass()
    assert sum(dead_letters.waiting().values()) == dead_letters.replay().handled == 2
    refused = {(one.action, one.resource) for one in needed if not _allowed(one)}
    assert refused == set(), "infra/base.yaml does not allow what the app does"
    used = {grant for grant in GRANTED if any(grant.covers(one) for one in needed)}
    spare = {grant for grant in set(GRANTED) - used if grant.action not in LAMBDAS_OWN}
    assert spare == set(), "infra/base.yaml allows what the app does not do"


@pytest.mark.parametrize(
    ("service", "operation", "params"),
    [
        ("dynamodb", "DeleteItem", {"TableName": "lanyard-local-registrations"}),
        ("dynamodb", "Scan", {"TableName": "lanyard-local-registrations"}),
        ("dynamodb", "GetItem", {"TableName": "lanyard-prod-slugs"}),
        ("s3", "GetObject", {"Bucket": "lanyard-prod-derived-000000000000", "Key": "passes/1"}),
        ("s3", "PutObject", {"Bucket": config.settings.uploads_bucket, "Key": "uploads/x"}),
        ("s3", "DeleteObject", {"Bucket": config.settings.site_bucket, "Key": "index.html"}),
        ("sns", "Publish", {"TopicArn": config.settings.topic_arn.replace("local", "prod")}),
        ("ses", "SendRawEmail", {"Source": "somebody@example.com"}),
        ("ssm", "GetParameter", {"Name": "/lanyard/prod/link-key"}),
        ("ssm", "PutParameter", {"Name": "/lanyard/local/link-key", "Overwrite": True}),
    ],
)
def test_what_is_not_the_apps_is_refused(
    service: str, operation: str, params: dict[str, Any]
) -> None:
    assert not all(_allowed(need) for need in needs(service, operation, params))


def test_a_star_stands_only_where_there_is_no_name() -> None:
    starred = {grant.action for grant in GRANTED if "*" in grant.resource}
    assert starred == set(OPEN)
    assert {one.action for one in GRANTED if one.resource == "*"} == {"ses:GetSendQuota"}
    assert not [one for one in GRANTED if "*" in one.action]


def test_mail_goes_out_in_the_name_of_one_sender() -> None:
    assert [one.equal for one in GRANTED if one.action == "ses:SendRawEmail"] == [
        (("ses:FromAddress", "lanyard@example.com"),)
    ]


def test_secrets_are_never_overwritten() -> None:
    assert [one.unequal for one in GRANTED if one.action == "ssm:PutParameter"] == [
        (("ssm:Overwrite", "true"),)
    ]


@pytest.mark.parametrize(
    ("api", "services"),
    [
        ("v2", ["lambda.amazonaws.com", "events.amazonaws.com"]),
        ("v1", ["lambda.amazonaws.com", "events.amazonaws.com", "apigateway.amazonaws.com"]),
    ],
)
def test_services_alone_work_in_the_roles_name(api: str, services: list[str]) -> None:
    role = template.base(Api=api).properties("Role")
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": services}
    calling = [one for one in grants(role) if one.action == "lambda:InvokeFunction"]
    assert [one.resource.rpartition(":")[2] for one in calling] == (
        ["lanyard-prod"] if api == "v1" else []
    )


def _allowed(need: Need) -> bool:
    return any(grant.covers(need) for grant in GRANTED)


def _organise(client: PageClient) -> None:
    made = cast.make_conference()
    conferences.change(made.conference_id, phone=Asked.OPTIONAL, sign_ups_a_second=1_000)
    conferences.change(made.conference_id, starts_at=made.starts_at + HOUR)
    conferences.change_capacity(made.conference_id, 1, 50)
    conferences.change_capacity(made.conference_id, 1, 20)
    conferences.add_ticket_type(made.conference_id, cast.ticket_type("발표", "Speaker", 3))
    file = {"key": UPLOAD.replace(" ", "%20").replace("+", "%2B"), "size": 1}
    uploads.handle({"Records": [{"s3": {"object": file}}]}, None)
    logo = conferences.by_slug("garam").logo
    assert client.get(f"/media/{logo}.png").status_code == 200
    assert client.get("/readyz").status_code == 200
    assert client.get("/").status_code == 200


def _sign_up_and_change(client: PageClient) -> None:
    answer = client.send("/c/garam/register", **cast.form(cast.KIM))
    address = answer.headers["Location"].partition("?")[0]
    again = client.send("/c/garam/register", **cast.form(cast.KIM, name="Somebody Else"))
    assert again.status_code == 409
    [kim] = registrations.of_address(cast.KIM.email)
    sns.handle(confirmed(kim), None)
    assert client.get(f"{address}/pass.png").status_code == 200
    assert client.get("/my").status_code == 200
    client.send(f"{address}/edit", **cast.form(cast.KIM, email="kim@example.com"))
    _tell(messages.REGISTRATION_CHANGED, kim)
    registrations.reissue(fresh(kim))
    registrations.cancel(fresh(kim))
    _tell(messages.REGISTRATION_CANCELLED, kim)


def _wait(client: PageClient) -> None:
    conference = conferences.by_slug("garam")
    first, second, third, fourth = (
        cast.sign_up(conference, cast.person(number), 2) for number in range(4)
    )
    sns.handle(confirmed(second), None)
    assert client.get("/c/garam").status_code == 200
    registrations.cancel(fourth)
    registrations.cancel(first)
    _tell(messages.REGISTRATION_CONFIRMED, third)


def _find(client: PageClient) -> None:
    for number in (1, 2):
        sent = client.send("/my/find", email=cast.person(number).email)
        assert sent.status_code == 200


def _let_time_pass() -> None:
    later = now_ms() + HOUR // 2
    clock.set_source(lambda: later)
    assert schedule.every_five_minutes({}, None)["links"] == 2
    _mend()
    over = conferences.by_slug("garam").erased_at
    clock.set_source(lambda: over)
    assert schedule.every_hour({}, None)["erased"] > 0


def _mend() -> None:
    """A seat is lost, and a place in line and an address are kept for nobody."""
    conference = conferences.by_slug("garam")
    number = conference.conference_id
    SeatItem(counter_key(number, 1, 0)).update(actions=[SeatItem.left.add(-1)])
    assert [one.certain for one in recount.findings(number)] == [False]
    later = now_ms() + MINUTE
    clock.set_source(lambda: later)
    [gone] = (one for one in records.listed(conference) if one.email == "kim@example.com")
    waiting_row = WaitingPlace(models.queue_key(number, 2, 99), 99, registration_id=1)
    waiting_row.save()
    left = fresh(gone)
    locks.lock(left, registrations.person_of(left), "x").record.save()
    found = list(recount.findings(number))
    assert [recount.is_so(one) for one in found] == [True] * 3
    assert schedule.every_hour({}, None) == {"mended": 3, "erased": 0}


def _tell(type_: str, registration: Registration) -> None:
    sns.handle(event(type_, registration_id=int(registration.registration_id)), None)
