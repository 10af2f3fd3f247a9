"""Where the facts of an instance's files come from, and which of its folders cannot be seen now."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from library.models import FactsFrom, File, Instance, Media, PathMapping
from library.paths import local_path


class Source(StrEnum):
    """Where facts are read."""

    DISK = "disk"
    ARR = "arr"


@dataclass(frozen=True, slots=True)
class Sources:
    """`offline` maps a folder (as the app names it) that is missing or empty here to the sentence that says
    so.
    """

    source: Source = Source.DISK
    offline: dict[str, str] = field(default_factory=dict)

    def offline_reason(self, path: str) -> str:
        """Return why the media at this path cannot be read now, empty where it can."""
        return self.offline.get(parent_of(path), "")


def parent_of(path: str) -> str:
    """Return the folder above a media's own, as the app names it (either kind of separator)."""
    cut = max(path.rstrip("/\\").rfind("/"), path.rstrip("/\\").rfind("\\"))
    return path[:cut] if cut > 0 else path[: cut + 1]


def sources_of(instance: Instance) -> Sources:
    """Look at every folder that holds media of an instance with files and say where facts come from.

    `auto` means disk as soon as one folder is visible here; then a folder that is not is offline, and no
    reason to believe the app's list instead. Only where none is visible, and none ever was read from, are the
    files taken as not mounted here: a mount that is gone must not replace what was read by what the app says.
    """
    if instance.facts_from == FactsFrom.ARR:
        return Sources(Source.ARR)
    mappings = list(instance.path_mappings.all())
    paths = Media.objects.filter(instance=instance, arr_file_count__gt=0).values_list("path", flat=True)
    roots = {parent_of(path) for path in paths.iterator()}
    offline = {root: reason for root in sorted(roots) if (reason := why_offline(root, mappings))}
    none_visible = bool(roots) and len(offline) == len(roots)
    if instance.facts_from == FactsFrom.AUTO and none_visible and not _was_read_from_disk(instance):
        return Sources(Source.ARR)
    return Sources(Source.DISK, offline)


def _was_read_from_disk(instance: Instance) -> bool:
    read = File.objects.filter(media__instance=instance, probed_at__isnull=False)
    return read.exclude(engine=Source.ARR).exists()


def why_offline(root: str, mappings: Collection[PathMapping]) -> str:
    """Return why nothing below a folder (as the app names it) can be read now, empty where it can."""
    local = local_path(root, mappings)
    shown = root if local == root else f"{root} ({local} here)"
    try:
        with os.scandir(Path(local)) as entries:
            if next(entries, None) is not None:
                return ""
    except FileNotFoundError:
        return f"The folder {shown} is not there: mount it, or add a path mapping to the instance."
    except OSError as error:
        return f"The folder {shown} cannot be read ({error.strerror}): check its mount and permissions."
    return f"The folder {shown} is empty, though the app has files in it: check its mount."
