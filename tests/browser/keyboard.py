"""A page by Tab, Enter and Escape alone: a control is reached, shows it, opens and gives focus back."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

WATCH = """
const CONTROLS = "a[href], button, input, select, textarea, summary, [tabindex]:not([tabindex='-1'])";
const PRESSED = `${CONTROLS}, label, option`;
let reached = new Set(), unseen = new Set();

const shown = one => one.outerHTML.replace(/\\s+/g, " ").slice(0, 140);

// Of radio buttons with one name Tab reaches one: the arrow keys go on from there.
function isStop(one) {
    if (one.type !== "radio") return true;
    const all = [...one.form.querySelectorAll(`[name="${one.name}"]`)];
    return one === (all.find(other => other.checked) ?? all[0]);
}

function controls(root) {
    return [...root.querySelectorAll(CONTROLS)].filter(one => !one.matches(":disabled, [type=hidden]")
        && one.checkVisibility({visibilityProperty: true}) && one.getClientRects().length && isStop(one));
}

function begin(root) {
    reached = new Set();
    unseen = new Set();
    const found = controls(root);
    // In a date the day, the month and the year are stops of their own.
    return found.length + 4 * found.filter(one => one.type === "date").length;
}

const missed = root => controls(root).filter(one => !reached.has(one)).map(shown);
const hidden = () => [...unseen].map(shown);

const mouseOnly = () => [...document.body.querySelectorAll("*")].filter(one =>
    getComputedStyle(one).cursor === "pointer" && one.checkVisibility() && !one.closest(PRESSED)).map(shown);

const openers = () => [...document.querySelectorAll("main [popovertarget]:not([popovertargetaction])")]
    .filter(one => one.checkVisibility());

addEventListener("focusin", event => {
    const one = event.target;
    reached.add(one);
    const {outlineStyle, outlineWidth} = getComputedStyle(one);
    const isSeen = outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
    if (one.matches(CONTROLS) && !isSeen) unseen.add(one);
});
Object.assign(window, {begin, missed, hidden, mouseOnly, openers, controls, shown});
"""


def tab_through(page: Page, root: str) -> dict[str, list[str]]:
    """Press Tab once round the controls in an element; what it did not reach, and what did not show it."""
    # A part that scrolls may be a stop too.
    for _ in range(page.evaluate(f"begin({root})") + 2):
        page.keyboard.press("Tab")
    told = {"not reached": page.evaluate(f"missed({root})"), "not seen": page.evaluate("hidden()")}
    return {what: found for what, found in told.items() if found}


def open_and_leave(page: Page, opener: str) -> dict[str, list[str]]:
    """Open a popover by Enter, go through it, leave it by Escape; what went wrong."""
    page.evaluate(f"{opener}.focus()")
    page.keyboard.press("Enter")
    popover = f"{opener}.popoverTargetElement"
    if not page.evaluate(f"{popover}.matches(':popover-open')"):
        return {"does not open": [page.evaluate(f"shown({opener})")]}
    told = tab_through(page, popover)
    page.evaluate(f"controls({popover})[0].focus()")
    page.keyboard.press("Escape")
    if page.evaluate(f"{popover}.matches(':popover-open') || document.activeElement !== {opener}"):
        told["keeps the focus"] = [page.evaluate(f"shown({opener})")]
    return told


def troubles(page: Page) -> dict[str, list[str]]:
    """What of the main part of a page the keyboard does not reach or open; `WATCH` runs in it."""
    page.evaluate("document.querySelector('main')?.focus()")
    told = tab_through(page, "(document.querySelector('main') ?? document.body)")
    if found := page.evaluate("mouseOnly()"):
        told["only by mouse"] = found
    for number in range(page.evaluate("openers().length")):
        told |= open_and_leave(page, f"openers()[{number}]")
    for summary in page.locator("summary:visible").all():
        was = summary.evaluate("one => one.parentElement.open")
        summary.press("Enter")
        if summary.evaluate("one => one.parentElement.open") == was:
            told.setdefault("does not open", []).append(summary.inner_text())
    return told
