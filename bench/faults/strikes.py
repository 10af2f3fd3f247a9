"""The faults: what is done to a running house, at one moment.

Every strike ends when its cause is gone. The first one of a scan takes longer: what it kills is held still
before, until the page of health tells of it.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import requests

from bench.faults.clock import compiler
from bench.faults.house import (
    House,
    Needs,
    NotHealedError,
    api_sentences,
    asked,
    command_output,
    pids_of_workers,
    tree,
    wait_for,
)
from bench.faults.mounts import fill, may_mount, mount, unmount
from system.programs import Program
from system.supervisor import Supervisor
from system.up import FOLDER

LISTEN = 30.0
"""Seconds in which health must tell of what is held still."""

BEAT_LISTEN = 330.0
"""Of a beat that hangs it tells after five minutes."""

AWAY = 6.0
"""Seconds that a disk is full, or a mount is away."""


@dataclass
class Moment:
    """One strike: its number from 0, chance, and what health told that it had not told before."""

    house: House
    number: int
    is_last: bool
    chance: random.Random
    before: set[str]
    told: set[str]

    @property
    def is_first(self) -> bool:
        """Whether there is time to listen."""
        return self.number == 0

    def listen(self, limit: float = LISTEN) -> None:
        """Return when health tells something new, or after `limit` seconds."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            if new := sentences(self.house) - self.before:
                self.told |= new
                return
            time.sleep(0.5)


def sentences(house: House) -> set[str]:
    """What is said to be wrong now: by the probe for load balancers, and by the API where it may answer."""
    try:
        ready = house.get("/health/ready")
        status = ready.json()["status"]
        told = set() if ready.ok else {f"/health/ready: {ready.status_code} {status}"}
        if "database" in status:
            return told
        health = house.get("/api/v1/system/health")
        return told | (api_sentences(health.json()) if health.ok else {f"health: {health.status_code}"})
    except (requests.RequestException, ValueError):
        return {"/health/ready: no answer"}


Strike = Callable[[Moment], None]


@dataclass(frozen=True)
class Fault:
    """A fault by its name; `why_not` says why it cannot be tried on this machine, empty where it can."""

    name: str
    what: str
    strike: Strike
    needs: Needs = field(default_factory=Needs)
    why_not: Callable[[], str] = lambda: ""
    around: Callable[[House], object] | None = None


# Programs


def kill_program(name: str, listen: float = LISTEN, *, listen_last: bool = False) -> Strike:
    """Kill -9 of a program: as a whole, as a power cut does, or its main process alone, in turns.

    What takes longer to be told than a scan takes is held still at the last strike, not at the first.
    """

    def strike(moment: Moment) -> None:
        child = moment.house.child(name)
        pid = wait_for(lambda: child.pid or 0, f"{name} runs")
        if moment.is_last if listen_last else moment.is_first:
            held_still(tree(pid), lambda: moment.listen(listen))
        if moment.number % 2:
            os.kill(pid, signal.SIGKILL)
        else:
            os.killpg(pid, signal.SIGKILL)
        wait_for(lambda: child.pid not in (None, pid), f"{name} was started again")

    return strike


