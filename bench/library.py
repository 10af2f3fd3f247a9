#!/usr/bin/env python3
"""The standard library of the benchmarks: real small files, and what Sonarr and Radarr know of them.

    python -m bench.library /tmp/library [--movies 2000] [--series 660] [--episodes 50]

makes it and says how long that took. Every file is one of its own (no links): a few KiB of Matroska or MP4
with the tracks that its title says. The same numbers make the same library.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from demo.arr.state import ArrState
from demo.library import MADE_AT
from demo.media_files import AudioSpec, FileSpec, SubtitleSpec, write

SEASON = 24
"""Episodes of a whole season; the last one of a series has what is left."""

# What the files of one title after the other hold: most are dubbed, some only original, some in another
# language; in some only half of the files are dubbed (the second kind, where there are two).
_AUDIO: tuple[tuple[tuple[str, ...], ...], ...] = (
    (("jpn", "eng"),),
    (("jpn", "eng"),),
    (("jpn",),),
    (("jpn", "eng", "deu"),),
    (("jpn", "eng"), ("jpn",)),
    (("jpn",),),
    (("fra",),),
    (("jpn", "eng"),),
)
_EVERY_MP4 = 5
"""Every so many titles one comes in MP4, the others in Matroska."""


@dataclass(frozen=True)
class Size:
    movies: int = 2000
    series: int = 660
    episodes: int = 50

    @property
    def files(self) -> int:
        return self.movies + self.series * self.episodes

    def divided(self, by: int) -> Size:
        """A library of so many times fewer titles, with as many episodes each."""
        return Size(max(1, self.movies // by), max(1, self.series // by), self.episodes)


@dataclass(frozen=True)
class Library:
    """A library on disk: what its two applications know, and where it lies."""

    root: Path
    size: Size
    sonarr: ArrState
    radarr: ArrState


def make(root: Path, size: Size) -> Library:
    """Make a library under `root`, which must be empty."""
    library = Library(root, size, ArrState("sonarr"), ArrState("radarr"))
    for state, folder in ((library.sonarr, root / "tv"), (library.radarr, root / "movies")):
        folder.mkdir()
        state.add_root_folder(str(folder))
    for number in range(size.series):
        _add_series(library.sonarr, root / "tv", number, size.episodes)
    for number in range(size.movies):
        _add_movie(library.radarr, root / "movies", number)
    return library


def spec(container: Literal["mkv", "mp4"], languages: tuple[str, ...]) -> FileSpec:
    """A file with an audio track of each language, and two of subtitles."""
    audio = tuple(AudioSpec(language, default=not n) for n, language in enumerate(languages))
    return FileSpec(audio, (SubtitleSpec("eng"), SubtitleSpec("deu", forced=True)), container)


def episodes_of(count: int) -> Iterator[tuple[int, int]]:
    """The season and number of each of so many episodes."""
    return ((1 + n // SEASON, 1 + n % SEASON) for n in range(count))


def _add_series(state: ArrState, root: Path, number: int, episodes: int) -> None:
    title = f"Series {number:05}"
    folder = root / title
    folder.mkdir()
    series = state.add_series(title, str(folder), original_language="Japanese", genres=["Anime"])
    for season, episode in episodes_of(episodes):
        if episode == 1:
            (folder / f"Season {season:02}").mkdir()
        content = _content(number, episode)
        name = f"Season {season:02}/{title} - S{season:02}E{episode:02}.{content.container}"
        size = write(folder / name, content, mtime=MADE_AT)
        state.add_episode_file(
            series.id, name, season=season, episodes=[episode], size=size, audio=_listed(content)
        )


def _add_movie(state: ArrState, root: Path, number: int) -> None:
    title = f"Movie {number:05}"
    folder = root / f"{title} (2020)"
    folder.mkdir()
    movie = state.add_movie(title, str(folder), original_language="Japanese")
    content = _content(number, 1)
    name = f"{title} (2020).{content.container}"
    size = write(folder / name, content, mtime=MADE_AT)
    state.add_movie_file(movie.id, name, size=size, audio=_listed(content))


def _content(title: int, episode: int) -> FileSpec:
    kinds = _AUDIO[title % len(_AUDIO)]
    return spec("mkv" if title % _EVERY_MP4 else "mp4", kinds[episode % len(kinds)])


def _listed(content: FileSpec) -> str:
    return "/".join(track.language or "" for track in content.audio)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--movies", type=int, default=Size.movies)
    parser.add_argument("--series", type=int, default=Size.series)
    parser.add_argument("--episodes", type=int, default=Size.episodes)
    options = parser.parse_args()
    size = Size(options.movies, options.series, options.episodes)
    options.folder.mkdir(parents=True)
    start = time.monotonic()
    library = make(options.folder, size)
    for state in (library.sonarr, library.radarr):
        state.save(options.folder / f"{state.kind}.json")
    print(f"{size.files} files in {time.monotonic() - start:.1f} s")


if __name__ == "__main__":
    main()
