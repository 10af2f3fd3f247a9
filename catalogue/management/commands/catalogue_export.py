"""`manage.py catalogue_export`: write the collection, or what of it cost something."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from catalogue import exporting, insurance
from catalogue.management.commands.catalogue_import import user_named, written, written_bytes
from core.console import OK, PlainCommand, argument

TABLE, ARCHIVE, TELLICO, INSURANCE = "table", "archive", "tellico", "insurance"


class Command(PlainCommand):
    help = "Write the collection, a row for each copy; importing it again brings it back."
    arguments = (
        argument("file", help="where to write it"),
        argument("--user", required=True, help="what this user sees, with their reading and ratings"),
        argument(
            "--as",
            dest="form",
            choices=(TABLE, ARCHIVE, TELLICO, INSURANCE),
            help="a table (CSV), an archive with pictures (ZIP), collections of Tellico (ZIP), or a table "
            "of what copies cost by place, which does not come back; an archive where the file is called "
            "so, else a table",
        ),
    )
    has_json = True

    def run(self, **options: Any) -> int:
        user, path = user_named(options["user"]), Path(options["file"])
        form = options["form"] or (ARCHIVE if path.suffix.casefold() == ".zip" else TABLE)
        if form == ARCHIVE:
            with written_bytes(path) as to:
                told = dict(exporting.write_archive(user, to))
        elif form == TELLICO:
            with written_bytes(path) as to:
                told = {"rows": exporting.write_for_tellico(user, to)}
        else:
            write = exporting.write if form == TABLE else insurance.write_table
            with written(path) as text:
                told = {"rows": write(user, text)}
        self.answer(told, f"{path}: {told.get('rows', 0)}")
        return OK
