"""What each kind of event uses: processor time in Lambda's runtime, calls to AWS, units, bytes.

`--write` keeps it in docs/cost.json, from which scripts/cost.py computes what it costs. Linux only.
"""

from __future__ import annotations

import gzip
import io
import json
import logging
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bench_cold
from harness import CONFERENCE, ROOT, Figure, report, sign_up_form

if TYPE_CHECKING:
    from deploy.runtime import Function

KEPT = ROOT / "docs" / "cost.json"
PEOPLE = 40
RUNS = 20
ASSET = re.compile(r'(?:href|src)="(/(?:static|brand|media)/[^"]+)"')
# What S3 and CloudFront compress on the way.
TEXT = (".css", ".js", ".svg", ".html", ".json")


@dataclass
class Use:
    """What one event of a kind uses, on average."""

    cpu_ms: float = 0
    log_bytes: int = 0
    calls: dict[str, float] = field(default_factory=dict)
    write_units: dict[str, float] = field(default_factory=dict)
    read_units: float = 0
    answer_bytes: int = 0
    mail_bytes: int = 0


def main() -> None:
    """Measure, print, and keep if told."""
    with tempfile.TemporaryDirectory(prefix="lanyard-bench-") as name, bench_cold.cloud() as cloud:
        folder = Path(name)
        address = {"PUBLIC_URL": "https://lanyard.example.com"}  # or no mail can be written
        package, _ = bench_cold.lanyard(folder / "lanyard", {**cloud, **address})
        cold = bench_cold.cold(package, folder)
        uses = in_process()
        with bench_cold.running(package, folder) as function:
            in_lambda(function, uses)
        uses["sign_up_full"] = without_seats(uses["sign_up"])
        assets = first_visit()
    figures = [
        Figure(f"cost_{kind}_cpu_ms", kind.replace("_", " "), use.cpu_ms, "ms")
        for kind, use in uses.items()
    ]
    report("What events use, in Lambda's runtime", figures)
    if "--write" in sys.argv:
        found = {
            "date": f"{datetime.now(UTC):%Y-%m-%d}", "cold_cpu_ms": cold.cpu, "first_visit": assets,
            "events": {kind: asdict(use) for kind, use in uses.items()},
        }  # fmt: skip
        KEPT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def in_process() -> dict[str, Use]:
    """Calls, units and answers, where they can be looked at: the app in this process."""
    from app import config
    from app.core import cache, clock
    from app.core.clock import HOUR, now_ms
    from app.entrypoints import schedule, sns
    from app.registrations import service as registrations
    from wsgi import app

    logging.disable(logging.INFO)  # the deployed function's is looked at
    client, uses = app.test_client(), {}
    uses["page"] = counted(lambda: client.get(f"{CONFERENCE}?lang=ko"), cache.clear_all)
    uses["page"].cpu_ms = _page_anew(client, cache.clear_all)
    links: list[str] = []

    def sign_up() -> Any:
        form = sign_up_form(f"counted{len(links)}@example.com")
        answer = client.post(f"{CONFERENCE}/register", data=form, headers=_own(config))
        links.append(answer.headers["Location"].split("/passes/")[1].split("?")[0])
        return answer

    sign_up()  # makes the keys, once and for ever
    uses["sign_up"] = counted(sign_up)
    number = int(registrations.by_secret(links[-1]).registration_id)
    uses["message"] = counted(lambda: sns.handle(confirmed(config, number), None))
    uses["pass_page"] = counted(lambda: client.get(f"/passes/{links[-1]}"))
    uses["pass_image"] = counted(lambda: client.get(f"/passes/{links[-1]}/pass.png"))
    for link in links[:-1]:
        done = int(registrations.by_secret(link).registration_id)
        sns.handle(confirmed(config, done), None)
    schedule.every_five_minutes({}, None)  # what is owed to the people of the demo
    later = now_ms() + 3 * HOUR
    clock.set_source(lambda: later)  # nothing has changed for a while
    schedule.every_five_minutes({}, None)
    uses["five_minutes"] = counted(lambda: schedule.every_five_minutes({}, None), cache.clear_all)
    uses["hour"] = counted(lambda: schedule.every_hour({}, None), cache.clear_all)
    clock.set_source(None)
    return uses


def _page_anew(client: Any, forget: Callable[[], None]) -> float:
    """A page that CloudFront asks for is seconds old: nothing of it is remembered any more."""
    spent = 0.0
    for _ in range(RUNS):
        forget()
        begin = time.process_time()
        client.get(f"{CONFERENCE}?lang=ko")
        spent += time.process_time() - begin
    return round(spent * 1000 / RUNS, 2)


def _own(config: Any) -> dict[str, str]:
    return {"Origin": config.settings.public_url}


def without_seats(sign_up: Use) -> Use:
    """A sign-up that goes on the waiting list, which takes the time of another."""
    from app import config
    from app.conferences import service as conferences
    from app.conferences.models import SeatItem, counter_key
    from wsgi import app

    seats = SeatItem(counter_key(conferences.by_slug("demo").conference_id, 1, 0))
    seats.update(actions=[SeatItem.left.set(0)])
    form, client = sign_up_form("waiting@example.com"), app.test_client()
    path, headers = f"{CONFERENCE}/register", _own(config)
    use = counted(lambda: client.post(path, data=form, headers=headers))
    return replace(use, cpu_ms=sign_up.cpu_ms, log_bytes=sign_up.log_bytes)


