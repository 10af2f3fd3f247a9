from django.db import migrations, models


class Migration(migrations.Migration):
    """What is known of second writers is asked again with the next scan."""

    dependencies = [("artwork", "0004_put_off")]

    operations = [
        migrations.AddField(
            model_name="entity",
            name="identified",
            field=models.JSONField(null=True),
        ),
        migrations.RemoveField(model_name="artsettings", name="writers"),
        migrations.AddField(
            model_name="artsettings",
            name="writers",
            field=models.JSONField(default=list, db_default=[]),
        ),
    ]
