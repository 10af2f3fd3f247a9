#!/usr/bin/env python3
"""What files that are made to do harm cost the scan of a library: one with them against one without.

    python -m bench.hostile [--rounds 3] [--copies 1] [--workers 2] [--divide 1] [--json FILE]

What `script/up` runs, with fresh data for each scan, over 1,000 movies and 20 series of 50 episodes (or a
part of that); with them, every kind of `tests.scanner.probe.hostile` and of the corpus that
fuzzing left, each as a movie and as an episode among good ones. The scans alternate, and the middle one of
each kind counts. It ends with 1 where a good file has a wrong verdict, a process of Taggarr's died, the tick
stopped, or health does not name a file that cannot be read.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import psutil

from bench import stack as stacks
from bench.engine import ROOT
from bench.library import Library, Size, make
from bench.stack import SUPERVISOR, Stack, wait_until
from tests.scanner.probe import hostile

SIZE = Size(movies=1000, series=20, episodes=50)
KEPT = ROOT / "tests/scanner/probe/bad"
SERVERS = ("postgres", "valkey-server")
"""Their processes come and go with connections."""

MADE_AT = 1_600_000_000
HARM = "made to do harm"
LOOK = 0.25
MOST_TICKLESS = 30.0
"""Seconds; the tick runs every ten."""

LONGEST = 900.0
VERDICTS = {
    ("jpn", "eng"): "dub",
    ("jpn", "eng", "deu"): "dub",
    ("jpn",): "original",
    ("fra",): "wrong-dub",
}
"""What the files of `bench.library` amount to where English is wanted of what was made in Japanese."""


@dataclass
class Seen:
    """One scan: seconds until the last good file had its verdict and until the last tag was written.

    `looked` is when the files that the scan put off had been read. Memory is in MiB, as PSS: of all processes
    together, and of the largest one in a cage. `wrong` and `unnamed` are files, `ended` the processes that
    were gone in the end.
    """

    verdicts: float = 0.0
    tags: float = 0.0
    looked: float = 0.0
    tickless: float = 0.0
    memory: float = 0.0
    caged: float = 0.0
    good: int = 0
    unread: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    @property
    def held(self) -> bool:
        """Whether everything went as it must."""
        return not (self.wrong or self.unnamed or self.ended) and self.tickless <= MOST_TICKLESS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--copies", type=int, default=1, help="of each hostile file, in either library")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--divide", type=int, default=1, help="so many times fewer titles")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one is not None:
        seen = scan(SIZE.divided(options.divide), options.one, options.workers)
        options.json.write_text(json.dumps(asdict(seen)), encoding="utf-8")
        return
    given = (f"--workers={options.workers}", f"--divide={options.divide}")
    rounds = [(apart(0, *given), apart(options.copies, *given)) for _ in range(options.rounds)]
    without, with_them = ([pair[place] for pair in rounds] for place in range(2))
    for line in table(without, with_them):
        print(line)
    if options.json:
        found = {"without": [asdict(one) for one in without], "with": [asdict(one) for one in with_them]}
        options.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    sys.exit(not all(one.held for one in (*without, *with_them)))


def apart(copies: int, *given: str) -> Seen:
    """One scan in a process of its own: Django is set up for one database."""
    with tempfile.NamedTemporaryFile(suffix=".json") as told:
        command = [sys.executable, "-m", "bench.hostile", "--one", str(copies), "--json", told.name, *given]
        subprocess.run(command, cwd=ROOT, check=True, timeout=LONGEST)
        return Seen(**json.loads(Path(told.name).read_bytes()))


def table(without: list[Seen], with_them: list[Seen]) -> Iterator[str]:
    """The middle of each figure, and the ratio; what must not be is told of all scans."""
    bad = with_them[0].unread
    machine = f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    yield f"{machine}, {len(with_them)} rounds"
    yield f"{with_them[0].good} good files, {len(bad)} that cannot be read"
    yield "\n| | without | with | ratio |\n|---|---|---|---|"
    for name, unit, words in (
        ("verdicts", "s", "scan, to the verdict of the last good file"),
        ("tags", "s", "scan, to the last tag"),
        ("looked", "s", "to the last file that was put off"),
        ("tickless", "s", "longest without a tick"),
        ("memory", "MiB", "memory of all processes at most"),
        ("caged", "MiB", "of one process in a cage"),
    ):
        first, second = (median(getattr(one, name) for one in side) for side in (without, with_them))
        ratio = f"{second / first:.2f}" if first else ""
        yield f"| {words} | {first:.1f} {unit} | {second:.1f} {unit} | {ratio} |"
    for name, words in (
        ("wrong", "good files with a wrong verdict"),
        ("ended", "processes that ended"),
        ("unnamed", "unreadable files that health does not name"),
    ):
        first, second = (
            sorted({what for one in side for what in getattr(one, name)}) for side in (without, with_them)
        )
        yield f"| {words} | {len(first)} | {len(second)} | {' '.join([*first, *second])[:200]} |"


def scan(size: Size, copies: int, workers: int) -> Seen:
    """Scan a library with so many of each hostile file, in this process."""
    with stacks.folder() as root:
        library = make(root, size)
        names = add_hostile(library, copies)
        up = stacks.script_up(library.sonarr, root, workers=workers, radarr=library.radarr)
        with up as stack:
            wait_until(ticked)
            return watched(stack, library, names)


def add_hostile(library: Library, copies: int) -> set[str]:
    """Put hostile files between the good ones, `copies` of each kind in either application; their names."""
    makers: list[Callable[[], bytes]] = list(hostile.FILES.values())
    made = [*(one() for one in makers), *(path.read_bytes() for path in sorted(KEPT.iterdir()))]
    names = set()
    series = list(library.sonarr.media.values())
    for number, data in enumerate(made * copies):
        # All over the library: titles are read in their order.
        title = f"Movie {number * library.size.movies // (len(made) * copies):05} {HARM} {number}"
        folder = library.root / "movies" / title
        folder.mkdir()
        movie = library.radarr.add_movie(title, str(folder), original_language="Japanese")
        show = series[number % len(series)]
        episode = f"{show.title} - S01E{100 + number} {HARM} {number}.mkv"
        for path in (folder / f"{title}.mkv", Path(show.path) / "Season 01" / episode):
            path.write_bytes(data)
            os.utime(path, (MADE_AT, MADE_AT))
            names.add(path.name)
        library.radarr.add_movie_file(movie.id, f"{title}.mkv", size=len(data), audio="jpn")
        library.sonarr.add_episode_file(
            show.id, f"Season 01/{episode}", season=1, episodes=[100 + number], size=len(data), audio="jpn"
        )
    return names


def watched(stack: Stack, library: Library, names: set[str]) -> Seen:
    """Scan both instances, and judge what came of it."""
    from library.models import File, Media
    from scanner.models import FileProblem

    seen = Seen()
    before = programs(stack)
    with watching(stack, seen):
        jobs = [stacks.start_scan(stack, connection=number) for number in (1, 2)]
        ended = [stacks.wait_for_scan(stack, job) for job in jobs]
        started = min(_time(job["started_at"]) for job in ended)
        seen.tags = (max(_time(job["finished_at"]) for job in ended) - started).total_seconds()
        last = max(
            at
            for title, at in Media.objects.values_list("title", "scan_state__verdict_at")
            if at and HARM not in title
        )
        seen.verdicts = (last - started).total_seconds()
        wait_until(lambda: not File.objects.filter(scan_state__problem=FileProblem.WAITING).exists())
        seen.looked = (datetime.now(UTC) - started).total_seconds()
    seen.ended = [f"{name} ({pid})" for pid, name in before.items() if pid not in programs(stack)]
    told = " ".join(issue["what"] for issue in stack.get("system/health"))
    rows = File.objects.values_list(
        "path", "scan_state__problem", "scan_state__languages", "scan_state__verdict"
    )
    for path, problem, languages, verdict in rows:
        name = Path(path).name
        if name not in names:
            seen.good += 1
            if problem or VERDICTS.get(tuple(languages)) != verdict:
                seen.wrong.append(name)
        elif problem == FileProblem.UNREADABLE:
            seen.unread.append(name)
            if name not in told:
                seen.unnamed.append(name)
    if seen.good != library.size.files:
        seen.wrong.append(f"{library.size.files - seen.good} are missing")
    return seen


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def programs(stack: Stack) -> dict[int, str]:
    """Our programs with their worker processes by number, without those in cages."""
    supervisor = psutil.Process(stack.pids[SUPERVISOR])
    found = {}
    for process in supervisor.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            name, runs = process.name(), process.status() != psutil.STATUS_ZOMBIE
            if runs and name not in SERVERS and not _is_caged(process):
                found[process.pid] = name
    return found


def _is_caged(process: psutil.Process) -> bool:
    try:
        return "core.cage.child" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return True


@contextmanager
def watching(stack: Stack, seen: Seen) -> Iterator[None]:
    over = threading.Event()

    def watch() -> None:
        while not over.wait(LOOK):
            note(stack, seen)

    def count() -> None:
        ticks, since = ticked(), time.monotonic()
        while not over.wait(LOOK):
            if (now := ticked()) > ticks:
                ticks, since = now, time.monotonic()
            seen.tickless = max(seen.tickless, time.monotonic() - since)

    threads = [threading.Thread(target=one) for one in (watch, count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def ticked() -> int:
    """How many ticks a worker has run so far; 0 where none answers."""
    from celery import current_app

    answers = current_app.control.inspect(timeout=1).stats() or {}
    return max((answer["total"].get("jobs.tick", 0) for answer in answers.values()), default=0)


def note(stack: Stack, seen: Seen) -> None:
    apps = {app.pid for app in (stack.sonarr, stack.radarr) if app}
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        if process.pid in apps:
            continue
        memory = _pss(process.pid)
        total += memory
        if _is_caged(process):
            seen.caged = max(seen.caged, memory)
    seen.memory = max(seen.memory, total)


def _pss(pid: int) -> float:
    """MiB of memory of a process, what it shares divided among those that share it; 0 where it is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


if __name__ == "__main__":
    main()
