"""Broken files of every container for the whole `probe`, made without end from good ones that ffmpeg writes.

    python -m tests.scanner.probe.fuzzing --whole --minutes 60 --folder DIR

A file ends in tracks, or in an error that names it, whatever it holds: within its limits, in few tracks, and
with this process alive and no larger. What broke the reader in the cage is kept in DIR/bad; a run that is
started again with the same folder goes on where the last one ended."""

import contextlib
import hashlib
import json
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import time
from collections import Counter

from core.errors import ProbeError, StorageError
from scanner.probe import caged
from scanner.probe.engines import probe
from scanner.probe.tracks import MOST_TRACKS

from .fuzzing import mutated, seeds

# Files of one kind that are kept.
KEPT = 50
# Most changes are made where the headers are.
HEADERS = 4096
# Beside what the cage may take: the header reader, the way there and back, a new process.
OWN_SECONDS = 3.0
MOST_GROWTH = 64 << 10  # in KiB, as the system counts

_PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=64x48:d=0.3:r=25")
_SOUND = ("-f", "lavfi", "-i", "sine=d=0.3")
_TWO = (
    "-map",
    "0",
    "-map",
    "1",
    "-map",
    "1",
    "-metadata:s:a:0",
    "language=jpn",
    "-metadata:s:a:1",
    "title=Dub",
)
_ONE = ("-map", "0", "-map", "1")
_MPEG2 = ("-c:v", "mpeg2video", "-c:a", "ac3")
# How ffmpeg writes one file of each container.
CONTAINERS: dict[str, tuple[str, ...]] = {
    "avi": (*_TWO, "-c:v", "mpeg4", "-c:a", "mp3"),
    "ts": (*_TWO, *_MPEG2),
    "m2ts": (*_TWO, *_MPEG2, "-mpegts_m2ts_mode", "1"),
    "mpg": (*_TWO, *_MPEG2),
    "vob": (*_TWO, *_MPEG2),
    "wmv": (*_TWO, "-c:v", "wmv2", "-c:a", "wmav2"),
    "asf": (*_TWO, "-c:v", "msmpeg4", "-c:a", "wmav2"),
    "mxf": (*_ONE, "-c:v", "mpeg2video", "-c:a", "pcm_s16le", "-ar", "48000"),
    "ogm": (*_TWO, "-c:v", "libtheora", "-c:a", "libvorbis", "-f", "ogg"),
    "ogg": (*_ONE, "-c:v", "libtheora", "-c:a", "flac"),
    "mkv": (*_TWO, "-c:v", "mpeg4", "-c:a", "ac3"),
    "webm": (*_ONE, "-c:v", "libvpx", "-c:a", "libvorbis"),
    "mp4": (*_TWO, "-c:v", "mpeg4", "-c:a", "aac"),
    "mov": (*_TWO, "-c:v", "mpeg4", "-c:a", "pcm_s16le"),
    "3gp": (*_ONE, "-c:v", "mpeg4", "-c:a", "aac"),
    "flv": (*_ONE, "-c:v", "flv", "-c:a", "mp3", "-ar", "44100"),
    "swf": (*_ONE, "-c:v", "flv", "-c:a", "mp3", "-ar", "44100"),
    "rm": (*_ONE, "-c:v", "rv20", "-c:a", "ac3"),
    "dv": ("-map", "0", "-map", "1", "-s", "720x576", "-pix_fmt", "yuv420p", "-ar", "48000", "-ac", "2"),
    "nut": (*_ONE, "-c:v", "mpeg4", "-c:a", "mp3"),
    "wtv": (*_ONE, *_MPEG2),
}


