"""`manage.py artwork_verify`: does what was published still stand?"""

from __future__ import annotations

from typing import Any

from artwork.jobs import run_here
from artwork.rechecks import VERIFY
from core.console import OK, SOME_FAILED, PlainCommand, argument
from jobs.models import JobState


class Command(PlainCommand):
    help = "Look whether what was published still stands, here and now, and put back what is missing."
    arguments = (
        argument("connection", nargs="?", help="only the titles of this connection"),
        argument("--deep", action="store_true", help="read every file"),
    )
    has_json = True

    def run(self, **options: Any) -> int:
        job = run_here(VERIFY, options["connection"], deep=options["deep"])
        self.answer(job.summary, f"{job}: {job.summary}")
        return SOME_FAILED if job.state == JobState.FAILED or job.summary.get("failed") else OK
