"""The column stood in the first migration for a day: installations of that day have it already."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("players", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE players_playersettings ADD COLUMN IF NOT EXISTS labels_join boolean NULL",
                    "ALTER TABLE players_playersettings DROP COLUMN labels_join",
                )
            ],
            state_operations=[
                migrations.AddField(
                    "playersettings",
                    "labels_join",
                    models.BooleanField(
                        editable=False,
                        help_text="Plex: whether labels that are sent join those that are there.",
                        null=True,
                    ),
                )
            ],
        )
    ]
