"""`manage.py logs`: the log files, their last lines, the level."""

from __future__ import annotations

from typing import Any

from core.console import PlainCommand, argument, table_of
from system import log_level
from system.log_files import last_lines, list_logs


class Command(PlainCommand):
    help = "List the log files; show the last lines of one; change the level while Taggarr runs."
    arguments = (
        argument("name", nargs="?", default="", help="such as web.log"),
        argument("--lines", type=int, default=100, metavar="N", help="how many (default: 100)"),
        argument("--level", choices=["", *log_level.LEVELS], help="from now on, everywhere"),
    )
    has_json = True

    def run(self, **options: Any) -> None:
        if options["level"] is not None:
            log_level.set_level(options["level"])
            self.answer({"level": log_level.current()}, f"The level is {log_level.current()}.")
        elif options["name"]:
            lines = last_lines(options["name"], options["lines"])
            self.answer(lines, "\n".join(lines))
        else:
            logs = list_logs()
            rows = [[log.name, f"{log.size // 1024} KiB", f"{log.changed_at:%Y-%m-%d %H:%M}"] for log in logs]
            document = {"level": log_level.current(), "logs": [log.to_json() for log in logs]}
            self.answer(document, [table_of("Name", "Size", "Last line (UTC)", rows=rows)])
