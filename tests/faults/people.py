"""People at a conference whose cloud is having a bad day, and what they were told."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.registrations.rules import Person
from tests import cast
from tests.pages import ORIGIN

AT_A_TIME = 6
PATIENCE = 25  # how often somebody presses the button again


class Visitor:
    """One person in one browser, who presses again what was answered with "please try again"."""

    def __init__(self, app: Flask, number: int) -> None:
        self.person = cast.person(number)
        self.secret = ""
        self.answers: list[int] = []
        self._key = secrets.token_urlsafe(16)
        self._browser = FlaskClient(app, app.response_class, use_cookies=True)

    def sign_up(self, slug: str) -> None:
        """Send the form, the same again if need be, until the pass link is there."""
        fields = cast.form(self.person, submission=self._key)
        answer = self._press(f"/c/{slug}/register", fields)
        self.secret = answer.location.rpartition("/passes/")[2].partition("?")[0]

    def cancel(self) -> None:
        """Give the place back."""
        self._press(f"/passes/{self.secret}/cancel", {})

    def rename(self) -> None:
        """Change the name."""
        self.person = Person(f"{self.person.name} the Second", self.person.email)
        self._press(f"/passes/{self.secret}/edit", vars(self.person))

    def move(self) -> None:
        """Change the address."""
        self.person = Person(self.person.name, f"new-{self.person.email}")
        self._press(f"/passes/{self.secret}/edit", vars(self.person))

    def _press(self, path: str, fields: dict[str, str]) -> TestResponse:
        for _ in range(PATIENCE):
            answer = self._browser.post(path, data=fields, headers={"Origin": ORIGIN})
            self.answers.append(answer.status_code)
            if answer.status_code == 303:
                return answer
        raise AssertionError(f"{path.rpartition('/')[2]} was never answered: {self.answers}")


def at_once(visitors: Sequence[Visitor], act: Callable[[Visitor], None]) -> None:
    """Everybody does it, some at a time."""
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        list(pool.map(act, visitors))
