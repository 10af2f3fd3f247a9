"""Asking for work: what pages, API, command line and admin call to start a scan or a reconcile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from django.db.models import Q

from connections.models import Connection
from core.errors import ConfigError
from core.words import Phrase
from history.models import EventKind
from history.services import record
from jobs import services as jobs
from jobs.models import Job, JobItem, Queue, Trigger
from library.models import Media
from scanner.models import ScanState
from scanner.scan import brake
from scanner.scan.params import ScanParams

if TYPE_CHECKING:
    from accounts.models import User

FULL_UPDATE = Q(name="scan", params__mode="update", params__dry_run=False, params__quick=False)
"""Scans that a request for one title can join: they do at least what is asked for."""


def start_scan(
    connection: Connection,
    params: ScanParams | None = None,
    *,
    trigger: Trigger = Trigger.MANUAL,
    user: User | None = None,
) -> tuple[Job, bool]:
    """Start a full scan of an instance; return it and True, or its live full scan and False.

    Raises `ConfigError` where the instance is disabled.
    """
    if not connection.enabled:
        raise ConfigError("connection.disabled", name=connection.name)
    return jobs.start(
        "scan",
        params=asdict(params or ScanParams()),
        connection=connection,
        trigger=trigger,
        user=user,
        dedupe_key=f"scan:{connection.pk}",
    )


def start_media_scan(
    media: Media,
    params: ScanParams | None = None,
    *,
    trigger: Trigger = Trigger.MANUAL,
    user: User | None = None,
) -> JobItem:
    """Ask that one title be scanned soon; return the job item that will do it.

    A request that meets a scan of this title that has not begun joins it; one that meets a scan in progress
    has it done once more. Tags that were given up on are tried again. Raises `ConfigError` where the instance
    is disabled, and for the mode `remove`: the next scan would put the labels of a single media back, so
    that is what excluding it is for.
    """
    if not media.connection.enabled:
        raise ConfigError("connection.disabled", name=media.connection.name)
    asked = {**asdict(params or ScanParams()), "media_id": media.pk}
    if asked["mode"] == "remove":
        raise ConfigError("scan.remove-one")
    ScanState.objects.filter(media=media).update(reconcile_rounds=0)
    simple = asked["mode"] == "update" and not (asked["dry_run"] or asked["quick"])
    return jobs.request_item(
        "scan",
        media.subject,
        connection=media.connection,
        trigger=trigger,
        user=user,
        params=asked,
        joins=FULL_UPDATE if simple else Q(params=asked, name="scan"),
    )


def start_reconcile(
    connection: Connection,
    *,
    media_ids: Sequence[int] | None = None,
    trigger: Trigger = Trigger.MANUAL,
    user: User | None = None,
) -> Job:
    """Start sending what the dirty media of an instance need, of these ids where any are given.

    There is one whole reconcile of an instance at a time: a live one is returned.
    """
    job, _ = jobs.start(
        "reconcile",
        params={"media_ids": list(media_ids) if media_ids is not None else None},
        connection=connection,
        trigger=trigger,
        user=user,
        dedupe_key="" if media_ids is not None else f"reconcile:{connection.pk}",
        queue=Queue.INTERACTIVE,
    )
    return job


def release(connection: Connection, *, user: User | None = None) -> Job:
    """Take off the brake of an instance and write what it held back. Raises `ConfigError` where it is not
    held.
    """
    if connection.scan_settings.held_since is None:
        raise ConfigError("brake.not-held", name=connection.name)
    reason = connection.scan_settings.held_reason
    brake.let_go(connection)
    record(
        EventKind.BY_HAND,
        Phrase("hand.released", name=connection.name),
        connection=connection,
        actor=user,
        before=reason,
    )
    return start_reconcile(connection, user=user)
