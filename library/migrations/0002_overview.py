"""The column came into the first migration when that had run on some installations: here it comes to theirs."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("library", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE library_media ADD COLUMN IF NOT EXISTS overview text NOT NULL DEFAULT ''",
            migrations.RunSQL.noop,
        )
    ]
