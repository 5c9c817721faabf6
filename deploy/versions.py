"""The versions of the function's code that Zappa has published and kept (num_retained_versions)."""

from __future__ import annotations

import urllib.error
import urllib.request

from deploy.live import Live

TIMEOUT_SECONDS = 60.0


class NoCode(Exception):
    """The code of a version does not come; the message says why and what to do next."""


def published(live: Live) -> dict[int, str]:
    """The hash of the code of each version, oldest first."""
    pages = live.aws.client("lambda").get_paginator("list_versions_by_function")
    found = [one for page in pages.paginate(FunctionName=live.name) for one in page["Versions"]]
    numbers = {int(one["Version"]): one["CodeSha256"] for one in found if one["Version"].isdigit()}
    return dict(sorted(numbers.items()))


def running(live: Live) -> int | None:
    """The newest version with the code that runs now; None if it has none."""
    functions = live.aws.client("lambda")
    code = functions.get_function_configuration(FunctionName=live.name)["CodeSha256"]
    return max((one for one, known in published(live).items() if known == code), default=None)


def run(live: Live, version: int) -> str:
    """Let the function run the code of a version, with the settings that it has; the hash of what
    it runs. Raises NoCode."""
    functions = live.aws.client("lambda")
    found = functions.get_function(FunctionName=live.name, Qualifier=str(version))
    taken = functions.update_function_code(
        FunctionName=live.name, ZipFile=_fetch(found["Code"]["Location"])
    )
    live.wait()
    return str(taken["CodeSha256"])


def _fetch(location: str) -> bytes:
    try:
        with urllib.request.urlopen(location, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310  Lambda's
            return bytes(answer.read())
    except OSError as error:
        raise NoCode(
            f"Lambda does not give the code of that version: {error}. Run this again."
        ) from None
