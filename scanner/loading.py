"""Loading titles with all that reading and deciding takes, by prepared statements.

Measured on 2 cores: a row with its relations costs 2.0 ms through the ORM, which builds the same statement
anew each time, and 0.3 ms here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeVar

from django.db import connection as database
from django.db import models
from django.db.models import QuerySet

from connections.models import Connection
from core import sql
from library.models import File, Media, PathMapping
from scanner.models import (
    FileProblem,
    FileScanState,
    Known,
    ManagedLabel,
    Policy,
    ScanSettings,
    ScanState,
)
from scanner.models.state import has_facts
from scanner.probe.tracks import Facts, Track
from scanner.verdict.title import KnownSeason, VideoFile

Row = TypeVar("Row", bound=models.Model)

_BESIDE: dict[str, type[models.Model]] = {"path_mappings": PathMapping, "managed_labels": ManagedLabel}
"""What belongs to a connection and every scan of a title needs, by its name there."""

_LOCK = f"""
    SELECT {sql.NO_DISK}
    FROM library_media AS media JOIN scanner_scanstate AS state ON state.media_id = media.id
    WHERE media.id = %s FOR NO KEY UPDATE
"""  # noqa: S608

_FILES = """
    SELECT media_id, problem, probed_at IS NOT NULL, reason, tracks, engine, partial, note,
           id, season_id, path, episodes, counted, verdict
    FROM library_file JOIN scanner_filescanstate ON file_id = id WHERE media_id = ANY (%s)
"""
_SEASONS_OF_MEDIA = """
    (SELECT coalesce(json_agg(json_build_array(id, number, monitored, verdict, counts) ORDER BY number), '[]')
     FROM library_season JOIN scanner_seasonscanstate ON season_id = id WHERE media_id = media.id)::text
"""
_SEASONS = """
    SELECT media_id, id, number, monitored, verdict, counts
    FROM library_season JOIN scanner_seasonscanstate ON season_id = id WHERE media_id = ANY (%s)
