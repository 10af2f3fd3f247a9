// Small things that HTML cannot do by itself. Every page works without them.
"use strict";

// Times: in the visitor's own zone and language. `ago` within a week, else the date.
const STEPS = [[60, "second"], [60, "minute"], [24, "hour"], [7, "day"]];
const language = document.documentElement.lang || undefined;
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
const clock = new Intl.DateTimeFormat(language, { timeStyle: "medium", hourCycle: "h23" });
const exact = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" });

function ago(date) {
  let left = (date - Date.now()) / 1000;
  for (const [size, unit] of STEPS) {
    if (Math.abs(left) < size) return relative.format(Math.round(left), unit);
    left /= size;
  }
  return exact.format(date);
}

function showTimes(root) {
  for (const element of root.querySelectorAll("time[datetime]")) {
    const date = new Date(element.dateTime);
    element.title = exact.format(date);
    const styles = { exact: exact.format, clock: clock.format };
    element.textContent = (styles[element.dataset.style] || ago)(date);
  }
}

// A field that takes several choices, with commas between, becomes what is chosen and a search for more.
function pickSeveral(field) {
  const search = field.cloneNode();
  search.removeAttribute("name");
  search.required = false;
  search.value = "";
  search.setAttribute("list", field.dataset.choices);
  const offered = [...document.getElementById(field.dataset.choices).options].map((one) => one.value);
  const chosen = document.createElement("ul");
  chosen.className = "chips";
  const names = () => field.value.split(",").map((one) => one.trim()).filter(Boolean);
  const keep = (wanted) => {
    field.value = [...new Set(wanted)].join(", ");
    chosen.replaceChildren(...names().map((name) => {
      const row = document.createElement("li");
      const remove = document.createElement("button");
      remove.type = "button";
      remove.className = "chip";
      remove.textContent = `${name} ×`;
      remove.setAttribute("aria-label", `${field.dataset.remove} ${name}`);
      remove.addEventListener("click", () => {
        keep(names().filter((one) => one !== name));
        search.focus();
      });
      row.append(remove);
      return row;
    }));
  };
  const add = (text) => {
    keep([...names(), ...text.split(",").map((one) => one.trim()).filter(Boolean)]);
    search.value = "";
  };
  search.addEventListener("change", () => add(search.value));
  search.addEventListener("input", (event) => {
    // A choice of the list comes as a whole; what is typed may go on.
    const whole = event.inputType === "insertReplacementText" || event.data === ",";
    if (whole && search.value.trim()) add(search.value);
  });
  search.addEventListener("keydown", (event) => {
    const typed = search.value.trim().toLowerCase();
    if (event.key === "Enter" && typed) {
      event.preventDefault();
      add(offered.find((name) => name.toLowerCase().startsWith(typed)) ?? search.value);
    } else if (event.key === "Backspace" && !search.value) {
      keep(names().slice(0, -1));
    }
  });
  field.type = "hidden";
  field.removeAttribute("id");
  field.after(chosen, search);
  keep(names());
}

// A field that is asked for only while another has one of some values.
function followOther(field) {
  const other = field.form.elements[field.dataset.when];
  const values = field.dataset.whenValues.split(" ");
  const show = () => {
    const value = other.type === "checkbox" ? (other.checked ? "True" : "False") : other.value;
    field.closest(".field").hidden = !values.includes(value);
  };
  other.addEventListener("change", show);
  show();
}

// What comes of a pattern, while it is written: `data-example` says what stands for what.
function showExample(field) {
  const [name, example] = field.dataset.example.split("=");
  const output = field.form.querySelector(`output[for=${field.id}]`);
  field.addEventListener("input", () => { output.textContent = field.value.replaceAll(name, example); });
}

// Bulk actions: how many are chosen, and all at once. Where the form has a place for them, those of other pages
// of the same list stay chosen until something is done.
function keepChosen(form) {
  const counter = form.querySelector("[data-chosen]");
  if (!counter) return;
  const kept = `taggarr-chosen:${location.pathname}?${form.dataset.bulk}`;
  const boxes = [...form.querySelectorAll("input[type=checkbox][name]")];
  const here = new Set(boxes.map((box) => box.value));
  const all = form.querySelector("[data-choose-all]");
  const others = form.querySelector("[data-chosen-elsewhere]");
  let elsewhere = [];
  try {
    const chosen = JSON.parse((others && sessionStorage.getItem(kept)) ?? "[]");
    elsewhere = chosen.filter((id) => !here.has(id));
    boxes.forEach((box) => { box.checked ||= chosen.includes(box.value); });
  } catch {
    // Without a store each page is chosen from alone.
  }
  const show = () => {
    const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
    const count = chosen.length + elsewhere.length;
    counter.textContent = count;
    if (others) {
      others.hidden = !elsewhere.length;
      others.querySelector("span").textContent = elsewhere.length;
      form.elements.elsewhere.value = elsewhere.join(",");
    }
    form.classList.toggle("has-chosen", count > 0);
    if (all) all.checked = chosen.length > 0 && chosen.length === boxes.length;
    try {
      sessionStorage.setItem(kept, JSON.stringify([...elsewhere, ...chosen]));
    } catch {
      // As above.
    }
  };
  const takeAll = () => boxes.forEach((box) => { box.checked = all.checked; });
  form.addEventListener("change", (event) => {
    if (event.target === all) takeAll();
    show();
  });
  form.querySelector("[data-choose-none]")?.addEventListener("click", () => {
    boxes.forEach((box) => { box.checked = false; });
    elsewhere = [];
    show();
  });
  form.addEventListener("submit", () => sessionStorage.removeItem(kept));
  // A quick reader ticked "all" before this script came.
  if (all?.checked) takeAll();
  show();
}

