"""The brake: a scan or a policy that would change too much stops before it writes, and asks."""

from __future__ import annotations

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now

from connections.models import Connection
from core import live
from core.words import Phrase
from history.models import Event
from history.services import record
from jobs.models import OUTCOME, Job
from library.models import Media, Source
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
        live.inbox_changed()
    connection.scan_settings.refresh_from_db(fields=["held_since", "held_reason"])


def let_go(connection: Connection, *, forget: bool = True) -> None:
    """Take off the brake. The titles that it kept from being forgotten, no more, may go at the next sync
    where that is to `forget` them.
    """
    ScanSettings.objects.filter(pk=connection.pk).update(held_since=None, held_reason="", in_setup=False)
    if forget:
        Source.objects.filter(pk=connection.pk).update(orphans_released=F("orphans_held__len"))
    tell_jobs(connection, 0)
    live.inbox_changed()
    connection.scan_settings.refresh_from_db(fields=["held_since", "held_reason", "in_setup"])
    connection.source.refresh_from_db(fields=["orphans_released"])


def tell_jobs(connection: Connection, left: int) -> None:
    """Have the jobs that were braked at an instance say that so many changes wait, or no more of it."""
    for job in Job.objects.filter(summary__has_key=OUTCOME, summary__held_at__contains=[connection.pk]):
        if left:
            job.summary[OUTCOME] = Phrase("brake.waiting", number=left).stored()
        else:
            del job.summary[OUTCOME]
        job.save(update_fields=["summary"])


def changed_verdicts(connection: Connection, job_id: int) -> int:
    """Return how many titles of an instance had another verdict before this full scan, or this policy.

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
    theirs = ScanState.objects.filter(media__connection=connection)
    now = theirs.filter(pk=OuterRef("subject_id")).values("verdict")
    verdicts = first.annotate(now=Subquery(now)).values_list("before", "now")
    return sum(before not in (Verdict.UNKNOWN, now) for before, now in verdicts if now is not None)


def check(connection: Connection, job_id: int, decided: QuerySet[Media], *, policy: str = "") -> None:
    """Hold an instance where a full scan, or this `policy`, changed more of its verdicts than its limit
    allows, or would take labels of languages off too many of the titles that it has `decided`.

    Not on a first scan: there nothing stood before. Not for fewer than `FLOOR`.
    """
    if connection.scan_settings.last_full_scan_at is not None:
        for part, total, what in (
            (changed_verdicts(connection, job_id), known_verdicts(connection), "brake.verdicts"),
            _labels(connection, decided),
        ):
            if is_too_much(connection, part, total):
                code = "brake.policy" if policy else "brake.reason"
                told = Phrase(what, part=part, total=total)
                limit = connection.scan_settings.brake_verdicts_percent
                hold(connection, Phrase(code, what=told, limit=limit, policy=policy), job_id)


def is_too_much(connection: Connection, part: int, total: int) -> bool:
    """Whether this part of all is more than the limit of an instance allows, and at least `FLOOR`."""
    return part >= FLOOR and part * 100 > total * connection.scan_settings.brake_verdicts_percent


def known_verdicts(connection: Connection) -> int:
    return Media.objects.filter(connection=connection).exclude(scan_state__verdict=Verdict.UNKNOWN).count()


def _labels(connection: Connection, decided: QuerySet[Media]) -> tuple[int, int, str]:
    labels = labels_of(connection)
    ours = labels.of_languages & labels.managed
    carrying = Media.objects.filter(connection=connection, tags__overlap=sorted(ours))
    waiting = carrying.filter(scan_state__dirty=True, pk__in=decided.values("pk"))
    rows = waiting.select_related("connection__scan_settings__policy", "scan_state__policy_override")
    losing = sum(bool(change_of(one, labels).remove & ours) for one in rows.iterator()) if ours else 0
    return losing, carrying.count() if losing else 0, "brake.labels"
