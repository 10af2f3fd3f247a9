"""`manage.py backup`: make one, list them."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from core.console import PlainCommand, argument, table_of
from system.backup.services import delete_old, folder, list_backups, make_backup


class Command(PlainCommand):
    help = "Make a backup of all that the database holds; --list shows those there are."
    arguments = (
        argument("--list", action="store_true", help="list the backups, and make none"),
        argument("--keep", type=int, metavar="N", help="afterwards delete all but the newest N"),
    )
    has_json = True

    def run(self, **options: Any) -> None:
        if options["list"]:
            backups = list_backups()
            rows = [
                [one.name, f"{timezone.localtime(one.made_at):%Y-%m-%d %H:%M}", f"{one.size // 1024} KiB"]
                for one in backups
            ]
            self.answer([one.to_json() for one in backups], [table_of("Name", "Made", "Size", rows=rows)])
            return
        backup = make_backup()
        if options["keep"]:
            delete_old(options["keep"])
        path = folder() / backup.name
        told = f"Made {path} ({backup.size // 1024} KiB). Keep a copy of the encryption keys with it."
        self.answer({**backup.to_json(), "path": str(path)}, told)
