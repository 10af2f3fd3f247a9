"""`manage.py adopt_label`: take a tag over that was there before us."""

from __future__ import annotations

from typing import Any

from core.console import PlainCommand, argument
from jobs.models import Queue
from jobs.workers import why_not_served
from scanner.lookup import instance_named
from scanner.scan.answers import adopt


class Command(PlainCommand):
    help = (
        "Let Taggarr add and remove a tag that stood in the app before: it then takes the tag off everything "
        "whose verdict asks for another one. The other way is another label in the policy."
    )
    arguments = (
        argument("instance", help="the name of the instance"),
        argument("label", help="the tag"),
    )

    def run(self, **options: Any) -> None:
        connection = instance_named(options["instance"])
        job = adopt(connection, [options["label"].strip().lower()])
        self.tell(f"The tag “{options['label']}” of {connection.name} is Taggarr's now.")
        if job is not None:
            self.tell(f"Job {job.pk} writes what it held up.")
            self.tell_error(why_not_served(Queue.INTERACTIVE))
