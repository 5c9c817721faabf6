"""Scale on paper: AWS's published limits as a flow of sign-ups; writes docs/scale.md.

Nothing is measured here, and no AWS account is asked. `--check` says whether the document is what
this computes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import limits
from flow import RUSH_SECONDS, Setup, of_one_counter, simulate
from picture import HIGHEST, LOWEST, Panel, draw
from preparing import Prepared, counters_for, prepare

DOCS = Path(__file__).parents[1] / "docs"
DOCUMENT, PICTURE = DOCS / "scale.md", DOCS / "pictures" / "scale.svg"
DRAWN = (1, 4, 16, 64)
RATES = (10, 50, 100, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)
COUNTERS = (1, 2, 4, 8, 16, 32, 64)
HOLDS = (0, 0.002, 0.005, 0.010)
POINTS = 60
DEPLOYED = Setup(1)
NEW_ACCOUNT = Setup(1, concurrency=limits.NEW_CONCURRENCY.value)
QUEUED = Setup(1, queue=100)
PLENTY = Setup(
    1, concurrency=25_000, ready=6000, writes=512_000, few_keys=512_000, gateway=200_000,
    mails=1000, queue=1000,
)  # fmt: skip


def main() -> None:
    """Write, or check."""
    if "--check" in sys.argv:
        sys.exit(stale())
    for file, content in _wanted().items():
        file.write_text(content, encoding="utf-8")
    print(DOCUMENT.read_text(encoding="utf-8"))


def _wanted() -> dict[Path, str]:
    return {DOCUMENT: document(), PICTURE: picture()}


def stale() -> str | None:
    """A sentence if the document is not what this computes."""
    old = [file.name for file, content in _wanted().items() if _read(file) != content]
    return f"{', '.join(old)}: `make scale` writes it anew" if old else None


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""


def picture() -> str:
    """What gets through, as deployed and prepared."""
    deployed = [replace(DEPLOYED, counters=number) for number in DRAWN]
    plenty = [replace(PLENTY, counters=number) for number in DRAWN]
    return draw(
        "Sign-ups a second that get through",
        [
            Panel("As deployed", "new tables, 1,000 requests at once", _lines(deployed)),
            Panel("Prepared", "tables warmed, quotas raised, a queue for passes", _lines(plenty)),
        ],
    )


def _lines(setups: Iterable[Setup]) -> dict[str, list[tuple[float, float]]]:
    return {
        _plural(setup.counters): [(rate, simulate(setup, rate).carried) for rate in _drawn_rates()]
        for setup in setups
    }


def _plural(counters: int) -> str:
    return f"{counters} counter" if counters == 1 else f"{counters} counters"


def _drawn_rates() -> Iterator[float]:
    for number in range(POINTS + 1):
        yield LOWEST * (HIGHEST / LOWEST) ** (number / POINTS)


def document() -> str:
    """docs/scale.md."""
    return DOCUMENT_TEXT.format(
        seconds=RUSH_SECONDS,
        new=_outcomes(NEW_ACCOUNT, (10, 20, 50, 100)),
        deployed=_outcomes(DEPLOYED, RATES),
        queued=_outcomes(QUEUED, RATES),
        counters=_table(
            ("counters", "as deployed", "with tables and quotas to spare"),
            ((f"{number}", _most(replace(DEPLOYED, counters=number)),
              _most(replace(PLENTY, counters=number)))
             for number in COUNTERS),
        ),
        prepared=_prepared([prepare(rate) for rate in RATES]),
        holds=_table(
            ("held for", "sign-ups a second of one counter", "of 64"),
            ((f"{hold * 1000:g} ms", f"{of_one_counter(hold):,.0f}",
              _most(replace(PLENTY, counters=64, hold=hold))) for hold in HOLDS),
        ),
        limits=_table(("", "limit", "where it stands"), map(_known, limits.LIMITS)),
        assumed=_table(("", "assumption", "from"), map(_known, limits.ASSUMED)),
    )  # fmt: skip


def _most(setup: Setup) -> str:
    return f"{max(simulate(setup, rate).carried for rate in (*RATES, 15_000)):,.0f}"


def _outcomes(setup: Setup, rates: Sequence[float]) -> str:
    """What comes of a setup, with the counters that each rate gets."""
    rows = ((rate, simulate(replace(setup, counters=counters_for(rate)), rate)) for rate in rates)
    return _table(
        ("people a second", "get through", "asked to try again", "what is full", "last pass after",
         "last mail after"),
        ((f"{rate:,}", f"{one.carried:,.0f}", f"{one.refused:.0%}", one.limit or "nothing",
          _time(one.passes_late), _time(one.mails_late)) for rate, one in rows),
    )  # fmt: skip


def _prepared(rows: Iterable[Prepared]) -> str:
    return _table(
        ("people a second", "get through", "counters", "at once", "kept ready", "tables",
         "seats, changes", "API Gateway", "queue", "mails", "preparing", "sign-ups"),
        ((f"{one.rate:,}", f"{one.outcome.carried:,.0f}", f"{one.setup.counters}",
          f"{one.setup.concurrency:,.0f}", f"{one.setup.ready:,.0f}", f"{one.setup.writes:,.0f}",
          f"{one.setup.few_keys:,.0f}", f"{one.setup.gateway:,.0f}", f"{one.setup.queue:,.0f}",
          f"{one.setup.mails:,.0f}", f"{one.preparing:,.2f}", f"{one.using:,.2f}") for one in rows),
    )  # fmt: skip


def _known(known: limits.Known) -> tuple[str, str, str]:
    return f"{known.value:,g}", known.words, known.source


def _time(seconds: float) -> str:
    if seconds < 1:
        return "at once"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


DOCUMENT_TEXT = """# How far it goes, on paper

