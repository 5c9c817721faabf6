// A form that says what is wrong while one types (never within a Hangul syllable), sends once however
// often it is pressed, and shows that it is sending. Without this script the browser and the server do.
"use strict";

(() => {
  const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@.]{2,}$/;
  const PHONE = /^[0-9+\-(). ]+$/;
  const PATIENCE = 20000; // ms until a request that got no answer may be sent again

  const form = document.querySelector(".lan-form");
  if (!form) return;
  const summary = document.getElementById("errors");
  const fields = [...form.elements].filter((field) => "missing" in field.dataset);
  const names = [...new Set(fields.map((field) => field.name))];
  form.noValidate = true;

  // ---- what is wrong ----
  const grouped = (name) => fields.filter((field) => field.name === name);

  function mistakeIn(name) {
    const [field] = grouped(name);
    if (field.type === "radio" || field.type === "checkbox") {
      return grouped(name).some((one) => one.checked) ? "" : field.dataset.missing;
    }
    const typed = field.value.normalize("NFKC").trim();
    if (!typed) return field.required ? field.dataset.missing : "";
    return looksRight(field.type, typed) ? "" : field.dataset.mistaken;
  }

  function looksRight(type, typed) {
    if (type === "email") return EMAIL.test(typed);
    if (type === "tel") return PHONE.test(typed) && /^(\D*\d\D*){7,15}$/.test(typed);
    return true;
  }

  function show(name, mistake) {
    const error = document.getElementById(`${name}-error`);
    error.hidden = !mistake;
    error.querySelector("span").textContent = mistake;
    for (const field of grouped(name)) {
      const help = document.getElementById(`${name}-help`);
      const described = [help && help.id, mistake && error.id].filter(Boolean).join(" ");
      set(field, "aria-invalid", mistake && "true");
      set(field, "aria-describedby", described);
    }
  }

  function set(element, attribute, value) {
    if (value) element.setAttribute(attribute, value);
    else element.removeAttribute(attribute);
  }

  const shownWrong = () => names.filter((name) => grouped(name)[0].hasAttribute("aria-invalid"));

  function summarise() {
    if (!summary) return;
    const wrong = shownWrong();
    summary.hidden = !wrong.length;
    const words = wrong.length === 1 ? summary.dataset.one : summary.dataset.many;
    summary.querySelector("strong").textContent = words.replace("{n}", wrong.length);
    const links = wrong.flatMap((name) => [", ", link(name)]).slice(1);
    summary.querySelector(".lan-errors__links").replaceChildren(...links);
  }

  function link(name) {
    const anchor = document.createElement("a");
    anchor.href = `#${name}`;
    anchor.textContent = grouped(name)[0].dataset.label;
    return anchor;
  }

  function check(name) {
    show(name, mistakeIn(name));
    if (summary && !summary.hidden) summarise();
  }

  function focusFirstWrong() {
    const [name] = shownWrong();
    if (!name) return;
    const [field] = grouped(name);
    if (summary) summary.scrollIntoView({ block: "start" });
    field.focus({ preventScroll: true });
    const place = field.getBoundingClientRect();
    if (place.bottom > window.innerHeight) field.scrollIntoView({ block: "center" });
  }

  // A sentence that appears while a button is pressed would move the button away from the pointer.
  let pressing = false;
  addEventListener("pointerdown", () => { pressing = true; }, true);
  for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => { pressing = false; }, true);

  form.addEventListener("focusout", ({ target }) => {
    if (pressing) {
      addEventListener("click", () => checkIfTyped(target), { once: true });
      return;
    }
    checkIfTyped(target);
  });

  function checkIfTyped(target) {
    const typed = fields.includes(target) && !["radio", "checkbox"].includes(target.type) && target.value.trim();
    if (typed) check(target.name);
  }

  for (const happening of ["input", "compositionend"]) {
    form.addEventListener(happening, (event) => {
      if (event.isComposing || !fields.includes(event.target)) return;
      if (event.target.hasAttribute("aria-invalid")) check(event.target.name);
    });
  }

  // ---- the key of one attempt: kept while nothing is changed, so that sending again is the same attempt ----
  const place = `submission ${form.action}`;
  const newKey = () => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(18))))
    .replaceAll("+", "-").replaceAll("/", "_");

  function attempt() {
    const key = sessionStorage.getItem(place) || newKey();
    sessionStorage.setItem(place, key);
    return key;
  }

  if ("submission" in form.dataset) {
    form.addEventListener("input", () => sessionStorage.removeItem(place));
  }

  // ---- sending ----
  const button = form.querySelector(".lan-submit button");
  let sending = 0;

  function showSending(yes) {
    clearTimeout(sending);
    sending = yes ? setTimeout(showSending, PATIENCE, false) : 0;
    set(button, "aria-disabled", yes && "true");
    button.querySelector(".lan-submit__rest").hidden = yes;
    button.querySelector(".lan-submit__sending").hidden = !yes;
    form.querySelector(".mdl-progress").hidden = !yes;
  }

  form.addEventListener("submit", (event) => {
    if (sending) return event.preventDefault();
    for (const name of names) show(name, mistakeIn(name));
    summarise();
    if (shownWrong().length) {
      event.preventDefault();
      return focusFirstWrong();
    }
    if (!navigator.onLine) {
      event.preventDefault();
      offline.textContent = offline.dataset.offline;
      return;
    }
    if ("submission" in form.dataset) form.elements.submission.value = attempt();
    showSending(true);
  });

  // ---- without a network the browser would put its own page in place of what was typed ----
  const offline = form.querySelector("[data-offline]");
  addEventListener("online", () => {
    if (offline.textContent) offline.textContent = offline.dataset.online;
  });

  window.addEventListener("pageshow", ({ persisted }) => {
    if (persisted) showSending(false);
  });
  focusFirstWrong();
})();
