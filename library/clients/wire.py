"""What Sonarr and Radarr answer, read from JSON into our own types.

Shapes follow the component schemas of the applications' v3 OpenAPI documents (`SeriesResource`,
`MovieResource`, `EpisodeResource`, `EpisodeFileResource`, `MovieFileResource`, `TagResource`,
`SystemResource`). Unknown fields are ignored. How strict a field is read depends on what a mistake would
cost:

- Identity (ids, tags, the numbers that join episodes and files) is read strictly: a wrong type raises
  `WireError`, and the whole list with it, because a list that is believed to be whole decides what is
  forgotten.
- Null, or absent, is the empty value wherever the documents allow it.
- What only describes (title, year, genres) falls back to an empty value, whatever stands there.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from core.outbound.shapes import INT32, INT64, WireError, as_object, number, read_list, text
from library.paths import last_part

T = TypeVar("T")

_SMALL = 2**15 - 1
# About how many bytes take a number with its place in a tuple, a season with its own, a title but its texts.
_NUMBER, _SEASON, _MEDIA = 40, 64, 500


@dataclass(frozen=True, slots=True)
class Status:
    app_name: str
    version: str


@dataclass(frozen=True, slots=True)
class RemoteSeason:
    """One season of a series; 0 holds the specials."""

    number: int
    monitored: bool


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One video file as the application knows it. `size` is in bytes; `season` is None for a movie.

    `arr_languages` are the audio languages as the application lists them ("jpn/eng"); `arr_audio_streams`
    counts the audio streams, unlabelled ones included. `monitored` is whether the application watches for
    any of the episodes in it; a movie says that itself.
    """

    arr_file_id: int
    path: str
    size: int
    season: int | None = None
    episode_ids: tuple[int, ...] = ()
    episodes: tuple[int, ...] = ()
    arr_languages: str = ""
    arr_audio_streams: int = 0
    monitored: bool = True


@dataclass(frozen=True, slots=True)
class RemoteEpisode:
    """One episode: the id of its file (0: none), its own id, its number, and whether it is watched for."""

    file_id: int
    arr_id: int
    number: int
    monitored: bool = True


@dataclass(frozen=True, slots=True)
class RemoteMedia:
    """One series or movie.

    `original_language` is the application's name for it, empty where it does not know. `file_count` and
    `size_on_disk` (bytes) are the application's statistics. `movie_file` is a movie's one file.
    """

    arr_id: int
    title: str
    sort_title: str
    year: int | None
    path: str
    original_language: str
    genres: tuple[str, ...]
    tvdb_id: int | None
    tmdb_id: int | None
    imdb_id: str
    tag_ids: tuple[int, ...]
    title_slug: str = ""
    overview: str = ""
    monitored: bool = True
    seasons: tuple[RemoteSeason, ...] = ()
    file_count: int = 0
    size_on_disk: int = 0
    movie_file: RemoteFile | None = None

    @property
    def weight(self) -> int:
        """About how many bytes of memory this takes."""
        file = self.movie_file
        texts = [
            self.title,
            self.sort_title,
            self.title_slug,
            self.path,
            self.original_language,
            self.overview,
            *self.genres,
        ]
        texts += [file.path, file.arr_languages] if file else []
        lists = _SEASON * len(self.seasons) + _NUMBER * len(self.tag_ids)
        return sum(map(sys.getsizeof, texts)) + lists + _MEDIA

    @property
    def fingerprint(self) -> str:
        """What changes when files come, go, are replaced or move: at most 100 characters.

        A series shows its number of files, their size and its folder; a movie shows its file, with what the
        application says of its audio.
        """
        file = self.movie_file
        if file is None:
            return f"{self.file_count}:{self.size_on_disk}:{_short_hash(self.path)}"
        audio = f"{file.arr_languages}|{file.arr_audio_streams}"
        return f"{file.arr_file_id}:{file.size}:{_short_hash(file.path + '|' + audio)}"


def _short_hash(text: str) -> str:
    return hashlib.blake2s(text.encode(), digest_size=4).hexdigest()


# Reading


def read_status(data: Any) -> Status:
    """A `SystemResource`. Raises WireError where it names no application."""
    record = as_object(data, "status")
    app_name = record.get("appName")
    if not isinstance(app_name, str) or not app_name:
        raise WireError("the status does not name its application")
    return Status(text(app_name, 50), text(record.get("version"), 50))


def read_tag(record: dict[str, Any]) -> tuple[int, str]:
    """A `TagResource`: its id and label (empty where the label is null)."""
    return number(record, "id", 1), text(record.get("label"), 200)


def read_id(record: dict[str, Any]) -> int:
    return number(record, "id", 1)


def read_root_folder(record: dict[str, Any]) -> str:
    """The path of a `RootFolderResource`, as the application names it."""
    return text(record.get("path"), 4096)


def read_metadata_consumer(record: dict[str, Any]) -> tuple[str, bool]:
    """The name of a `MetadataResource`, and whether it is switched on."""
    return text(record.get("name"), 200), record.get("enable") is True


