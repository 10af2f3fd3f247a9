"""What differs from what we last knew: tags that came undone at the app, files that changed on disk."""

from __future__ import annotations

import os
from collections.abc import Callable

from django.db.models import F

from connections.models import Connection
from library.models import File, Media, included
from library.paths import local_path, on_disk
from library.root_folders import parent_of
from scanner.facts.sources import Source, Sources
from scanner.labels.managed import change_of, labels_of
from scanner.loading import with_policies
from scanner.models import FileProblem, ScanState
from scanner.probe.storage import fingerprint_of
from scanner.probe.tracks import Fingerprint

CHUNK = 500


def mark_dirty(connection: Connection) -> int:
    """After a sync, mark the media whose tags are not what their verdict asks for; return how many.

    A title that was right before and is not now has lost or gained one of our labels at the app: a round is
    counted, so that a rule there that undoes us again and again is told and not fought for ever.
    """
    labels = labels_of(connection)
    undone, fine = [], []
    query = Media.objects.filter(included(), connection=connection).select_related("scan_state")
    for media in with_policies(query.order_by("pk").iterator(chunk_size=CHUNK)):
        if change_of(media, labels):
            if not media.scan_state.dirty:
                undone.append(media.pk)
        elif media.scan_state.reconcile_rounds:
            fine.append(media.pk)
    states = ScanState.objects
    states.filter(media__in=undone).update(dirty=True, reconcile_rounds=F("reconcile_rounds") + 1)
    states.filter(media__in=fine).update(reconcile_rounds=0)
    return len(undone)


def changed_on_disk(
    connection: Connection, sources: Sources, *, keep_alive: Callable[[], None] = lambda: None
) -> set[int]:
    """Look at the fingerprint of every file of an instance; return the media whose files changed or went
    missing.

    Nothing is opened. Files under a folder that is offline are left out.
    """
    if sources.source == Source.ARR:
        return set()
    mappings = list(connection.path_mappings.all())
    rows = File.objects.filter(included("media__"), media__connection=connection)
    rows = rows.exclude(scan_state__problem__in=(FileProblem.NOT_PROBED, FileProblem.BAD_NAME))
    changed: set[int] = set()
    known_as = (f"scan_state__{name}" for name in ("size", "mtime_ns", "ctime_ns", "inode"))
    for media_id, folder, path, *known in rows.values_list(
        "media_id", "media__path", "path", *known_as
    ).iterator(chunk_size=5000):
        keep_alive()
        if media_id in changed or parent_of(folder) in sources.offline:
            continue
        if _differs(on_disk(local_path(path, mappings)), known):
            changed.add(media_id)
    return changed


def _differs(local: str, known: list[int]) -> bool:
    try:
        status = os.stat(local)  # noqa: PTH116 (called for every file of a library, and half the price)
    except OSError:
        return True
    return fingerprint_of(status).differs(Fingerprint(*known))