def corpus(folder):
    """The good files to start from, made once for a folder, and those of the header readers."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, options in CONTAINERS.items():
        path = folder / f"seed.{name}"
        if not path.exists():
            command = [
                "ffmpeg",
                "-v",
                "error",
                "-y",
                *_PICTURE,
                *_SOUND,
                *options,
                "-strict",
                "-2",
                str(path),
            ]
            # A codec may be missing from this ffmpeg: then that container is.
            if subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode:
                path.unlink(missing_ok=True)
    return [path.read_bytes() for path in sorted(folder.glob("seed.*"))] + seeds()


def broken(chance, good):
    """One broken file: its headers changed, something within it, or all of it made of pieces."""
    data = chance.choice(good)
    if chance.random() < 0.75:
        return mutated(data[:HEADERS], chance, good) + data[HEADERS:]
    return mutated(data, chance, good)


def outcome_of(path):
    """What comes of a file, in words that many files share. Fails where `probe` breaks a promise."""
    try:
        facts = probe(path).facts
    except (ProbeError, StorageError) as error:
        told = str(error)
        assert str(path) in told, told
        told = re.sub(r"0x[0-9a-f]+|\d+", "N", told.replace(f"'{path}'", "It"))
        return f"{type(error).__name__}: {told}"
    assert len(facts.tracks) <= MOST_TRACKS, f"{len(facts.tracks)} tracks"
    return f"read by {facts.engine}"


class Run:
    """A run that lives in a folder: how far it is, and what came of its files."""

    def __init__(self, folder, seed):
        self.folder = folder
        self.state = folder / "state.json"
        known = json.loads(self.state.read_text()) if self.state.exists() else {}
        self.seed = known.get("seed", seed)
        self.done = known.get("done", 0)
        self.slowest = known.get("slowest", 0.0)
        self.slowest_outcome = known.get("slowest_outcome", "")
        self.outcomes = Counter(known.get("outcomes", {}))
        self.good = corpus(folder / "seeds")
        self.bad = folder / "bad"
        self.bad.mkdir(exist_ok=True)
        self.first_memory = 0

    def step(self):
        """Read the next file. Fails where `probe` breaks a promise."""
        data = broken(random.Random(f"{self.seed}:{self.done}"), self.good)
        path = self.folder / "film.bin"
        path.write_bytes(data)
        os.utime(path, (1_600_000_000, 1_600_000_000))
        core, clock = time.process_time(), time.monotonic()
        try:
            outcome = outcome_of(path)
        except Exception as error:
            self.keep("failed", data)
            error.add_note(f"file {self.done} of seed {self.seed}")
            raise
        took = time.monotonic() - clock
        own = time.process_time() - core
        if "MediaInfo" in outcome:
            self.keep(outcome.partition("MediaInfo ")[2].partition(".")[0], data)
        self.outcomes[outcome] += 1
        if took > self.slowest:
            self.slowest, self.slowest_outcome = took, outcome
        self.done += 1
        # Two processes may be tried, each with its whole time, and be started first.
        limits = caged.CAGE.limits
        assert took <= 2 * (limits.clock + limits.start), f"{took:.0f} seconds"
        assert own <= OWN_SECONDS, f"{own:.1f} seconds of processor time in this process"
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if self.done % 500 == 0:
            self.first_memory = self.first_memory or memory
            assert memory - self.first_memory <= MOST_GROWTH, f"{memory} KiB, {self.first_memory} before"

    def keep(self, kind, data):
        """Keep a file that did harm, unless there are enough of its kind."""
        kind = re.sub(r"\W+", "-", kind).strip("-")
        if sum(1 for _ in self.bad.glob(f"{kind}_*")) < KEPT:
            name = hashlib.sha256(data).hexdigest()[:12]
            (self.bad / f"{kind}_{name}.bin").write_bytes(data)

    def save(self):
        """Write down how far the run is."""
        names = ("seed", "done", "slowest", "slowest_outcome", "outcomes")
        new = self.state.with_suffix(".new")
        new.write_text(json.dumps({name: getattr(self, name) for name in names}, indent=1))
        new.replace(self.state)

    def lines(self):
        """For a person."""
        for outcome, count in self.outcomes.most_common():
            yield f"{count:>10,}  {outcome}"
        yield f"{self.done:>10,}  files of {len(self.good)} good ones, {len(self.outcomes)} outcomes"
        yield f"slowest: {self.slowest:.1f} s ({self.slowest_outcome})"
        own, inside = (
            resource.getrusage(who).ru_maxrss / 1024
            for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )
        yield f"memory: {own:.0f} MiB here, {inside:.0f} MiB in the cage at most"


def main(arguments):
    """Read files for so many minutes, or so many files, and tell what came of them."""
    if not shutil.which("ffmpeg"):
        sys.exit("ffmpeg is not installed: there is nothing to start from")
    arguments.folder.mkdir(parents=True, exist_ok=True)
    run = Run(arguments.folder, arguments.seed)
    end = time.monotonic() + 60 * arguments.minutes
    told = time.monotonic()
    try:
        with contextlib.suppress(KeyboardInterrupt):
            while time.monotonic() < end:
                run.step()
                if time.monotonic() - told > 60:
                    told = time.monotonic()
                    run.save()
                    sys.stdout.write(f"{run.done:,} files, slowest {run.slowest:.1f} s\n")
                    sys.stdout.flush()
    finally:
        run.save()
    sys.stdout.write("\n".join([*run.lines(), f"seed: {run.seed}", ""]))
