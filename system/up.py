"""`script/up`: everything on one machine, until Ctrl-C. No Django in this process."""

from __future__ import annotations

import argparse
import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType

from core import env, options
from core.data_folder import not_writable, prepare_data_folder
from core.errors import ConfigError
from system import programs
from system.embedded import EmbeddedServers
from system.embedded.ports import next_free_port
from system.supervisor import Supervisor, stop_leftovers

FOLDER = Path(__file__).resolve().parent.parent
FIRST_SERVER_PORT = 15484
STARTUP = ("startup",)
SERVER_FILES = ("DATABASE_URL_FILE", "REDIS_URL_FILE")
FIRST_STEPS = """
First steps
  In a browser, at the address above; it asks for the token that stands further up.
  Or without one:
  1. An account:   {command} createsuperuser
  2. An instance:  {command} add_instance --help
  3. A scan:       {command} scan --dry-run      (writes nothing)
"""
LOCK_FILE = Path("run") / "lock"


class DataLock:
    """Holds a data folder for this process; the kernel lets go of it however the process ends.

    Raises ConfigError where another process holds the folder, or where the folder cannot be written.
    """

    def __init__(self, data: Path) -> None:
        self.data = data
        prepare_data_folder(data)
        try:
            # Programs that we start must not inherit the lock: Python opens files close-on-exec.
            self._file = (data / LOCK_FILE).open("a+", encoding="ascii")
        except OSError as error:
            raise not_writable(error, data) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.seek(0)
            holder = self._file.read().strip() or "unknown"
            self._file.close()
            raise ConfigError(
                f"Taggarr already runs over {data} (process {holder}): stop it, or set another TAGGARR_DATA."
            ) from None
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def __enter__(self) -> DataLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


@dataclass(frozen=True)
class Ports:
    """Where the web server and Flower listen; Flower's is None where it is not wanted."""

    web: int
    flower: int | None


class Installation:
    """A data folder that is held by this process, with its servers running and its database up to date."""

    def __init__(self, data: Path, environment: dict[str, str]) -> None:
        self.data = data
        self.environment = environment

    def manage(self, *arguments: str) -> int:
        command = programs.manage(*arguments)
        return subprocess.run(command, cwd=FOLDER, env=self.environment, check=False).returncode

    def supervisor(self, ports: Ports, *, echo: bool) -> Supervisor:
        """The supervisor of all programs, which listen on `ports`. Raises ConfigError for a wrong setting."""
        return Supervisor(
            programs.configured(ports.web, ports.flower),
            data=self.data,
            folder=FOLDER,
            environment=self.environment,
            echo=sys.stdout if echo else None,
            prefixed=options.LOG_FORMAT.read() != "json",
            nurseries=programs.nurseries(),
        )


@contextmanager
def installation(data: Path, extra: dict[str, str], *, has_account: bool = False) -> Iterator[Installation]:
    """Hold `data`, start the servers that are not given, run `manage.py startup`; stop them afterwards.

    A server that ends by itself is started again. `extra` are settings beside those of the environment; with
    `has_account` the first account is the caller's matter, and nothing is said of it. Raises ConfigError,
    SystemExit where `startup` refuses.
    """
    with DataLock(data):
        stop_leftovers(data)
        with EmbeddedServers(
            data,
            database_url=options.DATABASE_URL.read(),
            redis_url=options.REDIS_URL.read(),
            first_port=FIRST_SERVER_PORT,
            keep=True,
        ) as servers:
            # The addresses may have come from files: one setting, given once.
            given = {name: value for name, value in os.environ.items() if name not in SERVER_FILES}
            found = Installation(data, {**given, **servers.environment(), "PYTHONUNBUFFERED": "1", **extra})
            if code := found.manage(*STARTUP, *(["--no-token"] if has_account else [])):
                raise SystemExit(code)
            yield found


def choose_ports(*, flower: bool) -> Ports:
    """The configured ports, or the next free ones, which is said. Raises ConfigError where there is none."""
    web = _choose("web", options.BIND.read(), options.PORT.read())
    return Ports(
        web=web,
        flower=_choose("Flower", options.FLOWER_BIND.read(), options.FLOWER_PORT.read()) if flower else None,
    )


def _choose(name: str, bind: str, wanted: int) -> int:
    port = next_free_port(wanted, bind)
    if port != wanted:
        tell(f"Port {wanted} is in use: {name} listens on {port} instead.")
    return port


def shown_address(bind: str, port: int) -> str:
    """The address to type into a browser on this machine."""
    host = "localhost" if bind in ("0.0.0.0", "::") else f"[{bind}]" if ":" in bind else bind  # noqa: S104
    return f"http://{host}:{port}"


def tell(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def end_like_ctrl_c() -> None:
    """Make SIGTERM and SIGHUP end this process as Ctrl-C does, once: a stop begun is carried to its end."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)


def main() -> None:
    parser = argparse.ArgumentParser("script/up", description="Start Taggarr on this machine, until Ctrl-C.")
    parser.add_argument(
        "--command",
        default="script/manage",
        help="how commands are given here, for the first steps it prints",
    )
    command = parser.parse_args().command
    end_like_ctrl_c()
    with env.refusing():
        env.check_names(options.ALL)
        try:
            _run(command)
        except KeyboardInterrupt:
            tell("Stopped.")


def _run(command: str) -> None:
    is_first = not (options.DATA.read() / LOCK_FILE).exists()
    with installation(options.DATA.read(), {}) as found:
        ports = choose_ports(flower=options.FLOWER.read())
        with found.supervisor(ports, echo=True) as supervisor:
            tell(f"\nTaggarr   {shown_address(options.BIND.read(), ports.web)}/")
            if ports.flower is not None:
                tell(f"Flower    {shown_address(options.FLOWER_BIND.read(), ports.flower)}")
            tell(f"Data      {found.data}")
            if is_first:
                tell(FIRST_STEPS.format(command=command))
            tell("Ctrl-C stops everything.")
            supervisor.wait()


if __name__ == "__main__":
    main()
