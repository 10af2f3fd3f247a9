"""One whole Taggarr over a library, in a folder of its own: servers, programs, a stand-in Sonarr."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

import django
import psutil
import requests

from bench.faults import library
from bench.faults.clock import LOADED, Clock
from bench.faults.library import Library
from bench.faults.mounts import bound, may_mount, small_disk
from core.data_folder import HEARTBEAT, prepare_data_folder
from demo.arr.process import StandIn
from system import backoff
from system.embedded.ports import next_free_port
from system.programs import Program
from system.supervisor import Child, Supervisor
from system.up import FOLDER, Installation, Ports, installation
from tests.connections.build import make_connection

WORKERS = 2
WORKER = "taggarr.worker"
SMALL_DISK_MIB = 1500
PATIENCE = 300.0
"""Seconds that anything may take before a fault counts as not survived."""

Moved = Literal["", "all", "servers"]
"""Whose clock can be moved: nobody's, that of the whole machine, or that of the database's alone."""

T = TypeVar("T")


class NotHealedError(Exception):
    """What should have come did not come; the text says what."""


@dataclass(frozen=True)
class Needs:
    """What a fault needs of the house: a small disk under the data, a clock that can be moved."""

    small_disk: bool = False
    clock: Moved = ""
    worker: str = WORKER
    """The module that is run as a worker."""

    twice: str = ""
    """A program that runs twice."""


@dataclass
class House:
    """What runs. `key` is an admin's API key; `problems` is what a fault itself found wrong."""

    found: Installation
    library: Library
    sonarr: StandIn
    ports: Ports
    clock: Clock
    supervisors: list[Supervisor] = field(default_factory=list)
    key: str = ""
    problems: list[str] = field(default_factory=list)

    @property
    def data(self) -> Path:
        return self.found.data

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.ports.web}"

    def child(self, name: str) -> Child:
        children = [child for one in self.supervisors for child in one.children]
        return next(child for child in children if child.program.name == name)

    def server(self, name: str) -> psutil.Process:
        files = {"postgres": "pg/*/postmaster.pid", "valkey": "valkey/valkey.pid"}
        (path,) = self.data.glob(files[name])
        return psutil.Process(int(path.read_text(encoding="ascii").split()[0]))

    def calm(self) -> None:
        """Have the next crash of a program count as its first: a real one comes long after the last."""
        for one in self.supervisors:
            for child in one.children:
                child.backoff.delay = backoff.FIRST_DELAY

    def get(self, path: str, timeout: float = 30.0) -> requests.Response:
        """What the web server answers to an admin. Raises requests.RequestException."""
        return requests.get(self.address + path, headers={"X-Api-Key": self.key}, timeout=timeout)

    def is_ready(self) -> bool:
        """Whether the web server could take work: it answers, and finds its servers."""
        try:
            return self.get("/health/ready", timeout=5).ok
        except requests.RequestException:
            return False

    def beat_age(self) -> float:
        """When beat last did a round, in seconds since 1970 by the file's own time; 0 for never."""
        try:
            return (self.data / HEARTBEAT).stat().st_mtime
        except OSError:
            return 0.0

    def programs(self, needs: Needs) -> list[Program]:
        """All programs, the workers with what the fault asks for."""
        from system import programs

        workers = [programs.bulk_worker(WORKERS), programs.interactive_worker(), programs.io_worker()]
        changed = [as_module(one, needs.worker) for one in workers]
        every = [programs.web("127.0.0.1", self.ports.web), programs.beat(), *changed]
        doubled = [one for one in every if one.name == needs.twice]
        return every + [renamed(one, f"{one.name}-2") for one in doubled]

    def supervise(
        self,
        programs: Sequence[Program],
        *,
        folder: Path = FOLDER,
        data: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Supervisor:
        sees = environment or self.found.environment
        made = Supervisor(programs, data=data or self.data, folder=folder, environment=sees)
        self.supervisors.append(made)
        return made.start()

    def dismiss(self, supervisor: Supervisor) -> None:
        self.supervisors.remove(supervisor)
        supervisor.stop()


def as_module(program: Program, module: str) -> Program:
    """The worker with another module in the place of its own."""
    command = (module if word == WORKER else word for word in program.command)
    return Program(program.name, tuple(command), program.stop_first, program.grace)


def renamed(program: Program, name: str) -> Program:
    """The same program under another name, which its log has."""
    return Program(name, program.command, program.stop_first, program.grace)


@contextmanager
def house(media: int, needs: Needs) -> Iterator[House]:
    """Make a house and open it: all runs, the instance is there, and nothing is scanned yet."""
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(
                tempfile.TemporaryDirectory(prefix="taggarr-faults-", ignore_cleanup_errors=True)
            )
        )
        folder.chmod(0o711)
        data, real, root = folder / "data", folder / "disk", folder / "media"
        for one in (data, real, root):
            one.mkdir()
        if needs.small_disk:
            stack.enter_context(small_disk(data, SMALL_DISK_MIB))
        prepare_data_folder(data)
        backoff.STEADY = 1.0  # as `calm`, for servers too
        clock = Clock(folder / "clock")
        if needs.clock:
            clock.install()
        if may_mount():
            stack.enter_context(bound(real, root))
        made = library.build(root, media)
        settings = {"TAGGARR_LOG_LEVEL": "info", "TAGGARR_ALLOW_LOOPBACK": "on", "TZ": "UTC"}
        found = stack.enter_context(installation(data, settings, has_account=True))
        if needs.clock == "servers":
            found.environment.pop(LOADED, None)
        os.environ.update(found.environment, DJANGO_SETTINGS_MODULE="taggarr.settings")
        django.setup()
        stack.callback(_close_connections)
        # It keeps the true time, and starts before anything may be moved.
        with clock.spared():
            sonarr = stack.enter_context(StandIn("sonarr", made.state))
        ports = Ports(web=next_free_port(38484), flower=None)
        opened = House(found, made, sonarr, ports, clock)
        opened.key = _furnish(sonarr)
        stack.callback(_stop_all, opened)
        every = opened.programs(needs)
        # Apart, so that the workers can be replaced.
        opened.supervise([one for one in every if one.stop_first])
        opened.supervise([one for one in every if not one.stop_first])
        wait_for(opened.is_ready, "the web server answers")
        wait_for(lambda: not _why_no_workers(), "the workers answer")
        yield opened


