"""History of what a sync found: media that came and media that went."""

from __future__ import annotations

from history.models import EventKind
from history.services import record_many
from library.models import Instance
from library.sync import SyncResult


def record_sync(instance: Instance, synced: SyncResult, job_id: int | None) -> None:
    """Write one event for every media that a sync added or forgot."""
    added = (
        {"kind": EventKind.MEDIA_ADDED, "title": title, "text": f"{title} was added to {instance.name}"}
        for title in synced.added
    )
    gone = (
        {"kind": EventKind.MEDIA_REMOVED, "title": title, "text": f"{title} is gone from {instance.name}"}
        for title in synced.gone
    )
    record_many({**event, "instance": instance, "job_id": job_id} for event in (*added, *gone))