// Among cells and posters the arrow keys go from one to the next.
function moveByArrows(event) {
  const cell = event.target.closest("[data-arrows] a");
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: "down", ArrowUp: "up" }[event.key];
  if (!cell || !step) return;
  const cells = [...document.querySelectorAll("[data-arrows] a")];
  const here = cell.getBoundingClientRect();
  let next;
  if (typeof step === "number") {
    next = cells[cells.indexOf(cell) + step];
  } else {
    const sign = step === "down" ? 1 : -1;
    const below = cells.filter((one) => sign * (one.getBoundingClientRect().top - here.top) > 4);
    const distance = (one) => {
      const box = one.getBoundingClientRect();
      return Math.abs(box.top - here.top) * 100 + Math.abs(box.left - here.left);
    };
    next = below.sort((a, b) => distance(a) - distance(b))[0];
  }
  if (next) {
    next.focus();
    event.preventDefault();
  }
}

// In a list `j` and `k` go to the next and the previous row, `x` chooses it as its box does; Enter opens it, or
// does what the row has to offer (`data-row`).
function walkList(key) {
  const rows = [...document.querySelectorAll("[data-rows] > *")].filter((row) => row.querySelector("a, [data-row]"));
  const target = (row) => row?.querySelector("[data-row]") ?? row?.querySelector("a");
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  if (key === "x") rows[here]?.querySelector("input[type=checkbox]")?.click();
  else if (key === "j" || key === "k") target(rows[here < 0 ? 0 : here + (key === "j" ? 1 : -1)])?.focus();
}

// Of some boxes only so many: who ticks another one lets go of the one that was ticked first.
function keepMost(form) {
  const ticked = [...form.elements].filter((box) => box.checked);
  document.addEventListener("change", ({ target }) => {
    if (target.type !== "checkbox" || target.form !== form) return;
    if (!target.checked) ticked.splice(ticked.indexOf(target), 1);
    else if (ticked.push(target) > Number(form.dataset.most)) ticked.shift().checked = false;
  });
}

// Paths differ at their end; a browser goes back to the beginning when the field is left.
function showEnd(field) {
  const show = () => { field.scrollLeft = field.scrollWidth; };
  field.addEventListener("blur", () => requestAnimationFrame(show));
  show();
}

function prepare(root) {
  showTimes(root);
  // On a phone tabs are wider than the screen.
  root.querySelectorAll(".tabs [aria-current]").forEach((tab) => tab.scrollIntoView({ block: "nearest", inline: "center" }));
  root.querySelectorAll("[data-end]").forEach(showEnd);
  root.querySelectorAll("[data-choices][name]").forEach(pickSeveral);
  root.querySelectorAll("[data-when]").forEach(followOther);
  root.querySelectorAll("form[data-bulk]").forEach(keepChosen);
  root.querySelectorAll("form[data-most]").forEach(keepMost);
  root.querySelectorAll("[data-example]").forEach(showExample);
  // Some failed before this script came.
  root.querySelectorAll("img").forEach((image) => {
    if (image.complete && !image.naturalWidth) withoutPicture(image);
  });
}

document.addEventListener("keydown", moveByArrows);
// In what has opened over the page several are chosen before the list is loaded anew.
document.addEventListener("change", ({ target }) => {
  if (target.matches("select[data-submit]") && !target.closest(".sheet:popover-open, .further:popover-open")) target.form.requestSubmit();
});
// htmx tells of the whole page first, and of every part that it puts in later.
document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));

// A file's tracks were opened: mark its cell, and on a narrow screen go to the tracks.
document.addEventListener("htmx:afterSwap", (event) => {
  const panel = event.detail.target;
  const cell = event.detail.requestConfig?.elt;
  if (panel.id !== "file" || !cell) return;
  document.querySelectorAll(".cell[aria-current]").forEach((one) => one.removeAttribute("aria-current"));
  cell.setAttribute("aria-current", "true");
  const box = panel.getBoundingClientRect();
  if (box.top < 0 || box.top > window.innerHeight - 80) {
    panel.scrollIntoView();
    panel.focus({ preventScroll: true });
  }
});

// What a browser refuses to send may stand in a part that is closed.
document.addEventListener("invalid", (event) => {
  const part = event.target.closest("details");
  if (part) part.open = true;
}, true);

// Where there is no poster, the letter behind it stays. A picture that is fetched from elsewhere (`data-again`):
// few come at once, the others try again, and what never comes says so.
function withoutPicture(image) {
  const left = Number(image.dataset.again);
  if (left) {
    image.dataset.again = left - 1;
    setTimeout(() => { image.src = image.src; }, 1000);
  } else if (image.matches("[data-again], .picture img")) {
    if (image.dataset.again) image.nextElementSibling.hidden = false;
    image.remove();
  }
}

document.addEventListener("error", ({ target }) => {
  if (target.matches?.("img")) withoutPicture(target);
}, true);
