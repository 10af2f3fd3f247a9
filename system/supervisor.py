"""Runs Taggarr's programs as child processes: keeps output, restarts what crashed, stops all. No Django.

Every child leads a process group of its own: Ctrl-C in the terminal reaches the supervisor alone, which
stops the children in order, and whatever a child started ends with it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import IO

import psutil

from core.data_folder import prepare_data_folder, write_private
from core.masking import masked
from system.backoff import Backoff
from system.nursery import Fork, Nursery, adopt_forks
from system.programs import Program

CHILDREN_FILE = Path("run") / "children.json"
LOG_BYTES = 10_000_000
LOG_FILES = 3
WATCH_INTERVAL = 0.2


class Echo:
    """Shows the lines of programs, with their names before them or, where each is JSON, as they are."""

    def __init__(self, stream: IO[str], *, prefixed: bool) -> None:
        self._stream = stream
        self._prefixed = prefixed

    def __call__(self, name: str, line: str) -> None:
        self._stream.write(f"{name:<18} | {line}" if self._prefixed else line)
        self._stream.flush()


class Child:
    """One program and its process, present or to come; a fork of `nursery` where there is one."""

    def __init__(
        self, program: Program, log: logging.Logger, echo: Echo | None, nursery: NurseryChild | None = None
    ) -> None:
        self.program = program
        self.nursery = nursery
        self.log = log
        self.echo = echo
        self.backoff = Backoff()
        self.restarts = 0
        self._process: subprocess.Popen[str] | Fork | None = None
        self._reader: threading.Thread | None = None

    @property
    def pid(self) -> int | None:
        running = self._process is not None and self._process.poll() is None
        return self._process.pid if running and self._process is not None else None

    @property
    def group(self) -> int | None:
        """The process group of the last start, whether its leader still runs or not."""
        return self._process.pid if self._process is not None else None

    def start(self, environment: Mapping[str, str], folder: Path, passed: Sequence[int] = ()) -> None:
        """Start the process, which is given these descriptors too, and their numbers as arguments.

        Raises OSError.
        """
        self.backoff.note_start()
        self._process = None
        self._process = self._launch(environment, folder, passed)
        self._reader = threading.Thread(target=self._collect, args=(self._process.stdout,), daemon=True)
        self._reader.start()

    def needs_start(self) -> bool:
        """True where the program does not run and its time to start again has come."""
        if self._process is not None and self._process.poll() is None:
            return False
        if wait := self.backoff.note_end():
            ended = "could not be started"
            if self._process is not None:
                ended = f"ended with exit code {self._process.returncode}"
            self._say(f"{ended}; starts again in {wait:.0f} s")
            self.restarts += 1
        return self.backoff.is_due

    def ask_to_stop(self) -> None:
        """Ask the program itself to end: it tells its own children."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait_stopped(self, grace: float) -> None:
        """Wait for what is left of its grace, in seconds, then end what remains of its process group."""
        if self._process is None:
            return
        try:
            self._process.wait(grace)
        except subprocess.TimeoutExpired:
            self._say(f"did not end within {self.program.grace:g} s and was killed")
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._reader is not None:
            self._reader.join(5)

    def _launch(
        self, environment: Mapping[str, str], folder: Path, passed: Sequence[int]
    ) -> subprocess.Popen[str] | Fork:
        if self.nursery is not None:
            return self.nursery.fork(self.program, environment, folder, passed)
        return subprocess.Popen(
            (*self.program.command, *map(str, passed)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=self.program.environment(environment),
            cwd=folder,
            start_new_session=True,
            pass_fds=passed,
        )

    def _collect(self, pipe: IO[str]) -> None:
        with pipe:
            # What a program prints as it crashes has passed no formatter.
            for line in map(masked, pipe):
                self.log.info("%s", line.rstrip("\n"))
                if self.echo is not None:
                    self.echo(self.program.name, line)

    def _say(self, text: str) -> None:
        self.log.info("supervisor: %s %s", self.program.name, text)
        path = log_path(self.log)
        sys.stderr.write(f"{self.program.name} {text}{path and f' (see {path})'}\n")


class NurseryChild(Child):
    """A process that others are forks of; it runs from the first that is to be forked until it is retired."""

    _orders: Nursery | None = None

    def fork(
        self, program: Program, environment: Mapping[str, str], folder: Path, passed: Sequence[int]
    ) -> Fork:
        """Fork a program. Raises OSError where the nursery cannot be started, or has ended."""
        if self._orders is None:
            orders = Nursery()
            with orders.theirs as theirs:
                self.start(environment, folder, [theirs.fileno()])
            self._orders = orders
        return self._orders.fork(program.name, program.command, program.environment(environment), passed)

    def retire(self) -> None:
        """End it. What was forked goes on."""
        if self._orders is not None:
            self._orders.close()
            self._orders = None
            self.wait_stopped(self.program.grace)


class Supervisor:
    """Starts programs and keeps them running until `stop`.

    `folder` is where they run, `environment` the most that they see. Their output goes to
    `data`/logs/NAME.log, and to `echo` where that is given, `prefixed` with the name of the program. Programs
    start as forks of their nursery (`system.nursery`) where that is one of `nurseries`; this process is their
    parent then. The caller holds the folder's lock, and has stopped what an earlier supervisor may have left
    (`stop_leftovers`). Without `data` nothing is kept on disk.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        data: Path | None,
        folder: Path,
        environment: Mapping[str, str],
        echo: IO[str] | None = None,
        prefixed: bool = True,
        nurseries: Sequence[Program] = (),
    ) -> None:
        self.data = data
        self.folder = folder
        self.environment = dict(environment)
        if data is not None:
            prepare_data_folder(data)
        told = None if echo is None else Echo(echo, prefixed=prefixed)
        self.nurseries: dict[str, NurseryChild] = {}
        for program in nurseries:
            log, parent = open_log(data, program.name), self.nurseries.get(program.nursery)
            self.nurseries[program.name] = NurseryChild(program, log, told, parent)
        if nurseries:
            adopt_forks()
        self.children = [
            Child(program, open_log(data, program.name), told, self.nurseries.get(program.nursery))
            for program in programs
        ]
        self._groups: set[int] = set()
        self._stopping = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> Supervisor:
        self._start(self.children)
        self._watcher.start()
        return self

    def wait(self) -> None:
        """Return when `stop` was called; a signal's handler may end the wait by raising."""
        self._stopping.wait()

    def stop(self) -> None:
        """Stop all programs: first what takes in new work, then the workers, which may end what they do."""
        self._stopping.set()
        if self._watcher.is_alive():
            self._watcher.join()
        in_turn = [
            [one for one in self.children if one.program.stop_first is first] for first in (True, False)
        ]
        for children in in_turn:
            for child in children:
                child.ask_to_stop()
            end = time.monotonic() + max((child.program.grace for child in children), default=0)
            for child in children:
                child.wait_stopped(max(0.0, end - time.monotonic()))
        if self.data is not None:
            (self.data / CHILDREN_FILE).unlink(missing_ok=True)

    def __enter__(self) -> Supervisor:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _watch(self) -> None:
        while not self._stopping.wait(WATCH_INTERVAL):
            due = [child for child in self.children if child.needs_start()]
            if due:
                self._start(due)
            self._bury_orphans()

    def _bury_orphans(self) -> None:
        """Wait for what a program left behind when it ended: it has this process as its parent now."""
        for group in self._groups - {child.pid for child in self.children}:
            try:
                while os.waitpid(-group, os.WNOHANG)[0]:
                    pass
            except ChildProcessError:
                self._groups.discard(group)

    def _start(self, children: Iterable[Child]) -> None:
        """Start what can be started. What the machine lacks now it may have in the next round."""
        for child in children:
            with _told(child.program.name):
                child.start(self.environment, self.folder)
        for nursery in reversed(self.nurseries.values()):
            nursery.retire()
        self._groups |= {child.group for child in self.children if child.group is not None}
        with _told(str(CHILDREN_FILE)):
            self._remember()

    def _remember(self) -> None:
        """Keep who runs, for the next start: this process may be killed before it can stop them."""
        if self.data is None:
            return
        running = {}
        for child in self.children:
            if child.pid is not None:
                with contextlib.suppress(psutil.NoSuchProcess):
                    running[str(child.pid)] = psutil.Process(child.pid).create_time()
        write_private(self.data / CHILDREN_FILE, json.dumps(running))


@contextlib.contextmanager
def _told(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        sys.stderr.write(f"{name}: {error.strerror}\n")


def stop_leftovers(data: Path) -> None:
    """Kill the programs that a killed supervisor left behind, known by process id and start time together."""
    try:
        left = json.loads((data / CHILDREN_FILE).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return
    for pid, started in left.items():
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied, ProcessLookupError):
            if psutil.Process(int(pid)).create_time() == started:
                os.killpg(int(pid), signal.SIGKILL)


def open_log(data: Path | None, name: str) -> logging.Logger:
    """A logger outside the tree of loggers that writes lines as they are to `data`/logs/NAME.log.

    Without `data` it writes nothing.
    """
    logger = logging.Logger(name)
    if data is None:
        logger.addHandler(logging.NullHandler())
        return logger
    handler = RotatingFileHandler(
        data / "logs" / f"{name}.log", maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8", delay=True
    )
    logger.addHandler(handler)
    return logger


def log_path(logger: logging.Logger) -> str:
    """Where the logger writes; empty where it writes nothing."""
    paths = [one.baseFilename for one in logger.handlers if isinstance(one, RotatingFileHandler)]
    return paths[0] if paths else ""
