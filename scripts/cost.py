"""What Lanyard costs in Seoul: `python scripts/cost.py` writes docs/cost.md, and prints it.

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

DOCS = Path(__file__).parents[1] / "docs"
MEASURED, DOCUMENT = DOCS / "cost.json", DOCS / "cost.md"
GB = 1e9
PRICES_OF = "2026-10"

# Where a price was seen: see SEEN.
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


def document(measured: Measured) -> str:
    """docs/cost.md."""
    found = bills(measured)
    return "\n".join([
        HEAD.format(date=measured["date"], prices_of=PRICES_OF), *_targets(found),
        *(line for bill in found.values() for line in _bill(bill)),
        *_events(measured), RULES, _assumed(measured), *_prices(),
    ])  # fmt: skip


HEAD = """# What it costs

Written by `make cost` (`scripts/cost.py`): measured on {date}, with Seoul's prices
(ap-northeast-2) as of {prices_of}, in USD without tax. None of it has been compared with a bill:
no AWS account was at hand. What is assumed stands below.

Three sums each: at list prices; with what CloudWatch gives every account for ever (10 alarms, 10
metrics, 5 GB of logs a month); with all that AWS gives for ever. What a new account gets for its
first months counts nowhere. An account has each allowance once, whatever else runs in it.
"""

RULES = """Write units by DynamoDB's rule: two for each record of a transaction, one for any
other, one more for each entry of an index that is written or removed; records are below 1 KB. The
emulator counts the same, and a test compares.

- A sign-up: counter 2, address 2, registration 2, its entries in `by_change` and `by_due` 2: 8.
- Its message: pass made 1, mail claimed 1, mail sent 1, entry in `by_due` removed 1, the hour's
  count of mails to this address 1: 5. So a registration that gets a seat is 13 in all.
- On the waiting list: place counted 1, place 2, address 2, registration 2, its entries 2: 9.
"""

ASSUMED = """**Assumed.** Lambda gives 1,024 MB 0.58 of a processor, so that own processor time
takes 1.7 times as long as here. A call waits for AWS, in milliseconds: {waits}. A person opens
the pass twice. Cold starts: one for 20 registrations, 200 in a rush, one an hour in idleness. A
public page comes from the function every {seconds} seconds for each of {languages} languages and
{caches} caches of CloudFront, or at each view where views are rarer. Whoever sees the page sees
it for the first time, and fetches its {files} files, too. The conference of 500: 10,000 people
look within ten minutes, 500 get a seat, 300 wait, 50 cancel and 50 move up.

**Free**: transfer from AWS to CloudFront, SNS's deliveries to Lambda, schedules, parameters in
SSM, two budgets. **Not in it**: an own domain (a zone of Route 53 is 0.50 a month), backups, a
REST API in place of the HTTP API (3.50 a million requests).
"""

SEEN = """## Prices

AWS's own pages, `aws.amazon.com/<page>/`, could not be read where this was written. `quoted`: as
public documents of 2026 quote AWS's price list of Seoul. `from memory`: of the published list.
Look at both before you count on them; they are one table in `scripts/cost.py`.
"""


def _targets(found: Mapping[str, Bill]) -> Iterator[str]:
    yield from ("| should be at most | USD | is |", "|---|---|---|")
    for words, cost, most in targets(found):
        verdict = "" if round(cost, 4) <= most else " **missed**"
        yield f"| {words} | {most:.2f} | {cost:.3f}{verdict} |"
    yield ""


def _bill(bill: Bill) -> Iterator[str]:
    yield from (f"## {bill.title}", "")
    yield from (
        "| item | quantity | list | CloudWatch's allowance | all allowances |",
        "|---|---|---|---|---|",
    )
    for name, quantity, *costs in bill.lines():
        cells = " | ".join(f"{cost:.4f}" for cost in costs)
        yield f"| {name} | {_number(quantity)} {PRICES[name].unit} | {cells} |"
    sums = " | ".join(f"**{one:.3f}**" for one in bill.totals())
    yield from (f"| **all** | | {sums} |", "")


def _number(quantity: float) -> str:
    return f"{quantity:,.0f}" if quantity >= 100 else f"{quantity:.3g}"


def _events(measured: Measured) -> Iterator[str]:
    model = Model(measured)
    yield from (
        "## What one event uses",
        "",
        "| event | own CPU, ms | calls to AWS | charged, ms | writes | reads | log, bytes |",
        "|---|---|---|---|---|---|---|",
    )
    for kind, use in measured["events"].items():
        calls = ", ".join(f"{times:g} {_call(name)}" for name, times in use["calls"].items())
        writes = sum(use["write_units"].values())
        parts = ", ".join(f"{table} {units:g}" for table, units in use["write_units"].items())
        told = f"{writes:g} ({parts})" if parts else "0"
        yield (
            f"| {kind.replace('_', ' ')} | {use['cpu_ms']:g} | {calls} | {model.billed_ms(kind)} | "
            f"{told} | {use['read_units']:g} | {use['log_bytes']} |"
        )
    yield f"| cold start | {measured['cold_cpu_ms']:g} | | {model.cold_ms()} | 0 | 0 | |"
    yield ""


def _assumed(measured: Measured) -> str:
    waits = ", ".join(f"{_call(name)} {wait}" for name, wait in WAITS_MS.items())
    return ASSUMED.format(
        waits=waits, seconds=CACHE_SECONDS, languages=LANGUAGES, caches=CACHES,
        files=measured["first_visit"]["requests"],
    )  # fmt: skip


def _call(name: str) -> str:
    return name.partition(".")[2]


def _prices() -> Iterator[str]:
    yield from (
        SEEN,
        "| item | USD | for | free for ever, a month | page | seen |",
        "|---|---|---|---|---|---|",
    )
    for name, price in PRICES.items():
        free = _number(price.free) if price.free else ""
        per = "" if price.per == 1 else f"{price.per:,.0f} "
        yield (
            f"| {name} | {_usd(price)} | {per}{price.unit} | {free} | {price.page} | {price.seen} |"
        )
    yield ""


def _usd(price: Price) -> str:
    return f"{price.usd:.10f}".rstrip("0").rstrip(".")


def main() -> None:
    """Write the document, and print it."""
    text = document(json.loads(MEASURED.read_text(encoding="utf-8")))
    DOCUMENT.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
