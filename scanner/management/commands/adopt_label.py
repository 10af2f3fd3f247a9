"""`manage.py adopt_label`: take a tag over that was there before us."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from jobs.models import Queue
from jobs.workers import why_not_served
from library.console import OK, PlainCommand
from scanner.adopting import adopt
from scanner.lookup import instance_named


class Command(PlainCommand):
    """Treats a tag as ours that stood in the app before Taggarr ever wrote it."""

    help = (
        "Let Taggarr add and remove a tag that stood in the app before: it then takes the tag off everything "
        "whose verdict asks for another one. The other way is another label in the policy."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which label, and where."""
        parser.add_argument("instance", help="the name of the instance")
        parser.add_argument("label", help="the tag")

    def run(self, **options: Any) -> int:
        """Adopt it."""
        instance = instance_named(options["instance"])
        job = adopt(instance, [options["label"].strip().lower()])
        self.tell(f"The tag “{options['label']}” of {instance.name} is Taggarr's now.")
        if job is not None:
            self.tell(f"Job {job.pk} writes what it held up.")
            if sentence := why_not_served(Queue.INTERACTIVE):
                self.tell_error(sentence)
        return OK
