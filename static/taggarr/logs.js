// Log lines as they come. Without this the page shows the last ones.
"use strict";

{
  const MOST = 1000;
  const AGAIN_AFTER = 5000;
  const log = document.getElementById("log");
  const state = document.getElementById("log-state");
  const button = document.getElementById("log-follow");
  const lineTime = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "medium" });
  const wanted = document.querySelector("#log-filters [name=q]").value.toLowerCase();
  let source = null;
  let again = 0;

  function toEnd() {
    log.scrollTop = log.scrollHeight;
  }

  function part(name, text) {
    const element = document.createElement(name);
    element.textContent = text;
    return element;
  }

  function show(event) {
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

  function tell(what) {
    state.textContent = state.dataset[what];
  }

  function follow() {
    source = new EventSource(log.dataset.follow);
    source.addEventListener("log", show);
    source.onopen = () => tell("open");
    source.onerror = () => {
      tell("away");
      // Of some answers the browser gives up: then it is asked anew.
      if (source.readyState === EventSource.CLOSED) again = setTimeout(follow, AGAIN_AFTER);
    };
    button.textContent = button.dataset.pause;
  }

  function pause() {
    clearTimeout(again);
    source.close();
    source = null;
    tell("paused");
    button.textContent = button.dataset.goOn;
  }

  toEnd();
  if (log.dataset.follow) {
    button.hidden = false;
    button.addEventListener("click", () => (source ? pause() : follow()));
    follow();
    window.addEventListener("pagehide", () => source?.close());
  }
}
