"""Starting and stopping a server, and ending what an earlier one left behind."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil

from core.errors import ConfigError

from .binaries import Account
from .ports import HeldPort

START_LIMIT = 60.0
LOG_BYTES = 10_000_000
POLL = 0.02


class Server:
    """A server under an account of its own. PostgreSQL and Valkey say in `start` how it is started.

    It runs in a session of its own: Ctrl-C in the terminal does not reach it before its users end. `port` is
    where it was started last.
    """

    name: str
    stop_signal = signal.SIGTERM

    def __init__(self, log: Path, account: Account) -> None:
        self.log = log
        self.account = account
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, held: HeldPort) -> None:
        """Start on the held port; return when the server answers. Raises ConfigError where it does not."""
        raise NotImplementedError

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def has_ended(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def stop(self, limit: float = 30.0) -> None:
        """Ask the server to end, and end it after `limit` seconds. Stopping a stopped server does nothing."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(self.stop_signal)
            try:
                self._process.wait(limit)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def launch(self, command: Sequence[str | Path], stdin: bytes = b"") -> None:
        """Start the program; what it prints is added to the log, `stdin` is handed to it."""
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_name(f"{self.log.name}.1"))
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **self.account.popen_options(),
            )
        pipe: Any = self._process.stdin
        with contextlib.suppress(BrokenPipeError), pipe:  # one that ended at once is told of by wait_until
            pipe.write(stdin)

    def wait_until(self, ready: Callable[[], bool], limit: float = START_LIMIT) -> None:
        """Return as soon as `ready` is true. Raises ConfigError where the server ends or `limit` s pass."""
        end = time.monotonic() + limit
        while not ready():
            if self.has_ended:
                raise ConfigError(f"{self.name} did not start: {self._last_words()} (see {self.log}).")
            if time.monotonic() > end:
                self.stop()
                raise ConfigError(f"{self.name} did not answer within {limit:.0f} s (see {self.log}).")
            time.sleep(POLL)

    def _last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return lines[-1].strip() if lines else "it printed nothing"


def stop_leftover(pid_file: Path, program: str, folder: Path, stop_signal: signal.Signals) -> None:
    """Stop a server that an earlier run left behind over the same folder, and delete its pid file.

    The first line of `pid_file` is the process id. A process that is no `program`, or works in another
    folder, is a stranger that was given the number since: it is left alone.
    """
    try:
        pid = int(pid_file.read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        pid = 0
    if pid > 0:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            process = psutil.Process(pid)
            if _works_in(process, program, folder):
                process.send_signal(stop_signal)
                with contextlib.suppress(psutil.TimeoutExpired):
                    process.wait(30)
                if process.is_running():
                    raise ConfigError(
                        f"{program} of an earlier run (process {pid}) does not stop: end it by hand."
                    )
    pid_file.unlink(missing_ok=True)


def kill_orphans(program: str, folder: Path) -> None:
    """Kill the processes of a server that was killed itself: those of `program` that work in `folder`.

    They have no other mark: PostgreSQL gives each a session of its own. Raises ConfigError where one stays.
    """
    orphans = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            if _works_in(process, program, folder):
                process.kill()
                orphans.append(process)
    if left := psutil.wait_procs(orphans, timeout=30)[1]:
        raise ConfigError(
            f"{program} of an earlier run (process {left[0].pid}) does not end: end it by hand."
        )


def _works_in(process: psutil.Process, program: str, folder: Path) -> bool:
    return process.name().startswith(program) and Path(process.cwd()).resolve() == folder.resolve()