"""


@dataclass(frozen=True, slots=True)
class Title:
    """One title as deciding takes it: its row, its files by path and its seasons."""

    media: Media
    files: Sequence[VideoFile]
    seasons: Sequence[KnownSeason]


@dataclass(frozen=True, slots=True)
class Rows:
    """One title as a scan takes it: its row, with its connection and all of that, the rows of its files by
    path, each with its state, and its seasons by number.
    """

    media: Media
    files: list[File]
    seasons: list[KnownSeason]


def load_rows(media_id: int, *, lock: bool = False) -> Rows | None:
    """Return a title with its state, its connection with settings, path mappings and labels, both policies,
    its files and its seasons. None where there is no such title.

    `lock` is for who saves a scan: it holds the rows of title and state until the transaction ends, whose
    commit does not wait for the disk (`sql.NO_DISK`), and loads no files.
    """
    # In one round trip, but the lock by a statement of its own: one that waits for the rows would still see
    # the policy of before its wait.
    first = _LOCK if lock else _files_statement()
    files, rows = sql.fetch_all((first, [media_id]), (_media_statement(), [media_id]))
    if not rows:
        return None
    seasons, *values = rows[0]
    return Rows(
        _media(values),
        # Sorted here, so that the order is the same whatever the database's collation.
        [] if lock else sorted(map(_file, files), key=attrgetter("path")),
        [KnownSeason(*season) for season in json.loads(seasons)],
    )


def load_titles(media_ids: Sequence[int], *, lock: bool = False) -> Iterator[Title]:
    """Yield these titles by id, with no more of their files than deciding takes; what is the same in many is
    one object. Their connections and policies come with them.

    `lock` holds their rows until the transaction ends.
    """
    query = Media.objects.filter(pk__in=media_ids).select_related("scan_state").order_by("pk")
    # The rows first: a policy that is saved meanwhile is committed by the time that they are ours.
    found = list(with_policies(list(locked(query) if lock else query)))
    of_files, of_seasons = sql.fetch_all((_FILES, [list(media_ids)]), (_SEASONS, [list(media_ids)]))
    files: dict[int, list[VideoFile]] = {}
    for media_id, problem, probed, reason, tracks, engine, partial, note, *columns in of_files:
        facts = _facts(tracks, engine, partial, note) if has_facts(problem, probed) else None
        files.setdefault(media_id, []).append(_video_file(_parsed(reason), facts, problem, columns))
    seasons: dict[int, list[KnownSeason]] = {}
    for media_id, pk, number, monitored, verdict, counts in of_seasons:
        season = KnownSeason(pk, number, monitored, verdict, _parsed(counts))
        seasons.setdefault(media_id, []).append(season)
    for media in found:
        yield Title(
            media,
            sorted(files.get(media.pk, []), key=attrgetter("path")),
            sorted(seasons.get(media.pk, []), key=attrgetter("number")),
        )


def video_file(file: File, known: Known) -> VideoFile:
    """One file of which this is known by now, as deciding takes it."""
    state = file.scan_state
    columns = (file.pk, file.season_id, file.path, file.episodes, state.counted, state.verdict)
    return _video_file(state.reason, known.facts, known.problem, columns)


def _video_file(
    reason: dict[str, Any], facts: Facts | None, problem: str, columns: Sequence[Any]
) -> VideoFile:
    away = problem in (FileProblem.UNREACHABLE, FileProblem.WAITING)
    return VideoFile(reason, facts, away, problem == FileProblem.NOT_PROBED, *columns)


@lru_cache(maxsize=4096)
def _facts(tracks: str, engine: str, partial: bool, note: str) -> Facts:
    found = tuple(Track.from_json(track) for track in json.loads(tracks))
    return Facts(tracks=found, engine=engine, partial=partial, note=note)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def _media(values: Sequence[Any]) -> Media:
    mappings, labels, *rest = values
    media = _take(Media, rest)
    state = _take(ScanState, rest)
    state.media = media  # which keeps the state at the title too
    media.connection = _take(Connection, rest)
    _keep_beside(
        media.connection,
        path_mappings=_from_json(PathMapping, mappings),
        managed_labels=_from_json(ManagedLabel, labels),
    )
    _keep_settings(media.connection, _take(ScanSettings, rest), _take(Policy, rest))
    if state.policy_override_id is not None:
        state.policy_override = _take(Policy, rest)
    return media


def _file(values: Sequence[Any]) -> File:
    left = list(values)
    file = _take(File, left)
    _take(FileScanState, left).file = file  # which keeps the state at the file too
    return file


@lru_cache(maxsize=1)
def _files_statement() -> str:
    return (
        f"SELECT {sql.columns(File, 'own')}, {sql.columns(FileScanState, 'state')}"  # noqa: S608
        " FROM library_file AS own JOIN scanner_filescanstate AS state ON state.file_id = own.id"
        " WHERE own.media_id = %s"
    )


def locked(media: QuerySet[Media]) -> QuerySet[Media]:
    """Return these media with their states, both locked until the transaction ends.

    Whoever locks both takes the title first, as `load_rows` does: else two would wait for each other.
    """
    # An outer join, which Django makes where no state is asked for, can lock no state.
    found = media.filter(scan_state__isnull=False).select_related("scan_state")
    return found.select_for_update(no_key=True, of=("self", "scan_state"))


def with_policies(media: Iterable[Media]) -> Iterator[Media]:
    """Yield media, whose states are loaded, with their connections (settings and path mappings too) and
    policies.

    Those of one connection share its objects: a join would make one for each of them.
    """
    connections, policies = _shared()
    for one in media:
        # What was made since is loaded when it is asked for.
        if one.connection_id in connections:
            one.connection = connections[one.connection_id]
        if one.scan_state.policy_override_id in policies:
            one.scan_state.policy_override = policies[one.scan_state.policy_override_id]
        yield one


def _shared() -> tuple[dict[int, Connection], dict[int, Policy]]:
    """All connections with settings and path mappings, and all policies, by id: few, for many titles."""
    of_settings, of_connections, of_policies, of_mappings = sql.fetch_all(
        *((_all_of(model), ()) for model in (ScanSettings, Connection, Policy, PathMapping))
    )
    connections = {row.pk: row for row in _built(Connection, of_connections)}
    policies = {row.pk: row for row in _built(Policy, of_policies)}
    for settings in _built(ScanSettings, of_settings):
        if settings.pk in connections and settings.policy_id in policies:
            _keep_settings(connections[settings.pk], settings, policies[settings.policy_id])
    mappings: dict[int, list[PathMapping]] = {pk: [] for pk in connections}
    for mapping in _built(PathMapping, of_mappings):
        mappings.get(mapping.connection_id, []).append(mapping)
    for pk, rows in mappings.items():
        _keep_beside(connections[pk], path_mappings=rows)
    return connections, policies


@lru_cache(maxsize=8)
def _all_of(model: type[models.Model]) -> str:
    key = model._meta.pk.column
    return f"SELECT {sql.columns(model, 'own')} FROM {model._meta.db_table} AS own ORDER BY {key}"  # noqa: S608


def _built(model: type[Row], rows: Iterable[Sequence[Any]]) -> list[Row]:
    return [sql.build(model, values) for values in rows]


def _keep_settings(connection: Connection, settings: ScanSettings, policy: Policy) -> None:
    settings.policy = policy
    settings.connection = connection  # which keeps the settings at the connection too


def _take(model: type[Row], values: list[Any]) -> Row:
    """Build a row from the first of these values, and take them off."""
    width = len(model._meta.concrete_fields)
    taken, values[:width] = values[:width], []
    return sql.build(model, taken)


def _keep_beside(connection: Connection, **related: list[Any]) -> None:
    """Give a connection its related rows where `prefetch_related` keeps them."""
    kept = {}
    for name, rows in related.items():
        found: Any = _BESIDE[name]._default_manager.all()
        found._result_cache = rows
        found._prefetch_done = True
        kept[name] = found
    vars(connection)["_prefetched_objects_cache"] = kept


def _from_json(model: type[models.Model], text: str) -> list[models.Model]:
    return [model.from_db(database.alias, list(row), list(row.values())) for row in json.loads(text)]


def _beside(name: str) -> str:
    """The related rows of the media's connection as one text of JSON; times, which JSON has not, left out."""
    model = _BESIDE[name]
    names = (
        str(field.column) for field in model._meta.concrete_fields if type(field) is not models.DateTimeField
    )
    return (
        f"(SELECT coalesce(json_agg(beside), '[]')::text FROM (SELECT {', '.join(names)}"  # noqa: S608
        f" FROM {model._meta.db_table} WHERE connection_id = media.connection_id ORDER BY id) AS beside)"
    )


@lru_cache(maxsize=1)
def _media_statement() -> str:
    tables = (
        (Media, "media"),
        (ScanState, "state"),
        (Connection, "connection"),
        (ScanSettings, "settings"),
        (Policy, "policy"),
        (Policy, "own"),
    )
    found = [
        _SEASONS_OF_MEDIA,
        *map(_beside, _BESIDE),
        *(sql.columns(model, alias) for model, alias in tables),
    ]
    return (
        f"SELECT {', '.join(found)} FROM library_media AS media"  # noqa: S608  (names of our own models)
        " JOIN scanner_scanstate AS state ON state.media_id = media.id"
        " JOIN connections_connection AS connection ON connection.id = media.connection_id"
        " JOIN scanner_scansettings AS settings ON settings.connection_id = connection.id"
        " JOIN scanner_policy AS policy ON policy.id = settings.policy_id"
        " LEFT JOIN scanner_policy AS own ON own.id = state.policy_override_id"
        " WHERE media.id = %s"
    )
