"""What deploying has put on the base stack, taken away; the base and all data stay."""

from __future__ import annotations

from deploy import base, inventory, sources, stacks, zappa_cli
from deploy.live import Live
from deploy.progress import say


def undeploy(live: Live) -> None:
    """Take the edge, the API, the function and all that starts it away, as far as they are there.
    Raises StackFailed."""
    formation = live.aws.client("cloudformation")
    stacks.delete(formation, live.edge_stack)
    if live.function():
        _zappa(live)
    stacks.delete(formation, live.name)
    _unschedule(live)
    _unsubscribe(live)
    _unnotify(live)
    if live.function():
        say(f"Deleting the function {live.name}")
        live.aws.client("lambda").delete_function(FunctionName=live.name)


def _zappa(live: Live) -> None:
    """Zappa's own way; what it leaves is taken away afterwards, also when it breaks off. It never
    gets --remove-logs: the log group is the base stack's."""
    base.adopt(live.account)  # or it would look for the sources of another account
    say(f"zappa undeploy {live.stage}")
    if not zappa_cli.run("undeploy", live.stage, "--yes"):
        say("Zappa broke off: what it left is looked for now")


def _unschedule(live: Live) -> None:
    events = live.aws.client("events")
    for rule in inventory.rules(live):
        say(f"Deleting the rule {rule}")
        targets = [target["Id"] for target in events.list_targets_by_rule(Rule=rule)["Targets"]]
        if targets:
            events.remove_targets(Rule=rule, Ids=targets)
        events.delete_rule(Name=rule)


def _unsubscribe(live: Live) -> None:
    sns = live.aws.client("sns")
    try:
        found = sources.subscriptions(sns, live.topic_arn, live.function_arn)
    except sns.exceptions.NotFoundException:  # the topic has gone, and its subscriptions with it
        return
    for own in found.values():
        say(f"Deleting the subscription {own}")
        sns.unsubscribe(SubscriptionArn=own)


def _unnotify(live: Live) -> None:
    """Uploads start nothing any more; whatever else the bucket tells others of stays."""
    s3, bucket = live.aws.client("s3"), live.bucket("uploads")
    if bucket not in inventory.buckets(live):
        return
    told = s3.get_bucket_notification_configuration(Bucket=bucket)
    told.pop("ResponseMetadata")
    ours = sources.notifications(s3, bucket, live.function_arn)
    if ours:
        say(f"Deleting the notification of {bucket}")
        others = [one for one in told["LambdaFunctionConfigurations"] if one not in ours]
        s3.put_bucket_notification_configuration(
            Bucket=bucket,
            NotificationConfiguration={**told, "LambdaFunctionConfigurations": others},
        )
