"""Where the facts of an instance's files come from, and which of its folders cannot be seen now."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from library.models import FactsFrom, Instance
from library.root_folders import is_read_from_disk, parent_of, roots_of, why_offline


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


def sources_of(instance: Instance) -> Sources:
    """Look at every folder that holds media of an instance with files and say where facts come from."""
    if instance.facts_from == FactsFrom.ARR:
        return Sources(Source.ARR)
    mappings = list(instance.path_mappings.all())
    roots = roots_of(instance)
    offline = {root: reason for root in roots if (reason := why_offline(root, mappings))}
    if is_read_from_disk(instance, roots, offline):
        return Sources(Source.DISK, offline)
    return Sources(Source.ARR)
