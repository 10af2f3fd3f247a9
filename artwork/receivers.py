"""What artwork does when Sonarr or Radarr tells something by webhook."""

from __future__ import annotations

from artwork.models import ArtSettings, Entity
from artwork.rechecks import expect
from library.contract import Heard, Receivers

REPLACING = frozenset({"Download", "Rename", "MovieFileDelete", "EpisodeFileDelete"})
"""Events at which an app may delete what stands beside a video."""


def hear(heard: Heard) -> None:
    """Have what was published put back. What deletes a title is none of these: its folder goes with it."""
    if heard.arr_id is None or not heard.connection.enabled or heard.event not in REPLACING:
        return
    known = Entity.objects.filter(media__connection=heard.connection, media__arr_id=heard.arr_id)
    title = known.select_related("connection").first()
    if title is not None and ArtSettings.of(title.connection).restore:
        expect(title)


BRINGS = Receivers(webhooks=(hear,))
