"""What the text of a known issue was made of. A column that may be null: no row is written."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('system', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='knownissue',
            name='what_made_of',
            field=models.JSONField(help_text='What it was made of (`library.sentences`).', null=True),
        ),
    ]
