"""What the scanner does when Sonarr or Radarr tells something by webhook."""

from __future__ import annotations

from jobs.models import Trigger
from library.contract import Heard, Receivers
from library.models import Media
from scanner.scan.fetch_job import start_fetch
from scanner.scan.starting import start_media_scan

CHANGED = frozenset(
    {
        "Download",
        "Rename",
        "SeriesAdd",
        "MovieAdded",
        "MovieAdd",
        "EpisodeFileDelete",
        "MovieFileDelete",
    }
)
"""Events after which the title they name is looked at anew."""

DELETED = frozenset({"SeriesDelete", "MovieDelete"})


def hear(heard: Heard) -> None:
    """Have the title scanned; what is not known yet, or was deleted, is asked for first, by a job.

    Events that change no file (Test, Grab, Health and whatever is added one day) are well, and do nothing.
    """
    if heard.arr_id is None or not heard.connection.enabled or heard.event not in CHANGED | DELETED:
        return
    titles = Media.objects.select_related("connection__scan_settings__policy")
    media = titles.filter(connection=heard.connection, arr_id=heard.arr_id).first()
    deleted = heard.event in DELETED
    if media is not None and not deleted:
        start_media_scan(media, trigger=Trigger.WEBHOOK)
    elif media is not None or not deleted:
        start_fetch(heard.connection, heard.arr_id, deleted=deleted)


BRINGS = Receivers(webhooks=(hear,))
