"""Installations are taken along: what they ran stays as it was; the version before works beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import AddField
from django.db.models import Field, GeneratedField

FIRST = "0001_initial"

MADE = {
    "accounts.0001_initial": "46f5dd1618f6",
    "artwork.0001_initial": "8664a3cd2ffa",
    "artwork.0002_second_writers": "7b070e92481f",
    "artwork.0003_previews_and_uploads": "e89f639bc3ca",
    "artwork.0004_put_off": "504cd2607ff5",
    "artwork.0005_said_by_hand_and_writers": "17417071c317",
    "catalogue.0001_initial": "128a2c3206cd",
    "catalogue.0002_search": "db9c17b6f588",
    "catalogue.0003_merging": "a2a9c46c2b42",
    "catalogue.0004_pictures": "0c2fd9a5b67b",
    "catalogue.0005_living_with_it": "3ed278ca862c",
    "catalogue.0006_arranged_by_imports": "81b92c9e2025",
    "catalogue.0007_archives_in_one_pass": "f4e24751931f",
    "connections.0001_initial": "9dc7ea909e69",
    "history.0001_initial": "8adcf1cf3771",
    "history.0002_audit_params": "5e6532a0ea42",
    "jobs.0001_initial": "6188d8e1abcb",
    "library.0001_initial": "8f402d273d01",
    "library.0002_overview": "876e101f4792",
    "notify.0001_initial": "f84820aadfad",
    "players.0001_initial": "2817c1db8fe2",
    "players.0002_labels_join": "c7452b821153",
    "providers.0001_initial": "5a97da5f1371",
    "scanner.0001_initial": "5ca731ccc0ec",
    "scanner.0002_nfo_there": "4c2f7ddb5638",
    "storage.0001_initial": "2383710d6892",
    "system.0001_initial": "1d9b95e57559",
    "web.0001_initial": "0abe246b51e9",
}
"""The SQL of each migration, as it was when the first installation ran it."""


def added_columns(*others: str) -> Iterator[tuple[str, Field[Any, Any]]]:
    """The columns, as the models have them now, that were added after their tables were made.

    Those of our own apps; and of `others`.
    """
    loader = MigrationLoader(None, ignore_no_migrations=True)
    for app, name in loader.disk_migrations:
        if name == FIRST or not (app in others or (settings.BASE_DIR / app).is_dir()):
            continue
        for operation in loader.disk_migrations[app, name].operations:
            if isinstance(operation, AddField):
                fields = {one.name: one for one in apps.get_model(app, operation.model_name)._meta.fields}
                field = fields.get(operation.name)
                # What the database makes itself nobody has to know.
                if field and not isinstance(field, GeneratedField):
                    yield f"{app}.{operation.model_name}.{operation.name}", field


def test_an_insert_that_does_not_know_a_new_column_works():
    refused = [name for name, field in added_columns() if not (field.null or field.has_db_default())]
    assert refused == [], "give these a db_default: the version before does not know them"


def test_the_columns_are_found():
    assert "django_celery_beat.periodictask.headers" in dict(added_columns("django_celery_beat"))


@pytest.mark.django_db
def test_a_migration_that_installations_have_run_makes_what_it_made_then():
    loader = MigrationLoader(connection)
    own = sorted(key for key in loader.disk_migrations if (settings.BASE_DIR / key[0]).is_dir())
    made = {".".join(key): digest_of(loader, key) for key in own}
    assert made == MADE, "an installation runs each once: change none, add a new one, and its line here"


def digest_of(loader: MigrationLoader, key: tuple[str, str]) -> str:
    sql = loader.collect_sql([(loader.graph.nodes[key], False)])
    return hashlib.sha256("\n".join(sql).encode()).hexdigest()[:12]
