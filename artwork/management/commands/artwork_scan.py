"""`manage.py artwork_scan`: what lies beside the titles?"""

from __future__ import annotations

from typing import Any

from artwork.jobs import ADOPT, SCAN, run_here
from core.console import OK, SOME_FAILED, PlainCommand, argument
from jobs import services
from jobs.models import LIVE_JOB, Job, JobState


class Command(PlainCommand):
    help = "Look at the folders of all titles, here and now, and take in the pictures that lie there."
    arguments = (
        argument("connection", nargs="?", help="only the titles of this connection"),
        argument("--release", action="store_true", help="folders that are gone are gone for good"),
    )
    has_json = True

    def run(self, **options: Any) -> int:
        scan = run_here(SCAN, options["connection"], release=options["release"])
        adopt = Job.objects.filter(name=ADOPT, state__in=LIVE_JOB).first()
        done = [scan, *([services.run_inline(adopt)] if adopt else [])]
        self.answer({job.name: job.summary for job in done}, [f"{job}: {job.summary}" for job in done])
        if scan.outcome:
            self.tell_error(str(scan.outcome))
        failed = any(job.state == JobState.FAILED for job in done)
        return SOME_FAILED if failed or scan.outcome else OK
