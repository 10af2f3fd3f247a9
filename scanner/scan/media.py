"""Scanning one title: which files it has, what is in them, and what that amounts to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from core import sql
from core.errors import StorageError, TaggarrError
from core.words import Phrase
from jobs.doorbells import is_muted
from jobs.handlers import Outcome
from jobs.models import ItemState, Queue
from jobs.runner import ItemRun
from library.clients import LibraryClient, client_for
from library.files import lock_media, number_new_files
from library.models import File, Media
from library.root_folders import parent_of, why_offline
from library.roots import MediaRoots
from library.sync import sync_media
from scanner.facts.listing import files_of
from scanner.facts.reading import Reading, ReadOptions, read_files
from scanner.facts.sources import Source, Sources, sources_of
from scanner.labels.managed import labels_of
from scanner.loading import Rows, Title, load_rows, video_file
from scanner.models import FileScanState, Known, ScanState
from scanner.scan import exclusions
from scanner.scan.deciding import Intent, decide, intent_of, save, update
from scanner.scan.starting import ScanParams, start_reconcile
from scanner.verdict.title import Decider

UNREACHED = "unreached"
"""The key in an item's result under which stands which files could not be reached, and why."""

LONGEST_SCAN = timedelta(hours=1)
"""Of one title; the time limit of a task is eleven minutes (`CELERY_TASK_TIME_LIMIT`)."""

