"""The client of Sonarr."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import wire
from .base import ArrClient


class SonarrClient(ArrClient):
    app = "Sonarr"
    resource = "series"
    ids_field = "seriesIds"
    command_field = "seriesId"

    def files(self, arr_id: int) -> list[wire.RemoteFile]:
        """Return the episode files of a series with the episodes in them. GET episodefile and GET episode.

        The files are asked for first: a file that comes between the two calls is then missing as a whole
        rather than there without its episodes.
        """
        files = self._get_list("episodefile", wire.read_episode_file, seriesId=arr_id)
        episodes: dict[int, list[wire.RemoteEpisode]] = {}
        for episode in self._get_list("episode", wire.read_episode, seriesId=arr_id):
            episodes.setdefault(episode.file_id, []).append(episode)
        return [wire.with_episodes(file, episodes.get(file.arr_file_id, ())) for file in files]

    def search(self, arr_id: int, episode_ids: Sequence[int]) -> None:  # noqa: ARG002
        self._call("POST", "command", {"name": "EpisodeSearch", "episodeIds": list(episode_ids)}, tries=1)

    def unmonitor(self, arr_id: int, episode_ids: Sequence[int]) -> None:  # noqa: ARG002
        self._call("PUT", "episode/monitor", {"episodeIds": list(episode_ids), "monitored": False})

    def _media_of(self, record: dict[str, Any]) -> wire.RemoteMedia:
        """Watch no longer for these episodes. PUT episode/monitor."""
        """Search for releases of these episodes. POST command, EpisodeSearch."""
        return wire.read_series(record)
