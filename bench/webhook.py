#!/usr/bin/env python3
"""How long it takes from a webhook until the tag stands in Sonarr.

    python -m bench.webhook [--files 30000] [--webhooks 30] [--burst 100] [--workers 2]

Real web server, workers, PostgreSQL and Valkey, and a stand-in Sonarr. For each webhook the file of a series
is replaced by a dubbed one, the webhook is posted, and the stand-in is asked until it shows the tag.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

import requests

from bench import stack as stacks
from bench.stack import Stack, percentile
from demo.arr.state import ArrState
from demo.media_files import write

EPISODES = 30
ROW = "| {} | {} | {:.2f} | {:.2f} | {:.2f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--files", type=int, default=30000)
    parser.add_argument("--webhooks", type=int, default=30)
    parser.add_argument("--burst", type=int, default=100)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    with stacks.folder() as root:
        state = ArrState("sonarr")
        number = 2 * options.webhooks + options.burst
        targets = [
            stacks.add_series(state, root, f"Target {n:03}", 1, stacks.spec("jpn")) for n in range(number)
        ]
        with stacks.running(state, root, workers=options.workers) as stack:
            measure(stack, state, targets, options)


def measure(stack: Stack, state: ArrState, targets: list[int], options: argparse.Namespace) -> None:
    token = _token()
    stacks.scan(stack)
    idle = [tagged_after(stack, token, [media])[0] for media in take(targets, options.webhooks)]
    before = _items()
    at_once = tagged_after(stack, token, take(targets, options.burst))
    items = _items() - before
    # What the stand-in knows, with the tags that were written, and a large library beside it.
    state = stack.sonarr.state()
    for n in range(options.files // EPISODES):
        stacks.add_series(state, stack.root, f"Series {n:04}", EPISODES, stacks.spec("jpn", "eng"))
    stack.sonarr.load(state)
    job = stacks.start_scan(stack)
    stacks.wait_until(lambda: stack.get(f"jobs/{job}")["progress"]["done"] > 0)
    busy = [tagged_after(stack, token, [media])[0] for media in take(targets, options.webhooks)]
    at_the_end = stack.get(f"jobs/{job}")
    seconds = stacks.scan_seconds(stacks.wait_for_scan(stack, job))
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, ", end="")
    print(f"load {os.getloadavg()[0]:.1f}, {options.workers} bulk workers\n")
    print("| | webhooks | p50 s | p95 s | longest s |\n|---|---|---|---|---|")
    for name, times in (
        ("idle, one after another", idle),
        ("idle, all at once", at_once),
        (f"during a scan of {options.files} files", busy),
    ):
        print(ROW.format(name, len(times), percentile(times, 0.5), percentile(times, 0.95), max(times)))
    print(f"\n{options.burst} webhooks at once made {items} media items")
    print(f"the scan took {seconds:.0f} s; when the last tag stood it was {at_the_end['state']}, ", end="")
    print(f"{at_the_end['progress']['done']} of {at_the_end['progress']['total']} media done")
    print(f"tag writes a series: {dict(_writes(stack))}")


def take(targets: list[int], number: int) -> list[int]:
    """Take the next targets off the list."""
    taken, targets[:] = targets[:number], targets[number:]
    return taken


def tagged_after(stack: Stack, token: str, media: list[int]) -> list[float]:
    """Replace a file of each series by a dubbed one, post the webhooks; the seconds until each tag stands.

    One reader asks for all of them: a stand-in that is busy with answers to us would not answer Taggarr.
    """
    with requests.Session() as session, ThreadPoolExecutor(len(media)) as pool:
        session.headers["X-Api-Key"] = stack.sonarr.api_key
        for one in media:
            dub(stack, session, one)
        start = time.monotonic()
        posted = [pool.submit(post, stack, token, one) for one in media]
        times: dict[int, float] = {}
        while len(times) < len(media):
            for one in (one for one in media if one not in times):
                if shown(stack, session, one)["tags"]:
                    times[one] = time.monotonic() - start
            time.sleep(0.02)
        for call in posted:
            call.result()
    return list(times.values())


def shown(stack: Stack, session: requests.Session, media: int) -> dict[str, Any]:
    found: dict[str, Any] = session.get(f"{stack.sonarr.url}/api/v3/series/{media}", timeout=60).json()
    return found


def dub(stack: Stack, session: requests.Session, media: int) -> None:
    """Replace the file of a series; it has the number of its series, since each target has one."""
    title = shown(stack, session, media)["title"]
    name = f"Season 01/{title} - S01E001 dubbed.mkv"
    size = write(stack.root / title / name, stacks.spec("jpn", "eng"))
    stack.sonarr.change("replace_file", id=media, relative_path=name, size=size, audio="jpn/eng")


def post(stack: Stack, token: str, media: int) -> None:
    """Call the webhook as Sonarr does after an import; again where this address has too many connections."""
    while True:
        answer = requests.post(
            f"{stack.web}/api/v1/webhook/1",
            json={"eventType": "Download", "series": {"id": media}},
            headers={"X-Webhook-Token": token},
            timeout=60,
        )
        if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
            answer.raise_for_status()
            return
        time.sleep(float(answer.headers["Retry-After"]))


def _token() -> str:
    from connections.models import Connection
    from library.webhooks import make_token

    return make_token(Connection.objects.get())


def _items() -> int:
    from jobs.models import JobItem

    return JobItem.objects.filter(step="media").count()


def _writes(stack: Stack) -> Counter[int]:
    """How many targets were written how often since the large library was loaded."""
    named: Counter[int] = Counter()
    for entry in stack.sonarr.journal("PUT"):
        named.update(entry["body"]["seriesIds"])
    return Counter(named.values())


if __name__ == "__main__":
    main()
