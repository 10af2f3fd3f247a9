"""`manage.py logs`: the log files, their last lines, the level."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from core.console import OK, PlainCommand, table_of
from system import log_level
from system.log_files import last_lines, list_logs


class Command(PlainCommand):
    help = "List the log files; show the last lines of one; change the level while Taggarr runs."
    has_json = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", default="", help="such as web.log")
        parser.add_argument("--lines", type=int, default=100, metavar="N", help="how many (default: 100)")
        parser.add_argument("--level", choices=["", *log_level.LEVELS], help="from now on, everywhere")

    def run(self, **options: Any) -> int:
        if options["level"] is not None:
            log_level.set_level(options["level"])
            self.answer({"level": log_level.current()}, f"The level is {log_level.current()}.")
        elif options["name"]:
            lines = last_lines(options["name"], options["lines"])
            self.answer(lines, "\n".join(lines))
        else:
            self._list()
        return OK

    def _list(self) -> None:
        found = list_logs()
        if self.wants_json:
            self.print_json({"level": log_level.current(), "logs": [log.to_json() for log in found]})
        else:
            rows = [
                [log.name, f"{log.size // 1024} KiB", f"{log.changed_at:%Y-%m-%d %H:%M}"] for log in found
            ]
            self.out.print(table_of("Name", "Size", "Last line (UTC)", rows=rows))
