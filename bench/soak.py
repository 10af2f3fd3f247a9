"""Scans every minute for a long time against faulty applications, and what Taggarr's programs hold meanwhile.

    script/soak --minutes 120

It runs the demo library with everything else real: PostgreSQL, Valkey, web, workers, beat. Of the calls to
the stand-in Sonarr and Radarr 5 % fail, one way or another; in every round some files change, so that there
is work. It prints a table of samples, and ends with 1 where memory, connections or keys of Redis kept growing
or a job got stuck.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import psycopg
import redis

from demo.arr.process import StandIn
from demo.run import demo_installation, make_library, register, stand_ins
from system.embedded.ports import next_free_port
from system.supervisor import Supervisor
from system.up import Installation, Ports, end_like_ctrl_c

SHARE = 0.05
FAULTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("status", {"status": 500}),
    ("status", {"status": 503}),
    ("drop", {}),
    ("html", {}),
)
WARM_UP = 5
"""Samples that are not compared: a program grows until it has imported and cached what it needs."""

MOST_GROWTH = 1.15
STUCK = timedelta(minutes=10)
COLUMNS = (
    "minute  web  bulk  interactive   io  beat   MiB | connections  redis keys "
    "| jobs  live  failed items  stuck  verdicts"
)


@dataclass(frozen=True)
class Sample:
    """What the programs hold at one moment: memory in MiB by program, connections, keys, jobs.

    `decided` are the titles with a verdict other than "unknown".
    """

    memory: dict[str, int]
    connections: int
    keys: int
    jobs: int
    live: int
    failed: int
    stuck: int
    decided: int

    def line(self, minute: float) -> str:
        web, bulk, interactive, io, beat = (
            self.memory.get(name, 0)
            for name in ("web", "worker-bulk", "worker-interactive", "worker-io", "beat")
        )
        return (
            f"{minute:6.1f} {web:4} {bulk:5} {interactive:12} {io:4} {beat:5}       | {self.connections:11} "
            f"{self.keys:11} | {self.jobs:4} {self.live:5} {self.failed:13} {self.stuck:6} {self.decided:9}"
        )


def memory_of(supervisor: Supervisor) -> dict[str, int]:
    """Resident memory of each program with its child processes, in MiB."""
    found = {}
    for child in supervisor.children:
        if child.pid is None:
            continue
        process = psutil.Process(child.pid)
        total = 0
        for one in (process, *process.children(recursive=True)):
            try:
                total += one.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        found[child.program.name] = total // 2**20
    return found


def sample(supervisor: Supervisor, environment: dict[str, str]) -> Sample:
    with psycopg.connect(environment["DATABASE_URL"]) as database:
        row = database.execute(
            "SELECT (SELECT count(*) - 1 FROM pg_stat_activity WHERE datname = current_database()),"
            " (SELECT count(*) FROM jobs_job),"
            " (SELECT count(*) FROM jobs_job WHERE state IN ('queued', 'running', 'finishing')),"
            " (SELECT count(*) FROM jobs_jobitem WHERE state = 'failed'),"
            " (SELECT count(*) FROM jobs_job WHERE state IN ('queued', 'running', 'finishing')"
            "   AND created_at < now() - %s),"
            " (SELECT count(*) FROM scanner_scanstate WHERE verdict <> 'unknown')",
            [STUCK],
        ).fetchone()
    assert row is not None  # noqa: S101
    with redis.Redis.from_url(environment["REDIS_URL"]) as server:
        keys = int(server.dbsize())
    return Sample(memory_of(supervisor), row[0], keys, *row[1:])


def spoil(apps: list[StandIn]) -> None:
    for app in apps:
        for number, (kind, how) in enumerate(FAULTS):
            app.fault(
                kind,  # type: ignore[arg-type]
                "/api/v3/",
                count=None,
                probability=SHARE / len(FAULTS),
                seed=number,
                **how,
            )


def schedule_every_minute(found: Installation) -> None:
    """Scan both instances every minute."""
    for name in ("Demo Sonarr", "Demo Radarr"):
        code = found.manage("schedule", "set", "scan", "--instance", name, "--every", "60")
        if code:
            raise SystemExit(code)


def touch_some(folder: Path, chance: random.Random) -> None:
    """Have some files look changed: only a deep scan sees it, as with files that are edited in place."""
    files = sorted(folder.rglob("*.mkv"))
    for path in chance.sample(files, min(20, len(files))):
        os.utime(path)


def ask_all(found: Installation) -> None:
    """Ask for a rewrite, which reads every file again, without waiting for it."""
    code = "import django; django.setup(); from scanner.scan.starting import start_scan; "
    code += "from scanner.scan.starting import ScanParams; from connections.models import Connection; "
    code += "[start_scan(i, ScanParams(mode='rewrite')) for i in Connection.objects.all()]"
    environment = {**found.environment, "DJANGO_SETTINGS_MODULE": "taggarr.settings"}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)


def run(minutes: float, data: Path) -> int:
    settings = {"TAGGARR_WORKERS": "2", "TAGGARR_LOG_LEVEL": "warning"}
    with demo_installation(data, settings, has_account=True) as found:
        library = make_library(data)
        ports = Ports(web=next_free_port(18484), flower=None)
        with stand_ins(library) as apps, found.supervisor(ports, echo=False) as supervisor:
            register(found, apps, library, "a password of the soak")
            schedule_every_minute(found)
            spoil(apps)
            samples = _watch(minutes, found, supervisor, ports, library.folder)
    return _judge(samples)


def _watch(
    minutes: float, found: Installation, supervisor: Supervisor, ports: Ports, folder: Path
) -> list[Sample]:
    chance = random.Random(1)
    begun = time.monotonic()
    samples: list[Sample] = []
    print(COLUMNS, flush=True)
    while (spent := (time.monotonic() - begun) / 60) < minutes:
        touch_some(folder, chance)
        if len(samples) % 5 == 0:
            ask_all(found)
        for _ in range(20):
            with urllib.request.urlopen(f"http://127.0.0.1:{ports.web}/health/ready", timeout=30) as answer:
                answer.read()
        samples.append(sample(supervisor, found.environment))
        print(samples[-1].line(spent), flush=True)
        time.sleep(60 - (time.monotonic() - begun) % 60)
    return samples


def _judge(samples: list[Sample]) -> int:
    """Compare the first samples after the warm-up with the last; say what grew."""
    warm = samples[WARM_UP:]
    if len(warm) < 6:
        print("Too short to tell whether anything grows.")
        return 0
    first, last = warm[:3], warm[-3:]
    bad = []
    for name in samples[-1].memory:
        before = min(one.memory.get(name, 0) for one in first)
        after = min(one.memory.get(name, 0) for one in last)
        print(f"{name}: {before} → {after} MiB")
        if before and after > before * MOST_GROWTH:
            bad.append(f"the memory of {name} grew")
    for what in ("connections", "keys"):
        before, after = (max(getattr(one, what) for one in part) for part in (first, last))
        print(f"{what}: {before} → {after}")
        if after > before + 5:
            bad.append(f"{what} grew")
    if any(one.stuck for one in samples):
        bad.append("a job was stuck")
    if not samples[-1].decided:
        bad.append("no title has a verdict, so nothing was read")
    print("; ".join(bad) if bad else "Nothing grew, and no job was stuck.")
    return 1 if bad else 0


def main() -> None:
    parser = argparse.ArgumentParser(prog="script/soak", description="Scans every minute for a long time.")
    parser.add_argument("--minutes", type=float, default=120)
    minutes = parser.parse_args().minutes
    end_like_ctrl_c()
    with tempfile.TemporaryDirectory(prefix="taggarr-soak-") as folder:
        Path(folder).chmod(0o711)
        sys.exit(run(minutes, Path(folder)))


if __name__ == "__main__":
    main()
