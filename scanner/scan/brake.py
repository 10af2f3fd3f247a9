"""The brake: a scan that would change too much stops before it writes, and asks."""

from __future__ import annotations

import shlex

from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Now

from connections.models import Connection
from core.words import Phrase
from history.models import Event
from history.services import record
from jobs.models import Job, JobItem
from library.models import MEDIA, Media, Source
from scanner.events import ScanEvent
from scanner.labels.managed import change_of, labels_of
from scanner.models import ScanSettings, ScanState, Verdict

FLOOR = 5
"""So many changed media at least: of ten series, three new dubs are an evening's downloads."""


def hold(connection: Connection, reason: str, job_id: int | None) -> None:
    """Keep everything from being written to an instance until a person releases it; write an event once."""
    held = ScanSettings.objects.filter(pk=connection.pk, held_since=None).update(
        held_since=Now(), held_reason=reason
    )
    if held:
        record(
            ScanEvent.HELD,
            Phrase("brake.held", instance=connection.name, reason=reason),
            connection=connection,
            job_id=job_id,
        )
    connection.scan_settings.refresh_from_db(fields=["held_since", "held_reason"])


def let_go(connection: Connection) -> None:
    """Take off the brake. The media that it kept from being forgotten, no more, may go at the next sync."""
    ScanSettings.objects.filter(pk=connection.pk).update(held_since=None, held_reason="")
    Source.objects.filter(pk=connection.pk).update(orphans_released=F("orphans_held"))
    connection.scan_settings.refresh_from_db(fields=["held_since", "held_reason"])
    connection.source.refresh_from_db(fields=["orphans_released"])


def changed_verdicts(connection: Connection, job_id: int) -> int:
    """Return how many media of an instance had another verdict before this full scan.

    Scans that wrote nothing (dry runs, cancelled and failed ones) since the last that came to its end count
    as parts of this one: what they changed is written by it.
    """
    since = (
        Q(created_at__gt=connection.scan_settings.last_full_scan_at)
        if connection.scan_settings.last_full_scan_at
        else Q()
    )
    scans = Job.objects.filter(since, name="scan", connection=connection, params__media_id=None)
    changes = Event.objects.filter(Q(job=job_id) | Q(job__in=scans), kind=ScanEvent.VERDICT)
    first = changes.order_by("subject_id", "id").distinct("subject_id")
    now = ScanState.objects.filter(pk=OuterRef("subject_id")).values("verdict")
    verdicts = first.annotate(now=Subquery(now)).values_list("before", "now")
    return sum(before not in (Verdict.UNKNOWN, now) for before, now in verdicts if now is not None)


def check_labels(connection: Connection, job_id: int) -> None:
    """Hold an instance where a full scan would take labels of languages off too many of its media.

    Only media that the scan has read count: what a changed policy asks for was previewed and confirmed.
    """
    if connection.scan_settings.last_full_scan_at is None:
        return
    labels = labels_of(connection)
    if not labels.of_languages:
        return
    media = Media.objects.filter(connection=connection, tags__overlap=sorted(labels.of_languages))
    items = JobItem.objects.filter(job=job_id, subject_kind=MEDIA)
    read = media.filter(scan_state__dirty=True, pk__in=items.values("subject_id")).select_related(
        "connection__scan_settings__policy", "scan_state__policy_override"
    )
    total = media.count()
    losing = sum(bool(change_of(one, labels).remove & labels.of_languages) for one in read.iterator())
    what = Phrase("brake.labels", part=losing, total=total)
    _hold_above(connection, losing, total, what, job_id)


def check_verdicts(connection: Connection, job_id: int) -> None:
    """Hold an instance where a full scan changed more of its verdicts than its limit allows.

    Not on a first scan: there nothing stood before. Not for fewer than `FLOOR`.
    """
    if connection.scan_settings.last_full_scan_at is None:
        return
    total = Media.objects.filter(connection=connection).exclude(scan_state__verdict=Verdict.UNKNOWN).count()
    changed = changed_verdicts(connection, job_id)
    what = Phrase("brake.verdicts", part=changed, total=total)
    _hold_above(connection, changed, total, what, job_id)


def _hold_above(connection: Connection, part: int, total: int, what: Phrase, job_id: int) -> None:
    """Hold an instance where this part of all is more than its limit allows, and at least `FLOOR`."""
    limit = connection.scan_settings.brake_verdicts_percent
    if part >= FLOOR and part * 100 > total * limit:
        reason = Phrase(
            "brake.reason",
            what=what,
            limit=limit,
            command=f"manage.py release {shlex.quote(connection.name)}",
        )
        hold(connection, reason, job_id)
