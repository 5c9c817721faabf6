"""Registration opens and everybody comes: PEOPLE sign up for SEATS, CLIENTS at a time.

Served as `make run` serves, the web by two processes, on an embedded cloud of its own. Each person
gets the page, sends the form, and gets the page of the pass; the clock stops when the last one has
it. Passes and mails may lag, LAG seconds at most. RUNS repeats all of it and tells the worst.

The last line is JSON. The exit code is 1 if a seat was sold twice or not at all, if anybody was not
served, overtook, got two places, or was told what is not recorded, or if a pass or mail came later.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import crowd
import meter
from crowd import Visit
from harness import ROOT, Figure, Server, family, make_run, newcomer, wait_for
from meter import Work
from verdict import CONFIRMED, Kept, judge

SLUG = "rush"
PAGE = f"/c/{SLUG}"
METERED = "--config bench/metered.py"
EXPECTED_A_SECOND = 1000  # what the organiser says: it decides how many counters there are
POLL_SECONDS = 1.0
SPOKEN_SECONDS = 3.0
BAR = 40
# Of these the largest of many runs is the worst.
LARGEST = (
    "waiting", "errors", "order_violations", "double_registrations", "seconds", "p50_ms", "p95_ms",
    "p99_ms", "write_units", "read_units",
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """What is asked for."""

    people: int
    seats: int
    clients: int
    runs: int
    lag: int

    @classmethod
    def asked(cls) -> Plan:
        """As the environment says."""
        usual = {"PEOPLE": 800, "SEATS": 500, "CLIENTS": 16, "RUNS": 1, "LAG": 60}
        return cls(*(int(os.environ.get(name) or number) for name, number in usual.items()))


@dataclass(frozen=True)
class Rush:
    """What people saw, and the processor seconds that each process spent meanwhile."""

    began: float
    ended: float
    visits: Sequence[Visit]
    spent: Mapping[int, float]
    own: float

    def figures(self) -> dict[str, float]:
        """How long it took all, and each, from opening the page to the page of the pass."""
        seconds, times = self.ended - self.began, self.milliseconds("opened", "seen")
        return {
            "seconds": round(seconds, 2),
            "per_second": round(len(self.visits) / seconds, 1),
            **{f"p{part}_ms": round(percentile(times, part), 1) for part in (50, 95, 99)},
        }

    def milliseconds(self, begin: str, end: str) -> list[float]:
        """How long a part of the way took those who went all of it."""
        served = [visit for visit in self.visits if not visit.error]
        return [(getattr(visit, end) - getattr(visit, begin)) * 1000 for visit in served]


def main() -> None:
    """Run once, or often."""
    plan = Plan.asked()
    sys.exit(0 if (_once(plan) if plan.runs == 1 else _often(plan)) else 1)


def _often(plan: Plan) -> bool:
    """Run again and again, each in a process of its own; whether all were right."""
    found, right = [], 0
    for number in range(1, plan.runs + 1):
        run = subprocess.run(
            [sys.executable, __file__], env={**os.environ, "RUNS": "1"}, check=False,
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        last = run.stdout.strip().rpartition("\n")[2]
        print(f"run {number}: {'WRONG' if run.returncode else 'right'}  {last}", flush=True)
        found.append(json.loads(last))  # one that broke off has said why
        right += run.returncode == 0
    print(f"\n{right} of {plan.runs} runs were right; the worst of each figure:")
    counts = {"runs": plan.runs, "right": right, "exact": sum(map(is_exact, found))}
    print(json.dumps({**worst(found), **counts}))
    return right == plan.runs


def is_exact(run: Mapping[str, float]) -> bool:
    """Whether a run was right but for the time that passes and mails took."""
    wrong = run["errors"] + run["order_violations"] + run["double_registrations"]
    return not wrong and run["confirmed"] == min(run["seats"], run["people"])


def worst(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The worst of each figure."""
    wanted = min(runs[0]["seats"], runs[0]["people"])
    return {
        **runs[0],
        **{name: max(run[name] for run in runs) for name in LARGEST},
        "confirmed": max((run["confirmed"] for run in runs), key=lambda one: abs(one - wanted)),
        "per_second": min(run["per_second"] for run in runs),
    }


