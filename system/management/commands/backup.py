"""`manage.py backup`: make one, list them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from core.console import OK, PlainCommand, table_of
from system.backup.services import delete_old, folder, list_backups, make_backup


class Command(PlainCommand):
    help = "Make a backup of all that the database holds; --list shows those there are."
    has_json = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--list", action="store_true", help="list the backups, and make none")
        parser.add_argument("--keep", type=int, metavar="N", help="afterwards delete all but the newest N")

    def run(self, **options: Any) -> int:
        if options["list"]:
            return self._list(options["json"])
        backup = make_backup()
        if options["keep"]:
            delete_old(options["keep"])
        path = folder() / backup.name
        told = f"Made {path} ({backup.size // 1024} KiB). Keep a copy of the encryption keys with it."
        self.answer({**backup.to_json(), "path": str(path)}, told)
        return OK

    def _list(self, as_json: bool) -> int:
        backups = list_backups()
        if as_json:
            self.print_json([backup.to_json() for backup in backups])
            return OK
        rows = [
            [
                backup.name,
                f"{timezone.localtime(backup.made_at):%Y-%m-%d %H:%M}",
                f"{backup.size // 1024} KiB",
            ]
            for backup in backups
        ]
        self.out.print(table_of("Name", "Made", "Size", rows=rows))
        return OK
