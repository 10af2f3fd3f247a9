"""Whether there was an NFO when its labels were last seen to."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scanner", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="scanstate",
            name="nfo_there",
            field=models.BooleanField(
                db_default=False, default=False, help_text="Whether there was an NFO then that holds it."
            ),
        ),
    ]
