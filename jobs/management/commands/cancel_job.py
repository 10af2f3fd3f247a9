"""`manage.py cancel_job`: stop a job."""

from __future__ import annotations

from typing import Any

from core.console import PlainCommand, argument
from jobs.listing import job_numbered
from jobs.services import cancel


class Command(PlainCommand):
    help = "Cancel a job: what it has done stays done, and what is being worked on stops soon."
    arguments = (argument("job", type=int, help="its number (manage.py jobs shows it)"),)

    def run(self, **options: Any) -> None:
        job = job_numbered(options["job"])
        done = cancel(job)
        self.tell(f"Cancelled {job}." if done else f"{job} had ended already: {job.get_state_display()}.")
