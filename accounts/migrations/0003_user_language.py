"""The language of a user's pages. The table of users has a few rows."""
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_api_keys'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='language',
            field=models.CharField(blank=True, db_default='', default='', help_text='In which language the pages are shown; empty: as the browser asks.', max_length=10),
        ),
    ]
