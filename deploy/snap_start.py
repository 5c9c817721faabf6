"""Lambda's SnapStart, where a stage chooses it (`snap_start`): the API asks a published version, by
Zappa's alias, and not the function as it is now."""

from __future__ import annotations

from deploy.live import Live

ALIAS = "snapstart"  # Zappa's name for it


def is_chosen(live: Live) -> bool:
    """Whether the stage wants it, as Zappa understands that."""
    return str(live.settings.get("snap_start", "None")) != "None"


def settle(live: Live) -> list[str]:
    """See that the API asks the function as it is now: Zappa's version knows nothing of what the
    function was told after it. What was found, in lines; none where SnapStart is not chosen."""
    if not is_chosen(live):
        return []
    functions = live.aws.client("lambda")
    version = functions.publish_version(FunctionName=live.name)["Version"]  # the last, if it is so
    functions.get_waiter("published_version_active").wait(FunctionName=live.name, Qualifier=version)
    functions.update_alias(FunctionName=live.name, Name=ALIAS, FunctionVersion=version)
    return [f"SnapStart: the API asks version {version}"]
