"""Broken files for the header readers, made without end from good ones.

    python -m tests.scanner.probe.fuzzing --seconds 900

prints how many were read and what came of them. Whatever the bytes are, a reader gives tracks or a
`HeaderError`, within its time and with no more read than it may.
"""

import argparse
import random
import resource
import sys
import time
from collections import Counter

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

    def __call__(self, offset, length):
        assert 0 <= offset < self.size
        length = min(length, self.size - offset)
        self.total += length
        if not self.data:
            return bytes(length)
        place = offset % len(self.data)
        return (self.data[place:] + self.data * (length // len(self.data) + 1))[:length]


def check(data, size=None):
    """What comes of these bytes, repeated up to `size` if given. Fails where a reader breaks a promise."""
    source = Repeated(data, size or len(data))
    started = time.thread_time()
    try:
        outcome = f"{len(read_tracks(source, source.size))} tracks"
    except HeaderError as error:
        outcome = str(error).rpartition(" at byte ")[0]
    spent = time.thread_time() - started
    budget = matroska.BUDGET if data.startswith(matroska.SIGNATURE) else mp4.BUDGET
    assert spent < LONGEST_SECONDS, f"{spent:.3f} s of processor time"
    assert source.total <= PIECE + budget, f"{source.total} bytes read"
    return outcome


def run(seed, *, seconds=float("inf"), executions=float("inf")):
    """Counts of outcomes, after that many seconds or executions."""
    track_language("eng")  # the first of a process reads the tables of languages
    chance = random.Random(seed)
    corpus = seeds()
    outcomes: Counter[str] = Counter()
    stop = time.monotonic() + seconds
    while executions > 0 and time.monotonic() < stop:
        data = mutated(chance.choice(corpus), chance, corpus)
        size = chance.choice(SIZES)
        try:
            outcomes[check(data, size)] += 1
        except Exception as error:
            error.add_note(f"a file of {size} bytes made of {data.hex()}")
            raise
        executions -= 1
    return outcomes


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=time.time_ns())
    arguments = parser.parse_args()
    outcomes = run(arguments.seed, seconds=arguments.seconds)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    for outcome, count in outcomes.most_common():
        sys.stdout.write(f"{count:>12,}  {outcome}\n")
    total = sum(outcomes.values())
    sys.stdout.write(f"{total:>12,}  executions, seed {arguments.seed}, {memory} MiB at most\n")


if __name__ == "__main__":
    main()
