"""`manage.py adopt_label`: take a tag over that was there before us."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from core.console import OK, PlainCommand
from jobs.models import Queue
from jobs.workers import why_not_served
from scanner.lookup import instance_named
from scanner.scan.starting import adopt


class Command(PlainCommand):
    help = (
        "Let Taggarr add and remove a tag that stood in the app before: it then takes the tag off everything "
        "whose verdict asks for another one. The other way is another label in the policy."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("instance", help="the name of the instance")
        parser.add_argument("label", help="the tag")

    def run(self, **options: Any) -> int:
        connection = instance_named(options["instance"])
        job = adopt(connection, [options["label"].strip().lower()])
        self.tell(f"The tag “{options['label']}” of {connection.name} is Taggarr's now.")
        if job is not None:
            self.tell(f"Job {job.pk} writes what it held up.")
            if sentence := why_not_served(Queue.INTERACTIVE):
                self.tell_error(sentence)
        return OK
