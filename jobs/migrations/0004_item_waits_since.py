"""When the claim or the wait of an item was set. No table is rewritten: the column has no default."""
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0003_schedule_heard_at'),
    ]

    operations = [
        migrations.AddField(
            model_name='jobitem',
            name='waits_since',
            field=models.DateTimeField(null=True),
        ),
    ]
