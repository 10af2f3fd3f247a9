"""Everything that some entries change, gathered and written in a few statements."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from django.db import models
from django.db.models.base import ModelState

from catalogue import snapshots
from catalogue.models import (
    Contribution,
    Copy,
    Edition,
    Footprint,
    Identifier,
    Import,
    Location,
    Person,
    Play,
    Progress,
    Season,
    SourceLink,
    Term,
    Work,
    WorkTerm,
)
from catalogue.places import LONGEST_NAME, STEP, called, paths
from catalogue.values import Role, TermKind
from core import sql

_ORDER: tuple[type[models.Model], ...] = (
    *(Work, Edition, Identifier, Copy, Season, Progress, Play, SourceLink),
)
_IDS_AT_ONCE = 500
Row = TypeVar("Row", bound=models.Model)
_NESTING = frozenset({"manual", "ours", "archived"})
"""Formats in which a place may be named with what it is in: `Attic / Shelf 2`. In others that is one name."""


@dataclass(frozen=True, slots=True)
class _Named:
    """Something that is there once for all works, and known by its name."""

    name: str
    of: tuple[Any, ...]
    kind: str = ""


class Writing:
    """The changes of some entries. `flush` writes them, and what is needed to take an import back.

    What nobody saves is no import, and is not taken back as one.
    """

    def __init__(self, of: Import) -> None:
        self.of = of
        self._ids: dict[type[models.Model], deque[int]] = defaultdict(deque)
        self._new: dict[type[models.Model], list[Any]] = defaultdict(list)
        self._changed: dict[type[models.Model], dict[int, Any]] = defaultdict(dict)
        self._fields: dict[type[models.Model], set[str]] = defaultdict(set)
        self._made: set[int] = set()
        self._touched: set[int] = set()
        self._names: dict[type[models.Model], list[_Named]] = defaultdict(list)
        self._own: set[tuple[str, str]] = set()

    def add(self, row: models.Model) -> None:
        """Have a new row written; it has its key from now on."""
        model = type(row)
        ids = self._ids[model]
        if not ids:
            found = sql.fetch(
                "SELECT nextval((SELECT pg_get_serial_sequence(%s, 'id'))::regclass) "
                "FROM generate_series(1, %s)",
                [model._meta.db_table, _IDS_AT_ONCE],
            )
            ids.extend(key for (key,) in found)
        row.pk = ids.popleft()
        self._new[model].append(row)

    def change(self, row: models.Model, fields: Iterable[str]) -> None:
        """Have these fields of a row written, which may be a new one."""
        if row._state.adding:
            return
        model = type(row)
        self._changed[model][row.pk] = row
        self._fields[model] |= set(fields)

    def made(self, work: Work) -> None:
        self._made.add(work.pk)

    def touched(self, work: Work) -> None:
        if work.pk not in self._made:
            self._touched.add(work.pk)

    def contribute(self, work: Work, name: str, role: Role, place: int) -> None:
        self._names[Person].append(_Named(name[:LONGEST_NAME], (work.pk, role.value, place)))

    def describe(self, work: Work, kind: TermKind, name: str, place: int) -> None:
        self._names[Term].append(_Named(name[:LONGEST_NAME], (work.pk, place), kind.value))

    def place(self, copy: Copy, name: str) -> None:
        """Have a copy stand at a place that is called so, whatever that is in."""
        self._names[Location].append(_Named(name[:LONGEST_NAME], (copy,)))
        self.change(copy, ["location"])

    def own_fields(self, kind: str, names: Iterable[str]) -> None:
        self._own |= {(kind, name[:LONGEST_NAME]) for name in names}

    def flush(self) -> None:
        """Write it all, in the caller's transaction."""
        before = self._before() if self.of.pk else {}
        self._name_people()
        self._name_terms()
        self._name_places()
        self._name_own_fields()
        for model in _ORDER:
            sql.insert(self._new[model])
        for model, rows in self._changed.items():
            sql.update(list(rows.values()), sorted(self._fields[model]))
        if self.of.pk:
            self._leave_footprints(before)

    def _before(self) -> dict[int, snapshots.Snapshot]:
        """The works that are touched for the first time, as they are now."""
        footed = Footprint.objects.filter(of=self.of, work_id__in=self._touched)
        first = sorted(self._touched - set(footed.values_list("work_id", flat=True)))
        return snapshots.taken(first) if first else {}

    def _leave_footprints(self, before: dict[int, snapshots.Snapshot]) -> None:
        works = self._made | self._touched
        digests = snapshots.digests(sorted(works)) if works else {}
        made = [(self.of.pk, pk, digests[pk]) for pk in sorted(self._made)]
        sql.insert_values(Footprint, ("of", "work_id", "digest"), made)
        left = [
            Footprint(of=self.of, work_id=pk, before=before.get(pk), digest=digests[pk])
            for pk in sorted(self._touched)
        ]
        sql.upsert(left, unique=("of", "work_id"), fields=("digest",))

    def _name_people(self) -> None:
        wanted = self._names[Person]
        keys = _ensure(
            "INSERT INTO catalogue_person (name, folded, of_import_id) SELECT name, folded, %s "
            "FROM unnest(%s::text[], %s::text[], %s::text[]) AS n(name, folded, kind) ON CONFLICT DO NOTHING",
            "SELECT '', folded, id FROM catalogue_person WHERE folded = ANY (%s)",
            self.of.pk,
            wanted,
        )
        said = {
            (work, keys["", fold_name(one.name)], role): place
            for one in reversed(wanted)
            for work, role, place in [one.of]
        }
        rows = [(*key, place) for key, place in said.items()]
        sql.insert_values(Contribution, ("work", "person", "role", "place"), rows)

    def _name_terms(self) -> None:
        wanted = self._names[Term]
        keys = _ensure(
            "INSERT INTO catalogue_term (kind, name, folded, of_import_id) SELECT kind, name, folded, %s "
            "FROM unnest(%s::text[], %s::text[], %s::text[]) AS n(name, folded, kind) ON CONFLICT DO NOTHING",
            "SELECT kind, folded, id FROM catalogue_term WHERE folded = ANY (%s)",
            self.of.pk,
            wanted,
        )
        said = {
            (work, keys[one.kind, fold_name(one.name)]): place
            for one in reversed(wanted)
            for work, place in [one.of]
        }
        sql.insert_values(WorkTerm, ("work", "term", "place"), [(*key, place) for key, place in said.items()])

    def _name_places(self) -> None:
        wanted = self._names[Location]
        if not wanted:
            return
        names = sorted({one.name for one in wanted})
        keys: dict[str, int] = {}
        if self.of.format in _NESTING:
            by_path = {path.casefold(): pk for pk, path in paths().items()}
            for name in names:
                if (known := by_path.get(name.casefold())) is not None:
                    keys[name] = known
                elif STEP in name and (place := called(name, of_import=self.of.pk)):
                    keys[name] = place.pk
            names = [name for name in names if name not in keys]
        # Which names are one is for the database to say: its letters have other capitals than Python's.
        sql.change(
            "INSERT INTO catalogue_location (name, of_import_id) SELECT name, %s "
            "FROM unnest(%s::text[]) WITH ORDINALITY AS n(name, place) WHERE NOT EXISTS "
            "(SELECT 1 FROM catalogue_location l WHERE lower(l.name) = lower(n.name)) "
            "ORDER BY place ON CONFLICT DO NOTHING",
            [self.of.pk, names],
        )
        found = sql.fetch(
            "SELECT DISTINCT ON (n.name) n.name, l.id FROM unnest(%s::text[]) AS n(name) "
            "JOIN catalogue_location l ON lower(l.name) = lower(n.name) "
            "ORDER BY n.name, l.parent_id NULLS FIRST, l.id",
            [names],
        )
        keys |= dict(found)
        for one in wanted:
            one.of[0].location_id = keys[one.name]

    def _name_own_fields(self) -> None:
        if self._own:
            kinds, names = zip(*sorted(self._own), strict=True)
            sql.change(
                "INSERT INTO catalogue_ownfield (kind, name, type, choices, of_import_id) "
                "SELECT kind, name, 'text', '{}', %s FROM unnest(%s::text[], %s::text[]) AS n(kind, name) "
                "ON CONFLICT DO NOTHING",
                [self.of.pk, list(kinds), list(names)],
            )


