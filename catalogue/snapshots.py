"""Works with all that belongs to them, as they are in the database: to compare, to keep, and to bring back.

An import and a merge are undone by bringing back what was there before. Whether anybody touched a work since
is told by the digest of its rows, so nothing that changes one has to say so.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from typing import Any

from django.db import models

from catalogue.models import (
    Candidate,
    Change,
    Contribution,
    Copy,
    Duplicate,
    Edition,
    Identifier,
    ImportRow,
    Merge,
    Picture,
    Play,
    Progress,
    Season,
    SetMember,
    SourceLink,
    Work,
    WorkTerm,
)
from core import sql

Snapshot = dict[str, list[dict[str, Any]]]
"""Rows by their tables."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Rows of a table, which belong to a work by their own column or through a row of another table."""

    model: type[models.Model]
    column: str
    through: type[models.Model] | None = None

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def rows(self) -> str:
        """What follows FROM; its parameter are the ids of works."""
        if self.through is None:
            return f"{self.table} t WHERE t.{self.column} = ANY (%s)"
        through = self.through._meta.db_table
        return f"{through} o JOIN {self.table} t ON t.{self.column} = o.id WHERE o.work_id = ANY (%s)"

    @property
    def owner(self) -> str:
        return f"t.{self.column}" if self.through is None else "o.work_id"


PARTS = (
    _Part(Work, "id"),
    _Part(Edition, "work_id"),
    _Part(Identifier, "work_id"),
    _Part(Identifier, "edition_id", Edition),
    _Part(Copy, "edition_id", Edition),
    _Part(SetMember, "box_id", Edition),
    _Part(SetMember, "work_id"),
    _Part(Contribution, "work_id"),
    _Part(WorkTerm, "work_id"),
    _Part(Season, "work_id"),
    _Part(Progress, "work_id"),
    _Part(Play, "progress_id", Progress),
    _Part(SourceLink, "work_id"),
    _Part(Picture, "work_id"),
)
"""All that belongs to a work, each after what it belongs to."""


def taken(ids: Sequence[int]) -> dict[int, Snapshot]:
    """The works with these ids as they are now."""
    found: dict[int, dict[str, dict[int, dict[str, Any]]]] = defaultdict(lambda: defaultdict(dict))
    for part, rows in _of_all(ids, "jsonb_agg(to_jsonb(t))::text"):
        for work, told in rows:
            found[work][part.table] |= {row["id"]: row for row in json.loads(told)}
    return {
        work: {table: list(rows.values()) for table, rows in tables.items()} for work, tables in found.items()
    }


def digests(ids: Sequence[int]) -> dict[int, str]:
    """A digest of each work that is there, which changes with anything that belongs to it."""
    found: dict[int, list[str]] = defaultdict(list)
    for number, (_, rows) in enumerate(_of_all(ids, "md5(string_agg(t::text, chr(10) ORDER BY t.id))")):
        for work, digest in rows:
            found[work].append(f"{number}:{digest}")
    return {
        work: blake2b(" ".join(told).encode(), digest_size=16).hexdigest() for work, told in found.items()
    }


def bring_back(before: Mapping[int, Snapshot | None]) -> None:
    """Make works what they were; those that were not there go."""
    ids = list(before)
    kept: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for snapshot in before.values():
        for table, rows in (snapshot or {}).items():
            kept[table] += rows
    _forget([work for work, snapshot in before.items() if snapshot is None])
    _forget_copies(ids, [row["id"] for row in kept[Copy._meta.db_table]])
    for part in reversed(PARTS):
        stay = [row["id"] for row in kept[part.table]]
        sql.change(
            f"DELETE FROM {part.table} WHERE id IN (SELECT t.id FROM {part.rows}) AND id <> ALL (%s)",  # noqa: S608
            [ids, stay],
        )
    for model in dict.fromkeys(part.model for part in PARTS):
        if rows := kept[model._meta.db_table]:
            sql.change(_upsert(model), [json.dumps(list({row["id"]: row for row in rows}.values()))])


def _of_all(ids: Sequence[int], wanted: str) -> Iterable[tuple[_Part, list[tuple[Any, ...]]]]:
    statements = (
        (f"SELECT {part.owner}, {wanted} FROM {part.rows} GROUP BY 1", [list(ids)])  # noqa: S608
        for part in PARTS
    )
    return zip(PARTS, sql.fetch_all(*statements), strict=True)


def _forget(ids: list[int]) -> None:
    """Let go what tells of works that go, and belongs to somebody else."""
    if not ids:
        return
    ImportRow.objects.filter(work__in=ids).update(work=None)
    for model, columns in (
        (Candidate, ("work",)),
        (Change, ("work",)),
        (Duplicate, ("one", "other")),
        (Merge, ("kept", "gone")),
    ):
        for column in columns:
            model._default_manager.filter(**{f"{column}__in": ids}).delete()


def _forget_copies(ids: list[int], stay: list[int]) -> None:
    gone = Copy.objects.filter(edition__work__in=ids).exclude(pk__in=stay)
    ImportRow.objects.filter(copy__in=gone).update(copy=None)
    Change.objects.filter(copy__in=gone).delete()


@cache
def _upsert(model: type[models.Model]) -> str:
    fields = [one for one in model._meta.concrete_fields if not isinstance(one, models.GeneratedField)]
    columns = [f'"{one.column}"' for one in fields]
    written = ", ".join(f"{column} = excluded.{column}" for column in columns)
    table, listed = model._meta.db_table, ", ".join(columns)
    return (
        f"INSERT INTO {table} ({listed}) SELECT {listed} "  # noqa: S608
        f"FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb) ON CONFLICT (id) DO UPDATE SET {written}"
    )
