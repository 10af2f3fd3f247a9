"""What is wrong with root folders, as the last look at them saw it (`scanner.root_watch`)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from django.db.models import Exists, Max, OuterRef, Q
from django.utils.translation import gettext as _

from connections.health import to_connection
from connections.models import Connection
from core.issues import Issue, Severity, named
from core.words import Phrase
from jobs.models import Job
from library.folder_look import Look, Trouble
from library.models import Media
from library.root_folders import OFFLINE, sentence
from scanner.models import FactsFrom
from scanner.root_watch import Root, last_look

SCAN = "scan"

LEAST_FREE = 100 * 1024 * 1024
"""Bytes: NFO files are small, and a media disk is meant to be filled."""


def lost_roots() -> Iterator[Issue]:
    """Yield an issue for every root folder below which nothing can be read now."""
    for name, root in _seen():
        if root.trouble:
            yield Issue(
                source=name,
                severity=Severity.ERROR,
                what=sentence(root.shown, Look(Trouble(root.trouble), root.reason)),
                meaning=_("Nothing below it can be scanned. What was known before stays."),
                remedy=_("Fix that. Taggarr looks every minute; the next scan reads what was missed."),
                action=to_connection(root.connection),
            )


def full_media_disks() -> Iterator[Issue]:
    """Yield an issue for every instance whose NFO files lie on a disk that is nearly full."""
    full: dict[str, list[Root]] = {}
    for name, root in _seen():
        if root.free is not None and root.free < LEAST_FREE:
            full.setdefault(name, []).append(root)
    for name in _writing_nfo(full):
        folders = named([root.local for root in full[name]], len(full[name]))
        free = min(root.free or 0 for root in full[name])
        yield Issue(
            source=name,
            severity=Severity.ERROR,
            what=Phrase("root.disk-full", folder=folders, free=free // 2**20),
            meaning=_("NFO files cannot be written there for long."),
            remedy=_("Make room on that disk."),
            action=to_connection(full[name][0].connection),
        )


def is_outdated(name: str, said: str) -> bool:
    """Return whether what a scan of an instance (its name) said of a folder says less than the last look.

    It does where it says that the folder is offline, and the look says so too, or has seen it come back and
    no scan has begun since. Anything else that a scan may say is not outdated.
    """
    code, folder = Phrase.of(said).code, Phrase.of(said).params.get("folder")
    return code in OFFLINE.values() and any(
        name == of and folder == root.shown and _is_over(root) for of, root in _seen()
    )


def _seen() -> Iterator[tuple[str, Root]]:
    """The roots of the last look, each with the name of its instance: of those that are read here now."""
    if roots := last_look():
        read_here = Connection.objects.filter(enabled=True).exclude(scan_settings__facts_from=FactsFrom.ARR)
        names = dict(read_here.values_list("pk", "name"))
        for root in roots:
            if root.connection in names:
                yield names[root.connection], root


def _writing_nfo(names: Collection[str]) -> list[str]:
    """Those of the instances that write NFO files, for some of their media at least."""
    if not names:
        return []
    theirs = Media.objects.filter(connection=OuterRef("pk"), scan_state__policy_override__write_nfo=True)
    writing = Connection.objects.filter(
        Q(scan_settings__policy__write_nfo=True) | Exists(theirs), name__in=names
    )
    return list(writing.order_by("name").values_list("name", flat=True))


def _is_over(root: Root) -> bool:
    if root.trouble or not root.back_at:
        return bool(root.trouble)
    scans = Job.objects.filter(name=SCAN, connection=root.connection)
    begun: datetime | None = scans.aggregate(last=Max("started_at"))["last"]
    return begun is None or begun <= datetime.fromisoformat(root.back_at)
