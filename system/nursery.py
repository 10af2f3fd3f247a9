"""Programs that begin as forks of one process, which has imported what they share: it is in memory once.

As a program (`python -m system.nursery MODULE DESCRIPTOR`) it imports MODULE and forks for every order of its
supervisor. A fork is given an environment beside, but whatever MODULE has read is in its memory. It does not
need the nursery any more: when that ends it goes on. A fork may be a nursery itself. No Django.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import psutil

PATIENCE = 120.0
"""Seconds for the nursery to answer an order: it may have just begun to import."""

LOOK_EVERY = 0.02
_ORDER_BYTES = 1 << 16


class Fork:
    """A program that the nursery forked, with what of `subprocess.Popen` its supervisor uses."""

    def __init__(self, pid: int, status: int, stdout: IO[str]) -> None:
        self.pid = pid
        self.stdout = stdout
        self.returncode: int | None = None
        self._status: int | None = status
        try:
            self._process: psutil.Process | None = psutil.Process(pid)
        except psutil.NoSuchProcess:
            self._process = None

    def poll(self) -> int | None:
        """Return the exit code, None while it runs; -1 where it outlived the nursery, which learns it."""
        if self._status is not None and select.select([self._status], [], [], 0)[0]:
            told = os.read(self._status, 16)
            os.close(self._status)
            self._status = None
            if told:
                self.returncode = int(told)
        if self._status is None and self.returncode is None and not self._runs():
            self.returncode = -1
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code as soon as it has ended. Raises subprocess.TimeoutExpired."""
        end = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if end is not None and timeout is not None and time.monotonic() >= end:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
            time.sleep(LOOK_EVERY)
        return code

    def terminate(self) -> None:
        if self._process is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                self._process.terminate()

    def _runs(self) -> bool:
        try:
            return self._process is not None and self._process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False


class Nursery:
    """The supervisor's end of the line. `theirs` is the nursery's, and then to be closed here."""

    def __init__(self) -> None:
        self._socket, self.theirs = socket.socketpair()
        self._socket.settimeout(PATIENCE)

    def fork(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], passed: Sequence[int] = ()
    ) -> Fork:
        """Fork the program `python -m MODULE ARGUMENT...`, which is given these descriptors too.

        Their numbers are its last arguments. Raises OSError where the nursery is away.
        """
        output, output_end = os.pipe()
        status, status_end = os.pipe()
        try:
            order = json.dumps([name, command[2:], dict(environment)]).encode() + b"\n"
            sent = socket.send_fds(self._socket, [order], [output_end, status_end, *passed])
            self._socket.sendall(order[sent:])
            answer = self._socket.recv(16)
            if not answer:
                raise ConnectionResetError(errno.ECONNRESET, "the nursery has ended")
        except OSError:
            os.close(output)
            os.close(status)
            raise
        finally:
            os.close(output_end)
            os.close(status_end)
        return Fork(int(answer), status, os.fdopen(output, encoding="utf-8", errors="replace"))

    def close(self) -> None:
        self._socket.close()


def main() -> None:
    """Import, then fork for every order; a fork becomes what was ordered."""
    orders = socket.socket(fileno=int(sys.argv[2]))
    # What is imported stays. Frozen, no collection of a fork writes to the pages that all of them share.
    gc.disable()
    importlib.import_module(sys.argv[1])
    gc.collect()
    gc.freeze()
    gc.enable()
    if order := _serve(orders):
        name, sys.argv = order
        # What `top` and `ps -e` show; the command line stays that of the nursery.
        with contextlib.suppress(OSError):
            Path("/proc/self/comm").write_text(name, encoding="ascii")
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def _serve(orders: socket.socket) -> tuple[str, list[str]] | None:
    """Fork until the supervisor goes: None. In a fork: its name, and its module with the arguments."""
    statuses: dict[int, int] = {}
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    while True:
        ready, _, _ = select.select([orders.fileno(), woken], [], [])
        if woken in ready:
            os.read(woken, _ORDER_BYTES)
            _tell_ended(statuses)
        if orders.fileno() not in ready:
            continue
        order, descriptors, _, _ = socket.recv_fds(orders, _ORDER_BYTES, 3)
        while order and not order.endswith(b"\n"):
            order += orders.recv(_ORDER_BYTES)
        if not order:
            return None
        output, status, *passed = descriptors
        if pid := os.fork():
            statuses[pid] = status
            for descriptor in (output, *passed):
                os.close(descriptor)
            with contextlib.suppress(PermissionError, ProcessLookupError):
                os.setpgid(pid, pid)
            orders.send(str(pid).encode())
            continue
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for stream in (1, 2):
            os.dup2(output, stream)
        for descriptor in (output, status, woken, wake, *statuses.values()):
            os.close(descriptor)
        orders.close()
        name, arguments, environment = json.loads(order)
        # What its imports have set stays; the nursery itself was given nothing that its forks may not see.
        os.environ.update(environment)
        return name, [*arguments, *map(str, passed)]


def _tell_ended(statuses: dict[int, int]) -> None:
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            pid, code = ended[0], os.waitstatus_to_exitcode(ended[1])
            status = statuses.pop(pid)
            with contextlib.suppress(BrokenPipeError):
                os.write(status, str(code).encode())
            os.close(status)


if __name__ == "__main__":
    main()
