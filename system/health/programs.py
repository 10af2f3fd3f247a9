"""What is wrong with the programs and folders that Taggarr works with, asked now."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from pymediainfo import MediaInfo

from jobs import beats
from jobs.models import Queue
from jobs.workers import START_WORKERS, served_queues
from library.issues import TAGGARR, Issue, Severity
from library.models import PathMapping
from library.paths import check_mapping
from library.sentences import say
from system.status import version
from system.versions import known_newer


def workers() -> Iterator[Issue]:
    """Yield an issue where some queue has no worker."""
    served = served_queues(list(Queue.values))
    if served is None:
        yield Issue(
            source=TAGGARR,
            severity=Severity.ERROR,
            what=say("The message broker (Redis) does not answer."),
            meaning=_("No work is handed to the workers; what is asked for waits in the database."),
            remedy=_("Check that Redis or Valkey runs, and REDIS_URL."),
        )
        return
    missing = [queue for queue in Queue.values if queue not in served]
    if missing:
        yield Issue(
            source=TAGGARR,
            severity=Severity.ERROR,
            what=say("No worker serves %(queues)s.", queues=", ".join(missing))
            if served
            else say("No worker answers."),
            meaning=_("Scans and tags wait."),
            remedy=str(START_WORKERS),
        )


def schedulers() -> Iterator[Issue]:
    """Yield an issue where more than one scheduler (beat) runs."""
    found = beats.running()
    if len(found) > 1:
        yield Issue(
            source=TAGGARR,
            severity=Severity.WARNING,
            what=say(
                "%(number)d schedulers (beat) run: %(names)s.", number=len(found), names=", ".join(found)
            ),
            meaning=_("No work is done twice, but all that is scheduled is asked for by each of them."),
            remedy=_("Keep one, and stop the others: one is enough for all workers and hosts."),
        )


def media_info() -> Iterator[Issue]:
    """Yield an issue where the MediaInfo library cannot be loaded."""
    if not MediaInfo.can_parse():
        yield Issue(
            source=TAGGARR,
            severity=Severity.ERROR,
            what=say("The MediaInfo library is missing."),
            meaning=_("Files whose header does not tell all cannot be read."),
            remedy=_(
                "Install the requirements anew; on Alpine or another small system install libmediainfo."
            ),
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
                what=say("The path mapping of %(folder)s leads nowhere on this machine.", folder=remote),
                meaning=_("Its files cannot be read from disk here."),
                remedy=sentence,
            )


def newer_version() -> Iterator[Issue]:
    """Yield an issue where a newer Taggarr is known of (`system.versions` looks for one, if it may)."""
    if found := known_newer():
        yield Issue(
            source=TAGGARR,
            severity=Severity.WARNING,
            what=say("Taggarr %(newer)s is out; this is %(version)s.", newer=found, version=version()),
            meaning=_("It may mend what troubles you."),
            remedy=_("Read its release notes, make a backup, and update."),
        )
