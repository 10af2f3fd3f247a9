"""Scanning one media: which files it has, what is in them, and what that amounts to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet

from jobs.handlers import Outcome
from jobs.models import ItemState, Queue
from jobs.runner import ItemRun
from library import bulk
from library.clients import ArrClient, RemoteFile, client_for
from library.errors import StorageError, TaggarrError
from library.files import fetch_files, list_files, store_new_files
from library.loading import load_files, load_media, lock_media
from library.models import File, Media, PathMapping
from library.root_folders import parent_of, why_offline
from library.roots import MediaRoots
from library.sync import sync_media

from . import deciding, exclusions
from .episodes import parse_episodes
from .loose_movies import find_movie_file
from .reading import FACT_FIELDS, Reading, ReadOptions, read_files
from .requests import start_reconcile
from .scan_params import ScanParams
from .sources import Source, Sources, sources_of


def scan_media(run: ItemRun, params: ScanParams) -> Outcome:
    """Read what changed of one media and decide; the outcome saves both with the end of the item.

    Raises `StorageError` where files cannot be reached now and the item has attempts left; on the last one it
    is decided from what could be read, and the item fails.
    """
    media = load_media(run.item.media_id or 0)
    if media is None:
        return _skip("The media is gone.")
    try:
        return _scan(run, media, params)
    except Media.DoesNotExist:  # deleted meanwhile
        return _skip("The media is gone.")
    except TaggarrError as error:
        # A media that failed is scanned again next time, and says why until then.
        Media.objects.filter(pk=media.pk).update(scan_error=str(error))
        raise


def _scan(run: ItemRun, media: Media, params: ScanParams) -> Outcome:
    client = client_for(media.instance, read_only=params.dry_run)
    alone = params.media_id is not None
    # Who asks for one media knows of a change that the sync of a full scan may not have seen.
    if (alone or run.item.queue == Queue.INTERACTIVE) and not _refresh(media, client):
        return _skip("The media is gone from the app.")
    if media.is_excluded:
        return _skip(f"Excluded by {media.excluder}.")
    sources = sources_of(media.instance) if alone else Sources(Source(run.item.params["source"]))
    if media.arr_file_count and (sentence := sources.offline_reason(media.path)):
        raise StorageError(sentence)
    files = _files_of(media, client, sources.source)
    reading = _read(run, media, files, params, sources.source)
    if reading.unreached and (sentence := why_offline(parent_of(media.path), _mappings(media))):
        # The folder went away meanwhile: that is what is wrong, not a file of it, and nothing was learnt.
        raise StorageError(sentence)
    scan = deciding.Scanned(
        media_id=media.pk,
        fingerprint=media.arr_fingerprint,
        started=run.claimed_at,
        files=files,
        reading=reading,
        job_id=run.job.pk,
    )
    if reading.unreached:
        run.checkpoint(lambda: deciding.save_scan(scan))
        raise StorageError(_sentence(reading.unreached))
    return Outcome(result=_result(files, reading), save=lambda: _save(run, scan, alone or params.dry_run))


def _save(run: ItemRun, scan: deciding.Scanned, written_by_finish: bool) -> None:
    deciding.save_scan(scan)
    instance = run.job.instance
    if instance and not written_by_finish and run.item.queue == Queue.INTERACTIVE:
        # Somebody waits for this one media in the middle of a full scan.
        start_reconcile(instance, media_ids=[scan.media_id])


def _refresh(media: Media, client: ArrClient) -> bool:
    """Fetch what the app says of one media now; return whether it still has it."""
    if not sync_media(media, client):
        return False
    exclusions.apply_rules(media.instance, [media.pk])
    media.refresh_from_db(
        fields=[field.name for field in Media._meta.concrete_fields if not field.is_relation]
    )
    return True


def _files_of(media: Media, client: ArrClient, source: Source) -> list[File]:
    """Return the rows of the files that a media has now."""
    if media.instance.is_sonarr:
        remote = fetch_files(media, client) if media.arr_file_count else []
        return list_files(media, [_numbered(file, media.path) for file in remote])
    files = load_files(media.pk)
    if source == Source.DISK and not any(file.arr_file_id for file in files):
        return find_movie_file(media, files)
    return files


def _numbered(file: RemoteFile, folder: str) -> RemoteFile:
    """Return a file with the season and episodes that its name tells, where the app knows no episode."""
    if file.episodes:
        return file
    told = parse_episodes(file.path.removeprefix(folder))
    season = file.season if file.season is not None else told.season
    return replace(file, season=season, episodes=told.episodes)


def _read(run: ItemRun, media: Media, files: Sequence[File], params: ScanParams, source: Source) -> Reading:
    options = ReadOptions(
        source=source,
        since=run.job.created_at if params.mode == "rewrite" else None,
        quick=params.quick or media.policy.quick,
    )

    def save(changed: Sequence[File]) -> None:
        run.checkpoint(lambda: _save_read(media, files, changed))

    roots = MediaRoots(media.path, _mappings(media))
    return read_files(files, roots, options, keep_alive=run.check, save=save)


def _mappings(media: Media) -> QuerySet[PathMapping]:
    return media.instance.path_mappings.all()


def _save_read(media: Media, files: Sequence[File], changed: Sequence[File]) -> None:
    """Save the facts of the files of a media that `changed`, and all its files where they are new."""
    stored = [file for file in changed if file.pk is not None]
    if len(stored) < len(changed):
        if not lock_media(media.pk):
            raise Media.DoesNotExist
        store_new_files(media.pk, files)
    bulk.update(stored, FACT_FIELDS)


def _skip(why: str) -> Outcome:
    return Outcome(ItemState.SKIPPED, {"why": why})


def _result(files: Sequence[File], reading: Reading) -> dict[str, Any]:
    return {"files": len(files), "probed": reading.probed}


def _sentence(unreached: Sequence[str]) -> str:
    more = f" (and {len(unreached) - 1} more files)" if len(unreached) > 1 else ""
    return f"{unreached[0]}{more}"
