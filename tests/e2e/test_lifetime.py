"""The life of a stage: updates, a version taken back, a deployment that broke off, the end."""

from __future__ import annotations

from pathlib import Path

from tests.cast import ADA, KIM
from tests.e2e.site import Site, image_of, sign_up, soon, standing

UPDATES = 10


def test_ten_updates_leave_what_one_leaves(site: Site) -> None:
    """Zappa adds to what is there with each: in the end there is as much as in the beginning. Eight
    of them bring the same package, which saves making it."""
    path = sign_up(site)
    image, before = soon(lambda: image_of(site, path)), standing(site)
    people = site.run("registration", "list", "garam")
    site.operate("deploy")
    assert standing(site) == before
    package = _package(site)
    for _ in range(UPDATES - 2):
        site.checkout.python("zappa.cli", "update", "dev", "--zip", str(package))
    assert standing(site) != before
    site.operate("deploy", "--code-only")
    assert standing(site) == before
    assert (len(before["rules"]), len(before["subscriptions"])) == (2, 1)
    assert site.run("registration", "list", "garam") == people
    assert image_of(site, path) == image
    path = sign_up(site, ADA)
    assert soon(lambda: image_of(site, path))


def _package(site: Site) -> Path:
    site.checkout.python("deploy.package", "dev")
    (package,) = (site.checkout.folder / "build" / "package").glob("lanyard-dev-*.zip")
    return package


def test_a_stage_that_stands_tells_how_it_is(site: Site) -> None:
    printed = site.operate("status")
    assert f"{site.name}, version " in printed
    assert "make deploy" not in printed


def test_a_command_answers_and_the_logs_tell_of_its_run_without_what_it_said(site: Site) -> None:
    assert KIM.name in site.operate("invoke", "registration", "list", "garam", "--json")
    site.get("/readyz")
    logs = soon(lambda: _logs_of(site, "route=/readyz status=200"))
    assert KIM.name not in logs
    assert KIM.email not in logs


def _logs_of(site: Site, words: str) -> str | None:
    logs = site.operate("logs", "--since", "1h")
    return logs if words in logs else None


def test_the_version_before_comes_back(site: Site) -> None:
    page = site.checkout.folder / "templates" / "conferences" / "home.html"
    page.write_text(page.read_text(encoding="utf-8") + "{# other code #}", encoding="utf-8")
    before = _running(site)
    site.operate("deploy", "--code-only")
    assert _running(site) != before
    site.operate("rollback")
    assert _running(site) == before
    assert KIM.name in str(site.run("registration", "list", "garam"))


def _running(site: Site) -> str:
    """The hash of the code that runs."""
    found = site.root.client("lambda").get_function_configuration(FunctionName=site.name)
    return str(found["CodeSha256"])


def test_a_deployment_that_broke_off_is_resumed(site: Site) -> None:
    """Zappa makes the function first, then its API; it would refuse to deploy again."""
    site.root.client("cloudformation").delete_stack(StackName=site.name)
    site.operate("deploy")
    assert "Garam Developer Conference" in site.get("/c/garam?lang=en").text
    assert len(standing(site)["subscriptions"]) == 1


def test_who_destroys_a_stage_keeps_the_data(site: Site) -> None:
    printed = site.operate("destroy")
    assert "Kept" in printed
    assert site.root.client("lambda").list_functions()["Functions"] == []
    assert site.root.client("apigatewayv2").get_apis()["Items"] == []
    site.operate("deploy")
    assert KIM.name in str(site.run("registration", "list", "garam"))


def test_nothing_is_left_of_a_stage_that_is_destroyed_with_its_data(site: Site) -> None:
    site.operate("destroy", "--data", "yes", "--confirm", "dev")
    root = site.root
    assert root.client("dynamodb").list_tables()["TableNames"] == []
    assert root.client("s3").list_buckets()["Buckets"] == []
    assert root.client("sns").list_topics()["Topics"] == []
    assert root.client("sqs").list_queues().get("QueueUrls", []) == []
    assert root.client("iam").list_roles()["Roles"] == []
    assert root.client("logs").describe_log_groups()["logGroups"] == []
    assert root.client("ssm").describe_parameters()["Parameters"] == []
    assert root.client("events").list_rules()["Rules"] == []
    assert root.client("cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert root.client("cloudfront").list_distributions()["DistributionList"]["Quantity"] == 0
    stacks = root.client("cloudformation").describe_stacks()["Stacks"]
    assert [stack["StackName"] for stack in stacks] == ["lanyard-deployer"]
