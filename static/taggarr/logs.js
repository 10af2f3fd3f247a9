// Log lines as they come. Without this the page shows the last ones.
"use strict";

{
  const MOST = 1000;
  const log = document.getElementById("log");
  const state = document.getElementById("log-state");
  const button = document.getElementById("log-follow");
  const lineTime = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "medium", hourCycle: "h23" });
  const wanted = document.querySelector("#log-filters [name=q]").value.toLowerCase();
  let paused = false;

  function toEnd() {
    log.scrollTop = log.scrollHeight;
  }

  function part(name, text) {
    const element = document.createElement(name);
    element.textContent = text;
    return element;
  }

  function show({ detail: event }) {
    if (paused) return;
    const line = JSON.parse(event.data);
    if (!`${line.message} ${line.logger}`.toLowerCase().includes(wanted)) return;
    const atEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 30;
    const row = document.createElement("li");
    row.className = `l-${line.level}`;
    const time = part("time", lineTime.format(new Date(Number(event.lastEventId.split("-")[0]))));
    row.append(time, " ", part("b", line.level), ` ${line.message} `, part("i", line.logger));
    log.append(row);
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
