"""Answers in the shapes of the v3 API: the component schemas of Sonarr's and Radarr's OpenAPI documents.

As in the real applications, properties without a value are left out.
"""

from __future__ import annotations

import re
from typing import Any

import orjson

from demo.arr.languages import language_resource
from demo.arr.state import ArrState, Consumer, Episode, Media, MediaFile, RootFolder, Tag

Body = dict[str, Any]

_FREE_SPACE = 512 * 1024**3
_QUALITY_SONARR = {"id": 3, "name": "WEBDL-1080p", "source": "web", "resolution": 1080}
_QUALITY_RADARR = {"id": 3, "name": "WEBDL-1080p", "source": "webdl", "resolution": 1080, "modifier": "none"}


class Bodies:
    """The bodies of series and movies, kept as JSON text until their media changes.

    A list of thousands is asked for at every scan; making it from kept text costs microseconds a title.
    """

    def __init__(self, state: ArrState) -> None:
        self._state = state
        self._kept: dict[int, tuple[int, orjson.Fragment]] = {}

    def of(self, media: Media) -> orjson.Fragment:
        """The full body of one series or movie."""
        kept = self._kept.get(media.id)
        if kept is None or kept[0] != media.version:
            kept = (media.version, orjson.Fragment(orjson.dumps(media_resource(self._state, media))))
            self._kept[media.id] = kept
        return kept[1]


def media_resource(state: ArrState, media: Media, *, in_editor: bool = False) -> Body:
    """A `SeriesResource` or `MovieResource`.

    The answer of the editor lacks what the real applications fill in only elsewhere: statistics and the root
    folder.
    """
    if state.kind == "sonarr":
        return _series_resource(state, media, in_editor)
    return _movie_resource(state, media, in_editor)


def _series_resource(state: ArrState, series: Media, in_editor: bool) -> Body:
    numbers = sorted(series.seasons)
    seasons: list[Body] = [
        {"seasonNumber": number, "monitored": series.seasons[number]} for number in numbers
    ]
    body: Body = {
        **_common(state, series),
        "alternateTitles": [],
        "status": "ended",
        "ended": True,
        "seasons": seasons,
        "seasonFolder": True,
        "monitorNewItems": "all",
        "useSceneNumbering": False,
        "tvdbId": series.tvdb_id,
        "tvRageId": 0,
        "tvMazeId": 0,
        "tmdbId": series.tmdb_id,
        "firstAired": f"{series.year}-01-10T00:00:00Z",
        "lastAired": f"{series.year}-12-20T00:00:00Z",
        "seriesType": series.series_type,
        "network": "Channel Nine and a Half",
        "airTime": "20:00",
        "ratings": {"votes": 12, "value": 7.5},
        "languageProfileId": 1,
    }
    if not in_editor:
        files, episodes = state.files_of(series.id), state.episodes_of(series.id)
        body["rootFolderPath"] = _root_of(state, series)
        body["statistics"] = {
            "seasonCount": sum(1 for number in numbers if number > 0),
            **_series_statistics(files, episodes),
        }
        for season in seasons:
            number = season["seasonNumber"]
            season["statistics"] = _series_statistics(
                [file for file in files if file.season == number],
                [episode for episode in episodes if episode.season == number],
            )
    return body


def _series_statistics(files: list[MediaFile], episodes: list[Episode]) -> Body:
    with_file = sum(1 for episode in episodes if episode.file_id)
    # The applications count the episodes that are monitored or have a file.
    wanted = sum(1 for episode in episodes if episode.file_id or episode.monitored)
    return {
        "episodeFileCount": len(files),
        "episodeCount": wanted,
        "totalEpisodeCount": len(episodes),
        "sizeOnDisk": sum(file.size for file in files),
        "releaseGroups": sorted({file.release_group for file in files}),
        "percentOfEpisodes": 100.0 * with_file / wanted if wanted else 100.0,
    }