def _once(plan: Plan) -> bool:
    """One rush, and its figures; whether it was right."""
    with tempfile.TemporaryDirectory(prefix="lanyard-rush-") as name:
        folder, lines = Path(name) / "data", Path(name) / "meter"
        served = make_run(ROOT, folder, METER=str(lines), GUNICORN_CMD_ARGS=METERED)
        with served as server:
            _join(folder)
            conference_id = _open(plan.seats)
            _all_is_done(plan.lag)
            rush = _let_them_come(plan, server)
            roles = _roles(server.pid)
            in_time = _all_is_done(plan.lag)
            records = _records(conference_id)
        works = meter.read(lines, since=rush.began)
    verdict = judge(rush.visits, list(records.values()))
    confirmed = {number for number, kept in records.items() if kept.state == CONFIRMED}
    units = meter.units_each(works, confirmed, plan.people)
    _tell(rush, works, roles)
    _tell_units(units, meter.units_each(works, set(records) - confirmed, plan.people))
    figures = asdict(verdict) | rush.figures()
    figures |= {f"{kind}_units": round(meter.total(units, kind), 2) for kind in ("write", "read")}
    print(json.dumps({"seats": plan.seats, "people": plan.people, **figures}), flush=True)
    return in_time and verdict.is_right(plan.seats, plan.people)


def _join(folder: Path) -> None:
    """Have this process work on the server's cloud: it prepares, and it looks."""
    os.environ.update(newcomer(), LANYARD_DATA=str(folder))
    sys.path.insert(0, str(ROOT))
    import wsgi  # noqa: F401  joins it


def _open(seats: int) -> int:
    """Make the conference, open since an hour; its id."""
    from app.conferences import service as conferences
    from app.conferences.rules import Conference, Publication, TicketType
    from app.core.clock import DAY, HOUR, now_ms
    from app.core.text import Localised
    from app.passes import service as passes

    now = now_ms()
    made = conferences.create(
        Conference(
            conference_id=0,
            slug=SLUG,
            name=Localised(ko="개막", en="The opening"),
            tagline=Localised(),
            description=Localised(),
            venue=Localised(en="Hall 1"),
            city=Localised(en="Seoul"),
            opens_at=now - HOUR,
            closes_at=now + DAY,
            starts_at=now + 30 * DAY,
            ends_at=now + 31 * DAY,
            zone="Asia/Seoul",
            contact="hello@example.com",
            colour="#0b5563",
            publication=Publication.OPEN,
            sign_ups_a_second=EXPECTED_A_SECOND,
            ticket_types=(TicketType(0, Localised(en="Full pass"), Localised(), seats, 0),),
        )
    )
    passes.signing_key(made.conference_id)
    return made.conference_id


def _let_them_come(plan: Plan, server: Server) -> Rush:
    before, own = _processor_seconds(server.pid), time.process_time()
    began = time.monotonic()
    progress = Progress(plan.people, began)
    visits = crowd.send_in(server.port, PAGE, plan.people, plan.clients, progress.tell)
    ended = time.monotonic()
    after = _processor_seconds(server.pid)
    spent = {pid: seconds - before.get(pid, 0) for pid, seconds in after.items()}
    return Rush(began, ended, visits, spent, time.process_time() - own)


class Progress:
    """Tells on stderr how many are done: a bar on a terminal, else a line now and then."""

    def __init__(self, people: int, began: float) -> None:
        self._people = people
        self._began = began
        self._next = began + SPOKEN_SECONDS

    def tell(self, done: int) -> None:
        """So many are done."""
        now = time.monotonic()
        words = f"{done} of {self._people} people, {now - self._began:.0f} s"
        if sys.stderr.isatty():
            full = BAR * done // self._people
            end = "\n" if done == self._people else ""
            sys.stderr.write(f"\r{'█' * full}{'░' * (BAR - full)} {words}{end}")
            sys.stderr.flush()
        elif now > self._next:
            self._next = now + SPOKEN_SECONDS
            sys.stderr.write(f"{words}\n")


def _all_is_done(lag: float) -> bool:
    """Wait until every pass is made and every mail sent; whether that was within `lag` (s)."""
    try:
        wait_for(_nothing_is_owed, lag, POLL_SECONDS)
    except RuntimeError:
        print(f"Passes or mails are still owed after {lag:.0f} s.")
        return False
    return True


