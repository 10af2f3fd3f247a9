"""`manage.py release`: take off the brake."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from jobs.models import Queue
from jobs.workers import why_not_served
from library.console import OK, PlainCommand
from scanner.lookup import instance_named
from scanner.requests import release


class Command(PlainCommand):
    """Releases an instance that a scan held because it would have changed too much."""

    help = "Let an instance be written again that was held because a scan would have changed too much."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which instance."""
        parser.add_argument("instance", help="its name")

    def run(self, **options: Any) -> int:
        """Release it."""
        instance = instance_named(options["instance"])
        job = release(instance)
        self.tell(f"Released {instance.name}: job {job.pk} writes what was held back.")
        if sentence := why_not_served(Queue.INTERACTIVE):
            self.tell_error(sentence)
        return OK
