"""`manage.py release`: answer what the brake holds back."""

from __future__ import annotations

from typing import Any

from core.console import PlainCommand, argument
from jobs.models import Queue
from jobs.workers import why_not_served
from scanner.lookup import instance_named
from scanner.scan import answers


class Command(PlainCommand):
    help = (
        "Write what the brake holds back at an instance, or leave titles as they are. Without --title it "
        "answers for all, which takes the brake off."
    )
    arguments = (
        argument("instance", help="its name"),
        argument("--list", action="store_true", help="only show what is held"),
        argument("--decline", action="store_true", help="leave the titles as they are"),
        argument(
            "--title",
            action="append",
            type=int,
            metavar="NUMBER",
            help="one of these titles, by the number that --list shows; may be repeated",
        ),
    )

    def run(self, **options: Any) -> None:
        connection, titles = instance_named(options["instance"]), options["title"]
        if options["list"]:
            held = connection.scan_settings.held_since is not None
            for one in answers.held_changes(connection) if held else ():
                before, after = ", ".join(one.before) or "none", ", ".join(one.after) or "none"
                self.tell(f"{one.media.pk}: {one.media}: {before} → {after}")
            for one in answers.held_orphans(connection) if held else ():
                self.tell(f"{one.media.pk}: {one.media}: no longer listed by {connection.name} → forgotten")
        elif options["decline"]:
            number = len(answers.decline(connection, titles))
            self.tell(f"Declined {number} changes of {connection.name}: these titles stay as they are.")
        else:
            job = answers.release(connection, titles)
            self.tell(f"Released {connection.name}: job {job.pk} writes what was held back.")
            self.tell_error(why_not_served(Queue.INTERACTIVE))
