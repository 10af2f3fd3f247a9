"""`manage.py cancel_job`: stop a job."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from core.console import OK, PlainCommand
from jobs.listing import job_numbered
from jobs.services import cancel


class Command(PlainCommand):
    help = "Cancel a job: what it has done stays done, and what is being worked on stops soon."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("job", type=int, help="its number (manage.py jobs shows it)")

    def run(self, **options: Any) -> int:
        job = job_numbered(options["job"])
        done = cancel(job)
        self.tell(f"Cancelled {job}." if done else f"{job} had ended already: {job.get_state_display()}.")
        return OK
