// Log lines as they come. Without this the page shows the last ones.
"use strict";

{
  const MOST = 1000;
  const log = document.getElementById("log");
  const state = document.getElementById("log-state");
  const button = document.getElementById("log-follow");
  const lineTime = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "medium", hourCycle: "h23" });
  const wanted = document.querySelector("#log-filters [name=q]").value.toLowerCase();
  const blank = document.getElementById("log-line");
  const words = blank && JSON.parse(blank.dataset.words);
  let paused = false;

  function toEnd() {
    log.scrollTop = log.scrollHeight;
  }

  function tellValue(list, name, value) {
    for (const [kind, text] of [["dt", name], ["dd", value]]) {
      list.append(Object.assign(document.createElement(kind), { textContent: text }));
    }
  }

  function rowOf(line, time) {
    const row = blank.content.firstElementChild.cloneNode(true);
    row.className = `l-${line.level}`;
    row.querySelector("time").textContent = lineTime.format(time);
    row.querySelector("b").textContent = words.levels[line.level];
    row.querySelector("span").textContent = line.message;
    row.querySelector("dd").textContent = line.logger;
    for (const [name, value] of Object.entries(line.values ?? {})) {
      tellValue(row.querySelector("dl"), words.values[name] ?? name, value);
    }
    return row;
  }

  function show({ detail: event }) {
    if (paused) return;
    const line = JSON.parse(event.data);
    if (!`${line.message} ${line.logger}`.toLowerCase().includes(wanted)) return;
    const atEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 30;
    log.append(rowOf(line, new Date(Number(event.lastEventId.split("-")[0]))));
    while (log.children.length > MOST) log.firstElementChild.remove();
    document.getElementById("log-empty").hidden = true;
    if (atEnd) toEnd();
  }

  function tell() {
    const what = paused ? "paused" : isOpen() ? "open" : "away";
    state.textContent = state.dataset[what];
    button.textContent = paused ? button.dataset.goOn : button.dataset.pause;
  }

  toEnd();
  if (log.dataset.lines) {
    button.hidden = false;
    button.addEventListener("click", () => {
      paused = !paused;
      tell();
    });
    log.addEventListener("line", show);
    log.addEventListener("live", tell);
    tell();
  }
}
