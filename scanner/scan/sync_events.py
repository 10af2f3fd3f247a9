"""History of what a sync found: media that came and media that went."""

from __future__ import annotations

from connections.models import Connection
from core.sentences import say
from history.services import record_many
from library.sync import SyncResult
from scanner.events import ScanEvent


def record_sync(connection: Connection, synced: SyncResult, job_id: int | None) -> None:
    """Write one event for every title that a sync added or forgot."""
    name = connection.name
    texts = [
        (ScanEvent.MEDIA_ADDED, title, say("%(title)s was added to %(instance)s", title=title, instance=name))
        for title in synced.added
    ] + [
        (
            ScanEvent.MEDIA_REMOVED,
            title,
            say("%(title)s is gone from %(instance)s", title=title, instance=name),
        )
        for title in synced.gone
    ]
    record_many(
        {"kind": kind, "title": title, "text": text, "connection": connection, "job_id": job_id}
        for kind, title, text in texts
    )
