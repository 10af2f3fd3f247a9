#!/usr/bin/env python3
"""What reading the tracks of a file costs: the header reader, MediaInfo in several ways, and other programs.

    python -m bench.probe [--files 1000] [--gibibytes 3] [--folder DIR]

Prints tables of times (small files warm, then cold; large files; two processes), of what is read, and
whether the goals are met. Programs and packages that are not installed are left out (ffprobe, mkvmerge,
mediainfo, PyAV, strace). "cold" means that the file's pages were dropped from memory before; the disk may
still know them."""

from __future__ import annotations

import argparse
import importlib.util
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
from scanner.probe import probe

Read = Callable[[str], object]
GIB = 1 << 30
# Slow readers read this many of the small files, and small and large ones that many times.
SAMPLE = 40
REPEATS = 5


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


def readers() -> list[Reader]:
    """All that are here, ours first."""
    found = [
        Reader("header reader", lambda path: probe(path, engine="header"), fast=True),
        Reader("our MediaInfo engine", lambda path: probe(path, engine="mediainfo")),
        Reader(
            "pymediainfo, parse_speed=0", lambda path: MediaInfo.parse(path, parse_speed=0, output="JSON")
        ),
        Reader("pymediainfo as it comes", MediaInfo.parse),
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


def _run(command: list[str]) -> Read:
    return lambda path: subprocess.run([*command, path], stdout=subprocess.DEVNULL, check=False)


def _open_with_pyav(path: str) -> None:
    with importlib.import_module("av").open(path) as container:
        [(stream.type, stream.language, stream.metadata) for stream in container.streams]


def core_seconds() -> float:
    """Processor time of this process and of the children that ended."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


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


def two_processes(read: Read, paths: Sequence[str]) -> float:
    """Files a second of two processes that share the work."""
    context = multiprocessing.get_context("fork")
    halves = [context.Process(target=_read_all, args=(read, paths[place::2])) for place in range(2)]
    started = time.perf_counter()
    for half in halves:
        half.start()
    for half in halves:
        half.join()
    return len(paths) / (time.perf_counter() - started)


def _read_all(read: Read, paths: Sequence[str]) -> None:
    for path in paths:
        read(path)


def reads(reader: Reader, path: Path) -> str:
    """How much of a file is read, in how many readings and jumps, seen from outside."""
    if not shutil.which("strace"):
        return "strace is not installed"
    command = ["strace", "-f", "-qq", "-y", "-e", "trace=read,pread64,readv,preadv,lseek"]
    command += [sys.executable, "-m", "bench.probe", "--one", reader.name, str(path)]
    lines = subprocess.run(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, check=False
    ).stderr
    calls = re.findall(rf"(\w+)\(\d+<{re.escape(str(path))}>.* = (\d+)\n", lines)
    sizes = [int(result) for call, result in calls if call != "lseek"]
    jumps = sum(call == "lseek" for call, _ in calls)
    return f"{sum(sizes) / 1024:,.1f} KiB, {len(sizes)} reads, {jumps} seeks"


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table in Markdown."""
    print(f"\n## {title}\n")
    print(f"| {' | '.join(header)} |\n|{'---|' * len(header)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    sys.stdout.flush()


def milliseconds(value: float) -> str:
    """A time in milliseconds with as many places as tell something."""
    return f"{value:.4f}" if value < 1 else f"{value:.2f}"


def small_files(folder: Path, found: list[Reader], count: int) -> dict[str, dict[str, Cost]]:
    """Times on small files; warm costs by kind of file and reader."""
    costs = {}
    for name, paths in small_sets(folder, count):
        by_reader: dict[str, Cost] = {}
        rows = []
        for reader in found:
            part = [str(path) for path in (paths if reader.fast else paths[:SAMPLE])]
            warm, cold = cost(reader.read, part), cost(reader.read, part, cold=True)
            by_reader[reader.name] = warm
            together = f"{two_processes(reader.read, part):,.0f}"
            rows.append(
                [reader.name, *map(milliseconds, (warm.core, warm.wall, cold.core, cold.wall)), together]
            )
        header = ["", "warm: core ms", "wall ms", "cold: core ms", "wall ms", "two processes, files/s"]
        table(f"{len(paths)} files: {name}", header, rows)
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


def large_files(folder: Path, found: list[Reader], gibibytes: float) -> None:
    """Times and readings on films."""
    length = int(gibibytes * GIB)
    films = {
        "Matroska": probe_files.long_matroska(folder / "film.mkv", length, 6),
        "MP4, moov first": probe_files.long_mp4(folder / "first.mp4", length, 6, moov_first=True),
        "MP4, moov last": probe_files.long_mp4(folder / "last.mp4", length, 6, moov_first=False),
    }
    for name, path in films.items():
        rows = []
        for reader in found:
            warm, cold = cost(reader.read, [str(path)] * 3), cost(reader.read, [str(path)], cold=True)
            rows.append(
                [reader.name, *map(milliseconds, (warm.core, warm.wall, cold.wall)), reads(reader, path)]
            )
        header = ["", "warm: core ms", "wall ms", "cold: wall ms", "of the file"]
        table(f"{name}, {path.stat().st_size / GIB:.1f} GiB, 6 tracks and the video", header, rows)


def goals(costs: dict[str, dict[str, Cost]]) -> None:
    """The goals, and what was seen."""
    rows = []
    for name, by_reader in costs.items():
        tracks = int(name.split()[1])
        ours, allowed = by_reader["header reader"].core, 0.05 + 0.015 * tracks
        rows.append([f"{name}: core ms", f"≤ {allowed:.3f}", f"{ours:.4f}"])
        if tracks <= 4:
            for other, times in (("pymediainfo, parse_speed=0", 25), ("pymediainfo as it comes", 100)):
                rows.append(
                    [
                        f"{name}: times faster than {other}",
                        f"≥ {times}",
                        f"{by_reader[other].core / ours:.0f}",
                    ]
                )
    table("Goals", ["", "goal", "seen"], rows)


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--files", type=int, default=1000, help="small files in all with 4 tracks")
    parser.add_argument("--gibibytes", type=float, default=3, help="of each large file")
    parser.add_argument("--folder", type=Path, help="where the files are made; a temporary folder otherwise")
    parser.add_argument("--one", nargs=2, metavar=("READER", "PATH"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    found = readers()
    if options.one:
        next(reader for reader in found if reader.name == options.one[0]).read(options.one[1])
        return
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        costs = small_files(Path(folder), found, options.files)
        large_files(Path(folder), found, options.gibibytes)
    goals(costs)


if __name__ == "__main__":
    main()
