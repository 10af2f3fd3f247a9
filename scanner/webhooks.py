"""What Sonarr and Radarr tell us by webhook. It is a hint only: the truth is fetched from them."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Literal

from connections.models import Connection
from core.errors import ApiError
from core.sentences import say
from history.services import record
from jobs.models import Trigger
from library.clients import client_for
from library.models import Media
from library.sync import add_media
from scanner.events import ScanEvent
from scanner.scan.starting import start_media_scan, start_scan

logger = logging.getLogger(__name__)

Done = Literal["nothing", "scan", "forgotten"]

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
"""Events after which the media they name is looked at anew."""

DELETED = frozenset({"SeriesDelete", "MovieDelete"})


@dataclass(frozen=True, slots=True)
class Received:
    """What followed from a call: the media and the job, where there are any."""

    done: Done
    media: int | None = None
    job: int | None = None


def receive(connection: Connection, event: str, arr_id: int | None) -> Received:
    """Do what an event asks for; `arr_id` is the application's id of the series or movie that it names.

    Events that change no file (Test, Grab, Health and whatever is added one day) are well, and do nothing.
    Where the application cannot be asked just now, the instance is scanned: that is tried until it answers.
    """
    if arr_id is None or not connection.enabled or event not in CHANGED | DELETED:
        return Received("nothing")
    try:
        return _forget(connection, arr_id) if event in DELETED else _scan(connection, arr_id)
    except ApiError as error:
        logger.warning("%s: the webhook %s leads to a scan of all: %s", connection.name, event, error)
        job, _ = start_scan(connection, trigger=Trigger.WEBHOOK)
        return Received("scan", job=job.pk)


def _scan(connection: Connection, arr_id: int) -> Received:
    known = Media.objects.select_related("connection").filter(connection=connection, arr_id=arr_id).first()
    media = known or add_media(connection, arr_id, client_for(connection))
    if media is None:
        return Received("nothing")
    item = start_media_scan(media, trigger=Trigger.WEBHOOK)
    return Received("scan", media=media.pk, job=item.job_id)


def _forget(connection: Connection, arr_id: int) -> Received:
    """Forget a title where the application itself says that it has none of this id any more."""
    media = Media.objects.filter(connection=connection, arr_id=arr_id).first()
    if media is None or client_for(connection).one_media(arr_id) is not None:
        return Received("nothing")
    text = say("%(title)s was deleted in %(instance)s", title=media, instance=connection.name)
    record(ScanEvent.MEDIA_REMOVED, text, title=str(media), connection=connection)
    media.delete()
    return Received("forgotten")
