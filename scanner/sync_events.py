"""History of what a sync found: media that came and media that went."""

from __future__ import annotations

from history.models import EventKind
from history.services import record_many
from library.models import Instance
from library.sentences import say
from library.sync import SyncResult


def record_sync(instance: Instance, synced: SyncResult, job_id: int | None) -> None:
    """Write one event for every media that a sync added or forgot."""
    name = instance.name
    texts = [
        (EventKind.MEDIA_ADDED, title, say("%(title)s was added to %(instance)s", title=title, instance=name))
        for title in synced.added
    ] + [
        (
            EventKind.MEDIA_REMOVED,
            title,
            say("%(title)s is gone from %(instance)s", title=title, instance=name),
        )
        for title in synced.gone
    ]
    record_many(
        {"kind": kind, "title": title, "text": text, "instance": instance, "job_id": job_id}
        for kind, title, text in texts
    )