def held_still(processes: Sequence[psutil.Process], meanwhile: Callable[[], None]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.suspend()
    meanwhile()


def kill_server(name: str) -> Strike:
    """Kill -9 of a server: all its processes, or the first alone, in turns."""

    def strike(moment: Moment) -> None:
        process = moment.house.server(name)
        every = tree(process.pid)
        if moment.is_first:
            held_still(every, moment.listen)
        for one in every if moment.number % 2 == 0 else every[:1]:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        _wait_for_other(moment.house, name, process.pid)

    return strike


def restart_server(name: str, number: signal.Signals) -> Strike:
    """Stop a server in order; Valkey comes back empty."""

    def strike(moment: Moment) -> None:
        process = moment.house.server(name)
        process.send_signal(number)
        if moment.is_first:
            moment.listen()
        _wait_for_other(moment.house, name, process.pid)

    return strike


def _wait_for_other(house: House, name: str, pid: int) -> None:
    def another() -> bool:
        with suppress(ValueError, IndexError, OSError, psutil.NoSuchProcess):
            return house.server(name).pid != pid
        return False

    wait_for(another, f"{name} was started again", 120)


def stop_workers(moment: Moment) -> None:
    """SIGTERM under load: both workers end within their grace period, and leave nothing claimed."""
    children = [moment.house.child(name) for name in ("worker-bulk", "worker-interactive", "worker-io")]
    pids = [wait_for(lambda child=child: child.pid or 0, "the worker runs") for child in children]  # type: ignore[misc]
    begun = time.monotonic()
    for pid in pids:
        os.kill(pid, signal.SIGTERM)
    grace = max(child.program.grace for child in children)
    wait_for(
        lambda: not any(psutil.pid_exists(pid) and _runs(pid) for pid in pids), "the workers ended", 3 * grace
    )
    took = time.monotonic() - begun
    moment.told.add(f"(workers ended within {max(1, round(took))} s)")
    if took > grace:
        moment.house.problems.append(f"the workers took {took:.0f} s to end, of {grace:.0f} s")


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def nothing(moment: Moment) -> None:
    """No fault at this moment: it is there all the time, or this is the run to compare with."""
    if moment.is_first:
        moment.listen(2)


# Disks


def fill_disk(moment: Moment) -> None:
    """The disk of TAGGARR_DATA is full for a while, that of PostgreSQL's files included."""
    ballast = fill(moment.house.data)
    try:
        _for_a_while(moment)
    finally:
        ballast.unlink()


def take_media_away(moment: Moment) -> None:
    """The mount of the media goes, and comes back."""
    root = moment.house.library.root
    disk, away = root.with_name("disk"), root.with_name("away")
    if may_mount():
        unmount(root)
    else:
        root.rename(away)
    try:
        _for_a_while(moment)
    finally:
        if may_mount():
            mount(disk, root)
        else:
            away.rename(root)


def _for_a_while(moment: Moment) -> None:
    end = time.monotonic() + AWAY
    if moment.is_first:
        moment.listen()
    time.sleep(max(0.0, end - time.monotonic()))


# Clocks


def move_clock(step: int) -> Strike:
    """The clock goes on a day, or back a day, from where it is."""

    def strike(moment: Moment) -> None:
        moment.house.clock.move(step * (moment.number + 1))
        if moment.is_first:
            moment.listen(10)

    return strike


def move_clock_about(moment: Moment) -> None:
    """The clock of the database's machine alone goes a day ahead, then a day behind, and so on."""
    moment.house.clock.move((1, -1)[moment.number % 2])
    if moment.is_first:
        moment.listen(10)


def no_clock() -> str:
    return "" if compiler() else "there is no C compiler to build clock.c with"


# Work


def scan_again(moment: Moment) -> None:
    """Ask for the scan of the same instance again, for a second one beside it, and for single series."""
    from connections.models import Connection
    from jobs import services
    from library.models import Media
    from scanner.scan.starting import start_media_scan, start_scan

    def ask() -> bool:
        connection = Connection.objects.get()
        start_scan(connection)
        if moment.number < 2:
            services.start("scan", connection=connection)
        for pk in moment.chance.sample(list(Media.objects.values_list("pk", flat=True)), 5):
            start_media_scan(Media.objects.get(pk=pk))
        return True

    wait_for(lambda: asked(ask), "the scans were asked for")


# Versions


OLDER = "FAULTS_OLDER"
"""Names the commit of the older code."""


def earlier_version() -> str:
    """The last commit before the newest column, which its code does not know; empty where there is none."""
    changed = ("git", "log", "-1", "--format=%P", "-G", "AddField", "--", "*/migrations/0*.py")
    return os.environ.get(OLDER) or command_output(*changed)


def no_earlier_version() -> str:
    """Why there are no workers with older code."""
    return "" if earlier_version() else "this is no clone with its history"


@contextmanager
def older_code() -> Iterator[Path]:
    """A work tree of the earlier version."""
    with tempfile.TemporaryDirectory(prefix="taggarr-older-") as folder:
        place = Path(folder) / "older"
        subprocess.run(
            ["git", "worktree", "add", "--quiet", "--detach", str(place), earlier_version()],
            cwd=FOLDER,
            check=True,
        )
        try:
            yield place
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(place)], cwd=FOLDER, check=True)


