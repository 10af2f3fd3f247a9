from django.db import migrations

# Who adds files of which something is known inserts their states before them, whole (`scanner.scan.media`).
ADD = """
    CREATE OR REPLACE FUNCTION scanner_filescanstate_add() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO scanner_filescanstate (file_id) SELECT id FROM added{};
        RETURN NULL;
    END $$;
"""


class Migration(migrations.Migration):

    dependencies = [("scanner", "0001_initial")]

    operations = [migrations.RunSQL(ADD.format(" ON CONFLICT DO NOTHING"), ADD.format(""))]
