"""`manage.py artwork_prepare`: what do providers know of the titles, and which pictures do they have?"""

from __future__ import annotations

from typing import Any

from artwork.jobs import PREPARE, prepare_now, run_here, titles_called
from core.console import OK, SOME_FAILED, PlainCommand, argument
from jobs import services
from jobs.models import ItemState


class Command(PlainCommand):
    help = (
        "Fetch metadata and pictures of the titles that are due, here and now; or of those that hold a text "
        "in their name."
    )
    arguments = (
        argument("title", nargs="?", help="a part of the title's name"),
        argument("--connection", help="only the titles of this connection"),
    )
    has_json = True

    def run(self, **options: Any) -> int:
        if options["title"]:
            job = services.run_inline(prepare_now(titles_called(options["title"])))
        else:
            job = run_here(PREPARE, options["connection"])
        failed = list(job.items.filter(state=ItemState.FAILED))
        self.answer(job.summary, f"{job}: {job.summary}")
        for item in failed:
            self.tell_error(str(item.error))
        return SOME_FAILED if failed else OK
