"""The parent's side of a cage: it starts the process, hands it files, watches it, and kills it in time."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.cage.child import LENGTH, MOST_ASKED

ROOT = Path(__file__).resolve().parents[2]
_START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from core.cage.child import main; main()"
# What an interpreter outside the usual places needs to find its own libraries.
_ENVIRONMENT = ("LD_LIBRARY_PATH",)
# Seconds between two looks at a process that works, and two signs of life to whoever asked.
_LOOK = 1.0
# Seconds for the end of a process that was killed: one that reads from a dead mount ends later.
_BURIAL = 1.0
# Seconds of processor for a quick try, at least.
_QUICK = 0.05
# Seconds of processor for a file, after which the process is looked at.
_LONG = 0.02
_PIECE = 64 << 10
_PAGE = resource.getpagesize()


class CageError(Exception):
    """Base of what a call into a cage raises.

    The text says what the reader did, without a subject; whoever calls says it of a file, in the words of his
    field.
    """


class BrokenError(CageError):
    """The reader crashed, was killed, went beyond a limit or answered nonsense: the bytes did that.

    `again` says whether a fresh reader deserves a try: None where it does if this one was not fresh.
    """

    def __init__(self, text: str, *, again: bool | None = None) -> None:
        super().__init__(text)
        self.again = again


class StalledError(CageError):
    """There was no answer in time, though the reader hardly worked: the disk or the machine is slow."""


class UnreadyError(CageError):
    """The reader could not be started. `lasting` is true where starting it again cannot help."""

    def __init__(self, text: str, *, lasting: bool) -> None:
        super().__init__(text)
        self.lasting = lasting


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost: bytes of addresses, seconds of processor and by the clock, bytes of answer.

    A process that holds more than `kept` bytes after a file is not kept for the next; one that nobody asks
    for anything ends after `idle` seconds.
    """

    memory: int = 512 << 20
    processor: int = 10
    clock: float = 60.0
    start: float = 60.0
    answer: int = 4 << 20
    kept: int = 160 << 20
    idle: int = 60


@dataclass(slots=True)
class _Prisoner:
    """A process, the line to it, how many seconds of processor its start took, how many files it has read,
    and when its processor time ends.
    """

    process: subprocess.Popen[bytes]
    line: socket.socket
    start: float = 0.0
    files: int = 0
    ends_at: int = 0
    ready: select.poll = field(default_factory=select.poll)

    def __post_init__(self) -> None:
        self.ready.register(self.line, select.POLLIN)

    def allow(self, seconds: int, before: float) -> None:
        """Have the kernel end the process after so many seconds more than it has had `before`."""
        # It counts whole seconds from the start of the process.
        ends_at = int(before) + 1 + seconds
        if ends_at != self.ends_at:
            self.ends_at = ends_at
            with contextlib.suppress(OSError, ValueError):
                hard = resource.prlimit(self.process.pid, resource.RLIMIT_CPU)[1]
                resource.prlimit(self.process.pid, resource.RLIMIT_CPU, (ends_at, hard))


