"""An index over the languages of files: made in a fraction of a second for 35,000 of them."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0001_initial'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='file',
            index=models.Index(fields=['languages'], include=('media', 'counted', 'engine'), name='file_audio'),
        ),
    ]
