"""The tables of a collection as they stand in the database, to compare them."""

from __future__ import annotations

from django.db import connection

from catalogue.models import Library, OwnField, Person, Term
from catalogue.models.shelves import Location
from catalogue.snapshots import PARTS

NAMES = (Library, Location, OwnField, Person, Term)
TABLES = sorted({part.table for part in PARTS} | {model._meta.db_table for model in NAMES})


def rows_of_all() -> dict[str, list[str]]:
    """Every row of every table, in which an import writes what is owned."""
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT t::text FROM {table} t ORDER BY id")
            found[table] = [row for (row,) in cursor.fetchall()]
    return found
