"""A client that looks at every page it is given."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import html5lib
from flask.testing import FlaskClient
from html5lib.html5parser import ParseError
from werkzeug.test import TestResponse

from tests import rendered

ORIGIN = "http://localhost"
XHTML = "{http://www.w3.org/1999/xhtml}"


class PageClient(FlaskClient):
    """A browser without a script: sends what browsers send, and refuses bad HTML."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """One request; a page in the answer is checked."""
        response = super().open(*args, buffered=True, **kwargs)
        if response.mimetype == "text/html" and not 300 <= response.status_code < 400:
            check(response.text)
        return response

    def send(self, path: str, **fields: str) -> TestResponse:
        """Send a form as a page of ours does."""
        return self.post(path, data=fields, headers={"Origin": ORIGIN})


def check(page: str) -> None:
    """Valid HTML, one h1, a title, a language, no id twice, no inline script or style."""
    rendered.keep(page)  # for the second opinion, at the end
    try:
        document = html5lib.HTMLParser(strict=True).parse(page)
    except ParseError as error:
        raise AssertionError(f"invalid HTML: {error!r}") from error
    elements = list(document.iter())
    tags = Counter(str(one.tag).removeprefix(XHTML) for one in elements)
    ids = Counter(one.get("id") for one in elements if one.get("id"))
    assert tags["h1"] == 1
    assert (document.findtext(f"{XHTML}head/{XHTML}title") or "").strip()
    assert document.get("lang") in ("ko", "en")
    assert not [one for one, times in ids.items() if times > 1]
    assert not [one for one in elements if one.get("style") is not None]
    scripts = [one for one in elements if one.tag == f"{XHTML}script" and not one.get("src")]
    for script in scripts:  # data for search engines, which no browser runs
        assert script.get("type") == "application/ld+json"
        json.loads(script.text or "")
    assert tags["style"] == 0
    assert not re.search(r"\son[a-z]+=", page.lower().partition("<body")[2].replace("content=", ""))
