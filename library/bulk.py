"""Writing many rows in one statement, whatever their number: they travel as one JSON parameter.

Django's `bulk_update` builds a `CASE` of every row for every field: measured on files of ten fields, 2.5 ms a
row, of which this takes 0.07 ms. Saving signals are not sent, as with Django's own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

from . import statements

BATCH = 1000
"""Rows a statement, so that no parameter grows beyond a few MB."""

Row = models.Model
Columns = tuple[str, ...]


def update(rows: Sequence[Row], fields: Sequence[str]) -> int:
    """Write these fields of rows that are there; return how many rows there were.

    Fields that set themselves (`auto_now`) are among them only where named.
    """
    changed = 0
    for batch in _batches(rows):
        names = _names(type(batch[0]), tuple(fields))
        changed += statements.change(_update(type(batch[0]), names), [_json(batch, names, add=False)])
    return changed


def insert(rows: Sequence[Row]) -> None:
    """Insert new rows, in their order, and give each its primary key.

    Raises IntegrityError where one is there already.
    """
    _insert(rows, (), ())


def upsert(rows: Sequence[Row], *, unique: Sequence[str], fields: Sequence[str]) -> None:
    """Insert rows, or write `fields` of those that are there by their `unique` fields; give each its key."""
    _insert(rows, tuple(unique), tuple(fields))


def _insert(rows: Sequence[Row], unique: Columns, fields: Columns) -> None:
    for batch in _batches(rows):
        model = type(batch[0])
        names = tuple(
            field.name
            for field in model._meta.concrete_fields
            if not (field.primary_key or field.has_db_default())
        )
        statement = _insert_statement(model, names, _names(model, unique), _names(model, fields))
        made = statements.fetch(statement, [_json(batch, names, add=True)])
        for row, (key,) in zip(batch, made, strict=True):
            row.pk = key
            row._state.adding = False


def _batches(rows: Sequence[Row]) -> list[Sequence[Row]]:
    return [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]


def _names(model: type[Row], fields: Columns) -> Columns:
    """The fields by their own names, each once, whether called `season` or `season_id`."""
    return tuple(dict.fromkeys(model._meta.get_field(name).name for name in fields))


def _json(rows: Sequence[Row], names: Columns, *, add: bool) -> str:
    fields = [_field(type(rows[0]), name) for name in names]
    records = [
        {field.column: _value(field, row, add=add) for field in fields} | {"id": row.pk} for row in rows
    ]
    return json.dumps(records, default=_text)


def _value(field: models.Field[Any, Any], row: Row, *, add: bool) -> Any:
    value = field.pre_save(row, add)
    # What JSON knows goes as it is; other fields know what their column takes.
    if isinstance(field, models.JSONField | ArrayField) or isinstance(value, datetime | UUID | None):
        return value
    return field.get_db_prep_save(value, connection)


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


@lru_cache(maxsize=64)
def _update(model: type[Row], names: Columns) -> str:
    assigned = ", ".join(f"{column} = new.{column}" for column in _columns(model, names))
    table, records = _quoted(model._meta.db_table), _records(model, names)
    return f"UPDATE {table} AS old SET {assigned} FROM {records} WHERE old.id = new.id"  # noqa: S608


@lru_cache(maxsize=64)
def _insert_statement(model: type[Row], names: Columns, unique: Columns, fields: Columns) -> str:
    table, columns = _quoted(model._meta.db_table), ", ".join(_columns(model, names))
    text = f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {_records(model, names)}"  # noqa: S608
    if unique:
        written = ", ".join(f"{column} = excluded.{column}" for column in _columns(model, fields))
        text += f" ON CONFLICT ({', '.join(_columns(model, unique))}) DO UPDATE SET {written}"
    return text + " RETURNING id"


def _records(model: type[Row], names: Columns) -> str:
    """The parameter as a table, its columns as they are in the database."""
    kinds = (_field(model, name).db_type(connection) for name in names)
    pairs = zip(_columns(model, names), kinds, strict=True)
    listed = ", ".join(f"{column} {kind}" for column, kind in pairs)
    return f"json_to_recordset(%s::json) AS new (id bigint, {listed})"


def _columns(model: type[Row], names: Columns) -> list[str]:
    return [_quoted(_field(model, name).column or "") for name in names]


def _field(model: type[Row], name: str) -> models.Field[Any, Any]:
    return cast("models.Field[Any, Any]", model._meta.get_field(name))


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
