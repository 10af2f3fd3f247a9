"""The programs that make up a running Taggarr, and how each is started. No Django."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

from library.errors import ConfigError
from taggarr import env, options

INTERACTIVE_PROCESSES = 2


@dataclass(frozen=True)
class Program:
    """One program. Those with `stop_first` are stopped before the others; each has `grace` seconds to end."""

    name: str
    command: tuple[str, ...]
    stop_first: bool = True
    grace: float = 10.0


def web(bind: str, port: int) -> Program:
    """The web server."""
    return Program(
        "web",
        (
            *_python("uvicorn", "taggarr.asgi:application"),
            *("--host", bind, "--port", str(port), "--lifespan", "off"),
            *("--no-access-log", "--no-server-header", "--log-level", "warning"),
            *("--timeout-graceful-shutdown", "5"),
            # Taggarr itself looks at what proxies say: taggarr/front.py.
            "--no-proxy-headers",
        ),
    )


def bulk_worker(processes: int) -> Program:
    """The worker of scans."""
    return _worker("worker-bulk", "bulk", processes)


def interactive_worker() -> Program:
    """The worker of what somebody waits for, and of the tick: it is never behind a long scan."""
    return _worker("worker-interactive", "interactive,io", INTERACTIVE_PROCESSES)


def beat() -> Program:
    """The scheduler; there is one for all workers."""
    return Program("beat", (*_python("celery"), "-A", "taggarr", "--quiet", "beat", "--pidfile="))


def flower(bind: str, port: int) -> Program:
    """Flower: it shows workers and tasks, and can change nothing."""
    return Program(
        "flower",
        (
            *_python("celery", "-A", "taggarr", "--quiet", "flower"),
            *(f"--address={bind}", f"--port={port}", "--read_only=True"),
        ),
    )


def manage(*arguments: str) -> tuple[str, ...]:
    """The command line of `manage.py` with the arguments given, for the Python that runs now."""
    return (sys.executable, "manage.py", *arguments)


def configured(web_port: int, flower_port: int | None) -> list[Program]:
    """All programs, as the settings have them; Flower where `flower_port` is given. Raises ConfigError."""
    programs = [
        web(options.BIND.read(), web_port),
        bulk_worker(options.WORKERS.read()),
        interactive_worker(),
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
    os.execv(sys.executable, found[role].command)  # noqa: S606 - the command is ours


def _worker(name: str, queues: str, processes: int) -> Program:
    options = (f"--queues={queues}", f"--concurrency={processes}", f"--name={name}")
    return Program(name, _python("taggarr.worker", *options), stop_first=False, grace=20.0)


def _python(module: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", module, *arguments)


if __name__ == "__main__":
    main(sys.argv[1])