Written by `make scale` (`bench/scale.py`). **Simulated, not measured:** AWS's published limits as a
flow, in steps of a tenth of a second, for a rush of {seconds} seconds in which the same number of
people press the button every second. No AWS account was at hand. What is measured, on a laptop, is
`make rush`.

![Sign-ups a second that get through, as deployed and prepared](pictures/scale.svg)

Where something is full nobody is lost and no seat is sold twice: who does not get through reads
“please try again” after five seconds at most, and nothing was taken. The figures say how many.

## A new account: 10 requests at once

{new}

Ask AWS for 1,000 (“Concurrent executions”, Service Quotas) as soon as the account exists. Drawing a
pass and mailing it takes the function five times as long as signing up, and both share it.

## As deployed: 1,000 at once, new tables, SNS calls the function

{deployed}

Up to 500 a second nothing needs to be prepared but the mails. Above, two things meet: the table of
registrations takes 4,000 units a second, and passes that are being drawn want three for each two of
a sign-up. Whoever waits for DynamoDB keeps a place in the function for five seconds, so that the
function fills up, though DynamoDB is what is full.

## With a queue between

The same with a queue between SNS and the function, whose maximum concurrency is 100: passes and
mails wait, sign-ups do not.

{queued}

This queue is the setting for rushes; the stage's templates do not make it yet.

## Counters

The most that gets through at any rate:

{counters}

A counter is one item, and one item takes 1,000 write units a second whatever is done: 500 sign-ups,
since a transaction counts twice. In a new table several counters share a partition until DynamoDB
has seen the heat and parted them, which takes minutes: a rush is over by then. Beyond 32 counters
the index of changes is full: it has 16 parts at most (`app/conferences/spreading.py`), which take
16,000 a second.

AWS does not publish for how long a transaction keeps others off an item. If it is noticeable, a
counter gives less, since each attempt that is refused counts as well:

{holds}

The number of counters (expected sign-ups a second / 250) leaves room for 2 ms.

## What to prepare, and what it costs

The least with which 99 of 100 get through at the first press, passes are there within five minutes,
and mails within an hour; where fewer get through, more does not help. USD, Seoul: preparing once
(warm throughput, and an hour of what is kept ready), and all that these sign-ups use (seats,
passes, mails; no pages).

{prepared}

- *at once*: the quota “Concurrent executions”. *Kept ready*: provisioned concurrency, against the
  first second, in which everybody would wait for a start.
- *tables*: warm throughput, in write units a second, of `addresses`, of `registrations` and of its
  index `by_due`. *Seats, changes*: of `seats` and of the index `by_change`, whose few keys have to
  fall on different partitions:
  `aws dynamodb update-table --table-name NAME --warm-throughput WriteUnitsPerSecond=16000`.
  Above 40,000 a table needs a higher quota first.
- *API Gateway*: the quota “Throttle rate”. *Queue*: its maximum concurrency. *Mails*: SES's sending
  rate a second (“Sending limits”, with a reason).
- Slower is cheaper: announce the hour to one part of the guests after another, and nothing of this
  is needed.

## The limits, and where they stand

{limits}

## Assumed

{assumed}

Prices of warm throughput and of provisioned concurrency are from memory, and those of Virginia. The
sign-up page itself comes from CloudFront and reaches nothing of this.
"""


if __name__ == "__main__":
    main()
