// The pass page: waits for the image, prints, asks before cancelling, copies the address.
"use strict";

(() => {
  const SECOND = 1000;
  const SOON = 2 * SECOND; // it is there within a second as a rule
  const LATE = 10 * SECOND; // then the mail will bring it
  const GIVE_UP = 180 * SECOND;

  // ---- the image ----
  const image = document.querySelector(".lan-pass__image");
  const made = document.getElementById("being-made");
  const isThere = () => image.complete && image.naturalWidth > 0;

  async function waitForImage(since) {
    const waited = Date.now() - since;
    if (waited > LATE) made.querySelector("[role=status]").textContent = made.querySelector("[data-late]").dataset.late;
    if (waited > GIVE_UP) return;
    const answer = await fetch(made.dataset.image, { method: "HEAD", cache: "no-store" }).catch(() => null);
    if (answer && answer.ok) {
      image.src = made.dataset.image;
    } else {
      const seconds = Number(answer && answer.headers.get("Retry-After")) || 1;
      const pause = waited < SOON ? SECOND / 4 : seconds * SECOND * (waited > LATE ? 5 : 1);
      setTimeout(waitForImage, pause, since);
    }
  }

  function lookAtImage() {
    made.hidden = isThere();
    if (!isThere()) waitForImage(Date.now());
  }

  if (image) {
    image.addEventListener("load", () => { made.hidden = true; });
    if (image.complete) lookAtImage();
    else image.addEventListener("error", lookAtImage, { once: true });
  }

  // ---- print ----
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }

  // ---- cancel ----
  for (const opener of document.querySelectorAll("[data-dialog]")) {
    opener.addEventListener("click", (event) => {
      event.preventDefault();
      document.getElementById(opener.dataset.dialog).showModal();
    });
  }

  // ---- copy the address ----
  const snackbar = document.getElementById("snackbar");
  let fading = 0;

  function say(words) {
    clearTimeout(fading);
    snackbar.querySelector("[role=status]").textContent = words;
    snackbar.classList.add("mdl-snackbar--active");
    fading = setTimeout(hush, 6 * SECOND);
  }

  function hush() {
    snackbar.classList.remove("mdl-snackbar--active");
  }

  if (snackbar) snackbar.querySelector("button").addEventListener("click", hush);
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(location.origin + location.pathname);
      button.querySelector("span").textContent = button.dataset.copied;
      say(button.dataset.copied);
    });
  }
})();
