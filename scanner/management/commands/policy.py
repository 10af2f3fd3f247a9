"""`manage.py policy`: what a policy was like before, and the way back."""

from __future__ import annotations

from typing import Any

from core.console import PlainCommand, argument
from jobs.models import Queue
from jobs.workers import why_not_served
from scanner import policies
from scanner.lookup import policy_named
from scanner.models import PolicyVersion


class Command(PlainCommand):
    help = "List what a policy was like before, the last version first, or go back to one of them."
    arguments = (
        argument("policy", help="its name"),
        argument(
            "--back",
            type=int,
            nargs="?",
            const=0,
            metavar="NUMBER",
            help="go back to the version of this number; without one to the last",
        ),
        argument("--preview", action="store_true", help="only say what going back would change"),
    )

    def run(self, **options: Any) -> None:
        policy, number = policy_named(options["policy"]), options["back"] or None
        if options["preview"]:
            self._preview(policies.version_of(policy, number))
        elif options["back"] is None:
            for one in policies.former_versions(policy):
                then = ", ".join(f"{name} {one.values[name]}" for name in one.differs_from(policy))
                by = f" by {one.saved_by}" if one.saved_by else ""
                self.tell(f"{one.pk}: saved {one.saved_at:%Y-%m-%d %H:%M}{by}: {then or 'the same as now'}")
        else:
            job = policies.go_back(policy, number)
            self.tell(f"{policy.name} is what it was before.")
            if job is not None:
                self.tell(f"Job {job.pk} decides its titles anew; their tags follow.")
                self.tell_error(why_not_served(Queue.INTERACTIVE))

    def _preview(self, version: PolicyVersion) -> None:
        found = policies.preview_policy(version.applied())
        self.tell(f"{found.changed} of {found.media} titles would change their verdict.")
        self.tell(f"The tags of {found.retagged} titles would change.")
        if found.brakes:
            self.tell(f"The brake of {', '.join(found.brakes)} would hold the tags until you release them.")
