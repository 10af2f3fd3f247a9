"""`manage.py retry_failed`: try again what failed."""

from __future__ import annotations

from typing import Any

from core.console import PlainCommand, argument
from jobs.listing import job_numbered, jobs_with_failures
from jobs.services import retry_failed
from jobs.workers import why_not_served


class Command(PlainCommand):
    help = "Try the failed items of a job again; without a number, those of the last job of every kind."
    arguments = (argument("job", type=int, nargs="?", help="its number (manage.py jobs shows it)"),)

    def run(self, **options: Any) -> None:
        number = options["job"]
        jobs = jobs_with_failures() if number is None else [job_numbered(number)]
        retried = {job: retry_failed(job) for job in jobs}
        for job, count in retried.items():
            if count:
                self.tell(f"{job}: {count} {'item is' if count == 1 else 'items are'} tried again.")
        if not any(retried.values()):
            self.tell("Nothing to try again: nothing failed.")
            return
        for queue in sorted({job.queue for job, count in retried.items() if count}):
            self.tell_error(why_not_served(queue))
