"""`manage.py restore`: put a backup in the place of what the database holds."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from core.console import PlainCommand
from system.backup.restoring import check_archive
from system.backup.services import archive_of, restore_now, stage, unstage


class Command(PlainCommand):
    help = (
        "Restore a backup: a file, or the name of one that --list of backup shows. It is checked as a whole "
        "first, what is there is backed up, and a restore that fails changes nothing."
    )
    has_json = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("backup", nargs="?", default="", help="a file, or the name of a backup")
        when = parser.add_mutually_exclusive_group()
        when.add_argument("--check", action="store_true", help="only say whether it could be restored")
        when.add_argument("--at-next-start", action="store_true", help="restore when Taggarr starts again")
        when.add_argument("--cancel", action="store_true", help="take back --at-next-start")
        parser.add_argument(
            "--drop-secrets", action="store_true", help="without the API keys, where the key to them is lost"
        )

    def run(self, **options: Any) -> None:
        if options["cancel"]:
            self._say("Taken back." if unstage() else "Nothing was to be restored.")
            return
        path = archive_of(options["backup"])
        if options["check"]:
            manifest = check_archive(path)
            self._say(f"{path.name} is whole: Taggarr {manifest.version}, {manifest.created_at}.")
        elif options["at_next_start"]:
            stage(path, drop_secrets=options["drop_secrets"])
            self._say(f"{path.name} will be restored when Taggarr starts the next time.")
        else:
            done = restore_now(path, drop_secrets=options["drop_secrets"])
            self._say(f"Restored {path.name}: {done.rows} rows. Start Taggarr again.")

    def _say(self, sentence: str) -> None:
        self.answer({"done": sentence}, sentence)