def _movie_resource(state: ArrState, movie: Media, in_editor: bool) -> Body:
    file = next(iter(state.files_of(movie.id)), None)
    body: Body = {
        **_common(state, movie),
        "originalTitle": movie.title,
        "alternateTitles": [],
        "secondaryYearSourceId": 0,
        "sizeOnDisk": file.size if file else 0,
        "status": "released",
        "inCinemas": f"{movie.year}-03-01T00:00:00Z",
        "digitalRelease": f"{movie.year}-06-01T00:00:00Z",
        "website": "",
        "youTubeTrailerId": "",
        "studio": "Paper Moon Pictures",
        "hasFile": file is not None,
        "movieFileId": file.id if file else 0,
        "minimumAvailability": "released",
        "isAvailable": True,
        "folderName": movie.path,
        "tmdbId": movie.tmdb_id,
        "ratings": {"tmdb": {"votes": 12, "value": 7.5, "type": "user"}},
        "popularity": 1.5,
        "statistics": {
            "movieFileCount": 1 if file else 0,
            "sizeOnDisk": file.size if file else 0,
            "releaseGroups": [file.release_group] if file else [],
        },
    }
    if file:
        body["movieFile"] = file_resource(state, file)
    if in_editor:
        del body["statistics"]
    else:
        body["rootFolderPath"] = _root_of(state, movie)
    return body


def _common(state: ArrState, media: Media) -> Body:
    clean = re.sub(r"\W+", "", media.title.lower())
    body: Body = {
        "id": media.id,
        "title": media.title,
        "sortTitle": re.sub(r"^(the|an?) ", "", media.title.lower()),
        "cleanTitle": clean,
        "titleSlug": re.sub(r"[^a-z0-9]+", "-", media.title.lower()).strip("-") or str(media.id),
        "overview": media.overview or f"{media.title} ({media.year}), a title of the stand-in library.",
        "images": [{"coverType": "poster", "url": f"/MediaCover/{media.id}/poster.jpg"}],
        "originalLanguage": language_resource(state.kind, media.original_language),
        "year": media.year,
        "path": media.path,
        "folder": media.path.rstrip("/").rpartition("/")[2],
        "qualityProfileId": media.quality_profile_id,
        "monitored": media.monitored,
        "runtime": 45,
        "certification": "TV-PG",
        "genres": media.genres,
        "tags": sorted(media.tags),
        "added": media.added,
    }
    if media.imdb_id:
        body["imdbId"] = media.imdb_id
    return body


def _root_of(state: ArrState, media: Media) -> str:
    """The longest root folder above the media, or its parent folder, as the applications guess it."""
    above = [
        folder.path
        for folder in state.root_folders.values()
        if media.path.startswith(folder.path.rstrip("/") + "/")
    ]
    return max(above, key=len) if above else media.path.rstrip("/").rpartition("/")[0]


def episode_resource(episode: Episode, series: Media) -> Body:
    """An `EpisodeResource` without its file and series, which come on request only and are not asked for."""
    body: Body = {
        "id": episode.id,
        "seriesId": episode.media_id,
        "tvdbId": 5_000_000 + episode.id,
        "episodeFileId": episode.file_id,
        "seasonNumber": episode.season,
        "episodeNumber": episode.number,
        "title": episode.title,
        "airDate": f"{series.year}-01-10",
        "airDateUtc": f"{series.year}-01-10T20:00:00Z",
        "runtime": 45,
        "overview": "",
        "hasFile": episode.file_id != 0,
        "monitored": episode.monitored,
        "unverifiedSceneNumbering": False,
    }
    if episode.absolute is not None:
        body["absoluteEpisodeNumber"] = episode.absolute
    return body


