"""The secrets of a stage: without them every pass link and every QR code is void."""

from __future__ import annotations

from collections.abc import Mapping

from deploy.live import Live

# A name within the stage, its type in SSM and its value.
Parameters = Mapping[str, Mapping[str, str]]


def read(live: Live) -> Parameters:
    """All parameters of the stage as they are now."""
    paginator = live.aws.client("ssm").get_paginator("get_parameters_by_path")
    pages = paginator.paginate(Path=_path(live), Recursive=True, WithDecryption=True)
    return {
        one["Name"].removeprefix(_path(live)): {"type": one["Type"], "value": one["Value"]}
        for page in pages
        for one in page["Parameters"]
    }


def write(live: Live, wanted: Parameters) -> list[str]:
    """Give the stage these parameters, over others of the same names; the names of those that were
    not so already."""
    present = read(live)
    changed = [name for name, one in wanted.items() if present.get(name) != one]
    for name in changed:
        live.aws.client("ssm").put_parameter(
            Name=_path(live) + name, Type=wanted[name]["type"], Value=wanted[name]["value"],
            Overwrite=name in present,
        )  # fmt: skip
    return changed


def _path(live: Live) -> str:
    return f"/{live.settings['project_name']}/{live.stage}/"
