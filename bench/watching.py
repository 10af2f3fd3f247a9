"""What a running Taggarr costs: processor time, memory, and which files it opens."""

from __future__ import annotations

import ctypes
import os
import select
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import redis

from bench.stack import Stack

SAMPLE_EVERY = 0.5
_IN_OPEN = 0x20
_IN_NONBLOCK = 0o4000
_EVENT = struct.Struct("iIII")


def processor_seconds() -> float:
    """User and system time of all processes below this one but the stand-ins, ended children included."""
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        try:
            if any(part in ("demo.arr", "demo.players") for part in process.cmdline()):
                continue
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


@dataclass
class Peaks:
    """The most memory seen, in MiB: the resident set of one process of each program, and Redis' own."""

    programs: dict[str, float] = field(default_factory=dict)
    redis: float = 0.0

    def note(self, stack: Stack) -> None:
        for name, pid in stack.pids.items():
            for process in _family(pid):
                try:
                    resident = process.memory_info().rss / 2**20
                except psutil.NoSuchProcess:
                    continue
                self.programs[name] = max(self.programs.get(name, 0.0), resident)


@contextmanager
def peaks(stack: Stack) -> Iterator[Peaks]:
    """Watch memory within; what was seen is complete afterwards."""
    from django.conf import settings

    seen, ended = Peaks(), threading.Event()

    def watch() -> None:
        while not ended.wait(SAMPLE_EVERY):
            seen.note(stack)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            seen.redis = int(client.info("memory")["used_memory_peak"]) / 2**20


def _family(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


class Opened:
    """Counts the openings of files under folders, by inotify; `last` is the time of the last one.

    The time is that of `time.time`; None where none was opened.
    """

    def __init__(self, root: Path) -> None:
        self._c = ctypes.CDLL(None, use_errno=True)
        self._descriptor = self._c.inotify_init1(_IN_NONBLOCK)
        if self._descriptor < 0:
            raise OSError(ctypes.get_errno(), "inotify cannot be used")
        for folder, _, _ in os.walk(root):
            self._watch(folder)
        self.files = 0
        self.last: float | None = None

    def _watch(self, folder: str) -> None:
        if self._c.inotify_add_watch(self._descriptor, os.fsencode(folder), _IN_OPEN) < 0:
            raise OSError(ctypes.get_errno(), f"inotify cannot watch {folder}")

    def until(self, end: float) -> None:
        """Count what is opened until this time (`time.time`)."""
        while (left := end - time.time()) > 0:
            if select.select([self._descriptor], [], [], left)[0]:
                self._count(os.read(self._descriptor, 1 << 16))

    def _count(self, events: bytes) -> None:
        place = 0
        while place < len(events):
            _, _, _, length = _EVENT.unpack_from(events, place)
            place += _EVENT.size
            name = events[place : place + length].rstrip(b"\0")
            place += length
            # Only files have a suffix here; folders are opened to be listed.
            if name.endswith((b".mkv", b".mp4")):
                self.files += 1
                self.last = time.time()

    def close(self) -> None:
        os.close(self._descriptor)
