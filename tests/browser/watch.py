"""What no page of ours may ever do, noted while the tests look at something else."""

from __future__ import annotations

import contextlib

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Request, Response, WebError

from tests import rendered


class Watch:
    """Notes errors in the console (violations of the content policy stand there too), errors of
    scripts, requests that go elsewhere, and answers that a page did not count on. Keeps the pages
    for the validator, as the server sent them and as scripts left them in the end."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        """All that is asked for has to begin with `address`."""
        self.complaints: list[str] = []
        self._context = context
        self._address = address
        context.on("console", self._console)
        context.on("weberror", self._script)
        context.on("request", self._request)
        context.on("response", self._response)
        context.on("response", self._page)
        context.on("requestfailed", self._failed)

    def end(self) -> None:
        """Close the browser."""
        for page in self._context.pages:
            if page.url.startswith(self._address):
                rendered.keep(page.content())
        self._context.close()

    def _console(self, message: ConsoleMessage) -> None:
        # A status over 400 is judged as a response, which knows what was asked for.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.complaints.append(f"console: {message.text}")

    def _script(self, error: WebError) -> None:
        self.complaints.append(f"script: {error.error.message}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith(self._address):
            self.complaints.append(f"a request elsewhere: {request.url}")

    def _response(self, response: Response) -> None:
        is_page = response.request.is_navigation_request()
        being_made = response.status == 404 and response.url.endswith("/pass.png")
        if response.status >= 400 and not is_page and not being_made:
            self.complaints.append(f"{response.status}: {response.url}")

    def _page(self, response: Response) -> None:
        is_page = response.headers.get("content-type", "").startswith("text/html")
        is_mail = response.frame.parent_frame is not None
        if is_page and not is_mail and response.request.is_navigation_request():
            with contextlib.suppress(Error):  # a redirection, or left before all had come
                rendered.keep(response.text())

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the visitor went on
            self.complaints.append(f"{request.failure}: {request.url}")
