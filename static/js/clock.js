// Moments in the visitor's own time, and a sign-up page that opens by itself at the server's moment,
// whatever the visitor's clock says.
"use strict";

(() => {
  const SECOND = 1000;
  const HOUR = 3600 * SECOND;
  const LONGEST = 6 * HOUR; // a longer timer may drift, and beyond 24 days it would fire at once

  // ---- the visitor's own time ----
  const [locale, hourCycle] = document.documentElement.lang === "ko" ? ["ko", "h23"] : ["en-GB", "h12"];

  function written(moment, timeZone) {
    const style = { month: "long", day: "numeric", hour: "numeric", minute: "2-digit", hourCycle, timeZone };
    return new Intl.DateTimeFormat(locale, style).format(moment);
  }

  for (const element of document.querySelectorAll("[data-moment]")) {
    const moment = Number(element.dataset.moment);
    const own = written(moment);
    if (own !== written(moment, element.dataset.zone)) {
      element.textContent = element.dataset.text.replace("{time}", own);
      element.hidden = false;
    }
  }

  // ---- opening ----
  const early = document.querySelector("[data-opens-at]");
  if (!early) return;
  const opensAt = Number(early.dataset.opensAt);
  const countdown = early.querySelector(".lan-countdown");
  let ahead = 0; // ms that the server's clock is ahead of this one
  let timer = 0;

  // `Date` is cut to whole seconds, so this is late by less than one, and never early. A cache in
  // front sends the answer's first `Date` and, as `Age`, the seconds since.
  async function learn() {
    const before = Date.now();
    const { headers } = await fetch(location.href, { method: "HEAD", cache: "no-store" });
    const said = Date.parse(headers.get("Date")) + Number(headers.get("Age") || 0) * SECOND;
    if (said) ahead = said - (before + Date.now()) / 2;
  }

  const left = () => opensAt - Date.now() - ahead;

  function show() {
    const seconds = Math.max(0, Math.ceil(left() / SECOND));
    const parts = [Math.floor(seconds / 60), seconds % 60].map((part) => String(part).padStart(2, "0"));
    countdown.textContent = countdown.dataset.text.replace("{time}", parts.join(":"));
    countdown.hidden = left() > HOUR;
  }

  async function open() {
    const answer = await fetch(location.href, { cache: "reload" });
    const page = await answer.text();
    // Not yet, or too many at once: everybody asks again, not all at the same moment.
    if (!answer.ok || page.includes("data-opens-at")) return wait(SECOND * (1 + Math.random()));
    location.reload();
  }

  function tick() {
    if (left() <= 0) return open().catch(() => wait(3 * SECOND));
    show();
    return wait(left() > HOUR ? Math.min(left() - HOUR, LONGEST) : Math.min(left(), SECOND));
  }

  function wait(ms) {
    clearTimeout(timer);
    timer = setTimeout(tick, ms);
  }

  const start = () => learn().catch(() => {}).then(tick);
  document.addEventListener("visibilitychange", () => document.hidden || start()); // it may have slept
  start();
})();
