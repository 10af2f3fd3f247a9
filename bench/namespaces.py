"""Hosts of their own on one machine: a network of its own and a share of a core for each (Linux, as root).

A network namespace (`man 7 network_namespaces`) is made with its own loopback and nothing else. Some ports of
that lead to the same ports of this machine's loopback, and nothing else does: whoever works in it reaches
PostgreSQL, Valkey and the apps at the addresses that all use, and no other address of this machine or beyond.
"""

from __future__ import annotations

import asyncio
import ctypes
import fcntl
import os
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LOOPBACK = "127.0.0.1"
CLONE_NEWNET = 0x40000000  # linux/sched.h
SIOCSIFFLAGS = 0x8914  # linux/sockios.h
IFF_UP = 0x1  # linux/if.h
PIECE = 65536
PERIOD = 100_000  # microseconds: the kernel's own, Documentation/scheduler/sched-bwc.rst
CPU_GROUPS = Path("/sys/fs/cgroup/cpu")  # cgroup v1
UNIFIED_GROUPS = Path("/sys/fs/cgroup")  # cgroup v2


class Namespace:
    """A network of its own, whose loopback leads to the given ports of this one. Close it in the end.

    Raises OSError where this is not Linux or not root.
    """

    def __init__(self, ports: Iterable[int]) -> None:
        with _home() as back:
            _call("unshare", CLONE_NEWNET)
            try:
                _raise_loopback()
                self._inside = os.open("/proc/self/ns/net", os.O_RDONLY)
                listening = [socket.create_server((LOOPBACK, port)) for port in ports]
            finally:
                back()
        self._doors = _Doors(listening)

    def command(self, command: Iterable[str]) -> list[str]:
        """The command that runs this one in here, under the same process id."""
        return ["nsenter", f"--net=/proc/{os.getpid()}/fd/{self._inside}", *command]

    def cut(self) -> None:
        """Let no byte pass, as when a cable is pulled: what is connected stays so and hears nothing."""
        self._doors.pass_on(False)

    def mend(self) -> None:
        """Let pass again, what has waited first."""
        self._doors.pass_on(True)

    def close(self) -> None:
        """Shut every door. The network ends with the last process in it."""
        self._doors.close()
        os.close(self._inside)


class _Doors:
    """Passes on the bytes of listening sockets of another network to the same ports of this one."""

    def __init__(self, listening: list[socket.socket]) -> None:
        self._loop = asyncio.new_event_loop()
        self._open = asyncio.Event()
        self._open.set()
        self._servers = [
            self._loop.run_until_complete(asyncio.start_server(self._visitor, sock=one)) for one in listening
        ]
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def pass_on(self, whether: bool) -> None:
        self._loop.call_soon_threadsafe(self._open.set if whether else self._open.clear)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        for server in self._servers:
            server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    async def _visitor(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port = writer.get_extra_info("sockname")[1]
        try:
            far_reader, far_writer = await asyncio.open_connection(LOOPBACK, port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(self._pass(reader, far_writer), self._pass(far_reader, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(PIECE):
                await self._open.wait()
                writer.write(piece)
                await writer.drain()
        writer.close()


@contextmanager
def share_of_a_core(name: str, share: float) -> Iterator[Callable[[int], None]]:
    """A group of processes that get no more than this share of one core; call it with the id of each.

    Raises OSError where the kernel's groups (cgroup v1 or v2) are not there or not ours to change.
    """
    version_1 = CPU_GROUPS.is_dir()
    group = (CPU_GROUPS if version_1 else UNIFIED_GROUPS) / f"taggarr-bench-{os.getpid()}-{name}"
    group.mkdir()
    quota = int(share * PERIOD)
    if version_1:
        (group / "cpu.cfs_quota_us").write_text(str(quota))
    else:
        (group / "cpu.max").write_text(f"{quota} {PERIOD}")
    members = group / "cgroup.procs"
    try:
        yield lambda process: _join(members, process)
    finally:
        for process in members.read_text().split():
            _join(group.parent / "cgroup.procs", int(process))
        group.rmdir()


def _join(members: Path, process: int) -> None:
    with suppress(ProcessLookupError):
        members.write_text(str(process))


@contextmanager
def _home() -> Iterator[Callable[[], None]]:
    """The way back to the network that this thread is in now."""
    here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        yield lambda: _call("setns", here, CLONE_NEWNET)
    finally:
        os.close(here)


def _call(name: str, *arguments: int) -> None:
    """Call a function of the C library; Python has these from 3.12 on."""
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _raise_loopback() -> None:
    """Set the loopback of this namespace up: `struct ifreq` of `man 7 netdevice`."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", IFF_UP))
