"""`manage.py release`: take off the brake."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from core.console import OK, PlainCommand
from jobs.models import Queue
from jobs.workers import why_not_served
from scanner.lookup import instance_named
from scanner.scan.starting import release


class Command(PlainCommand):
    help = "Let an instance be written again that was held because a scan would have changed too much."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("instance", help="its name")

    def run(self, **options: Any) -> int:
        connection = instance_named(options["instance"])
        job = release(connection)
        self.tell(f"Released {connection.name}: job {job.pk} writes what was held back.")
        if sentence := why_not_served(Queue.INTERACTIVE):
            self.tell_error(sentence)
        return OK
