"""What is wrong with the programs and folders that Taggarr works with, asked now."""

from __future__ import annotations

from collections.abc import Iterator

from pymediainfo import MediaInfo

from jobs.models import Queue
from jobs.workers import START, served_queues
from library.issues import TAGGARR, Issue, Severity
from library.models import PathMapping
from library.paths import check_mapping
from system.status import version
from system.versions import known_newer


def workers() -> Iterator[Issue]:
    """Yield an issue where some queue has no worker."""
    served = served_queues(list(Queue.values))
    if served is None:
        yield Issue(
            source=TAGGARR,
            severity=Severity.ERROR,
            what="The message broker (Redis) does not answer.",
            meaning="No work is handed to the workers; what is asked for waits in the database.",
            remedy="Check that Redis or Valkey runs, and REDIS_URL.",
        )
        return
    missing = [queue for queue in Queue.values if queue not in served]
    if missing:
        yield Issue(
            source=TAGGARR,
            severity=Severity.ERROR,
            what=f"No worker serves {', '.join(missing)}." if served else "No worker answers.",
            meaning="Scans and tags wait.",
            remedy=f"{START[0].upper()}{START[1:]}.",
        )


def media_info() -> Iterator[Issue]:
    """Yield an issue where the MediaInfo library cannot be loaded."""
    if not MediaInfo.can_parse():
        yield Issue(
            source=TAGGARR,
            severity=Severity.ERROR,
            what="The MediaInfo library is missing.",
            meaning="Files whose header does not tell all cannot be read.",
            remedy="Install the requirements anew; on Alpine or another small system install libmediainfo.",
        )


def path_mappings() -> Iterator[Issue]:
    """Yield an issue for every path mapping that leads nowhere on this machine."""
    mappings = PathMapping.objects.filter(instance__enabled=True).exclude(instance__facts_from="arr")
    rows = mappings.values_list("instance__name", "remote_prefix", "local_prefix")
    for name, remote, local in rows.order_by("instance__name", "remote_prefix"):
        if sentence := check_mapping(remote, local):
            yield Issue(
                source=name,
                severity=Severity.WARNING,
                what=f"The path mapping of {remote} leads nowhere on this machine.",
                meaning="Its files cannot be read from disk here.",
                remedy=sentence,
            )


def newer_version() -> Iterator[Issue]:
    """Yield an issue where a newer Taggarr is known of (`system.versions` looks for one, if it may)."""
    if found := known_newer():
        yield Issue(
            source=TAGGARR,
            severity=Severity.WARNING,
            what=f"Taggarr {found} is out; this is {version()}.",
            meaning="It may mend what troubles you.",
            remedy="Read its release notes, make a backup, and update.",
        )