class Cage:
    """A process that runs the function `work` (`module:function`) on files, one after the other.

    It is called there with a descriptor and parameters and returns what JSON can hold. `prepare` is called
    once before, while files may still be opened: it loads what `work` needs. The process starts with the
    first call, lasts for many, and ends with its parent. Any thread may call; a forked process has its own.
    """

    def __init__(self, work: str, prepare: str, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.wall = ""
        """What kept the last process in, as `core.cage.walls.Wall` names it; empty before the first."""
        self._work, self._prepare = work, prepare
        self._lock = threading.Lock()
        self._prisoner: _Prisoner | None = None
        self._unburied: list[subprocess.Popen[bytes]] = []
        _cages.add(self)

    @property
    def process(self) -> int | None:
        """The number of the process that is kept now."""
        return self._prisoner.process.pid if self._prisoner else None

    def call(
        self,
        descriptor: int,
        parameters: object,
        keep_alive: Callable[[], None] = lambda: None,
        *,
        patient: bool = True,
    ) -> Any:
        """What the function returns for the open file `descriptor` and these small `parameters`.

        `keep_alive` is called about once a second meanwhile; what it raises ends the call, and the process.
        Raises `BrokenError`, `StalledError` or `UnreadyError`. A file is blamed for what it does to a fresh
        process: what breaks one that has read others is tried once more. Without `patient` it is tried once,
        and given no more of the processor than the start of the process took.
        """
        while not self._lock.acquire(timeout=_LOOK):
            keep_alive()
        try:
            try:
                return self._try(descriptor, parameters, keep_alive, patient, last=not patient)
            except _UnclearError:
                return self._try(descriptor, parameters, keep_alive, patient, last=True)
        finally:
            self._lock.release()

    def start(self) -> str:
        """Start the process if there is none; return its `wall`. Raises `StalledError` or `UnreadyError`."""
        with self._lock:
            if not self._prisoner:
                self._start(lambda: None)
            return self.wall

    def find_wall(self) -> str:
        """Return the `wall`; where no process was started yet, one is for that alone. Raises as `start`."""
        if not self.wall:
            self.start()
            self.end()
        return self.wall

    def end(self) -> None:
        """End the process; the next call starts another."""
        with self._lock:
            self._kill()

    def _try(
        self,
        descriptor: int,
        parameters: object,
        keep_alive: Callable[[], None],
        patient: bool,
        *,
        last: bool = False,
    ) -> Any:
        if self._prisoner and self._prisoner.ready.poll(0):
            # It has ended since, for lack of work or by somebody's hand: this file did not do that.
            self._kill()
        prisoner = self._prisoner or self._start(keep_alive)
        try:
            answer = self._ask(prisoner, descriptor, parameters, keep_alive, patient)
        except BrokenError as error:
            self._kill()
            again = prisoner.files > 0 if error.again is None else error.again
            if again and not last:
                raise _UnclearError from error
            raise
        except BaseException:
            self._kill()
            raise
        prisoner.files += 1
        return answer

    def _start(self, keep_alive: Callable[[], None]) -> _Prisoner:
        ours, theirs = socket.socketpair()
        # The kernel's signal follows the thread that started the process: any but the first may end early.
        lasting = threading.current_thread() is threading.main_thread()
        settings = {
            "work": self._work,
            "prepare": self._prepare,
            "memory": self.limits.memory,
            "idle": self.limits.idle,
            "dies_with": os.getpid() if lasting else 0,
        }
        with theirs:
            try:
                process = subprocess.Popen(
                    [sys.executable, "-I", "-B", "-c", _START, str(ROOT), json.dumps(settings)],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd="/",
                    env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
                    start_new_session=True,
                )
            except OSError as error:
                ours.close()
                raise UnreadyError(f"it could not be started ({error.strerror})", lasting=False) from error
        prisoner = self._prisoner = _Prisoner(process, ours)
        try:
            deadline = time.monotonic() + self.limits.start
            told = self._hear(prisoner, lambda: time.monotonic() < deadline, keep_alive)
        except _GoneError:
            self._kill()
            raise UnreadyError("it ended while it was being started", lasting=False) from None
        except BaseException:
            self._kill()
            raise
        if "unready" in told:
            self._kill()
            raise UnreadyError(str(told["unready"]), lasting=True)
        self.wall = str(told.get("wall", ""))
        prisoner.start = processor_time(process.pid)
        return prisoner

    def _ask(
        self,
        prisoner: _Prisoner,
        descriptor: int,
        parameters: object,
        keep_alive: Callable[[], None],
        patient: bool,
    ) -> Any:
        data = json.dumps(parameters).encode()
        if len(data) > MOST_ASKED:
            raise ValueError("the parameters are too long for a cage")
        pid, limits = prisoner.process.pid, self.limits
        before, started = processor_time(pid), time.monotonic()
        prisoner.allow(limits.processor, before)
        processor = limits.processor if patient else max(prisoner.start, _QUICK)
        too_slow = BrokenError(f"took more than {processor:.3g} seconds of processor time", again=False)

        def may_go_on() -> bool:
            if processor_time(pid) - before > processor:
                raise too_slow
            return time.monotonic() - started < limits.clock

        try:
            socket.send_fds(prisoner.line, [LENGTH.pack(len(data)), data], [descriptor])
            told = self._hear(prisoner, may_go_on, keep_alive, min(_LOOK, processor / 2))
        except (_GoneError, BrokenPipeError, ConnectionResetError):
            raise self._why_gone(prisoner, too_slow) from None
        if "answer" in told:
            # Who fills much memory takes its time.
            if processor_time(pid) - before > _LONG and _resident(pid) > limits.kept:
                self._kill()
            return told["answer"]
        if "memory" in told:
            raise BrokenError(f"took more than {limits.memory >> 20} MiB of memory")
        if "failed" in told:
            raise BrokenError(f"failed ({str(told['failed'])[:50]})")
        raise BrokenError("answered nonsense")

    def _hear(
        self,
        prisoner: _Prisoner,
        may_go_on: Callable[[], bool],
        keep_alive: Callable[[], None],
        look: float = _LOOK,
    ) -> dict[str, Any]:
        """The next message of the process. Raises `_GoneError` where it ended, `BrokenError` for nonsense."""
        data = bytearray()
        wanted, looked = LENGTH.size, time.monotonic()
        while len(data) < wanted:
            ready = prisoner.ready.poll(look * 1000)
            if not ready or time.monotonic() - looked > look:
                looked = time.monotonic()
                keep_alive()
                if not may_go_on():
                    raise StalledError(f"had no answer after {self.limits.clock:.0f} seconds")
            if ready:
                data += _piece(prisoner.line)
            if wanted == LENGTH.size <= len(data):
                wanted += LENGTH.unpack_from(data)[0]
                if wanted > self.limits.answer:
                    raise BrokenError("answered nonsense")
        try:
            told = json.loads(data[LENGTH.size :])
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            raise BrokenError("answered nonsense")
        return told

    def _why_gone(self, prisoner: _Prisoner, too_slow: BrokenError) -> BrokenError:
        """What to raise for a process that ended without an answer."""
        try:
            code = prisoner.process.wait(_BURIAL)
        except subprocess.TimeoutExpired:
            code = 0  # it closed its socket and lives on
        if code == -signal.SIGXCPU:
            return too_slow
        if code == -signal.SIGKILL:  # by the system, which is short of memory, or by a person
            return BrokenError("was killed", again=True)
        if code < 0:
            return BrokenError(f"crashed ({signal.Signals(-code).name})")
        return BrokenError("ended without an answer")

    def _kill(self) -> None:
        prisoner, self._prisoner = self._prisoner, None
        if prisoner:
            prisoner.line.close()
            prisoner.process.kill()
            self._unburied.append(prisoner.process)
        self._unburied = [process for process in self._unburied if not _is_buried(process)]

    def forget(self) -> None:
        """Leave the process to the one that started it: this one is a fork of that."""
        self._lock = threading.Lock()
        if self._prisoner:
            self._unburied.append(self._prisoner.process)
            self._prisoner.line.close()
        for process in self._unburied:
            process.returncode = 0
        self._prisoner, self._unburied = None, []


class _GoneError(Exception):
    """The process closed its end of the line."""


def _piece(line: socket.socket) -> bytes:
    """Some bytes of a message: most often all of it. Raises `_GoneError`."""
    try:
        piece = line.recv(_PIECE)
    except ConnectionResetError:
        raise _GoneError from None
    if not piece:
        raise _GoneError
    return piece


class _UnclearError(Exception):
    """A process broke that had read other files before: this one need not be why."""


def _is_buried(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(_BURIAL)
    except subprocess.TimeoutExpired:
        return False
    return True


def processor_time(process: int) -> float:
    """Seconds of processor that a process has had; 0 where the system does not tell."""
    # The clock of a process, as clock_getcpuclockid(3) makes its number.
    try:
        return time.clock_gettime(~process << 3 | 2)
    except OSError:
        return 0.0


def _resident(process: int) -> int:
    """Bytes of memory that a process holds; 0 where the system does not tell."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]) * _PAGE
    except (OSError, ValueError, IndexError):
        return 0


_cages: weakref.WeakSet[Cage] = weakref.WeakSet()


def _forget_all() -> None:
    for cage in list(_cages):
        cage.forget()


os.register_at_fork(after_in_child=_forget_all)
