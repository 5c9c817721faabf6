"""Follows whatever pages lead to: links, assets, redirections, forms, and what they tell others."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urldefrag, urljoin
from xml.etree.ElementTree import Element

import html5lib

from tests.e2e.site import Answer

MOST = 500
XHTML = "{http://www.w3.org/1999/xhtml}"
LEADING = ("href", "src", "data-image")
# Of pages to search engines and messengers: these name the public address, wherever they stand.
TOLD_OTHERS = {"canonical", "alternate", "og:url", "og:image"}
AWAY = ("mailto:", "#")

Ask = Callable[[str, dict[str, str] | None], Answer]


@dataclass
class Crawl:
    """One walk. `ask` answers an address, or an empty form that is sent there; `is_here` tells
    whether an address is one that pages may lead to, `is_public` whether others may be told it:
    it has to answer, but is not walked on from."""

    ask: Ask
    is_here: Callable[[str], bool]
    is_public: Callable[[str], bool]
    seen: set[str] = field(default_factory=set)
    forms: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)

    def follow(self, *addresses: str) -> None:
        """Ask for these, and for all that they lead to."""
        coming = deque(addresses)
        while coming:
            address = coming.popleft()
            if address in self.seen:
                continue
            self.seen.add(address)
            assert len(self.seen) < MOST
            answer = self.ask(address, None)
            self._judge(address, answer, HTTPStatus.OK)
            if self.is_here(address):
                coming.extend(self._leads_to(address, answer))

    def send_forms(self) -> None:
        """Send every form that was seen, empty: it is refused, or done and leads to a page. What
        cancels comes last, for it ends all the others."""
        for address in sorted(self.forms, key=lambda one: ("/cancel" in one, one)):
            answer = self.ask(address, {})
            self._judge(address, answer, HTTPStatus.UNPROCESSABLE_ENTITY)
            self.follow(*self._leads_to(address, answer))

    def _judge(self, address: str, answer: Answer, usual: HTTPStatus) -> None:
        if answer.status not in (usual, HTTPStatus.SEE_OTHER):
            self.complaints.append(f"{answer.status}: {address}")

    def _leads_to(self, address: str, answer: Answer) -> list[str]:
        """The addresses to follow; those of forms are kept. Whatever lies elsewhere is noted."""
        if answer.status == HTTPStatus.SEE_OTHER:
            return self._kept(address, [answer.headers["Location"]], self.is_here)
        if not answer.headers.get("Content-Type", "").startswith("text/html"):
            return []
        page = html5lib.parse(answer.text)
        self.forms.update(self._kept(address, _forms(page), self.is_here))
        return [
            *self._kept(address, _links(page), self.is_here),
            *self._kept(address, _told_others(page), self.is_public),
        ]

    def _kept(self, base: str, found: Iterable[str], belongs: Callable[[str], bool]) -> list[str]:
        whole = [urldefrag(urljoin(base, one)).url for one in found if not one.startswith(AWAY)]
        self.complaints += [f"on {base}: {one}" for one in whole if not belongs(one)]
        return [one for one in whole if belongs(one)]


def _links(page: Element) -> Iterator[str]:
    for element in page.iter():
        if element.get("rel") not in TOLD_OTHERS:
            yield from (element.attrib[name] for name in LEADING if name in element.attrib)


def _told_others(page: Element) -> Iterator[str]:
    for element in page.iter():
        if element.get("rel") in TOLD_OTHERS:
            yield element.attrib["href"]
        if element.get("property") in TOLD_OTHERS:
            yield element.attrib["content"]


def _forms(page: Element) -> Iterator[str]:
    for form in page.iter(f"{XHTML}form"):
        if form.get("method") == "post":
            yield form.attrib["action"]
