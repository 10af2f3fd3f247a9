"""`manage.py artwork_prepare`: what do providers know of the titles, and which pictures do they have?"""

from __future__ import annotations

from typing import Any

from artwork.jobs import PREPARE, prepare_now, run_here, titles_called
from artwork.management.ending import tell
from core.console import PlainCommand, argument
from jobs import services


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
        return tell(self, job)
