"""What a stand-in knows: its series or movies, their episodes and files, tags and root folders.

Plain data with a small builder, so that the demo library and every test can make a library in code::

    state = ArrState("sonarr")
    series = state.add_series("Lantern Harbour", "/tv/Lantern Harbour", original_language="Japanese")
    state.add_episode_file(series.id, "Season 01/S01E01.mkv", season=1, episodes=[1], audio="jpn/eng")
    state.save(path)

Nothing here speaks HTTP: `resources` turns it into answers,
and `rules` changes it as the real applications would.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Literal

Kind = Literal["sonarr", "radarr"]

ADDED = "2026-01-15T12:00:00Z"
QUALITY_PROFILE = 1


@dataclass(slots=True)
class Tag:
    """One tag object. `used_elsewhere`: a delay profile uses it, so that housekeeping leaves it alone."""

    id: int
    label: str
    used_elsewhere: bool = False


@dataclass(slots=True)
class RootFolder:
    """One root folder, as the application names it. `accessible` is what the application says of it."""

    id: int
    path: str
    accessible: bool = True


@dataclass(slots=True)
class Consumer:
    """What writes NFO files and pictures for a player ("Kodi (XBMC) / Emby"), where it is switched on."""

    id: int
    name: str
    enabled: bool = True


@dataclass(slots=True)
class Episode:
    """One episode. `file_id` is 0 where it has no file; a file may belong to several episodes."""

    id: int
    media_id: int
    season: int
    number: int
    title: str
    file_id: int = 0
    absolute: int | None = None
    monitored: bool = True


@dataclass(slots=True)
class MediaFile:
    """One episode file or movie file. `size` is in bytes; `season` is None for a movie.

    `audio` and `subtitles` are the codes that the application lists, joined by slashes ("jpn/eng");
    `audio_streams` counts the audio streams, untagged ones included. `languages` are the names that the
    release claims.
    """

    id: int
    media_id: int
    relative_path: str
    path: str
    size: int
    season: int | None = None
    audio: str = ""
    audio_streams: int = 0
    audio_channels: float = 2.0
    audio_codec: str = "AAC"
    subtitles: str = ""
    languages: list[str] = field(default_factory=lambda: ["English"])
    release_group: str = "NONE"
    added: str = ADDED


@dataclass(slots=True)
class Media:
    """One series or movie. `tags` holds tag ids; `seasons` maps a season number to its monitored flag.

    `version` rises with every change and is not saved: answers made from an older version are made anew.
    """

    id: int
    title: str
    path: str
    year: int = 2020
    original_language: str = "English"
    genres: list[str] = field(default_factory=list)
    tags: list[int] = field(default_factory=list)
    monitored: bool = True
    series_type: str = "standard"
    seasons: dict[int, bool] = field(default_factory=dict)
    tvdb_id: int = 0
    tmdb_id: int = 0
    imdb_id: str = ""
    overview: str = ""
    quality_profile_id: int = QUALITY_PROFILE
    added: str = ADDED
    version: int = 0


class ArrState:
    """All that one stand-in Sonarr or Radarr knows. Ids count up and are never given twice."""

    def __init__(self, kind: Kind) -> None:
        self.kind: Kind = kind
        self.media: dict[int, Media] = {}
        self.episodes: dict[int, Episode] = {}
        self.files: dict[int, MediaFile] = {}
        self.tags: dict[int, Tag] = {}
        self.root_folders: dict[int, RootFolder] = {}
        self.consumers: dict[int, Consumer] = {}
        self.last_ids: dict[str, int] = {}
        self._episodes_of: dict[int, list[Episode]] = {}
        self._files_of: dict[int, list[MediaFile]] = {}

    # Reading

    def episodes_of(self, media_id: int) -> list[Episode]:
        """The episodes of a series, in the order they were added."""
        return self._episodes_of.get(media_id, [])

    def files_of(self, media_id: int) -> list[MediaFile]:
        """The files of a series or movie, in the order they were added."""
        return self._files_of.get(media_id, [])

    def tag_named(self, label: str) -> Tag | None:
        """The tag with this label (labels are lower case), or None."""
        wanted = label.lower()
        return next((tag for tag in self.tags.values() if tag.label == wanted), None)

    def labels_of(self, media_id: int) -> set[str]:
        """The labels of the tags that a series or movie carries; ids of deleted tags are left out."""
        return {self.tags[tag_id].label for tag_id in self.media[media_id].tags if tag_id in self.tags}

    def titled(self, title: str) -> Media:
        """The series or movie of this title.

        Raises:
            KeyError: there is none.
        """
        for media in self.media.values():
            if media.title == title:
                return media
        raise KeyError(title)

    # Building

    def add_tag(self, label: str, *, used_elsewhere: bool = False) -> Tag:
        """The tag with this label in lower case; made if it is not there yet."""
        known = self.tag_named(label)
        if known is not None:
            return known
        tag = Tag(self._next_id("tag"), label.lower(), used_elsewhere)
        self.tags[tag.id] = tag
        return tag

    def add_root_folder(self, path: str, *, accessible: bool = True) -> RootFolder:
        """Adds a root folder; `path` may end in a slash."""
        folder = RootFolder(self._next_id("root"), path, accessible)
        self.root_folders[folder.id] = folder
        return folder

    def add_consumer(self, name: str, *, enabled: bool = True) -> Consumer:
        """Adds what writes files for a player."""
        consumer = Consumer(self._next_id("consumer"), name, enabled)
        self.consumers[consumer.id] = consumer
        return consumer

    def add_series(self, title: str, path: str, *, tags: list[str] | None = None, **fields: Any) -> Media:
        """Adds a series at `path` with tags named by their labels; `fields` are those of `Media`."""
        fields.setdefault("tvdb_id", 70000 + len(self.media) + 1)
        return self._add_media(title, path, tags or [], fields)

    def add_movie(self, title: str, path: str, *, tags: list[str] | None = None, **fields: Any) -> Media:
        """Adds a movie at `path` with tags named by their labels; `fields` are those of `Media`."""
        fields.setdefault("tmdb_id", 900000 + len(self.media) + 1)
        return self._add_media(title, path, tags or [], fields)

    def add_episode(self, media_id: int, season: int, number: int, **fields: Any) -> Episode:
        """The episode of this season and number, made if it is not there; `fields` are those of `Episode`."""
        for known in self.episodes_of(media_id):
            if (known.season, known.number) == (season, number):
                return known
        fields.setdefault("title", f"Episode {number}")
        episode = Episode(self._next_id("episode"), media_id, season, number, **fields)
        self._index_episode(episode)
        self.media[media_id].seasons.setdefault(season, True)
        self.touch(media_id)
        return episode

    def add_episode_file(
        self,
        media_id: int,
        relative_path: str,
        *,
        season: int,
        episodes: list[int],
        size: int = 1000,
        **fields: Any,
    ) -> MediaFile:
        """Adds a file of these episode numbers (made where missing); `fields` are those of `MediaFile`."""
        added = self._add_file(media_id, relative_path, size, {"season": season, **fields})
        for number in episodes:
            self.add_episode(media_id, season, number).file_id = added.id
        return added

    def add_movie_file(
        self, media_id: int, relative_path: str, *, size: int = 1000, **fields: Any
    ) -> MediaFile:
        """Sets the one file of a movie; a file it had before is forgotten, as after an upgrade."""
        for old in list(self.files_of(media_id)):
            self.remove_file(old.id)
        return self._add_file(media_id, relative_path, size, fields)

    def replace_file(self, file_id: int, **fields: Any) -> MediaFile:
        """Puts a new file in the place of an old one, under a new id, as an upgrade does.

        What `fields` (those of `MediaFile`) do not name is taken from the old file.
        """
        old = self.files[file_id]
        episodes = [episode for episode in self.episodes_of(old.media_id) if episode.file_id == file_id]
        self.remove_file(file_id)
        kept = {name: value for name, value in asdict(old).items() if name not in ("id", "media_id", "path")}
        merged = {**kept, **fields}
        new = self._add_file(old.media_id, merged.pop("relative_path"), merged.pop("size"), merged)
        for episode in episodes:
            episode.file_id = new.id
        return new

    # Taking away

    def remove_file(self, file_id: int) -> None:
        """Forgets a file; its episodes stay, without one."""
        gone = self.files.pop(file_id)
        self._files_of[gone.media_id].remove(gone)
        for episode in self.episodes_of(gone.media_id):
            if episode.file_id == file_id:
                episode.file_id = 0
        self.touch(gone.media_id)

    def remove_media(self, media_id: int) -> None:
        """Forgets a series or movie with its episodes and files; the tags stay until housekeeping."""
        del self.media[media_id]
        for episode in self._episodes_of.pop(media_id, []):
            del self.episodes[episode.id]
        for file in self._files_of.pop(media_id, []):
            del self.files[file.id]

    def touch(self, media_id: int) -> None:
        """Notes that a series or movie, or anything shown with it, has changed."""
        self.media[media_id].version += 1

    # Keeping

    def to_json(self) -> dict[str, Any]:
        """The whole state as JSON-able data; `from_json` reads it."""
        groups = {name: [asdict(row) for row in getattr(self, name).values()] for name in _ROWS}
        for media in groups["media"]:
            del media["version"]
            # JSON has no integer keys.
            media["seasons"] = {str(number): monitored for number, monitored in media["seasons"].items()}
        return {"kind": self.kind, "last_ids": self.last_ids, **groups}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ArrState:
        state = cls(data["kind"])
        state.last_ids = dict(data["last_ids"])
        for name, row_class in _ROWS.items():
            rows = getattr(state, name)
            for fields in data[name]:
                rows[fields["id"]] = row_class(**fields)
        for media in state.media.values():
            media.seasons = {int(number): monitored for number, monitored in media.seasons.items()}
        for episode in state.episodes.values():
            state._episodes_of.setdefault(episode.media_id, []).append(episode)
        for file in state.files.values():
            state._files_of.setdefault(file.media_id, []).append(file)
        return state

    def save(self, path: Path) -> None:
        """Writes the state to a JSON file, whole or not at all."""
        part = path.with_name(path.name + ".part")
        part.write_text(json.dumps(self.to_json(), ensure_ascii=False), encoding="utf-8")
        part.replace(path)

    @classmethod
    def load(cls, path: Path) -> ArrState:
        return cls.from_json(json.loads(path.read_text(encoding="utf-8")))

    # Within

    def _next_id(self, name: str) -> int:
        self.last_ids[name] = self.last_ids.get(name, 0) + 1
        return self.last_ids[name]

    def _add_media(self, title: str, path: str, labels: list[str], fields: dict[str, Any]) -> Media:
        media = Media(self._next_id("media"), title, path, **fields)
        media.tags = [self.add_tag(label).id for label in labels]
        self.media[media.id] = media
        return media

    def _add_file(self, media_id: int, relative_path: str, size: int, fields: dict[str, Any]) -> MediaFile:
        path = str(PurePosixPath(self.media[media_id].path) / relative_path)
        fields.setdefault("audio_streams", len([code for code in fields.get("audio", "").split("/") if code]))
        added = MediaFile(self._next_id("file"), media_id, relative_path, path, size, **fields)
        self.files[added.id] = added
        self._files_of.setdefault(media_id, []).append(added)
        self.touch(media_id)
        return added

    def _index_episode(self, episode: Episode) -> None:
        self.episodes[episode.id] = episode
        self._episodes_of.setdefault(episode.media_id, []).append(episode)


_ROWS: dict[str, type] = {
    "media": Media,
    "episodes": Episode,
    "files": MediaFile,
    "tags": Tag,
    "root_folders": RootFolder,
    "consumers": Consumer,
}
