"""The secrets of a stage: without them every pass link and every QR code is void."""

from __future__ import annotations

from collections.abc import Mapping

from app.mail import smtp
from deploy import edge
from deploy.live import Live

# What people do not hold in their hands, and operators change: the present one counts.
CHANGING = {smtp.PASSWORD, edge.SECRET}

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
    """Give the stage these parameters, over others of the same names that are not CHANGING; the
    names of those that were not so already."""
    present = read(live)
    stay = CHANGING & present.keys()
    given = [name for name in wanted.keys() - stay if present.get(name) != wanted[name]]
    for name in given:
        live.aws.client("ssm").put_parameter(
            Name=_path(live) + name, Type=wanted[name]["type"], Value=wanted[name]["value"],
            Overwrite=name in present,
        )  # fmt: skip
    return given


def _path(live: Live) -> str:
    return f"/{live.settings['project_name']}/{live.stage}/"
