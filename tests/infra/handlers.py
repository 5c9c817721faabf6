"""What CloudFormation does in the name of whoever creates, updates or deletes a stack, by type of
resource: no emulator asks for it, AWS does.

The actions are those that the handlers in AWS's resource schemas name (CloudFormation registry,
"permissions"), as far as our properties come to them; for the few types without a schema, those of
the calls in AWS's reference of the service. `{...}` in a name is a property of the resource.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tests.infra.policies import Need, many
from tests.infra.template import ACCOUNT, REGION

ANY = "*"  # AWS knows no name there, or draws one


class Handler(NamedTuple):
    """Actions, of one service, and what they are asked about."""

    service: str
    resource: str
    actions: str


def _named(service: str, path: str, region: str = REGION, account: str = ACCOUNT) -> str:
    return f"arn:aws:{service}:{region}:{account}:{path}"


HANDLERS: Mapping[str, tuple[Handler, ...]] = {
    "AWS::DynamoDB::Table": (
        Handler(
            "dynamodb",
            _named("dynamodb", "table/{TableName}"),
            "CreateTable DescribeTable UpdateTable DeleteTable DescribeTimeToLive UpdateTimeToLive"
            " DescribeContinuousBackups UpdateContinuousBackups DescribeContributorInsights"
            " DescribeKinesisStreamingDestination GetResourcePolicy ListTagsOfResource TagResource"
            " UntagResource",
        ),
    ),
    "AWS::S3::Bucket": (
        Handler(
            "s3",
            "arn:aws:s3:::{BucketName}",
            "CreateBucket DeleteBucket ListBucket GetBucketTagging PutBucketTagging"
            " GetEncryptionConfiguration PutEncryptionConfiguration GetLifecycleConfiguration"
            " PutLifecycleConfiguration GetBucketOwnershipControls PutBucketOwnershipControls"
            " GetBucketPublicAccessBlock PutBucketPublicAccessBlock GetBucketVersioning"
            " PutBucketVersioning GetBucketWebsite PutBucketWebsite DeleteBucketWebsite",
        ),
    ),
    "AWS::S3::BucketPolicy": (
        Handler(
            "s3", "arn:aws:s3:::{Bucket}", "GetBucketPolicy PutBucketPolicy DeleteBucketPolicy"
        ),
    ),
    "AWS::SNS::Topic": (
        Handler(
            "sns",
            _named("sns", "{TopicName}"),
            "CreateTopic DeleteTopic GetTopicAttributes SetTopicAttributes Subscribe"
            " GetDataProtectionPolicy ListSubscriptionsByTopic ListTagsForResource TagResource"
            " UntagResource",
        ),
    ),
    "AWS::SNS::TopicPolicy": (Handler("sns", "{Topics}", "GetTopicAttributes SetTopicAttributes"),),
    "AWS::SNS::Subscription": (
        Handler("sns", "{TopicArn}", "Subscribe ListSubscriptionsByTopic"),
        Handler("sns", ANY, "GetSubscriptionAttributes SetSubscriptionAttributes Unsubscribe"),
    ),
    "AWS::SQS::Queue": (
        Handler(
            "sqs",
            _named("sqs", "{QueueName}"),
            "CreateQueue DeleteQueue GetQueueUrl GetQueueAttributes SetQueueAttributes"
            " ListQueueTags TagQueue UntagQueue",
        ),
    ),
    "AWS::SQS::QueuePolicy": (
        Handler("sqs", _named("sqs", "lanyard-any"), "GetQueueAttributes SetQueueAttributes"),
    ),
    "AWS::Logs::LogGroup": (
        Handler(
            "logs",
            _named("logs", "log-group:{LogGroupName}"),
            "CreateLogGroup DeleteLogGroup PutRetentionPolicy DeleteRetentionPolicy"
            " GetDataProtectionPolicy DescribeIndexPolicies ListTagsForResource TagResource"
            " UntagResource",
        ),
        Handler("logs", ANY, "DescribeLogGroups DescribeResourcePolicies"),
    ),
    "AWS::SES::EmailIdentity": (
        Handler(
            "ses",
            _named("ses", "identity/{EmailIdentity}"),
            "CreateEmailIdentity GetEmailIdentity DeleteEmailIdentity ListTagsForResource"
            " TagResource UntagResource",
        ),
    ),
    "AWS::IAM::Role": (
        Handler(
            "iam",
            _named("iam", "role/{RoleName}", region=""),
            "CreateRole GetRole UpdateRole UpdateRoleDescription UpdateAssumeRolePolicy DeleteRole"
            " PutRolePolicy GetRolePolicy DeleteRolePolicy ListRolePolicies"
            " ListAttachedRolePolicies TagRole UntagRole",
        ),
    ),
    "AWS::CloudFront::Distribution": (
        Handler(
            "cloudfront",
            ANY,
            "CreateDistribution GetDistribution GetDistributionConfig UpdateDistribution"
            " DeleteDistribution ListTagsForResource TagResource UntagResource",
        ),
    ),
    "AWS::CloudFront::OriginAccessControl": (
        Handler(
            "cloudfront",
            ANY,
            "CreateOriginAccessControl GetOriginAccessControl UpdateOriginAccessControl"
            " DeleteOriginAccessControl",
        ),
    ),
    "AWS::CloudFront::CachePolicy": (
        Handler(
            "cloudfront",
            ANY,
            "CreateCachePolicy GetCachePolicy UpdateCachePolicy DeleteCachePolicy",
        ),
    ),
    "AWS::CloudFront::ResponseHeadersPolicy": (
        Handler(
            "cloudfront",
            ANY,
            "CreateResponseHeadersPolicy GetResponseHeadersPolicy UpdateResponseHeadersPolicy"
            " DeleteResponseHeadersPolicy",
        ),
    ),
    "AWS::CloudFront::Function": (
        Handler("cloudfront", ANY, "CreateFunction"),
        Handler(
            "cloudfront",
            _named("cloudfront", "function/{Name}", region=""),
            "DescribeFunction GetFunction UpdateFunction PublishFunction DeleteFunction",
        ),
    ),
    "AWS::CloudWatch::Alarm": (
        Handler(
            "cloudwatch",
            _named("cloudwatch", "alarm:{AlarmName}"),
            "PutMetricAlarm DeleteAlarms DescribeAlarms ListTagsForResource TagResource"
            " UntagResource",
        ),
    ),
    "AWS::Route53::RecordSet": (
        Handler(
            "route53",
            _named("route53", "hostedzone/{HostedZoneId}", region="", account=""),
            "ChangeResourceRecordSets GetHostedZone ListResourceRecordSets",
        ),
        Handler("route53", ANY, "GetChange"),
    ),
    "AWS::Budgets::Budget": (
        Handler(
            "budgets", _named("budgets", "budget/lanyard", region=""), "ModifyBudget ViewBudget"
        ),
    ),
    # What is in the stack that Zappa makes.
    "AWS::ApiGatewayV2::Api": (
        Handler("apigateway", _named("apigateway", "/apis", account=""), "POST GET"),
        Handler("apigateway", _named("apigateway", "/apis/abc/stages/dev", account=""),
                "GET POST PUT PATCH DELETE"),
        Handler("apigateway", _named("apigateway", "/tags/arn", account=""), "GET POST PUT DELETE"),
    ),
    "AWS::ApiGateway::RestApi": (
        Handler("apigateway", _named("apigateway", "/restapis", account=""), "POST GET"),
        Handler("apigateway", _named("apigateway", "/restapis/abc/stages/dev", account=""),
                "GET POST PUT PATCH DELETE"),
    ),
    "AWS::Lambda::Permission": (
        Handler(
            "lambda",
            _named("lambda", "function:lanyard-prod"),
            "AddPermission RemovePermission GetPolicy",
        ),
    ),
}  # fmt: skip


def needs(resource: Mapping[str, Any]) -> Iterator[Need]:
    """Everything that has to be allowed to whoever has this resource (of a template that is worked
    out) made, changed and deleted; KeyError for a type that is not known here."""
    properties = resource["Properties"]
    for handler in HANDLERS[resource["Type"]]:
        named = {key: many(one)[0] for key, one in properties.items() if one}
        arn = handler.resource.format(**named)
        for action in handler.actions.split():
            yield Need(f"{handler.service}:{action}", arn, {})
