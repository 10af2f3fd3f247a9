#!/usr/bin/env python3
"""What a library of a given size takes: scans, a replaced season, a changed policy, a cancelled scan.

    python -m bench.scale [--divide 10] [--workers 2] [--json FILE]

A whole Taggarr (web, workers, beat, PostgreSQL, Valkey) over the standard library, or one so many times
smaller, and a stand-in Sonarr and Radarr. `script/bench` runs it twice and prints one table.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import requests
from pymediainfo import MediaInfo

from bench import stack as stacks
from bench.library import SEASON, Library, Size, episodes_of, make, spec
from bench.stack import Stack, wait_until
from bench.watching import Opened, peaks, processor_seconds
from bench.webhook import post, shown
from demo.arr.process import StandIn
from demo.media_files import write
from jobs.workers import served_queues

SAMPLE = 200
"""Files that pymediainfo reads; for all of them its time is extrapolated."""

UNDUBBED = 2
"""A series of which no file is dubbed (`bench.library`)."""

CANCEL_AFTER = 2.0
"""Seconds within which a cancelled scan must be quiet; watched for as long again, twice."""


@dataclass
class Row:
    """One piece of work: seconds on the clock and of one core, and what else is to be told of it."""

    name: str
    seconds: float
    core: float = 0.0
    told: dict[str, Any] = field(default_factory=dict)


@contextmanager
def timed(rows: list[Row], name: str) -> Iterator[Row]:
    """Add a row with the time of what is done within."""
    row = Row(name, 0.0)
    core, start = processor_seconds(), time.monotonic()
    yield row
    row.seconds, row.core = time.monotonic() - start, processor_seconds() - core
    rows.append(row)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--divide", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    size = Size().divided(options.divide)
    rows: list[Row] = []
    with stacks.folder() as root:
        with timed(rows, "make"):
            library = make(root, size)
        baselines(library, rows)
        with stacks.running(library.sonarr, root, workers=options.workers, radarr=library.radarr) as stack:
            work(stack, library, rows)
    found = {"files": size.files, "workers": options.workers, "rows": [asdict(row) for row in rows]}
    if options.json:
        options.json.write_text(json.dumps(found), encoding="utf-8")
    else:
        print(json.dumps(found, indent=1))


def baselines(library: Library, rows: list[Row]) -> None:
    """What the same files take without Taggarr."""
    with timed(rows, "bare loop") as row:
        paths = [f"{folder}/{name}" for folder, _, names in os.walk(library.root) for name in names]
        row.told["files"] = sum(_read(path) for path in paths)
    step = max(1, len(paths) // SAMPLE)
    sample = paths[::step]
    with timed(rows, "pymediainfo") as row:
        for path in sample:
            MediaInfo.parse(path)
        row.told = {"sample": len(sample), "each_ms": 0.0}
    row.told["each_ms"] = 1000 * row.seconds / len(sample)
    row.seconds *= len(paths) / len(sample)


def _read(path: str) -> bool:
    with open(path, "rb") as file:  # noqa: PTH123  (the loop is to be bare)
        return bool(file.read(4096))


def work(stack: Stack, library: Library, rows: list[Row]) -> None:
    wait_until(lambda: {"bulk", "interactive"} <= (served_queues(["bulk", "interactive"]) or set()))
    with peaks(stack) as seen:
        scan(stack, rows, "first scan")
        scan(stack, rows, "second scan", library.root)
        scan(stack, rows, "deep scan", library.root, deep=True)
        replace_season(stack, library, rows)
        change_policy(stack, rows)
        cancel(stack, library, rows)
    rows.append(Row("memory", 0.0, told={**seen.programs, "redis": seen.redis}))


def scan(
    stack: Stack, rows: list[Row], name: str, watched: Path | None = None, *, deep: bool = False
) -> None:
    """Scan both instances at once, to their ends; count the calls, and the files that were opened."""
    clear(stack)
    opened = Opened(watched) if watched else None
    with timed(rows, name) as row:
        jobs = [stacks.start_scan(stack, connection=number, deep=deep) for number in (1, 2)]
        ended(jobs)
    done = [stacks.wait_for_scan(stack, job) for job in jobs]
    row.told = {"calls": calls(stack), "items": sum(job["summary"]["items"]["done"] for job in done)}
    if opened:
        opened.until(time.time() + 0.2)
        row.told["opened"] = opened.files
        opened.close()


def ended(jobs: list[int]) -> None:
    from jobs.models import Job

    wait_until(lambda: not Job.objects.filter(pk__in=jobs, finished_at=None).exists(), every=0.02)


def replace_season(stack: Stack, library: Library, rows: list[Row]) -> None:
    """Replace the first season of a series by dubbed files; the time from the webhook to its tag."""
    from connections.models import Connection
    from library.webhooks import make_token

    token = make_token(Connection.objects.get(pk=1))
    series = list(library.sonarr.media.values())[UNDUBBED]
    files = [file for file in stack.sonarr.state().files.values() if file.media_id == series.id]
    for file, (season, _) in zip(files, episodes_of(len(files)), strict=True):
        if season > 1:
            break
        name = file.relative_path.replace(".", " dubbed.")
        content = spec("mkv", ("jpn", "eng"))
        size = write(Path(series.path) / name, content)
        stack.sonarr.change("replace_file", id=file.id, relative_path=name, size=size, audio="jpn/eng")
    with timed(rows, "season replaced") as row:
        post(stack, token, series.id)
        with requests.Session() as session:
            session.headers["X-Api-Key"] = stack.sonarr.api_key
            wait_until(lambda: shown(stack, session, series.id)["tags"], every=0.01)
    row.told["files"] = SEASON


def change_policy(stack: Stack, rows: list[Row]) -> None:
    """Ask for German too, with the brake off: preview, save, and wait until all tags are written."""
    for number in range(1, len(apps(stack)) + 1):
        stack.send("PATCH", f"connections/{number}", {"values": {"brake_verdicts_percent": 100}})
    policy = stack.get("policies")["results"][0]["id"]
    change = {"target_languages": ["eng", "deu"]}
    with timed(rows, "preview"):
        preview = stack.send("POST", f"policies/{policy}/preview", change)
    clear(stack)
    with timed(rows, "policy changed") as row:
        job = stack.send("PATCH", f"policies/{policy}", change)["job"]
        stacks.wait_for_scan(stack, job)
    row.told["changed"] = preview["changed"]
    with timed(rows, "tags written") as row:
        wait_until(lambda: not dirty(), every=0.02)
    row.told = {"changed": preview["changed"], "calls": calls(stack)}


def dirty() -> bool:
    """Whether tags wait to be written."""
    from library.models import Media

    return Media.objects.filter(scan_state__dirty=True).exists()


def cancel(stack: Stack, library: Library, rows: list[Row]) -> None:
    """Cancel a scan of everything in its middle; how long files are still opened and requests sent."""
    from jobs.models import JobItem

    jobs = [stacks.start_scan(stack, "rewrite", connection=number) for number in (1, 2)]
    some = library.size.series // 20
    wait_until(lambda: JobItem.objects.filter(job_id=jobs[0], state="done", step="media").count() > some)
    opened = Opened(library.root)
    with timed(rows, "cancel") as row:
        start = time.time()
        for job in jobs:
            stack.send("POST", f"jobs/{job}/cancel", {})
    opened.until(start + CANCEL_AFTER)
    after = sum(calls(stack).values())
    opened.until(start + 3 * CANCEL_AFTER)
    row.told = {
        "last_opened": (opened.last or start) - start,
        "late_calls": sum(calls(stack).values()) - after,
    }
    opened.close()


def apps(stack: Stack) -> list[StandIn]:
    return [app for app in (stack.sonarr, stack.radarr) if app is not None]


def clear(stack: Stack) -> None:
    for app in apps(stack):
        app.clear_journal()


def calls(stack: Stack) -> dict[str, int]:
    """How many calls each application got."""
    return {app.kind: len(app.journal()) for app in apps(stack)}


if __name__ == "__main__":
    main()
