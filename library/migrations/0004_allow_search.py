"""Leave to search for replacements, off until somebody gives it. The table of policies has a few rows."""
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0003_language_labels'),
    ]

    operations = [
        migrations.AddField(
            model_name='policy',
            name='allow_search',
            field=models.BooleanField(db_default=False, default=False, help_text='Let admins have the app search its indexers for another release of a file.'),
        ),
    ]
