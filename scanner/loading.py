"""Loading what a scan of one series or movie needs, by one prepared statement (`library.files`)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeVar

from django.db import connection as database
from django.db import models
from django.db.models import QuerySet

from connections.models import Connection
from core import sql
from library.models import File, Media, PathMapping, Season
from scanner.models import (
    FileScanState,
    ManagedLabel,
    Policy,
    ScanSettings,
    ScanState,
    SeasonScanState,
)

Row = TypeVar("Row", bound=models.Model)

_BESIDE: dict[str, type[models.Model]] = {"path_mappings": PathMapping, "managed_labels": ManagedLabel}
"""What belongs to a connection and every scan of a title needs, by its name there."""

_LOCK = f"""
    SELECT {sql.NO_DISK}
    FROM library_media AS media JOIN scanner_scanstate AS state ON state.media_id = media.id
    WHERE media.id = %s FOR NO KEY UPDATE
"""  # noqa: S608


def load_media(media_id: int, *, lock: bool = False) -> Media | None:
    """Return a title with its state, its connection with settings, path mappings and labels, and both
    policies.

    None where there is no such media. `lock` is for who saves a scan: it holds the rows of title and state
    until the transaction ends, whose commit does not wait for the disk (`sql.NO_DISK`).
    """
    # By a statement of its own: one that waits for the rows would still see the policy of before its wait.
    if lock and not sql.fetch(_LOCK, [media_id]):
        return None
    rows = sql.fetch(_media_statement(), [media_id])
    if not rows:
        return None
    mappings, labels, *values = rows[0]
    media = _take(Media, values)
    state = _take(ScanState, values)
    state.media = media  # which keeps the state at the title too
    media.connection = _take(Connection, values)
    _keep_beside(media.connection, path_mappings=mappings, managed_labels=labels)
    _keep_settings(media.connection, _take(ScanSettings, values), _take(Policy, values))
    if state.policy_override_id is not None:
        state.policy_override = _take(Policy, values)
    return media


def load_files(media_id: int) -> list[File]:
    """Return the files of a title by path, with their states."""
    files = _load_with_states(File, FileScanState, media_id)
    # Sorted here, so that the order is the same whatever the database's collation.
    return sorted(files, key=attrgetter("path"))


def load_seasons(media_id: int) -> list[Season]:
    """Return the seasons of a title by number, with their states."""
    return sorted(_load_with_states(Season, SeasonScanState, media_id), key=attrgetter("number"))


def _load_with_states(model: type[Row], state: type[models.Model], media_id: int) -> Iterator[Row]:
    for values in sql.fetch(_with_states(model, state), [media_id]):
        left = list(values)
        row = _take(model, left)
        setattr(_take(state, left), str(state._meta.pk.name), row)  # which keeps the state at the row too
        yield row


@lru_cache(maxsize=2)
def _with_states(model: type[models.Model], state: type[models.Model]) -> str:
    return (
        f"SELECT {sql.columns(model, 'own')}, {sql.columns(state, 'state')}"  # noqa: S608
        f" FROM {model._meta.db_table} AS own"
        f" JOIN {state._meta.db_table} AS state ON state.{state._meta.pk.column} = own.id"
        " WHERE own.media_id = %s"
    )


def locked(media: QuerySet[Media]) -> QuerySet[Media]:
    """Return these media with their states, both locked until the transaction ends.

    Whoever locks both takes the title first, as `load_media` does: else two would wait for each other.
    """
    # An outer join, which Django makes where no state is asked for, can lock no state.
    found = media.filter(scan_state__isnull=False).select_related("scan_state")
    return found.select_for_update(no_key=True, of=("self", "scan_state"))


def with_policies(media: Iterable[Media]) -> Iterator[Media]:
    """Yield media, whose states are loaded, with their connections (settings and path mappings too) and
    policies.

    Those of one connection share its objects: a join would make one for each of them.
    """
    policies = Policy.objects.in_bulk()
    connections = Connection.objects.prefetch_related("path_mappings").in_bulk()
    for settings in ScanSettings.objects.all():
        if settings.pk in connections:
            _keep_settings(connections[settings.pk], settings, policies[settings.policy_id])
    for one in media:
        # What was made since is loaded when it is asked for.
        if one.connection_id in connections:
            one.connection = connections[one.connection_id]
        if one.scan_state.policy_override_id in policies:
            one.scan_state.policy_override = policies[one.scan_state.policy_override_id]
        yield one


def _keep_settings(connection: Connection, settings: ScanSettings, policy: Policy) -> None:
    settings.policy = policy
    settings.connection = connection  # which keeps the settings at the connection too


def _take(model: type[Row], values: list[Any]) -> Row:
    """Build a row from the first of these values, and take them off."""
    width = len(model._meta.concrete_fields)
    taken, values[:width] = values[:width], []
    return sql.build(model, taken)


def _keep_beside(connection: Connection, **texts: str) -> None:
    """Give a connection its related rows (`_BESIDE`) where `prefetch_related` keeps them."""
    kept = {}
    for name, text in texts.items():
        model = _BESIDE[name]
        rows: Any = model._default_manager.all()
        rows._result_cache = [
            model.from_db(database.alias, list(row), list(row.values())) for row in json.loads(text)
        ]
        rows._prefetch_done = True
        kept[name] = rows
    vars(connection)["_prefetched_objects_cache"] = kept


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
    found = [*map(_beside, _BESIDE), *(sql.columns(model, alias) for model, alias in tables)]
    return (
        f"SELECT {', '.join(found)} FROM library_media AS media"  # noqa: S608  (names of our own models)
        " JOIN scanner_scanstate AS state ON state.media_id = media.id"
        " JOIN connections_connection AS connection ON connection.id = media.connection_id"
        " JOIN scanner_scansettings AS settings ON settings.connection_id = connection.id"
        " JOIN scanner_policy AS policy ON policy.id = settings.policy_id"
        " LEFT JOIN scanner_policy AS own ON own.id = state.policy_override_id"
        " WHERE media.id = %s"
    )
