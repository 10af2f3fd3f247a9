// Parts of pages that follow what happens. A part has an id, `hx-get` and `hx-trigger="refresh"`, and
//   data-live      the kinds of events (docs/api.md, live events) after which it is loaded anew
//   data-live-id   only events of this job or media
//   data-wait      seconds that it gathers events before it is loaded, so that many cost one request (0.4)
//   data-poll      seconds between two loads while the stream of events is not open
// A part with `data-lines` gets log lines from that level on, as events `line`; `live` tells it of the stream.
"use strict";

const PART = "[data-live]";
const GATHERED = 0.4;
// Redis may be away while the stream is open: then nothing comes, and this often is looked all the same.
const LOOK_ANYWAY = 30;
// Seconds between two tries to open the stream where the server refused it.
const OPEN_AGAIN = 10;
// A browser has six connections to a server, for all its windows: with six streams open no page would come
// any more. So many windows have one, those that were looked at last; the others poll.
const MOST_STREAMS = 3;
const windows = new BroadcastChannel("taggarr-windows");
const me = Math.random();
const newer = new Set();
const states = new Map();
let stream = null;
let opened = 0;

function stateOf(part) {
  if (!states.has(part.id)) states.set(part.id, { timer: 0, loading: false, again: false, loaded: Date.now() });
  return states.get(part.id);
}

function refresh(part, wait = Number(part.dataset.wait ?? GATHERED)) {
  const state = stateOf(part);
  if (state.loading) state.again = true;
  else if (!state.timer) state.timer = setTimeout(load, wait * 1000, part.id);
}

function load(id) {
  const part = document.getElementById(id);
  const state = states.get(id);
  state.timer = 0;
  state.loaded = Date.now();
  if (!part?.matches(PART)) return;
  state.loading = true;
  htmx.trigger(part, "refresh");
}

document.addEventListener("htmx:afterRequest", (event) => {
  // The part itself: once it is replaced, htmx tells its parents instead.
  const { id } = event.detail.requestConfig.elt;
  const state = states.get(id);
  if (!state?.loading) return;
  state.loading = false;
  // What came while it was being loaded may not be in it.
  const part = document.getElementById(id);
  if (state.again && part?.matches(PART)) refresh(part);
  state.again = false;
});

function happened(kind, data) {
  for (const part of document.querySelectorAll(PART)) {
    const { live, liveId } = part.dataset;
    if (live.split(" ").includes(kind) && (!liveId || liveId === String(data.id))) refresh(part);
  }
}

function refreshUnlessJustLoaded() {
  const parts = document.querySelectorAll(`${PART}:not([hx-trigger~="load,"])`);
  parts.forEach((part) => refresh(part, 0));
}

function refreshAll() {
  document.querySelectorAll(PART).forEach((part) => refresh(part));
}

const isOpen = () => stream?.readyState === EventSource.OPEN;

function open() {
  const kinds = new Set([...document.querySelectorAll(PART)].flatMap((part) => part.dataset.live.split(" ")));
  const lines = document.querySelector("[data-lines]");
  if (lines) kinds.add("log");
  if (stream || !kinds.size || newer.size >= MOST_STREAMS) return;
  const query = new URLSearchParams([...kinds].map((kind) => ["kind", kind]));
  if (lines) query.append("level", lines.dataset.lines);
  opened = Date.now();
  stream = new EventSource(`${document.body.dataset.events}?${query}`);
  for (const kind of kinds) {
    stream.addEventListener(kind, (event) => happened(kind, JSON.parse(event.data)));
  }
  stream.addEventListener("log", (event) => lines?.dispatchEvent(new CustomEvent("line", { detail: event })));
  stream.addEventListener("reset", refreshAll);
  // What happened between the making of the page and this moment was told to nobody.
  stream.addEventListener("open", refreshUnlessJustLoaded, { once: true });
  stream.addEventListener("open", tellLines);
  stream.addEventListener("error", tellLines);
}

function tellLines() {
  document.querySelector("[data-lines]")?.dispatchEvent(new Event("live"));
}

function close() {
  stream?.close();
  stream = null;
  tellLines();
}

// Somebody looks at this window: it is the newest now.
function come() {
  newer.clear();
  windows.postMessage({ came: me });
  open();
}

function go() {
  windows.postMessage({ went: me });
  close();
}

windows.addEventListener("message", ({ data }) => {
  newer.delete(data.went);
  if (data.came) newer.add(data.came);
  if (newer.size >= MOST_STREAMS) close();
  else if (!document.hidden) open();
});

function lookAnyway() {
  if (document.hidden) return;
  // A browser does not try again where the server refused, as it does while the database is away.
  if (stream?.readyState === EventSource.CLOSED && Date.now() - opened >= OPEN_AGAIN * 1000) {
    close();
    open();
  }
  for (const part of document.querySelectorAll(PART)) {
    const every = isOpen() ? LOOK_ANYWAY : Number(part.dataset.poll ?? LOOK_ANYWAY);
    if (Date.now() - stateOf(part).loaded >= every * 1000) refresh(part, 0);
  }
}

// A browser opens few connections to one server: a page that nobody sees holds none.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) go();
  else come();
});
window.addEventListener("focus", come);
window.addEventListener("pagehide", go);
window.addEventListener("pageshow", come);
setInterval(lookAnyway, 500);
