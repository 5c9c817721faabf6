"""What Lanyard costs in Seoul: `python scripts/cost.py` writes docs/cost.md, prints it, and writes
docs/cost.ko.md, which is the same in Korean.

Computed from what events use (docs/cost.json, which `bench/bench_cost.py --write` measures), from
AWS's prices, and from the assumptions below. USD, without tax.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cost_texts import ENGLISH, KOREAN, Texts

DOCS = Path(__file__).parents[1] / "docs"
MEASURED = DOCS / "cost.json"
DOCUMENTS = {DOCS / "cost.md": ENGLISH, DOCS / "cost.ko.md": KOREAN}
GB = 1e9
PRICES_OF = "2026-10"

# Where a price was seen: the document says what that means.
QUOTED, REMEMBERED = "quoted", "from memory"


@dataclass(frozen=True)
class Price:
    """So many USD for so many units; `free` of them a month cost nothing, for ever."""

    usd: float
    per: float
    unit: str
    page: str
    seen: str
    free: float = 0

    def of(self, quantity: float, *, allowed: bool) -> float:
        """What a quantity costs in a month; with the permanent allowance, if that is allowed."""
        charged = max(0.0, quantity - self.free) if allowed else quantity
        return charged * self.usd / self.per


PRICES = {
    "Lambda, time": Price(0.0000166667, 1, "GB-s", "lambda/pricing", QUOTED, 400_000),
    "Lambda, requests": Price(0.20, 1e6, "requests", "lambda/pricing", QUOTED, 1e6),
    "API Gateway (HTTP API)": Price(1.23, 1e6, "requests", "api-gateway/pricing", QUOTED),
    "DynamoDB, writes": Price(0.68, 1e6, "write units", "dynamodb/pricing", QUOTED),
    "DynamoDB, reads": Price(0.1355, 1e6, "read units", "dynamodb/pricing", QUOTED),
    "DynamoDB, storage": Price(0.27, 1, "GB-months", "dynamodb/pricing", REMEMBERED, 25),
    "DynamoDB, its past": Price(0.22, 1, "GB-months", "dynamodb/pricing", REMEMBERED),
    "S3, writes": Price(0.0045, 1e3, "requests", "s3/pricing", QUOTED),
    "S3, reads": Price(0.0035, 1e4, "requests", "s3/pricing", QUOTED),
    "S3, storage": Price(0.025, 1, "GB-months", "s3/pricing", QUOTED),
    "SNS": Price(0.50, 1e6, "messages", "sns/pricing", REMEMBERED, 1e6),
    "SES, mails": Price(0.10, 1e3, "mails", "ses/pricing", QUOTED),
    "SES, data": Price(0.12, 1, "GB", "ses/pricing", QUOTED),
    "SSM (KMS, to decrypt)": Price(0.03, 1e4, "requests", "kms/pricing", REMEMBERED, 20_000),
    "CloudWatch, logs": Price(0.76, 1, "GB", "cloudwatch/pricing", QUOTED, 5),
    "CloudWatch, logs kept": Price(0.0314, 1, "GB-months", "cloudwatch/pricing", QUOTED, 5),
    "CloudWatch, metrics": Price(0.30, 1, "metrics", "cloudwatch/pricing", QUOTED, 10),
    "CloudWatch, alarms": Price(0.10, 1, "alarms", "cloudwatch/pricing", QUOTED, 10),
    "CloudFront, requests": Price(0.012, 1e4, "requests", "cloudfront/pricing", REMEMBERED, 1e7),
    "CloudFront, data": Price(0.12, 1, "GB", "cloudfront/pricing", QUOTED, 1000),
    "CloudFront, functions": Price(0.10, 1e6, "runs", "cloudfront/pricing", REMEMBERED, 2e6),
}

MEMORY_GB = 1.0  # memory_size of zappa_settings.json
PROCESSORS = 1024 / 1769  # of one, that Lambda gives with it
# How long a call waits for AWS, within the region. Assumed: nobody has measured it for us.
WAITS_MS = {
    "dynamodb.GetItem": 5, "dynamodb.BatchGetItem": 8, "dynamodb.Query": 7, "dynamodb.Scan": 8,
    "dynamodb.UpdateItem": 8, "dynamodb.TransactWriteItems": 25, "sns.Publish": 15,
    "s3.GetObject": 25, "s3.PutObject": 40, "ses.SendRawEmail": 100,
}  # fmt: skip
COLD_WAITS_MS = 100  # secrets, and connections
ALARMS, METRICS = 7, 6
SECRETS = 4  # that a cold start reads
API_LOG_BYTES = 350  # a line of its access log
CACHE_SECONDS, LANGUAGES, CACHES = 5, 2, 2  # a public page is kept so long, in each of these
WEB = ("page", "sign_up", "sign_up_full", "pass_page", "pass_image")
DAY, MONTH = 86_400, 30 * 86_400

Used = Counter[str]
Measured = Mapping[str, Any]


class Model:
    """What quantities come from what happens."""

    def __init__(self, measured: Measured) -> None:
        self._measured = measured

    def billed_ms(self, kind: str) -> int:
        """How long Lambda charges one event of a kind for, warm."""
        use = self._measured["events"][kind]
        waits = sum(WAITS_MS[call] * times for call, times in use["calls"].items())
        return _whole_ms(use["cpu_ms"] / PROCESSORS + waits)

    def cold_ms(self) -> int:
        """How long it charges a start for."""
        return _whole_ms(self._measured["cold_cpu_ms"] / PROCESSORS + COLD_WAITS_MS)

    def event(self, kind: str, times: float = 1) -> Used:
        """What so many events of a kind use."""
        use = self._measured["events"][kind]
        calls, web = use["calls"], kind in WEB
        bytes_logged = use["log_bytes"] + (API_LOG_BYTES if web else 0)
        one = {
            "Lambda, requests": 1,
            "Lambda, time": self.billed_ms(kind) / 1000 * MEMORY_GB,
            "API Gateway (HTTP API)": int(web),
            "DynamoDB, writes": sum(use["write_units"].values()),
            "DynamoDB, reads": use["read_units"],
            "S3, writes": calls.get("s3.PutObject", 0),
            "S3, reads": calls.get("s3.GetObject", 0),
            "SNS": calls.get("sns.Publish", 0),
            "SES, mails": calls.get("ses.SendRawEmail", 0),
            "SES, data": use["mail_bytes"] / GB,
            "CloudWatch, logs": bytes_logged / GB,
            "CloudWatch, logs kept": bytes_logged / GB,
        }
        if web and kind != "page":  # pages are counted where they are seen: most stay in the cache
            one |= {"CloudFront, requests": 1, "CloudFront, data": use["answer_bytes"] / GB}
        if kind in ("sign_up", "sign_up_full"):
            one["CloudFront, functions"] = 1
        return _times(one, times)

    def cold(self, times: float) -> Used:
        """What so many cold starts add."""
        seconds = self.cold_ms() / 1000 * MEMORY_GB
        return _times({"Lambda, time": seconds, "SSM (KMS, to decrypt)": SECRETS}, times)

    def views(self, number: float, seconds: float) -> Used:
        """The sign-up page seen for the first time by so many people, evenly within some time:
        CloudFront asks the function for it once in a while, and S3 never but at first."""
        asked = min(number, seconds / CACHE_SECONDS * LANGUAGES * CACHES)
        first = self._measured["first_visit"]
        page = self._measured["events"]["page"]["answer_bytes"]
        seen = {
            "CloudFront, requests": 1 + first["requests"],
            "CloudFront, data": (page + first["bytes"]) / GB,
            "CloudFront, functions": 1,
        }
        return _times(seen, number) + self.event("page", asked)

    def registrations(self, number: float, seconds: float) -> Used:
        """So many people who see the page, sign up, and open their pass twice."""
        return _sum([
            self.views(number, seconds), self.event("sign_up", number),
            self.event("message", number), self.event("pass_page", 2 * number),
            self.event("pass_image", 2 * number),
        ])  # fmt: skip

    def waiting(self, number: float) -> Used:
        """So many people who find it full, and go on the waiting list: they have no image."""
        mail = self._measured["events"]["message"]
        told = _times({
            "Lambda, requests": 1, "Lambda, time": self.billed_ms("message") / 1000,
            "SES, mails": 1, "SES, data": mail["mail_bytes"] / GB,
            "DynamoDB, writes": sum(mail["write_units"].values()),
        }, number)  # fmt: skip
        return _sum([
            self.event("sign_up_full", number), told, self.event("pass_page", 2 * number)
        ])  # fmt: skip

    def idle(self) -> Used:
        """A month in which nobody comes."""
        standing = {
            "CloudWatch, alarms": ALARMS, "CloudWatch, metrics": METRICS,
            "DynamoDB, storage": 0.01, "DynamoDB, its past": 0.01, "S3, storage": 0.2,
        }  # fmt: skip
        runs = self.event("five_minutes", MONTH / 300), self.event("hour", MONTH / 3600)
        return _sum([Counter(standing), *runs, self.cold(MONTH / 3600)])


def _whole_ms(milliseconds: float) -> int:
    return math.ceil(milliseconds)


def _times(one: Mapping[str, float], times: float) -> Used:
    many: Any = {name: quantity * times for name, quantity in one.items()}
    return Counter(many)


def _sum(parts: Iterable[Used]) -> Used:
    total: Used = Counter()
    for part in parts:
        total.update(part)
    return total


@dataclass(frozen=True)
class Bill:
    """What is used, and what it costs: at list prices, with CloudWatch's permanent allowance, and
    with all permanent allowances."""

    title: str
    used: Used

    def lines(self) -> Iterator[tuple[str, float, float, float, float]]:
        """Each item with its quantity and its three costs, the dearest first."""
        for name in sorted(self.used, key=lambda name: -self.cost(name)):
            quantity = self.used[name]
            if quantity:
                watched = name.startswith("CloudWatch")
                price = PRICES[name]
                yield (
                    name, quantity, price.of(quantity, allowed=False),
                    price.of(quantity, allowed=watched), price.of(quantity, allowed=True),
                )  # fmt: skip

    def cost(self, name: str) -> float:
        """What one item costs at its list price."""
        return PRICES[name].of(self.used[name], allowed=False)

    def totals(self) -> tuple[float, float, float]:
        """The three sums."""
        costs = [line[2:] for line in self.lines()]
        listed, watched, free = (sum(column) for column in zip(*costs, strict=True))
        return listed, watched, free


def bills(measured: Measured) -> dict[str, Bill]:
    """The four that people ask about."""
    model = Model(measured)
    idle = model.idle()
    rush = _sum([
        model.views(10_000, 600), model.registrations(500, 600), model.waiting(300),
        # one in ten cancels, and somebody moves up: a form, two mails and a pass each
        model.event("sign_up", 50), model.event("message", 100), model.cold(200), idle,
    ])  # fmt: skip
    return {
        "idle": Bill("A month in which nobody comes", idle),
        "thousand": Bill("1,000 registrations", model.registrations(1000, MONTH) + model.cold(50)),
        "conference": Bill("A month with a conference of 500, and a rush", rush),
        "million": Bill(
            "A million people see the sign-up page in a day", model.views(1e6, DAY) + model.cold(50)
        ),
    }


def targets(found: Mapping[str, Bill]) -> list[tuple[str, float, float]]:
    """What should not be exceeded, what it is, and the most that it may be."""
    idle, thousand = found["idle"].totals(), found["thousand"]
    return [
        ("1,000 registrations, list prices", thousand.totals()[0], 0.20),
        ("of that the mails (SES)", thousand.cost("SES, mails"), 0.10),
        ("a month of idleness, with CloudWatch's permanent allowance", idle[1], 0.50),
        ("a month of idleness, list prices", idle[0], 3.00),
    ]


def document(measured: Measured, texts: Texts = ENGLISH) -> str:
    """The document in one language."""
    found = bills(measured)
    return "\n".join([
        texts.head.format(date=measured["date"], prices_of=PRICES_OF), *_targets(found, texts),
        *(line for bill in found.values() for line in _bill(bill, texts)),
        *_events(measured, texts), _rules(measured, texts), _assumed(measured, texts),
        *_prices(texts),
    ])  # fmt: skip


def _targets(found: Mapping[str, Bill], texts: Texts) -> Iterator[str]:
    yield from (texts.say("| should be at most | USD | is |"), "|---|---|---|")
    for words, cost, most in targets(found):
        verdict = "" if round(cost, 4) <= most else f" **{texts.say('missed')}**"
        yield f"| {texts.say(words)} | {most:.2f} | {cost:.3f}{verdict} |"
    yield ""


def _bill(bill: Bill, texts: Texts) -> Iterator[str]:
    yield from (f"## {texts.say(bill.title)}", "")
    yield from (
        texts.say("| item | quantity | list | CloudWatch's allowance | all allowances |"),
        "|---|---|---|---|---|",
    )
    for name, quantity, *costs in bill.lines():
        cells = " | ".join(f"{cost:.4f}" for cost in costs)
        unit = texts.say(PRICES[name].unit)
        yield f"| {texts.say(name)} | {_number(quantity)} {unit} | {cells} |"
    sums = " | ".join(f"**{one:.3f}**" for one in bill.totals())
    yield from (f"| **{texts.say('all')}** | | {sums} |", "")


def _number(quantity: float) -> str:
    return f"{quantity:,.0f}" if quantity >= 100 else f"{quantity:.3g}"


def _events(measured: Measured, texts: Texts) -> Iterator[str]:
    model = Model(measured)
    yield from (
        f"## {texts.say('What one event uses')}",
        "",
        texts.say(
            "| event | own CPU, ms | calls to AWS | charged, ms | writes | reads | log, bytes |"
        ),
        "|---|---|---|---|---|---|---|",
    )
    for kind, use in measured["events"].items():
        calls = ", ".join(f"{times:g} {_call(name)}" for name, times in use["calls"].items())
        writes = sum(use["write_units"].values())
        parts = ", ".join(f"{table} {units:g}" for table, units in use["write_units"].items())
        told = f"{writes:g} ({parts})" if parts else "0"
        event = texts.say(kind.replace("_", " "))
        yield (
            f"| {event} | {use['cpu_ms']:g} | {calls} | {model.billed_ms(kind)} | "
            f"{told} | {use['read_units']:g} | {use['log_bytes']} |"
        )
    start = texts.say("cold start")
    yield f"| {start} | {measured['cold_cpu_ms']:g} | | {model.cold_ms()} | 0 | 0 | |"
    yield ""


def _rules(measured: Measured, texts: Texts) -> str:
    events = {"sign_up": "sign_up", "message": "message", "waiting": "sign_up_full"}
    units = {
        name: sum(measured["events"][kind]["write_units"].values()) for name, kind in events.items()
    }
    told = {**units, "seat": units["sign_up"] + units["message"]}
    return texts.rules.format(**{name: f"{one:g}" for name, one in told.items()})


def _assumed(measured: Measured, texts: Texts) -> str:
    waits = ", ".join(f"{_call(name)} {wait}" for name, wait in WAITS_MS.items())
    return texts.assumed.format(
        share=PROCESSORS, longer=1 / PROCESSORS, waits=waits, seconds=CACHE_SECONDS,
        languages=LANGUAGES, caches=CACHES, files=measured["first_visit"]["requests"],
    )  # fmt: skip


def _call(name: str) -> str:
    return name.partition(".")[2]


def _prices(texts: Texts) -> Iterator[str]:
    yield from (
        texts.prices,
        texts.say("| item | USD | for | free for ever, a month | page | seen |"),
        "|---|---|---|---|---|---|",
    )
    for name, price in PRICES.items():
        free = _number(price.free) if price.free else ""
        per = "" if price.per == 1 else f"{price.per:,.0f} "
        unit, seen = f"{per}{texts.say(price.unit)}", texts.say(price.seen)
        yield f"| {texts.say(name)} | {_usd(price)} | {unit} | {free} | {price.page} | {seen} |"
    yield ""


def _usd(price: Price) -> str:
    return f"{price.usd:.10f}".rstrip("0").rstrip(".")


def main() -> None:
    """Write the documents, and print the English one."""
    measured = json.loads(MEASURED.read_text(encoding="utf-8"))
    for path, texts in DOCUMENTS.items():
        path.write_text(document(measured, texts), encoding="utf-8")
    print(document(measured))


if __name__ == "__main__":
    main()
