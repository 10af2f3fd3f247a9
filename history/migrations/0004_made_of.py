"""What the text of an event was made of, for pages in other languages.

A column that may be null: no row is written, so 35,000 files or ten million events take a moment.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('history', '0003_audit'),
    ]

    operations = [
        migrations.AddField(
            model_name='event',
            name='made_of',
            field=models.JSONField(help_text='What the text was made of (`library.sentences`).', null=True),
        ),
    ]
