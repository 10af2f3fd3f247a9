"""What a database holds, as counts and hashes that do not depend on the order of rows; and what is broken."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

import psycopg
from psycopg import sql

from system.backup.writing import columns_of

TOLD = {
    "accepted": "{where}: what became of it is accepted.",
    "changed": "{where}: {rows} of its rows are gone or changed (see {to}).",
    "empty": "{where} is gone, and held nothing.",
    "grown": "{where} has {rows} rows more.",
    "invalid": "{where} is an index that PostgreSQL does not use.",
    "lost": "{where}: what it held is nowhere in the new tables.",
    "moved": "{where} is {to} now.",
    "stopped": "{where}",
    "unequal": "{where} is not what it was: {rows} rows, {to} before.",
    "unvalidated": "{where}: this constraint was never checked for the rows that are there.",
    "violated": "{where}: rows break this constraint. {to}",
}
HARMLESS = {"accepted", "empty", "grown", "moved"}

_HASH = "coalesce(sum(('x' || substr(md5({}), 1, 16))::bit(64)::bigint::numeric), 0)::text"
"""Of a text: a sum, which is the same in any order, and which no two equal rows cancel out, as they do in a
XOR."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found of a table, a column or a constraint. `to` says where, or what, it is now."""

    what: str
    where: str
    rows: int = 0
    to: str = ""

    @property
    def fails(self) -> bool:
        return self.what not in HARMLESS

    def __str__(self) -> str:
        return TOLD[self.what].format(where=self.where, rows=self.rows, to=self.to)


