"""The sign-up page, signing up, and the pass, over HTTP, as `make run` serves them."""

from __future__ import annotations

import http
import time
from dataclasses import dataclass, field

from harness import (
    CONFERENCE,
    Figure,
    Server,
    Visitor,
    lanyard,
    milliseconds,
    p50,
    p95,
    pages_per_second,
    report,
    wait_for,
)

PAGES = 300
CROWD = 16
CROWD_PAGES = 1500
ROUNDS = 3
PEOPLE = 60  # fewer than a limit on the sign-ups of one visitor may stop
IMAGE_SECONDS = 30
POLL_SECONDS = 0.01


@dataclass
class Times:
    """How long each of many people waited, in milliseconds."""

    registration: list[float] = field(default_factory=list)
    page: list[float] = field(default_factory=list)
    post: list[float] = field(default_factory=list)
    pass_page: list[float] = field(default_factory=list)
    image: list[float] = field(default_factory=list)


def main() -> None:
    """Measure, and print."""
    with lanyard() as server:
        page = [_page_alone(server) for _ in range(ROUNDS)]
        crowd = [
            pages_per_second(server.port, CONFERENCE, CROWD, CROWD_PAGES) for _ in range(ROUNDS)
        ]
        times = _sign_up(server)
    report(
        "Signing up, over HTTP",
        [
            Figure("page_p50_ms", "sign-up page, one visitor, p50", p50(page), "ms", 5),
            Figure(
                "pages_per_second", f"sign-up page, {CROWD} visitors", p50(crowd), "a second",
                400, at_least=True,
            ),
            Figure(
                "registration_p50_ms", "registration (page and form), p50",
                p50(times.registration), "ms", 15,
            ),
            Figure("registration_p95_ms", "registration, p95", p95(times.registration), "ms"),
            Figure("registration_page_p50_ms", "of which the page, p50", p50(times.page), "ms"),
            Figure("registration_post_p50_ms", "of which the form, p50", p50(times.post), "ms"),
            Figure("pass_page_p50_ms", "page of the pass, p50", p50(times.pass_page), "ms"),
            Figure("image_p50_ms", "image visible after the form, p50", p50(times.image), "ms"),
            Figure("image_max_ms", "image visible, longest", max(times.image), "ms", 1000),
        ],
    )  # fmt: skip


def _page_alone(server: Server) -> float:
    """The median of one visitor who asks again and again."""
    with Visitor(server.port) as visitor:
        return p50([milliseconds(lambda: visitor.get(CONFERENCE)) for _ in range(PAGES)])


def _sign_up(server: Server) -> Times:
    """People sign up one after the other; each looks at the pass until the image is there."""
    times = Times()
    for number in range(PEOPLE):
        with Visitor(server.port) as visitor:
            _one(visitor, f"person{number}@example.com", times)
    return times


def _one(visitor: Visitor, email: str, times: Times) -> None:
    begin = time.perf_counter()
    visitor.get(CONFERENCE)
    seen = time.perf_counter()
    address = visitor.sign_up(email)
    sent = time.perf_counter()
    times.page.append((seen - begin) * 1000)
    times.post.append((sent - seen) * 1000)
    times.registration.append((sent - begin) * 1000)
    times.pass_page.append(milliseconds(lambda: visitor.get(address)))
    image = f"{address.partition('?')[0]}/pass.png"
    wait_for(lambda: visitor.get(image).status == http.HTTPStatus.OK, IMAGE_SECONDS, POLL_SECONDS)
    times.image.append((time.perf_counter() - sent) * 1000)


if __name__ == "__main__":
    main()
