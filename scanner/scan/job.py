"""The scan job: sync an instance, read what changed, decide, and write the tags."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import Now

from connections.models import Connection
from core.errors import ConfigError
from core.subjects import Subject
from core.words import Phrase
from history.services import record_many
from jobs.handlers import JobHandler, NewItem, Outcome, Plan, RetryPolicy
from jobs.models import JobItem
from jobs.runner import ItemRun
from library.clients import client_for
from library.models import MEDIA, Media, included
from library.sync import SyncResult, sync_instance
from scanner.events import ScanEvent
from scanner.facts.sources import Source, Sources, sources_of
from scanner.labels.desired import NOTHING, difference
from scanner.labels.managed import labels_of, note_found_labels
from scanner.models import FileProblem, FileScanState, ScanSettings, ScanState, SeasonScanState, Verdict
from scanner.scan import brake, drift, exclusions
from scanner.scan.answers import is_held, waits
from scanner.scan.deciding import redecide
from scanner.scan.media import scan_media
from scanner.scan.reconcile import preview, reconcile
from scanner.scan.starting import ScanParams


class ScanHandler(JobHandler):
    name = "scan"
    steps = ("media",)
    retry = RetryPolicy(attempts=5, base=2, cap=60)

    def validate(self, params: dict[str, Any]) -> dict[str, Any]:
        return asdict(ScanParams.of(params))

    def plan(self, run: ItemRun) -> Plan:
        return _plan(run, _instance_of(run), ScanParams.of(run.job.params))

    def work(self, run: ItemRun) -> Outcome:
        return scan_media(run, ScanParams.of(run.job.params))

    def told_elsewhere(self) -> Q:
        """Those of a title that says itself why it could not be read."""
        return Q(subject_kind=MEDIA, subject_id__in=ScanState.objects.exclude(scan_error="").values("pk"))

    def finish(self, run: ItemRun) -> Outcome:
        return _finish(run, _instance_of(run), ScanParams.of(run.job.params))


def _instance_of(run: ItemRun) -> Connection:
    if run.job.connection is None:
        raise ConfigError("job.instance-gone")
    return run.job.connection


def _plan(run: ItemRun, connection: Connection, params: ScanParams) -> Plan:
    settings = connection.scan_settings
    synced = sync_instance(
        connection,
        client_for(connection, read_only=params.dry_run),
        # On a first scan nothing stood before.
        forget_up_to=settings.brake_orphans_percent if settings.last_full_scan_at else None,
    )
    _record_sync(connection, synced, run.job.pk)
    if synced.held and not params.dry_run:
        brake.hold(connection, synced.held, run.job.pk)
    note_found_labels(connection)
    exclusions.apply_rules(connection.media.all())
    deep = _deep(run, connection, params)
    summary = {"media": synced.total, "new": len(synced.added), "gone": len(synced.gone), "deep": deep}
    if params.mode == "remove":
        return Plan(summary=summary, save=None if params.dry_run else lambda: _forget_verdicts(connection))
    drift.mark_dirty(connection)
    sources = sources_of(connection)
    _note_offline(connection, sources)
    changed = drift.changed_on_disk(connection, sources, keep_alive=run.check) if deep else set()
    due = _due(connection, params, sources, changed)
    redecide(Media.objects.filter(pk__in=set(synced.changed) - set(due)), job_id=run.job.pk)
    given = {"source": sources.source.value}
    items = [NewItem(f"media:{pk}", "media", Subject(MEDIA, pk), given) for pk in due]
    return Plan(
        items=items,
        summary={
            **summary,
            "to_scan": len(due),
            "offline": [Phrase.of(why).stored() for why in sources.offline.values()],
        },
    )


def _due(connection: Connection, params: ScanParams, sources: Sources, changed: set[int]) -> list[int]:
    """Return the media to read, in the order in which a library is listed.

    Those are the ones that the app reports as changed, that failed last time, whose files `changed` on disk,
    or of which files were left to be read by a quick scan or while the disk was not there.
    """
    media = Media.objects.filter(included(), connection=connection)
    if params.mode != "rewrite":
        files = FileScanState.objects.filter(file__media=OuterRef("pk"))
        waiting = ~Q(scan_state__scanned_fingerprint=F("arr_fingerprint"))
        waiting |= ~Q(scan_state__scan_error="") | Q(pk__in=changed)
        unread = [FileProblem.WAITING]
        if not (params.quick or connection.scan_settings.policy.quick):
            unread.append(FileProblem.NOT_PROBED)
        waiting |= Q(Exists(files.filter(problem__in=unread)))
        if sources.source == Source.DISK:
            waiting |= Q(Exists(files.filter(engine=Source.ARR)))
        media = media.filter(waiting)
    rows = media.values_list("pk", "path", "arr_file_count")
    return [pk for pk, path, files in rows if not (files and sources.offline_reason(path))]


def _deep(run: ItemRun, connection: Connection, params: ScanParams) -> bool:
    """Whether this scan looks at every file: when asked to, or when the last such look is too long ago."""
    if params.deep or connection.scan_settings.last_deep_scan_at is None:
        return params.deep
    age = (run.claimed_at - connection.scan_settings.last_deep_scan_at).total_seconds()
    return age >= connection.scan_settings.deep_scan_every


def _note_offline(connection: Connection, sources: Sources) -> None:
    """Say at every title under an offline folder why it is not read; what is known of it stays."""
    if not sources.offline:
        return
    told: dict[str, list[int]] = {}
    media = Media.objects.filter(connection=connection, arr_file_count__gt=0)
    for pk, path, error in media.values_list("pk", "path", "scan_state__scan_error").iterator():
        if (sentence := sources.offline_reason(path)) and sentence != error:
            told.setdefault(sentence, []).append(pk)
    for sentence, ids in told.items():
        ScanState.objects.filter(media__in=ids).update(scan_error=sentence)


def _finish(run: ItemRun, connection: Connection, params: ScanParams) -> Outcome:
    if params.dry_run:
        would = _preview_removal(connection) if params.mode == "remove" else preview(connection)
        return Outcome(result={**_counts(run, connection), "dry_run": True, "would": would})
    if params.media_id is None and params.mode != "remove":
        read = JobItem.objects.filter(job=run.job, subject_kind=MEDIA).values("subject_id")
        brake.check(connection, run.job.pk, Media.objects.filter(pk__in=read))
        is_held(connection)
    only = None if params.media_id is None else [params.media_id]
    written = reconcile(
        connection,
        client_for(connection),
        media_ids=only,
        job_id=run.job.pk,
        rescan=params.mode == "rewrite",
        keep_alive=run.check,
        hold=run.hold,
    )
    result = {**_counts(run, connection), **written.summary()}
    if written.held:
        result |= waits([connection])
    if connection.scan_settings.policy.dry_run:
        result["would"] = preview(connection)
    return Outcome(result=result, save=lambda: _note_scanned(run, connection, params))


def _note_scanned(run: ItemRun, connection: Connection, params: ScanParams) -> None:
    """Remember that the whole instance was scanned, and when every file was last looked at."""
    if params.media_id is not None or params.mode == "remove":
        return
    every_file_read = params.mode == "rewrite" or connection.scan_settings.last_full_scan_at is None
    deep = every_file_read or run.job.summary.get("deep", False)
    ScanSettings.objects.filter(pk=connection.pk).update(
        last_full_scan_at=Now(), **({"last_deep_scan_at": Now()} if deep else {})
    )


def _counts(run: ItemRun, connection: Connection) -> dict[str, Any]:
    """Return the verdicts of what was scanned, and how many changed."""
    states = ScanState.objects.filter(media__connection=connection)
    if run.job.params.get("media_id") is not None:
        states = states.filter(media=run.job.params["media_id"])
    verdicts = dict(states.values_list("verdict").annotate(Count("pk")))
    changes = run.job.events.filter(kind=ScanEvent.VERDICT).order_by().values("subject_id").distinct().count()
    return {"verdicts": verdicts, "changed": changes}


def _record_sync(connection: Connection, synced: SyncResult, job_id: int | None) -> None:
    """Write one event for every title that a sync added or forgot."""
    name = connection.name
    texts = [
        (ScanEvent.MEDIA_ADDED, title, Phrase("title.added", title=title, instance=name))
        for title in synced.added
    ] + [
        (
            ScanEvent.MEDIA_REMOVED,
            title,
            Phrase("title.removed", title=title, instance=name),
        )
        for title in synced.gone
    ]
    record_many(
        {"kind": kind, "title": title, "text": text, "connection": connection, "job_id": job_id}
        for kind, title, text in texts
    )


def _forget_verdicts(connection: Connection) -> None:
    """Forget every verdict of an instance and ask that all our labels be taken off its media.

    Facts stay: the next scan decides again without reading what did not change.
    """
    ScanState.objects.filter(media__connection=connection).update(
        verdict=Verdict.UNKNOWN,
        verdict_reason={},
        verdict_at=None,
        language_labels=None,
        scanned_fingerprint="",
        untag=True,
        dirty=True,
        reconcile_rounds=0,
    )
    FileScanState.objects.filter(file__media__connection=connection).update(
        verdict=Verdict.UNKNOWN, reason={}
    )
    SeasonScanState.objects.filter(season__media__connection=connection).update(
        verdict=Verdict.UNKNOWN, counts={}
    )


def _preview_removal(connection: Connection) -> dict[str, Any]:
    """Return how many media would lose each label, and how many NFO files would be edited."""
    labels = labels_of(connection)
    removed: Counter[str] = Counter()
    nfo = 0
    carried = Media.objects.filter(connection=connection).values_list("tags", "scan_state__nfo_tags")
    for tags, nfo_tags in carried:
        removed.update(difference(tags, NOTHING, labels).remove)
        nfo += bool(nfo_tags)
    return {"added": {}, "removed": dict(sorted(removed.items())), "nfo_written": nfo}
