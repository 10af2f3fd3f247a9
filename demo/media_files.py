"""Writes real small video files: Matroska and MP4, with any audio and subtitle tracks, a few KiB each.

A file is made from a `FileSpec`; the bytes of a spec are made once and written as often as wanted, so that a
library of tens of thousands of files takes seconds. `mediainfo` and `ffprobe` read them without complaint.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from demo import matroska, mp4
from demo.codecs import AudioCodec
from demo.media_specs import AudioSpec, FileSpec, SubtitleCodec, SubtitleSpec

__all__ = ["AudioCodec", "AudioSpec", "FileSpec", "SubtitleCodec", "SubtitleSpec", "build", "write"]


@lru_cache(maxsize=4096)
def build(spec: FileSpec) -> bytes:
    """The bytes of the file; the same for the same spec.

    Raises:
        KeyError: MP4 has no such codec, or the codec no such number of channels.
    """
    return mp4.build(spec) if spec.container == "mp4" else matroska.build(spec)


def write(path: Path, spec: FileSpec, *, mtime: float | None = None) -> int:
    """Writes the file (its folder must be there) and returns its size in bytes.

    `mtime` is its modification time in seconds since 1970; None leaves it at now.
    """
    data = build(spec)
    path.write_bytes(data)
    if mtime is not None:
        os.utime(path, (mtime, mtime))
    return len(data)
