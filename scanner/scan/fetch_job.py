"""The fetch job: looks up one title of an app by the app's id, after a webhook named it."""

from __future__ import annotations

from typing import Any

from connections.models import Connection
from core.errors import ConfigError
from core.words import Phrase
from history.services import record
from jobs import services as jobs
from jobs.handlers import JobHandler, NewItem, Outcome, Plan
from jobs.models import ItemState, Job, Queue, Trigger
from jobs.runner import ItemRun
from library.clients import client_for
from library.models import Media
from library.sync import add_media, forget_media
from scanner.events import ScanEvent
from scanner.scan.starting import start_media_scan

NAME = "fetch"


def start_fetch(connection: Connection, arr_id: int, *, deleted: bool) -> Job:
    """Have an app asked for one title: for one that we do not know, or that it says it has `deleted`.

    There is one such job at a time; a title that was new is scanned after it.
    """
    job, _ = jobs.start(
        NAME,
        params={"arr_id": arr_id, "deleted": deleted},
        connection=connection,
        trigger=Trigger.WEBHOOK,
        dedupe_key=f"{NAME}:{connection.pk}:{arr_id}:{deleted}",
        items=[NewItem(key=NAME, step=NAME)],
    )
    return job


class FetchHandler(JobHandler):
    """Asks an app for one title and has it scanned, or forgets it where the app no longer has it."""

    name = NAME
    steps = (NAME,)
    queue = Queue.INTERACTIVE

    def validate(self, params: dict[str, Any]) -> dict[str, Any]:
        if not (
            type(params.get("arr_id")) is int and type(params.get("deleted")) is bool and len(params) == 2
        ):
            raise ConfigError("A fetch has the parameters 'arr_id', a number, and 'deleted', true or false.")
        return params

    def plan(self, run: ItemRun) -> Plan:  # noqa: ARG002
        return Plan([NewItem(key=NAME, step=NAME)])

    def work(self, run: ItemRun) -> Outcome:
        connection, arr_id = run.job.connection, run.job.params["arr_id"]
        if connection is None:
            raise ConfigError("job.instance-gone")
        client = client_for(connection)
        if run.job.params["deleted"]:
            media = Media.objects.filter(connection=connection, arr_id=arr_id).first()
            if media is None or client.one_media(arr_id) is not None:
                return Outcome(ItemState.SKIPPED, {"why": "The app still has it, or it was never known."})
            return Outcome(result={"forgotten": str(media)}, save=lambda: _forget(media, run.job))
        found = add_media(connection, arr_id, client)
        if found is None:
            return Outcome(ItemState.SKIPPED, {"why": "The app has no such title."})
        return Outcome(
            result={"media": found.pk}, save=lambda: start_media_scan(found, trigger=Trigger.WEBHOOK)
        )


def _forget(media: Media, job: Job) -> None:
    text = Phrase("title.deleted", title=media, instance=media.connection.name)
    record(ScanEvent.MEDIA_REMOVED, text, title=str(media), connection=media.connection, job_id=job.pk)
    forget_media(media)
