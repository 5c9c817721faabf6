"""Take the pictures of the documents from a running Lanyard: `make run`, then this (with pdftoppm,
of poppler, for the PDF).

    .venv/bin/python scripts/pictures.py [http://127.0.0.1:8000] [docs/pictures]

Signs up invented people at the demo conference, and in the end changes it; give both a fresh
LANYARD_DATA.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
ZONE = "Asia/Seoul"
PASS_SECONDS = 20
CHANGE_SECONDS = 20  # until what an organiser changed shows everywhere


def sign_up(page: Page, sign_up_address: str, ticket_type: int, name: str, email: str) -> None:
    """Fill in the form as a visitor would, and wait for the pass page."""
    page.goto(sign_up_address)
    page.locator(f"input[name=ticket_type][value='{ticket_type}']").check()
    page.fill("input[name=name]", name)
    page.fill("input[name=email]", email)
    page.fill("input[name=company]", "물결소프트")
    page.check("input[name=consent]")
    page.click("button[type=submit]")
    page.wait_for_url("**/passes/**")


def see_pass(page: Page) -> None:
    """Wait until the pass image has come and is drawn."""
    page.wait_for_function(
        "() => [...document.images].some(i => i.src.includes('pass.png') && i.naturalWidth)",
        timeout=PASS_SECONDS * 1000,
    )


def take(page: Page, folder: Path, name: str, *, whole: bool = False) -> None:
    """One picture of a page."""
    page.evaluate("document.fonts.ready")
    page.evaluate("scrollTo(0, 0)")
    save(page.screenshot(full_page=whole), folder, name)


def save(picture: bytes, folder: Path, name: str) -> None:
    """Keep a picture: 256 colours are enough for flat pages, at a third of the size."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(256).save(folder / f"{name}.png", optimize=True)
    print(name)


def take_files(page: Page, pass_address: str, folder: Path, lang: str) -> None:
    """The PDF of a pass, and what a messenger shows of a link to the conference."""
    pdf = page.request.get(f"{pass_address}/pass.pdf").body()
    command = ["pdftoppm", "-r", "72", "-png", "-singlefile"]
    save(
        subprocess.run(command, input=pdf, check=True, capture_output=True).stdout,
        folder,
        f"pdf-{lang}",
    )
    page.goto(f"{pass_address.partition('/passes/')[0]}/c/demo?lang={lang}")
    preview = page.locator("meta[property='og:image']").get_attribute("content")
    save(page.request.get(preview or "").body(), folder, f"preview-{lang}")


def take_mail(page: Page, address: str, person: str, folder: Path, lang: str) -> None:
    """The first mail to somebody, as a mail program shows it."""
    page.goto(f"{address}/dev/outbox?lang={lang}")
    mail = page.locator(".mdl-card").filter(has_text=person).last
    page.goto(mail.locator("iframe").evaluate("frame => frame.src"))
    take(page, folder, f"mail-{lang}-phone", whole=True)


def tour(browser: Browser, address: str, folder: Path, lang: str, size: ViewportSize) -> None:
    """Every page, in one language and at one width."""
    kind = "phone" if size is PHONE else "desktop"
    context = browser.new_context(
        viewport=size, locale=lang, timezone_id=ZONE, device_scale_factor=2
    )
    page = context.new_page()

    def shot(name: str, *, whole: bool = False) -> None:
        take(page, folder, f"{name}-{lang}-{kind}", whole=whole)

    page.goto(f"{address}/?lang={lang}")
    shot("home")
    page.goto(f"{address}/c/demo?lang={lang}")
    shot("sign-up", whole=True)
    page.fill("input[name=email]", "haneul.kim@")
    page.click("button[type=submit]")
    page.wait_for_selector("[aria-invalid=true]")
    shot("errors", whole=True)
    name = {"ko": "김하늘", "en": "Ada Nowak"}[lang]
    person = f"{kind}.{lang}@example.com"
    sign_up(page, f"{address}/c/demo?lang={lang}", 1, name, person)
    see_pass(page)
    shot("pass", whole=True)
    pass_address = page.url.partition("?")[0]
    for path in ("edit", "cancel", "transfer", "ticket-type"):
        page.goto(f"{pass_address}/{path}?lang={lang}")
        shot(path, whole=True)
    if kind == "phone":
        take_files(page, pass_address, folder, lang)
    page.goto(f"{address}/c/demo/privacy?lang={lang}")
    shot("privacy")
    page.goto(f"{address}/my?lang={lang}")
    shot("my-passes")
    page.goto(f"{address}/nowhere?lang={lang}")
    shot("not-found")
    if kind == "phone":
        take_mail(page, address, person, folder, lang)
    page.goto(f"{pass_address}/cancel?lang={lang}")
    page.click("form button")
    page.wait_for_selector(".lan-mine--cancelled")
    shot("cancelled")
    context.close()


