"""The client of Radarr."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.outbound import shapes

from . import wire
from .base import ArrClient


class RadarrClient(ArrClient):
    app = "Radarr"
    resource = "movie"
    ids_field = "movieIds"
    command_field = "movieId"

    def files(self, arr_id: int) -> list[wire.RemoteFile]:
        """Return the movie's file, if it has one: it is embedded in the movie. GET movie/{id}."""
        data = self._get(f"movie/{arr_id}")
        movie = self._read(lambda: wire.read_movie(shapes.as_object(data, "movie")))
        return [movie.movie_file] if movie.movie_file is not None else []

    def search(self, arr_id: int, episode_ids: Sequence[int]) -> None:  # noqa: ARG002
        self._call("POST", "command", {"name": "MoviesSearch", "movieIds": [arr_id]}, tries=1)

    def unmonitor(self, arr_id: int, episode_ids: Sequence[int]) -> None:  # noqa: ARG002
        self._call("PUT", "movie/editor", {"movieIds": [arr_id], "monitored": False})

    def _media_of(self, record: dict[str, Any]) -> wire.RemoteMedia:
        """Watch no longer for a movie. PUT movie/editor."""
        """Search for releases of a movie. POST command, MoviesSearch."""
        return wire.read_movie(record)
