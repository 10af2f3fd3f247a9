"""Loading the rows that every scanned media needs by prepared statements.

Measured on 2 cores: a media with its instance and policies costs 2.0 ms through the ORM, which builds the
same statement anew each time, and 0.3 ms here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeVar

from django.db import connection, models

from . import statements
from .models import File, Instance, ManagedLabel, Media, PathMapping, Policy, Season

Row = TypeVar("Row", bound=models.Model)
Converter = Callable[[Any], Any]

_BESIDE: dict[str, type[models.Model]] = {"path_mappings": PathMapping, "managed_labels": ManagedLabel}
"""What belongs to an instance and every scan of a media needs, by its name there."""

_LOCK = f"SELECT {statements.NO_DISK} FROM library_media WHERE id = %s FOR NO KEY UPDATE"  # noqa: S608


def columns(model: type[models.Model], alias: str) -> str:
    """The columns of a model, for a SELECT or RETURNING; named one by one.

    A prepared `*` would break when a later version adds a column.
    """
    return ", ".join(f"{alias}.{field.column}" for field in model._meta.concrete_fields)


def build(model: type[Row], values: Sequence[Any]) -> Row:
    """The row whose `columns` were read as `values`."""
    names, converters = _shape(model)
    loaded = list(values)
    for place, convert in converters:
        loaded[place] = convert(loaded[place])
    return model.from_db(connection.alias, names, loaded)


def load_media(media_id: int, *, lock: bool = False) -> Media | None:
    """Return a media with its instance, that one's path mappings and labels, and both policies loaded.

    None where there is no such media. `lock` is for who saves a scan: it holds the row until the transaction
    ends, as `lock_media`.
    """
    # By a statement of its own: one that waits for the row would still see the policy of before its wait.
    if lock and not lock_media(media_id):
        return None
    rows = statements.fetch(_media_statement(), [media_id])
    if not rows:
        return None
    mappings, labels, *values = rows[0]
    media = _take(Media, values)
    media.instance = _take(Instance, values)
    _keep_beside(media.instance, path_mappings=mappings, managed_labels=labels)
    media.instance.policy = _take(Policy, values)
    if media.policy_override_id is not None:
        media.policy_override = _take(Policy, values)
    return media


def load_files(media_id: int) -> list[File]:
    """Return the files of a media by path."""
    files = (build(File, row) for row in statements.fetch(_of_media(File), [media_id]))
    # Sorted here, so that the order is the same whatever the database's collation.
    return sorted(files, key=attrgetter("path"))


def load_seasons(media_id: int) -> list[Season]:
    """Return the seasons of a media by number."""
    seasons = (build(Season, row) for row in statements.fetch(_of_media(Season), [media_id]))
    return sorted(seasons, key=attrgetter("number"))


def with_policies(media: Iterable[Media]) -> Iterator[Media]:
    """Yield media with their instances (path mappings loaded) and policies; those of one share its objects.

    A join would make, and decrypt the key of, an instance for each of them.
    """
    policies = Policy.objects.in_bulk()
    instances = Instance.objects.prefetch_related("path_mappings").in_bulk()
    for instance in instances.values():
        instance.policy = policies[instance.policy_id]
    for one in media:
        # What was made since is loaded when it is asked for.
        if one.instance_id in instances:
            one.instance = instances[one.instance_id]
        if one.policy_override_id in policies:
            one.policy_override = policies[one.policy_override_id]
        yield one


def lock_media(media_id: int) -> bool:
    """Hold the row of a media until the transaction ends, whose commit does not wait for the disk
    (`statements.NO_DISK`); return whether there is such a media.
    """
    return bool(statements.fetch(_LOCK, [media_id]))


def _take(model: type[Row], values: list[Any]) -> Row:
    """Build a row from the first of these values, and take them off."""
    width = len(model._meta.concrete_fields)
    taken, values[:width] = values[:width], []
    return build(model, taken)


def _keep_beside(instance: Instance, **texts: str) -> None:
    """Give an instance its related rows (`_beside`) where `prefetch_related` keeps them."""
    kept = {}
    for name, text in texts.items():
        model = _BESIDE[name]
        rows: Any = model._default_manager.all()
        rows._result_cache = [
            model.from_db(connection.alias, list(row), list(row.values())) for row in json.loads(text)
        ]
        rows._prefetch_done = True
        kept[name] = rows
    vars(instance)["_prefetched_objects_cache"] = kept


def _beside(name: str) -> str:
    """The related rows of the media's instance as one text of JSON; times, which JSON has not, left out."""
    model = _BESIDE[name]
    names = (
        str(field.column) for field in model._meta.concrete_fields if type(field) is not models.DateTimeField
    )
    return (
        f"(SELECT coalesce(json_agg(beside), '[]')::text FROM (SELECT {', '.join(names)}"  # noqa: S608
        f" FROM {model._meta.db_table} WHERE instance_id = media.instance_id ORDER BY id) AS beside)"
    )


@lru_cache(maxsize=32)
def _shape(model: type[models.Model]) -> tuple[list[str], list[tuple[int, Converter]]]:
    fields = model._meta.concrete_fields
    converters = [
        (place, _converter(field, convert))
        for place, field in enumerate(fields)
        for convert in _converters_of(field)
    ]
    return [field.attname for field in fields], converters


def _converters_of(field: models.Field[Any, Any]) -> list[Callable[..., Any]]:
    return [*connection.ops.get_db_converters(_column(field)), *field.get_db_converters(connection)]


def _column(field: models.Field[Any, Any]) -> Any:
    return field.get_col(field.model._meta.db_table)


def _converter(field: models.Field[Any, Any], convert: Callable[..., Any]) -> Converter:
    column = _column(field)
    return lambda value: convert(value, column, connection)


@lru_cache(maxsize=1)
def _media_statement() -> str:
    tables = ((Media, "media"), (Instance, "instance"), (Policy, "policy"), (Policy, "own"))
    found = [*map(_beside, _BESIDE), *(columns(model, alias) for model, alias in tables)]
    return (
        f"SELECT {', '.join(found)} FROM library_media AS media"  # noqa: S608  (names of our own models)
        " JOIN library_instance AS instance ON instance.id = media.instance_id"
        " JOIN library_policy AS policy ON policy.id = instance.policy_id"
        " LEFT JOIN library_policy AS own ON own.id = media.policy_override_id"
        " WHERE media.id = %s"
    )


@lru_cache(maxsize=2)
def _of_media(model: type[models.Model]) -> str:
    return f"SELECT {columns(model, 'own')} FROM {model._meta.db_table} AS own WHERE own.media_id = %s"  # noqa: S608
