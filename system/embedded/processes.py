"""Starting and stopping one server process, and ending what an earlier one left behind."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

import psutil

from core.errors import ConfigError

from .binaries import Account

START_LIMIT = 60.0
LOG_BYTES = 10_000_000
POLL = 0.02


class ServerProcess:
    """A server in a session of its own: Ctrl-C in the terminal does not reach it before its users end."""

    def __init__(
        self, name: str, process: subprocess.Popen[bytes], log: Path, stop_signal: signal.Signals
    ) -> None:
        self.name = name
        self.process = process
        self.log = log
        self.stop_signal = stop_signal

    @classmethod
    def start(
        cls,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        account: Account,
        stop_signal: signal.Signals = signal.SIGTERM,
        stdin: bytes | None = None,
    ) -> ServerProcess:
        """Start the program; what it prints is added to `log`, `stdin` is handed to it."""
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(log.with_name(f"{log.name}.1"))
        with log.open("ab") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **account.popen_options(),
            )
        if stdin is not None and process.stdin is not None:
            _hand_over(process.stdin, stdin)
        return cls(name, process, log, stop_signal)

    @property
    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def wait_until(self, ready: Callable[[], bool], limit: float = START_LIMIT) -> None:
        """Return as soon as `ready` is true. Raises ConfigError where the server ends or `limit` s pass."""
        end = time.monotonic() + limit
        while not ready():
            if self.process.poll() is not None:
                raise ConfigError(f"{self.name} did not start: {self._last_words()} (see {self.log}).")
            if time.monotonic() > end:
                self.stop()
                raise ConfigError(f"{self.name} did not answer within {limit:.0f} s (see {self.log}).")
            time.sleep(POLL)

    def stop(self, limit: float = 30.0) -> None:
        """Ask the server to end, and end it after `limit` seconds. Stopping a stopped server does nothing."""
        if self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(limit)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def _last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return lines[-1].strip() if lines else f"exit code {self.process.returncode}"


def _hand_over(pipe: IO[bytes], text: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), pipe:  # a server that ended at once is told of by wait_until
        pipe.write(text)


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
