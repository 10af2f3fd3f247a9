"""What lies beside a title: its videos, its NFO and the pictures, by their names; no picture is opened.

No Django. A folder is listed where its time of change is another than last time, and nothing else is.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from artwork.names import EXTENSIONS, Kind, Place, Profile, Slot, names_for, nfo_names, read_names
from library.folder.episodes import parse_episodes
from library.folder.nfo import NOTHING, TitleNfo, read_title_nfo
from library.folder.videos import is_extra, is_extra_folder, is_video

VERSION = 1
"""Goes up when names or NFOs are read otherwise: then all folders are listed anew."""

DEEPEST = 2
"""So far down the files of a series lie in its folder, and pictures of a movie."""

_OF_PICTURES = ("extrafanart", "metadata")

Numbers = Mapping[str, tuple[int, tuple[int, ...]]]
"""Season and episodes of videos by their paths inside the folder."""


@dataclass(frozen=True, slots=True)
class Video:
    """A video of a series: its path without the suffix, and which episodes it holds."""

    stem: str
    season: int
    episodes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """What a look found. `pictures` are by their paths; those of one slot in the order they should be taken.

    `seasons` maps numbers to the folders of the episodes.
    """

    place: Place
    stamp: str
    videos: tuple[Video, ...] = ()
    seasons: Mapping[int, str] = field(default_factory=dict)
    pictures: Mapping[str, Slot] = field(default_factory=dict)
    nfo: TitleNfo = NOTHING


def stamp_of(path: str, within: Iterable[str], fingerprint: str) -> str | None:
    """What changes with the names in a title's folder and those inside it; None where it is not there.

    What is not there of those inside counts too. `fingerprint` is what its app says of it.
    """
    times: dict[str, int] = {}
    for folder in ("", *within):
        try:
            times[folder] = os.stat(f"{path}/{folder}").st_mtime_ns  # noqa: PTH116
        except (OSError, ValueError):
            if not folder:
                return None
    return _stamp(times, within, fingerprint)


def _stamp(times: Mapping[str, int], within: Iterable[str], fingerprint: str) -> str:
    marks = (VERSION, fingerprint, [(folder, times.get(folder, 0)) for folder in sorted({"", *within})])
    return hashlib.blake2s(repr(marks).encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()


def look(path: str, *, series: bool, numbers: Numbers, fingerprint: str) -> Beside:
    """List a title's folder. `numbers` are season and episodes of the videos that its app knows, by path.

    Raises OSError where it cannot be listed.
    """
    # A movie of a plain folder may be a file among others.
    loose = not series and is_video(path) and not os.path.isdir(path)  # noqa: PTH112
    folder, name = os.path.split(path) if loose else (path, "")
    times: dict[str, int] = {}
    names = list(_names(folder, "", 1 if loose else DEEPEST, times, series=series))
    videos = [one for one in names if is_video(one) and not is_extra(one, of_series=series)]
    if series:
        of_series = _episodes(videos, numbers)
        place = Place(Kind.SERIES, os.path.basename(path))  # noqa: PTH119
    else:
        of_series = []
        stem = _stem(name) if loose else min((_stem(one) for one in videos), default="")
        place = Place(Kind.MOVIE, stem, own_folder=not loose)
    seasons = {video.season: video.stem.rpartition("/")[0] for video in reversed(of_series)}
    places = [place, *_places(of_series, seasons)]
    pictures = [one for one in names if one.rpartition(".")[2].lower() in EXTENSIONS]
    there = set(names)
    nfo = next((one for one in nfo_names(place) if one in there), None)
    return Beside(
        place=place,
        stamp=_stamp(times, seasons.values(), fingerprint),
        videos=tuple(of_series),
        seasons=seasons,
        pictures=_in_order(read_names(pictures, places)) if pictures else {},
        nfo=read_title_nfo(Path(folder, nfo), "series" if series else "movie") if nfo else NOTHING,
    )


def _names(folder: str, within: str, deep: int, times: dict[str, int], *, series: bool) -> Iterator[str]:
    """The files in a folder and those inside it that may hold some of a title, by their paths.

    `times` take the time of change of each folder, as it was before it was listed.
    """
    folders = []
    times[within.rstrip("/")] = os.stat(f"{folder}/{within}").st_mtime_ns  # noqa: PTH116
    with os.scandir(f"{folder}/{within}") as entries:
        for entry in entries:
            path = f"{within}{entry.name}"
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                plain = entry.name.lower() in _OF_PICTURES or not is_extra_folder(
                    entry.name, of_series=series
                )
                folders += [path] * plain
            elif entry.is_file(follow_symlinks=False):
                yield path
    for path in sorted(folders) if deep > 1 else ():
        yield from _names(folder, f"{path}/", deep - 1, times, series=series)


def _episodes(videos: Iterable[str], numbers: Numbers) -> list[Video]:
    found = []
    for path in sorted(videos):
        season, episodes = numbers.get(path) or _parsed(path)
        found.append(Video(_stem(path), season, episodes))
    return found


def _parsed(path: str) -> tuple[int, tuple[int, ...]]:
    parsed = parse_episodes(path)
    return 1 if parsed.season is None else parsed.season, parsed.episodes


def _places(videos: Iterable[Video], seasons: Mapping[int, str]) -> Iterator[Place]:
    for number, folder in seasons.items():
        yield Place(Kind.SEASON, season=number, folder=folder)
    for video in videos:
        yield Place(Kind.EPISODE, video.stem, season=video.season)


def _in_order(found: Mapping[str, Slot]) -> dict[str, Slot]:
    """The usual name of a picture before others of the same slot."""
    number = Counter(found.values())

    def order(name: str) -> tuple[bool, str]:
        slot = found[name]
        if number[slot] == 1:
            return False, name
        extension = name.rpartition(".")[2].lower()
        return name not in names_for(Profile.UNIVERSAL, slot.place, slot.art, slot.rank, extension), name

    return {name: found[name] for name in sorted(found, key=order)}


def _stem(path: str) -> str:
    return path.rpartition(".")[0]
