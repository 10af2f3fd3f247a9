"""Which files are videos, which of them are extras, and which of a folder is the movie. No Django."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

_ENDINGS = (
    "3gp asf avi divx dv dvr-ms f4v flv m2ts m2v m4v mkv mov mp4 mpeg mpg mts nuv ogm ogv qt rm rmvb ts vob "
    "webm wmv wtv xvid"
)

VIDEO_SUFFIXES = frozenset(f".{ending}" for ending in _ENDINGS.split())
"""Suffixes of files that can hold a movie; lists and pointers (`.strm`, `.m3u`) hold no tracks."""

# Folders beside a movie that hold no movie, after Radarr, Jellyfin and Plex.
_EXTRA_FOLDERS = frozenset(
    {
        "backdrops",
        "behind the scenes",
        "bonus",
        "clips",
        "deleted scenes",
        "extra",
        "extrafanart",
        "extras",
        "featurettes",
        "interviews",
        "other",
        "plex versions",
        "proof",
        "sample",
        "samples",
        "scenes",
        "shorts",
        "specials",
        "theme music",
        "trailer",
        "trailers",
        "@eadir",
    }
)
# The same apps take such an ending of a file's name as the mark of an extra.
_EXTRA_ENDING = re.compile(
    r"-(?:behindthescenes|clip|deleted|deletedscene|extra|featurette|interview|other|scene|short|trailer)\d*$"
    r"|[ ._-](?:sample|trailer)\d*$"
)
# In a series only these: an episode may be called "The Trailer".
_EXTRA_ENDING_OF_SERIES = re.compile(
    r"-(?:behindthescenes|clip|deleted|deletedscene|extra|featurette|interview|other|scene|short|trailer|sample)\d*$"
    r"|[._]sample$"
)
_SPECIALS = "specials"
_SAMPLE_START = re.compile(r"(?:sample|trailer)(?:[._-]|$)")


def is_video(name: str) -> bool:
    """Return whether a file name is that of a video with tracks to read."""
    return PurePosixPath(name).suffix.lower() in VIDEO_SUFFIXES


def is_extra(path: str, *, of_series: bool = False) -> bool:
    """Return whether a file is a sample, trailer or other extra, by its path inside the title's folder."""
    *folders, name = PurePosixPath(path.replace("\\", "/").lower()).parts or ("",)
    if any(is_extra_folder(folder, of_series=of_series) for folder in folders):
        return True
    stem = PurePosixPath(name).stem
    ending = _EXTRA_ENDING_OF_SERIES if of_series else _EXTRA_ENDING
    return bool(name.startswith(".") or ending.search(stem) or _SAMPLE_START.match(stem))


def is_extra_folder(name: str, *, of_series: bool = False) -> bool:
    """Return whether a folder inside a title's holds extras, or nothing to see. A series has its specials."""
    plain = re.sub(r"[-_.]", " ", name.lower())
    return name.startswith(".") or (plain in _EXTRA_FOLDERS and not (of_series and plain == _SPECIALS))


def choose_movie_file(sizes: Mapping[str, int]) -> str | None:
    """Return the path of the movie among the files of its folder (path inside the folder -> bytes).

    That is the largest video that is no sample, trailer or extra (of two of a size, the first by name); None
    where there is none.
    """
    videos = [path for path in sizes if is_video(path) and not is_extra(path)]
    return min(videos, key=lambda path: (-sizes[path], path), default=None)
