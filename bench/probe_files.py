"""The files of `bench.probe`: many small ones, and films of gigabytes that take up little of the disk."""

from __future__ import annotations

import itertools
import shutil
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

from demo.media_files import AudioSpec, FileSpec, SubtitleSpec, build
from tests.scanner.probe.building import CLUSTER, SEGMENT, TRACKS, box, head, large_box, seek_head, size
from tests.scanner.probe.layouts import Film, boxes

_LANGUAGES = ("jpn", "eng", "ger", "fre", "spa", "ita")
_TITLES = ("", "Surround 5.1", "Director's Commentary", "Dub")
_CONTAINERS = (b"trak", b"mdia", b"minf", b"stbl")
_SIMPLE_BLOCK = b"\xa3"
_CLUSTER_SIZE = 2 << 20
# Two hours: 24 pictures a second, 48000 samples of sound a second in frames of 1024, in chunks of half a
# second.
_PICTURES, _SOUNDS, _CHUNKS = 172_800, 337_500, 14_400


def small(folder: Path, container: str, count: int, tracks: int, *, own_titles: bool = False) -> list[Path]:
    """`count` files with so many audio and subtitle tracks, two of three of them audio.

    With `own_titles` no two tracks of all the files are alike: nothing that is remembered of one serves
    another.
    """
    folder.mkdir(parents=True)
    paths = []
    for number in range(count):
        path = folder / f"{number:04}.{container}"
        path.write_bytes(build(_spec(container, number, tracks, f"{number}" if own_titles else "")))
        paths.append(path)
    return paths


def clips(folder: Path, container: str, count: int) -> list[Path]:
    """`count` files of ten real seconds by ffmpeg, with three audio tracks and one of subtitles."""
    folder.mkdir(parents=True)
    lines = folder / "lines.srt"
    lines.write_text("1\n00:00:00,000 --> 00:00:09,000\nHello\n", encoding="utf-8")
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x240:d=10", "-i", str(lines)]
    for tone in (300, 400, 500):
        command += ["-f", "lavfi", "-i", f"sine=f={tone}:d=10"]
    command += ["-map", "0", "-map", "2", "-map", "3", "-map", "4", "-map", "1", "-c:v", "libx264"]
    command += [
        "-c:a:0",
        "aac",
        "-c:a:1",
        "ac3",
        "-c:a:2",
        "eac3",
        "-c:s",
        "mov_text" if container == "mp4" else "srt",
    ]
    for stream, language in zip(("a:0", "a:1", "a:2", "s:0"), _LANGUAGES, strict=False):
        command += [
            f"-metadata:s:{stream}",
            f"language={language}",
            f"-metadata:s:{stream}",
            "title=Surround 5.1",
        ]
    first = folder / f"0000.{container}"
    subprocess.run([*command, str(first)], check=True)
    paths = [first]
    for number in range(1, count):
        paths.append(Path(shutil.copyfile(first, folder / f"{number:04}.{container}")))
    return paths


def foreign(folder: Path, container: str, count: int) -> list[Path]:
    """`count` files of ten real seconds by ffmpeg, with two audio tracks, of a container for MediaInfo."""
    folder.mkdir(parents=True)
    first = folder / f"0000.{container}"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=10"]
    command += ["-f", "lavfi", "-i", "sine=d=10", "-map", "0", "-map", "1", "-map", "1"]
    subprocess.run([*command, str(first)], check=True)
    return [first, *(Path(shutil.copyfile(first, folder / f"{n:04}.{container}")) for n in range(1, count))]


def _spec(container: str, number: int, tracks: int, end_of_titles: str = "") -> FileSpec:
    languages = itertools.islice(itertools.cycle(_LANGUAGES), number % len(_LANGUAGES), None)
    cycle = itertools.cycle([title + end_of_titles for title in _TITLES])
    titles = itertools.islice(cycle, number % len(_TITLES), None)
    audio = tracks - tracks // 3
    return FileSpec(
        tuple(
            AudioSpec(next(languages), next(titles), channels=6 if place % 2 else 2, default=not place)
            for place in range(audio)
        ),
        tuple(SubtitleSpec(next(languages), next(titles)) for _ in range(tracks - audio)),
        "mp4" if container == "mp4" else "mkv",
    )


def long_matroska(path: Path, length: int, tracks: int) -> Path:
    """A Matroska film of about `length` bytes, in clusters of some real blocks and a long empty one."""
    film = Film(build(_spec("mkv", 0, tracks)))
    lead = seek_head(TRACKS, len(seek_head(TRACKS, 0)) + len(film.info))
    empty = _CLUSTER_SIZE - len(film.cluster_body) - 64
    # A block of the video track that holds one unit of filler data (H.264, type 12).
    block = _SIMPLE_BLOCK + size(empty) + b"\x81\0\0\x80" + struct.pack(">IB", empty - 8, 12)
    body = len(film.cluster_body) + len(block) - 9 + empty
    with path.open("wb") as file:
        before = lead + film.info + film.tracks
        clusters = length // _CLUSTER_SIZE
        whole = len(before) + clusters * (4 + 8 + body)
        file.write(film.head + head(SEGMENT) + size(whole, 8) + before)
        for _ in range(clusters):
            file.write(head(CLUSTER) + size(body, 8) + film.cluster_body + block)
            file.seek(empty - 9, 1)
        file.truncate(file.tell())
    return path


def long_mp4(path: Path, length: int, tracks: int, *, moov_first: bool) -> Path:
    """An MP4 film of about `length` bytes, most of them empty, with the sample tables of two hours."""
    parts = dict(boxes(build(_spec("mp4", 0, tracks))))
    kind, data = parts[b"ftyp"], parts[b"mdat"][8:]
    index = len(_index(parts[b"moov"], 0))
    moov = _index(parts[b"moov"], len(kind) + (index if moov_first else 0) + 16)
    with path.open("wb") as file:
        file.write(kind + (moov if moov_first else b"") + large_box(b"mdat", length, data))
        file.seek(length - 16 - len(data), 1)
        file.write(b"" if moov_first else moov)
        file.truncate(file.tell())
    return path


def _index(moov: bytes, position: int) -> bytes:
    """`moov` with long sample tables, all samples being where the file's first byte of data is."""
    return box(b"moov", *_lengthened(moov[8:], position))


def _lengthened(body: bytes, position: int) -> Iterator[bytes]:
    for kind, whole in boxes(body):
        if kind in _CONTAINERS:
            yield box(kind, *_lengthened(whole[8:], position))
        elif kind == b"stsz":
            samples = _PICTURES if whole[20:24] == b"\0\0\0\xf8" else _SOUNDS
            yield box(kind, struct.pack(">III", 0, 0, samples), b"\0\0\0\xf8" * samples)
        elif kind == b"stco":
            yield box(b"co64", struct.pack(">II", 0, _CHUNKS), struct.pack(">Q", position) * _CHUNKS)
        else:
            yield whole
