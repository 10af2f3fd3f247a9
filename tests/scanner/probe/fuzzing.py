"""Broken files for the header readers, made without end from good ones.

    python -m tests.scanner.probe.fuzzing --executions 10_000_000

prints how many were read, what came of them, the slowest, and the memory it took; it ends with 1 where one
broke a promise. Whatever the bytes are, a reader gives tracks or a `HeaderError` with its place, within its
time and with no more read than it may. Time is judged here alone: the tests of the suite, which share their
machine, judge what was read."""

import argparse
import itertools
import random
import resource
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

from demo.media_files import AudioCodec, AudioSpec, FileSpec, SubtitleSpec, build
from scanner.probe import matroska, mp4
from scanner.probe.header import PIECE, read_tracks
from scanner.probe.naming import track_language
from scanner.probe.window import HeaderError

from .building import (
    AUDIO,
    AUDIO_TRACK,
    CHANNELS,
    CLUSTER,
    CRC,
    PRIVATE,
    SEGMENT,
    SUBTITLE_TRACK,
    TRACKS,
    VOID,
    box,
    ebml,
    element,
    endless,
    entry,
    ftyp,
    full_box,
    kind_box,
    large_box,
    moov,
    seek_head,
    tracks,
    trak,
    value,
    video_trak,
)
from .building import (
    matroska as plain_matroska,
)
from .building import (
    mp4 as plain_mp4,
)

LONGEST_SECONDS = 0.05
# A reader that seems slow is watched this many times: the machine may have been.
LOOKS = 3
MOST_READS = 300
PROGRESS = 500_000
NUMBERS = (
    0,
    1,
    7,
    8,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0x7FFFFFFF,
    0x80000000,
    0xFFFFFFFF,
    (1 << 56) - 1,
    (1 << 64) - 1,
)
SIZES = (None, None, None, 30_000, 1 << 20, 1 << 33, 1 << 62)


def seeds():
    """Good files of both kinds, small, with every layout and every field that the readers know."""
    return [*matroska_seeds(), *mp4_seeds()]


def matroska_seeds():
    settings = element(AUDIO, value(CHANNELS, 6))
    flags = {"default": 0, "forced": 1, "visual": 1, "original": 1, "commentary": 1}
    rich = entry(AUDIO_TRACK, settings, language="jpn", bcp47="pt-BR", name="Dub", codec="A_AAC", **flags)
    noise = element(VOID, bytes(40)) + element(CRC, bytes(4))
    cluster = endless(CLUSTER, element(0xA3, bytes(9)))
    private = element(PRIVATE, bytes(6000))
    gap = element(VOID, bytes(51))
    lead = seek_head(TRACKS, len(seek_head(TRACKS, 0)) + len(gap))
    return [
        plain_matroska(rich, entry(SUBTITLE_TRACK, language="ger", textual=1)),
        ebml("webm") + endless(SEGMENT, noise, cluster, tracks(rich)),
        ebml() + element(SEGMENT, lead, gap, tracks(rich)),
        plain_matroska(*[entry(SUBTITLE_TRACK, private, name=str(number)) for number in range(4)]),
        build(real_file("mkv"))[:3000],
    ]


def mp4_seeds():
    roles = (kind_box("urn:mpeg:dash:role:2011", "dub"), box(b"tagc", b"public.original-content"))
    dub = trak(b"soun", "jpn", box(b"name", b"Dub"), *roles)
    references = box(b"tref", box(b"chap", b"\0\0\0\7"), box(b"forc", b"\0\0\0\2"))
    late = large_box(b"mdat", 40, bytes(24)) + moov(video_trak(references), trak(language=11))
    return [
        plain_mp4(dub, trak(b"sbtl", 0x7FFF, number=3)),
        ftyp(b"qt  ") + late,
        plain_mp4(trak(media=[full_box(b"elng", b"pt-BR\0")], name=b"\6Stereo")),
        build(real_file("mp4"))[:4000],
    ]


def real_file(container):
    codecs: tuple[AudioCodec, ...] = ("AAC", "AC-3", "E-AC-3", "Opus")
    audio = tuple(AudioSpec("eng", codec=codec, commentary=True) for codec in codecs)
    return FileSpec(audio, (SubtitleSpec("fra", forced=True),), container)


