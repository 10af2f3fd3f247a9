"""What artwork does when Sonarr or Radarr tells something by webhook."""

from __future__ import annotations

from artwork.jobs import welcome
from artwork.models import ArtSettings, Entity
from artwork.rechecks import expect
from library.contract import Heard, Receivers

REPLACING = frozenset({"Download", "Rename", "MovieFileDelete", "EpisodeFileDelete"})
"""Events at which an app may delete what stands beside a video."""

IMPORTED = "Download"


def hear(heard: Heard) -> None:
    """Have what was published put back, and a title that is new be published, where the settings say so.

    What deletes a title is none of these events: its folder goes with it.
    """
    if heard.arr_id is None or not heard.connection.enabled or heard.event not in REPLACING:
        return
    known = Entity.objects.filter(media__connection=heard.connection, media__arr_id=heard.arr_id)
    title = known.select_related("connection").first()
    settings = ArtSettings.of(heard.connection)
    if title is not None and settings.restore:
        expect(title)
    # What was prepared waits for a person where not all changes are published by themselves.
    if heard.event == IMPORTED and settings.publish_new and (title is None or _is_new(title)):
        welcome(heard.connection, heard.arr_id)


def _is_new(title: Entity) -> bool:
    return title.prepared_at is None and not title.publications.exists()


BRINGS = Receivers(webhooks=(hear,))
