"""Asking for work: what pages, API, command line and admin call to have titles scanned and tags written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q

from connections.models import Connection
from core.errors import ConfigError
from core.words import Phrase
from history.models import EventKind
from history.services import record
from jobs import services as jobs
from jobs.models import Job, JobItem, Queue, Trigger
from library.models import Media
from scanner.labels.managed import adopt_label, labels_of
from scanner.models import ScanState
from scanner.scan import brake
from scanner.scan.deciding import redecide

if TYPE_CHECKING:
    from accounts.models import User

MODES = ("update", "rewrite", "remove")

FULL_UPDATE = Q(name="scan", params__mode="update", params__dry_run=False, params__quick=False)
"""Scans that a request for one title can join: they do at least what is asked for."""


@dataclass(frozen=True, slots=True)
class ScanParams:
    """The parameters of a scan job.

    `update` reads what is new or changed, `rewrite` everything, `remove` takes all our labels away and
    forgets the verdicts. `quick` reads the first file of each season only; `dry_run` sends and writes
    nothing; `deep` looks at every file's size and time; `media_id` names the one title of a small scan.
    """

    mode: str = "update"
    quick: bool = False
    dry_run: bool = False
    deep: bool = False
    media_id: int | None = None

    @classmethod
    def of(cls, params: dict[str, Any]) -> ScanParams:
        """Return the parameters of a job; raises `ConfigError` where one is wrong."""
        known = {field.name: field for field in fields(cls)}
        for name, value in params.items():
            if name not in known:
                raise ConfigError(f"A scan has no parameter {name!r}; it has {', '.join(known)}.")
            if name in ("quick", "dry_run", "deep") and not isinstance(value, bool):
                raise ConfigError(f"The parameter {name!r} of a scan is true or false.")
        scan = cls(**params)
        if scan.mode not in MODES:
            raise ConfigError(f"There is no scan mode {scan.mode!r}; choose {', '.join(MODES)}.")
        if scan.media_id is not None and not isinstance(scan.media_id, int):
            raise ConfigError("The parameter 'media_id' of a scan is the number of a media.")
        return scan


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


def adopt(connection: Connection, labels: Collection[str] = (), *, user: User | None = None) -> Job | None:
    """Treat these labels, or all that wait where none is named, as ours; start writing what they held up.

    Returns the job that writes, None where the instance is disabled. Raises `ConfigError` where no such label
    waits.
    """
    waiting = labels_of(connection).found
    if not labels and not waiting:
        raise ConfigError(f"No tag of {connection.name} is waiting to be adopted.")
    with transaction.atomic():
        for label in sorted(labels or waiting):
            adopt_label(connection, label)
        redecide(Media.objects.filter(connection=connection))
    return start_reconcile(connection, user=user) if connection.enabled else None
