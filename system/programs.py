"""The programs that make up a running Taggarr, and how each is started. No Django."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core import env, options
from core.env import Setting
from core.errors import ConfigError

INTERACTIVE_PROCESSES = 1
IO_THREADS = 4

LIBRARIES = "nursery"
TAGGARR = "nursery-taggarr"
"""The nurseries, of which the programs are forks."""

_BROKER: tuple[Setting[Any], ...] = (
    *(options.REDIS_URL, options.REDIS_PASSWORD, options.DATA),
    *(options.LOG_LEVEL, options.LOG_FORMAT),
)


@dataclass(frozen=True)
class Program:
    """One program. Those with `stop_first` are stopped before the others; each has `grace` seconds to end.

    `sees` are the only settings that it is given; None: all of them. `nursery` is the name of the one that it
    may be a fork of: one that has read no more than the program may see.
    """

    name: str
    command: tuple[str, ...]
    stop_first: bool = True
    grace: float = 10.0
    sees: tuple[Setting[Any], ...] | None = None
    nursery: str = ""

    def environment(self, environ: Mapping[str, str]) -> dict[str, str]:
        if self.sees is None:
            return dict(environ)
        own = {name: value for name, value in environ.items() if name.startswith(f"{self.name.upper()}_")}
        return {**own, **env.only([one.name for one in self.sees], environ)}


def web(bind: str, port: int) -> Program:
    return Program("web", _python("taggarr.serve", "--host", bind, "--port", str(port)), nursery=TAGGARR)


def bulk_worker(processes: int) -> Program:
    return _worker("worker-bulk", "bulk", processes)


def workers(processes: int) -> list[Program]:
    """All workers of one machine; `processes` are those for scans."""
    return [bulk_worker(processes), interactive_worker(), io_worker()]


def interactive_worker() -> Program:
    """The worker of what somebody waits for: it is never behind a long scan."""
    return _worker("worker-interactive", "interactive", INTERACTIVE_PROCESSES)


def io_worker() -> Program:
    """The worker of the tick, of backups and of notifications.

    It opens no media file: no mount that hangs and no file that was made to do harm can hold it.

    Threads in one process: what it does is to wait for others, and a process costs memory.
    """
    return _worker("worker-io", "io", IO_THREADS, "--pool=threads")


def beat() -> Program:
    """The scheduler; there is one for all workers. It rings, and needs no key for that."""
    return Program(
        "beat",
        _python("taggarr.beat"),
        sees=(*_BROKER, options.DATABASE_URL, options.DATABASE_PASSWORD, options.TASK_EVENTS),
        nursery=LIBRARIES,
    )


def flower(bind: str, port: int) -> Program:
    """Flower: it shows workers and tasks, can change nothing, and knows of the broker alone."""
    return Program(
        "flower",
        _python("taggarr.flower", f"--address={bind}", f"--port={port}"),
        sees=(*_BROKER, options.ALLOWED_HOSTS),
    )


def nurseries() -> tuple[Program, ...]:
    """What the programs are forks of, where one supervisor starts them all.

    The first has read no setting: beat may be a fork of it. The second is one too, and has read all, keys
    included: the others are forks of that.
    """
    return (
        Program(LIBRARIES, _python("system.nursery", "taggarr.libraries"), sees=()),
        Program(TAGGARR, _python("system.nursery", "taggarr.preloaded"), nursery=LIBRARIES),
    )


def manage(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "manage.py", *arguments)


def configured(web_port: int, flower_port: int | None) -> list[Program]:
    """All programs, as the settings have them; Flower where `flower_port` is given. Raises ConfigError."""
    programs = [
        web(options.BIND.read(), web_port),
        *workers(options.WORKERS.read()),
        beat(),
    ]
    if flower_port is not None:
        programs.append(flower(options.FLOWER_BIND.read(), flower_port))
    return programs


def main(role: str) -> None:
    """Become the program `role`, as a container with one role does. Raises ConfigError for an unknown one."""
    with env.refusing():
        env.check_names(options.ALL)
        found = {one.name: one for one in configured(options.PORT.read(), options.FLOWER_PORT.read())}
        if role not in found:
            raise ConfigError(f"There is no program {role}: allowed are {', '.join(found)}.")
    program = found[role]
    os.execve(sys.executable, program.command, program.environment(os.environ))  # noqa: S606 - it is ours


def _worker(name: str, queues: str, concurrency: int, *more: str) -> Program:
    options = (f"--queues={queues}", f"--concurrency={concurrency}", f"--name={name}", *more)
    return Program(name, _python("taggarr.worker", *options), stop_first=False, grace=20.0, nursery=TAGGARR)


def _python(module: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", module, *arguments)


if __name__ == "__main__":
    main(sys.argv[1])
