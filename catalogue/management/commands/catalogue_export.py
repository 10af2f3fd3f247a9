"""`manage.py catalogue_export`: write the collection as a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from catalogue import exporting
from catalogue.management.commands.catalogue_import import user_named, written
from core.console import OK, PlainCommand, argument


class Command(PlainCommand):
    help = "Write the collection as CSV, a row for each copy; importing it again brings all of it back."
    arguments = (
        argument("file", help="where to write it"),
        argument("--user", required=True, help="what this user sees, with their reading and ratings"),
    )
    has_json = True

    def run(self, **options: Any) -> int:
        user = user_named(options["user"])
        with written(Path(options["file"])) as to:
            number = exporting.write(user, to)
        self.answer({"rows": number}, f"{options['file']}: {number}")
        return OK
