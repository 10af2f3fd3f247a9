"""The scan job: sync an instance, read what changed, decide, and write the tags."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import Now

from history.models import EventKind
from jobs.handlers import JobHandler, NewItem, Outcome, Plan, RetryPolicy
from jobs.runner import ItemRun
from library.clients import client_for
from library.errors import ConfigError
from library.models import File, FileProblem, Instance, Media, included
from library.sync import sync_instance

from . import brake, drift, exclusions
from .deciding import redecide
from .labels import note_found_labels
from .media_scan import scan_media
from .reconcile import preview, reconcile
from .removal import forget_verdicts, preview_removal
from .scan_params import ScanParams
from .sources import Source, Sources, sources_of
from .sync_events import record_sync


class ScanHandler(JobHandler):
    """Scans one instance, or one media of it."""

    name = "scan"
    steps = ("media",)
    retry = RetryPolicy(attempts=5, base=2, cap=60)

    def validate(self, params: dict[str, Any]) -> dict[str, Any]:
        """Return the parameters, completed."""
        return asdict(ScanParams.of(params))

    def plan(self, run: ItemRun) -> Plan:
        """Sync the instance and name the media to read."""
        return _plan(run, _instance_of(run), ScanParams.of(run.job.params))

    def work(self, run: ItemRun) -> Outcome:
        """Read the files of one media and decide."""
        return scan_media(run, ScanParams.of(run.job.params))

    def finish(self, run: ItemRun) -> Outcome:
        """Write the tags, or say what would be written."""
        return _finish(run, _instance_of(run), ScanParams.of(run.job.params))


def _instance_of(run: ItemRun) -> Instance:
    if run.job.instance is None:
        raise ConfigError("The instance of this scan was deleted.")
    return run.job.instance


def _plan(run: ItemRun, instance: Instance, params: ScanParams) -> Plan:
    synced = sync_instance(instance, client_for(instance, read_only=params.dry_run))
    record_sync(instance, synced, run.job.pk)
    if synced.held and not params.dry_run:
        brake.hold(instance, synced.held, run.job.pk)
    note_found_labels(instance)
    exclusions.apply_rules(instance)
    deep = _deep(run, instance, params)
    summary = {"media": synced.total, "new": len(synced.added), "gone": len(synced.gone), "deep": deep}
    if params.mode == "remove":
        return Plan(summary=summary, save=None if params.dry_run else lambda: forget_verdicts(instance))
    drift.mark_dirty(instance)
    sources = sources_of(instance)
    _note_offline(instance, sources)
    changed = drift.changed_on_disk(instance, sources, keep_alive=run.check) if deep else set()
    due = _due(instance, params, sources, changed)
    redecide(Media.objects.filter(pk__in=set(synced.changed) - set(due)), job_id=run.job.pk)
    given = {"source": sources.source.value}
    items = [NewItem(key=f"media:{pk}", step="media", media_id=pk, params=given) for pk in due]
    return Plan(
        items=items, summary={**summary, "to_scan": len(due), "offline": list(sources.offline.values())}
    )


def _due(instance: Instance, params: ScanParams, sources: Sources, changed: set[int]) -> list[int]:
    """Return the media to read, in the order in which a library is listed.

    Those are the ones that the app reports as changed, that failed last time, whose files `changed` on disk,
    or of which files were left to be read by a quick scan or while the disk was not there.
    """
    media = Media.objects.filter(included(), instance=instance)
    if params.mode != "rewrite":
        waiting = ~Q(scanned_fingerprint=F("arr_fingerprint")) | ~Q(scan_error="") | Q(pk__in=changed)
        if not (params.quick or instance.policy.quick):
            waiting |= Q(Exists(File.objects.filter(media=OuterRef("pk"), problem=FileProblem.NOT_PROBED)))
        if sources.source == Source.DISK:
            waiting |= Q(Exists(File.objects.filter(media=OuterRef("pk"), engine=Source.ARR)))
        media = media.filter(waiting)
    rows = media.values_list("pk", "path", "arr_file_count")
    return [pk for pk, path, files in rows if not (files and sources.offline_reason(path))]


def _deep(run: ItemRun, instance: Instance, params: ScanParams) -> bool:
    """Whether this scan looks at every file: when asked to, or when the last such look is too long ago."""
    if params.deep or instance.last_deep_scan_at is None:
        return params.deep
    age = (run.claimed_at - instance.last_deep_scan_at).total_seconds()
    return age >= instance.deep_scan_every


def _note_offline(instance: Instance, sources: Sources) -> None:
    """Say at every media under an offline folder why it is not read; what is known of it stays."""
    if not sources.offline:
        return
    told: dict[str, list[int]] = {}
    media = Media.objects.filter(instance=instance, arr_file_count__gt=0)
    for pk, path, error in media.values_list("pk", "path", "scan_error").iterator():
        if (sentence := sources.offline_reason(path)) and sentence != error:
            told.setdefault(sentence, []).append(pk)
    for sentence, ids in told.items():
        Media.objects.filter(pk__in=ids).update(scan_error=sentence)


def _finish(run: ItemRun, instance: Instance, params: ScanParams) -> Outcome:
    if params.dry_run:
        would = preview_removal(instance) if params.mode == "remove" else preview(instance)
        return Outcome(result={**_counts(run, instance), "dry_run": True, "would": would})
    if params.media_id is None and params.mode != "remove":
        brake.check_verdicts(instance, run.job.pk)
        brake.check_labels(instance, run.job.pk)
    only = None if params.media_id is None else [params.media_id]
    written = reconcile(
        instance,
        client_for(instance),
        media_ids=only,
        job_id=run.job.pk,
        rescan=params.mode == "rewrite",
        keep_alive=run.check,
        hold=run.hold,
    )
    result = {**_counts(run, instance), **written.summary()}
    if instance.policy.dry_run:
        result["would"] = preview(instance)
    return Outcome(result=result, save=lambda: _note_scanned(run, instance, params))


def _note_scanned(run: ItemRun, instance: Instance, params: ScanParams) -> None:
    """Remember that the whole instance was scanned, and when every file was last looked at."""
    if params.media_id is not None or params.mode == "remove":
        return
    every_file_read = params.mode == "rewrite" or instance.last_full_scan_at is None
    deep = every_file_read or run.job.summary.get("deep", False)
    Instance.objects.filter(pk=instance.pk).update(
        last_full_scan_at=Now(), **({"last_deep_scan_at": Now()} if deep else {})
    )


def _counts(run: ItemRun, instance: Instance) -> dict[str, Any]:
    """Return the verdicts of what was scanned, and how many changed."""
    media = Media.objects.filter(instance=instance)
    if run.job.params.get("media_id") is not None:
        media = media.filter(pk=run.job.params["media_id"])
    verdicts = dict(media.order_by().values_list("verdict").annotate(Count("pk")))
    changes = run.job.events.filter(kind=EventKind.VERDICT).order_by().values("media_id").distinct().count()
    return {"verdicts": verdicts, "changed": changes}
