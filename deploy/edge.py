"""What stands in front of the API: the edge stack, and what the function is told of it."""

from __future__ import annotations

import secrets

from deploy import stacks
from deploy.folders import ROOT
from deploy.live import Live
from deploy.progress import say
from deploy.stacks import StackFailed

TEMPLATE = ROOT / "infra" / "edge.yaml"
SECRET = "front-secret"  # noqa: S105  its name
# What AWS says to a new account that wants a distribution.
NOT_YET = "account must be verified"


def prepare(live: Live) -> dict[str, str]:
    """Create or update the edge stack; its outputs, of which CloudFront's are missing where the
    operator wants none, or AWS allows none yet. Raises StackFailed, NotThere."""
    try:
        return _stand(live, cloudfront=live.choices["cloudfront"])
    except StackFailed as failed:
        if NOT_YET not in str(failed):
            raise
        say(f"{failed}\nUntil then, the site works at the API's address")
        return _stand(live, cloudfront=False)


def _stand(live: Live, *, cloudfront: bool) -> dict[str, str]:
    formation, name = live.aws.client("cloudformation"), live.edge_stack
    stacks.ensure(formation, name, TEMPLATE, _given(live, cloudfront=cloudfront))
    return stacks.outputs(formation, name)


def _given(live: Live, *, cloudfront: bool) -> dict[str, str]:
    host, port, path = live.api_origin()
    choices = live.choices
    return {
        "Stage": live.stage,
        "Api": live.settings["apigateway_version"],
        "ApiId": live.require_api(),
        "ApiDomain": host,
        "ApiPort": str(port),
        "ApiPath": path,
        "FrontSecret": front_secret(live),
        "CloudFront": "yes" if cloudfront else "no",
        "OperatorMail": choices["operator_mail"],
        "DomainName": choices["domain_name"],
        "CertificateArn": choices["certificate_arn"],
        "HostedZoneId": choices["hosted_zone_id"],
    }


def front_secret(live: Live) -> str:
    """What the distribution says to the function, made once and kept in SSM."""
    ssm, name = live.aws.client("ssm"), f"/lanyard/{live.stage}/{SECRET}"
    try:
        return str(ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])
    except ssm.exceptions.ParameterNotFound:
        made = secrets.token_urlsafe(32)
        ssm.put_parameter(Name=name, Value=made, Type="SecureString", Overwrite=False)
        return made


def introduce(live: Live) -> None:
    """Tell a new function its only address so far, the API's. Raises NotThere."""
    if "PUBLIC_URL" not in variables(live):
        tell(live, PUBLIC_URL=live.api_address())


def tell(live: Live, **told: str) -> None:
    """Give the function these environment variables beside those that it has; Zappa keeps what
    its settings do not name."""
    had = variables(live)
    if had | told == had:
        return
    say(f"Telling the function its {', '.join(told)}")
    live.aws.client("lambda").update_function_configuration(
        FunctionName=live.name, Environment={"Variables": had | told}
    )
    live.wait()


def variables(live: Live) -> dict[str, str]:
    """The function's environment variables, without those in its package."""
    functions = live.aws.client("lambda")
    found = functions.get_function_configuration(FunctionName=live.name)
    return dict(found.get("Environment", {}).get("Variables", {}))
