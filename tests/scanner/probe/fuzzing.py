"""Broken files for the header readers and the reader of descriptors, made without end from good ones.

    python -m tests.scanner.probe.fuzzing --executions 10_000_000

prints how many were read, what came of them, the slowest, and the memory it took; it ends with 1 where one
broke a promise. Whatever the bytes are, a header reader gives tracks or a `HeaderError` with its place, the
reader of descriptors what it found, within its time and with no more read than it may. Time is judged here
alone: the tests of the suite, which share their machine, judge what was read. With --whole it
is the whole `probe` that reads, and files of every container (whole_fuzzing.py)."""

import argparse
import itertools
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from demo.media_files import AudioCodec, AudioSpec, FileSpec, SubtitleSpec, build
from scanner.probe import broadcast, matroska, mp4, ogg
from scanner.probe.engines import PIECE, read_tracks
from scanner.probe.naming import track_language
from scanner.probe.tracks import MOST_TRACKS
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
    audio_entry,
    box,
    comments,
    ebml,
    element,
    endless,
    entry,
    ftyp,
    full_box,
    iso639,
    kind_box,
    large_box,
    moov,
    ogm,
    packets,
    page,
    pat,
    pmt,
    seek_head,
    supplementary,
    tracks,
    trak,
    value,
    video_trak,
    vorbis,
)
from .building import (
    matroska as plain_matroska,
)
from .building import (
    mp4 as plain_mp4,
)
from .building import (
    ogg as plain_ogg,
)

LONGEST_SECONDS = 0.05
# A reader that seems slow is watched this many times: the machine may have been.
LOOKS = 3
MANY_READS = 300
# Matroska's clusters are leapt over one by one.
LEAPS = 4100
SYNC = b"\x47"
STREAMS = (0x101, 0x102)
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
    """Good files of each kind, small, with every layout and every field that the readers know."""
    return [*matroska_seeds(), *mp4_seeds(), *ogg_seeds(), *broadcast_seeds()]


def matroska_seeds():
    settings = element(AUDIO, value(CHANNELS, 6))
    flags = {"default": 0, "forced": 1, "visual": 1, "original": 1, "commentary": 1}
    rich = entry(AUDIO_TRACK, settings, language="jpn", bcp47="pt-BR", name="Dub", codec="A_AAC", **flags)
    noise = element(VOID, bytes(40)) + element(CRC, bytes(4))
    cluster = endless(CLUSTER, element(0xA3, bytes(9)))
    private = element(PRIVATE, bytes(6000))
    gap = element(VOID, bytes(51))
    lead = seek_head(TRACKS, len(seek_head(TRACKS, 0)) + len(gap))
    film = element(CLUSTER, bytes(20_000)) + element(VOID, bytes(9000))
    return [
        ebml() + element(SEGMENT, film, tracks(rich)),
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
    item = box(b"\xa9nam", box(b"data", bytes(8), b"Dub"))
    names = (full_box(b"titl", bytes(2), b"Dub"), full_box(b"meta", box(b"ilst", item)))
    encrypted = audio_entry(b"enca", box(b"sinf", box(b"frma", b"ac-3")))
    return [
        box(b"uuid", bytes(30)) + plain_mp4(trak(b"soun", "jpn", *names, entry=encrypted)),
        plain_mp4(dub, trak(b"sbtl", 0x7FFF, number=3)),
        ftyp(b"qt  ") + late,
        plain_mp4(trak(media=[full_box(b"elng", b"pt-BR\0")], name=b"\6Stereo")),
        build(real_file("mp4"))[:4000],
    ]


def ogg_seeds():
    tags = comments("LANGUAGE=German [ger]", "TITLE=Dub", "COVER=" + "x" * 600)
    dub = (vorbis(), b"\x03vorbis" + tags)
    cut = 255 * 2
    parts = page(1, dub[1][:cut], ends=False) + page(1, dub[1][cut:], begun=True)
    flac = b"\x7fFLAC\1\0\0\1fLaC\0\0\0\x22" + bytes(34)
    return [
        plain_ogg(dub, (b"OpusHead\1\2" + bytes(9), b"OpusTags" + tags), (flac, b"\x84\0\0\x30" + tags)),
        plain_ogg(dub, (ogm(b"audio", b"2000", 6), dub[1]), (ogm(b"text"), dub[1]), video=ogm(b"video")),
        page(1, vorbis(), first=True) + parts,
    ]


def broadcast_seeds():
    first, second = STREAMS
    spoken = iso639(("deu", 0), ("eng", 3)) + supplementary(1, "fra") + b"\x6a\x02\x80\x50"
    many = {number: iso639(("fra", 0)) for number in range(0x200, 0x220)}
    filling = packets(0x1FFF, bytes(183))
    return [
        packets(0, bytes(183)) * 20 + packets(0, pat({1: 0x1000})) + packets(0x1000, pmt({first: spoken})),
        packets(0, pat({1: 0x1000})) + packets(0x1000, pmt({first: spoken})) + filling * 4,
        packets(0, pat({1: 0x1000, 2: 0x1001}))
        + packets(0x1001, pmt({**many, first: spoken, second: b""}, programme=2))
        + filling * 4,
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
    if data.startswith(SYNC):
        found = broadcast.read_voices(source, source.size, STREAMS)
        assert found.keys() <= set(STREAMS)
        outcome, place, budget, reads = f"{len(found)} streams told", 0, broadcast.BUDGET, MANY_READS
    else:
        outcome, place, budget, reads = header_outcome(source)
    assert place >= 0, f"{outcome} at byte {place}"
    assert source.total <= budget, f"{source.total} bytes read"
    assert source.reads <= reads, f"{source.reads} reads"
    return outcome


def header_outcome(source):
    """What the header readers make of a file: in words, and the place, the budget and the reads allowed."""
    matroskas = source.data.startswith(matroska.SIGNATURE)
    budget = matroska.BUDGET if matroskas else max(mp4.BUDGET, ogg.BUDGET)
    reads = LEAPS if matroskas else MANY_READS
    try:
        tracks = read_tracks(source, source.size)
    except HeaderError as caught:
        return caught.reason, caught.offset, PIECE + budget, reads
    assert len(tracks) <= MOST_TRACKS
    return f"{len(tracks)} tracks", 0, PIECE + budget, reads


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


def fuzz_whole(arguments):
    """Fuzz the whole probe, in a folder of its own if none is named."""
    from . import whole_fuzzing

    if arguments.folder:
        whole_fuzzing.main(arguments)
        return
    with tempfile.TemporaryDirectory() as folder:
        arguments.folder = Path(folder)
        whole_fuzzing.main(arguments)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--executions", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=time.time_ns())
    parser.add_argument(
        "--whole", action="store_true", help="the whole probe, cage and all, of every container"
    )
    parser.add_argument("--minutes", type=float, default=1, help="with --whole: how long")
    parser.add_argument("--folder", type=Path, help="with --whole: where it keeps its files, and goes on")
    arguments = parser.parse_args()
    if arguments.whole:
        fuzz_whole(arguments)
        return
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