def _nothing_is_owed() -> bool:
    """Without reading all that is: the emulator has other things to do."""
    from app.registrations import models
    from app.registrations.models import Registration

    shards = (f"d#{number}" for number in range(models.DUE_SHARDS))
    return not any(row for shard in shards for row in Registration.by_due.query(shard, limit=1))


def _records(conference_id: int) -> dict[int, Kept]:
    """All registrations of the conference by id, consistently read."""
    from app.registrations import links
    from app.registrations.models import Registration

    return {
        int(row.registration_id): Kept(
            links.secret_of(row), row.email, row.state, int(row.place) if row.place else None
        )
        for row in Registration.scan(consistent_read=True)
        if row.conference_id == conference_id
    }


def _tell(rush: Rush, works: Sequence[Work], roles: Mapping[int, str]) -> None:
    """Print how it went."""
    served = {work.pid for work in works if work.kind == "web"}
    print(f"\nThe rush: {len(rush.visits)} people; the web is served by {len(served)} processes")
    workers = {work.pid: "worker" for work in works if work.kind == "worker"}
    for figure in (
        *_times(rush),
        *_lags(rush, works),
        *_processors(rush, {**roles, **workers}),
    ):
        print(figure.line())
    for error, people in Counter(one.error for one in rush.visits if one.error).items():
        print(f"  {people} people: {error}")


def _times(rush: Rush) -> list[Figure]:
    parts = {
        "all of a visit": ("opened", "seen"),
        "of which the page": ("opened", "sent"),
        "of which the form": ("sent", "answered"),
        "of which the page of the pass": ("answered", "seen"),
    }
    return [
        Figure("", f"{words}, p{part}", percentile(rush.milliseconds(*ends), part), "ms")
        for words, ends in parts.items()
        for part in (50, 95)
    ]


def _lags(rush: Rush, works: Sequence[Work]) -> list[Figure]:
    """How long after the last visitor the last pass was stored and the last mail sent, and how
    many there were."""
    figures = []
    for words, call in (("passes", "s3.PutObject"), ("mails", "ses.SendRawEmail")):
        done = [work for work in works if call in work.calls]
        last = max((work.at for work in done), default=rush.ended)
        number = sum(work.calls[call] for work in done)
        figures += [
            Figure("", f"{words}", number, ""),
            Figure("", f"{words}, the last after the last visitor", last - rush.ended, "s"),
        ]
    return figures


def _processors(rush: Rush, roles: Mapping[int, str]) -> list[Figure]:
    spent: dict[str, float] = defaultdict(float)
    for pid, seconds in rush.spent.items():
        spent[roles.get(pid, "web")] += seconds
    spent["people"] = rush.own
    return [
        Figure("", f"processor time until then, {role}", seconds, "s")
        for role, seconds in spent.items()
    ]


def _tell_units(confirmed: Mapping[str, float], waiting: Mapping[str, float]) -> None:
    for words, units in (("confirmed", confirmed), ("waiting", waiting)):
        print(f"  units of each who is {words}, by what was done and by table")
        for where, number in sorted(units.items()):
            if number:
                print(f"    {where:<56} {number:>10,.2f}")


def _processor_seconds(server: int) -> dict[int, float]:
    """What each process has spent, with its children that have ended. Linux only: elsewhere
    nothing is known."""
    found = {}
    for pid in family(server):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
            # utime, stime, cutime, cstime: fields 14 to 17 of proc(5), and two are cut off here
            found[pid] = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return found


def _roles(server: int) -> dict[int, str]:
    """Which of the processes are the cloud."""
    commands = subprocess.check_output(["ps", "-axo", "pid=,command="], text=True).splitlines()
    rows = [line.split(maxsplit=1) for line in commands]
    return {
        int(pid): "cloud" for pid, command in rows if int(pid) in family(server)
        and "ministack_run" in command
    }  # fmt: skip


def percentile(values: Collection[float], part: int) -> float:
    """The value that so many of 100 do not exceed; 0 if there are none."""
    ordered = sorted(values)
    return ordered[-(-len(ordered) * part // 100) - 1] if ordered else 0.0


if __name__ == "__main__":
    main()
