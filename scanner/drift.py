"""What differs from what we last knew: tags that came undone at the app, files that changed on disk."""

from __future__ import annotations

import os
from collections.abc import Callable

from django.db.models import F

from library.loading import with_policies
from library.models import File, FileProblem, Instance, Media, included
from library.paths import local_path
from library.root_folders import parent_of

from .labels import labels_of
from .reconcile import change_of
from .sources import Source, Sources

CHUNK = 500


def mark_dirty(instance: Instance) -> int:
    """After a sync, mark the media whose tags are not what their verdict asks for; return how many.

    A media that was right before and is not now has lost or gained one of our labels at the app: a round is
    counted, so that a rule there that undoes us again and again is told and not fought for ever.
    """
    labels = labels_of(instance)
    undone, fine = [], []
    query = Media.objects.filter(included(), instance=instance)
    for media in with_policies(query.order_by("pk").iterator(chunk_size=CHUNK)):
        if change_of(media, labels):
            if not media.dirty:
                undone.append(media.pk)
        elif media.reconcile_rounds:
            fine.append(media.pk)
    Media.objects.filter(pk__in=undone).update(dirty=True, reconcile_rounds=F("reconcile_rounds") + 1)
    Media.objects.filter(pk__in=fine).update(reconcile_rounds=0)
    return len(undone)


def changed_on_disk(
    instance: Instance, sources: Sources, *, keep_alive: Callable[[], None] = lambda: None
) -> set[int]:
    """Look at size and time of every file of an instance; return the media whose files changed or went
    missing.

    Nothing is opened. Files under a folder that is offline are left out.
    """
    if sources.source == Source.ARR:
        return set()
    mappings = list(instance.path_mappings.all())
    rows = File.objects.filter(included("media__"), media__instance=instance)
    rows = rows.exclude(problem__in=(FileProblem.NOT_PROBED, FileProblem.BAD_NAME))
    changed: set[int] = set()
    for media_id, folder, path, size, mtime_ns in rows.values_list(
        "media_id", "media__path", "path", "size", "mtime_ns"
    ).iterator(chunk_size=5000):
        keep_alive()
        if media_id in changed or parent_of(folder) in sources.offline:
            continue
        if _differs(local_path(path, mappings), size, mtime_ns):
            changed.add(media_id)
    return changed


def _differs(local: str, size: int, mtime_ns: int) -> bool:
    try:
        status = os.stat(local)  # noqa: PTH116 (called for every file of a library, and half the price)
    except OSError:
        return True
    return (status.st_size, status.st_mtime_ns) != (size, mtime_ns)
