#!/usr/bin/env python3
"""What a second worker host brings to a scan, and what its loss in the middle costs.

    python -m bench.hosts [--divide 4] [--processes 1]

Each host is a group of worker processes under a name of its own, over one PostgreSQL, Valkey and library: all
that workers share. One scan with one host, one with two, and one in which the second is killed (SIGKILL, the
whole group) half-way: what it held comes back when its leases have run out.
"""

from __future__ import annotations

import argparse
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench import stack as stacks
from bench.engine import ROOT
from bench.library import Size, make
from bench.stack import Stack, wait_until
from jobs.workers import served_queues


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--divide", type=int, default=4)
    parser.add_argument("--processes", type=int, default=1)
    options = parser.parse_args()
    with stacks.folder() as root:
        library = make(root, Size().divided(options.divide))
        running = stacks.running(library.sonarr, root, workers=options.processes, radarr=library.radarr)
        with running as stack:
            wait_until(lambda: {"bulk", "interactive"} <= (served_queues(["bulk", "interactive"]) or set()))
            scan(stack)
            one = scan(stack)
            with host("second", options.processes):
                two = scan(stack)
            with host("third", options.processes) as worker:
                lost, again = scan(stack, lose=worker), repeated()
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, ", end="")
    print(f"{library.size.files} files, {options.processes} processes a host\n")
    print("| | seconds |\n|---|---|")
    print(f"| one host | {one:.1f} |\n| two hosts | {two:.1f} |\n| two, one lost half-way | {lost:.1f} |\n")
    print(f"speed-up {one / two:.2f}; items that were begun again after the loss: {again}")


def scan(stack: Stack, *, lose: subprocess.Popen[bytes] | None = None) -> float:
    """Read everything anew; the seconds until both scans have ended."""
    from jobs.models import Job, JobItem

    start = time.monotonic()
    jobs = [stacks.start_scan(stack, "rewrite", instance=number) for number in (1, 2)]
    items = JobItem.objects.filter(job_id__in=jobs, step="media")
    if lose is not None:
        wait_until(lambda: items.exists() and items.filter(state="pending").count() * 2 < items.count())
        os.killpg(lose.pid, signal.SIGKILL)
    wait_until(lambda: not Job.objects.filter(pk__in=jobs, finished_at=None).exists())
    if items.exclude(state="done").exists():
        raise SystemExit("a scan left items undone")
    return time.monotonic() - start


def repeated() -> int:
    """How many items of the last scans took more than one attempt."""
    from jobs.models import Job, JobItem

    last = Job.objects.filter(name="scan").order_by("-pk").values_list("pk", flat=True)[:2]
    return JobItem.objects.filter(job_id__in=list(last), attempts__gt=1).count()


@contextmanager
def host(name: str, processes: int) -> Iterator[subprocess.Popen[bytes]]:
    """One more group of workers, ready."""
    command = [sys.executable, "-m", "celery", "-A", "taggarr", "--quiet", "worker", "--queues=bulk"]
    options = [
        f"--concurrency={processes}",
        f"--hostname=bulk@{name}",
        "--without-gossip",
        "--without-mingle",
    ]
    started = subprocess.Popen(
        [*command, *options, "--loglevel=warning"], cwd=ROOT, env=os.environ, start_new_session=True
    )
    try:
        wait_until(lambda: _answers(f"bulk@{name}"))
        yield started
    finally:
        if started.poll() is None:
            started.terminate()
        started.wait(30)


def _answers(worker: str) -> bool:
    from celery import current_app

    return bool(current_app.control.ping(destination=[worker], timeout=1.0))


if __name__ == "__main__":
    main()
