"""`manage.py adopt_tags`: take tags over that were there before us, or leave them alone."""

from __future__ import annotations

from typing import Any

from core.console import PlainCommand, argument
from jobs.models import Queue
from jobs.workers import why_not_served
from scanner.lookup import instance_named
from scanner.scan import answers


class Command(PlainCommand):
    help = (
        "Let Taggarr add and remove tags that stood in the app before: it then takes them off everything "
        "whose verdict asks for another one. Without a tag it means all that wait."
    )
    arguments = (
        argument("instance", help="the name of the instance"),
        argument("label", nargs="*", help="one of these tags"),
        argument("--preview", action="store_true", help="only show which titles would change"),
        argument("--leave", action="store_true", help="leave them alone, and ask no more"),
    )

    def run(self, **options: Any) -> None:
        connection = instance_named(options["instance"])
        labels = [label.strip().lower() for label in options["label"]]
        if options["preview"]:
            self._show(answers.plan_adoption(connection, labels or None))
        elif options["leave"]:
            answers.leave(connection, labels)
            self.tell(f"Left alone: Taggarr neither adds nor removes these tags of {connection.name}.")
        else:
            job = answers.adopt(connection, labels)
            self.tell(f"Adopted: these tags of {connection.name} are Taggarr's now.")
            if job is not None:
                self.tell(f"Job {job.pk} writes what they held up.")
                self.tell_error(why_not_served(Queue.INTERACTIVE))

    def _show(self, plan: answers.AdoptionPlan) -> None:
        for one in plan.labels:
            kept = f"{one.kept} keep it, {one.removed} lose it, {one.added} get it"
            self.tell(f"{one.label}: {one.carried} titles carry it, {kept}.")
        for title in plan.titles:
            before, after = ", ".join(title.before) or "none", ", ".join(title.after) or "none"
            self.tell(f"{title.media}: {before} → {after}")
