"""Which files are videos, which of them are extras, and which of a folder is the movie. No Django."""

from __future__ import annotations

import re
from collections.abc import Mapping
from posixpath import splitext

from library.folder import WORDS, any_of

VIDEO_SUFFIXES = frozenset(f".{ending}" for ending in WORDS["videos"])
"""Suffixes of files that can hold a movie."""

_EXTRA_FOLDERS = frozenset(WORDS["extra_folders"])
_EXTRA_ENDING = re.compile(rf"-{any_of('extra_endings')}\d*$|[ ._-](?:sample|trailer)\d*$")
# In a series only these: an episode may be called "The Trailer".
_EXTRA_ENDING_OF_SERIES = re.compile(rf"-(?:{any_of('extra_endings')}|sample)\d*$|[._]sample$")
_SPECIALS = "specials"
_SAMPLE_START = re.compile(r"(?:sample|trailer)(?:[._-]|$)")


def is_video(name: str) -> bool:
    """Return whether a file name is that of a video with tracks to read."""
    return splitext(name)[1].lower() in VIDEO_SUFFIXES


def is_extra(path: str, *, of_series: bool = False) -> bool:
    """Return whether a file is a sample, trailer or other extra, by its path inside the title's folder."""
    *folders, name = path.replace("\\", "/").lower().split("/")
    if any(is_extra_folder(folder, of_series=of_series) for folder in folders):
        return True
    stem = splitext(name)[0]
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
