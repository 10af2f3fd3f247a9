"""Where the facts of an instance's files come from, and which of its folders cannot be seen now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum

from connections.models import Connection
from library.models import File
from library.root_folders import parent_of, roots_of, why_offline
from scanner.models import FactsFrom


class Source(StrEnum):
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


def sources_of(connection: Connection) -> Sources:
    """Look at every folder that holds media of an instance with files and say where facts come from."""
    if connection.scan_settings.facts_from == FactsFrom.ARR:
        return Sources(Source.ARR)
    mappings = list(connection.path_mappings.all())
    roots = roots_of(connection)
    offline = {root: reason for root in roots if (reason := why_offline(root, mappings))}
    if is_read_from_disk(connection, roots, offline):
        return Sources(Source.DISK, offline)
    return Sources(Source.ARR)


def was_read_from_disk(connection: Connection) -> bool:
    """Whether any file of an instance was ever read here, and not by the app for us."""
    read = File.objects.filter(media__connection=connection, scan_state__probed_at__isnull=False)
    return read.exclude(scan_state__engine=FactsFrom.ARR).exists()


def is_read_from_disk(connection: Connection, roots: Collection[str], offline: Collection[str]) -> bool:
    """Return whether files are read here where these of the roots are offline.

    `auto` means disk as soon as one folder is visible here; then a folder that is not is offline, and no
    reason to believe the app's list instead. Only where none is visible, and none ever was read from, are the
    files taken as not mounted here: a mount that is gone must not replace what was read by what the app says.
    """
    if connection.scan_settings.facts_from != FactsFrom.AUTO:
        return connection.scan_settings.facts_from == FactsFrom.DISK
    none_visible = bool(roots) and len(offline) == len(roots)
    return not none_visible or was_read_from_disk(connection)