@dataclass(frozen=True, slots=True)
class Content:
    """How many rows a table holds, the hash of them, and of each column "how many values:hash of them"."""

    rows: int
    digest: str
    columns: dict[str, str]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a database held when this was taken; the connection to it stays open."""

    database: psycopg.Connection[Any]
    tables: dict[str, Content]


def snapshot(database: psycopg.Connection[Any]) -> Snapshot:
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class "
            "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY relname"
        )
        names = [name for (name,) in cursor.fetchall()]
        return Snapshot(database, {name: _content(cursor, name) for name in names})


def _content(cursor: psycopg.Cursor[Any], table: str) -> Content:
    columns = sorted(columns_of(cursor, table))
    hashed, counted = sql.SQL(_HASH), sql.SQL("concat(count({0}), ':', {1})")
    names = map(sql.Identifier, columns)
    values = [counted.format(name, hashed.format(sql.SQL("{}::text").format(name))) for name in names]
    chosen = sql.SQL(", ").join([hashed.format(_row(columns)), *values])
    cursor.execute(sql.SQL("SELECT count(*), {} FROM {}").format(chosen, sql.Identifier(table)))
    rows, digest, *found = cursor.fetchall()[0]
    return Content(rows, digest, dict(zip(columns, found, strict=True)))


def _row(columns: Sequence[str]) -> sql.Composable:
    return sql.SQL("ROW({})::text").format(sql.SQL(", ").join(map(sql.Identifier, columns)))


def unequal(before: Snapshot, after: Snapshot) -> list[Finding]:
    """Return the tables that are not the same in both, to the last value."""
    none = Content(0, "", {})
    return [
        Finding("unequal", name, now.rows, str(old.rows))
        for name in sorted({*before.tables, *after.tables})
        if (old := before.tables.get(name, none)) != (now := after.tables.get(name, none))
    ]


def compare(before: Snapshot, after: Snapshot, accepted: Collection[str] = ()) -> list[Finding]:
    """Say what became of everything that was there: each row of each column must be somewhere.

    Rows that came are fine. A column that is no more is looked for among those that are new, by its hash;
    `accepted` tables, and columns as `table.column`, may differ or be gone.
    """
    found = []
    fresh = {
        (table, column): digest
        for table, content in after.tables.items()
        for column, digest in content.columns.items()
        if table not in before.tables or column not in before.tables[table].columns
    }
    for table, old in before.tables.items():
        if after.tables.get(table) == old:
            continue
        if table in accepted:
            found.append(Finding("accepted", table))
            continue
        places: dict[str, tuple[str, str]] = {}
        for column, digest in old.columns.items():
            where = f"{table}.{column}"
            if where in accepted:
                found.append(Finding("accepted", where))
            elif table in after.tables and column in after.tables[table].columns:
                places[column] = (table, column)
            elif digest.startswith("0:"):
                found.append(Finding("empty", where))
            elif new := [place for place, other in fresh.items() if other == digest]:
                # Of several the one whose names are nearest.
                places[column] = min(new, key=lambda one: (one[0] != table, one[1] != column, one))
                found.append(Finding("moved", where, to=".".join(places[column])))
            else:
                found.append(Finding("lost", where))
        found += _compare_rows(before, after, table, places)
    return found


def _compare_rows(
    before: Snapshot, after: Snapshot, table: str, places: Mapping[str, tuple[str, str]]
) -> list[Finding]:
    """Compare the rows as far as they went to one table: what columns hold may have been mixed up."""
    homes = Counter(home for home, _ in places.values()).most_common(1)
    home = table if table in after.tables else homes[0][0] if homes else ""
    pairs = [(column, to) for column, (place, to) in places.items() if place == home]
    if not pairs:
        return []
    gone, come = _apart(
        _hashes(before.database, table, [column for column, _ in pairs]),
        _hashes(after.database, home, [to for _, to in pairs]),
    )
    if gone:
        old, new = before.tables[table].columns, after.tables[home].columns
        differing = [column for column, to in pairs if old[column] != new[to]]
        return [Finding("changed", table, gone, ", ".join(differing) or "which values stand together")]
    return [Finding("grown", table, come)] if come else []


def _hashes(database: psycopg.Connection[Any], table: str, columns: Sequence[str]) -> Iterator[str]:
    statement = sql.SQL("SELECT md5({}) FROM {} ORDER BY 1").format(_row(columns), sql.Identifier(table))
    with database.cursor(name="hashes") as cursor:
        cursor.itersize = 10_000
        for (digest,) in cursor.execute(statement):
            yield digest


def _apart(old: Iterator[str], new: Iterator[str]) -> tuple[int, int]:
    """Return how many of two sorted sequences the first holds alone, and how many the second."""
    gone = come = 0
    both = heapq.merge(((one, -1) for one in old), ((one, 1) for one in new))
    for _, same in groupby(both, key=itemgetter(0)):
        balance = sum(way for _, way in same)
        gone, come = gone + max(-balance, 0), come + max(balance, 0)
    return gone, come


def broken_constraints(database: psycopg.Connection[Any], kind: str) -> list[Finding]:
    """Make each foreign key (`f`) or check (`c`) anew for a moment: then PostgreSQL looks at every row."""
    constraints = database.execute(
        "SELECT conname, conrelid::regclass::text, convalidated, pg_get_constraintdef(oid) "
        "FROM pg_constraint WHERE contype = %s AND connamespace = 'public'::regnamespace ORDER BY 1",
        [kind],
    ).fetchall()
    found = []
    for name, table, is_valid, definition in constraints:
        where = f"{table} ({name})"
        if not is_valid:
            found.append(Finding("unvalidated", where))
        statement = sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}, ADD CONSTRAINT {} {}").format(
            sql.SQL(table),
            sql.Identifier(name),
            sql.Identifier(name),
            sql.SQL(definition.removesuffix(" NOT VALID")),
        )
        try:
            with database.transaction(force_rollback=True):
                database.execute(statement)
        except psycopg.IntegrityError as error:
            found.append(Finding("violated", where, to=error.diag.message_detail or str(error)))
    return found


def invalid_indexes(database: psycopg.Connection[Any]) -> list[Finding]:
    names = database.execute(
        "SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid "
        "WHERE relnamespace = 'public'::regnamespace AND NOT (indisvalid AND indisready) ORDER BY 1"
    )
    return [Finding("invalid", name) for (name,) in names]
