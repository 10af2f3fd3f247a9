"""Which files a title has now, by the app or by what lies in its folder."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from core.errors import StorageError
from library.clients import LibraryClient, RemoteFile
from library.files import fetch_files, list_files
from library.folder.episodes import parse_episodes
from library.folder.videos import choose_movie_file
from library.models import File, Media, holds_series
from library.root_folders import parent_of, why_offline
from library.roots import MediaRoots
from scanner.facts.sources import Source
from scanner.models import FileScanState


def files_of(
    media: Media, known: Sequence[File], seasons: Mapping[int, int], client: LibraryClient, source: Source
) -> list[File]:
    """Return the rows of the files that a title has now, each with its state; those that it had are `known`,
    and `seasons` are the ids of its seasons by number.

    A new row has the state that it will have when it is stored.
    """
    if holds_series(media.connection):
        remote = fetch_files(media, client) if media.arr_file_count else []
        files = list_files(media, [_numbered(file, media.path) for file in remote], known, seasons)
    elif source == Source.DISK and not any(file.arr_file_id for file in known):
        files = _find_movie_file(media, known)
    else:
        return list(known)
    states = {file.pk: file.scan_state for file in known}
    for file in files:
        state = states.get(file.pk) or FileScanState()
        state.file = file  # which keeps the state at the file too
    return files


def _numbered(file: RemoteFile, folder: str) -> RemoteFile:
    """Return a file with the season and episodes that its name tells, where the app knows no episode."""
    if file.episodes:
        return file
    told = parse_episodes(file.path.removeprefix(folder))
    season = file.season if file.season is not None else told.season
    return replace(file, season=season, episodes=told.episodes)


def _find_movie_file(media: Media, known: Sequence[File]) -> list[File]:
    """Return the row, made where it is missing, of the file to read for a movie that the app knows none of:
    the largest video of its folder that is no sample, trailer or extra.

    An empty list means that its folder holds none, or does not exist: most wanted movies have neither. Rows
    that are `known` from before are forgotten where their file is gone, and kept while its mount is.
    """
    mappings = media.connection.path_mappings.all()
    folder = Path(MediaRoots(media.path, mappings).local(media.path))
    sizes = dict(_sizes(folder))
    chosen = choose_movie_file(sizes)
    if chosen is None:
        if known and why_offline(parent_of(media.path), mappings):
            return list(known)
        media.files.filter(arr_file_id=None).delete()
        return []
    remote = f"{media.path.rstrip('/')}/{chosen}"
    media.files.filter(arr_file_id=None).exclude(path=remote).delete()
    for file in known:
        if file.path == remote:
            return [file]
    file, _ = File.objects.get_or_create(media=media, path=remote, defaults={"size": sizes[chosen]})
    return [file]


def _sizes(folder: Path) -> Iterator[tuple[str, int]]:
    """Yield name and size of every regular file directly in a folder."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_file():
                    yield entry.name, entry.stat().st_size
    except FileNotFoundError:
        return
    except OSError as error:
        raise StorageError(
            f"The folder {folder} cannot be read ({error.strerror}): check its mount."
        ) from error
