"""The version before works beside a newer database, while workers are restarted one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import AddField
from django.db.models import Field, GeneratedField

FIRST = "0001_initial"


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
