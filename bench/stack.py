"""A whole Taggarr for a benchmark: servers, web, workers, beat, a stand-in Sonarr, and Radarr if asked."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import django
import requests

from bench.engine import ROOT, servers
from core.data_folder import HEARTBEAT
from demo.arr.process import StandIn
from demo.arr.state import ArrState
from demo.media_files import AudioSpec, FileSpec, write
from system import programs
from system.embedded.ports import next_free_port
from tests.connections.build import make_connection

LONGEST_WAIT = 900.0
QUEUES = ["bulk", "interactive", "io"]
SUPERVISOR = "supervisor"


@dataclass(frozen=True)
class Stack:
    """What runs: `web` is the address of the API, `key` an admin's; `pids` are our programs by name, those
    of `script_up` the supervisor alone.

    The instance of Sonarr has the id 1, that of Radarr the id 2.
    """

    web: str
    key: str
    sonarr: StandIn
    root: Path
    radarr: StandIn | None = None
    pids: dict[str, int] = field(default_factory=dict)

    def get(self, path: str, **params: Any) -> Any:
        """What the API answers to a GET."""
        answer = requests.get(f"{self.web}/api/v1/{path}", params=params, headers=self.headers, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def send(self, method: str, path: str, body: dict[str, Any]) -> Any:
        """What the API answers to a request with a body."""
        answer = requests.request(
            method, f"{self.web}/api/v1/{path}", json=body, headers=self.headers, timeout=600
        )
        answer.raise_for_status()
        return answer.json()

    @property
    def headers(self) -> dict[str, str]:
        return {"X-Api-Key": self.key}


@contextmanager
def running(state: ArrState, root: Path, *, workers: int, radarr: ArrState | None = None) -> Iterator[Stack]:
    """Start everything over a library; the instances are added, and nothing scanned yet."""
    with ExitStack() as stack:
        stack.enter_context(servers())
        apps = [stack.enter_context(StandIn(one.kind, one)) for one in (state, radarr) if one is not None]
        key = set_up(apps)
        port = next_free_port(28484)
        all_of_it = (
            programs.web("127.0.0.1", port),
            programs.bulk_worker(workers),
            programs.interactive_worker(),
            programs.io_worker(),
            programs.beat(),
        )
        pids = {one.name: stack.enter_context(started(one.command)).pid for one in all_of_it}
        address = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(f"{address}/ping"))
        yield Stack(address, key, apps[0], root, apps[1] if radarr else None, pids)


@contextmanager
def script_up(
    state: ArrState, root: Path, *, workers: int, radarr: ArrState | None = None
) -> Iterator[Stack]:
    """As `running`, but by what `script/up` runs, in a data folder of its own; all queues are served."""
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="taggarr-bench-")))
        data.chmod(0o711)
        port = next_free_port(20_000 + os.getpid() % 10_000)
        os.environ.update(
            TAGGARR_DATA=str(data),
            TAGGARR_PORT=str(port),
            TAGGARR_WORKERS=str(workers),
            TAGGARR_ALLOW_LOOPBACK="on",
            DJANGO_SETTINGS_MODULE="taggarr.settings",
        )
        address = f"http://127.0.0.1:{port}"
        process = stack.enter_context(started((sys.executable, "-m", "system.up"), stdout=subprocess.DEVNULL))

        def is_up() -> bool:
            if process.poll() is not None:
                raise SystemExit("Taggarr did not start")
            return answers(f"{address}/ping") and (data / HEARTBEAT).exists()

        wait_until(is_up)
        django.setup()
        apps = [stack.enter_context(StandIn(one.kind, one)) for one in (state, radarr) if one is not None]
        key = set_up(apps)
        from jobs.workers import served_queues

        wait_until(lambda: set(QUEUES) <= (served_queues(QUEUES) or set()), every=1.0)
        yield Stack(address, key, apps[0], root, apps[1] if radarr else None, {SUPERVISOR: process.pid})


def set_up(apps: list[StandIn]) -> str:
    """Add a policy, an instance for each app and an admin; return the key of that admin."""
    from accounts.keys import create_key
    from accounts.models import User
    from scanner.models import Policy

    policy = Policy.objects.create(name="English", target_languages=["eng"])
    for app in apps:
        make_connection(
            name=app.kind.capitalize(), kind=app.kind, url=app.url, api_key=app.api_key, policy=policy
        )
    owner = User.objects.create_user("bench", role="admin")
    return create_key(owner, "bench", scopes=("write", "settings"), expires_at=None)[1]


@contextmanager
def started(command: tuple[str, ...], stdout: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A program of ours, that is ended with the block."""
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ, stdout=stdout)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own web server
            return True
    except (urllib.error.URLError, OSError):
        return False


def wait_until(condition: Callable[[], Any], every: float = 0.1) -> Any:
    """Return what the condition gives as soon as that is true. Raises SystemExit after 15 minutes."""
    end = time.monotonic() + LONGEST_WAIT
    while not (found := condition()):
        if time.monotonic() > end:
            raise SystemExit("the benchmark waits for something that does not come")
        time.sleep(every)
    return found


def scan(stack: Stack, mode: str = "update") -> float:
    """Scan the instance to the end; return the seconds between its start and end by the database's clock."""
    return scan_seconds(wait_for_scan(stack, start_scan(stack, mode)))


def start_scan(stack: Stack, mode: str = "update", *, connection: int = 1, deep: bool = False) -> int:
    return int(stack.send("POST", f"connections/{connection}/scan", {"mode": mode, "deep": deep})["id"])


def wait_for_scan(stack: Stack, job: int) -> dict[str, Any]:
    """Return the scan when it has ended. Raises SystemExit where it failed."""

    def ended() -> dict[str, Any] | None:
        found: dict[str, Any] = stack.get(f"jobs/{job}")
        return found if found["finished_at"] else None

    found: dict[str, Any] = wait_until(ended, every=0.5)
    if found["state"] != "completed":
        raise SystemExit(f"the scan ended as {found['state']}: {found['error']}")
    return found


def scan_seconds(job: dict[str, Any]) -> float:
    """Seconds between the start and the end of a job."""
    from datetime import datetime

    times = (datetime.fromisoformat(job[name]) for name in ("finished_at", "started_at"))
    end, start = times
    return (end - start).total_seconds()


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for the library, deleted in the end."""
    with tempfile.TemporaryDirectory(prefix="taggarr-bench-media-") as name:
        yield Path(name)


def spec(*languages: str) -> FileSpec:
    """A file with an audio track of each language."""
    return FileSpec(audio=tuple(AudioSpec(language=language) for language in languages))


def add_series(state: ArrState, root: Path, title: str, episodes: int, content: FileSpec) -> int:
    """Add a series of one season to the state and to the disk; return its id. Its files are links to one."""
    place = root / title / "Season 01"
    place.mkdir(parents=True)
    first = place / f"{title} - S01E001.mkv"
    size = write(first, content)
    series = state.add_series(title, str(root / title), original_language="Japanese")
    audio = "/".join(track.language or "" for track in content.audio)
    for number in range(1, episodes + 1):
        name = f"{title} - S01E{number:03}.mkv"
        if number > 1:
            os.link(first, place / name)
        state.add_episode_file(
            series.id, f"Season 01/{name}", season=1, episodes=[number], size=size, audio=audio
        )
    return series.id


def percentile(values: list[float], share: float) -> float:
    """The value that so large a share of the values does not exceed."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]
