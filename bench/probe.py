#!/usr/bin/env python3
"""What reading the tracks of a file costs: the header reader, MediaInfo in several ways, and other programs.

    python -m bench.probe [--files 1000] [--gibibytes 3] [--folder DIR] [--cage]

Prints tables of times (small and large files, warm, cold, and by two processes) and of what is read, and
whether the goals are met. The first line of each table is the least that any program can do: open a file,
read one page, close it. "core" is processor time, that of started programs too. Programs and packages that
are not installed are left out (ffprobe, mkvmerge, mediainfo, PyAV, strace). "cold" means that the file's
pages were dropped from memory before; the disk may still know them."""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import multiprocessing
import os
import platform
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pymediainfo import MediaInfo

from bench import probe_files
from core.cage.keeper import processor_time
from scanner.probe import caged, engines, library, mediainfo
from scanner.probe.engines import probe
from scanner.probe.storage import open_video
from scanner.probe.window import HeaderError

Read = Callable[[str], object]
GIB = 1 << 30
# Slow readers read this many of the small files, and small and large ones that many times.
SAMPLE = 40
REPEATS = 5
# So many times two processes go over the files of a fast reader: to start them takes longer than one.
ROUNDS = 20
PAGE = 4096
OURS, PLAIN, QUICK = "header reader", "pymediainfo as it comes", "pymediainfo, parse_speed=0"
CAGED, UNCAGED = "our MediaInfo engine", "the same without its cage"
# What the cage may add to a file, and to one that needs none of it (which is the noise of measuring).
CAGE_GOAL, NOISE = 0.15, 0.02


@dataclass(frozen=True)
class Reader:
    """One way to read a file; `fast` ones read every file."""

    name: str
    read: Read
    fast: bool = False


@dataclass(frozen=True)
class Cost:
    """Milliseconds a file, of the clock and of the processor."""

    wall: float
    core: float


@dataclass(frozen=True)
class Reads:
    """How much of a file was read, in how many readings and jumps; bytes."""

    sizes: tuple[int, ...]
    seeks: int

    def __str__(self) -> str:
        return f"{sum(self.sizes) / 1024:,.1f} KiB, {len(self.sizes)} reads, {self.seeks} seeks"


def readers() -> list[Reader]:
    """All that are here, ours first."""
    found = [
        Reader("open, read a page, close", _read_a_page, fast=True),
        Reader(OURS, lambda path: probe(path, engine="header"), fast=True),
        Reader(CAGED, lambda path: probe(path, engine="mediainfo")),
        Reader(UNCAGED, _without_cage),
        Reader(QUICK, lambda path: MediaInfo.parse(path, parse_speed=0, output="JSON")),
        Reader(PLAIN, MediaInfo.parse),
    ]
    commands = {
        "mediainfo": ["mediainfo", "--Output=JSON"],
        "ffprobe": ["ffprobe", "-v", "quiet", "-show_streams", "-of", "json"],
        "mkvmerge -J": ["mkvmerge", "-J"],
    }
    found += [Reader(name, _run(command)) for name, command in commands.items() if shutil.which(command[0])]
    if importlib.util.find_spec("av"):
        found.append(Reader("PyAV", _open_with_pyav))
    return found