def read_series(record: dict[str, Any]) -> RemoteMedia:
    """A `SeriesResource`."""
    statistics = record.get("statistics") or {}
    if not isinstance(statistics, dict):
        raise WireError("the statistics of a series are no object")
    return _media(
        record,
        seasons=tuple(read_list(record.get("seasons") or [], _season, "seasons")),
        file_count=number(statistics, "episodeFileCount", 0, default=0),
        size_on_disk=number(statistics, "sizeOnDisk", 0, INT64, default=0),
    )


def read_movie(record: dict[str, Any]) -> RemoteMedia:
    """A `MovieResource` with the movie file that it embeds."""
    file = _movie_file(record)
    return _media(record, movie_file=file, file_count=1 if file else 0, size_on_disk=file.size if file else 0)


def read_edited(record: dict[str, Any]) -> tuple[int, list[int]]:
    """The id and the tag ids of a series or movie that an editor call answered with."""
    return number(record, "id", 1), list(_tag_ids(record))


def read_episode(record: dict[str, Any]) -> RemoteEpisode:
    """An `EpisodeResource`."""
    return RemoteEpisode(
        file_id=number(record, "episodeFileId", 0, default=0),
        arr_id=number(record, "id", 1),
        number=number(record, "episodeNumber", 0, default=0),
        monitored=record.get("monitored") is not False,
    )


def read_episode_file(record: dict[str, Any]) -> RemoteFile:
    """An `EpisodeFileResource`, which does not tell its episodes.

    Raises WireError where the file has no path: without one it cannot be told from the others.
    """
    file_id = number(record, "id", 1)
    path = text(record.get("path"), None)
    if not path:
        raise WireError(f"episode file {file_id} has no path")
    return _file(record, file_id, path, season=number(record, "seasonNumber", 0, default=0))


def with_episodes(file: RemoteFile, episodes: Iterable[RemoteEpisode]) -> RemoteFile:
    mine = sorted(episodes, key=lambda episode: (episode.number, episode.arr_id))
    return replace(
        file,
        episodes=tuple(episode.number for episode in mine),
        episode_ids=tuple(episode.arr_id for episode in mine),
        monitored=not mine or any(episode.monitored for episode in mine),
    )


def _movie_file(record: dict[str, Any]) -> RemoteFile | None:
    """The embedded `MovieFileResource`; None where there is none, or where nothing says where it lies."""
    embedded = record.get("movieFile")
    if embedded is None:
        return None
    embedded = as_object(embedded, "movie file")
    path = text(embedded.get("path"), None)
    folder, relative = text(record.get("path"), None), text(embedded.get("relativePath"), None)
    if not path and folder and relative:
        path = f"{folder.rstrip('/')}/{relative}"
    return _file(embedded, number(embedded, "id", 1), path) if path else None


def _file(record: dict[str, Any], file_id: int, path: str, **fields: Any) -> RemoteFile:
    info = record.get("mediaInfo") or {}
    if not isinstance(info, dict):
        info = {}
    streams = info.get("audioStreamCount")
    return RemoteFile(
        arr_file_id=file_id,
        path=_checked_path(path),
        size=number(record, "size", 0, INT64, default=0),
        arr_languages=text(info.get("audioLanguages"), 500),
        arr_audio_streams=streams if isinstance(streams, int) and 0 <= streams <= _SMALL else 0,
        **fields,
    )


def _media(record: dict[str, Any], **fields: Any) -> RemoteMedia:
    arr_id = number(record, "id", 1)
    path = _checked_path(text(record.get("path"), None))
    title = text(record.get("title"), 500) or last_part(path) or f"No. {arr_id}"
    return RemoteMedia(
        arr_id=arr_id,
        title=title,
        sort_title=text(record.get("sortTitle"), 500) or title.lower(),
        title_slug=text(record.get("titleSlug"), 500),
        year=_year(record.get("year")),
        path=path,
        original_language=_language(record.get("originalLanguage")),
        genres=_texts(record.get("genres")),
        overview=text(record.get("overview"), 1000),
        tvdb_id=number(record, "tvdbId", 0, default=0) or None,
        tmdb_id=number(record, "tmdbId", 0, default=0) or None,
        imdb_id=text(record.get("imdbId"), 20),
        monitored=record.get("monitored") is not False,
        tag_ids=_tag_ids(record),
        **fields,
    )


def _season(record: dict[str, Any]) -> RemoteSeason:
    return RemoteSeason(number(record, "seasonNumber", 0), record.get("monitored") is not False)


def _tag_ids(record: dict[str, Any]) -> tuple[int, ...]:
    tags = record.get("tags")
    if tags is None:
        return ()
    if not isinstance(tags, list) or not all(type(tag) is int for tag in tags):
        raise WireError("the tags of a series or movie are no list of ids")
    return tuple(tags)


def _language(data: Any) -> str:
    name = text(data.get("name"), 100) if isinstance(data, dict) else ""
    # Both applications show a title whose language they do not know as "Unknown" (id 0).
    return "" if name == "Unknown" else name


def _texts(data: Any) -> tuple[str, ...]:
    if not isinstance(data, list):
        return ()
    return tuple(text(entry, 200) for entry in data if isinstance(entry, str) and entry)


def _year(data: Any) -> int | None:
    return data if type(data) is int and 0 < data <= INT32 else None


def _checked_path(path: str) -> str:
    # No file system that the applications run on takes a longer one, and a path cut short is another path.
    if len(path) > 4096:
        raise WireError("a path is longer than 4096 characters")
    return path