def workers_of(folder: Path) -> list[Program]:
    ask = (
        "import json; from system import programs as p; "
        "print(json.dumps([(w.name, w.command, w.stop_first, w.grace) for w in [p.bulk_worker(2)] + "
        "[getattr(p, name)() for name in ('interactive_worker', 'io_worker') if hasattr(p, name)]]))"
    )
    told = json.loads(command_output(sys.executable, "-c", ask, folder=folder))
    return [Program(name, tuple(command), *rest) for name, command, *rest in told]


def settings_of(folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """An environment without the settings that the code in a folder does not know, and would refuse."""
    ask = "import json; from core import options; print(json.dumps([one.name for one in options.ALL]))"
    known = json.loads(command_output(sys.executable, "-c", ask, folder=folder))
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith("TAGGARR_") or name.removesuffix("_FILE") in known
    }


class Rolling:
    """Workers of older and newer code take turns: the next ones are up before the last ones end."""

    def __init__(self) -> None:
        self._older: Path | None = None
        self._running: Supervisor | None = None

    def strike(self, moment: Moment) -> None:
        house = moment.house
        with suppress(StopIteration):
            self._running = self._running or _workers_of(house)
        folder = FOLDER if moment.number % 2 else self._older
        if folder is None:
            raise NotHealedError("there is no older code")
        workers = workers_of(folder)
        data = house.data / f"rolling-{moment.number}"
        environment = settings_of(folder, house.found.environment)
        new = house.supervise(workers, folder=folder, data=data, environment=environment)
        wait_for(lambda: {child.pid for child in new.children} <= pids_of_workers(), "they run")
        time.sleep(3)  # a few items with both
        if self._running is not None:
            house.dismiss(self._running)
        self._running = new
        moment.told.add("(older, newer, older …)")

    def around(self, _house: House) -> object:
        """The folder of the older code, for as long as the scan takes."""

        @contextmanager
        def lent() -> Iterator[None]:
            with older_code() as self._older:
                yield

        return lent()


def _workers_of(house: House) -> Supervisor | None:
    return next((one for one in house.supervisors if one.children[0].program.name == "worker-bulk"), None)


_rolling = Rolling()

FAULTS: tuple[Fault, ...] = (
    Fault("none", "nothing, to compare with", nothing),
    Fault("kill-worker", "kill -9 of the worker of scans", kill_program("worker-bulk")),
    Fault("kill-interactive", "kill -9 of the interactive worker", kill_program("worker-interactive")),
    Fault("kill-io", "kill -9 of the worker of the tick", kill_program("worker-io")),
    Fault("kill-beat", "kill -9 of beat", kill_program("beat", BEAT_LISTEN, listen_last=True)),
    Fault("kill-web", "kill -9 of the web server", kill_program("web")),
    Fault("kill-valkey", "kill -9 of Valkey", kill_server("valkey")),
    Fault("kill-postgres", "kill -9 of PostgreSQL", kill_server("postgres")),
    Fault("empty-valkey", "Valkey restarted empty", restart_server("valkey", signal.SIGTERM)),
    Fault("restart-postgres", "PostgreSQL restarted", restart_server("postgres", signal.SIGINT)),
    Fault("lost-messages", "every tenth message lost", nothing, Needs(worker="bench.faults.lossy")),
    Fault(
        "full-disk",
        "disk full under TAGGARR_DATA (tmpfs)",
        fill_disk,
        Needs(small_disk=True),
        lambda: "" if may_mount() else "a small disk can be mounted by root alone",
    ),
    Fault("media-away", "media mount gone and back", take_media_away),
    Fault("clock-forward", "clock set forward a day", move_clock(1), Needs(clock="all"), no_clock),
    Fault("clock-back", "clock set back a day", move_clock(-1), Needs(clock="all"), no_clock),
    Fault(
        "clock-apart",
        "clock of the database alone moved by a day",
        move_clock_about,
        Needs(clock="servers"),
        no_clock,
    ),
    Fault("two-beats", "two beats, one killed", kill_program("beat-2", 2), Needs(twice="beat")),
    Fault("two-scans", "two scans of one instance", scan_again),
    Fault("stop-workers", "SIGTERM to the workers", stop_workers),
    Fault(
        "rolling",
        "workers of older and newer code in turns",
        _rolling.strike,
        why_not=no_earlier_version,
        around=_rolling.around,
    ),
)
