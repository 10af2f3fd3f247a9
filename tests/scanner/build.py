"""Short ways to put series and movies with real files on disk and into a stand-in."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from demo.arr.process import StandIn
from demo.arr.state import ArrState
from demo.arr.state import Media as ArrMedia
from demo.media_files import AudioSpec, FileSpec, write
from library.models import File, Media

JPN_ENG = ("jpn", "eng")


def spec(*languages: str | None, container: str = "mkv") -> FileSpec:
    """A video file with one audio track for each language; None is a track without one."""
    return FileSpec(
        audio=tuple(AudioSpec(language=language) for language in languages),
        container="mp4" if container == "mp4" else "mkv",
    )


def add_series(
    state: ArrState,
    root: Path,
    title: str,
    seasons: dict[int, list[FileSpec | None]],
    *,
    original: str = "Japanese",
    tags: list[str] | None = None,
    genres: list[str] | None = None,
) -> ArrMedia:
    """Add a series whose folder lies in `root`; each season lists its episodes (None: no file)."""
    folder = root / title
    series = state.add_series(title, str(folder), original_language=original, tags=tags, genres=genres or [])
    for season, files in seasons.items():
        (folder / f"Season {season:02}").mkdir(parents=True, exist_ok=True)
        for number, content in enumerate(files, 1):
            state.add_episode(series.id, season, number)
            if content is not None:
                add_episode(state, series, season, number, content)
    return series


def add_episode(state: ArrState, series: ArrMedia, season: int, number: int, content: FileSpec) -> Path:
    """Write one episode's file and tell the app of it; return its path."""
    name = f"Season {season:02}/{series.title} - S{season:02}E{number:02}.{content.container}"
    path = Path(series.path) / name
    size = write(path, content)
    state.add_episode_file(
        series.id, name, season=season, episodes=[number], size=size, audio=listed(content)
    )
    return path


def add_movie(
    state: ArrState,
    root: Path,
    title: str,
    content: FileSpec | None,
    *,
    original: str = "Japanese",
    tags: list[str] | None = None,
) -> ArrMedia:
    """Add a movie whose folder lies in `root`, with its file unless `content` is None."""
    folder = root / title
    movie = state.add_movie(title, str(folder), original_language=original, tags=tags)
    if content is not None:
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{title}.{content.container}"
        size = write(folder / name, content)
        state.add_movie_file(movie.id, name, size=size, audio=listed(content))
    return movie


def listed(content: FileSpec) -> str:
    """The audio languages as the app lists them: tracks without one are left out."""
    return "/".join(track.language for track in content.audio if track.language)


def tags_at(stand_in: StandIn) -> dict[str, set[str]]:
    """The labels that every title carries in the app now, by title."""
    state = stand_in.state()
    return {media.title: state.labels_of(media.id) for media in state.media.values()}


def writes_at(stand_in: StandIn) -> list[str]:
    """Every request that changed something, as 'METHOD path'."""
    return [f"{r['method']} {r['path']}" for r in stand_in.journal() if r["method"] != "GET"]


def media_named(title: str) -> Media:
    """The row of the media with this title."""
    return Media.objects.get(title=title)


EXPECTED = {
    "Dubbed": "dub",
    "Half": "semi-dub",
    "Wrong": "wrong-dub",
    "Native": "original",
    "Empty": "unknown",
}
TAGS = {
    "Dubbed": {"4k", "dub"},
    "Half": {"semi-dub"},
    "Wrong": {"wrong-dub"},
    "Native": {"kids"},
    "Empty": set(),
}


def probed() -> dict[str, datetime]:
    """When every file was read, by path."""
    return {path: at for path, at in File.objects.values_list("path", "scan_state__probed_at") if at}


def verdicts() -> dict[str, str]:
    """The verdict of every title, by title."""
    return dict(Media.objects.values_list("title", "scan_state__verdict"))
