"""Players that hold the demo library: what Sonarr and Radarr manage, as players find it on the disk."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

from demo.arr.state import ArrState
from demo.library import LibraryState
from demo.players import scans
from demo.players.stash.state import StashState
from demo.players.state import Item, Kind, PlayerState


def player_state(kind: Kind, demo: LibraryState) -> PlayerState:
    """A player whose libraries are the root folders of the demo's apps; the archives are not mounted."""
    state = PlayerState(kind)
    radarr, sonarr = demo.state("radarr"), demo.state("sonarr")
    movies = state.add_library("Movies", "movie", _mounted(radarr))
    for media in radarr.media.values():
        ids = {"tmdb": str(media.tmdb_id), "imdb": media.imdb_id}
        for file in radarr.files_of(media.id):
            if Path(file.path).is_file():
                movie = state.add_movie(
                    movies.id,
                    file.path,
                    title=media.title,
                    year=media.year,
                    size=file.size,
                    guids=ids,
                    texts={"summary": media.overview},
                )
                _read(state, movie)
    shows = state.add_library("TV Shows", "show", _mounted(sonarr))
    for media in sonarr.media.values():
        if not sonarr.files_of(media.id) or not Path(media.path).is_dir():
            continue
        ids = {"tvdb": str(media.tvdb_id), "imdb": media.imdb_id}
        show = state.add_show(shows.id, media.path, title=media.title, year=media.year, guids=ids)
        _read(state, show)
        for episode in sonarr.episodes_of(media.id):
            if episode.file_id:
                file = sonarr.files[episode.file_id]
                state.add_episode(
                    show, episode.season, episode.number, file.path, title=episode.title, size=file.size
                )
    # All of it lies on the real disk.
    state.disk.clear()
    return state


def add_shows(state: PlayerState, sonarr: ArrState, root: str, folder: str, **fields: Any) -> None:
    """Adds all that a Sonarr manages below `root`, as a player finds it that has that as `folder`; `fields`
    are those of each show.
    """
    library = state.add_library("TV Shows", "show", [folder])
    for media in sonarr.media.values():
        place = media.path.replace(root, folder, 1)
        show = state.add_show(library.id, place, title=media.title, **deepcopy(fields))
        for episode in sonarr.episodes_of(media.id):
            if episode.file_id:
                path = sonarr.files[episode.file_id].path.replace(root, folder, 1)
                state.add_episode(show, episode.season, episode.number, path)


def stash_state(demo: LibraryState) -> StashState:
    """A Stash whose scenes are the movies of the demo, with their genres as tags."""
    state = StashState()
    radarr = demo.state("radarr")
    state.folders = _mounted(radarr)
    for media in radarr.media.values():
        paths = [file.path for file in radarr.files_of(media.id) if Path(file.path).is_file()]
        if paths:
            state.add_scene(
                *paths,
                title=media.title,
                details=media.overview,
                date=f"{media.year}-01-01",
                tags=tuple(media.genres),
                studio=media.original_language or None,
                organized=True,
            )
    return state


def _mounted(arr: ArrState) -> list[str]:
    return [folder.path for folder in arr.root_folders.values() if Path(folder.path).is_dir()]


def _read(state: PlayerState, item: Item) -> None:
    scans.read(state, item)
    item.given = {"title": item.title, **item.texts, **item.lists}
