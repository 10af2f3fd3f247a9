"""Whether Sonarr watches for the episodes of a file. The default is the database's: no row is written."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0005_database_defaults'),
    ]

    operations = [
        migrations.AddField(
            model_name='file',
            name='monitored',
            field=models.BooleanField(db_default=True, default=True),
        ),
    ]
