"""`manage.py release`: take off the brake."""

from __future__ import annotations

from typing import Any

from core.console import PlainCommand, argument
from jobs.models import Queue
from jobs.workers import why_not_served
from scanner.lookup import instance_named
from scanner.scan.answers import release


class Command(PlainCommand):
    help = "Let an instance be written again that was held because a scan would have changed too much."
    arguments = (argument("instance", help="its name"),)

    def run(self, **options: Any) -> None:
        connection = instance_named(options["instance"])
        job = release(connection)
        self.tell(f"Released {connection.name}: job {job.pk} writes what was held back.")
        self.tell_error(why_not_served(Queue.INTERACTIVE))
