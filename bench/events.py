#!/usr/bin/env python3
"""What 200 readers of live events cost a scan, and whether they hear of it.

    python -m bench.events [--files 6000] [--readers 200] [--rounds 3] [--workers 2]

Real web server, workers, PostgreSQL and Valkey, and a stand-in Sonarr. The library is read anew by turns with
and without readers.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from urllib.parse import urlsplit

from bench import stack as stacks
from bench.stack import Stack
from demo.arr.state import ArrState

EPISODES = 30
PER_OWNER = 10
"""Streams of one key: api/events/hub.py."""


@dataclass
class Readers:
    """Open connections, in a thread of their own, and how many events each has heard."""

    stack: Stack
    number: int
    heard: list[int] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    opened: int = 0

    def __enter__(self) -> Readers:
        self.keys = _keys(1 + self.number // PER_OWNER)
        self.heard = [0] * self.number
        self._thread = threading.Thread(target=lambda: asyncio.run(self._read_all()))
        self._thread.start()
        stacks.wait_until(lambda: self.opened == self.number)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._enough.set)
        self._thread.join()

    async def _read_all(self) -> None:
        self._loop, self._enough = asyncio.get_running_loop(), asyncio.Event()
        tasks = [asyncio.create_task(self._read(number)) for number in range(self.number)]
        await self._enough.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self, number: int) -> None:
        where = urlsplit(self.stack.web)
        # Each ten are another household, as the web server's limits have it.
        household = number // PER_OWNER
        reader, writer = await asyncio.open_connection(
            where.hostname, where.port, local_addr=(f"127.0.1.{household + 1}", 0)
        )
        lines = [
            "GET /api/v1/events?kind=job HTTP/1.1",
            f"Host: {where.netloc}",
            f"X-Api-Key: {self.keys[household]}",
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        try:
            while line := await reader.readline():
                self.opened += line.startswith(b"retry:")
                self.heard[number] += line.startswith(b"event: job")
        finally:
            writer.close()


def _keys(number: int) -> list[str]:
    from accounts.keys import create_key
    from accounts.models import Scope, User

    owner = User.objects.get(username="bench")
    return [
        create_key(owner, f"reader {one}", scopes=[Scope.READ], expires_at=None)[1] for one in range(number)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--files", type=int, default=6000)
    parser.add_argument("--readers", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    state = ArrState("sonarr")
    with stacks.folder() as root:
        for n in range(options.files // EPISODES):
            stacks.add_series(state, root, f"Series {n:04}", EPISODES, stacks.spec("jpn", "eng"))
        with stacks.running(state, root, workers=options.workers) as stack:
            stacks.scan(stack)
            measure(stack, options)


def measure(stack: Stack, options: argparse.Namespace) -> None:
    alone, watched, heard = [], [], []
    for _ in range(options.rounds):
        alone.append(stacks.scan(stack, "rewrite"))
        with Readers(stack, options.readers) as readers:
            watched.append(stacks.scan(stack, "rewrite"))
            heard += readers.heard
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, ", end="")
    print(f"load {os.getloadavg()[0]:.1f}: {options.files} files read anew, {options.workers} bulk workers\n")
    print("| readers | seconds of each scan | shortest | median |\n|---|---|---|---|")
    for number, times in ((0, alone), (options.readers, watched)):
        listed = ", ".join(f"{one:.1f}" for one in times)
        print(f"| {number} | {listed} | {min(times):.1f} | {median(times):.1f} |")
    print(
        f"\nslower by {_slower(watched, alone, median)} (medians), {_slower(watched, alone, min)} (shortest)"
    )
    print(f"events heard by a reader in a scan: {min(heard)} to {max(heard)}")


def _slower(times: list[float], than: list[float], figure: Callable[[list[float]], float]) -> str:
    return f"{(figure(times) / figure(than) - 1) * 100:.0f} %"


if __name__ == "__main__":
    main()