def take_both(page: Page, folder: Path, name: str) -> None:
    """A pass page on a phone, in both languages."""
    address = page.url.partition("?")[0]
    for lang in ("en", "ko"):
        page.goto(f"{address}?lang={lang}")
        take(page, folder, f"{name}-{lang}-phone", whole=True)


def flask(*words: str) -> None:
    """Run a command of the organiser; it joins the cloud of LANYARD_DATA."""
    program = Path(sys.executable).with_name("flask")
    subprocess.run([program, "--app", "wsgi", *words], check=True, stdout=subprocess.DEVNULL)


def change_demo(page: Page, sign_up_address: str) -> None:
    """From now on free seats are offered, and there is a ticket type on request."""
    flask("conference", "change", "demo", "--promotion", "offer")
    talk = ("--name-ko", "발표", "--name-en", "Talk", "--capacity", "10", "--approval")
    flask("ticket-type", "add", "demo", *talk)
    deadline = time.monotonic() + CHANGE_SECONDS
    while time.monotonic() < deadline:
        page.goto(sign_up_address)
        if page.locator("input[name=ticket_type][value='3']").count():
            return
        page.wait_for_timeout(250)
    sys.exit("The change does not show: has the server another LANYARD_DATA?")


def queue(browser: Browser, address: str, folder: Path) -> None:
    """Fill the workshop, then wait for it, and be offered a seat; ask for another."""
    context = browser.new_context(
        viewport=PHONE, locale="ko", timezone_id=ZONE, device_scale_factor=2
    )
    page = context.new_page()
    sign_up_address = f"{address}/c/demo?lang=ko"
    passes = []
    for number in range(5):
        sign_up(page, sign_up_address, 2, "이서준", f"queue{number}@example.com")
        passes.append(page.url.partition("?")[0])
    take_both(page, folder, "waiting")
    page.set_viewport_size(DESKTOP)
    take(page, folder, "waiting-ko-desktop", whole=True)
    page.goto(f"{address}/c/demo?lang=en")
    take(page, folder, "full-en-desktop", whole=True)
    page.goto(f"{address}/dev/outbox?lang=en")
    take(page, folder, "outbox-en-desktop")
    page.set_viewport_size(PHONE)
    change_demo(page, sign_up_address)
    page.goto(f"{passes[0]}/cancel")
    page.click("form button")
    page.goto(passes[-1])
    take_both(page, folder, "offered")
    sign_up(page, sign_up_address, 3, "이서준", "talk@example.com")
    take_both(page, folder, "pending")
    context.close()


def main() -> None:
    """All pictures."""
    address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    folder = Path(sys.argv[2] if len(sys.argv) > 2 else "docs/pictures")
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("LANYARD_BROWSER") or None,
            args=["--no-sandbox", "--disable-background-networking"],
        )
        for lang in ("ko", "en"):
            for size in (PHONE, DESKTOP):
                tour(browser, address, folder, lang, size)
        queue(browser, address, folder)
        browser.close()


if __name__ == "__main__":
    main()