def _stop_all(opened: House) -> None:
    while opened.supervisors:
        opened.supervisors.pop().stop()


def _close_connections() -> None:
    from django.db import connections

    connections.close_all()


def _why_no_workers() -> str:
    from jobs.models import Queue
    from jobs.workers import why_not_served

    return "".join(why_not_served(queue, wait=3.0) for queue in (Queue.BULK, Queue.INTERACTIVE))


def _furnish(sonarr: StandIn) -> str:
    """Make the account, its API key, a policy that writes NFO files, and the instance."""
    from accounts.keys import create_key
    from accounts.models import User
    from scanner.models import Policy

    policy = Policy.objects.create(name="English", target_languages=["eng"], write_nfo=True)
    make_connection(name="TV", kind="sonarr", url=sonarr.url, api_key=sonarr.api_key, policy=policy)
    owner = User.objects.create_user("owner", role="admin")
    return create_key(owner, "faults", scopes=("write", "settings"), expires_at=None)[1]


def wait_for(condition: Callable[[], T], what: str, limit: float = PATIENCE, every: float = 0.05) -> T:
    """Return what the condition gives as soon as that is true. Raises NotHealedError after `limit` s."""
    end = time.monotonic() + limit
    while not (found := condition()):
        if time.monotonic() > end:
            raise NotHealedError(f"waited {limit:.0f} s in vain until {what}")
        time.sleep(every)
    return found


def asked(question: Callable[[], T]) -> T | None:
    """What the database answers; None while it is away. The next question takes a new connection."""
    from django.db import Error, connection

    try:
        return question()
    except Error:
        with suppress(Error):
            connection.close()
        return None


def pids_of_workers() -> set[int]:
    """The processes of all workers that answer through the broker, also of those that share a name."""
    from celery import current_app

    answers = current_app.control.broadcast("stats", reply=True, timeout=2.0) or []
    return {stats["pid"] for answer in answers for stats in answer.values()}


def tree(pid: int) -> list[psutil.Process]:
    """A process and all below it, as far as they still run."""
    try:
        first = psutil.Process(pid)
        return [first, *first.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def command_output(*command: str, folder: Path = FOLDER) -> str:
    """What a program prints; empty where it fails or is not there."""
    try:
        done: subprocess.CompletedProcess[str] = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def api_sentences(answer: Any) -> set[str]:
    """What is wrong, of a list of health issues."""
    return {str(issue["what"]) for issue in answer}
