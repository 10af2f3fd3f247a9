"""Scanning one title: which files it has, what is in them, and what that amounts to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet

from core.errors import StorageError, TaggarrError
from core.words import Phrase
from jobs.doorbells import is_muted
from jobs.handlers import Outcome
from jobs.models import ItemState, Queue
from jobs.runner import ItemRun
from library.clients import LibraryClient, RemoteFile, client_for
from library.files import fetch_files, list_files, lock_media, store_new_files
from library.folder.episodes import parse_episodes
from library.models import File, Media, PathMapping, holds_series
from library.root_folders import parent_of, why_offline
from library.roots import MediaRoots
from library.sync import sync_media
from scanner.facts.loose_movies import find_movie_file
from scanner.facts.reading import Reading, ReadOptions, read_files, save_states
from scanner.facts.sources import Source, Sources, sources_of
from scanner.loading import load_files, load_media
from scanner.models import FileScanState, ScanState
from scanner.scan import deciding, exclusions
from scanner.scan.params import ScanParams
from scanner.scan.starting import start_reconcile

UNREACHED = "unreached"
"""The key in an item's result under which stands which files could not be reached, and why."""


def scan_media(run: ItemRun, params: ScanParams, *, patient: bool = False) -> Outcome:
    """Read what changed of one title and decide; the outcome saves both with the end of the item.

    Single files that cannot be reached are left to a later look (`scanner.look_again`): the media is decided
    from the others now. So are odd files, which may take long (`probe`), unless `patient`: a scan of all
    puts them off once. Raises `StorageError` where its whole root folder cannot be seen.
    """
    media = load_media(run.item.subject_id or 0)
    if media is None:
        return _skip("The media is gone.")
    try:
        return _scan(run, media, params, patient=patient)
    except Media.DoesNotExist:  # deleted meanwhile
        return _skip("The media is gone.")
    except TaggarrError as error:
        # A title that failed is scanned again next time, and says why until then.
        ScanState.objects.filter(media=media).update(scan_error=error.phrase)
        raise


def _scan(run: ItemRun, media: Media, params: ScanParams, *, patient: bool) -> Outcome:
    client = client_for(media.connection, read_only=params.dry_run)
    alone = params.media_id is not None
    # Who asks for one title knows of a change that the sync of a full scan may not have seen.
    if (alone or run.item.queue == Queue.INTERACTIVE) and not _refresh(media, client):
        return _skip("The media is gone from the app.")
    if media.is_excluded:
        return _skip(f"Excluded by {media.excluder}.")
    sources = sources_of(media.connection) if alone else Sources(Source(run.item.params["source"]))
    if media.arr_file_count and (sentence := sources.offline_reason(media.path)):
        raise StorageError(sentence)
    files = _files_of(media, client, sources.source)
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
    if reading.unreached:
        if sentence := why_offline(parent_of(media.path), _mappings(media)):
            # The folder went away meanwhile: that is what is wrong, not a file of it, and nothing was learnt.
            raise StorageError(sentence)
        # It may have come back since a file was looked for.
        second = _read(run, media, files, options)
        reading = Reading(reading.probed + second.probed, second.unreached, reading.changed + second.changed)
    scan = deciding.Scanned(
        media_id=media.pk,
        fingerprint=media.arr_fingerprint,
        started=run.claimed_at,
        files=files,
        reading=reading,
        job_id=run.job.pk,
    )
    return Outcome(result=_result(files, reading), save=lambda: _save(run, scan, alone or params.dry_run))


def _save(run: ItemRun, scan: deciding.Scanned, written_by_finish: bool) -> None:
    deciding.save_scan(scan)
    connection = run.job.connection
    if connection and not written_by_finish and run.item.queue == Queue.INTERACTIVE:
        # Somebody waits for this one title in the middle of a full scan.
        start_reconcile(connection, media_ids=[scan.media_id])


def _refresh(media: Media, client: LibraryClient) -> bool:
    """Fetch what the app says of one title now; return whether it still has it."""
    if not sync_media(media, client):
        return False
    exclusions.apply_rules(media.connection, [media.pk])
    media.refresh_from_db(
        fields=[field.name for field in Media._meta.concrete_fields if not field.is_relation]
    )
    return True


def _files_of(media: Media, client: LibraryClient, source: Source) -> list[File]:
    """Return the rows of the files that a title has now, with their states."""
    known = load_files(media.pk)
    if holds_series(media.connection):
        remote = fetch_files(media, client) if media.arr_file_count else []
        return _with_states(list_files(media, [_numbered(file, media.path) for file in remote], known), known)
    if source == Source.DISK and not any(file.arr_file_id for file in known):
        return _with_states(find_movie_file(media, known), known)
    return known


def _with_states(files: list[File], known: Sequence[File]) -> list[File]:
    """Give each file the state that it has, or where it is new will have when it is stored."""
    states = {file.pk: file.scan_state for file in known}
    for file in files:
        state = states.get(file.pk) or FileScanState()
        state.file = file
    return files


def _numbered(file: RemoteFile, folder: str) -> RemoteFile:
    """Return a file with the season and episodes that its name tells, where the app knows no episode."""
    if file.episodes:
        return file
    told = parse_episodes(file.path.removeprefix(folder))
    season = file.season if file.season is not None else told.season
    return replace(file, season=season, episodes=told.episodes)


def _read(run: ItemRun, media: Media, files: Sequence[File], options: ReadOptions) -> Reading:

    def save(changed: Sequence[FileScanState]) -> None:
        run.checkpoint(lambda: _save_read(media, files, changed))

    roots = MediaRoots(media.path, _mappings(media))
    return read_files(files, roots, options, keep_alive=run.check, save=save)


def _mappings(media: Media) -> QuerySet[PathMapping]:
    return media.connection.path_mappings.all()


def _save_read(media: Media, files: Sequence[File], changed: Sequence[FileScanState]) -> None:
    """Save the facts of a title that `changed`, and all its files where they are new."""
    if any(file.pk is None for file in files):
        if not lock_media(media.pk):
            raise Media.DoesNotExist
        store_new_files(media.pk, files)
    save_states(changed)


def _skip(why: str) -> Outcome:
    return Outcome(ItemState.SKIPPED, {"why": why})


def _result(files: Sequence[File], reading: Reading) -> dict[str, Any]:
    result = {"files": len(files), "probed": reading.probed}
    return {**result, UNREACHED: _unreached(reading.unreached).stored()} if reading.unreached else result


def _unreached(why: Sequence[str]) -> Phrase:
    more = len(why) - 1
    return Phrase("probe.unreached", first=why[0], number=more) if more else Phrase.of(why[0])
