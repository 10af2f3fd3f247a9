"""What artwork's pages cost over a large library: the list, the picker, and scrolling in a browser."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

from bench.artwork_work import REQUESTS, Row
from bench.stack import percentile

CANDIDATES = 200
WHEEL, TURNS, TURN = 700, 60, 50
"""Pixels of a turn of the wheel, how many there are, and ms between them."""

WATCH = """
    window.longest = 0;
    new PerformanceObserver(list => {
        for (const one of list.getEntries()) { window.longest = Math.max(window.longest, one.duration); }
    }).observe({type: "longtask"});
"""
"""A long task is one of more than 50 ms: https://w3c.github.io/longtasks."""

LISTS = (
    "/artwork?view=table",
    "/artwork?view=table&at=end",
    "/artwork?view=table&sort=-year",
    "/artwork?view=table&sort=-name",
    "/artwork?view=table&state=missing",
    "/artwork?view=table&state=unpublished",
    "/artwork?view=table&lacks=clearlogo",
    "/artwork?view=table&q=movie+0012",
    "/artwork?view=grid",
)


def pages() -> Iterator[Row]:
    """The list by any sort and filter, and the picker; in one process, without a network."""
    from django.test import Client

    from accounts.models import User
    from artwork.models import Candidate, Entity
    from core import sql

    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.create_user("bench", role="admin"))
    # A movie that is the first of the list, so that it is there however small the library is.
    movie = Entity.objects.filter(kind="movie", title=None, media__isnull=False).order_by("pk")[0]
    Candidate.objects.bulk_create(
        Candidate(
            entity=movie,
            art="poster",
            source="tmdb",
            address=f"/p{one}.jpg",
            width=2000,
            height=3000,
            language="en",
            score=one / 3,
        )
        for one in range(CANDIDATES)
    )
    sql.change("ANALYZE", [])
    bare = percentile([asked(client, "/ping") for _ in range(REQUESTS)], 0.95)
    times = {address: [asked(client, address) for _ in range(REQUESTS)] for address in LISTS}
    slowest = max(times, key=lambda address: percentile(times[address], 0.95))
    items = Entity.objects.exclude(kind="season").count()
    yield _page(f"a page of {items} items, p95 of the slowest", times[slowest], bare, 150, slowest)
    address = f"/artwork/{movie.pk}/pictures/poster"
    picker = [asked(client, address) for _ in range(REQUESTS)]
    yield _page(f"the picker of {CANDIDATES}, p95", picker, bare, 300, address)


def _page(name: str, times: list[float], bare: float, goal: int, told: str) -> Row:
    figure = 1000 * percentile(times, 0.95)
    return Row(name, figure, "ms", 1000 * bare, f"≤ {goal} ms", figure <= goal, told)


def asked(client: Any, address: str) -> float:
    began = time.perf_counter()
    answer = client.get(address)
    seconds = time.perf_counter() - began
    if answer.status_code != 200:
        raise SystemExit(f"{address}: {answer.status_code}")
    return seconds


def scrolling() -> Iterator[Row]:
    """Turn the wheel over the list in Chromium, beside the same over an empty page; the longest task."""
    from django.test import Client

    from accounts.models import User
    from bench.paint import chromium
    from tests.web_server import web_server

    client = Client()
    client.force_login(User.objects.get(username="bench"))
    cookie = client.cookies["taggarr_session"].value
    with web_server(os.environ) as address, chromium() as browser:
        bare = scrolled(browser, address, cookie, "/ping")
        for view in ("/artwork?view=table", "/artwork?view=grid"):
            longest = scrolled(browser, address, cookie, view)
            yield Row(
                "the longest task while scrolling", longest, "ms", bare, "none > 50 ms", longest <= 50, view
            )


def scrolled(browser: Any, address: str, cookie: str, path: str) -> float:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": "taggarr_session", "value": cookie, "url": address}])
    page = context.new_page()
    page.goto(address + path, wait_until="load")
    page.evaluate(WATCH)
    page.mouse.move(700, 450)
    for _ in range(TURNS):
        page.mouse.wheel(0, WHEEL)
        page.wait_for_timeout(TURN)
    longest = float(page.evaluate("window.longest"))
    context.close()
    return longest