def _read_a_page(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    os.pread(descriptor, PAGE, 0)
    os.close(descriptor)


def _without_cage(path: str) -> None:
    """As `probe` would go on, with MediaInfo in this process."""
    with open_video(path) as video:
        with contextlib.suppress(HeaderError):
            engines.read_header(video)
        told = library.read_inside(video.descriptor, {"size": video.fingerprint.size})
        mediainfo.facts_of(video, told["streams"])
        video.check_settled(patient=False)


def _run(command: list[str]) -> Read:
    return lambda path: subprocess.run([*command, path], stdout=subprocess.DEVNULL, check=False)


def _open_with_pyav(path: str) -> None:
    with importlib.import_module("av").open(path) as container:
        [(stream.type, stream.language, stream.metadata) for stream in container.streams]


def core_seconds() -> float:
    """Processor time of this process, of the children that ended, and of the cage."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    cage = caged.CAGE.process
    inside = processor_time(cage) if cage else 0.0
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime + inside


def drop(path: str) -> None:
    """Take a file's pages out of memory."""
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


def cost(read: Read, paths: Sequence[str], *, cold: bool = False) -> Cost:
    """The best of some rounds over these files (cold: of one)."""
    best_wall = best_core = float("inf")
    for _ in range(1 if cold else REPEATS):
        if cold:
            for path in paths:
                drop(path)
        core, wall = core_seconds(), time.perf_counter()
        for path in paths:
            read(path)
        best_wall = min(best_wall, time.perf_counter() - wall)
        best_core = min(best_core, core_seconds() - core)
    return Cost(best_wall / len(paths) * 1000, best_core / len(paths) * 1000)


def two_processes(reader: Reader, paths: Sequence[str]) -> str:
    """Files a second of two processes that share the work."""
    context = multiprocessing.get_context("fork")
    shared = list(paths) * (ROUNDS if reader.fast else 1)
    halves = [context.Process(target=_read_all, args=(reader.read, shared[place::2])) for place in range(2)]
    started = time.perf_counter()
    for half in halves:
        half.start()
    for half in halves:
        half.join()
    return f"{len(shared) / (time.perf_counter() - started):,.0f}"


def _read_all(read: Read, paths: Sequence[str]) -> None:
    for path in paths:
        read(path)


def reads(reader: Reader, path: str) -> Reads | None:
    """What is read of a file, seen from outside; None where strace is not installed."""
    if not shutil.which("strace"):
        return None
    command = ["strace", "-f", "-qq", "-y", "-e", "trace=read,pread64,readv,preadv,lseek"]
    command += [sys.executable, "-m", "bench.probe", "--one", reader.name, path]
    lines = subprocess.run(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, check=False
    ).stderr
    calls = re.findall(rf"(\w+)\(\d+<{re.escape(path)}>.* = (\d+)\n", lines)
    sizes = tuple(int(result) for call, result in calls if call != "lseek")
    return Reads(sizes, sum(call == "lseek" for call, _ in calls))


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    print(f"\n## {title}\n")
    print(f"| {' | '.join(header)} |\n|{'---|' * len(header)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    sys.stdout.flush()


def milliseconds(value: float) -> str:
    """A time in milliseconds with as many places as tell something."""
    return f"{value:.4f}" if value < 1 else f"{value:.2f}"


HEADER = [
    "",
    "warm: core ms",
    "wall ms",
    "cold: core ms",
    "wall ms",
    "two processes, files/s",
    "of the file",
]


def measured(reader: Reader, paths: Sequence[str]) -> tuple[Cost, Reads | None, list[str]]:
    """What reading these files costs, what is read of the first, and both as a line of a table."""
    warm, cold = cost(reader.read, paths), cost(reader.read, paths, cold=True)
    seen = reads(reader, paths[0])
    times = map(milliseconds, (warm.core, warm.wall, cold.core, cold.wall))
    together = two_processes(reader, paths)
    return warm, seen, [reader.name, *times, together, str(seen or "strace is not installed")]


def small_files(folder: Path, found: list[Reader], count: int) -> dict[str, dict[str, Cost]]:
    """Times on small files; warm costs by kind of file and reader."""
    costs = {}
    for name, paths in small_sets(folder, count):
        by_reader: dict[str, Cost] = {}
        rows = []
        for reader in found:
            part = [str(path) for path in (paths if reader.fast else paths[:SAMPLE])]
            by_reader[reader.name], _, row = measured(reader, part)
            rows.append(row)
        table(f"{len(paths)} files: {name}", HEADER, rows)
        costs[name] = by_reader
    return costs


def small_sets(folder: Path, count: int) -> Iterator[tuple[str, list[Path]]]:
    """The sets of small files by name; ffmpeg's only where it is installed."""
    for container in ("mkv", "mp4"):
        if shutil.which("ffmpeg"):
            yield (
                f"{container}, 4 tracks, ten seconds",
                probe_files.clips(folder / container, container, count // 2),
            )
        for tracks, part in ((4, count // 2), (12, count // 4)):
            paths = probe_files.small(folder / f"{container}{tracks}", container, part, tracks)
            yield f"{container}, {tracks} tracks, three pictures", paths
        # More tracks than the header reader remembers.
        many = max(count // 2, 400)
        paths = probe_files.small(folder / f"{container}own", container, many, 4, own_titles=True)
        yield f"{container}, 4 tracks, three pictures, no two tracks alike", paths


def large_files(folder: Path, found: list[Reader], gibibytes: float) -> dict[str, Reads]:
    """Times on films; what the header reader reads of each."""
    length = int(gibibytes * GIB)
    films = {
        "Matroska film": probe_files.long_matroska(folder / "film.mkv", length, 6),
        "MP4 film, moov first": probe_files.long_mp4(folder / "first.mp4", length, 6, moov_first=True),
        "MP4 film, moov last": probe_files.long_mp4(folder / "last.mp4", length, 6, moov_first=False),
    }
    ours = {}
    for name, path in films.items():
        rows = []
        for reader in found:
            _, seen, row = measured(reader, [str(path)] * 4)
            rows.append(row)
            if seen and reader.name == OURS:
                ours[name] = seen
        table(f"{name}, {path.stat().st_size / GIB:.1f} GiB, 6 tracks and the video", HEADER, rows)
    return ours


def cage_cost(folder: Path) -> list[list[str]]:
    """What the cage adds: to files that only MediaInfo reads, and to those that need none; lines of goals."""
    rows, seen = [], []
    plain = [str(path) for path in probe_files.small(folder / "plain", "mkv", SAMPLE, 4)]
    sets: dict[str, tuple[list[str], Read, Read, float]] = {
        "mkv, 4 tracks, header reader": (plain, lambda path: probe(path, engine="header"), probe, NOISE)
    }
    for container in ("ts", "avi", "wmv", "mpg"):
        if shutil.which("ffmpeg"):
            paths = [str(path) for path in probe_files.foreign(folder / container, container, SAMPLE)]
            sets[f"{container}, ten seconds"] = (paths, _without_cage, probe, CAGE_GOAL)
    for name, (paths, without, with_it, goal) in sets.items():
        # By turns, and the best of each: the machine may have other work.
        pairs = [(cost(without, paths), cost(with_it, paths)) for _ in range(REPEATS)]
        bare, whole = (min(one.core for one in side) for side in zip(*pairs, strict=True))
        clocks = [min(one.wall for one in side) for side in zip(*pairs, strict=True)]
        rows.append([name, *map(milliseconds, (bare, whole, *clocks))])
        seen.append([f"{name}: the cage adds", f"≤ {goal:.0%}", f"{whole / bare - 1:.0%}"])
    table("The cage", ["", "without: core ms", "with", "without: wall ms", "with"], rows)
    return seen


def goals(costs: dict[str, dict[str, Cost]], films: dict[str, Reads], rows: list[list[str]]) -> None:
    """The goals, and what was seen: after these lines, those of small files and films."""
    for name, by_reader in costs.items():
        tracks = int(name.split()[1])
        ours, allowed = by_reader[OURS].core, 0.05 + 0.015 * tracks
        rows.append([f"{name}: core ms", f"≤ {allowed:.3f}", f"{ours:.4f}"])
        if tracks <= 4:
            for other, times in ((QUICK, 25), (PLAIN, 100)):
                seen = f"{by_reader[other].core / ours:.0f}"
                rows.append([f"{name}: times faster than {other}", f"≥ {times}", seen])
    for name, read in films.items():
        if name.startswith("MP4"):
            rows.append([f"{name}: reads", "≤ 15", str(len(read.sizes))])
            rows.append([f"{name}: longest read, KiB", "≤ 4", f"{max(read.sizes) / 1024:.1f}"])
        else:
            rows.append([f"{name}: KiB", "≤ 64", f"{sum(read.sizes) / 1024:.1f}"])
    table("Goals", ["", "goal", "seen"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--files", type=int, default=1000, help="small files in all with 4 tracks")
    parser.add_argument("--gibibytes", type=float, default=3, help="of each large file")
    parser.add_argument("--folder", type=Path, help="where the files are made; a temporary folder otherwise")
    parser.add_argument("--cage", action="store_true", help="measure what the cage costs, and nothing else")
    parser.add_argument("--json", type=Path, help="with --cage: where the goals and what was seen go")
    parser.add_argument("--one", nargs=2, metavar=("READER", "PATH"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    found = readers()
    if options.one:
        next(reader for reader in found if reader.name == options.one[0]).read(options.one[1])
        return
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        cage = cage_cost(Path(folder))
        if options.cage:
            goals({}, {}, cage)
            if options.json:
                options.json.write_text(json.dumps({"cage": cage}), encoding="utf-8")
            return
        costs = small_files(Path(folder), found, options.files)
        films = large_files(Path(folder), found, options.gibibytes)
    goals(costs, films, cage)


if __name__ == "__main__":
    main()