def file_resource(state: ArrState, file: MediaFile) -> Body:
    """An `EpisodeFileResource` or `MovieFileResource`."""
    body: Body = {
        "id": file.id,
        "relativePath": file.relative_path,
        "path": file.path,
        "size": file.size,
        "dateAdded": file.added,
        "sceneName": "",
        "releaseGroup": file.release_group,
        "languages": [language_resource(state.kind, name) for name in file.languages],
        "quality": {
            "quality": _QUALITY_SONARR if state.kind == "sonarr" else _QUALITY_RADARR,
            "revision": {"version": 1, "real": 0, "isRepack": False},
        },
        "customFormats": [],
        "customFormatScore": 0,
        "indexerFlags": 0,
        "mediaInfo": _media_info(file),
        "qualityCutoffNotMet": False,
    }
    if state.kind == "sonarr":
        return body | {
            "seriesId": file.media_id,
            "seasonNumber": file.season or 0,
            "releaseType": "singleEpisode",
        }
    return body | {"movieId": file.media_id, "edition": "", "originalFilePath": file.relative_path}


def _media_info(file: MediaFile) -> Body:
    return {
        "audioBitrate": 128000,
        "audioChannels": file.audio_channels,
        "audioCodec": file.audio_codec,
        "audioLanguages": file.audio,
        "audioStreamCount": file.audio_streams,
        "videoBitDepth": 8,
        "videoBitrate": 0,
        "videoCodec": "x264",
        "videoFps": 25.0,
        "videoDynamicRange": "",
        "videoDynamicRangeType": "",
        "resolution": "1920x1080",
        "runTime": "45:00",
        "scanType": "Progressive",
        "subtitles": file.subtitles,
    }


def tag_resource(tag: Tag) -> Body:
    return {"id": tag.id, "label": tag.label}


def tag_details_resource(state: ArrState, tag: Tag) -> Body:
    """A `TagDetailsResource`: the tag and everything that uses it."""
    media_ids = [media.id for media in state.media.values() if tag.id in media.tags]
    return {
        **tag_resource(tag),
        "delayProfileIds": [1] if tag.used_elsewhere else [],
        "importListIds": [],
        "notificationIds": [],
        "restrictionIds" if state.kind == "sonarr" else "releaseProfileIds": [],
        "indexerIds": [],
        "downloadClientIds": [],
        "autoTagIds": [],
        "seriesIds" if state.kind == "sonarr" else "movieIds": media_ids,
    }


def root_folder_resource(folder: RootFolder) -> Body:
    """A `RootFolderResource`; a folder that is not accessible shows no free space."""
    body: Body = {
        "id": folder.id,
        "path": folder.path,
        "accessible": folder.accessible,
        "unmappedFolders": [],
    }
    return body | {"freeSpace": _FREE_SPACE} if folder.accessible else body


def metadata_resource(consumer: Consumer) -> Body:
    """A `MetadataResource`."""
    return {
        "id": consumer.id,
        "name": consumer.name,
        "fields": [],
        "implementationName": consumer.name,
        "implementation": "XbmcMetadata",
        "configContract": "XbmcMetadataSettings",
        "tags": [],
        "enable": consumer.enabled,
    }


def system_status(kind: str, version: str, url_base: str, started: str) -> Body:
    name = kind.capitalize()
    return {
        "appName": name,
        "instanceName": name,
        "version": version,
        "buildTime": "2026-01-01T00:00:00Z",
        "isDebug": False,
        "isProduction": True,
        "isAdmin": False,
        "isUserInteractive": False,
        "startupPath": f"/app/{kind}/bin",
        "appData": "/config",
        "osName": "debian",
        "osVersion": "12",
        "isNetCore": True,
        "isLinux": True,
        "isOsx": False,
        "isWindows": False,
        "isDocker": True,
        "mode": "console",
        "branch": "main",
        "authentication": "forms",
        "migrationVersion": 200,
        "urlBase": url_base,
        "runtimeVersion": "8.0.0",
        "runtimeName": ".NET",
        "startTime": started,
        "packageUpdateMechanism": "docker",
        "databaseType": "sqLite",
        "databaseVersion": "3.46.0",
    }
