"""What artwork does when Sonarr or Radarr tells something by webhook."""

from __future__ import annotations

from artwork.jobs import welcome
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
    is_new = expect(heard.connection, heard.arr_id)
    # What was prepared waits for a person where not all changes are published by themselves.
    if heard.event == IMPORTED and is_new:
        welcome(heard.connection, heard.arr_id)


BRINGS = Receivers(webhooks=(hear,))