def new(model: type[Row], **values: Any) -> Row:
    """A row that is to be added, its fields by the names of their columns.

    It is made as Django makes those that it unpickles: the constructor of a model is most of what an import
    of many rows would do.
    """
    usual, made = _usual(model)
    fresh = {name: make() for name, make in made if name not in values}
    row = model.__new__(model)
    row.__dict__.update({"_state": ModelState(), **usual, **fresh, **values})
    return row


@cache
def _usual(model: type[models.Model]) -> tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]]]:
    """What the fields of a model hold where nothing is said; and what makes each row its own lists."""
    fields = model._meta.concrete_fields
    made = [(one.attname, one.get_default) for one in fields if isinstance(one.get_default(), dict | list)]
    return {one.attname: one.get_default() for one in fields}, made


def fold_name(name: str) -> str:
    """A name as it is unique: how it is spelled, but for capitals and spaces."""
    return " ".join(name.casefold().split())[:LONGEST_NAME]


def _ensure(insert: str, find: str, of: int, wanted: list[_Named]) -> dict[tuple[str, str], int]:
    """The keys of all names by kind and folded name; those that nobody knew are new."""
    if not wanted:
        return {}
    named = {(one.kind, fold_name(one.name)): one.name for one in reversed(wanted)}
    folded = [name for _, name in named]
    sql.change(insert, [of, list(named.values()), folded, [kind for kind, _ in named]])
    return {(kind, name): key for kind, name, key in sql.fetch(find, [folded])}
