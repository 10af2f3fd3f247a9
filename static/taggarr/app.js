// Small things that HTML cannot do by itself. Every page works without them.
"use strict";

// Times: in the visitor's own zone and language. `ago` within a week, else the date.
const STEPS = [[60, "second"], [60, "minute"], [24, "hour"], [7, "day"]];
const language = document.documentElement.lang || undefined;
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
const clock = new Intl.DateTimeFormat(language, { timeStyle: "medium" });
const exact = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });

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

// A list of choices for a field that takes several, with commas between: each is offered behind what is
// written already.
function offerNext(field) {
  const source = document.getElementById(field.dataset.choices);
  const list = document.createElement("datalist");
  list.id = `${field.id}-choices`;
  field.after(list);
  field.setAttribute("list", list.id);
  const fill = () => {
    const written = field.value.slice(0, field.value.lastIndexOf(",") + 1);
    const lead = written ? `${written} ` : "";
    list.replaceChildren(...[...source.options].map((one) => new Option("", lead + one.value)));
  };
  field.addEventListener("input", (event) => event.data === "," && fill());
  field.addEventListener("focus", fill);
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

// Bulk actions: how many are chosen, and all at once.
function countChosen(form) {
  const counter = form.querySelector("[data-chosen]");
  if (!counter) return;
  const boxes = [...form.querySelectorAll("input[name=media], input[name=link]")];
  const all = form.querySelector("[data-choose-all]");
  const show = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    counter.textContent = chosen;
    form.classList.toggle("has-chosen", chosen > 0);
    if (all) all.checked = chosen > 0 && chosen === boxes.length;
  };
  form.addEventListener("change", (event) => {
    if (event.target === all) boxes.forEach((box) => { box.checked = all.checked; });
    show();
  });
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

// On a poster `x` chooses it, as its box does.
function choosePoster(link) {
  link.closest(".poster")?.querySelector("input[name=media]")?.click();
}

function prepare(root) {
  showTimes(root);
  // On a phone the tabs are wider than the screen.
  root.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  root.querySelectorAll("[data-choices]").forEach(offerNext);
  root.querySelectorAll("[data-when]").forEach(followOther);
  root.querySelectorAll("[data-example]").forEach(showExample);
  root.querySelectorAll("form[data-bulk]").forEach(countChosen);
  root.querySelectorAll("select[data-submit]").forEach((field) => {
    field.addEventListener("change", () => field.form.requestSubmit());
  });
}

document.addEventListener("keydown", (event) => {
  moveByArrows(event);
  if (event.key === "x" && !event.target.closest("input, textarea, select")) choosePoster(event.target);
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

// Where there is no poster, the letter behind it stays.
document.addEventListener("error", (event) => {
  if (event.target.matches?.(".picture img")) event.target.remove();
}, true);
