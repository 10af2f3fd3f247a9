"""Programs that begin as forks of one process, which has imported what they share: it is in memory once.

As a program (`python -m system.nursery MODULE DESCRIPTOR`) it imports MODULE, forks for every order of its
supervisor, and ends when that closes the line. A fork is given an environment beside, but whatever MODULE has
read is in its memory. It may be a nursery itself. It is a child of the supervisor: a nursery lives only while
programs are started. As forks write to what they share, each gets copies of its own, and what the nursery
holds would in the end be used by nobody. No Django.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import psutil

PATIENCE = 120.0
"""Seconds for the nursery to answer an order: it may have just begun to import."""

LOOK_EVERY = 0.02
_ORDER_BYTES = 1 << 16
_PR_SET_CHILD_SUBREAPER = 36


def adopt_forks() -> None:
    """Become the parent of all processes below this one that lose theirs (`prctl`, Linux).

    Elsewhere nobody learns the exit codes of forks; that they ended is seen all the same.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


class Fork:
    """A program that the nursery forked, with what of `subprocess.Popen` its supervisor uses."""

    def __init__(self, pid: int, stdout: IO[str]) -> None:
        self.pid = pid
        self.stdout = stdout
        self.returncode: int | None = None
        self._asking = threading.Lock()

    def poll(self) -> int | None:
        """Return the exit code, None while it runs; -1 where it was never a child of this process."""
        with self._asking:
            if self.returncode is None:
                try:
                    ended, status = os.waitpid(self.pid, os.WNOHANG)
                except ChildProcessError:
                    self.returncode = None if psutil.pid_exists(self.pid) else -1
                else:
                    self.returncode = os.waitstatus_to_exitcode(status) if ended else None
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
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)


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
        try:
            order = json.dumps([name, command[2:], dict(environment)]).encode() + b"\n"
            sent = socket.send_fds(self._socket, [order], [output_end, *passed])
            self._socket.sendall(order[sent:])
            answer = self._socket.recv(16)
            if not answer:
                raise ConnectionResetError(errno.ECONNRESET, "the nursery has ended")
        except OSError:
            os.close(output)
            raise
        finally:
            os.close(output_end)
        return Fork(int(answer), os.fdopen(output, encoding="utf-8", errors="replace"))

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
    """Fork until the supervisor closes the line: None. In a fork: its name, its module and the arguments.

    Raises OSError where the machine lets it fork no more.
    """
    while True:
        order, descriptors, _, _ = socket.recv_fds(orders, _ORDER_BYTES, 2)
        while order and not order.endswith(b"\n"):
            order += orders.recv(_ORDER_BYTES)
        if not order:
            return None
        if pid := _fork_away():
            for descriptor in descriptors:
                os.close(descriptor)
            orders.send(str(pid).encode())
            continue
        orders.close()
        output, *passed = descriptors
        for stream in (1, 2):
            os.dup2(output, stream)
        os.close(output)
        name, arguments, environment = json.loads(order)
        # What its imports have set stays; the nursery itself was given nothing that its forks may not see.
        os.environ.update(environment)
        return name, [*arguments, *map(str, passed)]


def _fork_away() -> int:
    """Fork a process that leads a group and is no child of this one: its id, in itself 0. Raises OSError."""
    read, write = os.pipe()
    if between := os.fork():
        os.close(write)
        told = os.read(read, 16)
        os.close(read)
        # With the end of the one between, the new process becomes the supervisor's.
        os.waitpid(between, 0)
        if not told:
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        return int(told)
    os.close(read)
    if pid := os.fork():
        with contextlib.suppress(PermissionError, ProcessLookupError):
            os.setpgid(pid, pid)
        os.write(write, str(pid).encode())
        os._exit(0)
    os.setpgid(0, 0)
    os.close(write)
    return 0


if __name__ == "__main__":
    main()
