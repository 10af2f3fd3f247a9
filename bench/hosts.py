#!/usr/bin/env python3
"""What a second worker host brings to a scan, and what its loss in the middle costs.

    python -m bench.hosts [--divide 4] [--processes 1] [--share 0.3]

Each host is a group of worker processes under a name of its own, over one PostgreSQL, Valkey and library: all
that workers share. As root on Linux each is also in a network of its own (`bench.namespaces`) and has a share
of a core, so that hosts do not take the core from each other, nor from the servers. One scan with one host,
one with two, one in which the second is killed (SIGKILL, the whole group) half-way, and one in which the
second loses its network half-way, for longer than its leases last, and finds it again.
"""

from __future__ import annotations

import argparse
import os
import platform
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import psutil

from bench import stack as stacks
from bench.engine import ROOT
from bench.library import Size, make
from bench.namespaces import Namespace, share_of_a_core
from bench.stack import Stack, wait_until
from jobs.workers import served_queues

CUT = 150.0
"""Seconds without network: longer than a lease."""


@dataclass
class Host:
    """A group of workers, and the network that it has of its own."""

    process: subprocess.Popen[bytes]
    network: Namespace | None

    def die(self) -> None:
        """Be gone, as when the power is."""
        os.killpg(self.process.pid, signal.SIGKILL)

    def lose_network(self) -> None:
        """Hear and tell nothing for a while."""
        if self.network:
            self.network.cut()
            threading.Timer(CUT, self.network.mend).start()


@dataclass(frozen=True)
class Hosts:
    """What all hosts of a run have in common; `share` of a core, or None where they cannot be held apart."""

    processes: int
    ports: list[int]
    share: float | None

    @contextmanager
    def one(self, name: str) -> Iterator[Host]:
        """One more host, ready; it is stopped in the end."""
        with ExitStack() as stack:
            network = Namespace(self.ports) if self.share else None
            if network:
                stack.callback(network.close)
            host = Host(self._start(name, network), network)
            stack.callback(_stop, host.process)
            wait_until(lambda: _answers(f"bulk@{name}"))
            if self.share:
                join = stack.enter_context(share_of_a_core(name, self.share))
                group = psutil.Process(host.process.pid)
                for process in (group, *group.children(recursive=True)):
                    join(process.pid)
            yield host

    def _start(self, name: str, network: Namespace | None) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "celery", "-A", "taggarr", "--quiet", "worker", "--queues=bulk"]
        command += [f"--concurrency={self.processes}", f"--hostname=bulk@{name}"]
        command += ["--without-gossip", "--without-mingle", "--loglevel=warning"]
        return subprocess.Popen(
            network.command(command) if network else command,
            cwd=ROOT,
            env=os.environ,
            start_new_session=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--divide", type=int, default=4)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--share", type=float, default=0.3, help="of a core for each host (default 0.3)")
    options = parser.parse_args()
    share = options.share if sys.platform == "linux" and os.geteuid() == 0 else None
    with stacks.folder() as root:
        library = make(root, Size().divided(options.divide))
        running = stacks.running(library.sonarr, root, workers=options.processes, radarr=library.radarr)
        with running as stack:
            wait_until(lambda: {"bulk", "interactive"} <= (served_queues(["bulk", "interactive"]) or set()))
            hosts = Hosts(options.processes, _ports_in_use(stack), share)
            _stop_worker(stack.pids["worker-bulk"])
            rows = list(measured(stack, hosts))
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, ", end="")
    print(f"{library.size.files} files, {options.processes} processes a host, ", end="")
    print(f"each with a network and {share} of a core of its own" if share else "all in one network")
    print("\n| | seconds | items begun again |\n|---|---|---|")
    print("\n".join(f"| {what} | {seconds:.1f} | {again} |" for what, seconds, again in rows))
    print(f"\nspeed-up {rows[0][1] / rows[1][1]:.2f}")


def measured(stack: Stack, hosts: Hosts) -> Iterator[tuple[str, float, int]]:
    """What was done, its seconds, and how many items took more than one attempt."""
    with hosts.one("first"):
        scan(stack)
        yield "one host", scan(stack), repeated()
        with hosts.one("second"):
            scan(stack)
            yield "two hosts", scan(stack), repeated()
        with hosts.one("third") as lost:
            yield "two, one of them killed half-way", scan(stack, half_way=lost.die), repeated()
        if hosts.share:
            with hosts.one("fourth") as lost:
                told = f"two, one of them without network for {CUT:.0f} s from half-way on"
                yield told, scan(stack, half_way=lost.lose_network), repeated()
                wait_until(lambda: _answers("bulk@fourth"))
                yield "both again, after that", scan(stack), repeated()


def scan(stack: Stack, *, half_way: Callable[[], None] | None = None) -> float:
    """Read everything anew; the seconds until both scans have ended."""
    from jobs.models import Job, JobItem

    start = time.monotonic()
    jobs = [stacks.start_scan(stack, "rewrite", connection=number) for number in (1, 2)]
    items = JobItem.objects.filter(job_id__in=jobs, step="media")
    if half_way is not None:
        wait_until(lambda: items.exists() and items.filter(state="pending").count() * 2 < items.count())
        wait_until(lambda: items.filter(state="claimed").count() > 1, every=0.01)  # each host holds one
        half_way()
    wait_until(lambda: not Job.objects.filter(pk__in=jobs, finished_at=None).exists())
    if items.exclude(state="done").exists():
        raise SystemExit("a scan left items undone")
    return time.monotonic() - start


def repeated() -> int:
    """How many items of the last scans took more than one attempt."""
    from jobs.models import Job, JobItem

    last = Job.objects.filter(name="scan").order_by("-pk").values_list("pk", flat=True)[:2]
    return JobItem.objects.filter(job_id__in=list(last), attempts__gt=1).count()


def _ports_in_use(stack: Stack) -> list[int]:
    """Where a worker connects to: PostgreSQL, Valkey, the apps."""
    addresses = [os.environ["DATABASE_URL"], os.environ["REDIS_URL"], stack.sonarr.url]
    addresses += [stack.radarr.url] if stack.radarr else []
    return [urlsplit(address).port or 0 for address in addresses]


def _stop_worker(process: int) -> None:
    worker = psutil.Process(process)
    worker.terminate()
    worker.wait(30)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
    process.wait(60)


def _answers(worker: str) -> bool:
    from celery import current_app

    return bool(current_app.control.ping(destination=[worker], timeout=1.0))


if __name__ == "__main__":
    main()