def confirmed(config: Any, number: int) -> dict[str, Any]:
    """The message that a sign-up publishes."""
    message = {"type": "registration.confirmed", "data": {"registration_id": number}}
    sent = {"TopicArn": config.settings.topic_arn, "Message": json.dumps(message)}
    return {"Records": [{"Sns": sent}]}


def counted(event: Callable[[], Any], before: Callable[[], object] = lambda: None) -> Use:
    """What an event uses, apart from time."""
    before()
    use = Use()
    with watched(use), redirect_stdout(io.StringIO()):
        answer = event()
    if hasattr(answer, "get_data"):
        use.answer_bytes = len(compressed(answer.content_type, answer.get_data()))
    return use


@contextmanager
def watched(use: Use) -> Iterator[None]:
    """Count the calls to AWS, and what DynamoDB says that they consume."""
    from botocore.client import BaseClient

    ask, calls, writes = BaseClient._make_api_call, Counter[str](), Counter[str]()

    def asking(self: BaseClient, operation: str, given: dict[str, Any]) -> Any:
        service = self.meta.service_model.service_name
        if service == "dynamodb":
            given = {**given, "ReturnConsumedCapacity": "INDEXES"}
        answer = ask(self, operation, given)
        calls[f"{service}.{operation}"] += 1
        if operation == "SendRawEmail":
            use.mail_bytes += len(given["RawMessage"]["Data"])
        consumed = answer.get("ConsumedCapacity", [])
        for one in consumed if isinstance(consumed, list) else [consumed]:
            if "Put" in operation or "Update" in operation or "Write" in operation:
                writes[one["TableName"].rpartition("-")[2]] += one["CapacityUnits"]
            else:
                use.read_units += one["CapacityUnits"]
        return answer

    BaseClient._make_api_call = asking
    try:
        yield
    finally:
        BaseClient._make_api_call = ask
        use.calls, use.write_units = dict(sorted(calls.items())), dict(sorted(writes.items()))


def in_lambda(function: Function, uses: dict[str, Use]) -> None:
    """Processor time and log of events in the package that is deployed."""
    from app import config
    from app.registrations import links

    secrets = [_signed_up(function, number) for number in range(PEOPLE)]
    rest = iter(range(PEOPLE, 2 * PEOPLE))
    numbers = iter([links.id_in(secret) for secret in secrets])
    events: dict[str, Callable[[], object]] = {
        "sign_up": lambda: _signed_up(function, next(rest)),
        "message": lambda: function.invoke(confirmed(config, next(numbers) or 0)),
        "pass_page": lambda: bench_cold.ask(function, "GET", f"/passes/{secrets[0]}"),
        "pass_image": lambda: bench_cold.ask(function, "GET", f"/passes/{secrets[0]}/pass.png"),
        "five_minutes": partial(function.invoke, _schedule("every_five_minutes")),
        "hour": partial(function.invoke, _schedule("every_hour")),
        "page": lambda: bench_cold.ask(function, "GET", bench_cold.PAGE),
    }
    for kind, event in events.items():
        event()
        cpu, log = bench_cold.cpu(function), function.log.stat().st_size
        for _ in range(RUNS):
            event()
        spent = (bench_cold.cpu(function) - cpu) / RUNS
        uses[kind].cpu_ms = max(uses[kind].cpu_ms, round(spent, 2))
        uses[kind].log_bytes = (function.log.stat().st_size - log) // RUNS


def _signed_up(function: Function, number: int) -> str:
    from tests.entrypoints import gateway

    answer = bench_cold.ask(
        function, "POST", "/c/demo/register", headers={"Origin": f"https://{gateway.HOST}"},
        form=sign_up_form(f"measured{number}@example.com"),
    )  # fmt: skip
    location = gateway.header(answer, "Location")
    return location.split("/passes/")[1].split("?")[0]


def _schedule(name: str) -> dict[str, Any]:
    rule = f"rule/lanyard-dev-app.entrypoints.schedule.{name}"
    return {
        "detail-type": "Scheduled Event",
        "resources": [f"arn:aws:events:ap-northeast-2:000000000000:{rule}"],
    }


def first_visit() -> dict[str, int]:
    """The files that a browser fetches with the sign-up page for the first time, as sent."""
    from wsgi import app

    client: Any = app.test_client()
    page = client.get(f"{CONFERENCE}?lang=ko").get_data(as_text=True)
    files = sorted(set(ASSET.findall(page)))
    answers = [client.get(path) for path in files]
    sizes = [len(compressed(one.content_type, one.get_data())) for one in answers]
    return {"requests": len(files), "bytes": sum(sizes)}


def compressed(content_type: str, body: bytes) -> bytes:
    """A body as it goes over the line."""
    return gzip.compress(body) if content_type.startswith(("text/", "image/svg")) else body


if __name__ == "__main__":
    main()
