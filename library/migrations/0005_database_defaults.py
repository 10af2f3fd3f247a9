"""Defaults in the database for columns that the version before does not know. No table is rewritten."""
import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0004_allow_search'),
    ]

    operations = [
        migrations.AlterField(
            model_name='managedlabel',
            name='of_language',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name='media',
            name='needs_attention',
            field=models.BooleanField(db_default=False, default=False, help_text="On a person's list of things to see to."),
        ),
        migrations.AlterField(
            model_name='policy',
            name='allow_unmonitor',
            field=models.BooleanField(db_default=False, default=False, help_text='Let admins stop the app from watching for files with a wrong dub.'),
        ),
        migrations.AlterField(
            model_name='policy',
            name='label_sub_only',
            field=models.CharField(blank=True, db_default='', default='', help_text='The label of originals with subtitles in a language you want, such as sub-only.', max_length=50, validators=[django.core.validators.RegexValidator('^[a-z0-9-]+\\Z', "A label may hold only a-z, 0-9 and '-': Sonarr and Radarr refuse anything else.")]),
        ),
        migrations.AlterField(
            model_name='policy',
            name='label_unknown_audio',
            field=models.CharField(blank=True, db_default='', default='', help_text='The label of media of whose tracks none names a language, such as unknown-audio.', max_length=50, validators=[django.core.validators.RegexValidator('^[a-z0-9-]+\\Z', "A label may hold only a-z, 0-9 and '-': Sonarr and Radarr refuse anything else.")]),
        ),
        migrations.AlterField(
            model_name='policy',
            name='language_label_pattern',
            field=models.CharField(db_default='audio-{language}', default='audio-{language}', help_text='What such a label looks like; {language} is the code, such as en or pt-br.', max_length=40, validators=[django.core.validators.RegexValidator('^[a-z0-9-]*\\{language\\}[a-z0-9-]*\\Z', "Write {language} once, and beside it only a-z, 0-9 and '-': audio-{language}.")]),
        ),
        migrations.AlterField(
            model_name='policy',
            name='language_label_rule',
            field=models.CharField(choices=[('every', 'In every file'), ('any', 'In any file')], db_default='every', default='every', help_text='In which files of a series a language must be heard.', max_length=10),
        ),
        migrations.AlterField(
            model_name='policy',
            name='language_labels',
            field=models.CharField(choices=[('off', 'None'), ('targets', 'Those that are wanted'), ('all', 'All that are heard')], db_default='off', default='off', help_text='Also give a label for each language that is heard.', max_length=10),
        ),
    ]