def mutated(data, chance, others):
    """`data` with a few things broken in it."""
    data = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        place = chance.randrange(len(data) + 1)
        length = chance.choice((1, 2, 4, 8, chance.randint(1, 200)))
        match chance.randrange(8):
            case 0 | 1 | 2 if place < len(data):
                data[place] ^= 1 << chance.randrange(8)
            case 3 if place < len(data):
                data[place] = chance.randrange(256)
            case 4:
                width = chance.choice((1, 2, 4, 8))
                number = chance.choice(NUMBERS) & (1 << 8 * width) - 1
                data[place : place + width] = number.to_bytes(width, "big")
            case 5:
                data[place:place] = data[place : place + length] * chance.choice((1, 2, 50))
            case 6:
                other = chance.choice(others)
                start = chance.randrange(len(other))
                data[place : place + length] = other[start : start + length]
            case 7 if chance.random() < 0.3:
                del data[place:]
            case _:
                del data[place : place + length]
    return bytes(data)


class Repeated:
    """A file of `size` bytes that holds the same over and over, and counts what is read of it."""

    def __init__(self, data, size):
        self.data = data
        self.size = size
        self.total = 0
        self.reads = 0

    def __call__(self, offset, length):
        assert 0 <= offset < self.size
        length = min(length, self.size - offset)
        self.total += length
        self.reads += 1
        if not self.data:
            return bytes(length)
        place = offset % len(self.data)
        return (self.data[place:] + self.data * (length // len(self.data) + 1))[:length]


def check(data, size=None):
    """What comes of these bytes, repeated up to `size` if given. Fails where a reader breaks a promise."""
    source = Repeated(data, size or len(data))
    try:
        outcome = f"{len(read_tracks(source, source.size))} tracks"
    except HeaderError as caught:
        outcome, place = caught.reason, caught.offset
    else:
        place = 0
    assert place >= 0, f"{outcome} at byte {place}"
    budget = matroska.BUDGET if data.startswith(matroska.SIGNATURE) else mp4.BUDGET
    assert source.total <= PIECE + budget, f"{source.total} bytes read"
    assert source.reads <= MOST_READS, f"{source.reads} reads"
    return outcome


@dataclass
class Run:
    """What came of many files: how many of each outcome, and the slowest."""

    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: float = 0
    slowest_outcome: str = ""

    @property
    def executions(self):
        return self.outcomes.total()

    def add(self, data, size):
        """Read one file. Fails where a reader breaks a promise."""
        started = time.thread_time()
        outcome = check(data, size)
        spent = time.thread_time() - started
        self.outcomes[outcome] += 1
        if spent > self.slowest:
            spent = min(spent, *(seconds(data, size) for _ in range(LOOKS)))
        if spent > self.slowest:
            self.slowest, self.slowest_outcome = spent, outcome

    def lines(self):
        """For a person."""
        for outcome, count in self.outcomes.most_common():
            yield f"{count:>12,}  {outcome}"
        yield f"{self.executions:>12,}  executions, {len(self.outcomes)} outcomes"
        yield f"slowest: {self.slowest * 1000:.1f} ms of processor time ({self.slowest_outcome})"
        yield f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB at most"


def seconds(data, size):
    """The processor time that reading these bytes takes."""
    started = time.thread_time()
    check(data, size)
    return time.thread_time() - started


def files(seed):
    """Broken files without end, each with the size it is to be repeated to."""
    chance = random.Random(seed)
    corpus = seeds()
    while True:
        yield mutated(chance.choice(corpus), chance, corpus), chance.choice(SIZES)


def run(seed, *, executions, told=None):
    """Read so many files of this seed; `told` gets the run so far after every `PROGRESS`."""
    track_language("eng")  # the first of a process reads the tables of languages
    so_far = Run()
    for data, size in itertools.islice(files(seed), executions):
        try:
            so_far.add(data, size)
        except Exception as error:
            error.add_note(f"a file of {size} bytes made of {data.hex()}")
            raise
        if told and not so_far.executions % PROGRESS:
            told(so_far)
    return so_far


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--executions", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=time.time_ns())
    arguments = parser.parse_args()
    started = time.monotonic()

    def tell(so_far):
        passed = time.monotonic() - started
        sys.stdout.write(f"{so_far.executions:,} in {passed:.0f} s, slowest {so_far.slowest * 1000:.1f} ms\n")
        sys.stdout.flush()

    whole = run(arguments.seed, executions=arguments.executions, told=tell)
    sys.stdout.write("\n".join([*whole.lines(), f"seed: {arguments.seed}", ""]))
    sys.exit(whole.slowest > LONGEST_SECONDS)


if __name__ == "__main__":
    main()
