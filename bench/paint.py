"""What a phone on a slow network makes of the pages: largest paint, layout shift, bytes of a first visit.

Chromium measures it itself. Each visit is a first one, with nothing kept of the visit before. The largest
paint is told beside that of a page with one word, from the same server over the same network and processor.
"""

from __future__ import annotations

import os
import shutil
import statistics
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser

VISITS = 5
EMPTY = "/ping"
PHONE: Mapping[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}
SLOWER = 4
"""So many times slower than this machine is the phone."""

NETWORK = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
"""A mobile network on a bad day; the latency is in ms."""

WATCH = """
    window.painted = 0; window.shifted = 0;
    const watch = (type, tell) =>
        new PerformanceObserver(list => list.getEntries().forEach(tell)).observe({type, buffered: true});
    watch("largest-contentful-paint", one => { window.painted = one.startTime; });
    watch("layout-shift", one => { window.shifted += one.value; });
"""
BYTES = """performance.getEntriesByType("navigation").concat(performance.getEntriesByType("resource"))
    .filter(one => !one.name.includes("/poster")).reduce((sum, one) => sum + one.transferSize, 0)"""
"""Of all that a page is made of, but for the posters themselves: those are the app's."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One first visit; the paint in ms."""

    paint: float
    shift: float
    kilobytes: float


def measure(
    address: str, cookie: str, pages: Sequence[tuple[str, str]]
) -> Iterator[tuple[str, Visit, float]]:
    """Yield of each page its name, the median visit and its paint as a multiple of the empty page's."""
    with chromium() as browser:
        empty = _median([_visit(browser, address, cookie, EMPTY) for _ in range(VISITS)])
        for name, path in pages:
            found = _median([_visit(browser, address, cookie, path) for _ in range(VISITS)])
            yield name, found, found.paint / empty.paint


@contextmanager
def chromium() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
            args=["--no-sandbox"] if os.geteuid() == 0 else [],
        )


def _visit(browser: Browser, address: str, cookie: str, path: str) -> Visit:
    context = browser.new_context(**PHONE)
    context.add_cookies([{"name": "taggarr_session", "value": cookie, "url": address}])
    context.add_init_script(WATCH)
    page = context.new_page()
    phone = context.new_cdp_session(page)
    phone.send("Network.enable")
    phone.send("Network.emulateNetworkConditions", NETWORK)
    phone.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(address + path, wait_until="load")
    page.wait_for_timeout(1500)  # what is late: parts of the page, posters, their paint
    found = Visit(*(float(page.evaluate(what)) for what in ("painted", "shifted", BYTES)))
    context.close()
    return Visit(found.paint, found.shift, found.kilobytes / 1024)


def _median(visits: Sequence[Visit]) -> Visit:
    return Visit(
        statistics.median(one.paint for one in visits),
        max(one.shift for one in visits),
        statistics.median(one.kilobytes for one in visits),
    )
