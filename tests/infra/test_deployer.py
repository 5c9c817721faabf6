"""infra/deployer.yaml: who has its two policies can deploy, and nothing beside."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.infra import handlers, template
from tests.infra.policies import Grant, Need, grants
from tests.infra.template import ACCOUNT, REGION, Worked

DEPLOYER = Worked("deployer")
POLICIES = {
    name: one["Properties"]["PolicyDocument"]
    for name, one in DEPLOYER.resources("AWS::IAM::ManagedPolicy").items()
}
GRANTED = grants({"Policies": [{"PolicyDocument": one} for one in POLICIES.values()]})
STACKS = (
    template.base(MailIdentity="example.com"),
    template.edge(
        DomainName="register.example.com",
        CertificateArn=f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/1",
        HostedZoneId="Z1",
        OperatorMail="operator@example.com",
    ),
    Worked("budget", OperatorMail="operator@example.com"),
)
# What Zappa and our own commands ask AWS for themselves: seen in tests/e2e, where IAM is in force.
CALLS = {
    "cloudformation": "CreateStack UpdateStack DeleteStack DescribeStacks DescribeStackEvents"
    " DescribeStackResource ListStackResources TagResource UntagResource",
    "cloudwatch": "GetMetricStatistics",
    "dynamodb": "ListTables",
    "events": "ListRules ListRuleNamesByTarget PutRule DescribeRule DeleteRule PutTargets"
    " RemoveTargets ListTargetsByRule",
    "iam": "PassRole",
    "lambda": "CreateFunction DeleteFunction GetFunction GetFunctionConfiguration"
    " UpdateFunctionCode UpdateFunctionConfiguration PutFunctionConcurrency"
    " DeleteFunctionConcurrency ListAliases ListVersionsByFunction PublishVersion InvokeFunction"
    # for a stage with SnapStart
    " GetAlias CreateAlias UpdateAlias"
    " GetAccountSettings ListTags TagResource UntagResource",
    # of which CreateLogDelivery to PutResourcePolicy are what an HTTP API's access log needs
    "logs": "FilterLogEvents GetLogEvents DescribeLogStreams CreateLogDelivery GetLogDelivery"
    " UpdateLogDelivery DeleteLogDelivery ListLogDeliveries PutResourcePolicy",
    "s3": "ListAllMyBuckets GetBucketLocation ListBucketVersions ListBucketMultipartUploads"
    " GetBucketNotification PutBucketNotification GetObject PutObject AbortMultipartUpload"
    " DeleteObject DeleteObjectVersion",
    "ses": "GetAccount",
    "sns": "ListTopics",
    "sqs": "ListQueues",
    "ssm": "GetParameter PutParameter DescribeParameters DeleteParameter",
}
BACKUPS = f"arn:aws:s3:::lanyard-{ACCOUNT}-backups"
PARAMETERS = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/lanyard"
NEEDED = [
    need for stack in STACKS for one in stack.resources().values() for need in handlers.needs(one)
]
OF_ZAPPA = [
    need
    for kind in ("AWS::ApiGatewayV2::Api", "AWS::ApiGateway::RestApi", "AWS::Lambda::Permission")
    for need in handlers.needs({"Type": kind, "Properties": {}})
]


def is_allowed(need: Need) -> bool:
    return any(grant.covers(need) for grant in GRANTED)


def need(action: str, resource: str, **context: str) -> Need:
    return Need(action, resource, context)


@pytest.mark.parametrize("stack", STACKS, ids=["base", "edge", "budget"])
def test_all_that_the_stacks_are_made_of_can_be_made_and_deleted(stack: Worked) -> None:
    asked = [need for one in stack.resources().values() for need in handlers.needs(one)]
    assert [f"{one.action} {one.resource}" for one in asked if not is_allowed(one)] == []


def test_what_zappa_makes_can_be_made_and_deleted() -> None:
    assert [one for one in OF_ZAPPA if not is_allowed(one)] == []


def test_nothing_is_allowed_that_nobody_needs() -> None:
    called = {f"{service}:{name}" for service, names in CALLS.items() for name in names.split()}
    granted = {grant.action for grant in GRANTED}
    assert granted == called | {one.action for one in [*NEEDED, *OF_ZAPPA]}


def test_what_has_a_name_is_of_ours() -> None:
    def is_ours(grant: Grant) -> bool:
        return "lanyard" in grant.resource or "app.entrypoints.schedule" in grant.resource

    open_to_all = {grant.action.partition(":")[0] for grant in GRANTED if not is_ours(grant)}
    # of these AWS knows no names, or only such as it draws itself
    assert open_to_all == {
        "apigateway", "cloudfront", "cloudwatch", "dynamodb", "events", "lambda", "logs",
        "route53", "s3", "ses", "sns", "sqs", "ssm",
    }  # fmt: skip
    written = {
        grant.action
        for grant in GRANTED
        if not is_ours(grant)
        and not grant.action.partition(":")[2].startswith(("Get", "List", "Describe", "GET"))
    }
    assert {action.partition(":")[0] for action in written} == {
        "apigateway", "cloudfront", "logs", "route53", "ses", "sns",
    }  # fmt: skip


@pytest.mark.parametrize(
    "refused",
    [
        need("dynamodb:GetItem", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/lanyard-prod-slugs"),
        need("dynamodb:DeleteTable", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/others"),
        need("s3:GetObject", f"arn:aws:s3:::lanyard-prod-derived-{ACCOUNT}/passes/1.png"),
        need("s3:DeleteObject", "arn:aws:s3:::others/file"),
        need("s3:PutBucketPolicy", BACKUPS),
        need("s3:PutLifecycleConfiguration", BACKUPS),
        need("s3:DeleteBucket", BACKUPS),
        need("ssm:GetParameter", f"{PARAMETERS}/prod/link-key"),
        need("ssm:GetParametersByPath", f"{PARAMETERS}/prod"),
        need("iam:PutRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/others"),
        need("iam:PutUserPolicy", f"arn:aws:iam::{ACCOUNT}:user/lanyard-me"),
        need("iam:AttachRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/lanyard-prod"),
        need("lambda:InvokeFunction", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:others"),
        need("sns:Publish", f"arn:aws:sns:{REGION}:{ACCOUNT}:lanyard-prod-messages"),
    ],
    ids=lambda need: f"{need.action} {need.resource.rpartition(':')[2]}",
)
def test_other_things_and_peoples_data_are_not_theirs(refused: Need) -> None:
    assert not is_allowed(refused)


@pytest.mark.parametrize("service", ["lambda", "events", "apigateway"])
def test_the_role_is_given_to_what_runs_the_function_alone(service: str) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/lanyard-prod"
    given = {"iam:PassedToService": f"{service}.amazonaws.com"}
    assert is_allowed(Need("iam:PassRole", role, given))
    assert not is_allowed(need("iam:PassRole", role))
    assert not is_allowed(Need("iam:PassRole", role.replace("lanyard", "other"), given))
    elsewhere = {"iam:PassedToService": "ec2.amazonaws.com"}
    assert not is_allowed(Need("iam:PassRole", role, elsewhere))


@pytest.mark.parametrize("document", POLICIES.values(), ids=list(POLICIES))
def test_a_policy_is_no_larger_than_aws_takes(document: dict[str, Any]) -> None:
    """6,144 characters without blanks; partitions and regions with long names need some more."""
    assert len(json.dumps(document, separators=(",", ":"))) < 5_800


def test_no_action_has_a_star() -> None:
    assert [grant for grant in GRANTED if "*" in grant.action] == []


def test_all_templates_are_looked_at() -> None:
    """A new one is what a deployer makes, too: put it into STACKS. The archive is a keeper's."""
    known = {"base", "edge", "budget", "backups", "deployer", "keeper"}
    assert {path.stem for path in template.FOLDER.glob("*.yaml")} == known
