"""`manage.py jobs`: what runs, what ran, and how it went."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rich.table import Table
from rich.text import Text

from core.console import PlainCommand, argument, table_of
from jobs.listing import JobRow, list_jobs

STYLES = {"completed": "green", "failed": "red", "cancelled": "dim"}


class Command(PlainCommand):
    help = "List the jobs, the newest first: what each does or did, how far it is, and what failed."
    arguments = (
        argument("--live", action="store_true", help="only those that have not ended"),
        argument("--limit", type=int, default=20, metavar="N", help="how many (default: 20)"),
    )
    has_json = True

    def run(self, **options: Any) -> None:
        rows = list_jobs(live=options["live"], limit=max(options["limit"], 0))
        if rows:
            columns = ("Job", "What", "Instance", "State", "Done", "Failed", "Started", "Took", "Error")
            shown: list[str | Table] = [table_of(*columns, rows=[_cells(row) for row in rows])]
        else:
            shown = ["No job is under way." if options["live"] else "No job has been started yet."]
        self.answer([row.to_json() for row in rows], shown)


def _cells(row: JobRow) -> tuple[object, ...]:
    started = timezone.localtime(row.created_at).strftime("%Y-%m-%d %H:%M:%S")
    took = f"{(row.finished_at - row.created_at).total_seconds():.0f} s" if row.finished_at else ""
    state = Text(row.outcome or row.state, style="yellow" if row.outcome else STYLES.get(row.state, "yellow"))
    failed = Text(str(row.failed), style="red") if row.failed else ""
    return (
        row.job,
        row.name,
        row.instance,
        state,
        f"{row.done}/{row.total}",
        failed,
        started,
        took,
        row.error,
    )
