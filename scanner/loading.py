"""Loading what a scan of one series or movie needs, by one prepared statement (`library.loading`)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, TypeVar

from django.db import connection as database
from django.db import models

from connections.models import Connection
from core import sql
from library.loading import lock_media
from library.models import Media, PathMapping
from scanner.models import ManagedLabel, Policy, ScanSettings

Row = TypeVar("Row", bound=models.Model)

_BESIDE: dict[str, type[models.Model]] = {"path_mappings": PathMapping, "managed_labels": ManagedLabel}
"""What belongs to a connection and every scan of a title needs, by its name there."""


def load_media(media_id: int, *, lock: bool = False) -> Media | None:
    """Return a title with its connection, that one's settings, path mappings and labels, and both policies.

    None where there is no such media. `lock` is for who saves a scan: it holds the row until the transaction
    ends, as `lock_media`.
    """
    # By a statement of its own: one that waits for the row would still see the policy of before its wait.
    if lock and not lock_media(media_id):
        return None
    rows = sql.fetch(_media_statement(), [media_id])
    if not rows:
        return None
    mappings, labels, *values = rows[0]
    media = _take(Media, values)
    media.connection = _take(Connection, values)
    _keep_beside(media.connection, path_mappings=mappings, managed_labels=labels)
    _keep_settings(media.connection, _take(ScanSettings, values), _take(Policy, values))
    if media.policy_override_id is not None:
        media.policy_override = _take(Policy, values)
    return media


def with_policies(media: Iterable[Media]) -> Iterator[Media]:
    """Yield media with their connections (settings and path mappings loaded) and policies.

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
        if one.policy_override_id in policies:
            one.policy_override = policies[one.policy_override_id]
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
        (Connection, "connection"),
        (ScanSettings, "settings"),
        (Policy, "policy"),
        (Policy, "own"),
    )
    found = [*map(_beside, _BESIDE), *(sql.columns(model, alias) for model, alias in tables)]
    return (
        f"SELECT {', '.join(found)} FROM library_media AS media"  # noqa: S608  (names of our own models)
        " JOIN connections_connection AS connection ON connection.id = media.connection_id"
        " JOIN scanner_scansettings AS settings ON settings.connection_id = connection.id"
        " JOIN scanner_policy AS policy ON policy.id = settings.policy_id"
        " LEFT JOIN scanner_policy AS own ON own.id = media.policy_override_id"
        " WHERE media.id = %s"
    )