LOOKS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
"""How long after a look at files that could not be reached the next one is; then scans alone look."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """One title as a worker read it. `fingerprint` is the app's when it began, `started` the time of its
    claim.
    """

    media_id: int
    fingerprint: str
    started: datetime
    files: Sequence[File]
    reading: Reading
    job_id: int


def scan_media(run: ItemRun, params: ScanParams, *, patient: bool = False) -> Outcome:
    """Read what changed of one title and decide; the outcome saves both with the end of the item.

    Single files that cannot be reached are left to a later look (`scanner.look_again`): the media is decided
    from the others now. So are odd files, which may take long (`probe`), unless `patient`: a scan of all
    puts them off once. Raises `StorageError` where its whole root folder cannot be seen.
    """
    rows = load_rows(run.item.subject_id or 0)
    if rows is None:
        return _skip("The media is gone.")
    try:
        return _scan(run, rows, params, patient=patient)
    except Media.DoesNotExist:  # deleted meanwhile
        return _skip("The media is gone.")
    except TaggarrError as error:
        # A title that failed is scanned again next time, and says why until then.
        ScanState.objects.filter(media=rows.media).update(scan_error=error.phrase)
        raise


def _scan(run: ItemRun, rows: Rows, params: ScanParams, *, patient: bool) -> Outcome:
    client = client_for(rows.media.connection, read_only=params.dry_run)
    alone = params.media_id is not None
    # Who asks for one title knows of a change that the sync of a full scan may not have seen.
    if alone or run.item.queue == Queue.INTERACTIVE:
        fresh = _refresh(rows.media, client)
        if fresh is None:
            return _skip("The media is gone from the app.")
        rows = fresh
    media = rows.media
    if media.is_excluded:
        return _skip(f"Excluded by {media.excluder}.")
    sources = sources_of(media.connection) if alone else Sources(Source(run.item.params["source"]))
    if media.arr_file_count and (sentence := sources.offline_reason(media.path)):
        raise StorageError(sentence)
    seasons = {season.number: season.pk for season in rows.seasons}
    files = files_of(media, rows.files, seasons, client, sources.source)
    options = ReadOptions(
        source=sources.source,
        since=run.job.created_at if params.mode == "rewrite" else None,
        quick=params.quick or media.scan_state.policy.quick,
        # Where no worker rings, perhaps none will look again.
        patient=patient
        or alone
        or run.item.queue == Queue.INTERACTIVE
        or media.scan_state.looks > 0
        or is_muted(),
    )
    reading = _read(run, media, files, options)
    scan = Scanned(media.pk, media.arr_fingerprint, run.claimed_at, files, reading, run.job.pk)
    return Outcome(result=_result(scan), save=lambda: _save(run, scan, alone or params.dry_run))


def _refresh(media: Media, client: LibraryClient) -> Rows | None:
    """Fetch what the app says of one title now, and load it anew; None where the app no longer has it."""
    if not sync_media(media, client):
        return None
    rows = load_rows(media.pk)
    if rows and exclusions.apply_to([rows.media]):
        return load_rows(media.pk)
    return rows


def _read(run: ItemRun, media: Media, files: Sequence[File], options: ReadOptions) -> Reading:
    mappings = media.connection.path_mappings.all()
    reading = Reading({file.path: file.scan_state.known for file in files})

    def read() -> None:
        roots = MediaRoots(media.path, mappings)
        read_files(files, reading, roots, options, keep_alive=run.check, save=save_read)

    def save_read(known: Mapping[str, Known]) -> None:
        run.checkpoint(lambda: _save_read(media, files, known))

    read()
    if reading.unreached:
        if sentence := why_offline(parent_of(media.path), mappings):
            # The folder went away meanwhile: that is what is wrong, not a file of it, and nothing was learnt.
            raise StorageError(sentence)
        # It may have come back since a file was looked for.
        read()
    return reading


def _save_read(media: Media, files: Sequence[File], known: Mapping[str, Known]) -> None:
    """Save what is newly `known` of files of a title, and all its files where they are new."""
    is_new = any(file.pk is None for file in files)
    if is_new and not lock_media(media.pk):
        raise Media.DoesNotExist
    new = number_new_files(media.pk, files)
    states = {file.pk: known[file.path].columns for file in files if file.path in known}
    _insert(new, states)
    update(FileScanState, states)


def _insert(new: Sequence[File], states: dict[int, dict[str, Any]]) -> None:
    """Insert new files with their `states`, by key; these are taken out, what is left is there already.

    The states first: the database makes those that it finds missing, and each would be written twice.
    """
    known = []
    for file in new:
        if columns := states.pop(file.pk, None):
            file.scan_state.pk = file.pk
            vars(file.scan_state).update(columns)
            known.append(file.scan_state)
    with sql.together():
        sql.insert(known)
        sql.insert(new)


def _save(run: ItemRun, scan: Scanned, written_by_finish: bool) -> None:
    save_scan(scan)
    # Where somebody waits for this one title in the middle of a full scan.
    if not written_by_finish and run.item.queue == Queue.INTERACTIVE and run.job.connection:
        start_reconcile(run.job.connection, media_ids=[scan.media_id])


def save_scan(scan: Scanned) -> None:
    """Save what a scan of one title read, and decide. Runs in the caller's transaction and locks the title.

    Of two scans of one title the later-started wins: an older one leaves everything as it is. Files that
    could not be reached are looked for again later, and by the next scan.
    """
    rows = load_rows(scan.media_id, lock=True)
    if rows is None or _is_outdone(rows.media.scan_state, scan):
        return
    media, state = rows.media, rows.media.scan_state
    new = number_new_files(media.pk, scan.files)
    files = [video_file(file, scan.reading.known[file.path]) for file in scan.files]
    title = Title(media, files, rows.seasons)
    decider = Decider(state.policy.rules)
    intent = intent_of(
        decide(title, state.policy, decider),
        decider,
        labels_of(media.connection),
        # One that was excluded while it was read loses its labels all the same.
        untag=state.untag and media.is_excluded,
        # An NFO may have come, or been rewritten, since we wrote it: look at it again.
        nfo_tags=None if state.policy.write_nfo else state.nfo_tags,
        job_id=scan.job_id,
    )
    states = _files(intent, scan)
    with sql.together():
        _insert(new, states)
        save([replace(intent, state=_state(intent, scan), files=states)])


def _files(intent: Intent, scan: Scanned) -> dict[int, dict[str, Any]]:
    """What to write of files: what was read and is not saved yet, and the verdicts that are other ones."""
    changed = {}
    for file in scan.files:
        state, verdict = file.scan_state, intent.files.get(file.pk)
        if verdict or file.path in scan.reading.unsaved:
            kept = {"verdict": state.verdict, "reason": state.reason}
            changed[file.pk] = {**scan.reading.known[file.path].columns, **(verdict or kept)}
    return changed


def _state(intent: Intent, scan: Scanned) -> dict[str, Any]:
    """What the state of a title holds after a scan: also what could not be reached, and when to look for it
    again, which is sooner where the files are other ones.
    """
    state, policy, unreached = intent.media.scan_state, intent.media.scan_state.policy, scan.reading.unreached
    unread = bool(unreached or scan.reading.put_off)
    looks = state.looks if unread and state.scanned_fingerprint == scan.fingerprint else 0
    again = unread and looks < len(LOOKS)
    return {
        **intent.state,
        "probe_started_at": scan.started,
        "scanned_at": timezone.now(),
        "scanned_fingerprint": scan.fingerprint,
        "scan_error": next(iter(unreached.values()), ""),
        "looks": looks + again,
        "look_again_at": timezone.now() + LOOKS[looks] if again else None,
        "nfo_tags": None if policy.write_nfo else state.nfo_tags,
        "untag": state.untag and intent.media.is_excluded,
    }


def _is_outdone(state: ScanState, scan: Scanned) -> bool:
    """Whether a scan that started later has saved what it read.

    No scan of one title takes longer than a task may. One that seems to have started later than that is an
    earlier one: the clock was set back since.
    """
    other = state.probe_started_at
    return other is not None and scan.started < other < scan.started + LONGEST_SCAN


def _skip(why: str) -> Outcome:
    return Outcome(ItemState.SKIPPED, {"why": why})


def _result(scan: Scanned) -> dict[str, Any]:
    result = {"files": len(scan.files), "probed": scan.reading.probed}
    unreached = [*scan.reading.unreached.values()]
    return {**result, UNREACHED: _unreached(unreached).stored()} if unreached else result


def _unreached(why: Sequence[str]) -> Phrase:
    more = len(why) - 1
    return Phrase("probe.unreached", first=why[0], number=more) if more else Phrase.of(why[0])
